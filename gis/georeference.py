"""Models of one project put into one frame, on the map or in their common local frame."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bimcore.arrays import F64
from bimcore.findings import Finding
from bimcore.frame import Frame, rigid
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.model import Model
from gis import codes, coherence, crs as systems, federation, operations
from gis.assessment import Georeference, assess, assumed, with_site
from gis.control import ControlPoints
from gis.conversion import Conversion, Like
from gis.crs import Crs
from gis.evidence import Verdict
from gis.federation import Entry, not_assessed
from gis.heights import datum_code, title
from gis.operations import Transformation, UnsafeTransformation
from gis.placement_codes import OTHER_HEIGHT
from gis.reading import ABSOLUTE_FROM, LARGEST_MODEL, operation_key
from gis.supplied import Supplied, assess_all

__all__ = [
    "Agreed",
    "Arrangement",
    "ControlPoints",
    "Conversion",
    "Georeference",
    "Like",
    "Verdict",
    "arrange",
    "assess",
    "place",
    "project_frame",
]

#: A placement may be one affine transform when it is nowhere further than this from the truth.
AFFINE_RESIDUAL = 5e-4
#: The project origin is a round number of metres, so that small changes do not move it.
ORIGIN_STEP = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a project says of its grids and heights beside its CRS.

    Attributes
    ----------
    grids : mapping
        CRS by the name that the project and its files have for a grid.
    datum : str or None
        Height datum, in anybody's words; None takes that of the CRS or of most models.

    """

    grids: Mapping[str, str] = field(default_factory=dict)
    datum: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Arrangement:
    """Where every model of a project stands.

    Attributes
    ----------
    frame : Frame
        Of the located models; a local frame when none is located.
    groups : tuple of tuple of int
        Models that may be clashed with each other; the located ones first, if any.
    placed : tuple of Model or None
        Moved models; None for a model that is held back.
    georeferences : tuple of Georeference
    findings : tuple of Finding
    datum : str
        Height datum of the project as in `gis.heights`; empty when nothing says it.
    not_assessed : tuple of Entry
        ``{"what": {"zh-CN", "en"}, "why": {"zh-CN", "en"}}``.

    """

    frame: Frame
    groups: tuple[tuple[int, ...], ...]
    placed: tuple[Model | None, ...]
    georeferences: tuple[Georeference, ...]
    findings: tuple[Finding, ...]
    not_assessed: tuple[Entry, ...]
    datum: str = ""


def arrange(
    models: Sequence[tuple[Model, GeoreferenceFacts | None]],
    *,
    crs: str | None = None,
    supplied: Mapping[str, Supplied] | None = None,
    confirmed_repairs: Collection[str] = (),
    origin: Sequence[float] | None = None,
    agreed: Agreed | None = None,
) -> Arrangement:
    """Put models into the project frame, or the unlocated ones into their common local frame.

    Parameters
    ----------
    models : sequence of (Model, GeoreferenceFacts or None)
        Models in their own project metres.
    crs : str or None
        The project's declared CRS; else that of most located models, without zone prefix.
    supplied : mapping
        Placements by model name; they win over the file.
    confirmed_repairs : collection of str
        Names of models whose proposed repair a person confirmed, or ``"name=verdict"`` to
        confirm only that diagnosis.
    origin : sequence of float or None
        Easting, northing, height of the project origin; else a round point near the models.
    agreed : Agreed or None
        What else the project says of its grids and heights.

    Returns
    -------
    Arrangement
        Deterministic; the order of `models` is kept.

    Raises
    ------
    UnknownCrs
        When `crs` is not known or has no eastings and northings.

    """
    agreed = agreed or Agreed()
    names = [m.name for m, _ in models]
    facts = [_known(m, f) for m, f in models]
    declared = None if crs is None else _projected(crs)
    found, extra = assess_all(
        dict(zip(names, facts, strict=True)),
        declared=declared,
        supplied=supplied or {},
        confirmed_repairs=confirmed_repairs,
        grids=agreed.grids,
    )
    found = _shared(found)
    grid = declared or _majority(found)
    datum = datum_code(agreed.datum)
    if grid is not None:
        found = [_adopt(i, found, facts, grid) for i in range(len(found))]
        datum = _datum(grid, found, agreed.datum)
        grid = replace(grid, vertical=datum) if datum.startswith("EPSG:") else grid
        found = [_held_when_unsafe(g, grid, datum) for g in found]
    frame = project_frame(
        found, crs=None if grid is None else grid.name, facts=facts, origin=origin
    )
    placed, groups = _place_all([m for m, _ in models], found, facts, frame)
    if not frame.located:
        frame = next((p.frame for p in placed if p is not None), frame)
    findings = [
        replace(f, model=name) for name, g in zip(names, found, strict=True) for f in g.findings
    ]
    misfits = coherence.misfits(placed, groups, [g.conversion for g in found])
    known = {f.model for f in misfits}
    differing = federation.otherwise_converted(names, groups, facts, found, grid)
    misfits += [f for f in differing if f.model not in known]
    known = {f.model for f in misfits if f.code is not OTHER_HEIGHT}
    findings += extra + misfits
    findings += [f for f in federation.apart(placed, groups) if f.model not in known]
    lost = [i for i, g in enumerate(found) if not g.located]
    siblings, entries = federation.unplaced(names, facts, found, lost)
    return Arrangement(
        frame=frame,
        groups=groups,
        placed=tuple(placed),
        georeferences=tuple(found),
        findings=tuple(findings + siblings),
        not_assessed=tuple(entries + _between(names, groups, placed)),
        datum=datum,
    )


