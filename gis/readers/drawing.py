"""Survey drawings in DXF by ezdxf: lines, areas, faces, points and texts by drawing layer."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.errors import LayerError
from gis.transfer import Features

if TYPE_CHECKING:
    from ezdxf.document import Drawing
    from ezdxf.entities.dxfgfx import DXFGraphic
    from ezdxf.entities.insert import Insert

#: Blocks within blocks are laid out to this depth.
_DEEPEST = 8
#: Arcs are drawn by chords that leave them by at most this much (drawing units, metres).
_SAG = 0.01
_CURVES = {"ARC", "CIRCLE", "ELLIPSE", "SPLINE", "LWPOLYLINE", "HELIX"}
_FACES = {"3DFACE", "SOLID", "TRACE"}
_TEXTS = {"TEXT", "MTEXT", "ATTRIB"}
#: Drawn but of no meaning on a map: said only when something else is left out as well.
_DECORATION = {"HATCH", "DIMENSION", "VIEWPORT", "LEADER", "MLEADER", "MULTILEADER", "WIPEOUT"}


def load() -> tuple[type[Exception], ...]:
    """Load ezdxf; what it raises about data."""
    import ezdxf.lldxf.const as said

    return (said.DXFError,)


def read(item: dict[str, Any]) -> Iterator[Features]:
    """One layer of features for each drawing layer that holds any."""
    path = Path(item["path"])
    drawing, encoding = _open(path)
    walk = _Walk(most=int(item["limits"]["features"]))
    for entity in drawing.modelspace():
        walk.take(entity, depth=0)
    told = _told(walk, encoding)
    for name, rows in sorted(walk.layers.items()):
        # Flat throughout is what a drawing without heights looks like.
        flat = not any(shape.has_z and _high(shape) for shape, _ in rows)
        shapes = [shapely.force_2d(s) if flat else shapely.force_3d(s) for s, _ in rows]
        facts = [f for _, f in rows]
        yield Features(
            name=name,
            wkb=[bytes(shapely.to_wkb(s)) for s in shapes],
            columns={
                "layer": [name] * len(rows),
                "entity": [f.kind for f in facts],
                "text": [f.text for f in facts],
                "block": [f.block for f in facts],
                "code": [f.code for f in facts],
            },
            findings=told,
        )


def _high(shape: shapely.Geometry) -> bool:
    z = shapely.get_coordinates(shape, include_z=True)[:, 2]
    return bool((z[np.isfinite(z)] != 0.0).any())


def _told(walk: "_Walk", encoding: str) -> list[Finding]:
    told = []
    if encoding:
        told.append(Finding.of(codes.ENCODING_GUESSED, encoding=encoding))
    if set(walk.skipped) - _DECORATION:
        what = ", ".join(f"{k} {n}" for k, n in sorted(walk.skipped.items()))
        told.append(Finding.of(codes.CONTENT_SKIPPED, what_zh=what, what_en=what))
    return told


def _open(path: Path) -> "tuple[Drawing, str]":
    """The drawing, and the encoding used instead of the one it states (empty if that)."""
    from ezdxf import recover
    from ezdxf.filemanagement import readfile
    from ezdxf.lldxf.const import DXFStructureError

    encoding = _encoding(path)
    try:
        return readfile(path, encoding=encoding or None), encoding
    except DXFStructureError:
        if encoding:
            raise
        # Slower, for files of careless writers.
        return recover.readfile(path)[0], ""


def _encoding(path: Path) -> str:
    """The encoding that the texts of an older drawing have where it is not the stated one.

    Before R2007 a drawing names a code page; surveyors' programs often write GBK or UTF-8
    under the name of another one.
    """
    data = path.read_bytes()
    if data.startswith(b"AutoCAD Binary DXF") or data.isascii():
        return ""
    version = re.search(rb"\$ACADVER\s+1\s+AC(\d{4})", data)
    if version and int(version[1]) >= 1021:
        return ""
    page = re.search(rb"\$DWGCODEPAGE\s+3\s+(\w+)", data)
    stated = {b"ANSI_936": "gbk", b"GB2312": "gbk", b"UTF-8": "utf-8"}.get(page[1] if page else b"")
    for name in ("utf-8", "gb18030"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        same = stated is not None and stated[:2] == name[:2]
        return "" if same else name
    return ""


@dataclass(frozen=True, slots=True)
class _Facts:
    kind: str
    text: str | None = None
    block: str | None = None
    code: str | None = None


@dataclass(slots=True)
class _Walk:
    """Features by layer while a drawing is laid out, never more than `most`."""

    most: int
    count: int = 0
    layers: dict[str, list[tuple[shapely.Geometry, _Facts]]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)

    def take(
        self, entity: "DXFGraphic", *, depth: int, block: "Insert | None" = None, on: str = ""
    ) -> None:
        """Add one entity, or everything that a block comes to.

        What stands on layer 0 of a block belongs to the layer `on` which the block is put.
        """
        kind = entity.dxftype()
        layer = on if on and entity.dxf.layer == "0" else _plain(str(entity.dxf.layer))
        if kind == "INSERT":
            self._insert(entity, depth, layer)  # type: ignore[arg-type]
            return
        self._spend(1)
        shapes, text = _shapes(entity, kind), None
        if kind in _TEXTS:
            words = entity.plain_text() if kind == "MTEXT" else entity.dxf.text  # type: ignore[attr-defined]
            text = _plain(str(words))
        if not shapes:
            self.skipped[kind] += 1
        for shape in shapes:
            self._add(layer, shape, _Facts(kind, text, _name(block), _code(entity)))

    def _insert(self, insert: "Insert", depth: int, layer: str) -> None:
        block = insert.block()
        if block is None or block.block is None or block.block.is_xref:
            # What another file holds stays there.
            self.skipped["XREF"] += 1
            return
        if depth >= _DEEPEST:
            raise LayerError(
                codes.TOO_MUCH,
                what_zh=f"图块嵌套超过 {_DEEPEST} 层",
                what_en=f"blocks more than {_DEEPEST} deep",
            )
        copies = max(insert.mcount, 1)
        self._spend(copies)
        texts = [str(a.dxf.text) for a in insert.attribs if a.dxf.text]
        at = shapely.Point(*insert.dxf.insert.xyz)
        facts = _Facts("INSERT", " ".join(texts) or None, insert.dxf.name, _code(insert))
        self._add(layer, at, facts)
        each = insert.multi_insert() if copies > 1 else [insert]
        for one in each:
            for entity in one.virtual_entities(skipped_entity_callback=self._skip):
                self.take(entity, depth=depth + 1, block=one, on=layer)

    def _skip(self, entity: "DXFGraphic", reason: str) -> None:
        del reason
        self.skipped[entity.dxftype()] += 1

    def _add(self, layer: str, shape: shapely.Geometry, facts: _Facts) -> None:
        self.layers.setdefault(layer, []).append((shape, facts))

    def _spend(self, count: int) -> None:
        self.count += count
        if self.count > self.most:
            raise LayerError(
                codes.TOO_MUCH,
                what_zh=f"展开图块后超过 {self.most} 个对象",
                what_en=f"more than {self.most} objects once blocks are laid out",
            )


def _plain(text: str) -> str:
    """Text with the characters that a code page lacks, which are written as numbers."""
    from ezdxf.lldxf.encoding import decode_dxf_unicode, has_dxf_unicode

    return decode_dxf_unicode(text) if has_dxf_unicode(text) else text


def _name(insert: "Insert | None") -> str | None:
    return None if insert is None else str(insert.dxf.name)


def _code(entity: "DXFGraphic") -> str | None:
    """The feature code that Chinese survey programs (CASS) attach as extended data."""
    if not entity.has_xdata("SOUTH"):
        return None
    return next((str(tag.value) for tag in entity.get_xdata("SOUTH") if tag.code == 1000), None)


def _shapes(entity: Any, kind: str) -> list[shapely.Geometry]:
    """The geometry of one entity in drawing coordinates; empty for kinds without one."""
    if kind == "LINE":
        return [shapely.LineString([entity.dxf.start.xyz, entity.dxf.end.xyz])]
    if kind == "POINT":
        return [shapely.Point(*entity.dxf.location.xyz)]
    if kind in _TEXTS:
        return [shapely.Point(*entity.dxf.insert.xyz)]
    if kind in _FACES:
        return _areas([v.xyz for v in entity.wcs_vertices()])
    if kind == "POLYLINE" and not (entity.is_2d_polyline or entity.is_3d_polyline):
        return _mesh(entity)
    if kind == "POLYLINE" or kind in _CURVES:
        return _curve(entity)
    return []


def _curve(entity: Any) -> list[shapely.Geometry]:
    """A line, or an area where it is closed."""
    from ezdxf.path import make_path

    path = make_path(entity)
    if len(path) == 0:
        return []
    points = [v.xyz for v in path.flattening(_SAG)]
    if len(points) < 2:
        return []
    closed = bool(getattr(entity, "closed", False) or getattr(entity, "is_closed", False))
    if closed or (path.is_closed and len(points) > 3):
        return _areas(points) or [shapely.LineString(points)]
    return [shapely.LineString(points)]


def _mesh(entity: Any) -> list[shapely.Geometry]:
    """The faces of a polyface or of a mesh of polylines."""
    from ezdxf.render.mesh import MeshBuilder

    faces = MeshBuilder.from_polyface(entity).faces_as_vertices()
    return [shape for face in faces for shape in _areas([v.xyz for v in face])]


def _areas(points: list[Any]) -> list[shapely.Geometry]:
    distinct = [p for k, p in enumerate(points) if k == 0 or p != points[k - 1]]
    if len(set(distinct)) < 3:
        return []
    return [shapely.Polygon(distinct)]
