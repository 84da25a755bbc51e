"""Links of MSPDI, their lags, and the numbers it has for units of time."""

import re
from collections.abc import Collection, Iterator, Mapping
from math import nan

from bimcore.formats.schedules.codes import BAD_LINK, BAD_VALUE
from bimcore.formats.schedules.places import at_line
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.xmlrecords import Node
from bimcore.schedule import Lag, LagCalendar, LagUnit, Link, LinkType

_TYPES = {"0": LinkType.FF, "1": LinkType.FS, "2": LinkType.SF, "3": LinkType.SS, "": LinkType.FS}
WHOLE = re.compile("[0-9]{1,6}")
#: Formats of durations and lags from which on they are estimates of those 32 below.
_ESTIMATED = 35
ELAPSED = frozenset({4, 6, 8, 10, 12})
_PERCENT, _ELAPSED_PERCENT = 19, 20


def unit_format(text: str) -> tuple[int, bool]:
    """Unit of a duration or lag, and whether it is estimated."""
    number = int(text) if WHOLE.fullmatch(text) else 7
    return (number - 32, True) if number >= _ESTIMATED else (number, False)


def link_of(
    node: Node, row: int, known: Mapping[str, int], absent: Collection[str], remarks: Remarks
) -> Iterator[Link]:
    """The link of one ``PredecessorLink`` element, if it can be used."""
    before = node.get("PredecessorUID")
    place = at_line(node.line, "PredecessorLink")
    crosses = node.get("CrossProject") == "1" or bool(node.get("CrossProjectName"))
    if before in absent:
        return
    kind = _TYPES.get(node.get("Type"))
    if crosses and before not in known:
        why = ("前置任务在另一个项目文件中", "the predecessor is in another project file")
        value = node.get("CrossProjectName") or before
    elif before not in known:
        why, value = ("没有这个任务", "there is no such task"), f"UID {before}"
    elif known[before] == row:
        why, value = ("任务指向自己", "the task refers to itself"), f"UID {before}"
    elif kind is None:
        why, value = ("类型未知", "its type is unknown"), f"Type {node.get('Type')}"
    else:
        yield Link(
            predecessor=known[before], successor=row, type=kind, lag=_lag(node, place, remarks)
        )
        return
    remarks.note(BAD_LINK, place=place, alike=why[1], value=value, why_zh=why[0], why_en=why[1])


def _lag(node: Node, place: str, remarks: Remarks) -> Lag:
    """Lag of a link: tenths of minutes, or percent."""
    text = node.get("LinkLag")
    try:
        value = float(text or 0)
    except ValueError:
        value = nan
    if not abs(value) < 1e9:
        remarks.note(BAD_VALUE, place=place, field="LinkLag", value=text)
        value = 0.0
    unit, estimated = unit_format(node.get("LagFormat"))
    if unit in (_PERCENT, _ELAPSED_PERCENT):
        kind = LagUnit.PERCENT if unit == _PERCENT else LagUnit.ELAPSED_PERCENT
        return Lag(value=value, unit=kind, calendar=LagCalendar.SUCCESSOR, estimated=estimated)
    kind = LagUnit.ELAPSED if unit in ELAPSED else LagUnit.WORKING
    # Microsoft Project counts a lag on the calendar of the task that waits.
    return Lag(value=value / 10, unit=kind, calendar=LagCalendar.SUCCESSOR, estimated=estimated)
