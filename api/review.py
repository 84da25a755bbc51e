"""The whole review: models, layers and settings in, issues and their document out."""

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from api import review_document as shape
from api.artifacts import Reviewed, write
from api.measures import FILE, write_measures
from api.placing import inverse, transform
from api.project_file import Placement, ReviewSettings
from api.scene_artifacts import scene_writers
from bimcore.arrays import F64, Mask
from bimcore.findings import Finding
from bimcore.frame import apply
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.ifc.sandbox import Ingested
from bimcore.issues import Issue, Status
from bimcore.model import Model, Scene
from bimcore.progress import Progress, silent, span
from bimcore.snapshot import snapshots, viewpoint_for
from clash.engine import detect_again
from clash.grouping import Groups, group
from clash.matrix import default_rules, untested_cells
from clash.memory import Memory
from clash.proof import Current, MapChecked
from clash.relevance import Suppressions, suppress
from clash.report import clashes_json, to_issues
from clash.resolution import Resolution, resolve
from clash.result import ClashSet
from clash.rulefile import load_rules
from clash.rules import RuleSet
from clash.tracking import track
from clash.wayout import untried, with_ways_out
from gis.conversion import Conversion, Like
from gis.crs import lonlat, parse
from gis.georeference import Agreed, Arrangement, arrange
from gis.layers import LayerRequest
from gis.rulebook import CHECKS, RED_LINE, project_rules
from gis.site import Site, checked, misplaced, survey


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInput:
    """One model of the federation.

    `path` is what the manifest shows; `sha256` is of the uploaded file.
    """

    name: str
    path: str
    sha256: str
    ingested: Ingested


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInput:
    """One GIS layer file; empty role and CRS are found from the file.

    The last five are as in `gis.layers.LayerRequest`.
    """

    name: str
    path: Path
    sha256: str
    role: str | None = None
    crs: str | None = None
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    depth_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadInput:
    """A file that is kept but not assessed: a schedule."""

    name: str
    sha256: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything a review looks at.

    `previous` is the ``review.json`` of the last run, parsed, and `known` what it measured;
    None at the first.
    """

    models: tuple[ModelInput, ...]
    layers: tuple[LayerInput, ...] = ()
    unread: tuple[UnreadInput, ...] = ()
    previous: Mapping[str, object] | None = None
    known: Memory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A finished review.

    Attributes
    ----------
    document : dict
        ``review.json``.
    issues : tuple of Issue
        Most severe first, resolved ones included.
    scene : Scene
        The models that were placed, in the project frame; issue elements index into it.
    pictures : mapping
        PNG by issue id.
    to_model : mapping
        Transform (4, 4) from the project frame to the model's own coordinates, by model.
    lonlat : mapping
        Longitude and latitude in degrees by issue id; empty when nothing is located.
    counts : mapping
        Numbers that lists and tables show.
    not_assessed : tuple of mapping
        ``what``, ``what_en``, ``why``, ``why_en``.
    now : datetime
    memory : Memory
        What was measured, for the next review.
    placed : Placed
        The models before and after they were placed, and the layers beside them.
    findings : tuple of Finding
        As in the document, most severe first.

    """

    document: dict[str, object]
    issues: tuple[Issue, ...]
    scene: Scene
    pictures: Mapping[str, bytes]
    to_model: Mapping[str, F64]
    lonlat: Mapping[str, tuple[float, float]]
    counts: Mapping[str, int]
    not_assessed: tuple[Mapping[str, object], ...]
    now: datetime
    memory: Memory
    placed: "Placed"
    findings: tuple[Finding, ...]

    @property
    def open_issues(self) -> tuple[Issue, ...]:
        """Issues that are not resolved."""
        return tuple(i for i in self.issues if i.status is not Status.RESOLVED)

    def write(self, out: Path, *, formats: Collection[str]) -> list[Path]:
        """Write the files of `formats` into `out`."""
        reviewed = Reviewed(
            document=self.document,
            issues=self.issues,
            pictures=self.pictures,
            to_model=self.to_model,
            lonlat=self.lonlat,
            now=self.now,
        )
        more = scene_writers(self.scene)
        more["measures"] = [(FILE, lambda _, path: write_measures(self.memory, path))]
        return write(reviewed, out, formats=formats, more=more)


