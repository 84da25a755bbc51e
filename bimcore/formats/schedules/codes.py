"""The codes of plans and of what is wrong in them, SCH602 to SCH619."""

from bimcore.findings import Code
from bimcore.formats.schedules.source_codes import SOURCE_CODES

NOT_A_PLAN = Code(
    code="SCH602",
    severity=100,
    zh="“{name}”不是能读取的进度计划文件：{why_zh}。",
    en='"{name}" is no schedule that can be read: {why_en}.',
    remedy_zh="请导出为 MS Project XML、Primavera XER 或 XML、Excel（.xlsx）、CSV，或含任务的 IFC。",
    remedy_en="Export it as MS Project XML, Primavera XER or XML, Excel (.xlsx), CSV, or IFC with tasks.",
)
NATIVE_FILE = Code(
    code="SCH603",
    severity=100,
    zh="“{name}”是 {tool} 的内部格式，不能直接读取。",
    en='"{name}" is the native format of {tool} and is not read.',
    remedy_zh="请在该软件中另存：MS Project 选“XML 格式”，斑马、Powerproject 等导出 MS Project XML，旧版 Excel 另存为 .xlsx。",
    remedy_en="Save it from that tool: MS Project as XML, Powerproject and others as MS Project XML, old Excel as .xlsx.",
)
TOO_LARGE = Code(
    code="SCH604",
    severity=100,
    zh="“{name}”超过上限：{why_zh}。",
    en='"{name}" is beyond the limit: {why_en}.',
    remedy_zh="请只导出需要的项目，不含基线与历史；或分成几个文件。",
    remedy_en="Export the one project without baselines and history, or split the file.",
)
BROKEN = Code(
    code="SCH605",
    severity=100,
    zh="“{name}”已损坏或不完整，{place_zh}：{why_zh}。",
    en='"{name}" is damaged or cut off, {place}: {why_en}.',
    remedy_zh="请重新导出并完整上传。",
    remedy_en="Export it again and upload all of it.",
)
UNSAFE = Code(
    code="SCH606",
    severity=100,
    zh="“{name}”含有 DTD 或实体，出于安全不予读取（{place_zh}）。",
    en='"{name}" holds a DTD or entities and is not read, for safety ({place}).',
    remedy_zh="进度软件导出的文件不会有这些内容；请从原软件重新导出。",
    remedy_en="No scheduling tool writes these; export the file again from the tool.",
)
STOPPED = Code(
    code="SCH607",
    severity=100,
    zh="读取“{name}”时超出内存或时间上限，已停止。",
    en='Reading "{name}" took more memory or time than allowed and was stopped.',
    remedy_zh="请检查文件是否正常；如确实很大，请只导出需要的部分。",
    remedy_en="Check the file; if it really is that large, export only what is needed.",
)
NO_TASKS = Code(
    code="SCH608",
    severity=100,
    zh="“{name}”中没有任务。",
    en='"{name}" holds no task.',
    remedy_zh="请确认导出的是有任务的计划，而不是空白模板。",
    remedy_en="Make sure that the plan with the tasks was exported, not an empty template.",
)
BAD_VALUE = Code(
    code="SCH609",
    severity=30,
    zh="{place_zh}：“{field}”的值“{value}”无法理解，已忽略{more_zh}。",
    en='{place}: "{field}" has the value "{value}" that cannot be understood; left out{more_en}.',
    remedy_zh="请在原文件中改正该值后重新上传。",
    remedy_en="Correct the value in the source and upload again.",
)
BAD_LINK = Code(
    code="SCH610",
    severity=30,
    zh="{place_zh}：紧前关系“{value}”未读取：{why_zh}{more_zh}。",
    en='{place}: the link "{value}" was not read: {why_en}{more_en}.',
    remedy_zh="请在原文件中改正紧前任务或关系；未读取的关系不参与检查。",
    remedy_en="Correct the predecessor in the source; links not read take no part in the checks.",
)
REPEATED_ID = Code(
    code="SCH611",
    severity=30,
    zh="{place_zh}：任务标识“{value}”重复，后一行改记为“{given}”{more_zh}。",
    en='{place}: the task id "{value}" is used twice; the later row is kept as "{given}"{more_en}.',
    remedy_zh="请让每个任务有唯一标识，否则版本之间无法对应。",
    remedy_en="Give every task its own id, else revisions cannot be matched.",
)
NOT_READ = Code(
    code="SCH612",
    severity=10,
    zh="{place_zh}：{what_zh}{more_zh}。",
    en="{place}: {what_en}{more_en}.",
    remedy_zh="其余内容已读取；请判断未读取的部分是否影响计划。",
    remedy_en="All else was read; judge whether what is left out matters.",
)
DATE_ORDER = Code(
    code="SCH613",
    severity=10,
    zh="{place_zh}：“{field}”中 {value} 一类的日期按“{order_zh}”读取（{why_zh}）。",
    en='{place}: dates such as {value} in "{field}" are read as {order_en} ({why_en}).',
    remedy_zh="如不对，请把日期写成 2026-03-02 的样子再上传。",
    remedy_en="If that is wrong, write the dates like 2026-03-02 and upload again.",
)
NO_HEADER = Code(
    code="SCH614",
    severity=100,
    zh="“{name}”中找不到表头：需要任务名称，以及开始、完成或工期中的至少一列。{seen_zh}",
    en='"{name}" has no header row: task name and one of start, finish or duration are needed. {seen_en}',
    remedy_zh="请加一行表头，例如：序号、任务名称、开始时间、完成时间、工期、前置任务。",
    remedy_en="Add a header row such as: ID, Name, Start, Finish, Duration, Predecessors.",
)
ASSUMED_CALENDAR = Code(
    code="SCH615",
    severity=5,
    zh="文件没有日历，按{calendar_zh}计算（{why_zh}）。",
    en="The file holds no calendar; {calendar_en} is assumed ({why_en}).",
    remedy_zh="如不对，请从进度软件导出带日历的 XML。",
    remedy_en="If that is wrong, export XML with calendars from the scheduling tool.",
)
REVERSED = Code(
    code="SCH616",
    severity=40,
    zh="{place_zh}：完成 {finish} 早于开始 {start}，完成时间已忽略{more_zh}。",
    en="{place}: finish {finish} lies before start {start}; the finish is left out{more_en}.",
    remedy_zh="请在原文件中改正日期。",
    remedy_en="Correct the dates in the source.",
)
ENCODING = Code(
    code="SCH617",
    severity=20,
    zh="文件标明编码 {declared}，实际按 {used} 读取{lost_zh}。",
    en="The file says its encoding is {declared}; it was read as {used}{lost_en}.",
    remedy_zh="请核对名称是否乱码；重新导出时选 UTF-8。",
    remedy_en="Check that names are right; choose UTF-8 when exporting again.",
)
CALENDAR_FAULT = Code(
    code="SCH618",
    severity=30,
    zh="{place_zh}：日历“{calendar}”{what_zh}{more_zh}。",
    en='{place}: calendar "{calendar}" {what_en}{more_en}.',
    remedy_zh="请在进度软件中检查该日历的工作时间与例外日期。",
    remedy_en="Check the working times and exceptions of this calendar in the scheduling tool.",
)

CODES = (
    NOT_A_PLAN,
    NATIVE_FILE,
    TOO_LARGE,
    BROKEN,
    UNSAFE,
    STOPPED,
    NO_TASKS,
    BAD_VALUE,
    BAD_LINK,
    REPEATED_ID,
    NOT_READ,
    DATE_ORDER,
    NO_HEADER,
    ASSUMED_CALENDAR,
    REVERSED,
    ENCODING,
    CALENDAR_FAULT,
    *SOURCE_CODES,
)
