"""Vector formats read by GDAL (pyogrio) with the few drivers that are allowed."""

import os
import sys
from collections.abc import Iterator
from typing import Any

from gis import layer_codes as codes
from gis.errors import LayerError
from gis.transfer import Features

#: The only drivers that stay; each opens exactly one format that the parent has sniffed.
ALLOWED = frozenset({"GPKG", "GeoJSON", "ESRI Shapefile", "FlatGeobuf", "OpenFileGDB"})
#: Everything else that GDAL 3.12 brings. GDAL reads this list once, when it is loaded.
SKIPPED = (
    "MEM,PCIDSK,PDS4,VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,MapInfo File,LVBAG,S57,DGN,OGR_VRT,CSV,"
    "GML,GPX,LIBKML,KML,GeoJSONSeq,ESRIJSON,TopoJSON,OGR_GMT,SQLite,WAsP,DXF,"
    "GeoRSS,VFK,PGDUMP,OSM,GPSBabel,OGR_PDS,WFS,OAPIF,EDIGEO,Idrisi,ODS,XLSX,"
    "Elasticsearch,Carto,AmigoCloud,SXF,Selafin,JML,PLSCENES,CSW,VDV,MVT,NGW,MapML,GTFS,PMTiles,"
    "JSONFG,MiraMonVector,ADBC,AVCBin,AVCE00,AIVector,HTTP"
)


def load() -> tuple[type[Exception], ...]:
    """Load GDAL with the allowed drivers only; what it raises about data.

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
    import pyogrio.errors as said

    more = set(pyogrio.list_drivers()) - ALLOWED
    if more:
        message = f"GDAL offers drivers that are not allowed: {sorted(more)}"
        raise SystemExit(message)
    return said.DataSourceError, said.DataLayerError, said.FeatureError, said.GeometryError


def read(item: dict[str, Any]) -> Iterator[Features]:
    """The layers of one file; for a GeoPackage those of its tables that were looked at."""
    import pyogrio

    names = [str(row[0]) for row in pyogrio.list_layers(item["path"]) if row[1] is not None]
    stated = 0
    if item["kind"] == "flatgeobuf":
        # GDAL reads one that is cut off near its beginning as an empty one.
        if not names:
            raise LayerError(codes.TRUNCATED)
        stated = pyogrio.read_info(item["path"])["features"]
    for name in (n for n in names if n in (item["tables"] or names)):
        meta, _, geometry, columns = pyogrio.raw.read(
            item["path"], layer=name, encoding=item["encoding"], datetime_as_string=True
        )
        if len(geometry) < stated:
            raise LayerError(codes.TRUNCATED)
        yield Features(
            name=name,
            wkb=[b"" if g is None else bytes(g) for g in geometry],
            columns={str(f): c.tolist() for f, c in zip(meta["fields"], columns, strict=True)},
            crs=meta["crs"],
        )
