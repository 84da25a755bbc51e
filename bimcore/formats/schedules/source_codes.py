"""The codes of plans from Primavera and from IFC, SCH620 to SCH629."""

from bimcore.findings import Code

SEVERAL_PROJECTS = Code(
    code="SCH620",
    severity=20,
    zh="文件含 {count} 个项目（{projects}），全部读入，各成一组。",
    en="The file holds {count} projects ({projects}); all are read, each as a group of its own.",
    remedy_zh="如果只需要其中一个，请只导出该项目后重新上传。",
    remedy_en="If only one is meant, export that one and upload again.",
)
BROKEN_ROW = Code(
    code="SCH621",
    severity=40,
    zh="{place_zh}：{what_zh}{more_zh}。",
    en="{place}: {what_en}{more_en}.",
    remedy_zh="该行可能不完整；请从 Primavera 重新导出 XER，不要用其他软件改写。",
    remedy_en="The row may be incomplete; export the XER from Primavera again, do not edit it by hand.",
)
DANGLING = Code(
    code="SCH622",
    severity=30,
    zh="{place_zh}：“{field}”指向不存在的“{value}”，已忽略{more_zh}。",
    en='{place}: "{field}" refers to "{value}", which is not in the file; left out{more_en}.',
    remedy_zh="导出时请包含所引用的内容（其他项目、日历或代码）。",
    remedy_en="Include what is referred to (other projects, calendars, codes) in the export.",
)
LOOP_OF_GROUPS = Code(
    code="SCH623",
    severity=40,
    zh="分组互相包含成环：{loop}；已在“{cut}”处断开。",
    en='Groups contain one another in a ring: {loop}; it is cut at "{cut}".',
    remedy_zh="请在原文件中改正 WBS 或任务嵌套。",
    remedy_en="Correct the WBS or the nesting of tasks in the source.",
)
SECOND_CONSTRAINT = Code(
    code="SCH624",
    severity=10,
    zh="{place_zh}：第二约束“{value}”只作记录，不参与计算{more_zh}。",
    en='{place}: the secondary constraint "{value}" is kept as a note and does not enter the dates'
    "{more_en}.",
    remedy_zh="如该约束起决定作用，请改为主约束。",
    remedy_en="If it decides the dates, make it the primary one.",
)
UNFINISHED = Code(
    code="SCH625",
    severity=60,
    zh="“{name}”没有结尾标记，最后一行是第 {line} 行，可能没有完整上传。",
    en='"{name}" has no end mark, its last line is {line}; it may not have been uploaded in full.',
    remedy_zh="请重新导出并完整上传；缺失的任务不会被检查。",
    remedy_en="Export and upload it again in full; tasks that are missing are not checked.",
)
DURATION_DAYS = Code(
    code="SCH626",
    severity=10,
    zh="工期中的“1 天”按{day_zh}读取（{why_zh}）。",
    en='"1 day" in durations is read as {day_en} ({why_en}).',
    remedy_zh="如不对，请在 IFC 任务中用小时写工期（例如 PT40H）。",
    remedy_en="If that is wrong, write durations of the IFC tasks in hours, such as PT40H.",
)

SOURCE_CODES: tuple[Code, ...] = (
    SEVERAL_PROJECTS,
    BROKEN_ROW,
    DANGLING,
    LOOP_OF_GROUPS,
    SECOND_CONSTRAINT,
    UNFINISHED,
    DURATION_DAYS,
)
