"""The whole review: models, layers and settings in, issues and their document out."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from api import review_document as shape
from api.artifacts import Reviewed, write
from api.inputs import Inputs, LayerInput, ScheduleInput, Standing
from api.measures import FILE, write_measures
from api.placing import inverse
from api.project_file import ReviewSettings
from api.scene_artifacts import Lifting, scene_writers, with_surroundings
from api.siting import (
    Placed,
    checked_on_map,
    findings_of,
    map_checked,
    place,
    scene_of,
)
from bimcore.arrays import F64, Mask
from bimcore.findings import Finding
from bimcore.issues import Issue, Status
from bimcore.model import Scene
from bimcore.progress import Progress, silent, span
from bimcore.snapshot import snapshots, viewpoint_for
from clash import kernels
from clash.engine import detect_again
from clash.grouping import Groups, group
from clash.matrix import default_rules, untested_cells
from clash.memory import Memory
from clash.proof import Current
from clash.relevance import Suppressions, suppress
from clash.report import clashes_json, to_issues
from clash.resolution import Resolution, resolve
from clash.result import ClashSet
from clash.rulefile import load_rules
from clash.rules import RuleSet
from clash.tracking import track
from clash.wayout import untried, with_ways_out
from gis.crs import parse
from gis.facts import site_facts
from gis.georeference import Arrangement
from gis.operations import lonlat
from gis.rulebook import project_rules

if TYPE_CHECKING:
    from api.rehearsing import Rehearsed


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
    rehearsed : Rehearsed or None
        The plan against the scene; None without a readable plan.
    standings : tuple of Standing
        Which revisions of layers and schedules were used, and which could not be.

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
    placed: Placed
    findings: tuple[Finding, ...]
    rehearsed: "Rehearsed | None" = None
    standings: tuple[Standing, ...] = ()

    @property
    def open_issues(self) -> tuple[Issue, ...]:
        """Issues that are not resolved."""
        return tuple(i for i in self.issues if i.status is not Status.RESOLVED)

    @property
    def film(self) -> bytes | None:
        """The plan as an animated picture; None without one."""
        return None if self.rehearsed is None else self.rehearsed.film

    def write(self, out: Path, *, formats: Collection[str]) -> list[Path]:
        """Write the files of `formats` into `out`."""
        reviewed = Reviewed(
            document=self.document,
            issues=self.issues,
            pictures=self.pictures,
            to_model=self.to_model,
            lonlat=self.lonlat,
            now=self.now,
            film=self.film if "html" in formats else None,
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
        Stages ``place, clash, layers, rehearse, list, pictures``.
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
        placed = place(inputs, settings)
    rules = load_rules(settings.rules) if settings.rules else default_rules()
    scene, allowed = scene_of(placed)
    progress(0.14, "kernels")
    with clock.stage("clash"):
        kernels.warm()
        progress(0.15, "clash")
        steps = span(progress, 0.15, 0.5)
        clashes, memory = detect_again(scene, rules, inputs.known, allowed=allowed, progress=steps)
    progress(0.48, "layers")
    with clock.stage("layers"):
        placed = checked_on_map(placed, settings, scene, clashes)
    progress(0.5, "rehearse")
    with clock.stage("rehearse"):
        plan = _plan(inputs, scene, allowed, clashes, placed, settings, now=now)
    progress(0.55, "list")
    findings = findings_of(inputs.models, placed, plan.findings)
    judged = _judge(scene, rules, clashes, allowed, clock)
    with clock.stage("list"):
        listed = _list(scene, rules, clashes, judged, findings, now=now)
        listed = _with_plan(listed, clashes, plan.rehearsed)
        current = Current(
            scene=scene,
            rules=rules,
            rows=listed.clashes,
            allowed=allowed,
            undecided=[(n.a, n.b) for n in clashes.not_assessed],
            site=map_checked(placed, settings),
            plan=None if plan.rehearsed is None else plan.rehearsed.looked_at,
        )
        listed = replace(listed, issues=track(listed.issues, inputs.previous, current, now=now))
        plan = plan.after(listed.issues, _pairs(listed, clashes))
    progress(0.6, "pictures")
    with clock.stage("pictures"):
        issues, pictures = _pictured(scene, listed.issues, placed, plan)
        listed = replace(listed, issues=issues)
    progress(1.0, "pictures")
    standings = (*placed.standings, *plan.standings)
    not_assessed = (
        *_not_assessed(inputs, placed, scene, rules, listed),
        *map(shape.both, plan.not_assessed),
    )
    return Review(
        document={
            "schema": shape.SCHEMA,
            "manifest": shape.manifest(_sources(inputs, standings), rules),
            "project": _project(settings, placed),
            "models": _models(inputs, placed),
            "findings": [f.to_json() for f in findings],
            "clashes": listed.clashes,
            "issues": shape.issues_json(issues),
            "grouping": dict(listed.grouping),
            **plan.document,
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
        rehearsed=plan.rehearsed,
        standings=standings,
    )


def _pictured(
    scene: Scene, issues: Sequence[Issue], placed: Placed, plan: "_Plan"
) -> tuple[tuple[Issue, ...], dict[str, bytes]]:
    """The issues with their viewpoints, and the pictures from there."""
    bodies, about = ({}, {}) if plan.rehearsed is None else plan.rehearsed.lifting
    whole, shown = with_surroundings(
        scene, issues, tables=placed.site.tables, lifting=Lifting(bodies=bodies, about=about)
    )
    found = tuple(
        issue if issue.viewpoint else replace(issue, viewpoint=viewpoint_for(whole, one))
        for issue, one in zip(issues, shown, strict=True)
    )
    framed = [
        replace(one, viewpoint=issue.viewpoint, point=issue.point)
        for issue, one in zip(found, shown, strict=True)
    ]
    return found, dict(snapshots(whole, framed))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What the schedules of the project gave."""

    rehearsed: "Rehearsed | None" = None
    findings: tuple[Finding, ...] = ()
    not_assessed: tuple[shape.Entry, ...] = ()
    standings: tuple[Standing, ...] = ()

    def after(self, issues: Sequence[Issue], pairs: Mapping[str, tuple[int, int]]) -> "_Plan":
        """The same when the issues have been tracked."""
        found = self.rehearsed
        return self if found is None else replace(self, rehearsed=found.tracked(issues, pairs))

    @property
    def document(self) -> Mapping[str, object]:
        """What ``review.json`` says of the plan."""
        return {} if self.rehearsed is None else self.rehearsed.document


