"""Openings, sleeves and provisions: what stands in them or passes within them."""

from collections.abc import Iterator

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


def fills(view: View) -> Mask:
    """A filler in the host of its opening, where it really stands in that opening."""
    facts = view.facts
    count = len(facts.scene)
    pairs = scene_pairs(facts.scene, RelationKind.FILLS)
    told = pairs[:, 0] * count + pairs[:, 1]
    found: Mask = np.isin(view.guest * count + view.host, told)
    found |= np.isin(view.guest * count + facts.top[view.host], told)
    found &= view.shares_space
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
    axes = frames_of(view, row, own)
    part = within_host(view, row, axes[0])
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
        found[rows] = passes(view, rows, np.flatnonzero(marker))
    found &= view.relation != Relation.DUPLICATE
    return found


def _surrounds(view: View, row: int) -> bool:
    """Whether the line lies within the sleeve or provision over its length in there."""
    meshes = view.facts.scene.meshes
    for axes, low, high in ways_through(view, row):
        part = clipped(meshes, int(view.host[row]), axes, (float(low[2]), float(high[2])))
        if part is not None and _inside(part, low, high, _room(meshes, int(view.guest[row]), axes)):
            return True
    return False


def ways_through(view: View, row: int) -> Iterator[tuple[F64, F64, F64]]:
    """Axes (3, 3), the third along the way, and extents (3,) of the guest of `row`, a marker.

    A tube or a round block is passed along its third axis, any other along one of its own.
    """
    size = view.guest_size[row].tolist()
    alike = [k for k in range(3) if abs(size[k - 1] - size[k - 2]) <= ALIKE * size[k - 1]]
    shapes, own = view.facts.shapes, view.guest_row[row]
    orders = [[i for i in range(3) if i != along] + [along] for along in range(3)]
    if len(alike) == 1:
        only = orders[alike[0]]
        round_, wall = wall_of(
            view.facts.scene.meshes, int(view.guest[row]), shapes.axes[own][only]
        )
        orders = [only] if round_ or wall is not None else orders
    for order in orders:
        yield shapes.axes[own][order], shapes.low[own][order], shapes.high[own][order]


def _room(meshes: MeshSet, marker: int, axes: F64) -> float:
    """Metres that a line may reach past the outline of a marker, seen along the third of `axes`.

    A provision is a solid block, drawn to the centimetre. Of a sleeve only the bore is free.
    """
    wall = wall_of(meshes, marker, axes)[1]
    return SNUG if wall is None else BORE - wall


def is_round(across: F64) -> bool:
    """Whether points (P, 2) of an outline lie in a circle that reaches all of its sides."""
    low, high = across.min(axis=0), across.max(axis=0)
    half = np.maximum((high - low) / 2, 1e-9)
    radius = np.linalg.norm(across - (low + high) / 2, axis=1)
    return abs(half[0] - half[1]) <= ALIKE * half[0] and bool((radius <= 1.02 * half[0]).all())


def wall_of(meshes: MeshSet, marker: int, axes: F64) -> tuple[bool, float | None]:
    """Whether a marker is round, and how thick its wall is; None for a solid block.

    Seen along the third of `axes`; metres.
    """
    one = np.array([marker], dtype=np.int64)
    body = shapes_of(meshes.take(one))
    across = meshes.body(marker)[0] @ axes[:2].T
    low, high = across.min(axis=0), across.max(axis=0)
    half = np.maximum((high - low) / 2, 1e-9)
    off = np.abs(across - (low + high) / 2)
    round_ = is_round(across)
    area = (0.75 if round_ else 1.0) * 4 * half[0] * half[1]
    extent = np.ptp(meshes.body(marker)[0] @ axes[2])
    radius = np.linalg.norm(off, axis=1)
    inner = (radius / half[0] if round_ else (off / half).max(axis=1)) < 0.99
    if not meshes.closed[marker] or not inner.any() or body.volume[0] > HOLLOW * area * extent:
        return round_, None
    return round_, float((half - off[inner].max(axis=0)).max())


def passes(view: View, rows: I64, markers: I64) -> Mask:
    """Whether each guest lies inside a marker across the host's thickness at the clash."""
    found = np.zeros(len(rows), dtype=np.bool_)
    for number, those, axes in nearby(view, rows, markers):
        row = int(rows[number])
        found[number] = _fits(view, row, those, axes) or _swallows(view, row, those, axes)
    return found


