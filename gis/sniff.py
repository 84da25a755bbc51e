"""What an uploaded layer file really is, and a private copy of it that is safe to open."""

import codecs
import contextlib
import mmap
import re
import shutil
import sqlite3
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bimcore.findings import Finding
from gis import dbf, layer_codes as codes
from gis.archives import GDB_PART, SHAPE_PARTS, look, unpack
from gis.errors import LayerError
from gis.limits import LayerLimits

_COMMENTS = re.compile(rb"\A(?:\s*999\r?\n[^\n]*\n)*\s*0\r?\n\s*SECTION\b")
#: What stands beside a raster and places it.
_RASTER_PARTS = (".prj", ".tfw", ".tifw", ".tiffw", ".wld")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A private copy ready for its reader.

    Attributes
    ----------
    path : Path
    kind : str
        Which reader; see ``gis.child.READERS``.
    title : str
        What the file is called inside an archive; empty outside.
    encoding, encoding_stated : str or None, bool
        Text encoding in use (Shapefile only) and whether the file says the same.
    tables : tuple of str
        Layers of a GeoPackage that may be read.
    parts : tuple of (str, str)
        For tables that belong together, what each file is called and where its copy is.

    """

    path: Path
    kind: str
    title: str = ""
    encoding: str | None = None
    encoding_stated: bool = True
    tables: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()


def prepare(path: Path, *, workdir: Path, limits: LayerLimits) -> list[Source]:
    """Private copies of the layers in a file.

    Parameters
    ----------
    path : Path
        A file of a known format, a Shapefile beside its parts, a ``.gdb`` folder, or a zip of
        any of them.
    workdir : Path
        Empty directory that only this reading uses.
    limits : LayerLimits

    Raises
    ------
    LayerError
        When the file is empty, too large, damaged, incomplete or something else than its
        name says.

    """
    workdir.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and path.suffix.lower() == ".gdb":
        return [_folder(path, workdir / "layer.gdb", limits)]
    head = _head(path, limits)
    if _kind(path.suffix.lower(), head) == "zip":
        return _archived(path, workdir, limits)
    return [_single(path, head, workdir)]


def glance(path: Path, *, name: str, limits: LayerLimits | None = None) -> Finding | None:
    """Whether a file may be a layer, by its name and first bytes; cheap enough for an upload.

    Parameters
    ----------
    path : Path
    name : str
        What the file is called where it comes from; `path` may be called otherwise.
    limits : LayerLimits or None

    Returns
    -------
    Finding or None
        Why it is refused; None when its reader may have a try.

    """
    limits = limits or LayerLimits()
    suffix = Path(name).suffix.lower()
    try:
        head = _head(path, limits)
        if _kind(suffix, head) == "zip":
            look(path, limits)
    except LayerError as err:
        return err.finding
    return None


def _head(path: Path, limits: LayerLimits) -> bytes:
    size = path.stat().st_size if path.is_file() else -1
    if size < 0:
        raise LayerError(codes.UNREADABLE, why_zh="文件不存在", why_en="there is no such file")
    if size == 0:
        raise LayerError(codes.EMPTY_FILE)
    if size > limits.file_bytes:
        raise LayerError(codes.TOO_LARGE, limit_mb=limits.file_bytes >> 20)
    with path.open("rb") as stream:
        return stream.read(4096)


def _kind(suffix: str, head: bytes) -> str:
    """Which reader a file is for, once its first bytes agree with its name."""
    if suffix == ".dwg" or _is_dwg(head):
        raise LayerError(codes.DWG_GIVEN)
    if suffix in _NOT_FOR_CHECKS:
        zh, en = _NOT_FOR_CHECKS[suffix]
        raise LayerError(codes.NOT_FOR_CHECKS, suffix=suffix, why_zh=zh, why_en=en)
    reader = _READERS.get(suffix)
    if reader is None:
        raise LayerError(codes.FORMAT_NOT_SUPPORTED, suffix=suffix or "-")
    kind, magic = reader
    if kind == "landxml" and not magic(head) and (other := _other_xml(head)):
        zh, en = _NOT_FOR_CHECKS[".gml" if other != "KML" else ".kml"]
        raise LayerError(codes.NOT_FOR_CHECKS, suffix=other, why_zh=zh, why_en=en)
    if not magic(head):
        raise LayerError(codes.DISGUISED, suffix=suffix, found=_looks_like(head))
    return kind


def _single(path: Path, head: bytes, workdir: Path) -> Source:
    """A copy of one file, once its content agrees with its name."""
    suffix = path.suffix.lower()
    kind = _kind(suffix, head)
    if kind == "shapefile":
        return _shapefile(_beside(path, workdir, SHAPE_PARTS))
    if kind == "geojson" and _is_cityjson(path):
        kind = "cityjson"
    if kind == "geojson" and (other := _other_json(path)):
        raise LayerError(codes.DISGUISED, suffix="GeoJSON", found=other)
    if kind in {"geotiff", "aaigrid"}:
        return Source(path=_beside(path, workdir, _RASTER_PARTS), kind=kind)
    target = workdir / f"layer{_PLAIN.get(kind, suffix)}"
    shutil.copyfile(path, target)
    if kind == "geopackage":
        return _geopackage(target)
    if kind == "survey":
        return Source(path=target, kind=kind, parts=((path.stem, str(target)),))
    return Source(path=target, kind=kind)


def _archived(path: Path, workdir: Path, limits: LayerLimits) -> list[Source]:
    """The layers of an archive, each unpacked under a plain name of ours."""
    sources: list[Source] = []
    tables: list[tuple[str, str]] = []
    for n, (title, file) in enumerate(unpack(path, workdir, limits)):
        if file.suffix == ".shp":
            sources.append(replace(_shapefile(file), title=title))
        elif file.is_dir():
            sources.append(replace(_geodatabase(file), title=title))
        else:
            folder = workdir / f"one{n}"
            folder.mkdir()
            one = _single(file, _head(file, limits), folder)
            if one.kind == "survey":
                tables.append((title, str(one.path)))
            else:
                sources.append(replace(one, title=title))
    if tables:
        # Points and lines of one survey come as files of their own.
        first = Path(tables[0][1])
        sources.append(Source(path=first, kind="survey", parts=tuple(tables)))
    if not sources:
        raise LayerError(codes.NO_FEATURES)
    return sources


def _is_gpkg(head: bytes) -> bool:
    return head.startswith(b"SQLite format 3\x00")


def _is_json(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


def _is_shp(head: bytes) -> bool:
    return head[:4] == b"\x00\x00\x27\x0a"


def _is_zip(head: bytes) -> bool:
    return head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}


def _is_fgb(head: bytes) -> bool:
    return head[:7] == b"fgb\x03fgb"


def _is_dwg(head: bytes) -> bool:
    return head[:4] == b"AC10" and head[4:6].isdigit()


def _is_dxf(head: bytes) -> bool:
    text = head.removeprefix(codecs.BOM_UTF8)
    return head.startswith(b"AutoCAD Binary DXF") or _COMMENTS.match(text) is not None


def _is_tiff(head: bytes) -> bool:
    return head[:4] in {b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"}


def _is_ascii_grid(head: bytes) -> bool:
    return re.match(rb"\s*(ncols|nrows)\s+\d", head, re.IGNORECASE) is not None


def _is_xml(head: bytes) -> bool:
    return _words(head).lstrip()[:1] == "<"


def _is_landxml(head: bytes) -> bool:
    return _is_xml(head) and "<LandXML" in _words(head)


def _other_xml(head: bytes) -> str:
    """What XML that is no LandXML is, where its first element tells."""
    words = _words(head)
    names = (
        ("CityGML", r"<(\w+:)?CityModel\b"),
        ("KML", r"<(\w+:)?kml\b"),
        ("GML", r"opengis\.net/gml"),
    )
    return next((n for n, p in names if re.search(p, words)), "")


def _other_json(path: Path) -> str:
    """What JSON that is no GeoJSON is; empty where it may be some."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(b'"coordinates"') >= 0 or re.search(rb'"type"\s*:\s*"Feature', data):
            return ""
        if data.find(b'"esriGeometry') >= 0 or data.find(b'"rings"') >= 0:
            return "ESRI JSON"
        return "TopoJSON" if re.search(rb'"type"\s*:\s*"Topology"', data) else ""


