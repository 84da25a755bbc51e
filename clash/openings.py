"""Openings, sleeves and provisions: what stands in them or passes within them."""

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.mesh import MeshSet
from bimcore.relations import RelationKind
from clash.pairs import View
from clash.result import Relation
from clash.roles import ENVELOPE, scene_pairs
from clash.shapes import clipped, project, shapes_of

#: Share of the matter that would be shared without a hole; less is the rim of a hole.
RIM = 0.05
#: Metres by which an opening may be smaller than what passes it (insulation, drawing).
SNUG = 0.010
#: Metres by which a line may be thicker than the bore of its sleeve: two drawings of a circle.
BORE = 0.005
#: A hollow body fills less than this share of its outline.
HOLLOW = 0.9
#: Share of the host's thickness that an opening or sleeve must span.
SPANS = 0.8
#: Metres a door or window may be wider than its opening on each side: frame and casing.
CASING = 0.150
#: Metres of casing that may be cut off for a wall beside the opening.
CUT = 0.030
#: Cosine above which an own axis of an opening counts as the host's thickness.
ACROSS = 0.94
#: Share by which two sizes of a sleeve may differ and still be one diameter.
ALIKE = 0.05
#: Metres round the clash within which an opening is looked for.
NEAR = 0.3


def _solid(view: View) -> Mask:
    found: Mask = np.isin(view.relation, (Relation.CROSSING, Relation.CONTAINMENT))
    return found


def fills(view: View) -> Mask:
    """A filler in the host of its opening, where it really stands in that opening."""
    facts = view.facts
    count = len(facts.scene)
    pairs = scene_pairs(facts.scene, RelationKind.FILLS)
    told = pairs[:, 0] * count + pairs[:, 1]
    found: Mask = np.isin(view.guest * count + view.host, told)
    found |= np.isin(view.guest * count + facts.top[view.host], told)
    found &= _solid(view)
    rows = np.flatnonzero(found & ~(view.share < RIM))
    if len(rows):
        meshes = facts.scene.meshes
        opening = dict(scene_pairs(facts.scene, RelationKind.OPENING_FILLER).tolist())
        holes = np.array([opening.get(g, -1) for g in view.guest[rows].tolist()], dtype=np.int64)
        # the relation alone decides where the opening has no body
        bodily = (holes >= 0) & meshes.has_body[holes]
        rows, holes = rows[bodily], holes[bodily]
        own = shapes_of(meshes.take(holes)).axes
        for number, row in enumerate(rows.tolist()):
            one = slice(number, number + 1)
            found[row] = _stands_in(view, row, holes[one], own[one])
    return found


def _stands_in(view: View, row: int, hole: I64, own: F64) -> bool:
    """Whether the filler is no further beside its opening than its casing is wide."""
    axes = _frames(view, row, own)
    part = _within_host(view, row, axes[0])
    if part is None:
        return True
    low, high = project(view.facts.scene.meshes, hole, axes)
    beside = np.maximum(low[0, :2] - part[0, :2], part[1, :2] - high[0, :2])
    return bool((beside <= CASING).all())


def casing(view: View) -> Mask:
    """The casing of a door or window that runs a little into the wall beside its opening."""
    scene, found = view.facts.scene, view.is_guest("opener") & view.is_host("wall", "column")
    found &= (view.relation == Relation.CROSSING) & (view.depth <= CUT)
    rows = np.flatnonzero(found)
    if len(rows):
        opening = dict(scene_pairs(scene, RelationKind.OPENING_FILLER).tolist())
        holes = np.array([opening.get(g, -1) for g in view.guest[rows].tolist()], dtype=np.int64)
        rows, holes = rows[holes >= 0], holes[holes >= 0]
        found[:] = False
        found[rows] = scene.meshes.has_body[holes] & _beside(view, rows, holes)
    return found


def _beside(view: View, rows: I64, holes: I64) -> Mask:
    """Whether each clash lies beside the opening, seen along the thinnest side of the filler."""
    shapes = view.facts.shapes
    axes = shapes.axes[view.guest_row[rows]]
    low, high = project(view.facts.scene.meshes, holes, axes)
    at = np.einsum("rki,ri->rk", axes, view.facts.clashes.point[rows])
    found: Mask = ((at < low) | (at > high))[:, :2].any(axis=1)
    return found


def provision(view: View) -> Mask:
    """What passes a host inside an opening, sleeve or provision, and these in their host."""
    lines = view.is_guest("services", "lagging") & view.is_host(*ENVELOPE, "covering", "proxy")
    marker = view.facts.roles["marker"]
    itself = marker[view.guest] & view.is_host(*ENVELOPE)
    found = itself.copy()
    lined = view.is_host("services", "lagging") & ~itself
    for row in np.flatnonzero(marker[view.guest] & lined).tolist():
        found[row] = _surrounds(view, row)
    rows = np.flatnonzero(lines & ~marker[view.guest] & ~marker[view.host])
    if len(rows):
        found[rows] = _passes(view, rows, np.flatnonzero(marker))
    found &= view.relation != Relation.DUPLICATE
    return found


