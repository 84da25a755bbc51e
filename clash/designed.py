"""Joints of the building itself: what is built into, onto and round what."""

from collections.abc import Callable

import numpy as np

from bimcore.arrays import F64, Mask
from bimcore.relations import RelationKind
from clash.pairs import FLUSH, View
from clash.result import Relation
from clash.roles import ENVELOPE

#: Metres a thing that stands on a floor may reach into it (screed, adhesive, threshold).
STANDING = 0.060
#: Metres a post or railing may be let into what carries it.
POST = 0.250
#: Metres furniture and fittings may reach into the face they are fixed to.
FIXED = 0.030
#: A lap of two members is cut no deeper than this share of the smaller section, and this much.
NOTCH_SHARE, NOTCH = 0.4, 0.120
#: Finishes up to this thick are cut or run through on site without a drawing.
FINISH = 0.100
#: A level slab up to this thick bears no load: screed on the slab below.
SCREED = 0.060
#: Metres of cover that two bars of a cage may share in the model.
BARS = 0.030
#: Metres on both sides of a floor from which a wall is one of several storeys.
STOREY = 0.5
#: Rolled and hollow sections fill less than this share of their own box.
PROFILE = 0.5
#: Metres that a rail may be let into the newel, post or string at its end.
NEWEL = 0.125
#: Parts shorter than this are small: dowels, boxes, brackets.
PART = 0.6
#: Plates of steel connections are no longer and no thicker; bolts and anchors no longer.
GUSSET, STEEL, ROD = 1.2, 0.060, 2.0
#: Widths over thickness above which a body is a sheet: a wall, a panel, no flat beam.
SHEET = 6.0
#: A flat bar is no wider; what is wider and as thin is a sheet.
FLAT = 0.200
#: A slanting member rises by more than the first and less than the second, per metre of itself.
LEVEL, UPRIGHT = 0.17, 0.97
#: Share of their diameter by which piles of a secant wall overlap at most.
SECANT = 0.35
#: Cosine above which two directions count as parallel (about 11 degrees).
PARALLEL = 0.98


def _same_model(view: View) -> Mask:
    model = view.facts.roles.model
    found: Mask = model[view.guest] == model[view.host]
    return found


def part_of(view: View) -> Mask:
    """Whole and part, or two parts of one element.

    Lines of a plant are no parts of each other, nor are a line and the walls of a cabin.
    """
    top = view.facts.top
    one = top[view.guest] == top[view.host]
    direct = view.facts.related(view.guest, view.host, RelationKind.AGGREGATES)
    nested = (top[view.guest] == view.host) | (top[view.host] == view.guest)
    lines = view.is_guest("segment") & view.is_host("segment")
    lines |= view.is_guest("segment", "fitting") & view.is_host(*ENVELOPE)
    lines |= view.is_host("segment", "fitting") & view.is_guest(*ENVELOPE)
    siblings = one & ~lines & (view.relation != Relation.DUPLICATE)
    found: Mask = direct | nested | siblings
    return found


def covers(view: View) -> Mask:
    """A covering on its base, or a projection on what it adds to."""
    kinds = (RelationKind.COVERS, RelationKind.PROJECTS)
    return view.facts.related(view.guest, view.host, *kinds) & view.shares_space


def embedded(view: View) -> Mask:
    """Bars, tendons, anchors and small parts in their host; bars of one cage."""
    declared = view.facts.related(view.guest, view.host, RelationKind.REINFORCES)
    host = view.is_host(*ENVELOPE, "proxy")
    bar = view.is_guest("bar") & host
    small = view.is_guest("small_part") & host & (view.guest_size[:, 0] < PART)
    # cast-in channels and long anchors lie in their host or end there
    small |= view.is_guest("small_part") & host & view.within.all(axis=1)
    small |= view.is_guest("fastener") & host & view.one_sided.any(axis=1)
    # bolts and anchors hold what they pass: a base plate, its grout, the pad below
    bolt = view.facts.shapes.slender[view.guest_row] & (view.guest_size[:, 1] <= STEEL)
    small |= view.is_guest("fastener") & host & bolt & (view.guest_size[:, 0] <= ROD)
    small |= view.is_guest("fastener", "small_part") & view.is_host("plate")
    small |= view.is_guest("bearing") & host & view.one_sided.any(axis=1)
    small |= _connection_plate(view)
    # the end of a hanger rod in the floor above
    rod = view.is_guest("small_part") & host & view.facts.shapes.slender[view.guest_row]
    small |= rod & ~view.is_guest("bar") & view.one_sided[:, 2] & (view.inside[:, 2] <= POST)
    mostly = (view.within.sum(axis=1) >= 2) | (view.share > 0.5)
    cage = view.is_guest("bar") & view.is_host("bar") & (view.depth <= BARS)
    found: Mask = (declared | (bar & mostly) | small | cage) & view.shares_space
    return found


