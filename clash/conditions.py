"""Words with wildcards, and conditions on properties such as ``Pset_WallCommon.FireRating = EI*``."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from math import isclose
from unicodedata import normalize

_OPERATORS = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "≠": "!=",
    ">=": ">=",
    "≥": ">=",
    "<=": "<=",
    "≤": "<=",
    ">": ">",
    "<": "<",
}
_CONDITION = re.compile(
    r"""(?P<negated>(not|非)\s+)?
        (?P<set>[^.]+?)\s*\.\s*(?P<name>[^=<>!≠≥≤\s].*?)
        (?:\s*(?P<operator>==|!=|<>|>=|<=|[=<>≠≥≤])\s*(?P<value>.*))?""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?")
_TRUTH = {
    **dict.fromkeys(("true", "yes", ".t.", "是", "真"), True),
    **dict.fromkeys(("false", "no", ".f.", "否", "假"), False),
}


def fold(text: str) -> str:
    """`text` as words are compared: without case, full-width forms and outer blanks."""
    return (text if text.isascii() else normalize("NFKC", text)).casefold().strip()


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test of whole words against patterns with ``*`` and ``?``."""
    # translate() alone would read [..] as a choice of characters, which names do contain
    texts = [translate(fold(p).replace("[", "[[]")) for p in patterns]
    test = re.compile("|".join(texts) if texts else r"(?!)")

    def matches(word: str) -> bool:
        return test.match(fold(word)) is not None

    return matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What is asked of a property.

    Attributes
    ----------
    set_name, name : str
        Patterns of the property set and of the property.
    operator : str
        ``=, !=, >=, <=, >, <``; empty asks that the property exists.
    values : tuple of str
        What to compare with: for ``=`` and ``!=`` patterns, for the others one number.
    negated : bool
        Whether elements are wanted for which the rest does not hold.

    """

    set_name: str
    name: str
    operator: str = ""
    values: tuple[str, ...] = ()
    negated: bool = False

    def accepts(self, value: str) -> bool:
        """Whether the `value` of the property is as asked; several are parted by ``|``.

        Numbers are compared as numbers, in the units of the file; yes and no in their
        spellings; everything else as words.
        """
        parts = [p.strip() for p in value.split("|")]
        if not self.operator:
            return True
        if self.operator in ("=", "!="):
            alike = any(_alike(p, v) for p in parts for v in self.values)
            return alike == (self.operator == "=")
        limit = float(self.values[0])
        return any(_compare(self.operator, n, limit) for p in parts if (n := number(p)) is not None)


def number(text: str) -> float | None:
    """The number that `text` is, or None."""
    plain = fold(text)
    return float(plain) if _NUMBER.fullmatch(plain) else None


def _alike(part: str, wanted: str) -> bool:
    one, other = number(part), number(wanted)
    if one is not None and other is not None:
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if fold(wanted) in _TRUTH and fold(part) in _TRUTH:
        return _TRUTH[fold(part)] == _TRUTH[fold(wanted)]
    return matcher([wanted])(part)


def _compare(operator: str, value: float, limit: float) -> bool:
    if operator == ">=":
        return value >= limit
    if operator == "<=":
        return value <= limit
    return value > limit if operator == ">" else value < limit


def parse_condition(text: str) -> Condition:
    """The condition written as `text`.

    ``Set.Property`` asks that it exists, ``Set.Property = value`` that it is so; ``!=``
    asks for a property that has another value, ``not`` in front turns the whole round.

    Raises
    ------
    ValueError
        With the reason.

    """
    plain = normalize("NFKC", text.replace("≠", "!=")).strip()
    found = _CONDITION.fullmatch(plain)
    if found is None:
        message = "a condition is written as Set.Property = value"
        raise ValueError(message)
    operator = _OPERATORS[found["operator"]] if found["operator"] else ""
    values = tuple(v.strip() for v in (found["value"] or "").split("|"))
    if operator and not all(values):
        message = "the value is missing"
        raise ValueError(message)
    if operator in (">=", "<=", ">", "<") and (len(values) != 1 or number(values[0]) is None):
        message = f"{operator} compares with one number"
        raise ValueError(message)
    return Condition(
        set_name=found["set"],
        name=found["name"],
        operator=operator,
        values=values if operator else (),
        negated=bool(found["negated"]),
    )
