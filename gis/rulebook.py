"""The rulebook: statutory distances as rows of TOML, each with its standard and source."""

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeAlias

from bimcore.errors import GisError

#: A number in metres or, of a choice, one of its words.
Parameter: TypeAlias = float | str

#: What a row is used by. The last group only names numbers that a project can enter.
CHECKS = frozenset(
    {
        "pipe_horizontal",
        "pipe_vertical",
        "pipe_cover",
        "gas_zone",
        "metro_control",
        "metro_special",
        "railway",
        "river",
        "zone",
        "power_zone",
        "power_horizontal",
        "power_vertical",
        "power_works",
        "power_road",
        "power_crane_vertical",
        "power_crane_horizontal",
        "setback_line",
        "setback",
        "setback_underground",
        "neighbour",
        "excavation",
        "terrain_floating",
        "terrain_buried",
        "terrain_embedment",
        "height_limit",
        "flood",
        "flood_level",
        "uncertainty",
        "number",
        "height",
        "ratio",
        "setting",
    }
)
#: The rule that the red line itself is; it needs no row.
RED_LINE = "red-line"
STATUSES = frozenset({"sourced", "parameter", "definition"})
NATIONAL = frozenset({"CN", "CN-local"})
#: Units that the value key of a row can have.
_UNITS = ("m", "ratio")
_CITED = ("standard", "clause", "edition", "valid_from", "source", "verified_by")
_TEXTS = ("id", "check", "title", "title_en", "status", "jurisdiction")
_OPTIONAL = (*_CITED, "measured_from", "measured_from_en", "replaces")
_KEYS = frozenset(
    {*_TEXTS, *_OPTIONAL, "pair", "when", "where", "severity", "choices"}
    | {f"value_{u}" for u in _UNITS}
)


class RulebookError(GisError):
    """The rulebook is not valid; the message names file, row and key."""

    code = "GIS480"


