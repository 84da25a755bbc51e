"""What a review is given: models, layers and schedules with their files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bimcore.ifc.sandbox import Ingested
from clash.memory import Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInput:
    """One model of the federation.

    `path` is what the manifest shows; `sha256` is of the uploaded file.
    """

    name: str
    path: str
    sha256: str
    ingested: Ingested


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInput:
    """One GIS layer file; empty role and CRS are found from the file.

    The last five are as in `gis.layers.LayerRequest`.
    """

    name: str
    path: Path
    sha256: str
    role: str | None = None
    crs: str | None = None
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    depth_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleInput:
    """One construction schedule; `name` is the file's own with its extension."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything a review looks at.

    The first of the `schedules` is rehearsed, the others are compared with it.
    `previous` is the ``review.json`` of the last run, parsed, and `known` what it measured;
    None at the first.
    """

    models: tuple[ModelInput, ...]
    layers: tuple[LayerInput, ...] = ()
    schedules: tuple[ScheduleInput, ...] = ()
    previous: Mapping[str, object] | None = None
    known: Memory | None = None
