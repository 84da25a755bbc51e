"""The last review, read back from its ``review.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from bimcore.arrays import F64
from bimcore.issues import Comment, ElementRef, Issue, Status
from bimcore.model import Scene
from clash.renames import with_present_names


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Side:
    """One element of a clash as the last review saw it; centre and size may be unknown."""

    model: str
    guid: str
    ifc_class: str
    name: str
    type: str
    storey: str
    system: str
    centre: F64 | None
    size: F64 | None
    body: str


class Row:
    """One clash of a document, read where it is asked for.

    Points are in the frame of the present review; `shift` takes them there.
    """

    def __init__(self, raw: Mapping[str, object], shift: F64) -> None:
        self.raw = raw
        self.shift = shift
        self.id = _text(raw, "id")
        self.depth = _number(raw, "depth_m")
        known = isinstance(raw.get("volume_m3"), int | float)
        self.volume = _number(raw, "volume_m3") if known else float("nan")

    @cached_property
    def a(self) -> Side:
        """The first element."""
        return _side(self.raw.get("a"), self.shift)

    @cached_property
    def b(self) -> Side:
        """The second element."""
        return _side(self.raw.get("b"), self.shift)

    @cached_property
    def point(self) -> F64:
        """Where the clash is; the origin when the document does not say."""
        found = _vector(self.raw.get("point"))
        return self.shift if found is None else found + self.shift

    @property
    def suppressed_by(self) -> str:
        """Id of the reason by which it was set aside; empty when it is shown."""
        found = self.raw.get("suppressed")
        return str(found.get("by", "")) if isinstance(found, Mapping) else ""

    @cached_property
    def suppressed(self) -> dict[str, str]:
        """Why it was set aside, in both languages; empty when it is shown."""
        found = self.raw.get("suppressed")
        return _both(found, "reason") if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Past:
    """The last review.

    Attributes
    ----------
    issues : tuple of Issue
    rows : mapping
        Clashes of the issues, by id.
    shift : (3,) float64
        What to add to its coordinates to get those of the present scene.

    """

    issues: tuple[Issue, ...]
    rows: Mapping[str, Row]
    shift: F64


def past_of(document: Mapping[str, object], scene: Scene | None) -> Past:
    """Read a document; parts that are missing count as empty."""
    if scene is not None:
        document = with_present_names(document, scene)
    shift = _shift(document, scene)
    issues = tuple(revived(i, shift) for i in _items(document, "issues"))
    members = {m for i in issues for m in i.members}
    clashes = (c for c in _items(document, "clashes") if c.get("id") in members)
    rows = {r.id: r for r in (Row(c, shift) for c in clashes)}
    index = {} if scene is None else _index(scene)
    return Past(issues=tuple(_indexed(i, index) for i in issues), rows=rows, shift=shift)


def _shift(document: Mapping[str, object], scene: Scene | None) -> F64:
    """The move between the two project frames; zero where the CRS differs or is unknown."""
    project = document.get("project")
    if scene is None or not isinstance(project, Mapping):
        return np.zeros(3)
    if (project.get("crs") or None) != scene.frame.crs:
        return np.zeros(3)
    origin = _vector(project.get("origin"))
    found: F64 = np.zeros(3) if origin is None else origin - scene.frame.origin
    return found


def _vector(value: object) -> F64 | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        return None
    if not all(isinstance(v, int | float) for v in value):
        return None
    return np.array(value, dtype=np.float64)


def _side(value: object, shift: F64) -> Side:
    side = value if isinstance(value, Mapping) else {}
    centre = _vector(side.get("centre_m"))
    return Side(
        model=_text(side, "model"),
        guid=_text(side, "guid"),
        ifc_class=_text(side, "ifc_class"),
        name=_text(side, "name"),
        type=_text(side, "type"),
        storey=_text(side, "storey"),
        system=_text(side, "system"),
        centre=None if centre is None else centre + shift,
        size=_vector(side.get("size_m")),
        body=_text(side, "body"),
    )


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _number(table: Mapping[str, object], key: str) -> float:
    value = table.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _both(table: Mapping[str, object], key: str) -> dict[str, str]:
    texts = {"zh-CN": _text(table, key), "en": _text(table, f"{key}_en")}
    return texts if any(texts.values()) else {}


def _items(table: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = table.get(key)
    return [i for i in found if isinstance(i, Mapping)] if isinstance(found, Sequence) else []


def _words(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = table.get(key)
    return tuple(str(w) for w in found) if isinstance(found, list | tuple) else ()


def _status(text: str) -> Status:
    return Status(text) if text in tuple(Status) else Status.ACTIVE


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def revived(table: Mapping[str, object], shift: F64) -> Issue:
    """An issue of a document as it was; the camera is made anew by the review."""
    point = _vector(table.get("point"))
    at = None if point is None else tuple((point + shift).tolist())
    window = _words(table, "window")
    return Issue(
        id=_text(table, "id"),
        fingerprint=_text(table, "fingerprint"),
        kind=_text(table, "kind") or "clash",
        rule=_text(table, "rule"),
        titles=_both(table, "title"),
        descriptions=_both(table, "description"),
        severity=int(_number(table, "severity")),
        severity_factors=tuple(_items(table, "severity_factors")),
        confidence=_number(table, "confidence"),
        status=_status(_text(table, "status")),
        status_reason=_both(table, "status_reason"),
        members=_words(table, "members"),
        elements=tuple(_element(e) for e in _items(table, "elements")),
        point=None if at is None else (at[0], at[1], at[2]),
        extent=_number(table, "extent_m") or 3.0,
        storey=_text(table, "storey"),
        window=(window[0], window[1]) if len(window) == 2 else None,
        assigned_to=_text(table, "assigned_to"),
        suggestion=_both(table, "suggestion"),
        resolution=_mapping(table.get("resolution")),
        citation=_text(table, "citation"),
        comments=tuple(_comment(c) for c in _items(table, "comments")),
        created=_time(_text(table, "created")),
        updated=_time(_text(table, "updated")),
    )


def _mapping(found: object) -> dict[str, object] | None:
    return dict(found) if isinstance(found, Mapping) else None


def _element(table: Mapping[str, object]) -> ElementRef:
    return ElementRef(
        model=_text(table, "model"),
        guid=_text(table, "guid"),
        ifc_class=_text(table, "ifc_class"),
        name=_text(table, "name"),
        type=_text(table, "type"),
        storey=_text(table, "storey"),
        system=_text(table, "system"),
        side=_text(table, "side"),
    )


def _comment(table: Mapping[str, object]) -> Comment:
    created = _time(_text(table, "created"))
    return Comment(
        id=_text(table, "id"),
        author=_text(table, "author"),
        created=created or datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
        text=_text(table, "text"),
    )


def _index(scene: Scene) -> dict[tuple[str, str], int]:
    """First scene element of each (model, GlobalId)."""
    found: dict[tuple[str, str], int] = {}
    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        for row, guid in enumerate(model.elements.guid):
            found.setdefault((model.name, guid), start + row)
    return found


def _indexed(issue: Issue, index: Mapping[tuple[str, str], int]) -> Issue:
    """The issue with the scene rows of its elements; -1 for those that are gone."""
    elements = tuple(replace(e, index=index.get((e.model, e.guid), -1)) for e in issue.elements)
    return replace(issue, elements=elements)
