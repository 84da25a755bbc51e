"""Faults about people at work: crews in one room, work under work, order of trades, scaffold.

Each is put beside a plan without conflict, in an annex of its own that is worked on after all
else, so that what the other rules say stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np

from bimcore.model import Scene
from tests.building import Thing, model
from tests.mutation.drafts import Building, Draft, Row, conflict_free, next_day
from tests.rehearsing import part

#: Metres between the building and its annex: no contact, no common drop zone.
GAP = 25.0


@dataclass(frozen=True, kw_only=True)
class Annex:
    """A plan with further elements; `of` gives their numbers by name."""

    draft: Draft
    of: dict[str, int]

    def with_rows(self, rows: Sequence[Row], links: Sequence[tuple[int, int]] = ()) -> Draft:
        """The plan with rows after all others; links count from the first of them."""
        count = len(self.draft.rows)
        arcs = {(a + count, b + count) for a, b in links}
        return replace(self.draft, rows=(*self.draft.rows, *rows), links=self.draft.links | arcs)

    def named(self, *rows: int) -> frozenset[int]:
        """Rows of the plan by their number after all others."""
        return frozenset(len(self.draft.rows) + row for row in rows)

    @property
    def end(self) -> date:
        """The first working day after the plan."""
        return next_day("six", max(r.finish for r in self.draft.rows).date() + timedelta(days=7))

    def row(self, name: str, first: date, last: date, **columns) -> Row:
        """Work on the element `name`; further columns as of Row."""
        blank = replace(self.draft.rows[0], calendar="six").on(first, last)
        given = {"elements": (self.of[name],) if name in self.of else (), "action": "install"}
        return replace(blank, **{"name": name, **given, **columns})


def day(start: date, number: int) -> date:
    """The working day `number` days after `start` in the week of six days."""
    for _ in range(number):
        start = next_day("six", start + timedelta(days=1))
    return start


@cache
def _extended(building: Building, things: tuple[tuple, ...]) -> tuple[Building, dict[str, int]]:
    """The building with boxes beside it: (class, low, high, name, storey) from its corner."""
    bounds = building.scene.bounds
    known = bounds[np.isfinite(bounds).all(axis=(1, 2))]
    corner = np.array([known[:, 1, 0].max() + GAP, known[:, 0, 1].min(), 0.0])
    boxes: list[Thing] = [
        part(is_a, tuple(corner + low), tuple(corner + high), name=name, storey=storey)
        for is_a, low, high, name, storey in things
    ]
    heights = {t[4]: t[1][2] for t in reversed(things)}
    annex = model(boxes, name="annex", elevations=heights)
    scene = Scene.of([*building.scene.models, annex], frame=building.scene.frame)
    count = len(building.scene)
    return replace(building, scene=scene), {t.name: count + k for k, t in enumerate(boxes)}


def _annex(building: Building, *things: tuple) -> Annex:
    grown, of = _extended(building, tuple(things))
    return Annex(draft=conflict_free(grown), of=of)


def crews_overlap(building: Building, rng: np.random.Generator) -> tuple:
    """Two trades of one room, one after the other, are moved onto two common days."""
    size = float(rng.uniform(4, 7))
    annex = _annex(
        building,
        ("IfcCovering", (0, 0, 0.0), (size, 5, 0.05), "flooring", "A1"),
        ("IfcDuctSegment", (0.5, 2, 2.6), (size - 0.5, 2.4, 2.9), "ducts", "A1"),
    )
    start = annex.end
    rows = [
        annex.row("ducts", start, day(start, 4), trade="mep_first"),
        annex.row("flooring", day(start, 3), day(start, 7), trade="finish"),
    ]
    return annex.with_rows(rows), "R12", annex.named(0, 1), day(start, 3), day(start, 4)


def work_below(building: Building, rng: np.random.Generator) -> tuple:
    """Pipes are laid under a roof while it is put up."""
    height = float(rng.uniform(5, 9))
    annex = _annex(
        building,
        ("IfcPipeSegment", (0, 0, 0.0), (8, 1, 0.3), "pipes", "A1"),
        ("IfcMember", (0, 0, height), (8, 6, height + 0.4), "trusses", "A2"),
    )
    start = annex.end
    rows = [
        annex.row("trusses", start, day(start, 5), trade="roof"),
        annex.row("pipes", day(start, 4), day(start, 8), trade="mep_first"),
    ]
    return annex.with_rows(rows), "R13", annex.named(0, 1), day(start, 4), day(start, 5)


def order_inverted(building: Building, rng: np.random.Generator) -> tuple:
    """On one of five floors ceilings come before the services above them."""
    floors = [f"A{k + 1}" for k in range(5)]
    things = [
        (is_a, (0, 0, 3.0 * k + z), (6, 5, 3.0 * k + z + 0.1), f"{name} {floor}", floor)
        for k, floor in enumerate(floors)
        for is_a, z, name in (("IfcDuctSegment", 2.6, "ducts"), ("IfcCovering", 2.3, "ceiling"))
    ]
    annex = _annex(building, *things)
    wrong = int(rng.integers(len(floors)))
    start, rows, fault = annex.end, [], ()
    for k, floor in enumerate(floors):
        first, second = day(start, 12 * k), day(start, 12 * k + 5)
        if k == wrong:
            fault = (first, second)
            first, second = second, first
        rows += [
            annex.row(f"ducts {floor}", first, day(first, 3), trade="mep_first"),
            annex.row(f"ceiling {floor}", second, day(second, 3), trade="lining"),
        ]
    pair = annex.named(2 * wrong, 2 * wrong + 1)
    return annex.with_rows(rows), "R16", pair, fault[0], fault[1]


def scaffold_struck(building: Building, rng: np.random.Generator) -> tuple:
    """The scaffold is taken down while the curtain wall is still put up."""
    early = int(rng.integers(2, 6))
    annex = _annex(building, ("IfcCurtainWall", (0, 0, 0.0), (20, 0.2, 12.0), "curtain wall", "A1"))
    start = annex.end
    rows = [
        annex.row("erect scaffold", start, day(start, 4), trade="temporary", action="temporary"),
        annex.row("curtain wall", day(start, 5), day(start, 14), trade="envelope"),
        annex.row("dismantle scaffold", day(start, 15 - early), day(start, 20),
                  trade="temporary", action="remove"),
    ]  # fmt: skip
    last = day(start, 14)
    return annex.with_rows(rows), "R17", annex.named(1, 2), day(start, 15 - early), last


#: Faults by name: each gives a plan, a rule, the rows that it names, first and last day.
PEOPLE = {
    "crews overlap": crews_overlap,
    "work below": work_below,
    "order inverted": order_inverted,
    "scaffold struck": scaffold_struck,
}