@dataclass(slots=True)
class _Clock:
    """Seconds spent in each stage; the only part of a review that differs between runs."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            before = self.seconds.get(name, 0.0)
            self.seconds[name] = round(before + time.perf_counter() - begin, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Models in the project frame, with the layers of the site."""

    models: tuple[Model | None, ...]
    arrangement: Arrangement
    moves: Mapping[str, F64]
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What is set aside, what belongs together, and how it could be cleared."""

    suppressions: Suppressions
    groups: Groups
    ways: tuple[Resolution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """Clashes as they are written, and the issues made of them."""

    clashes: list[dict[str, object]]
    issues: tuple[Issue, ...]
    undecided: list[shape.Entry]
    grouping: Mapping[str, str]


def review(
    inputs: Inputs,
    *,
    settings: ReviewSettings | None = None,
    progress: Progress = silent,
    now: datetime,
) -> Review:
    """Review `inputs` as a person set it up in `settings`.

    Parameters
    ----------
    inputs : Inputs
        Models that could not be read are reported and left out.
    settings : ReviewSettings, optional
        Defaults need no decision of a person.
    progress : Progress
        Stages ``place, layers, clash, list, pictures``.
    now : datetime
        Aware; the time of new issues.

    Raises
    ------
    RuleError, GisError, ProjectFileError
        When settings are wrong; data that is wrong becomes a finding instead.

    """
    settings = settings or ReviewSettings()
    clock = _Clock()
    progress(0.0, "place")
    with clock.stage("place"):
        placed = _place(inputs, settings)
    rules = load_rules(settings.rules) if settings.rules else default_rules()
    scene, allowed = _scene(placed)
    progress(0.15, "clash")
    with clock.stage("clash"):
        steps = span(progress, 0.15, 0.5)
        clashes, memory = detect_again(scene, rules, inputs.known, allowed=allowed, progress=steps)
    progress(0.48, "layers")
    with clock.stage("layers"):
        placed = _checked(placed, settings, scene, clashes)
    progress(0.5, "list")
    findings = _findings(inputs.models, placed)
    judged = _judge(scene, rules, clashes, allowed, clock)
    with clock.stage("list"):
        listed = _list(scene, rules, clashes, judged, findings, now=now)
        current = Current(
            scene=scene,
            rules=rules,
            rows=listed.clashes,
            allowed=allowed,
            undecided=[(n.a, n.b) for n in clashes.not_assessed],
            site=_map_checked(placed, settings),
        )
        listed = replace(listed, issues=track(listed.issues, inputs.previous, current, now=now))
    progress(0.6, "pictures")
    with clock.stage("pictures"):
        issues = tuple(
            i if i.viewpoint else replace(i, viewpoint=viewpoint_for(scene, i))
            for i in listed.issues
        )
        listed = replace(listed, issues=issues)
        pictures = dict(snapshots(scene, issues))
    progress(1.0, "pictures")
    not_assessed = tuple(_not_assessed(inputs, placed, scene, rules, listed))
    return Review(
        document={
            "schema": shape.SCHEMA,
            "manifest": shape.manifest(_sources(inputs), rules),
            "project": _project(settings, placed),
            "models": _models(inputs, placed),
            "findings": [f.to_json() for f in findings],
            "clashes": listed.clashes,
            "issues": shape.issues_json(issues),
            "grouping": dict(listed.grouping),
            "not_assessed": list(not_assessed),
            "timings": clock.seconds,
        },
        issues=issues,
        scene=scene,
        pictures=pictures,
        to_model={name: inverse(move) for name, move in placed.moves.items()},
        lonlat=_lonlat(issues, placed.arrangement),
        counts=shape.counts(listed.clashes, issues, findings),
        not_assessed=not_assessed,
        now=now,
        memory=memory,
        placed=placed,
        findings=findings,
    )


def _place(inputs: Inputs, settings: ReviewSettings) -> Placed:
    """Put the readable models into one frame, and the layers beside them."""
    models = tuple(_named(m) for m in inputs.models)
    readable = [
        (model, given.ingested.facts)
        for given, model in zip(inputs.models, models, strict=True)
        if model is not None
    ]
    arrangement = _arrange(readable, settings)
    origin = _origin(inputs.previous, arrangement)
    if origin is not None:
        arrangement = _arrange(readable, settings, origin=origin)
    moves = {
        before.name: transform(before, after)
        for (before, _), after in zip(readable, arrangement.placed, strict=True)
        if after is not None
    }
    layers = [
        LayerRequest(
            path=layer.path,
            name=layer.name,
            role=layer.role,
            crs=layer.crs,
            vertical_datum=layer.vertical_datum,
            datum_offset=layer.datum_offset,
            accuracy=layer.accuracy,
            date=layer.date,
            depth_ref=layer.depth_ref,
        )
        for layer in inputs.layers
    ]
    site = survey(
        layers,
        frame=arrangement.frame,
        models=_on_map(arrangement),
        datum=arrangement.datum or None,
        check=False,
    )
    site = replace(site, findings=(*site.findings, *_misplaced(arrangement, site)))
    return Placed(models=models, arrangement=arrangement, moves=moves, site=site)


def _on_map(arrangement: Arrangement) -> list[Model]:
    """The models that are located."""
    rows = arrangement.groups[0] if arrangement.frame.located and arrangement.groups else ()
    return [m for i in rows if (m := arrangement.placed[i]) is not None]


def _checked(placed: Placed, settings: ReviewSettings, scene: Scene, clashes: ClashSet) -> Placed:
    """The models checked against the map; what clashes with a buried line is told once."""
    arrangement = placed.arrangement
    site = checked(
        placed.site,
        _on_map(arrangement),
        frame=arrangement.frame,
        rules=project_rules(settings.parameters, jurisdiction=settings.jurisdiction),
        clashed=_clashed(scene, clashes, bodies=len(placed.site.models)),
    )
    return replace(placed, site=site)


def _map_checked(placed: Placed, settings: ReviewSettings) -> MapChecked:
    """What the checks against the map had to go by."""
    rules = project_rules(settings.parameters, jurisdiction=settings.jurisdiction)
    held = (row for row in rules.rows(*CHECKS) if rules.value(row) is not None)
    return MapChecked(
        layers=frozenset(
            [*(t.name for t in placed.site.tables), *(t.name for t in placed.site.terrains)]
        ),
        rules=frozenset({RED_LINE, *(row.id for row in held)}),
        models=frozenset(m.name for m in (*_on_map(placed.arrangement), *placed.site.models)),
    )


def _clashed(scene: Scene, clashes: ClashSet, *, bodies: int) -> set[tuple[str, str, str]]:
    """Elements and buried lines that clash: GlobalId, layer and number of the line."""
    first = len(scene.models) - bodies
    found = set()
    for one, other in ((clashes.a, clashes.b), (clashes.b, clashes.a)):
        hit = (scene.model_of[one] < first) & (scene.model_of[other] >= first)
        for a, b in zip(one[hit].tolist(), other[hit].tolist(), strict=True):
            (model, row), (layer, line) = scene.locate(a), scene.locate(b)
            found.add((model.elements.guid[row], layer.name, layer.elements.tag[line]))
    return found


def _misplaced(arrangement: Arrangement, site: Site) -> list[Finding]:
    """What the red line shows of simple mistakes in the place of located models."""
    if not arrangement.frame.located or not arrangement.groups:
        return []
    pairs = (
        (arrangement.placed[i], arrangement.georeferences[i].conversion)
        for i in arrangement.groups[0]
    )
    return misplaced(site.tables, {m.name: (m, c) for m, c in pairs if m is not None})


def _arrange(
    readable: Sequence[tuple[Model, GeoreferenceFacts | None]],
    settings: ReviewSettings,
    *,
    origin: Sequence[float] | None = None,
) -> Arrangement:
    return arrange(
        readable,
        crs=settings.crs,
        supplied={name: _conversion(p) for name, p in settings.placements.items()}
        | dict(settings.control),
        confirmed_repairs=settings.confirmed_repairs,
        origin=origin,
        agreed=Agreed(grids=settings.grids, datum=settings.vertical_datum),
    )


def _origin(
    previous: Mapping[str, object] | None, arrangement: Arrangement
) -> tuple[float, float, float] | None:
    """The origin of the last review where it differs, so that coordinates stay comparable."""
    project = previous.get("project") if previous else None
    if not isinstance(project, Mapping) or project.get("crs") != arrangement.frame.crs:
        return None
    if arrangement.frame.crs is None or project.get("origin") == arrangement.frame.origin.tolist():
        return None
    east, north, height = (float(v) for v in project["origin"])
    return east, north, height


def _named(given: ModelInput) -> Model | None:
    """The model under the name the review knows it by."""
    model = given.ingested.model
    return None if model is None else replace(model, name=given.name)


def _conversion(placement: Placement) -> Conversion | Like:
    if placement.like:
        return Like(model=placement.like)
    return Conversion(
        crs=placement.crs,
        eastings=placement.eastings,
        northings=placement.northings,
        height=placement.height,
        rotation=math.radians(placement.rotation_deg),
        scale=(placement.scale, placement.scale, 1.0),
    )


def _scene(placed: Placed) -> tuple[Scene, Mask]:
    """Placed models and bodies of layers, with the pairs of models (M, M) that may meet."""
    arrangement = placed.arrangement
    kept = [i for i, model in enumerate(arrangement.placed) if model is not None]
    row_of = {i: row for row, i in enumerate(kept)}
    models = [m for m in arrangement.placed if m is not None]
    bodies = range(len(models), len(models) + len(placed.site.models))
    models += placed.site.models
    allowed = np.zeros((len(models), len(models)), dtype=bool)
    for number, members in enumerate(arrangement.groups):
        rows = [row_of[i] for i in members if i in row_of]
        if number == 0 and arrangement.frame.located:
            rows += bodies
        allowed[np.ix_(rows, rows)] = True
    return Scene.of(models, frame=arrangement.frame), allowed


def _findings(inputs: Sequence[ModelInput], placed: Placed) -> tuple[Finding, ...]:
    """All findings under the models' names and in the project frame, most severe first."""
    shown = [
        _moved(replace(finding, model=given.name), placed.moves.get(given.name))
        for given in inputs
        for finding in given.ingested.findings
    ]
    shown += [*placed.arrangement.findings, *placed.site.findings]
    return tuple(sorted(shown, key=lambda f: (-f.severity, f.code.code, f.model, f.elements)))


