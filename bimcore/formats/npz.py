"""Models as npz files whose bytes depend on nothing but the model."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bimcore.arrays import Mask
from bimcore.elements import DISCIPLINES, Coded, ElementTable
from bimcore.errors import FormatError
from bimcore.frame import Frame
from bimcore.mesh import Kernel, MeshSet
from bimcore.model import Model
from bimcore.properties import PropertyTable
from bimcore.relations import RelationKind, RelationTable
from bimcore.spatial import Spatial

#: Files of version 1 hold no properties and one system; they are read as such.
_VERSION = 2
_TEXTS = ("guid", "name", "tag")
_CODED = (
    "ifc_class",
    "predefined",
    "object_type",
    "storey",
    "system",
    "material",
    "classification",
    "layer",
    "discipline",
)
#: Name, dtype and number of dimensions of every array of a file.
_ARRAYS: Mapping[str, tuple[str, int]] = {
    "step_id": ("<i8", 1),
    "storey_elevation": ("<f8", 1),
    "clash_body": ("|b1", 1),
    "relation_kind": ("|u1", 1),
    "relation_a": ("<i4", 1),
    "relation_b": ("<i4", 1),
    "vertices": ("<f8", 2),
    "faces": ("<i4", 2),
    "vertex_start": ("<i8", 1),
    "face_start": ("<i8", 1),
    "closed": ("|b1", 1),
    "kernel": ("|u1", 1),
    "text": ("|u1", 1),
    **{f"{name}_codes": ("<i4", 1) for name in _CODED},
}
#: Arrays that version 2 added.
_LATER_ARRAYS: Mapping[str, tuple[str, int]] = {
    "systems_codes": ("<i4", 1),
    "property_own": ("<i4", 1),
    "property_inherited": ("<i4", 1),
    "property_bag_start": ("<i8", 1),
    "property_bag_set": ("<i4", 1),
    "property_set_start": ("<i8", 1),
    "property_set_name_codes": ("<i4", 1),
    "property_name_codes": ("<i4", 1),
    "property_value_codes": ("<i4", 1),
}
_PROPERTY_CODED = ("set_name", "name", "value")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def save_model(model: Model, path: Path) -> None:
    """Write `model` to `path`; equal models give equal bytes."""
    save_arrays(_arrays_of(model), path)


def save_arrays(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write named arrays as an uncompressed npz with fixed time stamps."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=_EPOCH)
            buffer = io.BytesIO()
            npy.write_array(buffer, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(entry, buffer.getbuffer())


def _arrays_of(model: Model) -> dict[str, NDArray[Any]]:
    elements, relations, meshes = model.elements, model.relations, model.meshes
    properties = model.properties
    texts = {
        "version": _VERSION,
        "source": model.source,
        "name": model.name,
        "schema": model.schema,
        "crs": model.frame.crs,
        "origin": model.frame.origin.tolist(),
        "north": model.frame.north,
        "lineage": elements.lineage,
        "buildings": model.spatial.buildings,
        "axes": [
            [tag, ends]
            for tag, ends in zip(model.spatial.tags, model.spatial.ends.tolist(), strict=True)
        ],
        **{f"{name}_texts": getattr(elements, name) for name in _TEXTS},
        **{f"{name}_words": getattr(elements, name).words for name in (*_CODED, "systems")},
        **{f"property_{n}_words": getattr(properties, n).words for n in _PROPERTY_CODED},
    }
    # surrogates: a file may hold half of a pair in an \X2\ escape.
    text = json.dumps(texts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return {
        "step_id": elements.step_id,
        "storey_elevation": elements.storey_elevation,
        "clash_body": elements.clash_body,
        "relation_kind": relations.kind,
        "relation_a": relations.a,
        "relation_b": relations.b,
        "vertices": meshes.vertices,
        "faces": meshes.faces,
        "vertex_start": meshes.vertex_start,
        "face_start": meshes.face_start,
        "closed": meshes.closed,
        "kernel": meshes.kernel,
        "text": np.frombuffer(text.encode("ascii"), dtype=np.uint8),
        **{f"{name}_codes": getattr(elements, name).codes for name in (*_CODED, "systems")},
        "property_own": properties.own,
        "property_inherited": properties.inherited,
        "property_bag_start": properties.bag_start,
        "property_bag_set": properties.bag_set,
        "property_set_start": properties.set_start,
        **{f"property_{n}_codes": getattr(properties, n).codes for n in _PROPERTY_CODED},
    }


def load_model(path: Path) -> Model:
    """The model stored in `path`.

    Raises
    ------
    FormatError
        When the file is damaged or its parts do not fit together: wrong types or shapes,
        numbers that are not finite, indices out of range.

    """
    arrays = load_arrays(path, _ARRAYS, later=_LATER_ARRAYS)
    version = _VERSION if "property_own" in arrays else 1
    try:
        text = json.loads(arrays["text"].tobytes().decode("ascii"))
        if not isinstance(text, dict) or text.get("version") != version:
            message = "the model file has another version"
            raise FormatError(message, code="IFC124")
        return _model(arrays, text)
    except (ValueError, TypeError, KeyError, RecursionError) as err:
        message = f"the model file is damaged: {err}"
        raise FormatError(message, code="IFC124") from err


def load_arrays(
    path: Path,
    expected: Mapping[str, tuple[str, int]],
    *,
    later: Mapping[str, tuple[str, int]] = MappingProxyType({}),
) -> dict[str, NDArray[Any]]:
    """Exactly the `expected` arrays (dtype, dimensions) of an uncompressed npz.

    With `later` the file may hold all of these as well, or none of them.

    Raises
    ------
    FormatError
        When an array is missing, added, compressed, damaged or of another kind.

    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {e.filename: e for e in archive.infolist()}
            if later and f"{next(iter(later))}.npy" in entries:
                expected = {**expected, **later}
            if set(entries) != {f"{name}.npy" for name in expected}:
                message = "the file does not hold the expected arrays"
                raise FormatError(message, code="IFC124")
            return {n: _array(archive, entries[f"{n}.npy"], kind) for n, kind in expected.items()}
    except (OSError, zipfile.BadZipFile, zlib.error, ValueError, EOFError) as err:
        message = f"the file is damaged: {err}"
        raise FormatError(message, code="IFC124") from err


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kind: tuple[str, int]) -> NDArray[Any]:
    if entry.compress_type != zipfile.ZIP_STORED:
        message = f"{entry.filename} is compressed"
        raise FormatError(message, code="IFC124")
    data = archive.read(entry)
    stream = io.BytesIO(data)
    version = npy.read_magic(stream)
    reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = reader(stream)
    body = len(data) - stream.tell()
    wanted, ndim = np.dtype(kind[0]), kind[1]
    size = int(np.prod(shape, dtype=np.int64)) * wanted.itemsize
    if dtype != wanted or len(shape) != ndim or size != body or (fortran and ndim > 1):
        message = f"{entry.filename} has an unexpected type or shape"
        raise FormatError(message, code="IFC124")
    return np.frombuffer(data, dtype=wanted, offset=stream.tell()).reshape(shape)