def _plan(  # noqa: PLR0913 what the review has at hand
    inputs: Inputs,
    scene: Scene,
    allowed: Mask,
    clashes: ClashSet,
    placed: Placed,
    settings: ReviewSettings,
    *,
    now: datetime,
) -> _Plan:
    """Rehearse the plan where there is one."""
    if not inputs.schedules:
        return _Plan()
    # Loaded here: a review without a plan need not wait for it.
    from api.rehearsing import Built, read_plans, rehearse_plan

    plans = read_plans(inputs.schedules)
    rules = project_rules(settings.parameters, jurisdiction=settings.jurisdiction)
    facts = site_facts(placed.site, frame=placed.arrangement.frame, rules=rules)
    built = Built(scene=scene, allowed=allowed, clashes=clashes, facts=facts)
    rehearsed = rehearse_plan(plans, built, settings, now=now)
    if rehearsed is None:
        return _Plan(
            findings=plans.findings,
            not_assessed=plans.not_assessed,
            standings=plans.standings,
        )
    return _Plan(
        rehearsed=rehearsed,
        findings=plans.findings,
        not_assessed=(*plans.not_assessed, *rehearsed.not_assessed),
        standings=plans.standings,
    )


def _with_plan(listed: _Listed, clashes: ClashSet, rehearsed: "Rehearsed | None") -> _Listed:
    """The issues with those of the rehearsal, and with the windows of the clashes."""
    if rehearsed is None:
        return listed
    issues = rehearsed.among(listed.issues, _pairs(listed, clashes))
    return replace(listed, issues=issues)


def _pairs(listed: _Listed, clashes: ClashSet) -> dict[str, tuple[int, int]]:
    """Scene elements of each clash by its id."""
    rows = zip(clashes.a.tolist(), clashes.b.tolist(), strict=True)
    return {str(r["id"]): pair for r, pair in zip(listed.clashes, rows, strict=True)}


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


def _sources(inputs: Inputs, standings: Sequence[Standing]) -> list[shape.Source]:
    """The files that went in; of a layer or schedule each revision that was tried."""
    files = [shape.Source(path=m.path, sha256=m.sha256, role="model") for m in inputs.models]
    given: list[tuple[str, LayerInput | ScheduleInput]]
    given = [("layer", layer) for layer in inputs.layers]
    given += [("schedule", plan) for plan in inputs.schedules]
    for role, one in given:
        tried: list[tuple[LayerInput | ScheduleInput, bool | None]] = [
            (s.given, s.problem is None) for s in standings if one.key and s.given.key == one.key
        ]
        for source, used in tried or [(one, None)]:
            files.append(
                shape.Source(
                    path=source.path.name,
                    sha256=source.sha256,
                    role=role,
                    revision=source.revision or None,
                    used=used,
                )
            )
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


def _lonlat(issues: Sequence[Issue], arrangement: Arrangement) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the issues' points; empty when nothing is located."""
    pinned = [i for i in issues if i.point is not None]
    frame = arrangement.frame
    if frame.crs is None or not pinned:
        return {}
    points = frame.to_map(np.array([i.point for i in pinned], dtype=np.float64))
    degrees = lonlat(parse(frame.crs), points[:, :2])
    return {i.id: (float(x), float(y)) for i, (x, y) in zip(pinned, degrees, strict=True)}
