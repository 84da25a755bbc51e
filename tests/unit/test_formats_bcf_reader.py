"""BCF archives from strangers: what is refused, what is put right."""

import struct
import zipfile
import zlib

import pytest

from bimcore.errors import FormatError
from bimcore.formats.bcf.reader import Limits, read_bcf

GUID = "0f4e6a1c-9b53-5d0e-8a41-0a4f6f1d2c11"
VERSION = '<Version VersionId="{}"/>'
MARKUP = f'<Markup><Topic Guid="{GUID}"><Title>T</Title></Topic></Markup>'
CAMERA = (
    "<VisualizationInfo><PerspectiveCamera><CameraViewPoint><X>1</X><Y>2</Y><Z>nan</Z>"
    "</CameraViewPoint><FieldOfView>60</FieldOfView></PerspectiveCamera></VisualizationInfo>"
)


def box(tmp_path, *members, version="2.1"):
    path = tmp_path / "in.bcf"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        if version:
            out.writestr("bcf.version", VERSION.format(version))
        for name, content in members:
            out.writestr(name, content)
    return path


def code_of(path, **limits):
    with pytest.raises(FormatError) as caught:
        read_bcf(path, limits=Limits(**limits))
    return caught.value.code


def test_file_that_is_no_zip_is_refused(tmp_path):
    path = tmp_path / "in.bcf"
    path.write_bytes(b"ISO-10303-21;")

    assert code_of(path) == "BCF701"


def test_empty_file_is_refused(tmp_path):
    path = tmp_path / "in.bcf"
    path.write_bytes(b"")

    assert code_of(path) == "BCF701"


def test_archive_without_version_is_refused(tmp_path):
    assert code_of(box(tmp_path, (f"{GUID}/markup.bcf", MARKUP), version="")) == "BCF701"


@pytest.mark.parametrize("version", ["1.0", "4.0", "x"])
def test_other_versions_are_refused(tmp_path, version):
    assert code_of(box(tmp_path, version=version)) == "BCF703"


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/x", "..\\evil", "C:/x"])
def test_names_outside_the_archive_are_refused(tmp_path, name):
    assert code_of(box(tmp_path, (name, "x"))) == "BCF702"


def test_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = box(tmp_path, ("a/bomb.bin", bytes(4 << 20)))

    assert code_of(path, unpacked_bytes=1 << 20) == "BCF702"


def test_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = box(tmp_path, ("a/bomb.bin", bytes(4 << 20)))
    honest = struct.pack("<L", 4 << 20)
    path.write_bytes(path.read_bytes().replace(honest, struct.pack("<L", 10)))

    assert code_of(path, unpacked_bytes=1 << 20) in ("BCF701", "BCF702")


def test_too_many_files_are_refused(tmp_path):
    assert code_of(box(tmp_path, *((f"a/{i}", "") for i in range(5))), files=4) == "BCF702"


def test_entities_are_refused_and_the_other_topics_read(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + MARKUP.replace("T<", "&a;<")
    path = box(tmp_path, ("bad/markup.bcf", bomb), (f"{GUID}/markup.bcf", MARKUP))

    found = read_bcf(path)

    assert [t.title for t in found.topics] == ["T"]
    assert [(f.code.code, f.data["folder"]) for f in found.findings] == [("BCF711", "bad")]


def test_deeply_nested_markup_does_not_end_the_program(tmp_path):
    deep = "<a>" * 50_000 + "</a>" * 50_000
    path = box(tmp_path, (f"{GUID}/markup.bcf", MARKUP.replace("</Topic>", deep + "</Topic>")))

    assert [t.title for t in read_bcf(path).topics] == ["T"]


def test_damaged_member_is_refused(tmp_path):
    path = box(tmp_path, (f"{GUID}/markup.bcf", MARKUP))
    raw = bytearray(path.read_bytes())
    crc = struct.pack("<L", zlib.crc32(MARKUP.encode()))
    raw[raw.rindex(crc) : raw.rindex(crc) + 4] = b"\0\0\0\0"
    path.write_bytes(raw)

    assert code_of(path) == "BCF701"


def test_unknown_elements_and_namespaces_are_ignored(tmp_path):
    markup = (
        f'<m:Markup xmlns:m="urn:x"><m:New/><m:Topic Guid="{GUID}" m:Odd="1"><m:Later>1</m:Later>'
        "<m:Title>T</m:Title></m:Topic></m:Markup>"
    )
    path = box(tmp_path, (f"{GUID}/markup.bcf", markup))

    assert [t.title for t in read_bcf(path).topics] == ["T"]


def test_missing_snapshot_is_said_and_the_camera_kept(tmp_path):
    views = "<Viewpoints><Viewpoint>Viewpoint_1.bcfv</Viewpoint><Snapshot>gone.png</Snapshot></Viewpoints>"
    path = box(
        tmp_path,
        (f"{GUID}\\markup.bcf", MARKUP.replace("</Markup>", views + "</Markup>")),
        (f"{GUID}/Viewpoint_1.bcfv", CAMERA),
    )

    found = read_bcf(path)

    (view,) = found.topics[0].viewpoints
    assert view.camera is not None
    assert view.camera.position == (1.0, 2.0, 0.0)
    assert (view.snapshot_name, view.snapshot) == ("", b"")
    assert [(f.code.code, f.data["file"]) for f in found.findings] == [("BCF713", "gone.png")]


def test_views_the_markup_does_not_list_are_found(tmp_path):
    path = box(
        tmp_path,
        (f"{GUID}/markup.bcf", MARKUP),
        (f"{GUID}/viewpoint.bcfv", CAMERA),
        (f"{GUID}/snapshot.png", b"\x89PNG"),
        version="2.0",
    )

    (view,) = read_bcf(path).topics[0].viewpoints
    assert (view.name, view.snapshot) == ("viewpoint.bcfv", b"\x89PNG")


def test_dates_of_any_kind_become_moments_or_nothing(tmp_path):
    dates = "<CreationDate>2020-01-02T03:04:05+08:00</CreationDate><DueDate>soon</DueDate>"
    path = box(tmp_path, (f"{GUID}/markup.bcf", MARKUP.replace("</Topic>", dates + "</Topic>")))

    (topic,) = read_bcf(path).topics

    assert topic.created.isoformat() == "2020-01-01T19:04:05+00:00"
    assert topic.due is None
