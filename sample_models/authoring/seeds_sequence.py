"""What the plan seeds: faults of sequence with rule, tasks and days, and what is in order."""

from collections.abc import Sequence
from datetime import date, timedelta

from sample_models.authoring.ledger import Decoy, Defect, Expected
from sample_models.authoring.project import CRANE_DAYS
from sample_models.authoring.schedule import AGE, Task, named, tasks

#: Months of high water begin here.
_HIGH_WATER = date(2026, 4, 1)

Row = tuple[str, str, str, str, tuple[Expected, ...]]


class _Plan:
    """The rows of the plan by name."""

    def __init__(self) -> None:
        self.rows = tasks()

    def __call__(self, name: str) -> Task:
        return named(self.rows, name)

    def wrong(self, rule: str, names: Sequence[str], first: date, last: date) -> Expected:
        """A risk of `rule` on the tasks named, in the days given, both included."""
        return Expected(rule=rule, tasks=tuple(self(n).name for n in names), days=(first, last))


def sequence_defects() -> list[Defect]:
    """Faults of sequence; each names the risks it has to become."""
    plan = _Plan()
    return [
        Defect(id=i, kind="sequence", zh=zh, en=en, why=why, risks=risks, revisions=("a",))
        for i, zh, en, why, risks in (*_inside(plan), *_outside(plan), *_order(plan))
    ]


def _inside(p: _Plan) -> list[Row]:
    ceiling, services = p("3F 吊顶封板"), p("3F 机电管线安装")
    pour, strike = p("2F 梁板支模、钢筋及混凝土浇筑"), p("2F 拆除梁板支撑")
    columns, slab = p("5F 柱、墙钢筋模板及混凝土浇筑"), p("4F 梁板支模、钢筋及混凝土浇筑")
    low, upper = p("1F 梁板支模、钢筋及混凝土浇筑"), p("2F 柱、墙钢筋模板及混凝土浇筑")
    masonry = p("2F 砌体隔墙及外墙")
    return [
        (
            "S01-CEILING-FIRST",
            "3F 吊顶与机电管线同日开工，先于管线完成封板",
            "The ceiling of 3F closes before the services above it are done",
            "concealed before done, and against its own link",
            (p.wrong("R08", (services.name, ceiling.name), ceiling.finish, services.finish),),
        ),
        (
            "S02-PROPS-EARLY",
            "2F 梁板浇筑后 2 天即拆除支撑",
            "The props of 2F are struck two days after the pour",
            "temporary support removed early; the strike has no link to the pour",
            (
                p.wrong(
                    "R06",
                    (pour.name, strike.name),
                    strike.start,
                    pour.finish + timedelta(days=AGE - 1),
                ),
                p.wrong("R03", (masonry.name, low.name), masonry.start, masonry.finish),
            ),
        ),
        (
            "S03-COLUMNS-FIRST",
            "5F 柱先于 4F 梁板完成",
            "Columns of 5F begin before the slab of 4F is poured",
            "before its support, and against its own link",
            (p.wrong("R04", (columns.name, slab.name), columns.start, slab.finish),),
        ),
        (
            "S13-YOUNG-SLAB",
            "1F 顶板浇筑次日即立 2F 柱，支撑在位：仅提示",
            "Columns stand on a slab of one day; its props are in: a note",
            "young concrete loaded while propped",
            (Expected(rule="R07", tasks=(upper.name, low.name)),),
        ),
    ]


def _outside(p: _Plan) -> list[Row]:
    drains, fill = p("室外雨水管网"), p("墙后回填")
    piles, divert, dig = p("挡土墙灌注桩"), p("JS-001 给水管迁改"), p("土方开挖")
    facade, strike, raft = p("外立面保温及涂料"), p("外脚手架拆除"), p("筏板基础")
    return [
        (
            "S04-BACKFILL-FIRST",
            "室外雨水管网未完即回填",
            "Backfill starts together with the drains that lie in it",
            "concealed before done, and against its own link",
            (p.wrong("R08", (drains.name, fill.name), fill.finish, drains.finish),),
        ),
        (
            "S05-BORE-LIVE-MAIN",
            "JS-001 给水管未迁改完，灌注桩已开钻",
            "Piles are bored through water main JS-001 before it is diverted",
            "dig against a live line",
            (p.wrong("R18", (piles.name, divert.name), piles.start, divert.finish),),
        ),
        (
            "S06-DIG-LIVE-GAS",
            "土方开挖紧邻在用中压燃气管",
            "The excavation comes within 0.2 m of a live gas pipe",
            "dig against a live line; no task of the plan diverts it",
            (p.wrong("R18", (dig.name,), dig.start, dig.finish),),
        ),
        (
            "S07-CRANE-POWER",
            "1#塔吊回转范围扫过 10 kV 架空线",
            "Tower crane 1 sweeps over the 10 kV line",
            "crane over a power line",
            (Expected(rule="R19", tasks=(), days=CRANE_DAYS),),
        ),
        (
            "S08-RAFT-FLOOD",
            "筏板在汛期施工，低于洪水位",
            "The raft is built below the flood level in the months of high water",
            "water and season",
            (p.wrong("R20", (raft.name,), _HIGH_WATER, raft.finish),),
        ),
        (
            "S10-SCAFFOLD-GONE",
            "外立面未完成，外脚手架已拆",
            "The scaffold goes before the facade is done",
            "scaffold and access gap, and against its own link",
            (p.wrong("R17", (facade.name, strike.name), strike.start, facade.finish),),
        ),
        (
            "S12-NO-ELEMENTS",
            "土方开挖没有对应构件",
            "The excavation has no elements in the models",
            "coverage",
            (Expected(rule="R01", tasks=(dig.name,)),),
        ),
    ]


