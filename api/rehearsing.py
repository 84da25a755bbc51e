"""The plan of a project rehearsed against its scene: reading, linking, rules, issues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from api.inputs import ScheduleInput, Standing, stood_in
from api.project_file import ReviewSettings
from bimcore.arrays import Mask
from bimcore.critical_path import compute
from bimcore.film import Mark, film
from bimcore.findings import Finding
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.reading import read_schedule
from bimcore.issues import Issue
from bimcore.model import Scene
from bimcore.schedule import Schedule
from bimcore.sketch import Body
from clash.proof import Rehearsal
from clash.rehearsal.base import Risk, Stage
from clash.rehearsal.confirmed import confirmed_of
from clash.rehearsal.contacts import contacts_of
from clash.rehearsal.cranes import crane_bodies, cranes_of
from clash.rehearsal.lifetimes import lifetimes_of
from clash.rehearsal.linking import Linked, link
from clash.rehearsal.places import places_of
from clash.rehearsal.profile import profile
from clash.rehearsal.report import ClashWindow, clash_windows, risk_issues, with_windows
from clash.rehearsal.rules import cards
from clash.rehearsal.run import rehearse
from clash.rehearsal.sited import facts_of
from clash.rehearsal.words import Dictionary, DictionaryError, extended
from clash.result import ClashSet

Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plans:
    """The schedules of a project as read: the one to rehearse, and others to compare with.

    `standings` are of the revisions that were tried, the newest first of each.
    """

    main: Schedule | None
    others: tuple[Schedule, ...]
    findings: tuple[Finding, ...]
    not_assessed: tuple[Entry, ...]
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Rehearsed:
    """A rehearsal.

    Attributes
    ----------
    stage : Stage
    linked : Linked
        Which task works on what, and how much of the models the plan covers.
    risks : tuple of Risk
    issues : tuple of Issue
        One for each risk, in the same order.
    windows : mapping
        When both bodies of a clash issue stand there, by its id; after tracking.
    not_assessed : tuple of mapping

    """

    stage: Stage
    linked: Linked
    risks: tuple[Risk, ...]
    issues: tuple[Issue, ...]
    not_assessed: tuple[Entry, ...]
    windows: Mapping[str, ClashWindow] = field(default_factory=dict)

    def tracked(self, issues: Sequence[Issue], pairs: Mapping[str, tuple[int, int]]) -> "Rehearsed":
        """The same with the `issues` of the review as they are after tracking.

        A risk that was known before goes on under the id it had then.
        """
        holder = {m: i for i in issues if i.kind == "sequence" for m in i.members}
        return replace(
            self,
            issues=tuple(holder.get(i.members[0], i) for i in self.issues),
            windows=clash_windows(self.stage, issues, pairs),
        )

    @cached_property
    def film(self) -> bytes | None:
        """The plan week by week as an animated picture; None where it dates no element."""
        marks = [
            Mark(first=r.window[0], last=r.window[1], severity=r.severity, point=i.point)
            for r, i in zip(self.risks, self.issues, strict=True)
            if r.window is not None
        ]
        return film(self.stage.scene, self.stage.lifetimes, marks=marks)

    def among(
        self, issues: Sequence[Issue], pairs: Mapping[str, tuple[int, int]]
    ) -> tuple[Issue, ...]:
        """All issues, most severe first, the clashes with their windows.

        `pairs` are the scene elements of a clash by its id.
        """
        windows = clash_windows(self.stage, issues, pairs)
        together = [*with_windows(issues, windows), *self.issues]
        return tuple(sorted(together, key=lambda i: (-i.severity, i.titles["en"], i.id)))

    @property
    def lifting(self) -> tuple[dict[str, Body], dict[str, tuple[str, str]]]:
        """Cranes as bodies by name; crane and overhead line of the issues about one, by id."""
        about = {
            issue.id: (str(risk.data["crane"]), str(risk.data.get("line") or ""))
            for risk, issue in zip(self.risks, self.issues, strict=True)
            if risk.data.get("crane")
        }
        cranes = cranes_of(self.stage)[0] if about else []
        return dict(zip((c.name for c in cranes), crane_bodies(cranes), strict=True)), about

    @property
    def looked_at(self) -> Rehearsal:
        """What the rules had to go by, for the proof of what is gone."""
        tasks, links = self.stage.schedule.tasks, self.stage.links
        linked = {tasks[row].id for row in set(links.task.tolist())}
        return Rehearsal(
            rules=frozenset(c.id for c in cards()),
            tasks=frozenset(t.id for t in tasks),
            linked=frozenset(linked),
        )

    @property
    def document(self) -> dict[str, object]:
        """What ``review.json`` says of the plan beside the issues."""
        plan = self.stage.schedule
        rows = zip(self.risks, self.issues, strict=True)
        return {
            "schedule": {
                "name": plan.name,
                "format": plan.format,
                "sha256": plan.source,
                "tasks": len(plan.tasks),
                "links": len(plan.links),
                "cycles": [
                    [plan.tasks[row].id for row in cycle] for cycle in self.stage.path.cycles
                ],
                "coverage": self.linked.coverage.to_json(),
                "thresholds": dict(sorted(self.stage.profile.items())),
            },
            "risks": [self._risk(risk, issue) for risk, issue in rows],
        }

    def _risk(self, risk: Risk, issue: Issue) -> dict[str, object]:
        tasks = self.stage.schedule.tasks
        box = risk.witness
        return {
            "id": issue.members[0],
            "issue": issue.id,
            "rule": risk.rule,
            "severity": risk.severity,
            "confidence": issue.confidence,
            "certain": risk.certain,
            "tasks": [{"id": tasks[t].id, "name": tasks[t].name} for t in risk.tasks],
            "window": None if issue.window is None else list(issue.window),
            "place": risk.place,
            "witness_m": None if box is None else [[round(float(v), 4) for v in p] for p in box],
            "data": dict(risk.data),
        }


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Built:
    """What the plan is rehearsed against; `facts` are of :func:`gis.facts.site_facts`."""

    scene: Scene
    allowed: Mask
    clashes: ClashSet
    facts: Mapping[str, object]


def read_plans(given: Sequence[ScheduleInput]) -> Plans:
    """Read all schedules; of one that cannot be used an earlier revision, with a finding."""
    read: list[Schedule] = []
    findings: list[Finding] = []
    unread: list[str] = []
    standings: list[Standing] = []
    for one in given:
        tried, schedule = _newest_usable(one)
        standings += tried if one.revision else ()
        if schedule is None:
            findings += [tried[0].problem] if tried[0].problem else []
            unread.append(one.name)
            continue
        older = stood_in(one.name, tried)
        findings += [*([] if older is None else [older]), *schedule.findings]
        read.append(schedule)
    return Plans(
        main=read[0] if read else None,
        others=tuple(read[1:]),
        findings=tuple(findings),
        not_assessed=tuple(_unread(unread, read)),
        standings=tuple(standings),
    )


def _newest_usable(given: ScheduleInput) -> tuple[list[Standing], Schedule | None]:
    """The revisions of a schedule that were tried, and the first that could be read."""
    tried = []
    for one in (given, *given.earlier):
        try:
            schedule = read_schedule(one.path, name=one.name)
        except ScheduleError as err:
            tried.append(Standing(given=one, problem=err.finding))
        else:
            return [*tried, Standing(given=one)], schedule
    return tried, None


def _unread(unread: Sequence[str], read: Sequence[Schedule]) -> list[Entry]:
    """What of the schedules was not rehearsed."""
    entries = []
    names = ", ".join(unread)
    if names:
        entries.append(
            _entry(
                (f"施工进度 {names} 的预演", f"rehearsal of the schedule {names}"),
                (
                    "文件无法读取，原因见发现列表",
                    "the file cannot be read; the findings say why",
                ),
            )
        )
    entries += [
        _entry(
            (f"施工进度 {other.name} 的预演", f"rehearsal of the schedule {other.name}"),
            (
                f"项目有多份进度计划，预演使用 {read[0].name}，本份只作对比",
                f"of several schedules {read[0].name} is rehearsed, this one only compared",
            ),
        )
        for other in read[1:]
    ]
    return entries


def _entry(what: tuple[str, str], why: tuple[str, str]) -> Entry:
    return {"what": what[0], "what_en": what[1], "why": why[0], "why_en": why[1]}


def _own_words(path: Path) -> Dictionary:
    """The dictionary of trades with that of the project added."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        message = f"dictionary {path.name}: {err}"
        raise DictionaryError(message) from err
    return extended(path.name, text)


