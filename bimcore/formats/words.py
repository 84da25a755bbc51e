"""Words of reports and archives for what the list says in codes, Chinese and English."""

from collections.abc import Mapping
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]

#: Least severity, key, and what people call it: as on the page.
LEVELS: tuple[tuple[int, str, Pair], ...] = (
    (80, "critical", ("严重", "Critical")),
    (60, "high", ("高", "High")),
    (40, "medium", ("中", "Medium")),
    (20, "low", ("低", "Low")),
    (0, "note", ("提示", "Note")),
)
STATUSES: Mapping[str, Pair] = {
    "new": ("新发现", "New"),
    "active": ("处理中", "Active"),
    "reviewed": ("已复核", "Reviewed"),
    "approved": ("已认可", "Approved"),
    "resolved": ("已解决", "Resolved"),
    "reopened": ("重新出现", "Reopened"),
    "not_rechecked": ("未复查", "Not rechecked"),
}
KINDS: Mapping[str, Pair] = {
    "clash": ("碰撞", "Clash"),
    "gis": ("地理信息", "GIS"),
    "sequence": ("工序", "Sequence"),
    "quality": ("模型质量", "Quality"),
}
VERDICTS: Mapping[str, Pair] = {
    "ok": ("定位可用", "Located"),
    "supplied": ("按给定坐标定位", "Placed as supplied"),
    "not-located": ("未定位", "Not located"),
    "coarse-only": ("仅有概略位置", "Coarse location only"),
    "assumed": ("推定为绝对坐标", "Assumed absolute"),
    "repairable": ("可修复，暂不采用", "Repairable, held back"),
    "ambiguous": ("有歧义，暂不采用", "Ambiguous, held back"),
    "reject": ("相互矛盾，不采用", "Contradictory, held back"),
    "needs-user": ("需人工确认", "Needs a decision"),
    "needs-topocentric": ("需站心坐标，暂不采用", "Topocentric, held back"),
    "suspicious": ("位置可疑", "Suspicious"),
    "invalid": ("经纬度无效", "Invalid location"),
}


def level(severity: int) -> tuple[str, Pair]:
    """Key and words of a severity of 0 to 100."""
    return next((key, pair) for least, key, pair in LEVELS if severity >= least or least == 0)


def word(words: Mapping[str, Pair], code: str) -> Pair:
    """The words of `code`, else the code itself."""
    return words.get(code, (code, code))


def verdict(code: str) -> Pair:
    """The words of a georeference verdict; what follows the colon is a detail of it."""
    return VERDICTS.get(code) or word(VERDICTS, code.partition(":")[0])
