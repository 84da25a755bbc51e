"""Layer files on disk, and what the readers make of them."""

import warnings

import numpy as np
import pytest
import shapely
from pyogrio import raw

from gis.layers import LayerError, LayerRequest, read

E0, N0 = 514433.611, 3350053.697
PLOT = [(E0, N0), (E0 + 100, N0), (E0 + 100, N0 + 80), (E0, N0 + 80), (E0, N0)]
VRT = """<OGRVRTDataSource><OGRVRTLayer name="secret">
<SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


def write(path, *, kinds=None, epsg=4549, encoding=None, layer=None, **columns):
    """A layer written by GDAL; the reader is a process of its own and shares nothing."""
    geometry = kinds or [shapely.Polygon(PLOT)]
    data = [np.array(v, dtype=object if isinstance(v[0], str) else float) for v in columns.values()]
    more = {"layer": layer, "append": path.exists()} if layer else {}
    if path.suffix == ".gdb":
        more["driver"] = "OpenFileGDB"
    with warnings.catch_warnings(action="ignore"):
        raw.write(
            path,
            geometry=np.array([shapely.to_wkb(g) for g in geometry], dtype=object),
            field_data=data,
            fields=list(columns),
            geometry_type=geometry[0].geom_type + (" Z" if geometry[0].has_z else ""),
            crs=None if epsg is None else f"EPSG:{epsg}",
            encoding=encoding,
            **more,
        )
    return path


def layers_of(path, *, limits=None, **facts):
    """The layers of one file of which a person said `facts`; raises what was refused."""
    found = read([LayerRequest(path=path, **facts)], limits=limits)[0]
    if isinstance(found, LayerError):
        raise found
    return found


def tables_of(path, **facts):
    return layers_of(path, **facts).tables


def table_of(path, **facts):
    """The only table of a file."""
    (found,) = tables_of(path, **facts)
    return found


def code_of(path, **facts):
    """The code a file is refused with; it says why and what to do in both languages."""
    with pytest.raises(LayerError) as caught:
        layers_of(path, **facts)
    finding = caught.value.finding
    assert all(finding.message(word) and finding.remedy(word) for word in ("zh-CN", "en"))
    return caught.value.code


def codes(thing):
    return [f.code.code for f in thing.findings]
