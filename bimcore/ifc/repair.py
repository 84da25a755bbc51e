"""Closing and orienting triangle soups: welding, seams, touching shells and inside-out shells.

All functions work on many bodies at once; vertices and faces are numbered over the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64, Mask, starts_of
from bimcore.ifc.seams import fill_seams

#: Vertices closer than this are one; kernels round to float32 (1 um at 10 m).
WELD_M = 1e-6
#: Float32 keeps 24 bits: what one rounding can move a coordinate, relative to its size.
_ROUNDING = 2.0**-23


@dataclass(frozen=True, slots=True, eq=False)
class Soup:
    """Faces of many bodies.

    Attributes
    ----------
    vertices : (V, 3) float64
    faces : (F, 3) int64
        Vertex numbers over the batch.
    owner : (F,) int64
        Body of each face.
    bodies : int

    """

    vertices: F64
    faces: I64
    owner: I64
    bodies: int

    @classmethod
    def of(cls, bodies: Sequence[tuple[F64, I32]]) -> "Soup":
        """Join bodies of (vertices, faces)."""
        start = starts_of([len(v) for v, _ in bodies])
        faces = [f.astype(np.int64) + s for (_, f), s in zip(bodies, start[:-1], strict=True)]
        return cls(
            vertices=np.concatenate([np.zeros((0, 3)), *(v for v, _ in bodies)]),
            faces=np.concatenate([np.zeros((0, 3), np.int64), *faces]),
            owner=np.repeat(np.arange(len(bodies)), [len(f) for _, f in bodies]),
            bodies=len(bodies),
        )

    def keep(self, rows: Mask) -> "Soup":
        """The faces where `rows` (F,) is true."""
        return Soup(self.vertices, self.faces[rows], self.owner[rows], self.bodies)

    def split(self) -> list[tuple[F64, I32]]:
        """Bodies of (vertices, faces), vertices in order of their number."""
        used = np.zeros(len(self.vertices), dtype=bool)
        used[self.faces.ravel()] = True
        owner = np.full(len(self.vertices), -1, dtype=np.int64)
        owner[self.faces.ravel()] = np.repeat(self.owner, 3)
        order = np.flatnonzero(used)
        order = order[np.argsort(owner[order], kind="stable")]
        start = starts_of(np.bincount(owner[order], minlength=self.bodies))
        place = np.zeros(len(self.vertices), dtype=np.int64)
        place[order] = np.arange(len(order))
        rows = np.argsort(self.owner, kind="stable")
        local = (place[self.faces] - start[self.owner][:, None]).astype(np.int32)[rows]
        first = starts_of(np.bincount(self.owner, minlength=self.bodies))
        vertices = self.vertices[order]
        return [
            (vertices[start[i] : start[i + 1]], local[first[i] : first[i + 1]])
            for i in range(self.bodies)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Half-edges grouped by the undirected edge they lie on.

    Half-edge ``3 f + k`` runs from corner `k` of face `f` to the next corner.

    Attributes
    ----------
    order : (3F,) int64
        Half-edges, those of one edge side by side.
    start : (N,) int64
        First place in `order` of each edge.
    count : (N,) int64
        Faces at each edge.
    forward : (3F,) bool
        Whether the half-edge runs from the lower to the higher vertex number.

    """

    order: I64
    start: I64
    count: I64
    forward: Mask

    @classmethod
    def of(cls, faces: I64, vertices: int) -> "Edges":
        """Group the half-edges of `faces` (F, 3)."""
        a, b = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
        key = np.minimum(a, b) * np.int64(max(1, vertices)) + np.maximum(a, b)
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        new = np.ones(len(ordered), dtype=bool)
        new[1:] = ordered[1:] != ordered[:-1]
        start = np.flatnonzero(new)
        return cls(order, start, np.diff(np.append(start, len(order))), a < b)

    def excess(self) -> I64:
        """Forward minus backward half-edges of each edge (N,)."""
        sign = np.where(self.forward[self.order], 1, -1)
        total: I64 = np.add.reduceat(sign, self.start) if len(self.start) else self.start
        return total

    def bodies_with(self, wrong: Mask, owner: I64, bodies: int) -> Mask:
        """Bodies (B,) that have one of the edges where `wrong` (N,) is true."""
        found = np.zeros(bodies, dtype=bool)
        found[owner[self.order[self.start[wrong]] // 3]] = True
        return found


def strictly_closed(soup: Soup) -> Mask:
    """Bodies (B,) each edge of which has one face on either side, in opposite directions."""
    edges = Edges.of(soup.faces, len(soup.vertices))
    wrong = (edges.count != 2) | (edges.excess() != 0)
    full = np.bincount(soup.owner, minlength=soup.bodies) >= 4
    found: Mask = full & ~edges.bodies_with(wrong, soup.owner, soup.bodies)
    return found


def drop_degenerate(soup: Soup) -> Soup:
    """Without faces that use a vertex twice."""
    a, b, c = soup.faces.T
    return soup.keep((a != b) & (b != c) & (c != a))


def weld(soup: Soup, tolerance: F64) -> Soup:
    """Merge vertices of one body that fall into one cell of `tolerance` (B,) metres."""
    owner = np.zeros(len(soup.vertices), dtype=np.int64)
    owner[soup.faces.ravel()] = np.repeat(soup.owner, 3)
    cells = np.round(soup.vertices / tolerance[owner][:, None]).astype(np.int64)
    order = np.lexsort((cells[:, 2], cells[:, 1], cells[:, 0], owner))
    rows = np.column_stack([owner, cells])[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    first = order[np.flatnonzero(new)]
    merged = np.zeros(len(order), dtype=np.int64)
    merged[order] = first[np.cumsum(new) - 1]
    return drop_degenerate(Soup(soup.vertices, merged[soup.faces], soup.owner, soup.bodies))


def weld_tolerance(soup: Soup) -> F64:
    """Metres (B,) by which kernels may separate what is one vertex."""
    largest = np.zeros(soup.bodies)
    if len(soup.faces):
        size = np.abs(soup.vertices[soup.faces]).max(axis=(1, 2))
        np.maximum.at(largest, soup.owner, size)
    return np.maximum(WELD_M, np.minimum(4 * _ROUNDING * largest, 1e-4))


def close(bodies: Sequence[tuple[F64, I32]]) -> tuple[list[tuple[F64, I32]], Mask]:
    """Weld, close and orient each body as far as that is safe.

    Parameters
    ----------
    bodies : sequence of (vertices, faces)
        Metres; faces number vertices within the body.

    Returns
    -------
    bodies : list of (vertices, faces)
        In the same order. Touching shells have vertices of their own, shells look outwards
        (cavities inwards). Where a body stays open its faces keep their orientation.
    closed : (B,) bool

    """
    soup = drop_degenerate(Soup.of(bodies))
    closed = strictly_closed(soup)
    sound = [soup.keep(closed[soup.owner]), soup.keep(~closed[soup.owner])]
    healed, whole = _heal(sound[1])
    joined = Soup(
        np.concatenate([soup.vertices, healed.vertices]),
        np.concatenate([sound[0].faces, healed.faces + len(soup.vertices)]),
        np.concatenate([sound[0].owner, healed.owner]),
        soup.bodies,
    )
    closed |= whole
    return _outward(joined, closed).split(), closed


def _heal(soup: Soup) -> tuple[Soup, Mask]:
    """Close what can be closed of bodies that are not strictly closed."""
    if not len(soup.faces):
        return soup, np.zeros(soup.bodies, dtype=bool)
    soup = weld(soup, weld_tolerance(soup))
    soup = _fill(soup)
    best, closed = soup, np.zeros(soup.bodies, dtype=bool)
    for prepare in (_as_it_is, _without_inner, _single_sided):
        for crowds in (False, True):
            rest = _bordered_out(prepare(soup.keep(~closed[soup.owner])))
            made, whole = _attempt(rest, crowds=crowds)
            best = _replace(best, made, whole)
            closed |= whole
            if closed[soup.owner].all():
                return best, closed
    return best, closed


def _bordered_out(soup: Soup) -> Soup:
    """Without the bodies that have an edge with an odd number of faces: none can close."""
    edges = Edges.of(soup.faces, len(soup.vertices))
    border = edges.bodies_with(edges.count % 2 == 1, soup.owner, soup.bodies)
    return soup.keep(~border[soup.owner])


def _as_it_is(soup: Soup) -> Soup:
    return soup


def _without_inner(soup: Soup) -> Soup:
    """Without faces that coincide with one of opposite direction: matter on both sides."""
    corners = np.sort(soup.faces, axis=1)
    even = _permutation_sign(soup.faces)
    order = np.lexsort((corners[:, 2], corners[:, 1], corners[:, 0]))
    rows = corners[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    group = np.zeros(len(order), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    balance = np.bincount(group, weights=even)
    return soup.keep((balance != 0)[group])


def _permutation_sign(faces: I64) -> I64:
    """1 where the corners (F, 3) are an even permutation of ascending order, else -1."""
    a, b, c = faces.T
    ups = (a < b).astype(np.int64) + (b < c) + (c < a)
    sign: I64 = np.where(ups == 2, 1, -1)
    return sign


def _attempt(soup: Soup, *, crowds: bool) -> tuple[Soup, Mask]:
    turned = _turn_patches(soup, crowds=crowds)
    split = _divide_pinches(split_shells(turned))
    closed = strictly_closed(split)
    return _replace(soup, split, closed), closed


def _replace(old: Soup, new: Soup, which: Mask) -> Soup:
    """The bodies of `new` where `which` (B,) is true, those of `old` elsewhere."""
    stay, come = old.keep(~which[old.owner]), new.keep(which[new.owner])
    return Soup(
        np.concatenate([old.vertices, new.vertices]),
        np.concatenate([stay.faces, come.faces + len(old.vertices)]),
        np.concatenate([stay.owner, come.owner]),
        old.bodies,
    )


def _fill(soup: Soup) -> Soup:
    """Add the faces that close hairline gaps."""
    edges = Edges.of(soup.faces, len(soup.vertices))
    single = edges.order[edges.start[edges.count == 1]]
    if not len(single):
        return soup
    start = soup.faces.ravel()[single]
    end = np.roll(soup.faces, -1, axis=1).ravel()[single]
    more = fill_seams(soup.vertices, np.column_stack([end, start]), soup.owner[single // 3])
    faces = np.concatenate([soup.faces, more[:, :3]])
    return Soup(soup.vertices, faces, np.concatenate([soup.owner, more[:, 3]]), soup.bodies)


def _single_sided(soup: Soup) -> Soup:
    """One face for each set of faces on the same three vertices."""
    corners = np.sort(soup.faces, axis=1)
    order = np.lexsort((corners[:, 2], corners[:, 1], corners[:, 0]))
    rows = corners[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    keep = np.zeros(len(order), dtype=bool)
    keep[order[new]] = True
    return soup.keep(keep)


def components(count: int, a: I64, b: I64) -> I64:
    """Lowest member (count,) of the connected set of each node, for links `a` to `b`."""
    label = np.arange(count, dtype=np.int64)
    while True:
        low, high = np.minimum(label[a], label[b]), np.maximum(label[a], label[b])
        if np.array_equal(low, high):
            return label
        np.minimum.at(label, high, low)
        while not np.array_equal(label, label[label]):
            label = label[label]


def _turn_patches(soup: Soup, *, crowds: bool) -> Soup:
    """Make neighbours agree in orientation, where a body's do not.

    Across a plain edge neighbours run in opposite directions. Asked for `crowds`, matter and
    void alternate around an edge with more than two faces.
    """
    edges = Edges.of(soup.faces, len(soup.vertices))
    ragged = edges.bodies_with(edges.excess() != 0, soup.owner, soup.bodies)
    loose = ragged[soup.owner[edges.order[edges.start] // 3]]
    plain = np.flatnonzero(loose & (edges.count == 2))
    one, two = edges.order[edges.start[plain]], edges.order[edges.start[plain] + 1]
    crowd = Crowd.of(soup, edges, loose & (edges.count > 2) & (edges.count % 2 == 0) & crowds)
    one = np.concatenate([one, crowd.halves])
    two = np.concatenate([two, crowd.halves[crowd.next]])
    clash = edges.forward[one] == edges.forward[two]
    if not clash.any():
        return soup
    flip = _two_colour(len(soup.faces), one // 3, two // 3, clash)
    faces = soup.faces.copy()
    faces[flip] = faces[flip][:, ::-1]
    turned = Soup(soup.vertices, faces, soup.owner, soup.bodies)
    return _balance_patches(turned, components(len(faces), one // 3, two // 3))


#: Patches of one body whose directions are weighed against each other.
_MOST_PATCHES = 200


def _balance_patches(soup: Soup, patch: I64) -> Soup:
    """Turn whole patches (F,) where that makes more crowded edges balanced."""
    edges = Edges.of(soup.faces, len(soup.vertices))
    owner = soup.owner[edges.order[edges.start] // 3]
    ragged = edges.excess() != 0
    turn = np.zeros(len(soup.faces), dtype=bool)
    for body in np.unique(owner[ragged]).tolist():
        mine = np.flatnonzero((owner == body) & (edges.count > 2))
        halves = np.concatenate(
            [np.zeros(0, np.int64)]
            + [edges.order[edges.start[e] : edges.start[e] + edges.count[e]] for e in mine]
        )
        patches, column = np.unique(patch[halves // 3], return_inverse=True)
        if 1 < len(patches) <= _MOST_PATCHES:
            row = np.repeat(np.arange(len(mine)), edges.count[mine])
            table = np.zeros((len(mine), len(patches)), dtype=np.int64)
            np.add.at(table, (row, column), np.where(edges.forward[halves], 1, -1))
            turn |= np.isin(patch, patches[_fewest_ragged(table)])
    faces = soup.faces.copy()
    faces[turn] = faces[turn][:, ::-1]
    return Soup(soup.vertices, faces, soup.owner, soup.bodies)


def _fewest_ragged(table: I64) -> Mask:
    """Columns (P,) of `table` (N, P) to negate, best first, while row sums come nearer to 0."""
    turned = np.zeros(table.shape[1], dtype=bool)
    table = table.copy()
    for _ in range(2 * table.shape[1]):
        total = table.sum(axis=1)
        gain = np.abs(total).sum() - np.abs(total[:, None] - 2 * table).sum(axis=0)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        table[:, best] *= -1
        turned[best] ^= True
    return turned


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Half-edges at edges with more than two faces, counter-clockwise around each edge.

    Attributes
    ----------
    halves : (K,) int64
    edge : (K,) int64
        Ascending number of the edge of each.
    next : (K,) int64
        Place in `halves` of the next one around the same edge.

    """

    halves: I64
    edge: I64
    next: I64

    @classmethod
    def of(cls, soup: Soup, edges: Edges, which: Mask) -> "Crowd":
        """The crowd at the edges where `which` (N,) is true."""
        rows = np.flatnonzero(which)
        count = edges.count[rows]
        start = starts_of(count)
        edge = np.repeat(np.arange(len(rows)), count)
        step = np.arange(start[-1]) - start[:-1][edge]
        halves = edges.order[edges.start[rows][edge] + step]
        angle = _angles(soup, edges, halves)
        # equal angles: the face that ends a wedge before the one that begins the next
        halves = halves[np.lexsort((~edges.forward[halves], np.round(angle, 9), edge))]
        return cls(halves, edge, _next_around(edge))


def _angles(soup: Soup, edges: Edges, halves: I64) -> F64:
    """Angle (K,) of the face of each half-edge around the edge, radians."""
    face, corner = halves // 3, halves % 3
    here, there = soup.faces[face, corner], soup.faces[face, (corner + 1) % 3]
    forward = edges.forward[halves]
    low = soup.vertices[np.where(forward, here, there)]
    axis = soup.vertices[np.where(forward, there, here)] - low
    arm = soup.vertices[soup.faces[face, (corner + 2) % 3]] - low
    z = axis / np.maximum(np.linalg.norm(axis, axis=1), 1e-300)[:, None]
    helper = np.eye(3)[np.argmin(np.abs(z), axis=1)]
    x = np.cross(helper, z)
    x /= np.maximum(np.linalg.norm(x, axis=1), 1e-300)[:, None]
    y = np.cross(z, x)
    found: F64 = np.arctan2(np.einsum("ij,ij->i", arm, y), np.einsum("ij,ij->i", arm, x))
    return found


def _two_colour(count: int, a: I64, b: I64, differ: Mask) -> Mask:
    """Colour nodes so that links marked `differ` join unlike ones; the fewer are true.

    Sets that cannot be coloured (one-sided surfaces) get any colouring.
    """
    # each node twice, as it is and turned; a link joins the copies that agree
    turn = np.where(differ, count, 0)
    label = components(
        2 * count,
        np.concatenate([a, a + count]),
        np.concatenate([b + turn, (b + count - turn)]),
    )
    turned: Mask = label[:count] > label[count:]
    patch = np.minimum(label[:count], label[count:])
    # of the two colourings of a patch take the one that turns fewer faces
    size = np.bincount(patch, minlength=count)
    more = 2 * np.bincount(patch, weights=turned, minlength=count) > size
    found: Mask = turned ^ more[patch]
    return found


def split_shells(soup: Soup) -> Soup:
    """Give shells that touch along an edge vertices of their own.

    Faces around an edge with more than two are paired as wedges of matter: going round
    the edge, a face seen from inside and the next one seen from outside.
    """
    edges = Edges.of(soup.faces, len(soup.vertices))
    mate = _mates(soup, edges)
    one = np.flatnonzero(mate > np.arange(len(mate)))
    two = mate[one]
    follow = np.arange(len(mate)).reshape(-1, 3)[:, [1, 2, 0]].ravel()
    # opposite directions: the start of one is the end of the other
    label = components(
        len(mate),
        np.concatenate([one, follow[one]]),
        np.concatenate([follow[two], two]),
    )
    kept, corner = np.unique(label, return_inverse=True)
    vertices = soup.vertices[soup.faces.ravel()[kept]]
    return Soup(vertices, corner.reshape(-1, 3), soup.owner, soup.bodies)


def _divide_pinches(soup: Soup) -> Soup:
    """Part pairs of faces that still share both ends of an edge, by a vertex in its middle."""
    for _ in range(_MOST_ROUNDS):
        edges = Edges.of(soup.faces, len(soup.vertices))
        even = edges.excess() == 0
        ragged = edges.bodies_with(~even, soup.owner, soup.bodies)
        hopeful = ~ragged[soup.owner[edges.order[edges.start] // 3]]
        crowded = np.flatnonzero((edges.count > 2) & even & hopeful)
        if not len(crowded):
            break
        soup = _divide(soup, edges, crowded)
    return soup


#: A face has three edges, each divided in a round of its own.
_MOST_ROUNDS = 6


def _divide(soup: Soup, edges: Edges, crowded: I64) -> Soup:
    """Put a vertex of its own on each crowded edge for all pairs of faces but the first."""
    mate = _mates(soup, edges)
    faces = soup.faces.copy()
    vertices: list[F64] = []
    added: list[I64] = []
    owner: list[int] = []
    used: set[int] = set()
    for e in crowded.tolist():
        around = edges.order[edges.start[e] : edges.start[e] + edges.count[e]].tolist()
        pairs = [(h, int(mate[h])) for h in around if h < mate[h]]
        for one, two in pairs[1:]:
            if {one // 3, two // 3} & used:
                continue
            used |= {one // 3, two // 3}
            middle = len(soup.vertices) + len(vertices)
            a, b = soup.faces[one // 3, one % 3], soup.faces[one // 3, (one % 3 + 1) % 3]
            vertices.append((soup.vertices[a] + soup.vertices[b]) / 2)
            for half in (one, two):
                face, corner = divmod(half, 3)
                rest = faces[face].copy()
                faces[face, (corner + 1) % 3] = middle
                rest[corner] = middle
                added.append(rest)
                owner.append(int(soup.owner[face]))
    if not added:
        return soup
    return Soup(
        np.concatenate([soup.vertices, np.array(vertices)]),
        np.concatenate([faces, np.array(added)]),
        np.concatenate([soup.owner, np.array(owner)]),
        soup.bodies,
    )


def _mates(soup: Soup, edges: Edges) -> I64:
    """For each half-edge (3F,) the one across the edge; -1 at a border."""
    mate = np.full(len(edges.order), -1, dtype=np.int64)
    even = edges.excess() == 0
    plain = even & (edges.count == 2)
    one, two = edges.order[edges.start[plain]], edges.order[edges.start[plain] + 1]
    mate[one], mate[two] = two, one
    crowd = Crowd.of(soup, edges, even & (edges.count > 2))
    halves, edge = crowd.halves, crowd.edge
    while len(halves):
        # matter lies between a backward face and the forward one that follows it; what
        # those enclose is taken out, and the rest are neighbours in turn
        ahead = _next_around(edge)
        forward = edges.forward[halves]
        inner = np.flatnonzero(~forward & forward[ahead])
        one, two = halves[inner], halves[ahead[inner]]
        mate[one], mate[two] = two, one
        rest = mate[halves] < 0
        halves, edge = halves[rest], edge[rest]
    return mate


def _next_around(edge: I64) -> I64:
    """Place (K,) of the next member of the same `edge` (K,), the last one's being the first."""
    new = np.ones(len(edge), dtype=bool)
    new[1:] = edge[1:] != edge[:-1]
    first = np.flatnonzero(new)
    ahead = np.arange(1, len(edge) + 1)
    if len(edge):
        ahead[np.append(first[1:], len(edge)) - 1] = first
    return ahead


def _outward(soup: Soup, closed: Mask) -> Soup:
    """Turn shells of closed bodies that look inwards, except cavities of another shell."""
    which = closed[soup.owner]
    if not which.any():
        return soup
    faces = soup.faces
    label = components(
        len(soup.vertices),
        np.concatenate([faces[:, 0], faces[:, 1]]),
        np.concatenate([faces[:, 1], faces[:, 2]]),
    )[faces[:, 0]]
    _, shell, index = np.unique(label, return_index=True, return_inverse=True)
    origin = soup.vertices[faces[shell, 0]][index]
    a, b, c = (soup.vertices[faces[:, k]] - origin for k in range(3))
    volume = np.bincount(index, weights=np.einsum("ij,ij->i", a, np.cross(b, c)))
    wrong = (volume < 0) & closed[soup.owner[shell]]
    for s in np.flatnonzero(wrong).tolist():
        wrong[s] = not _is_cavity(soup, index, s, volume)
    turn = wrong[index]
    faces = faces.copy()
    faces[turn] = faces[turn][:, ::-1]
    return Soup(soup.vertices, faces, soup.owner, soup.bodies)


def _is_cavity(soup: Soup, index: I64, shell: int, volume: NDArray[Any]) -> bool:
    """Whether `shell` lies within a larger shell of the same body that looks outwards."""
    mine = index == shell
    body = soup.owner[np.argmax(mine)]
    others = (soup.owner == body) & (volume[index] > -volume[shell])
    if not others.any():
        return False
    point = soup.vertices[soup.faces[mine][0]].mean(axis=0)
    return abs(winding(point, soup.vertices[soup.faces[others]])) > 0.5


def winding(point: F64, triangles: F64) -> float:
    """How often closed `triangles` (T, 3, 3) wind around `point` (3,).

    By solid angles: A. Van Oosterom, J. Strackee, IEEE Trans. Biomed. Eng. 30 (1983).
    """
    a, b, c = (triangles[:, k] - point for k in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    top = np.einsum("ij,ij->i", a, np.cross(b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", u, v) for u, v in ((a, b), (b, c), (c, a)))
    bottom = la * lb * lc + ab * lc + bc * la + ca * lb
    return float(np.arctan2(top, bottom).sum() / (2 * np.pi))
