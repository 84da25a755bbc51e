"""The document ``review.json``: what a review says, in stable order."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from bimcore.findings import Finding
from bimcore.ifc.sandbox import Ingested
from bimcore.issues import Issue, Status, issue_json
from bimcore.model import Model, Scene
from clash.refs import refs_of
from clash.result import ClashSet
from clash.rulefile import dump_rules
from clash.rules import RuleSet
from gis.georeference import Georeference

#: Version of the shape of the document; a breaking change bumps it.
SCHEMA = "yuyan/review/1"

Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One input file as the manifest lists it.

    The service gives the number of the `revision` of a layer or schedule and whether it was
    `used`; None where nobody counts.
    """

    path: str
    sha256: str
    role: str
    revision: int | None = None
    used: bool | None = None

    def to_json(self) -> dict[str, object]:
        """The entry; what is not known is left out."""
        entry: dict[str, object] = {"path": self.path, "sha256": self.sha256, "role": self.role}
        told = (("revision", self.revision), ("used", self.used))
        return entry | {key: value for key, value in told if value is not None}


def manifest(sources: Sequence[Source], rules: RuleSet) -> dict[str, object]:
    """What went in and what it was judged by."""
    packages = ("ifclite-geom", "ifcopenshell", "pyproj", "numba", "manifold3d")
    return {
        "engine": f"yuyan {version('yuyan')}",
        "libraries": {name: version(name) for name in packages},
        "inputs": [s.to_json() for s in sources],
        "rules": rules.name,
        "rules_sha256": hashlib.sha256(dump_rules(rules).encode()).hexdigest(),
        "tolerances": {
            r.id: {"kind": r.kind.value, "tolerance_m": r.tolerance} for r in rules.rules
        },
    }


def model_entry(
    name: str, ingested: Ingested, model: Model | None, georeference: Georeference | None
) -> dict[str, object]:
    """One model of the federation."""
    return {
        "id": name,
        "name": name,
        "schema": ingested.schema,
        "elements": int(ingested.counts.get("elements", 0)),
        "bodies": int(ingested.counts.get("bodies", 0)),
        "triangles": int(ingested.counts.get("triangles", 0)),
        "placed": model is not None,
        "georeference": None if georeference is None else georeference_entry(georeference),
    }


def georeference_entry(found: Georeference) -> dict[str, object]:
    """Level, verdict and evidence of a model, its proposed repair, residuals of control points."""
    entry: dict[str, object] = {
        "level": found.level,
        "verdict": str(found.verdict),
        "crs": found.crs,
        "evidence": [e.to_json() for e in found.evidence],
        "combined_scale_factor": found.combined_scale_factor,
        "convergence_deg": found.convergence_deg,
    }
    if found.repair is not None:
        entry |= {"repair": found.repair.to_json(), "repair_shift_m": found.repair_shift}
    if found.control is not None:
        entry["control"] = dict(found.control)
    return entry


def both(entry: Entry) -> dict[str, object]:
    """An entry whose texts come by language, as ``key`` (Chinese) and ``key_en``."""
    flat: dict[str, object] = {}
    for key, value in entry.items():
        if isinstance(value, Mapping) and "zh-CN" in value:
            flat[key] = value["zh-CN"]
            flat[f"{key}_en"] = value.get("en", "")
        else:
            flat[key] = value
    return flat


def counts(
    clashes: Sequence[Entry], issues: Sequence[Issue], findings: Sequence[Finding]
) -> dict[str, int]:
    """Numbers of a review that lists and tables show."""
    shown = [c for c in clashes if c["relation"] != "touch"]
    return {
        "clashes": len(shown),
        "touching": len(clashes) - len(shown),
        "suppressed": sum(c["suppressed"] is not None for c in shown),
        "issues": sum(i.status is not Status.RESOLVED for i in issues),
        "new": sum(i.status is Status.NEW for i in issues),
        "resolved": sum(i.status is Status.RESOLVED for i in issues),
        "findings": len(findings),
    }


def issues_json(issues: Sequence[Issue]) -> list[dict[str, object]]:
    """Issues in the order of the review."""
    return [issue_json(i) for i in issues]


def unreadable(name: str, findings: Sequence[Finding]) -> Entry:
    """A model that took no part because it could not be read."""
    worst = max(findings, key=lambda f: f.severity)
    return {
        "what": f"模型“{name}”",
        "what_en": f'model "{name}"',
        "why": f"{worst.code.code} {worst.message('zh-CN')}",
        "why_en": f"{worst.code.code} {worst.message('en')}",
    }


def declared(clashes: Sequence[Entry]) -> list[Entry]:
    """How many clashes each declaration of the rules keeps out of the list."""
    rows = [c["suppressed"] for c in clashes]
    reasons = [r for r in rows if isinstance(r, Mapping) and str(r["by"]).startswith("declared.")]
    counted = Counter(str(r["by"]) for r in reasons)
    texts = {str(r["by"]): r for r in reasons}
    return [
        {
            "what": f"{number} 处碰撞按规则中的声明不显示（{by}）",
            "what_en": f"Clashes that the rules declare need not be shown ({by}): {number}",
            "why": texts[by]["reason"],
            "why_en": texts[by]["reason_en"],
        }
        for by, number in sorted(counted.items())
    ]


#: Reasons of the engine, in Chinese and English.
_UNDECIDED = {
    "numeric": (
        "数值计算未能得出可靠结论，请人工核对这两个构件",
        "the computation gave no reliable answer; look at the two elements",
    ),
    "not finite": (
        "几何坐标不是有限数值或大得离谱，请重新导出该构件",
        "coordinates of the body are no finite numbers or absurdly large; export the element again",
    ),
}


def undecided(scene: Scene, clashes: ClashSet) -> list[Entry]:
    """Pairs and bodies that the clash core could not decide, each with the reason."""
    rows = clashes.not_assessed
    refs = refs_of(scene, {e for r in rows for e in (r.a, r.b) if e >= 0})
    entries: list[Entry] = []
    for row in rows:
        sides = [refs[e] for e in (row.a, row.b) if e >= 0]
        what = " × ".join(f"{r.model}: {r.ifc_class} {r.name} ({r.guid})" for r in sides)
        zh, en = _UNDECIDED.get(row.why, (row.why, row.why))
        entries.append({"what": what, "what_en": what, "why": zh, "why_en": en})
    return entries
