"""What can be said of an upload from its name, first and last bytes and archive directory."""

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from bimcore.checks import codes
from bimcore.findings import Finding

_HEAD = 256
_TAIL = 4096
_MAGIC = b"ISO-10303-21"
_END = re.compile(rb"END-ISO-10303-21\s*;", re.ASCII)
_ZIP = b"PK\x03\x04"
_BOMS = (b"\xef\xbb\xbf",)
MAX_ENTRIES = 100
#: Real files reach about 12; deflate itself ends at 1032.
MAX_RATIO = 100
_BLOCK = 1 << 20


def sniff_bytes(path: Path, *, name: str, max_bytes: int) -> Finding | None:
    """The reason to refuse the file `path` uploaded as `name`, or None.

    Looks at the extension, the size, the first 256 bytes (after a byte order mark) and, for
    a plain file, the end.
    """
    size = path.stat().st_size
    if size == 0:
        return Finding.of(codes.EMPTY_FILE)
    if size > max_bytes:
        return Finding.of(codes.TOO_LARGE, size_bytes=size, limit_bytes=max_bytes)
    with path.open("rb") as file:
        head = file.read(_HEAD + 3)
        tail = _tail(file, size)
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return _disagreement(name, suffix, head) or (_truncation(tail) if suffix == ".ifc" else None)


def _tail(file: BinaryIO, size: int) -> bytes:
    """The last bytes of a file but for the zeros and blanks that some disks and tools append."""
    place, tail = size, b""
    while place > 0 and len(tail) < _TAIL:
        start = max(0, place - _TAIL)
        file.seek(start)
        tail = (file.read(place - start) + tail).rstrip(b"\0 \t\r\n\x1a")
        place = start
    return tail[-2 * _TAIL :]


def _disagreement(name: str, suffix: str, head: bytes) -> Finding | None:
    if suffix == ".ifcxml":
        return Finding.of(codes.IFCXML)
    if suffix not in {".ifc", ".ifczip"}:
        return Finding.of(codes.WRONG_EXTENSION, name=name)
    zipped, step = head.startswith(_ZIP), is_step(head)
    if (zipped and suffix == ".ifc") or (step and suffix == ".ifczip"):
        return Finding.of(codes.WRONG_EXTENSION, name=name)
    if suffix == ".ifczip" and not zipped:
        return Finding.of(codes.BAD_ZIP, detail="PK\\x03\\x04")
    if suffix == ".ifc" and not step:
        xml = head.lstrip().startswith(b"<?xml") or b"<ifcXML" in head
        return Finding.of(codes.IFCXML if xml else codes.NOT_IFC)
    return None


def is_step(head: bytes) -> bool:
    """Whether the first bytes are those of a STEP physical file."""
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return _MAGIC in head[:_HEAD]


def _truncation(tail: bytes) -> Finding | None:
    return None if _END.search(tail) else Finding.of(codes.TRUNCATED)


def unpack(path: Path, *, target: Path, max_bytes: int) -> Finding | None:
    """Write the one IFC file of the archive `path` to `target`, or say why not.

    Sizes are counted while inflating, because an archive can lie about them.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            refused = _bad_directory(archive)
            if refused is not None:
                return refused
            entry = next(e for e in archive.infolist() if not e.is_dir() and _is_ifc(e))
            return _inflate(archive, entry, target=target, max_bytes=max_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as err:
        return Finding.of(codes.BAD_ZIP, detail=str(err)[:200])


def _is_ifc(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a model; macOS packs a shadow of each file beside it."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    shadow = path.name.startswith("._") or "__MACOSX" in path.parts
    return path.suffix.lower() == ".ifc" and not shadow


def _bad_directory(archive: zipfile.ZipFile) -> Finding | None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        why_zh, why = f"条目超过 {MAX_ENTRIES} 个", f"more than {MAX_ENTRIES} entries"
        return Finding.of(codes.ZIP_BOMB, why_zh=why_zh, why=why)
    for entry in entries:
        unsafe = _unsafe(entry)
        if unsafe is not None:
            name = repr(entry.filename[:80])
            return Finding.of(codes.ZIP_UNSAFE, entry=name, why_zh=unsafe[0], why=unsafe[1])
    models = [e for e in entries if not e.is_dir() and _is_ifc(e)]
    if len(models) != 1:
        return Finding.of(codes.ZIP_CONTENT, count=len(models))
    return None


def _unsafe(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    """Why an entry of an archive cannot be trusted, in Chinese and English; None when it can."""
    # orig_filename: ZipInfo cuts `filename` at a NUL byte.
    name = entry.orig_filename.replace("\\", "/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    reasons = (
        (bool(entry.flag_bits & 0x1), ("已加密", "encrypted")),
        (kind not in {0, stat.S_IFREG, stat.S_IFDIR}, ("链接或设备文件", "link or device")),
        (name.startswith("/") or name[1:2] == ":", ("绝对路径", "absolute path")),
        (".." in PurePosixPath(name).parts, ("路径指向压缩包之外", "path outside the archive")),
        ("\x00" in name, ("名称含 NUL 字符", "NUL in name")),
        (
            name.lower().endswith((".zip", ".ifczip", ".7z", ".rar", ".gz")),
            ("嵌套压缩包", "nested archive"),
        ),
    )
    return next((texts for wrong, texts in reasons if wrong), None)


def _inflate(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, *, target: Path, max_bytes: int
) -> Finding | None:
    allowed = min(max_bytes, max(_BLOCK, MAX_RATIO * max(1, entry.compress_size)))
    written = 0
    with archive.open(entry) as source, target.open("wb") as sink:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > allowed:
                most = f"{allowed / 1e6:.0f} MB"
                why_zh, why = f"解压后超过 {most}", f"more than {most} when unpacked"
                return Finding.of(codes.ZIP_BOMB, why_zh=why_zh, why=why)
            sink.write(block)
    return None
