"""Checks of the tables and bodies of one model at upload."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bimcore.arrays import F64, Mask
from bimcore.checks import codes
from bimcore.elements import ElementTable
from bimcore.findings import Code, Finding
from bimcore.mesh import MeshSet
from bimcore.model import Model
from bimcore.relations import RelationKind

_ALPHABET = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$")
#: Earth is 6.4e6 m in radius and projected coordinates stay below 5e7 (with zone prefix).
FARTHEST_M = 1e8
LARGEST_M = 20_000.0
FAR_M = 10_000.0
_STOREY_REACH_M = 20.0
_SERVICES = ("hvac", "plumbing", "fire", "electrical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the file said beyond the model.

    Attributes
    ----------
    outside : tuple of int
        Rows that belong to no spatial element.
    storeys, unnamed_storeys : int
        Number of storeys, and of those without a name.
    in_building : int
        Bodies that stand in a building but in no storey; works on a site, a road or a
        bridge have no storeys and lack none.
    represented : frozenset of int
        Instance numbers with a body representation.
    explained : frozenset of int
        Those whose missing body another finding already explains.

    """

    outside: tuple[int, ...] = ()
    storeys: int = 0
    unnamed_storeys: int = 0
    in_building: int = 0
    represented: frozenset[int] = frozenset()
    explained: frozenset[int] = frozenset()


def check_model(model: Model, context: Context) -> list[Finding]:
    """All findings on `model`, one for each code; elements are named by GlobalId."""
    return [
        *check_identity(model.elements),
        *check_structure(model.elements, context),
        *check_geometry(model, context),
    ]


def valid_guid(guid: str) -> bool:
    """Whether `guid` is a compressed GlobalId: 22 letters of base 64, the first 0 to 3."""
    return len(guid) == 22 and guid[0] in "0123" and _ALPHABET.issuperset(guid)


def _group(code: Code, elements: ElementTable, rows: Sequence[int], **data: Any) -> Finding:
    guids = tuple(elements.guid[r] for r in rows)
    return Finding.of(code, elements=guids, count=len(guids), **data)


def _when(code: Code, elements: ElementTable, mask: Mask, **data: Any) -> list[Finding]:
    rows = np.flatnonzero(mask).tolist()
    return [_group(code, elements, rows, **data)] if rows else []


def check_identity(elements: ElementTable) -> list[Finding]:
    """Repeated and malformed GlobalIds."""
    count = Counter(elements.guid)
    repeated = np.array([count[g] > 1 for g in elements.guid], dtype=bool)
    malformed = np.array([not valid_guid(g) for g in elements.guid], dtype=bool)
    return [
        *_when(codes.DUPLICATE_GUID, elements, repeated),
        *_when(codes.MALFORMED_GUID, elements, malformed),
    ]


def check_structure(elements: ElementTable, context: Context) -> list[Finding]:
    """Place in the spatial tree, storeys, classes and systems."""
    found: list[Finding] = []
    outside = np.zeros(len(elements), dtype=bool)
    outside[list(context.outside)] = True
    found += _when(codes.OUTSIDE_TREE, elements, outside)
    body = elements.clash_body
    if context.in_building and not context.storeys:
        found.append(Finding.of(codes.NO_STOREYS))
    if context.unnamed_storeys:
        found.append(Finding.of(codes.UNNAMED_STOREYS, count=context.unnamed_storeys))
    proxies = body & elements.is_a("IfcBuildingElementProxy", "IfcProxy")
    share = 100 * int(proxies.sum()) // max(1, int(body.sum()))
    if share >= 10:
        found += _when(codes.MANY_PROXIES, elements, proxies, share_percent=share)
    services = body & elements.discipline.mask(_SERVICES)
    found += _when(codes.NO_SYSTEM, elements, services & (elements.system.codes < 0))
    return found


def check_geometry(model: Model, context: Context) -> list[Finding]:
    """Missing, degenerate, open, absurd and misplaced bodies."""
    elements, meshes = model.elements, model.meshes
    wanted = np.isin(elements.step_id, list(context.represented - context.explained))
    body = elements.clash_body & meshes.has_body
    size = _sizes(meshes)
    open_body = body & ~meshes.closed
    flat = _flat(size)
    found = _when(codes.BODY_MISSING, elements, wanted & ~meshes.has_body)
    found += _when(codes.NO_BODY_GIVEN, elements, _bodiless(model, context))
    found += _when(codes.DEGENERATE, elements, meshes.has_body & (size.max(axis=1) < 1e-6))
    found += _when(codes.SHEET_BODY, elements, open_body & flat)
    found += _when(codes.OPEN_BODY, elements, open_body & ~flat)
    huge = body & (size.max(axis=1) > LARGEST_M)
    largest = round(float(size[huge].max()), 1) if huge.any() else 0.0
    found += _when(codes.ABSURD_SIZE, elements, huge, largest_m=largest)
    found += _when(
        codes.STOREY_MISMATCH, elements, _off_storey(model, body), limit_m=_STOREY_REACH_M
    )
    return found + _far(model, body)


def _bodiless(model: Model, context: Context) -> Mask:
    """Elements (E,) that are matter, but neither have a body nor parts that might."""
    elements = model.elements
    whole = np.zeros(len(elements), dtype=bool)
    whole[model.relations.pairs(RelationKind.AGGREGATES)[:, 0]] = True
    given = np.isin(elements.step_id, list(context.represented))
    found: Mask = elements.clash_body & ~model.meshes.has_body & ~given & ~whole
    return found


def _sizes(meshes: MeshSet) -> F64:
    """Extents (E, 3) in metres; 0 where there is no body."""
    boxes = meshes.bounds()
    return np.nan_to_num(boxes[:, 1] - boxes[:, 0], nan=0.0)


def _flat(size: F64) -> Mask:
    """Bodies (E,) with an extent of less than 0.1 mm."""
    flat: Mask = size.min(axis=1) < 1e-4
    return flat


def _off_storey(model: Model, body: Mask) -> Mask:
    """Bodies (E,) far below or above the elevation of their storey."""
    elevation = np.append(model.elements.storey_elevation, np.nan)[model.elements.storey.codes]
    boxes = model.meshes.bounds()
    low, high = boxes[:, 0, 2], boxes[:, 1, 2]
    off: Mask = body & ((low - elevation > _STOREY_REACH_M) | (elevation - high > _STOREY_REACH_M))
    return off


def _far(model: Model, body: Mask) -> list[Finding]:
    if not body.any():
        return []
    boxes = model.meshes.bounds()[body]
    middle = np.median(boxes.mean(axis=1), axis=0)
    distance = float(np.linalg.norm(middle))
    if distance <= FAR_M:
        return []
    return [Finding.of(codes.FAR_FROM_ORIGIN, distance_m=round(distance, 1))]
