"""Import checks of a pipe survey: lengths, slopes, heights, nodes and codes (CJJ 61)."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.pipe_fields import KINDS
from gis.surveyed import BURIALS, STATES, End, Line, Point, told

#: Metres by which ground, depth and elevation may disagree: they are written to the centimetre.
LEVEL_TOLERANCE = 0.05
#: Lengths of a segment (metres) that a survey has.
SHORTEST, LONGEST = 0.05, 75.0
#: Steepest slope of a segment.
STEEPEST = math.tan(math.radians(30.0))
_THROUGH = (
    "",
    "直线点",
    "直通点",
    "直通",
    "拐点",
    "转折点",
    "折点",
    "弯头",
    "探测点",
    "一般管线点",
)


def checked(lines: Sequence[Line], points: Mapping[str, Point]) -> list[Finding]:
    """One finding for each kind of defect, which names the rows."""
    return [
        *_shape_checks(lines),
        *_height_checks(lines),
        *_node_checks(lines, points),
        *_value_checks(lines),
    ]


def _shape_checks(lines: Sequence[Line]) -> list[Finding]:
    short = [x.place for x in lines if x.length < SHORTEST]
    long = [x.place for x in lines if x.length > LONGEST]
    steep = [
        x.place
        for x in lines
        if x.length >= SHORTEST and abs(x.end.height - x.start.height) / x.length > STEEPEST
    ]
    return [
        *told(
            codes.SURVEY_SHAPE, short, f"短于 {SHORTEST} 米", f"less than {SHORTEST} m of length"
        ),
        *told(
            codes.SURVEY_SHAPE, long, f"长于 {LONGEST:g} 米", f"more than {LONGEST:g} m of length"
        ),
        *told(codes.SURVEY_SHAPE, steep, "坡度大于 30°", "a slope above 30 degrees"),
    ]


def _height_checks(lines: Sequence[Line]) -> list[Finding]:
    wrong, apart = [], []
    meetings: dict[tuple[str, str], list[tuple[Line, End]]] = defaultdict(list)
    for line in lines:
        for end in (line.start, line.end):
            difference = end.point.ground - end.depth - end.level
            if abs(difference) > LEVEL_TOLERANCE:
                wrong.append(f"{line.place} @{end.point.number} ({difference:+.2f} m)")
            meetings[end.point.number, line.kind].append((line, end))
    for (point, _), ends in meetings.items():
        if _passes(ends[0][1].point, [line for line, _ in ends]):
            gap = abs(ends[0][1].height - ends[1][1].height)
            if gap > LEVEL_TOLERANCE:
                apart.append(f"{ends[1][0].place} @{point} ({gap:.2f} m)")
    return [
        *told(
            codes.SURVEY_HEIGHTS,
            wrong,
            "地面高程不等于埋深加管线高程",
            "ground level that is not depth plus elevation",
        ),
        *told(
            codes.SURVEY_HEIGHTS,
            apart,
            "同一管点两侧高程不同",
            "two heights of one pipe at one point",
        ),
    ]


def _node_checks(lines: Sequence[Line], points: Mapping[str, Point]) -> list[Finding]:
    ends: dict[tuple[str, str], list[Line]] = defaultdict(list)
    degree: Counter[str] = Counter()
    for line in lines:
        for end in (line.start, line.end):
            ends[end.point.number, line.kind].append(line)
            degree[end.point.number] += 1
    changed = [
        f"{meet[1].place} @{point}"
        for (point, _), meet in ends.items()
        if _passes(points[point], meet)
        and (meet[0].size, meet[0].texts["material"]) != (meet[1].size, meet[1].texts["material"])
    ]
    odd = []
    for point in points.values():
        words = point.feature + point.fitting
        wanted = 3 if "三通" in words else 4 if "四通" in words else 0
        if wanted and degree[point.number] != wanted:
            odd.append(f"{point.place} ({degree[point.number]}/{wanted})")
    return [
        *told(
            codes.SURVEY_NODE,
            changed,
            "直通点两侧管径或材质不同",
            "another size or material on the far side of a plain point",
        ),
        *told(
            codes.SURVEY_NODE,
            odd,
            "三通、四通连接的管段数不符",
            "tees and crosses with another number of lines",
        ),
    ]


def _passes(point: Point, lines: Sequence[Line]) -> bool:
    """Whether these lines are one pipe that passes this point without a reason to change."""
    if len(lines) != 2 or point.feature not in _THROUGH or point.fitting:
        return False
    # Two ducts between the same two points run beside each other.
    first, second = ({x.start.point.number, x.end.point.number} for x in lines)
    return first != second


def _value_checks(lines: Sequence[Line]) -> list[Finding]:
    def bad(what: Callable[[Line], bool]) -> list[str]:
        return [x.place for x in lines if what(x)]

    return [
        *told(
            codes.SURVEY_VALUE,
            bad(lambda x: _unknown(x.kind, KINDS)),
            "管线类别代码未知",
            "kind codes that are not known",
        ),
        *told(
            codes.SURVEY_VALUE,
            bad(lambda x: _unknown(x.texts["burial"], BURIALS)),
            "埋设方式代码未知",
            "burial codes that are not known",
        ),
        *told(
            codes.SURVEY_VALUE,
            bad(lambda x: x.texts["state"].isdigit() and x.texts["state"] not in STATES),
            "使用状态代码未知",
            "state codes that are not known",
        ),
    ]


def _unknown(text: str, known: Mapping[str, str]) -> bool:
    """Whether a value looks like a code (Latin letters) and is none of those known."""
    return text.isascii() and text.isalpha() and text.upper() not in known