def _surrounds(view: View, row: int) -> bool:
    """Whether the line lies within the sleeve or provision over its length in there.

    A round or square one is passed along its third axis, any other along one of its own.
    """
    size = view.guest_size[row].tolist()
    ways = [k for k in range(3) if abs(size[k - 1] - size[k - 2]) <= ALIKE * size[k - 1]]
    axes = view.facts.shapes.axes[view.guest_row[row]]
    low = view.facts.shapes.low[view.guest_row[row]]
    high = view.facts.shapes.high[view.guest_row[row]]
    for along in ways if len(ways) == 1 else range(3):
        order = [i for i in range(3) if i != along] + [along]
        between = (float(low[along]), float(high[along]))
        part = clipped(view.facts.scene.meshes, int(view.host[row]), axes[order], between)
        if part is not None:
            room = _room(view.facts.scene.meshes, int(view.guest[row]), axes[order])
            inside = part[0, :2] >= low[order[:2]] - room
            inside &= part[1, :2] <= high[order[:2]] + room
            if inside.all():
                return True
    return False


def _room(meshes: MeshSet, marker: int, axes: F64) -> float:
    """Metres that a line may reach past the outline of a marker, seen along the third of `axes`.

    A provision is a solid block, drawn to the centimetre. Of a sleeve only the bore is free.
    """
    one = np.array([marker], dtype=np.int64)
    body = shapes_of(meshes.take(one))
    across = meshes.body(marker)[0] @ axes[:2].T
    low, high = across.min(axis=0), across.max(axis=0)
    half = np.maximum((high - low) / 2, 1e-9)
    off = np.abs(across - (low + high) / 2)
    radius = np.hypot(off[:, 0], off[:, 1])
    round_ = abs(half[0] - half[1]) <= ALIKE * half[0] and bool((radius <= 1.02 * half[0]).all())
    area = (0.75 if round_ else 1.0) * 4 * half[0] * half[1]
    extent = np.ptp(meshes.body(marker)[0] @ axes[2])
    inner = (radius / half[0] if round_ else (off / half).max(axis=1)) < 0.99
    if not meshes.closed[marker] or not inner.any() or body.volume[0] > HOLLOW * area * extent:
        return SNUG
    wall = float((half - off[inner].max(axis=0)).max())
    return BORE - wall


def _passes(view: View, rows: I64, markers: I64) -> Mask:
    """Whether each guest lies inside a marker across the host's thickness at the clash."""
    scene = view.facts.scene
    found = np.zeros(len(rows), dtype=np.bool_)
    if not len(markers):
        return found
    # in the order of their low ends, so that one place looks at the few that can reach it
    markers = markers[np.argsort(scene.bounds[markers, 0, 0], kind="stable")]
    box = scene.bounds[markers]
    widest = float((box[:, 1, 0] - box[:, 0, 0]).max())
    point = view.facts.clashes.point[rows]
    host_of = dict(scene_pairs(scene, RelationKind.VOIDS).tolist())
    owner = np.array([host_of.get(m, -1) for m in markers.tolist()], dtype=np.int64)
    top = view.facts.top[view.host]
    own = shapes_of(scene.meshes.take(markers)).axes
    first = np.searchsorted(box[:, 0, 0], point[:, 0] - NEAR - widest)
    last = np.searchsorted(box[:, 0, 0], point[:, 0] + NEAR, side="right")
    for number, row in enumerate(rows.tolist()):
        at, some = point[number], slice(int(first[number]), int(last[number]))
        low, high, of = box[some, 0], box[some, 1], owner[some]
        near = (low <= at + NEAR).all(axis=1) & (high >= at - NEAR).all(axis=1)
        near &= (markers[some] != view.guest[row]) & (markers[some] != view.host[row])
        # a hole in one layer of a wall is none in the next
        near &= (of < 0) | (of == view.host[row]) | (of == top[row])
        if near.any():
            those, axes = markers[some][near], own[some][near]
            found[number] = _fits(view, row, those, axes) or _swallows(view, row, those, axes)
    return found


def _fits(view: View, row: int, markers: I64, own: F64) -> bool:
    """Whether the guest of `row` fits one of `markers`, seen along the host's thickness.

    `own` (M, 3, 3) are the own axes of the markers. Only what lies within the thickness counts, so that a line may pass at a slant.
    """
    axes = _frames(view, row, own)
    low, high = project(view.facts.scene.meshes, markers, axes)
    bottom, top = _thickness(view, row)
    shared = np.minimum(high[:, 2], top) - np.maximum(low[:, 2], bottom)
    spans = shared >= SPANS * min(top - bottom, view.inside[row, 2])
    for number in np.flatnonzero(spans).tolist():
        part = _within_host(view, row, axes[number])
        if part is None:
            continue
        room = _room(view.facts.scene.meshes, int(markers[number]), axes[number])
        inside = part[0, :2] >= low[number, :2] - room
        inside &= part[1, :2] <= high[number, :2] + room
        if inside.all():
            return True
    return False


