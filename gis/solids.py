"""Buried lines as closed bodies that can clash."""

import base64
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from bimcore.arrays import F64, Mask
from bimcore.elements import Coded, ElementTable
from bimcore.findings import Finding
from bimcore.frame import Frame
from bimcore.mesh import Kernel, MeshSet
from bimcore.model import Model
from bimcore.relations import RelationTable
from gis import layer_codes as codes
from gis.crs import parse, vertical_code
from gis.layers import FeatureTable
from gis.operations import lonlat
from gis.pipe_fields import (
    LEVELS,
    Fields,
    Size,
    kind_of,
    outer_size,
    reference_of,
    size_of,
    unit_of,
)
from gis.tubes import Profile, circle, cleaned, rectangle, tubes

#: Class of buried lines with its supertypes, upwards (IFC 4.3).
LINEAGE = (
    "IfcPipeSegment",
    "IfcFlowSegment",
    "IfcDistributionFlowElement",
    "IfcDistributionElement",
    "IfcElement",
    "IfcProduct",
    "IfcObject",
    "IfcObjectDefinition",
    "IfcRoot",
)
_NAMESPACE = uuid.UUID("6f0d6c1e-5b0c-5c53-9e1c-7a5f4c8f2f10")
#: Type id of a line.
_LINE = 1
_TO_AXIS = {"axis": 0.0, "top": -0.5, "bottom": 0.5, "invert": 0.5}
_TO_IFC = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$",
)
_WORDS = {
    "axis": ("管中心", "axis"),
    "top": ("管顶", "top"),
    "bottom": ("管外底", "outer bottom"),
    "invert": ("管内底", "invert"),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pipes:
    """The bodies of one layer and what is to be said about it."""

    model: Model
    findings: tuple[Finding, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line ready to become a body."""

    row: int
    axis: F64
    size: Size
    reference: str
    stated: bool
    field: str


def pipes(table: FeatureTable, *, project: Frame, name: str = "") -> Pipes:
    """Closed tubes along the lines of a layer.

    Parameters
    ----------
    table : FeatureTable
        In the project frame (:func:`gis.layers.located`). Sizes come from fields such as
        管径, DN, 宽X高 in millimetres or metres; heights from Z, from elevations of both ends, or
        from depth below a ground level, measured at the top, axis, bottom or invert.
    project : Frame
    name : str
        Name of the model; that of the layer by default.

    Returns
    -------
    Pipes
        Lines without height or size make no body and are counted in the findings.

    """
    fields = Fields.of(table)
    name = name or table.name
    said: list[Finding] = []
    raw = [size_of(fields, r) for r in range(len(table))]
    size_field = next(
        (fields.names[n] for n in ("size", "width", "layer") if n in fields.names), ""
    )
    known = [s for s in raw if s is not None]
    unit = unit_of(size_field, known)
    if known:
        said.append(
            Finding.of(
                codes.PIPE_SIZE_UNIT,
                model=name,
                field=size_field,
                unit_zh=unit.zh,
                unit_en=unit.en,
                because_zh=unit.because_zh,
                because_en=unit.because_en,
            )
        )
    sizes = [None if s is None else outer_size(fields, r, s, unit) for r, s in enumerate(raw)]
    lines, lost = _lines(table, fields, sizes, project)
    said += _references(lines, name) + _losses(lost, name)
    return Pipes(
        model=_model(table, fields, lines, project=project, name=name),
        findings=tuple(said),
        left_out=sum(lost.values()),
    )


def _lines(
    table: FeatureTable, fields: Fields, sizes: list[Size | None], project: Frame
) -> tuple[list[Line], Counter[str]]:
    """Lines with size and height; what is missing from the others, counted."""
    lost: Counter[str] = Counter()
    lines = []
    datum = parse(project.crs).vertical if project.crs else ""
    for row, points, deep in _paths(table):
        size = sizes[row]
        if size is None:
            lost["size"] += 1
            continue
        if _foreign(table, fields, row, datum):
            lost["datum"] += 1
            continue
        line = line_of(fields, row, points, size, deep=deep)
        if isinstance(line, str):
            lost[line] += 1
        else:
            lines.append(line)
    return lines, lost


def _foreign(table: FeatureTable, fields: Fields, row: int, datum: str) -> bool:
    """Whether the heights of a line are of another datum than the project's."""
    if table.rise is not None:
        lost = bool(np.isnan(table.rise[row]))
        return lost and _says_height(fields, row, table.geometry[row])
    words = fields.text("datum", row)
    return bool(words) and bool(datum) and vertical_code(words) != datum


def _paths(table: FeatureTable) -> Iterator[tuple[int, F64, bool]]:
    """Row and points (n, 3) of each line of the layer, and whether Z says its height."""
    parts, owner = shapely.get_parts(table.geometry, return_index=True)
    lines = shapely.get_type_id(parts) == _LINE
    parts, owner = parts[lines], owner[lines]
    if not len(parts):
        return
    points, path = shapely.get_coordinates(parts, include_z=True, return_index=True)
    first = np.searchsorted(path, np.arange(len(parts)))
    # What leads from heights in columns to local heights; Z is local already.
    rise = np.zeros(len(table)) if table.rise is None else table.rise
    z = points[:, 2]
    # Zero throughout is what a drawing without heights looks like, not a pipe at sea level.
    deep = np.logical_and.reduceat(_known(z), first)
    deep &= np.logical_or.reduceat(z != rise[owner][path], first)
    stops = [*first[1:].tolist(), len(points)]
    for row, a, b, d in zip(owner.tolist(), first.tolist(), stops, deep.tolist(), strict=True):
        yield row, points[a:b], d


def _known(z: F64) -> Mask:
    """Which heights (N,) are some: neither missing nor a mark such as -9999."""
    return np.isfinite(z) & (z > LEVELS[0]) & (z < LEVELS[1])


def line_of(
    fields: Fields, row: int, points: F64, size: Size, *, deep: bool | None = None
) -> Line | str:
    """The axis of one line; else what it lacks.

    Parameters
    ----------
    fields : Fields
    row : int
    points : (n, 3) float64
        Z is NaN or 0 throughout where the geometry has no heights.
    size : Size
    deep : bool or None
        Whether Z says the height; found out when None.

    """
    if deep is None:
        rise = 0.0 if fields.rise is None else float(fields.rise[row])
        deep = bool(_known(points[:, 2]).all() and (points[:, 2] != rise).any())
    found, field = (points, "") if deep else _with_heights(fields, row, points)
    if found is None:
        return "height"
    points = found
    reference, stated = reference_of(fields, row, field)
    outer = size.height
    inner = outer - 2 * size.wall
    points = points.copy()
    points[:, 2] += _TO_AXIS[reference] * (inner if reference == "invert" else outer)
    axis = cleaned(points)
    if len(axis) < 2:
        return "length"
    return Line(row=row, axis=axis, size=size, reference=reference, stated=stated, field=field)


def _with_heights(fields: Fields, row: int, points: F64) -> tuple[F64 | None, str]:
    """Points (n, 3) at heights of columns, with the field they come from."""
    rise = 0.0 if fields.rise is None else float(fields.rise[row])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1))])
    share = way / way[-1] if way[-1] > 0 else way
    for first, last, below_ground in (
        ("start", "end", False),
        ("level", "level", False),
        ("start_depth", "end_depth", True),
        ("depth", "depth", True),
    ):
        begin, finish = fields.height(first, row), fields.height(last, row)
        if below_ground:
            begin = _from_ground(fields, row, begin, "start")
            finish = _from_ground(fields, row, finish, "end")
        elif begin == finish == 0.0:
            continue  # a field that nobody filled in, not a pipe at the level of the sea
        if begin is not None and finish is not None:
            heights = begin + share * (finish - begin) + rise
            return np.column_stack([points[:, :2], heights]), fields.names[first]
    return None, ""


