"""The reviewed scene as one GLB file, for viewers other than ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bimcore.arrays import I64
from bimcore.model import Model, Scene

#: RGBA of the sides of a clash and of everything else.
COLOURS: Mapping[str, tuple[int, int, int, int]] = {
    "a": (232, 72, 22, 255),
    "b": (20, 96, 216, 255),
    "": (200, 204, 208, 90),
}


def write_glb(path: Path, *, scene: Scene, sides: Mapping[int, str]) -> None:
    """Write all bodies of `scene`; those in issues are coloured.

    Parameters
    ----------
    path : Path
    scene : Scene
        Metres, z up; the file is y up as glTF asks, by a rotation of its root node.
    sides : mapping
        ``"a"`` or ``"b"`` by scene element for elements in open issues.

    """
    # trimesh takes more than a second to load and most runs write no GLB.
    import trimesh
    from trimesh.exchange.gltf import export_glb

    out = trimesh.Scene()
    turn = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    for m, model in enumerate(scene.models):
        first = int(scene.element_start[m])
        for side, colour in COLOURS.items():
            rows = [r for r in range(len(model)) if sides.get(first + r, "") == side]
            mesh = _joined(model, np.array(rows, dtype=np.int64))
            if mesh is None:
                continue
            body = trimesh.Trimesh(
                *mesh,
                process=False,
                face_colors=np.tile(np.array(colour, dtype=np.uint8), (len(mesh[1]), 1)),
            )
            name = f"{model.name} {side}".rstrip()
            out.add_geometry(body, node_name=name, geom_name=name, transform=turn)
    path.write_bytes(export_glb(out))  # type: ignore[no-untyped-call]


def _joined(model: Model, rows: I64) -> tuple[np.ndarray, np.ndarray] | None:
    """Vertices and faces of some elements of a model as one mesh; None when there are none."""
    meshes = model.meshes.take(rows)
    if not len(meshes.faces):
        return None
    shift = np.repeat(meshes.vertex_start[:-1], np.diff(meshes.face_start))
    return meshes.vertices, meshes.faces.astype(np.int64) + shift[:, None]


def sides_of(issues: Sequence[Mapping[str, object]]) -> dict[int, str]:
    """Side by scene element over the open issues of a review's document."""
    sides: dict[int, str] = {}
    for issue in issues:
        elements = issue.get("elements")
        if issue.get("status") == "resolved" or not isinstance(elements, list):
            continue
        for element in elements:
            if element["index"] >= 0:
                sides.setdefault(element["index"], element["side"] or "a")
    return sides
