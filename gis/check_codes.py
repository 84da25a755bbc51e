"""The codes of findings about distances to what the map shows, and of the rulebook."""

from bimcore.findings import Code

RULEBOOK_INVALID = Code(
    code="GIS480",
    severity=90,
    zh="规则库无效：{why}",
    en="The rulebook is not valid: {why}",
    remedy_zh="按提示修改所指文件的行与键",
    remedy_en="Correct the row and key that are named",
)
PARAMETER_INVALID = Code(
    code="GIS481",
    severity=90,
    zh="项目参数无效：{why}",
    en="A project parameter is not valid: {why}",
    remedy_zh="核对参数名与数值，见 docs/site-checks.md 的参数表",
    remedy_en="Check the key and its value against the table in docs/site-checks.md",
)


def _distance(code: str, *, zh: str, en: str, remedy: tuple[str, str], severity: int = 60) -> Code:
    return Code(
        code=code,
        severity=severity,
        zh=zh
        + " {value_m:.2f} 米，要求不小于 {required_m:.2f} 米（±{uncertainty_m:.2f} 米，{band_zh}）",
        en=en
        + " {value_m:.2f} m, required at least {required_m:.2f} m (±{uncertainty_m:.2f} m, {band_en})",
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )


SETBACK = _distance(
    "GIS482",
    zh="{subject_zh}至{feature_zh}的退让距离",
    en="{subject_en} to {feature_en}: setback",
    remedy=(
        "将构件移到退让线以内，或取得规划许可",
        "Move it behind the setback or obtain the permit",
    ),
    severity=75,
)
UTILITY_HORIZONTAL = _distance(
    "GIS483",
    zh="{subject_zh}与{feature_zh}的水平净距",
    en="{subject_en} to {feature_en}, horizontal clearance",
    remedy=(
        "调整构件位置或迁改管线；受限时按规范采取措施并由权属单位确认",
        "Move the element or divert the line; where neither is possible agree on measures with its owner",
    ),
)
UTILITY_VERTICAL = _distance(
    "GIS484",
    zh="{subject_zh}与{feature_zh}交叉的垂直净距",
    en="{subject_en} crossing {feature_en}, vertical clearance",
    remedy=(
        "调整交叉处标高，或加套管并由权属单位确认",
        "Change the level at the crossing, or agree on a sleeve with the owner",
    ),
)
UTILITY_COVER = _distance(
    "GIS485",
    zh="{subject_zh}{feature_zh}的覆土",
    en="{subject_en}{feature_en}: cover",
    remedy=("加大埋深，或采取加固措施", "Lay it deeper or protect it"),
    severity=45,
)
METRO_ZONE = _distance(
    "GIS486",
    zh="{subject_zh}位于轨道交通保护区（{feature_zh}）：距离",
    en="{subject_en} inside a metro protection zone ({feature_en}): distance",
    remedy=(
        "保护区内施工前向轨道交通运营单位办理手续，并做安全评估",
        "Before working in the zone apply to the metro operator with a safety assessment",
    ),
)
RAILWAY_ZONE = _distance(
    "GIS487",
    zh="{subject_zh}位于铁路线路安全保护区（{feature_zh}）：距离",
    en="{subject_en} inside a railway safety zone ({feature_en}): distance",
    remedy=("移出保护区，或征得铁路运输企业同意", "Move it out or obtain the railway's consent"),
)
PROTECTION_ZONE = _distance(
    "GIS488",
    zh="{subject_zh}位于保护范围（{feature_zh}）：距离",
    en="{subject_en} inside a protected area ({feature_en}): distance",
    remedy=(
        "移出保护范围，或向主管部门办理手续",
        "Move it out or apply to the authority in charge",
    ),
)
POWER_ZONE = _distance(
    "GIS489",
    zh="{subject_zh}位于架空电力线路保护区（{feature_zh}）：距离",
    en="{subject_en} inside the protection zone of an overhead line ({feature_en}): distance",
    remedy=(
        "移出保护区；确需施工的向电力管理部门办理手续",
        "Move it out, or apply to the authority in charge of power lines",
    ),
)
POWER_CLEARANCE = _distance(
    "GIS490",
    zh="{rule_zh}：{subject_zh}距{feature_zh}",
    en="{rule_en}: {subject_en} to {feature_en}",
    remedy=(
        "移开建筑、迁改线路或停电搭设防护，施工前由供电部门确认",
        "Move the building, divert the line or protect it; agree with the power company before work",
    ),
    severity=85,
)
NEIGHBOUR = _distance(
    "GIS491",
    zh="{subject_zh}与{feature_zh}的间距",
    en="{subject_en} to the {feature_en}: distance",
    remedy=(
        "调整总平面，或核对适用的间距要求",
        "Change the layout or check which distance applies",
    ),
)
EXCAVATION = _distance(
    "GIS492",
    zh="{feature_zh}位于基坑开挖影响面内：距基坑边",
    en="The {feature_en} lies inside the influence plane of the excavation: distance to its edge",
    remedy=(
        "加强支护与监测，或减小开挖深度",
        "Strengthen the support and monitor, or dig less deep",
    ),
)
FLOATING = _distance(
    "GIS493",
    zh="{subject_zh}悬空：底面低于地面",
    en="{subject_en} stands in the air: its underside is below the ground by",
    remedy=("核对基础标高与地形、高程基准", "Check the levels against terrain and height datum"),
    severity=70,
)
BURIED = _distance(
    "GIS494",
    zh="{subject_zh}被埋：楼面高出地面",
    en="{subject_en} is buried: its top is above the ground by",
    remedy=(
        "核对±0.00 标高与地形、高程基准；需要挖方时提供设计地形",
        "Check the ground-floor level against terrain and datum; give the design surface where ground is cut",
    ),
)
EMBEDMENT = _distance(
    "GIS495",
    zh="{subject_zh}埋置深度",
    en="{subject_en}: depth below the ground",
    remedy=("加大埋深", "Found it deeper"),
)
EARTHWORK = Code(
    code="GIS496",
    severity=5,
    zh="{surface_zh}与现状地形之间：挖方 {cut_m3:.0f} 立方米，填方 {fill_m3:.0f} 立方米（±{uncertainty_m3:.0f} 立方米，{area_m2:.0f} 平方米）",
    en="{surface_en} against the terrain: cut {cut_m3:.0f} m3, fill {fill_m3:.0f} m3 (±{uncertainty_m3:.0f} m3 over {area_m2:.0f} m2)",
    remedy_zh="用于土方平衡估算",
    remedy_en="For the balance of earthworks",
)
HEIGHT_LIMIT = _distance(
    "GIS497",
    zh="{subject_zh}至限高面（{feature_zh}）的余量",
    en="{subject_en} below the height limit ({feature_en}) by",
    remedy=("降低高度，或办理规划许可", "Lower it or obtain the permit"),
    severity=75,
)
FLOOD = _distance(
    "GIS498",
    zh="{subject_zh}高出洪水位（{feature_zh}）",
    en="{subject_en} above the flood level ({feature_en}) by",
    remedy=(
        "抬高洞口或首层，或设置防淹措施",
        "Raise the opening or the ground floor, or protect it",
    ),
    severity=75,
)

CODES = (
    RULEBOOK_INVALID,
    PARAMETER_INVALID,
    SETBACK,
    UTILITY_HORIZONTAL,
    UTILITY_VERTICAL,
    UTILITY_COVER,
    METRO_ZONE,
    RAILWAY_ZONE,
    PROTECTION_ZONE,
    POWER_ZONE,
    POWER_CLEARANCE,
    NEIGHBOUR,
    EXCAVATION,
    FLOATING,
    BURIED,
    EMBEDMENT,
    EARTHWORK,
    HEIGHT_LIMIT,
    FLOOD,
)
