"""Who carries whom among bodies that touch, and what an element is fixed to or hung from."""

import re
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.bearing import says_load_bearing
from clash.rehearsal.base import Contacts
from clash.rehearsal.footprints import Plans, Stacked, plans_of, stacked
from clash.rehearsal.founding import grounded_of
from clash.rehearsal.ground_works import POSTS, RETAINS
from clash.roles import Roles, roles_of, scene_pairs

FOOTING, COLUMN, WALL, BEAM, MEMBER, SLAB, STAIR, OTHER = range(8)
#: Who may stand on whom, by rows of carriers; columns in the order of the kinds above.
_STANDS = np.array(
    [
        [1, 1, 1, 1, 1, 1, 1, 1],  # footing
        [0, 1, 1, 1, 1, 1, 1, 1],  # column
        [0, 1, 1, 1, 1, 1, 1, 1],  # wall
        [0, 1, 1, 1, 1, 1, 1, 1],  # beam
        [0, 0, 1, 1, 1, 1, 1, 1],  # member
        [1, 1, 1, 1, 1, 1, 1, 1],  # slab
        [0, 0, 0, 0, 1, 0, 1, 1],  # stair
        [0, 1, 1, 1, 1, 1, 1, 1],  # other: props and shoring
    ],
    dtype=np.bool_,
)
#: Who may frame into the side of whom.
_FRAMES = np.array(
    [
        [0, 0, 0, 1, 0, 0, 0, 0],  # footing: ground beams
        [0, 0, 0, 1, 1, 1, 1, 0],  # column
        [0, 0, 0, 1, 1, 1, 1, 0],  # wall
        [0, 0, 0, 0, 1, 1, 1, 0],  # beam; two beams are told by their ends
        [0, 0, 0, 0, 0, 0, 0, 0],  # member
        [0, 0, 0, 0, 0, 0, 1, 0],  # slab: the head of a flight
        [0, 0, 0, 0, 0, 0, 0, 0],  # stair
        [0, 0, 0, 0, 0, 0, 0, 0],  # other
    ],
    dtype=np.bool_,
)
#: Metres by which a carrier must reach lower than what it carries.
STEP = 0.01
#: Share of the smaller plan that must be shared, and square metres that are always enough.
SHARED, ENOUGH = 0.05, 0.01
#: Share of the product of two widths that bodies share at least where one crosses the other.
CROSSING = 0.25
#: Part of its height by which a beam stays below what is notched into its top.
NOTCH = 0.25
#: Square metres of bearing that a metre of joint at the side stands for.
JOINT = 0.1
#: Square metres for the head of a flight at the floor above: it stands on the floor below, and
#: either may be built first; the head counts where the flight has nothing else.
HEAD = 0.001
#: Metres up to which what is modelled as a wall is a lining.
LINING = 0.06
#: Part of the bearing on silent walls that a frame must reach for these to be its filling.
FRAMED = 0.5
#: Metres from its end within which a beam counts as ending.
END = 0.3
#: Part of its plan that stands on foundations where the floor is laid round it.
ROUND = 0.5
#: A column on a column has its bearing there, when it shares this much of its plan.
THROUGH = 0.5
#: Walls that only divide, by what people call them.
_DIVIDES = re.compile(
    r"隔墙|轻质|隔断|填充|partition|non.?bearing|drywall|dry wall|stud wall|trockenbau|"
    r"nichttragend|leichtbau|cloison|scheidingswand|parapet|女儿墙",
    re.IGNORECASE,
)
#: Walls that are laid of blocks or bricks.
_LAID = re.compile(
    r"砌体|砌块|加气|多孔砖|空心砖|砖墙|砌筑|blockwork|brickwork|masonry|\bblock wall|\bbrick wall|mauerwerk|metselwerk",
    re.IGNORECASE,
)
#: Sheets that are hung on a frame, by what people call them.
_CLADS = re.compile(
    r"墙面板|彩钢板|夹芯板|墙面压型|围护板|wall sheet|sheeting|cladding|sandwich panel|wandverkleidung|"
    r"gevelbeplating",
    re.IGNORECASE,
)
#: Floors that lie on the fill between the foundations.
_ON_FILL = re.compile(
    r"地坪|地面板|室内地面|slab[- ]on[- ]grade|\bsog\b|ground[- ]bearing slab|\bon grade\b",
    re.IGNORECASE,
)
_LANDING = re.compile(r"平台板|休息平台|楼梯平台|landing|podest|bordes|palier", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Touching:
    """Pairs of elements that touch.

    Attributes
    ----------
    pairs : (K, 2) int32
        a < b, sorted.
    gap : (K,) float64
        Metres between them; 0 where they touch or overlap.
    point : (K, 3) float64
        Where.

    """

    pairs: I32
    gap: F64
    point: F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Edges:
    """Support edges as they are found: carrier, carried, square metres, whether at the side."""

    below: I64
    above: I64
    weight: F64
    side: Mask

    def take(self, rows: I64 | Mask) -> "_Edges":
        return _Edges(
            below=self.below[rows],
            above=self.above[rows],
            weight=self.weight[rows],
            side=self.side[rows],
        )


def supports_of(scene: Scene, touching: Touching, *, gap: float) -> Contacts:
    """Support, hosts and ground from the pairs that touch.

    One body carries another where it reaches lower within the plan that both share, and up
    to the underside of the other: stacked with a gap, or built into each other. Beams, slabs
    and flights that only meet the side of a column, wall or deeper beam are carried by it.
    """
    roles = roles_of(scene)
    kind = kinds_of(scene, roles)
    plans = plans_of(scene.meshes)
    size = plans.own[:, 1] - plans.own[:, 0]
    kind[(kind == WALL) & (size.min(axis=1, initial=np.inf) <= LINING)] = OTHER
    bearers = _bearers(scene, roles, kind)
    at = stacked(plans, touching.pairs, gap=gap, closely=kind != OTHER)
    sides = [_Side.of(plans, touching, at, kind, side=k, gap=gap) for k in (0, 1)]
    parts = [_carried(side, bearers.any, roles) for side in sides]
    parts.append(_beams(plans, touching, at, sides, kind))
    edges, structural = _needed(_once(parts, kind, plans), bearers, kind)
    edges, founded = _laid_round(scene, edges, kind, gap)
    sunk = (called(scene, RETAINS) | called(scene, POSTS)) & (kind != OTHER) & scene.clash_body
    # they are sunk into the ground from above: no floor beside them carries them
    edges = edges.take(~sunk[edges.above] | sunk[edges.below] | (kind[edges.below] == FOOTING))
    grounded = sunk | founded | grounded_of(scene, touching.pairs, structural, roles, gap=gap)
    grounded |= _on_ground(scene, edges, kind, gap)
    # a slab on the ground needs no wall that it meets at its side
    edges = edges.take(~(edges.side & grounded[edges.above] & (kind[edges.above] == SLAB)))
    host, guest, how = _hosts(scene, sides, edges, kind)
    a, b = touching.pairs[:, 0], touching.pairs[:, 1]
    return Contacts(
        a=a,
        b=b,
        gap=touching.gap,
        below=edges.below.astype(np.int32),
        above=edges.above.astype(np.int32),
        share=_shares(edges, structural, len(scene)),
        host=host.astype(np.int32),
        guest=guest.astype(np.int32),
        kind=how.astype(np.int32),
        grounded=grounded,
        structural=structural,
    )


def kinds_of(scene: Scene, roles: Roles) -> I64:
    """What each element (E,) is to the load path: ``FOOTING`` to ``OTHER``.

    Landings belong to their flights, whatever holds them is seldom drawn.
    """
    kind = np.full(len(roles.model), OTHER, dtype=np.int64)
    steel = roles.any_of("member", "proxy") & roles.of_discipline("structure")
    in_order = (
        (MEMBER, steel),
        (WALL, roles["wall"] & ~roles["curtain"]),
        (STAIR, roles["stair"]),
        (SLAB, roles["slab"]),
        (BEAM, roles["beam"]),
        (COLUMN, roles["column"]),
        (FOOTING, roles["footing"]),
    )
    for value, mask in in_order:
        kind[mask & ~roles["covering"]] = value
    kind[(kind == SLAB) & called(scene, _LANDING, predefined=("LANDING",))] = STAIR
    return kind


def called(scene: Scene, words: re.Pattern[str], *, predefined: tuple[str, ...] = ()) -> Mask:
    """Elements (E,) whose name or type has one of some words, or of a predefined type."""
    parts = [np.zeros(0, dtype=np.bool_)]
    for model in scene.models:
        table = model.elements
        told = table.object_type.mask([w for w in table.object_type.words if words.search(w)])
        told |= table.predefined.mask(predefined)
        told |= np.array([bool(words.search(n)) for n in table.name], dtype=np.bool_)
        parts.append(told)
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Bearers:
    """Who may carry (E,), in three degrees.

    Attributes
    ----------
    sure : (E,) bool
        Frame, slabs, stairs, foundations, and walls said to bear or drawn by the structure.
    infill : (E,) bool
        Walls that say nothing of it: they bear in a house of walls, and fill a frame.
    denied : (E,) bool
        Walls that say they do not. Authoring tools write so on walls that nobody gave a
        thought to: such a wall still carries what nothing else does.

    """

    sure: Mask
    infill: Mask
    denied: Mask

    @property
    def any(self) -> Mask:
        found: Mask = self.sure | self.infill | self.denied
        return found


def _bearers(scene: Scene, roles: Roles, kind: I64) -> _Bearers:
    """Who may carry others, by class, ``LoadBearing``, trade and name.

    Walls that only divide by their name never carry.
    """
    denied = says_load_bearing(scene, "FALSE")
    told = says_load_bearing(scene, "TRUE")
    wall = kind == WALL
    divides = called(scene, _DIVIDES) & wall & ~told
    divides |= called(scene, _CLADS) & (kind == MEMBER)
    able = ((kind != OTHER) | (roles["member"] & told)) & scene.clash_body & ~divides
    # blockwork in the model of a frame is drawn by its engineer, and fills it all the same
    drawn = roles.of_discipline("structure") & ~called(scene, _LAID)
    silent = wall & ~told & ~drawn
    return _Bearers(
        sure=able & ~denied & ~silent, infill=able & ~denied & silent, denied=able & denied & wall
    )


def _needed(edges: _Edges, bearers: _Bearers, kind: I64) -> tuple[_Edges, Mask]:
    """Edges without those of doubtful walls to what others carry, and who carries then."""
    count = len(kind)
    above, below = edges.above, edges.below

    def borne(by: Mask) -> F64:
        mine = by[below]
        return np.bincount(above[mine], edges.weight[mine], minlength=count).astype(np.float64)

    sure, infill, denied = borne(bearers.sure), borne(bearers.infill), borne(bearers.denied)
    # a beam between two columns needs no wall under it, however long that touches; ring beams
    # that only meet each other do
    upright = bearers.sure[below] & np.isin(kind[below], (COLUMN, WALL, FOOTING))
    firm = bearers.sure & ((kind != BEAM) | (np.bincount(above[upright], minlength=count) > 0))
    framed = (kind == BEAM) & (np.bincount(above[firm[below]], minlength=count) >= 2)
    no_infill = framed | (sure >= FRAMED * infill)
    no_denied = framed | (sure + infill >= denied)
    drop = (bearers.infill[below] & no_infill[above]) | (bearers.denied[below] & no_denied[above])
    kept = edges.take(~drop)
    structural = bearers.sure | bearers.infill
    structural[kept.below[bearers.denied[kept.below]]] = True
    return kept, structural


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Side:
    """All pairs that touch, seen with one of the two as the carrier.

    Attributes
    ----------
    s, e : (K,) int64
        Carrier and carried.
    kind_s, kind_e : (K,) int64
    lower : (K,) bool
        The carrier reaches lower than the other.
    reaches : (K,) bool
        It reaches up to the underside of the other.
    on_top : (K,) bool
        The other begins where it ends.
    rides : (K,) bool
        The other is let into the top of the carrier and rises above it: a notch, a saddle.
    holds : (K,) bool
        The underside of the other lies beside it.
    covered : (K,) bool
        They share enough of their plans.
    above : (K,) bool
        The carrier stands over the other.
    area, edge : (K,) float64

    """

    s: I64
    e: I64
    kind_s: I64
    kind_e: I64
    lower: Mask
    reaches: Mask
    on_top: Mask
    rides: Mask
    holds: Mask
    covered: Mask
    above: Mask
    area: F64
    edge: F64

    @classmethod
    def of(cls, plans: Plans, touching: Touching, at: Stacked, kind: I64, *,
           side: int, gap: float) -> "_Side":  # fmt: skip
        s = touching.pairs[:, side].astype(np.int64)
        e = touching.pairs[:, 1 - side].astype(np.int64)
        s_low, s_high = at.low[:, side], at.high[:, side]
        e_low, e_high = at.low[:, 1 - side], at.high[:, 1 - side]
        smaller = np.minimum(plans.area[s], plans.area[e])
        needed = np.maximum(SHARED * smaller, np.minimum(ENOUGH, 0.5 * smaller))
        # where two long bodies cross, what they share is as small as their widths
        width = (plans.own[:, 1] - plans.own[:, 0]).min(axis=1, initial=np.inf)
        needed = np.minimum(needed, CROSSING * width[s] * width[e])
        return cls(
            s=s,
            e=e,
            kind_s=kind[s],
            kind_e=kind[e],
            lower=s_low < e_low - STEP,
            reaches=s_high >= e_low - gap,
            on_top=np.abs(s_high - e_low) <= gap,
            rides=np.minimum(e_low - s_low, e_high - s_high) >= NOTCH * (s_high - s_low),
            holds=s_high >= e_low + STEP,
            covered=(at.area > 0) & (at.area >= needed),
            above=s_low >= e_high - gap,
            area=at.area,
            edge=at.edge,
        )


def _carried(side: _Side, structural: Mask, roles: Roles) -> _Edges:
    """Edges in which the one side carries the other; two beams side by side are left out."""
    props = (side.kind_s == OTHER) & roles.any_of("proxy", "member", "small_part")[side.s]
    able = structural[side.s] | props
    stands = _STANDS[side.kind_s, side.kind_e] & side.lower & side.reaches & side.covered
    # a floor carries what stands on it; where it cuts into a beam or a floor it hangs in it
    flat = (side.kind_s == SLAB) & np.isin(side.kind_e, (BEAM, SLAB))
    loose = (side.kind_e == OTHER) | props
    stands &= side.on_top | ~(flat | loose)
    two_beams = (side.kind_s == BEAM) & (side.kind_e == BEAM)
    stands &= side.on_top | side.rides | ~two_beams
    frames = _FRAMES[side.kind_s, side.kind_e] & ~side.covered & side.lower & side.holds
    head = (side.kind_s == SLAB) & (side.kind_e == STAIR) & ~stands
    found = able & (stands | frames | head)
    weight = np.where(stands, side.area, np.maximum(JOINT * side.edge, ENOUGH))
    weight = np.where(head, HEAD, weight)
    return _Edges(
        below=side.s[found], above=side.e[found], weight=weight[found], side=~stands[found]
    )


def _beams(plans: Plans, touching: Touching, at: Stacked, sides: list[_Side], kind: I64) -> _Edges:
    """Of two beams that meet side by side the one that ends there is carried."""
    two = touching.pairs.astype(np.int64)
    lies = np.zeros(len(two), dtype=np.bool_)
    for side in sides:
        lies |= side.lower & (side.on_top | side.rides)
    rows = np.flatnonzero((kind[two] == BEAM).all(axis=1) & ~lies)
    a, b = two[rows, 0], two[rows, 1]
    ends_a = _ends(plans, a, touching.point[rows])
    ends_b = _ends(plans, b, touching.point[rows])
    deeper_a = at.low[rows, 0] < at.low[rows, 1] - STEP
    deeper_b = at.low[rows, 1] < at.low[rows, 0] - STEP
    by_depth = ends_a == ends_b
    a_carries = np.where(by_depth, deeper_a, ends_b)
    b_carries = np.where(by_depth, deeper_b, ends_a)
    weight = np.maximum(JOINT * at.edge[rows], ENOUGH)
    return _Edges(
        below=np.concatenate([a[a_carries], b[b_carries]]),
        above=np.concatenate([b[a_carries], a[b_carries]]),
        weight=np.concatenate([weight[a_carries], weight[b_carries]]),
        side=np.ones(int(a_carries.sum() + b_carries.sum()), dtype=np.bool_),
    )


def _ends(plans: Plans, body: I64, point: F64) -> Mask:
    """Whether points (N, 3) are at an end of long bodies (N,)."""
    box = plans.own[body]
    angle = plans.turns[plans.turn[body]]
    x, y = (point[:, k] - plans.centre[k] for k in (0, 1))
    plan = np.stack(
        [x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)], axis=1
    )
    size = box[:, 1] - box[:, 0]
    along = np.argmax(size, axis=1)
    rows = np.arange(len(body))
    reach = np.maximum(END, size.min(axis=1, initial=np.inf))
    position = plan[rows, along]
    near = np.minimum(position - box[rows, 0, along], box[rows, 1, along] - position)
    found: Mask = near <= np.minimum(reach, size.max(axis=1, initial=0.0) / 4)
    return found