class ParameterError(GisError):
    """A project parameter is unknown or has a wrong value."""

    code = "GIS481"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One distance and where it comes from.

    Attributes
    ----------
    id : str
        Stable name; with the unit it is the key of the project's parameter.
    check : str
        One of ``CHECKS``.
    title, title_en : str
    value : float or None
        Metres (or a ratio); None where the project must enter it.
    unit : str
        ``"m"``, ``"ratio"`` or ``"choice"``.
    pair : tuple of str
        Kinds of the two sides, of a check between kinds.
    when : mapping
        Lowest and highest value, both included, of a number such as ``"voltage_kv"``.
    where : mapping
        Word of an attribute such as ``"pressure"``.
    choices : tuple of str
        Words that the parameter can have.
    jurisdiction : str
        ``"CN"``, ``"CN-local"`` (a local table that names no city) or the names of a city.
    replaces : str
        Row that this one stands for in its city; empty for none.
    status : str
        ``"sourced"``, ``"parameter"`` (no value ships) or ``"definition"`` (no statute behind).

    """

    id: str
    check: str
    title: str
    title_en: str
    value: float | None
    unit: str
    status: str
    jurisdiction: str
    severity: int = 60
    pair: tuple[str, ...] = ()
    when: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    replaces: str = ""
    standard: str = ""
    clause: str = ""
    edition: str = ""
    valid_from: str = ""
    source: str = ""
    verified_by: str = ""
    measured_from: str = ""
    measured_from_en: str = ""

    @property
    def key(self) -> str:
        """The key of the project parameter that gives or replaces the value."""
        return f"{self.id}_m" if self.unit == "m" else self.id


@dataclass(frozen=True, eq=False, kw_only=True)
class Rulebook:
    """All rows, in the order of the files."""

    rows: tuple[Row, ...]

    def __getitem__(self, row: str) -> Row:
        return next(r for r in self.rows if r.id == row)

    @property
    def keys(self) -> Mapping[str, Row]:
        """Rows by the key of their parameter."""
        return {r.key: r for r in self.rows}

    def checked(self, parameters: Mapping[str, object]) -> dict[str, Parameter]:
        """The project's `parameters`, when all are known and sound.

        Raises
        ------
        ParameterError
            Naming the key, with the keys that are near.

        """
        keys = self.keys
        sound: dict[str, Parameter] = {}
        for key, value in parameters.items():
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=3, cutoff=0.5)
                hint = f"; did you mean {', '.join(near)}?" if near else ""
                message = f'unknown parameter "{key}" 未知参数{hint}'
                raise ParameterError(message)
            sound[key] = _sound(keys[key], value)
        return sound


def _sound(row: Row, value: object) -> Parameter:
    if row.choices:
        if value not in row.choices:
            message = f"{row.key} must be one of {', '.join(row.choices)}, not {value!r}"
            raise ParameterError(message)
        return str(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(float(str(value))):
        message = f"{row.key} must be a number, not {value!r} 须为数值"
        raise ParameterError(message)
    metres = float(str(value))
    # Heights may lie below the datum and a freeboard of nothing is a decision; no distance does.
    if row.check != "height" and metres < 0.0:
        message = f"{row.key} must not be negative 不能为负"
        raise ParameterError(message)
    return metres


@dataclass(frozen=True, eq=False, kw_only=True)
class ProjectRules:
    """The rulebook as one project uses it.

    Attributes
    ----------
    rulebook : Rulebook
    parameters : mapping
        As :meth:`Rulebook.checked` returns them.
    jurisdiction : str or None
        City of the project as people write it (杭州, 浙江省杭州市); None takes national rows.

    """

    rulebook: Rulebook
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    jurisdiction: str | None = None

    def rows(self, *checks: str) -> tuple[Row, ...]:
        """Rows of `checks` that hold here; a row of the city takes the place of a general one."""
        mine = [r for r in self.rulebook.rows if r.check in checks]
        city = [r for r in mine if r.jurisdiction not in NATIONAL and self._here(r)]
        replaced = {r.replaces for r in city}
        general = [r for r in mine if r.jurisdiction in NATIONAL and r.id not in replaced]
        return (*general, *city)

    def _here(self, row: Row) -> bool:
        said = (self.jurisdiction or "").casefold()
        return any(word.casefold() in said for word in row.jurisdiction.split())

    def value(self, row: Row) -> float | None:
        """Metres (or ratio) that hold: those of the project, else of the row."""
        given = self.parameters.get(self._key(row))
        return float(given) if given is not None else row.value

    def _key(self, row: Row) -> str:
        # What a project enters under the general name holds where a city row stands for it.
        general = self.rulebook.keys.get(f"{row.replaces}_m") if row.replaces else None
        if row.key not in self.parameters and general is not None:
            return general.key
        return row.key

    def number(self, key: str) -> float | None:
        """A number of the project by the row's id; None when it was not entered."""
        return self.value(self.rulebook[key])

    def word(self, key: str) -> str | None:
        """The word chosen for the row `key`; None when it was not entered."""
        given = self.parameters.get(key)
        return None if given is None else str(given)

    def entered(self, row: Row) -> bool:
        """Whether the project entered the value itself."""
        return self._key(row) in self.parameters

    def citation(self, row: Row) -> dict[str, str]:
        """What a finding says about where its number comes from."""
        cited = {
            "standard": row.standard,
            "clause": row.clause,
            "edition": row.edition,
            "jurisdiction": row.jurisdiction,
            "valid_from": row.valid_from,
            "source": row.source,
            "verified_by": row.verified_by,
            "status": row.status,
        }
        if self.entered(row):
            cited |= {
                "source": f"project parameter {self._key(row)}",
                "verified_by": "entered by the project",
                "status": "parameter",
            }
        return cited


def no_rules() -> ProjectRules:
    """The shipped rulebook without parameters or city."""
    return ProjectRules(rulebook=load())


def project_rules(
    parameters: Mapping[str, object] | None = None, *, jurisdiction: str | None = None
) -> ProjectRules:
    """The shipped rulebook with a project's `parameters`.

    Raises
    ------
    ParameterError
        When a parameter is unknown or no number.

    """
    book = load()
    checked = book.checked(parameters or {})
    return ProjectRules(rulebook=book, parameters=checked, jurisdiction=jurisdiction)


@lru_cache(maxsize=1)
def load() -> Rulebook:
    """The rulebook that ships."""
    folder = resources.files("gis").joinpath("rulebook")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return read({f.name: f.read_text(encoding="utf-8") for f in files})


