"""BCF archives against the official schemas, the official samples and another reader."""

import dataclasses
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
from lxml import etree

from bimcore.formats.bcf.content import (
    Attachment,
    BcfComment,
    BcfFile,
    BcfViewpoint,
    Bitmap,
    Camera,
    Coloring,
    Component,
    Document,
    DocumentReference,
    Extensions,
    HeaderFile,
    Hints,
    Snippet,
    Topic,
)
from bimcore.formats.bcf.export import Export, ModelFile, write_bcf
from bimcore.formats.bcf.reader import read_bcf
from bimcore.formats.bcf.writer import archive
from bimcore.frame import rigid
from bimcore.issues import Comment, ElementRef, Issue, Status, Viewpoint
from tests import real_files

SAMPLES = real_files.FOLDER / "conformance" / "bcf"
ARCHIVES = sorted(SAMPLES.rglob("*.bcf")) if SAMPLES.is_dir() else []
NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
needs_samples = pytest.mark.skipif(not ARCHIVES, reason=f"no BCF samples in {SAMPLES}")
SCHEMA_OF = {
    "bcf.version": "version.xsd",
    "project.bcfp": "project.xsd",
    "extensions.xml": "extensions.xsd",
    "documents.xml": "documents.xsd",
    "markup.bcf": "markup.xsd",
}


def issue(**changes):
    fields = {
        "id": "0f4e6a1c-9b53-5d0e-8a41-0a4f6f1d2c11",
        "fingerprint": "ab" * 32,
        "kind": "clash",
        "rule": "hard-mep-structure",
        "titles": {"zh-CN": "风管穿过梁", "en": "Duct through a beam"},
        "descriptions": {"zh-CN": "深 0.120 m", "en": "0.120 m deep\nSecond line"},
        "severity": 72,
        "suggestion": {"zh-CN": "下移风管", "en": "Lower the duct"},
        "elements": (
            ElementRef(model="MEP", guid="2O2Fr$t4X7Zf8NOew3FL9r", ifc_class="IfcDuct", side="b"),
            ElementRef(model="STR", guid="1hqIFTRjfV6AWq_bMtnZwI", ifc_class="IfcBeam", side="a"),
        ),
        "point": (1.0, 2.0, 3.0),
        "storey": "F2",
        "assigned_to": "li@example.com",
        "viewpoint": Viewpoint(
            position=(10.0, 0.0, 5.0),
            direction=(-1.0, 0.0, 0.0),
            up=(0.0, 0.0, 1.0),
            field_of_view=45.0,
            aspect_ratio=4 / 3,
        ),
        "comments": (Comment(id="c1", author="王工", created=NOW, text="已核对 <b>"),),
        "created": NOW,
        "status": Status.REOPENED,
    }
    return Issue(**(fields | changes))


MODELS = (
    ModelFile(
        name="STR",
        filename="结构.ifc",
        ifc_project="0YvctVUKr0kugbFTf53O9L",
        to_model=np.linalg.inv(rigid(angle=np.pi / 2, shift=(100.0, 0.0, 0.0))),
    ),
    ModelFile(name="MEP", filename="mep.ifc"),
)
EXPORT = Export(models=MODELS, now=NOW, project_id="b3", project_name="两江智慧园区 B3")


def written(tmp_path, *issues, version, name="out.bcf"):
    path = tmp_path / name
    pictures = {i.id: PNG for i in issues}
    write_bcf(path, issues=issues, snapshots=pictures, export=EXPORT, version=version)
    return path


def schema_errors(path, version):
    """What the official schemas object to, over all files of the archive."""
    errors = []
    with zipfile.ZipFile(path) as box:
        for name in box.namelist():
            last = name.rpartition("/")[2]
            schema = "visinfo.xsd" if last.endswith(".bcfv") else SCHEMA_OF.get(last)
            if schema is None:
                continue
            checker = etree.XMLSchema(etree.parse(SAMPLES / f"schemas-{version}" / schema))
            checker.validate(etree.fromstring(box.read(name)))
            errors += [f"{name}: {e.message}" for e in checker.error_log]
    return errors


@pytest.mark.parametrize("path", ARCHIVES, ids=lambda p: str(p.relative_to(SAMPLES)))
def test_official_archive_is_the_same_after_a_round_trip(path, tmp_path):
    first = read_bcf(path)
    (tmp_path / "again.bcf").write_bytes(archive(first))

    second = read_bcf(tmp_path / "again.bcf")

    assert first.topics
    assert dataclasses.replace(first, findings=()) == second
    assert {f.code.code for f in first.findings} <= {"BCF712"}
    assert schema_errors(tmp_path / "again.bcf", first.version) == []


