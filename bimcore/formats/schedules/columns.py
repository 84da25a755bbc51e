"""What planners call the columns of a plan, in Chinese and English."""

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from bimcore.schedule import Action

_Field = TypeVar("_Field")


def _split(words: Mapping[_Field, str]) -> dict[_Field, tuple[str, ...]]:
    return {field: tuple(text.split()) for field, text in words.items()}


#: Names of each field as they stand in header rows; compared without spaces, case and marks.
#: What stands first is the best name: two columns of one field are told apart by it.
NAMES: Mapping[str, tuple[str, ...]] = _split(
    {
        "id": (
            "标识号 任务标识号 id uid uniqueid taskid activityid 任务id 作业代码 任务编号 "
            "任务编码 工作编号 作业编号 工序编号 activitycode taskcode 编号 编码 行号 序号 no nr "
            "number item itemno # vorgangsnummer vorgangsnr pos position nº num"
        ),
        "name": (
            "任务名称 工作名称 工序名称 作业名称 活动名称 施工内容 工作内容 任务 工序 工作项 工作任务 分部分项工程 分部分项 "
            "分项工程 分项名称 项目名称 工程项目 施工项目 施工任务 名称 taskname activityname name "
            "task activity description taskdescription activitydescription "
            "title omschrijving vorgangsname vorgang taaknaam 内容 进度项目 节点名称 "
            "里程碑 bezeichnung aufgabe arbeitspaket gewerk nomdelatache tache nombredetarea tarea "
            "nomedatarefa tarefa nomeattivita attivita designation 工作 事项 节点 项目"
        ),
        "wbs": (
            "wbs wbs编码 wbs代码 wbscode 大纲数字 outlinenumber wbs编号 层次编码 pspcode psp "
            "gliederungsnummer oz overzichtsnummer edt organigramme"
        ),
        "level": (
            "大纲级别 outlinelevel gliederungsebene ebene overzichtsniveau niveau 级别 层级 任务级别 wbslevel level 等级"
        ),
        "start": (
            "开始时间 开始日期 计划开始时间 计划开始 计划开始日期 开工日期 开工时间 开始 计划开工 计划开工日期 计划开工时间 "
            "起始时间 起始日期 start startdate plannedstart planstart "
            "plannedstartdate schedulestart starttime begin begindate "
            "anfang beginn startdatum startdat starttermin geplanteranfang debut datededebut comienzo "
            "inicio inizio 开始工期 拟开工日期 scheduledstart earlystart "
            "最早开始"
        ),
        "finish": (
            "完成时间 完成日期 结束时间 结束日期 计划完成时间 计划完成 计划完成日期 计划结束时间 计划结束 计划结束日期 完工日期 "
            "完工时间 竣工日期 竣工时间 完成 结束 计划完工 计划完工日期 计划完工时间 终止时间 截止日期 截止时间 finish "
            "finishdate fertigstellen fertigstellung endtermin enddat geplantesende voltooien fin datedefin "
            "termino fine end enddate plannedfinish plannedend planfinish "
            "plannedfinishdate schedulefinish endtime einde einddatum ende "
            "拟完工日期 scheduledfinish earlyfinish 最早完成 plannedenddate"
        ),
        "span": (
            "起止时间 起止日期 计划起止时间 计划起止日期 开竣工日期 开完工日期 施工时间 施工日期 时间段 "
            "daterange period startfinish startend"
        ),
        "duration": (
            "工期 持续时间 计划工期 历时 施工工期 工作日 天数 施工天数 工期天 工期d 持续天数 duration "
            "originalduration plannedduration dur days durationdays dauer "
            "duur tijdsduur duree duracion duracao durata 计划天数 工作天数 工时天"
        ),
        "predecessors": (
            "前置任务 紧前工作 紧前工序 紧前任务 前置工序 前置工作 前置作业 前导任务 前项任务 前置 紧前 逻辑关系 "
            "predecessors predecessor preds pred dependencies dependency "
            "dependson vorganger voorganger voorgangers voorafgaandetaken predecesseurs predecesoras "
            "predecessoras predecessori 前置任务id "
            "predecessordetails 前置关系"
        ),
        "successors": (
            "后续任务 后置任务 紧后工作 紧后工序 紧后任务 后续工作 后续工序 后续作业 successors successor "
            "successordetails 后继任务 nachfolger opvolger opvolgers volgendetaken successeurs sucesoras "
            "sucessoras successori"
        ),
        "elements": (
            "构件guid 构件globalid globalid guid ifcguid ifcglobalid 构件id "
            "构件编码guid elementguid elementids elements 构件唯一标识 模型构件 关联构件 关联模型 "
            "bim构件 构件标识 模型id elementid ifcid 构件"
        ),
        "crew": (
            "施工人数 人数 劳动力 作业人数 投入人数 劳动力人数 工人数 班组人数 人员数量 计划人数 用工人数 crew "
            "crewsize workers headcount labour labor manpower men 劳动力投入 "
            "出勤人数"
        ),
        "resources": (
            "资源名称 资源 施工班组 班组 作业队 施工队 队伍 分包单位 责任单位 施工单位 分包 resourcenames "
            "resources resource team subcontractor 责任人 负责人 ressourcennamen ressourcen "
            "resourcenamen nomsressources kolonne"
        ),
        "action": ("任务类型 作业类型 施工类型 tasktype activitytype 类型 appearance type"),
        "calendar": ("日历 任务日历 工作日历 calendar taskcalendar calendarname"),
        "constraint": ("einschrankungsart 限制类型 限制条件 约束类型 constrainttype constraint"),
        "constraint_date": ("einschrankungstermin 限制日期 约束日期 constraintdate"),
        "deadline": ("stichtag frist 期限 最后期限 截止期限 deadline"),
        "actual_start": (
            "istanfang tatsachlicheranfang 实际开始时间 实际开始 实际开始日期 实际开工 实际开工日期 实际开工时间 actualstart "
            "actualstartdate"
        ),
        "actual_finish": (
            "实际完成时间 实际完成 实际完成日期 实际结束 实际结束时间 实际结束日期 实际完工 实际完工日期 实际完工时间 "
            "istende tatsachlichesende actualfinish actualend actualfinishdate actualenddate"
        ),
        "complete": (
            "完成百分比 完成率 完成比例 进度 完成进度 percentcomplete complete pctcomplete "
            "progress physicalcomplete abgeschlossen fortschritt acheve completado concluida 形象进度 已完成 完成情况"
        ),
        "summary": ("摘要 是否摘要 summary issummary"),
        "milestone": ("meilenstein 是否里程碑 里程碑标志 milestone ismilestone"),
        "active": ("aktiv 活动 是否活动 active isactive"),
    }
)

