"""What the surroundings seed: violations, near misses within the uncertainty, and decoys."""

from sample_models.authoring.ledger import Decoy, Defect, Member
from sample_models.authoring.names import Names

VIOLATION, NEAR = "violation", "within_uncertainty"

Row = tuple[str, str, str, str, str, str, tuple[Member, ...]]


def site_defects(n: Names) -> list[Defect]:
    """Findings of the map checks; a near miss lies within the uncertainty of its layer."""
    return [
        *(
            Defect(id=i, kind="gis", zh=zh, en=en, why=why, codes=(code,), band=band, members=who)
            for i, code, band, zh, en, why, who in (*_lines(n), *_zones(n), *_heights(n))
        ),
        Defect(
            id="G30-TWO-ZONES",
            kind="clash",
            zh="35 带坐标的连廊与控制点放置的连廊相碰 100 mm",
            en="The pavilion on the grid of zone 35 reaches 100 mm into the one of control points",
            why="only where both are placed rightly does the one touch the other",
            pairs=((n.west("wall/east"), n.east("wall/west")),),
            relations=("crossing",),
            depth=0.10,
            depth_tolerance=0.006,
        ),
    ]


def _lines(n: Names) -> list[Row]:
    return [
        (
            "G12-WATER-PILES",
            "GIS483",
            VIOLATION,
            "给水管 DN400（JS-001）与挡土墙、桩基水平净距不足 3.0 m",
            "Water main DN400 (JS-001) passes under the retaining wall, 3.0 m are asked for",
            "GB 50289 table 4.1.9, d > 200",
            (n.site("wall/3"), n.site("pile/43")),
        ),
        (
            "G13-WATER-SMALL",
            "GIS483",
            VIOLATION,
            "给水管 DN200（JS-002、JS-003）与挡土墙水平净距不足 1.0 m",
            "Water mains DN200 (JS-002, JS-003) pass under the retaining wall, 1.0 m is asked for",
            "GB 50289 table 4.1.9, d <= 200",
            (n.site("wall/5"), n.site("wall/6")),
        ),
        (
            "G14-SEWER-WALL",
            "GIS483",
            VIOLATION,
            "污水管 PS-003 距挡土墙基础 1.85 m，要求 2.5 m",
            "Sewer PS-003 lies 1.85 m from the footing of the retaining wall, 2.5 m are asked for",
            "GB 50289 table 4.1.9",
            (n.site("footing/10"),),
        ),
        (
            "G15-GAS-WALL",
            "GIS483",
            VIOLATION,
            "中压燃气管 DN200 距地下室外墙 0.60 m，要求 1.0 m；距筏板 0.20 m，要求 0.5 m",
            "A medium-pressure gas pipe runs 0.60 m from the basement wall and 0.20 m from the raft",
            "surveyed after CJJ 61; 1.0 m from walls and 0.5 m from foundations",
            (n.stru("retaining/west2"), n.stru("raft")),
        ),
        (
            "G16-COVER",
            "GIS485",
            VIOLATION,
            "污水管 PS-001 高出挡土墙前地面，没有覆土",
            "Sewer PS-001 lies above the ground in front of the retaining wall: no cover",
            "GB 50014 5.3.7",
            (n.line("PS-001"),),
        ),
    ]


def _zones(n: Names) -> list[Row]:
    return [
        (
            "G17-SETBACK",
            "GIS482",
            VIOLATION,
            "门卫室越过建筑退让线 4.1 m",
            "The gate house stands 4.1 m beyond the setback line",
            "nothing may stand outside the line",
            (n.site("gate/slab"), n.site("gate/west")),
        ),
        (
            "G18-METRO",
            "GIS486",
            VIOLATION,
            "门卫室距地铁隧道 48.8 m，在 50 m 控制保护区内",
            "The gate house stands 48.8 m from a metro tunnel, inside the zone of 50 m",
            "the project entered 50 m",
            (n.site("gate/slab"),),
        ),
        (
            "G19-RAILWAY",
            "GIS487",
            VIOLATION,
            "东侧连廊距高速铁路 8.6 m，要求 10 m",
            "The eastern pavilion stands 8.6 m from a high-speed line, 10 m are asked for",
            "railway safety regulation art. 27, city",
            (n.east("wall/north"),),
        ),
        (
            "G20-RAILWAY-NEAR",
            "GIS487",
            NEAR,
            "西侧连廊距高速铁路 10.2 m，在不确定度 0.5 m 以内",
            "The western pavilion stands 10.2 m from it: within the uncertainty of 0.5 m",
            "a near miss: to be verified, not a violation",
            (n.west("wall/north"),),
        ),
        (
            "G21-HERITAGE",
            "GIS488",
            VIOLATION,
            "庭院灯立在古树保护范围内",
            "A lamp stands in the protected area of an old tree",
            "nothing may be built in the area as drawn",
            (n.site("lamp/12"),),
        ),
        (
            "G22-POWER-ZONE-NEAR",
            "GIS489",
            NEAR,
            "门卫室距 10 kV 导线 4.4 m，保护区 5 m，在不确定度 1 m 以内",
            "The gate house is 4.4 m from a 10 kV conductor, its zone has 5 m, known to 1 m",
            "a near miss: to be verified",
            (n.site("gate/slab"),),
        ),
        (
            "G23-POWER-WORKS",
            "GIS490",
            VIOLATION,
            "门卫室施工距 10 kV 导线 4.4 m，安全操作距离 6 m",
            "Works at the gate house come within 4.4 m of a 10 kV conductor, 6 m are asked for",
            "JGJ 46 table 4.1.2",
            (n.site("gate/slab"),),
        ),
        (
            "G24-NEIGHBOUR-NEAR",
            "GIS491",
            NEAR,
            "门卫室距开闭所 9.2 m，要求 9.0 m，在不确定度 0.5 m 以内",
            "The gate house is 9.2 m from the switching station, 9.0 m are asked for, known to 0.5 m",
            "the project entered 9.0 m; a near miss",
            (n.site("gate/slab"),),
        ),
    ]


