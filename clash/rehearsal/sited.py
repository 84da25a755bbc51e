"""Facts of the map as rules take them, from the plain data that the map's own room gives."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bimcore.elements import DISCIPLINES
from bimcore.model import Scene
from clash.rehearsal.base import Polygon, SiteFacts
from clash.roles import column, roles_of


def facts_of(plain: Mapping[str, Any], scene: Scene) -> SiteFacts:
    """The facts of a site beside a scene.

    Parameters
    ----------
    plain : mapping
        As ``gis.facts.site_facts`` gives it.
    scene : Scene
        In the same frame; its elements of discipline ``"utility"`` are the bodies of lines.

    """
    bodies = np.flatnonzero(roles_of(scene).discipline == DISCIPLINES.index("utility"))
    return SiteFacts(
        utilities=bodies.astype(np.int32),
        neighbours=_polygons(plain.get("neighbours", ())),
        flood=_polygons(plain.get("flood", ())),
        lines=tuple(plain.get("lines", ())),
        buried=tuple(plain.get("buried", ())),
        located=bool(plain.get("located", False)),
    )


def _polygons(rows: Sequence[Mapping[str, Any]]) -> tuple[Polygon, ...]:
    return tuple(
        Polygon(
            rings=tuple(np.asarray(r, dtype=np.float64) for r in row["rings"]),
            layer=str(row["layer"]),
            name=str(row["name"]),
            facts={k: v for k, v in row.items() if k not in ("rings", "layer", "name")},
        )
        for row in rows
    )


def bodies_of(scene: Scene, line: Mapping[str, Any], site: SiteFacts) -> tuple[int, ...]:
    """Scene elements that are the body of a buried line."""
    if not line.get("number"):
        return ()
    names = column(scene, "layer").texts()
    found = []
    for e in site.utilities.tolist():
        model, row = scene.locate(e)
        if model.elements.name[row] == line["number"] and names[e] == line["layer"]:
            found.append(e)
    return tuple(found)
