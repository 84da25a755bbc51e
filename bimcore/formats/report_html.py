"""A review as one HTML file that needs nothing else: Chinese and English, phone and paper."""

import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image, UnidentifiedImageError

from bimcore.formats.entries import Entry, both_of, entry_of, rows_of, text_of
from bimcore.formats.words import KINDS, LEVELS, STATUSES, Pair, level, verdict, word

_TEMPLATES = Path(__file__).parent / "templates"
_TITLE: Pair = ("预演审查报告", "yuyan review report")
#: What the colours of the film mean.
PHASES: tuple[tuple[str, Pair], ...] = (
    ("building", ("正在施工", "being built")),
    ("temporary", ("临时设施", "temporary")),
    ("removing", ("正在拆除", "being removed")),
    ("undated", ("无日期", "no dates")),
)
_TOP_RISKS = 10  # of the table; all of them are among the issues
_PICTURE_BYTES = 48_000  # larger pictures are made smaller, so that the file can be mailed


def report(
    document: Mapping[str, object],
    snapshots: Mapping[str, bytes],
    *,
    language: str = "zh-CN",
    film: bytes | None = None,
) -> str:
    """The HTML of a review; same input, same text.

    Parameters
    ----------
    document : mapping
        ``review.json``; what is missing is left out.
    snapshots : mapping
        PNG by issue id.
    language : str
        What is shown first, ``"zh-CN"`` or ``"en"``; a button switches.
    film : bytes, optional
        The rehearsal as an animated WebP; see :func:`bimcore.film.film`.

    """
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    issues = [_issue(e, snapshots) for e in rows_of(document, "issues")]
    findings = [_finding(e) for e in rows_of(document, "findings")]
    manifest, project = entry_of(document.get("manifest")), entry_of(document.get("project"))
    return environment.get_template("report.html.j2").render(
        language="en" if language.startswith("en") else "zh-CN",
        title=_TITLE,
        # Both are our own files; escaping would change them and their hashes.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        engine=text_of(manifest.get("engine")),
        rules_sha256=text_of(manifest.get("rules_sha256")),
        inputs=[
            {k: text_of(e.get(k)) for k in ("path", "role", "sha256")}
            for e in rows_of(manifest, "inputs")
        ],
        project=text_of(project.get("name")),
        crs=text_of(project.get("crs")),
        origin=_point(project.get("origin")),
        numbers=_numbers(document, issues, findings),
        models=[_model(e) for e in rows_of(document, "models")],
        not_assessed=[
            {"what": both_of(e, "what"), "why": both_of(e, "why")}
            for e in rows_of(document, "not_assessed")
        ],
        levels=[(least, pair) for least, _, pair in LEVELS if least],
        statuses=[(s, word(STATUSES, s)) for s in sorted({str(i["status_code"]) for i in issues})],
        storeys=sorted({str(i["storey"]) for i in issues if i["storey"]}),
        issues=issues,
        film=_film(film),
        phases=PHASES,
        risks=_risks(document),
        findings=findings,
    )


def _numbers(
    document: Entry, issues: Sequence[Entry], findings: Sequence[Entry]
) -> list[dict[str, object]]:
    open_issues = [i for i in issues if i["status_code"] != "resolved"]
    clashes = [c for c in rows_of(document, "clashes") if c.get("relation") != "touch"]
    left_out = sum(c.get("suppressed") is not None for c in clashes)
    rows: list[tuple[str, int, Pair]] = [("", len(open_issues), ("未解决问题", "open issues"))]
    rows += [(key, sum(i["level"] == key for i in open_issues), pair) for _, key, pair in LEVELS]
    rows += [
        ("", len(issues) - len(open_issues), ("已解决", "resolved")),
        ("", len(clashes), ("碰撞与间距", "clashes, clearances")),
        ("", left_out, ("已搁置", "set aside")),
        ("", len(findings), ("数据检查", "findings")),
    ]
    return [{"tone": tone, "value": value, "text": text} for tone, value, text in rows]


def _model(entry: Entry) -> dict[str, object]:
    place = entry_of(entry.get("georeference"))
    return {
        "name": text_of(entry.get("name") or entry.get("id")),
        "schema": text_of(entry.get("schema")),
        **{k: f"{_int(entry.get(k)):,}" for k in ("elements", "bodies", "triangles")},
        "placed": entry.get("placed", True),
        "verdict": verdict(text_of(place.get("verdict"))) if place else ("—", "—"),
        "level": place.get("level"),
        "crs": text_of(place.get("crs")),
        "evidence": [both_of(e, "text") for e in rows_of(place, "evidence")],
    }


