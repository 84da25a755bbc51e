"""Content-addressed blobs: ports and the folder that keeps them."""

import contextlib
import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import BinaryIO, Protocol

_CHUNK = 1 << 20


class Sink(Protocol):
    """A blob being written; invisible until it is kept."""

    @property
    def size(self) -> int:
        """Bytes so far."""

    @property
    def path(self) -> Path:
        """Where the bytes are while it is being written."""

    def write(self, chunk: bytes) -> None:
        """Append."""

    def flush(self) -> None:
        """Make the bytes readable at :attr:`path`."""

    def digest(self) -> str:
        """SHA-256 of the bytes so far, hexadecimal."""

    def keep(self) -> str:
        """Make it durable and visible under its SHA-256, which is returned."""

    def discard(self) -> None:
        """Forget it; harmless after :meth:`keep`."""


class BlobStore(Protocol):
    """Blobs by the SHA-256 of their content."""

    def sink(self) -> Sink:
        """A new blob to write."""

    def put(self, content: bytes) -> str:
        """Keep `content`; its SHA-256."""

    def adopt(self, path: Path) -> str:
        """Keep the file at `path` (moved where possible); its SHA-256."""

    def open(self, key: str) -> BinaryIO:
        """Read a blob; ``FileNotFoundError`` when there is none."""

    def path(self, key: str) -> Path:
        """A readable file with the blob's content; do not write to it."""

    def has(self, key: str) -> bool:
        """Whether the blob exists."""

    def sweep(self, *, older: float = 0.0) -> int:
        """Remove blobs a crash left half-written, untouched for `older` seconds; their number."""


class FolderBlobs:
    """Blobs in ``sha256/ab/cd/<key>`` of a folder; durable once :meth:`put` returns."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._incoming = self._root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Where the blob is; ``FileNotFoundError`` when there is none."""
        path = self._place(key)
        if path is None or not path.is_file():
            raise FileNotFoundError(key)
        return path

    def has(self, key: str) -> bool:
        """Whether the blob exists."""
        path = self._place(key)
        return path is not None and path.is_file()

    def open(self, key: str) -> BinaryIO:
        """Read a blob; ``FileNotFoundError`` when there is none."""
        return self.path(key).open("rb")

    def sink(self) -> "FolderSink":
        """A new blob to write."""
        return FolderSink(self, self._incoming / secrets.token_hex(16))

    def put(self, content: bytes) -> str:
        """Keep `content`; its SHA-256."""
        sink = self.sink()
        try:
            sink.write(content)
            return sink.keep()
        finally:
            sink.discard()

    def adopt(self, path: Path) -> str:
        """Keep the file at `path`, which is moved; its SHA-256."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            os.fsync(file.fileno())
        moved = self._incoming / secrets.token_hex(16)
        shutil.move(path, moved)
        return self._publish(moved, digest.hexdigest())

    def sweep(self, *, older: float = 0.0) -> int:
        """Remove blobs a crash left half-written, untouched for `older` seconds; their number."""
        until = time.time() - older
        swept = 0
        for path in self._incoming.iterdir():
            # A blob that is kept or swept by another process meanwhile is gone, and that is well.
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime <= until:
                    path.unlink()
                    swept += 1
        return swept

    def _place(self, key: str) -> Path | None:
        """Where a blob belongs; None for what is no SHA-256, so that no key leaves the folder."""
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            return None
        return self._root / "sha256" / key[:2] / key[2:4] / key

    def _publish(self, source: Path, key: str) -> str:
        place = self._root / "sha256" / key[:2] / key[2:4] / key
        if not place.exists():
            fresh = not place.parent.is_dir()
            place.parent.mkdir(parents=True, exist_ok=True)
            # Same key means same bytes: a racing writer replaces like with like.
            source.replace(place)
            _sync_folder(place.parent)
            if fresh:
                _sync_folder(place.parent.parent)
                _sync_folder(place.parent.parent.parent)
        source.unlink(missing_ok=True)
        return key


class FolderSink:
    """A blob of a :class:`FolderBlobs` being written."""

    def __init__(self, store: FolderBlobs, path: Path) -> None:
        self._store = store
        self.path = path
        self.size = 0
        self._digest = hashlib.sha256()
        self._file = path.open("xb")

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def digest(self) -> str:
        """SHA-256 of the bytes so far, hexadecimal."""
        return self._digest.hexdigest()

    def flush(self) -> None:
        """Make the bytes visible to a reader of :attr:`path`."""
        self._file.flush()

    def keep(self) -> str:
        """Make it durable and visible under its SHA-256, which is returned."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._store._publish(self.path, self.digest())  # noqa: SLF001 - one module, two halves

    def discard(self) -> None:
        """Forget it; harmless after :meth:`keep`."""
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
