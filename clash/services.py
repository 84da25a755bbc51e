"""Joints of building services: runs, devices on them, fixtures in faces, insulation."""

from collections import defaultdict

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.relations import RelationKind
from clash import buildup, openings
from clash.pairs import FLUSH, View
from clash.result import Relation
from clash.roles import scene_pairs

#: Fixtures up to this long are mounted in a face by their maker's detail.
FIXTURE = 1.6
#: A fixture that disappears in its host still shows its front within this many metres.
FRONT = 0.030
#: Ceiling and wall boards up to this thick are cut for what is mounted in them.
BOARD = 0.060
#: Fixtures no longer than this sit in a face whichever way they stand.
SMALL = 0.30
#: Metres of a difference in size that is none: drawings are made to the millimetre.
DRAWN = 0.001
#: Metres a fixture that is neither small nor flat may reach into the face it is fixed to.
SHALLOW = 0.060
#: Metres a line may go on inside the equipment it serves.
CONNECTION = 0.400
#: Conduits and cables up to this thick are led into any equipment.
CONDUIT = 0.100
#: Sockets between ports that the file connects: diameters that two segments may share.
SOCKET = 2.0
#: Lines up to this thick are led through a ceiling board on site, to end this near to it.
DROP, HANGS = 0.065, 0.300
#: Necks of air outlets are no wider.
NECK = 0.450
#: Share of the section of a tray that a cable in it takes at most.
CARRIED = 0.6
#: Lines laid in a wall or floor are up to this thick, and this share of it; conduits that turn.
THIN, THIRD, TURN = 0.050, 0.34, 0.032
#: Metres within which two ends in one wall belong to one line that goes on through it.
GOES_ON = 0.150
#: Waste pipes and hoses under sinks are up to this thick.
WASTE = 0.115
#: Connections that a segment or fitting has at least when none of its ends is free.
ENDS = 2
#: Cosine above which two directions count as one (about 26 degrees).
ALIKE = 0.9


def _not_twice(view: View) -> Mask:
    found: Mask = view.relation != Relation.DUPLICATE
    return found


def _compatible(view: View) -> Mask:
    """Same trade, and not of two different systems.

    A pipe without a system is plumbing by its class alone: it may as well feed sprinklers.
    """
    roles = view.facts.roles
    one, other = roles.system[view.guest], roles.system[view.host]
    trade = roles.discipline[view.guest] == roles.discipline[view.host]
    trade |= view.guest_in("plumbing") & (one < 0) & view.host_in("fire")
    trade |= view.host_in("plumbing") & (other < 0) & view.guest_in("fire")
    model = roles.model[view.guest] == roles.model[view.host]
    found: Mask = trade & model & ((one == other) | (one < 0) | (other < 0))
    return found


def _one_system(view: View) -> Mask:
    roles = view.facts.roles
    system = roles.system
    found: Mask = (system[view.guest] >= 0) & (system[view.guest] == system[view.host])
    found &= roles.model[view.guest] == roles.model[view.host]
    return found


def ports(view: View) -> Mask:
    """Joined at ports, a control on its element included.

    Two segments are joined at an end of one: where they cross in mid-span, or share more of
    their length than a socket, the declared ports do not say why.
    """
    kinds = (RelationKind.PORT, RelationKind.FLOW_CONTROL)
    told = view.facts.related(view.guest, view.host, *kinds) & _not_twice(view)
    segments = view.is_guest("segment") & view.is_host("segment")
    socket = SOCKET * np.maximum(view.guest_size[:, 1], view.host_size[:, 1])
    lap = (view.aligned(0, 0) <= 0.94) | (view.inside[:, 0] <= socket)
    found: Mask = told & (~segments | (end_inside(view) & lap))
    return found


def run_joint(view: View) -> Mask:
    """One run: the guest's end lies in or at the host, both of one trade and system.

    Two segments that cross in mid-span are no joint, whatever their system; nor are two
    that lie side by side, which share more of their length than a socket.
    """
    line = view.is_guest("segment", "fitting") & view.is_host("segment", "fitting", "controller")
    # a line that goes on through a sleeve is no joint: the openings say whether it fits
    line &= ~view.is_guest("marker")
    fitting = view.is_guest("fitting") | view.is_host("fitting", "controller")
    along = view.aligned(0, 0) > 0.94
    socket = np.maximum(view.guest_size[:, 1], view.host_size[:, 1]) + FLUSH
    # where no system is told, a branch that ends in a line is its tap
    system = view.facts.roles.system
    tap = _one_system(view) | ((system[view.guest] < 0) & (system[view.host] < 0))
    in_line = fitting | np.where(along, view.inside[:, 0] <= socket, tap)
    found: Mask = line & in_line & _compatible(view) & end_inside(view) & _not_twice(view)
    rows = np.flatnonzero(found)
    found[rows] = ~_taken(view, rows)
    return found


