"""Conflicts that are how a building is put together, each set aside with its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import I32, Mask
from bimcore.elements import DISCIPLINES
from bimcore.model import Scene
from clash import buildup, designed, fixings, lagging, openings, services, tight, uncut
from clash.pairs import Facts, View
from clash.result import ClashSet, Relation
from clash.rules import Exclusion, RuleSet, Selector
from clash.select import select
from clash.texts import DISCIPLINE_LABELS, both

#: Judges rows as a guest in a host; called for both ways round.
Test = Callable[[View], Mask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a kind of conflict is set aside.

    Attributes
    ----------
    id : str
        Stable id, shown with each suppressed clash.
    texts : mapping
        What the reader is told, ``"zh-CN"`` and ``"en"``.
    test : callable
        Rows (C,) of a view that it applies to.

    """

    id: str
    texts: Mapping[str, str]
    test: Test


def _either(*tests: Test) -> Test:
    """What one of `tests` finds."""

    def test(view: View) -> Mask:
        found: Mask = np.logical_or.reduce([one(view) for one in tests])
        return found

    return test


#: In order: the first that applies gives the reason.
REASONS: tuple[Reason, ...] = (
    Reason(
        id="relation.part-of",
        texts=both("同一整体的组成部分", "Parts of one whole"),
        test=designed.part_of,
    ),
    Reason(
        id="relation.fills",
        texts=both("门窗安装在该墙的洞口中", "A door or window in the opening of its host"),
        test=openings.fills,
    ),
    Reason(
        id="relation.covers",
        texts=both("饰面覆盖其基层", "A covering on what it covers"),
        test=designed.covers,
    ),
    Reason(
        id="relation.ports",
        texts=both("端口相连的管线接头", "A joint at connected ports"),
        test=services.ports,
    ),
    Reason(
        id="run.joint",
        texts=both("同一管路首尾相接的接头", "A joint of one run, end to body"),
        test=services.run_joint,
    ),
    Reason(
        id="run.carried",
        texts=both("电缆敷设在桥架或线槽内", "A cable lies in its tray"),
        test=services.carried,
    ),
    Reason(
        id="run.inline",
        texts=both(
            "末端、阀件或设备装在自己的管线上", "A terminal, valve or device on its own line"
        ),
        test=services.inline,
    ),
    Reason(
        id="run.equipment",
        texts=both("管线接入其设备", "A line ends in the equipment it serves"),
        test=services.equipment,
    ),
    Reason(
        id="run.insulation",
        texts=both("保温或防火层包裹管线、梁柱", "Insulation or fireproofing round what it wraps"),
        test=lagging.insulation,
    ),
    Reason(
        id="run.support",
        texts=both("支吊架、管卡或法兰在其管线上", "A hanger, clamp or flange at its line"),
        test=fixings.support,
    ),
    Reason(
        id="run.hanger",
        texts=both("吊杆穿在自身支吊架的横担或管卡中", "A hanger rod in its own rail or clamp"),
        test=fixings.hung,
    ),
    Reason(
        id="opening.provision",
        texts=both("管线从预留洞口或套管内穿过", "The line passes within an opening or sleeve"),
        test=openings.provision,
    ),
    Reason(
        id="opening.fit",
        texts=both("恰好装入同尺寸洞口，仅边缘重合", "Stands in a hole of its size, rims coincide"),
        test=tight.fits_hole,
    ),
    Reason(
        id="embedded.part",
        texts=both(
            "钢筋、锚件、预埋件或节点板在其主体内",
            "Reinforcement, an embedded part or a joint plate in its host",
        ),
        test=designed.embedded,
    ),
    Reason(
        id="embedded.cast",
        texts=both(
            "预埋件设在其主体表面，或预应力筋、销栓在其孔道、垫板内",
            "Cast into the face of its host, or a tendon or dowel in its duct or pad",
        ),
        test=_either(fixings.cast_in, fixings.in_its_duct),
    ),
    Reason(
        id="embedded.line",
        texts=both(
            "细管线暗敷在墙、板或面层厚度之内",
            "A thin line concealed within a wall, floor or finish",
        ),
        test=services.concealed,
    ),
    Reason(
        id="joint.connected",
        texts=both("模型声明相连的构件节点", "A joint that the model declares"),
        test=designed.connected,
    ),
    Reason(
        id="joint.end",
        texts=both("构件端部伸入另一构件的节点", "The end of one part is built into another"),
        test=designed.end_joint,
    ),
    Reason(
        id="joint.mouth",
        texts=both("管道端部伸入其端墙", "A pipe ends in its headwall"),
        test=fixings.mouth,
    ),
    Reason(
        id="joint.monolithic",
        texts=both("整浇节点，构件连续通过", "A monolithic joint, one part runs through"),
        test=designed.monolithic,
    ),
    Reason(
        id="joint.infill",
        texts=both("墙体围绕梁柱砌筑", "The wall is built round the frame"),
        test=designed.infill,
    ),
    Reason(
        id="joint.notch",
        texts=both("杆件搭接切口或支撑交叉节点", "A notch or node where two members cross"),
        test=designed.notch,
    ),
    Reason(
        id="finish.edge",
        texts=both(
            "饰面伸入墙柱或绕墙柱收口",
            "A finish runs into or behind a wall, or is cut round it",
        ),
        test=designed.finish_edge,
    ),
    Reason(
        id="finish.floor",
        texts=both(
            "地面做法层围绕其铺设，结构板另行核对",
            "Laid in or round it as the finish of a floor; the deck below is judged by itself",
        ),
        test=buildup.laid_round,
    ),
    Reason(
        id="finish.casing",
        texts=both("门窗套边缘略伸入旁边墙体", "Casing beside the opening, cut on site"),
        test=openings.casing,
    ),
    Reason(
        id="fixture.recessed",
        texts=both("末端设备嵌装在墙、板或吊顶表面", "A fixture recessed in the face of its host"),
        test=services.recessed,
    ),
    Reason(
        id="fixture.drop",
        texts=both("支管垂直穿入吊顶接末端", "A branch square into a ceiling to its outlet"),
        test=services.drop,
    ),
    Reason(
        id="fixture.cabinet",
        texts=both("管线接入柜体内的器具", "A thin line ends in the cabinet it serves"),
        test=services.in_cabinet,
    ),
    Reason(
        id="opener.uncut",
        texts=both(
            "门窗立于本模型墙内，该模型未导出任何洞口",
            "A door or window in its wall, in a model that was exported without openings",
        ),
        test=uncut.in_uncut_wall,
    ),
    Reason(
        id="stands.in",
        texts=both("埋设在路面或道床中", "Set into the courses of a road or track"),
        test=fixings.bedded,
    ),
    Reason(
        id="stands.on",
        texts=both("立于楼地面或固定于墙面，浅埋", "Stands on or is fixed to its host, shallow"),
        test=_either(designed.stands, fixings.bedded_on, fixings.stands_against, fixings.rooted),
    ),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Suppressions:
    """Which rows are set aside, and why.

    Attributes
    ----------
    reason : (C,) int32
        Index into `reasons`; -1 for rows that are shown.
    reasons : tuple of Reason
        ``REASONS``, then what the rules declare.

    """

    reason: I32
    reasons: tuple[Reason, ...] = REASONS

    def __len__(self) -> int:
        return len(self.reason)

    @property
    def suppressed(self) -> Mask:
        """Rows (C,) that are set aside."""
        found: Mask = self.reason >= 0
        return found

    def of(self, row: int) -> Reason | None:
        """Why `row` is set aside; None when it is shown."""
        index = int(self.reason[row])
        return self.reasons[index] if index >= 0 else None

    def counts(self) -> dict[str, int]:
        """Rows set aside by reason id, in the order of the reasons."""
        tally = np.bincount(self.reason[self.reason >= 0], minlength=len(self.reasons))
        return {r.id: int(n) for r, n in zip(self.reasons, tally, strict=True) if n}


def declared(scene: Scene, one: Exclusion) -> Reason:
    """The reason that an exclusion of the rules gives.

    It speaks for elements of the side that declares it, whoever made the others.
    """
    ours = select(scene, one.elements)
    if one.declared_by in DISCIPLINES:
        ours &= select(scene, Selector(disciplines=(one.declared_by,)))
        label = DISCIPLINE_LABELS[one.declared_by]
    else:
        ours &= select(scene, Selector(models=(one.declared_by,)))
        label = both(one.declared_by, one.declared_by)
    theirs = select(scene, one.against)

    def test(view: View) -> Mask:
        found: Mask = ours[view.guest] & theirs[view.host]
        return found

    zh, en = (one.reasons.get(language, one.id) for language in ("zh-CN", "en"))
    texts = both(f"{label['zh-CN']}声明：{zh}", f"Declared by {label['en']}: {en}")
    return Reason(id=f"declared.{one.id}", texts=texts, test=test)


def suppress(scene: Scene, clashes: ClashSet, rules: RuleSet) -> Suppressions:
    """Set aside what is designed to meet.

    Nothing is lost: the rows stay in the result with the reason. Touching pairs are left
    alone (they are no issue anyway), and a body modelled twice is only set aside where one
    is the whole and the other its part.

    Parameters
    ----------
    scene : Scene
    clashes : ClashSet
        All rows of the run.
    rules : RuleSet
        The rules of the run; reasons hold for each kind of rule. What they declare comes
        last, so that its number tells what nothing else sets aside.

    Returns
    -------
    Suppressions
        One entry for each row of `clashes`.

    """
    reasons = (*REASONS, *(declared(scene, e) for e in rules.exclusions))
    reason = np.full(len(clashes), -1, dtype=np.int32)
    rows = np.flatnonzero(clashes.relation != Relation.TOUCH)
    if len(rows):
        facts = Facts.of(scene, clashes.take(rows))
        found = np.full(len(rows), -1, dtype=np.int32)
        for index, entry in enumerate(reasons):
            first, second = facts.views
            applies = entry.test(first) | entry.test(second)
            found[applies & (found < 0)] = index
        reason[rows] = found
    return Suppressions(reason=reason, reasons=reasons)
