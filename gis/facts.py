"""What the map says to the rehearsal of the plan: plain arrays and words in the project frame."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import shapely

from bimcore.arrays import F64
from bimcore.frame import Frame
from gis import kinds
from gis.attributes import column_of, named, numbers_of
from gis.bands import doubt_of
from gis.buried import WordsOfState
from gis.checks_power import voltages
from gis.outlines import areas, polygonal
from gis.pipe_fields import Fields, Size, kind_of, outer_size, size_of, unit_of
from gis.rulebook import ProjectRules, project_rules
from gis.site import Site
from gis.solids import line_of
from gis.tables import FeatureTable
from gis.terrain import Terrain

Fact = dict[str, object]

_UNTIL = re.compile(
    r"停用|迁改(完成)?(日期|时间)|改迁(完成)?(日期|时间)|废除|拆除日期|live.?until|out.?of.?service|"
    r"diverted|decommission",
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_HEIGHT = re.compile(r"^(建筑)?高度|measured.?height|^height|^building.?height", re.IGNORECASE)
_STOREYS = re.compile(r"层数|^楼层|storeys|stories|levels|floors", re.IGNORECASE)
_FOOTING = re.compile(
    r"基底标高|基底高程|基础底标高|基础底高程|footing|base.?(level|elev)", re.IGNORECASE
)
_DEPTH = re.compile(r"基础埋深|foundation.?depth|footing.?depth", re.IGNORECASE)
_STATE = re.compile(r"状态|处置|state|status", re.IGNORECASE)
_GONE = re.compile(r"拆除|拆迁|已拆|demolish|removed", re.IGNORECASE)
_LEVEL = re.compile(r"水位|洪水|flood|water.?level|^level|^elev|高程|标高", re.IGNORECASE)
_SEASON = re.compile(r"汛期|季节|月份|season|months?$", re.IGNORECASE)
_RETURN = re.compile(r"重现期|频率|return", re.IGNORECASE)
_YEARS = (("五百年", 500), ("两百年", 200), ("二百年", 200), ("百年", 100), ("五十年", 50),
          ("三十年", 30), ("二十年", 20), ("十年", 10), ("五年", 5))  # fmt: skip
_SAG = re.compile(r"弧垂|\bsag", re.IGNORECASE)
_HALF = re.compile(r"半宽|边导线|half.?width", re.IGNORECASE)
#: Height (metres) of a storey where only their number is known, and of a line without size.
_STOREY, _UNSIZED = 3.3, 0.2


def site_facts(site: Site, *, frame: Frame, rules: ProjectRules | None = None) -> dict[str, object]:
    """What the layers of a site say that a plan can run into.

    Parameters
    ----------
    site : Site
        Surveyed in `frame`.
    frame : Frame
        The project frame.
    rules : ProjectRules or None
        Tell how far off a layer may be that does not say; the shipped ones when None.

    Returns
    -------
    dict
        ``located``; lists of mappings ``buried`` (axes with ``points`` (N, 3), NaN where heights
        are not known), ``lines`` (overhead, likewise), ``neighbours`` and ``flood`` (``rings``
        in plan). Lengths in metres, heights above the origin of the frame.

    """
    rules = rules or project_rules()
    found: dict[str, object] = {"located": frame.located}
    makers: tuple[tuple[str, str, Callable[..., list[Fact]]], ...] = (
        ("buried", "utility", _buried),
        ("lines", "power_line", _lines),
        ("neighbours", "neighbour", _neighbours),
        ("flood", "flood", _floods),
    )
    for key, role, make in makers:
        tables = [t for t in site.tables if t.role == role and len(t)]
        found[key] = [fact for t in tables for fact in make(t, rules, site.terrains)]
    return found


def _buried(table: FeatureTable, rules: ProjectRules, _: Sequence[Terrain]) -> list[Fact]:
    """Axes of lines in the ground with their size, doubt and liveness."""
    fields, words = Fields.of(table), WordsOfState(table)
    raw = [size_of(fields, r) for r in range(len(table))]
    unit = unit_of(
        fields.names.get("size", fields.names.get("width", "")), [s for s in raw if s is not None]
    )
    doubt = doubt_of(table, rules)
    until = column_of(table, _UNTIL)
    found = []
    for row, geometry in enumerate(table.geometry):
        if words.laying(row) == "above" or words.abandoned(row):
            continue
        size = raw[row]
        outer = (
            Size(width=_UNSIZED, height=_UNSIZED)
            if size is None
            else outer_size(fields, row, size, unit)
        )
        said = kind_of(fields, row, table.name)
        for path in shapely.get_parts(geometry):
            if path.geom_type != "LineString" or path.length == 0.0:
                continue
            points = shapely.get_coordinates(path, include_z=True)
            line = line_of(fields, row, points, outer)
            known = not isinstance(line, str)
            axis = line.axis if not isinstance(line, str) else _flat(points)
            found.append(
                {
                    "layer": table.name,
                    "number": fields.text("number", row),
                    "name": said.split(" ")[-1],
                    "kind": kinds.kind_of_words(said),
                    "points": np.asarray(axis, dtype=np.float64),
                    "half_width_m": outer.width / 2,
                    "half_height_m": outer.height / 2,
                    "uncertainty_m": doubt,
                    "depth_known": known,
                    "live_until": _date(None if until is None else table.columns[until][row]),
                }
            )
    return found


def _flat(points: F64) -> F64:
    return np.column_stack([points[:, :2], np.full(len(points), np.nan)])


def _date(value: object) -> str:
    """An ISO date in a field; empty where there is none."""
    match = _DATE.search("" if value is None else str(value))
    return f"{int(match[1]):04d}-{int(match[2]):02d}-{int(match[3]):02d}" if match else ""


def _lines(table: FeatureTable, rules: ProjectRules, _: Sequence[Terrain]) -> list[Fact]:
    """Overhead conductors at their greatest sag."""
    volts, names = voltages(table), named(table)
    sag, half = np.nan_to_num(numbers_of(table, _SAG)), np.nan_to_num(numbers_of(table, _HALF))
    found = []
    for row, geometry in enumerate(table.geometry):
        for path in shapely.get_parts(geometry):
            if path.geom_type != "LineString":
                continue
            points = shapely.get_coordinates(path, include_z=True)
            points[:, 2] -= sag[row]
            found.append(
                {
                    "layer": table.name,
                    "name": names[row],
                    "points": points,
                    "voltage_kv": float(volts[row]),
                    "half_width_m": float(half[row]),
                    "uncertainty_m": doubt_of(table, rules),
                }
            )
    return found


def _neighbours(
    table: FeatureTable, rules: ProjectRules, terrains: Sequence[Terrain]
) -> list[Fact]:
    """Buildings beside the site with top, ground and footing where known."""
    state, names = column_of(table, _STATE), named(table)
    tall, storeys = numbers_of(table, _HEIGHT), numbers_of(table, _STOREYS)
    tall = np.where(np.isnan(tall), storeys * _STOREY, tall)
    deep, footing = np.abs(numbers_of(table, _DEPTH)), _levels(table, _FOOTING)
    found = []
    for row, area in enumerate(areas(table.geometry)):
        if state is not None and _GONE.search(str(table.columns[state][row] or "")):
            continue
        z = shapely.get_coordinates(table.geometry[row], include_z=True)[:, 2]
        z = z[np.isfinite(z)]
        for rings in _rings(area):
            base = float(z.min()) if len(z) else _ground(terrains, rings[0])
            own = tall[row] if np.isfinite(tall[row]) else (np.ptp(z) if len(z) else np.nan)
            under = footing[row] if np.isfinite(footing[row]) else base - deep[row]
            found.append(
                {
                    "layer": table.name,
                    "name": names[row],
                    "rings": rings,
                    "base_m": base,
                    "height_m": float(own),
                    "footing_m": float(under),
                    "uncertainty_m": doubt_of(table, rules),
                }
            )
    return found


def _floods(table: FeatureTable, rules: ProjectRules, _: Sequence[Terrain]) -> list[Fact]:
    """Areas under water with level, months and how rarely."""
    level, names = _levels(table, _LEVEL), named(table)
    season, rare = column_of(table, _SEASON), numbers_of(table, _RETURN)
    found = []
    for row, area in enumerate(areas(table.geometry)):
        if np.isnan(level[row]):
            continue
        months = "" if season is None else str(table.columns[season][row] or "").strip()
        years = rare[row] if np.isfinite(rare[row]) else _years(f"{names[row]} {table.name}")
        found += [
            {
                "layer": table.name,
                "name": names[row],
                "rings": rings,
                "level_m": float(level[row]),
                "season": months,
                "return_years": float(years),
                "uncertainty_m": doubt_of(table, rules),
            }
            for rings in _rings(area)
        ]
    return found


def _years(text: str) -> float:
    number = re.search(r"(\d+)\s*(?:年|-?year|a\b)", text, re.IGNORECASE)
    if number:
        return float(number[1])
    return next((float(n) for word, n in _YEARS if word in text), float("nan"))


def _levels(table: FeatureTable, field: re.Pattern[str]) -> F64:
    """Heights (F,) of a field above the origin of the frame; NaN where not known."""
    values, name = numbers_of(table, field), column_of(table, field)
    if name is None or name in table.levels:
        return values
    if table.rise is not None:
        return values + table.rise
    lift = 0.0 if table.frame is None else float(table.frame.origin[2])
    return values - lift


def _rings(area: shapely.Geometry) -> list[tuple[F64, ...]]:
    """Rings (N, 2) of each polygon of an area, outer first, without the repeated last point."""
    found = []
    for part in shapely.get_parts(polygonal(area)):
        rings = shapely.get_rings(part)
        found.append(tuple(shapely.get_coordinates(r)[:-1] for r in rings))
    return found


def _ground(terrains: Sequence[Terrain], ring: F64) -> float:
    middle = ring.mean(axis=0)[None]
    for terrain in terrains:
        z = float(terrain.heights(middle)[0])
        if np.isfinite(z):
            return z
    return float("nan")
