"""Uploads that go on where they broke off (tus 1.0): the offset is what the database says."""

import base64
import binascii
import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from api.codes import (
    BAD_REQUEST,
    CHUNK_DAMAGED,
    DISK_FULL,
    EMPTY_FILE,
    LOCKED,
    NOT_FOUND,
    QUOTA,
    TOO_LARGE,
    WRONG_OFFSET,
)
from api.services.access import allow
from api.services.context import Actor, Context, new_id
from api.services.errors import Refused
from api.services.uploads import (
    MODEL_TYPES,
    Naming,
    Upload,
    accept_model,
    check_type,
    full,
    room_left,
)
from api.store import uploads
from api.store.blobs import BlobStore
from api.store.records import UploadRow

#: Bytes after which what arrived is made durable: at most so much is sent again after a crash.
_COMMIT = 8 << 20
_LIFE = timedelta(days=2)
CHECKSUMS = ("sha1", "sha256")


class FileSink:
    """A file that is complete, as a :class:`api.store.blobs.Sink`."""

    def __init__(self, path: Path, blobs: BlobStore) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._blobs = blobs

    def write(self, chunk: bytes) -> None:
        """Append."""
        with self.path.open("ab") as file:
            file.write(chunk)
        self.size += len(chunk)

    def flush(self) -> None:
        """It is readable already."""

    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def keep(self) -> str:
        """Move it into the blobs; its SHA-256."""
        return self._blobs.adopt(self.path)

    def discard(self) -> None:
        """Remove it, if it was not kept."""
        self.path.unlink(missing_ok=True)


def _path(ctx: Context, upload_id: str) -> Path:
    folder = ctx.settings.work / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / upload_id


def create(
    ctx: Context, actor: Actor, project_id: str, *, length: int, naming: Naming
) -> UploadRow:
    """Announce an upload of `length` bytes.

    Raises
    ------
    Refused
        No right, wrong type, empty, over the limit or the quota.

    """
    upload_id = new_id()
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "upload")
        check_type(naming.filename, MODEL_TYPES)
        if length == 0:
            raise Refused(EMPTY_FILE)
        if length > ctx.settings.upload_bytes:
            raise Refused(TOO_LARGE, limit_bytes=ctx.settings.upload_bytes)
        if length > room_left(tx, ctx, project_id):
            raise Refused(QUOTA, limit_bytes=ctx.settings.project_bytes)
        now = ctx.clock()
        values: dict[str, Any] = {
            "id": upload_id,
            "project_id": project_id,
            "length": length,
            "position": 0,
            "naming": {name: getattr(naming, name) for name in Naming.__dataclass_fields__},
            "revision_id": None,
            "expires": now + _LIFE,
            "author_id": actor.id,
            "created": now,
        }
        uploads.add(tx, values)
    _path(ctx, upload_id).touch()
    return UploadRow(**values)


