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

CODES = (HEIGHTS_REFUSED,)
