"""The decoys of the models: what looks like a conflict and is none."""

from sample_models.authoring import grid
from sample_models.authoring.ledger import Decoy, Member, Pair
from sample_models.authoring.names import Names
from sample_models.authoring.project import Sheets
from sample_models.authoring.seeds_sequence import sequence_decoys
from sample_models.authoring.seeds_site import site_decoys

FLOORS = tuple(s.name for s in grid.FLOORS)
BAYS = range(1, 6)


def decoys(sheets: Sheets) -> list[Decoy]:
    """All decoys in the order of the index."""
    names = Names(sheets)
    return [
        *_openings(names),
        *_built_in(names),
        *_structure(names),
        *_services(names, sheets),
        *_contact(names),
        *_site(names, sheets),
        *site_decoys(names),
        *sequence_decoys(),
    ]


def _decoy(id_: str, zh: str, en: str, why: str, pairs: list[Pair] | tuple[Pair, ...]) -> Decoy:
    return Decoy(id=id_, zh=zh, en=en, why=why, pairs=tuple(pairs))


def _openings(n: Names) -> list[Decoy]:
    walls = [(f, i, n.arc(f"corridor/{f}/south{i}")) for f in FLOORS for i in BAYS]
    branches: list[Pair] = [(w, n.mep(f"duct/{f}/{i}/branch")) for f, i, w in walls]
    branches += [(w, n.mep(f"fire/{f}/branch{i}")) for f, i, w in walls]
    shaft: list[Pair] = [
        (n.stru(f"core/{f}/south"), n.mep(f"{word}/{f}/shaft"))
        for f in FLOORS
        for word in ("duct", "water", "fire")
    ]
    doors: list[Pair] = []
    for f in FLOORS:
        for side in ("south", "north"):
            for i in BAYS:
                if side == "north" and i == 3:
                    continue
                key = f"corridor/{f}/{side}{i}"
                doors.append((n.arc(key), n.arc(f"{key}/door")))
    windows: list[Pair] = [
        (n.arc(f"facade/{f}/south{i}"), n.arc(f"facade/{f}/south{i}/window{k}"))
        for f in FLOORS
        for i in BAYS
        for k in (1, 2)
    ]
    return [
        _decoy(
            "D01-OPENING",
            "支管穿隔墙，墙上已开洞",
            "Branches pass partitions through openings",
            "the opening is there and wide enough",
            branches,
        ),
        _decoy(
            "D02-SHAFT-OPENING",
            "管线穿核心筒剪力墙，已预留洞口",
            "Services pass the shear wall of the core through its opening",
            "other model, same place: the hole is in the structure",
            shaft,
        ),
        _decoy(
            "D03-DOOR",
            "门嵌入墙洞（1F 门框入墙 30 mm）",
            "Doors in their walls; on 1F frames stand 30 mm in the masonry",
            "a door fills the opening of its wall",
            doors,
        ),
        _decoy(
            "D27-EXACT-FIT",
            "管线与洞口同尺寸、门与结构洞口同尺寸",
            "A pipe, a duct and a door in holes of exactly their size",
            "round shapes are cut into flat faces differently, the slivers are no conflict",
            (
                (n.arc("basement/pump-south"), n.mep("water/B1/fit")),
                (n.arc("basement/power-south"), n.mep("smoke/B1/fit")),
                (n.stru("core/5F/south"), n.arc("core-door/5F")),
            ),
        ),
        _decoy("D04-WINDOW", "窗嵌入外墙", "Windows in the facade", "they fill openings", windows),
    ]


def _built_in(n: Names) -> list[Decoy]:
    outlets: list[Pair] = [
        (n.arc(f"corridor/{f}/south{i}"), n.mep(f"outlet/{f}/{i}")) for f in FLOORS for i in BAYS
    ]
    outlets += [(n.stru(f"core/{f}/south"), n.mep(f"outlet/{f}/core")) for f in FLOORS]
    lights: list[Pair] = [
        (n.arc(f"ceiling/{f}/{room}{i}"), n.mep(f"light/{f}/{i}{k}"))
        for f in FLOORS
        for i in BAYS
        for k, room in ((1, "room"), (2, "room"), (3, "corridor"))
    ]
    return [
        _decoy(
            "D05-OUTLET",
            "插座暗装于墙内",
            "Outlets recessed in walls",
            "a flush box is set into plaster, masonry or concrete",
            outlets,
        ),
        _decoy(
            "D06-LIGHT",
            "灯具嵌入吊顶",
            "Lights recessed in ceilings",
            "panels sit in the ceiling board",
            lights,
        ),
    ]


