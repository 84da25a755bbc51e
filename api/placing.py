"""Where models went: transforms between a model's own coordinates and the project frame."""

import numpy as np

from bimcore.arrays import F64
from bimcore.model import Model

#: Vertices that are enough to find a transform; evenly taken over the model.
_SAMPLE = 2000


def transform(before: Model, after: Model) -> F64:
    """The affine transform (4, 4) that took `before` to `after`, from their vertices.

    A model that was bent between two map projections is met to the millimetre. Where the
    vertices do not span space, the nearest rigid transform is taken.
    """
    count = len(before.meshes.vertices)
    if count == 0:
        return np.eye(4)
    rows = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64))
    p, q = before.meshes.vertices[rows], after.meshes.vertices[rows]
    p_mean, q_mean = p.mean(axis=0), q.mean(axis=0)
    p0, q0 = p - p_mean, q - q_mean
    spread = np.linalg.svd(p0, compute_uv=False)
    if len(rows) >= 4 and spread[-1] > 1e-6 * max(spread[0], 1e-9):
        linear: F64 = np.linalg.lstsq(p0, q0, rcond=None)[0].T
    else:
        linear = _rotation(p0, q0)
    found = np.eye(4)
    found[:3, :3] = linear
    found[:3, 3] = q_mean - linear @ p_mean
    return found


def _rotation(p: F64, q: F64) -> F64:
    """The rotation (3, 3) that best takes `p` to `q`, both centred (Kabsch 1976)."""
    u, _, vt = np.linalg.svd(p.T @ q)
    sign = np.sign(np.linalg.det(vt.T @ u.T)) or 1.0
    turned: F64 = vt.T @ np.diag([1.0, 1.0, sign]) @ u.T
    return turned


def inverse(move: F64) -> F64:
    """The transform (4, 4) back."""
    back: F64 = np.linalg.inv(move).astype(np.float64)
    return back
