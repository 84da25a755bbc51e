"""Small things that hold, carry or close others, known by how they stand in them."""

import numpy as np

from bimcore.arrays import Mask
from clash.lagging import holds_axis
from clash.pairs import FLUSH, View
from clash.roles import ENVELOPE
from clash.shapes import clipped

#: Cosine above which two directions count as one (about 26 degrees).
ALIKE = 0.9
#: Metres of a line that a hanger or clamp takes at most.
GRIP = 0.300
#: Clamps, hangers and flanges are shorter than this.
CLAMP = 0.6
#: Rods of hangers are no thicker; the pads and plates that a dowel passes no thicker either.
ROD, PAD = 0.030, 0.060
#: Cast-in parts proxies stand for are no longer, and show their face within this.
PART, FACE = 0.6, 0.030
#: Metres that grout, plinths and machines may reach into what they stand on.
STANDING = 0.060
#: Metres a machine or cabinet may reach into the wall it stands against.
AGAINST = 0.030
#: Metres that a gully or cover may lie below the face of the course it is set into.
SUNK = 0.030
#: Boxes of valves and hydrants in a road are no larger.
BOX = 1.6
#: The rods of a hanger are anchored no deeper.
ANCHORED = 0.150
#: What ends in a headwall is no thinner: culverts and outfalls, no line of a building.
CULVERT = 0.250
#: A post is let into its footing at most this share of its own length.
ROOTED = 0.34


def support(view: View) -> Mask:
    """A clamp, hanger or flange at its line: round it, or with its edge in it.

    A hanger drawn as a proxy, with its rod, is known by its name and by clasping the line.
    What clasps a line clasps the insulation on it. A rod that lies along in a line holds nothing.
    """
    part = view.is_guest("small_part") & ~view.is_guest("bar") & (view.guest_size[:, 0] < CLAMP)
    told = view.is_guest("hanger") & (view.high[:, 0] - view.low[:, 0] <= GRIP)
    small = (part | told) & view.is_host("segment", "fitting", "lagging")
    small &= ~(view.facts.shapes.slender[view.guest_row] & (view.aligned(0, 0) > ALIKE))
    clasps = ((view.below[:, 1:] >= -FLUSH) & (view.above[:, 1:] >= -FLUSH)).all(axis=1)
    clasps &= view.guest_size[:, 1] >= view.host_size[:, 1] - FLUSH
    # a pipe clamp lies within the insulation, closed round the middle of it
    clasps |= view.is_host("lagging") & holds_axis(view)
    edge = view.one_sided[:, 1:].any(axis=1) & (view.depth <= FACE)
    found: Mask = small & (clasps | edge) & view.shares_space
    return found


def hung(view: View) -> Mask:
    """The rod of a hanger through or in the rail, clamp or plate of its own model."""
    roles = view.facts.roles
    small = view.is_guest("small_part") & view.is_host("small_part")
    small &= ~view.is_guest("bar", "fastener") & ~view.is_host("bar", "fastener")
    rod = view.facts.shapes.slender[view.guest_row] & (view.guest_size[:, 1] <= ROD)
    # two rods in one line are one rod drawn twice, or two that meet by mistake
    along = view.facts.shapes.slender[view.host_row] & (view.aligned(0, 0) > ALIKE)
    same = roles.model[view.guest] == roles.model[view.host]
    found: Mask = small & rod & ~along & same & view.shares_space
    return found


def in_its_duct(view: View) -> Mask:
    """A tendon along in its duct; a dowel square through the bearing pad it holds."""
    bar = view.is_guest("bar") & ~view.is_guest("tube")
    along = (view.aligned(0, 0) > ALIKE) & view.within[:, 1:].all(axis=1)
    pad = view.is_host("bearing") & (view.host_size[:, 2] <= PAD)
    square = (view.aligned(0, 2) > ALIKE) & ~view.within[:, 2]
    found: Mask = bar & ((view.is_host("tube") & along) | (pad & square)) & view.shares_space
    return found


def cast_in(view: View) -> Mask:
    """A cast-in part drawn as a proxy, in the face of what it is cast into.

    What passes from side to side, or lies in the core, is no part that was cast in there.
    """
    part = view.is_guest("cast_in") & view.is_host(*ENVELOPE) & (view.guest_size[:, 0] < PART)
    face = (np.minimum(-view.below, -view.above) <= FACE).any(axis=1) & view.within.all(axis=1)
    enters = view.one_sided.any(axis=1) & ~view.through.any(axis=1)
    found: Mask = ((part & (face | enters)) | _anchored(view)) & view.shares_space
    return found


def _anchored(view: View) -> Mask:
    """A hanger drawn as a proxy, with the ends of its rods in the floor or beam above."""
    hanger = view.is_guest("hanger") & view.is_host("slab", "beam", "wall")
    below = view.facts.scene.bounds[view.guest, 1, 2] - view.facts.scene.bounds[view.host, 0, 2]
    under = view.facts.scene.bounds[view.guest, 0, 2] < view.facts.scene.bounds[view.host, 0, 2]
    found: Mask = hanger & under & (below <= ANCHORED)
    return found


