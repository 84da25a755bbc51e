"""``yuyan bench``: ratios against the peers, same files, same run."""

import argparse
import json
import runpy
import sys
from pathlib import Path

from api.commands.exits import OK, UNUSABLE

ROOT = Path(__file__).parents[2]


def run(options: argparse.Namespace) -> int:
    """Time IFC-to-list against IfcClash, and the core against ifcopenshell's tree."""
    folder = ROOT / "benchmarks"
    models = options.models or _own_models()
    missing = [p for p in models if not p.is_file()]
    if not folder.is_dir() or not models or missing:
        sys.stderr.write(
            "yuyan bench runs from a checkout; name IFC files, or build the sample project first "
            "(make demo). 请在代码仓库中运行，并给出 IFC 文件。\n"
        )
        return UNUSABLE
    rows = []
    for name in ("end_to_end.py", "core.py"):
        module = runpy.run_path(str(folder / name))
        size = {"copies": options.copies} if name == "core.py" else {}
        found = module["run"](models, runs=options.runs, **size)
        rows += found if isinstance(found, list) else [found]
    for row in rows:
        sys.stdout.write(_line(row) + "\n")
    sys.stdout.write(json.dumps(rows, ensure_ascii=False) + "\n")
    return OK


def _own_models() -> list[Path]:
    return sorted((ROOT / "sample_models" / "build").glob("*.ifc"))


def _line(row: dict[str, object]) -> str:
    return (
        f"{row['what']}: yuyan {row['yuyan_s']:.3f} s, {row['peer']} {row['peer_s']:.3f} s, "
        f"ratio {row['ratio']:.1f} ({row['ratio_min']:.1f} to {row['ratio_max']:.1f})"
    )
