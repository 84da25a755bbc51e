"""Plans in Primavera's exchange text, XER: tables of tab-separated rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bimcore.formats.schedules.based import Stated, hours_of_day, inherited
from bimcore.formats.schedules.bounded import refuse_beyond
from bimcore.formats.schedules.clndr import parsed
from bimcore.formats.schedules.codes import (
    BROKEN,
    CALENDAR_FAULT,
    ENCODING,
    NOT_READ,
)
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.p6 import (
    Activity,
    Columns,
    Dates,
    Plan,
    Project,
    Relation,
    Wbs,
    constrained,
    elements_of,
    schedule_of,
    task_of,
)
from bimcore.formats.schedules.p6fields import (
    Fields,
    as_number,
)
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.source_codes import BROKEN_ROW, DANGLING, UNFINISHED
from bimcore.formats.schedules.text import decoded_file
from bimcore.schedule import (
    Constraint,
    LagCalendar,
    LinkType,
    Progress,
    Schedule,
    Task,
)

_WANTED = frozenset(
    {
        *("project", "schedoptions", "calendar", "projwbs", "task", "taskpred"),
        *("actvtype", "actvcode", "taskactv", "udftype", "udfvalue", "rsrc", "taskrsrc"),
    }
)
_CONSTRAINTS = {
    "cs_alap": Constraint.ALAP,
    "cs_meo": Constraint.MUST_FINISH,
    "cs_meoa": Constraint.FINISH_NO_EARLIER,
    "cs_meob": Constraint.FINISH_NO_LATER,
    "cs_mandfin": Constraint.MUST_FINISH,
    "cs_mandstart": Constraint.MUST_START,
    "cs_mso": Constraint.MUST_START,
    "cs_msoa": Constraint.START_NO_EARLIER,
    "cs_msob": Constraint.START_NO_LATER,
}
_KINDS = {
    "tt_task": "task",
    "tt_rsrc": "task",
    "tt_loe": "effort",
    "tt_mile": "start",
    "tt_finmile": "finish",
    "tt_wbs": "summary",
}
_DATES = Columns(
    started="act_start_date",
    ended="act_end_date",
    starts=("restart_date", "early_start_date", "target_start_date"),
    finishes=("reend_date", "early_end_date", "target_end_date"),
    duration="target_drtn_hr_cnt",
    remaining="remain_drtn_hr_cnt",
)
_LINKS = {
    "pr_fs": LinkType.FS,
    "pr_ss": LinkType.SS,
    "pr_ff": LinkType.FF,
    "pr_sf": LinkType.SF,
}
_LAGS = {
    "rcal_predecessor": LagCalendar.PREDECESSOR,
    "rcal_successor": LagCalendar.SUCCESSOR,
    "rcal_projdefault": LagCalendar.PROJECT,
    "rcal_project": LagCalendar.PROJECT,
    "rcal_24hour": LagCalendar.ALWAYS,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """Cells of a row, its table's places of the fields, its line."""

    places: Mapping[str, int]
    cells: list[str]
    line: int

    def get(self, name: str) -> str:
        at = self.places.get(name, -1)
        return self.cells[at].strip() if 0 <= at < len(self.cells) else ""


@dataclass(slots=True)
class _File:
    name: str
    remarks: Remarks
    tables: dict[str, list[_Row]] = field(default_factory=dict)

    def rows(self, table: str, *, need: tuple[str, ...] = ()) -> Iterator[tuple[_Row, Fields]]:
        """Rows of a table that have what they cannot do without."""
        for row in self.tables.get(table, ()):
            place = f"line {row.line} ({table.upper()})"
            missing = [n for n in need if not row.get(n)]
            if missing:
                names = ", ".join(missing)
                self.remarks.note(
                    BROKEN_ROW,
                    place=place,
                    alike=names,
                    what_zh=f"缺少 {names}，该行未读取",
                    what_en=f"{names} is missing; the row is left out",
                )
            else:
                yield row, Fields(row.get, place, self.remarks)


