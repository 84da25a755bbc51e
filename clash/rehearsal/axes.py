"""Which elements lie between the grid axes that a text names."""

from collections.abc import Sequence

import numpy as np

from bimcore.arrays import F64, Mask
from bimcore.model import Scene
from clash.rehearsal.zone_names import key_of

#: Share of an element between two axes from which it is of that zone: what is cut in two
#: by the border of two pours belongs to both.
_WITHIN = 0.35
#: Metres beyond the outermost line that still count: columns stand on their axes.
_BESIDE = 0.3
#: Sine of the angle between axes that count as parallel.
_PARALLEL = 0.02


def between_axes(scene: Scene, spans: Sequence[tuple[str, str]]) -> Mask | None:
    """Elements (E,) that lie between all pairs of axes; None where the models lack these.

    Parameters
    ----------
    scene : Scene
    spans : sequence of (str, str)
        First and last axis of each direction, by name.

    Returns
    -------
    (E,) bool, or None

    """
    lines = known_axes(scene)
    found: Mask | None = None
    for first, last in spans:
        band = _band(lines, first, last)
        if band is None:
            return None
        inside = _inside(scene, *band)
        found = inside if found is None else found & inside
    return found


def known_axes(scene: Scene) -> dict[str, list[F64]]:
    """Ends (2, 2) in plan of the axes of all models, by name; several where models differ."""
    found: dict[str, list[F64]] = {}
    for model in scene.models:
        for tag, ends in zip(model.spatial.tags, model.spatial.ends, strict=True):
            found.setdefault(key_of(tag), []).append(ends[:, :2])
    return found


def _band(lines: dict[str, list[F64]], first: str, last: str) -> tuple[F64, float, float] | None:
    """Normal, and from where to where along it; None where the two are no parallel lines."""
    for one in lines.get(key_of(first), ()):
        for other in lines.get(key_of(last), ()):
            along = _unit(one[1] - one[0])
            normal = np.array([-along[1], along[0]])
            if abs(float(_unit(other[1] - other[0]) @ normal)) > _PARALLEL:
                continue
            a, b = sorted((float(one[0] @ normal), float(other[0] @ normal)))
            return normal, a, b
    return None


def _inside(scene: Scene, normal: F64, low: float, high: float) -> Mask:
    """Elements (E,) of which enough lies between two heights along `normal`."""
    start = scene.meshes.vertex_start
    some = np.flatnonzero(np.diff(start) > 0)
    found = np.zeros(len(scene), dtype=np.bool_)
    if not len(some):
        return found
    along = scene.meshes.vertices[:, :2] @ normal
    # rows without vertices have the offset of the next, so that these offsets cut all others
    least = np.minimum.reduceat(along, start[some])
    most = np.maximum.reduceat(along, start[some])
    shared = np.minimum(most, high + _BESIDE) - np.maximum(least, low - _BESIDE)
    found[some] = shared >= _WITHIN * np.maximum(most - least, 1e-6)
    return found


def _unit(vector: F64) -> F64:
    size = float(np.linalg.norm(vector))
    return vector / size if size > 0 else vector