def _says_height(fields: Fields, row: int, geometry: shapely.Geometry) -> bool:
    """Whether there is any height that a datum would matter for."""
    columns = ("start", "end", "level", "ground", "start_ground", "end_ground")
    return bool(geometry.has_z) or any(fields.height(c, row) is not None for c in columns)


def _from_ground(fields: Fields, row: int, depth: float | None, end: str) -> float | None:
    """Height of what lies `depth` below the ground at one end."""
    ground = fields.height(f"{end}_ground", row)
    if ground is None:
        ground = fields.height("ground", row)
    return None if ground is None or depth is None else ground - abs(depth)


def _references(lines: list[Line], name: str) -> list[Finding]:
    """What each height was taken for, once for each field and reading."""
    found = []
    for field, reference, stated in sorted({(x.field, x.reference, x.stated) for x in lines}):
        if stated and reference == "axis":
            continue
        zh, en = _WORDS[reference]
        radius = max(x.size.height / 2 for x in lines if x.field == field)
        because = (
            ("数据注明", "the data say so")
            if stated
            else (
                f"数据未注明，误差可达 {radius:.3f} 米",
                f"the data do not say; it may be off by {radius:.3f} m",
            )
        )
        found.append(
            Finding.of(
                codes.PIPE_HEIGHT_REFERENCE,
                model=name,
                severity=0 if stated else codes.PIPE_HEIGHT_REFERENCE.severity,
                field=field or "Z",
                reference_zh=zh,
                reference_en=en,
                because_zh=because[0],
                because_en=because[1],
            )
        )
    return found


