"""The codes of findings about control points, heights and models that do not fit together."""

from bimcore.findings import Code

HEIGHTS_REFUSED = Code(
    code="GIS428",
    severity=40,
    zh="高程无法换算到项目高程基准：{why_zh}",
    en="Heights cannot be brought to the project's datum: {why_en}",
    remedy_zh="由测绘单位给出两种高程基准之间的改正数，填入 datum_offset_m（米）",
    remedy_en="Have the surveyor state the offset between the two datums and enter datum_offset_m",
)

CONTROL_USED = Code(
    code="GIS429",
    severity=0,
    zh="模型按 {points} 个控制点放置，最大残差 {max_residual_mm:.1f} 毫米，比例 {scale:.8f}",
    en="The model is placed through {points} control points: largest residual "
    "{max_residual_mm:.1f} mm, factor {scale:.8f}",
    remedy_zh="无需处理；残差明细见模型的地理参照",
    remedy_en="Nothing to do; residuals by point are with the model's georeference",
)
CONTROL_REFUSED = Code(
    code="GIS458",
    severity=80,
    zh="控制点不能用于放置，模型暂不放置：{why_zh}",
    en="The control points do not place the model, it is held back: {why_en}",
    remedy_zh="与测量单位核对控制点成果与模型中的点位后重新录入",
    remedy_en="Check the points with the surveyor and in the model and enter them again",
)
CONTROL_HULL = Code(
    code="GIS459",
    severity=20,
    zh="模型超出控制点围成的范围 {distance_m:.1f} 米，越远误差越大",
    en="The model reaches {distance_m:.1f} m out of the hull of its control points, where errors grow",
    remedy_zh="在模型外围补充控制点",
    remedy_en="Add control points around the model",
)
CONTROL_FEW = Code(
    code="GIS501",
    severity=15,
    zh="只有 {points} 个控制点，粗差无法检出或无法判断是哪个点",
    en="With {points} control points a blunder goes unseen or cannot be pinned on one of them",
    remedy_zh="补充到至少 4 个控制点",
    remedy_en="Give at least 4 control points",
)
CONTROL_NO_HEIGHT = Code(
    code="GIS502",
    severity=30,
    zh="控制点没有高程，模型高程未改正",
    en="The control points carry no heights: heights of the model are left as they are",
    remedy_zh="至少为一个控制点补充模型标高和高程",
    remedy_en="Give the height in the model and on the map of at least one point",
)
CONTROL_SUSPECT = Code(
    code="GIS503",
    severity=30,
    zh="控制点 {number} 与其余各点不符，偏差 {by_mm:.0f} 毫米（残差仍在限值内）",
    en="Control point {number} is off the fit of the others by {by_mm:.0f} mm, within the limit",
    remedy_zh="复核该点",
    remedy_en="Check this point",
)

CONTEXT_ONLY = Code(
    code="GIS504",
    severity=15,
    zh="图层坐标为 {source}（互联网地图加偏坐标），精度约 {accuracy_m:.0f} 米（C 级），只作背景显示，不参与检查",
    en="The layer is in {source}, a shifted map system, good to about {accuracy_m:.0f} m (class C): it "
    "is shown as context and nothing is checked against it",
    remedy_zh="请提供 CGCS2000 坐标的测绘成果",
    remedy_en="Have surveyed data delivered in CGCS2000",
)

TURNED = Code(
    code="GIS505",
    severity=80,
    zh="模型相对 {against_zh} 转了 {angle_deg:.1f}°：可能是{cause_zh}",
    en="The model is turned by {angle_deg:.1f} deg against {against_en}: probably {cause_en}",
    remedy_zh="改正坐标转换的旋转角（XAxisAbscissa、XAxisOrdinate）或项目北，重新导出",
    remedy_en="Correct the rotation of the conversion (XAxisAbscissa, XAxisOrdinate) or the project "
    "north and export again",
)
OTHER_SIZE = Code(
    code="GIS506",
    severity=80,
    zh="模型大小是 {against_zh} 的 {factor:.6g} 倍：可能是{cause_zh}",
    en="The model has {factor:.6g} times the size of {against_en}: probably {cause_en}",
    remedy_zh="核对导出的长度单位和坐标转换的 Scale，重新导出",
    remedy_en="Check the length unit of the export and Scale of the conversion and export again",
)
OTHER_HEIGHT = Code(
    code="GIS507",
    severity=70,
    zh="{storeys} 个楼层比其他模型的同名楼层高 {shift_m:+.3f} 米：可能是{cause_zh}；高程改正 {fix_m:+.3f} 米后一致",
    en="{storeys} storeys stand {shift_m:+.3f} m from those of the same names in the other models: "
    "probably {cause_en}; {fix_m:+.3f} m brings them together",
    remedy_zh="核对高程基准与坐标转换的 OrthogonalHeight；也可在项目中录入改正后的放置",
    remedy_en="Check the height datum and OrthogonalHeight of the conversion, or enter a placement",
)

