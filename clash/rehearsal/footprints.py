"""How two bodies stand over each other where their plans meet: heights, and the area shared."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask, ragged_take
from bimcore.mesh import MeshSet

#: Cosine to the vertical below which a face is upright and tells how a body is turned in plan.
UPRIGHT = 0.3
#: Turns of bodies in plan that are told apart, in degrees, and at most this many of them.
TURN, TURNS = 0.25, 12
#: Share of upright faces that must agree before a body counts as turned at all.
AGREED = 0.3
#: Metres within which vertices are on the top or bottom plane of a body.
FLAT = 1e-3
#: Share of its box that a body fills in plan to count as a rectangle.
FILLED = 0.98
#: Triangles looked at together.
BATCH = 400_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stacked:
    """How the bodies of K pairs stand within the window of plan that both reach.

    Attributes
    ----------
    low, high : (K, 2) float64
        Heights of the first and second body there.
    area : (K,) float64
        Square metres of plan that both cover; 0 where they stand side by side.
    edge : (K,) float64
        Metres along which they meet: the longer side of the window.

    """

    low: F64
    high: F64
    area: F64
    edge: F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plans:
    """Bodies seen from above.

    Attributes
    ----------
    meshes : MeshSet
        About the middle of the scene, so that turning loses nothing.
    centre : (3,) float64
        That middle; its height is 0.
    turns : (K,) float64
        Angles of plan, in radians.
    turn : (E,) int64
        Of these, that of each body.
    boxes : (K, E, 2, 2) float64
        Plan boxes of all bodies under each turn.
    area : (E,) float64
        Square metres covered in plan.
    flat : (E,) bool
        Bodies with a level top and a level bottom and nothing between.
    rectangle : (E,) bool
        Bodies that fill their plan box.
    low, high : (E,) float64

    """

    meshes: MeshSet
    centre: F64
    turns: F64
    turn: I64
    boxes: F64
    area: F64
    flat: Mask
    rectangle: Mask
    low: F64
    high: F64

    @property
    def own(self) -> F64:
        """Plan boxes (E, 2, 2) of the bodies under their own turns."""
        found: F64 = self.boxes[self.turn, np.arange(len(self.turn))]
        return found


def plans_of(meshes: MeshSet) -> Plans:
    """See all bodies from above."""
    bounds = meshes.bounds()
    has = np.isfinite(bounds).all(axis=(1, 2))
    centre = np.zeros(3)
    if has.any():
        centre[:2] = bounds[has].mean(axis=(0, 1))[:2]
    shift = np.eye(4)
    shift[:3, 3] = -centre
    meshes = meshes.moved(shift)
    owner = np.repeat(np.arange(len(meshes)), np.diff(meshes.face_start))
    normals = _normals(meshes, owner)
    turns, turn = _turns(normals, owner, len(meshes))
    boxes = np.stack([_plan_boxes(meshes, angle) for angle in turns])
    up = np.bincount(owner, np.maximum(normals[:, 2], 0.0) / 2, minlength=len(meshes))
    down = np.bincount(owner, np.maximum(-normals[:, 2], 0.0) / 2, minlength=len(meshes))
    own = boxes[turn, np.arange(len(meshes))]
    whole = np.prod(own[:, 1] - own[:, 0], axis=1)
    area = np.minimum(np.maximum(up, down), np.nan_to_num(whole))
    return Plans(
        meshes=meshes,
        centre=centre,
        turns=turns,
        turn=turn,
        boxes=boxes,
        area=area,
        flat=_flat(meshes, bounds),
        rectangle=area > FILLED * np.nan_to_num(whole, nan=np.inf),
        low=bounds[:, 0, 2],
        high=bounds[:, 1, 2],
    )


def stacked(plans: Plans, pairs: I32, *, gap: float, closely: Mask) -> Stacked:
    """How pairs (K, 2) of bodies stand within the plan that both reach, grown by `gap`.

    Parameters
    ----------
    plans : Plans
    pairs : (K, 2) int32
    gap : float
        Metres.
    closely : (E,) bool
        Bodies looked at by their triangles; the others by their boxes.

    """
    two = pairs.astype(np.int64)
    size = np.prod(plans.own[:, 1] - plans.own[:, 0], axis=1)
    smaller = np.where(size[two[:, 0]] <= size[two[:, 1]], two[:, 0], two[:, 1])
    turn = plans.turn[smaller]
    first, other = plans.boxes[turn, two[:, 0]], plans.boxes[turn, two[:, 1]]
    window = np.stack(
        [np.maximum(first[:, 0], other[:, 0]), np.minimum(first[:, 1], other[:, 1])], axis=1
    )
    sides = window[:, 1] - window[:, 0]
    inside = (sides > 0).all(axis=1)
    whole = np.where(inside, np.prod(np.maximum(sides, 0.0), axis=1), 0.0)
    grown = window + np.array([-gap, gap])[None, :, None]
    low, high = plans.low[two], plans.high[two]
    area = np.stack([whole, whole], axis=1)
    for side in (0, 1):
        body = two[:, side]
        rows = np.flatnonzero(closely[body] & ~plans.flat[body])
        bottom, top, _ = _within(plans, body[rows], turn[rows], grown[rows])
        seen = np.isfinite(bottom)
        low[rows[seen], side], high[rows[seen], side] = bottom[seen], top[seen]
        plain = plans.rectangle[body] & (plans.turn[body] == turn)
        rows = np.flatnonzero(closely[body] & ~plain & inside)
        area[rows, side] = _within(plans, body[rows], turn[rows], window[rows])[2]
    shared = np.minimum(np.minimum(area[:, 0], area[:, 1]), whole)
    edge = np.maximum(sides, 0.0).max(axis=1, initial=0.0)
    return Stacked(low=low, high=high, area=shared, edge=edge)


def _normals(meshes: MeshSet, owner: I64) -> F64:
    """Normals (F, 3), as long as twice the area of each triangle."""
    faces = meshes.faces + meshes.vertex_start[owner][:, None]
    a, b, c = (meshes.vertices[faces[:, k]] for k in range(3))
    found: F64 = np.cross(b - a, c - a)
    return found


def _turns(normals: F64, owner: I64, count: int) -> tuple[F64, I64]:
    """Angles of plan that bodies have, and which each body has; both modulo a right angle."""
    length = np.linalg.norm(normals, axis=1)
    upright = np.abs(normals[:, 2]) < UPRIGHT * np.maximum(length, 1e-30)
    angle = np.arctan2(normals[:, 1], normals[:, 0])
    weight = np.where(upright, length, 0.0)
    spin = np.bincount(owner, weight * np.cos(4 * angle), minlength=count) + 1j * np.bincount(
        owner, weight * np.sin(4 * angle), minlength=count
    )
    total = np.bincount(owner, weight, minlength=count)
    turned = np.abs(spin) > AGREED * np.maximum(total, 1e-30)
    if not turned.any():
        return np.zeros(1), np.zeros(count, dtype=np.int64)
    step = np.radians(TURN)
    around = round(np.pi / 2 / step)
    own = np.angle(spin) / 4
    bins = np.round(own / step).astype(np.int64) % around
    used, tally = np.unique(bins[turned], return_counts=True)
    chosen = used[np.argsort(-tally, kind="stable")[:TURNS]]
    turns = np.array([np.angle(spin[turned & (bins == c)].sum()) / 4 for c in chosen])
    away = np.abs(np.angle(np.exp(4j * (own[:, None] - turns[None, :]))))
    turn: I64 = np.where(turned, np.argmin(away, axis=1), 0).astype(np.int64)
    return turns, turn


def _rotated(points: F64, angle: F64 | float) -> F64:
    """Plan coordinates of points (.., 3) in axes turned by `angle`."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = points[..., 0], points[..., 1]
    found: F64 = np.stack([x * cos + y * sin, y * cos - x * sin], axis=-1)
    return found