def project_frame(
    georeferences: Sequence[Georeference],
    *,
    crs: str | None,
    facts: Sequence[GeoreferenceFacts] = (),
    origin: Sequence[float] | None = None,
) -> Frame:
    """The frame of the located models; a local one when there are none.

    Parameters
    ----------
    georeferences : sequence of Georeference
    crs : str or None
        CRS of the frame.
    facts : sequence of GeoreferenceFacts
        Those of the same models, for their footprints.
    origin : sequence of float or None
        Easting, northing, height in metres; else the median footprint rounded to
        ``ORIGIN_STEP``, at height 0 so that z stays the height above the datum.

    """
    if crs is None or not any(g.located for g in georeferences):
        return Frame()
    if origin is not None:
        return Frame(crs=crs, origin=np.asarray(origin, dtype=np.float64))
    target = systems.parse(crs)
    centres = []
    for g, f in zip(georeferences, facts, strict=False):
        if g.conversion is not None:
            here = g.conversion.apply(federation.middle(f))
            change = operations.transformation(systems.parse(g.conversion.crs), target)
            centres.append(change(here)[0, :2])
    east, north = np.median(np.array(centres), axis=0)
    rounded = [round(float(v) / ORIGIN_STEP) * ORIGIN_STEP for v in (east, north)]
    return Frame(crs=crs, origin=np.array([*rounded, 0.0]))


def place(model: Model, georeference: Georeference, *, project: Frame) -> Model | None:
    """The model in the located frame `project`; None when it may not be placed.

    One affine transform is used where it is true to ``AFFINE_RESIDUAL``; beyond that each
    vertex is transformed.

    Raises
    ------
    UnsafeTransformation
        When no safe way leads from the model's CRS to that of the frame.

    """
    conversion = georeference.conversion
    if conversion is None or project.crs is None:
        return None
    change = operations.transformation(systems.parse(conversion.crs), systems.parse(project.crs))
    if conversion.topocentric is None and change.source.same_grid(change.target):
        return model.moved(_into(project) @ conversion.matrix(), frame=project)
    return _bent(model, conversion, change, project=project)


def _into(project: Frame) -> F64:
    """Map metres to frame (4, 4)."""
    back = rigid(angle=-project.north)
    shift = np.eye(4)
    shift[:3, 3] = -project.origin
    return back @ shift


def _bent(model: Model, conversion: Conversion, change: Transformation, *, project: Frame) -> Model:
    """The model through a transformation that is not affine."""

    def exact(points: F64) -> F64:
        return project.from_map(change(conversion.apply(points)))

    vertices = model.meshes.vertices
    if len(vertices) == 0:
        vertices = np.zeros((1, 3))
    box = np.stack([vertices.min(axis=0), vertices.max(axis=0)])
    affine, residual = _fit(exact, box)
    moved = model.moved(affine, frame=project)
    if residual <= AFFINE_RESIDUAL or len(model.meshes.vertices) == 0:
        return moved
    return replace(moved, meshes=replace(moved.meshes, vertices=exact(model.meshes.vertices)))


