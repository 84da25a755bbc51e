"""Model files: the same bytes for the same model, and no trust in what they hold."""

import json
import zipfile

import numpy as np
import pytest

from bimcore.errors import FormatError
from bimcore.formats.npz import load_arrays, load_model, save_arrays, save_model
from bimcore.ifc.sandbox import ingest
from tests.ifc_author import Author


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    a = Author("IFC4", "mm")
    storey = a.storey("一层", 0.0)
    wall = a.block("IfcWall", (4, 0.2, 3), within=storey, Name="墙 <b>")
    a.contain(storey, wall)
    rating = a.new(
        "IfcPropertySingleValue",
        Name="FireRating",
        NominalValue=a.file.create_entity("IfcLabel", "甲级"),
    )
    a.root(
        "IfcRelDefinesByProperties",
        RelatingPropertyDefinition=a.root("IfcPropertySet", Name="耐火", HasProperties=[rating]),
        RelatedObjects=[wall],
    )
    path = a.write(tmp_path_factory.mktemp("m") / "m.ifc")
    return ingest(path, name="m.ifc").model


def arrays_of(path):
    with np.load(path) as file:
        return dict(file)


def test_a_model_survives_the_round_trip(model, tmp_path):
    save_model(model, tmp_path / "a.npz")

    again = load_model(tmp_path / "a.npz")

    assert again.elements.name == model.elements.name
    assert again.elements.storey.texts() == ["一层"]
    assert again.source == model.source
    assert np.array_equal(again.meshes.vertices, model.meshes.vertices)
    assert np.array_equal(again.meshes.faces, model.meshes.faces)
    assert again.properties.entries(0) == {("耐火", "FireRating"): "甲级"}
    assert (again.name, again.schema, again.frame.crs) == ("m.ifc", "IFC4", None)


def test_equal_models_give_equal_bytes(model, tmp_path):
    for name in ("a", "b"):
        save_model(model, tmp_path / name)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_from_before_properties_is_read_without_them(model, tmp_path):
    save_model(model, tmp_path / "a.npz")
    arrays = arrays_of(tmp_path / "a.npz")
    text_changed("version", 1)(arrays)
    later = ("property_", "systems_")
    old = {name: content for name, content in arrays.items() if not name.startswith(later)}
    save_arrays(old, tmp_path / "b.npz")

    again = load_model(tmp_path / "b.npz")

    assert again.elements.name == model.elements.name
    assert again.properties.entries(0) == {}


def changed(name, value):
    def change(arrays):
        arrays[name] = value(arrays[name])

    return change


def text_changed(key, value):
    def change(arrays):
        text = json.loads(arrays["text"].tobytes())
        text[key] = value
        arrays["text"] = np.frombuffer(json.dumps(text).encode(), dtype=np.uint8)

    return change


DAMAGES = {
    "a coordinate is not finite": changed("vertices", lambda v: np.full_like(v, np.inf)),
    "a face points outside its body": changed("faces", lambda f: f + 1),
    "a face points before its body": changed("faces", lambda f: f - 1),
    "vertices are single precision": changed("vertices", lambda v: v.astype(np.float32)),
    "offsets descend": changed("face_start", lambda s: s[::-1].copy()),
    "offsets end early": changed("vertex_start", lambda s: s - 1),
    "a class has no word": changed("ifc_class_codes", lambda c: c + 1),
    "an element has no class": changed("ifc_class_codes", lambda c: c - 1),
    "a kernel is unknown": changed("kernel", lambda k: k + 9),
    "an array is missing": lambda arrays: arrays.pop("closed"),
    "an array is added": lambda arrays: arrays.update(more=np.zeros(1)),
    "a relation points nowhere": lambda arrays: arrays.update(
        relation_kind=np.ones(1, np.uint8),
        relation_a=np.array([5], np.int32),
        relation_b=np.array([0], np.int32),
    ),
    "the version is another": text_changed("version", 3),
    "the version is older than the content": text_changed("version", 1),
    "a property has no word": changed("property_value_codes", lambda c: c + 1),
    "a property set has no name": changed("property_set_name_codes", lambda c: c[:0]),
    "properties point at no set": changed("property_bag_set", lambda s: s + 1),
    "properties are of other elements": changed("property_own", lambda o: o[:0]),
    "properties are in no bag": changed("property_inherited", lambda o: o + 5),
    "sets of properties descend": changed("property_set_start", lambda s: s[::-1].copy()),
    "a discipline is invented": text_changed("discipline_words", ["magic"]),
    "a name is a number": text_changed("name_texts", [3]),
    "a name is missing": text_changed("name_texts", []),
    "the origin has two numbers": text_changed("origin", [0, 0]),
}


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_damaged_files_are_refused(model, tmp_path, damage):
    save_model(model, tmp_path / "a.npz")
    arrays = arrays_of(tmp_path / "a.npz")
    DAMAGES[damage](arrays)
    save_arrays(arrays, tmp_path / "b.npz")

    with pytest.raises(FormatError):
        load_model(tmp_path / "b.npz")


def test_files_that_are_no_archive_or_cut_short_are_refused(model, tmp_path):
    save_model(model, tmp_path / "a.npz")
    data = (tmp_path / "a.npz").read_bytes()
    for name, content in (("text", b"hello"), ("cut", data[: len(data) // 2]), ("nil", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FormatError):
            load_model(tmp_path / name)


def test_an_array_that_lies_about_its_size_is_refused(tmp_path):
    header = str({"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}).encode()
    header += b" " * (64 - (10 + len(header) + 1) % 64) + b"\n"
    data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", data)

    with pytest.raises(FormatError):
        load_arrays(tmp_path / "a.npz", {"a": ("<f8", 1)})


def test_compressed_arrays_are_refused_because_they_can_be_bombs(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(1000))

    with pytest.raises(FormatError):
        load_arrays(tmp_path / "a.npz", {"a": ("<f8", 1)})