def _swallows(view: View, row: int, markers: I64, own: F64) -> bool:
    """Whether one of `markers` holds all of the host that a straight guest meets.

    A curved or bent wall has no one thickness. Along an axis of the marker the guest passes
    inside it, and does not meet the host beyond its ends.
    """
    meshes, guest = view.facts.scene.meshes, int(view.guest[row])
    met = _met(view, row)
    if not len(met) or not view.facts.shapes.slender[view.guest_row[row]]:
        return False
    for marker, axes in zip(markers.tolist(), own, strict=True):
        low, high = project(meshes, np.array([marker], dtype=np.int64), axes[None])
        for along in range(3):
            order = [i for i in range(3) if i != along] + [along]
            between = (float(low[0, along]), float(high[0, along]))
            depths = met @ axes[along]
            part = clipped(meshes, guest, axes[order], between)
            if part is None or depths.min() < between[0] - SNUG or depths.max() > between[1] + SNUG:
                continue
            room = _room(meshes, marker, axes[order])
            inside = part[0, :2] >= low[0, order[:2]] - room
            inside &= part[1, :2] <= high[0, order[:2]] + room
            if inside.all():
                return True
    return False


def _met(view: View, row: int) -> F64:
    """Points (P, 3) where the faces of the host cut the guest of `row` along its length.

    The line looked along runs a little beside the axis, where no edge of a drawing lies.
    """
    shapes, guest = view.facts.shapes, view.guest_row[row]
    axes, half = shapes.axes[guest], view.guest_size[row] / 2
    start = shapes.centre[guest] + 0.1371 * half[1] * axes[1] + 0.2113 * half[2] * axes[2]
    vertices, faces = view.facts.scene.meshes.body(int(view.host[row]))
    flat = (vertices - start) @ axes.T
    one, two, three = (flat[faces[:, k]] for k in range(3))

    def side(p: F64, q: F64) -> F64:
        found: F64 = p[:, 1] * q[:, 2] - p[:, 2] * q[:, 1]
        return found

    weights = np.stack([side(two, three), side(three, one), side(one, two)], axis=1)
    cut = (weights > 0).all(axis=1) | (weights < 0).all(axis=1)
    share = weights[cut] / weights[cut].sum(axis=1, keepdims=True)
    at = share[:, 0] * one[cut, 0] + share[:, 1] * two[cut, 0] + share[:, 2] * three[cut, 0]
    at = at[np.abs(at) <= half[0]]
    points: F64 = start + at[:, None] * axes[0]
    return points


def _thickness(view: View, row: int) -> tuple[float, float]:
    """Where the host of `row` begins and ends along its thickness."""
    shapes, host = view.facts.shapes, view.host_row[row]
    return float(shapes.low[host, 2]), float(shapes.high[host, 2])


def _within_host(view: View, row: int, axes: F64) -> F64 | None:
    """Extents of the guest of `row` along `axes`, of its part in the host's thickness."""
    meshes = view.facts.scene.meshes
    return clipped(meshes, int(view.guest[row]), axes, _thickness(view, row))


def _frames(view: View, row: int, own: F64) -> F64:
    """Axes (M, 3, 3) of openings: their `own` in the host's plane, then the host's thickness."""
    host = view.facts.shapes.axes[view.host_row[row]]
    frames = np.repeat(host[None], len(own), axis=0)
    cosine = np.abs(own @ host[2])
    for number, across in enumerate(cosine.argmax(axis=1).tolist()):
        if cosine[number, across] >= ACROSS:
            frames[number, :2] = np.delete(own[number], across, axis=0)
    return frames


def fits_hole(view: View) -> Mask:
    """Something in a hole of just its size: what is shared is a rim, thin for its depth.

    The depth is that of leaving the hole, yet next to nothing is shared, both of the guest's
    own matter in there and of the room it takes. A glancing contact is as thin as it is deep.
    The hole of a line is not smaller than the line: what is shared, all on its two narrow
    sides, is no thicker than ``SNUG``.
    """
    guest = view.is_guest("services", "opener", "curtain", "stair", "railing")
    pair = guest & view.is_host(*ENVELOPE, "covering") & ~view.is_guest("column", "beam")
    long = view.high[:, 2] - view.low[:, 2]
    inside = view.inside[:, 2]
    volume = view.facts.clashes.volume
    matter = view.facts.shapes.volume[view.guest_row] * inside / np.maximum(long, 1e-9)
    room = view.depth * inside * np.minimum(view.guest_size[:, 1], view.depth)
    rim = volume / np.maximum(2 * view.guest_size[:, 2] * inside, 1e-12)
    snug = ~view.is_guest("services") | (rim <= SNUG)
    found: Mask = pair & _solid(view) & (volume < RIM * matter) & (volume < RIM * room) & snug
    return found