NO_ZONE = Code(
    code="GIS508",
    severity=50,
    zh="坐标系“{name}”以度为单位，坐标转换却是投影坐标，缺少投影带或中央子午线；模型只能在其自身的工程坐标系内比对",
    en='The CRS "{name}" is in degrees and the conversion is projected: the zone is missing, and the '
    "model can be compared only within its own grid",
    remedy_zh="写明投影坐标系的 EPSG 代码（如 EPSG:4549），或在 project.toml 的 [grids] 中写明",
    remedy_en="Name the EPSG code of the projected CRS (such as EPSG:4549), or say it under [grids]",
)
NORTH_APART = Code(
    code="GIS509",
    severity=50,
    zh="正北方向与坐标转换的旋转相差 {difference_deg:.1f}°，按坐标转换放置；若正北方向正确，模型转错最多 {error_m:.2f} 米",
    en="TrueNorth and the rotation of the conversion differ by {difference_deg:.1f} deg; the conversion "
    "is used, and if TrueNorth is right the model is turned away by up to {error_m:.2f} m",
    remedy_zh="请设计方核对 XAxisAbscissa、XAxisOrdinate 与项目正北",
    remedy_en="Have XAxisAbscissa and XAxisOrdinate checked against the north of the project",
)
HEIGHT_ODD = Code(
    code="GIS510",
    severity=60,
    zh="模型高程为 {low_m:.0f} 至 {high_m:.0f} 米，没有建筑在此高度：高程单位或 OrthogonalHeight 有误，与地形、管线的高程比对不可信",
    en="The model stands at heights of {low_m:.0f} to {high_m:.0f} m, where nothing is built: the unit of "
    "heights or OrthogonalHeight is wrong, and checks of heights cannot be trusted",
    remedy_zh="核对 OrthogonalHeight 的单位（毫米/米），重新导出或录入放置",
    remedy_en="Check the unit of OrthogonalHeight (millimetres or metres), export again or enter a placement",
)
ELSEWHERE = Code(
    code="GIS511",
    severity=60,
    zh="构件坐标像是大地坐标（{x_m:.1f}, {y_m:.1f}），但不在项目坐标系 {crs} 的适用范围内{hint_zh}；模型没有放置",
    en="Coordinates look absolute ({x_m:.1f}, {y_m:.1f}) but lie outside the area of use of the "
    "project's {crs}{hint_en}; the model is not placed",
    remedy_zh="核对项目坐标系、坐标顺序（测量 X 为北）和单位；确认建议的修正，或录入放置",
    remedy_en="Check the project's CRS, the order of coordinates (X is north) and units; confirm the "
    "repair where one is proposed, or enter a placement",
)
CONVERSION_APART = Code(
    code="GIS512",
    severity=60,
    zh="模型与 {against_zh} 的本地坐标重合，坐标转换却不同：东 {east_m:+.3f} 米、北 {north_m:+.3f} 米、高 {up_m:+.3f} 米、转角 {turn_deg:+.4f}°，其中一个有误",
    en="The model shares the local coordinates of {against_en} but not their conversion: east {east_m:+.3f} m, "
    "north {north_m:+.3f} m, up {up_m:+.3f} m, turned {turn_deg:+.4f} deg; one of them is wrong",
    remedy_zh="核对各专业的坐标转换；确为同一原点时改成一致后重新导出",
    remedy_en="Compare the conversions of the disciplines; where they share one origin, make them equal",
)

CODES = (
    HEIGHTS_REFUSED,
    CONTROL_USED,
    CONTROL_REFUSED,
    CONTROL_HULL,
    CONTROL_FEW,
    CONTROL_NO_HEIGHT,
    CONTROL_SUSPECT,
    CONTEXT_ONLY,
    TURNED,
    OTHER_SIZE,
    OTHER_HEIGHT,
    NO_ZONE,
    NORTH_APART,
    HEIGHT_ODD,
    ELSEWHERE,
    CONVERSION_APART,
)
