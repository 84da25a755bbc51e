"""``yuyan check``: the whole review without a service."""

import argparse
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.artifacts import FORMATS, UnknownFormat, sha256_of
from api.commands.exits import FAILED_ON, OK, UNUSABLE
from api.commands.terminal import Reporter, reporter
from api.project_file import LayerSetting, ReviewSettings, read_project_file
from bimcore.errors import InputError
from bimcore.findings import Finding
from bimcore.ifc.sandbox import Ingested, ingest

if TYPE_CHECKING:
    from api.inputs import Inputs
    from api.review import Review


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that cannot be reviewed: which, why, what to do."""

    path: Path
    why: str
    remedy: str = ""

    def line(self) -> str:
        """One line for the terminal."""
        return f"{self.path}: {self.why} {self.remedy}".rstrip()


def run(options: argparse.Namespace) -> int:
    """Review the models named on the command line; returns the exit code."""
    try:
        formats = _formats(options.formats)
        settings = read_project_file(options.project) if options.project else ReviewSettings()
        if options.rules is not None:
            settings = replace(settings, rules=options.rules)
        previous = _previous(options.against)
    except InputError as err:
        sys.stderr.write(f"{err}\n")
        return UNUSABLE
    refused = _missing(options, settings) or _no_room(options.out)
    if refused:
        return _refuse(refused)
    with reporter(quiet=options.quiet) as report:
        ingested = _ingest_all(options.models, jobs=options.jobs, report=report)
        bad = [_unusable(p, i) for p, (_, i) in zip(options.models, ingested, strict=True)]
        unusable = [u for u in bad if u is not None]
        if len(unusable) == len(options.models):
            return _refuse(unusable)
        try:
            inputs = _inputs(options, settings, ingested, previous)
            lacking = _lacking(formats, inputs, settings)
            if lacking is not None:
                sys.stderr.write(f"{lacking}\n")
                formats.remove("gpkg")
                if not formats:
                    return UNUSABLE
            review = _review(options, settings, inputs, report)
            paths = review.write(options.out, formats=formats)
        except InputError as err:
            sys.stderr.write(f"{err}\n")
            return UNUSABLE
    if not options.quiet:
        _summary(review, paths)
    unusable += _unused(inputs, review)
    if unusable or lacking is not None:
        return _refuse(unusable)
    worst = max((i.severity for i in review.open_issues), default=-1)
    return FAILED_ON if options.fail_on is not None and worst >= options.fail_on else OK


def _missing(options: argparse.Namespace, settings: ReviewSettings) -> list[Unusable]:
    """The files that were named and are not there."""
    return [
        Unusable(
            p, "a folder, no file 是文件夹，不是文件" if p.is_dir() else "no such file 文件不存在"
        )
        for p in [*_all_paths(options), *_project_layers(options, settings)]
        if not (p.is_file() or _is_folder(p))
    ]


def _lacking(formats: list[str], inputs: "Inputs", settings: ReviewSettings) -> InputError | None:
    """Why a format cannot be given, told before the work begins; None when all can."""
    if "gpkg" not in formats:
        return None
    from api.scene_artifacts import NotLocated
    from api.siting import stands_on_map

    return None if stands_on_map(inputs, settings) else NotLocated()


def _no_room(folder: Path) -> list[Unusable]:
    """Why nothing can be written into `folder`, before a long review is made for nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return []
    except OSError as err:
        why = f"cannot be written 无法写入 ({err.strerror})"
        return [Unusable(folder, why, "give another --out 请用 --out 指定别的文件夹")]


#: Findings of a layer from here on say that its file was of no use.
_LAYER_UNUSED = 70


def _unused(inputs: "Inputs", review: "Review") -> list[Unusable]:
    """The schedule and the layers that could not be read; the rest was reviewed without them."""
    site = review.placed.site
    used = {t.name for t in site.tables} | {t.name for t in site.terrains}
    told: dict[str, Finding] = {}
    for finding in review.findings:
        code = finding.code.code
        bad = code.startswith("GIS4") and finding.severity >= _LAYER_UNUSED
        if (bad and finding.model not in used) or (
            code.startswith("SCH") and finding.severity == 100
        ):
            told.setdefault(finding.model, finding)
    names = {layer.name: layer.path for layer in inputs.layers}
    names |= {plan.name: plan.path for plan in inputs.schedules}
    return [_line(names[name], finding) for name, finding in told.items() if name in names]


def _formats(text: str) -> list[str]:
    wanted = [f.strip() for f in text.split(",") if f.strip()]
    unknown = sorted(set(wanted) - set(FORMATS))
    if unknown:
        message = (
            f"--formats: unknown format {', '.join(unknown)} 不支持该格式; "
            f"choose among 可用 {', '.join(FORMATS)}"
        )
        raise UnknownFormat(message)
    return wanted


def _previous(folder: Path | None) -> Mapping[str, object] | None:
    if folder is None:
        return None
    path = folder / "review.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        message = (
            f"--against: {path} cannot be read 无法读取 ({err}); "
            "give the --out folder of a run 请给出上一次审查的 --out 文件夹"
        )
        raise InputError(message) from err
    if not isinstance(document, dict) or document.get("schema") != "yuyan/review/1":
        message = f"--against: {path} is not a review of schema yuyan/review/1"
        raise InputError(message)
    return document


def _is_folder(path: Path) -> bool:
    """Whether a layer is a folder by its nature: an ESRI file geodatabase."""
    return path.suffix.lower() == ".gdb" and path.is_dir()


def _all_paths(options: argparse.Namespace) -> list[Path]:
    extra = [p for p in (options.terrain, options.schedule) if p is not None]
    return [*options.models, *options.layer, *extra]


