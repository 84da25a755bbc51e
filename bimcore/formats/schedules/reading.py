"""Plans of strangers read in a process of their own."""

import hashlib
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bimcore import children
from bimcore.findings import catalogue
from bimcore.formats.schedules.codes import BROKEN, CODES, STOPPED, TOO_LARGE
from bimcore.formats.schedules.document import from_json
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.sniff import sniff
from bimcore.schedule import Schedule

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLimits:
    """What one plan may cost; `ifc_bytes` is for plans within an IFC model."""

    file_bytes: int = 512 << 20
    ifc_bytes: int = 2 << 30
    seconds: float = 120.0
    memory_bytes: int = 6 << 30


def read_schedule(path: Path, *, name: str, limits: ScheduleLimits | None = None) -> Schedule:
    """The plan in the file at `path`, whatever tool wrote it.

    Parameters
    ----------
    path : Path
    name : str
        What people call the file; the kind is told from the content, not from this.
    limits : ScheduleLimits, optional

    Returns
    -------
    Schedule
        With a finding for everything in the file that could not be understood.

    Raises
    ------
    ScheduleError
        When the file cannot be used at all; `finding` says why and what to do.

    """
    limits = limits or ScheduleLimits()
    try:
        size = path.stat().st_size
        kind = sniff(path, name=name)
    except OSError as err:
        raise _broken(name, err.strerror or type(err).__name__) from err
    most = limits.ifc_bytes if kind == "ifc" else limits.file_bytes
    if size > most:
        megabytes = most >> 20
        raise ScheduleError.of(
            TOO_LARGE,
            name=name,
            why_zh=f"文件大于 {megabytes} MB",
            why_en=f"more than {megabytes} MB",
        )
    outcome = _child(path, kind, name, limits)
    if "schedule" in outcome:
        return replace(from_json(outcome["schedule"]), source=_digest(path))
    if "refused" in outcome:
        code = catalogue(CODES)[outcome["refused"]]
        data = {k: v for k, v in outcome["data"].items() if k != "name"}
        raise ScheduleError.of(code, name=name, **data)
    if "stopped" in outcome:
        raise ScheduleError.of(STOPPED, name=name)
    raise _broken(name, str(outcome["error"]))


def _broken(name: str, why: str) -> ScheduleError:
    told = {"place": "the file", "place_zh": "整个文件"}
    return ScheduleError.of(BROKEN, name=name, **told, why_zh=f"无法读取（{why}）", why_en=why)


def _child(path: Path, kind: str, name: str, limits: ScheduleLimits) -> dict[str, Any]:
    """What the child says of the file."""
    with tempfile.TemporaryDirectory(prefix="schedule-") as folder:
        job, out = Path(folder, "job.json"), Path(folder, "out.json")
        wanted = {
            "path": str(path.resolve()),
            "kind": kind,
            "name": name,
            "seconds": limits.seconds,
            "memory_bytes": limits.memory_bytes,
        }
        job.write_text(json.dumps(wanted), encoding="utf-8")
        code = children.run("bimcore.formats.schedules.child", job, out, seconds=limits.seconds)
        if code is None or (code < 0 and not out.is_file()):
            return {"stopped": True}
        if not out.is_file():
            return {"error": "the reader gave up"}  # an error nobody foresaw
        told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return told


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
