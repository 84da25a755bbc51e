"""Child processes that read layers, one for each family of formats."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bimcore import children
from gis.child import READERS
from gis.limits import LayerLimits
from gis.sniff import Source


def run(sources: Sequence[Source], root: Path, limits: LayerLimits) -> list[dict[str, Any]]:
    """What the children say about each source.

    Returns
    -------
    list of dict
        ``{"layers": [...]}``, ``{"refused": code, "data": {...}}``, ``{"error": text}`` or
        ``{"stopped": True}`` or ``{"failed": True}``; the files of layers lie below `root`.

    """
    found: dict[int, dict[str, Any]] = {}
    for family in sorted({READERS[s.kind] for s in sources}):
        rows = [i for i, s in enumerate(sources) if READERS[s.kind] == family]
        out = root / family
        out.mkdir()
        told = _family([sources[i] for i in rows], out, limits)
        found.update(zip(rows, told, strict=True))
    return [found[i] for i in range(len(sources))]


def _family(sources: Sequence[Source], root: Path, limits: LayerLimits) -> list[dict[str, Any]]:
    outcome = _child(sources, root / "all", limits)
    if isinstance(outcome, list):
        return outcome
    if len(sources) == 1:
        return [{outcome: True}]
    # One file brought the child down: read each alone to learn which.
    found = []
    for k, source in enumerate(sources):
        alone = _child([source], root / f"one{k}", limits)
        found.append(alone[0] if isinstance(alone, list) else {alone: True})
    return found


def _child(sources: Sequence[Source], out: Path, limits: LayerLimits) -> list[dict[str, Any]] | str:
    """Run the child; "stopped" when it was killed or took too long, "failed" when it gave up."""
    out.mkdir()
    job = out / "job.json"
    bounds = asdict(limits)
    items = [{**asdict(s), "path": str(s.path), "limits": bounds} for s in sources]
    wanted = {"items": items, "seconds": limits.seconds, "memory_bytes": limits.memory_bytes}
    job.write_text(json.dumps(wanted), encoding="utf-8")
    code = children.run("gis.child", job, out, seconds=limits.seconds)
    index = out / "index.json"
    if code is None or code < 0:
        return "stopped"
    if code > 0 or not index.is_file():
        return "failed"  # an error nobody foresaw
    found: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))
    for item in found:
        for layer in item.get("layers", []):
            layer["file"] = str(out / layer["file"])
    return found