def nearby(view: View, rows: I64, markers: I64) -> Iterator[tuple[int, I64, F64]]:
    """The markers (M,) at each of `rows` by its place there, with their own axes (M, 3, 3)."""
    scene = view.facts.scene
    if not len(markers):
        return
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
            yield number, markers[some][near], own[some][near]


def _fits(view: View, row: int, markers: I64, own: F64) -> bool:
    """Whether the guest of `row` fits one of `markers`, seen along the host's thickness.

    `own` (M, 3, 3) are the own axes of the markers. Only what lies within the thickness counts,
    so that a line may pass at a slant.
    """
    meshes = view.facts.scene.meshes
    for marker, axes, low, high in spanning(view, row, markers, own):
        part = within_host(view, row, axes)
        if part is not None and _inside(part, low, high, _room(meshes, marker, axes)):
            return True
    return False


def spanning(view: View, row: int, markers: I64, own: F64) -> Iterator[tuple[int, F64, F64, F64]]:
    """Those of `markers` that span the host's thickness, as the guest passes it.

    Each with axes (3, 3), the third along the thickness, and its extents (3,) along them.
    """
    axes = frames_of(view, row, own)
    low, high = project(view.facts.scene.meshes, markers, axes)
    bottom, top = thickness_of(view, row)
    shared = np.minimum(high[:, 2], top) - np.maximum(low[:, 2], bottom)
    spans = shared >= SPANS * min(top - bottom, view.inside[row, 2])
    for number in np.flatnonzero(spans).tolist():
        yield int(markers[number]), axes[number], low[number], high[number]


def _inside(part: F64, low: F64, high: F64, room: float) -> bool:
    """Whether extents (2, 3) of a part of a line lie within an outline, seen along the third."""
    within = (part[0, :2] >= low[:2] - room) & (part[1, :2] <= high[:2] + room)
    return bool(within.all())


def _swallows(view: View, row: int, markers: I64, own: F64) -> bool:
    """Whether one of `markers` holds all of the host that a straight guest meets."""
    meshes = view.facts.scene.meshes
    for marker, axes, low, high in holding(view, row, markers, own):
        part = clipped(meshes, int(view.guest[row]), axes, (float(low[2]), float(high[2])))
        if part is not None and _inside(part, low, high, _room(meshes, marker, axes)):
            return True
    return False


def holding(view: View, row: int, markers: I64, own: F64) -> Iterator[tuple[int, F64, F64, F64]]:
    """Those of `markers` beyond whose ends a straight guest does not meet the host.

    A curved or bent wall has no one thickness: each axis of a marker is tried. As in
    :func:`spanning`, each comes with axes, the third along the marker, and its extents.
    """
    met = met_points(view, row)
    if not len(met) or not view.facts.shapes.slender[view.guest_row[row]]:
        return
    for marker, axes in zip(markers.tolist(), own, strict=True):
        one = np.array([marker], dtype=np.int64)
        low, high = project(view.facts.scene.meshes, one, axes[None])
        for along in range(3):
            order = [i for i in range(3) if i != along] + [along]
            depths = met @ axes[along]
            if depths.min() >= low[0, along] - SNUG and depths.max() <= high[0, along] + SNUG:
                yield marker, axes[order], low[0, order], high[0, order]


def met_points(view: View, row: int) -> F64:
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


def thickness_of(view: View, row: int) -> tuple[float, float]:
    """Where the host of `row` begins and ends along its thickness."""
    shapes, host = view.facts.shapes, view.host_row[row]
    return float(shapes.low[host, 2]), float(shapes.high[host, 2])


def within_host(view: View, row: int, axes: F64) -> F64 | None:
    """Extents of the guest of `row` along `axes`, of its part in the host's thickness."""
    meshes = view.facts.scene.meshes
    return clipped(meshes, int(view.guest[row]), axes, thickness_of(view, row))


def frames_of(view: View, row: int, own: F64) -> F64:
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
    sides, is no thicker than ``SNUG``, and its axis meets nothing.
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
    found: Mask = pair & view.shares_space & (volume < RIM * matter) & (volume < RIM * room) & snug
    # the thin web of a rolled section weighs as little as a rim, but the line meets it
    slender = view.facts.shapes.slender[view.guest_row] & view.is_guest("services")
    for row in np.flatnonzero(found & slender).tolist():
        found[row] = not len(met_points(view, row))
    return found