def _is_text(head: bytes) -> bool:
    """Whether this may be a table of text: no zero bytes, no other format's first bytes."""
    utf16 = head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    others = (_is_xml, _is_json, _is_zip, _is_gpkg, _is_tiff, _is_fgb)
    return (utf16 or b"\x00" not in head) and not any(test(head) for test in others)


def _is_vrt(head: bytes) -> bool:
    return b"OGRVRT" in head or b"VRTDataset" in head or b"GDALTileIndex" in head


def _words(head: bytes) -> str:
    """The beginning of a text whatever its Unicode form."""
    wide = head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} or head[1:2] == b"\x00"
    return head.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def _is_cityjson(path: Path) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(b'"CityObjects"') >= 0 and data.find(b'"CityJSON') >= 0


#: Suffix -> reader and the test of the first bytes.
_READERS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    ".gpkg": ("geopackage", _is_gpkg),
    ".geojson": ("geojson", _is_json),
    ".json": ("geojson", _is_json),
    ".shp": ("shapefile", _is_shp),
    ".fgb": ("flatgeobuf", _is_fgb),
    ".dxf": ("dxf", _is_dxf),
    ".csv": ("survey", _is_text),
    ".xlsx": ("survey", _is_zip),
    ".tif": ("geotiff", _is_tiff),
    ".tiff": ("geotiff", _is_tiff),
    ".asc": ("aaigrid", _is_ascii_grid),
    ".xml": ("landxml", _is_landxml),
    ".landxml": ("landxml", _is_landxml),
    ".zip": ("zip", _is_zip),
}
_PLAIN = {"geojson": ".geojson", "cityjson": ".json", "landxml": ".xml"}
_NOT_FOR_CHECKS = {
    ".kml": ("只有 WGS 84 经纬度，高程含义不定", "degrees only, heights of several meanings"),
    ".kmz": ("只有 WGS 84 经纬度，高程含义不定", "degrees only, heights of several meanings"),
    ".gml": ("坐标顺序与外部引用不定", "the order of coordinates and outside schemas vary"),
    ".tab": ("坐标被取整、坐标系会丢失", "coordinates are rounded and the CRS is lost"),
    ".mif": ("坐标被取整、坐标系会丢失", "coordinates are rounded and the CRS is lost"),
}


