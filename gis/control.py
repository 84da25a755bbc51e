"""The place of a model through control points: a plane similarity and a height shift, judged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bimcore.arrays import F64, Mask
from gis import crs as systems, operations
from gis.conversion import Conversion
from gis.errors import BilingualError

#: Residuals up to this (metres) are accepted unless the project says otherwise.
RESIDUAL_LIMIT = 0.020
#: A plane factor further from 1 than this is no map projection.
SCALE_LIMIT = 1e-3
#: Points nearer together than this (metres, root mean square) carry no direction.
SMALLEST_SPREAD = 0.5
#: From this number on a single blunder can be named.
NAMEABLE = 4
#: Part of the size of the hull by which a model may stand out of it without a word.
HULL_MARGIN = 0.1
_UNITS = ((1000.0, "mm", "毫米"), (0.001, "km", "千米"), (1 / 0.3048, "ft", "英尺"))


class BadControl(BilingualError):
    """The control points do not place the model; check them with the surveyor."""

    code = "GIS458"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoint:
    """One point known in the model and on the map; its coordinates are never printed.

    Attributes
    ----------
    number : str
        What the surveyor calls it.
    local : tuple of float
        x, y in metres of the model.
    target : tuple of float
        Easting, northing in metres; on Chinese sheets these are Y and X.
    local_height, height : float or None
        In metres; None when the point has no height.

    """

    number: str
    local: tuple[float, float] = field(repr=False)
    target: tuple[float, float] = field(repr=False)
    local_height: float | None = field(default=None, repr=False)
    height: float | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoints:
    """The control points of one model, and how well they must fit."""

    crs: str
    points: tuple[ControlPoint, ...] = field(repr=False)
    limit: float = RESIDUAL_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A placement found from control points.

    Attributes
    ----------
    conversion : Conversion
    numbers : tuple of str
        Point numbers, N.
    residuals : tuple of float
        Metres in plan by point, N.
    height_residuals : tuple of float or None
        Metres by point, None for a point without heights.
    local : tuple of (float, float)
        The points in model metres, N; never shown.
    suspect : str
        A point that disagrees with all others although the fit is accepted; else empty.
    suspect_by : float
        Metres by which it disagrees with the fit of the others.

    """

    conversion: Conversion
    numbers: tuple[str, ...]
    residuals: tuple[float, ...]
    height_residuals: tuple[float | None, ...]
    local: tuple[tuple[float, float], ...] = field(repr=False)
    limit: float = RESIDUAL_LIMIT
    suspect: str = ""
    suspect_by: float = 0.0

    @property
    def worst(self) -> float:
        """Largest plan or height residual in metres."""
        return max(*self.residuals, *(abs(h) for h in self.height_residuals if h is not None))

    @property
    def heights(self) -> int:
        """How many points carry heights."""
        return sum(h is not None for h in self.height_residuals)

    def to_json(self) -> dict[str, object]:
        """Residuals by point number, and no coordinates."""
        return {
            "points": len(self.numbers),
            "points_with_height": self.heights,
            "limit_mm": round(self.limit * 1000, 1),
            "max_residual_mm": round(self.worst * 1000, 1),
            "scale": self.conversion.scale[0],
            "residuals_mm": {
                n: round(r * 1000, 1) for n, r in zip(self.numbers, self.residuals, strict=True)
            },
            "height_residuals_mm": {
                n: None if r is None else round(r * 1000, 1)
                for n, r in zip(self.numbers, self.height_residuals, strict=True)
            },
            "suspect": self.suspect or None,
        }

    def outside(self, plan: F64) -> float:
        """How far plan points (N, 2) in model metres stand out of the hull of the control points.

        Metres; 0 while they stay within ``HULL_MARGIN`` of its size.
        """
        import shapely  # not at the top: the web process judges control points without it

        points = np.array(self.local)
        hull = shapely.convex_hull(shapely.multipoints(points))
        size = float(np.linalg.norm(np.ptp(points, axis=0)))
        away = float(shapely.distance(hull, shapely.points(plan)).max())
        return away if away > HULL_MARGIN * size else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plane:
    """``target = shift + k R(t) local`` as ``a = k cos t``, ``b = k sin t``."""

    a: float
    b: float
    shift: F64

    def __call__(self, local: F64) -> F64:
        x, y = local[..., 0], local[..., 1]
        turned = np.stack([self.a * x - self.b * y, self.b * x + self.a * y], axis=-1)
        moved: F64 = turned + self.shift
        return moved

    @property
    def scale(self) -> float:
        return math.hypot(self.a, self.b)


