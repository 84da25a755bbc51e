"""The scene of a run as the viewer loads it: tiles and columns of elements."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bimcore.model import Model, Scene
from bimcore.tiles import tiles


def write_scene(scene: Scene, folder: Path) -> dict[str, Any]:
    """Write tiles and elements of `scene` into `folder`; what names them."""
    written = []
    for m, model in enumerate(scene.models):
        for n, tile in enumerate(tiles(model, element_offset=int(scene.element_start[m]))):
            name = f"tile-{m}-{n}.glb"
            (folder / name).write_bytes(tile.glb)
            written.append(
                {
                    "model": model.name,
                    "file": name,
                    "origin": list(tile.origin),
                    "element_start": tile.element_start,
                    "elements": tile.elements,
                    "triangles": tile.triangles,
                    "bytes": len(tile.glb),
                }
            )
    text = json.dumps(element_columns(scene), ensure_ascii=False, separators=(",", ":"))
    (folder / "elements.json").write_text(text, encoding="utf-8")
    frame = scene.frame
    return {
        "frame": {"crs": frame.crs, "origin": frame.origin.tolist(), "north": frame.north},
        "tiles": written,
        "elements_file": "elements.json",
        "bounds": _bounds(scene),
    }


def _bounds(scene: Scene) -> list[list[float]] | None:
    boxes = scene.bounds
    boxes = boxes[np.isfinite(boxes).all(axis=(1, 2))]
    if not len(boxes):
        return None
    return [boxes[:, 0].min(axis=0).tolist(), boxes[:, 1].max(axis=0).tolist()]


def element_columns(scene: Scene) -> dict[str, Any]:
    """Columns over all elements of `scene`, words as codes into vocabularies."""
    models = scene.models
    columns: dict[str, Any] = {
        "guid": [g for m in models for g in m.elements.guid],
        "name": [n for m in models for n in m.elements.name],
        "model": scene.model_of.tolist(),
        "models": [m.name for m in models],
        "clash_body": scene.clash_body.astype(int).tolist(),
    }
    for key, words, texts in (
        ("ifc_class", "classes", lambda m: m.elements.ifc_class.texts()),
        ("storey", "storeys", lambda m: m.elements.storey.texts()),
        ("discipline", "disciplines", lambda m: m.elements.discipline.texts()),
        ("system", "systems", lambda m: m.elements.system.texts()),
        ("type", "types", lambda m: m.elements.object_type.texts()),
    ):
        columns[key], columns[words] = _coded(models, texts)
    return columns


def _coded(
    models: Sequence[Model], texts: Callable[[Model], list[str]]
) -> tuple[list[int], list[str]]:
    """Codes of the words of all models into one sorted vocabulary; -1 for no word."""
    rows = [word for model in models for word in texts(model)]
    words = sorted({w for w in rows if w})
    code = {w: i for i, w in enumerate(words)}
    return [code.get(w, -1) for w in rows], words