def _refuse(unusable: list[Unusable]) -> int:
    for file in unusable:
        sys.stderr.write(file.line() + "\n")
    return UNUSABLE


def _unusable(path: Path, ingested: Ingested) -> Unusable | None:
    if ingested.model is not None:
        return None
    return _line(path, max(ingested.findings, key=lambda f: f.severity))


def _line(path: Path, finding: Finding) -> Unusable:
    return Unusable(
        path,
        f"{finding.code.code} {finding.message('zh-CN')} {finding.message('en')}",
        f"{finding.remedy('zh-CN')} {finding.remedy('en')}",
    )


#: FILE_NAME of the header: the name, then the time stamp of the export.
_TIME_STAMP = re.compile(rb"FILE_NAME\s*\(\s*'(?:[^']|'')*'\s*,\s*'([0-9T:.+Z-]{10,35})'")
_HEADER_BYTES = 65536


def design_date(paths: list[Path]) -> datetime:
    """The newest export date of the models, by which new issues are dated.

    The same files give the same bytes of every output, so the clock on the wall is not asked.
    A file without a readable date counts by the time it was last changed.
    """
    return max(_exported(path) for path in paths)


def _exported(path: Path) -> datetime:
    try:
        found = _TIME_STAMP.search(_header(path))
        stamp = datetime.fromisoformat(found[1].decode()) if found else None
    except (ValueError, OSError, zipfile.BadZipFile):
        stamp = None
    if stamp is None:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def _header(path: Path) -> bytes:
    """The first bytes of the IFC text, also of the one inside an ``.ifczip``."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            return file.read(_HEADER_BYTES)
    with zipfile.ZipFile(path) as archive:
        name = next((n for n in archive.namelist() if n.lower().endswith(".ifc")), None)
        if name is None:
            return b""
        with archive.open(name) as file:
            return file.read(_HEADER_BYTES)


def model_names(paths: list[Path]) -> list[str]:
    """Names of models after their files; where stems repeat, a number follows."""
    names: list[str] = []
    for path in paths:
        name, count = path.stem, 1
        while name in names:
            count += 1
            name = f"{path.stem} ({count})"
        names.append(name)
    return names


def _ingest_all(paths: list[Path], *, jobs: int, report: Reporter) -> list[tuple[str, Ingested]]:
    names = model_names(paths)
    with ThreadPoolExecutor(max_workers=jobs or 2) as pool:
        futures: list[Future[Ingested]] = [
            pool.submit(ingest, path, name=path.name) for path in paths
        ]
        # The kernels load while the children read: both cores have work.
        import api.review  # noqa: F401 - imported for its side effect of loading

        done = []
        for i, future in enumerate(futures):
            done.append((names[i], future.result()))
            report(0.5 * (i + 1) / len(futures), "read")
    return done


def _review(
    options: argparse.Namespace, settings: ReviewSettings, inputs: "Inputs", report: Reporter
) -> "Review":
    from api.review import review

    return review(
        inputs,
        settings=settings,
        progress=report.span(0.5, 1.0),
        now=design_date(options.models),
    )


def _inputs(
    options: argparse.Namespace,
    settings: ReviewSettings,
    ingested: list[tuple[str, Ingested]],
    previous: Mapping[str, object] | None,
) -> "Inputs":
    from api.inputs import Inputs, LayerInput, ModelInput, ScheduleInput
    from api.measures import FILE, read_measures

    models = tuple(
        ModelInput(name=name, path=path.name, sha256=sha256_of(path), ingested=read)
        for path, (name, read) in zip(options.models, ingested, strict=True)
    )
    by_file = {Path(entry.file).name: entry for entry in settings.layers}
    layers = []
    terrain = [] if options.terrain is None else [options.terrain]
    for path in [*options.layer, *terrain, *_project_layers(options, settings)]:
        entry = by_file.get(path.name, LayerSetting(file=path.name))
        if path in terrain and entry.role is None:
            entry = replace(entry, role="terrain")
        layers.append(
            LayerInput(
                name=entry.name or path.stem,
                path=path,
                sha256=sha256_of(path),
                role=entry.role,
                crs=entry.crs,
                vertical_datum=entry.vertical_datum,
                datum_offset=entry.datum_offset,
                accuracy=entry.accuracy,
                date=entry.date,
                depth_ref=entry.depth_ref,
            )
        )
    plans = [] if options.schedule is None else [options.schedule]
    return Inputs(
        models=models,
        layers=tuple(layers),
        schedules=tuple(ScheduleInput(name=p.name, path=p, sha256=sha256_of(p)) for p in plans),
        previous=previous,
        known=read_measures(options.against / FILE) if options.against else None,
    )


def _project_layers(options: argparse.Namespace, settings: ReviewSettings) -> list[Path]:
    """Layers that the project file names and the command line does not."""
    given = {p.name for p in (*options.layer, options.terrain) if p is not None}
    folder = options.project.parent if options.project else Path()
    return [folder / e.file for e in settings.layers if Path(e.file).name not in given]


def _summary(review: "Review", paths: list[Path]) -> None:
    out = sys.stdout
    counts = review.counts
    out.write(
        f"{counts['clashes']} clashes 碰撞 ({counts['suppressed']} set aside 已搁置), "
        f"{counts['findings']} findings 发现, {counts['issues']} issues 问题\n"
    )
    for issue in review.issues[:10]:
        out.write(f"  {issue.severity:3d}  {issue.titles.get('zh-CN', '')}\n")
    hidden = len(review.issues) - 10
    if hidden > 0:
        out.write(f"  ... {hidden} more in the report 其余见报告\n")
    for entry in review.not_assessed:
        out.write(f"  not assessed 未检查: {entry['what']}: {entry['why']}\n")
    for path in paths:
        out.write(f"{path}\n")
