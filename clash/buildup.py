"""What is built up of layers: finishes on the deck that bears them, the layers of one wall."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.relations import RelationKind
from clash.pairs import FLUSH, View
from clash.roles import ENVELOPE, scene_pairs
from clash.shapes import project, shapes_of

#: A layer of a floor up to this thick bears nothing, where a deck lies under it.
LAYER = 0.100
#: A deck is no thinner; the layers between it and a finish take no more height.
DECK, BETWEEN = 0.080, 0.200
#: Lines up to this thick are laid in the layers of a floor.
LAID = 0.060
#: Cosine above which two directions are one (about 11 degrees).
PARALLEL = 0.98


def laid_round(view: View) -> Mask:
    """What passes or lies in the finish of a floor whose deck is a body of its own.

    Screed and insulation are laid round walls, columns and upright lines once these stand,
    and over thin lines that lie in them. Whether the deck has the hole is another pair.
    """
    layer = view.is_guest("slab", "covering") & ~view.guest_in("structure")
    layer &= np.abs(view.facts.shapes.axes[view.guest_row, 2, 2]) > PARALLEL
    layer &= view.guest_size[:, 2] <= LAYER
    rows = np.flatnonzero(layer & view.shares_space)
    rise = np.abs(view.facts.shapes.axes[view.host_row, 0, 2])
    line = view.is_host("segment", "fitting")
    upright = (line & (rise > PARALLEL)) | view.is_host("wall", "column")
    lies = line & ((rise < 0.3) | view.is_host("fitting")) & (view.host_size[:, 1] <= LAID)
    other = view.facts.views[1] if view is view.facts.views[0] else view.facts.views[0]
    rows = rows[(upright | lies)[rows]]
    below, above = stacked(other, rows)
    found = np.zeros(len(layer), dtype=np.bool_)
    # what comes out of the finished floor while it lies in it, is in the way there
    buried = (below <= FLUSH) & (above <= FLUSH)
    rows = rows[upright[rows] | buried]
    found[rows] = _on_a_deck(view, rows)
    return found


def _on_a_deck(view: View, rows: I64) -> Mask:
    """Whether a slab of more than a finish lies below the guest at the place of each clash."""
    scene = view.facts.scene
    tall = scene.bounds[:, 1, 2] - scene.bounds[:, 0, 2]
    decks = np.flatnonzero(view.facts.roles["slab"] & scene.clash_body & (tall >= DECK))
    box = scene.bounds[decks]
    found = []
    for row in rows.tolist():
        guest, at = int(view.guest[row]), view.facts.clashes.point[row]
        under = scene.bounds[guest, 0, 2]
        near = (box[:, 1, 2] <= under + FLUSH) & (box[:, 1, 2] >= under - BETWEEN)
        near &= (box[:, 0, :2] <= at[:2]).all(axis=1) & (box[:, 1, :2] >= at[:2]).all(axis=1)
        near &= (decks != guest) & (decks != view.host[row])
        found.append(bool(near.any()))
    return np.array(found, dtype=np.bool_)


def stacked(view: View, rows: I64) -> tuple[np.ndarray, np.ndarray]:
    """How far the guest of each row (R,) sticks out below and above the layers of its host.

    Along the thickness of the host; of a host that is no layer, of the host itself.
    """
    below, above = view.below[rows, 2].copy(), view.above[rows, 2].copy()
    layers = _layers(view)
    meshes, shapes = view.facts.scene.meshes, view.facts.shapes
    for number, row in enumerate(rows.tolist()):
        parts = layers.get(int(view.host[row]))
        if parts is None:
            continue
        axes = shapes.axes[view.host_row[row]]
        flat = np.abs(shapes_of(meshes.take(parts)).axes[:, 2] @ axes[2]) > PARALLEL
        low, high = project(meshes, parts[flat], np.repeat(axes[None], int(flat.sum()), axis=0))
        below[number] = low[:, 2].min() - view.low[row, 2]
        above[number] = view.high[row, 2] - high[:, 2].max()
    return below, above


def _layers(view: View) -> Mapping[int, I64]:
    """All layers of the wall or slab that an element is a layer of."""
    facts = view.facts
    pairs = scene_pairs(facts.scene, RelationKind.AGGREGATES)
    part = facts.roles["part"] & facts.scene.meshes.has_body
    whole = facts.roles.any_of(*ENVELOPE) & ~facts.roles["part"]
    parts_of: dict[int, list[int]] = defaultdict(list)
    for above, below in pairs[part[pairs[:, 1]] & whole[pairs[:, 0]]].tolist():
        parts_of[above].append(below)
    return {p: np.array(parts, dtype=np.int64) for parts in parts_of.values() for p in parts}
