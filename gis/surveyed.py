"""Points and lines of a pipe survey, and findings about their rows."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bimcore.findings import Code, Finding

#: Ways of burial by code.
BURIALS: Mapping[str, str] = {
    "ZM": "直埋", "GM": "管埋", "GK": "管块", "GG": "管沟", "JK": "架空", "DM": "地面",
    "SJ": "上架", "ZH": "管廊", "DG": "顶管",
}  # fmt: skip
STATES: Mapping[str, str] = {"0": "在用", "1": "废弃", "2": "空管", "3": "其他"}
#: Places named in a message; the finding's data hold all of them.
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A surveyed point: east, north and ground level in metres, NaN where unknown."""

    number: str
    place: str
    east: float
    north: float
    ground: float
    feature: str
    fitting: str
    well_depth: float | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a line; heights and depths in metres, NaN where unknown."""

    point: Point
    depth: float
    level: float

    @property
    def height(self) -> float:
        """The level as stated, else ground minus depth (a negative depth is above ground)."""
        return self.level if math.isfinite(self.level) else self.point.ground - self.depth


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One surveyed line between two points, with the texts of its row."""

    place: str
    start: End
    end: End
    kind: str
    texts: Mapping[str, str]

    @property
    def length(self) -> float:
        """Plan length in metres."""
        a, b = self.start.point, self.end.point
        return math.hypot(b.east - a.east, b.north - a.north)

    @property
    def size(self) -> str:
        """The size without what people write before a diameter."""
        return re.sub(r"^(DN|D|[ΦφØ⌀ϕ])\s*", "", self.texts["size"].upper())


def told(
    code: Code, places: Sequence[str], zh: str, en: str, *, severity: int | None = None
) -> list[Finding]:
    """One finding that counts `places`, names the first few and holds them all."""
    if not places:
        return []
    more = len(places) > _SHOWN
    shown = list(places[:_SHOWN])
    return [
        Finding.of(
            code,
            severity=severity,
            count=len(places),
            what_zh=zh,
            what_en=en,
            rows_zh="、".join(shown) + (" 等" if more else ""),
            rows_en=", ".join(shown) + (", ..." if more else ""),
            rows=list(places),
        )
    ]
