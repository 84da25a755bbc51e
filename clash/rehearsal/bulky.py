"""What has to be brought in as a whole, how large it is, and what stands in its way."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Model
from bimcore.schedule import Action
from clash.rehearsal.base import Stage
from clash.shapes import shapes_of

#: Comes as one unit; by class or any of its supertypes.
UNITS = (
    *("IfcEnergyConversionDevice", "IfcFlowMovingDevice", "IfcFlowStorageDevice"),
    *("IfcFlowTreatmentDevice", "IfcElectricDistributionBoard", "IfcTransportElement"),
    *("IfcTransformer", "IfcElectricAppliance", "IfcMedicalDevice", "IfcBuildingElementProxy"),
    *("IfcElementAssembly", "IfcElectricalElement", "IfcEquipmentElement", "IfcFlowTerminal"),
)
#: Comes in pieces cut across its length; the cross-section stays.
CUT = ("IfcFlowSegment", "IfcFlowFitting")
#: Comes as one piece when it is made off the site.
MADE_OFF_SITE = ("IfcBeam", "IfcColumn", "IfcMember", "IfcStairFlight")
#: Kits, cast or laid in place, or brought to their place from outside: never told.
_OFF_SITE_WORDS = ("steel", "precast", "prefab", "timber", "glulam", "钢", "预制", "木")
_CAST_WORDS = ("in situ", "in-situ", "cast-in-place", "insitu", "现浇")
_IN_PARTS = ("in parts", "knock-down", "knock down", "sectional", "flat pack", "site assembled")
_IN_PARTS_ZH = ("分体", "散件", "散装", "现场组装", "现场拼装", "分段", "组合式")
#: What closes a way; doors stay open, things on walls can be taken off.
_BLOCKS = (
    *("IfcWall", "IfcSlab", "IfcRoof", "IfcBeam", "IfcColumn", "IfcMember", "IfcPlate"),
    *("IfcCurtainWall", "IfcWindow", "IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight"),
    *("IfcFooting", "IfcCovering", "IfcBuildingElementPart"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bulky:
    """Elements that are brought in as a whole, with their own boxes.

    Attributes
    ----------
    element : (N,) int64
        Scene elements with a date, ordered.
    sides : (N, 3) float64
        Metres, the smallest first.
    sure : (N,) float64
        How sure it is that the element comes as one.

    """

    element: I64
    sides: F64
    sure: F64


def bulky_of(stage: Stage, *, least: float, among: Mask | None = None) -> Bulky:
    """Dated units whose second smallest side is at least `least` metres.

    `among` (E,) says which elements are looked at; all where it is not given.
    """
    scene, lives = stage.scene, stage.lifetimes
    sure = np.concatenate([np.zeros(0), *(_sureness(m) for m in scene.models)])
    dated = lives.dated & ~lives.temporary & (lives.task >= 0) & scene.clash_body
    dated &= ~_by_parts(stage) & (sure > 0)
    rows = np.flatnonzero(dated if among is None else dated & among)
    sides = np.sort(shapes_of(scene.meshes.take(rows)).size, axis=1)
    large = sides[:, 1] >= least
    rows = rows[large]
    return Bulky(element=rows.astype(np.int64), sides=sides[large], sure=sure[rows])


def blocking(stage: Stage) -> Mask:
    """Elements (E,) that close a way once they stand, for good."""
    found = np.concatenate([np.zeros(0, bool), *(_kind(m, _BLOCKS) for m in stage.scene.models)])
    lives = stage.lifetimes
    mask: Mask = found & stage.scene.clash_body & ~lives.temporary & np.isnat(lives.gone)
    return mask


def _kind(model: Model, classes: tuple[str, ...]) -> Mask:
    """Elements of a model that are one of `classes`, by inheritance."""
    table = model.elements
    hit = np.array([bool(set(line) & set(classes)) for line in table.lineage] or [False])
    found: Mask = hit[np.maximum(table.ifc_class.codes, 0)] & (table.ifc_class.codes >= 0)
    return found


def _sureness(model: Model) -> F64:
    """How sure it is that each element of a model comes as one unit; 0 for never."""
    table = model.elements
    sure = np.zeros(len(model))
    sure[_kind(model, (*UNITS, *CUT))] = 1.0
    sure[_kind(model, ("IfcBuildingElementProxy", "IfcElementAssembly"))] = 0.6
    off_site = _kind(model, MADE_OFF_SITE)
    for row in np.flatnonzero(off_site | (sure > 0)).tolist():
        words = " ".join(
            (table.name[row], table.object_type[row], table.material[row], table.predefined[row])
        ).lower()
        if off_site[row]:
            made = any(w in words for w in _OFF_SITE_WORDS)
            sure[row] = 0.8 if made and not any(w in words for w in _CAST_WORDS) else 0.0
        if any(w in words for w in (*_IN_PARTS, *_IN_PARTS_ZH)):
            sure[row] = 0.0
    return sure


def _by_parts(stage: Stage) -> Mask:
    """Elements (E,) whose task says that they come in parts, or is no installation."""
    found = np.zeros(len(stage.scene), dtype=bool)
    names = [t.name.lower() for t in stage.schedule.tasks]
    words = (*_IN_PARTS, *_IN_PARTS_ZH)
    kinds = {Action.INSTALL, ""}
    for e in np.flatnonzero(stage.lifetimes.task >= 0).tolist():
        task = int(stage.lifetimes.task[e])
        said = any(w in names[task] for w in words)
        found[e] = said or stage.links.action[task] not in kinds
    return found