def rehearse_plan(
    plans: Plans, built: Built, settings: ReviewSettings, *, now: datetime
) -> Rehearsed | None:
    """Rehearse the main plan; None when there is none.

    Raises
    ------
    ProfileError
        When the project changes a threshold that does not exist.

    """
    thresholds = profile(cards(), settings.rehearsal)
    if plans.main is None:
        return None
    scene, plan = built.scene, plans.main
    path = compute(plan)
    words = None if settings.dictionary is None else _own_words(settings.dictionary)
    linked = link(scene, plan, confirmed=confirmed_of(settings.links), words=words)
    stage = Stage(
        scene=scene,
        schedule=plan,
        path=path,
        links=linked.links,
        lifetimes=lifetimes_of(scene, plan, path, linked.links),
        contacts=contacts_of(scene, allowed=built.allowed),
        places=places_of(scene),
        clashes=built.clashes,
        profile=thresholds,
        others=plans.others,
        site=facts_of(built.facts, scene),
        equipment=settings.equipment,
        now=plan.status_date or now,
        coverage=linked.coverage,
    )
    found = rehearse(stage)
    return Rehearsed(
        stage=stage,
        linked=linked,
        risks=found.risks,
        issues=risk_issues(stage, found.risks, cards(), now=now),
        not_assessed=found.not_assessed,
    )