def _require(condition: object, message: str) -> None:
    if not condition:
        text = f"the model file is damaged: {message}"
        raise FormatError(text, code="IFC124")


def _texts(value: object) -> tuple[str, ...]:
    texts: tuple[Any, ...] = tuple(value) if isinstance(value, list) else (None,)
    _require(all(isinstance(t, str) for t in texts), "a text is no text")
    return texts


def _model(arrays: Mapping[str, NDArray[Any]], text: Mapping[str, Any]) -> Model:
    elements = _elements(arrays, text)
    count = len(elements)
    kind, a, b = (arrays[f"relation_{k}"] for k in ("kind", "a", "b"))
    _require(len(kind) == len(a) == len(b), "relation columns differ in length")
    _require(np.isin(kind, [int(k) for k in RelationKind]).all(), "unknown relation kind")
    _require(_within(a, count) and _within(b, count), "a relation points nowhere")
    crs = text["crs"]
    _require(crs is None or isinstance(crs, str), "the CRS is no text")
    origin = np.array(text["origin"], dtype=np.float64)
    _require(origin.shape == (3,) and np.isfinite(origin).all(), "bad origin")
    _require(np.isfinite(float(text["north"])), "bad north")
    return Model(
        elements=elements,
        relations=RelationTable(kind=kind, a=a, b=b),
        meshes=_meshes(arrays, count),
        frame=Frame(crs=crs, origin=origin, north=float(text["north"])),
        source=_texts([text["source"]])[0],
        name=_texts([text["name"]])[0],
        schema=_texts([text["schema"]])[0],
        properties=_properties(arrays, text, count),
        spatial=_spatial(text, len(elements.storey.words)),
    )


