"""Doors and windows in walls whose file cuts no openings at all."""

import numpy as np

from bimcore.arrays import Mask
from bimcore.relations import RelationKind
from clash.pairs import FLUSH, View
from clash.roles import scene_pairs

#: Cosine above which a door lies in the plane of its wall (about 11 degrees).
IN_PLANE = 0.98
#: Metres a sill or threshold may reach past the outline of the wall.
PAST = 0.100


def in_uncut_wall(view: View) -> Mask:
    """A door or window in the plane of a wall of its own model, which relates no fillers.

    Many exporters write neither openings nor their fillers; the wall is then drawn through
    the door. Where the file fills openings, a door without one was set into no opening.
    """
    roles = view.facts.roles
    pair = view.is_guest("opener") & view.is_host("wall") & view.shares_space
    pair &= roles.model[view.guest] == roles.model[view.host]
    pair &= ~_models_with_fillers(view)[roles.model[view.guest]]
    in_plane = (view.aligned(2, 2) > IN_PLANE) & view.facts.shapes.thin[view.host_row]
    past = np.maximum(view.below, view.above)
    inside = (past[:, :2] <= PAST).all(axis=1)
    # its frame lies within the wall or shows on both faces, it does not graze one of them
    middle = (view.low[:, 2] + view.high[:, 2]) / 2
    shapes, host = view.facts.shapes, view.host_row
    centred = (middle >= shapes.low[host, 2] - FLUSH) & (middle <= shapes.high[host, 2] + FLUSH)
    found: Mask = pair & in_plane & inside & centred
    return found


def _models_with_fillers(view: View) -> Mask:
    """Which models (M,) put any door or window into an opening."""
    scene = view.facts.scene
    found = np.zeros(len(scene.models), dtype=np.bool_)
    for kind in (RelationKind.FILLS, RelationKind.OPENING_FILLER):
        pairs = scene_pairs(scene, kind)
        found[scene.model_of[pairs[:, 0]]] = True
    return found
