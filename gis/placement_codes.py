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
)
