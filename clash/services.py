"""Joints of building services: runs, fixtures, insulation, openings and sleeves."""

import re

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.relations import RelationKind
from clash.pairs import FLUSH, View
from clash.result import Relation
from clash.roles import ENVELOPE, scene_pairs
from clash.shapes import project

#: Fixtures up to this long are mounted in a face by their maker's detail.
FIXTURE = 1.6
#: A fixture that disappears in its host still shows its front within this many metres.
FRONT = 0.030
#: Ceiling and wall boards up to this thick are cut for what is mounted in them.
BOARD = 0.060
#: Share of the matter that would be shared without a hole; less is the rim of a hole.
RIM = 0.05
#: Metres by which an opening may be smaller than what passes it (insulation, drawing).
SNUG = 0.010

#: Share of the host's thickness that an opening or sleeve must span.
SPANS = 0.8

_SLEEVE = re.compile(
    r"套管|预留|洞口|留洞|sleeve|provision|penetration|wanddurchbruch", re.IGNORECASE
)
_INSULATION = re.compile(r"保温|绝热|insulation|lagging|isolation", re.IGNORECASE)
_PROVISIONS = ("PROVISIONFORVOID", "PROVISIONFORSPACE")


def _solid(view: View) -> Mask:
    found: Mask = np.isin(view.relation, (Relation.CROSSING, Relation.CONTAINMENT))
    return found


def _not_twice(view: View) -> Mask:
    found: Mask = view.relation != Relation.DUPLICATE
    return found


def _compatible(view: View) -> Mask:
    """Same trade, and not of two different systems."""
    roles = view.facts.roles
    one, other = roles.system[view.guest], roles.system[view.host]
    trade = roles.discipline[view.guest] == roles.discipline[view.host]
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
    """Joined at ports, a control on its element included."""
    kinds = (RelationKind.PORT, RelationKind.FLOW_CONTROL)
    return view.facts.related(view.guest, view.host, *kinds) & _not_twice(view)


def run_joint(view: View) -> Mask:
    """One run: the guest's end lies in or at the host, both of one trade and system.

    Two segments that cross in mid-span are no joint, whatever their system; nor are two
    that lie side by side, which share more of their length than a socket.
    """
    line = view.is_guest("segment", "fitting") & view.is_host("segment", "fitting", "controller")
    fitting = view.is_guest("fitting") | view.is_host("fitting", "controller")
    along = view.aligned(0, 0) > 0.94
    socket = np.maximum(view.guest_size[:, 1], view.host_size[:, 1]) + FLUSH
    in_line = fitting | np.where(along, view.inside[:, 0] <= socket, _one_system(view))
    return line & in_line & _compatible(view) & _end_inside(view) & _not_twice(view)


def _end_inside(view: View) -> Mask:
    """Whether an end of the guest's axis lies in the host's own box, or nearly."""
    shapes = view.facts.shapes
    axis = shapes.axes[view.guest_row, 0]
    middle = shapes.centre[view.guest_row]
    half = view.guest_size[:, 0] / 2
    margin = 0.5 * view.guest_size[:, 1]
    ends = [_in_box(view, middle + s * half[:, None] * axis, margin) for s in (-1.0, 1.0)]
    return ends[0] | ends[1]


def _in_box(view: View, point: F64, margin: F64) -> Mask:
    """Whether `point` (C, 3) is in the host's own box grown by `margin` (C,)."""
    shapes = view.facts.shapes
    along = np.einsum("cki,ci->ck", shapes.axes[view.host_row], point)
    low = shapes.low[view.host_row] - margin[:, None]
    high = shapes.high[view.host_row] + margin[:, None]
    found: Mask = ((along >= low) & (along <= high)).all(axis=1)
    return found


def inline(view: View) -> Mask:
    """A valve, damper, sensor or outlet on a line of its own trade and system."""
    device = view.is_guest("controller", "terminal") & ~view.is_guest("segment")
    small = view.guest_size[:, 0] <= FIXTURE
    line = view.is_host("segment", "fitting")
    return device & small & line & _compatible(view) & _not_twice(view)


def insulation(view: View) -> Mask:
    """A covering round a line: the line lies along and inside it."""
    around = view.is_guest("covering") & view.is_host("services")
    told = _named(view, _INSULATION, view.guest)
    coaxial = (view.aligned(0, 0) > 0.94) & (view.below[:, 1:] >= -FLUSH).all(axis=1)
    coaxial &= (view.above[:, 1:] >= -FLUSH).all(axis=1)
    return around & (told | view.facts.shapes.slender[view.guest_row]) & coaxial & _not_twice(view)


def _named(view: View, words: re.Pattern[str], elements: I64) -> Mask:
    """Elements whose name or type holds one of `words`."""
    scene = view.facts.scene
    known: dict[int, bool] = {}
    for element in np.unique(elements).tolist():
        model, row = scene.locate(element)
        table = model.elements
        text = f"{table.name[row]} {table.object_type[row]} {table.predefined[row]}"
        known[element] = bool(words.search(text))
    return np.array([known[e] for e in elements.tolist()], dtype=np.bool_)