def _issue(entry: Entry, snapshots: Mapping[str, bytes]) -> dict[str, object]:
    severity = _int(entry.get("severity"))
    key, level_word = level(severity)
    status = text_of(entry.get("status"))
    return {
        "id": text_of(entry.get("id")),
        "severity": severity,
        "level": key,
        "level_word": level_word,
        "status_code": status,
        "status": word(STATUSES, status),
        "kind": word(KINDS, text_of(entry.get("kind"))),
        **{k: text_of(entry.get(k)) for k in ("rule", "storey", "assigned_to", "citation")},
        **{k: both_of(entry, k) for k in ("title", "description", "suggestion", "status_reason")},
        "point": _point(entry.get("point")),
        "elements": [_element(e) for e in rows_of(entry, "elements")],
        "factors": [_factor(e) for e in rows_of(entry, "severity_factors")],
        "comments": [
            {k: text_of(e.get(k)) for k in ("author", "created", "text")}
            for e in rows_of(entry, "comments")
        ],
        "picture": _picture(snapshots.get(text_of(entry.get("id")), b"")),
    }


def _element(entry: Entry) -> dict[str, str]:
    about = [text_of(entry.get(k)) for k in ("type", "system", "storey", "model")]
    side = text_of(entry.get("side"))
    return {
        "side": side if side in ("a", "b") else "",
        "ifc_class": text_of(entry.get("ifc_class")),
        "name": text_of(entry.get("name")),
        "guid": text_of(entry.get("guid")),
        "about": " · ".join(w for w in about if w),
    }


def _factor(entry: Entry) -> dict[str, object]:
    texts = entry_of(entry.get("text"))
    pair = text_of(texts.get("zh-CN")), text_of(texts.get("en"))
    name = text_of(entry.get("factor"))
    return {"points": f"{_int(entry.get('points')):+d}", "text": pair if pair[0] else (name, name)}


def _finding(entry: Entry) -> dict[str, object]:
    severity = _int(entry.get("severity"))
    elements = entry.get("elements")
    return {
        "severity": severity,
        "level": level(severity)[0],
        "code": text_of(entry.get("code")),
        "model": text_of(entry.get("model")),
        "message": both_of(entry, "message"),
        "remedy": both_of(entry, "remedy"),
        "elements": [text_of(g) for g in elements] if isinstance(elements, list | tuple) else [],
    }


def _picture(png: bytes) -> str:
    """A data address of the picture, of JPEG where the PNG is large; empty without one."""
    kind, content = "png", png
    if len(png) > _PICTURE_BYTES:
        try:
            with Image.open(io.BytesIO(png)) as image:
                small = image.convert("RGB")
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
            return ""
        small.thumbnail((640, 640))
        out = io.BytesIO()
        small.save(out, format="JPEG", quality=78)
        kind, content = "jpeg", out.getvalue()
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}" if content else ""


def _film(content: bytes | None) -> dict[str, str] | None:
    """Data addresses of the film, and of its last frame for paper and for calm screens."""
    if not content:
        return None
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.seek(getattr(image, "n_frames", 1) - 1)
            out = io.BytesIO()
            image.convert("RGB").save(out, format="JPEG", quality=80)
    except (UnidentifiedImageError, OSError, EOFError, Image.DecompressionBombError):
        return None
    still = base64.b64encode(out.getvalue()).decode()
    moving = base64.b64encode(content).decode()
    return {
        "moving": f"data:image/webp;base64,{moving}",
        "still": f"data:image/jpeg;base64,{still}",
    }


def _risks(document: Entry) -> dict[str, object]:
    """The gravest and surest open risks of the sequence, with the place among the issues."""
    rows = [
        (place, e)
        for place, e in enumerate(rows_of(document, "issues"), start=1)
        if e.get("kind") == "sequence" and e.get("status") != "resolved"
    ]
    rows.sort(key=lambda row: -_number(row[1], "severity") * _number(row[1], "confidence"))
    return {
        "total": len(rows),
        "top": [
            {
                "place": place,
                "severity": _int(entry.get("severity")),
                "level": level(_int(entry.get("severity")))[0],
                "title": both_of(entry, "title"),
                "suggestion": both_of(entry, "suggestion"),
                "window": _window(entry.get("window")),
                "confidence": f"{100 * _number(entry, 'confidence'):.0f} %",
            }
            for place, entry in rows[:_TOP_RISKS]
        ],
    }


def _window(value: object) -> Pair:
    """Days of a half-open window of local times, both included."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return "—", "—"
    try:
        first, until = (datetime.fromisoformat(str(v)) for v in value)
    except ValueError:
        return "—", "—"
    last = max(until - timedelta(minutes=1), first)
    days = (last.date() - first.date()).days + 1
    same = first.year == last.year
    zh, en = f"{first.year}年{_zh(first)}", _en(last, year=True)
    if days > 1:
        zh += f" – {'' if same else f'{last.year}年'}{_zh(last)}"
        en = f"{_en(first, year=not same)} – {en}"
    return f"{zh}（{days} 天）", f"{en} ({days} {'day' if days == 1 else 'days'})"


def _zh(day: datetime) -> str:
    return f"{day.month}月{day.day}日"


def _en(day: datetime, *, year: bool) -> str:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{day.day} {months[day.month - 1]}{f' {day.year}' if year else ''}"


def _number(entry: Entry, key: str) -> float:
    value = entry.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _int(value: object) -> int:
    return round(value) if isinstance(value, int | float) else 0


def _point(value: object) -> str:
    if not isinstance(value, list | tuple) or not all(isinstance(v, int | float) for v in value):
        return ""
    return ", ".join(f"{v:.3f}" for v in value)
