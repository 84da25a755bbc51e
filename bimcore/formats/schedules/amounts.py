"""Durations, lags and predecessors as people write them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bimcore.formats.schedules.han import in_digits
from bimcore.formats.schedules.periods import minutes_of_period
from bimcore.schedule import Lag, LagUnit, LinkType

_UNITS = {
    "minute": "m min mins minute minutes 分钟 分 分钟工时 minuten minuut minuto minutos minuti",
    "hour": "h hr hrs hour hours 小时 时 工时 个小时 stunde stunden std uur heure heures hora horas ora ore",
    "day": "d dy day days 天 日 工作日 个工作日 工日 dag dagen tag tage t jour jours j día días dia dias giorno giorni g",
    "week": "w wk wks week weeks 周 星期 个星期 个周 周工时 个周工时 wochen woche wo weken week semaine semaines sem semana semanas settimana settimane",
    "month": "mo mon mons month months 月 个月 月工时 个月工时 monat monate maand maanden mois mes meses mês mese mesi",
    "elapsed minute": "em emin emins 日历分钟",
    "elapsed hour": "eh ehr ehrs ehour ehours 日历小时 已用小时 已用工时 fstd fstunde fstunden",
    "elapsed day": "ed eday edays 日历日 日历天 个日历日 个日历天 个自然日 个自然天 已用天 已用日 自然日 自然天 自然日历天 历时日 elapseddays calendardays kt ftag ftage ft kalendertag kalendertage",
    "elapsed week": "ew ewk ewks eweek eweeks 日历周 已用周 fwoche fwochen",
    "elapsed month": "emo emon emons emonths 日历月",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?|\.\d+)\s*([^\d\s.,+\-]*(?:\s?days?)?)\s*")
_TYPES = {
    "FS": LinkType.FS,
    "SS": LinkType.SS,
    "FF": LinkType.FF,
    "SF": LinkType.SF,
    "完成-开始": LinkType.FS,
    "开始-开始": LinkType.SS,
    "完成-完成": LinkType.FF,
    "开始-完成": LinkType.SF,
    # German and Dutch Microsoft Project.
    "EA": LinkType.FS,
    "AA": LinkType.SS,
    "EE": LinkType.FF,
    "AE": LinkType.SF,
    "EB": LinkType.FS,
    "BB": LinkType.SS,
    "BE": LinkType.SF,
    # French, Spanish, Italian and Portuguese.
    "FD": LinkType.FS,
    "DD": LinkType.SS,
    "DF": LinkType.SF,
    "FC": LinkType.FS,
    "CC": LinkType.SS,
    "CF": LinkType.SF,
    "FI": LinkType.FS,
    "II": LinkType.SS,
    "IF": LinkType.SF,
    "TI": LinkType.FS,
    "TT": LinkType.FF,
    "IT": LinkType.SF,
}
_TYPE = "|".join(sorted(_TYPES, key=len, reverse=True))
#: 1天半 is 1.5天, 2个半月 2.5个月; 半 is a number by then.
_AND_HALF = re.compile(r"(\d)(个|[天日周年月])0\.5")
_HAN_LAG = re.compile(
    r"(?<=[+\-])\s*[半两一二三四五六七八九十]+(?=个?(?:[天日周月时]|工|星期|小时|自然))"
)
_LAG = r"(?P<sign>[+\-＋－])?\s*(?P<lag>[\d.,]+\s*[^+\-]*)"
_TYPED = re.compile(
    rf"(?P<id>.+?)[\s:：]*[\[(（]?(?P<type>{_TYPE})[\])）]?(?:\s*[\[(（](?:{_TYPE})[\])）])?"
    rf"\s*(?:{_LAG})?",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?P<id>.+?)\s*(?P<sign>[+\-＋－])\s*(?P<lag>[\d.,]+\s*[^+\-]*)")
_BETWEEN = re.compile(r"[,;，；、\n|]+")
_DECIMAL = re.compile(rf"((?:[+\-]|\b(?:{_TYPE}))\s*\d+),(\d+)", re.IGNORECASE)
_WITH_UNIT = re.compile(r"([+\-]\s*\d+),(\d+)(\s*[^\W\d_]+)")
_MARKS = str.maketrans("＋－：\uff05？", "+-:%?")


@dataclass(frozen=True, slots=True)
class Amount:
    """A duration: minutes, and whether they run round the clock."""

    minutes: float
    elapsed: bool = False
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How many minutes make a day, days a week and days a month."""

    day: float = 480.0
    week: float = 5.0
    month: float = 20.0

    def minutes(self, unit: str) -> tuple[float, bool]:
        """Minutes of one such unit, and whether they run round the clock."""
        elapsed = unit.startswith("elapsed ")
        day = 1440.0 if elapsed else self.day
        week, month = (7.0, 30.0) if elapsed else (self.week, self.month)
        weights = {"minute": 1, "hour": 60, "day": day, "week": week * day, "month": month * day}
        return weights[unit.removeprefix("elapsed ")], elapsed