def _connection_plate(view: View) -> Mask:
    """A plate of the steelwork: at a member of its own model, or cast into concrete and floors.

    The first is cut or slotted by the workshop, the second is a base plate or an anchor plate
    no deeper than it is thick.
    """
    plate = view.is_guest("plate") & ~view.is_guest("facade")
    plate &= (view.guest_size[:, 0] <= GUSSET) & (view.guest_size[:, 2] <= STEEL)
    member = view.is_host("column", "beam", "member") & ~view.is_host("facade")
    cast = view.guest_in("structure") & view.is_host("slab", "wall", "footing", "column", "beam")
    cast &= (view.depth <= view.guest_size[:, 2] + FLUSH) & ~view.through[:, 2]
    found: Mask = plate & ((member & _same_model(view)) | cast)
    return found


def connected(view: View) -> Mask:
    """Joined by the model, no deeper than the thicker of the two.

    Parts in one line are joined end to end: they may share that much of their length.
    """
    declared = view.facts.related(view.guest, view.host, RelationKind.CONNECTS)
    joint = np.maximum(view.guest_size[:, 2], view.host_size[:, 2]) + FLUSH
    crossing = view.relation == Relation.CROSSING
    lap = np.where(_parallel(view), view.inside[:, 0], view.depth)
    found: Mask = declared & crossing & (lap <= joint)
    return found


def _bars(view: View) -> tuple[Mask, Mask]:
    """Which guests and hosts (C,) are bars of a frame: beams, columns, mullions."""
    kinds, slender = ("beam", "column", "member"), view.facts.shapes.slender
    guest = view.is_guest(*kinds) & slender[view.guest_row] & ~_sheet(view.guest_size)
    host = view.is_host(*kinds) & slender[view.host_row] & ~_sheet(view.host_size)
    return guest, host


def _parallel(view: View) -> Mask:
    """Two plates in one plane direction, or two lines in one direction."""
    shapes = view.facts.shapes
    guest, host = _bars(view)
    plates = shapes.thin[view.guest_row] & shapes.thin[view.host_row]
    flat = plates & (view.aligned(2, 2) > PARALLEL) & (guest == host)
    lines = shapes.slender[view.guest_row] & shapes.slender[view.host_row] & ~plates
    lines &= ~_sheet(view.guest_size) & ~_sheet(view.host_size)
    along = lines & (view.aligned(0, 0) > PARALLEL)
    found: Mask = flat | along
    return found


def _sheet(size: F64) -> Mask:
    found: Mask = (size[:, 1] > SHEET * size[:, 2]) & (size[:, 1] > FLAT)
    return found


def _enters(view: View) -> Mask:
    """The guest ends inside the host: it comes out on one side only."""
    slender = view.facts.shapes.slender[view.host_row] & ~_sheet(view.host_size)
    thin = view.facts.shapes.thin[view.host_row] & ~slender
    across = view.one_sided[:, 1] | view.one_sided[:, 2]
    anywhere = view.one_sided.any(axis=1)
    found: Mask = np.where(thin, view.one_sided[:, 2], np.where(slender, across, anywhere))
    return found


