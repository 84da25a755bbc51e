"""A mark of a body's shape that equal bodies share wherever they stand."""

import hashlib

import numpy as np

from bimcore.model import Scene


def body_mark(scene: Scene, element: int) -> str:
    """Sixteen hexadecimal digits of the body relative to its own box, to a millimetre.

    The order of vertices does not matter, so that another export of the same body has the
    same mark in most cases; a new opening or another profile changes it.
    """
    vertices, faces = scene.meshes.body(element)
    if not len(vertices):
        return ""
    corners = vertices[faces.reshape(-1)] - vertices.min(axis=0)
    centres = corners.reshape(-1, 3, 3).mean(axis=1)
    steps = np.round(centres / 0.001).astype(np.int64) // 2
    ordered = steps[np.lexsort(steps.T)]
    return hashlib.sha256(ordered.tobytes()).hexdigest()[:16]
