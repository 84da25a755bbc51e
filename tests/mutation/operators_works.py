"""Faults of works around the structure: props, ceilings, digs and cranes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from bimcore.arrays import F64
from bimcore.model import Model, Scene
from clash.rehearsal.base import Risk, SiteFacts, Stage
from clash.rehearsal.bodies import outline
from clash.rehearsal.profile import profile
from clash.rehearsal.rules import cards
from clash.roles import roles_of
from tests.building import Thing, model
from tests.mutation.drafts import SILENT, Building, Draft, Row, conflict_free, next_day
from tests.mutation.operators import Fault, Operator
from tests.rehearsing import part

#: Ages that do not depend on spans, so that what has to be found is known beforehand.
AGES = {
    "R06.slab_short_days": 7.0,
    "R06.slab_long_days": 7.0,
    "R06.beam_short_days": 14.0,
    "R06.beam_long_days": 14.0,
}


#: What nobody casts: joists, decks, finishes.
_BUILT = re.compile(r"wood|timber|joist|holz|deck|steel|finish|tile|carpet|precast", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Furnished(Draft):
    """A plan with more parts, surroundings and cranes, and the rules that look at them."""

    site: SiteFacts | None = None
    equipment: tuple[Mapping[str, object], ...] = ()
    rules: tuple[str, ...] = ()
    given: Mapping[str, object] | None = None

    @classmethod
    def of(cls, draft: Draft, more: tuple[Thing, ...] = (), **columns: object) -> "Furnished":
        building = _with_more(draft.building, more) if more else draft.building
        return cls(building=building, rows=draft.rows, links=draft.links, **columns)  # type: ignore[arg-type]

    def with_rows(self, *rows: Row, links: tuple[tuple[int, int], ...] = ()) -> "Furnished":
        return replace(self, rows=(*self.rows, *rows), links=self.links | set(links))

    def stage(self) -> Stage:
        base = super().stage()
        held = profile(cards(), dict(self.given or {}))
        return replace(base, site=self.site, equipment=self.equipment, profile=held)

    def risks(self, rules: object = None) -> tuple[Risk, ...]:
        return super().risks((*SILENT, *self.rules))


def _with_more(building: Building, more: tuple[Thing, ...]) -> Building:
    """The building with parts that carry nothing."""
    scene = Scene.of([*building.scene.models, model(more, name="more")])
    blank = np.zeros(len(more), dtype=np.bool_)
    contacts = building.contacts
    made = replace(building, scene=scene)
    made.__dict__["contacts"] = replace(
        contacts,
        grounded=np.concatenate([contacts.grounded, blank]),
        structural=np.concatenate([contacts.structural, blank]),
    )
    return made


def _end(draft: Draft) -> date:
    return max(r.last for r in draft.rows)


def _row(draft: Draft, name: str, day: date, *elements: int, **columns: str) -> Row:
    blank = replace(draft.rows[0].on(day), name=name, elements=elements, trade="", calendar="six")
    return replace(blank, **columns)


def _worked(day: date) -> date:
    """`day` or the next that structure works on."""
    return next_day("six", day)


def _words(m: Model) -> list[str]:
    """Name, type and material of each element."""
    table = m.elements
    columns = (table.name, table.object_type.texts(), table.material.texts())
    return [" ".join(cells) for cells in zip(*columns, strict=True)]


def strike(building: Building, rng: np.random.Generator, *, age: int) -> Fault | None:
    """The props of a floor are struck at an age of days."""
    draft = Furnished.of(conflict_free(building), given=AGES)
    grounded, slab = building.contacts.grounded, roles_of(building.scene)["slab"]
    words = [n for m in building.scene.models for n in _words(m)]
    cast = [not _BUILT.search(w) for w in words]
    slabs = [e for e in draft._rows if slab[e] and cast[e] and not grounded[e]]
    if not slabs:
        return None
    chosen = sorted(slabs)[int(rng.integers(len(slabs)))]
    row = draft.row_of(chosen)
    pour = draft.rows[row].last
    day = _worked(pour + timedelta(days=age))
    made = draft.with_rows(
        _row(draft, "strike formwork and props", day, chosen, action="maintain"),
        links=((row, len(draft.rows)),),
    )
    return Fault(
        draft=made,
        rules=("R06",),
        rows=frozenset({row, len(draft.rows)}),
        first=day,
        last=pour + timedelta(days=6),
    )


def early_strike(building: Building, rng: np.random.Generator) -> Fault | None:
    """Props go two to five days after the pour; seven are needed."""
    return strike(building, rng, age=int(rng.integers(2, 6)))


def conceal(building: Building, rng: np.random.Generator, *, after: int) -> Fault | None:
    """A duct comes `after` days after the ceiling below it; before it where negative."""
    draft = conflict_free(building)
    slab = roles_of(building.scene)["slab"] & ~building.contacts.grounded
    rows = np.flatnonzero(slab & building.scene.meshes.has_body)
    rows = rows[[not _closed_below(building, int(r)) for r in rows]]
    if not len(rows):
        return None
    box = building.scene.bounds[int(rows[int(rng.integers(len(rows)))])]
    middle, size = box.mean(axis=0), np.minimum(np.ptp(box, axis=0)[:2] * 0.6, 6.0)
    low, high = middle[:2] - size / 2, middle[:2] + size / 2
    z = float(box[0, 2])
    more = (
        part(
            "IfcCovering", (*low, z - 0.6), (*high, z - 0.55), name="ceiling", predefined="CEILING"
        ),
        part(
            "IfcDuctSegment",
            (*(low + size * 0.2), z - 0.4),
            (*(high - size * 0.2), z - 0.1),
            name="duct",
        ),
    )
    count, number = len(building.scene), len(draft.rows)
    ceiling = _worked(_end(draft) + timedelta(days=10))
    duct = _worked(ceiling + timedelta(days=after))
    made = Furnished.of(draft, more=more, rules=("R08",)).with_rows(
        _row(draft, "suspended ceiling", ceiling, count),
        _row(draft, "ducts", duct, count + 1),
    )
    return Fault(
        draft=made,
        rules=("R08",),
        rows=frozenset({number, number + 1}),
        first=ceiling,
        last=duct,
    )


def _closed_below(building: Building, slab: int) -> bool:
    """Whether the building has a covering of its own close below a slab."""
    boxes, box = building.scene.bounds, building.scene.bounds[slab]
    near = roles_of(building.scene)["covering"] & (boxes[:, 1, 2] <= box[1, 2])
    near &= boxes[:, 1, 2] > box[0, 2] - 3.0
    near &= ((boxes[:, 0, :2] < box[1, :2]) & (boxes[:, 1, :2] > box[0, :2])).all(axis=1)
    return bool(near.any())


def conceal_early(building: Building, rng: np.random.Generator) -> Fault | None:
    """A ceiling closes one to five days before the duct over it."""
    return conceal(building, rng, after=int(rng.integers(2, 6)))


def dig(building: Building, rng: np.random.Generator, *, dead: int) -> Fault | None:
    """A line beside a foundation is diverted `dead` days after the dig, or before it."""
    draft = conflict_free(building)
    ground = np.flatnonzero(
        building.contacts.grounded & roles_of(building.scene).any_of("slab", "footing")
    )
    if not len(ground):
        return None
    chosen = int(ground[int(rng.integers(len(ground)))])
    shape = outline(building.scene, chosen)
    if len(shape) < 3:
        return None
    x, gap = float(shape[:, 0].max()), float(rng.uniform(0.05, 0.45))
    z = float(building.scene.bounds[chosen, 0, 2])
    y = (float(shape[:, 1].min()) - 5.0, float(shape[:, 1].max()) + 5.0)
    line = _line(np.array([[x + gap, y[0], z], [x + gap, y[1], z]]))
    day = _worked(draft.rows[0].first - timedelta(days=10))
    number = len(draft.rows)
    made = Furnished.of(
        draft,
        site=SiteFacts(utilities=np.zeros(0, np.int32), buried=(line,), located=True),
        rules=("R18",),
    ).with_rows(
        _row(draft, "excavation", day, chosen, action="neutral"),
        _row(draft, "divert water main W-7", _worked(day + timedelta(days=dead)), action="neutral"),
    )
    return Fault(
        draft=made,
        rules=("R18",),
        rows=frozenset({number, number + 1}),
        first=day,
        last=day,
    )


def _line(points: F64) -> Mapping[str, object]:
    return {
        "layer": "water", "number": "W-7", "name": "water", "kind": "water", "points": points,
        "half_width_m": 0.0, "half_height_m": 0.0, "uncertainty_m": 0.0, "depth_known": True,
        "live_until": "",
    }  # fmt: skip


def dig_before_diversion(building: Building, rng: np.random.Generator) -> Fault | None:
    """A foundation is dug for while the line beside it is live."""
    return dig(building, rng, dead=int(rng.integers(1, 6)))


def crane(building: Building, rng: np.random.Generator, *, gap: float) -> Fault | None:
    """A crane whose sweep ends `gap` metres from a line of 10 kV."""
    draft = conflict_free(building)
    boxes = building.scene.bounds
    middle = np.nanmean(boxes.mean(axis=1), axis=0)
    reach = float(rng.uniform(20.0, 60.0))
    x = float(middle[0]) + reach + gap
    points = np.array([[x, middle[1] - 90.0, middle[2]], [x, middle[1] + 90.0, middle[2]]])
    line = {"layer": "power", "name": "10 kV", "voltage_kv": 10.0, "points": points}
    first, last = draft.rows[0].first, _end(draft)
    row = {
        "kind": "tower_crane",
        "name": "TC1",
        "base": [float(v) for v in middle],
        "radius_m": reach,
        "jib_height_m": 40.0,
        "from": first.isoformat(),
        "to": last.isoformat(),
    }
    made = Furnished.of(
        draft,
        site=SiteFacts(utilities=np.zeros(0, np.int32), lines=(line,), located=True),
        equipment=(row,),
        rules=("R19",),
    )
    return Fault(draft=made, rules=("R19",), rows=frozenset(), first=first, last=last)


def move_crane(building: Building, rng: np.random.Generator) -> Fault | None:
    """A crane is put so near to a line that its sweep comes within 3 m."""
    return crane(building, rng, gap=float(rng.uniform(-10.0, 3.0)))


WORKS: Mapping[str, Operator] = {
    "early strike": early_strike,
    "conceal early": conceal_early,
    "dig before diversion": dig_before_diversion,
    "move crane": move_crane,
}
#: The same works in order: nothing may be found.
IN_ORDER: Mapping[str, Operator] = {
    "strike in time": lambda b, r: strike(b, r, age=int(r.integers(7, 12))),
    "conceal in time": lambda b, r: conceal(b, r, after=-int(r.integers(2, 6))),
    "dig after diversion": lambda b, r: dig(b, r, dead=-int(r.integers(1, 6))),
    "crane apart": lambda b, r: crane(b, r, gap=float(r.uniform(3.1, 9.0))),
}
