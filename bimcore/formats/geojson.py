"""Issues as points on the map."""

import json
from collections.abc import Mapping
from pathlib import Path

from bimcore.formats.entries import Entry, rows_of

_PROPERTIES = (
    "id",
    "kind",
    "rule",
    "title",
    "title_en",
    "severity",
    "confidence",
    "status",
    "storey",
    "assigned_to",
    "suggestion",
    "suggestion_en",
)


def write_geojson(
    path: Path, document: Mapping[str, object], *, lonlat: Mapping[str, tuple[float, float]]
) -> None:
    """Write the issues of ``review.json`` as GeoJSON (RFC 7946).

    Parameters
    ----------
    path : Path
    document : mapping
        ``review.json``.
    lonlat : mapping
        WGS 84 longitude and latitude in degrees by issue id. An issue without one is kept
        with a null geometry, so that the list stays whole.

    """
    rows = rows_of(document, "issues")
    features = [_feature(e, lonlat.get(str(e.get("id", "")))) for e in rows]
    lines = ",\n".join(
        json.dumps(f, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for f in features
    )
    path.write_text(
        f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8", newline="\n"
    )


def _feature(entry: Entry, place: tuple[float, float] | None) -> dict[str, object]:
    # Seven decimals are a centimetre.
    point = None if place is None else [round(place[0], 7), round(place[1], 7)]
    properties = {key: entry[key] for key in _PROPERTIES if key in entry}
    properties["point_m"] = entry.get("point")
    return {
        "type": "Feature",
        "id": entry.get("id"),
        "geometry": None if point is None else {"type": "Point", "coordinates": point},
        "properties": properties,
    }
