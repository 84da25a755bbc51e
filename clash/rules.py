"""Rules: which elements may not meet, how closely, and what is declared harmless."""

from dataclasses import dataclass, field, fields
from enum import StrEnum


class RuleKind(StrEnum):
    """What a rule asks of a pair."""

    HARD = "hard"
    CLEARANCE = "clearance"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Elements by attributes; each non-empty field must match, an empty one matches all.

    Values are exact words, or patterns with ``*`` and ``?``, compared without regard to case
    and to full-width forms; one of a field's values must match. `classes` match with
    inheritance. `properties` are conditions (``clash.conditions``), all of which must hold.
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
    properties: tuple[str, ...] = ()


#: Names of the fields of a selector, in the order files write them.
SELECTOR_FIELDS = tuple(f.name for f in fields(Selector))


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
class Named:
    """A selector that rules and the matrix call by name.

    Attributes
    ----------
    name : str
        Unique in its rule set, and no discipline.
    selector : Selector
    titles : mapping
        What people call it, ``"zh-CN"`` and ``"en"``.

    """

    name: str
    selector: Selector
    titles: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A declaration by one side that its elements may meet others.

    It speaks for one side only: elements that match `elements` and belong to the discipline
    or model `declared_by`. Conflicts of these with what matches `against` are set aside.

    Attributes
    ----------
    id : str
    declared_by : str
        A discipline, or the name of a model.
    elements, against : Selector
    reasons : mapping
        Why, ``"zh-CN"`` and ``"en"``.

    """

    id: str
    declared_by: str
    elements: Selector
    against: Selector
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules in order; where several hard rules match a pair, each reports.

    Attributes
    ----------
    rules : tuple of Rule
    name : str
    axes : tuple of str
        Rows and columns of the rule matrix: disciplines and names of selectors.
    selectors : tuple of Named
    exclusions : tuple of Exclusion

    """

    rules: tuple[Rule, ...]
    name: str = ""
    axes: tuple[str, ...] = ()
    selectors: tuple[Named, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