@needs_samples
def test_folder_that_is_not_the_guid_keeps_viewpoint_and_snapshot():
    path = SAMPLES / "v3.0/Visualization/Single invisible wall/single invisible wall.bcf"

    found = read_bcf(path)

    assert [f.code.code for f in found.findings] == ["BCF712"]
    (view,) = found.topics[0].viewpoints
    assert view.camera is not None
    assert view.snapshot.startswith(b"\x89PNG")


@needs_samples
@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_written_archive_follows_the_official_schemas(tmp_path, version):
    plain = issue(id="not a uuid", comments=(), viewpoint=None, titles={}, elements=(), severity=0)
    path = written(tmp_path, issue(), plain, version=version)

    assert schema_errors(path, version) == []


@needs_samples
@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_hostile_names_and_guids_leave_the_xml_valid(tmp_path, version):
    nasty = issue(
        titles={"zh-CN": "a\x00b\x0b<script>\"&'\ud800", "en": "]]>"},
        rule="r\x01",
        storey='"><x/>\n',
        assigned_to="a\tb",
        elements=(
            ElementRef(model="M<", guid="short", name="\x07\uffff", side="a"),
            ElementRef(model="M<", guid="2O2Fr$t4X7Zf8NOew3FL9r", side="b"),
            ElementRef(model="M<", guid="2O2Fr t4X7Zf8NOew3FL9\n", side="b"),
        ),
    )
    path = written(tmp_path, nasty, version=version)

    assert schema_errors(path, version) == []
    (topic,) = read_bcf(path).topics
    assert topic.title == "a\ufffdb\ufffd<script>\"&'\ufffd / ]]>"
    assert topic.viewpoints[0].selection == (Component(guid="2O2Fr$t4X7Zf8NOew3FL9r"),)
    assert "2 个构件的 GlobalId 不合规，未列入选择集：'short'" in topic.description
    assert "2 elements have a malformed GlobalId and are not selected" in topic.description


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_topic_says_what_the_issue_says(tmp_path, version):
    (topic,) = read_bcf(written(tmp_path, issue(), version=version)).topics

    assert dataclasses.replace(topic, viewpoints=(), comments=()) == Topic(
        guid="0f4e6a1c-9b53-5d0e-8a41-0a4f6f1d2c11",
        title="风管穿过梁 / Duct through a beam",
        type="Clash",
        status="Reopened",
        priority="High",
        index=0,
        labels=("clash", "hard-mep-structure", "F2"),
        created=NOW,
        creation_author="yuyan",
        assigned_to="li@example.com",
        description=(
            "深 0.120 m\n下移风管\n视点采用“结构.ifc”的坐标。\n\n"
            "0.120 m deep\nSecond line\nLower the duct\n"
            'The camera is in the coordinates of "结构.ifc".\n\n'
            "[72/100] hard-mep-structure\n"
            "B IfcDuct 2O2Fr$t4X7Zf8NOew3FL9r [MEP]\n"
            "A IfcBeam 1hqIFTRjfV6AWq_bMtnZwI [STR]"
        ),
        files=(
            HeaderFile(filename="结构.ifc", ifc_project="0YvctVUKr0kugbFTf53O9L"),
            HeaderFile(filename="mep.ifc"),
        ),
    )


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_comments_follow_the_remark_of_yuyan_that_is_tied_to_the_view(tmp_path, version):
    (topic,) = read_bcf(written(tmp_path, issue(), version=version)).topics

    first, second = topic.comments
    assert (first.author, first.text) == ("yuyan", "下移风管\nLower the duct")
    assert first.viewpoint == topic.viewpoints[0].guid
    assert (second.author, second.text, second.date) == ("王工", "已核对 <b>", NOW)