_BY_NAME = {
    name: (field, rank) for field, all_names in NAMES.items() for rank, name in enumerate(all_names)
}
#: Dropped before comparing; what stands in brackets is a unit or a hint.
_HINT = re.compile(r"[(\[{（【\u3014].*?[)\]}）】\u3015]")
_MARKS = re.compile(r"[\s\W_]+")
_MARKED = re.compile("[\u0300-\u036f]")

_ACTIONS: Mapping[Action, tuple[str, ...]] = _split(
    {
        Action.INSTALL: ("construct install new build 建造 安装 新建 施工 浇筑 构造"),
        Action.REMOVE: ("demolish demolition remove removal dismantle 拆除 拆卸"),
        Action.TEMPORARY: ("temporary temp 临时 临设"),
        Action.MAINTAIN: ("maintain maintenance 维护 维修 保养"),
        Action.NEUTRAL: ("neutral existing none 中性 既有 不变"),
    }
)
_GUID = re.compile(r"(?<![0-9A-Za-z_$])[0-3][0-9A-Za-z_$]{21}(?![0-9A-Za-z_$])")


#: Chinese headers by the words in them, for names nobody listed; tried in this order.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("actual_start", re.compile(r"实际.*(开始|开工)")),
    ("actual_finish", re.compile(r"实际.*(完成|完工|结束|竣工)(时间|日期|$)")),
    ("", re.compile(r"实际|基线|基准|最早|最迟|最晚|剩余|偏差|延误|百分比|工程量|单位|上级|父")),
    ("span", re.compile(r"起止|开竣工|开完工")),
    ("predecessors", re.compile(r"前置|紧前|前导")),
    ("successors", re.compile(r"后置|紧后|后续(任务|工作|工序)")),
    ("start", re.compile(r"(开始|开工|进场|起始)(时间|日期|日)")),
    ("finish", re.compile(r"(完成|完工|结束|竣工|截止)(时间|日期|日)")),
    ("duration", re.compile(r"^(计划|施工|合同)?(工期|历时|持续时间|天数)")),
    ("name", re.compile(r"(任务|工作|工序|作业|工程|分项|施工|项目|活动).*(名称|内容)$")),
    ("elements", re.compile(r"构件.*(guid|id|标识)|globalid")),
    ("crew", re.compile(r"(人数|劳动力)$")),
)
_LOOSE = 100  #: rank of a header known by its words alone


def _by_words(header: str) -> tuple[str, int] | None:
    text = plain(header)
    field = next((name for name, words in _WORDS if words.search(text)), "")
    return (field, _LOOSE) if field else None


def plain(header: str) -> str:
    """A header without spaces, marks, accents, hints in brackets, and case."""
    text = _MARKED.sub("", unicodedata.normalize("NFKD", header))
    bare = _HINT.sub("", text)
    return _MARKS.sub("", bare if _MARKS.sub("", bare) else text).lower() or text.strip()


def field_of(header: str) -> tuple[str, int] | None:
    """The field a header stands for and how good the name is (0 best); None for others."""
    found = _BY_NAME.get(plain(header))
    if found is None and "/" in header:
        # Two languages in one cell: 任务名称/Task name, 开始 / Start.
        known = [_BY_NAME.get(plain(part)) for part in header.split("/")]
        found = next((k for k in known if k is not None), None)
    if found is None:
        both = re.findall(r"[\u4e00-\u9fff]+|[A-Za-z ]+", header)
        if len(both) == 2:
            known = [_BY_NAME.get(plain(part)) for part in both]
            found = known[0] if known[0] and known[1] and known[0][0] == known[1][0] else None
    return found or _by_words(header)


def action_of(text: str) -> Action | None:
    """What a task does, by the word of its type column."""
    word = plain(text)
    return next((a for a, words in _ACTIONS.items() if word in words), None)


def guids_of(text: str) -> tuple[str, ...]:
    """GlobalIds in a cell, whatever stands between them; each once."""
    return tuple(dict.fromkeys(_GUID.findall(text)))
