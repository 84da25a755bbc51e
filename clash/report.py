"""Groups and findings become issues, clashes become rows of ``review.json``."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from bimcore.arrays import F64
from bimcore.findings import Finding
from bimcore.issues import ElementRef, Issue
from bimcore.model import Model, Scene
from clash.grouping import SAME_DEPTH, Group, Groups
from clash.identity import clash_ids, element_keys, fingerprint, identifier, pair_key
from clash.pairs import Facts
from clash.refs import refs_of, storey_elevation
from clash.relevance import Suppressions
from clash.result import ClashSet, Measured, Relation
from clash.roles import SERVICE_TRADES
from clash.rules import RuleKind, RuleSet
from clash.severity import Severity, factors, many, severity_of
from clash.shapehash import body_mark
from clash.texts import LANGUAGES, both
from clash.wording import Conflict, advice, description, short_name, title

#: Findings less severe than this are notes of the model, no issue for anybody.
WORTH_AN_ISSUE = 20


@dataclass(frozen=True, eq=False)
class _Run:
    """All that an issue is made of."""

    scene: Scene
    clashes: ClashSet
    rules: RuleSet
    severity: Severity
    total: F64
    asked: F64
    ids: Sequence[str]
    keys: Sequence[str]
    refs: Mapping[int, ElementRef]
    sides: dict[tuple[int, str], ElementRef] = field(default_factory=dict)

    def sided(self, element: int, side: str) -> ElementRef:
        """The reference of `element` on a side; many issues share an element."""
        key = (element, side)
        if key not in self.sides:
            self.sides[key] = replace(self.refs[element], side=side)
        return self.sides[key]


def to_issues(  # noqa: PLR0913 the stages of a run in their order, as the composition calls it
    scene: Scene,
    clashes: ClashSet,
    rules: RuleSet,
    suppressions: Suppressions,
    groups: Groups,
    findings: Sequence[Finding] = (),
    *,
    now: datetime,
) -> tuple[Issue, ...]:
    """One issue for each group, and for findings that are worth one.

    Parameters
    ----------
    scene, clashes, rules, suppressions, groups
        The run; `suppressions` decided what the groups hold.
    findings : sequence of Finding
        Of all rooms; those of one code, model and layer become one issue.
    now : datetime
        Aware; creation time of the issues.

    Returns
    -------
    tuple of Issue
        Most severe first; all are new until they are tracked.

    """
    del suppressions
    keys = element_keys(scene)
    used = [i for g in groups.groups for r in g.rows for i in _both_of(clashes, r)]
    asked = asked_gap(clashes, rules)
    severity = severity_of(scene, clashes, asked=asked)
    run = _Run(
        scene=scene,
        clashes=clashes,
        rules=rules,
        severity=severity,
        total=severity.total,
        asked=asked,
        ids=clash_ids(scene, clashes, rules, keys=keys),
        keys=keys,
        refs=refs_of(scene, [*used, *(g.tight.squeeze.marker for g in groups.groups if g.tight)]),
    )
    marks = _marks(run, groups.groups)
    led = [_led(run, g) for g in groups.groups]
    through = _through(run, led)
    issues = [
        _issue(run, g, mark, now, through=t) for g, mark, t in zip(led, marks, through, strict=True)
    ]
    issues += _finding_issues(scene, findings, now)
    return tuple(sorted(issues, key=lambda i: (-i.severity, i.titles["en"], i.id)))


def _both_of(clashes: ClashSet, row: int) -> tuple[int, int]:
    return int(clashes.a[row]), int(clashes.b[row])


def asked_gap(clashes: ClashSet, rules: RuleSet) -> F64:
    """The gap (C,) that each row's rule asks for, metres; 0 for rules that ask for none."""
    gaps = [r.tolerance if r.kind is RuleKind.CLEARANCE else 0.0 for r in rules.rules]
    found: F64 = np.array([*gaps, 0.0])[clashes.rule]
    return found


def _marks(run: _Run, groups: Sequence[Group]) -> list[str]:
    """Fingerprints of the groups, all different.

    A group is named by what it is about, not by its members, so that it stays the same
    issue when one of them comes or goes.
    """
    words = [_words(run, g) for g in groups]
    same: dict[tuple[str, ...], int] = defaultdict(int)
    for w in words:
        same[w] += 1
    marks = []
    for one, w in zip(groups, words, strict=True):
        least = min(pair_key(*(run.keys[i] for i in _both_of(run.clashes, r))) for r in one.rows)
        marks.append(fingerprint((*w, least) if same[w] > 1 else w))
    return marks


