"""Verdicts on a georeference and the evidence they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What is to be thought of a model's georeference."""

    OK = "ok"
    TRUE_NORTH = "ok:truenorth-informational"
    SCALE_MISSING = "repairable:scale-missing"
    SCALE_INVERTED = "repairable:scale-inverted"
    AXIS_SWAPPED = "repairable:axis-swapped"
    ZONE_PREFIX = "repairable:zone-prefix"
    MAP_UNIT = "ambiguous:map-unit"
    DOUBLE = "reject:double-georeference"
    CONTRADICTORY = "reject:contradictory-conversions"
    IMPLAUSIBLE = "reject:implausible"
    CONTROL_REFUSED = "reject:control-points"
    ABSOLUTE = "assumed:absolute-coordinates"
    UNRESOLVED = "needs-user:crs-unresolvable"
    TOPOCENTRIC = "needs-topocentric"
    COARSE = "coarse-only"
    COARSE_31 = "coarse-only:+-31m"
    VENDOR_DEFAULT = "suspicious:vendor-default-location"
    BAD_LATLON = "invalid:latlon"
    NOT_LOCATED = "not-located"
    SUPPLIED = "supplied"

    @property
    def held_back(self) -> bool:
        """Whether the file states a place that must not be used as it is."""
        return self.value.startswith(("repairable", "ambiguous", "reject", "needs-topocentric"))


