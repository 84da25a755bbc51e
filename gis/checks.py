"""All checks of located models against the map, as one call."""

from collections.abc import Callable, Collection, Mapping, Sequence

from bimcore.findings import Finding
from bimcore.frame import Frame
from bimcore.model import Model
from gis.checks_cover import check_cover
from gis.checks_heights import check_floods, check_height_limits
from gis.checks_neighbours import check_neighbours
from gis.checks_power import check_power
from gis.checks_red_line import check_red_line, check_setback_line
from gis.checks_terrain import check_terrain
from gis.checks_utilities import check_utilities
from gis.checks_zones import check_metro, check_railway, check_river, check_zones
from gis.conflicts import Case, Clashed
from gis.federation import Entry
from gis.ground import Surface, ground_of
from gis.layers import FeatureTable
from gis.rulebook import ProjectRules, no_rules
from gis.sides import sides_of
from gis.stock import Stock

#: Checks by the role of the layers they look at.
_BY_ROLE: Mapping[str, Callable[[Case, Sequence[FeatureTable]], None]] = {
    "red_line": check_red_line,
    "setback": check_setback_line,
    "utility": check_utilities,
    "power_line": check_power,
    "metro": check_metro,
    "railway": check_railway,
    "river": check_river,
    "protection_zone": check_zones,
    "neighbour": check_neighbours,
}
#: What is always asked for.
_ASKED = {
    "red_line": ("用地红线检查", "Containment in the red line"),
    "utility": ("地下管线净距检查", "Clearance to buried lines"),
    "terrain": (
        "地形检查（悬空、被埋、覆土、土方）",
        "Terrain (floating, buried, cover, earthwork)",
    ),
}
#: What is listed in one line where there is no layer for it.
_OTHERS = {
    "setback": ("建筑退让线", "setback line"),
    "power_line": ("架空电力线路", "overhead lines"),
    "metro": ("轨道交通", "metro"),
    "railway": ("铁路", "railway"),
    "river": ("河道", "river"),
    "protection_zone": ("保护区", "protection zones"),
    "neighbour": ("周边建筑", "neighbours"),
    "height_limit": ("限高", "height limits"),
    "flood": ("洪水位", "flood levels"),
}


def check_layers(  # noqa: PLR0913 all that a review has, in one call
    models: Sequence[Model],
    tables: Sequence[FeatureTable],
    terrains: Sequence[Surface] = (),
    *,
    project: Frame,
    rules: ProjectRules | None = None,
    bodies: Sequence[Model] = (),
    clashed: Collection[Clashed] | None = None,
) -> tuple[tuple[Finding, ...], tuple[Entry, ...]]:
    """Findings of all map checks, and what could not be checked.

    Parameters
    ----------
    models : sequence of Model
        Located models in the project frame; bodies made from layers are not among them.
    tables : sequence of FeatureTable
        Located layers.
    terrains : sequence of Surface
        Located terrains; the first that covers a place counts there.
    project : Frame
    rules : ProjectRules
        The shipped rulebook without parameters where not given.
    bodies : sequence of Model
        Bodies of the utility layers.
    clashed : collection of (GlobalId, layer, number), optional
        Elements and buried lines that the clash core tells of already: the same conflict is
        not told twice. Where it is not given, what overlaps is taken for a clash.

    """
    if not project.located:
        return (), ()  # said once for all of the map, by arrange
    rules = rules or no_rules()
    stock = Stock.of(models)
    case = Case(
        stock=stock,
        sides=sides_of(stock),
        ground=ground_of(terrains, rules=rules, project=project),
        rules=rules,
        project=project,
        clashed=clashed,
    )
    given: dict[str, list[FeatureTable]] = {}
    for table in tables:
        if len(table):
            given.setdefault(table.role, []).append(table)
    _say_missing(case, given, terrain=bool(terrains))
    for role, check in _BY_ROLE.items():
        if role in given:
            check(case, given[role])
    # The project's own numbers are checked without a layer too.
    check_height_limits(case, given.get("height_limit", ()))
    check_floods(case, given.get("flood", ()))
    check_terrain(case)
    check_cover(case, bodies, given.get("utility", ()))
    return tuple(case.told.findings), case.told.all_entries()


def _say_missing(case: Case, given: Mapping[str, Sequence[FeatureTable]], *, terrain: bool) -> None:
    """What is not assessed because there is no layer of a role."""
    present = set(given)
    if terrain or case.ground.known:
        present.add("terrain")
    entered = {"height_limit": "height-limit.top", "flood": "flood.level"}
    present |= {role for role, key in entered.items() if case.rules.number(key) is not None}
    for role, what in _ASKED.items():
        if role not in present:
            case.told.say(what, ("没有该类图层", "no layer of this kind was given"))
    absent = [words for role, words in _OTHERS.items() if role not in present]
    if absent:
        case.told.say(
            (
                "其他地图检查：" + "、".join(zh for zh, _ in absent),
                "Other checks against the map: " + ", ".join(en for _, en in absent),
            ),
            ("没有该类图层", "no layers of these kinds were given"),
        )