def _order(p: _Plan) -> list[Row]:
    finish, ceiling = p("2F 地面面层及门窗"), p("2F 吊顶封板")
    services = p("2F 机电管线安装")
    return [
        (
            "S09-FINISH-FIRST",
            "2F 地面面层先于吊顶，并与机电安装同处作业",
            "Floor finish of 2F comes before the ceilings and into the services' way",
            "trade out of order, crews in one room, and against its own link",
            (
                p.wrong("R16", (finish.name, ceiling.name), finish.start, ceiling.start),
                p.wrong("R12", (finish.name, services.name), finish.start, services.finish),
            ),
        ),
    ]


def sequence_decoys() -> list[Decoy]:
    """What is in order although it looks like a fault."""
    p = _Plan()
    rows: tuple[tuple[str, str, str, str, tuple[Expected, ...]], ...] = (
        (
            "E01-CURED",
            "1F、3F 至 5F 支撑留足 21 天以上才拆",
            "Props of the other floors stay for more than 21 days",
            "struck at an age of 22 days and more",
            tuple(
                Expected(rule="R06", tasks=(p(f"{f} 拆除梁板支撑").name,))
                for f in ("1F", "3F", "4F", "5F")
            ),
        ),
        (
            "E02-CEILINGS-AFTER",
            "其余楼层吊顶在管线完成后封板",
            "Ceilings of the other floors close after the services",
            "finish to start",
            tuple(
                Expected(rule="R08", tasks=(p(f"{f} 吊顶封板").name,))
                for f in ("1F", "2F", "4F", "5F")
            ),
        ),
        (
            "E03-DIVERTED",
            "JS-002、JS-003 在钻孔前已迁改",
            "JS-002 and JS-003 are diverted before the boring",
            "dead the day before",
            (Expected(rule="R18", tasks=(p("JS-002、JS-003 给水管迁改").name,)),),
        ),
        (
            "E04-ONE-GANG",
            "前后衔接的工序不算抢作业面",
            "Trades that follow each other by a link are not in each other's way",
            "linked successors",
            tuple(
                Expected(rule="R12", tasks=(p(f"{f} 机电管线安装").name, p(f"{f} 吊顶封板").name))
                for f in ("1F", "4F", "5F")
            ),
        ),
        (
            "E05-SLAB-BETWEEN",
            "上下楼层同时施工，中间楼板已完成",
            "Floors are worked on one above the other with a finished slab between",
            "no work under work, nothing floats, nothing temporary meets the permanent",
            tuple(Expected(rule=rule, tasks=()) for rule in ("R05", "R11", "R13")),
        ),
        (
            "E06-SECOND-CRANE",
            "2#塔吊离架空线远，臂高与 1# 错开 7 m",
            "Tower crane 2 is far from the line and its jib 7 m below that of crane 1",
            "5 m are asked for",
            (Expected(rule="R19", tasks=(), words="2#塔吊"),),
        ),
        (
            "E07-DUG-BEFORE",
            "土方在汛期前挖完",
            "The excavation ends before the months of high water",
            "it ends on 24 March",
            (Expected(rule="R20", tasks=(p("土方开挖").name,)),),
        ),
        (
            "E08-LANDING-BEAM",
            "2F 梯梁 TL-1 高于本层楼面，随上一层梁板浇筑",
            "The landing beam of 2F begins above its floor and is poured with the next one",
            "it rests on walls of 2F, which are there by then",
            (
                Expected(
                    rule="R04",
                    tasks=(
                        p("1F 梁板支模、钢筋及混凝土浇筑").name,
                        p("2F 柱、墙钢筋模板及混凝土浇筑").name,
                    ),
                ),
            ),
        ),
    )
    return [
        Decoy(id=i, zh=zh, en=en, why=why, risks=risks, revisions=("a",))
        for i, zh, en, why, risks in rows
    ]