def fit(control: ControlPoints) -> Fit:
    """The placement that `control` states, after a look at the map.

    Raises
    ------
    BadControl
        As :func:`adjust`, and for points outside the area of use of the CRS.
    UnknownCrs
        When the CRS is not known or has no eastings and northings.

    """
    crs = systems.parse(control.crs)
    if crs.geographic:
        message = f"{crs.title} is in degrees; give a projected CRS such as EPSG:4549"
        raise systems.UnknownCrs(message)
    _sound(control)
    _on_the_map(crs, np.array([p.target for p in control.points], dtype=np.float64))
    return adjust(replace(control, crs=crs.name))


def adjust(control: ControlPoints) -> Fit:
    """The least-squares placement, judged by its residuals alone.

    Raises
    ------
    BadControl
        For too few points, and for residuals or a factor beyond what is accepted; the
        blundered point is named where four or more points allow it.

    """
    _sound(control)
    numbers = tuple(p.number for p in control.points)
    local = np.array([p.local for p in control.points], dtype=np.float64)
    target = np.array([p.target for p in control.points], dtype=np.float64)
    plane = _solve(local, target)
    residuals = _off(plane, local, target)
    if residuals.max() > control.limit:
        raise _plan_refused(local, target, numbers, control.limit)
    _right_size(plane)
    suspect, by = _suspect(local, target, control.limit / 3, away=control.limit)
    dh, height_residuals = _heights(control, numbers)
    return Fit(
        conversion=Conversion(
            crs=control.crs,
            eastings=float(plane.shift[0]),
            northings=float(plane.shift[1]),
            height=dh,
            rotation=math.atan2(plane.b, plane.a),
            scale=(plane.scale, plane.scale, 1.0),
        ),
        numbers=numbers,
        residuals=tuple(residuals.tolist()),
        height_residuals=height_residuals,
        local=tuple(p.local for p in control.points),
        limit=control.limit,
        suspect="" if suspect is None else numbers[suspect],
        suspect_by=by,
    )


def _sound(control: ControlPoints) -> None:
    numbers = [p.number for p in control.points]
    if len(numbers) < 2:
        why = f"{len(numbers)} control point is given, 2 are needed to solve and 4 to check"
        raise BadControl(why, f"只有 {len(numbers)} 个控制点；求解至少 2 个，检核需要 4 个")
    if len(set(numbers)) != len(numbers):
        raise BadControl("a point number occurs twice", "控制点点号重复")
    if not 0.0 < control.limit <= 1.0:
        raise BadControl(
            "the residual limit must lie in 0 to 1000 mm", "残差限值须在 0 至 1000 毫米"
        )
    values = [
        v
        for p in control.points
        for v in (*p.local, *p.target, p.local_height or 0.0, p.height or 0.0)
    ]
    if not all(math.isfinite(v) for v in values):
        raise BadControl("a coordinate is no number", "控制点坐标不是有效数字")


def _on_the_map(crs: systems.Crs, target: F64) -> None:
    """Refuse points that the CRS does not cover, with the usual slip named."""
    if operations.inside(crs, target):
        return
    why, zh = f"the points lie outside the area of use of {crs.title}", "控制点不在坐标系适用范围内"
    if operations.inside(crs, target[:, ::-1]):
        why += ": easting and northing are exchanged (X is north)"
        zh += "：东、北坐标互换（测量 X 为北）"
    elif systems.zone_prefix(crs):
        zone = systems.zone_prefix(crs) * (-1 if not systems.has_prefix(crs) else 1)
        if operations.inside(crs, target + [zone * 1e6, 0.0]):
            why, zh = f"{why}: the zone number {abs(zone)}", f"{zh}：带号 {abs(zone)}"
            why, zh = f"{why} does not agree with it", f"{zh} 与坐标系不一致"
    raise BadControl(why, f"{zh}（{crs.title}）")


