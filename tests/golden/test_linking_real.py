"""Plans of real houses in three languages against what people would link by hand."""

import re
from dataclasses import dataclass

import numpy as np
import pytest

from bimcore.ifc.sandbox import ingest
from bimcore.model import Scene
from bimcore.schedule import Action
from clash.rehearsal.linking import link
from tests import real_files
from tests.plans import plan

SHARED = real_files.FOLDER / "ifc"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no real models here")

#: Task, then class, pattern of the name, storeys of the elements that it builds; none: nothing.
#: The beams of "Level 2" come before its decking: those under it, which the file keeps with the
#: storey they hang over.
DUPLEX = """
Substructure:
  Setting out
  Excavate foundations
  Strip footings | IfcFooting
  Foundation walls | IfcWallStandardCase/Foundation
  Backfill
  Slab on grade | IfcSlab/Slab on Grade
Superstructure:
  Level 1:
    Party walls | IfcWallStandardCase,IfcWall/Party Wall/Level 1
    Brick external walls | IfcWallStandardCase/Exterior/Level 1
    Internal partitions | IfcWallStandardCase/Interior/Level 1
    Stairs | IfcStair,IfcStairFlight,IfcMember/Stair/Level 1
  Level 2:
    Steel beams | IfcBeam//Level 1
    Floor decking | IfcSlab/Residential/Level 2
    Internal partitions | IfcWallStandardCase/Interior/Level 2
  Roof:
    Roof structure and covering | IfcRoof,IfcSlab/Roof
    Skylights | IfcWindow/Skylight
Fit-out:
  Windows Level 1 | IfcWindow/Fixed|Casement/Level 1
  Windows 2nd floor | IfcWindow/Fixed|Casement/Level 2
  Doors Level 1 | IfcDoor//Level 1
  Doors Level 2 | IfcDoor//Level 2
  Install outlets and switches Level 1 | IfcFlowTerminal,IfcBuildingElementProxy,IfcFlowController/Receptacle|Switch|Outlet/Level 1
  Install outlets and switches Level 2 | IfcFlowTerminal,IfcBuildingElementProxy,IfcFlowController/Receptacle|Switch|Outlet/Level 2
  Light fixtures | IfcFlowTerminal/Light -
  Ceilings Level 1 | IfcCovering//Level 1
  Ceilings Level 2 | IfcCovering//Level 2
  Floor finishes Level 1 | IfcSlab/Finish Floor/Level 1
  Floor finishes Level 2 | IfcSlab/Finish Floor/Level 2
  Kitchen cabinets | IfcFurnishingElement/(Base|Upper|Tall) Cabinet|Counter Top
  Painting
  Handrails | IfcRailing
  Loose furniture | IfcFurnishingElement/Table|Sofa|Bed|Chair|Vanity
  Final inspection
"""
FZK = """
Rohbau:
  Baustelleneinrichtung
  Aushub Baugrube
  Bodenplatte betonieren | IfcSlab/Bodenplatte
  Außenwände EG mauern | IfcWallStandardCase/Ext-ERDG
  Innenwände EG mauern | IfcWallStandardCase/Int-ERDG
  Decke über EG betonieren | IfcSlab/Slab
  Außenwände Dachgeschoss | IfcWallStandardCase/Ext-OG
  Treppe einbauen | IfcStair
  Dachstuhl aufstellen | IfcBeam/Sparren|Pfette|First
  Dachdeckung | IfcSlab/Dach
Ausbau:
  Fenster EG einbauen | IfcWindow/EG-
  Fenster DG einbauen | IfcWindow/OG-
  Innentüren | IfcDoor/Innentuer
  Haustür und Außentüren | IfcDoor/Haustuer|Terrassentuer
  Sanitärobjekte | IfcFlowTerminal
  Estrich EG
  Malerarbeiten
  Küchenschränke und Möblierung | IfcFurnishingElement
  Geländer | IfcRailing
  Bauabnahme
"""
INSTITUTE = """
主体结构:
  地下一层墙体砌筑 | IfcWallStandardCase//Keller
  首层墙体砌筑 | IfcWallStandardCase//Erdgeschoss
  2层墙体砌筑 | IfcWallStandardCase//1. Obergeschoss
  3层墙体砌筑 | IfcWallStandardCase//2. Obergeschoss
  一层顶板 | IfcSlab//1. Obergeschoss
  楼梯 | IfcStair
  屋面结构 | IfcSlab/Dach
装修:
  门安装 | IfcDoor
  窗安装 1F | IfcWindow//Erdgeschoss
  窗安装 2F | IfcWindow//1. Obergeschoss
  窗安装 3F | IfcWindow//2. Obergeschoss
  栏杆 | IfcRailing
  家具进场
  家具安装 | IfcFurnishingElement
  竣工验收
"""


@dataclass(frozen=True)
class Score:
    """Links against hand-made truth."""

    right: int
    made: int
    wanted: int
    share: float

    @property
    def precision(self) -> float:
        return self.right / max(self.made, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.wanted, 1)


def score(models, text) -> Score:
    scene = Scene.of(models)
    lines = text.strip("\n").splitlines()
    schedule = plan("\n".join(line.split(" | ")[0] for line in lines))
    found = link(scene, schedule)
    builds = np.array([a == Action.INSTALL for a in found.links.action])
    right = made = wanted = 0
    for row, line in enumerate(lines):
        mine = found.links.element[found.links.task == row]
        got = set(mine.tolist()) if builds[row] else set()
        truth = meant(scene, line.partition(" | ")[2])
        right, made, wanted = right + len(got & truth), made + len(got), wanted + len(truth)
    return Score(right, made, wanted, found.coverage.share)


def meant(scene, rule) -> set[int]:
    """Elements of ``classes/pattern/storey``."""
    if not rule:
        return set()
    classes, pattern, storey = [*rule.split("/"), "", ""][:3]
    rows, start = set(), 0
    for model in scene.models:
        table = model.elements
        rows |= {
            start + k
            for k in np.flatnonzero(table.clash_body).tolist()
            if table.ifc_class[k] in classes.split(",")
            and re.search(pattern, f"{table.name[k]} {table.object_type[k]}")
            and storey in ("", table.storey[k])
        }
        start += len(model)
    return rows


@pytest.mark.parametrize(
    ("names", "text", "precision", "recall", "share"),
    [
        (("duplex_architecture", "duplex_electrical"), DUPLEX, 0.99, 0.99, 0.85),
        (("fzk_haus",), FZK, 0.98, 0.98, 0.9),
        (("institute",), INSTITUTE, 0.99, 0.99, 0.9),
    ],
    ids=["duplex", "fzk", "institute"],
)
def test_most_links_are_right_and_few_are_missing(names, text, precision, recall, share):
    models = []
    for name in names:
        model = ingest(SHARED / f"{name}.ifc", name=f"{name}.ifc").model
        assert model is not None
        models.append(model)

    found = score(models, text)

    print(  # noqa: T201  (the figures are what people read here)
        f"\n{'+'.join(names)}: precision {found.precision:.3f} ({found.right}/{found.made}), "
        f"recall {found.recall:.3f} ({found.right}/{found.wanted}), linked {found.share:.3f}"
    )
    assert found.precision >= precision
    assert found.recall >= recall
    assert found.share >= share
