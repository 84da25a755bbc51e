"""Answers that are files."""

from pathlib import Path
from urllib.parse import quote

from fastapi.responses import FileResponse, Response

_IMMUTABLE = "private, max-age=31536000, immutable"


def disposition(filename: str, *, attachment: bool = True) -> str:
    """A ``Content-Disposition`` of RFC 6266 with an ASCII fallback."""
    kind = "attachment" if attachment else "inline"
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename
    )
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def download(
    path: Path, filename: str, media_type: str = "application/octet-stream"
) -> FileResponse:
    """A file to be saved, never shown by the browser."""
    headers = {"Content-Disposition": disposition(filename), "Cache-Control": "private, no-cache"}
    return FileResponse(path, media_type=media_type, headers=headers)


def content(path: Path, media_type: str) -> FileResponse:
    """A file whose address changes when its content does."""
    headers = {"Cache-Control": _IMMUTABLE, "ETag": f'"{path.name}"'}
    return FileResponse(path, media_type=media_type, headers=headers)


def unless_known(path: Path, media_type: str, known: str | None) -> Response:
    """A file whose address stays while its content changes; 304 where `known` names it."""
    tag = f'"{path.name}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    offered = {part.strip().removeprefix("W/") for part in (known or "").split(",")}
    if offered & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=media_type, headers=headers)
