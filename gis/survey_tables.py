"""The columns of pipe survey tables after CJJ 61, known by their headings."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Meaning -> what a heading is, once blanks, units and brackets are gone.
POINT_COLUMNS: Mapping[str, str] = {
    "number": r"物探点号|外业点号|管线点(编)?号|管点(编)?号|点号|点编号|point_?(id|no|number)",
    "map_number": r"图上点号|图上编号",
    "x": r"X(\(北\))?|X坐标|坐标X|纵坐标(X)?|北坐标|N|northing",
    "y": r"Y(\(东\))?|Y坐标|坐标Y|横坐标(Y)?|东坐标|E|easting",
    "ground": r"地面(高程|标高)|地表高程|(点)?高程|H|Z|ground(_?(level|elevation))?",
    "feature": r"特征(点)?|管点特征|点特征|feature",
    "fitting": r"附属物(名称)?|附属设施|构筑物|特征或附属物|fitting",
    "well_depth": r"井底(埋)?深(度)?|井深",
    "kind": r"管线?(类别|种类|类型|代码|性质)|管类|类别|种类|kind",
}
LINE_COLUMNS: Mapping[str, str] = {
    "from": r"(管线)?起(始)?点(点)?(编)?号|起点|起始点|起点物探(点)?号|from(_?(point|id|no))?",
    "to": r"(管线)?(终(止)?|末|连接)点(点)?(编)?号|终点|终止点|终点物探(点)?号|连接点|to(_?(point|id|no))?",
    "start_depth": r"起(始)?点?(管(线|顶|底|内底|中心)?)?埋深|起始点埋深|start_?depth",
    "end_depth": r"(终(止)?|末)点?(管(线|顶|底|内底|中心)?)?埋深|终止点埋深|end_?depth",
    "start_level": r"起(始)?点?(管(线|顶|底|内底|中心)?)?(高程|标高)|start_?(level|elevation)",
    "end_level": r"(终(止)?|末)点?(管(线|顶|底|内底|中心)?)?(高程|标高)|end_?(level|elevation)",
    "size": r"管径(或.*)?|(管道)?断面(尺寸)?|宽[X×*]高|规格|管径或断面.*|diameter|size",
    "wall": r"(管)?壁厚|wall(_?thickness)?",
    "material": r"(管线?)?(材质|材料)|管材|material",
    "burial": r"埋设(方式|类型)|敷设方式|burial",
    "owner": r"权属(单位|代码)?|owner",
    "flow": r"流向|flow",
    "pressure": r"压力(\(?.*|/.*|或.*)?|电压(.*)?|压力电压|pressure|voltage",
    "ducts": r"(总)?孔数|ducts",
    "cables": r"(电缆|光缆)?(条|根)数|cables",
    "built": r"建设(年代|日期|年份)|埋设(年代|日期)|built|year",
    "state": r"(使用)?状态|管线状态|state",
    "kind": r"管线?(类别|种类|类型|代码|性质)|管类|类别|种类|kind",
    "line_number": r"管(线|段)(编)?号|管(线|段)编码|line_?(id|no|number)",
    "reference": r"(埋深|高程)(参照|位置|基准位置|量测位置)|depth_?ref(erence)?",
    "datum": r"高程(基准|系统)|vertical_?datum",
}
#: Columns of a table that lists points with their connections, beside those above.
RESULT_COLUMNS: Mapping[str, str] = {
    "depth": r"(管(线)?(顶|底|内底|中心)?|中心)?埋深(\(?顶/底\)?)?|管顶\(底\)埋深",
    "level": r"(管(线)?(点)?(顶|底|内底|外顶|中心)?|管顶\(底\)|管顶/底)(高程|标高)",
}
_UNIT = re.compile(
    r"[（(\[【]\s*(mm|毫米|cm|厘米|m|米|kpa|mpa|kv|v|°|度)\s*[)）\]】]|_(mm|m)$", re.I
)
#: How many rows of a sheet are looked through for its headings.
_HEADINGS_WITHIN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet or CSV file as rows of cells, None where empty."""

    title: str
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows below the headings of a sheet.

    Attributes
    ----------
    title : str
        Of the sheet.
    columns : mapping
        Column number by meaning.
    headings : mapping
        Heading as written, by meaning.
    first : int
        Number of the first row of data, from 1 as people count.
    rows : sequence
        Rows of cells, blank ones included.

    """

    title: str
    columns: Mapping[str, int]
    headings: Mapping[str, str]
    first: int
    rows: Sequence[Sequence[Any]]

    def cell(self, row: Sequence[Any], meaning: str) -> Any:
        """The cell of a row, None where there is none."""
        at = self.columns.get(meaning)
        return None if at is None or at >= len(row) else row[at]

    def text(self, row: Sequence[Any], meaning: str) -> str:
        """The cell as text; whole numbers without a point."""
        value = self.cell(row, meaning)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = str(value)
        return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()


def points_of(sheet: Sheet) -> Table | None:
    """The point table that a sheet holds, if it holds one."""
    return _table(sheet, POINT_COLUMNS, ({"number", "x", "y"}, {"map_number", "x", "y"}))


def lines_of(sheet: Sheet) -> Table | None:
    """The line table that a sheet holds, if it holds one."""
    return _table(sheet, LINE_COLUMNS, ({"from", "to"},))


def results_of(sheet: Sheet) -> tuple[Table, Table] | None:
    """Point table and line table of a sheet that lists points with their connections.

    In such a result table (管线点成果表) a row holds a point, the point it is connected to,
    and depth and level at its own end; the other end stands in the row of the other point.
    Rows keep their numbers: what another row says already is blank.
    """
    meanings = {**POINT_COLUMNS, **RESULT_COLUMNS, **LINE_COLUMNS}
    del meanings["from"]
    meanings["to"] += r"|连接方向|连接点物探号"
    needed = {"x", "y", "to"}
    table = _table(sheet, meanings, (needed | {"number"}, needed | {"map_number"}))
    if table is None:
        return None
    name = "number" if "number" in table.columns else "map_number"
    points: list[list[Any]] = []
    lines: list[list[Any]] = []
    open_ends: dict[tuple[str, str, str], list[int]] = {}
    seen: set[str] = set()
    here = ""
    carried = [m for m in table.columns if m in LINE_COLUMNS and m != "to"]
    for row in table.rows:
        own = table.text(row, name)
        here = own or here
        first = bool(own) and own not in seen
        seen |= {own} if first else set()
        points.append([here, *(table.cell(row, m) for m in _PLACE)] if first else [])
        other = table.text(row, "to")
        lines.append([])
        if not here or not other:
            continue
        end = [table.cell(row, "depth"), table.cell(row, "level")]
        size = table.text(row, "size")
        waiting = open_ends.get((other, here, size))
        if waiting:
            lines[waiting.pop(0)][4:6] = end
            continue
        lines[-1] = [here, other, *end, None, None, *(table.cell(row, m) for m in carried)]
        open_ends.setdefault((here, other, size), []).append(len(lines) - 1)
    said = table.headings
    line_columns = ("from", "to", "start_depth", "start_level", "end_depth", "end_level", *carried)
    own_heading = {"start_depth": "depth", "end_depth": "depth", "start_level": "level"}
    own_heading["end_level"] = "level"
    headings = {m: said.get(own_heading.get(m, m), m) for m in line_columns}
    return (
        _part(table, ("number", *_PLACE), {m: said.get(m, m) for m in _PLACE}, points),
        _part(table, line_columns, headings, lines),
    )


_PLACE = ("x", "y", "ground", "feature", "fitting", "well_depth", "kind")


def _part(
    table: Table,
    columns: Sequence[str],
    headings: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
) -> Table:
    return Table(
        title=table.title,
        columns={m: k for k, m in enumerate(columns)},
        headings=headings,
        first=table.first,
        rows=rows,
    )


def unit_of(heading: str) -> str:
    """The unit that a heading names in brackets, lower case; empty when none."""
    found = _UNIT.search(unicodedata.normalize("NFKC", heading))
    return (found[1] or found[2]).lower() if found else ""


def _table(sheet: Sheet, meanings: Mapping[str, str], wanted: Sequence[set[str]]) -> Table | None:
    for at, row in enumerate(sheet.rows[:_HEADINGS_WITHIN]):
        columns: dict[str, int] = {}
        for k, cell in enumerate(row):
            meaning = _meaning(cell, meanings)
            if meaning is not None:
                columns.setdefault(meaning, k)
        if any(need <= set(columns) for need in wanted):
            return Table(
                title=sheet.title,
                columns=columns,
                headings={m: str(row[k]) for m, k in columns.items()},
                first=at + 2,
                rows=sheet.rows[at + 1 :],
            )
    return None


def _meaning(cell: Any, meanings: Mapping[str, str]) -> str | None:
    if not isinstance(cell, str):
        return None
    tidy = _UNIT.sub("", unicodedata.normalize("NFKC", cell))
    tidy = re.sub(r"[\s*:：]", "", tidy).rstrip("_")
    return next((m for m, p in meanings.items() if re.fullmatch(p, tidy, re.IGNORECASE)), None)
