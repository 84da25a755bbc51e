"""What a process pays for compiled kernels once they lie in the cache.

Each line is the median over fresh processes, in seconds of processor time (all threads) and
of the clock: imports of numpy and numba, import of the kernels, and loading and running each
of them once. The first process fills the cache and is not counted.

Run: ``python benchmarks/start.py [--runs 7]``
"""

import argparse
import json
import subprocess
import sys

import numpy as np

PART = """
import json, time
def now():
    return time.process_time(), time.perf_counter()
at = [now()]
import numpy
at.append(now())
import numba
at.append(now())
import clash.kernels.boxes, clash.kernels.digests, clash.kernels.stages, bimcore.mesh
at.append(now())
from clash.kernels import warm
warm()
at.append(now())
print(json.dumps(at))
"""
STEPS = ("import of numpy", "import of numba", "import of the kernels", "loading and running them")


def once():
    """Seconds (4, 2) of the steps of one process."""
    done = subprocess.run([sys.executable, "-c", PART], capture_output=True, text=True, check=True)
    return np.diff(np.array(json.loads(done.stdout)), axis=0)


def main():
    """Print the median of each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    once()
    runs = np.array([once() for _ in range(options.runs)])
    for step, (processor, clock) in zip(STEPS, np.median(runs, axis=0), strict=True):
        print(f"{step}: {processor:.3f} s of processor, {clock:.3f} s")
    kernels = runs[:, 2:].sum(axis=1)
    low, high = kernels[:, 0].min(), kernels[:, 0].max()
    print(
        f"kernels, import and loading: {np.median(kernels[:, 0]):.3f} s of processor "
        f"({low:.3f} to {high:.3f}), {np.median(kernels[:, 1]):.3f} s"
    )


if __name__ == "__main__":
    main()