def _structure(n: Names) -> list[Decoy]:
    return [
        _decoy(
            "D07-JOINT",
            "梁画到柱中心（整体现浇节点，一处有连接关系、一处没有）",
            "Beams drawn to the axis of the column, one related to it and one not",
            "one pour: a joint of the structural model is no conflict",
            (
                (n.stru("column/2F/2A"), n.stru("beam/3F/x01")),
                (n.stru("column/2F/4A"), n.stru("beam/3F/x03")),
            ),
        ),
        _decoy(
            "D08-REBAR",
            "梁内钢筋",
            "Reinforcing bars in their beam",
            "reinforcement belongs inside concrete",
            [(n.stru("beam/3F/x00"), n.stru(f"rebar/{k}")) for k in (1, 2, 3, 4)],
        ),
        _decoy(
            "D09-COLUMN-SLAB",
            "柱立于楼板、楼板压柱（共面）",
            "Columns stand on slabs and carry slabs",
            "faces coincide, no space is shared",
            [
                (n.stru(f"column/{f}/{c}B"), n.stru(f"slab/{f}/{b}"))
                for f in FLOORS
                for c, b in (("2", "1"), ("2", "2"), ("5", "4"))
            ],
        ),
        _decoy(
            "D10-SLAB-EDGE",
            "相邻板块共面拼接",
            "Slab bays edge to edge",
            "coincident faces",
            [
                (n.stru(f"slab/{f}/{i}"), n.stru(f"slab/{f}/{i + 1}"))
                for f in FLOORS
                for i in (1, 2, 3, 4)
            ],
        ),
        _decoy(
            "D11-CORNER",
            "转角墙搭接（有连接关系）",
            "Two walls joined at a corner",
            "IfcRelConnectsPathElements says they are one corner",
            ((n.arc("corner/x"), n.arc("corner/y")),),
        ),
        _decoy(
            "D12-PARAPET",
            "女儿墙转角平接",
            "Parapet walls meet at corners",
            "butt joints",
            [
                (n.arc(f"parapet/{a}"), n.arc(f"parapet/{b}"))
                for a in ("south", "north")
                for b in ("west", "east")
            ],
        ),
    ]


def _services(n: Names, sheets: Sheets) -> list[Decoy]:
    keys = sorted(
        {(k.a, k.b) for k in sheets.mep.links if k.word == "port"}
        | {(k.a, k.b) for k in sheets.mep_b.links if k.word == "port"}
    )
    covers = [(k.a, k.b) for k in sheets.mep.links if k.word == "covers"]
    return [
        _decoy(
            "D13-PORTS",
            "管件与管道按端口连接，互相套入",
            "Fittings and pipes that enter each other at connected ports",
            "they are connected",
            [(n.mep(a), n.mep(b)) for a, b in keys],
        ),
        _decoy(
            "D14-INSULATION",
            "保温层包裹管道（空心与实心两种画法）",
            "Insulation round pipes, drawn hollow and drawn solid",
            "the covering belongs to its pipe",
            [(n.mep(a), n.mep(b)) for a, b in covers],
        ),
        _decoy(
            "D15-PROVISION",
            "桥架经预留孔洞穿楼板；2F 预留体比洞口大 20 mm",
            "Tray riser through provisions for void; that of 2F is 20 mm larger than the hole",
            "a provision is a request for a hole, no body",
            [
                pair
                for f in FLOORS
                for pair in (
                    (n.mep(f"tray-riser/{f}"), n.mep(f"provision/{f}")),
                    (n.mep(f"provision/{f}"), n.stru(f"slab/{f}/4")),
                    (n.mep(f"tray-riser/{f}"), n.stru(f"slab/{f}/4")),
                )
            ],
        ),
        _decoy(
            "D16-SLEEVE",
            "排水管在套管内穿楼板与外墙",
            "Drain in sleeves through slabs and the basement wall",
            "the sleeve stands in an opening, the pipe in the sleeve",
            [
                *((n.mep(f"drain-2/{f}"), n.mep(f"sleeve/{f}")) for f in FLOORS),
                *((n.mep(f"drain-2/{f}"), n.stru(f"slab/{f}/4")) for f in FLOORS),
                *((n.mep(f"sleeve/{f}"), n.stru(f"slab/{f}/4")) for f in FLOORS),
                (n.mep("drain/out"), n.mep("sleeve/wall")),
                (n.mep("drain/out"), n.stru("retaining/north4")),
                (n.mep("sleeve/wall"), n.stru("retaining/north4")),
            ],
        ),
        _decoy(
            "D17-NEAR-BEAM",
            "给水管 DN100 距梁底 30 mm",
            "Water pipe DN100 30 mm under a beam",
            "near, and free",
            ((n.mep("water/2F/under-beam"), n.stru("beam/3F/y42")),),
        ),
    ]


