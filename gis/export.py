"""Issues as points of a GeoPackage, for people who work in a GIS."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gis.crs import parse

#: Columns of the layer, with what a row has to bring.
COLUMNS = ("id", "title", "title_en", "severity", "status", "kind", "storey", "rule")


def write_points(
    path: Path,
    *,
    rows: Sequence[Mapping[str, object]],
    points: Sequence[tuple[float, float, float]],
    crs: str,
    now: datetime,
) -> None:
    """Write one point with attributes for each of `rows`.

    Parameters
    ----------
    path : Path
        A ``.gpkg`` file; replaced.
    rows : sequence of mapping
        Each has the keys of ``COLUMNS``.
    points : sequence of (easting, northing, height)
        Map metres in `crs`.
    crs : str
        Name of the projected CRS; the height stays with the points as z.
    now : datetime
        Written as the time of change, so that the same input gives the same bytes.

    """
    # geopandas takes half a second to load and most runs write no GeoPackage.
    import geopandas
    import pyogrio
    import shapely

    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    frame = geopandas.GeoDataFrame(
        {name: [row.get(name) for row in rows] for name in COLUMNS},
        geometry=shapely.points([list(p) for p in points] or [[0.0, 0.0, 0.0]])[: len(rows)],
        crs=parse(crs).horizontal,
    )
    frame.to_file(path, layer="issues", driver="GPKG", engine="pyogrio")
