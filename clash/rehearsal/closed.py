"""Which elements stand within a closed ring of walls that water would have to climb."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from bimcore.arrays import I64, Mask
from bimcore.relations import RelationKind
from clash.rehearsal.base import Stage
from clash.rehearsal.looks import Look
from clash.rehearsal.workspaces import Sheet, standing
from clash.roles import scene_pairs

#: Metres under the water and over the bottom of an element at which walls have to be closed.
_UNDER, _OVER = 0.05, 0.2
#: Cells of the plan, and how many of them a joint between two walls may be wide.
_CELLS, _JOINT = 2_000_000, 1
#: Metres from which an opening lets water in as a door does.
_WIDE = 0.5


def ringed(stage: Stage, elements: Sequence[int], *, level: float, moment: int) -> Mask:
    """Elements (N,) with standing structural walls all round, at their foot and at the water.

    Parameters
    ----------
    stage : Stage
    elements : sequence of int
    level : float
        Height of the water in metres.
    moment : int
        Minute of the epoch at which the walls have to stand; those without dates do.

    """
    rows = np.array(elements, dtype=np.int64)
    found = np.ones(len(rows), dtype=np.bool_)
    boxes = Look(stage=stage).ground.boxes
    for place, row in enumerate(rows.tolist()):
        for height in {round(float(boxes[row, 0, 2]) + _OVER, 2), round(level - _UNDER, 2)}:
            found[place] &= _round(stage, row, height, moment)
    return found


def _round(stage: Stage, row: int, height: float, moment: int) -> bool:
    """Whether nothing leads past the walls at some height from an element to outside."""
    look = Look(stage=stage)
    ground, boxes = look.ground, look.ground.boxes
    holds = stage.contacts.structural & ~_pierced(stage, height)
    crossed = (boxes[:, 0, 2] <= height) & (boxes[:, 1, 2] >= height)
    walls = ground.roles["wall"][ground.walls] & (holds & crossed)[ground.walls]
    walls &= standing(look.crews, ground.walls, moment)
    columns = np.flatnonzero(ground.roles["column"] & holds & crossed)
    columns = columns[standing(look.crews, columns, moment)]
    if not walls.any():
        return False
    around = np.concatenate([ground.walls[walls], columns, np.array([row])])
    sheet = Sheet.over(
        boxes[around, 0].min(axis=0) - 1.0, boxes[around, 1].max(axis=0) + 1.0, most=_CELLS
    )
    closed = sheet.lines(ground.wall_line[walls]) | sheet.boxes(boxes[columns], touched=True)
    labels, _ = ndimage.label(~ndimage.binary_dilation(closed, iterations=_JOINT))
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    own = labels[sheet.boxes(boxes[[row]], touched=True)]
    own = own[own > 0]
    return len(own) > 0 and not np.isin(own, edge).any()


def _pierced(stage: Stage, height: float) -> Mask:
    """Elements (E,) with a door, a window or an opening as wide at some height."""
    contacts, bounds = stage.contacts, stage.scene.bounds
    guests: I64 = contacts.guest.astype(np.int64)
    doors = stage.roles["opener"][guests]
    holes = scene_pairs(stage.scene, RelationKind.VOIDS)
    # narrower ones are sleeves of lines
    wide = np.ptp(bounds[holes[:, 0], :, :2], axis=1).max(axis=1, initial=0.0) >= _WIDE
    inner = np.concatenate([guests[doors], holes[wide, 0]])
    outer = np.concatenate([contacts.host[doors], holes[wide, 1]])
    there = (bounds[inner, 0, 2] < height) & (bounds[inner, 1, 2] > height)
    found = np.zeros(len(stage.scene), dtype=np.bool_)
    found[outer[there]] = True
    return found