def _fit(exact: Callable[[F64], F64], box: F64) -> tuple[F64, float]:
    """Best affine transform (4, 4) over a box (2, 3) and its largest error in metres."""
    middle, half = box.mean(axis=0), np.maximum(np.ptp(box, axis=0) / 2, 1.0)
    steps = np.array(np.meshgrid(*[[-1.0, -0.5, 0.0, 0.5, 1.0]] * 3)).reshape(3, -1).T
    truth = exact(middle + steps * half)
    design = np.concatenate([steps, np.ones((len(steps), 1))], axis=1)
    found = np.linalg.lstsq(design, truth, rcond=None)[0]
    residual = float(np.linalg.norm(design @ found - truth, axis=1).max())
    affine = np.eye(4)
    affine[:3, :3] = (found[:3] / half[:, None]).T
    affine[:3, 3] = found[3] - affine[:3, :3] @ middle
    return affine, residual


def _known(model: Model, facts: GeoreferenceFacts | None) -> GeoreferenceFacts:
    """The facts with the bounds of the bodies that are really there."""
    facts = facts or GeoreferenceFacts(schema=model.schema)
    vertices = model.meshes.vertices
    if len(vertices) == 0:
        return facts
    box = federation.box(model)
    if np.ptp(box[:, :2], axis=0).max() > LARGEST_MODEL:  # stray bodies do not say where it is
        box = np.percentile(vertices, (2, 98), axis=0)
    low, high = (tuple(float(v) for v in corner) for corner in box)
    return replace(
        facts,
        bounds=((low[0], low[1], low[2]), (high[0], high[1], high[2])),
        first_point=facts.first_point or (low[0], low[1], low[2]),
    )


def _projected(crs: str) -> Crs:
    found = systems.parse(crs)
    if found.geographic:
        message = f"{found.title} is in degrees; give a projected CRS such as EPSG:4549"
        raise systems.UnknownCrs(message)
    return found


def _shared(found: Sequence[Georeference]) -> list[Georeference]:
    """Conversions that differ by rounding alone become one, so that models coincide exactly."""
    kept: list[Conversion] = []
    out = []
    for g in found:
        if g.conversion is not None:
            same = next((k for k in kept if federation.equal(k, g.conversion)), None)
            if same is None:
                kept.append(g.conversion)
            else:
                g = replace(g, conversion=same)
        out.append(g)
    return out


def _majority(found: Sequence[Georeference]) -> Crs | None:
    """The CRS of most located models without zone prefix; the first wins a tie."""
    grids = [
        systems.without_prefix(systems.parse(g.conversion.crs)).horizontal
        for g in found
        if g.conversion is not None
    ]
    if not grids:
        return None
    return systems.parse(Counter(grids).most_common(1)[0][0])


def _datum(grid: Crs, found: Sequence[Georeference], stated: str | None) -> str:
    """The project's height datum: as stated, of its CRS, else that of most models that say."""
    given = datum_code(stated) or datum_code(grid.vertical)
    named = [d for g in found if g.conversion is not None and (d := _datum_of(g))]
    return given or (Counter(named).most_common(1)[0][0] if named else "")


def _datum_of(g: Georeference) -> str:
    """The height datum that a located model names; empty when it names none."""
    if g.conversion is not None and g.conversion.crs:
        vertical = systems.parse(g.conversion.crs).vertical
        if vertical:
            return datum_code(vertical)
    if g.verdict is Verdict.SUPPLIED:
        return ""  # what the file says of its heights is overruled
    words = [e.data["name"] for e in g.evidence if e.code == "height-datum-unknown"]
    return datum_code(str(words[0])) if words else ""


def _adopt(
    i: int, found: Sequence[Georeference], facts: Sequence[GeoreferenceFacts], grid: Crs
) -> Georeference:
    """Absolute coordinates beside located siblings are of the same grid."""
    g = found[i]
    if g.verdict is not Verdict.ABSOLUTE or g.located:
        return g
    trial = assumed(
        g, facts[i], crs=grid, reason=("坐标与已定位模型相邻", "it stands beside located models")
    )
    if trial.conversion is None:
        return g
    others = [j for j, o in enumerate(found) if o.conversion is not None]
    near = federation.stands_near(trial, facts[i], [(found[j], facts[j]) for j in others])
    return with_site(trial, facts[i]) if near else g