def _losses(lost: Counter[str], name: str) -> list[Finding]:
    table = {
        "height": codes.PIPE_WITHOUT_ELEVATION,
        "size": codes.PIPE_WITHOUT_SIZE,
        "length": codes.PIPE_TOO_SHORT,
        "datum": codes.PIPE_OTHER_DATUM,
    }
    return [Finding.of(table[k], model=name, count=n) for k, n in sorted(lost.items())]


def _model(
    table: FeatureTable, fields: Fields, lines: list[Line], *, project: Frame, name: str
) -> Model:
    profiles: dict[Size, Profile] = {}
    for line in lines:
        s = line.size
        if s not in profiles:
            profiles[s] = circle(s.width) if s.round else rectangle(s.width, s.height)
    bodies = tubes([x.axis for x in lines], [profiles[x.size] for x in lines])
    rows = [x.row for x in lines]
    blank = Coded.of([None] * len(rows))
    numbers = [fields.text("number", r) for r in rows]
    kinds = [kind_of(fields, r, table.name) for r in rows]
    elements = ElementTable(
        guid=tuple(_guids(table, fields, lines, project)),
        name=tuple(n or f"{k} {r + 1}" for n, k, r in zip(numbers, kinds, rows, strict=True)),
        tag=tuple(numbers),
        step_id=np.zeros(len(rows), dtype=np.int64),
        ifc_class=Coded.of(["IfcPipeSegment"] * len(rows)),
        lineage=(LINEAGE,) if rows else (),
        predefined=blank,
        object_type=Coded.of([_size_text(x.size) for x in lines]),
        storey=blank,
        system=Coded.of(kinds),
        material=Coded.of([fields.text("material", r) for r in rows]),
        classification=blank,
        layer=Coded.of([table.name] * len(rows)),
        discipline=Coded.of(["utility"] * len(rows)),
        storey_elevation=np.zeros(0),
        clash_body=np.ones(len(rows), dtype=bool),
    )
    return Model(
        elements=elements,
        relations=RelationTable.of([]),
        # Closed by construction: every ring is joined to the next and both ends have caps.
        meshes=MeshSet.of(bodies, closed=[True] * len(rows), kernel=Kernel.OWN),
        frame=project,
        source=table.source,
        name=name,
        schema="GIS",
    )


def _size_text(size: Size) -> str:
    if size.round:
        return f"D{size.width * 1000:.0f}"
    return f"{size.width * 1000:.0f}x{size.height * 1000:.0f}"


def _guids(table: FeatureTable, fields: Fields, lines: list[Line], project: Frame) -> list[str]:
    """Identifiers of 22 characters that stay when other lines of the layer change.

    They follow the layer's name and the line's number; where numbers are missing, the place
    of the line on the globe, which is the same in every grid.
    """
    used: Counter[str] = Counter()
    numbers = [fields.text("number", line.row) for line in lines]
    places: Sequence[object] = [None] * len(lines)
    if not all(numbers):
        ends = np.array([line.axis[[0, -1]] for line in lines]).reshape(-1, 3)
        places = _on_globe(ends, project).reshape(-1, 6).tolist()
    found = []
    for number, place in zip(numbers, places, strict=True):
        key = f"{table.name}|{number or place}"
        used[key] += 1
        found.append(_compressed(_digest(f"{key}|{used[key]}")))
    return found


def _digest(name: str) -> bytes:
    """The bytes of uuid5; written out, as a hundred thousand UUIDs take a second."""
    text = _NAMESPACE.bytes + name.encode()
    digest = bytearray(hashlib.sha1(text, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def _on_globe(points: F64, project: Frame) -> F64:
    """Longitude, latitude and height of points (N, 3), rounded to about a decimetre."""
    on_map = project.to_map(points)
    if project.crs is None:
        return np.round(on_map, 1)
    degrees = lonlat(parse(project.crs), on_map)
    # Adding zero turns a negative zero into a plain one.
    return np.column_stack([np.round(degrees, 6), np.round(on_map[:, 2], 1)]) + 0.0


def _compressed(digest: bytes) -> str:
    """16 bytes in the 64-letter alphabet of IfcGloballyUniqueId, 22 characters."""
    # Two zero bytes in front make 24 letters of six bits; the first two of them are empty.
    return base64.b64encode(b"\x00\x00" + digest)[2:].translate(_TO_IFC).decode()
