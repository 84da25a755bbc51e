"""Pipe surveys after CJJ 61: point and line tables joined into lines, with their import checks."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.errors import LayerError
from gis.pipe_fields import KINDS, LEVELS, number
from gis.survey_checks import checked
from gis.survey_tables import Sheet, Table, lines_of, points_of, results_of, unit_of
from gis.surveyed import BURIALS, STATES, End, Line, Point, told
from gis.transfer import Features

#: Northings of China in metres; eastings with and without zone prefix lie outside.
_NORTHINGS = (1.9e6, 6.1e6)


def survey(sheets: Sequence[Sheet]) -> list[Features]:
    """The lines of a survey as a utility layer, and its points for the map.

    Parameters
    ----------
    sheets : sequence of Sheet
        Point tables and line tables in any number and order.

    Raises
    ------
    LayerError
        When no sheet is a point table or none is a line table.

    """
    tables = [results_of(s) or (points_of(s), lines_of(s)) for s in sheets]
    point_tables = [p for p, _ in tables if p is not None]
    line_tables = [line for _, line in tables if line is not None]
    if not point_tables or not line_tables:
        lacks = ("点表", "point table") if not point_tables else ("线表", "line table")
        raise LayerError(
            codes.TABLES_UNKNOWN, why_zh=f"没有找到{lacks[0]}", why_en=f"no {lacks[1]} was found"
        )
    said: list[Finding] = []
    points = _points(point_tables, _references(line_tables), said)
    lines = _lines(line_tables, points, said)
    said += checked(lines, points)
    said.append(_read_as(point_tables, line_tables))
    return [_line_features(lines, line_tables, said), _point_features(points)]


def _references(tables: Sequence[Table]) -> set[str]:
    return {t.text(r, end) for t in tables for r in t.rows for end in ("from", "to")} - {""}


def _points(tables: Sequence[Table], wanted: set[str], said: list[Finding]) -> dict[str, Point]:
    """Points by number; findings about numbers that repeat, lack coordinates or are unused."""
    found: dict[str, Point] = {}
    twice, blank = [], []
    swapped = _swapped(tables)
    for table in tables:
        # Lines may go by either of two numbers; take the one that they use.
        names = [n for n in ("number", "map_number") if n in table.columns]
        name = max(names, key=lambda n: len({table.text(r, n) for r in table.rows} & wanted))
        for at, row in enumerate(table.rows):
            key = table.text(row, name)
            if not key:
                continue
            place = f"{table.title}!{table.first + at} {key}"
            x, y = number(table.cell(row, "x")), number(table.cell(row, "y"))
            if x is None or y is None:
                blank.append(place)
                continue
            north, east = (y, x) if swapped else (x, y)
            if key in found:
                twice.append(place)
                continue
            ground = number(table.cell(row, "ground"))
            found[key] = Point(
                number=key,
                place=place,
                east=east,
                north=north,
                ground=math.nan if ground is None else ground,
                feature=table.text(row, "feature"),
                fitting=table.text(row, "fitting"),
                well_depth=number(table.cell(row, "well_depth")),
                kind=_kind(table.text(row, "kind"), table.title, key),
            )
    unused = [p.place for p in found.values() if p.number not in wanted]
    said += [
        *told(codes.SURVEY_POINT, twice, "点号重复", "point numbers that repeat"),
        *told(codes.SURVEY_POINT, blank, "点没有坐标", "points without coordinates"),
        *told(codes.SURVEY_POINT, unused, "点没有管线连接", "points that no line uses", severity=5),
    ]
    return found


def _swapped(tables: Sequence[Table]) -> bool:
    """Whether X is east: its numbers are no northings of China while those of Y are.

    By CJJ 61 X is north; some programs write it the other way round.
    """
    x = [v for t in tables for r in t.rows if (v := number(t.cell(r, "x"))) is not None]
    y = [v for t in tables for r in t.rows if (v := number(t.cell(r, "y"))) is not None]
    if not x or not y:
        return False
    low, high = _NORTHINGS
    return not low <= float(np.median(x)) <= high and low <= float(np.median(y)) <= high


def _lines(tables: Sequence[Table], points: Mapping[str, Point], said: list[Finding]) -> list[Line]:
    found, unknown, loops, twice = [], [], [], []
    seen: set[tuple[str, ...]] = set()
    for table in tables:
        for at, row in enumerate(table.rows):
            start, end = table.text(row, "from"), table.text(row, "to")
            if not start and not end:
                continue
            place = f"{table.title}!{table.first + at} {start}-{end}"
            if start == end:
                loops.append(place)
            elif start not in points or end not in points:
                lost = [n or "-" for n in (start, end) if n not in points]
                unknown.append(f"{place} ({', '.join(lost)})")
            else:
                line = _line(table, row, place, points[start], points[end])
                # Two ducts may run between the same two points: then their size differs.
                key = (
                    *sorted((start, end)),
                    line.kind,
                    line.size,
                    line.texts["line_number"],
                )
                if key in seen:
                    twice.append(place)
                    continue
                seen.add(key)
                found.append(line)
    said += [
        *told(codes.SURVEY_JOIN, unknown, "引用了不存在的管点", "a point that is not there"),
        *told(codes.SURVEY_JOIN, loops, "起点与终点相同", "a start that is the end"),
        *told(codes.SURVEY_JOIN, twice, "管段重复", "a segment given twice"),
    ]
    return found


def _line(table: Table, row: Sequence[Any], place: str, start: Point, end: Point) -> Line:
    def metres(meaning: str) -> float:
        value = number(table.cell(row, meaning))
        if value is None or not LEVELS[0] < value < LEVELS[1]:
            return math.nan  # none, or a mark such as -9999
        return value / 100.0 if unit_of(table.headings[meaning]) in {"cm", "厘米"} else value

    texts = {
        m: table.text(row, m)
        for m in (
            "size", "wall", "material", "burial", "owner", "flow", "pressure", "ducts",
            "cables", "built", "state", "line_number", "reference", "datum",
        )
    }  # fmt: skip
    texts["reference"] = texts["reference"] or _measured_at(table)
    return Line(
        place=place,
        start=End(point=start, depth=metres("start_depth"), level=metres("start_level")),
        end=End(point=end, depth=metres("end_depth"), level=metres("end_level")),
        kind=_kind(table.text(row, "kind"), table.title, start.number),
        texts=texts,
    )


def _measured_at(table: Table) -> str:
    """Where on the pipe heights are measured, if the heading says one place."""
    heading = table.headings.get("start_level") or table.headings.get("start_depth") or ""
    places = re.findall(r"内底|顶|底|中心", heading)
    return f"管{places[0]}" if len(places) == 1 else ""


def _kind(text: str, title: str, point: str) -> str:
    """Kind code or name: of the row, else of the sheet's name, else of the point's number."""
    if text:
        return text
    for words in (title, point):
        code = words[:2].upper()
        if code in KINDS and not words[2:3].islower():
            return code
        name = next((c for c, n in KINDS.items() if n in words), "")
        if name:
            return name
    return ""


def _read_as(points: Sequence[Table], lines: Sequence[Table]) -> Finding:
    axis = ("东", "east") if _swapped(points) else ("北", "north")
    where = [f"{t.title}" for t in (*points, *lines)]
    unit = _size_unit(lines)
    return Finding.of(
        codes.SURVEY_READ_AS,
        how_zh=f"X 为{axis[0]}，管径单位 {unit}，表 {'、'.join(where)}",
        how_en=f"X is {axis[1]}, sizes in {unit}, tables {', '.join(where)}",
    )


def _size_unit(lines: Sequence[Table]) -> str:
    """Metres where every heading says so; millimetres as in CJJ 61 else."""
    units = {unit_of(t.headings["size"]) for t in lines if "size" in t.headings}
    return "m" if units and units <= {"m", "米"} else "mm"


def _line_features(
    lines: Sequence[Line], tables: Sequence[Table], said: Sequence[Finding]
) -> Features:
    ends = np.array(
        [[(e.point.east, e.point.north, e.height) for e in (x.start, x.end)] for x in lines],
        dtype=np.float64,
    ).reshape(-1, 2, 3)
    wkb = shapely.to_wkb(shapely.linestrings(ends)) if len(lines) else []
    return Features(
        name="",
        wkb=[bytes(b) for b in wkb],
        columns=_columns(lines, f"管径({_size_unit(tables)})"),
        role="utility",
        findings=said,
    )


def _columns(lines: Sequence[Line], size: str) -> dict[str, list[Any]]:
    """The values of the lines under headings that name their meaning and unit."""

    def text(meaning: str, names: Mapping[str, str] | None = None) -> list[str | None]:
        values: Iterable[str] = (x.texts[meaning] for x in lines)
        known = names or {}
        return [known.get(v.upper(), v) or None for v in values]

    return {
        "管线编号": [
            x.texts["line_number"] or f"{x.start.point.number}-{x.end.point.number}" for x in lines
        ],
        "起始点号": [x.start.point.number for x in lines],
        "终止点号": [x.end.point.number for x in lines],
        "管类": [x.kind or None for x in lines],
        size: text("size"),
        "壁厚(mm)": text("wall"),
        "材质": text("material"),
        "埋设方式": text("burial", BURIALS),
        "起点埋深": [_known(x.start.depth) for x in lines],
        "终点埋深": [_known(x.end.depth) for x in lines],
        "起点高程": [_known(x.start.level) for x in lines],
        "终点高程": [_known(x.end.level) for x in lines],
        "起点地面高程": [_known(x.start.point.ground) for x in lines],
        "终点地面高程": [_known(x.end.point.ground) for x in lines],
        "压力电压": text("pressure"),
        "孔数": text("ducts"),
        "条数": text("cables"),
        "流向": text("flow"),
        "权属单位": text("owner"),
        "建设年代": text("built"),
        "状态": text("state", STATES),
        "埋深参照": text("reference"),
        "高程基准": text("datum"),
        "行": [x.place for x in lines],
    }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _point_features(points: Mapping[str, Point]) -> Features:
    rows = list(points.values())
    places = np.array([(p.east, p.north, p.ground) for p in rows], dtype=np.float64).reshape(-1, 3)
    return Features(
        name="管点",
        wkb=[bytes(b) for b in shapely.to_wkb(shapely.points(places))],
        columns={
            "点号": [p.number for p in rows],
            "管类": [p.kind or None for p in rows],
            "特征": [p.feature or None for p in rows],
            "附属物": [p.fitting or None for p in rows],
            "地面高程": [_known(p.ground) for p in rows],
            "井底深": [p.well_depth for p in rows],
        },
        role="context",
        levels=("地面高程",),
    )