def end_joint(view: View) -> Mask:
    """Wall into wall, slab into wall, beam into column: one ends inside the other.

    A flight in a floor, wall or column is no joint, one in its landing is. Panels and posts of
    one curtain wall are made to fit.
    """
    building = view.is_guest(*ENVELOPE) & view.is_host(*ENVELOPE)
    stair = _flight(view.is_guest, view.is_host) | _flight(view.is_host, view.is_guest)
    shallow = view.depth <= STANDING
    crossing = view.relation == Relation.CROSSING
    # of two bars, one that passes beside the other's axis does not end there
    guest, host = _bars(view)
    ends = _enters(view) & (~(guest & host) | _tip_inside(view))
    ends &= ~stair | shallow
    fitted = view.is_guest("facade") & view.is_host("facade") & _same_model(view)
    joint = building & (ends | fitted | _to_level(view)) & ~_frame_in_facade(view)
    # what bears on a corbel lies on top of it
    joint &= ~(view.is_guest("nib") | view.is_host("nib")) | (view.depth <= FIXED)
    found: Mask = joint & crossing & ~_parallel(view)
    return found


def _to_level(view: View) -> Mask:
    """An architect's wall drawn up to the finished floor, through the engineer's slab below it.

    It is built up to the slab; what comes out above lies within the build-up of the floor.
    """
    two = view.guest_in("architecture") & view.host_in("structure") & ~_same_model(view)
    pair = two & view.is_guest("wall") & view.is_host("slab") & (view.host_upright() > 0.9)
    up = view.facts.shapes.axes[view.host_row, 2, 2] > 0
    out = np.where(up, view.above[:, 2], view.below[:, 2])
    under = np.where(up, view.below[:, 2], view.above[:, 2])
    found: Mask = pair & (out <= FINISH) & (under > STOREY)
    return found


def _flight(one: Callable[..., Mask], other: Callable[..., Mask]) -> Mask:
    """Rows where `one` is a flight of stairs, and `other` no landing of it."""
    flight = one("stair") & ~one("ramp")
    found: Mask = flight & other("slab", "beam", "wall", "column") & ~other("landing", "ramp")
    return found


def _tip_inside(view: View) -> Mask:
    """Whether an end of the guest's axis lies in the host, or sticks out by half a section."""
    shapes = view.facts.shapes
    axis, middle = shapes.axes[view.guest_row, 0], shapes.centre[view.guest_row]
    half = view.guest_size[:, 0] / 2
    margin = 0.5 * view.guest_size[:, 1:2]
    low, high = shapes.low[view.host_row] - margin, shapes.high[view.host_row] + margin
    found = np.zeros(len(half), dtype=np.bool_)
    for side in (-half, half):
        tip = np.einsum("cki,ci->ck", shapes.axes[view.host_row], middle + side[:, None] * axis)
        found |= ((tip >= low) & (tip <= high)).all(axis=1)
    return found


def _frame_in_facade(view: View) -> Mask:
    """A slab edge, beam or column in a curtain wall: the facade is not cut for the frame."""
    frame = ("slab", "column", "beam", "footing", "stair")
    found: Mask = view.is_guest("facade") & view.is_host(*frame)
    found |= view.is_host("facade") & view.is_guest(*frame)
    return found


def monolithic(view: View) -> Mask:
    """Columns, piles, bearing walls and beams that run through slabs, beams and footings."""
    upright = view.is_guest("column", "footing")
    one_pour = _same_model(view) | (view.guest_in("structure") & view.host_in("structure"))
    poured = view.guest_in("structure") & view.host_in("structure")
    # a partition that goes on for a storey is built past the floor, one that pokes out is not
    goes_on = (view.below[:, 2] > STOREY) & (view.above[:, 2] > STOREY)
    wall = view.is_guest("wall") & (poured | (_same_model(view) & goes_on))
    # a rolled section does not run through another one: that is cut and joined
    first, second = view.facts.views
    steel = _profiled(first) & _profiled(second)
    floor = view.is_host("slab") & (upright | wall)
    floor |= view.is_host("beam", "footing") & upright & ~steel
    base = view.is_host("footing") & view.is_guest(*ENVELOPE) & ~view.is_guest("facade")
    lies = view.within[:, 2] | (one_pour & (view.aligned(0, 2) < 0.3))
    ribs = view.is_guest("beam", "member") & view.is_host("slab") & lies
    ribs &= ~view.is_guest("facade")
    # a ground slab is poured on and round its pads
    pad = view.is_host("footing") & view.is_guest("slab") & one_pour
    # a ramp runs out into its floor; piles of a wall are bored into each other
    ramp = view.is_guest("ramp") & view.is_host("slab") & one_pour & view.one_sided[:, 2]
    secant = view.is_guest("pile") & view.is_host("pile") & one_pour
    secant &= view.depth <= SECANT * np.minimum(view.guest_size[:, 1], view.host_size[:, 1])
    crossing = (floor | base | ribs) & ~_parallel(view)
    return (crossing | (base & pad) | ramp | secant) & view.shares_space


