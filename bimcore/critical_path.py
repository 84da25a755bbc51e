"""Dates and floats that follow from links, calendars and constraints."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import Mask

#: Moments are minutes of local time; NaT where nothing is known.
Moments = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CriticalPath:
    """What the network of a schedule computes to, beside the dates of its author.

    Attributes
    ----------
    start, finish : (T,) datetime64[m]
        The dates in force: those of the author where given, else early dates, half-open.
        Summaries span their children.
    early_start, early_finish, late_start, late_finish : (T,) datetime64[m]
        Forward and backward pass; NaT in a cycle and for headings.
    total_float, free_float : (T,) float64
        Working minutes; NaN where not computed.
    authored : (T,) bool
        Whether `start` and `finish` are the author's.
    cycles : tuple of tuple of int
        Rows of each cycle of links, in order.

    """

    start: Moments
    finish: Moments
    early_start: Moments
    early_finish: Moments
    late_start: Moments
    late_finish: Moments
    total_float: NDArray[np.float64]
    free_float: NDArray[np.float64]
    authored: Mask
    cycles: tuple[tuple[int, ...], ...] = ()

    @property
    def critical(self) -> Mask:
        """Tasks (T,) without float."""
        found: Mask = np.nan_to_num(self.total_float, nan=np.inf) <= 0
        return found
