"""Files of a review that are made from the scene itself: GeoPackage and GLB."""

from pathlib import Path

import numpy as np

from api.artifacts import Reviewed, Writer, rows_of
from bimcore.errors import InputError
from bimcore.formats.scene_glb import sides_of, write_glb
from bimcore.model import Scene
from gis.export import write_points


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
