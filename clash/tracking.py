"""What became of the issues of the last review: kept, back, gone with proof, or not seen."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bimcore.issues import Issue, Status
from clash.identity import fingerprint, identifier
from clash.past import Past, Row, past_of
from clash.proof import (
    Current,
    Today,
    Verdict,
    absent,
    outcome,
    outcome_of_elements,
    rehearsed_again,
    unchecked,
)
from clash.signature import renamed
from clash.texts import both, metres

#: A clash that got deeper by more than this since a person approved it is looked at again.
WORSE, WORSE_SHARE = 0.010, 0.10
#: Share by which the space that it takes may grow, where that is known.
MORE = 0.02
_DECIDED = (Status.REVIEWED, Status.APPROVED)
_UNDECIDED = (Status.NEW, Status.NOT_RECHECKED)


def track(
    issues: Sequence[Issue],
    previous: Mapping[str, object] | None,
    current: Current | None = None,
    *,
    now: datetime | None = None,
) -> tuple[Issue, ...]:
    """Carry the state of the last review over to `issues` and add what is gone.

    An issue of the last review goes on in the issue with its fingerprint, else in the one
    that shares most of its clashes; clashes whose elements got new GlobalIds are matched
    by class, type, name, system, storey, size and place. Only what is proven gone becomes
    ``resolved``, with the proof in ``status_reason``; everything else that is not seen any
    more becomes ``not_rechecked``.

    Parameters
    ----------
    issues : sequence of Issue
        Of this review, all ``new``.
    previous : mapping or None
        ``review.json`` of the last review, parsed; None when there is none.
    current : Current, optional
        Without it nothing can be proven and nothing is resolved.
    now : datetime, optional
        Time of the change; the creation time of the issues when left out.

    Returns
    -------
    tuple of Issue
        `issues` in their order, then those that are gone; ids are unique.

    """
    if previous is None:
        return tuple(issues)
    past = past_of(previous, current.scene if current else None)
    links = Links.of(past, current, {m for i in issues for m in i.members})
    heirs, parents = _heirs(issues, links)
    kin = set(heirs.values())
    tracked = [
        _carried(issue, links, parents.get(n), kin=n in kin) for n, issue in enumerate(issues)
    ]
    today = None if current is None else Today.of(current)
    holder = {m: i for i in issues for m in i.members}
    gone = [
        _gone(old, links, today, holder, now)
        for number, old in enumerate(past.issues)
        if number not in heirs
    ]
    return _distinct(tracked, gone)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Links:
    """Clashes of the last review in this one.

    Attributes
    ----------
    past : Past
    scores : mapping
        New id and score of old clashes whose elements got new GlobalIds, by old id.
    depth, volume : mapping
        Depth in metres of the clashes of this review's issues, and their shared space in
        cubic metres where it is known, by id.

    """

    past: Past
    scores: Mapping[str, tuple[str, float]]
    depth: Mapping[str, float]
    volume: Mapping[str, float]

    @classmethod
    def of(cls, past: Past, current: Current | None, members: Collection[str]) -> "Links":
        """Match what GlobalIds do not, among the `members` of this review's issues."""
        if current is None:
            return cls(past=past, scores={}, depth={}, volume={})
        rows = [Row(r, np.zeros(3)) for r in current.rows if r.get("id") in members]
        scores = renamed(past.rows.values(), rows, current.scene)
        depth, volume = {r.id: r.depth for r in rows}, {r.id: r.volume for r in rows}
        return cls(past=past, scores=scores, depth=depth, volume=volume)

    def now(self, member: str) -> str:
        """The id that an old clash has now."""
        return self.scores[member][0] if member in self.scores else member


def _heirs(issues: Sequence[Issue], links: Links) -> tuple[dict[int, int], dict[int, int]]:
    """Which issue continues which old one, and the old one each issue descends from.

    Returns
    -------
    heirs : dict
        Old number to new number, one to one.
    parents : dict
        New number to the old number it shares most with; several new ones may have one.

    """
    old_issues = links.past.issues
    votes: Counter[tuple[int, int]] = Counter()
    place = {i.fingerprint: n for n, i in enumerate(issues)}
    holder = {m: n for n, i in enumerate(issues) for m in i.members}
    for number, old in enumerate(old_issues):
        # the mark counts as one clash: it decides ties, and names what has lost its members
        found = [holder.get(links.now(m)) for m in old.members] + [place.get(old.fingerprint)]
        votes.update((number, n) for n in found if n is not None and issues[n].kind == old.kind)
    ranked = sorted(
        votes,
        key=lambda v: (-votes[v], old_issues[v[0]].fingerprint != issues[v[1]].fingerprint, v),
    )
    heirs: dict[int, int] = {}
    parents: dict[int, int] = {}
    for old_number, new_number in ranked:
        if old_number not in heirs and new_number not in parents:
            heirs[old_number] = new_number
            parents[new_number] = old_number
    for old_number, new_number in ranked:
        parents.setdefault(new_number, old_number)
    return heirs, parents


