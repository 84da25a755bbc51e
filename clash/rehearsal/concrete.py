"""Cast concrete in the plan: what is poured when, when it is struck, and how long it has to wait."""

import re
from dataclasses import dataclass, field

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.critical_path import Moments
from bimcore.model import Scene
from clash.rehearsal.base import Parameter, Stage
from clash.rehearsal.bodies import hull, outline, over, to_segments, within
from clash.rehearsal.covers import texts_of
from clash.rehearsal.works import ancestors, before, of_kind, places_said, same_place
from clash.roles import column

#: What is not cast on site, by name, type or material.
_FACTORY = re.compile(
    r"预制|叠合|PC板|压型|钢承板|空心板|precast|pre-cast|prefab|hollow.?core|plank|deck(ing)?\b|"
    r"filigree|steel|钢(?!筋)|\bS\d{3}\b|Q\d{3}|timber|wood|木|glulam|CLT|玻璃|glass|gypsum|石膏",
    re.IGNORECASE,
)
#: Words for what is finish rather than structure although it is a slab.
_FINISH = re.compile(
    r"面层|找平|饰面|地砖|垫层|散水|铺装|screed|topping|finish|paving|blinding|tile|insulation",
    re.IGNORECASE,
)
#: Grid (metres) on which spans are measured.
_CELL = 0.25