def bedded_on(view: View) -> Mask:
    """Grout, mortar, a plinth or a machine that a proxy stands for, a little in what bears it."""
    bounds = view.facts.scene.bounds
    guest, host = bounds[view.guest], bounds[view.host]
    into = host[:, 1, 2] - guest[:, 0, 2]
    above = (guest[:, 1, 2] > host[:, 1, 2] + FLUSH) & (guest[:, 0, 2] > host[:, 0, 2] + FLUSH)
    thing = view.is_guest("proxy") & ~_line_like(view) & ~view.is_guest("services")
    carries = view.is_host("wall", "column", "beam", "member", "footing", "slab", "proxy")
    found: Mask = thing & carries & above & (into <= STANDING) & view.shares_space
    return found


def stands_against(view: View) -> Mask:
    """A cabinet or machine drawn as a proxy, a little in the face of the wall behind it."""
    thing = view.is_guest("proxy") & ~_line_like(view) & ~view.is_guest("marker")
    wall = view.is_host("wall", "column", "covering") & ~view.is_host("lagging")
    found: Mask = thing & wall & view.one_sided.any(axis=1) & (view.depth <= AGAINST)
    return found & view.shares_space


def rooted(view: View) -> Mask:
    """A pole, sign or post let into its footing from above, both of one model.

    It comes out on top alone, upright, with most of its length; what hangs on it further up
    may be wider than the footing.
    """
    shapes, roles = view.facts.shapes, view.facts.roles
    upright = np.abs(shapes.axes[view.guest_row, 0, 2]) > ALIKE
    post = view.is_guest("proxy", "set_in", "member", "railing", "terminal") & upright
    post &= shapes.slender[view.guest_row] & ~view.is_guest("segment", "fitting")
    block = view.is_host("footing") | (view.is_host("proxy") & ~shapes.slender[view.host_row])
    guest, host = view.facts.scene.bounds[view.guest], view.facts.scene.bounds[view.host]
    into = host[:, 1, 2] - guest[:, 0, 2]
    sits = (guest[:, 0, 2] >= host[:, 0, 2] - FLUSH) & (into <= ROOTED * view.guest_size[:, 0])
    same = roles.model[view.guest] == roles.model[view.host]
    # a pipe or duct drawn as a proxy is no pole; a lighting column is electrical
    same &= ~view.guest_in("hvac", "plumbing", "fire")
    found: Mask = post & block & sits & same & view.shares_space
    for row in np.flatnonzero(found).tolist():
        found[row] = _foot_within(view, row)
    return found


def _foot_within(view: View, row: int) -> bool:
    """Whether the guest lies within the host in plan, as far down as the host reaches up."""
    shapes, host = view.facts.shapes, view.host_row[row]
    rise = int(np.abs(shapes.axes[host, :, 2]).argmax())
    order = [k for k in range(3) if k != rise] + [rise]
    low, high = shapes.low[host, order], shapes.high[host, order]
    axes, meshes = shapes.axes[host, order], view.facts.scene.meshes
    foot = clipped(meshes, int(view.guest[row]), axes, (float(low[2]), float(high[2])))
    if foot is None:
        return False
    inside = (foot[0, :2] >= low[:2] - FLUSH) & (foot[1, :2] <= high[:2] + FLUSH)
    return bool(inside.all())


def bedded(view: View) -> Mask:
    """Kerbs, sleepers, signs and manholes set into the courses of a road or track.

    They come up to its face or above it; what lies wholly below does not belong there. A
    manhole is often a proxy, known by its name and as an upright shaft.
    """
    shaft = view.is_guest("chamber") & (
        np.abs(view.facts.shapes.axes[view.guest_row, 0, 2]) > ALIKE
    )
    parts = view.is_guest("set_in", "small_part", "railing") & ~view.is_guest("bar")
    # the box of a valve or hydrant, no line
    device = view.is_guest("services") & ~view.is_guest("segment", "fitting", "proxy")
    parts |= device & (view.guest_size[:, 0] <= BOX)
    pair = (parts | shaft) & view.is_host("bed") & (view.host_upright() > ALIKE)
    up = view.facts.shapes.axes[view.host_row, 2, 2] > 0
    # a gully lies a finger below the face, so that water runs into it
    reaches = np.where(up, view.above[:, 2], view.below[:, 2]) >= -SUNK
    found: Mask = pair & reaches & view.shares_space
    return found


def mouth(view: View) -> Mask:
    """A pipe that ends in the headwall it comes out of, and does not go on behind it."""
    pipe = view.is_guest("segment", "proxy") & _line_like(view)
    pipe &= view.guest_size[:, 1] >= CULVERT
    found: Mask = (
        pipe & view.is_host("headwall") & view.one_sided[:, 2] & (view.aligned(0, 2) > ALIKE)
    )
    return found & view.shares_space


def _line_like(view: View) -> Mask:
    """Guests as long and thin as a pipe, whatever their class."""
    return view.facts.shapes.slender[view.guest_row] & ~view.is_guest("wall", "slab")