def infill(view: View) -> Mask:
    """A column or beam in the plane of a wall, or a beam that passes an infill wall.

    A rolled section through a bearing wall needs a recess that somebody draws.
    """
    frame = view.is_guest("column", "beam") & view.is_host("wall")
    in_plane = view.aligned(0, 2) < 0.3
    passes = view.is_guest("beam") & (
        _same_model(view) | (view.guest_in("structure") & view.host_in("architecture"))
    )
    passes &= ~(view.host_in("structure") & _profiled(view))
    found: Mask = frame & (in_plane | passes) & view.shares_space
    return found


def _profiled(view: View) -> Mask:
    """Whether the guest fills so little of its own box that it is a rolled or hollow section."""
    size = np.prod(view.guest_size, axis=1)
    closed = view.facts.scene.meshes.closed[view.guest]
    found: Mask = closed & (view.facts.shapes.volume[view.guest_row] < PROFILE * size)
    return found


def notch(view: View) -> Mask:
    """Two members that cross with a lap, and two diagonals of one bracing at their node.

    Timber is notched; a rolled section in another one is not.
    """
    kinds = ("beam", "member", "column")
    section = np.minimum(view.guest_size[:, 1], view.host_size[:, 1])
    limit = np.minimum(NOTCH_SHARE * section, NOTCH)
    pair = view.is_guest(*kinds) & view.is_host(*kinds)
    first, second = view.facts.views
    other = second if view is first else first
    lap = (view.depth <= limit) & ~(_profiled(view) & _profiled(other))
    found: Mask = pair & ~_parallel(view) & (lap | _braces(view)) & view.shares_space
    return found


def _braces(view: View) -> Mask:
    """Two slanting members of one model and section whose axes meet."""
    shapes = view.facts.shapes
    bars = ("member", "beam")
    both = view.is_guest(*bars) & view.is_host(*bars) & _same_model(view)
    one, other = shapes.axes[view.guest_row, 0], shapes.axes[view.host_row, 0]
    for axis in (one, other):
        rise = np.abs(axis[:, 2])
        both &= (rise > LEVEL) & (rise < UPRIGHT)
    normal = np.cross(one, other)
    length = np.maximum(np.linalg.norm(normal, axis=1), 1e-9)
    between = shapes.centre[view.guest_row] - shapes.centre[view.host_row]
    apart = np.abs(np.einsum("ci,ci->c", between, normal)) / length
    alike = np.abs(view.guest_size[:, 1:] - view.host_size[:, 1:]).max(axis=1) <= FLUSH
    found: Mask = both & alike & (apart <= 0.5 * view.guest_size[:, 2])
    return found