def _moved(finding: Finding, move: F64 | None) -> Finding:
    if finding.point is None or move is None:
        return finding
    x, y, z = apply(move, np.array([finding.point]))[0].tolist()
    return replace(finding, point=(x, y, z))


def _judge(
    scene: Scene, rules: RuleSet, clashes: ClashSet, allowed: Mask, clock: _Clock
) -> _Judged:
    """Set the designed joints aside, group the rest, look for ways out of the groups."""
    with clock.stage("list"):
        suppressions = suppress(scene, clashes, rules)
        groups = group(scene, clashes, rules, suppressions)
    with clock.stage("resolve"):
        ways = resolve(scene, clashes, rules, suppressions, groups, allowed=allowed)
    return _Judged(suppressions=suppressions, groups=groups, ways=ways)


def _list(
    scene: Scene,
    rules: RuleSet,
    clashes: ClashSet,
    judged: _Judged,
    findings: Sequence[Finding],
    *,
    now: datetime,
) -> _Listed:
    """Make issues of the groups, with the ways out of them."""
    suppressions, groups = judged.suppressions, judged.groups
    issues = to_issues(scene, clashes, rules, suppressions, groups, findings, now=now)
    rows = clashes_json(scene, clashes, rules, suppressions)
    ids = [str(row["id"]) for row in rows]
    undecided = shape.undecided(scene, clashes)
    return _Listed(
        clashes=rows,
        issues=with_ways_out(issues, ids, scene, groups, judged.ways),
        undecided=[*undecided, *map(shape.both, untried(judged.ways))],
        grouping=groups.said,
    )


