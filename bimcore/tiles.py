"""The bodies of a model as binary glTF tiles for the viewer."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F32, F64, I64, U8, Mask, ragged_take
from bimcore.elements import ElementTable
from bimcore.errors import FormatError
from bimcore.mesh import MeshSet
from bimcore.model import Model

#: Bodies nobody wants to see: they enclose or cut what is built.
UNSEEN_CLASSES = (
    "IfcSpace",
    "IfcSpatialZone",
    "IfcExternalSpatialStructureElement",
    "IfcFeatureElementSubtraction",
    "IfcVirtualElement",
    "IfcAnnotation",
    "IfcGrid",
)
_DISCIPLINE_COLOURS = {
    "architecture": "#d9d2c5",
    "structure": "#a9b4c0",
    "hvac": "#7fb58a",
    "plumbing": "#6fa8c9",
    "fire": "#d0766c",
    "electrical": "#e0b65c",
    "site": "#b4b58d",
    "utility": "#a58fc4",
    "other": "#c4c4c4",
}
# Classes told apart within a discipline, the most special first.
_CLASS_COLOURS = (
    ("IfcWindow", "#a9cbe0"),
    ("IfcCurtainWall", "#a9cbe0"),
    ("IfcDoor", "#b9926a"),
    ("IfcRoof", "#b98472"),
    ("IfcFurnishingElement", "#c8b48e"),
    ("IfcReinforcingElement", "#8c6f62"),
    ("IfcGeographicElement", "#9fae7c"),
    ("IfcSite", "#aeb98e"),
)
_U32: TypeAlias = NDArray[np.uint32]
_VERTEX_BYTES, _FACE_BYTES = 20, 12
# Indices up to here are exact in float32.
_ELEMENT_LIMIT = 1 << 24


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tile:
    """Some bodies of a model.

    Attributes
    ----------
    origin : tuple of float
        Metres; the positions are relative to it, in the frame of the model, z up.
    element_start, elements : int
        First scene index and the length of the range of scene indices inside.
    triangles : int
    bounds : tuple
        Lower and upper corner in metres, not relative.
    glb : bytes
        Binary glTF 2.0 with POSITION, COLOR_0, _ELEMENT (scene index) and uint32 indices.

    """

    origin: tuple[float, float, float]
    element_start: int
    elements: int
    triangles: int
    bounds: tuple[tuple[float, ...], tuple[float, ...]]
    glb: bytes


def shown(elements: ElementTable) -> Mask:
    """Elements (E,) whose body is drawn: no spaces, openings, virtual elements or grids."""
    seen: Mask = ~elements.is_a(*UNSEEN_CLASSES)
    return seen


def tiles(model: Model, *, element_offset: int = 0, max_bytes: int = 5 << 20) -> list[Tile]:
    """Cut the bodies of `model` into tiles; same model, same bytes.

    Parameters
    ----------
    model : Model
        In the frame of the scene.
    element_offset : int
        Scene index of the model's first element.
    max_bytes : int
        No tile is larger; a body that is gets spread over several.

    Raises
    ------
    FormatError
        When a scene index does not fit a float32 (2**24 elements).

    """
    if element_offset + len(model) > _ELEMENT_LIMIT:
        message = "more than 16 million elements in one scene; review fewer models together"
        raise FormatError(message, code="BCF730")
    colours = element_colours(model.elements)
    return [
        _tile(model.meshes, piece, colours, element_offset)
        for piece in _pieces(model, max_bytes=max_bytes - 2048)
    ]


def element_colours(elements: ElementTable) -> U8:
    """Colours (E, 4) by class and discipline, linear as glTF wants them, opaque."""
    words = elements.discipline.words
    table = np.array([_rgb(_DISCIPLINE_COLOURS.get(w, "#c4c4c4")) for w in (*words, "other")])
    colours: U8 = table[elements.discipline.codes].astype(np.uint8)
    for name, colour in reversed(_CLASS_COLOURS):
        colours[elements.is_a(name)] = _rgb(colour)
    return colours


def _rgb(colour: str) -> tuple[int, int, int, int]:
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    r, g, b = np.round(linear * 255).astype(int).tolist()
    return r, g, b, 255


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Piece:
    """Rows of elements that fill a tile; `first` and `last` cut the faces of one that is too large."""

    rows: I64
    first: int = 0
    last: int | None = None


def _pieces(model: Model, *, max_bytes: int) -> Iterator[_Piece]:
    meshes = model.meshes
    rows = np.flatnonzero(meshes.has_body & shown(model.elements))
    sizes = (
        _VERTEX_BYTES * np.diff(meshes.vertex_start)[rows]
        + _FACE_BYTES * np.diff(meshes.face_start)[rows]
    )
    taken: list[int] = []
    used = 0
    for row, size in zip(rows.tolist(), sizes.tolist(), strict=True):
        if taken and used + size > max_bytes:
            yield _Piece(rows=np.array(taken, dtype=np.int64))
            taken, used = [], 0
        if size > max_bytes:
            # No face brings more than three vertices of its own.
            step = max(1, max_bytes // (_FACE_BYTES + 3 * _VERTEX_BYTES))
            count = int(meshes.face_start[row + 1] - meshes.face_start[row])
            for first in range(0, count, step):
                yield _Piece(rows=np.array([row]), first=first, last=first + step)
            continue
        taken.append(row)
        used += size
    if taken:
        yield _Piece(rows=np.array(taken, dtype=np.int64))


def _tile(meshes: MeshSet, piece: _Piece, colours: U8, offset: int) -> Tile:
    rows = piece.rows
    v, v_start = ragged_take(meshes.vertex_start, rows)
    f, f_start = ragged_take(meshes.face_start, rows)
    shift = np.repeat(v_start[:-1], np.diff(f_start))
    faces = meshes.faces[f].astype(np.int64) + shift[:, None]
    used, flat = np.unique(faces[piece.first : piece.last], return_inverse=True)
    owner = np.repeat(rows, np.diff(v_start))[used]
    points = meshes.vertices[v[used]]
    low, high = points.min(axis=0), points.max(axis=0)
    origin = np.round((low + high) / 2)
    glb = _glb(
        (points - origin).astype(np.float32),
        colours[owner],
        (owner + offset).astype(np.float32),
        flat.astype(np.uint32).reshape(-1),
        origin,
    )
    x, y, z = origin.tolist()
    return Tile(
        origin=(x, y, z),
        element_start=int(rows[0]) + offset,
        elements=int(rows[-1] - rows[0]) + 1,
        triangles=flat.size // 3,
        bounds=(tuple(low.tolist()), tuple(high.tolist())),
        glb=glb,
    )


def _glb(positions: F32, colours: U8, elements: F32, indices: _U32, origin: F64) -> bytes:
    parts = [positions.tobytes(), colours.tobytes(), elements.tobytes(), indices.tobytes()]
    views, at = [], 0
    for part, target in zip(parts, (34962, 34962, 34962, 34963), strict=True):
        views.append({"buffer": 0, "byteOffset": at, "byteLength": len(part), "target": target})
        at += len(part)  # each part is a multiple of four bytes long
    count = len(positions)
    document = {
        "asset": {"version": "2.0", "generator": "yuyan"},
        "extras": {"up": "z", "unit": "m", "origin": origin.tolist()},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "materials": [
            {
                "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.9},
                "doubleSided": True,
            }
        ],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": {"POSITION": 0, "COLOR_0": 1, "_ELEMENT": 2},
                        "indices": 3,
                        "material": 0,
                        "mode": 4,
                    }
                ]
            }
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": count,
                "type": "VEC3",
                "min": positions.min(axis=0).astype(float).tolist(),
                "max": positions.max(axis=0).astype(float).tolist(),
            },
            {
                "bufferView": 1,
                "componentType": 5121,
                "normalized": True,
                "count": count,
                "type": "VEC4",
            },
            {"bufferView": 2, "componentType": 5126, "count": count, "type": "SCALAR"},
            {"bufferView": 3, "componentType": 5125, "count": len(indices), "type": "SCALAR"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": at}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + at)
    return b"".join(
        [
            head,
            struct.pack("<I4s", len(text), b"JSON"),
            text,
            struct.pack("<I4s", at, b"BIN\0"),
            *parts,
        ]
    )