def _led(run: _Run, one: Group) -> Group:
    """The group led by its most severe clash, which is what people have to read first.

    The deepest may be that with the screed on the slab. What says why a line does not fit
    its opening, or that bodies are drawn twice, is told of the row that was grouped by.
    """
    if one.tight is not None or one.kind == "duplicate":
        return one
    return replace(one, lead=max(one.rows, key=lambda r: (float(run.total[r]), -r)))


def _words(run: _Run, one: Group) -> tuple[str, ...]:
    """What a group is about, in words that do not depend on the run."""
    lead = _both_of(run.clashes, one.lead)
    first = run.refs[one.anchors[0]]
    zone = (one.zone,) if one.zone else ()
    if one.kind == "pair":
        return ("clash", "pair", pair_key(run.keys[lead[0]], run.keys[lead[1]]))
    # beside the issue of openings that are missing there may be one of those too small
    kept = () if one.tight is None else ("opening",)
    if one.kind == "element":
        return ("clash", "element", run.keys[one.anchors[0]], one.partner, *zone, *kept)
    if one.kind == "run":
        own = first.system or min(run.keys[i] for i in one.anchors)
        return ("clash", "run", first.model, own, one.partner, one.storey, *zone, *kept)
    models = sorted({run.refs[i].model for i in lead})
    if one.kind == "stack":
        return (
            "clash",
            "stack",
            *models,
            first.ifc_class,
            one.partner,
            min(run.keys[i] for i in one.anchors),
            *kept,
        )
    if one.kind == "repeat":
        return (
            "clash",
            "repeat",
            *models,
            first.ifc_class,
            first.type or one.shape,
            one.partner,
            *kept,
        )
    return ("clash", one.kind, *models, first.ifc_class, one.partner)


def _through(run: _Run, groups: Sequence[Group]) -> list[float]:
    """Metres of the object that the subject of each group's lead row passes; 0 if it ends in it."""
    rows = np.array([g.lead for g in groups], dtype=np.int64)
    if not len(rows):
        return []
    facts = Facts.of(run.scene, run.clashes.take(rows))
    passed = [
        np.where(
            facts.shapes.thin[v.host_row],
            np.where(v.through[:, 2], v.inside[:, 2], 0.0),
            np.where(v.through[:, 1:], v.inside[:, 1:], 0.0).max(axis=1),
        )
        for v in facts.views
    ]
    # what only grazes the object does not pass it, however far it goes on
    passed = [
        np.where(v.depth >= 0.9 * v.guest_size[:, 2], p, 0.0)
        for v, p in zip(facts.views, passed, strict=True)
    ]
    subject_is_a = np.array([_subject(run, g)[0] == run.clashes.a[g.lead] for g in groups])
    found: list[float] = np.where(subject_is_a, passed[0], passed[1]).tolist()
    return found


def _subject(run: _Run, one: Group) -> tuple[int, int]:
    """Who runs into whom in the lead row: the smaller of a containment or of one kind, the run."""
    a, b = _both_of(run.clashes, one.lead)
    if one.tight is not None:
        return (a, b) if a in one.tight.lines else (b, a)
    if run.clashes.relation[one.lead] == Relation.CONTAINMENT:
        return (a, b) if _bulk(run, a) <= _bulk(run, b) else (b, a)
    if one.kind in ("run", "duplicate"):
        return (a, b) if a in one.anchors else (b, a)
    first, second = _thrust(run, a), _thrust(run, b)
    if first == second:
        return (a, b) if _bulk(run, a) <= _bulk(run, b) else (b, a)
    return (a, b) if first > second else (b, a)


def _bulk(run: _Run, element: int) -> float:
    """Cubic metres of the box of an element."""
    return float(np.prod(np.maximum(np.ptp(run.scene.bounds[element], axis=0), 1e-4)))


def _thrust(run: _Run, element: int) -> int:
    """How likely people say that this one runs into the other; pipes before walls."""
    model, row = run.scene.locate(element)
    up = set(model.elements.lineage[int(model.elements.ifc_class.codes[row])])
    # a proxy that the reader gave to a services trade is a device of that trade
    trade = model.elements.discipline
    told = "" if trade.codes[row] < 0 else trade.words[trade.codes[row]]
    if "IfcBuildingElementProxy" in up and told in SERVICE_TRADES:
        up.add("IfcDistributionElement")
    order = (
        "IfcFlowSegment",
        "IfcFlowFitting",
        "IfcDistributionElement",
        "IfcReinforcingElement",
        "IfcFurnishingElement",
        "IfcRailing",
        "IfcDoor",
        "IfcWindow",
        "IfcMember",
        "IfcBeam",
        "IfcColumn",
        "IfcStairFlight",
    )
    places = [len(order) - i for i, c in enumerate(order) if c in up]
    return max(places, default=0)


