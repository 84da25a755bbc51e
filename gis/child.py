"""The process that lets GDAL read layers: few drivers, no network, bounded time and memory.

Run as ``python -P -m gis.child JOB OUT``; see docs/decisions/0010-gdal-drivers.md.
"""

import json
import math
import os
import resource
import sys
from pathlib import Path
from typing import Any

#: The only drivers that stay; each opens exactly one format that the parent has sniffed.
ALLOWED = frozenset({"GPKG", "GeoJSON", "ESRI Shapefile"})
#: Everything else that GDAL 3.12 brings. GDAL reads this list once, when it is loaded.
SKIPPED = (
    "MEM,PCIDSK,PDS4,VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,MapInfo File,LVBAG,S57,DGN,OGR_VRT,CSV,"
    "GML,GPX,LIBKML,KML,GeoJSONSeq,ESRIJSON,TopoJSON,OGR_GMT,SQLite,WAsP,OpenFileGDB,DXF,"
    "FlatGeobuf,GeoRSS,VFK,PGDUMP,OSM,GPSBabel,OGR_PDS,WFS,OAPIF,EDIGEO,Idrisi,ODS,XLSX,"
    "Elasticsearch,Carto,AmigoCloud,SXF,Selafin,JML,PLSCENES,CSW,VDV,MVT,NGW,MapML,GTFS,PMTiles,"
    "JSONFG,MiraMonVector,ADBC,AVCBin,AVCE00,AIVector,HTTP"
)


def main(job: Path, out: Path) -> None:
    """Read every item of `job` and write ``index.json`` and one npz for each layer to `out`."""
    wanted = json.loads(job.read_text(encoding="utf-8"))
    _limit(seconds=int(wanted["seconds"]), memory=int(wanted["memory_bytes"]))
    pyogrio = _load()
    index: list[dict[str, Any]] = []
    for i, item in enumerate(wanted["items"]):
        try:
            index.append({"layers": _read(pyogrio, item, out, stem=f"{i}")})
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as err:
            index.append({"error": _plain(str(err), item["path"])})
        except (pyogrio.errors.FeatureError, pyogrio.errors.GeometryError) as err:
            index.append({"error": _plain(str(err), item["path"])})
        except (UnicodeDecodeError, ValueError, MemoryError) as err:
            index.append({"error": _plain(str(err) or type(err).__name__, item["path"])})
    (out / "index.json").write_text(json.dumps(index), encoding="utf-8")


def _limit(*, seconds: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _load() -> Any:
    """GDAL with the allowed drivers only.

    ``os.putenv`` speaks to the C library, which is where GDAL looks; nothing is configured
    from the environment.
    """
    options = {
        "OGR_SKIP": SKIPPED,
        "GDAL_DRIVER_PATH": "disable",
        "PROJ_NETWORK": "OFF",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        # A view or trigger inside an uploaded GeoPackage may not call functions.
        "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
        "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
    }
    for name, value in options.items():
        os.putenv(name, value)
    # pyogrio loads these when it finds them; raw reading needs none and starts a second sooner.
    for name in ("geopandas", "pandas", "pyarrow", "pyproj", "shapely"):
        sys.modules[name] = None  # type: ignore[assignment]
    import pyogrio
    import pyogrio.errors

    more = set(pyogrio.list_drivers()) - ALLOWED
    if more:
        message = f"GDAL offers drivers that are not allowed: {sorted(more)}"
        raise SystemExit(message)
    return pyogrio


def _read(pyogrio: Any, item: dict[str, Any], out: Path, *, stem: str) -> list[dict[str, Any]]:
    import numpy as np

    found = []
    names = [str(row[0]) for row in pyogrio.list_layers(item["path"]) if row[1] is not None]
    for j, name in enumerate(n for n in names if n in (item["tables"] or names)):
        meta, _, geometry, columns = pyogrio.raw.read(
            item["path"], layer=name, encoding=item["encoding"], datetime_as_string=True
        )
        blobs = [b"" if g is None else bytes(g) for g in geometry]
        lengths = np.array([len(b) for b in blobs], dtype=np.int64)
        file = out / f"{stem}-{j}.npz"
        np.savez(file, wkb=np.frombuffer(b"".join(blobs), dtype=np.uint8), lengths=lengths)
        found.append(
            {
                "name": name,
                "file": file.name,
                "crs": meta["crs"],
                "fields": [str(f) for f in meta["fields"]],
                "columns": [[_value(v) for v in c.tolist()] for c in columns],
            }
        )
    return found


def _value(value: Any) -> Any:
    """A JSON value; what is no number, text or truth becomes its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _plain(message: str, path: str) -> str:
    """GDAL's words without our paths."""
    return message.replace(path, "file").replace(str(Path(path).parent), "")[:300]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