def _taken(view: View, rows: I64) -> Mask:
    """Whether both ends of each guest are connected elsewhere, not even near the host.

    What lies two connections away is near: fittings reach past a short piece between them.
    """
    pairs = scene_pairs(view.facts.scene, RelationKind.PORT)
    if not len(pairs):
        return np.zeros(len(rows), dtype=np.bool_)
    links: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs.tolist():
        links[a].add(b)
        links[b].add(a)
    found = []
    for guest, host in zip(view.guest[rows].tolist(), view.host[rows].tolist(), strict=True):
        ours, theirs = links.get(guest, set()), links.get(host, set())
        found.append(len(ours) >= ENDS and host not in ours and not ours & theirs)
    return np.array(found, dtype=np.bool_)


def carried(view: View) -> Mask:
    """A cable or conduit that lies along within its tray or trunking, much thinner than that."""
    line = view.is_guest("segment") & view.is_host("segment")
    line &= view.guest_in("electrical") & view.host_in("electrical")
    thin = view.guest_size[:, 1] <= CARRIED * view.host_size[:, 1]
    inside = view.within[:, 1:].all(axis=1) & (view.aligned(0, 0) > 0.94)
    found: Mask = line & thin & inside & view.shares_space
    return found


def concealed(view: View) -> Mask:
    """A thin line laid within the thickness of a wall, floor or finish, no crossing of it.

    Conduits are cast or chased into any wall or slab up to a third of its thickness, pipes
    into partitions; floor finishes hold heating and branch pipes.
    """
    line = view.is_guest("segment", "fitting")
    thick = view.guest_size[:, 1]
    thin = (thick <= THIN) & (thick <= THIRD * view.host_size[:, 2])
    lies = view.within[:, 2] & (view.is_guest("fitting") | (view.aligned(0, 2) < 0.3))
    lies &= view.facts.shapes.thin[view.host_row]
    plate = view.is_host("wall", "slab") & view.guest_in("electrical")
    partition = view.is_host("wall") & ~view.host_in("structure")
    finish = view.is_host("covering") & ~view.is_host("lagging") & (view.host_upright() > ALIKE)
    laid = line & thin & lies & (plate | partition | finish)
    # a conduit turns up or down into the next wall
    turns = line & (view.guest_size[:, 1] <= TURN)
    bed = view.is_host("wall", "slab") & view.one_sided[:, 2]
    # up out of the wall into the beam over it, no further than it goes in
    bed |= (
        view.is_host("beam") & view.one_sided.any(axis=1) & (thick <= THIRD * view.host_size[:, 2])
    )
    turns &= (view.guest_in("electrical") & bed) | _draws_off(view, partition)
    found: Mask = (laid | turns) & view.shares_space
    return found


def _draws_off(view: View, partition: Mask) -> Mask:
    """The end of a thin pipe that comes out of a partition to what it serves.

    Two that meet in there and come out on both sides are one pipe through the wall.
    """
    rows = np.flatnonzero(partition & view.is_guest("segment", "fitting") & view.shares_space)
    below, above = buildup.stacked(view, rows)
    found = np.zeros(len(partition), dtype=np.bool_)
    comes = (np.maximum(below, above) > FLUSH) & (np.minimum(below, above) <= FLUSH)
    rows, up = rows[comes], above[comes] > FLUSH
    host, point = view.host[rows], view.facts.clashes.point[rows]
    for number, row in enumerate(rows.tolist()):
        back = (host == host[number]) & (up != up[number])
        apart = np.linalg.norm(point[back] - point[number], axis=1)
        found[row] = not (apart <= GOES_ON).any()
    return found


def _ends(view: View) -> tuple[Mask, Mask]:
    """Whether each end (C,) of the guest's axis lies in the host's own box, or nearly."""
    shapes = view.facts.shapes
    axis = shapes.axes[view.guest_row, 0]
    middle = shapes.centre[view.guest_row]
    half = view.guest_size[:, 0] / 2
    margin = 0.5 * view.guest_size[:, 1]
    first, last = (_in_box(view, middle + s * half[:, None] * axis, margin) for s in (-1.0, 1.0))
    return first, last


