"""Nothing people did is lost, and nothing is called fixed without proof."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from bimcore.issues import Status, issue_json
from bimcore.model import Scene
from clash.engine import detect
from clash.grouping import group
from clash.matrix import default_rules
from clash.proof import Current, MapChecked
from clash.relevance import suppress
from clash.report import clashes_json, to_issues
from clash.rules import Exclusion, RuleSet, Selector
from clash.tracking import track
from tests.builders import box, moved, pipe
from tests.building import Thing, model

NOW = datetime(2026, 1, 2, tzinfo=UTC)
RULES = default_rules()
BEAM = box((6, 0.3, 0.6), at=(0, 0, 3.0))
LINE = pipe(start=(2, -1, 3.3), end=(2, 1, 3.3), radius=0.1)
BEAM_GUID, LINE_GUID = "1" * 22, "2" * 22


def frame(body=BEAM, **more):
    return model(
        [Thing(is_a="IfcBeam", name="KL-3", guid=BEAM_GUID, body=body, **more)], name="frame"
    )


def mep(*bodies, guid=LINE_GUID, name="DN200 排水管"):
    things = [
        Thing(is_a="IfcPipeSegment", name=name, guid=f"{guid[:20]}{k:02d}", body=b)
        for k, b in enumerate(bodies)
    ]
    return model(things, name="mep")


class Run:
    """One review, and the next one against it."""

    def __init__(self, *models, rules=RULES, allowed=None, previous=None):
        self.scene = Scene.of(models)
        clashes = detect(self.scene, rules, allowed=allowed)
        suppressions = suppress(self.scene, clashes, rules)
        groups = group(self.scene, clashes, rules, suppressions)
        issues = to_issues(self.scene, clashes, rules, suppressions, groups, now=NOW)
        self.rows = clashes_json(self.scene, clashes, rules, suppressions)
        current = Current(scene=self.scene, rules=rules, rows=self.rows, allowed=allowed)
        before = None if previous is None else previous.document()
        self.issues = track(issues, before, current)

    def document(self):
        document = {
            "project": {"crs": None, "origin": [0, 0, 0]},
            "issues": [issue_json(i) for i in self.issues],
            "clashes": self.rows,
        }
        return json.loads(json.dumps(document))

    def edited(self, **change):
        """What people did to every issue."""
        self.issues = tuple(replace(i, **change) for i in self.issues)
        return self

    def said(self):
        return [(i.status.value, i.status_reason.get("en", "")) for i in self.issues]


def first():
    return Run(frame(), mep(LINE))


def test_without_a_past_all_is_new():
    assert first().said() == [("new", "")]


def test_what_stays_is_active_and_keeps_its_id_and_assignment():
    before = first().edited(assigned_to="王工")

    after = Run(frame(), mep(LINE), previous=before)

    assert after.said() == [("active", "")]
    assert [(i.id, i.assigned_to) for i in after.issues] == [(before.issues[0].id, "王工")]


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.REVIEWED, Status.APPROVED])
def test_what_people_decided_stays_decided(status):
    assert Run(frame(), mep(LINE), previous=first().edited(status=status)).said() == [
        (status.value, "")
    ]


def test_resolved_but_still_there_is_reopened():
    before = first().edited(status=Status.RESOLVED)

    assert Run(frame(), mep(LINE), previous=before).said() == [
        ("reopened", "Was resolved, is still there")
    ]


def test_approved_but_deeper_is_reopened():
    grazing = moved(LINE, (0, 0, 0.37))  # the pipe enters the beam's top by 30 mm
    before = Run(frame(), mep(grazing)).edited(status=Status.APPROVED)

    after = Run(frame(), mep(moved(grazing, (0, 0, -0.02))), previous=before)

    assert after.said() == [("reopened", "20 mm deeper than before")]


def test_a_moved_element_is_the_proof_of_a_fix():
    after = Run(frame(), mep(moved(LINE, (0, 0, 0.84))), previous=first())

    assert after.said() == [("resolved", "pipe “DN200 排水管” moved 840 mm")]
    assert after.issues[0].elements[0].index == 1


def test_a_deleted_element_is_the_proof_of_a_fix():
    other = moved(LINE, (50, 0, 0))
    after = Run(frame(), mep(other, guid="9" * 22), previous=first())

    assert after.said() == [("resolved", "pipe “DN200 排水管” deleted")]


def test_a_changed_shape_in_the_same_box_is_a_proof():
    from tests.builders import prism

    notched = [(0, 0), (6, 0), (6, 0.6), (2.3, 0.6), (2.3, 0.1), (1.7, 0.1), (1.7, 0.6), (0, 0.6)]
    vertices, faces = prism(notched, height=0.3)
    lying = np.column_stack([vertices[:, 0], 0.3 - vertices[:, 2], vertices[:, 1] + 3.0])

    assert Run(frame((lying, faces)), mep(LINE), previous=first()).said() == [
        ("resolved", "beam “KL-3” changed shape")
    ]


def test_a_missing_model_proves_nothing():
    assert Run(frame(), previous=first()).said() == [
        ("not_rechecked", "Model mep is not in this review")
    ]


def test_a_pair_of_models_that_was_not_tested_proves_nothing():
    allowed = np.array([[True, False], [False, True]])

    assert Run(frame(), mep(LINE), allowed=allowed, previous=first()).said() == [
        ("not_rechecked", "No rule tests this pair any more")
    ]


def test_a_narrower_rule_set_proves_nothing():
    rules = RuleSet(rules=tuple(r for r in RULES.rules if r.id == "hard.hvac-fire"))

    assert Run(frame(), mep(LINE), rules=rules, previous=first()).said() == [
        ("not_rechecked", "No rule tests this pair any more")
    ]


def test_a_wider_tolerance_closes_with_the_rule_named():
    grazing = moved(LINE, (0, 0, 0.37))
    rules = RuleSet(rules=tuple(replace(r, tolerance=0.1) for r in RULES.rules if r.kind == "hard"))

    after = Run(frame(), mep(grazing), rules=rules, previous=Run(frame(), mep(grazing)))

    assert after.said() == [
        (
            "resolved",
            "The rule changed: within the tolerance of hard.structure-plumbing they only touch",
        )
    ]


def test_a_body_that_backed_off_to_contact_is_named():
    grazing = moved(LINE, (0, 0, 0.37))
    after = Run(frame(), mep(moved(grazing, (0, 0, 0.025))), previous=Run(frame(), mep(grazing)))

    assert after.said() == [("resolved", "pipe “DN200 排水管” moved 25 mm, they only touch now")]


def test_a_model_that_comes_back_later_still_proves_a_fix():
    away = Run(frame(), previous=Run(frame(), previous=first()))

    assert away.said() == [("not_rechecked", "Model mep is not in this review")]
    assert Run(frame(), mep(moved(LINE, (0, 0, 0.84))), previous=away).said() == [
        ("resolved", "Tested again: they do not clash any more")
    ]
    assert Run(frame(), mep(LINE, guid="9" * 22), previous=away).said()[-1] == (
        "resolved",
        "The elements were deleted",
    )


def test_without_evidence_nothing_is_resolved():
    (gone,) = track((), first().document())

    assert gone.status is Status.NOT_RECHECKED
    assert gone.status_reason["en"] == "There was nothing to compare with"


def test_what_is_not_rechecked_comes_back_as_active():
    before = Run(frame(), previous=first())

    again = Run(
        frame(), mep(LINE), previous=Run(frame(), mep(LINE)).edited(status=Status.NOT_RECHECKED)
    )

    assert before.said()[0][0] == "not_rechecked"
    assert again.said() == [("active", "")]


def test_resolved_stays_resolved_with_its_proof():
    clear = moved(LINE, (0, 0, 0.84))
    once = Run(frame(), mep(clear), previous=first())

    # the second review does not know the clash any more, the third neither
    assert Run(frame(), mep(clear), previous=once).said() == once.said()


def test_new_global_ids_are_seen_through():
    before = first().edited(assigned_to="李工", status=Status.REVIEWED)

    after = Run(frame(), mep(moved(LINE, (0, 0, 0.02)), guid="9" * 22), previous=before)

    assert [(i.id, i.status, i.assigned_to) for i in after.issues] == [
        (before.issues[0].id, Status.REVIEWED, "李工")
    ]
    assert after.said()[0][1].startswith(
        "GlobalIds changed; matched by class, type, size and place"
    )


def test_another_pipe_in_the_place_of_one_that_lives_on_is_another_issue():
    before = first()
    moved_on = moved(LINE, (0, 0, 2.0))

    after = Run(frame(), mep(moved_on, LINE), previous=before)

    assert after.said() == [("new", ""), ("resolved", "pipe “DN200 排水管” moved 2.00 m")]
    assert len({i.id for i in after.issues}) == 2


def run_through_beams(*places):
    beams = [
        Thing(is_a="IfcBeam", guid=f"{k:022d}", body=box((0.3, 4, 0.6), at=(x, -2, 0)))
        for k, x in enumerate(places)
    ]
    line = pipe(start=(-1, 0, 0.3), end=(9, 0, 0.3), radius=0.05)
    return model(beams, name="frame"), mep(line)


def test_a_group_is_the_same_issue_when_a_member_goes():
    before = Run(*run_through_beams(0.0, 2.0, 4.0))

    after = Run(*run_through_beams(0.0, 2.0), previous=before)

    assert [(i.id, i.status.value, i.status_reason["en"]) for i in after.issues] == [
        (before.issues[0].id, "active", "3 clashes before, 2 now")
    ]


def test_a_group_is_the_same_issue_when_a_member_comes():
    before = Run(*run_through_beams(0.0, 2.0)).edited(status=Status.APPROVED)

    after = Run(*run_through_beams(0.0, 2.0, 4.0), previous=before)

    assert [(i.id, i.status.value, i.status_reason["en"]) for i in after.issues] == [
        (before.issues[0].id, "approved", "2 clashes before, 3 now")
    ]


def test_a_shifted_project_origin_moves_nothing():
    before = first().document()
    before["project"]["origin"] = [100.0, 0.0, 0.0]
    for row in before["clashes"]:
        for part in (row["point"], row["a"]["centre_m"], row["b"]["centre_m"]):
            part[0] -= 100.0
    run = Run(frame(), mep(moved(LINE, (0, 0, 0.84))))

    (gone,) = track(run.issues, before, Current(scene=run.scene, rules=RULES, rows=run.rows))

    assert gone.status_reason["en"] == "pipe “DN200 排水管” moved 840 mm"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"issues": None, "clashes": "no", "project": []},
        {"issues": [{}], "clashes": [{}]},
        {"issues": [{"id": "x", "members": ["y"], "status": "odd", "point": ["a", 1, 2]}]},
    ],
    ids=["empty", "wrong", "blank", "odd"],
)
def test_a_damaged_document_does_no_harm(document):
    run = first()

    after = track(run.issues, document, Current(scene=run.scene, rules=RULES, rows=run.rows))

    assert after[0].status is Status.NEW
    assert all(i.status is Status.NOT_RECHECKED for i in after[1:])


def test_a_missing_model_of_a_finding_proves_nothing_and_a_new_check_does():
    found = {
        "id": "q",
        "fingerprint": "q",
        "kind": "quality",
        "title": "重复",
        "title_en": "twice",
        "members": ["f"],
        "elements": [{"model": "mep", "guid": LINE_GUID}],
    }
    document = {"issues": [found], "clashes": []}

    def after(*models):
        run = Run(*models)
        current = Current(scene=run.scene, rules=RULES, rows=run.rows)
        return [
            (i.status.value, i.status_reason["en"])
            for i in track(run.issues, document, current)
            if i.kind == "quality"
        ]

    assert after(frame()) == [("not_rechecked", "Model mep is not in this review")]
    assert after(frame(), mep(moved(LINE, (0, 0, 5)))) == [
        ("resolved", "The check was made again and found nothing")
    ]


@pytest.mark.parametrize(
    ("layers", "rules", "models", "status", "reason"),
    [
        (("pipes", "dem"), ("r",), ("mep",), "resolved", "The check was made again and"),
        (("dem",), ("r",), ("mep",), "not_rechecked", "Layer pipes was not checked this time"),
        (("pipes", "dem"), (), ("mep",), "not_rechecked", "Rule r has no value this time"),
        (("pipes", "dem"), ("r",), (), "not_rechecked", "Model mep is not located this time"),
    ],
)
def test_map_finding_is_gone_only_when_its_check_was_made_again(
    layers, rules, models, status, reason
):
    found = {
        "id": "g",
        "fingerprint": "g",
        "kind": "gis",
        "title": "净距",
        "title_en": "clearance",
        "members": ["f"],
        "severity_factors": [
            {"factor": "code", "value": "GIS483", "points": 55},
            {"factor": "rule", "value": "r", "points": 0},
            {"factor": "layer", "value": "dem / pipes", "points": 0},
        ],
        "elements": [{"model": "mep", "guid": LINE_GUID}],
    }
    run = Run(frame(), mep(moved(LINE, (0, 0, 5))))
    site = MapChecked(layers=frozenset(layers), rules=frozenset(rules), models=frozenset(models))
    current = Current(scene=run.scene, rules=RULES, rows=run.rows, site=site)

    (gone,) = [
        i for i in track(run.issues, {"issues": [found], "clashes": []}, current) if i.kind == "gis"
    ]

    assert gone.status.value == status
    assert gone.status_reason["en"].startswith(reason)


def test_pairs_that_could_not_be_decided_prove_nothing():
    before = first().document()
    run = Run(frame(), mep(moved(LINE, (0, 0, 0.84))))
    current = Current(scene=run.scene, rules=RULES, rows=run.rows, undecided=[(1, 0)])

    (gone,) = track(run.issues, before, current)

    assert (gone.status.value, gone.status_reason["en"]) == (
        "not_rechecked",
        "The bodies could not be decided this time",
    )


def test_a_clash_now_set_aside_closes_with_the_reason():
    before = Run(frame(), mep(LINE))
    sleeve = Thing(
        is_a="IfcBuildingElementProxy",
        name="套管",
        body=box((0.3, 0.4, 0.3), at=(1.85, -0.05, 3.15)),
    )

    after = Run(frame(), mep(LINE), model([sleeve], name="holes"), previous=before)

    assert after.said() == [
        (
            "resolved",
            "Set aside as a designed joint: The line passes within an opening or sleeve",
        )
    ]


def test_an_issue_that_falls_apart_leaves_its_state_to_all_parts():
    beams = [
        Thing(is_a="IfcBeam", guid=f"{k:022d}", body=box((0.3, 4, 0.6), at=(x, -2, 0)), storey=s)
        for k, (x, s) in enumerate([(0.0, "1F"), (2.0, "1F"), (4.0, "1F"), (6.0, "1F")])
    ]
    later = [replace_storey(b, "1F" if k < 2 else "2F") for k, b in enumerate(beams)]
    line = pipe(start=(-1, 0, 0.3), end=(9, 0, 0.3), radius=0.05)
    before = Run(model(beams, name="frame"), mep(line)).edited(status=Status.REVIEWED)

    after = Run(model(later, name="frame"), mep(line), previous=before)

    assert sorted(after.said()) == [
        ("reviewed", "4 clashes before, 2 now"),
        ("reviewed", f"Split from issue {before.issues[0].id[:8]}"),
    ]
    assert len({i.id for i in after.issues}) == 2


def replace_storey(thing, storey):
    return Thing(**{**thing.__dict__, "storey": storey})


def test_issues_that_become_one_close_into_it():
    beams = [
        Thing(is_a="IfcBeam", guid=f"{k:022d}", body=box((0.3, 4, 0.6), at=(x, -2, 0)), storey=s)
        for k, (x, s) in enumerate(
            [(0.0, "1F"), (2.0, "1F"), (4.0, "2F"), (6.0, "2F"), (8.0, "2F")]
        )
    ]
    line = pipe(start=(-1, 0, 0.3), end=(9, 0, 0.3), radius=0.05)
    before = Run(model(beams, name="frame"), mep(line))
    joined = [replace_storey(b, "1F") for b in beams]

    after = Run(model(joined, name="frame"), mep(line), previous=before)

    assert [s for s, _ in before.said()] == ["new", "new"]
    assert after.said() == [
        ("active", "2 clashes before, 5 now"),  # the one with the fingerprint goes on
        ("resolved", f"Went into “{after.issues[0].titles['en']}”"),
    ]


def test_an_issue_that_a_declaration_hides_says_so_and_comes_back_without_it():
    told = Exclusion(
        id="late",
        declared_by="mep",
        elements=Selector(),
        against=Selector(classes=("IfcBeam",)),
        reasons={"zh-CN": "另行开洞", "en": "the hole is cut later"},
    )

    hidden = Run(frame(), mep(LINE), rules=replace(RULES, exclusions=(told,)), previous=first())
    again = Run(frame(), mep(LINE), previous=hidden)

    assert hidden.said() == [
        ("resolved", "Not shown any more: Declared by mep: the hole is cut later")
    ]
    assert [s for s, _ in again.said()] == ["reopened"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [("mep_20260310", True), ("mep-V2", True), ("mep (1)", True), ("机电", True), ("mep_2", True)],
)
def test_a_model_that_comes_back_under_another_name_keeps_its_issues(name, kept):
    before = Run(frame(), mep(LINE)).edited(status=Status.APPROVED, assigned_to="li")
    again = Run(frame(), replace(mep(LINE), name=name), previous=before)

    assert [(i.status, i.assigned_to, i.id) for i in again.issues] == [
        (Status.APPROVED, "li", before.issues[0].id)
    ]


@pytest.mark.parametrize(
    ("name", "said"), [("mep_20260310", ["approved"]), ("mep_2", ["new", "not_rechecked"])]
)
def test_with_new_guids_only_a_date_or_version_makes_a_name_the_same(name, said):
    before = Run(frame(), mep(LINE)).edited(status=Status.APPROVED)
    again = Run(frame(), replace(mep(LINE, guid="7" * 22), name=name), previous=before)

    assert [i.status.value for i in again.issues] == said


def test_a_model_beside_the_old_one_is_another_model():
    before = Run(frame(), mep(LINE)).edited(status=Status.APPROVED)
    again = Run(frame(), mep(LINE), replace(mep(LINE), name="mep_v2"), previous=before)

    assert [i.status.value for i in again.issues].count("approved") == 1


@pytest.mark.parametrize("down", [0.4, 1.2])
def test_a_duct_that_passes_its_wall_elsewhere_passes_it_no_worse(down):
    wall = Thing(is_a="IfcWall", guid="3" * 22, body=box((6, 0.2, 4)))
    duct = box((0.4, 3, 0.3), at=(2, -1, 3.0))

    def at(shift):
        line = Thing(is_a="IfcDuctSegment", guid=LINE_GUID, body=moved(duct, (0, 0, shift)))
        return Run(model([wall], name="a"), model([line], name="h"), previous=before)

    before = None
    before = at(0.0).edited(status=Status.APPROVED)

    assert [i.status for i in at(-down).issues] == [Status.APPROVED]
