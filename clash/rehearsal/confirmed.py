"""What a person confirmed about the names of tasks: once for a name, for all revisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bimcore.errors import InputError
from bimcore.schedule import Action
from clash.rehearsal.spoken import spoken
from clash.rehearsal.words import dictionary

DECISIONS = ("link", "nothing", "not_modelled")
STOREY_RULES = ("named", "below", "above", "all")
_KEYS = frozenset(
    {"pattern", "decision", "kinds", "classes", "types", "storey", "storeys", "trade", "action",
     "note"}
)  # fmt: skip
_LISTS = ("kinds", "classes", "types", "storeys")
_TEXT = 500


class LinksError(InputError):
    """A confirmed link is not valid; the message names entry and key."""

    code = "SCH631"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What all tasks of one name pattern work on, as a person has it.

    Attributes
    ----------
    pattern : str
        Name with ``{storey}``, ``{zone}`` and ``{n}`` for what changes.
    decision : str
        ``"link"``, ``"nothing"`` (no work on the building) or ``"not_modelled"`` (work on
        parts that no model has).
    kinds, classes, types : tuple of str
        Kinds of the dictionary, IFC classes, names of types; an element of any of them is
        meant. All empty: what the rule finds is right.
    storey : str
        ``"named"``: on the storey that the name tells; ``"above"``, ``"below"``: one further;
        ``"all"``: on all storeys.
    storeys : tuple of str
        Names of storeys, in place of what the name tells.
    trade, action : str
        Empty for what the words tell.

    """

    pattern: str
    decision: str = "link"
    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    storey: str = "named"
    storeys: tuple[str, ...] = ()
    trade: str = ""
    action: str = ""
    note: str = ""

    def to_json(self) -> dict[str, object]:
        """As the project file and the service have it; what is empty is left out."""
        row: dict[str, object] = {"pattern": self.pattern, "decision": self.decision}
        row |= {k: list(getattr(self, k)) for k in _LISTS if getattr(self, k)}
        row |= {k: getattr(self, k) for k in ("trade", "action", "note") if getattr(self, k)}
        if self.storey != "named":
            row["storey"] = self.storey
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Choices by the folded pattern of their names."""

    choices: Mapping[str, Choice] = field(default_factory=dict)

    def of(self, name: str) -> Choice | None:
        """The choice that holds for a task of this name."""
        return self.choices.get(key_of(name)) if self.choices else None


def pattern_of(name: str) -> str:
    """The name of a task with ``{storey}``, ``{zone}`` and ``{n}`` for what changes."""
    return spoken(name).pattern


def key_of(name: str) -> str:
    """What equal patterns share, however they are spaced and written."""
    pattern = name if "{" in name else pattern_of(name)
    return "".join(pattern.casefold().split())


def confirmed_of(entries: object) -> Confirmed:
    """The choices of a project file's ``[[links]]``, or of the same rows as JSON.

    Parameters
    ----------
    entries : sequence of mapping or Confirmed
        Rows with ``pattern`` and what else :class:`Choice` has.

    Raises
    ------
    LinksError
        With number and key of the entry that is wrong.

    """
    if isinstance(entries, Confirmed):
        return entries
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        message = "links must be a list of tables, written [[links]]"
        raise LinksError(message)
    found: dict[str, Choice] = {}
    for number, entry in enumerate(entries, 1):
        choice = _choice(entry, number)
        key = key_of(choice.pattern)
        if key in found:
            message = f'[[links]] number {number}, pattern: "{choice.pattern}" stands twice'
            raise LinksError(message)
        found[key] = choice
    return Confirmed(choices=found)


def _choice(entry: object, number: int) -> Choice:
    where = f"[[links]] number {number}"
    if isinstance(entry, Choice):
        return entry
    if not isinstance(entry, Mapping):
        message = f"{where}: must be a table"
        raise LinksError(message)
    for key in entry:
        if key not in _KEYS:
            message = f"{where}, {key}: is unknown; known are {', '.join(sorted(_KEYS))}"
            raise LinksError(message)
    lists = {k: _words(entry, k, where) for k in _LISTS}
    texts = {k: _text(entry, k, where) for k in _KEYS - set(_LISTS)}
    if not texts["pattern"].strip():
        message = f"{where}, pattern: is missing"
        raise LinksError(message)
    choice = Choice(
        pattern=" ".join(texts["pattern"].split()),
        decision=texts["decision"] or "link",
        storey=texts["storey"] or "named",
        trade=texts["trade"],
        action=texts["action"],
        note=texts["note"],
        kinds=lists["kinds"],
        classes=lists["classes"],
        types=lists["types"],
        storeys=lists["storeys"],
    )
    _check(choice, where)
    return choice


def _check(choice: Choice, where: str) -> None:
    book = dictionary()
    allowed: list[tuple[str, Sequence[str], Sequence[str]]] = [
        ("decision", [choice.decision], DECISIONS),
        ("storey", [choice.storey], STOREY_RULES),
        ("action", [choice.action], ["", *Action]),
        ("trade", [choice.trade], ["", *book.trades]),
        ("kinds", choice.kinds, list(book.kinds)),
    ]
    for key, values, known in allowed:
        for value in values:
            if value not in known:
                names = ", ".join(str(k) for k in known if k)
                message = f'{where}, {key}: "{value}" is unknown; known are {names}'
                raise LinksError(message)


def _words(entry: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    value = entry.get(key, ())
    sound = isinstance(value, list | tuple) and all(
        isinstance(v, str) and 0 < len(v) <= _TEXT for v in value
    )
    if not sound or len(value) > _TEXT:  # type: ignore[arg-type]
        message = f"{where}, {key}: must be a list of words"
        raise LinksError(message)
    return tuple(value)  # type: ignore[arg-type]


def _text(entry: Mapping[str, object], key: str, where: str) -> str:
    value = entry.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _TEXT:
        message = f"{where}, {key}: must be a text of at most {_TEXT} characters"
        raise LinksError(message)
    return value
