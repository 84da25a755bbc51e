"""Holds a review of the sample project to ``sample_models/index.toml``.

Used on ``review.json`` from the command line, over HTTP and behind the browser::

    index = load_index()
    assert missing(document, index, revision="a") == []
    assert reported_decoys(document, index, revision="a") == []
    assert unexplained(document, index, revision="a") == []
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).resolve().parents[2] / "sample_models"

#: Severity from which a finding is shown to people as an issue.
WORTH_AN_ISSUE = 20

Json = Mapping[str, Any]


def load_index(path: Path = SAMPLE / "index.toml") -> dict[str, Any]:
    """The index as written beside the sample project."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def missing(document: Json, index: Json, *, revision: str = "a") -> list[str]:
    """What was seeded and is not in the document, a line for each; empty when all is found."""
    lines = []
    for defect in _active(index["defects"], revision):
        lack = _LACKS[defect["kind"]](document, defect, revision)
        lines += [f"{defect['id']} {defect['en']}: {line}" for line in lack]
    return lines


def reported_decoys(document: Json, index: Json, *, revision: str = "a") -> list[str]:
    """Decoys that became part of an open issue, a line for each; empty when none did."""
    shown = list(_shown(document))
    lines = []
    for decoy in _active(index["decoys"], revision):
        for a, b in decoy.get("pairs", ()):
            lines += [
                f"{decoy['id']} {decoy['en']}: {a} with {b} is reported as {_said(clash)}"
                for clash in shown
                if _is_pair(clash, a, b, revision)
            ]
        for element in decoy.get("elements", ()):
            lines += [
                f"{decoy['id']} {decoy['en']}: {element} is in a finding {finding['code']}"
                for finding in document["findings"]
                if _names(finding, element, revision) and finding["code"].startswith("GIS")
            ]
        lines += [
            f"{decoy['id']} {decoy['en']}: {risk['rule']} {_tasks(risk)} {risk['window']}"
            for wanted in decoy.get("risks", ())
            for risk in document.get("risks", ())
            if _fits(risk, wanted, document)
        ]
    return lines


def unexplained(document: Json, index: Json, *, revision: str = "a") -> list[str]:
    """Clashes and findings in open issues that nobody seeded, a line for each."""
    active = _active(index["defects"], revision)
    pairs = [pair for defect in active for pair in defect.get("pairs", ())]
    lines = [
        f"{_named(clash['a'])} with {_named(clash['b'])}: {_said(clash)}"
        for clash in _shown(document)
        if not any(_is_pair(clash, a, b, revision) for a, b in pairs)
    ]
    codes = {code for defect in active for code in defect.get("codes", ())}
    lines += [
        f"finding {finding['code']} in {finding['model']}: {finding['message_en']}"
        for finding in document["findings"]
        if finding["severity"] >= WORTH_AN_ISSUE and finding["code"] not in codes
    ]
    seeded = [wanted for defect in active for wanted in defect.get("risks", ())]
    lines += [
        f"{risk['rule']} {_tasks(risk)} {risk['window']}"
        for risk in document.get("risks", ())
        if risk["severity"] >= WORTH_AN_ISSUE
        and not any(_fits(risk, wanted, document) for wanted in seeded)
    ]
    return lines


def issues_of(document: Json, index: Json, defect: str, *, revision: str = "a") -> list[Json]:
    """Open issues that hold a pair of the clash defect with id `defect`."""
    entry = next(d for d in index["defects"] if d["id"] == defect)
    ids = {
        clash["id"]
        for clash in _shown(document)
        for a, b in entry["pairs"]
        if _is_pair(clash, a, b, revision) and clash["relation"] in entry["relations"]
    }
    return [
        issue
        for issue in document["issues"]
        if issue["status"] != "resolved" and ids.intersection(issue["members"])
    ]


def _active(entries: list[Json], revision: str) -> list[Json]:
    """Entries of one revision that are to be found now."""
    return [e for e in entries if revision in e["revisions"] and e.get("status", "now") == "now"]


def _shown(document: Json) -> Iterator[Json]:
    """Clashes that are not suppressed and belong to an issue that is not resolved."""
    members = {
        member
        for issue in document["issues"]
        if issue["status"] != "resolved"
        for member in issue["members"]
    }
    for clash in document["clashes"]:
        if clash["id"] in members and clash["suppressed"] is None:
            yield clash


def _guid(element: str, revision: str) -> str:
    guid = element.partition(":")[2]
    before, _, after = guid.partition(">")
    return after if after and revision == "b" else before


def _is(side: Json, element: str, revision: str) -> bool:
    if element.startswith("#"):
        return element[1:] in (side.get("name") or "")
    same_model = side["model"] == element.partition(":")[0]
    return same_model and side["guid"] == _guid(element, revision)


