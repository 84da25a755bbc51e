"""Archives of layers, unpacked under names of ours and never beyond their budget."""

import contextlib
import errno
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from gis import layer_codes as codes
from gis.errors import LayerError
from gis.limits import LayerLimits

#: What belongs to one Shapefile; every other neighbour is left behind.
SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
#: Files of a geodatabase; locks and everything else are left behind.
GDB_PART = re.compile(
    r"a[0-9a-f]{8}\.(gdbtable|gdbtablx|gdbindexes|atx|spx|freelist|horizon)"
    r"|a[0-9a-f]{8}\.[\w.]+\.(atx|spx)|gdb|timestamps",
    re.IGNORECASE,
)
_RASTERS = {".tif": (".prj", ".tfw", ".tifw"), ".tiff": (".prj", ".tfw"), ".asc": (".prj",)}
_SINGLE = frozenset(
    {".gpkg", ".geojson", ".json", ".fgb", ".dxf", ".dwg", ".csv", ".xlsx", ".xml", ".landxml"}
)
_CHUNK = 1 << 20
#: What zipfile raises about a broken archive; EINVAL is a member that lies outside the file.
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
    zlib.error,
    lzma.LZMAError,
)
_NESTED = frozenset({".zip", ".kmz", ".rar", ".7z"})


def look(path: Path, limits: LayerLimits) -> None:
    """Look at the names in an archive without unpacking anything.

    Raises
    ------
    LayerError
        As :func:`unpack`, and when no member belongs to a layer.

    """
    with _opened(path) as archive:
        names = _names(archive, limits)
        rasters = _rasters(names)
        if sum(m.file_size for m in archive.infolist()) > limits.unpacked_bytes:
            raise LayerError(
                codes.UNSAFE_ARCHIVE, why_zh="解压后过大", why="too large when unpacked"
            )
        if not any(_place(name, rasters) for name in names):
            raise LayerError(codes.NO_FEATURES)


def unpack(path: Path, workdir: Path, limits: LayerLimits) -> list[tuple[str, Path]]:
    """What each layer of the archive is called and where its copy is.

    Raises
    ------
    LayerError
        For an archive that is broken, leaves its folder, holds links or is too large.

    """
    with _opened(path) as archive:
        return _unpack(archive, workdir, limits)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; what is broken in it is a refusal."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as err:
        if isinstance(err, OSError) and err.errno != errno.EINVAL:
            raise  # the disk, not the archive
        raise LayerError(codes.UNREADABLE, why_zh="压缩包损坏", why_en="broken archive") from err


def _names(archive: zipfile.ZipFile, limits: LayerLimits) -> list[PurePosixPath]:
    """The names of all members, none of which leads anywhere."""
    members = archive.infolist()
    if len(members) > limits.members:
        raise LayerError(codes.UNSAFE_ARCHIVE, why_zh="文件过多", why="too many members")
    return [_safe(m) for m in members]


def _rasters(names: Iterable[PurePosixPath]) -> dict[str, str]:
    """Suffix of each raster by its path without it."""
    return {
        name.with_suffix("").as_posix().casefold(): name.suffix.lower()
        for name in names
        if name.suffix.lower() in _RASTERS
    }


def _unpack(archive: zipfile.ZipFile, workdir: Path, limits: LayerLimits) -> list[tuple[str, Path]]:
    members = archive.infolist()
    names = _names(archive, limits)
    rasters = _rasters(names)
    budget = limits.unpacked_bytes
    folders: dict[str, Path] = {}
    found: dict[Path, str] = {}
    for member, name in zip(members, names, strict=True):
        place = None if member.is_dir() or "__MACOSX" in name.parts else _place(name, rasters)
        if place is None:
            continue
        key, file = place
        folder = folders.setdefault(key, workdir / str(len(folders)))
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        # The name given becomes ours: nothing of the archive reaches the file system.
        with archive.open(member) as stream, target.open("wb") as out:
            while chunk := stream.read(_CHUNK):
                budget -= len(chunk)
                if budget < 0:
                    raise LayerError(
                        codes.UNSAFE_ARCHIVE, why_zh="解压后过大", why="too large when unpacked"
                    )
                out.write(chunk)
        found.update(_layer(name, target))
    return [(title, layer) for layer, title in found.items()]


def _safe(member: zipfile.ZipInfo) -> PurePosixPath:
    """The name of a member, once it stays inside the archive and is no link."""
    said = _decoded(member)
    name = PurePosixPath(said.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in said:
        raise LayerError(
            codes.UNSAFE_ARCHIVE, why_zh="路径指向压缩包之外", why="a path that leaves the archive"
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise LayerError(codes.UNSAFE_ARCHIVE, why_zh="含有链接", why="a link")
    return name


def _decoded(member: zipfile.ZipInfo) -> str:
    """The name of a member as its maker wrote it: without a mark for UTF-8 it may be GBK."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeError):
            return member.filename.encode("cp437").decode(encoding)
    return member.filename


def _place(name: PurePosixPath, rasters: dict[str, str]) -> tuple[str, str] | None:
    """Which layer a member belongs to and our name for it; None when to none."""
    suffix = name.suffix.lower()
    parent = name.parent
    if parent.suffix.lower() == ".gdb":
        wanted = GDB_PART.fullmatch(name.name)
        return (parent.as_posix().casefold(), f"layer.gdb/{name.name}") if wanted else None
    key = name.with_suffix("").as_posix().casefold()
    if key in rasters and suffix in (rasters[key], *_RASTERS[rasters[key]]):
        return f"{key}{rasters[key]}", f"layer{suffix}"
    if suffix in SHAPE_PARTS:
        return key, f"layer{suffix}"
    if suffix in _NESTED:
        raise LayerError(
            codes.UNSAFE_ARCHIVE, why_zh="压缩包中还有压缩包", why="an archive inside an archive"
        )
    return (f"{key}{suffix}", f"layer{suffix}") if suffix in _SINGLE else None


def _layer(name: PurePosixPath, target: Path) -> Iterator[tuple[Path, str]]:
    """The layer that a file just written stands for, if it is its main part."""
    if target.parent.suffix == ".gdb":
        yield target.parent, name.parent.stem
    elif target.suffix == ".shp" or target.suffix not in (*SHAPE_PARTS, ".tfw", ".tifw"):
        yield target, name.stem