def _carried(issue: Issue, links: Links, parent: int | None, *, kin: bool) -> Issue:
    """`issue` with the state of its parent; `kin` when it goes on as the same issue."""
    if parent is None:
        return issue
    old = links.past.issues[parent]
    status, why = _status(issue, old, links)
    if not kin:
        text = both(f"由问题 {old.id[:8]} 拆分", f"Split from issue {old.id[:8]}")
        return replace(issue, status=status, status_reason=text)
    return replace(
        issue,
        id=old.id,
        fingerprint=old.fingerprint,
        status=status,
        status_reason=why,
        assigned_to=old.assigned_to,
        comments=old.comments,
        created=old.created or issue.created,
    )


def _status(issue: Issue, old: Issue, links: Links) -> tuple[Status, dict[str, str]]:
    """The state of an issue that is still there."""
    if old.status is Status.RESOLVED:
        return Status.REOPENED, both("曾标记为已解决，本次仍存在", "Was resolved, is still there")
    worse = _worse(issue, old, links)
    if worse and old.status in _DECIDED:
        text = metres(worse)
        return Status.REOPENED, both(f"比上次加深 {text}，需重新确认", f"{text} deeper than before")
    status = Status.ACTIVE if old.status in _UNDECIDED else old.status
    scores = [links.scores[m][1] for m in old.members if m in links.scores]
    if scores:
        score = min(scores)
        return status, both(
            f"构件 GlobalId 已变，按类别、类型、尺寸和位置对应（相似度 {score:.2f}）",
            f"GlobalIds changed; matched by class, type, size and place (score {score:.2f})",
        )
    if len(old.members) != len(issue.members) and issue.kind == "clash":
        was, here = len(old.members), len(issue.members)
        return status, both(f"上次 {was} 处，本次 {here} 处", f"{was} clashes before, {here} now")
    kept = {} if old.status is Status.NOT_RECHECKED else dict(old.status_reason)
    return status, kept


def _worse(issue: Issue, old: Issue, links: Links) -> float:
    """Metres by which the shared clash that got deepest got deeper; 0 when none did."""
    kept = set(issue.members)
    most = 0.0
    for member in old.members:
        row, here = links.past.rows.get(member), links.now(member)
        if row is not None and here in kept and here in links.depth:
            grown = links.depth[here] - row.depth
            # a duct that passes a wall lower down passes it no worse, however long the way out
            more = not links.volume[here] <= (1 + MORE) * row.volume
            if more and grown > WORSE and grown > WORSE_SHARE * row.depth:
                most = max(most, grown)
    return most


def _gone(
    old: Issue,
    links: Links,
    today: Today | None,
    holder: Mapping[str, Issue],
    now: datetime | None,
) -> Issue:
    """An issue of the last review that is not in this one."""
    if old.status is Status.RESOLVED:
        return old
    merged = next((holder[m] for m in map(links.now, old.members) if m in holder), None)
    if merged is not None:
        zh, en = merged.titles.get("zh-CN", ""), merged.titles.get("en", "")
        verdict = Verdict(proven=True, reason=both(f"已并入问题“{zh}”", f"Went into “{en}”"))
    elif today is None:
        reason = both("没有可供核对的本次结果", "There was nothing to compare with")
        verdict = Verdict(proven=False, reason=reason)
    else:
        verdict = _verdict(old, links, today)
    status = Status.RESOLVED if verdict.proven else Status.NOT_RECHECKED
    return replace(old, status=status, status_reason=verdict.reason, updated=now or old.updated)


def _verdict(old: Issue, links: Links, today: Today) -> Verdict:
    """Whether all members are proven gone, and how."""
    rows = [links.past.rows[m] for m in old.members if m in links.past.rows]
    if old.kind != "clash":
        return _finding_verdict(old, today)
    if not rows:
        return outcome_of_elements(old.elements, today)
    verdicts = [outcome(row, today) for row in rows]
    chosen = [v for v in verdicts if not v.proven] or verdicts
    first, more = chosen[0], len(chosen) - 1
    if len({v.reason["zh-CN"] for v in chosen}) == 1:
        return first
    zh, en = first.reason["zh-CN"], first.reason["en"]
    return Verdict(
        proven=first.proven, reason=both(f"{zh}（另有 {more} 处）", f"{en} (and {more} more)")
    )


def _finding_verdict(old: Issue, today: Today) -> Verdict:
    missing = sorted({e.model for e in old.elements if e.model} - today.models)
    if missing:
        return absent(missing)
    if old.kind == "sequence":
        return rehearsed_again(old, today.current.plan)
    site = today.current.site
    open_ = unchecked(old, site) if old.kind == "gis" and site is not None else None
    if open_ is not None:
        return open_
    return Verdict(
        proven=True, reason=both("本次检查未再发现", "The check was made again and found nothing")
    )


def _distinct(tracked: Sequence[Issue], gone: Sequence[Issue]) -> tuple[Issue, ...]:
    """All issues with different ids; an old id belongs to whom it was given first."""
    used = Counter(i.fingerprint for i in (*tracked, *gone))
    taken = {i.fingerprint for i in gone}
    result: list[Issue] = []
    for issue in tracked:
        mark = issue.fingerprint
        if used[mark] > 1 and (mark in taken or issue.status is Status.NEW):
            number = 2
            while used[mark]:
                mark = fingerprint((issue.fingerprint, str(number)))
                number += 1
            used[mark] += 1
            result.append(replace(issue, id=identifier(mark), fingerprint=mark))
        else:
            result.append(issue)
        taken.add(mark)
    return (*result, *gone)