def end_inside(view: View) -> Mask:
    """Whether an end (C,) of the guest's axis lies in the host, or nearly."""
    first, last = _ends(view)
    return first | last


def _in_box(view: View, point: F64, margin: F64) -> Mask:
    """Whether `point` (C, 3) is in the host's own box grown by `margin` (C,)."""
    shapes = view.facts.shapes
    along = np.einsum("cki,ci->ck", shapes.axes[view.host_row], point)
    low = shapes.low[view.host_row] - margin[:, None]
    high = shapes.high[view.host_row] + margin[:, None]
    found: Mask = ((along >= low) & (along <= high)).all(axis=1)
    return found


def _devices(view: View) -> Mask:
    """Rows whose guest is a device of the services, neither segment nor fitting."""
    return view.is_guest("services") & ~view.is_guest("segment", "fitting")


def inline(view: View) -> Mask:
    """A valve, damper, pump, sensor or outlet on a line of its own trade and system.

    The line ends in it, it sits on one side of the line, or the line passes it in its
    middle. No line passes through a terminal, and a light does not hang in a tray.
    """
    small = view.guest_size[:, 0] <= FIXTURE
    line = view.is_host("segment", "fitting")
    wraps = ((view.below[:, 1:] >= -FLUSH) & (view.above[:, 1:] >= -FLUSH)).all(axis=1)
    wraps &= ~view.is_guest("terminal") | view.is_guest("controller") | _one_system(view)
    first, last = _host_ends(view)
    side = view.one_sided[:, 1] | view.one_sided[:, 2]
    hung = view.guest_in("electrical") & view.is_guest("terminal") & ~_one_system(view)
    sits = first | last | (np.where(hung, view.depth <= SHALLOW, side | wraps))
    found: Mask = _devices(view) & small & line & sits & _compatible(view) & _not_twice(view)
    return found


def _host_ends(view: View) -> tuple[Mask, Mask]:
    """Whether each end (C,) of the host's axis lies within the guest, seen along the host."""
    shapes, host = view.facts.shapes, view.host_row
    reach = 0.5 * view.host_size[:, 1]
    cross = (view.low[:, 1:] <= shapes.high[host, 1:]) & (view.high[:, 1:] >= shapes.low[host, 1:])
    across = cross.all(axis=1)
    low, high = shapes.low[host, 0], shapes.high[host, 0]
    first = (view.low[:, 0] <= low + reach) & (view.high[:, 0] >= low - reach)
    last = (view.low[:, 0] <= high + reach) & (view.high[:, 0] >= high - reach)
    return across & first, across & last


def equipment(view: View) -> Mask:
    """A line that ends in the equipment it serves, and comes out on one side only."""
    # a proxy as long and thin as a pipe is one, a proxy named so is a manhole
    pipe = view.is_guest("proxy") & view.is_guest("services")
    pipe &= view.facts.shapes.slender[view.guest_row]
    line = view.is_guest("segment", "fitting") | pipe
    chamber = view.is_host("chamber")
    host = (view.is_host("services") & ~view.is_host("segment", "fitting")) | chamber
    wet = view.guest_in("hvac", "plumbing") & view.host_in("hvac", "plumbing")
    roles = view.facts.roles
    trade = wet | (roles.discipline[view.guest] == roles.discipline[view.host])
    trade |= view.guest_in("electrical") & (view.guest_size[:, 1] <= CONDUIT)
    trade |= chamber & (roles.model[view.guest] == roles.model[view.host])
    first, last = _ends(view)
    ends = np.where(view.is_guest("segment") | pipe, first ^ last, view.one_sided.any(axis=1))
    shallow = view.depth <= CONNECTION
    crossing = view.relation == Relation.CROSSING
    found: Mask = line & host & trade & ends & shallow & crossing
    return found


