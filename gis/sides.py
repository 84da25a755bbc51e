"""What elements of the models are to the rules: foundations, walls, buried services."""

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I64, Mask
from gis import kinds
from gis.ground import Ground
from gis.stock import Stock

FOUNDATIONS = ("IfcFooting", "IfcPile", "IfcDeepFoundation", "IfcCaissonFoundation")
WALLS = ("IfcWall", "IfcCurtainWall")
PARTS = ("IfcSlab", "IfcColumn", "IfcBeam", "IfcRoof", "IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight", "IfcMember", "IfcPlate", "IfcBuildingElementPart")  # fmt: skip
SERVICES = ("IfcDistributionElement",)
PROXIES = ("IfcBuildingElementProxy",)
#: Openings that water can come in by.
OPENINGS = ("IfcDoor", "IfcWindow")
#: What only stands while the house is built, or belongs to no house.
CRANES = re.compile(r"塔吊|塔式起重|起重机|汽车吊|履带吊|\bcrane\b", re.IGNORECASE)
FENCES = re.compile(r"围墙|围栏|围挡|栅栏|\bfenc(e|ing)\b|boundary.?wall", re.IGNORECASE)
ROADS = ("IfcPavement", "IfcCourse", "IfcRoad", "IfcRoadPart")

_GROUND_FLOOR = re.compile(
    r"首层|底层|一层|(?<![\d-])0*1\s*(F|层|楼)(?!\d)|^F0*1(?!\d)|^L(evel)?[ _-]*0*1(?!\d)|ground.?floor|^GF\b|^EG\b|^1st",
    re.IGNORECASE,
)
_BASEMENT = re.compile(r"地下|负|^-|^B\d|^UG|basement|cellar", re.IGNORECASE)
_TRUE, _FALSE = ("True", "TRUE", "true", ".T.", "1"), ("False", "FALSE", "false", ".F.", "0")
_FOUNDATION = re.compile(
    r"基础|承台|地梁|桩|筏板|底板|pile|footing|foundation|raft|base.?slab", re.IGNORECASE
)
_WALL = re.compile(r"墙|wall", re.IGNORECASE)
#: A part of the building counts as standing on the ground when it begins at most this much
#: (metres) above it.
ON_GROUND = 0.5
#: Where no ground is known: lines lie at most this deep, so what begins higher is upstairs.
DEEPEST = 3.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sides:
    """Columns over E elements.

    Attributes
    ----------
    foundation, wall, building : (E,) bool
        `building` includes the other two.
    service : (E,) bool
        Pipes, cables and their like that are not inside a house, as far as can be told.
    kind : (E,) object
        Kind of a service; empty where not known.
    unknown : (E,) bool
        Elements that nothing tells what they are.

    """

    foundation: Mask
    wall: Mask
    building: Mask
    service: Mask
    kind: NDArray[np.object_]
    unknown: Mask

    def of(self, name: str) -> Mask:
        """Elements (E,) that are the side `name` of a row."""
        if name in {"foundation", "wall", "building"}:
            found: Mask = getattr(self, name)
            return found
        matching: Mask = self.service & (self.kind == name)
        return matching


def sides_of(stock: Stock) -> Sides:
    """The sides of all elements of `stock`."""
    names, types = stock.texts("name"), stock.texts("object_type")
    proxy = stock.is_a(*PROXIES)
    base = (stock.texts("predefined") == "BASESLAB") & stock.is_a("IfcSlab")
    foundation = stock.is_a(*FOUNDATIONS) | base | (proxy & says(_FOUNDATION, names, types))
    wall = stock.is_a(*WALLS) | (proxy & ~foundation & says(_WALL, names, types))
    building = foundation | wall | stock.is_a(*PARTS)
    service = stock.is_a(*SERVICES) & ~building
    words = [stock.texts(c) for c in ("system", "object_type", "name")]
    kind = np.full(len(stock), "", dtype=object)
    told: dict[tuple[str, ...], str] = {}
    for e in np.flatnonzero(service).tolist():
        text = tuple(str(w[e]) for w in words)
        if text not in told:
            told[text] = next((k for k in map(kinds.kind_of_words, text) if k), "")
        kind[e] = told[text]
    return Sides(
        foundation=foundation,
        wall=wall,
        building=building,
        service=service & ~_indoors(stock, service, building),
        kind=kind,
        unknown=proxy & ~building & ~service,
    )