def _sources(inputs: Inputs) -> list[shape.Source]:
    files = [shape.Source(path=m.path, sha256=m.sha256, role="model") for m in inputs.models]
    files += [
        shape.Source(path=layer.path.name, sha256=layer.sha256, role="layer")
        for layer in inputs.layers
    ]
    files += [shape.Source(path=u.name, sha256=u.sha256, role=u.role) for u in inputs.unread]
    return files


def _project(settings: ReviewSettings, placed: Placed) -> dict[str, object]:
    frame = placed.arrangement.frame
    return {"name": settings.name, "crs": frame.crs, "origin": frame.origin.tolist()}


def _models(inputs: Inputs, placed: Placed) -> list[dict[str, object]]:
    found = iter(zip(placed.arrangement.placed, placed.arrangement.georeferences, strict=True))
    entries = []
    for given, model in zip(inputs.models, placed.models, strict=True):
        after, georeference = (None, None) if model is None else next(found)
        entry = shape.model_entry(given.name, given.ingested, after, georeference)
        entries.append({**entry, "file": given.path})
    return entries


def _not_assessed(
    inputs: Inputs, placed: Placed, scene: Scene, rules: RuleSet, listed: _Listed
) -> Iterator[Mapping[str, object]]:
    """Everything that was not tested, each with the reason."""
    for given, model in zip(inputs.models, placed.models, strict=True):
        if model is None:
            yield shape.unreadable(given.name, given.ingested.findings)
    for entry in (*placed.arrangement.not_assessed, *placed.site.not_assessed):
        yield shape.both(entry)
    for cell in untested_cells(rules, scene):
        yield shape.both(cell)
    yield from shape.declared(listed.clashes)
    yield from listed.undecided
    for unread in inputs.unread:
        yield shape.unread(unread.name, unread.role)


def _lonlat(issues: Sequence[Issue], arrangement: Arrangement) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the issues' points; empty when nothing is located."""
    pinned = [i for i in issues if i.point is not None]
    frame = arrangement.frame
    if frame.crs is None or not pinned:
        return {}
    points = frame.to_map(np.array([i.point for i in pinned], dtype=np.float64))
    degrees = lonlat(parse(frame.crs), points[:, :2])
    return {i.id: (float(x), float(y)) for i, (x, y) in zip(pinned, degrees, strict=True)}
