"""Rules: which elements may not meet, and how closely."""

from dataclasses import dataclass, field
from enum import StrEnum


class RuleKind(StrEnum):
    """What a rule asks of a pair."""

    HARD = "hard"
    CLEARANCE = "clearance"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Elements by attributes; each non-empty field must match, an empty one matches all.

    Values are exact words, or patterns with ``*`` and ``?`` (case-blind); `classes`
    match with inheritance.
    """

    disciplines: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    not_classes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    storeys: tuple[str, ...] = ()
    classifications: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which elements may not meet, and how closely.

    Attributes
    ----------
    id : str
    left, right : Selector
    kind : RuleKind
    tolerance : float
        Metres, >= 0. For ``hard``: bodies that share space no deeper than this touch.
        For ``clearance``: the gap asked for. For ``duplicate``: how far apart two equal
        bodies may stand.
    titles : mapping
        Text by language, ``"zh-CN"`` and ``"en"``.

    """

    id: str
    left: Selector
    right: Selector
    kind: RuleKind
    tolerance: float
    titles: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules in order; where several hard rules match a pair, each reports."""

    rules: tuple[Rule, ...]
    name: str = ""