def unit_of(text: str) -> str | None:
    """The unit a word stands for; None for no unit."""
    word = re.sub(r"[\s?？.]", "", text).lower()
    return _UNIT_OF.get(word)


@lru_cache(maxsize=4096)
def duration_of(text: str, *, scale: Scale, unit: str = "day") -> Amount:
    """A duration such as ``5``, ``5d?``, ``5 工作日``, ``2w``, ``40小时``, ``PT40H``.

    Raises
    ------
    ValueError
        When it is none.

    """
    plain = text.translate(_MARKS).strip().lower()
    estimated = plain.endswith("?")
    plain = plain.rstrip("? ").removeprefix("约").strip()
    plain = _AND_HALF.sub(r"\1.5\2", in_digits(plain))
    if plain.startswith("p") and not plain.startswith("pt.") and any(c.isdigit() for c in plain):
        return Amount(minutes_of_period(plain, day=scale.day), estimated=estimated)
    total, elapsed, at = 0.0, False, 0
    for found in _AMOUNT.finditer(plain):
        if found.start() != at:
            raise ValueError(text)
        at = found.end()
        known = unit_of(found[2]) if found[2] else unit
        if known is None:
            raise ValueError(text)
        weight, elapsed = scale.minutes(known)
        total += float(found[1].replace(",", ".")) * weight
    if at == 0 or at != len(plain) or total > 1e9:
        raise ValueError(text)
    return Amount(total, elapsed, estimated)


@dataclass(frozen=True, slots=True)
class Reference:
    """One task that another is linked to, as text."""

    id: str
    type: LinkType
    lag: Lag


def tokens(text: str, *, commas: bool = False) -> list[str]:
    """Single references of a cell such as ``5,7FS+2d; 9``.

    With `commas` decimals of lags are written with a comma: ``A1: FS 16,0, A2``; with a unit
    behind them, ``3EA+2,5 Tage``, they are known without.
    """
    plain = _DECIMAL.sub(r"\1.\2", text) if commas else _WITH_UNIT.sub(_point, text)
    return [t.strip() for t in _BETWEEN.split(plain.strip()) if t.strip()]


def _point(found: re.Match[str]) -> str:
    return f"{found[1]}.{found[2]}{found[3]}" if unit_of(found[3]) else found[0]


def reference_of(
    token: str, known: Callable[[str], bool], *, scale: Scale, unit: str = "day"
) -> Reference:
    """A reference such as ``12``, ``12FS+3d``, ``3SS-2天``, ``A-10``, ``12FS+50%``.

    Parameters
    ----------
    token : str
    known : callable
        Whether a text is the id of a task; decides where ids hold marks themselves.
    scale : Scale
    unit : str, optional
        Of lags that name none.

    Raises
    ------
    ValueError
        When its lag cannot be understood.

    """
    plain = token.translate(_MARKS).strip()
    if known(plain):
        return Reference(plain, LinkType.FS, Lag())
    plain = _HAN_LAG.sub(lambda m: in_digits(m[0]), plain)
    typed = _TYPED.fullmatch(plain)
    if typed is not None and (known(typed["id"].strip()) or not _is_word(typed["id"])):
        kind = _TYPES[typed["type"].upper()]
        return Reference(typed["id"].strip(), kind, _lag(typed["sign"], typed["lag"], scale, unit))
    bare = _BARE.fullmatch(plain)
    if bare is not None and known(bare["id"].strip()):
        return Reference(
            bare["id"].strip(), LinkType.FS, _lag(bare["sign"], bare["lag"], scale, unit)
        )
    return Reference(plain, LinkType.FS, Lag())


def _is_word(text: str) -> bool:
    """Whether the letters before a type run into it, as in ``OFFSS``."""
    return text[-1:].isascii() and text[-1:].isalpha()


@lru_cache(maxsize=4096)
def _lag(sign: str | None, text: str | None, scale: Scale, unit: str) -> Lag:
    if not text:
        return Lag()
    turn = -1.0 if sign in ("-", "－") else 1.0
    plain = text.strip().lower()
    estimated = plain.endswith("?")
    percent = re.fullmatch(r"([\d.,]+)\s*(e|日历)?\s*%\s*\??", plain)
    if percent is not None:
        share = LagUnit.ELAPSED_PERCENT if percent[2] else LagUnit.PERCENT
        value = float(percent[1].replace(",", "."))
        return Lag(value=turn * value, unit=share, estimated=estimated)
    amount = duration_of(plain, scale=scale, unit=unit)
    counted = LagUnit.ELAPSED if amount.elapsed else LagUnit.WORKING
    return Lag(value=turn * amount.minutes, unit=counted, estimated=estimated)
