"""The codes of georeference and GIS findings."""

from bimcore.findings import Code
from gis.check_codes import CODES as _OF_CHECKS
from gis.layer_codes import CODES as _OF_LAYERS
from gis.placement_codes import CODES as _OF_PLACEMENT

NOT_LOCATED = Code(
    code="GIS401",
    severity=0,
    zh="模型没有可用的地理参照，按共同的本地坐标系参与碰撞；与地图有关的检查未进行",
    en="The model has no usable georeference; it clashes in the common local frame and nothing "
    "is checked against the map",
    remedy_zh="如需与红线、管线比对，请在导出时写入坐标转换，或在项目中为该模型录入坐标转换",
    remedy_en="To check against the map, export a map conversion or enter a placement for the model",
)
COARSE = Code(
    code="GIS402",
    severity=0,
    zh="模型只有 IfcSite 的经纬度（{lat_deg:.6f}, {lon_deg:.6f}），精度约 {budget_m:.0f} 米，不用于定位",
    en="The model states only latitude and longitude of the site ({lat_deg:.6f}, {lon_deg:.6f}), "
    "good to {budget_m:.0f} m; they do not place it",
    remedy_zh="导出时写入 IfcMapConversion，或在项目中录入坐标转换",
    remedy_en="Export an IfcMapConversion or enter a placement",
)
VENDOR_DEFAULT = Code(
    code="GIS403",
    severity=5,
    zh="经纬度（{lat_deg:.6f}, {lon_deg:.6f}）是建模软件的默认地点（{place_zh}），不是项目位置",
    en="Latitude and longitude ({lat_deg:.6f}, {lon_deg:.6f}) are the default place of an "
    "authoring tool ({place_en}), not the project's",
    remedy_zh="在建模软件中设置项目地点后重新导出",
    remedy_en="Set the project location in the authoring tool and export again",
)
BAD_LATLON = Code(
    code="GIS404",
    severity=10,
    zh="IfcSite 的经纬度不是有效角度：{latitude} / {longitude}",
    en="Latitude or longitude of the site is no valid angle: {latitude} / {longitude}",
    remedy_zh="在建模软件中重新设置项目地点；度、分、秒须同号且在范围内",
    remedy_en="Set the location again; degrees, minutes and seconds share a sign and stay in range",
)
REPAIRABLE = Code(
    code="GIS405",
    severity=70,
    zh="坐标转换有误（{cause_zh}），模型暂不放置；建议修正后可放置，位移约 {shift_m:.1f} 米",
    en="The map conversion is wrong ({cause_en}); the model is held back. The proposed repair "
    "moves it by {shift_m:.1f} m",
    remedy_zh="核对建议的坐标转换，在项目中确认修正，或由设计方改正后重新导出",
    remedy_en="Check the proposed conversion and confirm it, or have it exported again correctly",
)
AMBIGUOUS = Code(
    code="GIS406",
    severity=70,
    zh="坐标转换的单位不明确（{cause_zh}），模型暂不放置；建议修正后可放置，位移约 {shift_m:.1f} 米",
    en="The unit of the map conversion is ambiguous ({cause_en}); the model is held back. The "
    "proposed reading moves it by {shift_m:.1f} m",
    remedy_zh="确认建议的读法，或请设计方在 IfcProjectedCRS 中写明 MapUnit",
    remedy_en="Confirm the proposed reading, or have MapUnit stated in IfcProjectedCRS",
)
DOUBLE = Code(
    code="GIS407",
    severity=80,
    zh="重复定位：构件坐标已是大地坐标，又叠加了坐标转换；模型暂不放置",
    en="Georeferenced twice: coordinates are already absolute and a conversion is added; the "
    "model is held back",
    remedy_zh="确认按绝对坐标放置，或由设计方去掉其中一处后重新导出",
    remedy_en="Confirm the absolute coordinates, or remove one of the two and export again",
)
ABSOLUTE = Code(
    code="GIS408",
    severity=20,
    zh="构件坐标像是大地坐标（{x_m:.1f}, {y_m:.1f}），但文件没有声明坐标系",
    en="Coordinates look absolute ({x_m:.1f}, {y_m:.1f}) but the file names no CRS",
    remedy_zh="在项目中声明坐标系，或为该模型录入坐标转换",
    remedy_en="Declare the project's CRS or enter a placement for the model",
)
UNRESOLVED_CRS = Code(
    code="GIS409",
    severity=50,
    zh="无法识别坐标系“{name}”，模型只能在其自身的工程坐标系内比对",
    en='The CRS "{name}" is not known; the model can be compared only within its own grid',
    remedy_zh="改用 EPSG 代码（如 EPSG:4549），或在项目中为该模型录入坐标转换或控制点",
    remedy_en="Name an EPSG code such as EPSG:4549, or enter a placement or control points",
)
TOPOCENTRIC = Code(
    code="GIS410",
    severity=60,
    zh="坐标转换以经纬度（{lon_deg:.6f}, {lat_deg:.6f}）给出原点，需按站心坐标换算；模型暂不放置",
    en="The conversion gives its origin in degrees ({lon_deg:.6f}, {lat_deg:.6f}) and needs a "
    "topocentric frame; the model is held back",
    remedy_zh="确认建议的站心换算，或改用投影坐标系导出",
    remedy_en="Confirm the proposed topocentric placement, or export with a projected CRS",
)
CONTRADICTORY = Code(
    code="GIS411",
    severity=80,
    zh="文件中有 {count} 个互相矛盾的坐标转换，相差 {distance_m:.3f} 米；模型暂不放置",
    en="The file holds {count} conversions that contradict each other by {distance_m:.3f} m; the "
    "model is held back",
    remedy_zh="由设计方只保留一个坐标转换后重新导出，或在项目中录入坐标转换",
    remedy_en="Have one conversion kept and exported again, or enter a placement",
)
IMPLAUSIBLE = Code(
    code="GIS412",
    severity=80,
    zh="坐标转换不可信（{cause_zh}），模型暂不放置",
    en="The map conversion is not plausible ({cause_en}); the model is held back",
    remedy_zh="核对坐标、单位和坐标系后重新导出，或在项目中录入坐标转换",
    remedy_en="Check coordinates, units and CRS and export again, or enter a placement",
)
UNSAFE_TRANSFORMATION = Code(
    code="GIS413",
    severity=70,
    zh="从 {source_zh} 到 {target_zh} 没有精度已知的转换，模型暂不放置",
    en="No transformation of known accuracy leads from {source} to {target}; the model is held back",
    remedy_zh="用控制点求转换参数，或由测绘单位提供项目坐标系下的坐标",
    remedy_en="Use control points, or have coordinates delivered in the project's CRS",
)
REPAIRED = Code(
    code="GIS414",
    severity=5,
    zh="已按确认的修正放置模型（{cause_zh}）",
    en="The model is placed by the confirmed repair ({cause_en})",
    remedy_zh="请设计方在源文件中改正",
    remedy_en="Have the source file corrected",
)
STANDS_APART = Code(
    code="GIS415",
    severity=80,
    zh="模型离其他模型 {distance_km:.1f} 公里（东 {shift_east_m:+.1f} 米，北 {shift_north_m:+.1f} 米）：可能是{cause_zh}",
    en="The model stands {distance_km:.1f} km from the others (east {shift_east_m:+.1f} m, north "
    "{shift_north_m:+.1f} m): probably {cause_en}",
    remedy_zh="按所列偏移核对该模型坐标转换的 Eastings、Northings 与坐标系；也可在项目中录入放置",
    remedy_en="Check Eastings, Northings and the CRS of the model's conversion by that shift, or enter a "
    "placement",
)
UNPLACED_SIBLING = Code(
    code="GIS416",
    severity=40,
    zh="其他模型已定位而本模型没有坐标；其本地坐标与模型“{like}”重叠，可能共用同一坐标转换",
    en='Other models are located and this one is not; its local coordinates overlap those of "{like}", '
    "so both may share one conversion",
    remedy_zh="确认后在项目设置 placements 中写入：“{{本模型}} = {{like = 参照模型}}”",
    remedy_en="If so, add to the project's placements: this model = { like = the other model }",
)
SCALE_NOT_DECLARED = Code(
    code="GIS417",
    severity=10,
    zh="该处投影综合比例为 {factor:.6f}，模型范围内累计 {error_m:.3f} 米，文件未声明比例",
    en="The combined scale factor here is {factor:.6f}, {error_m:.3f} m over the model; the file "
    "declares none",
    remedy_zh="与测量单位确认模型按地面长度还是坐标网长度建模",
    remedy_en="Ask the surveyor whether the model is in ground or grid lengths",
)
LATLON_DISAGREES = Code(
    code="GIS418",
    severity=10,
    zh="IfcSite 经纬度与坐标转换相差 {distance_km:.1f} 公里（以坐标转换为准）",
    en="Latitude and longitude of the site lie {distance_km:.1f} km from the conversion, which is used",
    remedy_zh="在建模软件中改正项目地点",
    remedy_en="Correct the project location in the authoring tool",
)
TRUE_NORTH_AS_ROTATION = Code(
    code="GIS419",
    severity=30,
    zh="坐标转换的旋转角等于正北角，忽略了子午线收敛角 {convergence_deg:.3f}°，模型边缘偏差约 {error_m:.3f} 米",
    en="The rotation equals TrueNorth and ignores the convergence of {convergence_deg:.3f} deg: about "
    "{error_m:.3f} m at the edge of the model",
    remedy_zh="旋转角应以坐标北为准，请与测量单位核对",
    remedy_en="The rotation counts from grid north; check it with the surveyor",
)
HEIGHT_SCALED = Code(
    code="GIS420",
    severity=10,
    zh="综合比例 {factor:.6f} 写在 Scale 中，高度也被缩放，模型高度内累计 {error_m:.4f} 米",
    en="A combined factor of {factor:.6f} in Scale also scales heights, by {error_m:.4f} m over the model",
    remedy_zh="改用 IfcMapConversionScaled 且 FactorZ=1",
    remedy_en="Use IfcMapConversionScaled with FactorZ = 1",
)
BAD_PLACEMENT = Code(
    code="GIS421",
    severity=60,
    zh="录入的放置无法使用：{why_zh}",
    en="The supplied placement cannot be used: {why_en}",
    remedy_zh="改正项目设置中的 placements",
    remedy_en="Correct placements in the project settings",
)
PARTIAL_OPERATION = Code(
    code="GIS422",
    severity=5,
    zh="不是每个几何上下文都有坐标转换，或声明了坐标系却没有坐标转换",
    en="Not every context has the conversion, or a CRS is stated without one",
    remedy_zh="导出时为每个上下文写入同一坐标转换",
    remedy_en="Export the same conversion for every context",
)
ASSUMED_CRS = Code(
    code="GIS423",
    severity=15,
    zh="构件坐标是大地坐标但未声明坐标系，按项目坐标系 {crs} 放置（{reason_zh}）",
    en="Absolute coordinates without a CRS are taken as {crs} ({reason_en})",
    remedy_zh="请设计方在文件中声明坐标系，或录入坐标转换",
    remedy_en="Have the CRS stated in the file, or enter a placement",
)
BUDGETED = Code(
    code="GIS424",
    severity=15,
    zh="{source} 到 {target} 的转换有 ±{budget_m:.1f} 米的不确定度",
    en="Going from {source} to {target} carries an uncertainty of {budget_m:.1f} m",
    remedy_zh="请提供项目坐标系下的坐标",
    remedy_en="Have coordinates delivered in the project's CRS",
)
CRS_BY_NAME = Code(
    code="GIS425",
    severity=5,
    zh="坐标系名称“{name}”不是 EPSG 代码，按 {crs} 理解",
    en='The CRS name "{name}" is no EPSG code; it is read as {crs}',
    remedy_zh="在 IfcProjectedCRS.Name 中写 EPSG 代码",
    remedy_en="Write the EPSG code in IfcProjectedCRS.Name",
)
BEYOND_ZONE = Code(
    code="GIS426",
    severity=30,
    zh="模型位置超出坐标系 {crs} 的适用带，投影变形大，可能选错了分带",
    en="The model lies beyond the zone of {crs}: distortion is large, the zone may be wrong",
    remedy_zh="核对中央子午线，改用所在带的坐标系",
    remedy_en="Check the central meridian and use the CRS of the zone it lies in",
)
MODEL_HEIGHT_DATUM = Code(
    code="GIS427",
    severity=20,
    zh="高程基准“{name}”无法识别，高程按项目高程理解，可能有系统差",
    en='The height datum "{name}" is not known; heights are taken as the project\'s and may be off',
    remedy_zh="写明 EPSG:5737（1985 国家高程）等代码，或在项目中录入放置",
    remedy_en="State a code such as EPSG:5737, or enter a placement",
)

CODES = (
    NOT_LOCATED,
    COARSE,
    VENDOR_DEFAULT,
    BAD_LATLON,
    REPAIRABLE,
    AMBIGUOUS,
    DOUBLE,
    ABSOLUTE,
    UNRESOLVED_CRS,
    TOPOCENTRIC,
    CONTRADICTORY,
    IMPLAUSIBLE,
    UNSAFE_TRANSFORMATION,
    REPAIRED,
    STANDS_APART,
    UNPLACED_SIBLING,
    SCALE_NOT_DECLARED,
    LATLON_DISAGREES,
    TRUE_NORTH_AS_ROTATION,
    HEIGHT_SCALED,
    BAD_PLACEMENT,
    PARTIAL_OPERATION,
    ASSUMED_CRS,
    BUDGETED,
    CRS_BY_NAME,
    BEYOND_ZONE,
    MODEL_HEIGHT_DATUM,
    *_OF_PLACEMENT,
    *_OF_LAYERS,
    *_OF_CHECKS,
)