def read(path: Path, *, name: str) -> Schedule:
    """The plan in the XER file at `path`; see :mod:`bimcore.formats.schedules.readers`."""
    remarks = Remarks(name)
    file = _File(name, remarks)
    _fill(file, _text(path, remarks))
    plan = Plan()
    baselines = _projects(file, plan)
    _calendars(file, plan)
    _nodes(file, plan, baselines)
    _activities(file, plan, baselines)
    _relations(file, plan)
    return schedule_of(plan, name=name, kind="xer", remarks=remarks)


def _text(path: Path, remarks: Remarks) -> str:
    """The text of the file, of which XER does not say the encoding.

    Its table of currencies has single bytes that are no text in any: few are not worth a word.
    """
    found = decoded_file(path)
    if found.lost > 40:
        remarks.note(
            ENCODING,
            place=remarks.name,
            declared="?",
            used=found.encoding,
            lost_zh=f"，{found.lost} 个字符无法识别",
            lost_en=f"; {found.lost} characters could not be read",
        )
    return found.text


def _fill(file: _File, text: str) -> None:
    """Take the tables that matter out of `text`."""
    table, places = "", dict[str, int]()
    last: _Row | None = None
    number, ended, seen = 0, False, False
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\r\x00\x1a")
        mark, _, rest = line.partition("\t")
        if mark == "%T":
            table, places, last, seen = rest.strip().lower(), {}, None, True
        elif mark == "%F":
            places = {n.strip().lower(): i for i, n in reversed(list(enumerate(rest.split("\t"))))}
        elif mark == "%R":
            last = _row(file, table, places, rest, number)
        elif mark.strip() == "%E":
            ended = True
        elif last is not None and line.strip():
            # a note with a line break in it goes on here
            more = line.split("\t")
            last.cells[-1] += " " + more[0]
            last.cells.extend(more[1:])
    if not seen:
        why = {"why_zh": "其中没有表（%T）", "why_en": "no table (%T) in it"}
        raise ScheduleError.of(BROKEN, name=file.name, place="line 1", **why)
    if not ended:
        file.remarks.note(UNFINISHED, place=file.name, name=file.name, line=number)


def _row(file: _File, table: str, places: Mapping[str, int], rest: str, line: int) -> _Row | None:
    if table not in _WANTED:
        return None
    cells = rest.split("\t")
    place = f"line {line} ({table.upper()})"
    if not places:
        zh, en = (
            "表没有字段行（%F），该行未读取",
            "the table has no fields (%F); the row is left out",
        )
        file.remarks.note(BROKEN_ROW, place=place, alike=table, what_zh=zh, what_en=en)
        return None
    surplus = [c for c in cells[max(places.values()) + 1 :] if c.strip()]
    if surplus:
        file.remarks.note(
            BROKEN_ROW,
            place=place,
            alike="surplus",
            what_zh=f"比字段多出 {len(surplus)} 个值（{surplus[0]}），字段可能错位",
            what_en=f"{len(surplus)} more values than fields ({surplus[0]}); fields may be shifted",
        )
    row = _Row(places, cells, line)
    rows = file.tables.setdefault(table, [])
    rows.append(row)
    if table == "task":
        refuse_beyond(len(rows), name=file.name)
    return row


def _projects(file: _File, plan: Plan) -> set[str]:
    """Read the projects; the keys of those that are baselines of others in the file."""
    lags = {
        row.get("proj_id"): fields.choice(
            "sched_calendar_on_relationship_lag", _LAGS, LagCalendar.PREDECESSOR
        )
        for row, fields in file.rows("schedoptions")
    }
    overridden = {
        row.get("proj_id")
        for row in file.tables.get("schedoptions", ())
        if row.get("sched_progress_override").upper() == "Y"
    }
    names = {
        row.get("proj_id"): row.get("wbs_name")
        for row in file.tables.get("projwbs", ())
        if row.get("proj_node_flag").upper() == "Y"
    }
    rows = list(file.rows("project", need=("proj_id",)))
    keys = {row.get("proj_id") for row, _ in rows}
    baselines: set[str] = set()
    for row, fields in rows:
        key, code = row.get("proj_id"), row.get("proj_short_name")
        origin = row.get("orig_proj_id")
        if origin and origin != key and origin in keys:
            baselines.add(key)
            zh, en = f"项目“{code}”是基线，未读取", f'project "{code}" is a baseline; left out'
            file.remarks.note(NOT_READ, place=fields.place, alike=key, what_zh=zh, what_en=en)
            continue
        plan.projects.append(
            Project(
                key=key,
                code=code,
                name=names.get(key, "") or code,
                calendar=row.get("clndr_id"),
                start=fields.moment("plan_start_date"),
                status_date=fields.moment("last_recalc_date"),
                lag_calendar=lags.get(key, LagCalendar.PREDECESSOR),
                progress=Progress.OVERRIDDEN if key in overridden else Progress.RETAINED,
            )
        )
    return baselines


