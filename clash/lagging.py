"""Insulation and fireproofing: what it wraps, and what of its own line passes it."""

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.relations import RelationKind
from clash.pairs import FLUSH, View
from clash.result import Relation
from clash.roles import scene_pairs
from clash.services import FIXTURE, end_inside

#: Share of the width of its duct that a lining takes at least.
LINING = 0.7
#: Share of the section of an insulation by which what holds its line reaches past its axis.
MIDDLE = 0.2


def insulation(view: View) -> Mask:
    """A covering round a line: the line lies along and inside it, a fitting just inside.

    A column or beam is wrapped against fire the same way.
    """
    around = view.is_guest("covering") & view.is_host("services")
    around |= view.is_guest("lagging") & view.is_host("column", "beam", "member")
    inside = (view.below >= -FLUSH) & (view.above >= -FLUSH)
    coaxial = (view.aligned(0, 0) > 0.94) & inside[:, 1:].all(axis=1)
    coaxial &= view.is_guest("lagging") | view.facts.shapes.slender[view.guest_row]
    fitting = view.is_guest("lagging") & view.is_host("fitting") & (inside.sum(axis=1) >= 2)
    # the lining of a duct lies in it as its insulation lies round it
    lining = view.is_guest("lagging") & view.is_host("segment", "fitting")
    lining &= view.within.all(axis=1) & (view.guest_size[:, 1] >= LINING * view.host_size[:, 1])
    wraps: Mask = ((around & (coaxial | fitting)) | lining) & (view.relation != Relation.DUPLICATE)
    return wraps | _through_lagging(view)


def _through_lagging(view: View) -> Mask:
    """A device on the line that the host insulates, or a branch of it that ends in there.

    A valve or flange sits on the axis of the insulation; a branch is of the system of the line.
    """
    on_line = view.is_guest("services") & ~view.is_guest("segment") & view.is_host("lagging")
    on_line &= (view.guest_size[:, 0] <= FIXTURE) & holds_axis(view)
    branch = view.is_guest("segment", "fitting") & view.is_host("lagging")
    branch &= end_inside(view) & view.one_sided[:, 1:].any(axis=1)
    systems = _systems_with_lines(view)
    one, other = systems[view.guest], systems[view.host]
    model = view.facts.roles.model
    same = (one >= 0) & (one == other) & (model[view.guest] == model[view.host])
    told = (one < 0) | (other < 0)
    found: Mask = ((on_line & (same | told)) | (branch & same)) & view.shares_space
    return found


def _systems_with_lines(view: View) -> I64:
    """The system (E,) of each element; insulation without one has that of its line."""
    system = view.facts.roles.system.astype(np.int64)
    for cover, line in scene_pairs(view.facts.scene, RelationKind.COVERS).tolist():
        if system[cover] < 0:
            system[cover] = system[line]
    return system


def holds_axis(view: View) -> Mask:
    """Whether the axis of the host runs through the guest's extents, well inside of them."""
    shapes, host = view.facts.shapes, view.host_row
    middle = (shapes.low[host, 1:] + shapes.high[host, 1:]) / 2
    room = np.minimum(middle - view.low[:, 1:], view.high[:, 1:] - middle)
    found: Mask = np.all(room >= MIDDLE * view.host_size[:, 1:], axis=1)
    return found
