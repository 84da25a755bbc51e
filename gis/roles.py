"""What a layer is for, guessed from its name, its fields and its geometry."""

import re
from collections.abc import Collection

#: Roles that a layer can have.
ROLES = (
    "red_line",
    "setback",
    "utility",
    "terrain",
    "protection_zone",
    "neighbour",
    "power_line",
    "metro",
    "railway",
    "river",
    "height_limit",
    "flood",
    "context",
)

_AREAS = frozenset({"Polygon", "MultiPolygon", "LineString", "MultiLineString", "LinearRing"})
_LINES = frozenset({"LineString", "MultiLineString"})
#: In order of precedence: role, words in the name, geometry that the role can have.
_NAMES = (
    (
        "red_line",
        r"红线|用地范围|用地边界|征地|red[\W_]*line|site[\W_]*bound|plot[\W_]*bound",
        _AREAS,
    ),
    ("setback", r"退让|退界|退线|建筑控制线|set[\W_]*back|building[\W_]*line", _AREAS),
    ("power_line", r"架空|高压线|电力走廊|power[\W_]*line|overhead", _LINES),
    (
        "height_limit",
        r"限高|净空|建筑高度控制|height[\W_]*(limit|restrict)|obstacle[\W_]*lim",
        None,
    ),
    ("flood", r"洪水|洪涝|淹没|内涝|防洪水位|flood|inundat", None),
    ("protection_zone", r"保护区|控制区|保护范围|protect", _AREAS),
    ("metro", r"地铁|轨道交通|轨道线|盾构|metro|subway|\bmrt\b", _AREAS),
    ("railway", r"铁路|高铁|railway|rail[\W_]*line", _AREAS),
    ("river", r"河道|蓝线|河流|水系|堤防|river|blue[\W_]*line|levee", _AREAS),
    (
        "utility",
        (
            r"管线|管网|管道|给水|排水|雨水|污水|燃气|热力|电力|通信|自来水|供水|[上下中]水管|消防管|排污|煤气|天然气"
            r"|蒸汽管|暖气|供热|供电|电缆|光缆|[强弱]电|通讯|路灯线|pipe|utilit|sewer|drain|(water|gas)[\W_]*(main|line)"
        ),
        _LINES,
    ),
    # GCD, DGX and JMD are the layers of the usual Chinese survey drawings.
    ("terrain", r"等高|地形|高程点|^gcd$|^dgx$|terrain|contour|elevation|ground", None),
    ("neighbour", r"周边|现状建筑|邻|^jmd$|neighbo|surround|building", None),
)
_PIPE_FIELDS = re.compile(
    r"管径|管徑|口径|diameter|^dn$|^d_?mm$|宽[xX×]高|^(起点|终点)[^地]*(埋深|高程|标高)|^(gx)?gj$|^q(i)?d_?(gc|ms)$",
    re.IGNORECASE,
)


def guess(name: str, *, fields: Collection[str], kinds: Collection[str]) -> tuple[str, str, str]:
    """The role of a layer with what speaks for it in Chinese and English.

    Parameters
    ----------
    name : str
        File and layer name.
    fields : collection of str
        Column names.
    kinds : collection of str
        Geometry types that occur.

    """
    present = set(kinds)
    size = next((f for f in fields if _PIPE_FIELDS.search(f)), None)
    if size is not None and present & _LINES:
        return "utility", f"线要素带字段“{size}”", f'lines with the field "{size}"'
    for role, words, allowed in _NAMES:
        hit = re.search(words, name, re.IGNORECASE)
        if hit and (allowed is None or present & allowed):
            return role, f"名称含“{hit[0]}”", f'"{hit[0]}" in the name'
    return "context", "名称与字段都不能说明用途", "neither name nor fields tell what it is for"
