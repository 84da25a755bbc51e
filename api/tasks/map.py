"""The map of a run: models, layers and findings in plan, as the page draws it."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from api.review import Review
from api.review_document import both
from bimcore.findings import Finding
from bimcore.frame import Frame
from bimcore.issues import Issue, Status
from bimcore.model import Model
from clash.report import finding_ids
from gis.contours import Box, plan_terrain
from gis.crs import parse
from gis.footprint import footprint
from gis.operations import lonlat
from gis.plan import areas, plan_layers
from gis.site import Site

#: Version of the shape of the document; a breaking change bumps it.
SCHEMA = "yuyan/map/1"
_NOWHERE = {
    "zh-CN": "没有模型具有可用的地理参照，图上为模型的局部坐标，图层无法叠加。",
    "en": "No model has a usable georeference: the map shows local coordinates without layers.",
}


def write_map(review: Review, path: Path) -> None:
    """Write ``map.json``."""
    document = map_document(review)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_text(text, encoding="utf-8")


def map_document(review: Review) -> dict[str, Any]:
    """What the map shows: coordinates are metres of the project frame, x east and y north.

    Models that do not share a frame stand in different ``groups``; group 0 is the map where
    ``located`` is true.
    """
    placed, frame = review.placed, review.placed.arrangement.frame
    group_of = _groups(review)
    models = _models(review, group_of)
    layers = _layers(review.placed.site, _near(models), frame) if frame.located else []
    utilities = {m.name: 0 for m in placed.site.models}
    markers = _markers(review, {**utilities, **group_of})
    return {
        "schema": SCHEMA,
        "located": frame.located,
        "reason": None if frame.located else _NOWHERE,
        **_system(frame),
        "groups": max([0, *group_of.values()]) + 1,
        "models": models,
        "layers": layers,
        "not_assessed": [both(entry) for entry in placed.site.not_assessed],
        "markers": markers,
    }


def _system(frame: Frame) -> dict[str, Any]:
    """CRS and origin of the frame."""
    degrees = None
    name = None
    if frame.crs is not None:
        crs = parse(frame.crs)
        name = crs.title or crs.horizontal
        found = lonlat(crs, frame.origin[None, :])[0]
        degrees = found.tolist() if np.isfinite(found).all() else None
    return {
        "crs": frame.crs,
        "crs_name": name,
        "origin": frame.origin.tolist(),
        "origin_lonlat": degrees,
        "north": frame.north,
    }


def _layers(site: Site, near: Box | None, frame: Frame) -> list[dict[str, Any]]:
    """Layers of shapes, then the ground."""
    height = float(frame.origin[2])
    ground = [plan_terrain(t, near=near, height=height) for t in site.terrains]
    return plan_layers(site.tables) + ground


def _near(models: Sequence[Mapping[str, Any]]) -> Box | None:
    """The box of all outlines on the map."""
    shown = [m["outline"] for m in models if m["group"] == 0]
    points = [p for outline in shown for polygon in outline for p in polygon[0]]
    if not points:
        return None
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _groups(review: Review) -> dict[str, int]:
    """Group of each model that was placed, by its name."""
    arrangement = review.placed.arrangement
    return {
        model.name: number
        for number, members in enumerate(arrangement.groups)
        for i in members
        if (model := arrangement.placed[i]) is not None
    }


def _models(review: Review, group_of: Mapping[str, int]) -> list[dict[str, Any]]:
    """Outlines of the placed models, and the others with their verdict."""
    arrangement = review.placed.arrangement
    readable = [m for m in review.placed.models if m is not None]
    found = zip(readable, arrangement.placed, arrangement.georeferences, strict=True)
    entries = []
    for given, model, georeference in found:
        entry: dict[str, Any] = {
            "name": given.name,
            "discipline": _discipline(given),
            "verdict": str(georeference.verdict),
            "elements": len(given),
            "group": group_of.get(given.name),
            "outline": [],
            "tolerance_m": None,
            "z": None,
        }
        if model is not None:
            shown = footprint(model)
            entry["outline"] = areas(shown.outline)
            entry["tolerance_m"] = shown.tolerance
            entry["z"] = None if shown.heights is None else [round(v, 3) for v in shown.heights]
        entries.append(entry)
    return entries


def _discipline(model: Model) -> str:
    """The discipline of most elements."""
    words = [w for w in model.elements.discipline.texts() if w]
    return max(sorted(set(words)), key=words.count) if words else ""


def _markers(review: Review, group_of: Mapping[str, int]) -> list[dict[str, Any]]:
    """Where issues and findings are, most severe first.

    An issue made of findings has one marker for each of them that has a place; ``main`` is
    its own. What is said of a model that is held back has no place on the map.
    """
    names = {m.name for m in review.placed.models if m is not None}
    findings = dict(zip(finding_ids(review.findings), review.findings, strict=True))
    issue_of = {m: i for i in review.issues for m in i.members if m in findings}
    markers = []
    for issue in review.issues:
        members = [findings[m] for m in issue.members if m in findings]
        concerned = [e.model for e in issue.elements] or [f.model for f in members]
        group = _group(concerned, names, group_of)
        if _somewhere(issue.point) and issue.status is not Status.RESOLVED and group is not None:
            lead = next((f for f in members if f.point == issue.point), None)
            markers.append(_of_issue(issue, lead, group))
    for mark, finding in findings.items():
        issue_or_none = issue_of.get(mark)
        group = _group([finding.model], names, group_of)
        elsewhere = issue_or_none is None or issue_or_none.point != finding.point
        if _somewhere(finding.point) and elsewhere and group is not None:
            markers.append(_of_finding(finding, issue_or_none, group))
    return sorted(markers, key=lambda m: -m["severity"])


def _somewhere(point: Sequence[float] | None) -> bool:
    return point is not None and bool(np.isfinite(point).all())


def _group(
    concerned: Sequence[str], names: Collection[str], group_of: Mapping[str, int]
) -> int | None:
    """The group in which something stands; None where its models are all held back."""
    found = [group_of[name] for name in concerned if name in group_of]
    if found:
        return min(found)
    return None if any(name in names for name in concerned) else 0


def _of_issue(issue: Issue, lead: Finding | None, group: int) -> dict[str, Any]:
    return {
        "issue": issue.id,
        "main": True,
        "kind": issue.kind,
        "code": issue.rule,
        "severity": issue.severity,
        "band": None if lead is None else lead.data.get("band"),
        "group": group,
        "point": _rounded(issue.point),
        "text": issue.titles.get("zh-CN", ""),
        "text_en": issue.titles.get("en", ""),
    }


def _of_finding(finding: Finding, issue: Issue | None, group: int) -> dict[str, Any]:
    return {
        "issue": None if issue is None else issue.id,
        "main": False,
        "kind": "gis" if finding.code.code.startswith("GIS") else "quality",
        "code": finding.code.code,
        "severity": finding.severity,
        "band": finding.data.get("band"),
        "group": group,
        "point": _rounded(finding.point),
        "text": finding.message("zh-CN"),
        "text_en": finding.message("en"),
    }


def _rounded(point: Sequence[float] | None) -> list[float]:
    return [round(float(v), 3) for v in point or ()]
