"""What an uploaded layer file really is, and a private copy of it that is safe to open."""

import codecs
import contextlib
import shutil
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from gis import layer_codes as codes
from gis.errors import LayerError

#: What belongs to one Shapefile; every other neighbour is left behind.
_SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerLimits:
    """Bounds on what one layer file may cost."""

    file_bytes: int = 1 << 30
    unpacked_bytes: int = 2 << 30
    members: int = 256
    seconds: float = 120.0
    memory_bytes: int = 6 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A private copy ready for GDAL.

    `encoding` is the text encoding in use (Shapefile only) and `encoding_stated` whether the
    file says the same; `tables` are the layers of a GeoPackage that may be read.
    """

    path: Path
    kind: str
    encoding: str | None = None
    encoding_stated: bool = True
    tables: tuple[str, ...] = ()


def prepare(path: Path, *, workdir: Path, limits: LayerLimits) -> list[Source]:
    """Private copies of the layers in a file.

    Parameters
    ----------
    path : Path
        A GeoPackage, a GeoJSON file, a Shapefile beside its parts, or a zip of Shapefiles.
    workdir : Path
        Empty directory that only this reading uses.
    limits : LayerLimits

    Raises
    ------
    LayerError
        When the file is empty, too large, damaged, incomplete or something else than its
        name says.

    """
    size = path.stat().st_size if path.is_file() else -1
    if size < 0:
        raise LayerError(codes.UNREADABLE, why_zh="文件不存在", why_en="there is no such file")
    if size == 0:
        raise LayerError(codes.EMPTY_FILE)
    if size > limits.file_bytes:
        raise LayerError(codes.TOO_LARGE, limit_mb=limits.file_bytes >> 20)
    with path.open("rb") as stream:
        head = stream.read(512)
    suffix = path.suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        raise LayerError(codes.FORMAT_NOT_SUPPORTED, suffix=suffix or "-")
    kind, magic = reader
    if not magic(head):
        raise LayerError(codes.DISGUISED, suffix=suffix, found=_looks_like(head))
    workdir.mkdir(parents=True, exist_ok=True)
    if kind == "geopackage":
        return [_geopackage(path, workdir / "layer.gpkg")]
    if kind == "geojson":
        target = workdir / "layer.geojson"
        shutil.copyfile(path, target)
        return [Source(path=target, kind=kind)]
    if kind == "shapefile":
        return [_shapefile(_beside(path, workdir))]
    return _zipped(path, workdir, limits)


def _is_gpkg(head: bytes) -> bool:
    return head.startswith(b"SQLite format 3\x00")


def _is_json(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


def _is_shp(head: bytes) -> bool:
    return head[:4] == b"\x00\x00\x27\x0a"


def _is_zip(head: bytes) -> bool:
    return head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}


_READERS = {
    ".gpkg": ("geopackage", _is_gpkg),
    ".geojson": ("geojson", _is_json),
    ".json": ("geojson", _is_json),
    ".shp": ("shapefile", _is_shp),
    ".zip": ("zip", _is_zip),
}


def _looks_like(head: bytes) -> str:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if text[:1] == b"<":
        return "VRT" if b"OGRVRT" in head or b"VRTDataset" in head else "XML"
    known = (
        (_is_gpkg, "SQLite"),
        (_is_zip, "ZIP"),
        (_is_shp, "Shapefile"),
        (_is_json, "JSON"),
        (lambda h: h[:2] == b"AC" and h[2:6].isdigit(), "DWG"),
    )
    return next((name for test, name in known if test(head)), "unknown")


def _geopackage(path: Path, target: Path) -> Source:
    """A copy whose feature layers are real tables: a view could compute anything."""
    shutil.copyfile(path, target)
    with target.open("rb") as stream:
        head = stream.read(100)
    if len(head) < 100:
        raise LayerError(codes.TRUNCATED)
    page = struct.unpack(">H", head[16:18])[0]
    pages = struct.unpack(">I", head[28:32])[0]
    if target.stat().st_size < pages * (65536 if page == 1 else page):
        raise LayerError(codes.TRUNCATED)
    try:
        with contextlib.closing(sqlite3.connect(f"{target.as_uri()}?mode=ro", uri=True)) as db:
            db.execute("PRAGMA trusted_schema=OFF")
            rows = db.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"
            ).fetchall()
            real = db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE "
                "'CREATE VIRTUAL%'"
            ).fetchall()
    except sqlite3.DatabaseError as err:
        raise LayerError(codes.UNREADABLE, why_zh=str(err), why_en=str(err)) from err
    tables = {str(r[0]) for r in rows} & {str(r[0]) for r in real}
    if len(tables) < len(rows):
        hidden = sorted({str(r[0]) for r in rows} - tables)
        raise LayerError(codes.FORBIDDEN_CONTENT, what=", ".join(hidden))
    if not tables:
        raise LayerError(codes.NO_FEATURES)
    return Source(path=target, kind="geopackage", tables=tuple(sorted(tables)))


def _beside(path: Path, workdir: Path) -> Path:
    """Copies of the parts that stand beside a ``.shp``, under a plain name."""
    neighbours = {p.suffix.lower(): p for p in path.parent.glob(f"{_escaped(path.stem)}.*")}
    neighbours[".shp"] = path
    for suffix in _SHAPE_PARTS:
        part = neighbours.get(suffix)
        if part is not None and part.is_file():
            shutil.copyfile(part, workdir / f"layer{suffix}")
    return workdir / "layer.shp"


def _escaped(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _shapefile(shp: Path) -> Source:
    missing = [s for s in (".shx", ".dbf") if not shp.with_suffix(s).is_file()]
    if missing:
        raise LayerError(codes.INCOMPLETE, missing=", ".join(missing))
    with shp.open("rb") as stream:
        head = stream.read(100)
    if not _is_shp(head):
        raise LayerError(codes.DISGUISED, suffix=".shp", found=_looks_like(head))
    if len(head) < 100 or shp.stat().st_size < 2 * struct.unpack(">I", head[24:28])[0]:
        raise LayerError(codes.TRUNCATED)
    dbf = shp.with_suffix(".dbf").read_bytes()
    if len(dbf) < 32:
        raise LayerError(codes.TRUNCATED)
    count, start, width = struct.unpack("<IHH", dbf[4:12])
    if len(dbf) < start + count * width:
        raise LayerError(codes.TRUNCATED)
    cpg = shp.with_suffix(".cpg")
    declared = cpg.read_text(encoding="ascii", errors="replace").strip() if cpg.is_file() else ""
    encoding = _encoding(dbf, declared)
    stated = _codec(declared) == _codec(encoding)
    return Source(path=shp, kind="shapefile", encoding=encoding, encoding_stated=stated)


def _encoding(dbf: bytes, declared: str) -> str:
    """The encoding under which every text of a table is text, the declared one first.

    GDAL takes a table without .cpg as Latin-1, where every byte is text and Chinese is noise.
    """
    texts = _texts(dbf)
    if not texts:
        return "UTF-8"
    for name in (declared, "UTF-8", "GB18030"):
        try:
            known = _codec(name)
            for text in texts:
                # Not final: a value may be cut in the middle of a character at the field width.
                codecs.getincrementaldecoder(known or "none")().decode(text)
        except (LookupError, UnicodeDecodeError):
            continue
        return "UTF-8" if known == "utf-8" else "GB18030" if known.startswith("gb") else name
    return "ISO-8859-1"


def _texts(dbf: bytes) -> set[bytes]:
    """Field names and text values of a table that are not plain ASCII."""
    count, start, width = struct.unpack("<IHH", dbf[4:12])
    fields = []
    names = set()
    at = 1
    for k in range(32, start - 31, 32):
        if dbf[k] == 0x0D:
            break
        names.add(dbf[k : k + 11].split(b"\x00")[0])
        length = dbf[k + 16]
        if dbf[k + 11 : k + 12] == b"C":
            fields.append(slice(at, at + length))
        at += length
    rows = np.frombuffer(dbf, np.uint8, count=count * width, offset=start).reshape(count, width)
    foreign = np.flatnonzero((rows >= 0x80).any(axis=1)) if count else np.zeros(0, dtype=int)
    values = {rows[i, f].tobytes().rstrip(b" \x00") for i in foreign.tolist() for f in fields}
    return {t for t in names | values if not t.isascii()}


_PYTHON_NAMES = {"936": "gb18030", "CP936": "gb18030", "GBK": "gb18030", "65001": "utf-8"}


def _codec(name: str) -> str:
    """The name Python has for an encoding, GBK counted as GB18030; empty if unknown."""
    try:
        known = codecs.lookup(_PYTHON_NAMES.get(name.strip().upper(), name or "none")).name
    except LookupError:
        return ""
    return "gb18030" if known in {"gbk", "gb2312"} else known


def _zipped(path: Path, workdir: Path, limits: LayerLimits) -> list[Source]:
    """The Shapefiles of an archive, each unpacked under a plain name of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            shapes = _unpack(archive, workdir, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as err:
        raise LayerError(codes.UNREADABLE, why_zh="压缩包损坏", why_en="broken archive") from err
    if not shapes:
        raise LayerError(codes.NO_FEATURES)
    return [_shapefile(s) for s in shapes]


def _unpack(archive: zipfile.ZipFile, workdir: Path, limits: LayerLimits) -> list[Path]:
    members = archive.infolist()
    if len(members) > limits.members:
        raise LayerError(codes.UNSAFE_ARCHIVE, why="too many members")
    budget = limits.unpacked_bytes
    folders: dict[str, Path] = {}
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in member.filename:
            raise LayerError(codes.UNSAFE_ARCHIVE, why="a path that leaves the archive")
        suffix = name.suffix.lower()
        if member.is_dir() or suffix not in _SHAPE_PARTS or name.parts[0] == "__MACOSX":
            continue
        key = str(name.with_suffix("")).casefold()
        folder = folders.setdefault(key, workdir / str(len(folders)))
        folder.mkdir(exist_ok=True)
        # The name given becomes ours: nothing of the archive reaches the file system.
        with archive.open(member) as stream, (folder / f"layer{suffix}").open("wb") as target:
            for chunk in _chunks(stream):
                budget -= len(chunk)
                if budget < 0:
                    raise LayerError(codes.UNSAFE_ARCHIVE, why="too large when unpacked")
                target.write(chunk)
        if suffix == ".shp":
            (folder / "name").write_text(name.stem, encoding="utf-8", errors="replace")
    return [f / "layer.shp" for f in folders.values() if (f / "layer.shp").is_file()]


def _chunks(stream: "zipfile.ZipExtFile | object") -> Iterator[bytes]:
    read = stream.read  # type: ignore[union-attr]
    while chunk := read(_CHUNK):
        yield chunk
