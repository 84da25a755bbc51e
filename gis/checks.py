"""Models against the lines of the map: what stands outside the red line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from bimcore.arrays import F64, I32, Mask
from bimcore.findings import Finding
from bimcore.frame import Frame
from bimcore.mesh import MeshSet
from bimcore.model import Model
from gis import layer_codes as codes
from gis.federation import Entry, not_assessed
from gis.layers import FeatureTable

#: What stands out by less (metres) is rounding of survey and conversion, not a violation.
TOLERANCE = 0.01
#: Bodies that may reach over the red line by their nature: the ground itself.
GROUND = ("IfcGeographicElement", "IfcEarthworksElement", "IfcEarthworksFill", "IfcEarthworksCut")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """How far an element reaches over the line, and where."""

    distance: float
    point: tuple[float, float, float]


def check_layers(
    models: Sequence[Model], tables: Sequence[FeatureTable], *, project: Frame
) -> tuple[tuple[Finding, ...], tuple[Entry, ...]]:
    """Findings of all map checks, and what could not be checked.

    Parameters
    ----------
    models : sequence of Model
        Located models in the project frame; bodies made from layers are not among them.
    tables : sequence of FeatureTable
        Located layers.
    project : Frame

    """
    lines = [t for t in tables if t.role == "red_line"]
    entries: list[Entry] = []
    findings: list[Finding] = []
    if not project.located:
        return (), ()  # said once for all of the map, by arrange
    if not lines:
        entries.append(
            not_assessed(
                ("用地红线检查", "Containment in the red line"),
                ("没有红线图层", "no layer with the red line was given"),
            )
        )
        return (), tuple(entries)
    area = enclosed(lines)
    if area.is_empty:
        findings.append(Finding.of(codes.RED_LINE_OPEN))
        entries.append(
            not_assessed(
                ("用地红线检查", "Containment in the red line"),
                ("红线图层没有闭合的面", "the red-line layer encloses no area"),
            )
        )
        return tuple(findings), tuple(entries)
    for model in models:
        findings += contained(model, area)
    return tuple(findings), tuple(entries)


def enclosed(tables: Sequence[FeatureTable]) -> shapely.Geometry:
    """The area inside the red line: polygons, and what closed or joined lines enclose."""
    shapes = [g for t in tables for g in t.geometry]
    flat = shapely.force_2d(np.array(shapes, dtype=object))
    dimension = shapely.get_dimensions(flat)
    polygons = list(flat[dimension == 2])
    noded = shapely.union_all(flat[dimension == 1])
    polygons += list(shapely.polygonize(shapely.get_parts(noded)).geoms)
    return shapely.union_all(polygons)


def contained(model: Model, area: shapely.Geometry) -> list[Finding]:
    """What of a model lies outside `area` by more than ``TOLERANCE``, a finding per storey.

    A model of which nothing lies inside gives one finding that doubts its placement.
    """
    rows = np.flatnonzero(model.elements.clash_body & model.meshes.has_body)
    rows = rows[~model.elements.is_a(*GROUND)[rows]]
    if len(rows) == 0:
        return []
    bodies = model.meshes.take(rows)
    points = bodies.vertices
    grown = area.buffer(TOLERANCE)
    shapely.prepare(grown)
    within = shapely.contains_xy(grown, points[:, 0], points[:, 1])
    if not within.any() and not _plan(bodies).intersects(area):
        return [_off_site(model, points, area)]
    outside = _vertices_outside(bodies, within, area) | _spans_outside(bodies, within, area, grown)
    return _by_storey(model, {int(rows[k]): v for k, v in outside.items()})


def _plan(bodies: MeshSet) -> shapely.Geometry:
    """The convex outline of everything, seen from above."""
    return shapely.convex_hull(shapely.multipoints(bodies.vertices[:, :2]))


def _off_site(model: Model, points: F64, area: shapely.Geometry) -> Finding:
    distances = _distances(points[:, :2], area)
    nearest = int(np.argmin(distances))
    return Finding.of(
        codes.MODEL_OFF_SITE,
        model=model.name,
        point=_triple(points[nearest]),
        distance_m=float(distances[nearest]),
    )


def _distances(points: F64, area: shapely.Geometry) -> F64:
    """Distances (N,) in metres of plan points outside `area` from its boundary."""
    lines = shapely.get_parts(shapely.boundary(area))
    segments = np.concatenate(
        [
            shapely.linestrings(np.stack([c[:-1], c[1:]], axis=1))
            for c in map(shapely.get_coordinates, lines)
        ]
    )
    # An index over single segments: a plain distance walks the whole line for each point.
    found, distances = shapely.STRtree(segments).query_nearest(
        shapely.points(points), return_distance=True, all_matches=False
    )
    ordered: F64 = distances[np.argsort(found[0])]
    return ordered


def _vertices_outside(bodies: MeshSet, within: Mask, area: shapely.Geometry) -> dict[int, _Outside]:
    """The worst vertex of each body that has one outside."""
    out = np.flatnonzero(~within)
    if len(out) == 0:
        return {}
    distances = _distances(bodies.vertices[out, :2], area)
    body = np.searchsorted(bodies.vertex_start, out, side="right") - 1
    found: dict[int, _Outside] = {}
    for k in np.lexsort((out, -distances)).tolist():
        found.setdefault(
            int(body[k]),
            _Outside(distance=float(distances[k]), point=_triple(bodies.vertices[out[k]])),
        )
    return found


def _spans_outside(
    bodies: MeshSet, within: Mask, area: shapely.Geometry, grown: shapely.Geometry
) -> dict[int, _Outside]:
    """Bodies with every vertex inside that still reach over a notch or a hole of the area."""
    if shapely.convex_hull(area).difference(grown).is_empty:
        return {}
    whole = np.logical_and.reduceat(within, bodies.vertex_start[:-1])
    boxes = bodies.bounds()
    plan = shapely.box(boxes[:, 0, 0], boxes[:, 0, 1], boxes[:, 1, 0], boxes[:, 1, 1])
    found = {}
    for k in np.flatnonzero(whole & ~shapely.covers(grown, plan)).tolist():
        vertices, faces = bodies.body(k)
        worst = _worst_span(vertices, faces, area, grown)
        if worst is not None:
            found[k] = worst
    return found


def _worst_span(
    vertices: F64, faces: I32, area: shapely.Geometry, grown: shapely.Geometry
) -> _Outside | None:
    flat = vertices[faces][:, :, :2]
    edges = shapely.linestrings(np.concatenate([flat[:, [0, 1]], flat[:, [1, 2]], flat[:, [2, 0]]]))
    triangles = shapely.polygons(flat)
    shapes = np.concatenate([edges, triangles[shapely.area(triangles) > 1e-9]])
    parts = shapely.difference(shapes[~shapely.covers(grown, shapes)], grown)
    parts = parts[~shapely.is_empty(parts)]
    # Both ends of a span lie on the line: its middle is what reaches furthest.
    spots = shapely.get_coordinates(shapely.segmentize(parts, shapely.length(parts) / 16))
    if len(spots) == 0:
        return None
    distances = _distances(spots, area)
    k = int(np.argmax(distances))
    height = float(vertices[:, 2].mean())
    point = (float(spots[k, 0]), float(spots[k, 1]), height)
    return _Outside(distance=float(distances[k]), point=point)


def _by_storey(model: Model, outside: Mapping[int, _Outside]) -> list[Finding]:
    storeys: dict[str, list[int]] = {}
    for row in sorted(outside):
        storeys.setdefault(model.elements.storey[row], []).append(row)
    found = []
    for storey, rows in sorted(storeys.items()):
        rows.sort(key=lambda r: (-outside[r].distance, model.elements.guid[r]))
        worst = rows[0]
        found.append(
            Finding.of(
                codes.OUTSIDE_RED_LINE,
                model=model.name,
                elements=[model.elements.guid[r] for r in rows],
                point=outside[worst].point,
                count=len(rows),
                distance_m=outside[worst].distance,
                name=model.elements.name[worst] or model.elements.ifc_class[worst],
                storey=storey,
                distances_m=[round(outside[r].distance, 4) for r in rows],
            )
        )
    return found


def _triple(point: F64) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in point)
    return (x, y, z)
