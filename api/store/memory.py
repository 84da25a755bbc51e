"""Blobs that live as long as the process, for tests."""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO


class MemoryBlobs:
    """A :class:`api.store.blobs.BlobStore` without durability; `folder` holds what needs a path."""

    def __init__(self, folder: Path) -> None:
        self._content: dict[str, bytes] = {}
        self._folder = folder

    def sink(self) -> "MemorySink":
        """A new blob to write."""
        return MemorySink(self, self._folder)

    def put(self, content: bytes) -> str:
        """Keep `content`; its SHA-256."""
        key = hashlib.sha256(content).hexdigest()
        self._content[key] = content
        return key

    def adopt(self, path: Path) -> str:
        """Keep the file at `path`, which is removed; its SHA-256."""
        key = self.put(path.read_bytes())
        path.unlink()
        return key

    def open(self, key: str) -> BinaryIO:
        """Read a blob; ``FileNotFoundError`` when there is none."""
        if key not in self._content:
            raise FileNotFoundError(key)
        return io.BytesIO(self._content[key])

    def path(self, key: str) -> Path:
        """A file with the blob's content."""
        with self.open(key) as blob:
            path = self._folder / key
            path.write_bytes(blob.read())
        return path

    def has(self, key: str) -> bool:
        """Whether the blob exists."""
        return key in self._content

    def sweep(self, *, older: float = 0.0) -> int:
        """Nothing is ever left behind."""
        del older
        return 0


class MemorySink:
    """A blob of a :class:`MemoryBlobs` being written."""

    def __init__(self, store: MemoryBlobs, folder: Path) -> None:
        self._store = store
        self._content = io.BytesIO()
        self.path = folder / f"sink-{id(self)}"
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._content.write(chunk)
        self.size += len(chunk)

    def flush(self) -> None:
        """Make the bytes readable at :attr:`path`."""
        self.path.write_bytes(self._content.getvalue())

    def digest(self) -> str:
        """SHA-256 of the bytes so far, hexadecimal."""
        return hashlib.sha256(self._content.getvalue()).hexdigest()

    def keep(self) -> str:
        """Make it visible under its SHA-256, which is returned."""
        return self._store.put(self._content.getvalue())

    def discard(self) -> None:
        """Forget it; harmless after :meth:`keep`."""
        self.path.unlink(missing_ok=True)