def _looks_like(head: bytes) -> str:
    if _is_vrt(head):
        return "VRT"
    known = (
        (_is_xml, "XML"),
        (_is_gpkg, "SQLite"),
        (_is_zip, "ZIP"),
        (_is_shp, "Shapefile"),
        (_is_json, "JSON"),
        (_is_tiff, "TIFF"),
        (_is_fgb, "FlatGeobuf"),
        (_is_dxf, "DXF"),
    )
    return next((name for test, name in known if test(head)), "unknown")


def _geopackage(target: Path) -> Source:
    """A copy whose feature layers are real tables: a view could compute anything."""
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
        zh = f"读取程序报告“{err}”"
        raise LayerError(codes.UNREADABLE, why_zh=zh, why_en=str(err)) from err
    tables = {str(r[0]) for r in rows} & {str(r[0]) for r in real}
    if len(tables) < len(rows):
        hidden = sorted({str(r[0]) for r in rows} - tables)
        raise LayerError(codes.FORBIDDEN_CONTENT, what=", ".join(hidden))
    if not tables:
        raise LayerError(codes.NO_FEATURES)
    return Source(path=target, kind="geopackage", tables=tuple(sorted(tables)))


def _beside(path: Path, workdir: Path, parts: tuple[str, ...]) -> Path:
    """Copies of a file and of the parts that stand beside it, under a plain name."""
    neighbours = {p.suffix.lower(): p for p in path.parent.glob(f"{_escaped(path.stem)}.*")}
    own = path.suffix.lower()
    for suffix in (own, *parts):
        part = path if suffix == own else neighbours.get(suffix)
        if part is not None and part.is_file():
            shutil.copyfile(part, workdir / f"layer{suffix}")
    return workdir / f"layer{own}"


def _escaped(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _shapefile(shp: Path) -> Source:
    missing = [s for s in (".shx", ".dbf") if not shp.with_suffix(s).is_file()]
    if missing:
        raise LayerError(codes.INCOMPLETE, missing=", ".join(missing))
    with shp.open("rb") as stream:
        head = stream.read(4096)
    if not _is_shp(head):
        raise LayerError(codes.DISGUISED, suffix=".shp", found=_looks_like(head))
    if len(head) < 100 or shp.stat().st_size < 2 * struct.unpack(">I", head[24:28])[0]:
        raise LayerError(codes.TRUNCATED)
    table = shp.with_suffix(".dbf").read_bytes()
    if len(table) < 32:
        raise LayerError(codes.TRUNCATED)
    count, start, width = struct.unpack("<IHH", table[4:12])
    if len(table) < start + count * width:
        raise LayerError(codes.TRUNCATED)
    cpg = shp.with_suffix(".cpg")
    declared = cpg.read_text(encoding="ascii", errors="replace").strip() if cpg.is_file() else ""
    encoding = dbf.encoding_of(table, declared)
    stated = dbf.codec(declared) == dbf.codec(encoding)
    return Source(path=shp, kind="shapefile", encoding=encoding, encoding_stated=stated)


def _folder(path: Path, target: Path, limits: LayerLimits) -> Source:
    """A copy of the plain files of a geodatabase; links and folders stay behind."""
    target.mkdir()
    budget = limits.file_bytes
    for file in sorted(path.iterdir()):
        if file.is_symlink():
            raise LayerError(codes.OUTSIDE_REFERENCE, what=file.name)
        if file.is_file() and GDB_PART.fullmatch(file.name):
            budget -= file.stat().st_size
            if budget < 0:
                raise LayerError(codes.TOO_LARGE, limit_mb=limits.file_bytes >> 20)
            shutil.copyfile(file, target / file.name)
    return _geodatabase(target)


def _geodatabase(folder: Path) -> Source:
    """A geodatabase that has its catalogue."""
    catalogue = folder / "a00000001.gdbtable"
    if not catalogue.is_file() or not (folder / "a00000001.gdbtablx").is_file():
        raise LayerError(codes.INCOMPLETE, missing="a00000001.gdbtable")
    with catalogue.open("rb") as stream:
        if stream.read(4) not in {b"\x03\x00\x00\x00", b"\x04\x00\x00\x00"}:
            raise LayerError(codes.DISGUISED, suffix=".gdb", found="unknown")
    return Source(path=folder, kind="filegdb")
