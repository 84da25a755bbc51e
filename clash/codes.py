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

BAD_DICTIONARY = Code(
    code="SCH630",
    severity=100,
    zh="工种词典无效：{reason}",
    en="The dictionary of trades is not valid: {reason}",
    remedy_zh="按提示的文件和行号修改词典后重试；写法见 docs/linking.md。",
    remedy_en="Correct the file at the line named and try again; docs/linking.md tells how.",
)
BAD_LINKS = Code(
    code="SCH631",
    severity=100,
    zh="进度关联无效：{reason}",
    en="The links of tasks are not valid: {reason}",
    remedy_zh="按提示的条目修改 [[links]] 或页面上的选择；写法见 docs/linking.md。",
    remedy_en="Correct the entry of [[links]] or the choice named; docs/linking.md tells how.",
)

BAD_THRESHOLD = Code(
    code="SCH601",
    severity=100,
    zh="施工预演的阈值无效：{reason}",
    en="The thresholds of the rehearsal are not valid: {reason}",
    remedy_zh="修改项目文件 [rehearsal] 或项目设置中点名的键；全部键见 docs/rehearsal.md。",
    remedy_en="Correct the key named in [rehearsal] or the project's settings; docs/rehearsal.md lists all.",
)

CODES: tuple[Code, ...] = (BAD_RULE_FILE, BAD_THRESHOLD, BAD_DICTIONARY, BAD_LINKS)
