"""Judged measurements as findings, one for each run of elements along a feature."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I64, U8
from bimcore.findings import Code, Finding
from bimcore.frame import Frame
from gis.bands import WORDS, Band, Judged, judge
from gis.federation import Entry, not_assessed
from gis.ground import Ground
from gis.rulebook import ProjectRules, Row
from gis.sides import Sides
from gis.stock import Stock

#: An element and a buried line that clash: GlobalId, layer, number of the line.
Clashed: TypeAlias = tuple[str, str, str]
#: What is only within the uncertainty counts this share of the row's severity, and at least
#: this much, for somebody has to measure it.
_WITHIN, _LEAST = 0.5, 25
#: Elements that a finding names, the nearest first; its text says when there are more. A zone
#: can hold a whole building, and nobody works through twenty thousand elements one by one.
NAMED = 500
#: Metres by which corners may be further from a spot in plan and still be beside it.
_BESIDE = 0.1
#: Before the place that stands for a feature without a number.
_PLACE = "@"
#: Names that a text lists before it says how many more there are.
_LISTED = 12


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Features:
    """F features of one layer, as texts name them.

    Attributes
    ----------
    layer : str
        Name of the layer; empty for something that is no layer.
    geometry : (F,) object
        In plan.
    zh, en : tuple of str
        What a text calls each.
    key : tuple of str
        Identifies each from one review to the next.
    joints : (F, 2) int64 or None
        Nodes at the ends of each; features that share one go on in each other.

    """

    layer: str
    geometry: NDArray[np.object_]
    zh: tuple[str, ...]
    en: tuple[str, ...]
    key: tuple[str, ...]
    joints: I64 | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pairs:
    """P measurements between an element and a feature.

    Attributes
    ----------
    element, feature : (P,) int64
        `element` counts in the stock.
    value : (P,) float64
        Metres measured.
    doubt : (P,) float64
    height : (P,) float64
        Height in the project frame at which a viewer should look; NaN takes the element's.

    """

    element: I64
    feature: I64
    value: F64
    doubt: F64
    height: F64

    def take(self, rows: I64 | NDArray[np.bool_]) -> "Pairs":
        """The pairs wanted."""
        return Pairs(
            element=self.element[rows],
            feature=self.feature[rows],
            value=self.value[rows],
            doubt=self.doubt[rows],
            height=self.height[rows],
        )


@dataclass(slots=True, eq=False)
class Told:
    """What the checks of one review have to say, gathered."""

    findings: list[Finding] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    #: For each kind of check its titles and the rows that lack a value.
    lacking: dict[tuple[str, str], dict[str, Row]] = field(default_factory=dict)

    def say(self, what: tuple[str, str], why: tuple[str, str]) -> None:
        """Add an entry of what was not assessed, each once."""
        entry = not_assessed(what, why)
        if entry not in self.entries:
            self.entries.append(entry)

    def lacks(self, check: tuple[str, str], rows: Sequence[Row]) -> None:
        """Note rows of `check` that hold here and have no value."""
        if rows:
            self.lacking.setdefault(check, {}).update({r.key: r for r in rows})

    def all_entries(self) -> tuple[Entry, ...]:
        """All entries, with one for each check that lacks values."""
        return (*self.entries, *(_lacks(check, rows) for check, rows in self.lacking.items()))


def _lacks(check: tuple[str, str], rows: Mapping[str, Row]) -> Entry:
    keys = sorted(rows)
    shown = keys[:_LISTED]
    more = len(keys) - len(shown)
    zh = "、".join(f"{k}（{rows[k].title}）" for k in shown) + (
        f" 等 {len(keys)} 项" if more else ""
    )
    en = ", ".join(shown) + (f" and {more} more" if more else "")
    return not_assessed(
        check, (f"未录入数值：在项目参数中填写 {zh}", f"value not entered: enter {en}")
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Check:
    """One kind of conflict and how it is told.

    Attributes
    ----------
    code : Code
    title : tuple of str
        What is not assessed where a value lacks, Chinese and English.
    by_feature : bool
        Whether conflicts with one feature belong together whatever the elements; else
        elements and features that hang together do.

    """

    code: Code
    title: tuple[str, str]
    by_feature: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Case:
    """What all checks look at.

    Attributes
    ----------
    stock : Stock
        Located models in the project frame.
    sides : Sides
        What the elements are to the rules.
    ground : Ground
    rules : ProjectRules
    project : Frame
    told : Told
        Where checks put what they have to say.
    clashed : collection of (GlobalId, layer, number) or None
        What the clash core tells of already; None where it was not asked.

    """

    stock: Stock
    sides: Sides
    ground: Ground
    rules: ProjectRules
    project: Frame
    told: Told = field(default_factory=Told)
    clashed: Collection[Clashed] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Measured:
    """Measurements with the features they go to and the rows that judge them.

    Attributes
    ----------
    features : Features
    pairs : Pairs
    rows : sequence of Row
    holding : (R, P) uint8
        A :class:`gis.bands.Holds` for each row and pair.
    shift : (P,) float64 or None
        What texts add to both the value and the demand, where the demand of a pair is its own.

    """

    features: Features
    pairs: Pairs
    rows: Sequence[Row]
    holding: U8
    shift: F64 | None = None


def tell(case: Case, check: Check, measured: Measured) -> None:
    """Judge measurements, add the findings and say what could not be judged."""
    told, features, rows = case.told, measured.features, measured.rows
    pairs = measured.pairs
    judged = judge(rows, measured.holding, pairs.value, pairs.doubt, case.rules)
    told.lacks(check.title, [rows[r] for r in np.flatnonzero(judged.lacking.any(axis=1)).tolist()])
    unsure = int(np.count_nonzero(judged.open))
    if unsure:
        told.say(
            (
                f"{check.title[0]}：图层“{features.layer}”的 {unsure} 处",
                f'{check.title[1]}: {unsure} places of layer "{features.layer}"',
            ),
            _missing_attributes(rows),
        )
    for members in _clusters(case.stock, measured, judged, by_feature=check.by_feature):
        told.findings.append(_finding(case, check, measured, judged, members))


def _missing_attributes(rows: Sequence[Row]) -> tuple[str, str]:
    names = sorted({n for r in rows for n in (*r.when, *r.where)})
    words = [_ATTRIBUTES.get(n, (n, n)) for n in names]
    return (
        f"缺少判定所需的属性（{'、'.join(zh for zh, _ in words)}），适用的数值不能确定",
        f"attributes are missing that decide which value holds: {', '.join(en for _, en in words)}",
    )


_ATTRIBUTES = {
    "diameter_mm": ("管径", "diameter"),
    "wall_mm": ("壁厚", "wall thickness"),
    "pressure": ("压力等级", "pressure"),
    "laying": ("埋设方式", "way of laying"),
    "surface": ("地面类型，参数 cover.surface", "surface, parameter cover.surface"),
    "structure": ("结构类型", "kind of structure"),
    "line": ("铁路类型，参数 railway.line", "kind of railway, parameter railway.line"),
    "area": ("所在地区，参数 railway.area", "area, parameter railway.area"),
    "voltage_kv": ("电压等级", "voltage"),
}


def _clusters(stock: Stock, measured: Measured, judged: Judged, *, by_feature: bool) -> list[I64]:
    """Rows of the pairs that are conflicts, by what belongs together, in a fixed order."""
    pairs = measured.pairs
    hit = np.flatnonzero(judged.band > Band.CLEAR)
    if not len(hit):
        return []
    model = stock.model_of[pairs.element[hit]]
    apart = model * (int(judged.row.max()) + 2) + judged.row[hit] + 1
    if by_feature:
        run = pairs.feature[hit]
    else:
        run = _runs(apart, pairs.element[hit], pairs.feature[hit], measured.features.joints)
    keys = np.stack([apart, run], axis=1)
    _, cluster = np.unique(keys, axis=0, return_inverse=True)
    cluster = cluster.reshape(-1)
    order = np.argsort(cluster, kind="stable")
    cuts = np.flatnonzero(np.diff(cluster[order])) + 1
    return [hit[part] for part in np.split(order, cuts)]


def _runs(apart: I64, element: I64, feature: I64, joints: I64 | None) -> I64:
    """A number for each conflict, the same where elements or features hang together."""
    nodes = [np.stack([apart, np.zeros_like(element), element], axis=1)]
    nodes.append(np.stack([apart, np.ones_like(feature), feature], axis=1))
    if joints is not None:
        end = np.full_like(feature, 2)
        nodes += [np.stack([apart, end, joints[feature, k]], axis=1) for k in (0, 1)]
    _, number = np.unique(np.concatenate(nodes), axis=0, return_inverse=True)
    number = number.reshape(len(nodes), -1)
    # Everything that a conflict touches hangs together by its feature.
    one = np.concatenate([number[1]] * (len(nodes) - 1))
    other = np.concatenate([number[k] for k in range(len(nodes)) if k != 1])
    size = int(number.max()) + 1
    # imported where it is needed: a review without map findings starts sooner
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    found: I64 = label[number[1]].astype(np.int64)
    return found


def _finding(case: Case, check: Check, measured: Measured, judged: Judged, members: I64) -> Finding:
    """The finding of conflicts that belong together; the worst one gives the numbers."""
    stock, pairs = case.stock, measured.pairs
    margin = pairs.value[members] - judged.required[members]
    order = members[np.lexsort((pairs.feature[members], pairs.element[members], margin))]
    worst = int(order[0])
    row = measured.rows[int(judged.row[worst])]
    band = Band(int(judged.band[members].max()))
    elements = list(dict.fromkeys(pairs.element[order].tolist()))
    certain = band == Band.VIOLATION
    shift = 0.0 if measured.shift is None else float(measured.shift[worst])
    return Finding.of(
        check.code,
        model=stock.model_name(elements[0]),
        elements=[stock.guid(e) for e in elements[:NAMED]],
        point=_point(stock, measured.features, pairs, worst),
        severity=row.severity if certain else max(_LEAST, round(row.severity * _WITHIN)),
        rule=row.id,
        rule_zh=row.title,
        rule_en=row.title_en,
        citation=case.rules.citation(row),
        band=WORDS[band][0],
        band_zh=WORDS[band][1],
        band_en=WORDS[band][2],
        value_m=round(float(pairs.value[worst]) + shift, 4),
        required_m=round(float(judged.required[worst]) + shift, 4),
        uncertainty_m=round(float(pairs.doubt[worst]), 4),
        measured_from=row.measured_from,
        measured_from_en=row.measured_from_en,
        count=len(elements),
        storey=stock.storey(elements[0]),
        **_subject(stock, elements),
        **_object(measured.features, pairs.feature[order].tolist(), row),
    )


def _subject(stock: Stock, elements: Sequence[int]) -> dict[str, object]:
    name, more = stock.label(elements[0]), len(elements) - 1
    cut = len(elements) > NAMED
    zh = f"等 {more + 1} 个构件" + (f"（列出最近 {NAMED} 个）" if cut else "")
    en = f" and {more} more" + (f" (the nearest {NAMED} are listed)" if cut else "")
    return {
        "subject_zh": f"“{name}”{zh}" if more else f"“{name}”",
        "subject_en": f'"{name}"{en}' if more else f'"{name}"',
    }


def _object(features: Features, order: Sequence[int], row: Row) -> dict[str, object]:
    seen = list(dict.fromkeys(order))
    more = len(seen) - 1
    numbers = [features.key[f] for f in seen if not features.key[f].startswith(_PLACE)]
    # Bodies of buried lines carry the number of the line: they are shown beside the elements.
    bodies = {"lines": numbers[:_LISTED]} if features.joints is not None else {}
    return {
        **bodies,
        "layer": features.layer,
        "feature_zh": features.zh[seen[0]] + (f"等 {more + 1} 段" if more else ""),
        "feature_en": features.en[seen[0]] + (f" and {more} more" if more else ""),
        "features": [features.key[f] for f in seen],
        "group": f"{row.id}|{min(features.key[f] for f in seen)}",
    }


def _point(
    stock: Stock, features: Features, pairs: Pairs, worst: int
) -> tuple[float, float, float]:
    """The spot of the element that is nearest to the feature."""
    element = pairs.element[worst]
    shape = stock.shape(int(element))
    x, y = shapely.get_coordinates(
        shapely.shortest_line(shape, features.geometry[int(pairs.feature[worst])])
    )[0].tolist()
    height = float(pairs.height[worst])
    if np.isnan(height):
        return x, y, _beside(stock, int(element), x, y)
    low, high = stock.boxes[element, :, 2].tolist()
    return x, y, min(max(height, low), high)


def _beside(stock: Stock, element: int, x: float, y: float) -> float:
    """Half the height of the corners of an element that are nearest to a spot in plan.

    The end of a jib is not at half the height of its crane.
    """
    vertices, _ = stock.body(element)
    away = np.hypot(vertices[:, 0] - x, vertices[:, 1] - y)
    near = vertices[away <= away.min() + _BESIDE, 2]
    return float(near.min() + near.max()) / 2


def features_of(
    layer: str,
    geometry: NDArray[np.object_],
    names: Sequence[tuple[str, str]],
    numbers: Sequence[str],
    *,
    joined: bool = False,
) -> Features:
    """Features with texts and keys.

    Parameters
    ----------
    layer : str
    geometry : (F,) object
    names : sequence of (Chinese, English)
        What kind each is; may be empty. A feature with a name of its own says it already.
    numbers : sequence of str
        Number or name in the layer; the place stands in where it is empty.
    joined : bool
        Whether lines that end at one point go on in each other.

    """
    flat = shapely.force_2d(geometry)
    middle = np.round(shapely.get_coordinates(shapely.centroid(flat)), 0)
    tags = [
        n or f"{_PLACE}{x:.0f},{y:.0f}" for n, (x, y) in zip(numbers, middle.tolist(), strict=True)
    ]
    # Lines of a network always say what they carry.
    zh_marks, en_marks = ("", "") if joined else ("“”", '""')
    return Features(
        layer=layer,
        geometry=flat,
        zh=tuple(_called(zh, n, zh_marks) for (zh, _), n in zip(names, numbers, strict=True)),
        en=tuple(_called(en, n, en_marks) for (_, en), n in zip(names, numbers, strict=True)),
        key=tuple(tags),
        joints=_joints(flat) if joined else None,
    )


def _called(kind: str, number: str, marks: str) -> str:
    """A number stands behind its kind; a name says what it is."""
    named = re.search(r"[\u4e00-\u9fff]{2}", number) is not None
    return f"{marks[0]}{number}{marks[1]}" if named and marks else f"{kind} {number}".strip()


def _joints(geometry: NDArray[np.object_]) -> I64:
    """Numbers (F, 2) of the points where lines begin and end, to the centimetre."""
    ends = [shapely.get_coordinates(shapely.get_point(geometry, k)) for k in (0, -1)]
    _, number = np.unique(np.round(np.concatenate(ends), 2), axis=0, return_inverse=True)
    joined: I64 = number.reshape(2, -1).T.astype(np.int64)
    return joined
