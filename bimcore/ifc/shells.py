"""Orientation of neighbouring faces and parting of shells that touch along an edge."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask, starts_of
from bimcore.ifc.soup import Edges, Soup, components


def turn_patches(soup: Soup, *, crowds: bool) -> Soup:
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
    turned = soup.with_faces(faces)
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
    return soup.with_faces(faces)


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
    old = soup.faces.ravel()[kept]
    faces = corner.reshape(-1, 3)
    return Soup(soup.vertices[old], faces, soup.owner, soup.bodies, soup.root[old])


def divide_pinches(soup: Soup) -> Soup:
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
    roots: list[tuple[int, int]] = []
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
            roots.append(_middle(soup.root[a], soup.root[b]))
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
        np.concatenate([soup.root, np.array(roots)]),
    )


def _middle(a: I64, b: I64) -> tuple[int, int]:
    """Root of the vertex between two with roots `a` and `b`."""
    return (int(a[0]), int(b[0])) if a[0] == a[1] and b[0] == b[1] else (-1, -1)


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
