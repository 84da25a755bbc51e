"""Catalogued codes of the clash room, CLA 5xx."""

from bimcore.findings import Code

BAD_RULE_FILE = Code(
    code="CLA500",
    severity=100,
    zh="规则文件无效：{reason}",
    en="The rule file is not valid: {reason}",
    remedy_zh="按提示的行号或单元格修改规则文件后重试；写法见 docs/rules.md。",
    remedy_en="Correct the lines or cells named and try again; docs/rules.md tells how.",
)

CODES: tuple[Code, ...] = (BAD_RULE_FILE,)
