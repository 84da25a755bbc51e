"""The defects seeded in the models: what must be found, and why it is wrong."""

from sample_models.authoring import grid
from sample_models.authoring.ledger import Defect, Pair
from sample_models.authoring.names import Names
from sample_models.authoring.project import Sheets
from sample_models.authoring.seeds_sequence import sequence_defects
from sample_models.authoring.seeds_site import site_defects

A, B = ("a",), ("b",)


def defects(sheets: Sheets) -> list[Defect]:
    """All seeded defects in the order of the index."""
    names = Names(sheets)
    return [
        *_crossings(names),
        *_through(names),
        *_inside(names),
        *_twice(names),
        *_ground(names),
        *site_defects(names),
        *_quality(names),
        *_placement(),
        *sequence_defects(),
    ]


def _clash(id_: str, zh: str, en: str, why: str, **more: object) -> Defect:
    values: dict[str, object] = {"relations": ("crossing",), **more}
    return Defect(id=id_, kind="clash", zh=zh, en=en, why=why, **values)  # type: ignore[arg-type]


def _crossings(n: Names) -> list[Defect]:
    return [
        _clash(
            "C01-BEAM-PIPE",
            "2F 给水支管 DN50 穿框架梁",
            "Water branch DN50 on 2F runs through a main beam",
            "the branch is at 4.00 m, the beam hangs down to 3.80 m; revision B lowers it",
            pairs=((n.mep("water/2F/lab"), n.stru("beam/3F/x11")),),
            depth=0.23,
            revisions=A,
        ),
        _clash(
            "C02-DUCT-COLUMN",
            "3F 排风管 500x320 擦入框架柱 60 mm",
            "Exhaust duct 500x320 on 3F cuts 60 mm into a column",
            "a duct runs too near to axis C",
            pairs=((n.mep("exhaust/3F"), n.stru("column/3F/5C")),),
            depth=0.06,
            volume=0.01152,
            volume_tolerance=0.0002,
        ),
        _clash(
            "C03-TRAY-DUCT",
            "4F 桥架 200x100 横穿送风主管",
            "Cable tray 200x100 on 4F goes straight through the supply duct",
            "both at the same height; revision B drops the tray below the duct",
            pairs=((n.mep("power/4F/room"), n.mep("duct/4F/2")),),
            depth=0.20,
            volume=0.016,
            volume_tolerance=0.0002,
            revisions=A,
        ),
        _clash(
            "C04-INLINE-WALLS",
            "5F 两道隔墙同线搭接 50 mm",
            "Two walls in one line on 5F overlap by 50 mm",
            "section faces coincide, so surfaces alone show nothing",
            pairs=((n.arc("inline/1"), n.arc("inline/2")),),
            depth=0.05,
            volume=0.03,
            volume_tolerance=0.0002,
        ),
        _clash(
            "C05-INLINE-TURNED",
            "4F 斜向两道隔墙同线搭接 50 mm",
            "The same overlap in walls turned by 37 degrees on 4F",
            "the answer may not depend on the direction",
            pairs=((n.arc("inline-turned/1"), n.arc("inline-turned/2")),),
            depth=0.05,
            volume=0.03,
            volume_tolerance=0.0002,
        ),
        _clash(
            "C06-CHILLER-WALL",
            "B1 冷水机组压入设备房隔墙 150 mm",
            "Chiller in B1 stands 150 mm in a partition",
            "revision B moves the machine",
            pairs=((n.mep("chiller/1"), n.arc("basement/pump-west")),),
            depth=0.15,
            volume=0.405,
            volume_tolerance=0.001,
            revisions=A,
        ),
        _clash(
            "C07-STAIR-BEAM",
            "2F 梯梁 TL-1 穿梯段",
            "Stair beam TL-1 on 2F crosses the flight",
            "the beam lies where people walk",
            pairs=((n.arc("stair/2F/up"), n.stru("stair-beam/2F")),),
            volume=0.05182,
            volume_tolerance=0.001,
        ),
        _clash(
            "C08-DUCT-BEAM",
            "5F 排风管 400x320 碰框架梁 220 mm",
            "Exhaust duct 400x320 on 5F reaches 220 mm into a main beam",
            "new in revision B",
            pairs=((n.mep("exhaust/5F"), n.stru("beam/RF/y42")),),
            depth=0.22,
            volume=0.0264,
            volume_tolerance=0.0002,
            revisions=B,
        ),
    ]


