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
NOT_DECIDED = Code(
    code="CLA501",
    severity=10,
    zh="{count} 对构件未能判定：{why}",
    en="{count} pairs could not be decided: {why}",
    remedy_zh="检查相关构件的几何是否封闭、有效，必要时重新导出。",
    remedy_en="Check that the bodies are closed and valid; export them again if not.",
)
RULE_WITHOUT_ELEMENTS = Code(
    code="CLA502",
    severity=5,
    zh="规则 {rule} 没有选中任何构件",
    en="Rule {rule} selects no element",
    remedy_zh="检查规则的专业、类别和名称条件是否与模型一致。",
    remedy_en="Check that the rule's disciplines, classes and names occur in the models.",
)

CODES: tuple[Code, ...] = (BAD_RULE_FILE, NOT_DECIDED, RULE_WITHOUT_ELEMENTS)