def provision(view: View) -> Mask:
    """What passes a host inside an opening, sleeve or provision, and these in their host."""
    lines = view.is_guest("services") & view.is_host(*ENVELOPE, "covering", "proxy")
    marker = _markers(view)
    itself = marker[view.guest] & (view.is_host(*ENVELOPE) | view.is_host("services"))
    passes = np.zeros(len(lines), dtype=np.bool_)
    rows = np.flatnonzero(lines & ~itself)
    if len(rows):
        passes[rows] = _passes(view, rows, np.flatnonzero(marker))
    return (itself | passes) & _not_twice(view)


def _markers(view: View) -> Mask:
    """Elements (E,) that stand for an opening: provisions, openings and sleeves."""
    scene = view.facts.scene
    parts = [np.zeros(0, dtype=np.bool_)]
    for model in scene.models:
        table = model.elements
        void = table.is_a("IfcFeatureElementSubtraction") | table.predefined.mask(_PROVISIONS)
        carrier = table.is_a("IfcBuildingElementProxy", "IfcElementComponent", "IfcVirtualElement")
        typed = [bool(_SLEEVE.search(w)) for w in table.object_type.words] + [False]
        named = np.array(typed, dtype=np.bool_)[table.object_type.codes]
        named |= np.array([bool(_SLEEVE.search(n)) for n in table.name], dtype=np.bool_)
        fitting = table.is_a("IfcFlowFitting")
        parts.append((void | ((carrier | fitting) & named)) & model.meshes.has_body)
    found: Mask = np.concatenate(parts)
    return found


def _passes(view: View, rows: I64, markers: I64) -> Mask:
    """Whether each guest lies inside a marker across the host's thickness at the clash."""
    scene = view.facts.scene
    found = np.zeros(len(rows), dtype=np.bool_)
    if not len(markers):
        return found
    box = scene.bounds[markers]
    point = view.facts.clashes.point[rows]
    grown = 0.3
    host_of = _voided(view)
    owner = np.array([host_of.get(m, -1) for m in markers.tolist()], dtype=np.int64)
    for number, (row, at) in enumerate(zip(rows.tolist(), point, strict=True)):
        near = (box[:, 0] <= at + grown).all(axis=1) & (box[:, 1] >= at - grown).all(axis=1)
        near &= (markers != view.guest[row]) & (markers != view.host[row])
        # a hole in one layer of a wall is none in the next
        near &= (owner < 0) | (owner == view.host[row])
        if near.any():
            found[number] = _fits(view, row, markers[near])
    return found


def _voided(view: View) -> dict[int, int]:
    """The element that each opening cuts."""
    pairs = scene_pairs(view.facts.scene, RelationKind.VOIDS)
    return dict(zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), strict=True))


def _fits(view: View, row: int, markers: I64) -> bool:
    """Whether the guest of `row` fits one of `markers`, seen along the host's thickness."""
    axes = view.facts.shapes.axes[view.host_row[row]]
    low, high = project(
        view.facts.scene.meshes, markers, np.repeat(axes[None], len(markers), axis=0)
    )
    fits = (view.low[row, :2] >= low[:, :2] - SNUG).all(axis=1)
    fits &= (view.high[row, :2] <= high[:, :2] + SNUG).all(axis=1)
    shapes, host = view.facts.shapes, view.host_row[row]
    bottom, top = shapes.low[host, 2], shapes.high[host, 2]
    shared = np.minimum(high[:, 2], top) - np.maximum(low[:, 2], bottom)
    fits &= shared >= SPANS * min(top - bottom, view.inside[row, 2])
    return bool(fits.any())


def fits_hole(view: View) -> Mask:
    """Something in a hole of just its size: what is shared is a rim, thin for its depth.

    The depth is that of leaving the hole, yet next to nothing is shared, both of the guest's
    own matter in there and of the room it takes. A glancing contact is as thin as it is deep.
    """
    guest = view.is_guest("services", "opener", "curtain", "stair", "railing")
    pair = guest & view.is_host(*ENVELOPE, "covering") & ~view.is_guest("column", "beam")
    long = view.high[:, 2] - view.low[:, 2]
    inside = view.inside[:, 2]
    volume = view.facts.clashes.volume
    matter = view.facts.shapes.volume[view.guest_row] * inside / np.maximum(long, 1e-9)
    room = view.depth * inside * np.minimum(view.guest_size[:, 1], view.depth)
    found: Mask = pair & _solid(view) & (volume < RIM * matter) & (volume < RIM * room)
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
    plate = view.is_host("wall", "slab", "covering", "curtain", "member", "furniture", "opener")
    plate &= view.facts.shapes.thin[view.host_row] | view.is_host("furniture")
    face = np.minimum(-view.below[:, 2], -view.above[:, 2]) <= FRONT
    sits = (view.one_sided[:, 2] | (view.within[:, 2] & face)) & ~view.through[:, 2]
    # a ceiling board is cut for its lights, outlets and hatches
    board = view.is_host("covering") & (view.host_size[:, 2] <= BOARD)
    sits |= board & view.is_guest("terminal", "controller") & view.through[:, 2]
    sits |= view.is_host("furniture") & view.one_sided.any(axis=1)
    return fixture & plate & sits & _solid(view)
