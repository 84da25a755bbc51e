"""Site works: retaining wall on piles, fill, paving, drains, fence and planting."""

from sample_models.authoring.parts import Kind, Opening, Part, Sheet
from sample_models.authoring.shapes import Prism, Rect, bar, pipe, span

#: Retaining wall: panels along the building's x axis at y = -20.
PANEL, PANELS = 6.2, 10
WALL_X = -10.0
TOP, BOTTOM, FOOTING = 0.7, -5.0, -5.6
PILE_TIP, PILE_D = -15.6, 0.8
PAVING = (-0.45, -0.25)
FENCE_Y = -22.95

RED_LINE = ((-14.0, -23.0), (56.0, -23.0), (56.0, 34.0), (-14.0, 34.0))


def build() -> Sheet:
    """All parts of the site works."""
    sheet = Sheet("site")
    _retaining_wall(sheet)
    _ground(sheet)
    _paving(sheet)
    _drains(sheet)
    _gallery(sheet)
    _fence(sheet)
    _planting(sheet)
    _gate_house(sheet)
    return sheet


def _part(sheet: Sheet, key: str, ifc_class: str, name: str, body: Prism, **more: object) -> Part:
    values: dict[str, object] = {"storey": "site", **more}
    return sheet.add(Part(key=key, ifc_class=ifc_class, name=name, body=body, **values))  # type: ignore[arg-type]


