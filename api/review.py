"""The whole review: models, layers and settings in, issues and their document out."""

import hashlib
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from api.artifacts import Reviewed, write
from api.project_file import ReviewSettings
from bimcore.arrays import F64, I32
from bimcore.findings import Finding
from bimcore.frame import Frame
from bimcore.ifc.sandbox import Ingested
from bimcore.issues import Issue, Status, issue_json
from bimcore.model import Model, Scene
from bimcore.progress import Progress, silent, span
from bimcore.snapshot import snapshots, viewpoint_for
from clash.engine import detect
from clash.grouping import group
from clash.matrix import default_rules, dump_rules, load_rules, untested_cells
from clash.relevance import suppress
from clash.report import clashes_json, to_issues
from clash.result import ClashSet
from clash.rules import RuleSet
from clash.tracking import track
from gis.georeference import Arrangement, Conversion, arrange
from gis.site import Site, survey

#: Version of the shape of ``review.json``; a breaking change bumps it.
SCHEMA = "yuyan/review/1"


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
    """One GIS layer file; empty role and CRS are found from the file."""

    name: str
    path: Path
    sha256: str
    role: str | None = None
    crs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadInput:
    """A file that is kept but not assessed: a schedule, a terrain."""

    name: str
    sha256: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything a review looks at.

    `previous` is the ``review.json`` of the last run, parsed; None at the first.
    """

    models: tuple[ModelInput, ...]
    layers: tuple[LayerInput, ...] = ()
    unread: tuple[UnreadInput, ...] = ()
    previous: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A finished review.

    Attributes
    ----------
    document : dict
        ``review.json``.
    issues : tuple of Issue
        Most severe first, resolved ones included.
    scene : Scene
        The models that were placed, in the project frame; issue elements index into it.
    pictures : mapping
        PNG by issue id.
    to_model : mapping
        Transform (4, 4) from the project frame to the model's own coordinates, by model.

    """

    document: dict[str, object]
    issues: tuple[Issue, ...]
    scene: Scene
    pictures: Mapping[str, bytes]
    to_model: Mapping[str, F64]
    lonlat: Mapping[str, tuple[float, float]]
    counts: Mapping[str, int]
    not_assessed: tuple[Mapping[str, str], ...]
    now: datetime

    @property
    def open_issues(self) -> tuple[Issue, ...]:
        """Issues that are not resolved."""
        return tuple(i for i in self.issues if i.status is not Status.RESOLVED)

    def write(self, out: Path, *, formats: Collection[str]) -> list[Path]:
        """Write the files of `formats` into `out`."""
        reviewed = Reviewed(
            document=self.document,
            issues=self.issues,
            pictures=self.pictures,
            to_model=self.to_model,
            lonlat=self.lonlat,
            now=self.now,
        )
        return write(reviewed, out, formats=formats)


@dataclass(slots=True)
class _Clock:
    """Seconds spent in each stage; the only part of a review that differs between runs."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - begin, 4)


def review(
    inputs: Inputs,
    *,
    settings: ReviewSettings | None = None,
    progress: Progress = silent,
    now: datetime,
) -> Review:
    """Review `inputs` as a person set it up in `settings`.

    Parameters
    ----------
    inputs : Inputs
        Models that could not be read are reported and left out.
    settings : ReviewSettings, optional
        Defaults need no decision of a person.
    progress : Progress
        Stages ``place, layers, clash, list, pictures``.
    now : datetime
        Aware; the time of new issues.

    Raises
    ------
    RuleError, GisError, ProjectFileError
        When settings are wrong; data that is wrong becomes a finding instead.

    """
    settings = settings or ReviewSettings()
    clock = _Clock()
    progress(0.0, "place")
    with clock.stage("place"):
        arrangement = _arrange(inputs.models, settings)
    progress(0.05, "layers")
    with clock.stage("layers"):
        site = _survey(inputs.layers, arrangement)
    rules = load_rules(settings.rules) if settings.rules else default_rules()
    scene, allowed = _scene(arrangement, site)
    progress(0.15, "clash")
    with clock.stage("clash"):
        clashes = detect(scene, rules, allowed=allowed, progress=span(progress, 0.15, 0.5))
    progress(0.5, "list")
    with clock.stage("list"):
        result = _list(inputs, scene, rules, clashes, _findings(inputs, arrangement, site), now)
    progress(0.6, "pictures")
    with clock.stage("pictures"):
        issues = tuple(replace(i, viewpoint=viewpoint_for(scene, i)) for i in result.issues)
        pictures = dict(snapshots(scene, issues))
    progress(1.0, "pictures")
    return _finish(inputs, arrangement, site, replace(result, issues=issues), scene, pictures, clock)
