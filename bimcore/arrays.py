"""Array aliases, read-only views and ragged offsets."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

F64: TypeAlias = NDArray[np.float64]
F32: TypeAlias = NDArray[np.float32]
I64: TypeAlias = NDArray[np.int64]
I32: TypeAlias = NDArray[np.int32]
U64: TypeAlias = NDArray[np.uint64]
U16: TypeAlias = NDArray[np.uint16]
U8: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]


def readonly(values: ArrayLike, dtype: DTypeLike, *, ndim: int) -> NDArray[Any]:
    """Return `values` as a C-contiguous array of `dtype` that cannot be written.

    Raises
    ------
    ValueError
        When the number of dimensions differs from `ndim`.

    """
    array = np.ascontiguousarray(values, dtype=dtype)
    if array.ndim != ndim:
        message = f"expected {ndim} dimensions, got shape {array.shape}"
        raise ValueError(message)
    view = array.view()
    view.flags.writeable = False
    return view


def starts_of(lengths: ArrayLike) -> I64:
    """Offsets (N + 1,) of ragged rows from their lengths (N,)."""
    counts = np.asarray(lengths, dtype=np.int64)
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def ragged_take(starts: I64, rows: I64) -> tuple[I64, I64]:
    """Indices of the items of `rows` in order, with the new offsets.

    Parameters
    ----------
    starts : (N + 1,) int64
        Offsets of all rows.
    rows : (M,) int64
        The rows wanted, in the order wanted.

    Returns
    -------
    items : (K,) int64
        Index of every item of the wanted rows.
    starts : (M + 1,) int64
        Offsets into `items`.

    """
    lengths = starts[rows + 1] - starts[rows]
    new_starts = starts_of(lengths)
    shift = np.repeat(starts[rows] - new_starts[:-1], lengths)
    items: I64 = np.arange(new_starts[-1], dtype=np.int64) + shift
    return items, new_starts
