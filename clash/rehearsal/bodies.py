"""Bodies as the rules see them: points on them, and whether plan points lie under or over them."""

import numpy as np

from bimcore.arrays import F64, Mask
from bimcore.mesh import signed_volume
from bimcore.model import Scene

#: Points of a body that stand for the whole of it.
SAMPLES = 256
#: Irrational steps that spread points evenly over triangles (Roberts' R2 sequence).
_STEP = (0.7548776662466927, 0.5698402909980532)


def samples(scene: Scene, element: int, *, count: int = SAMPLES) -> F64:
    """Points (count, 3) spread evenly over the surface of an element; none without a body."""
    vertices, faces = scene.meshes.body(element)
    if not len(faces):
        return np.zeros((0, 3))
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    total = float(area.sum())
    if not np.isfinite(total) or total <= 0.0:
        return np.zeros((0, 3))
    at = (np.arange(count) + 0.5) / count * total
    face = np.minimum(np.searchsorted(np.cumsum(area), at), len(faces) - 1)
    u = (np.arange(1, count + 1) * _STEP[0]) % 1.0
    v = (np.arange(1, count + 1) * _STEP[1]) % 1.0
    fold = u + v > 1.0
    u, v = np.where(fold, 1.0 - u, u), np.where(fold, 1.0 - v, v)
    found: F64 = a[face] + u[:, None] * (b - a)[face] + v[:, None] * (c - a)[face]
    return found


def over(scene: Scene, element: int, points: F64, *, grown: float = 0.0) -> Mask:
    """Plan points (N, 2) that lie within the outline of an element seen from above.

    `grown` widens an element's triangles by metres, for joints between panels.
    """
    vertices, faces = scene.meshes.body(element)
    found = np.zeros(len(points), dtype=np.bool_)
    if not len(faces) or not len(points):
        return found
    corners = vertices[faces][:, :, :2]
    low, high = corners.min(axis=(0, 1)) - grown, corners.max(axis=(0, 1)) + grown
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    if len(near):
        found[near] = _inside(points[near], _flat(corners), grown)
    return found


def _flat(corners: F64) -> F64:
    """Triangles (F, 3, 2) with an area in plan, counter-clockwise."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    turn = _cross(b - a, c - a)
    kept = np.abs(turn) > 1e-9
    corners, turn = corners[kept], turn[kept]
    return np.where(turn[:, None, None] < 0, corners[:, ::-1], corners)


def _cross(u: F64, v: F64) -> F64:
    found: F64 = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return found


def _inside(points: F64, corners: F64, grown: float) -> Mask:
    found = np.zeros(len(points), dtype=np.bool_)
    # blocks keep points times triangles small for meshes with many faces
    block = max(1, 2_000_000 // max(len(points), 1))
    for start in range(0, len(corners), block):
        part = corners[start : start + block]
        inside = np.ones((len(points), len(part)), dtype=np.bool_)
        for k in range(3):
            a, b = part[:, k], part[:, (k + 1) % 3]
            edge = b - a
            length = np.maximum(np.linalg.norm(edge, axis=1), 1e-12)
            side = _cross(edge[None], points[:, None] - a[None]) / length
            inside &= side >= -grown - 1e-9
        found |= inside.any(axis=1)
    return found


def hull(points: F64) -> F64:
    """Convex outline (N, 2) of plan points, counter-clockwise; fewer than three where flat."""
    ordered = np.unique(np.round(points[:, :2], 6), axis=0)
    if len(ordered) < 3:
        found: F64 = ordered
        return found
    chain: list[list[F64]] = []
    for way in (ordered, ordered[::-1]):
        line: list[F64] = []
        for p in way:
            while len(line) >= 2 and _cross(line[-1] - line[-2], p - line[-2]) <= 1e-12:
                line.pop()
            line.append(p)
        chain.append(line[:-1])
    return np.array([*chain[0], *chain[1]])


def outline(scene: Scene, element: int) -> F64:
    """Convex outline (N, 2) of an element in plan."""
    vertices, _ = scene.meshes.body(element)
    return hull(vertices) if len(vertices) else np.zeros((0, 2))


def within(points: F64, polygon: F64) -> Mask:
    """Plan points (N, 2) inside a simple polygon (M, 2), either direction; edges undefined."""
    inside = np.zeros(len(points), dtype=np.bool_)
    x, y = points[:, 0], points[:, 1]
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crosses = (a[1] > y) != (b[1] > y)
        if not crosses.any():
            continue
        at = a[0] + (y - a[1]) / np.where(b[1] == a[1], 1.0, b[1] - a[1]) * (b[0] - a[0])
        inside ^= crosses & (x < at)
    return inside


def to_segments(points: F64, a: F64, b: F64) -> F64:
    """Least plan distance (N,) from points (N, 2) to segments a-b (S, 2 each); inf for none."""
    if not len(a):
        return np.full(len(points), np.inf)
    way = b - a
    square = np.maximum((way**2).sum(axis=1), 1e-18)
    share = ((points[:, None] - a[None]) * way[None]).sum(axis=2) / square[None]
    nearest = a[None] + np.clip(share, 0.0, 1.0)[..., None] * way[None]
    found: F64 = np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1)
    return found


def polygon_gap(line: F64, polygon: F64) -> float:
    """Plan distance of a polyline (N, 2) from a polygon (M, 2); 0 where they meet."""
    if len(polygon) < 3 or not len(line):
        return float("inf")
    if within(line[:, :2], polygon).any():
        return 0.0
    a, b = polygon, np.roll(polygon, -1, axis=0)
    if len(line) < 2:
        return float(to_segments(line[:, :2], a, b).min())
    if _cross_any(line[:-1, :2], line[1:, :2], a, b):
        return 0.0
    one = to_segments(line[:, :2], a, b).min()
    other = to_segments(polygon, line[:-1, :2], line[1:, :2]).min()
    return float(min(one, other))


def _cross_any(p: F64, q: F64, a: F64, b: F64) -> bool:
    """Whether any segment p-q crosses any segment a-b."""
    d, e = (q - p)[:, None], (b - a)[None]
    w = a[None] - p[:, None]
    turn = _cross(d, e)
    safe = np.where(np.abs(turn) < 1e-12, 1.0, turn)
    t, u = _cross(w, e) / safe, _cross(w, d) / safe
    hit = (np.abs(turn) >= 1e-12) & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
    return bool(hit.any())


def volume(scene: Scene, element: int) -> float:
    """Enclosed volume of a closed body in cubic metres; NaN for an open one."""
    if not bool(scene.meshes.closed[element]):
        return float("nan")
    return float(signed_volume(*scene.meshes.body(element)))
