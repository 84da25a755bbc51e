"""Constructed bodies made of closed meshes, for what the kernels leave uncut."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from bimcore.arrays import F64, I32, Mask

Mesh = tuple[F64, I32]
#: Metres below which numbers are rounding.
_SLACK_M = 1e-3
#: Mean thickness in metres of what is no body any more: what rounding leaves between two faces.
_FILM_M = 2e-6
#: How far points are drawn to the middle of what they lie on, and how many edges are looked at.
_INWARDS = 0.03
_EDGES = 12
#: Points times faces that are looked at together.
_TOGETHER = 1_000_000
#: Edges around a sphere: a cut by a larger one than they follow to a millimetre is not made.
_MOST_AROUND = 512


class Unusable(Exception):
    """A mesh is not closed, or the library refuses it."""


class Solid:
    """A closed body near its own origin.

    Parameters
    ----------
    body : manifold3d.Manifold
    origin : (3,) float64
        Where its own origin lies, in metres.

    """

    def __init__(self, body: Any, origin: F64) -> None:
        self.body = body
        self.origin = origin

    @classmethod
    def of(cls, mesh: Mesh, origin: F64) -> "Solid":
        """The solid of a closed mesh.

        Raises
        ------
        Unusable
            Where the library finds the mesh not closed.

        """
        import manifold3d  # few files need it

        vertices, faces = mesh
        given = manifold3d.Mesh64(
            np.ascontiguousarray(vertices - origin), np.ascontiguousarray(faces, dtype=np.uint64)
        )
        return cls(_sound(manifold3d.Manifold(given)), origin)

    @property
    def volume(self) -> float:
        """Cubic metres."""
        return float(self.body.volume())

    def __sub__(self, other: "Solid") -> "Solid":
        return self._made(self.body - other.body)

    def __add__(self, other: "Solid") -> "Solid":
        return self._made(self.body + other.body)

    def __and__(self, other: "Solid") -> "Solid":
        return self._made(self.body ^ other.body)

    def without(self, half: "HalfSpace") -> "Solid":
        """What a half space leaves of it."""
        return self._made(self.body - half.solid(self).body)

    def within(self, half: "HalfSpace") -> "Solid":
        """What lies in a half space."""
        return self._made(self.body ^ half.solid(self).body)

    def mesh(self) -> Mesh | None:
        """Vertices in metres and faces; None where nothing is left."""
        # not by a share of its box or of what was cut: a long rod is a small part of either
        if self.body.is_empty() or 2 * self.volume <= _FILM_M * float(self.body.surface_area()):
            return None
        made = self.body.to_mesh64()
        points = np.array(made.vert_properties[:, :3], dtype=np.float64) + self.origin
        return points, np.array(made.tri_verts, dtype=np.int32)

    def _made(self, body: Any) -> "Solid":
        return Solid(_sound(body), self.origin)


def _sound(body: Any) -> Any:
    import manifold3d

    if body.status() != manifold3d.Error.NoError:
        raise Unusable
    return body


class HalfSpace:
    """All on one side of a surface, within a boundary where there is one.

    Parameters
    ----------
    kind : str
        ``"plane"``, ``"cylinder"`` or ``"sphere"``.
    matrix : (4, 4) float64
        Axes of the surface in metres of the world; a plane is that of the first two, a cylinder
        runs along the third.
    below : bool
        Whether matter lies below the plane, or inside the round surface.
    radius : float
        Metres, of a round surface.
    boundary : ((4, 4), (N, 2)) float64, optional
        Axes and outline of a prism without ends that it lies in.

    """

    def __init__(
        self,
        kind: str,
        matrix: F64,
        *,
        below: bool,
        radius: float = 0.0,
        boundary: tuple[F64, F64] | None = None,
    ) -> None:
        self.kind, self.matrix, self.below = kind, matrix, below
        self.radius, self.boundary = radius, boundary
        if boundary is not None and _area(boundary[1]) < 0:
            self.boundary = boundary[0], boundary[1][::-1]

    def reaches(self, points: F64) -> bool:
        """Whether one of `points` (N, 3) lies well within; always for a round surface."""
        if self.kind != "plane":
            return True
        local = (points - self.matrix[:3, 3]) @ self.matrix[:3, 2]
        inside = local < -_SLACK_M if self.below else local > _SLACK_M
        if self.boundary is None or not inside.any():
            return bool(inside.any())
        matrix, ring = self.boundary
        flat = np.linalg.solve(matrix[:3, :3], (points[inside] - matrix[:3, 3]).T).T[:, :2]
        return bool(_in_ring(flat, ring).any())

    def probes(self, low: F64, high: F64) -> F64:
        """Points (N, 3) well within it and the box, where its boundary is narrow."""
        if self.boundary is None:
            return np.zeros((0, 3))
        matrix, ring = self.boundary
        flat = np.concatenate([ring + _INWARDS * (ring.mean(axis=0) - ring), ring[:1] * 0])
        flat[-1] = ring.mean(axis=0)
        up, foot = matrix[:3, 2], flat @ matrix[:3, :2].T + matrix[:3, 3]
        middle, reach = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
        along = np.linspace(-reach, reach, 9)[1:-1] + ((middle - foot) @ up)[:, None]
        points = (foot[:, None] + along[:, :, None] * up).reshape(-1, 3)
        kept = ((points > low) & (points < high)).all(axis=1)
        side = (points - self.matrix[:3, 3]) @ self.matrix[:3, 2]
        return points[kept & (side < -_SLACK_M if self.below else side > _SLACK_M)]

    def solid(self, other: Solid) -> Solid:
        """As much of it as `other` can touch."""
        import manifold3d

        if other.body.is_empty():
            return other
        box = np.array(other.body.bounding_box())
        middle = (box[:3] + box[3:]) / 2 + other.origin
        size = float(np.linalg.norm(box[3:] - box[:3])) / 2
        reach = 1.1 * size + 1.0
        apart = np.linalg.solve(self.matrix[:3, :3], middle - self.matrix[:3, 3])
        if self.kind == "plane":
            cube = manifold3d.Manifold.cube((2 * reach, 2 * reach, 1.0))
            tall = reach + abs(float(apart[2]))
            block = cube.scale((1.0, 1.0, tall)).translate(
                (apart[0] - reach, apart[1] - reach, -tall if self.below else 0.0)
            )
            made = self._stood(block, self.matrix, other)
        else:
            made = self._round(other, apart, reach)
        if self.boundary is not None:
            matrix, ring = self.boundary
            flat = np.linalg.solve(matrix[:3, :3], middle - matrix[:3, 3])
            prism = manifold3d.Manifold.extrude(manifold3d.CrossSection([ring]), 2 * reach)
            made ^= self._stood(prism.translate((0.0, 0.0, flat[2] - reach)), matrix, other)
        return Solid(_sound(made), other.origin)

    def _round(self, other: Solid, apart: F64, reach: float) -> Any:
        import manifold3d

        count = 4 * max(9, math.ceil(math.pi / 4 / math.acos(1 - min(0.1, 1e-3 / self.radius))))
        if self.kind == "sphere":
            if count > _MOST_AROUND:
                raise Unusable  # faces grow with the square
            shape = manifold3d.Manifold.sphere(self.radius, count)
        else:
            shape = manifold3d.Manifold.cylinder(2 * reach, self.radius, self.radius, count)
            shape = shape.translate((0.0, 0.0, apart[2] - reach))
        made = self._stood(shape, self.matrix, other)
        if self.below:
            return made
        box = np.array(other.body.bounding_box())
        around = manifold3d.Manifold.cube(tuple(box[3:] - box[:3] + 2.0))
        return around.translate(tuple(box[:3] - 1.0)) - made

    def _stood(self, shape: Any, matrix: F64, other: Solid) -> Any:
        placed = matrix[:3].copy()
        placed[:, 3] -= other.origin
        return shape.transform(placed)


def _area(ring: F64) -> float:
    nexts = np.roll(ring, -1, axis=0)
    return float((ring[:, 0] * nexts[:, 1] - ring[:, 1] * nexts[:, 0]).sum()) / 2


def _in_ring(points: Any, ring: F64) -> Any:
    """Which of `points` (N, 2) lie within a closed outline (M, 2)."""
    inside = np.zeros(len(points), dtype=bool)
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        spans = (a[1] > points[:, 1]) != (b[1] > points[:, 1])
        if a[1] != b[1]:
            cross = a[0] + (points[:, 1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
            inside ^= spans & (points[:, 0] < cross)
    return inside


def within(points: F64, mesh: Mesh) -> Mask:
    """Which of `points` (N, 3) a closed mesh encloses, by a ray from each."""
    corners = (mesh[0] @ _AWRY)[mesh[1]]
    step = max(1, _TOGETHER // max(1, len(corners)))
    parts = [_beneath(points[k : k + step] @ _AWRY, corners) for k in range(0, len(points), step)]
    found: Mask = np.concatenate([np.zeros(0, dtype=bool), *parts])
    return found


def _beneath(seen: F64, corners: F64) -> Mask:
    """Which of points (N, 3) have more faces above that are turned one way than the other."""
    off = corners[None, :, :, :2] - seen[:, None, None, :2]
    ends = off[:, :, [1, 2, 0]]
    cross = off[..., 0] * ends[..., 1] - off[..., 1] * ends[..., 0]
    point, face = np.nonzero((cross > 0).all(axis=2) | (cross < 0).all(axis=2))
    share = cross[point, face]
    # the cross product at a corner weighs the corner after the next
    height = (share[:, [1, 2, 0]] * corners[face, :, 2]).sum(axis=1) / share.sum(axis=1)
    above = height > seen[point, 2]
    count = np.bincount(point[above], np.sign(share[above, 0]), minlength=len(seen))
    found: Mask = np.abs(count) > 0.5
    return found


def _awry() -> F64:
    """Axes along which no edge of a building runs."""
    axes: F64 = np.linalg.qr(np.array([[1.0, 0.31, 0.17], [-0.23, 1.0, 0.41], [0.13, 0.37, 1.0]]))[
        0
    ]
    return axes


_AWRY = _awry()


def share(body: Mesh, cutter: Mesh) -> bool:
    """Whether a point is found that lies well within both closed meshes."""
    (points, _), (tool, faces) = body, cutter
    low = np.maximum(points.min(axis=0), tool.min(axis=0))
    high = np.minimum(points.max(axis=0), tool.max(axis=0))
    if (high - low <= _SLACK_M).any():
        return False
    middle = tool.mean(axis=0)
    near = tool + _INWARDS * (middle - tool)
    step = max(1, 3 * len(faces) // _EDGES)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])[::step]
    tries = np.concatenate([_clipped(near[edges], low, high), [(low + high) / 2]])
    tries = tries[within(tries, cutter)]
    return bool(len(tries)) and bool(within(tries, body).any())


def _clipped(lines: F64, low: F64, high: F64) -> F64:
    """Middles (N, 3) of what is within the box of `lines` (M, 2, 3)."""
    start, way = lines[:, 0], lines[:, 1] - lines[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (low - start) / way, (high - start) / way
    flat = np.abs(way) < 1e-12
    within = (start > low) & (start < high)
    near = np.where(flat, np.where(within, 0.0, 2.0), np.minimum(one, two)).max(axis=1)
    far = np.where(flat, np.where(within, 1.0, -1.0), np.maximum(one, two)).min(axis=1)
    near, far = np.maximum(near, 0.0), np.minimum(far, 1.0)
    kept = near < far
    found: F64 = start[kept] + way[kept] * ((near + far)[kept] / 2)[:, None]
    return found


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    shift = np.cumsum([0, *(len(v) for v, _ in meshes)])
    faces = [f + n for (_, f), n in zip(meshes, shift.tolist(), strict=False)]
    return np.concatenate([v for v, _ in meshes]), np.concatenate(faces).astype(np.int32)
