"""The pictures of the coordinator's guide show what their text says."""

import pytest

from docs.build_pictures import FOLDER, SKETCHES, Verdict, picture, verdict

SAID = {
    "crossing": Verdict(relation="crossing", depth=120, volume=18.0, group="A conflict on its own"),
    "containment": Verdict(
        relation="containment", depth=360, volume=13.4, group="A conflict on its own"
    ),
    "duplicate": Verdict(
        relation="duplicate", depth=200, volume=1439.0, group="A conflict on its own"
    ),
    "touch": Verdict(relation="touch"),
    "clearance": Verdict(relation="clearance", distance=30, group="A conflict on its own"),
    "walls_in_line": Verdict(
        relation="crossing", depth=50, volume=24.0, group="A conflict on its own"
    ),
    "sleeve": Verdict(relation="crossing", depth=1000, volume=2.2, set_aside="opening.provision"),
    "notch": Verdict(relation="none"),
    "joint": Verdict(relation="crossing", depth=100, volume=48.0, set_aside="joint.end"),
    "run": Verdict(
        relation="crossing", depth=300, volume=1.9, group="One run meets beams in 3 places"
    ),
}


@pytest.mark.parametrize("name", sorted(SKETCHES))
def test_the_product_says_of_each_sketch_what_the_guide_says(name):
    assert verdict(SKETCHES[name]) == SAID[name]


def test_each_sketch_is_drawn_and_shown_in_both_languages():
    drawn = {p.stem for p in FOLDER.glob("*.png") if not p.stem.startswith("top_risk_")}

    assert drawn == set(SKETCHES)
    for guide in ("coordinator.md", "coordinator.zh-CN.md"):
        text = (FOLDER.parent / guide).read_text(encoding="utf-8")
        assert {n for n in SKETCHES if f"(pictures/{n}.png)" in text} == set(SKETCHES)


def test_the_ten_top_risks_of_the_sample_have_a_picture_each():
    drawn = {p.stem for p in FOLDER.glob("*.png") if p.stem.startswith("top_risk_")}
    text = (FOLDER.parent / "top-risks.zh-CN.md").read_text(encoding="utf-8")

    assert drawn == {f"top_risk_{n:02d}" for n in range(1, 11)}
    assert {n for n in drawn if f"(pictures/{n}.png)" in text} == drawn


def test_a_picture_is_drawn_the_same_each_time():
    assert picture("crossing") == picture("crossing")