def drop(view: View) -> Mask:
    """A thin line square through a ceiling board to what hangs just below, or sits just above.

    So does a device of its kind that the file has no class for; and what lies in the hole that
    is cut for a light or an outlet needs no other.
    """
    line = view.is_guest("segment", "fitting")
    board = (
        view.is_host("covering") & (view.host_size[:, 2] <= BOARD) & (view.host_upright() > ALIKE)
    )
    square = view.aligned(0, 2) > ALIKE
    ends = np.minimum(view.below[:, 2], view.above[:, 2])
    hangs = view.through[:, 2] & (ends <= HANGS) & (view.guest_size[:, 1] <= DROP)
    # the neck of an outlet of any size ends in the board or at its underside
    neck = (view.guest_size[:, 1] <= NECK) & (ends <= FRONT) & ~view.within[:, 2]
    device = _devices(view) | (view.is_guest("proxy") & ~view.is_guest("marker"))
    found: Mask = board & square & ((line & (hangs | neck)) | (device & hangs)) & view.shares_space
    rows = np.flatnonzero(line & board & view.shares_space & ~found)
    if len(rows):
        roles = view.facts.roles
        cut_for = roles["services"] & ~roles["segment"] & ~roles["fitting"]
        cut_for &= view.facts.scene.meshes.has_body
        found[rows] = openings.passes(view, rows, np.flatnonzero(cut_for))
    return found


def recessed(view: View) -> Mask:
    """A fixture let into the face of a wall, floor, ceiling or counter.

    It enters from one side, or shows its front within ``FRONT`` of a face. What comes out
    on both sides is a penetration; beams and columns are no place for a fixture.
    """
    fixture = view.is_guest("services", "proxy")
    fixture &= ~view.is_guest("segment") & ~view.is_host("services")
    pipe_fitting = view.is_guest("fitting") & ~view.guest_in("electrical")
    fixture &= ~pipe_fitting & (view.guest_size[:, 0] <= FIXTURE)
    # valves and dampers have to be reached: no wall is cut for them
    valve = view.is_guest("valve") & ~view.guest_in("electrical")
    fixture &= ~(valve & view.is_host("wall", "slab"))
    # a door, window or post holds a sensor, it does not make room for a board or heater
    slim = view.is_host("opener", "curtain", "member")
    fixture &= ~slim | (view.guest_size[:, 0] <= SMALL)
    plate = view.is_host("wall", "slab", "covering", "curtain", "member", "furniture", "opener")
    plate &= view.facts.shapes.thin[view.host_row] | view.is_host("furniture")
    # a box let into a wall passes the plaster that is modelled as a layer of it
    rows = np.flatnonzero(fixture & plate & view.shares_space)
    below, above = np.zeros(len(plate)), np.zeros(len(plate))
    below[rows], above[rows] = buildup.stacked(view, rows)
    out, front = np.maximum(below, above), np.minimum(-below, -above)
    sits = (np.minimum(below, above) <= FLUSH) & ((out > FLUSH) | (front <= FRONT))
    deep = view.high[:, 2] - view.low[:, 2] - np.maximum(below, 0.0) - np.maximum(above, 0.0)
    sits &= ~view.is_host("wall", "slab") | _let_in(view, np.maximum(deep, view.inside[:, 2]))
    # a ceiling board is cut for its lights, outlets and hatches
    board = view.is_host("covering") & (view.host_size[:, 2] <= BOARD)
    sits |= board & view.is_guest("terminal", "controller") & view.through[:, 2]
    built_in = view.one_sided.any(axis=1) | view.within.all(axis=1)
    sits |= view.is_host("furniture") & built_in
    return fixture & plate & sits & view.shares_space


def in_cabinet(view: View) -> Mask:
    """A thin line that ends in the cabinet, counter or bench it serves."""
    line = view.is_guest("segment", "fitting") & (view.guest_size[:, 1] <= WASTE)
    first, last = _ends(view)
    ends = np.where(view.is_guest("segment"), first | last, view.one_sided.any(axis=1))
    ends |= view.within.all(axis=1)
    found: Mask = line & view.is_host("furniture") & ends & view.shares_space
    return found


def _let_in(view: View, deep: F64) -> Mask:
    """Whether the guest, `deep` (C,) in it, is made to be let into a wall or floor.

    It is small, flat or hardly in.

    A box larger than ``SMALL`` both ways that takes more than half of a bearing wall is a
    niche somebody has to agree to.
    """
    flat = view.aligned(2, 2) > ALIKE
    shallow = deep <= SHALLOW
    fits = (view.guest_size[:, 0] <= SMALL + DRAWN) | flat | shallow
    niche = view.host_in("structure") & (view.guest_size[:, 1] > SMALL + DRAWN)
    niche &= deep > 0.5 * view.host_size[:, 2]
    found: Mask = fits & (~niche | shallow)
    return found
