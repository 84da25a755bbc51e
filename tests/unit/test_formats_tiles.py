"""Binary glTF tiles, read back byte by byte."""

import json
import struct

import numpy as np
import pytest

from bimcore.errors import FormatError
from bimcore.tiles import tiles
from tests.builders import MAP, box, model_of, moved, sphere

TYPES = {5126: "<f4", 5121: "u1", 5125: "<u4"}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


def opened(glb):
    """The JSON of a GLB and its accessors as arrays, with every rule of the container held."""
    magic, version, length = struct.unpack_from("<4sII", glb)
    assert (magic, version, length) == (b"glTF", 2, len(glb))
    size, kind = struct.unpack_from("<I4s", glb, 12)
    assert (kind, size % 4) == (b"JSON", 0)
    document = json.loads(glb[20 : 20 + size])
    rest = 20 + size
    data, kind = struct.unpack_from("<I4s", glb, rest)
    assert (kind, data % 4, rest + 8 + data) == (b"BIN\0", 0, len(glb))
    assert document["buffers"] == [{"byteLength": data}]
    binary = glb[rest + 8 :]
    arrays = []
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        part = binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        array = np.frombuffer(part, TYPES[accessor["componentType"]])
        arrays.append(array.reshape(accessor["count"], WIDTHS[accessor["type"]]))
    return document, arrays


def triangles(tile):
    """Corners (T, 3, 3) in the frame of the model and the scene index of each triangle."""
    document, arrays = opened(tile.glb)
    (primitive,) = document["meshes"][0]["primitives"]
    corners = arrays[primitive["attributes"]["POSITION"]] + np.array(tile.origin)
    index = arrays[primitive["indices"]].reshape(-1, 3)
    owners = arrays[primitive["attributes"]["_ELEMENT"]].ravel()[index]
    assert (owners == owners[:, :1]).all()
    return corners[index], owners[:, 0].astype(int)


def model():
    return model_of([moved(box(), MAP), moved(box(size=(2, 1, 1)), MAP), (np.zeros((0, 3)), [])])


def test_tile_holds_every_triangle_under_its_scene_index():
    (tile,) = tiles(model(), element_offset=10)

    corners, owners = triangles(tile)
    assert (tile.element_start, tile.elements, tile.triangles) == (10, 2, 24)
    assert owners.tolist() == [10] * 12 + [11] * 12
    vertices, faces = model().meshes.body(1)
    np.testing.assert_allclose(corners[12:], vertices[faces], rtol=0, atol=1e-6)


def test_bounds_of_positions_are_exact_and_colours_normalised():
    (tile,) = tiles(model())

    document, arrays = opened(tile.glb)
    position, colour, element, index = document["accessors"]
    assert position["min"] == arrays[0].min(axis=0).tolist()
    assert position["max"] == arrays[0].max(axis=0).tolist()
    assert (colour["normalized"], colour["type"]) == (True, "VEC4")
    assert (arrays[1][:, 3] == 255).all()
    assert (element["componentType"], index["componentType"]) == (5126, 5125)
    assert document["extras"] == {"up": "z", "unit": "m", "origin": list(tile.origin)}


def test_tiles_keep_to_the_size_and_lose_nothing():
    big = sphere(radius=2.0, level=4)
    one = model_of([box(), big, box(at=(3.0, 0.0, 0.0)), box(at=(5.0, 0.0, 0.0))])

    found = tiles(one, max_bytes=40_000)

    assert len(found) > 3
    assert max(len(t.glb) for t in found) <= 40_000
    parts = [triangles(t) for t in found]
    corners = np.concatenate([c for c, _ in parts])
    counts = [len(one.meshes.body(i)[1]) for i in range(4)]
    assert (np.concatenate([o for _, o in parts]) == np.repeat(range(4), counts)).all()
    wanted = np.concatenate([v[f] for v, f in (one.meshes.body(i) for i in range(4))])
    np.testing.assert_allclose(corners, wanted, rtol=0, atol=1e-6)


def test_spaces_and_openings_are_left_out():
    rooms = model_of([box(), box(at=(3.0, 0.0, 0.0))], ifc_class="IfcSpace")

    assert tiles(rooms) == []


def test_model_without_bodies_has_no_tile():
    assert tiles(model_of([])) == []


def test_same_model_gives_the_same_bytes():
    assert [t.glb for t in tiles(model())] == [t.glb for t in tiles(model())]


def test_index_that_float32_cannot_hold_is_refused():
    with pytest.raises(FormatError) as caught:
        tiles(model(), element_offset=1 << 24)

    assert caught.value.code == "BCF730"
