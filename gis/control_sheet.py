"""Control points as people write them: lists, tables and CSV with Chinese or English headings."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from gis.control import RESIDUAL_LIMIT, BadControl, ControlPoint, ControlPoints

#: A sheet larger than this is no list of control points.
LARGEST_SHEET = 1 << 20
#: What a heading means, after blanks, brackets and units are gone; X of a survey is north.
_HEADINGS = (
    ("number", r"点号|编号|点名|序号|number|point|id|no"),
    ("x", r"(模型|局部|施工|local)_?x|x"),
    ("y", r"(模型|局部|施工|local)_?y|y"),
    ("z", r"(模型|局部|施工|local)_?(z|h|高|标高|高程)|z|标高"),
    ("northings", r"北坐标|北|(测量|大地|纵坐标)x|x北|纵坐标|n|northings?"),
    ("eastings", r"东坐标|东|(测量|大地|横坐标)y|y东|横坐标|e|eastings?"),
    ("height", r"高程|(测量|大地)高程|高程h|h|height|elevation|h1985|正常高"),
)
_NUMBERS = ("x", "y", "z", "eastings", "northings", "height")
_NEEDED = ("x", "y", "eastings", "northings")


def control_points(values: Mapping[str, object], *, folder: Path | None = None) -> ControlPoints:
    """Control points from a table of settings.

    Parameters
    ----------
    values : mapping
        ``crs``, ``points`` and optionally ``residual_mm``. `points` is a list of
        ``[x, y, z, E, N, H]``, ``[x, y, E, N]``, either of them led by the point's number, or
        of tables; or the name of a CSV file in `folder`.
    folder : Path or None
        Where a CSV file is; None when there are no files.

    Raises
    ------
    BadControl
        When a value is missing or no number; the message names the point, not its coordinates.

    """
    unknown = sorted(set(values) - {"crs", "points", "residual_mm"})
    if unknown:
        why = f"unknown keys: {', '.join(unknown)}; known are crs, points, residual_mm"
        raise BadControl(why, f"未知的键：{'、'.join(unknown)}（可用 crs、points、residual_mm）")
    crs, points = values.get("crs"), values.get("points")
    if not isinstance(crs, str) or not crs:
        raise BadControl("crs is missing, such as EPSG:4545", "缺少坐标系 crs，例如 EPSG:4545")
    if isinstance(points, str) and folder is not None:
        rows: Sequence[object] = read_sheet(folder / points)
    elif isinstance(points, list | tuple):
        rows = points
    else:
        raise BadControl("points must be a list or a CSV file", "points 须为列表或 CSV 文件名")
    limit = RESIDUAL_LIMIT
    if values.get("residual_mm") is not None:
        limit = _number(values["residual_mm"], "residual_mm") / 1000
    return ControlPoints(
        crs=crs, points=tuple(_point(row, k) for k, row in enumerate(rows, 1)), limit=limit
    )


def read_sheet(path: Path) -> list[dict[str, object]]:
    """Rows of a CSV file by field: ``number, x, y, z, eastings, northings, height``.

    Raises
    ------
    BadControl
        When the file cannot be read or its headings do not tell the columns apart.

    """
    try:
        data = path.read_bytes()
    except OSError as err:
        why = f"{path.name} cannot be read"
        raise BadControl(why, f"无法读取 {path.name}") from err
    if len(data) > LARGEST_SHEET:
        why = f"{path.name} is no list of points"
        raise BadControl(why, f"{path.name} 不是控制点表")
    rows = [r for r in csv.reader(_text(data).splitlines()) if any(c.strip() for c in r)]
    if not rows:
        why = f"{path.name} is empty"
        raise BadControl(why, f"{path.name} 为空")
    fields = _fields(rows[0], path.name)
    return [
        {field: row[k].strip() for field, k in fields.items() if k < len(row)} for row in rows[1:]
    ]


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _fields(headings: Sequence[str], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for k, heading in enumerate(headings):
        plain = unicodedata.normalize("NFKC", heading).lower()
        tidy = re.sub(r"[(\[](m|米)[)\]]|_m$|[\s()\[\]_]", "", plain)
        for field, words in _HEADINGS:
            if field not in found and re.fullmatch(words, tidy):
                found[field] = k
                break
    missing = [f for f in _NEEDED if f not in found]
    if missing:
        why = f"{name} lacks columns: {', '.join(missing)}; head them number, x, y, z, E, N, H"
        zh = f"{name} 缺少列：{'、'.join(missing)}；请用表头 点号、模型X、模型Y、模型Z、北坐标、东坐标、高程"
        raise BadControl(why, zh)
    return found


def _point(row: object, order: int) -> ControlPoint:
    """One point; without a number of its own it is known by its order."""
    values = dict(row) if isinstance(row, Mapping) else _listed(row, order)
    unknown = sorted(map(str, set(values) - {"number", *_NUMBERS}))
    number = str(values.get("number") or "").strip() or str(order)
    if unknown:
        why = f"point {number} has unknown keys: {', '.join(unknown)}"
        raise BadControl(why, f"控制点 {number} 含未知的键：{'、'.join(unknown)}")
    found = {k: _number(values[k], number) for k in _NUMBERS if _given(values.get(k))}
    missing = [k for k in _NEEDED if k not in found]
    if missing:
        why = f"point {number} lacks {', '.join(missing)}"
        raise BadControl(why, f"控制点 {number} 缺少 {'、'.join(missing)}")
    return ControlPoint(
        number=number[:40],
        local=(found["x"], found["y"]),
        target=(found["eastings"], found["northings"]),
        local_height=found.get("z"),
        height=found.get("height"),
    )


def _listed(row: object, order: int) -> dict[object, object]:
    values = list(row) if isinstance(row, list | tuple) else []
    named: dict[object, object] = {}
    if values and isinstance(values[0], str):
        named["number"] = values.pop(0)
    if len(values) == 4:
        return named | dict(zip(_NEEDED, values, strict=True))
    if len(values) == 6:
        return named | dict(zip(_NUMBERS, values, strict=True))
    why = f"point {named.get('number', order)} needs [x, y, z, E, N, H] or [x, y, E, N]"
    zh = f"控制点 {named.get('number', order)} 应写成 [x, y, z, E, N, H] 或 [x, y, E, N]"
    raise BadControl(why, zh)


def _given(value: object) -> bool:
    return value is not None and value != ""


def _number(value: object, name: str) -> float:
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except ValueError:
            pass  # told below, without the text: it may be a coordinate
    why = f"{name}: a coordinate is no number"
    raise BadControl(why, f"{name}：坐标不是有效数字")