def _issue(run: _Run, one: Group, mark: str, now: datetime, *, through: float) -> Issue:
    """The issue of one group."""
    clashes, row = run.clashes, one.lead
    subject, target = _subject(run, one)
    squeeze = None if one.tight is None else one.tight.squeeze
    conflict = Conflict(
        subject=run.refs[subject],
        object=run.refs[target],
        relation=Relation(int(clashes.relation[row])),
        through=through,
        depth=float(clashes.depth[row]),
        distance=float(clashes.distance[row]),
        asked=float(run.asked[row]),
        volume=float(clashes.volume[row]),
        bounded=bool(clashes.measured[row] == Measured.BOUNDED),
        count=one.pairs,
        deepest=bool(clashes.depth[row] >= clashes.depth[list(one.rows)].max() - SAME_DEPTH),
        kind=one.kind,
        storey=one.storey,
        height=_height(run, row, (subject, target)),
        squeeze=squeeze,
        opening=None if squeeze is None else run.refs[squeeze.marker],
        unnamed=_unnamed(run, one, (subject, target)),
    )
    worst = max(one.rows, key=lambda r: (float(run.total[r]), -r))
    reasons = factors(run.severity, clashes, worst)
    repeated = many(one.pairs)
    reasons += [] if repeated is None else [repeated]
    extra = 0 if repeated is None else int(str(repeated["points"]))
    point, extent = _frame(run, one)
    return Issue(
        id=identifier(mark),
        fingerprint=mark,
        kind="clash",
        rule=run.rules.rules[clashes.rule[row]].id,
        titles=title(conflict),
        descriptions=description(conflict, reason=one.reason),
        severity=int(min(100, round(float(run.total[worst])) + extra)),
        severity_factors=tuple(reasons),
        confidence=0.8 if conflict.bounded else 0.95,
        members=tuple(run.ids[r] for r in one.rows),
        elements=_elements(run, one, (subject, target)),
        point=point,
        extent=extent,
        storey=one.storey,
        suggestion=advice(conflict, int(run.severity.matter_of[row])),
        created=now,
        updated=now,
    )


def _unnamed(run: _Run, one: Group, lead: tuple[int, int]) -> tuple[bool, bool]:
    """Whether the names of the lead's subject and object are not those of all places.

    The numbers that authoring tools put behind a name tell no difference.
    """
    if one.kind != "repeat":
        return (False, False)
    sides = [_both_of(run.clashes, row) for row in one.rows]
    anchors = set(one.anchors)
    own = {short_name(run.refs[a if a in anchors else b].name) for a, b in sides}
    others = {short_name(run.refs[b if a in anchors else a].name) for a, b in sides}
    found = (len(own) > 1, len(others) > 1)
    return found if lead[0] in anchors else (found[1], found[0])


def _height(run: _Run, row: int, elements: Sequence[int]) -> float | None:
    """Height of the clash over the floor of the first element that knows its storey."""
    for element in elements:
        floor = storey_elevation(run.scene, element)
        if floor is not None:
            return float(run.clashes.point[row, 2]) - floor
    return None


def _frame(run: _Run, one: Group) -> tuple[tuple[float, float, float], float]:
    """Where to look and how much to see: the lead clash, or all when they stand close."""
    x, y, z = (round(float(v), 4) for v in run.clashes.point[one.lead])
    a, b = _both_of(run.clashes, one.lead)
    size = np.ptp(run.scene.bounds[[a, b]], axis=1).max(axis=1)
    extent = float(np.clip(1.5 * size.min(), 1.5, 8.0))
    spread = float(np.ptp(run.clashes.point[list(one.rows)], axis=0).max())
    if spread <= 6.0:
        extent = max(extent, 1.5 * spread)
    return (x, y, z), round(extent, 3)


def _elements(run: _Run, one: Group, lead: tuple[int, int]) -> tuple[ElementRef, ...]:
    """Elements of the group: those of the lead clash first, each once, with its side.

    Side "a" is what runs into side "b".
    """
    anchors = set(one.anchors)
    flip = lead[0] not in anchors
    side: dict[int, str] = {lead[0]: "a", lead[1]: "b"}
    for row in one.rows:
        for element in _both_of(run.clashes, row):
            side.setdefault(element, "ab"[(element in anchors) == flip])
    return tuple(run.sided(e, s) for e, s in side.items())