def read(files: Mapping[str, str]) -> Rulebook:
    """The rulebook in TOML texts by file name.

    Raises
    ------
    RulebookError
        With file, row and key of the first fault.

    """
    rows: list[Row] = []
    for name, text in files.items():
        rows += _file(name, text)
    seen: dict[str, str] = {}
    for row in rows:
        if row.key in seen:
            message = f'row "{row.id}": the key {row.key} is used twice'
            raise RulebookError(message)
        seen[row.key] = row.id
    for row in rows:
        if row.replaces and row.replaces not in seen.values():
            message = f'row "{row.id}": replaces "{row.replaces}", which is no row'
            raise RulebookError(message)
    return Rulebook(rows=tuple(rows))


def _file(name: str, text: str) -> Iterator[Row]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        message = f"{name}: {err}"
        raise RulebookError(message) from err
    unknown = sorted(set(document) - {"defaults", "row"})
    if unknown:
        message = f"{name}: unknown key {unknown[0]}"
        raise RulebookError(message)
    defaults = document.get("defaults", {})
    for number, given in enumerate(document.get("row", []), 1):
        label = given.get("id") or f"number {number}"
        yield _Reader(f'{name}, row "{label}"', {**defaults, **given}).row()


@dataclass(frozen=True, slots=True)
class _Reader:
    """One row being read; faults name where."""

    where: str
    values: Mapping[str, Any]

    def row(self) -> Row:
        for key in self.values:
            if key not in _KEYS:
                raise self._fault(key=key, why=f"unknown; known are {', '.join(sorted(_KEYS))}")
        texts = {k: self._text(k, needed=True) for k in _TEXTS}
        texts |= {k: self._text(k, needed=False) for k in _OPTIONAL}
        self._member("check", CHECKS)
        self._member("status", STATUSES)
        value, unit = self._value()
        self._complete(value)
        return Row(
            **texts,
            value=value,
            unit=unit,
            severity=self._severity(),
            pair=self._words("pair"),
            choices=self._words("choices"),
            when=MappingProxyType({k: self._range(k, v) for k, v in self._table("when")}),
            where=MappingProxyType({k: self._word(k, v) for k, v in self._table("where")}),
        )

    def _fault(self, *, key: str, why: str) -> RulebookError:
        return RulebookError(f"{self.where}, {key}: {why}")

    def _text(self, key: str, *, needed: bool) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self._fault(key=key, why="must be text")
        if needed and not value:
            raise self._fault(key=key, why="is missing")
        return value

    def _member(self, key: str, known: frozenset[str]) -> None:
        if self.values[key] not in known:
            raise self._fault(key=key, why=f"must be one of {', '.join(sorted(known))}")

    def _value(self) -> tuple[float | None, str]:
        given = [u for u in _UNITS if f"value_{u}" in self.values]
        if len(given) > 1:
            raise self._fault(key=f"value_{given[1]}", why="a row has one value")
        if not given:
            plain = "ratio" if self.values["check"] == "ratio" else "m"
            return None, "choice" if "choices" in self.values else plain
        value = self.values[f"value_{given[0]}"]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._fault(key=f"value_{given[0]}", why="must be a number")
        if not math.isfinite(value) or value < 0:
            raise self._fault(key=f"value_{given[0]}", why="must be finite and not negative")
        return float(value), given[0]

    def _complete(self, value: float | None) -> None:
        """A row with a value says where it is from; a parameter has none."""
        if self.values["status"] == "parameter":
            if value is not None:
                raise self._fault(key="status", why="a parameter ships no value")
            return
        if value is None:
            raise self._fault(
                key="value_m", why=f"is missing from a row of status {self.values['status']}"
            )
        for key in (*_CITED, "measured_from", "measured_from_en"):
            if not self.values.get(key):
                raise self._fault(key=key, why="is missing from a row with a value")

    def _severity(self) -> int:
        value = self.values.get("severity", 60)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
            raise self._fault(key="severity", why="must be a whole number from 0 to 100")
        return value

    def _words(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self._fault(key=key, why="must be a list of words")
        return tuple(value)

    def _table(self, key: str) -> Sequence[tuple[str, Any]]:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self._fault(key=key, why="must be a table")
        return list(value.items())

    def _range(self, key: str, value: Any) -> tuple[float, float]:
        numbers = isinstance(value, list) and all(
            isinstance(v, int | float) and not isinstance(v, bool) for v in value
        )
        if not numbers or len(value) != 2 or not value[0] <= value[1]:
            raise self._fault(key=f"when.{key}", why="must be [lowest, highest]")
        return float(value[0]), float(value[1])

    def _word(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise self._fault(key=f"where.{key}", why="must be a word")
        return value