def _is_pair(clash: Json, a: str, b: str, revision: str) -> bool:
    one, other = clash["a"], clash["b"]
    return (_is(one, a, revision) and _is(other, b, revision)) or (
        _is(one, b, revision) and _is(other, a, revision)
    )


def _names(finding: Json, element: str, revision: str) -> bool:
    if element.startswith("#"):
        return element[1:] in finding["message"]
    return _guid(element, revision) in finding["elements"]


def _named(side: Json) -> str:
    return f"{side['model']}:{side['guid']} {side['ifc_class']} {side['name']}"


def _said(clash: Json) -> str:
    numbers = {k: clash[k] for k in ("depth_m", "distance_m", "volume_m3")}
    return f"{clash['relation']} by {clash['rule']} {numbers}"


def _lacking_clash(document: Json, defect: Json, revision: str) -> Iterator[str]:
    shown = list(_shown(document))
    for a, b in defect["pairs"]:
        found = [c for c in shown if _is_pair(c, a, b, revision)]
        right = [c for c in found if c["relation"] in defect["relations"]]
        if not right:
            hidden = [c for c in document["clashes"] if _is_pair(c, a, b, revision)]
            said = [f"{_said(c)} suppressed {c['suppressed']}" for c in hidden]
            yield f"{a} with {b} is not in an open issue; clashes: {said}"
        elif all(list(_wrong_numbers(c, defect)) for c in right):
            yield f"{a} with {b}: {'; '.join(_wrong_numbers(right[0], defect))}"


def _wrong_numbers(clash: Json, defect: Json) -> Iterator[str]:
    for key in ("depth_m", "distance_m", "volume_m3"):
        if key not in defect:
            continue
        value, tolerance = defect[key]["value"], defect[key]["tolerance"]
        got = clash[key]
        if got is None:
            yield f"{key} is missing, expected {value}"
        elif key == "depth_m" and clash["measured"] == "bounded":
            # an upper bound may be larger, not smaller
            if got < value - tolerance:
                yield f"{key} is at most {got}, expected {value}"
        elif abs(got - value) > tolerance:
            yield f"{key} is {got}, expected {value} +- {tolerance}"


def _lacking_finding(document: Json, defect: Json, revision: str) -> Iterator[str]:
    for element in defect["elements"]:
        found = [
            f
            for f in document["findings"]
            if f["code"] in defect["codes"] and _names(f, element, revision)
            if "band" not in defect or f["data"].get("band") == defect["band"]
        ]
        if not found:
            there = [f["code"] for f in document["findings"] if _names(f, element, revision)]
            yield f"{element} has no finding of {defect['codes']}, it has {there}"


def _lacking_verdict(document: Json, defect: Json, revision: str) -> Iterator[str]:
    for model in document["models"]:
        if model["name"] == defect["model"]:
            verdict = model["georeference"]["verdict"]
            if verdict != defect["verdict"]:
                yield f"the verdict is {verdict}, expected {defect['verdict']}"


def _lacking_risk(document: Json, defect: Json, revision: str) -> Iterator[str]:
    if "schedule" not in document:
        return  # reviewed without the plan
    for wanted in defect["risks"]:
        near = [r for r in document["risks"] if _fits(r, wanted, document)]
        days = [_days(r) for r in near]
        if not near:
            yield f"no open risk {wanted['rule']} on {wanted['tasks']}"
        elif "first" in wanted and (wanted["first"], wanted["last"]) not in days:
            yield f"{wanted['rule']} on {wanted['tasks']} is wrong on {days}, not {wanted}"


def _fits(risk: Json, wanted: Json, document: Json) -> bool:
    """Whether a risk of an open issue is of the rule, about the tasks, and says the words."""
    issue = next((i for i in document["issues"] if i["id"] == risk["issue"]), None)
    return (
        issue is not None
        and issue["status"] != "resolved"
        and risk["rule"] == wanted["rule"]
        and set(wanted["tasks"]) <= set(_tasks(risk))
        and wanted.get("words", "") in issue["title"]
    )


def _tasks(risk: Json) -> list[str]:
    return [task["name"] for task in risk["tasks"]]


def _days(risk: Json) -> tuple[str, str] | None:
    """First and last day of a half-open window."""
    if risk["window"] is None:
        return None
    first, last = (datetime.fromisoformat(t) for t in risk["window"])
    return first.date().isoformat(), (last - timedelta(minutes=1)).date().isoformat()


_LACKS = {
    "clash": _lacking_clash,
    "gis": _lacking_finding,
    "quality": _lacking_finding,
    "placement": _lacking_verdict,
    "sequence": _lacking_risk,
}
