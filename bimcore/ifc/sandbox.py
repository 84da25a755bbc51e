"""Reading an uploaded IFC file in a child process, whatever the file does to it."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from bimcore.checks import codes
from bimcore.errors import FormatError, IfcError
from bimcore.findings import Finding, catalogue
from bimcore.formats.npz import load_model
from bimcore.ifc import attempts
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.ifc.upload import sniff_bytes, unpack
from bimcore.model import Model
from bimcore.progress import Progress, silent

_CATALOGUE = catalogue(codes.CODES)
#: Files a child may write.
_OUTPUT_BYTES = 8 << 30
#: Address space: libraries and thread stacks, and what readers need for each byte of STEP.
_MEMORY_BASE = 3 << 30
_MEMORY_PER_BYTE = 64


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one file may cost.

    Attributes
    ----------
    seconds : float
        Wall time of the whole ingest.
    memory_bytes : int
        Address space of the child.
    file_bytes, unpacked_bytes : int
        Size of the upload, and of the IFC file inside an archive.
    silence_seconds : float
        Time one product may take before the child counts as hung.

    """

    seconds: float = 300
    memory_bytes: int = 8 << 30
    file_bytes: int = 1 << 30
    unpacked_bytes: int = 2 << 30
    silence_seconds: float = 60


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What became of an upload.

    Attributes
    ----------
    model : Model or None
        None when the file is unusable: then a finding of severity 100 says why.
    facts : GeoreferenceFacts or None
    findings : tuple of Finding
    counts : mapping
        ``elements``, ``bodies``, ``triangles``, ``products_with_representation`` ...
    timings : mapping
        Seconds by stage.
    schema : str
        Schema identifier as in the file header.

    """

    model: Model | None
    facts: GeoreferenceFacts | None
    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    schema: str = ""


def sniff(path: Path, *, name: str, limits: Limits) -> Finding | None:
    """The reason to refuse an upload at sight (extension, first and last bytes, size)."""
    found = sniff_bytes(path, name=name, max_bytes=limits.file_bytes)
    return None if found is None else replace(found, model=name)


def ingest(
    path: Path,
    *,
    name: str,
    limits: Limits = Limits(),  # frozen, so safe as a default
    progress: Progress = silent,
    workdir: Path | None = None,
) -> Ingested:
    """Read the upload `path` named `name`; bad data never raises.

    Parameters
    ----------
    path : Path
        The uploaded bytes, whatever their file name.
    name : str
        Name the user gave; its extension decides how the bytes are read.
    limits : Limits
        What the file may cost.
    progress : Progress
        Told the share done; may raise ``Cancelled``, which ends the child.
    workdir : Path, optional
        Where the private folder is made; it is removed in any case.

    """
    start = time.perf_counter()
    refused = sniff(path, name=name, limits=limits)
    if refused is not None:
        return Ingested(model=None, facts=None, findings=(refused,))
    # absolute, because the child works in it and would look for a relative one inside itself
    folder = Path(tempfile.mkdtemp(prefix="ifc-", dir=workdir)).absolute()
    try:
        result = _ingest(path, folder, name=name, limits=limits, progress=progress)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    timings = {**result.timings, "total_s": round(time.perf_counter() - start, 4)}
    return replace(result, timings=timings)


def _ingest(path: Path, folder: Path, *, name: str, limits: Limits, progress: Progress) -> Ingested:
    step = path.resolve()
    if PurePosixPath(name).suffix.lower() == ".ifczip":
        step = folder / "model.ifc"
        refused = unpack(path, target=step, max_bytes=limits.unpacked_bytes) or sniff_bytes(
            step, name="model.ifc", max_bytes=limits.unpacked_bytes
        )
        if refused is not None:
            return _failed(replace(refused, model=name))
    with path.open("rb") as file:
        source = hashlib.file_digest(file, "sha256").hexdigest()
    job = {"path": str(step), "name": name, "source": source, "output_bytes": _OUTPUT_BYTES}
    size = step.stat().st_size
    memory = min(limits.memory_bytes, _MEMORY_BASE + _MEMORY_PER_BYTE * size)
    budget = attempts.Budget(
        seconds=limits.seconds,
        silence_seconds=limits.silence_seconds,
        memory_bytes=memory,
        file_bytes=size,
    )
    outcome = attempts.run(folder, job, budget, progress)
    if outcome.ending.kind != "done":
        return _failed(_reason(outcome, name, limits))
    return _result(folder, name)


def _reason(outcome: attempts.Outcome, name: str, limits: Limits) -> Finding:
    ending = outcome.ending
    if ending.kind == "memory":
        return Finding.of(codes.OUT_OF_MEMORY, model=name, stage=outcome.stage)
    if ending.kind in {"timeout", "silent"}:
        seconds = round(ending.seconds, 1) if ending.kind == "silent" else limits.seconds
        return Finding.of(codes.TIMED_OUT, model=name, limit_s=seconds, stage=outcome.stage)
    return Finding.of(codes.CRASHED, model=name, detail=ending.detail)


def _failed(finding: Finding) -> Ingested:
    return Ingested(model=None, facts=None, findings=(finding,))


def _result(folder: Path, name: str) -> Ingested:
    """The results of the child, trusted no further than the file they come from."""
    try:
        data: Any = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        usable = data["usable"] is True
        return Ingested(
            model=load_model(folder / "model.npz") if usable else None,
            facts=GeoreferenceFacts.from_json(data["facts"]) if usable else None,
            findings=tuple(_finding(f, name) for f in data["findings"]),
            counts={str(k): int(v) for k, v in data.get("counts", {}).items()},
            timings={str(k): float(v) for k, v in data["timings"].items()},
            schema=str(data["schema"]),
        )
    except (OSError, ValueError, TypeError, KeyError, FormatError, IfcError) as err:
        detail = str(err)[:200]
        return _failed(Finding.of(codes.DAMAGED_RESULT, model=name, detail=detail))


def _finding(data: Mapping[str, Any], name: str) -> Finding:
    return Finding(
        code=_CATALOGUE[data["code"]],
        severity=int(data["severity"]),
        model=name,
        elements=tuple(str(e) for e in data["elements"]),
        point=None if data["point"] is None else tuple(float(v) for v in data["point"]),  # type: ignore[arg-type]
        data=dict(data["data"]),
    )