def _once(parts: list[_Edges], kind: I64, plans: Plans) -> _Edges:
    """All edges by (above, below), each once; what a column stands through carries it alone."""
    joined = _Edges(
        below=np.concatenate([p.below for p in parts]),
        above=np.concatenate([p.above for p in parts]),
        weight=np.concatenate([p.weight for p in parts]),
        side=np.concatenate([p.side for p in parts]),
    )
    below, above = joined.below, joined.above
    on_column = (kind[above] == COLUMN) & np.isin(kind[below], (COLUMN, WALL, FOOTING))
    on_column &= joined.weight >= THROUGH * plans.area[above]
    through = np.zeros(len(kind), dtype=np.bool_)
    through[above[on_column]] = True
    kept = joined.take(~(through[above] & (kind[below] == BEAM)))
    return _single(kept)


def _laid_round(scene: Scene, edges: _Edges, kind: I64, gap: float) -> tuple[_Edges, Mask]:
    """Edges, and what stands on foundations (E,) through a floor that is laid round it.

    A floor on the fill is modelled through under walls and columns; what is founded at the
    same spot carries them, whether it meets them or only the floor.
    """
    founded = np.zeros(len(kind), dtype=np.bool_)
    floor = (kind == SLAB) & called(scene, _ON_FILL)
    low, high = scene.bounds[:, 0], scene.bounds[:, 1]
    through = floor[edges.below] & np.isin(kind[edges.above], (WALL, COLUMN)) & ~edges.side
    bodies = np.flatnonzero(np.isin(kind, (FOOTING, COLUMN, WALL, BEAM)) & scene.clash_body)
    below, weight = edges.below.copy(), edges.weight.copy()
    for row in np.flatnonzero(through).tolist():
        slab, upright = int(below[row]), int(edges.above[row])
        under = bodies[(low[bodies, 2] < low[slab, 2] - STEP) & (bodies != upright)]
        under = under[high[under, 2] >= low[slab, 2] - gap]
        sides = np.minimum(high[under, :2], high[upright, :2]) - np.maximum(
            low[under, :2], low[upright, :2]
        )
        plan = np.prod(np.maximum(sides, 0.0), axis=1)
        if plan.sum() >= ROUND * np.prod(high[upright, :2] - low[upright, :2]):
            founded[upright] = True
            below[row], weight[row] = under[int(np.argmax(plan))], plan.max()
    moved = _Edges(below=below, above=edges.above, weight=weight, side=edges.side)
    return _single(moved), founded