def clashes_json(
    scene: Scene, clashes: ClashSet, rules: RuleSet, suppressions: Suppressions
) -> list[dict[str, object]]:
    """The rows of ``review.json``, in the order of the clash set.

    Beside the documented keys each side has ``centre_m`` and ``size_m`` (its box in the
    project frame) and ``body`` (a mark of its shape), by which the next review proves what
    moved or changed.
    """
    ids = clash_ids(scene, clashes, rules)
    involved = np.unique(np.concatenate([clashes.a, clashes.b])).tolist()
    solid = clashes.relation != Relation.TOUCH
    marked = set(np.unique(np.concatenate([clashes.a[solid], clashes.b[solid]])).tolist())
    side = {e: _side(scene, r, mark=e in marked) for e, r in refs_of(scene, involved).items()}
    names = [r.id for r in rules.rules]
    words = {int(r): r.name.lower() for r in Relation}
    exact = int(Measured.EXACT)
    why = [_why(suppressions, row) for row in range(len(clashes))]
    columns = zip(
        ids,
        clashes.rule.tolist(),
        clashes.relation.tolist(),
        clashes.a.tolist(),
        clashes.b.tolist(),
        np.round(clashes.depth, 5).tolist(),
        np.round(clashes.distance, 5).tolist(),
        [None if v != v else round(v, 7) for v in clashes.volume.tolist()],
        clashes.measured.tolist(),
        np.round(clashes.point, 4).tolist(),
        why,
        strict=True,
    )
    return [
        {
            "id": i,
            "rule": names[rule],
            "relation": words[relation],
            "a": side[a],
            "b": side[b],
            "depth_m": depth,
            "distance_m": distance,
            "volume_m3": volume,
            "measured": "exact" if measured == exact else "bounded",
            "point": point,
            "suppressed": reason,
        }
        for i, rule, relation, a, b, depth, distance, volume, measured, point, reason in columns
    ]


def _side(scene: Scene, ref: ElementRef, *, mark: bool) -> dict[str, object]:
    """One side of a clash row; what only touches needs no mark of its shape."""
    low, high = scene.bounds[ref.index]
    return {
        "model": ref.model,
        "guid": ref.guid,
        "ifc_class": ref.ifc_class,
        "name": ref.name,
        "type": ref.type,
        "storey": ref.storey,
        "system": ref.system,
        "centre_m": np.round((low + high) / 2, 4).tolist(),
        "size_m": np.round(high - low, 4).tolist(),
        "body": body_mark(scene, ref.index) if mark else "",
    }


def _why(suppressions: Suppressions, row: int) -> dict[str, str] | None:
    reason = suppressions.of(row)
    if reason is None:
        return None
    return {"by": reason.id, "reason": reason.texts["zh-CN"], "reason_en": reason.texts["en"]}


def finding_ids(findings: Sequence[Finding]) -> list[str]:
    """Stable ids of findings; equal findings are numbered."""
    seen: dict[str, int] = defaultdict(int)
    ids = []
    for finding in findings:
        mark = fingerprint(
            (
                "finding",
                finding.code.code,
                finding.model,
                *sorted(finding.elements),
                *_place(finding),
            )
        )
        seen[mark] += 1
        ids.append(identifier(mark if seen[mark] == 1 else f"{mark}/{seen[mark]}"))
    return ids


def _place(finding: Finding) -> tuple[str, ...]:
    """The layer of a finding and, where it has one, its group: what belongs together there."""
    layer, group = (str(finding.data.get(k, "")) for k in ("layer", "group"))
    return (layer, group) if group else (layer,)


def _citation(finding: Finding) -> str:
    """The rule that a finding cites, as people write it; empty when it cites none."""
    cited = finding.data.get("citation")
    if not isinstance(cited, Mapping):
        return ""
    words = (cited.get("standard"), cited.get("edition"), cited.get("clause"))
    return " ".join(str(w) for w in words if w and w not in {"—", "not stated"})


def _basis(finding: Finding, language: str) -> str:
    """What a finding was measured from and by which number, a line each; empty without one."""
    cited = finding.data.get("citation")
    if not isinstance(cited, Mapping):
        return ""
    chinese = language.startswith("zh")
    measured = finding.data.get("measured_from" if chinese else "measured_from_en", "")
    source, rule = cited.get("source", ""), finding.data.get("rule", "")
    lines = [("量测：", "Measured: ")[not chinese] + str(measured)] if measured else []
    lines.append(("依据：", "By: ")[not chinese] + f"{_citation(finding) or source} [{rule}]")
    if source:
        lines.append(("来源：", "Source: ")[not chinese] + str(source))
    return "\n".join(lines)