def _calendars(file: _File, plan: Plan) -> None:
    stated: dict[str, Stated] = {}
    hours_per_day: dict[str, float] = {}
    for row, _fields in file.rows("calendar", need=("clndr_id",)):
        key, title = row.get("clndr_id"), row.get("clndr_name")
        place = f"line {row.line} (CALENDAR)"

        def complain(zh: str, en: str, place: str = place, title: str = title) -> None:
            file.remarks.note(
                CALENDAR_FAULT, place=place, alike=zh[:6], calendar=title, what_zh=zh, what_en=en
            )

        if key in stated:
            complain("标识重复，只取第一个", "repeats an id; the first one holds")
            continue
        hours, base = parsed(row.get("clndr_data"), complain), row.get("base_clndr_id")
        stated[key] = Stated(title=title, base=base, week=hours.week or None, days=hours.days)
        if not hours.week and base in {"", key}:
            complain(
                "没有每周工作时间，按周一至周五 8 小时",
                "states no week; Monday to Friday is assumed",
            )
        hours_per_day[key] = hours_of_day(as_number(row.get("day_hr_cnt")))
        if row.get("default_flag").upper() == "Y":
            plan.calendar = plan.calendar or key
    plan.calendars |= {key: inherited(key, stated)[0] for key in stated}
    plan.hours_per_day = hours_per_day


def _nodes(file: _File, plan: Plan, baselines: set[str]) -> None:
    for row, fields in file.rows("projwbs", need=("wbs_id",)):
        if row.get("proj_id") in baselines:
            continue
        plan.nodes.append(
            Wbs(
                key=row.get("wbs_id"),
                project=row.get("proj_id"),
                parent=row.get("parent_wbs_id"),
                code=row.get("wbs_short_name"),
                name=row.get("wbs_name"),
                order=fields.number("seq_num") or 0.0,
                root=row.get("proj_node_flag").upper() == "Y",
                place=fields.place,
            )
        )


def _activities(file: _File, plan: Plan, baselines: set[str]) -> None:
    codes = _codes(file)
    resources, crews = _resources(file)
    known = {p.key for p in plan.projects}
    for row, fields in file.rows("task", need=("task_id",)):
        project, key = row.get("proj_id"), row.get("task_id")
        if project in baselines:
            continue
        if known and project not in known:
            file.remarks.note(DANGLING, place=fields.place, field="proj_id", value=project)
        calendar = row.get("clndr_id")
        if calendar and calendar not in plan.calendars:
            file.remarks.note(DANGLING, place=fields.place, field="clndr_id", value=calendar)
            calendar = ""
        task = replace(
            _task(row, fields),
            calendar=calendar,
            codes=codes.get(key, {}),
            elements=elements_of(codes.get(key, {})),
            resources=tuple(resources.get(key, ())),
            crew=crews.get(key),
        )
        first = (_constraint(fields, "cstr_type"), fields.moment("cstr_date"))
        second = (_constraint(fields, "cstr_type2"), fields.moment("cstr_date2"))
        mandatory = row.get("cstr_type").lower().startswith("cs_mand")
        task = constrained(task, first, second, file.remarks, mandatory=mandatory)
        plan.activities.append(Activity(key=key, project=project, wbs=row.get("wbs_id"), task=task))


