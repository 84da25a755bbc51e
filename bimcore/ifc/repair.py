"""Closing and orienting triangle soups: welding, seams, touching shells and inside-out shells.

All functions work on many bodies at once; vertices and faces are numbered over the batch.
"""

from collections.abc import Callable, Sequence

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask, starts_of
from bimcore.ifc.seams import fill_seams
from bimcore.ifc.shells import divide_pinches, split_shells, turn_patches
from bimcore.ifc.soup import (
    Edges,
    Soup,
    components,
    drop_degenerate,
    strictly_closed,
    weld,
    weld_tolerance,
)


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
    raw = Soup.of(bodies)
    soup = drop_degenerate(raw)
    inward, several = _inward(soup)
    # two copies back to back are closed, too: look closer where a shell looks inwards
    sound = strictly_closed(soup) & ~(inward & several)
    rest = ~(sound & ~inward & _intact(raw, soup, [len(v) for v, _ in bodies]))
    lead = find_families(bodies, ~sound)
    leads = ~sound & (lead == np.arange(len(bodies)))
    healed, closed = _heal(soup.keep(leads[soup.owner]))
    joined = _replace(soup.keep(rest[soup.owner]), healed, leads)
    # a family whose leader was divided twice cannot be replayed: its members heal themselves
    stuck = ~sound & ~leads & _divided_twice(joined)[lead]
    healed, more = _heal(soup.keep(stuck[soup.owner]))
    parts = _replace(joined, healed, stuck).split()
    closed |= more | sound
    bodies_start = starts_of([len(v) for v, _ in bodies])
    made = [(vertices, faces) for vertices, faces, _ in parts]
    for row in np.flatnonzero(~sound & ~leads & ~stuck).tolist():
        # a member is repaired as its leader was: the same vertices, and middles of them
        _, faces, root = parts[lead[row]]
        source = root - bodies_start[lead[row]]
        vertices = bodies[row][0]
        made[row] = (vertices[source[:, 0]] + vertices[source[:, 1]]) / 2, faces
        closed[row] = closed[lead[row]]
    rows = np.flatnonzero(rest).tolist()
    done = _outward(Soup.of([made[r] for r in rows]), closed[rest]).split()
    result = list(bodies)
    for row, (vertices, faces, _) in zip(rows, done, strict=True):
        result[row] = vertices, faces
    return result, closed


def _intact(raw: Soup, soup: Soup, size: Sequence[int]) -> Mask:
    """Bodies (B,) that lost no face and use each of their vertices."""
    used = np.zeros(len(raw.vertices), dtype=np.int64)
    used[soup.faces.ravel()] = np.repeat(soup.owner, 3) + 1
    count = np.bincount(used, minlength=raw.bodies + 1)[1:]
    same: Mask = (count == np.asarray(size)) & (
        np.bincount(raw.owner, minlength=raw.bodies)
        == np.bincount(soup.owner, minlength=raw.bodies)
    )
    return same


def find_families(bodies: Sequence[tuple[F64, I32]], wanted: Mask) -> I64:
    """For each of the `wanted` bodies (B,) the first one that is the same but for a motion.

    Others are their own family. Members have equal faces, distances to their first vertex
    that agree to 0.01 mm, and the same handedness.
    """
    lead = np.arange(len(bodies))
    known: dict[bytes, list[tuple[int, F64]]] = {}
    for row in np.flatnonzero(wanted).tolist():
        vertices, faces = bodies[row]
        if not len(faces):
            continue
        shape = np.append(np.linalg.norm(vertices - vertices[0], axis=1), _hand(vertices, faces))
        family = known.setdefault(faces.tobytes(), [])
        for first, other in family:
            if len(other) == len(shape) and np.abs(other - shape).max() < 1e-5:
                lead[row] = first
                break
        else:
            family.append((row, shape))
    return lead


def _hand(vertices: F64, faces: I32) -> float:
    """Whether the faces look outwards (1) or inwards (-1), as far as that can be told."""
    a, b, c = (vertices[faces[:, k]] - vertices[0] for k in range(3))
    volume = float(_triple(a, b, c).sum())
    return 0.0 if abs(volume) < 1e-9 else float(np.sign(volume))