def _heights(n: Names) -> list[Row]:
    return [
        (
            "G25-FLOATING",
            "GIS493",
            VIOLATION,
            "门卫室底板悬空 1.0 m",
            "The base slab of the gate house hangs 1.0 m above the ground",
            "the terrain falls away at the eastern edge of the site",
            (n.site("gate/slab"),),
        ),
        (
            "G26-HEIGHT-LIMIT",
            "GIS497",
            VIOLATION,
            "屋面空调机组 AHU-1 超出净空限高 0.3 m",
            "The air handling unit on the roof exceeds the height limit by 0.3 m",
            "the limit is 294.2 m, the unit ends at 294.5 m",
            (n.mep("ahu/1"),),
        ),
        (
            "G27-FLOOD",
            "GIS498",
            VIOLATION,
            "1F 东侧楼面低于百年一遇洪水位 0.25 m（水位为吴淞高程）",
            "The eastern ground floor lies 0.25 m below the hundred-year flood, told in Wusong heights",
            "270.53 m Wusong are 268.75 m in 1985 heights; read as 1985 the flood were 1.78 m higher",
            (n.stru("slab/1F/4"), n.stru("slab/1F/5")),
        ),
        (
            "G28-FLOOD-NEAR",
            "GIS498",
            NEAR,
            "1F 西侧楼面高出五十年一遇洪水位 0.05 m，在不确定度 0.1 m 以内",
            "The western ground floor lies 0.05 m above the fifty-year flood, known to 0.1 m",
            "a near miss: to be verified",
            (n.stru("slab/1F/1"),),
        ),
    ]


def site_decoys(n: Names) -> list[Decoy]:
    """What stands near to something of the map and is far enough from it."""
    rows: tuple[tuple[str, str, str, str, tuple[Member, ...]], ...] = (
        (
            "D30-RAILWAY",
            "北立面距高速铁路 12.4 m",
            "The north front stands 12.4 m from the high-speed line",
            "10 m are asked for",
            (n.arc("facade/1F/north3"), n.arc("facade/5F/north3")),
        ),
        (
            "D31-METRO-POWER",
            "围墙末端距地铁隧道 50.9 m、距 10 kV 导线 6.5 m",
            "The end of the fence is 50.9 m from the tunnel and 6.5 m from the conductor",
            "50 m and 5 m are asked for, and it clears the uncertainty",
            (n.site("fence/14"),),
        ),
        (
            "D32-RIVER",
            "挡土墙距河道 34.8 m",
            "The retaining wall stands 34.8 m from the river",
            "the project entered 30 m",
            (n.site("wall/1"), n.site("footing/1")),
        ),
        (
            "D33-PARAPET",
            "女儿墙低于净空限高 1.7 m",
            "The parapet ends 1.7 m below the height limit",
            "292.5 m against 294.2 m",
            (n.arc("parapet/north"), n.arc("parapet/south")),
        ),
        (
            "D34-DRY-FLOOR",
            "1F 中部楼面不在淹没区内",
            "The ground floor in the middle lies outside the flooded areas",
            "the areas end at 7 m and begin again at 26 m",
            (n.stru("slab/1F/2"),),
        ),
        (
            "D35-GAS",
            "地下室东墙远离燃气管",
            "The eastern basement wall is far from the gas pipe",
            "only the western one is near",
            (n.stru("retaining/east2"),),
        ),
    )
    far = [Decoy(id=i, zh=zh, en=en, why=why, members=who) for i, zh, en, why, who in rows]
    corners = Decoy(
        id="D36-CORNERS",
        zh="两座连廊相碰处的墙角",
        en="Corners of the walls where the two pavilions meet",
        why="walls that meet in a corner by no more than their thickness; the clash is G30",
        pairs=(
            (n.west("wall/north"), n.east("wall/west")),
            (n.west("wall/east"), n.east("wall/south")),
        ),
    )
    return [*far, corners]
