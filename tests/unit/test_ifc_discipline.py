"""Disciplines by class, system, type, words and the model around."""

import pytest

from bimcore.ifc.discipline import Clue, by_words, disciplines

BUILT = ("IfcBuildingElement", "IfcElement")
FLOW = ("IfcDistributionFlowElement", "IfcDistributionElement", "IfcElement")


def built(name, **clues):
    return Clue(lineage=(name, *BUILT), **clues)


def flow(name, **clues):
    return Clue(lineage=(name, *FLOW), **clues)


@pytest.mark.parametrize(
    ("clue", "discipline"),
    [
        (built("IfcColumn"), "structure"),
        (built("IfcWallStandardCase"), "architecture"),
        (Clue(lineage=("IfcWallStandardCase", "IfcWall", *BUILT), bearing=True), "structure"),
        (built("IfcDoor"), "architecture"),
        (Clue(lineage=("IfcReinforcingBar", "IfcReinforcingElement", "IfcElement")), "structure"),
        (flow("IfcDuctSegment"), "hvac"),
        (flow("IfcPipeSegment"), "plumbing"),
        (flow("IfcPipeSegment", system_type="FIREPROTECTION"), "fire"),
        (flow("IfcPipeSegment", system_type="CHILLEDWATER"), "hvac"),
        (flow("IfcPipeSegment", system_name="消防给水"), "fire"),
        (flow("IfcPump", system_name="冷冻水供水"), "hvac"),
        (flow("IfcLightFixture", system_name="给水"), "electrical"),
        (flow("IfcFireSuppressionTerminal"), "fire"),
        (flow("IfcFlowSegment", type_lineage=("IfcDuctSegmentType",)), "hvac"),
        (flow("IfcFlowSegment", type_lineage=("IfcCableCarrierSegmentType",)), "electrical"),
        (flow("IfcFlowTerminal", words="Lavatory - Wall Mounted"), "plumbing"),
        (flow("IfcFlowTerminal", words="Supply Diffuser"), "hvac"),
        (flow("IfcFlowTerminal", words="x"), "other"),
        (built("IfcBuildingElementProxy", words="电缆桥架 200x100"), "electrical"),
        (flow("IfcFlowSegment", words="线管:JDG25"), "electrical"),
        (flow("IfcFlowSegment", words="刚性套管 DN100"), "other"),
        (built("IfcBuildingElementProxy", words="x"), "other"),
        (Clue(lineage=("IfcSite", "IfcSpatialStructureElement")), "site"),
        (Clue(lineage=("IfcKerb", "IfcBuiltElement", "IfcElement")), "site"),
    ],
)
def test_an_element_alone(clue, discipline):
    assert disciplines([clue]) == [discipline]


@pytest.mark.parametrize(
    ("text", "trade"),
    [
        ("SP-喷淋 DN100", "fire"),
        ("Sanitary 1", "plumbing"),
        ("Supply Air", "hvac"),
        ("强电桥架", "electrical"),
        ("风机盘管 - 卧式暗装:FP-68", "hvac"),
        ("喷头 - 下垂型:ZSTX-15", "fire"),
        ("淋浴喷头", ""),
        ("感烟探测器 - 吸顶", "electrical"),
        ("Smoke Detector:Ceiling", "electrical"),
        ("坐便器 - 冲洗水箱:标准", "plumbing"),
        ("闸阀 - 50-300 mm", "plumbing"),
        ("Fan Coil Unit:600", "hvac"),
        ("Chairs", ""),
        ("", ""),
    ],
)
def test_words_name_a_trade(text, trade):
    assert by_words(text) == trade


def test_generic_flow_elements_follow_most_of_the_services_around_them():
    clues = [flow("IfcDuctSegment"), flow("IfcDuctFitting"), flow("IfcFlowFitting")]

    assert disciplines(clues) == ["hvac", "hvac", "hvac"]


def test_a_model_of_columns_and_doors_is_no_structure_model():
    clues = [built("IfcColumn"), built("IfcColumn"), built("IfcDoor"), built("IfcWall")]

    assert disciplines(clues) == ["structure", "structure", "architecture", "architecture"]


def test_slabs_and_proxies_of_a_bridge_of_beams_and_piers_are_structure():
    clues = [built("IfcBeam")] * 5 + [built("IfcSlab"), built("IfcBuildingElementProxy")]

    assert disciplines(clues) == ["structure"] * 7


def lagging(**clues):
    return built("IfcCovering", predefined="INSULATION", **clues)


def test_insulation_is_of_the_trade_of_the_line_it_covers():
    clues = [flow("IfcDuctSegment"), built("IfcWall"), lagging(covers=0), lagging(covers=1)]

    assert disciplines(clues) == ["hvac", "architecture", "hvac", "architecture"]


@pytest.mark.parametrize(
    ("clue", "discipline"),
    [
        (lagging(words="Duct Insulation 30"), "hvac"),
        (lagging(words="管道保温 DN100"), "plumbing"),
        (lagging(words="PUR", system_type="CHILLEDWATER"), "hvac"),
        (lagging(words="Mineral wool 120"), "architecture"),
        (lagging(words="Dämmung Fußbodenheizung"), "architecture"),
        (built("IfcCovering", predefined="CEILING", words="pipe"), "architecture"),
    ],
)
def test_words_and_systems_tell_insulation_of_lines_from_that_of_walls(clue, discipline):
    walls = [built("IfcDoor"), built("IfcColumn")]

    assert disciplines([*walls, clue])[-1] == discipline


def test_insulation_in_a_model_of_services_alone_is_of_them():
    clues = [flow("IfcPipeSegment"), flow("IfcPipeSegment"), flow("IfcDuctSegment"), lagging()]

    assert disciplines(clues)[-1] == "plumbing"