def find(ctx: Context, actor: Actor, project_id: str, upload_id: str) -> UploadRow:
    """An upload of the actor; one that is complete but was not accepted is accepted now."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "upload")
        row = uploads.upload(tx, project_id, upload_id)
    if row is None or row.author_id != actor.id or row.expires <= ctx.clock():
        raise Refused(NOT_FOUND)
    if row.position == row.length and row.revision_id is None:
        with _only_writer(ctx, row):
            return _finish(ctx, actor, row)
    return row


def drop(ctx: Context, actor: Actor, project_id: str, upload_id: str) -> None:
    """Give an upload up."""
    row = find(ctx, actor, project_id, upload_id)
    with _only_writer(ctx, row), ctx.store.db.write() as tx:
        uploads.drop(tx, row.id)
    _path(ctx, row.id).unlink(missing_ok=True)


@contextmanager
def _only_writer(ctx: Context, row: UploadRow) -> Iterator[int]:
    """The open file of an upload, which nobody else writes to meanwhile."""
    try:
        handle = os.open(_path(ctx, row.id), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as err:
        raise full(err) from err
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    except BlockingIOError as err:
        raise Refused(LOCKED) from err
    finally:
        os.close(handle)


def parse_checksum(text: str | None) -> tuple[str, bytes] | None:
    """Algorithm and digest of an ``Upload-Checksum`` header."""
    if not text:
        return None
    algorithm, _, encoded = text.strip().partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error as err:
        raise Refused(BAD_REQUEST, why_zh="校验和无效", why="the checksum is not valid") from err
    if algorithm not in CHECKSUMS:
        raise Refused(BAD_REQUEST, why_zh="校验算法不支持", why="the algorithm is not supported")
    return algorithm, digest


class Part:
    """One PATCH: bytes from an offset on, durable every 8 MiB, or with a checksum at its end."""

    def __init__(
        self, ctx: Context, row: UploadRow, handle: int, checksum: tuple[str, bytes] | None
    ) -> None:
        self._ctx = ctx
        self._row = row
        self._handle = handle
        self._expected = checksum
        self._digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        self._position = row.position
        self._durable = row.position
        # What a crash left behind the offset was never acknowledged.
        os.ftruncate(handle, row.position)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        if self._position + len(chunk) > self._row.length:
            raise Refused(TOO_LARGE, limit_bytes=self._row.length)
        try:
            left = memoryview(chunk)
            while left:
                written = os.pwrite(self._handle, left, self._position)
                self._position += written
                left = left[written:]
        except OSError as err:
            raise full(err) from err
        if self._digest is not None:
            self._digest.update(chunk)
        elif self._position - self._durable >= _COMMIT:
            self.commit()

    def commit(self) -> None:
        """Make what arrived durable, then say so in the database; in this order."""
        if self._position == self._durable:
            return
        try:
            os.fdatasync(self._handle)
        except OSError as err:
            raise full(err) from err
        now = self._ctx.clock()
        with self._ctx.store.db.write() as tx:
            values = {"position": self._position, "expires": now + _LIFE}
            uploads.change(tx, self._row.id, values)
        self._durable = self._position

    def broken(self) -> None:
        """Keep what arrived before the line broke, unless it cannot be checked."""
        if self._digest is None:
            self.commit()

    def done(self) -> None:
        """Check and keep the whole part."""
        arrived = None if self._digest is None else self._digest.digest()
        if self._expected is not None and arrived != self._expected[1]:
            raise Refused(CHUNK_DAMAGED)
        self.commit()


@contextmanager
def part(
    ctx: Context,
    actor: Actor,
    upload: tuple[str, str],
    *,
    offset: int,
    checksum: str | None = None,
) -> Iterator[Part]:
    """Go on with an upload (project id, upload id) at `offset`.

    Raises
    ------
    Refused
        Unknown, being written by another connection, or `offset` is not where it goes on.

    """
    expected = parse_checksum(checksum)
    row = find(ctx, actor, *upload)
    with _only_writer(ctx, row) as handle:
        # Read again under the lock: another connection may have gone on meanwhile.
        row = find_again(ctx, row)
        if offset != row.position:
            raise Refused(WRONG_OFFSET, position=row.position)
        yield Part(ctx, row, handle, expected)


def find_again(ctx: Context, row: UploadRow) -> UploadRow:
    """The row as it is now."""
    with ctx.store.db.read() as tx:
        now = uploads.upload(tx, row.project_id, row.id)
    if now is None:
        raise Refused(NOT_FOUND)
    return now


def _finish(ctx: Context, actor: Actor, row: UploadRow) -> UploadRow:
    """Turn a complete upload into a revision; what is refused is forgotten."""
    row = find_again(ctx, row)
    if row.revision_id is not None:
        return row
    sink = FileSink(_path(ctx, row.id), ctx.store.blobs)
    naming: Mapping[str, Any] = row.naming
    try:
        upload = Upload(sink, ctx, ctx.settings.project_bytes)
        accepted = accept_model(ctx, actor, row.project_id, upload, Naming(**naming))
    except Refused as err:
        if err.catalogued is DISK_FULL:
            raise  # all of it is here: it is accepted once there is room, not sent again
        with ctx.store.db.write() as tx:
            uploads.drop(tx, row.id)
        sink.discard()
        raise
    with ctx.store.db.write() as tx:
        uploads.change(tx, row.id, {"revision_id": accepted.body["revision"]["id"]})
    return find_again(ctx, row)


def sweep(ctx: Context) -> int:
    """Forget uploads past their time; their number."""
    with ctx.store.db.read() as tx:
        rows = uploads.expired(tx, ctx.clock(), limit=100)
    for row in rows:
        with ctx.store.db.write() as tx:
            uploads.drop(tx, row.id)
        _path(ctx, row.id).unlink(missing_ok=True)
    return len(rows)