def _plan_boxes(meshes: MeshSet, angle: float) -> F64:
    """Plan boxes (E, 2, 2) in turned axes; NaN without a body."""
    boxes = np.full((len(meshes), 2, 2), np.nan)
    rows = np.flatnonzero(np.diff(meshes.vertex_start) > 0)
    if len(rows):
        plan = _rotated(meshes.vertices, angle)
        first = meshes.vertex_start[:-1][rows]
        boxes[rows, 0] = np.minimum.reduceat(plan, first, axis=0)
        boxes[rows, 1] = np.maximum.reduceat(plan, first, axis=0)
    return boxes


def _flat(meshes: MeshSet, bounds: F64) -> Mask:
    """Closed bodies (E,) all of whose vertices are on their top or bottom plane."""
    owner = np.repeat(np.arange(len(meshes)), np.diff(meshes.vertex_start))
    z = meshes.vertices[:, 2]
    level = (z <= bounds[owner, 0, 2] + FLAT) | (z >= bounds[owner, 1, 2] - FLAT)
    between = np.bincount(owner[~level], minlength=len(meshes))
    found: Mask = (between == 0) & meshes.closed
    return found


def _within(plans: Plans, body: I64, turn: I64, window: F64) -> tuple[F64, F64, F64]:
    """Lowest and highest point, and the plan area, of bodies (N,) within windows (N, 2, 2)."""
    low, high = np.full(len(body), np.inf), np.full(len(body), -np.inf)
    area = np.zeros(len(body))
    counts = np.diff(plans.meshes.face_start)[body]
    done = np.cumsum(counts)
    start = 0
    while start < len(body):
        stop = max(start + 1, int(np.searchsorted(done, done[start] - counts[start] + BATCH)))
        part = slice(start, stop)
        low[part], high[part], area[part] = _batch(plans, body[part], turn[part], window[part])
        start = stop
    return np.where(np.isfinite(low), low, np.nan), np.where(low <= high, high, np.nan), area