_TEXTS: Mapping[str, tuple[str, str]] = {
    "level-10": ("地址：{address}", "Postal address: {address}"),
    "level-20": (
        "IfcSite 纬度 {lat_deg:.6f}，经度 {lon_deg:.6f}，分辨率约 {budget_m:.2f} 米",
        "Site latitude {lat_deg:.6f}, longitude {lon_deg:.6f}, resolution about {budget_m:.2f} m",
    ),
    "level-30": (
        "{ifc_class} 的放置点为 ({x_m:.3f}, {y_m:.3f}, {z_m:.3f})",
        "{ifc_class} is placed at ({x_m:.3f}, {y_m:.3f}, {z_m:.3f})",
    ),
    "level-40": (
        "世界坐标系原点 ({x_m:.3f}, {y_m:.3f}, {z_m:.3f})",
        "World coordinate system at ({x_m:.3f}, {y_m:.3f}, {z_m:.3f})",
    ),
    "level-50": (
        "{source}：坐标系 {crs}，东 {eastings_m:.3f}，北 {northings_m:.3f}，高 {height_m:.3f}，旋转 {rotation_deg:.6f}°",
        "{source}: CRS {crs}, E {eastings_m:.3f}, N {northings_m:.3f}, H {height_m:.3f}, rotation {rotation_deg:.6f} deg",
    ),
    "distance": (
        "第 {a} 级与第 {b} 级相差 {distance_m:.1f} 米",
        "Levels {a} and {b} differ by {distance_m:.1f} m",
    ),
    "scale-ok": (
        "比例与单位一致（比值 {ratio:.8f}）",
        "Scale agrees with the units (ratio {ratio:.8f})",
    ),
    "scale-wrong": (
        "比例与单位不符（比值 {ratio:.6g}，应为 1）",
        "Scale disagrees with the units (ratio {ratio:.6g}, should be 1)",
    ),
    "factor-implausible": (
        "综合比例 {x:.4f}, {y:.4f}, {z:.4f} 不可信",
        "Factors {x:.4f}, {y:.4f}, {z:.4f} are not plausible",
    ),
    "inside-area": ("位置在坐标系适用范围内", "The place lies in the area of use of the CRS"),
    "beyond-zone": (
        "位置已超出坐标系适用带 {degrees:.1f}° 以上",
        "The place lies more than {degrees:.1f} deg beyond the zone of the CRS",
    ),
    "outside-area": (
        "位置（{x_m:.1f}, {y_m:.1f}）不在坐标系适用范围内",
        "The place ({x_m:.1f}, {y_m:.1f}) lies outside the area of use of the CRS",
    ),
    "map-unit-omitted": (
        "未写 MapUnit，按规范取项目单位",
        "MapUnit is omitted: by the standard it is the project unit",
    ),
    "map-unit-read": (
        "坐标按每单位 {unit_m:g} 米理解才落在适用范围内",
        "Only a unit of {unit_m:g} m puts the coordinates in the area of use",
    ),
    "map-unit-doubt": (
        "未写 MapUnit：按坐标系的单位（{unit_m:.10g} 米）理解，位置差 {distance_m:.2f} 米，同样可信",
        "MapUnit is omitted: in that of the CRS ({unit_m:.10g} m) it is {distance_m:.2f} m away and as plausible",
    ),
    "axis-swapped": (
        "东坐标与北坐标互换后落在适用范围内（测量 X 为北）",
        "Exchanging easting and northing (a surveyor's X is north) fits the area of use",
    ),
    "zone-prefix": (
        "带号 {zone} 与坐标系不一致",
        "The zone number {zone} of the easting does not agree with the CRS",
    ),
    "scale-missing": ("缺少 Scale", "Scale is missing"),
    "scale-inverted": ("Scale 写成了倒数", "Scale is the reciprocal of what it should be"),
    "double": (
        "构件坐标本身已在适用范围内，又加了坐标转换",
        "Coordinates are absolute already and a conversion is added",
    ),
    "wcs-double": (
        "坐标转换之外，世界坐标系里又写了大地坐标",
        "Map coordinates stand in the world coordinate system beside the conversion",
    ),
    "degrees-given": (
        "数值像是经纬度，坐标系却是投影坐标系",
        "The numbers look like degrees, the CRS is a projected one",
    ),
    "north-first": (
        "东坐标与北坐标互换后落在项目坐标系 {crs} 适用范围内（测量 X 为北）",
        "Exchanging easting and northing (a surveyor's X is north) fits the project's {crs}",
    ),
    "absolute-elsewhere": (
        "坐标不在项目坐标系 {crs} 适用范围内",
        "The coordinates lie outside the area of use of the project's {crs}",
    ),
    "crs-without-zone": (
        "坐标系“{name}”以度为单位，坐标却是投影坐标：缺少投影带或中央子午线",
        'The CRS "{name}" is in degrees and the numbers are projected: its zone is missing',
    ),
    "empty-conversion": (
        "坐标转换为零且构件在原点附近：等于没有地理参照",
        "The conversion is zero and the model near the origin: as good as none",
    ),
    "contradictory": (
        "{count} 个坐标转换不一致",
        "{count} conversions do not agree",
    ),
    "partial": (
        "不是每个上下文都有坐标转换",
        "Not every context has the conversion",
    ),
    "crs-without-operation": (
        "声明了坐标系 {name}，但没有坐标转换",
        "The CRS {name} is stated without an operation",
    ),
    "crs-unresolvable": ("坐标系“{name}”无法识别", 'The CRS "{name}" is not known'),
    "crs-by-name": (
        "坐标系名称“{name}”按 {crs} 理解",
        'The CRS name "{name}" is read as {crs}',
    ),
    "height-datum-unknown": (
        "高程基准“{name}”无法识别",
        'The height datum "{name}" is not known',
    ),
    "crs-geographic": (
        "坐标系 {crs} 是经纬度坐标系",
        "The CRS {crs} is geographic",
    ),
    "wcs": (
        "坐标转换相对于世界坐标系原点",
        "The conversion counts from the origin of the world coordinate system",
    ),
    "true-north-conflict": (
        "正北方向与坐标转换的旋转相差 {difference_deg:.3f}°，以坐标转换为准",
        "TrueNorth differs from the conversion by {difference_deg:.3f} deg; the conversion is used",
    ),
    "true-north-is-rotation": (
        "旋转角等于正北角，未计子午线收敛角 {convergence_deg:.4f}°",
        "The rotation equals TrueNorth without the convergence of {convergence_deg:.4f} deg",
    ),
    "vendor-default": (
        "经纬度是建模软件默认值：{place_zh}",
        "Latitude and longitude are a tool's default: {place_en}",
    ),
    "latlon-invalid": (
        "经纬度无效：{latitude} / {longitude}",
        "Latitude or longitude is invalid: {latitude} / {longitude}",
    ),
    "absolute": (
        "构件坐标 ({x_m:.1f}, {y_m:.1f}) 像大地坐标",
        "Coordinates ({x_m:.1f}, {y_m:.1f}) look absolute",
    ),
    "crs-assumed": (
        "按 {crs} 理解绝对坐标",
        "Absolute coordinates are read in {crs}",
    ),
    "factors": (
        "该处综合比例 {factor:.8f}，子午线收敛角 {convergence_deg:.5f}°",
        "Combined scale factor {factor:.8f} and convergence {convergence_deg:.5f} deg at the site",
    ),
    "supplied": ("按项目中录入的坐标转换放置", "Placed by the conversion entered in the project"),
    "control": (
        "按 {points} 个控制点放置，最大残差 {max_residual_mm:.1f} 毫米",
        "Placed through {points} control points, largest residual {max_residual_mm:.1f} mm",
    ),
    "repaired": ("按确认的修正放置", "Placed by the confirmed repair"),
    "like": ("与模型“{model}”同样放置", 'Placed like model "{model}"'),
    "no-georeference": ("文件没有任何地理参照", "The file states no georeference at all"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observation; `code` names it, `data` holds its numbers (units in the keys)."""

    code: str
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def zh(self) -> str:
        """In Chinese."""
        return _TEXTS[self.code][0].format(**self.data)

    @property
    def en(self) -> str:
        """In English."""
        return _TEXTS[self.code][1].format(**self.data)

    def to_json(self) -> dict[str, object]:
        """As in ``review.json``."""
        return {
            "code": self.code,
            "text": self.zh,
            "text_en": self.en,
            "data": dict(self.data),
        }


def seen(code: str, **data: object) -> Evidence:
    """Evidence of `code` with its numbers."""
    return Evidence(code=code, data=data)