@pytest.mark.parametrize(
    ("version", "angle", "aspect"), [("2.1", 57.822402, None), ("3.0", 45.0, 1.333333)]
)
def test_viewpoint_stands_in_the_coordinates_of_the_model_of_side_a(
    tmp_path, version, angle, aspect
):
    (topic,) = read_bcf(written(tmp_path, issue(), version=version)).topics

    a, b = Component(guid="1hqIFTRjfV6AWq_bMtnZwI"), Component(guid="2O2Fr$t4X7Zf8NOew3FL9r")
    (view,) = topic.viewpoints
    assert view == BcfViewpoint(
        guid=view.guid,
        name="viewpoint.bcfv",
        snapshot_name="snapshot.png",
        index=0,
        camera=Camera(
            position=(0.0, 90.0, 5.0),
            direction=(0.0, 1.0, 0.0),
            up=(0.0, 0.0, 1.0),
            field_of_view=angle,
            aspect_ratio=aspect,
        ),
        selection=(b, a),
        default_visibility=True,
        hints=Hints(spaces=False, space_boundaries=False, openings=False),
        coloring=(
            Coloring(color="E84816", components=(a,)),
            Coloring(color="1460D8", components=(b,)),
        ),
        snapshot=PNG,
    )


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_camera_three_hundred_kilometres_away_keeps_its_millimetres(tmp_path, version):
    away = ModelFile(name="STR", to_model=rigid(angle=0.0, shift=(300_000.0, 3_300_000.0, 250.0)))
    path = tmp_path / "far.bcf"

    write_bcf(
        path,
        issues=[issue()],
        snapshots={},
        export=dataclasses.replace(EXPORT, models=(away,)),
        version=version,
    )

    camera = read_bcf(path).topics[0].viewpoints[0].camera
    assert camera.position == (300_010.0, 3_300_000.0, 255.0)


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_same_issues_give_the_same_bytes(tmp_path, version):
    first = written(tmp_path, issue(), version=version, name="one.bcf").read_bytes()

    assert written(tmp_path, issue(), version=version, name="two.bcf").read_bytes() == first


def test_archive_2_1_carries_what_strict_readers_ask_for(tmp_path):
    path = written(tmp_path, issue(), version="2.1")

    folder = "0f4e6a1c-9b53-5d0e-8a41-0a4f6f1d2c11/"
    with zipfile.ZipFile(path) as box:
        assert box.namelist() == [
            "bcf.version",
            "project.bcfp",
            folder,
            folder + "markup.bcf",
            folder + "viewpoint.bcfv",
            folder + "snapshot.png",
            "extensions.xsd",
        ]
        project, markup = (
            box.read("project.bcfp").decode(),
            box.read(folder + "markup.bcf").decode(),
        )
        view = box.read(folder + "viewpoint.bcfv").decode()
    assert "<ExtensionSchema>extensions.xsd</ExtensionSchema>" in project
    assert "<CreationDate>2026-11-23T01:02:03Z</CreationDate>" in markup
    assert "ClippingPlane" not in view


@needs_samples
def test_extension_schema_accepts_its_own_topics(tmp_path):
    path = written(tmp_path, issue(), version="2.1")
    (tmp_path / "markup.xsd").write_bytes((SAMPLES / "schemas-2.1/markup.xsd").read_bytes())
    with zipfile.ZipFile(path) as box:
        (tmp_path / "extensions.xsd").write_bytes(box.read("extensions.xsd"))
        markup = etree.fromstring(box.read("0f4e6a1c-9b53-5d0e-8a41-0a4f6f1d2c11/markup.bcf"))

    schema = etree.XMLSchema(etree.parse(tmp_path / "extensions.xsd"))

    assert schema.validate(markup), schema.error_log