def _solve(local: F64, target: F64) -> _Plane:
    """Least squares over points (N, 2), centred so that large coordinates cost no digits."""
    here, there = local.mean(axis=0), target.mean(axis=0)
    p, q = local - here, target - there
    size = float((p * p).sum())
    if float((q * q).sum()) < len(q) * SMALLEST_SPREAD**2 or size < len(p) * 1e-8:
        raise BadControl("the points lie together", "控制点重合或过于集中")
    a = float((p * q).sum()) / size
    b = float((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum()) / size
    turned = np.array([a * here[0] - b * here[1], b * here[0] + a * here[1]])
    return _Plane(a=a, b=b, shift=there - turned)


def _off(plane: _Plane, local: F64, target: F64) -> F64:
    """Distances (N,) between where points are and where the fit puts them."""
    apart: F64 = np.linalg.norm(target - plane(local), axis=-1)
    return apart


def _right_size(plane: _Plane) -> None:
    if abs(plane.scale - 1.0) <= SCALE_LIMIT:
        return
    why, zh = f"the factor is {plane.scale:.6g}, not 1", f"比例为 {plane.scale:.6g}，应接近 1"
    for factor, unit, unit_zh in _UNITS:
        if abs(plane.scale * factor - 1.0) <= 0.01:
            why += f": model coordinates seem to be in {unit}, give metres"
            zh += f"：模型坐标似为{unit_zh}，请换算为米"
    raise BadControl(why, zh)


def _plan_refused(local: F64, target: F64, numbers: Sequence[str], limit: float) -> BadControl:
    """What is wrong with plan coordinates that do not fit."""
    residuals = _off(_solve(local, target), local, target)
    listed = ", ".join(
        f"{n} {1000 * r:.1f}" for n, r in zip(numbers, residuals.tolist(), strict=True)
    )
    worst = 1000 * float(residuals.max())
    why = f"the largest residual is {worst:.1f} mm, {1000 * limit:.0f} mm are accepted ({listed})"
    zh = f"最大残差 {worst:.1f} 毫米，限值 {1000 * limit:.0f} 毫米（{listed}）"
    mirrored = local[:, ::-1]
    if _off(_solve(mirrored, target), mirrored, target).max() <= limit:
        why += "; exchanging x and y of the model points fits"
        zh += "；互换模型点的 x、y 后符合"
        return BadControl(why, zh)
    suspect, by = _suspect(local, target, limit, away=limit)
    if suspect is not None:
        why += f"; without {numbers[suspect]}, which is off by {1000 * by:.0f} mm, the others fit"
        zh += f"；去掉 {numbers[suspect]}（偏差 {1000 * by:.0f} 毫米）后其余各点符合"
    elif len(numbers) < NAMEABLE:
        why += f"; which one is wrong needs {NAMEABLE} points"
        zh += f"；判断哪个点有误需要 {NAMEABLE} 个点"
    else:
        why += "; no single point explains it"
        zh += "；不是单个点的问题"
    return BadControl(why, zh)


def _suspect(local: F64, target: F64, limit: float, *, away: float) -> tuple[int | None, float]:
    """The point that is off by more than `away` from a fit of the others within `limit`."""
    if len(local) < NAMEABLE:
        return None, 0.0
    found = []
    for i in range(len(local)):
        rest = np.arange(len(local)) != i
        plane = _try_solve(local[rest], target[rest])
        if plane is None:
            continue
        left = float(_off(plane, local[rest], target[rest]).max())
        by = float(_off(plane, local[i], target[i]))
        if left <= limit and by > away:
            found.append((left, i, by))
    return _clear(found)


def _clear(found: list[tuple[float, int, float]]) -> tuple[int | None, float]:
    """The best of candidates (rest, point, by) when it is clearly better than the next."""
    found = sorted(found)
    if not found or (len(found) > 1 and found[1][0] < 2 * found[0][0]):
        return None, 0.0
    return found[0][1], found[0][2]


def _try_solve(local: F64, target: F64) -> _Plane | None:
    try:
        return _solve(local, target)
    except BadControl:
        return None


def _heights(
    control: ControlPoints, numbers: Sequence[str]
) -> tuple[float, tuple[float | None, ...]]:
    """The constant height shift in metres, 0 without heights, and its residuals by point."""
    shifts = [
        None if p.local_height is None or p.height is None else p.height - p.local_height
        for p in control.points
    ]
    known = np.array([np.nan if s is None else s for s in shifts])
    has = np.isfinite(known)
    if not has.any():
        return 0.0, tuple(None for _ in shifts)
    dh = float(known[has].mean())
    residuals = known - dh
    if np.abs(residuals[has]).max() > control.limit:
        raise _heights_refused(known, has, numbers, control.limit)
    return dh, tuple(None if not h else float(r) for h, r in zip(has, residuals, strict=True))


def _heights_refused(known: F64, has: Mask, numbers: Sequence[str], limit: float) -> BadControl:
    spread = 1000 * float(np.ptp(known[has]))
    why = f"height shifts differ by {spread:.0f} mm"
    zh = f"各点高差改正相差 {spread:.0f} 毫米"
    rows = np.flatnonzero(has)
    found = []
    for i in rows if len(rows) >= 3 else ():
        rest = known[rows[rows != i]]
        left = float(np.abs(rest - rest.mean()).max())
        by = abs(float(known[i] - rest.mean()))
        if left <= limit < by:
            found.append((left, int(i), by))
    suspect, by = _clear(found)
    if suspect is not None:
        why += f"; without {numbers[suspect]}, which is off by {1000 * by:.0f} mm, the others fit"
        zh += f"；去掉 {numbers[suspect]}（偏差 {1000 * by:.0f} 毫米）后其余各点符合"
    return BadControl(why, zh)