def _single(edges: _Edges) -> _Edges:
    """Edges by (above, below), each once."""
    ordered = edges.take(np.lexsort((edges.below, edges.above)))
    fresh = np.ones(len(ordered.below), dtype=np.bool_)
    fresh[1:] = np.diff(ordered.below) != 0
    fresh[1:] |= np.diff(ordered.above) != 0
    return ordered.take(fresh)


def _on_ground(scene: Scene, edges: _Edges, kind: I64, gap: float) -> Mask:
    """Slabs (E,) that nothing carries from below, with nothing under them, that carry walls.

    A floor beside a deeper part of the house lies on the ground even where it meets its wall;
    a balcony carries no wall or column.
    """
    count = len(kind)
    from_below = np.bincount(edges.above[~edges.side], minlength=count) > 0
    stands = np.isin(kind[edges.above], (WALL, COLUMN)) & ~edges.side
    loaded = np.bincount(edges.below[stands], minlength=count) > 0
    found: Mask = (kind == SLAB) & ~from_below & loaded
    low, high = scene.bounds[:, 0], scene.bounds[:, 1]
    bodies = np.flatnonzero((kind != OTHER) & scene.clash_body)
    for slab in np.flatnonzero(found).tolist():
        under = bodies[high[bodies, 2] <= low[slab, 2] + gap]
        sides = np.minimum(high[under, :2], high[slab, :2]) - np.maximum(
            low[under, :2], low[slab, :2]
        )
        found[slab] = not (sides > gap).all(axis=1).any()
    return found


