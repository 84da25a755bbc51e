"""Links 10,000 tasks to 50,000 elements: ``python -m benchmarks.linking``."""

import time
from datetime import datetime, timedelta

from bimcore.model import Scene
from bimcore.schedule import Schedule, Task
from clash.rehearsal.linking import link
from tests.builders import box
from tests.building import Thing, model

_PARTS = (
    ("IfcColumn", "KZ-{} 600x600"),
    ("IfcBeam", "KL-{} 300x600"),
    ("IfcSlab", "楼板 LB-{}"),
    ("IfcWall", "剪力墙 Q-{}"),
    ("IfcWall", "隔墙 {}"),
    ("IfcDoor", "M{}"),
    ("IfcWindow", "C{}"),
    ("IfcDuctSegment", "风管 {}"),
    ("IfcPipeSegment", "给水管 DN{}"),
    ("IfcCovering", "吊顶 {}"),
)
_WORKS = [
    "柱钢筋",
    "柱模板",
    "柱混凝土浇筑",
    "梁板支模",
    "梁板钢筋绑扎",
    "梁板混凝土浇筑",
    "剪力墙",
    "隔墙砌筑",
    "门窗安装",
    "风管安装",
    "给水管安装",
    "吊顶龙骨",
    "吊顶封板",
    "地面面层",
    "钢筋验收",
    "拆除梁板支撑",
    "涂料",
    "照明",
    "插座",
    "喷淋管道",
]


def tower(*, storeys: int = 50, each: int = 1000) -> Scene:
    """Storeys of `each` elements of ten kinds."""
    body = box()
    things = [
        Thing(
            is_a=_PARTS[k % 10][0],
            name=_PARTS[k % 10][1].format(7 * k + s),
            body=body,
            storey=f"{s + 1}F",
            guid=f"{s:04d}{k:018d}",
        )
        for s in range(storeys)
        for k in range(each)
    ]
    return Scene.of([model(things, elevations={f"{s + 1}F": 3.0 * s for s in range(storeys)})])


def plan(*, storeys: int = 50, zones: str = "ABCDEFGHIJ") -> Schedule:
    """Twenty works for each zone of each storey."""
    names = [f"{s + 1}F {z}区 {w}" for s in range(storeys) for z in zones for w in _WORKS]
    start = datetime.fromisoformat("2026-01-01T08:00")
    days = [timedelta(days=k // 10) for k in range(len(names))]
    return Schedule(
        name="plan",
        source="0" * 64,
        format="csv",
        tasks=tuple(
            Task(id=f"T{k}", name=n, start=start + d, finish=start + d + timedelta(days=3))
            for k, (n, d) in enumerate(zip(names, days, strict=True))
        ),
    )


def main() -> None:
    """Print the seconds of one run, of the processor and by the clock."""
    scene, schedule = tower(), plan()
    _ = scene.bounds
    clock, used = time.perf_counter(), time.process_time()
    found = link(scene, schedule)
    clock, used = time.perf_counter() - clock, time.process_time() - used
    print(
        f"{len(schedule.tasks)} tasks, {len(scene)} elements, {len(found.links.task)} links: "
        f"{clock:.1f} s by the clock, {used:.1f} s of processor"
    )


if __name__ == "__main__":
    main()
