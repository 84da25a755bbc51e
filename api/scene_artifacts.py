"""What is made from the scene itself: GeoPackage, GLB, the scene that pictures show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from api.artifacts import Reviewed, Writer, rows_of
from bimcore.arrays import F64, I64
from bimcore.errors import InputError
from bimcore.formats.scene_glb import sides_of, write_glb
from bimcore.issues import ElementRef, Issue
from bimcore.model import Scene
from bimcore.sketch import Body, sketch_model
from gis.export import write_points
from gis.overhead import PIECE, overhead
from gis.tables import FeatureTable

#: Metres from an overhead line beyond which a picture does not try to show it.
_FAR = 60.0


class NotLocated(InputError):
    """The format gpkg needs a project that stands on the map; give a CRS or leave it out."""

    code = "SRV911"

    def __init__(self) -> None:
        super().__init__(
            "--formats: gpkg is left out, no model has a usable georeference; place a model in "
            "the project file, or take geojson "
            "不写出 gpkg：没有模型具有可用的地理参照；请在项目文件中给出模型的位置，或改用 geojson"
        )


def scene_writers(scene: Scene) -> dict[str, list[tuple[str, Writer]]]:
    """Writers of the formats ``gpkg`` and ``glb`` for a reviewed scene."""

    def glb(reviewed: Reviewed, path: Path) -> None:
        sides = sides_of(rows_of(reviewed.document, "issues"))
        write_glb(path, scene=scene, sides=sides)

    def gpkg(reviewed: Reviewed, path: Path) -> None:
        if scene.frame.crs is None:
            raise NotLocated
        rows = {str(r["id"]): r for r in rows_of(reviewed.document, "issues")}
        pinned = [i for i in reviewed.issues if i.point is not None]
        local = np.array([i.point for i in pinned], dtype=np.float64).reshape(-1, 3)
        points = scene.frame.to_map(local)
        write_points(
            path,
            rows=[rows[i.id] for i in pinned],
            points=[(float(x), float(y), float(z)) for x, y, z in points],
            crs=scene.frame.crs,
            now=reviewed.now,
        )

    return {"gpkg": [("issues.gpkg", gpkg)], "glb": [("scene.glb", glb)]}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lifting:
    """The cranes of a plan as bodies, and which of them an issue is about.

    Attributes
    ----------
    bodies : mapping
        By name.
    about : mapping
        Crane and overhead line, empty for none, by issue id.

    """

    bodies: Mapping[str, Body]
    about: Mapping[str, tuple[str, str]]


def with_surroundings(
    scene: Scene, issues: Sequence[Issue], *, tables: Sequence[FeatureTable], lifting: Lifting
) -> tuple[Scene, tuple[Issue, ...]]:
    """The scene with overhead lines and cranes, and the issues with these as their sides.

    Nothing but pictures looks at them: without the line a picture of something too near to
    it shows nothing. Elements of `scene` keep their numbers.
    """
    ground = float(np.nanmin(scene.bounds[:, 0, 2], initial=np.inf))
    ground = ground if np.isfinite(ground) else 0.0
    layers = {_layer(i) for i in issues}
    asked = [t for t in tables if _is_line(t) and (lifting.about or t.name in layers)]
    found = [overhead(t, frame=scene.frame, ground=ground) for t in asked]
    drawn = [m for m in found if m is not None]
    lines = len(drawn)
    if lifting.about:
        names, bodies = list(lifting.bodies), list(lifting.bodies.values())
        drawn.append(sketch_model("cranes", names, bodies, frame=scene.frame))
    if not drawn:
        return scene, tuple(issues)
    whole = Scene.of([*scene.models, *drawn], frame=scene.frame)
    first = len(scene.models)
    overheads = {m.name: first + k for k, m in enumerate(drawn[:lines])}
    seen = []
    for issue in issues:
        if issue.id in lifting.about:
            seen.append(_with_crane(whole, issue, overheads, about=lifting.about[issue.id]))
        elif issue.point is not None and (layer := _layer(issue)) in overheads:
            seen.append(_with_line(whole, issue, _rows(whole, overheads[layer])))
        else:
            seen.append(issue)
    return whole, tuple(seen)


def _is_line(table: FeatureTable) -> bool:
    return table.role == "power_line" and table.frame is not None


def _layer(issue: Issue) -> str:
    """The layer that the finding of an issue speaks of; empty for none."""
    return next((str(f["value"]) for f in issue.severity_factors if f["factor"] == "layer"), "")


def _rows(scene: Scene, model: int) -> I64:
    """Scene rows of one model."""
    return np.arange(scene.element_start[model], scene.element_start[model + 1])


def _refs(scene: Scene, rows: I64, side: str) -> tuple[ElementRef, ...]:
    found = []
    for row in rows.tolist():
        model, k = scene.locate(row)
        guid, name = model.elements.guid[k], model.elements.name[k]
        found.append(ElementRef(model=model.name, guid=guid, name=name, index=row, side=side))
    return tuple(found)


def _with_line(scene: Scene, issue: Issue, rows: I64) -> Issue:
    """The issue framed between its spot and the nearest piece of the line."""
    spot = np.array(issue.point, dtype=np.float64)
    boxes = scene.bounds[rows]
    nearest = np.clip(spot, boxes[:, 0], boxes[:, 1])
    away = np.linalg.norm(nearest - spot, axis=1)
    gap = float(away.min())
    if gap > _FAR:
        return issue
    middle: F64 = (spot + nearest[int(away.argmin())]) / 2
    x, y, z = middle.tolist()
    return replace(
        issue,
        elements=(*issue.elements, *_refs(scene, rows[away <= gap + 2 * PIECE], "b")),
        point=(x, y, z),
        extent=max(issue.extent, 1.5 * gap),
    )


def _with_crane(
    scene: Scene, issue: Issue, overheads: Mapping[str, int], *, about: tuple[str, str]
) -> Issue:
    """The issue with its crane, and the pieces of the line that are about below its sweep."""
    cranes = _rows(scene, len(scene.models) - 1)
    named = [row for row in cranes.tolist() if _name(scene, row) == about[0]]
    refs = _refs(scene, np.array(named[:1], dtype=np.int64), "a")
    if named and about[1]:
        low, high = scene.bounds[named[0]]
        for model in overheads.values():
            rows = _rows(scene, model)
            boxes = scene.bounds[rows][:, :, :2]
            beside = np.maximum(low[:2] - boxes[:, 1], boxes[:, 0] - high[:2]).max(axis=1)
            near = rows[beside <= PIECE]
            own = scene.models[model].name == about[1]
            wanted = [r for r in near.tolist() if own or _name(scene, r) == about[1]]
            refs += _refs(scene, np.array(wanted, dtype=np.int64), "b")
    return replace(issue, elements=(*issue.elements, *refs))


def _name(scene: Scene, row: int) -> str:
    model, k = scene.locate(row)
    return model.elements.name[k]
