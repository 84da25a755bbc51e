"""Catalogued codes of the clash room, CLA 5xx."""

from bimcore.findings import Code

BAD_RULE_FILE = Code(
    code="CLA500",
    severity=100,
    zh="规则文件无效：{reason}",
    en="The rule file is not valid: {reason}",
    remedy_zh="按提示的行号修改规则文件后重试。",
    remedy_en="Correct the line named and try again.",
)

CODES: tuple[Code, ...] = (BAD_RULE_FILE,)