def _held_when_unsafe(g: Georeference, grid: Crs, datum: str) -> Georeference:
    """A located model stays out when its place or heights do not turn into the project's safely."""
    if g.conversion is None:
        return g
    source = systems.parse(g.conversion.crs)
    own = _datum_of(g)
    if own and datum and own != datum:
        return _held(g, title(own), title(datum))
    try:
        change = operations.transformation(replace(source, vertical=""), grid)
    except UnsafeTransformation:
        return _held(g, (source.title, source.title), (grid.title, grid.title))
    if change.budget == 0.0:
        return g
    told = Finding.of(
        codes.BUDGETED, source=source.title, target=grid.title, budget_m=change.budget
    )
    return replace(g, findings=(*g.findings, told))


def _held(g: Georeference, source: tuple[str, str], target: tuple[str, str]) -> Georeference:
    told = Finding.of(
        codes.UNSAFE_TRANSFORMATION,
        source_zh=source[0],
        source=source[1],
        target_zh=target[0],
        target=target[1],
    )
    return replace(g, conversion=None, findings=(told, *g.findings))


def _place_all(
    models: Sequence[Model],
    found: Sequence[Georeference],
    facts: Sequence[GeoreferenceFacts],
    frame: Frame,
) -> tuple[list[Model | None], tuple[tuple[int, ...], ...]]:
    """Moved models and the groups that share a frame.

    A model whose georeference is broken is held back from located ones. Where nothing is
    located it stands in its own frame, together with models of the very same operation.
    """
    placed: list[Model | None] = []
    keys: dict[tuple[object, ...], list[int]] = {}
    for i, (model, g) in enumerate(zip(models, found, strict=True)):
        key: tuple[object, ...] = ("local",)
        if g.located:
            key = ("located",)
        elif g.grid:
            key = ("grid", g.grid.casefold())
        elif g.verdict.held_back or any(f.code is codes.UNSAFE_TRANSFORMATION for f in g.findings):
            key = ("held", *operation_key(facts[i]))
        if key[0] == "held" and frame.located:
            placed.append(None)
            continue
        keys.setdefault(key, []).append(i)
        placed.append(place(model, g, project=frame) if g.located else _in_grid(model, g))
    order = sorted(keys, key=lambda k: (k[0] != "located", k[0] != "local", keys[k][0]))
    for key in order:
        if key[0] != "located":
            _shift_home(placed, keys[key])
    return placed, tuple(tuple(keys[k]) for k in order)


def _in_grid(model: Model, g: Georeference) -> Model:
    """An unlocated model as it is; one of an unknown grid in that grid."""
    if not g.grid or g.repair is None:
        return model
    return model.moved(g.repair.matrix())


def _shift_home(placed: list[Model | None], rows: Sequence[int]) -> None:
    """Bring a local group with map-like coordinates near its origin, as one."""
    boxes = [federation.box(m) for m in (placed[i] for i in rows) if m is not None]
    boxes = [b for b in boxes if np.isfinite(b).all()]
    if not boxes:
        return
    middle = np.median([b.mean(axis=0) for b in boxes], axis=0)
    if np.abs(middle[:2]).max() <= ABSOLUTE_FROM:
        return
    origin = np.array([*(np.round(middle[:2] / ORIGIN_STEP) * ORIGIN_STEP), 0.0])
    frame = Frame(origin=origin)
    for i in rows:
        model = placed[i]
        if model is not None:
            placed[i] = model.moved(rigid(shift=-origin), frame=frame)


def _between(
    names: Sequence[str], groups: Sequence[Sequence[int]], placed: Sequence[Model | None]
) -> list[Entry]:
    """What is not clashed because models do not share a frame."""
    held = [n for n, m in zip(names, placed, strict=True) if m is None]
    entries = [
        not_assessed(
            (f"模型“{name}”的所有碰撞", f'All clashes of model "{name}"'),
            ("地理参照有误，模型暂不放置", "its georeference is broken, it is held back"),
        )
        for name in held
    ]
    lists = [", ".join(names[i] for i in group) for group in groups[1:]]
    entries += [
        not_assessed(
            (f"模型 {listed} 与其他模型的碰撞", f"Clashes of {listed} with other models"),
            (
                "它们不在同一坐标系中，相对位置未知",
                "they do not share a frame; their relative position is not known",
            ),
        )
        for listed in lists
    ]
    return entries
