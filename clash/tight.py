"""Lines that pass an opening or sleeve which is too small for them or stands aside of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash import openings
from clash.openings import (
    BORE,
    SNUG,
    holding,
    is_round,
    nearby,
    spanning,
    wall_of,
    ways_through,
    within_host,
)
from clash.pairs import FLUSH, Facts, View
from clash.result import ClashSet, Relation
from clash.roles import ENVELOPE
from clash.shapes import clipped

#: An opening smaller than this share of what passes it was made for something else.
MEANT = 0.3
#: Metres of a difference in size that counts: drawings are made to the millimetre.
DRAWN = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Squeeze:
    """One line in one opening that does not hold it.

    Attributes
    ----------
    marker : int
        The opening, sleeve or provision; an element of the scene.
    sleeve : bool
        It is a hollow body; else a hole.
    clear, need : (float, float)
        Metres across the passage, free in the opening and taken by the line.
    clear_round, need_round : bool
        The two sizes are one diameter.
    missing : float
        Metres by which the opening is too small; 0 where it is only out of place.
    over : float
        Metres that the line reaches past the free section on its worst side.
    lagged : bool
        `need` is that of the insulation.

    """

    marker: int
    sleeve: bool
    clear: tuple[float, float]
    need: tuple[float, float]
    clear_round: bool
    need_round: bool
    missing: float
    over: float
    lagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """One conflict: the rows that a line, its insulation, an opening and its host make.

    Attributes
    ----------
    rows : tuple of int
        Rows of the clash set; the first stands for the conflict.
    lines : tuple of int
        The line and its insulation, as far as they are in `rows`.
    squeeze : Squeeze
        That of the thickest part of the line.

    """

    rows: tuple[int, ...]
    lines: tuple[int, ...]
    squeeze: Squeeze


@dataclass(frozen=True, eq=False)
class _Seen:
    """A row with the opening it is in; the section of the line as a box in the scene."""

    row: int
    guest: int
    squeeze: Squeeze
    centre: F64  #: (3,) middle of the line's section
    across: F64  #: (2, 3) unit vectors
    at_marker: bool  #: the row is of the line and the opening itself
    depth: float


def tight_places(scene: Scene, clashes: ClashSet, rows: I64) -> tuple[Tight, ...]:
    """Openings that are there and do not hold the line that passes them.

    The middle of the line lies in the free section of the opening; a line that passes beside
    it is an ordinary clash.

    Parameters
    ----------
    scene : Scene
    clashes : ClashSet
    rows : (R,) int64
        Rows that are shown.

    Returns
    -------
    tuple of Tight
        In the order of their first rows; each row is in one at most.

    """
    rows = rows[np.isin(clashes.relation[rows], (Relation.CROSSING, Relation.CONTAINMENT))]
    if not len(rows):
        return ()
    facts = Facts.of(scene, clashes.take(rows))
    if not facts.roles["marker"].any():
        return ()
    seen: dict[int, _Seen] = {}
    for view in facts.views:
        for one in (*_in_hosts(view), *_in_markers(view)):
            seen.setdefault(one.row, one)
    found = [_joined(part, rows) for part in _assemblies(seen.values())]
    return tuple(sorted(found, key=lambda t: t.rows[0]))


def fits_hole(view: View) -> Mask:
    """:func:`clash.openings.fits_hole`, unless the file has the opening and it is too small.

    What a line at a slant shares with the rim is little on average, and may be much at the
    corners.
    """
    found = openings.fits_hole(view)
    for one in _in_hosts(view, among=found):
        found[one.row] = False
    return found


def _in_hosts(view: View, *, among: Mask | None = None) -> Iterator[_Seen]:
    """Lines in walls, floors and the like where an opening for them is."""
    marker = view.facts.roles["marker"]
    lines = view.is_guest("services", "lagging") & view.is_host(*ENVELOPE, "covering", "proxy")
    lines &= True if among is None else among
    rows = np.flatnonzero(lines & ~marker[view.guest] & ~marker[view.host])
    for number, markers, own in nearby(view, rows, np.flatnonzero(marker)):
        row = int(rows[number])
        found = [*_through_plates(view, row, markers, own)]
        found = found or [*_through_others(view, row, markers, own)]
        bodies = view.facts.scene.clash_body
        if found:
            # where a sleeve is set in a hole, the sleeve is what the line has to pass
            yield max(found, key=lambda s: (bool(bodies[s.squeeze.marker]), s.squeeze.over))


def _through_plates(view: View, row: int, markers: I64, own: F64) -> Iterator[_Seen]:
    for marker, axes, low, high in spanning(view, row, markers, own):
        part = within_host(view, row, axes)
        yield from _seen(view, row, marker, (axes, low, high), part)


def _through_others(view: View, row: int, markers: I64, own: F64) -> Iterator[_Seen]:
    meshes, guest = view.facts.scene.meshes, int(view.guest[row])
    for marker, axes, low, high in holding(view, row, markers, own):
        if _along(view, row, axes):
            part = clipped(meshes, guest, axes, (float(low[2]), float(high[2])))
            yield from _seen(view, row, marker, (axes, low, high), part)


def _in_markers(view: View) -> Iterator[_Seen]:
    """Openings and sleeves as guests with a line that is thicker than they are wide."""
    marker, meshes = view.facts.roles["marker"], view.facts.scene.meshes
    rows = marker[view.guest] & view.is_host("services", "lagging") & ~marker[view.host]
    for row in np.flatnonzero(rows).tolist():
        for axes, low, high in ways_through(view, row):
            if _along(view, row, axes, host=True):
                part = clipped(meshes, int(view.host[row]), axes, (float(low[2]), float(high[2])))
                one = int(view.guest[row])
                yield from _seen(view, row, one, (axes, low, high), part)


def _along(view: View, row: int, axes: F64, *, host: bool = False) -> bool:
    """Whether the line of `row` is straight and goes along the third of `axes`, roughly."""
    shapes, own = view.facts.shapes, (view.host_row if host else view.guest_row)[row]
    return bool(shapes.slender[own]) and abs(float(shapes.axes[own, 0] @ axes[2])) > 0.7


def _seen(
    view: View, row: int, marker: int, outline: tuple[F64, F64, F64], part: F64 | None
) -> Iterator[_Seen]:
    """The row in the opening, where the line is in it and does not fit."""
    if part is None:
        return
    axes, low, high = outline
    meshes, at_marker = view.facts.scene.meshes, int(view.guest[row]) == marker
    line = int(view.host[row] if at_marker else view.guest[row])
    round_, wall = wall_of(meshes, marker, axes)
    bottom, top = low[:2] + (wall or 0.0), high[:2] - (wall or 0.0)
    clear, need = top - bottom, part[1, :2] - part[0, :2]
    middle = part[:, :2].mean(axis=0)
    over = float(np.maximum(bottom - part[0, :2], part[1, :2] - top).max())
    room = SNUG if wall is None else BORE
    if over <= room or (clear < MEANT * need).any():
        return
    if (middle < bottom).any() or (middle > top).any():
        return
    hole, body = (meshes.body(e)[0] @ axes[:2].T for e in (marker, line))
    clear *= _drawn(hole)
    need *= _drawn(body)
    missing = float((need - clear).max())
    order = np.argsort(-clear, kind="stable")
    squeeze = Squeeze(
        marker=marker,
        sleeve=wall is not None,
        clear=(float(clear[order[0]]), float(clear[order[1]])),
        need=(float(need[order[0]]), float(need[order[1]])),
        clear_round=round_,
        need_round=is_round(body),
        missing=missing if missing > DRAWN else 0.0,
        over=over,
        lagged=bool(view.facts.roles["lagging"][line]),
    )
    centre = middle @ axes[:2] + axes[2] * part[:, 2].mean()
    depth = float(view.depth[row])
    yield _Seen(row, line, squeeze, centre, axes[:2], at_marker, depth)


def _drawn(across: F64) -> float:
    """How much wider than the extents of its facets (P, 2) the circle of a round body is."""
    if not is_round(across):
        return 1.0
    low, high = across.min(axis=0), across.max(axis=0)
    radius = np.linalg.norm(across - (low + high) / 2, axis=1).max()
    return float(2 * radius / (high - low).max())


def _assemblies(seen: Iterable[_Seen]) -> Iterator[list[_Seen]]:
    """Rows of one opening and one line, its insulation included; the thickest line first."""
    places: dict[int, list[_Seen]] = defaultdict(list)
    for one in seen:
        places[one.squeeze.marker].append(one)
    for members in places.values():
        groups: list[list[_Seen]] = []
        for one in sorted(members, key=lambda s: (-max(s.squeeze.need), s.row)):
            of = next((g for g in groups if any(_together(s, one) for s in g)), None)
            if of is None:
                groups.append([one])
            else:
                of.append(one)
        yield from groups


def _together(outer: _Seen, inner: _Seen) -> bool:
    """Whether two rows are of one line, or of a line and the insulation round it."""
    if outer.guest == inner.guest:
        return True
    if not outer.squeeze.lagged:
        return False
    off = np.abs(outer.across @ (inner.centre - outer.centre)).max()
    return bool(off + min(inner.squeeze.need) / 2 <= max(outer.squeeze.need) / 2 + FLUSH)


def _joined(members: list[_Seen], rows: I64) -> Tight:
    """The conflict of an assembly: the line in its host stands for it, the thickest part tells."""
    order = sorted(members, key=lambda s: (s.at_marker, s.squeeze.lagged, -s.depth, s.row))
    return Tight(
        rows=tuple(int(rows[s.row]) for s in order),
        lines=tuple(dict.fromkeys(s.guest for s in order)),
        squeeze=members[0].squeeze,
    )
