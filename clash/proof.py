"""Proof that a clash of the last review is gone: what moved, what was deleted, what changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, Mask
from bimcore.issues import ElementRef, Issue
from bimcore.model import Scene
from clash.past import Row, Side
from clash.rules import RuleSet
from clash.select import rule_masks
from clash.shapehash import body_mark
from clash.texts import both, label, metres
from clash.wording import short_name

#: What stands between the names of several layers that were checked as one.
LAYERS_JOINED = " / "
#: Metres below which a box did not move; the document keeps tenths of a millimetre.
STILL = 0.001


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MapChecked:
    """What the checks against the map looked at.

    Attributes
    ----------
    layers : frozenset of str
        Names of the layers that were used.
    rules : frozenset of str
        Rows of the rulebook that had a value.
    models : frozenset of str
        Located models and bodies made from layers.

    """

    layers: frozenset[str]
    rules: frozenset[str]
    models: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rehearsal:
    """What the rehearsal of the plan looked at.

    Attributes
    ----------
    rules : frozenset of str
        Ids of the rules that ran.
    tasks, linked : frozenset of str
        Ids of all tasks, and of those that work on some element.

    """

    rules: frozenset[str]
    tasks: frozenset[str]
    linked: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Current:
    """What this review looked at, the evidence for what is gone.

    Attributes
    ----------
    scene : Scene
    rules : RuleSet
    rows : sequence of mapping
        ``clashes`` of this review's document (:func:`clash.report.clashes_json`).
    allowed : (M, M) bool, optional
        Pairs of models that were tested; all when None.
    undecided : sequence of (int, int)
        Pairs of scene elements that could not be decided.
    site : MapChecked, optional
        Without it map checks count as made again.
    plan : Rehearsal, optional
        Without it no risk of the plan is proven gone.

    """

    scene: Scene
    rules: RuleSet
    rows: Sequence[Mapping[str, object]]
    allowed: Mask | None = None
    undecided: Sequence[tuple[int, int]] = ()
    site: MapChecked | None = None
    plan: Rehearsal | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Verdict:
    """Whether a clash is proven gone, with the proof or what is lacking."""

    proven: bool
    reason: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Today:
    """The present review, indexed for questions about single elements and pairs."""

    current: Current
    models: frozenset[str]
    places: Mapping[tuple[str, str], Sequence[int]]
    rows: Mapping[str, Mapping[str, object]]
    left: Mask
    right: Mask
    centre: F64
    size: F64

    @classmethod
    def of(cls, current: Current) -> "Today":
        """Index `current`."""
        scene = current.scene
        places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
            for row, guid in enumerate(model.elements.guid):
                places[(model.name, guid)].append(start + row)
        left, right = rule_masks(scene, current.rules)
        return cls(
            current=current,
            models=frozenset(m.name for m in scene.models),
            places=places,
            rows={str(r.get("id")): r for r in current.rows},
            left=left,
            right=right,
            centre=scene.bounds.mean(axis=1),
            size=scene.bounds[:, 1] - scene.bounds[:, 0],
        )

    def element(self, side: Side) -> int:
        """The scene element of a side; of several with its GlobalId the nearest; else -1.

        An element of the same class, size and place under a new GlobalId is the same.
        """
        found = self.places.get((side.model, side.guid), ())
        if len(found) > 1 and side.centre is not None:
            far = np.linalg.norm(self.centre[list(found)] - side.centre, axis=1)
            return int(found[int(np.nanargmin(far))])
        return int(found[0]) if found else self._lookalike(side)

    def _lookalike(self, side: Side) -> int:
        if side.centre is None or side.size is None:
            return -1
        near = (np.abs(self.centre - side.centre) < STILL).all(axis=1)
        near &= (np.abs(self.size - side.size) < STILL).all(axis=1)
        for element in np.flatnonzero(near).tolist():
            model, row = self.current.scene.locate(element)
            if model.name == side.model and model.elements.ifc_class[row] == side.ifc_class:
                return int(element)
        return -1

    def tested(self, a: int, b: int) -> bool:
        """Whether a rule tested the pair."""
        scene, allowed = self.current.scene, self.current.allowed
        if allowed is not None and not allowed[scene.model_of[a], scene.model_of[b]]:
            return False
        here = (self.left[:, a] & self.right[:, b]) | (self.left[:, b] & self.right[:, a])
        return bool(here.any())

    def undecided(self, a: int, b: int) -> bool:
        """Whether the pair was looked at in vain."""
        return (a, b) in self.current.undecided or (b, a) in self.current.undecided


def absent(models: Sequence[str]) -> Verdict:
    """Models that did not take part prove nothing."""
    names = ", ".join(models)
    return Verdict(
        proven=False,
        reason=both(f"模型 {names} 未参加本次审查", f"Model {names} is not in this review"),
    )


def unchecked(issue: Issue, site: MapChecked) -> Verdict | None:
    """Why a map check that found `issue` was not made again; None when it was."""
    told = {str(f.get("factor")): str(f.get("value", "")) for f in issue.severity_factors}
    rule = told.get("rule", "")
    lost = sorted({p for p in told.get("layer", "").split(LAYERS_JOINED) if p} - site.layers)
    if lost:
        names = ", ".join(lost)
        return Verdict(
            proven=False,
            reason=both(f"图层 {names} 未参加本次检查", f"Layer {names} was not checked this time"),
        )
    if rule and rule not in site.rules:
        return Verdict(
            proven=False,
            reason=both(f"规则 {rule} 本次没有数值", f"Rule {rule} has no value this time"),
        )
    apart = sorted({e.model for e in issue.elements} - site.models) if rule else []
    if apart:
        names = ", ".join(apart)
        return Verdict(
            proven=False,
            reason=both(f"模型 {names} 本次未定位", f"Model {names} is not located this time"),
        )
    return None


def rehearsed_again(issue: Issue, plan: Rehearsal | None) -> Verdict:
    """Whether a risk of the last review that is not found any more is proven gone."""
    told = {str(f.get("factor")): f.get("value") for f in issue.severity_factors}
    value = told.get("tasks")
    tasks = [str(t) for t in value] if isinstance(value, list | tuple) else []
    if plan is None:
        reason = both("本次审查没有进度计划", "This review has no schedule")
        return Verdict(proven=False, reason=reason)
    if issue.rule not in plan.rules:
        reason = both(f"规则 {issue.rule} 本次未运行", f"Rule {issue.rule} did not run this time")
        return Verdict(proven=False, reason=reason)
    gone = [t for t in tasks if t not in plan.tasks]
    if gone:
        names = ", ".join(gone)
        reason = both(f"计划中已无工序 {names}", f"The plan has no task {names} any more")
        return Verdict(proven=True, reason=reason)
    loose = [t for t in tasks if t not in plan.linked] if issue.elements else []
    if loose:
        names = ", ".join(loose)
        zh, en = f"工序 {names} 本次未关联到构件", f"Task {names} is linked to no element this time"
        return Verdict(proven=False, reason=both(zh, en))
    reason = both("已按新计划重新预演，未再发现", "Rehearsed again: not found any more")
    return Verdict(proven=True, reason=reason)


def outcome(row: Row, today: Today) -> Verdict:
    """What became of a clash of the last review that is no issue any more."""
    missing = sorted({row.a.model, row.b.model} - today.models)
    if missing:
        return absent(missing)
    elements = [today.element(s) for s in (row.a, row.b)]
    here = today.rows.get(row.id)
    if here is not None:
        return _still_listed(Row(here, np.zeros(3)), _changes(row, elements, today))
    gone = [s for s, e in zip((row.a, row.b), elements, strict=True) if e < 0]
    if gone:
        return _deleted(gone)
    if not today.tested(*elements):
        reason = both("规则已不再检查这对构件", "No rule tests this pair any more")
        return Verdict(proven=False, reason=reason)
    if today.undecided(*elements):
        reason = both("几何无法判定，未能复查", "The bodies could not be decided this time")
        return Verdict(proven=False, reason=reason)
    return _changed(row, elements, today)


def outcome_of_elements(elements: Sequence[ElementRef], today: Today) -> Verdict:
    """What became of an issue whose clashes are no longer known, only its elements.

    It is an issue that could not be checked for more than one review. It is gone when one
    side is deleted, or when each pair of the two sides was tested and none clashes.
    """
    missing = sorted({e.model for e in elements} - today.models)
    if missing or not elements:
        return absent(missing)
    sides: dict[str, list[int]] = {"a": [], "b": []}
    for ref in elements:
        found = today.places.get((ref.model, ref.guid), ())
        sides.setdefault(ref.side, []).extend(found[:1])
    if not sides["a"] or not sides["b"]:
        return Verdict(proven=True, reason=both("构件已删除", "The elements were deleted"))
    pairs = [(a, b) for a in sides["a"] for b in sides["b"]]
    if all(today.tested(a, b) and not today.undecided(a, b) for a, b in pairs):
        reason = both("已重新检查这些构件，不再冲突", "Tested again: they do not clash any more")
        return Verdict(proven=True, reason=reason)
    reason = both("规则已不再检查这对构件", "No rule tests this pair any more")
    return Verdict(proven=False, reason=reason)


def _still_listed(here: Row, changes: Sequence[tuple[str, str]]) -> Verdict:
    """A clash that is in the result but shown no more."""
    if here.suppressed:
        zh, en = here.suppressed.get("zh-CN", ""), here.suppressed.get("en", "")
        texts = both(f"判为设计连接：{zh}", f"Set aside as a designed joint: {en}")
        if here.suppressed_by.startswith("declared."):
            texts = both(f"按声明不再显示：{zh}", f"Not shown any more: {en}")
        return Verdict(proven=True, reason=texts)
    if changes:
        zh, en = changes[0]
        return Verdict(proven=True, reason=both(f"{zh}，现仅接触", f"{en}, they only touch now"))
    rule = str(here.raw.get("rule", ""))
    return Verdict(
        proven=True,
        reason=both(
            f"规则已改：按 {rule} 的容差仅为接触",
            f"The rule changed: within the tolerance of {rule} they only touch",
        ),
    )


def _called(side: Side) -> tuple[str, str]:
    name = short_name(side.name) or side.guid
    return f"{label(side.ifc_class)}“{name}”", f"{label(side.ifc_class, 'en')} “{name}”"


def _deleted(gone: Sequence[Side]) -> Verdict:
    zh = "、".join(_called(s)[0] for s in gone)
    en = " and ".join(_called(s)[1] for s in gone)
    return Verdict(proven=True, reason=both(f"{zh} 已删除", f"{en} deleted"))


def _changed(row: Row, elements: Sequence[int], today: Today) -> Verdict:
    """Both are there, were tested and do not clash: one must have moved or changed shape."""
    parts = _changes(row, elements, today)
    if parts:
        zh, en = "；".join(p[0] for p in parts), "; ".join(p[1] for p in parts)
        return Verdict(proven=True, reason=both(zh, en))
    reason = both(
        "两构件均未变化但本次未检出（规则或容差可能已改），请人工复核",
        "Neither element changed, yet it was not found (rules may have changed): look again",
    )
    return Verdict(proven=False, reason=reason)


def _changes(row: Row, elements: Sequence[int], today: Today) -> list[tuple[str, str]]:
    """How the elements that are still there differ from what the last review saw."""
    sides = zip((row.a, row.b), elements, strict=True)
    return [said for side, e in sides if e >= 0 for said in _change(side, e, today)]


def _change(side: Side, element: int, today: Today) -> list[tuple[str, str]]:
    """How one element differs from what the last review saw."""
    zh, en = _called(side)
    if side.centre is None or side.size is None:
        return []
    moved = float(np.linalg.norm(today.centre[element] - side.centre))
    grown = float(np.abs(today.size[element] - side.size).max())
    if moved > STILL and grown <= STILL:
        return [(f"{zh} 已移动 {metres(moved)}", f"{en} moved {metres(moved)}")]
    if grown > STILL:
        return [(f"{zh} 尺寸改变 {metres(grown)}", f"{en} changed size by {metres(grown)}")]
    if side.body and side.body != body_mark(today.current.scene, element):
        return [(f"{zh} 外形已修改", f"{en} changed shape")]
    return []
