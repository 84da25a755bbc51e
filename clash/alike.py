"""Elements that are one kind: by their type, or by their shape where a file gives none."""

from collections.abc import Iterable, Sequence

import numpy as np

from bimcore.model import Scene
from clash.shapes import shapes_of

#: Metres by which the sizes of two bodies of one shape differ at most.
SAME = 0.002
#: Share by which their volumes and surfaces differ at most.
PART = 0.01
#: Begins the word of a shape; no file has it in the name of a type.
SHAPE = "\x1fshape "
#: Sizes are drawn to half a millimetre, so that this shift keeps them off the edges of steps.
_OFF = 0.125


def kinds_of(scene: Scene, elements: Iterable[int], types: Sequence[str]) -> list[str]:
    """A word for the kind of each of the E elements of a scene.

    Parameters
    ----------
    scene : Scene
    elements : iterable of int
        Those whose shape may be asked; the others have their type alone.
    types : sequence of str
        Type of each element, empty where it has none.

    Returns
    -------
    list of str
        The type; without one a word that bodies of one size, volume and surface share
        however they stand; empty without a type and a body.

    """
    found = list(types)
    wanted = {e for e in elements if not types[e]}
    rows = np.array(sorted(wanted), dtype=np.int64)
    rows = rows[scene.meshes.has_body[rows]]
    if not len(rows):
        return found
    shapes = shapes_of(scene.meshes.take(rows))
    steps = np.floor(shapes.size / SAME + _OFF).astype(np.int64)
    # of one size and not of one matter: a hollow and a solid block
    whole = np.stack([shapes.volume, shapes.area], axis=1)
    parts = np.floor(np.log(np.maximum(whole, 1e-12)) / PART + _OFF).astype(np.int64)
    for row, size, matter in zip(rows.tolist(), steps.tolist(), parts.tolist(), strict=True):
        found[row] = SHAPE + " ".join(map(str, (*size, *matter)))
    return found


def is_shape(kind: str) -> bool:
    """Whether the word of a kind is that of a shape."""
    return kind.startswith(SHAPE)