def _constraint(fields: Fields, name: str) -> Constraint | None:
    return fields.choice(name, _CONSTRAINTS, None)


def _task(row: _Row, fields: Fields) -> Task:
    kind = fields.choice("task_type", _KINDS, "task")
    dates = Dates.of(fields, _DATES)
    return task_of(
        dates,
        kind,
        names=(
            row.get("task_code") or row.get("task_id"),
            row.get("task_name") or row.get("task_code"),
        ),
        complete=_complete(row, fields, dates),
        place=f"line {row.line} (TASK {row.get('task_code')})",
    )


def _complete(row: _Row, fields: Fields, dates: Dates) -> float:
    status = row.get("status_code").lower()
    if status == "tk_complete":
        return 1.0
    if status == "tk_notstart":
        return 0.0
    way = row.get("complete_pct_type").lower()
    share: float | None = None
    if way == "cp_phys":
        physical = fields.number("phys_complete_pct")
        share = None if physical is None else physical / 100.0
    elif way == "cp_units":
        done, left = fields.number("act_work_qty"), fields.number("remain_work_qty")
        if done is not None and left is not None and done + left > 0:
            share = done / (done + left)
    else:
        share = dates.done
    return min(max(share or 0.0, 0.0), 1.0)


def _codes(file: _File) -> dict[str, dict[str, str]]:
    """Activity codes and user fields of each task, by their names."""
    kinds = {r.get("actv_code_type_id"): r.get("actv_code_type") for r, _ in file.rows("actvtype")}
    values = {r.get("actv_code_id"): r for r, _ in file.rows("actvcode")}
    found: dict[str, dict[str, str]] = {}
    for row, fields in file.rows("taskactv", need=("task_id", "actv_code_id")):
        value = values.get(row.get("actv_code_id"))
        if value is None:
            key = row.get("actv_code_id")
            file.remarks.note(DANGLING, place=fields.place, field="actv_code_id", value=key)
            continue
        kind = row.get("actv_code_type_id") or value.get("actv_code_type_id")
        label = kinds.get(kind) or f"code {kind}"
        short, long = value.get("short_name"), value.get("actv_code_name")
        held = found.setdefault(row.get("task_id"), {})
        held[label] = short or long
        if long and long != short and short:
            held[f"{label} name"] = long
    own = {
        r.get("udf_type_id"): r.get("udf_type_label") or r.get("udf_type_name")
        for r, _ in file.rows("udftype")
        if r.get("table_name").upper() == "TASK"
    }
    for row, _fields in file.rows("udfvalue", need=("udf_type_id", "fk_id")):
        named = own.get(row.get("udf_type_id"))
        text = row.get("udf_text") or row.get("udf_number") or row.get("udf_date")
        if named and text:
            found.setdefault(row.get("fk_id"), {})[named] = text
    return found


def _resources(file: _File) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Names of the resources of each task, and its people at work."""
    known = {r.get("rsrc_id"): r for r, _ in file.rows("rsrc")}
    names: dict[str, list[str]] = {}
    crews: dict[str, float] = {}
    for row, fields in file.rows("taskrsrc", need=("task_id",)):
        resource, key = known.get(row.get("rsrc_id")), row.get("task_id")
        if resource is not None:
            title = resource.get("rsrc_name") or resource.get("rsrc_short_name")
            if title and title not in names.setdefault(key, []):
                names[key].append(title)
        kind = row.get("rsrc_type") or (resource.get("rsrc_type") if resource else "")
        if kind.lower() == "rt_labor":
            people = fields.number("target_qty_per_hr")
            if people is not None and people > 0:
                crews[key] = crews.get(key, 0.0) + people
    return names, crews


def _relations(file: _File, plan: Plan) -> None:
    for row, fields in file.rows("taskpred", need=("task_id", "pred_task_id")):
        plan.relations.append(
            Relation(
                predecessor=row.get("pred_task_id"),
                successor=row.get("task_id"),
                type=fields.choice("pred_type", _LINKS, LinkType.FS),
                lag=fields.hours("lag_hr_cnt") or 0.0,
                place=fields.place,
            )
        )