def _shares(edges: _Edges, structural: Mask, count: int) -> F64:
    """Part (S,) of the bearing; what may only prop has none where something carries."""
    weight = np.where(structural[edges.below], edges.weight, 0.0)
    total = np.bincount(edges.above, weight, minlength=count)[edges.above]
    found: F64 = weight / np.where(total > 0, total, 1.0)
    return found


def _hosts(scene: Scene, sides: list[_Side], edges: _Edges, kind: I64) -> tuple[I64, I64, I64]:
    """Hosts, guests and how they hold (0 set into, 1 hung, 2 from the side), each pair once."""
    count = len(scene)
    fills = scene_pairs(scene, RelationKind.FILLS, RelationKind.COVERS)
    wholes = scene_pairs(scene, RelationKind.AGGREGATES)[:, ::-1]
    joints = scene_pairs(scene, RelationKind.CONNECTS)
    joints = np.concatenate([joints, joints[:, ::-1]])
    joints = joints[(kind[joints[:, 0]] == OTHER) & (kind[joints[:, 1]] != OTHER)]
    declared = np.concatenate([fills, wholes, joints])
    declared = declared[scene.clash_body[declared].all(axis=1)]
    guests, hosts = [declared[:, 0]], [declared[:, 1]]
    hows = [np.zeros(len(declared), dtype=np.int64)]
    carried = np.unique(edges.above * count + edges.below)
    for side in sides:
        loose = (side.kind_e == OTHER) & (side.kind_s != OTHER)
        loose &= ~np.isin(side.e * count + side.s, carried)
        guests.append(side.e[loose])
        hosts.append(side.s[loose])
        hows.append(np.where(side.above[loose], 1, 2).astype(np.int64))
    guest, host, how = np.concatenate(guests), np.concatenate(hosts), np.concatenate(hows)
    order = np.lexsort((how, host, guest))
    guest, host, how = guest[order], host[order], how[order]
    fresh = np.ones(len(guest), dtype=np.bool_)
    fresh[1:] = (guest[1:] != guest[:-1]) | (host[1:] != host[:-1])
    return host[fresh], guest[fresh], how[fresh]