def _retaining_wall(sheet: Sheet) -> None:
    for n in range(PANELS):
        x = (round(WALL_X + PANEL * n, 3), round(WALL_X + PANEL * (n + 1), 3))
        _part(
            sheet,
            f"wall/{n + 1}",
            "IfcWall",
            f"挡土墙 DQ-{n + 1} 400",
            span(x, (-20.2, -19.8), (BOTTOM, TOP)),
            predefined="RETAININGWALL",
            kind=Kind("IfcWallType", "悬臂式挡土墙 400", "RETAININGWALL"),
            material="C35 混凝土",
        )
        _part(
            sheet,
            f"footing/{n + 1}",
            "IfcFooting",
            f"挡土墙基础 DJ-{n + 1} 3000x600",
            span(x, (-21.5, -18.5), (FOOTING, BOTTOM)),
            predefined="STRIP_FOOTING",
            kind=Kind("IfcFootingType", "条形基础 3000x600", "STRIP_FOOTING"),
            material="C35 混凝土",
        )
        for m in range(4):
            px = round(x[0] + 1.55 + 3.1 * (m % 2), 3)
            py = (-20.7, -19.3)[m // 2]
            _part(
                sheet,
                f"pile/{n + 1}{m + 1}",
                "IfcPile",
                f"灌注桩 ZH-{n + 1}{m + 1} Φ800",
                pipe((px, py, PILE_TIP), (px, py, FOOTING), PILE_D),
                predefined="BORED",
                kind=Kind("IfcPileType", "钻孔灌注桩 Φ800", "BORED"),
                material="C35 混凝土",
            )


def _ground(sheet: Sheet) -> None:
    _part(
        sheet,
        "fill",
        "IfcEarthworksFill",
        "墙后回填土",
        span((-10.0, 52.0), (-19.8, -1.2), (BOTTOM, PAVING[0])),
        predefined="BACKFILL",
        material="素填土",
    )
    _part(
        sheet,
        "ground",
        "IfcGeographicElement",
        "墙前场地土体",
        span((-13.8, 55.8), (-22.8, -15.0), (-18.0, -5.2)),
        predefined="TERRAIN",
        material="粉质黏土",
    )


def _paving(sheet: Sheet) -> None:
    kind = Kind("IfcPavementType", "透水砖铺装 200", "FLEXIBLE")
    for i in range(10):
        for j in range(4):
            x, y = round(-9.5 + 6.1 * i, 3), round(-19.0 + 4.4 * j, 3)
            part = _part(
                sheet,
                f"paving/{i + 1}{j + 1}",
                "IfcPavement",
                "透水砖铺装 200",
                span((x, x + 6.1), (y, y + 4.4), PAVING),
                kind=kind,
                material="透水砖",
            )
            if j == 1 and i % 2 == 0:
                lid = pipe(
                    (x + 3.05, -13.0, PAVING[0] - 0.05), (x + 3.05, -13.0, PAVING[1] + 0.05), 1.1
                )
                part.openings.append(Opening(key=f"paving/{i + 1}{j + 1}/manhole", body=lid))


def _drains(sheet: Sheet) -> None:
    """A rain drain between manholes, and a pipe into the basement without a sleeve."""
    kind = Kind("IfcPipeSegmentType", "雨水管 DN300", "RIGIDSEGMENT")
    pit = Kind("IfcDistributionChamberElementType", "雨水检查井 Φ1000", "MANHOLE")
    before = ""
    for i in range(0, 10, 2):
        x = round(-9.5 + 6.1 * i + 3.05, 3)
        key = f"manhole/{i // 2 + 1}"
        _part(
            sheet,
            key,
            "IfcDistributionChamberElement",
            f"雨水检查井 Y-{i // 2 + 1}",
            pipe((x, -13.0, -2.6), (x, -13.0, PAVING[1]), 1.0),
            kind=pit,
            predefined="MANHOLE",
            system="Y-1 雨水系统",
        )
        if before:
            run = f"drain/{i // 2}"
            body = pipe((x - 12.2 + 0.45, -13.0, -2.0), (x - 0.45, -13.0, -2.0), 0.3)
            _part(
                sheet,
                run,
                "IfcPipeSegment",
                "雨水管 DN300",
                body,
                kind=kind,
                predefined="RIGIDSEGMENT",
                system="Y-1 雨水系统",
                material="钢筋混凝土管",
            )
            sheet.link("port", before, run, (x - 11.75, -13.0, -2.0))
            sheet.link("port", run, key, (x - 0.45, -13.0, -2.0))
        before = key
    _part(
        sheet,
        "drain/basement",
        "IfcPipeSegment",
        "雨水管 DN300",
        pipe((31.0, -5.5, -2.0), (31.0, -0.1, -2.0), 0.3),
        kind=kind,
        predefined="RIGIDSEGMENT",
        system="Y-1 雨水系统",
        material="钢筋混凝土管",
    )


def _gallery(sheet: Sheet) -> None:
    """A walk-in duct with a pipe and a tray in its hollow, under the paving."""
    hollow = bar((-9.0, -7.0, -1.9), (51.0, -7.0, -1.9), Rect(2.0, 2.0, 0.25))
    _part(sheet, "gallery", "IfcBuiltElement", "综合管沟 2000x2000", hollow, material="C30 混凝土")
    run = pipe((-8.5, -7.3, -2.2), (50.5, -7.3, -2.2), 0.219)
    _part(
        sheet,
        "gallery/pipe",
        "IfcPipeSegment",
        "热力管 DN200",
        run,
        kind=Kind("IfcPipeSegmentType", "热力管 DN200", "RIGIDSEGMENT"),
        predefined="RIGIDSEGMENT",
        system="R-1 热力系统",
        material="无缝钢管",
    )
    tray = bar((-8.5, -6.5, -1.6), (50.5, -6.5, -1.6), Rect(0.3, 0.1))
    _part(
        sheet,
        "gallery/tray",
        "IfcCableCarrierSegment",
        "桥架 300x100",
        tray,
        kind=Kind("IfcCableCarrierSegmentType", "桥架 300x100", "CABLETRAYSEGMENT"),
        predefined="CABLETRAYSEGMENT",
        system="QD-2 室外强电",
    )


def _fence(sheet: Sheet) -> None:
    """A fence 50 mm inside the red line in front of the wall."""
    for n in range(14):
        x = round(-13.5 + 4.9 * n, 3)
        _part(
            sheet,
            f"fence/{n + 1}",
            "IfcRailing",
            "围墙 2400",
            span((x, x + 4.9), (FENCE_Y, FENCE_Y + 0.2), (-5.2, -2.8)),
            predefined="FENCE",
            kind=Kind("IfcRailingType", "铁艺围墙 2400", "GUARDRAIL"),
        )


def _planting(sheet: Sheet) -> None:
    for n in range(12):
        x = round(-8.0 + 5.2 * n, 3)
        _part(
            sheet,
            f"tree/{n + 1}",
            "IfcGeographicElement",
            "香樟 Φ18",
            pipe((x, 30.0, 0.0), (x, 30.0, 6.0), 0.18),
            predefined="VEGETATION",
        )
        x = round(-6.0 + 5.2 * n, 3)
        _part(
            sheet,
            f"lamp/{n + 1}",
            "IfcLightFixture",
            "庭院灯 3500",
            pipe((x, -16.5, PAVING[1]), (x, -16.5, 3.25), 0.12),
            kind=Kind("IfcLightFixtureType", "庭院灯 3500", "POINTSOURCE"),
            system="ZM-2 室外照明",
        )
    for n in range(20):
        x = round(-9.5 + 3.0 * n, 3)
        _part(
            sheet,
            f"kerb/{n + 1}",
            "IfcKerb",
            "路缘石 150x300",
            span((x, x + 3.0), (-19.15, -19.0), (PAVING[0], PAVING[1] + 0.1)),
        )


def _gate_house(sheet: Sheet) -> None:
    """The gate house stands on the red line: it reaches 1.2 m over it."""
    _part(
        sheet,
        "gate/slab",
        "IfcSlab",
        "门卫室底板 200",
        span((53.2, 57.2), (6.0, 10.0), (-0.5, -0.3)),
        predefined="BASESLAB",
        material="C30 混凝土",
    )
    for side, (x, y) in {
        "west": ((53.2, 53.4), (6.0, 10.0)),
        "south": ((53.4, 55.9), (6.0, 6.2)),
        "north": ((53.4, 55.9), (9.8, 10.0)),
    }.items():
        _part(
            sheet,
            f"gate/{side}",
            "IfcWall",
            "门卫室墙 200",
            span(x, y, (-0.3, 2.7)),
            predefined="SOLIDWALL",
            kind=Kind("IfcWallType", "砌体墙 200", "SOLIDWALL"),
        )
