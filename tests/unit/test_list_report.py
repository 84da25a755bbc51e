"""Groups and findings become issues that a site engineer understands."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bimcore.findings import Code, Finding
from bimcore.issues import ElementRef, Status
from bimcore.model import Scene
from clash.engine import detect
from clash.grouping import group
from clash.matrix import default_rules
from clash.relevance import suppress
from clash.report import clashes_json, finding_ids, to_issues
from clash.result import Relation
from clash.texts import CLASS_LABELS, label, litres, metres, plural
from clash.wording import Conflict, called, short_name, title
from tests.builders import box, moved, pipe
from tests.building import Thing, model

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
RULES = default_rules()


def site():
    """A drain through a beam and an outlet in a wall, in two models."""
    structure = model(
        [
            Thing(
                is_a="IfcBeam",
                name="KL-3",
                type="300x600",
                storey="2F",
                guid="1" * 22,
                body=box((6, 0.3, 0.6), at=(0, 0, 3.0)),
            )
        ],
        name="structure",
        elevations={"2F": 3.6},
    )
    services = model(
        [
            Thing(
                is_a="IfcPipeSegment",
                name="DN200 排水管",
                storey="2F",
                system="W-1",
                guid="2" * 22,
                body=pipe(start=(2, -1, 3.3), end=(2, 1, 3.3), radius=0.1),
            )
        ],
        name="mep",
        elevations={"2F": 3.6},
    )
    return Scene.of([structure, services])


def issues_of(place, findings=()):
    clashes = detect(place, RULES)
    suppressions = suppress(place, clashes, RULES)
    groups = group(place, clashes, RULES, suppressions)
    return to_issues(place, clashes, RULES, suppressions, groups, findings, now=NOW)


def test_an_issue_says_what_where_and_what_to_do():
    (issue,) = issues_of(site())

    assert issue.titles == {
        "zh-CN": "DN200 排水管 穿 KL-3 梁 300 mm，2F",
        "en": "Pipe DN200 排水管 passes through beam KL-3, 300 mm, 2F",
    }
    lines = issue.descriptions["zh-CN"].splitlines()
    assert lines[0].startswith("穿透厚度 300 mm，移开其中一方")
    assert lines[1] == "位置：2F，楼面以下 0.30 m。"
    assert lines[2] == (
        f"A：管道「DN200 排水管」（模型 mep，楼层 2F，系统 W-1，GlobalId {'2' * 22}）"
    )
    assert lines[3] == f"B：梁「KL-3」（模型 structure，楼层 2F，GlobalId {'1' * 22}）"
    assert len(lines) == 4
    assert issue.suggestion["zh-CN"] == (
        "调整管线标高或走向避开梁柱；确需穿越时由结构专业复核并预留套管。"
    )
    assert (issue.kind, issue.rule, issue.status) == (
        "clash",
        "hard.structure-plumbing",
        Status.NEW,
    )
    assert [(e.side, e.name, e.index) for e in issue.elements] == [
        ("a", "DN200 排水管", 1),
        ("b", "KL-3", 0),
    ]
    assert issue.point == pytest.approx((2.0, 0.15, 3.3), abs=0.15)
    assert sum(int(str(f["points"])) for f in issue.severity_factors) == issue.severity
    assert issue.created == issue.updated == NOW


def test_a_repeated_shape_without_a_type_goes_by_its_class_and_not_by_one_name():
    parts = []
    for k in range(3):
        window, lintel = box((1.8, 0.1, 1.5)), box((4 + 0.2 * k, 0.3, 0.5), at=(-1, -0.1, 1.48))
        at = (10.0 * k, 0, 0)
        parts.append(Thing(is_a="IfcWindow", body=moved(window, at), name=f"C-{k}"))
        parts.append(Thing(is_a="IfcBeam", body=moved(lintel, at), name="GL1"))
    (issue,) = issues_of(Scene.of([model(parts)]))

    assert issue.titles == {
        "zh-CN": "窗 侵入 GL1 梁，最深 20 mm，共 3 处",
        "en": "Window runs into beam GL1, up to 20 mm, 3 places",
    }
    assert "合并原因：形状相同的窗（无类型名）以同样方式与梁冲突 3 处，深度均约 20 mm。" in (
        issue.descriptions["zh-CN"].splitlines()
    )


def test_a_repeated_detail_keeps_a_name_that_differs_by_its_number_alone():
    parts = []
    for k in range(3):
        window, lintel = box((1.8, 0.1, 1.5)), box((4 + 0.2 * k, 0.3, 0.5), at=(-1, -0.1, 1.48))
        at = (10.0 * k, 0, 0)
        parts.append(Thing(is_a="IfcWindow", body=moved(window, at), name=f"推拉窗:C1515:30002{k}"))
        parts.append(Thing(is_a="IfcBeam", body=moved(lintel, at), name=f"过梁:GL1:40002{k}"))
    (issue,) = issues_of(Scene.of([model(parts)]))

    assert issue.titles["zh-CN"] == "推拉窗 C1515 侵入 过梁 GL1，最深 20 mm，共 3 处"


@pytest.mark.parametrize(
    ("is_a", "host", "en"),
    [
        ("IfcPipeSegment", "IfcMechanicalFastener", "Keep the line clear of the rod, bolt or bar"),
        ("IfcPipeSegment", "IfcFurniture", "Shift the fixture or the finish."),
        ("IfcDiscreteAccessory", "IfcMechanicalFastener", "Check both parts and move one of them"),
    ],
)
def test_advice_speaks_of_the_parts_that_meet(is_a, host, en):
    across = Thing(is_a=is_a, body=box((2, 0.1, 0.1)))
    other = Thing(is_a=host, body=box((0.1, 2, 0.1), at=(1, -1, 0.04)))
    (issue,) = issues_of(Scene.of([model([across, other])]))

    assert issue.suggestion["en"].startswith(en)


def test_the_same_input_gives_the_same_issues():
    assert issues_of(site()) == issues_of(site())


def test_rows_of_the_document_have_the_documented_keys():
    place = site()
    clashes = detect(place, RULES)
    (row,) = clashes_json(place, clashes, RULES, suppress(place, clashes, RULES))

    assert list(row) == [
        "id",
        "rule",
        "relation",
        "a",
        "b",
        "depth_m",
        "distance_m",
        "volume_m3",
        "measured",
        "point",
        "suppressed",
    ]
    assert row["id"] == issues_of(place)[0].members[0]
    assert (row["rule"], row["relation"], row["suppressed"]) == (
        "hard.structure-plumbing",
        "crossing",
        None,
    )
    assert row["a"] == {
        "model": "structure",
        "guid": "1" * 22,
        "ifc_class": "IfcBeam",
        "name": "KL-3",
        "type": "300x600",
        "storey": "2F",
        "system": "",
        "centre_m": [3.0, 0.15, 3.3],
        "size_m": [6.0, 0.3, 0.6],
        "body": row["a"]["body"],
    }


def test_a_suppressed_row_names_its_reason():
    place = Scene.of(
        [
            model(
                [
                    Thing(is_a="IfcWall", body=box((5, 0.2, 3))),
                    Thing(is_a="IfcOutlet", body=box((0.08, 0.06, 0.08), at=(2, -0.01, 0.3))),
                ]
            )
        ]
    )
    clashes = detect(place, RULES)

    (row,) = clashes_json(place, clashes, RULES, suppress(place, clashes, RULES))

    assert row["suppressed"] == {
        "by": "fixture.recessed",
        "reason": "末端设备嵌装在墙、板或吊顶表面",
        "reason_en": "A fixture recessed in the face of its host",
    }
    assert issues_of(place) == ()


def test_one_wall_through_two_rules_is_one_issue_with_both_clashes():
    wall = Thing(is_a="IfcWall", body=box((5, 0.2, 3)), name="Q-1", storey="1F")
    place = Scene.of([model([wall, wall])])

    (issue,) = issues_of(place)

    assert issue.titles == {
        "zh-CN": "Q-1 墙 与 Q-1 墙 重复建模，1F",
        "en": "Wall Q-1 and wall Q-1 are the same body twice, 1F",
    }
    assert len(issue.members) == 2


def conflict(**more):
    one = ElementRef(model="mep", guid="p", ifc_class="IfcPipeSegment", name="J1")
    other = ElementRef(model="frame", guid="c", ifc_class="IfcColumn", name="KZ-1")
    given = {"relation": Relation.CROSSING, "subject": one, "object": other, **more}
    return Conflict(**given)


@pytest.mark.parametrize(
    ("case", "zh", "en"),
    [
        (
            conflict(depth=0.06, storey="3F"),
            "J1 管道 侵入 KZ-1 柱 60 mm，3F",
            "Pipe J1 runs into column KZ-1, 60 mm, 3F",
        ),
        (
            conflict(depth=0.06, count=3),
            "J1 管道 侵入 KZ-1 柱，最深 60 mm，共 3 处",
            "Pipe J1 runs into column KZ-1, up to 60 mm, 3 places",
        ),
        (
            conflict(relation=Relation.CONTAINMENT, depth=0.2),
            "J1 管道 完全位于 KZ-1 柱 内",
            "Pipe J1 lies inside column KZ-1",
        ),
        (
            conflict(relation=Relation.CLEARANCE, distance=0.3, asked=0.5),
            "J1 管道 与 KZ-1 柱 净距 300 mm，要求 500 mm",
            "Pipe J1 is 300 mm from column KZ-1, 500 mm asked",
        ),
    ],
)
def test_titles_of_each_relation(case, zh, en):
    assert title(case) == {"zh-CN": zh, "en": en}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Basic Wall:Interior - Partition (92mm Stud):138584", "Interior - Partition (92mm Stud)"),
        ("M_Single-Flush:0864 x 2032mm:0864 x 2032mm:150378", "M_Single-Flush 0864 x 2032mm"),
        ("系统族:基本墙:砌块墙 - 200mm:300021", "砌块墙 - 200mm"),
        ("管道类型:PVC-U 排水管:411190", "PVC-U 排水管"),
        ("KL-3", "KL-3"),
        ("12345", "12345"),
        ("", ""),
        ("x" * 60, "x" * 35 + "…"),
    ],
)
def test_names_of_authoring_tools_are_made_short(name, short):
    assert short_name(name) == short


def test_an_element_without_a_name_is_called_by_class_and_global_id():
    nobody = ElementRef(model="m", guid="2O2Fr$t4X7Zf8NOew3FKRH", ifc_class="IfcWallStandardCase")

    assert (called(nobody, "zh-CN"), called(nobody, "en")) == ("墙 2O2Fr$t4", "wall 2O2Fr$t4")


@pytest.mark.parametrize(
    ("ifc_class", "name", "type_", "zh", "en"),
    [
        ("IfcCovering", "", "Insulation 30", "Insulation 30 保温层", "Insulation 30"),
        ("IfcCovering", "橡塑保温", "", "橡塑保温", "insulation 橡塑保温"),
        ("IfcCovering", "Gypsum board", "", "Gypsum board 饰面", "covering Gypsum board"),
        ("IfcCableCarrierSegment", "JDG25", "穿线管", "JDG25 线管", "conduit JDG25"),
        ("IfcCableCarrierSegment", "CT-200", "", "CT-200 电缆桥架", "cable tray CT-200"),
        ("IfcFlowSegment", "SF-1", "矩形风管", "SF-1 风管", "duct SF-1"),
        ("IfcFlowSegment", "Pipe DN50", "", "Pipe DN50 管道", "Pipe DN50"),
    ],
)
def test_insulation_and_conduits_are_called_what_they_are(ifc_class, name, type_, zh, en):
    one = ElementRef(model="m", guid="2" * 22, ifc_class=ifc_class, name=name, type=type_)

    assert (called(one, "zh-CN"), called(one, "en")) == (zh, en)


def test_several_of_a_class_are_told_in_plain_english():
    words = ("wall", "junction box", "switch", "assembly", "furniture")

    assert [plural(w) for w in words] == [
        "walls",
        "junction boxes",
        "switches",
        "assemblies",
        "pieces of furniture",
    ]


def test_classes_have_words_in_both_languages_and_new_ones_are_spelled_out():
    assert all(zh and en and en == en.strip() for zh, en in CLASS_LABELS.values())
    assert label("IfcSolarPanelArray", "en") == "solar panel array"
    assert label("IfcSlabElementedCase") == "楼板"


def test_lengths_and_volumes_read_as_on_site():
    assert [metres(v) for v in (0.0001, 0.05, 0.9996, 12.3)] == [
        "0 mm",
        "50 mm",
        "1.00 m",
        "12.30 m",
    ]
    assert [litres(v) for v in (5e-5, 0.0438, 2.0)] == ["50 cm³", "43.8 L", "2.00 m³"]


OUTSIDE = Code(
    code="GIS460",
    severity=75,
    zh="超出 {far_m} m",
    en="{far_m} m outside",
    remedy_zh="移回",
    remedy_en="Move it",
)
NOTE = Code(code="ELE299", severity=19, zh="提示", en="note", remedy_zh="", remedy_en="")
TWICE = Code(code="ELE201", severity=50, zh="重复", en="twice", remedy_zh="改", remedy_en="fix")


def test_findings_worth_it_become_issues_one_for_each_code_model_and_layer():
    place = site()
    findings = [
        Finding.of(
            OUTSIDE, model="structure", elements=["1" * 22], point=(1.0, 2.0, 3.0), far_m=1.2
        ),
        Finding.of(TWICE, model="mep", elements=["2" * 22, "gone"]),
        Finding.of(TWICE, model="mep", elements=["2" * 22]),
        Finding.of(NOTE, model="mep"),
    ]

    issues = [i for i in issues_of(place, findings) if i.kind != "clash"]

    assert [(i.kind, i.rule, i.severity, i.titles["zh-CN"], i.point) for i in issues] == [
        ("gis", "GIS460", 75, "structure：超出 1.2 m", (1.0, 2.0, 3.0)),
        ("quality", "ELE201", 50, "mep：重复（等 2 项）", None),
    ]
    assert [(e.guid, e.index) for e in issues[1].elements] == [("2" * 22, 1), ("gone", -1)]
    assert issues[1].members == tuple(finding_ids(findings)[1:3])
    assert len(set(finding_ids([*findings, findings[0]]))) == 5


def test_findings_of_one_layer_are_told_apart_by_group_and_cite_their_rule():
    place = site()
    cited = {
        "standard": "GB 50289",
        "edition": "2016",
        "clause": "表 4.1.9",
        "source": "a table",
    }

    def near(group, far):
        return Finding.of(
            OUTSIDE,
            model="structure",
            elements=["1" * 22],
            far_m=far,
            layer="pipes",
            group=group,
            rule="r.s",
            citation=cited,
            measured_from="外壁",
            measured_from_en="outer wall",
        )

    findings = [near("r.s|W1", 1.2), near("r.s|W1", 1.3), near("r.s|W9", 1.4)]

    issues = [i for i in issues_of(place, findings) if i.kind == "gis"]

    assert [len(i.members) for i in issues] == [2, 1]
    assert len({i.id for i in issues}) == 2
    assert len(set(finding_ids(findings))) == 3
    assert issues[0].citation == "GB 50289 2016 表 4.1.9"
    assert issues[1].descriptions == {
        "zh-CN": "超出 1.4 m\n量测：外壁\n依据：GB 50289 2016 表 4.1.9 [r.s]\n来源：a table",
        "en": "1.4 m outside\nMeasured: outer wall\nBy: GB 50289 2016 表 4.1.9 [r.s]\nSource: a table",
    }


def test_map_finding_shows_the_buried_lines_that_it_names_as_the_other_side():
    structure, services = site().models
    lines = replace(services, name="pipes", elements=replace(services.elements, tag=("W9",)))
    found = Finding.of(
        OUTSIDE,
        model="structure",
        elements=["1" * 22],
        far_m=1.2,
        layer="pipes",
        rule="r",
        lines=["W9", "W10"],
    )

    (issue,) = [i for i in issues_of(Scene.of([structure, lines]), [found]) if i.kind == "gis"]

    assert [(e.model, e.guid, e.side, e.index) for e in issue.elements] == [
        ("structure", "1" * 22, "", 0),
        ("pipes", "2" * 22, "b", 1),
    ]
    assert [f["factor"] for f in issue.severity_factors] == ["code", "rule", "layer"]


def test_the_title_names_the_worst_clash_and_not_the_deepest():
    body = pipe(start=(0.04, 2, -2), end=(0.04, 2, 1), radius=0.055)
    riser = Thing(is_a="IfcPipeSegment", name="WL-2", storey="2F", body=body)
    edge = box((5, 5, 0.2))
    slab = Thing(is_a="IfcSlab", name="LB-1", storey="2F", body=edge)
    floor = Thing(
        is_a="IfcSlab",
        name="DM-2",
        storey="2F",
        discipline="architecture",
        body=box((9, 9, 0.1), at=(-4, -4, 0.2)),
    )
    (issue,) = issues_of(Scene.of([model([riser, floor]), model([slab], name="structure")]))

    assert issue.titles["en"].startswith("Pipe WL-2 runs into slab LB-1, 95 mm, 2 places")


def test_a_small_device_runs_into_a_large_one():
    lamp = Thing(is_a="IfcLightFixture", name="LED", body=box((1.2, 0.6, 0.1)))
    stub = pipe(start=(0.5, 0.3, -0.1), end=(0.5, 0.3, 0.2), radius=0.02)
    head = Thing(is_a="IfcBuildingElementProxy", name="Sprinkler", discipline="fire", body=stub)
    (issue,) = issues_of(Scene.of([model([lamp, head])]))

    assert (
        issue.titles["en"] == "Generic element Sprinkler passes through light fixture LED, 100 mm"
    )
