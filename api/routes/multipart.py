"""Streamed uploads: multipart or raw bodies into an upload, never whole in memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from api.codes import BAD_REQUEST, UPLOAD_CUT
from api.services.errors import Refused
from api.services.uploads import Upload

_FIELD_BYTES = 1 << 16
_DRAIN_BYTES = 256 << 20
_DRAIN_SECONDS = 20.0


async def chunks(request: Request, idle: float) -> AsyncIterator[bytes]:
    """The body; silence longer than `idle` seconds or a lost client is a refusal."""
    stream = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(idle):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as err:
            raise Refused(UPLOAD_CUT, why_zh="等待数据超时", why="no data for too long") from err
        except ClientDisconnect as err:
            raise Refused(UPLOAD_CUT, why_zh="连接中断", why="the connection was lost") from err
        if chunk:
            yield chunk


async def drain(request: Request, refused: Refused) -> None:
    """Read on for a while after a refusal, so that the client gets to see the answer."""
    if refused.catalogued is UPLOAD_CUT:
        return  # nothing more is coming
    if request.headers.get("expect", "").lower() == "100-continue":
        return
    left = _DRAIN_BYTES
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):
        return  # RuntimeError: the stream was already read to its end


async def receive_raw(request: Request, upload: Upload, idle: float) -> None:
    """Pour the body into `upload`."""
    async for chunk in chunks(request, idle):
        await run_in_threadpool(upload.write, chunk)


class _Form:
    """The state of a multipart body: text fields, and the one file that goes to `upload`."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self.complete = False
        self._header: list[bytearray] = [bytearray(), bytearray()]
        self._disposition = b""
        self._name = ""
        self._text = bytearray()
        self._in_file = False

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_header_field": lambda d, a, b: self._header[0].extend(d[a:b]),
            "on_header_value": lambda d, a, b: self._header[1].extend(d[a:b]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._disposition = b""
        self._text = bytearray()
        self._in_file = False

    def _header_end(self) -> None:
        name, value = (bytes(h) for h in self._header)
        if name.lower() == b"content-disposition":
            self._disposition = value
        self._header = [bytearray(), bytearray()]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        if self.filename is not None:
            raise Refused(BAD_REQUEST, why_zh="一次只能上传一个文件", why="send one file at a time")
        self.filename = _unescaped(options[b"filename"].decode("utf-8", "replace"))
        self._in_file = True

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self.upload.write(data[start:end])
            return
        self._text.extend(data[start:end])
        if len(self._text) > _FIELD_BYTES or len(self.fields) > 100:
            raise Refused(BAD_REQUEST, why_zh="表单字段过大", why="a form field is too large")

    def _end(self) -> None:
        if not self._in_file:
            self.fields[self._name] = self._text.decode("utf-8", "replace")

    def _finish(self) -> None:
        self.complete = True


def _unescaped(filename: str) -> str:
    """The name as the sender had it: forms escape three characters (WHATWG HTML 4.10.21.8)."""
    for escaped, plain in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        filename = filename.replace(escaped, plain)
    return filename


async def receive_form(request: Request, upload: Upload, idle: float) -> tuple[str, dict[str, str]]:
    """Pour the file of a multipart body into `upload`; its name and the other fields.

    Raises
    ------
    Refused
        No multipart, broken or cut off, no file, more than one file, limits of `upload`.

    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise Refused(
            BAD_REQUEST, why_zh="需要 multipart/form-data", why="multipart/form-data is needed"
        )
    form = _Form(upload)
    try:
        parser = MultipartParser(options[b"boundary"], form.callbacks())
        async for chunk in chunks(request, idle):
            await run_in_threadpool(parser.write, chunk)
    except FormParserError as err:
        raise Refused(BAD_REQUEST, why_zh="表单格式错误", why="the form is malformed") from err
    if not form.complete:
        raise Refused(UPLOAD_CUT, why_zh="表单不完整", why="the form ends too early")
    if form.filename is None:
        raise Refused(BAD_REQUEST, why_zh="缺少文件", why="the form has no file")
    return form.filename, form.fields
