"""Terrain from the TIN surfaces of LandXML; points there are north, east, height."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.errors import LayerError
from gis.transfer import TinFound, contradictory

#: Metres per linear unit as LandXML names them.
_UNITS = {
    "meter": 1.0, "metre": 1.0, "millimeter": 1e-3, "centimeter": 1e-2, "kilometer": 1e3,
    "foot": 0.3048, "ussurveyfoot": 1200 / 3937, "inch": 0.0254, "mile": 1609.344,
}  # fmt: skip


def load() -> tuple[type[Exception], ...]:
    """What the parser raises about data."""
    return (ParseError,)


def read(item: dict[str, Any]) -> Iterator[TinFound]:
    """Each TIN surface of the file."""
    try:
        yield from _surfaces(item)
    except DefusedXmlException as err:
        raise LayerError(codes.OUTSIDE_REFERENCE, what=f"XML {type(err).__name__}") from err


class _State:
    """What is known while the file passes by."""

    def __init__(self) -> None:
        self.unit = 1.0
        self.crs: str | None = None
        self.datum: str | None = None
        self.name = ""
        self.skipped = 0
        self.depth = 0
        self.points: dict[str, tuple[float, float, float]] = {}
        self.faces: list[tuple[str, ...]] = []


def _surfaces(item: dict[str, Any]) -> Iterator[TinFound]:
    state = _State()
    count = 0
    most = item["limits"]["cells"]
    for event, node in iterparse(item["path"], events=("start", "end"), forbid_dtd=True):
        tag = node.tag.rpartition("}")[2]
        if event == "start":
            state.depth += 1
            if state.depth > 64:
                raise LayerError(
                    codes.TOO_MUCH, what_zh="XML 嵌套超过 64 层", what_en="XML deeper than 64"
                )
            if tag == "Surface":
                state.name = node.get("name", "")
                state.points, state.faces = {}, []
            continue
        state.depth -= 1
        _end(tag, node, state)
        if len(state.points) > most or len(state.faces) > most:
            raise LayerError(
                codes.TOO_MUCH,
                what_zh=f"{most} 个以上三角形",
                what_en=f"more than {most} triangles",
            )
        if tag == "Surface":
            if state.faces:
                count += 1
                yield _tin(state)
            else:
                state.skipped += 1
        node.clear()
    if count == 0:
        raise LayerError(
            codes.NO_GROUND,
            name=state.name,
            why_zh="文件中没有 TIN 曲面",
            why_en="the file holds no TIN surface",
        )


def _end(tag: str, node: Any, state: _State) -> None:
    """Take over one element that is complete."""
    if tag in {"Metric", "Imperial"}:
        unit = (node.get("linearUnit") or "").lower()
        if unit not in _UNITS:
            raise contradictory(
                zh=f"长度单位 {unit} 未知", en=f"the linear unit {unit} is not known"
            )
        state.unit = _UNITS[unit]
    elif tag == "CoordinateSystem":
        code = (node.get("epsgCode") or "").strip()
        named = (node.get("ogcWktCode") or node.get("name") or node.get("desc") or "").strip()
        state.crs = f"EPSG:{code}" if code.isdigit() else named or None
        state.datum = (node.get("verticalDatum") or "").strip() or None
    elif tag == "P":
        words = (node.text or "").split()
        if len(words) == 3:
            state.points[node.get("id", str(len(state.points) + 1))] = (
                float(words[0]),
                float(words[1]),
                float(words[2]),
            )
    elif tag == "F" and node.get("i") != "1":  # i="1" is a face that is cut out
        state.faces.append(tuple((node.text or "").split()))


def _tin(state: _State) -> TinFound:
    rows = {key: i for i, key in enumerate(state.points)}
    points = np.array(list(state.points.values()), dtype=np.float64).reshape(-1, 3)
    if not np.isfinite(points).all():
        raise contradictory(zh="点坐标不是有限数值", en="a point is no finite number")
    try:
        faces = np.array([[rows[k] for k in face] for face in state.faces], dtype=np.int32)
    except KeyError as err:
        raise contradictory(
            zh=f"三角形引用的点 {err} 不存在", en=f"a face refers to no point {err}"
        ) from err
    except ValueError as err:
        raise contradictory(zh="三角形顶点不是三个", en="a face has not three corners") from err
    if faces.ndim != 2 or faces.shape[1] != 3:
        raise contradictory(zh="三角形顶点不是三个", en="a face has not three corners")
    # North stands first.
    vertices = points[:, [1, 0, 2]] * state.unit
    told = []
    if state.skipped:
        told.append(
            Finding.of(
                codes.CONTENT_SKIPPED,
                what_zh=f"{state.skipped} 个不是 TIN 的曲面",
                what_en=f"{state.skipped} surfaces that are no TIN",
            )
        )
    return TinFound(
        name=state.name,
        vertices=vertices,
        faces=faces,
        crs=state.crs,
        vertical_datum=state.datum,
        findings=told,
    )
