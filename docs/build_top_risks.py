"""Write docs/top-risks.zh-CN.md: the ten top risks of the sample's plan, as the site reads them.

Run: ``python -m docs.build_top_risks`` after ``python sample_models/build.py``.
"""
# ruff: noqa: INP001 a script beside the document it writes, no package

from dataclasses import replace
from pathlib import Path

from api.artifacts import sha256_of
from api.commands.check import design_date
from api.inputs import Inputs, LayerInput, ModelInput, ScheduleInput
from api.project_file import read_project_file
from api.review import Review, review
from bimcore.ifc.sandbox import ingest
from bimcore.issues import Issue

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample_models" / "build"
MODELS = ("architecture", "structure", "mep", "site", "pavilion_west", "pavilion_east")
HEAD = """# 示例项目：十项首要工序风险

由 `python -m docs.build_top_risks` 生成：示例项目（`sample_models/`）的模型、图层与 `schedule.xml` 经 `yuyan check` 审查后，
按“严重程度 × 把握”取前十项，标题、时间、说明和建议与现场手机上看到的一致，图片由产品绘制（橙色为出问题的构件，蓝色为另一方）。

"""


def reviewed() -> Review:
    """The review of the sample project, as the command line makes it."""
    settings = read_project_file(SAMPLE / "project.toml")
    paths = [SAMPLE / f"{name}.ifc" for name in MODELS]
    plan = SAMPLE / "schedule.xml"
    inputs = Inputs(
        models=tuple(
            ModelInput(
                name=p.stem,
                path=p.name,
                sha256=sha256_of(p),
                ingested=ingest(p, name=p.name),
            )
            for p in paths
        ),
        layers=tuple(
            LayerInput(
                name=entry.name or Path(entry.file).stem,
                path=SAMPLE / entry.file,
                sha256=sha256_of(SAMPLE / entry.file),
                role=entry.role,
                crs=entry.crs,
                vertical_datum=entry.vertical_datum,
                datum_offset=entry.datum_offset,
                accuracy=entry.accuracy,
                date=entry.date,
                depth_ref=entry.depth_ref,
            )
            for entry in settings.layers
        ),
        schedules=(ScheduleInput(name=plan.name, path=plan, sha256=sha256_of(plan)),),
    )
    return review(inputs, settings=replace(settings), now=design_date(paths))


def section(number: int, issue: Issue, picture: str) -> str:
    """One risk as a chapter."""
    first, last = (t.replace("T", " ") for t in issue.window or ("", ""))
    lines = [
        f"## {number}. {issue.titles['zh-CN']}",
        "",
        f"![]({picture})",
        "",
        f"- 规则 {issue.rule}，严重程度 {issue.severity}，把握 {issue.confidence:.0%}",
    ]
    if issue.window:
        lines.append(f"- 时间：{first} 至 {last}")
    if issue.storey:
        lines.append(f"- 位置：{issue.storey}")
    lines += ["", *issue.descriptions["zh-CN"].splitlines()[:1]]
    if issue.suggestion:
        lines += ["", f"**建议**：{issue.suggestion['zh-CN']}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page and its pictures."""
    found = reviewed()
    risks = [i for i in found.issues if i.kind == "sequence"]
    top = sorted(risks, key=lambda i: (-i.severity * i.confidence, i.window or ("", "")))[:10]
    parts = []
    for number, issue in enumerate(top, start=1):
        picture = f"pictures/top_risk_{number:02d}.png"
        (HERE / picture).write_bytes(found.pictures[issue.id])
        parts.append(section(number, issue, picture))
    (HERE / "top-risks.zh-CN.md").write_text(HEAD + "\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
