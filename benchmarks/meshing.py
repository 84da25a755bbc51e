"""Meshing with repair and referee against ifclite-geom alone, paired in one run.

Run: ``python benchmarks/meshing.py [--rounds N] [FILE.ifc ...]``; without files, the four
models of ``ifc/`` in ``--shared`` (default ``../shared``).
"""

import argparse
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

import ifclite_geom
import ifcopenshell

from bimcore.ifc.access import Reader
from bimcore.ifc.events import Events
from bimcore.ifc.meshing import Plan, Source, mesh
from bimcore.ifc.reader import read_elements
from bimcore.ifc.relations import Links


def source_of(path):
    """Everything the child has at hand when meshing begins."""
    file, reader = ifcopenshell.open(str(path)), Reader()
    links = Links(file, reader)
    tables = read_elements(file, links, reader)
    return file, Source(
        data=path.read_bytes(),
        reader=reader,
        products={p.id(): p for p in tables.products},
        represented=tables.represented,
        openings=Counter(h.id() for h in links.host_of.values()),
    )


def seconds_of(work):
    """Seconds and result of a call."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def ours(source):
    """Mesh in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return mesh(source, Plan(), folder=folder, events=Events(folder / "events.txt"))


def main():
    """Print a line for each model and the total."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    paths = options.files or sorted((options.shared / "ifc").glob("*.ifc"))
    totals = [0.0, 0.0]
    print(f"{'model':28s} {'alone_s':>8s} {'ours_s':>8s} {'ratio':>6s} {'bodies':>7s} referee")
    for path in paths:
        _file, source = source_of(path)
        pairs = []
        for _ in range(options.rounds):
            alone, _raw = seconds_of(lambda s=source: ifclite_geom.geometry_data_buffers(s.data))
            whole, made = seconds_of(lambda s=source: ours(s))
            pairs.append((alone, whole))
        alone, whole = (statistics.median(p[k] for p in pairs) for k in (0, 1))
        totals = [totals[0] + alone, totals[1] + whole]
        again = sum(1 for k in made.kernel.values() if k.name == "OPENCASCADE")
        print(
            f"{path.name:28s} {alone:8.3f} {whole:8.3f} {whole / alone:6.2f} "
            f"{len(made.bodies):7d} {again}"
        )
    print(f"{'total':28s} {totals[0]:8.3f} {totals[1]:8.3f} {totals[1] / totals[0]:6.2f}")


if __name__ == "__main__":
    main()
