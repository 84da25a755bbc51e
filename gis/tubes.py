"""Closed tubes along polylines, with mitred joints, many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I32

#: Sides of a round tube; the polygon has the area of the circle, so it is off by 0.4 % of r.
SIDES = 24
#: Joints sharper than this (cosine of the turn) are not mitred: the tube is cut there.
SHARPEST = -0.5
#: Points nearer than this (metres) are one.
SAME_POINT = 1e-3


@dataclass(frozen=True, eq=False, kw_only=True)
class Profile:
    """An outline (m, 2) across the tube, counter-clockwise seen against its direction.

    The first axis is horizontal, the second points up for a level tube.
    """

    outline: F64

    @cached_property
    def reach(self) -> float:
        """Largest distance of the outline from the axis."""
        return float(np.linalg.norm(self.outline, axis=1).max())


def circle(diameter: float) -> Profile:
    """A round profile of `diameter` with the area of the true circle."""
    angle = 2 * np.pi * (np.arange(SIDES) + 0.5) / SIDES
    radius = diameter / 2 * np.sqrt(2 * np.pi / SIDES / np.sin(2 * np.pi / SIDES))
    return Profile(outline=radius * np.column_stack([np.cos(angle), np.sin(angle)]))


def rectangle(width: float, height: float) -> Profile:
    """A profile `width` wide and `height` high."""
    w, h = width / 2, height / 2
    return Profile(outline=np.array([[w, h], [-w, h], [-w, -h], [w, -h]]))


def tubes(paths: Sequence[F64], profiles: Sequence[Profile]) -> list[tuple[F64, I32]]:
    """A closed body (vertices, faces) for each path.

    Parameters
    ----------
    paths : sequence of (n, 3) float64
        Axes in metres, n >= 2; equal neighbouring points must be gone (:func:`cleaned`).
    profiles : sequence of Profile

    Returns
    -------
    list of (vertices, faces)
        One closed shell for each path; several that overlap at joints too sharp to mitre.

    """
    parts: list[list[tuple[F64, I32]]] = [[] for _ in paths]
    chains: dict[tuple[int, int], list[tuple[int, F64]]] = {}
    for i, (path, profile) in enumerate(zip(paths, profiles, strict=True)):
        for run in _runs(np.asarray(path, dtype=np.float64), profile.reach):
            chains.setdefault((len(run), len(profile.outline)), []).append((i, run))
    for (count, sides), members in chains.items():
        axes = np.stack([run for _, run in members])
        outlines = np.stack([profiles[i].outline for i, _ in members])
        vertices = _rings(axes, outlines).reshape(len(members), count * sides, 3)
        faces = _faces(count, sides)
        for (i, _), body in zip(members, vertices, strict=True):
            parts[i].append((body, faces))
    return [_joined(shells) for shells in parts]


def cleaned(points: F64) -> F64:
    """The polyline (n, 3) without points that repeat their neighbour."""
    if len(points) == 2:  # nearly all lines of a survey
        step = points[1] - points[0]
        return points if step @ step > SAME_POINT**2 else points[:1]
    kept = [points[0]]
    for p in points[1:]:
        if np.linalg.norm(p - kept[-1]) > SAME_POINT:
            kept.append(p)
    return np.array(kept)


def _runs(path: F64, reach: float) -> list[F64]:
    """The path cut where a mitre would fold over or run far out."""
    if len(path) == 2:
        return [path]
    steps = np.diff(path, axis=0)
    length = np.linalg.norm(steps, axis=1)
    ways = steps / length[:, None]
    turn = np.einsum("ij,ij->i", ways[:-1], ways[1:]).clip(-1.0, 1.0)
    slope = np.sqrt((1.0 - turn) / np.maximum(1.0 + turn, 1e-9))  # tan of half the turn
    room = np.minimum(length[:-1], length[1:]) / 2
    cut = np.flatnonzero((turn < SHARPEST) | (reach * slope > room)) + 1
    runs = []
    for a, b in zip([0, *cut.tolist()], [*cut.tolist(), len(path) - 1], strict=True):
        run = path[a : b + 1].copy()
        # Past the corner by what closes the wedge on its outer side, at most one reach.
        if a:
            run[0] -= ways[a] * min(reach, reach * slope[a - 1])
        if b < len(path) - 1:
            run[-1] += ways[b - 1] * min(reach, reach * slope[b - 1])
        runs.append(run)
    return runs


def _rings(axes: F64, outlines: F64) -> F64:
    """Points (K, n, m, 3) of the outlines (K, m, 2) at each point of the axes (K, n, 3)."""
    steps = np.diff(axes, axis=1)
    ways = steps / np.linalg.norm(steps, axis=2, keepdims=True)
    side, up = _upright(ways[:, 0])
    rings = []
    for j in range(axes.shape[1]):
        way = ways[:, max(j - 1, 0)]
        after = ways[:, min(j, ways.shape[1] - 1)]
        flat = outlines[:, :, :1] * side[:, None] + outlines[:, :, 1:] * up[:, None]
        normal = way + after
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        # Slide along the tube onto the plane that halves the angle of the joint.
        away = np.einsum("kmi,ki->km", flat, normal)
        slide = away / np.einsum("ki,ki->k", way, normal)[:, None]
        rings.append(axes[:, j, None] + flat - slide[:, :, None] * way[:, None])
        if 0 < j < axes.shape[1] - 1:
            side, up = _carried(side, way, after), _carried(up, way, after)
    return np.stack(rings, axis=1)


def _upright(way: F64) -> tuple[F64, F64]:
    """Axes (K, 3) across a direction: one level, one as far up as can be."""
    level = np.stack([-way[:, 1], way[:, 0], np.zeros(len(way))], axis=1)
    size = np.linalg.norm(level, axis=1, keepdims=True)
    plumb = size[:, 0] < 1e-9
    level = np.where(plumb[:, None], [1.0, 0.0, 0.0], level / np.maximum(size, 1e-9))
    return level, np.cross(way, level)


def _carried(vector: F64, before: F64, after: F64) -> F64:
    """`vector` (K, 3) turned by the smallest rotation from `before` to `after` (Rodrigues)."""
    axis = np.cross(before, after)
    cos = np.einsum("ki,ki->k", before, after)[:, None]
    along = np.einsum("ki,ki->k", axis, vector)[:, None]
    turned: F64 = vector * cos + np.cross(axis, vector) + axis * along / (1.0 + cos)
    return turned


def _faces(count: int, sides: int) -> I32:
    """Triangles of a closed tube with `count` rings of `sides` points."""
    k = np.arange(sides)
    m = (k + 1) % sides
    faces = []
    for j in range(count - 1):
        a, b = j * sides, (j + 1) * sides
        faces += [np.column_stack([k + a, m + a, m + b]), np.column_stack([k + a, m + b, k + b])]
    fan = np.arange(1, sides - 1)
    zero = np.zeros_like(fan)
    end = (count - 1) * sides
    faces += [np.column_stack([zero, fan + 1, fan]), np.column_stack([zero, fan, fan + 1]) + end]
    return np.concatenate(faces).astype(np.int32)


def _joined(shells: Sequence[tuple[F64, I32]]) -> tuple[F64, I32]:
    if len(shells) == 1:
        return shells[0]
    starts = np.cumsum([0, *(len(v) for v, _ in shells)])
    faces = [f + start for (_, f), start in zip(shells, starts, strict=False)]
    return np.concatenate([v for v, _ in shells]), np.concatenate(faces).astype(np.int32)
