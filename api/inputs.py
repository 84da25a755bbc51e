"""What a review is given: models, layers and schedules with their files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.codes import EARLIER_USED
from bimcore.findings import Finding
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

    The last five are as in `gis.layers.LayerRequest`. The service gives its own `key` and the
    number of the `revision`, and the `earlier` ones that may stand in, the newest first.
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
    key: str = ""
    revision: int = 0
    earlier: tuple["LayerInput", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleInput:
    """One construction schedule; `name` is the file's own with its extension.

    The last three are as in :class:`LayerInput`.
    """

    name: str
    path: Path
    sha256: str
    key: str = ""
    revision: int = 0
    earlier: tuple["ScheduleInput", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a review made of one revision of a layer or schedule.

    Attributes
    ----------
    given : LayerInput or ScheduleInput
    problem : Finding or None
        Why it is of no use; None when the review used it.

    """

    given: LayerInput | ScheduleInput
    problem: Finding | None = None


def stood_in(name: str, standings: Sequence[Standing]) -> Finding | None:
    """The finding that an earlier revision was used; None where the newest was, or none.

    `standings` are those of one file called `name`, the newest first.
    """
    newest, used = standings[0], standings[-1]
    if newest.problem is None or used.problem is not None:
        return None
    return Finding.of(
        EARLIER_USED,
        model=name,
        name=name,
        revision=newest.given.revision,
        used=used.given.revision,
        file=newest.given.path.name,
        used_file=used.given.path.name,
        why_zh=newest.problem.message("zh-CN").rstrip("。"),
        why_en=newest.problem.message("en").rstrip("."),
    )


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