def _through(n: Names) -> list[Defect]:
    risers = tuple((n.mep(f"drain-1/{s.name}"), n.stru(f"slab/{s.name}/4")) for s in grid.FLOORS)
    return [
        _clash(
            "C11-SHEAR-WALL",
            "3F 消火栓支管 DN65 穿剪力墙未留洞",
            "Hydrant branch DN65 on 3F passes a shear wall without an opening",
            "the wall has openings for other services only; the pipe has another GlobalId in B",
            pairs=((n.mep("hydrant/3F/stair"), n.stru("core/3F/south")),),
            depth=0.388,
        ),
        _clash(
            "C12-RISER",
            "排水立管 DN100 逐层穿楼板均未留洞（1F–5F 重复）",
            "Soil stack DN100 passes the slabs of 1F to 5F without openings",
            "one mistake repeated on five storeys; the piece of 2F has another GlobalId in B",
            pairs=risers,
            volume=0.00142,
            volume_tolerance=0.00003,
        ),
        _clash(
            "C13-BASEMENT-WALL",
            "室外雨水管 DN300 穿地下室外墙无套管",
            "Rain drain DN300 enters the basement wall without a sleeve",
            "two models of different schema, unit and georeference meet here",
            pairs=((n.site("drain/basement"), n.stru("retaining/south4")),),
            depth=0.5,
            volume=0.0212,
            volume_tolerance=0.0004,
        ),
    ]


def _inside(n: Names) -> list[Defect]:
    return [
        _clash(
            "C21-IN-COLUMN",
            "4F 给水管 DN20 完全埋在框架柱内",
            "Water pipe DN20 on 4F lies wholly inside a column",
            "the surfaces never meet: one solid is inside the other",
            pairs=((n.mep("water/4F/in-column"), n.stru("column/4F/2D")),),
            relations=("containment",),
            depth=0.2135,
        ),
        _clash(
            "C22-IN-SLAB",
            "给水管 DN25 埋在 3F 楼板内",
            "Water pipe DN25 lies inside the slab of 3F",
            "new in revision B",
            pairs=((n.mep("water/3F-slab"), n.stru("slab/3F/4")),),
            relations=("containment",),
            depth=0.092,
            revisions=B,
        ),
    ]


def _twice(n: Names) -> list[Defect]:
    more = {"relations": ("duplicate",)}
    return [
        _clash(
            "C31-DUP-WALL",
            "3F 房间隔墙重复建模",
            "A partition of 3F modelled twice",
            "same body, other GlobalId",
            pairs=((n.arc("partition/3F/3/0.3"), n.arc("partition/3F/3/again")),),
            **more,
        ),
        _clash(
            "C32-DUP-BEAM",
            "4F 次梁重复建模，后一根偏移 1 mm",
            "A secondary beam of 4F modelled twice, the second 1 mm aside",
            "quantities count it twice",
            pairs=((n.stru("secondary/4F/12"), n.stru("secondary/4F/12/again")),),
            **more,
        ),
        _clash(
            "C33-DUP-DIFFUSER",
            "2F 散流器重复导出",
            "A diffuser of 2F exported twice",
            "new in revision B",
            pairs=((n.mep("duct/2F/2/diffuser"), n.mep("duct/2F/2/diffuser/again")),),
            revisions=B,
            **more,
        ),
    ]


def _piles(n: Names, number: str, *keys: str) -> tuple[Pair, ...]:
    return tuple((n.line(number), n.site(k)) for k in keys)


