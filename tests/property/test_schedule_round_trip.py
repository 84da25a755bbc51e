"""The same plan through every format gives the same tasks, links, dates and calendars.

What a format cannot carry is left out of the comparison, and only that:

- XER, P6 XML: the id of groups, deadlines, lags that are elapsed or in percent;
- CSV, XLSX: calendars, constraints, the begin of the project, the status date;
- IFC: constraints, deadlines, ids of the author (a GlobalId stands in their place).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from bimcore.formats.schedules.readers import READERS
from bimcore.schedule import Schedule
from tests import plan_files as plans
from tests.made_up_plans import made_up, shifts_on

SEEDS = range(6)


@dataclass(frozen=True)
class Format:
    """How a plan is written, and what of it comes back."""

    kind: str
    suffix: str
    calendars: bool = True
    constraints: bool = True
    ids: bool = True


FORMATS = (
    Format("mspdi", ".xml", ids=False),
    Format("xer", ".xer"),
    Format("p6xml", ".xml"),
    Format("ifc", ".ifc", constraints=False, ids=False),
    Format("csv", ".csv", calendars=False, constraints=False, ids=False),
    Format("xlsx", ".xlsx", calendars=False, constraints=False, ids=False),
)


def write(form: Format, plan: Schedule, folder: Path) -> Path:
    path = folder / f"plan{form.suffix}"
    bytes_of = {
        "mspdi": plans.mspdi,
        "xer": plans.xer,
        "p6xml": plans.p6xml,
        "csv": plans.csv_text,
    }
    if form.kind in bytes_of:
        path.write_bytes(bytes_of[form.kind](plan))
    else:
        getattr(plans, form.kind)(plan, path)
    return path


def read(kind: str, path: Path) -> Schedule:
    return import_module(READERS[kind]).read(path, name=path.name)


def rows(plan: Schedule) -> list[tuple]:
    names = [t.name for t in plan.tasks]
    return [
        (
            t.name,
            names[t.parent] if t.parent >= 0 else None,
            t.kind.value,
            *((t.start, t.finish, t.duration) if t.kind.value != "summary" else ()),
        )
        for t in plan.tasks
    ]


def links(plan: Schedule) -> list[tuple]:
    names = [t.name for t in plan.tasks]
    return sorted(
        (names[k.predecessor], names[k.successor], k.type.value, k.lag.value, k.lag.unit.value)
        for k in plan.links
    )


def work_times(plan: Schedule) -> dict[str, list]:
    """Working time of every day of six years, by the name of the calendar."""
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(6 * 365)]
    return {c.name: [shifts_on(c, d) for d in days] for c in plan.calendars}


def calendar_names(plan: Schedule) -> list[tuple]:
    names = {c.id: c.name for c in plan.calendars}
    main = names.get(plan.calendar)
    return [
        (t.name, names.get(t.calendar) or main) for t in plan.tasks if t.kind.value != "summary"
    ]


def constraints(plan: Schedule) -> list[tuple]:
    return [(t.name, t.constraint.value, t.constraint_date) for t in plan.tasks]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.kind)
def test_a_plan_comes_back_as_it_was_written(form, seed, tmp_path):
    plan = made_up(seed)

    back = read(form.kind, write(form, plan, tmp_path))

    assert rows(back) == rows(plan)
    assert links(back) == links(plan)
    assert back.format == form.kind
    if form.calendars:
        assert work_times(back) == work_times(plan)
        assert calendar_names(back) == calendar_names(plan)
        assert (back.start, back.minutes_per_day) == (plan.start, plan.minutes_per_day)
    if form.constraints:
        assert constraints(back) == constraints(plan)
        assert back.status_date == plan.status_date
    if form.ids:
        work = [t.id for t in plan.tasks if t.kind.value != "summary"]
        assert [t.id for t in back.tasks if t.kind.value != "summary"] == work