#: Days before forms and props may go; the table is published, the values are the project's.
_TABLE = "published striking table (IS 456 cl. 11.3.1), days at 15 degrees and above"
STRIKE_PARAMETERS = (
    Parameter(
        key="R06.sides_days",
        value=1.0,
        zh="柱、墙、梁侧模板拆除前的龄期（天）",
        en="age in days before side forms of columns, walls and beams are struck",
        source=_TABLE,
    ),
    Parameter(
        key="R06.slab_short_days",
        value=7.0,
        zh="跨度不大于分界的板，拆除支撑的龄期（天）",
        en="age in days before the props of slabs up to the limit of span are struck",
        source=_TABLE,
    ),
    Parameter(
        key="R06.slab_long_days",
        value=14.0,
        zh="跨度大于分界的板，拆除支撑的龄期（天）",
        en="age in days before the props of slabs of larger span are struck",
        source=_TABLE,
    ),
    Parameter(
        key="R06.slab_span_m",
        value=4.5,
        zh="板的跨度分界（米）",
        en="limit of the span of slabs in metres",
        source=_TABLE,
    ),
    Parameter(
        key="R06.beam_short_days",
        value=14.0,
        zh="跨度不大于分界的梁，拆除支撑的龄期（天）",
        en="age in days before the props of beams up to the limit of span are struck",
        source=_TABLE,
    ),
    Parameter(
        key="R06.beam_long_days",
        value=21.0,
        zh="跨度大于分界的梁，拆除支撑的龄期（天）",
        en="age in days before the props of beams of larger span are struck",
        source=_TABLE,
    ),
    Parameter(
        key="R06.beam_span_m",
        value=6.0,
        zh="梁的跨度分界（米）",
        en="limit of the span of beams in metres",
        source=_TABLE,
    ),
    Parameter(
        key="R06.cement_factor",
        value=1.0,
        zh="龄期系数：掺合料或低热水泥取 1.43，低温按试验加大",
        en="factor on the ages: 1.43 for blended or low-heat cement, more in the cold",
        source=_TABLE,
    ),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cast:
    """Elements (E,) cast on site with their pour.

    Attributes
    ----------
    slab, beam, upright : (E,) bool
        Cast slabs, beams, and columns or walls.
    poured : (E,) datetime64[m]
        When the pour ends; NaT where no task says so.
    task : (E,) int64
        The task that pours; -1 for none.
    struck_along : (T,) bool
        Tasks that pour and strike in one go: their inner dates are not known.
    shapes : dict
        Outlines made so far, by element.

    """

    slab: Mask
    beam: Mask
    upright: Mask
    poured: Moments
    task: I64
    struck_along: Mask
    shapes: dict[int, F64] = field(default_factory=dict)

    def shape(self, scene: Scene, element: int) -> F64:
        """The outline of an element in plan, made once."""
        if element not in self.shapes:
            self.shapes[element] = outline(scene, element)
        return self.shapes[element]


def cast_of(stage: Stage) -> Cast:
    """What is cast on site; precast, planks, steel and finishes are not."""
    roles = stage.roles
    words = texts_of(stage.scene)
    materials = column(stage.scene, "material").texts()
    said = [f"{w} {m}" for w, m in zip(words, materials, strict=True)]
    made = np.array([bool(_FACTORY.search(t)) for t in said], dtype=np.bool_)
    finish = np.array([bool(_FINISH.search(t)) for t in words], dtype=np.bool_)
    named = np.array(["混凝土" in t or "concrete" in t.lower() for t in materials], dtype=np.bool_)
    # concrete on a steel deck is cast; a deck without concrete is not
    possible = stage.scene.meshes.has_body & (~made | (named & ~_precast(said)))
    possible &= ~roles["covering"] & ~finish
    along = struck_along(stage)
    poured, task = _pours(stage, along)
    return Cast(
        slab=possible & roles["slab"],
        beam=possible & roles["beam"],
        upright=possible & (roles["column"] | roles["wall"]),
        poured=poured,
        task=task,
        struck_along=along,
    )


def struck_along(stage: Stage) -> Mask:
    """Tasks (T,) that make concrete and strike it as their last step, by name and links."""
    builds = np.array([a == "install" for a in stage.links.action], dtype=np.bool_)
    return builds & of_kind(stage.schedule, "struck_along")


def _precast(texts: list[str]) -> Mask:
    words = re.compile(
        r"预制|PC板|空心板|precast|pre-cast|prefab|hollow.?core|plank", re.IGNORECASE
    )
    return np.array([bool(words.search(t)) for t in texts], dtype=np.bool_)


def _pours(stage: Stage, along: Mask) -> tuple[Moments, I64]:
    """When each element (E,) is poured and by which task.

    Of several tasks the last whose name speaks of pouring counts, else the last that installs.
    """
    count = len(stage.scene)
    moment = np.full(count, "NaT", dtype="datetime64[m]")
    task = np.full(count, -1, dtype=np.int64)
    pours = of_kind(stage.schedule, "pour") | along
    others = of_kind(stage.schedule, "strike", "survey", "test") & ~along
    spoken = np.zeros(count, dtype=np.bool_)
    for t, e in zip(stage.links.task.tolist(), stage.links.element.tolist(), strict=True):
        finish = stage.path.finish[t]
        if stage.links.action[t] != "install" or np.isnat(finish) or others[t]:
            continue
        if spoken[e] and not pours[t]:
            continue
        if (pours[t] and not spoken[e]) or not finish <= moment[e]:
            moment[e], task[e], spoken[e] = finish, t, bool(pours[t])
    return moment, task


def slab_span(stage: Stage, cast: Cast, slab: int) -> float:
    """Span of a slab in metres: how far its middle is from what carries it; NaN if unknown.

    Between beams and walls it is twice the greatest distance to one, over columns alone the
    side of the square between them.
    """
    rows = stage.contacts.below[stage.contacts.above == slab]
    shape = cast.shape(stage.scene, slab)
    if not len(rows) or len(shape) < 3:
        return float("nan")
    outlines = [cast.shape(stage.scene, int(r)) for r in rows.tolist()]
    outlines = [o for o in outlines if len(o) >= 2]
    if not outlines:
        return float("nan")
    a = np.concatenate(outlines)
    b = np.concatenate([np.roll(o, -1, axis=0) for o in outlines])
    low, high = (
        np.maximum(shape.min(axis=0), a.min(axis=0)),
        np.minimum(shape.max(axis=0), a.max(axis=0)),
    )
    if (high <= low).any():
        return 0.0
    points = _grid(low, high)
    # a turned slab does not fill its box, and its edges hang over what carries it
    points = points[over(stage.scene, slab, points) & within(points, hull(a))]
    if not len(points):
        return 0.0
    far = max(
        float(to_segments(part, a, b).max())
        for part in np.array_split(points, len(points) // 4096 + 1)
    )
    long = any(_slender(o) for o in outlines)
    return 2.0 * far if long else float(np.sqrt(2.0)) * far


def _slender(shape: F64) -> bool:
    """Whether an outline is that of a beam or wall, in whatever direction."""
    middle = shape - shape.mean(axis=0)
    _, _, axes = np.linalg.svd(middle, full_matrices=False)
    across = np.ptp(middle @ axes.T, axis=0)
    return bool(across.max() > 2.5 * max(float(across.min()), 0.05))


def _grid(low: F64, high: F64) -> F64:
    """Points (N, 2) of a grid, at most some eight hundred."""
    size = high - low
    cell = max(_CELL, float(np.sqrt(size[0] * size[1] / 800)))
    x = np.arange(low[0] + cell / 2, high[0], cell)
    y = np.arange(low[1] + cell / 2, high[1], cell)
    if not len(x) or not len(y):
        return (low + high)[None] / 2
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def beam_span(stage: Stage, cast: Cast, beam: int) -> float:
    """Greatest gap in metres between what a beam rests on or frames into, along its axis."""
    shape = cast.shape(stage.scene, beam)
    if len(shape) < 2:
        return float("nan")
    middle = shape.mean(axis=0)
    _, _, axes = np.linalg.svd(shape - middle, full_matrices=False)
    way = (shape - middle) @ axes[0]
    first, last = float(way.min()), float(way.max())
    contacts, roles = stage.contacts, stage.contacts.structural
    near = np.concatenate([contacts.b[contacts.a == beam], contacts.a[contacts.b == beam]])
    below = contacts.below[contacts.above == beam]
    carried = contacts.above[contacts.below == beam]
    rows = np.setdiff1d(np.union1d(near[roles[near]], below), carried)
    stops = [first, last]
    for other in rows.tolist():
        body = cast.shape(stage.scene, int(other))
        along = (body - middle) @ axes[0] if len(body) else np.zeros(0)
        across = (body - middle) @ axes[-1] if len(body) else np.zeros(0)
        # what runs along the beam is no support of it at one place
        if len(along) and np.ptp(along) < max(0.5 * (last - first), 1.0) and np.ptp(across) > 0:
            stops.append(float(np.clip(along.mean(), first, last)))
    return float(np.diff(np.unique(np.round(stops, 3))).max(initial=0.0))


def may_be_short(stage: Stage, age: float) -> bool:
    """Whether props of any cast element would have to stay longer than `age` days."""
    keys = ("sides_days", "slab_short_days", "slab_long_days", "beam_short_days", "beam_long_days")
    most = max(float(stage.profile[f"R06.{k}"]) for k in keys)
    return age < most * float(stage.profile["R06.cement_factor"])


def needed_days(stage: Stage, cast: Cast, element: int) -> float:
    """Days that the props of a cast slab or beam have to stay, by its span."""
    profile = stage.profile
    beam = bool(cast.beam[element])
    if not beam and not cast.slab[element]:
        days = float(profile["R06.sides_days"])
        return days * float(profile["R06.cement_factor"])
    name = "beam" if beam else "slab"
    span = beam_span(stage, cast, element) if beam else slab_span(stage, cast, element)
    wide = np.isfinite(span) and span > float(profile[f"R06.{name}_span_m"]) + 1e-6
    days = float(profile[f"R06.{name}_{'long' if wide else 'short'}_days"])
    return days * float(profile["R06.cement_factor"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A task that takes props or forms away, with the pours that it is about.

    Attributes
    ----------
    task : int
    elements : mapping of int to tuple of int
        Cast elements by the task that pours them.
    sure : float
        1 by elements or links of the plan, less by names alone.
    sides : bool
        Whether only the sides are struck.

    """

    task: int
    elements: dict[int, tuple[int, ...]]
    sure: float
    sides: bool


def strikes_of(stage: Stage, cast: Cast) -> list[Strike]:
    """Every striking task of the plan with its pours: by elements, by links, or by place.

    Tasks that pour as well are none: by the plan the props stay in them for as long as it takes.
    """
    schedule = stage.schedule
    strike = of_kind(schedule, "strike") & ~cast.struck_along
    sides = of_kind(schedule, "strike_side")
    links = before(schedule)
    found = []
    for t in np.flatnonzero(strike).tolist():
        if np.isnat(stage.path.start[t]):
            continue
        wanted = cast.upright if sides[t] else cast.slab | cast.beam
        elements, sure = _struck(stage, cast, t, wanted, links)
        if elements:
            found.append(Strike(task=t, elements=elements, sure=sure, sides=bool(sides[t])))
    return found


def _struck(
    stage: Stage, cast: Cast, task: int, wanted: Mask, links: list[I64]
) -> tuple[dict[int, tuple[int, ...]], float]:
    schedule = stage.schedule
    own = stage.links.element[stage.links.task == task]
    own = own[wanted[own] & (cast.task[own] >= 0)]
    mine = places_said(schedule.tasks[task], schedule)
    if len(own):
        return _by_pour(cast, _meant(stage, cast, task, own, links)), 1.0
    pours = np.unique(cast.task[wanted & (cast.task >= 0)])
    near = {
        int(p): same_place(mine, places_said(schedule.tasks[p], schedule)) for p in pours.tolist()
    }
    steps = ancestors(links, task, within=4)
    linked = [p for p, same in near.items() if same and p in steps]
    if linked:
        nearest = min(steps[p] for p in linked)
        chosen = [p for p in linked if steps[p] == nearest]
        return _by_pour(cast, np.flatnonzero(wanted & np.isin(cast.task, chosen))), 0.9
    started = {
        p for p, same in near.items() if same and stage.path.start[p] < stage.path.start[task]
    }
    named = [p for p in started if mine & places_said(schedule.tasks[p], schedule)]
    if named or (len(pours) == 1 and started):
        chosen = named or sorted(started)
        return _by_pour(cast, np.flatnonzero(wanted & np.isin(cast.task, chosen))), 0.6
    return {}, 0.0


def _meant(stage: Stage, cast: Cast, task: int, own: I64, links: list[I64]) -> I64:
    """Of the elements tied to a striking task those whose pour it can be about.

    A storey poured in zones is struck in zones; a pour that begins after the striking is of
    another turn unless the plan itself links the two.
    """
    schedule, path = stage.schedule, stage.path
    mine = places_said(schedule.tasks[task], schedule)
    steps = ancestors(links, task, within=4)
    kept = [
        p
        for p in np.unique(cast.task[own]).tolist()
        if p in steps
        or (
            same_place(_zones(mine), _zones(places_said(schedule.tasks[p], schedule)))
            and path.start[p] < path.start[task]
        )
    ]
    # links say which of several pours of a storey are meant
    kept = [p for p in kept if p in steps] or kept
    found: I64 = own[np.isin(cast.task[own], kept)]
    return found


def _zones(places: frozenset[str]) -> frozenset[str]:
    return frozenset(p for p in places if p.startswith("zone"))


def _by_pour(cast: Cast, elements: I64) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for e in elements.tolist():
        found.setdefault(int(cast.task[e]), []).append(e)
    return {p: tuple(es) for p, es in sorted(found.items())}
