"""IFC to clash list, whole processes, paired with IfcClash on the same files."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent


def _ours(paths):
    with tempfile.TemporaryDirectory() as out:
        begin = time.perf_counter()
        subprocess.run(
            [
                *(sys.executable, "-m", "api.cli", "check", *map(str, paths)),
                *("--out", out, "--formats", "json", "--quiet"),
            ],
            check=True,
            cwd=HERE.parent,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - begin
        document = json.loads((Path(out) / "review.json").read_text(encoding="utf-8"))
    return seconds, {"clashes": len(document["clashes"]), "issues": len(document["issues"])}


def _peer(paths):
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(HERE / "peer_ifcclash.py"), *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - begin, json.loads(done.stdout.splitlines()[-1])


def run(paths, *, runs=3):
    """Paired runs on `paths`; returns a row of medians with the ratio of each pair."""
    _ours(paths)
    ours, theirs, ratios = [], [], []
    for _ in range(runs):
        a, found = _ours(paths)
        b, peer_found = _peer(paths)
        ours.append(a)
        theirs.append(b)
        ratios.append(b / a)
    return {
        "what": "IFC to list: " + " + ".join(p.name for p in paths),
        "yuyan_s": median(ours),
        "peer": "IfcClash intersection",
        "peer_s": median(theirs),
        "ratio": median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "yuyan_found": found,
        "peer_found": peer_found,
    }