def _finding_issues(scene: Scene, findings: Sequence[Finding], now: datetime) -> list[Issue]:
    """One issue for findings of one code, model, layer and group that are severe enough."""
    ids = finding_ids(findings)
    together: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, finding in enumerate(findings):
        if finding.severity >= WORTH_AN_ISSUE:
            together[(finding.code.code, finding.model, *_place(finding))].append(number)
    where = {
        m.name: (m, s) for m, s in zip(scene.models, scene.element_start.tolist(), strict=False)
    }
    issues = []
    for key, numbers in together.items():
        worst = max(numbers, key=lambda n: (findings[n].severity, -n))
        finding = findings[worst]
        guids = list(dict.fromkeys(g for n in numbers for g in findings[n].elements))
        model, start = where.get(finding.model, (None, 0))
        rows = {} if model is None else {g: i for i, g in enumerate(model.elements.guid)}
        refs = refs_of(scene, [start + rows[g] for g in guids if g in rows])
        known = {r.guid: r for r in refs.values()}
        elements = tuple(known.get(g, ElementRef(model=finding.model, guid=g)) for g in guids)
        elements += _lines(scene, [findings[n] for n in numbers], where)
        storeys = sorted({e.storey for e in elements if e.storey})
        mark = fingerprint(("finding", *key))
        issues.append(
            Issue(
                id=identifier(mark),
                fingerprint=mark,
                kind="gis" if finding.code.code.startswith("GIS") else "quality",
                rule=finding.code.code,
                titles=_finding_title(finding, len(numbers)),
                descriptions={g: _told([findings[n] for n in numbers], g) for g in LANGUAGES},
                citation=_citation(finding),
                severity=finding.severity,
                severity_factors=_finding_factors(finding),
                members=tuple(ids[n] for n in numbers),
                elements=elements,
                point=finding.point,
                extent=8.0,
                storey=" / ".join(storeys) if len(storeys) <= 3 else "",
                suggestion={g: finding.remedy(g) for g in LANGUAGES},
                created=now,
                updated=now,
            )
        )
    return issues


def _lines(
    scene: Scene, findings: Sequence[Finding], where: Mapping[str, tuple[Model, int]]
) -> tuple[ElementRef, ...]:
    """The bodies of the buried lines that findings name, as the other side."""
    rows: list[int] = []
    for finding in findings:
        numbers, body = finding.data.get("lines"), where.get(_layer(finding))
        if isinstance(numbers, list) and body is not None:
            model, start = body
            wanted = {n for n in numbers if n}
            rows += [start + i for i, tag in enumerate(model.elements.tag) if tag in wanted]
    refs = refs_of(scene, rows)
    return tuple(replace(refs[row], side="b") for row in dict.fromkeys(rows))


def _layer(finding: Finding) -> str:
    return str(finding.data.get("layer", ""))


def _finding_factors(finding: Finding) -> tuple[Mapping[str, object], ...]:
    """Why a finding is as severe as it is, with the layer and the rule it rests on."""
    code, layer, rule = finding.code.code, finding.data.get("layer"), finding.data.get("rule")
    rows: list[tuple[str, object, int, dict[str, str]]] = [
        ("code", code, finding.severity, both(f"检查代码 {code}", f"Catalogued code {code}"))
    ]
    if rule:
        rows.append(("rule", rule, 0, both(f"规则 {rule}", f"Rule {rule}")))
    if layer:
        rows.append(("layer", layer, 0, both(f"图层 {layer}", f"Layer {layer}")))
    return tuple({"factor": f, "value": v, "points": p, "text": t} for f, v, p, t in rows)


def _told(findings: Sequence[Finding], language: str) -> str:
    """Messages, then what they are measured from and by, each once."""
    messages = dict.fromkeys(f.message(language) for f in findings)
    bases = dict.fromkeys(b for f in findings if (b := _basis(f, language)))
    return "\n".join((*messages, *bases))


def _finding_title(finding: Finding, count: int) -> dict[str, str]:
    zh, en = finding.message("zh-CN"), finding.message("en")
    zh, en = zh.rstrip("。"), en.rstrip(".")
    if finding.model and finding.model not in zh:
        zh, en = f"{finding.model}：{zh}", f"{finding.model}: {en}"
    if count > 1:
        zh, en = f"{zh}（等 {count} 项）", f"{en} (and {count - 1} more)"
    return both(zh, en)