def _spatial(text: Mapping[str, Any], storeys: int) -> Spatial:
    """Buildings and axes; older files hold neither."""
    buildings = _texts(text.get("buildings", []))
    _require(len(buildings) in (0, storeys), "buildings of other storeys")
    axes = [(_texts([tag])[0], np.array(ends, np.float64)) for tag, ends in text.get("axes", [])]
    fits = all(ends.shape == (2, 3) and np.isfinite(ends).all() for _, ends in axes)
    _require(fits, "a grid axis has no two ends")
    return Spatial.of(buildings, axes)


def _properties(
    arrays: Mapping[str, NDArray[Any]], text: Mapping[str, Any], count: int
) -> PropertyTable:
    if "property_own" not in arrays:
        return PropertyTable.none(count)
    coded: dict[str, Coded] = {}
    for name in _PROPERTY_CODED:
        words, codes = _texts(text[f"property_{name}_words"]), arrays[f"property_{name}_codes"]
        _require(_within(codes, len(words), lowest=-1), f"a property {name} is unknown")
        coded[name] = Coded(codes, words)
    _require(len(arrays["property_own"]) == count, "properties of other elements")
    return PropertyTable(
        own=arrays["property_own"],
        inherited=arrays["property_inherited"],
        bag_start=arrays["property_bag_start"],
        bag_set=arrays["property_bag_set"],
        set_start=arrays["property_set_start"],
        **coded,
    )


def _elements(arrays: Mapping[str, NDArray[Any]], text: Mapping[str, Any]) -> ElementTable:
    lineage = tuple(_texts(line) for line in text["lineage"])
    coded: dict[str, Coded] = {}
    for name in (*_CODED, "systems") if "systems_codes" in arrays else _CODED:
        words, codes = _texts(text[f"{name}_words"]), arrays[f"{name}_codes"]
        _require(_within(codes, len(words), lowest=-1), f"{name} has unknown codes")
        coded[name] = Coded(codes, words)
    _require(set(coded["discipline"].words) <= set(DISCIPLINES), "unknown discipline")
    _require((coded["ifc_class"].codes >= 0).all(), "an element has no class")
    return ElementTable(
        step_id=arrays["step_id"],
        clash_body=arrays["clash_body"],
        storey_elevation=arrays["storey_elevation"],
        lineage=lineage,
        **{name: _texts(text[f"{name}_texts"]) for name in _TEXTS},  # type: ignore[arg-type]
        **coded,  # type: ignore[arg-type]
    )


def _within(indices: NDArray[Any], count: int, *, lowest: int = 0) -> bool:
    return len(indices) == 0 or (int(indices.min()) >= lowest and int(indices.max()) < count)


def _meshes(arrays: Mapping[str, NDArray[Any]], count: int) -> MeshSet:
    vertices, faces = arrays["vertices"], arrays["faces"]
    _require(vertices.shape[1] == 3 and faces.shape[1] == 3, "meshes are no triangles")
    _require(np.isfinite(vertices).all(), "a coordinate is not finite")
    for name, total in (("vertex_start", len(vertices)), ("face_start", len(faces))):
        starts = arrays[name]
        _require(len(starts) == count + 1, f"{name} has another length")
        _require(starts[0] == 0 and starts[-1] == total, f"{name} does not cover the rows")
        _require((np.diff(starts) >= 0).all(), f"{name} is not ascending")
    _require(_faces_fit(arrays), "a face points outside its body")
    _require(_within(arrays["kernel"], max(Kernel) + 1), "unknown kernel")
    _require(len(arrays["closed"]) == len(arrays["kernel"]) == count, "mesh columns differ")
    return MeshSet(
        vertices=vertices,
        faces=faces,
        vertex_start=arrays["vertex_start"],
        face_start=arrays["face_start"],
        closed=arrays["closed"],
        kernel=arrays["kernel"],
    )


def _faces_fit(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether every face indexes vertices of its own element."""
    faces = arrays["faces"]
    sizes = np.repeat(np.diff(arrays["vertex_start"]), np.diff(arrays["face_start"]))
    inside: Mask = (faces >= 0) & (faces < sizes[:, None])
    return bool(inside.all())