def _ground(n: Names) -> list[Defect]:
    return [
        _clash(
            "G01-LINE-PILE",
            "市政给水管 DN400（JS-001）穿过挡土墙灌注桩",
            "Water main DN400 (JS-001) runs through piles of the retaining wall",
            "boring the pile would hit the main; front and rear pile of panel 3",
            pairs=_piles(n, "JS-001", "pile/32", "pile/34"),
            depth=0.40,
            depth_tolerance=0.03,
        ),
        _clash(
            "G02-LINE-FOOTING",
            "污水管 DN300（PS-001）穿过挡土墙基础",
            "Sewer DN300 (PS-001) runs through the footing of the retaining wall",
            "the elevations come from the attribute table, whichever point of the pipe they mean",
            pairs=_piles(n, "PS-001", "footing/9"),
        ),
        _clash(
            "G03-LINE-NEAR-PILE",
            "给水管 DN200（JS-002）距灌注桩 0.30 m",
            "Water pipe DN200 (JS-002) passes piles at 0.30 m",
            "the default rule asks for 0.50 m between buried lines and foundations",
            pairs=_piles(n, "JS-002", "pile/42", "pile/44"),
            relations=("clearance",),
            distance=0.30,
            distance_tolerance=0.02,
        ),
        _clash(
            "G04-LINE-LINE",
            "给水管 JS-005 与 JS-004 交叉净距 0.10 m",
            "Water pipes JS-005 and JS-004 cross with 0.10 m between them",
            "the default rule asks for 0.15 m",
            pairs=((n.line("JS-004"), n.line("JS-005")),),
            relations=("clearance",),
            distance=0.10,
        ),
        Defect(
            id="G11-RED-LINE",
            kind="gis",
            zh="门卫室底板越过用地红线 1.2 m",
            en="The slab of the gate house reaches 1.2 m over the red line",
            why="nothing may stand outside the red line",
            members=(n.site("gate/slab"),),
            codes=("GIS460",),
            distance=1.2,
            distance_tolerance=0.005,
        ),
    ]


def _quality(n: Names) -> list[Defect]:
    rows = (
        (
            "Q01-GUID-TWICE",
            "cupboard/1",
            ("ELE201",),
            "两个试剂柜的 GlobalId 相同",
            "Two cupboards share one GlobalId",
            "nobody can say which one an issue means",
        ),
        (
            "Q02-GUID-MALFORMED",
            "cupboard/3",
            ("ELE202",),
            "试剂柜的 GlobalId 不合规",
            "A cupboard has a malformed GlobalId",
            "18 characters with hyphens instead of 22",
        ),
        (
            "Q03-OPEN-BODY",
            "cupboard/open",
            ("GEO303",),
            "异形台柜的实体缺一个面",
            "A bench whose body lacks a face",
            "written as a closed shell, but open",
        ),
        (
            "Q04-EMPTY-BODY",
            "cupboard/empty",
            ("GEO301", "GEO302", "GEO311"),
            "异形台柜的几何为空（退化三角形）",
            "A bench whose geometry is one collapsed triangle",
            "it has a representation and nothing to see",
        ),
        (
            "Q05-OUTSIDE-TREE",
            "cupboard/lost",
            ("ELE203",),
            "试剂柜不属于任何楼层",
            "A cupboard belongs to no storey",
            "lists by storey lose it",
        ),
    )
    return [
        Defect(id=i, kind="quality", zh=zh, en=en, why=why, codes=c, members=(n.arc(key),))
        for i, key, c, zh, en, why in rows
    ]


def _placement() -> list[Defect]:
    return [
        Defect(
            id="P01-SCALE-MISSING",
            kind="placement",
            zh="毫米模型缺少 Scale，须扣留",
            en="A millimetre model whose map conversion lacks the scale is held back",
            why="read by the letter the pavilion is 4 km wide",
            model="broken_scale",
            verdict="repairable:scale-missing",
        ),
        Defect(
            id="P02-TWICE",
            kind="placement",
            zh="坐标已是大地坐标又叠加转换，须扣留",
            en="Absolute coordinates and a conversion on top of them: held back",
            why="the pavilion would stand 357 km east and 3279 km north of itself",
            model="broken_twice",
            verdict="reject:double-georeference",
        ),
    ]
