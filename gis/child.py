"""The process that reads layers: one family of formats, no network, bounded time and memory.

Run as ``python -P -m gis.child JOB OUT``; see docs/decisions/0010-gdal-drivers.md.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bimcore.children import limit, plain
from gis.errors import LayerError
from gis.transfer import save

#: Which module reads a kind of file. A child reads one module's files only, so that two copies
#: of GDAL never meet in one process.
READERS: Mapping[str, str] = {
    "geopackage": "vector",
    "flatgeobuf": "vector",
    "geojson": "vector",
    "shapefile": "vector",
    "filegdb": "vector",
    "geotiff": "raster",
    "aaigrid": "ascii_grid",
    "dxf": "drawing",
    "survey": "survey",
    "cityjson": "cityjson",
    "landxml": "landxml",
}
#: What readers raise about data besides what they say of themselves.
_BAD_DATA = (ValueError, OverflowError, KeyError, IndexError, TypeError, MemoryError, OSError)


def main(job: Path, out: Path) -> None:
    """Read every item of `job`; write ``index.json`` and an npz for each layer to `out`."""
    wanted = json.loads(job.read_text(encoding="utf-8"))
    limit(seconds=int(wanted["seconds"]), memory=int(wanted["memory_bytes"]))
    items = wanted["items"]
    (module,) = {READERS[item["kind"]] for item in items}
    reader = importlib.import_module(f"gis.readers.{module}")
    bad = (*reader.load(), *_BAD_DATA)
    index = [_item(reader, item, out, stem=f"{i}", bad=bad) for i, item in enumerate(items)]
    (out / "index.json").write_text(json.dumps(index), encoding="utf-8")


def _item(
    reader: Any, item: dict[str, Any], out: Path, *, stem: str, bad: tuple[type[Exception], ...]
) -> dict[str, Any]:
    try:
        found = enumerate(reader.read(item))
        return {"layers": [save(layer, out, stem=f"{stem}-{j}") for j, layer in found]}
    except LayerError as err:
        return {"refused": err.finding.code.code, "data": dict(err.finding.data)}
    except RecursionError:
        return {"error": "nested too deeply"}
    except bad as err:
        return {"error": plain(str(err) or type(err).__name__, Path(item["path"]))}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
