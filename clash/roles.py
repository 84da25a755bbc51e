"""What the elements of a scene are to each other: host, line, fixture, frame, lining."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bimcore.arrays import I32, I64, Mask
from bimcore.elements import DISCIPLINES, Coded, ElementTable
from bimcore.model import Model, Scene
from bimcore.relations import RelationKind
from clash.rolewords import NAMED, SLEEVE
from clash.shapes import shapes_of

#: Roles by class, supertypes included; one element can have several.
ROLES: Mapping[str, tuple[str, ...]] = {
    "wall": ("IfcWall",),
    "slab": ("IfcSlab", "IfcRoof", "IfcPavement", "IfcRamp", "IfcRampFlight"),
    "column": ("IfcColumn",),
    "beam": ("IfcBeam",),
    "member": ("IfcMember", "IfcPlate"),
    "footing": ("IfcFooting", "IfcPile", "IfcDeepFoundation", "IfcCaissonFoundation"),
    "stair": ("IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight"),
    "railing": ("IfcRailing",),
    "curtain": ("IfcCurtainWall",),
    "opener": ("IfcDoor", "IfcWindow"),
    "covering": ("IfcCovering",),
    "furniture": ("IfcFurnishingElement",),
    "bar": ("IfcReinforcingElement",),
    "ramp": ("IfcRamp", "IfcRampFlight"),
    "pile": ("IfcPile",),
    "bearing": ("IfcBearing",),
    "tube": ("IfcTendonConduit",),
    "bed": ("IfcCourse", "IfcPavement"),
    "set_in": (
        "IfcKerb",
        "IfcTrackElement",
        "IfcRail",
        "IfcSign",
        "IfcSignal",
        "IfcImpactProtectionDevice",
        "IfcDistributionChamberElement",
        "IfcWasteTerminal",
    ),
    "transport": ("IfcTransportElement", "IfcTransportationDevice"),
    "plate": ("IfcPlate",),
    "fastener": ("IfcFastener", "IfcMechanicalFastener"),
    "small_part": ("IfcElementComponent", "IfcFastener", "IfcDiscreteAccessory"),
    "proxy": ("IfcBuildingElementProxy",),
    "services": ("IfcDistributionElement", "IfcElectricalElement", "IfcEquipmentElement"),
    "segment": ("IfcFlowSegment",),
    "fitting": ("IfcFlowFitting",),
    "controller": ("IfcFlowController", "IfcDistributionControlElement"),
    "valve": ("IfcFlowController",),
    "terminal": ("IfcFlowTerminal", "IfcDistributionControlElement", "IfcElectricalElement"),
    "part": ("IfcBuildingElementPart",),
    "whole": ("IfcElement",),
}
#: Parts of the building that carry, close or divide it and are built into each other.
ENVELOPE = ("wall", "slab", "column", "beam", "member", "footing", "stair", "curtain", "nib")
#: Coverings round a line, by their predefined type or by a word of their name.
LAGGING = ("INSULATION", "WRAPPING", "SLEEVING")
LAGGING_WORDS = re.compile(r"保温|绝热|insulation|lagging|isolation|d[äa]mmung", re.IGNORECASE)
_FACADE = ("CURTAIN_PANEL", "MULLION")
_PANES = re.compile(r"幕墙|竖梃|嵌板|curtain|mullion|glazed panel", re.IGNORECASE)
_PROVISIONS = ("PROVISIONFORVOID", "PROVISIONFORSPACE")
#: Widths over thickness above which insulation is a board.
BOARD = 6.0
SERVICE_TRADES = ("hvac", "plumbing", "fire", "electrical")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Roles:
    """Columns over all E elements of a scene.

    Attributes
    ----------
    masks : mapping
        (E,) bool by the names of ``ROLES``; ``"lagging"``: coverings round lines;
        ``"facade"``: curtain walls, their panels and mullions; ``"landing"``: of stairs;
        ``"flooring"``: finishes on floors;
        ``"nib"``: corbels and the like, parts of an assembly without a class of their own;
        ``"hanger"``, ``"cast_in"``, ``"chamber"``: proxies that are named so;
        ``"marker"``: bodies that stand for an opening (provisions, openings, sleeves).
    discipline : (E,) int32
        Index into ``DISCIPLINES``.
    system : (E,) int32
        Code of the system; -1 without one.
    model : (E,) int32

    """

    masks: Mapping[str, Mask]
    discipline: I32
    system: I32
    model: I32

    def __getitem__(self, role: str) -> Mask:
        return self.masks[role]

    def any_of(self, *roles: str) -> Mask:
        """Elements (E,) with one of `roles`."""
        found: Mask = np.logical_or.reduce([self.masks[r] for r in roles])
        return found

    def of_discipline(self, *names: str) -> Mask:
        """Elements (E,) of the disciplines named."""
        found: Mask = np.isin(self.discipline, [DISCIPLINES.index(n) for n in names])
        return found


def roles_of(scene: Scene) -> Roles:
    """The roles of all elements of `scene`."""
    tables = [m.elements for m in scene.models]
    masks = {
        role: _joined([t.is_a(*classes) for t in tables], np.dtype(np.bool_))
        for role, classes in ROLES.items()
    }
    masks["nib"] = np.zeros(len(scene), dtype=np.bool_)
    _inherit(scene, masks)
    discipline = _joined([_disciplines(t) for t in tables], np.dtype(np.int32))
    # a proxy or generic element that the reader gave to a services trade serves
    trade = np.isin(discipline, [DISCIPLINES.index(t) for t in SERVICE_TRADES])
    building = np.logical_or.reduce([masks[r] for r in (*ENVELOPE, "covering", "opener")])
    masks["services"] = (masks["services"] | trade) & ~building
    # buried lines from layers have no flow class where they were made
    utility = discipline == DISCIPLINES.index("utility")
    masks["services"] = masks["services"] | (utility & ~building)
    for role, (of, pattern) in NAMED.items():
        said = [_named(t, t.is_a(of), pattern) for t in tables]
        masks[role] = masks.get(role, False) | _joined(said, np.dtype(np.bool_))
    told = _joined([_says_lagging(t) for t in tables], np.dtype(np.bool_))
    masks["lagging"] = _round_lines(scene, masks["covering"] & told)
    landing = _joined([t.predefined.mask(["LANDING"]) for t in tables], np.dtype(np.bool_))
    masks["landing"] = masks["slab"] & landing
    flooring = _joined([t.predefined.mask(["FLOORING"]) for t in tables], np.dtype(np.bool_))
    masks["flooring"] = masks["covering"] & flooring
    masks["facade"] = masks["curtain"] | _in_facade(scene, masks)
    masks["marker"] = _joined([_marks(m) for m in scene.models], np.dtype(np.bool_))
    return Roles(
        masks=MappingProxyType(masks),
        discipline=discipline,
        system=column(scene, "system").codes,
        model=scene.model_of.astype(np.int32),
    )


def _named(table: ElementTable, among: Mask, pattern: re.Pattern[str]) -> Mask:
    """Those `among` (E,) whose name or type `pattern` finds."""
    rows = np.flatnonzero(among)
    types = table.object_type.texts()
    found = np.zeros(len(table.name), dtype=np.bool_)
    found[rows] = [bool(pattern.search(f"{table.name[k]} {types[k]}")) for k in rows.tolist()]
    return found


def _says_lagging(table: ElementTable) -> Mask:
    """Rows (E,) whose predefined type, type or name speaks of insulation."""
    found = table.predefined.mask(LAGGING)
    found |= table.object_type.mask([w for w in table.object_type.words if LAGGING_WORDS.search(w)])
    found |= np.array([bool(LAGGING_WORDS.search(n)) for n in table.name], dtype=np.bool_)
    return found


def _round_lines(scene: Scene, told: Mask) -> Mask:
    """Those of the insulations `told` (E,) that are no boards on walls, roofs and floors."""
    found = told.copy()
    rows = np.flatnonzero(told & scene.meshes.has_body)
    if len(rows):
        size = shapes_of(scene.meshes.take(rows)).size
        found[rows] = size[:, 1] <= BOARD * size[:, 2]
    return found


def _in_facade(scene: Scene, masks: Mapping[str, Mask]) -> Mask:
    """Elements (E,) that are panels or mullions, by type or by the whole they are part of."""
    tables = [m.elements for m in scene.models]
    told = [
        t.predefined.mask(_FACADE)
        | t.object_type.mask([w for w in t.object_type.words if _PANES.search(w)])
        for t in tables
    ]
    found: Mask = _joined(told, np.dtype(np.bool_)) & masks["member"]
    pairs = scene_pairs(scene, RelationKind.AGGREGATES)
    found[pairs[masks["curtain"][pairs[:, 0]], 1]] = True
    return found


def _marks(model: Model) -> Mask:
    """Rows (E,) with a body that stands for an opening: provisions, openings and sleeves."""
    table = model.elements
    void = table.is_a("IfcFeatureElementSubtraction") | table.predefined.mask(_PROVISIONS)
    carrier = table.is_a("IfcBuildingElementProxy", "IfcElementComponent", "IfcVirtualElement")
    named = table.object_type.mask([w for w in table.object_type.words if SLEEVE.search(w)])
    named |= np.array([bool(SLEEVE.search(n)) for n in table.name], dtype=np.bool_)
    fitting = table.is_a("IfcFlowFitting")
    found: Mask = (void | ((carrier | fitting) & named)) & model.meshes.has_body
    return found


def _inherit(scene: Scene, masks: Mapping[str, Mask]) -> None:
    """Let the layers and parts of a wall or slab be what the whole is."""
    parts = masks["part"]
    if not parts.any():
        return
    # a layer of a wall is a component by its class, and no small part
    masks["small_part"][parts] = False
    pairs = scene_pairs(scene, RelationKind.AGGREGATES)
    pairs = pairs[parts[pairs[:, 1]]]
    for role in (*ENVELOPE, "covering"):
        masks[role][pairs[masks[role][pairs[:, 0]], 1]] = True
    masks["nib"][:] = _nibs(scene, masks, parts)


def _nibs(scene: Scene, masks: Mapping[str, Mask], parts: Mask) -> Mask:
    """Parts (E,) of an assembly beside a wall, column or beam: corbels, nibs."""
    pairs = scene_pairs(scene, RelationKind.AGGREGATES)
    built: Mask = np.logical_or.reduce([masks[r] for r in ENVELOPE])
    wholes = np.unique(pairs[built[pairs[:, 1]] & ~built[pairs[:, 0]], 0])
    beside = np.zeros(len(parts), dtype=np.bool_)
    beside[pairs[np.isin(pairs[:, 0], wholes), 1]] = True
    found: Mask = beside & parts & ~built
    return found


def _joined(parts: list[np.ndarray], dtype: np.dtype) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)


def _disciplines(table: ElementTable) -> I32:
    """Codes into ``DISCIPLINES``; an unknown or missing word is "other"."""
    other = DISCIPLINES.index("other")
    words = [DISCIPLINES.index(w) if w in DISCIPLINES else other for w in table.discipline.words]
    lookup = np.array([*words, other], dtype=np.int32)
    found: I32 = lookup[table.discipline.codes]
    return found


def column(scene: Scene, name: str) -> Coded:
    """A coded column over the whole scene with one vocabulary."""
    columns: list[Coded] = [getattr(m.elements, name) for m in scene.models]
    words = tuple(sorted({w for c in columns for w in c.words}))
    place = {w: i for i, w in enumerate(words)}
    codes = [np.zeros(0, np.int32)]
    for coded in columns:
        lookup = np.array([*(place[w] for w in coded.words), -1], dtype=np.int32)
        codes.append(lookup[coded.codes])
    return Coded(np.concatenate(codes), words)


def scene_pairs(scene: Scene, *kinds: RelationKind) -> I64:
    """Related pairs (K, 2) of all models in scene numbering."""
    parts = [np.zeros((0, 2), dtype=np.int64)]
    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        parts.append(model.relations.pairs(*kinds).astype(np.int64) + start)
    return np.concatenate(parts)


def related(pairs: I64, a: I64, b: I64, *, count: int) -> Mask:
    """Whether each (a, b) is among `pairs` in either order."""
    if not len(pairs):
        return np.zeros(len(a), dtype=np.bool_)
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    keys = np.unique(low * count + high)
    wanted = np.minimum(a, b) * count + np.maximum(a, b)
    found: Mask = np.isin(wanted, keys)
    return found