def everything(version):
    """A file with each thing a version can say, most of which no sample has."""
    new = version == "3.0"
    walls = (
        Component(guid="2O2Fr$t4X7Zf8NOew3FL9r", originating_system="S", authoring_tool_id="7"),
    )
    view = BcfViewpoint(
        guid="c1a1b1d1-0000-4000-8000-000000000002",
        name="viewpoint.bcfv",
        snapshot_name="snapshot.png",
        index=3,
        camera=Camera(
            position=(1.5, -2.25, 1e-7),
            direction=(0.0, 1.0, 0.0),
            up=(0.0, 0.0, 1.0),
            scale=12.5,
            aspect_ratio=1.5 if new else None,
        ),
        selection=walls,
        default_visibility=False,
        exceptions=walls,
        hints=Hints(spaces=True, space_boundaries=False, openings=True),
        coloring=(Coloring(color="FF00FF99", components=walls),),
        lines=(((0.0, 0.0, 0.0), (1.0, 2.0, 3.0)),),
        clipping_planes=(((0.0, 0.0, 1.0), (0.0, 0.0, 1.0)),),
        bitmaps=(
            Bitmap(
                format="png",
                reference="bitmap.png",
                location=(1.0, 1.0, 1.0),
                normal=(1.0, 0.0, 0.0),
                up=(0.0, 0.0, 1.0),
                height=2.0,
            ),
        ),
        snapshot=PNG,
    )
    guid = "c1a1b1d1-0000-4000-8000-000000000001"
    document = "c1a1b1d1-0000-4000-8000-000000000005"
    reference = (
        DocumentReference(guid=document, document_guid=document, description="d")
        if new
        else DocumentReference(guid=document, url="../plan.pdf", description="d")
    )
    topic = Topic(
        guid=guid,
        title="T",
        type="Clash",
        status="Open",
        server_assigned_id="B3-17" if new else "",
        priority="High",
        index=2,
        labels=("a", "b"),
        created=NOW,
        creation_author="a@b",
        modified=NOW,
        modified_author="c@d",
        due=NOW,
        assigned_to="e@f",
        stage="S1",
        description="line 1\nline 2",
        reference_links=("https://example.com/?a=1&b=2",),
        snippet=Snippet(type=".ifc", reference="part.ifc", schema="http://x/y.xsd"),
        documents=(reference,),
        related=("c1a1b1d1-0000-4000-8000-000000000009",),
        files=(
            HeaderFile(
                filename="a.ifc",
                date=NOW,
                reference="a.ifc",
                ifc_project="0YvctVUKr0kugbFTf53O9L",
                ifc_spatial_element="1hqIFTRjfV6AWq_bMtnZwI",
                external=False,
            ),
        ),
        comments=(
            BcfComment(
                guid="c1a1b1d1-0000-4000-8000-000000000003",
                date=NOW,
                author="a@b",
                text="hello",
                viewpoint=view.guid,
                modified_date=NOW,
                modified_author="g@h",
            ),
        ),
        viewpoints=(view,),
    )
    words = Extensions(
        types=("Clash",),
        statuses=("Open",),
        priorities=("High",),
        labels=("a", "b"),
        users=("a@b",),
        snippet_types=(".ifc",),
        stages=("S1",),
    )
    return BcfFile(
        version=version,
        project_id="p",
        project_name="P",
        extensions=words if new else Extensions(),
        documents=(Document(guid=document, filename="plan.pdf", description="x"),) if new else (),
        topics=(topic,),
        attachments=(
            *((Attachment(path=f"Documents/{document}", content=b"%PDF"),) if new else ()),
            Attachment(path=f"{guid}/bitmap.png", content=PNG),
            Attachment(path=f"{guid}/part.ifc", content=b"ISO-10303-21;"),
            *(() if new else (Attachment(path="plan.pdf", content=b"%PDF"),)),
        ),
    )


@needs_samples
@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_everything_a_version_can_say_survives_and_is_valid(tmp_path, version):
    content = everything(version)
    path = tmp_path / "full.bcf"

    path.write_bytes(archive(content))

    assert read_bcf(path) == content
    assert schema_errors(path, version) == []


def test_independent_reader_sees_the_same_2_1(tmp_path):
    bcf = pytest.importorskip("bcf.v2.bcfxml", reason="bcf-client is a development dependency")
    path = written(tmp_path, issue(), issue(id="b" * 8), version="2.1")
    (ours, _) = read_bcf(path).topics

    with bcf.BcfXml.load(path) as theirs:
        assert theirs.project.name == "两江智慧园区 B3"
        assert len(theirs.topics) == 2
        topic = theirs.topics[ours.guid]
        same_as_independent(topic.topic, topic.comments, topic.header.file, ours)
        (view,) = topic.viewpoints.values()
        same_view(view, ours.viewpoints[0])


def test_independent_reader_sees_the_same_3_0(tmp_path):
    bcf = pytest.importorskip("bcf.v3.bcfxml", reason="bcf-client is a development dependency")
    path = written(tmp_path, issue(), issue(id="b" * 8), version="3.0")
    (ours, _) = read_bcf(path).topics

    with bcf.BcfXml.load(path) as theirs:
        assert theirs.project.name == "两江智慧园区 B3"
        assert theirs.extensions.topic_types.topic_type == ["Clash", "GIS", "Sequence", "Quality"]
        assert len(theirs.topics) == 2
        topic = theirs.topics[ours.guid]
        same_as_independent(topic.topic, topic.comments, topic.header.files.file, ours)
        (view,) = topic.viewpoints.values()
        same_view(view, ours.viewpoints[0])


def same_as_independent(topic, comments, files, ours):
    assert topic.guid == ours.guid
    assert topic.title == ours.title
    assert topic.description == ours.description
    assert (topic.topic_type, topic.topic_status) == (ours.type, ours.status)
    assert (topic.priority, topic.assigned_to) == (ours.priority, ours.assigned_to)
    assert topic.creation_date.to_datetime() == ours.created
    assert [c.comment for c in comments] == [c.text for c in ours.comments]
    assert [f.filename for f in files] == [f.filename for f in ours.files]


def same_view(view, ours):
    camera = view.visualization_info.perspective_camera
    point = camera.camera_view_point
    assert (point.x, point.y, point.z) == ours.camera.position
    assert camera.field_of_view == ours.camera.field_of_view
    selected = view.visualization_info.components.selection.component
    assert [c.ifc_guid for c in selected] == [c.guid for c in ours.selection]
    assert view.snapshot == ours.snapshot
