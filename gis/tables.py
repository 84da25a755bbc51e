"""Features of one layer as a table, and what people say about a layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64
from bimcore.findings import Finding
from bimcore.frame import Frame


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FeatureTable:
    """Features of one layer.

    Attributes
    ----------
    name : str
    role : str
        One of ``roles.ROLES``.
    columns : mapping of str to tuple
        Attribute values by field name, N each: numbers, texts, truths or None.
    geometry : (N,) object
        Shapely geometries, never None or empty; Z is kept where the file has it.
    crs : str or None
        CRS of the coordinates; None when it is not known. For a table in a project frame it
        is None too and `frame` is set.
    frame : Frame or None
        Set by :func:`gis.layers.located`: coordinates are local metres.
    source : str
        SHA-256 of the file.
    findings : tuple of Finding
    levels : tuple of str
        Columns of heights in metres that move with Z when the table is located.
    rise : (N,) float64 or None
        Metres to add to other heights in columns to get local heights, NaN where their datum
        leads nowhere; set by :func:`gis.layers.located`.
    vertical_datum : str or None
        Height datum of Z and of height columns, as stated; None when nobody said.
    datum_offset : float or None
        Metres that lead from the layer's heights to heights of the project's datum.
    accuracy : float or None
        Horizontal accuracy of the survey in metres (one standard deviation).
    date : str or None
        ISO date of the survey.
    depth_ref : str or None
        Where on a pipe heights are measured: ``"top"``, ``"invert"`` or ``"centre"``.

    """

    name: str
    role: str
    columns: Mapping[str, tuple[Any, ...]]
    geometry: NDArray[np.object_]
    crs: str | None
    frame: Frame | None = None
    source: str = ""
    findings: tuple[Finding, ...] = ()
    levels: tuple[str, ...] = ()
    rise: F64 | None = None
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    depth_ref: str | None = None

    def __len__(self) -> int:
        return len(self.geometry)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRequest:
    """One file to read, with what people know about it; see :class:`FeatureTable`."""

    path: Path
    name: str = ""
    role: str | None = None
    crs: str | None = None
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    depth_ref: str | None = None
