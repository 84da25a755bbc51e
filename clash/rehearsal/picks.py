"""What a crane has to lift in one piece, and how heavy it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64
from clash.rehearsal.base import Stage
from clash.rehearsal.bodies import volume
from clash.rehearsal.covers import texts_of
from clash.roles import column

#: Tonnes per cubic metre by what a material or name says.
_DENSITIES = (
    (re.compile(r"混凝土|砼|concrete|precast|预制|叠合", re.IGNORECASE), 2.5),
    (re.compile(r"钢(?!筋)|steel|Q\d{3}|\bS\d{3}\b", re.IGNORECASE), 7.85),
    (re.compile(r"木|timber|wood|glulam|CLT", re.IGNORECASE), 0.6),
    (re.compile(r"石材|stone|granite", re.IGNORECASE), 2.7),
    (re.compile(r"玻璃|glass", re.IGNORECASE), 2.5),
)
#: What comes to the site in one piece.
_PIECE = re.compile(
    r"预制|叠合|PC板|钢(?!筋)|precast|pre-cast|prefab|hollow.?core|plank|steel|Q\d{3}|\bS\d{3}\b|"
    r"glulam|timber|CLT|module|模块",
    re.IGNORECASE,
)
_WEIGHT = re.compile(
    r"^(gross|net|total)?_?(weight|mass)$|^(总|净|自)?重(量)?$|质量$", re.IGNORECASE
)
_TONNES = re.compile(r"\(t\)|（t）|吨|tonne|\bt$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pick:
    """One lift: element, its task, when, where to, and tonnes without rigging."""

    element: int
    task: int
    start: np.datetime64
    middle: F64
    tonnes: float


def heavy_of(stage: Stage, *, at_least: float) -> Iterator[Pick]:
    """Elements built in one piece by a dated task and heavier than `at_least` tonnes.

    Precast, steel and timber parts by volume and density, other elements only where a
    property states their mass; what is cast on site is pumped, not lifted.
    """
    scene, lives = stage.scene, stage.lifetimes
    roles = stage.roles
    words = texts_of(scene)
    materials = column(scene, "material").texts()
    frame = roles.any_of("wall", "slab", "column", "beam", "member", "stair", "footing")
    unit = roles["services"] & ~roles["segment"] & ~roles["fitting"] & ~roles["terminal"]
    wanted = (frame | unit | roles["curtain"] | roles["proxy"]) & scene.meshes.has_body
    wanted &= lives.dated & (lives.task >= 0)
    for e in np.flatnonzero(wanted).tolist():
        text = f"{words[e]} {materials[e]}"
        piece = bool(_PIECE.search(text))
        tonnes = _stated(stage, e) if piece or unit[e] else float("nan")
        if np.isnan(tonnes) and piece:
            tonnes = volume(scene, e) * _density(text)
        if tonnes >= at_least:
            yield Pick(
                element=e,
                task=int(lives.task[e]),
                start=lives.appear[e],
                middle=scene.bounds[e].mean(axis=0),
                tonnes=float(tonnes),
            )


def _density(text: str) -> float:
    """Tonnes per cubic metre; NaN for a material nobody knows."""
    return next((d for pattern, d in _DENSITIES if pattern.search(text)), float("nan"))


def _stated(stage: Stage, element: int) -> float:
    """Tonnes that a property of the element states; kilograms unless it says otherwise."""
    model, row = stage.scene.locate(element)
    for (_, name), value in model.properties.entries(row).items():
        bare = re.sub(r"[\s(（].*$", "", name.strip())
        if not _WEIGHT.search(bare):
            continue
        match = re.match(r"\s*([\d.]+)\s*(t\b|吨)?", value)
        if match and match[1].replace(".", "", 1).isdigit():
            number = float(match[1])
            return number if match[2] or _TONNES.search(name) else number / 1000.0
    return float("nan")