def finish_edge(view: View) -> Mask:
    """A thin finish that ends in a wall, runs behind it, lies in the face of its base or is cut.

    Walls, columns and posts that pass a finish have it cut round them. A ceiling that a beam,
    window or stair passes hangs too low. Insulation of a line is no finish.
    """
    thin = view.is_guest("covering") & ~view.is_guest("lagging")
    casing = _hollow(view)
    thin &= (view.guest_size[:, 2] <= FINISH) | casing
    bolts = view.is_host("fastener", "small_part") & ~view.is_host("bar")
    base = view.is_host(*ENVELOPE, "covering", "opener") | bolts
    flat = view.aligned(2, 2) > PARALLEL
    face = flat & (view.one_sided[:, 2] | view.within[:, 2]) & ~view.is_host("covering")
    level = np.abs(view.facts.shapes.axes[view.guest_row, 2, 2]) > PARALLEL
    upright = np.abs(view.facts.shapes.axes[view.host_row, 0, 2]) > PARALLEL
    cut = view.is_host("wall", "column") | (view.is_host("beam", "member") & (~level | upright))
    ends = _enters(view) & (~view.is_host("opener") | (view.depth <= FIXED))
    # the casing of a column is cut for the rails, bolts and plates that are fixed to it
    cut |= bolts | (casing & view.is_host("beam", "member"))
    edge = ~flat & (ends | cut)
    # a floor is laid round the pipes that come up through it; its slab has to have the hole
    laid = view.is_guest("flooring") & view.is_host("segment", "fitting") & upright & level
    # a screed drawn as a slab of the architect is a finish as well: it carries nothing
    screed = view.is_guest("slab") & view.guest_in("architecture") & level
    screed &= (view.guest_size[:, 2] <= SCREED) & upright & view.is_host("segment", "fitting")
    found: Mask = ((thin & ((base & (face | edge)) | laid)) | screed) & view.shares_space
    return found


def _hollow(view: View) -> Mask:
    """Whether the guest is an upright closed box of boards: the casing of a column."""
    shapes, row = view.facts.shapes, view.guest_row
    upright = np.abs(shapes.axes[row, 0, 2]) > PARALLEL
    board = 2 * shapes.volume[row] / np.maximum(shapes.area[row], 1e-9)
    hollow = shapes.volume[row] < PROFILE * view.guest_size.prod(axis=1)
    closed = view.facts.scene.meshes.closed[view.guest]
    found: Mask = (board <= FINISH) & hollow & upright & closed
    return found


def stands(view: View) -> Mask:
    """Furniture, doors, posts and plant on a floor; furniture against a wall."""
    floor = view.is_host("slab", "covering", "stair", "footing") & (view.host_upright() > 0.9)
    things = view.is_guest("furniture", "opener", "stair", "curtain", "proxy", "services")
    things |= view.is_guest("transport")
    things &= ~view.is_guest("segment", "fitting")
    posts = view.is_guest("railing", "member", "column")
    limit = np.where(posts, POST, STANDING)
    on_floor = floor & (things | posts) & view.one_sided[:, 2] & (view.inside[:, 2] <= limit)
    # what stands on a floor stands above it; from below it is too high for its storey
    on_floor &= ~view.is_guest("furniture", "opener", "transport") | _over(view)
    against = view.is_guest("furniture", "railing", "services") & ~view.is_guest("segment")
    fixed = against & view.is_host("wall", "column", "covering") & ~view.is_host("lagging")
    fixed &= view.one_sided.any(axis=1) & (view.depth <= FIXED)
    # posts are fixed to the edge of a floor or string as often as on top
    edge = view.is_guest("railing") & view.is_host("slab", "stair", "covering", "member", "beam")
    edge &= view.depth <= STANDING
    found: Mask = (on_floor | fixed | edge | _newel(view)) & view.shares_space
    return found


def _over(view: View) -> Mask:
    """Whether the guest comes out at the upper side of a level host."""
    up = view.facts.shapes.axes[view.host_row, 2, 2] > 0
    found: Mask = np.where(up, view.above[:, 2], view.below[:, 2]) > FLUSH
    return found


def _newel(view: View) -> Mask:
    """A rail that ends at a newel, post or string of a stair."""
    pair = view.is_guest("railing") & view.is_host("stair", "member", "column", "railing")
    shapes = view.facts.shapes
    point = view.facts.clashes.point - shapes.centre[view.guest_row]
    along = np.abs(np.einsum("ci,ci->c", point, shapes.axes[view.guest_row, 0]))
    at_end = along >= view.guest_size[:, 0] / 2 - POST
    found: Mask = pair & shapes.slender[view.guest_row] & at_end & (view.depth <= NEWEL)
    return found