def _contact(n: Names) -> list[Decoy]:
    return [
        _decoy(
            "D18-TWINS",
            "并排的相同设备与家具（共面、非重复）",
            "Equal things side by side: tanks, switchgear, cabinets",
            "they touch and look alike; none is there twice",
            (
                (n.mep("tank/1"), n.mep("tank/2")),
                *((n.mep(f"switchgear/{k}"), n.mep(f"switchgear/{k + 1}")) for k in BAYS),
                (n.arc("cabinet/1"), n.arc("cabinet/2")),
            ),
        ),
        _decoy(
            "D19-STAIR",
            "楼梯落于楼板与平台",
            "Stair flights on slab and landing",
            "contact",
            [
                pair
                for f in FLOORS
                for pair in (
                    (n.arc(f"stair/{f}/up"), n.stru(f"slab/{f}/3")),
                    (n.arc(f"stair/{f}/up"), n.arc(f"stair/{f}/landing")),
                    (n.arc(f"stair/{f}/on"), n.arc(f"stair/{f}/landing")),
                )
            ],
        ),
        _decoy(
            "D20-FLOOR",
            "面层铺在楼板上，家具立于面层",
            "Floor finish on slabs, furniture on the finish",
            "contact",
            [
                pair
                for f in FLOORS
                for i in BAYS
                for pair in (
                    (n.arc(f"floor/{f}/room{i}"), n.stru(f"slab/{f}/{i}")),
                    (n.arc(f"desk/{f}/{i}1"), n.arc(f"floor/{f}/room{i}")),
                )
            ],
        ),
    ]


def _site(n: Names, sheets: Sheets) -> list[Decoy]:
    fill, ground = n.site("fill"), n.site("ground")
    keys = list(sheets.site.parts)

    def those(*starts: str) -> list[Member]:
        return [n.site(k) for k in keys if k.startswith(starts)]

    ports = [(k.a, k.b) for k in sheets.site.links]
    return [
        _decoy(
            "D21-PAVING",
            "铺装铺在回填土上",
            "Paving on the fill",
            "contact",
            [(fill, m) for m in those("paving/")],
        ),
        _decoy(
            "D22-IN-GROUND",
            "桩、基础、检查井、管道埋在土中",
            "Piles, footings, manholes and pipes in the ground",
            "ground is what they are built into",
            [
                *((ground, m) for m in those("pile/", "footing/")),
                *((fill, m) for m in those("manhole/", "drain/", "gallery", "wall/")),
            ],
        ),
        _decoy(
            "D23-GALLERY",
            "管线位于综合管沟空腔内",
            "A pipe and a tray in the hollow of a duct",
            "inside the outline, outside the solid",
            (
                (n.site("gallery"), n.site("gallery/pipe")),
                (n.site("gallery"), n.site("gallery/tray")),
            ),
        ),
        _decoy(
            "D24-MANHOLE",
            "雨水管接入检查井",
            "Drains enter manholes",
            "connected by ports",
            [(n.site(a), n.site(b)) for a, b in ports],
        ),
        _decoy(
            "D25-LINES",
            "给水管 JS-003 距桩 0.60 m；JS-006 与 JS-004 净距 0.20 m",
            "JS-003 passes piles at 0.60 m, JS-006 crosses JS-004 at 0.20 m",
            "more than the rules ask for",
            (
                (n.line("JS-003"), n.site("pile/52")),
                (n.line("JS-003"), n.site("pile/54")),
                (n.line("JS-004"), n.line("JS-006")),
            ),
        ),
        Decoy(
            id="D26-FENCE",
            zh="围墙距用地红线 50 mm，未越线",
            en="The fence stands 50 mm inside the red line",
            why="inside is inside",
            members=tuple(those("fence/")),
        ),
    ]