def says(words: re.Pattern[str], *columns: NDArray[np.object_]) -> Mask:
    """Rows (E,) where one of the columns (E,) has the words."""
    found = np.zeros(len(columns[0]), dtype=np.bool_)
    for column in columns:
        known = {w for w in set(column.tolist()) if words.search(w)}
        found |= np.array([w in known for w in column], dtype=np.bool_)
    return found


def _indoors(stock: Stock, service: Mask, building: Mask) -> Mask:
    """Services that a slab or a roof stands over or under, at the middle of their box."""
    found = np.zeros(len(stock), dtype=np.bool_)
    floors = np.flatnonzero(building & stock.is_a("IfcSlab", "IfcRoof"))
    asked = np.flatnonzero(service)
    if len(floors) and len(asked):
        box = stock.boxes[floors]
        plan = shapely.box(box[:, 0, 0], box[:, 0, 1], box[:, 1, 0], box[:, 1, 1])
        middle = stock.boxes[asked].mean(axis=1)[:, :2]
        hits = shapely.STRtree(plan).query(shapely.points(middle), predicate="intersects")
        # The box of a floor may hold a courtyard: ask the floor itself.
        inside = shapely.distance(stock.shapes(floors[hits[1]]), shapely.points(middle[hits[0]]))
        found[asked[hits[0][inside == 0.0]]] = True
    return found


def on_ground(stock: Stock, elements: I64, *, ground: Ground, crown: F64) -> tuple[Mask, Mask]:
    """Which pairs have an element that stands on or below the ground.

    Parameters
    ----------
    stock : Stock
    elements : (P,) int64
    ground : Ground
    crown : (P,) float64
        Top of the line of each pair; NaN where not known. It stands in where no ground is.

    Returns
    -------
    standing, known : (P,) bool
        `known` is false where neither ground nor crown is known.

    """
    box = stock.boxes[elements]
    level = ground.at(box.mean(axis=1)[:, :2])
    level = np.where(np.isnan(level), crown + DEEPEST - ON_GROUND, level)
    standing: Mask = box[:, 0, 2] <= level + ON_GROUND
    return standing, np.isfinite(level)


def below_ground(stock: Stock, elements: I64, *, ground: Ground, crown: F64) -> Mask:
    """Which pairs have an element wholly below the ground; parameters as of :func:`on_ground`."""
    box = stock.boxes[elements]
    level = ground.at(box.mean(axis=1)[:, :2])
    level = np.where(np.isnan(level), crown + DEEPEST / 2, level)
    return np.isnan(level) | (box[:, 1, 2] <= level)


def ground_floor(stock: Stock) -> Mask:
    """Slabs (E,) of a storey that is called the ground floor."""
    storey = stock.texts("storey")
    named = {s for s in set(storey.tolist()) if _GROUND_FLOOR.search(s) and not _BASEMENT.search(s)}
    base = stock.texts("predefined") == "BASESLAB"
    floor: Mask = stock.is_a("IfcSlab") & ~base & np.array([s in named for s in storey], dtype=bool)
    return floor


def outside_openings(stock: Stock, ground: Ground) -> Mask:
    """Elements (E,) that are doors or windows to the outside, as far as can be told.

    A property ``IsExternal`` decides; without one those that do not begin below the ground, or
    where no ground is known those of no basement, count.
    """
    said, outside = _is_external(stock)
    level = ground.at(stock.boxes.mean(axis=1)[:, :2]) if len(stock) else np.zeros(0)
    storey = stock.texts("storey")
    basement = np.array([bool(_BASEMENT.search(s)) for s in storey], dtype=np.bool_)
    likely = np.where(
        np.isnan(level), ~basement, stock.boxes[:, 0, 2] >= np.nan_to_num(level) - ON_GROUND
    )
    return np.where(said, outside, likely)


def _is_external(stock: Stock) -> tuple[Mask, Mask]:
    """Whether (E,) a property says it, and what."""
    said = np.zeros(len(stock), dtype=np.bool_)
    outside = np.zeros(len(stock), dtype=np.bool_)
    for number, model in enumerate(stock.models):
        table = model.properties
        of = table.name.mask(["IsExternal"])
        if not of.any():
            continue
        mine = stock.model_of == number
        rows = stock.row[mine]
        yes = table.having(of & table.value.mask(_TRUE))[rows]
        no = table.having(of & table.value.mask(_FALSE))[rows]
        said[mine], outside[mine] = yes | no, yes
    return said, outside