def _batch(plans: Plans, body: I64, turn: I64, window: F64) -> tuple[F64, F64, F64]:
    faces, starts = ragged_take(plans.meshes.face_start, body)
    row = np.repeat(np.arange(len(body)), np.diff(starts))
    corners = plans.meshes.faces[faces] + plans.meshes.vertex_start[body[row]][:, None]
    points = plans.meshes.vertices[corners]
    plan = _rotated(points, plans.turns[turn[row]][:, None])
    box = window[row]
    near = (plan.max(axis=1) >= box[:, 0]).all(axis=1) & (plan.min(axis=1) <= box[:, 1]).all(axis=1)
    row, box = row[near], box[near]
    bottom, top, shared = clipped(plan[near], points[near, :, 2], box)
    low, high = np.full(len(body), np.inf), np.full(len(body), -np.inf)
    np.minimum.at(low, row, bottom)
    np.maximum.at(high, row, top)
    up = np.bincount(row, np.maximum(shared, 0.0), minlength=len(body))
    down = np.bincount(row, np.maximum(-shared, 0.0), minlength=len(body))
    return low, high, np.maximum(up, down)


def clipped(plan: F64, height: F64, box: F64) -> tuple[F64, F64, F64]:
    """Heights and signed plan area of triangles within rectangles.

    Parameters
    ----------
    plan : (N, 3, 2) float64
    height : (N, 3) float64
    box : (N, 2, 2) float64
        Lower and upper corner.

    Returns
    -------
    low, high : (N,) float64
        Infinite where nothing lies within.
    area : (N,) float64
        Positive where the triangle runs counter-clockwise in plan.

    """
    points, heights, valid = _extremes(plan, height, box)
    low = np.where(valid, heights, np.inf).min(axis=1, initial=np.inf)
    high = np.where(valid, heights, -np.inf).max(axis=1, initial=-np.inf)
    count = np.maximum(valid.sum(axis=1), 1)
    middle = np.where(valid[..., None], points, 0.0).sum(axis=1) / count[:, None]
    away = np.where(valid[..., None], points - middle[:, None], 0.0)
    angle = np.where(valid, np.arctan2(away[..., 1], away[..., 0]), np.inf)
    order = np.argsort(angle, axis=1)
    ring = np.take_along_axis(away, order[..., None], axis=1)
    after = np.roll(ring, -1, axis=1)
    last = (valid.sum(axis=1) - 1).clip(min=0)
    rows = np.arange(len(ring))
    after[rows, last] = ring[:, 0]
    cross = ring[..., 0] * after[..., 1] - ring[..., 1] * after[..., 0]
    return low, high, np.sign(_twice(plan)) * np.abs(cross.sum(axis=1)) / 2


def _twice(plan: F64) -> F64:
    """Twice the signed area (N,) of triangles (N, 3, 2)."""
    u, v = plan[:, 1] - plan[:, 0], plan[:, 2] - plan[:, 0]
    found: F64 = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return found


def _extremes(plan: F64, height: F64, box: F64) -> tuple[F64, F64, Mask]:
    """Points that span what triangles have in rectangles: 3 corners, 12 crossings, 4 corners."""
    slack = 1e-9
    low, high = box[:, None, 0], box[:, None, 1]
    corner = ((plan >= low - slack) & (plan <= high + slack)).all(axis=2)
    points, heights, valid = [plan], [height], [corner]
    for k in range(3):
        p, q = plan[:, k], plan[:, (k + 1) % 3]
        hp, hq = height[:, k], height[:, (k + 1) % 3]
        for axis in (0, 1):
            for side in (0, 1):
                span = q[:, axis] - p[:, axis]
                level = np.abs(span) < slack
                t = (box[:, side, axis] - p[:, axis]) / np.where(level, 1.0, span)
                at = p + t[:, None] * (q - p)
                across = at[:, 1 - axis]
                ok = ~level & (t >= 0) & (t <= 1)
                ok &= (across >= box[:, 0, 1 - axis] - slack) & (
                    across <= box[:, 1, 1 - axis] + slack
                )
                points.append(at[:, None])
                heights.append((hp + t * (hq - hp))[:, None])
                valid.append(ok[:, None])
    twice = _twice(plan)
    thick = np.abs(twice) > slack
    for i in (0, 1):
        for j in (0, 1):
            at = np.stack([box[:, i, 0], box[:, j, 1]], axis=1)
            v = _barycentric(plan, at, np.where(thick, twice, 1.0))
            points.append(at[:, None])
            heights.append((v * height).sum(axis=1)[:, None])
            valid.append((thick & (v >= -slack).all(axis=1))[:, None])
    return np.concatenate(points, 1), np.concatenate(heights, 1), np.concatenate(valid, 1)


def _barycentric(plan: F64, at: F64, twice: F64) -> F64:
    """Weights (N, 3) of the corners of triangles at points (N, 2)."""
    weights = []
    for k in range(3):
        p, q = plan[:, (k + 1) % 3] - at, plan[:, (k + 2) % 3] - at
        weights.append((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]) / twice)
    found: F64 = np.stack(weights, axis=1)
    return found
