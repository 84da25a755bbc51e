"""One uploaded file to the blobs a review needs."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bimcore.findings import Finding
from bimcore.formats.npz import save_model
from bimcore.ifc.sandbox import Ingested, Limits, ingest
from bimcore.model import Model
from bimcore.progress import Progress, span
from gis.conversion import Conversion
from gis.georeference import Georeference, assess


def ingest_model(request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Read the file of `request` and leave model, facts and findings in its folder.

    Returns
    -------
    dict
        The outcome: counts, schema, georeference, ``files`` by artefact, or a ``problem``.

    """
    folder = Path(request["folder"])
    ingested = ingest(
        Path(request["path"]),
        name=request["filename"],
        limits=Limits(**request["limits"]),
        progress=span(progress, 0.0, 0.9),
        workdir=folder,
    )
    progress(0.92, "store")
    place = None if ingested.facts is None else assess(ingested.facts, project_crs=request["crs"])
    shown = [*ingested.findings, *(place.findings if place else ())]
    files = {"findings": "findings.json", "shown": "shown.json"}
    _write(folder / "findings.json", [f.to_json() for f in ingested.findings])
    _write(folder / "shown.json", [f.to_json() for f in shown])
    outcome: dict[str, Any] = {
        "schema": ingested.schema,
        "counts": dict(ingested.counts),
        "timings": dict(ingested.timings),
        "findings_count": len(shown),
        "georeference": None if place is None else georeference_json(place),
        "files": files,
    }
    if ingested.model is None or ingested.facts is None:
        return {**outcome, "problem": _problem(ingested)}
    save_model(ingested.model, folder / "model.npz")
    _write(folder / "facts.json", ingested.facts.to_json())
    outcome["files"] = {**files, "model": "model.npz", "facts": "facts.json"}
    outcome["discipline"] = main_discipline(ingested.model)
    return outcome


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _problem(ingested: Ingested) -> dict[str, Any]:
    worst: Finding = max(ingested.findings, key=lambda f: f.severity)
    texts = worst.to_json()
    return {k: texts[k] for k in ("code", "message", "message_en", "remedy", "remedy_en")}


def georeference_json(place: Georeference) -> dict[str, Any]:
    """What is shown of a georeference."""
    return {
        "level": place.level,
        "verdict": str(place.verdict),
        "crs": place.crs,
        "evidence": [
            {"code": str(e.code), "zh": e.zh, "en": e.en, "data": dict(e.data)}
            for e in place.evidence
        ],
        "repair": None if place.repair is None else placement_json(place.repair),
        "repairable": place.repair is not None and bool(place.repair.crs),
        "repair_shift_m": place.repair_shift,
        "combined_scale_factor": place.combined_scale_factor,
        "convergence_deg": place.convergence_deg,
    }


def placement_json(found: Conversion) -> dict[str, Any] | None:
    """A conversion as a person would enter it; None for one that no placement can say."""
    x, y, z = found.scale
    if found.topocentric is not None or found.before is not None or x != y or z != 1.0:
        return None
    return {**found.to_json(), "scale": x}


def main_discipline(model: Model) -> str:
    """The discipline most elements of `model` belong to; empty for a model without any."""
    counted = Counter(d for d in model.elements.discipline.texts() if d not in {"", "other"})
    return counted.most_common(1)[0][0] if counted else ""