def _triple(a: F64, b: F64, c: F64) -> F64:
    """Triple products (N,) of vectors (N, 3)."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = a.T, b.T, c.T
    product: F64 = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    return product


def _divided_twice(soup: Soup) -> Mask:
    found = np.zeros(soup.bodies, dtype=bool)
    found[soup.owner[(soup.root[soup.faces] < 0).any(axis=(1, 2))]] = True
    return found


def _heal(soup: Soup) -> tuple[Soup, Mask]:
    """Close what can be closed of bodies that are not strictly closed."""
    if not len(soup.faces):
        return soup, np.zeros(soup.bodies, dtype=bool)
    soup = soup.compact()
    soup = weld(soup, weld_tolerance(soup))
    soup = _fill(_undoubled(soup))
    best, closed = soup, np.zeros(soup.bodies, dtype=bool)
    for prepare in (_as_it_is, _without_inner, _single_sided):
        for crowds in (False, True):
            rest = _bordered_out(prepare(soup.keep(~closed[soup.owner])))
            if not len(rest.faces):
                break
            made, whole = _attempt(rest.compact(), crowds=crowds)
            if whole.any():
                best = _replace(best, made, whole)
                closed |= whole
    return best, closed


def _undoubled(soup: Soup) -> Soup:
    """One copy of bodies most faces of which are drawn twice or from both sides."""
    single = _single_sided(soup)
    before = np.bincount(soup.owner, minlength=soup.bodies)
    after = np.bincount(single.owner, minlength=soup.bodies)
    twice = before - after > 0.25 * before
    return _replace(soup, single, twice)


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
    turned = turn_patches(soup, crowds=crowds)
    split = divide_pinches(split_shells(turned))
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
        np.concatenate([old.root, new.root]),
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
    return soup.with_faces(faces, np.concatenate([soup.owner, more[:, 3]]))


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


def _shells(soup: Soup) -> tuple[I64, I64, F64]:
    """First face and volume of each shell (S,), and the shell of each face (F,)."""
    faces = soup.faces
    label = components(
        len(soup.vertices),
        np.concatenate([faces[:, 0], faces[:, 1]]),
        np.concatenate([faces[:, 1], faces[:, 2]]),
    )[faces[:, 0]]
    _, first, index = np.unique(label, return_index=True, return_inverse=True)
    origin = soup.vertices[faces[first, 0]][index]
    a, b, c = (soup.vertices[faces[:, k]] - origin for k in range(3))
    volume = np.bincount(index, weights=_triple(a, b, c), minlength=len(first))
    return first, index, volume.astype(np.float64)


def _inward(soup: Soup) -> tuple[Mask, Mask]:
    """Bodies (B,) one shell of which looks inwards, and bodies of several shells."""
    first, _, volume = _shells(soup)
    body = soup.owner[first]
    found = np.zeros(soup.bodies, dtype=bool)
    found[body[volume <= 0]] = True
    return found, np.bincount(body, minlength=soup.bodies) > 1


def _outward(soup: Soup, closed: Mask) -> Soup:
    """Turn shells of closed bodies that look inwards, except cavities of another shell.

    A body that looks inwards as a whole is turned first, with its cavities.
    """
    if not closed[soup.owner].any():
        return soup
    first, index, volume = _shells(soup)
    body = soup.owner[first]
    total = np.bincount(body, weights=volume, minlength=soup.bodies)
    inside_out = (total < 0)[body] & closed[body]
    volume = np.where(inside_out, -volume, volume)
    wrong = (volume < 0) & closed[body]
    boxes = _boxes(soup, index, len(first))
    for s in np.flatnonzero(wrong).tolist():
        around = _around(s, body, boxes, volume)
        wrong[s] = not (len(around) and _is_within(soup, index, s, around))
    turn = (wrong ^ inside_out)[index]
    faces = soup.faces.copy()
    faces[turn] = faces[turn][:, ::-1]
    return soup.with_faces(faces)


def carve(bodies: Sequence[tuple[F64, I32]], single: Callable[[int], bool]) -> None:
    """Turn the shells of cavities inwards, in place.

    Kernels make every shell look outwards. Where a body is one thing, a shell within another
    bounds a cavity, one within a cavity matter again, and so on.

    Parameters
    ----------
    bodies : sequence of (vertices, faces)
        Closed ones that look outwards.
    single : callable
        Whether the body of that place is one thing; asked of those that have shells in shells.

    """
    soup = Soup.of(bodies)
    if not len(soup.faces):
        return
    first, index, volume = _shells(soup)
    owner = soup.owner[first]
    boxes = _boxes(soup, index, len(first))
    count = np.bincount(owner, minlength=soup.bodies)
    for body in np.flatnonzero(count > 1).tolist():
        mine = np.flatnonzero((owner == body) & (volume > 0))
        nests = [(s, around) for s in mine.tolist() if len(around := _enclosing(s, mine, boxes))]
        if not nests or not single(body):
            continue
        faces = bodies[body][1]
        shell = index[soup.owner == body]
        for inner, around in nests:
            if sum(_holds(soup, index, outer, inner) for outer in around.tolist()) % 2:
                turned = shell == inner
                faces[turned] = faces[turned][:, ::-1]


def _enclosing(shell: int, others: I64, boxes: F64) -> I64:
    """Of the `others` the shells whose box holds that of `shell`."""
    low, high = boxes[others, 0] < boxes[shell, 0], boxes[others, 1] > boxes[shell, 1]
    found: I64 = others[low.all(axis=1) & high.all(axis=1)]
    return found


#: Points of a shell that are looked at to tell whether all of it lies within another.
_SAMPLES = 16


def _holds(soup: Soup, index: I64, outer: int, inner: int) -> bool:
    """Whether one shell lies within another."""
    triangles = soup.vertices[soup.faces[index == outer]]
    faces = soup.faces[index == inner]
    some = faces[:: max(1, len(faces) // _SAMPLES)]
    points = soup.vertices[some].mean(axis=1)
    return all(abs(winding(p, triangles)) > 0.5 for p in points)


def _boxes(soup: Soup, index: I64, shells: int) -> F64:
    """Corners (S, 2, 3) of the shells."""
    order = np.argsort(index, kind="stable")
    start = np.searchsorted(index[order], np.arange(shells))
    points = soup.vertices[soup.faces[order]]
    low = np.minimum.reduceat(points.min(axis=1), start, axis=0)
    high = np.maximum.reduceat(points.max(axis=1), start, axis=0)
    return np.stack([low, high], axis=1)


def _around(shell: int, body: I64, boxes: F64, volume: F64) -> I64:
    """Larger shells of the same body that look outwards and whose box holds that of `shell`."""
    others = np.flatnonzero((body == body[shell]) & (volume > -volume[shell]))
    return _enclosing(shell, others, boxes)


def _is_within(soup: Soup, index: I64, shell: int, around: I64) -> bool:
    """Whether `shell` lies within the matter of the shells `around` it."""
    point = soup.vertices[soup.faces[np.argmax(index == shell)]].mean(axis=0)
    return abs(winding(point, soup.vertices[soup.faces[np.isin(index, around)]])) > 0.5


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
