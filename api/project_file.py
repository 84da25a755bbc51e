"""Settings of a review, read from a project file (TOML) or given by the service."""

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypedDict

from bimcore.errors import InputError
from gis.control import ControlPoints
from gis.control_sheet import control_points
from gis.roles import ROLES
from gis.rulebook import Parameter, ParameterError, load


class ProjectFileError(InputError):
    """The project file is not valid; the message names the key."""

    code = "SRV910"

    def __init__(self, message: str | None = None, *, zh: str = "") -> None:
        super().__init__(message)
        #: The same in Chinese, where the message can come of a form.
        self.zh = zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a person says a model stands: a conversion, or "like another model".

    Attributes
    ----------
    crs : str
        CRS of the numbers; empty with `like`.
    eastings, northings, height : float
        Map metres of the model's origin.
    rotation_deg : float
        Degrees, counter-clockwise, from map east to the model's x axis.
    scale : float
        Map metres for one model metre, in plan; heights are never scaled.
    like : str
        Name of a model whose conversion applies; empty otherwise.

    """

    crs: str = ""
    eastings: float = 0.0
    northings: float = 0.0
    height: float = 0.0
    rotation_deg: float = 0.0
    scale: float = 1.0
    like: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSetting:
    """How one layer file is to be read; empty values are found from the file.

    The last five are as in `gis.layers.LayerRequest`.
    """

    file: str
    name: str = ""
    role: str | None = None
    crs: str | None = None
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    depth_ref: str | None = None

    @property
    def facts(self) -> dict[str, object]:
        """What is stated beyond role and CRS, under the names of :func:`layer_facts`."""
        said = {
            "vertical_datum": self.vertical_datum,
            "datum_offset_m": self.datum_offset,
            "accuracy_m": self.accuracy,
            "date": self.date,
            "depth_ref": self.depth_ref,
        }
        return {k: v for k, v in said.items() if v is not None}


class LayerFacts(TypedDict):
    """What a person knows about a layer beyond its role and CRS; metres."""

    vertical_datum: str | None
    datum_offset: float | None
    accuracy: float | None
    date: str | None
    depth_ref: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """What a person decided about a project, apart from its files.

    Attributes
    ----------
    crs : str or None
        CRS of the project; None takes the one most models declare.
    placements : mapping
        Placement by model name.
    control : mapping
        Control points by model name.
    confirmed_repairs : frozenset of str
        Models whose proposed georeference repair a person confirmed; ``"name=verdict"`` where
        only that diagnosis is meant.
    vertical_datum : str or None
        Of the project's heights; None takes that of the CRS, on Chinese grids 1985.
    grids : mapping
        CRS by the name that the project and its files have for a grid, such as
        ``"重庆独立坐标系" = "tmerc:lon_0=106.5,x_0=500000,ellps=CGCS2000"``.
    layers : tuple of LayerSetting
        Files beside the project file.
    rules : Path or None
        Rule file (TOML or Excel); None takes the default matrix.
    parameters : mapping
        Numbers and words for the rulebook of the map checks, by their keys.
    jurisdiction : str or None
        City whose rules hold beside the national ones.
    rehearsal : mapping
        Thresholds of the rehearsal that differ from the rules' own, by key.
    equipment : tuple of mapping
        Cranes and other machines of the site.
    links : tuple of mapping
        What a person said about tasks and elements, a table for each group of task names.
    dictionary : Path or None
        Words of trades (TOML) beside those that ship.

    """

    name: str = ""
    crs: str | None = None
    language: str = "zh-CN"
    placements: Mapping[str, Placement] = field(default_factory=dict)
    control: Mapping[str, ControlPoints] = field(default_factory=dict)
    confirmed_repairs: frozenset[str] = frozenset()
    vertical_datum: str | None = None
    grids: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[LayerSetting, ...] = ()
    rules: Path | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    jurisdiction: str | None = None
    rehearsal: Mapping[str, object] = field(default_factory=dict)
    equipment: tuple[Mapping[str, object], ...] = ()
    links: tuple[Mapping[str, object], ...] = ()
    dictionary: Path | None = None


_FACTS = {"project", "models", "layers", "rules", "parameters", "grids"}
_TOP = {*_FACTS, "rehearsal", "equipment", "links", "dictionary"}
_PROJECT = {"name", "crs", "language", "vertical_datum", "jurisdiction", "site"}
_MODEL = {"placement", "control_points", "confirm_repair", "file", "discipline"}
_LAYER = {
    "file",
    "name",
    "role",
    "crs",
    "vertical_datum",
    "datum_offset_m",
    "accuracy_m",
    "date",
    "depth_ref",
    "note",
}
_DEPTH_REFS = ("top", "invert", "centre")


def read_project_file(path: Path) -> ReviewSettings:
    """Settings from the TOML file at `path`; files in it are relative to its folder.

    Raises
    ------
    ProjectFileError
        With the key that is wrong and what is expected.

    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        message = f"{path.name}: {err}"
        raise ProjectFileError(message) from err
    _known(document, _TOP, where="the file")
    project = _table(document, "project")
    _known(project, _PROJECT, where="[project]")
    models = {name: _table(_table(document, "models"), name) for name in _table(document, "models")}
    for name, model in models.items():
        _known(model, _MODEL, where=f'[models."{name}"]')
    rules = _rules(document)
    settings = ReviewSettings(
        name=_text(project, "name"),
        crs=_text(project, "crs") or None,
        language=_text(project, "language") or "zh-CN",
        placements={n: placement_of(m["placement"]) for n, m in models.items() if "placement" in m},
        control=_control(models, path.parent),
        confirmed_repairs=frozenset(_confirmed(models)),
        vertical_datum=_text(project, "vertical_datum") or None,
        layers=tuple(_layer(entry) for entry in _list(document, "layers")),
        rules=path.parent / rules if rules else None,
        parameters=_parameters(_table(document, "parameters")),
        jurisdiction=_text(project, "jurisdiction") or None,
        grids=_grids(document),
        rehearsal=dict(_flat(_table(document, "rehearsal"))),
        equipment=tuple(_tables(document, "equipment")),
        links=tuple(_tables(document, "links")),
        dictionary=path.parent / _text(document, "dictionary")
        if document.get("dictionary")
        else None,
    )
    return in_grids(settings)


def _grids(document: Mapping[str, Any]) -> dict[str, str]:
    grids = _table(document, "grids")
    for name, crs in grids.items():
        if not isinstance(crs, str) or not crs:
            message = f'grids."{name}" must be a CRS, such as "tmerc:lon_0=106.5,x_0=500000"'
            raise ProjectFileError(message)
    return dict(grids)


def grid_meant(crs: str | None, grids: Mapping[str, str]) -> str | None:
    """The CRS behind a name of the project's own; any other name as it is."""
    known = {name.strip().casefold(): meant for name, meant in grids.items()}
    return known.get(crs.strip().casefold(), crs) if crs else None


def in_grids(settings: ReviewSettings) -> ReviewSettings:
    """The settings with names of the project's grids replaced by what they are."""
    grids = settings.grids
    return replace(
        settings,
        crs=grid_meant(settings.crs, grids),
        placements={
            n: replace(p, crs=grid_meant(p.crs, grids) or "")
            for n, p in settings.placements.items()
        },
        control={
            n: replace(c, crs=grid_meant(c.crs, grids) or "") for n, c in settings.control.items()
        },
        layers=tuple(replace(entry, crs=grid_meant(entry.crs, grids)) for entry in settings.layers),
    )


def _parameters(given: Mapping[str, Any]) -> dict[str, Parameter]:
    """Parameters by whole key: ``flood.level_m = 5`` and its quoted form are the same."""
    try:
        return load().checked(dict(_flat(given)))
    except ParameterError as err:
        message = f"[parameters] {err}"
        raise ProjectFileError(message) from err


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _control(models: Mapping[str, dict[str, Any]], folder: Path) -> dict[str, ControlPoints]:
    found = {}
    for name, model in models.items():
        if "control_points" not in model:
            continue
        if "placement" in model:
            message = f'[models."{name}"] has both placement and control_points; keep one'
            raise ProjectFileError(message)
        found[name] = control_points(_table(model, "control_points"), folder=folder)
    return found


def _confirmed(models: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """``confirm_repair = true``, or the verdict that the person saw."""
    for name, model in models.items():
        agreed = model.get("confirm_repair")
        if isinstance(agreed, str):
            yield f"{name}={agreed}"
        elif agreed:
            yield name


def _rules(document: Mapping[str, Any]) -> str:
    """The rule file: ``rules = "file"``, or ``file`` of the table ``[rules]``."""
    given = document.get("rules", {})
    if isinstance(given, str):
        return given
    rules = _table(document, "rules")
    _known(rules, {"file"}, where="[rules]")
    return _text(rules, "file")


def placement_of(values: object) -> Placement:
    """A placement from a table of the project file or a body of the service.

    Raises
    ------
    ProjectFileError
        When a key is unknown, missing or not a finite number.

    """
    if not isinstance(values, Mapping):
        message = "placement must be a table"
        raise ProjectFileError(message)
    numbers = ("eastings", "northings", "height", "rotation_deg", "scale")
    _known(values, {"crs", "like", *numbers}, where="placement")
    if values.get("like"):
        return Placement(like=str(values["like"]))
    if not values.get("crs") or "eastings" not in values or "northings" not in values:
        message = 'placement needs crs, eastings and northings (or like = "another model")'
        raise ProjectFileError(message)
    given = {k: _number(values, k) for k in numbers if k in values}
    if given.get("scale", 1.0) <= 0:
        message = "placement.scale must be above 0"
        raise ProjectFileError(message)
    return Placement(
        crs=str(values["crs"]),
        eastings=given["eastings"],
        northings=given["northings"],
        height=given.get("height", 0.0),
        rotation_deg=given.get("rotation_deg", 0.0),
        scale=given.get("scale", 1.0),
    )


def _layer(entry: object) -> LayerSetting:
    if not isinstance(entry, dict) or not entry.get("file"):
        message = "each [[layers]] needs a file"
        raise ProjectFileError(message)
    _known(entry, _LAYER, where="[[layers]]")
    return LayerSetting(
        file=_text(entry, "file"),
        name=_text(entry, "name"),
        role=layer_role(_text(entry, "role")),
        crs=_text(entry, "crs") or None,
        **layer_facts(entry),
    )


def layer_role(role: str | None) -> str | None:
    """The role if it is one of ``gis.roles.ROLES``; None for an empty one.

    Raises
    ------
    ProjectFileError
        When no layer can have that role.

    """
    if not role:
        return None
    if role not in ROLES:
        message = f"role must be one of {', '.join(ROLES)}"
        raise ProjectFileError(message, zh=f"role 应为以下之一：{'、'.join(ROLES)}")
    return role


def layer_facts(values: Mapping[str, Any]) -> LayerFacts:
    """Datum, accuracy and date of a layer from a table of the project file or a form.

    Parameters
    ----------
    values : mapping
        ``vertical_datum``, ``datum_offset_m``, ``accuracy_m``, ``date`` (ISO, as text or
        as a date) and ``depth_ref``, each optional; numbers may be text.

    Raises
    ------
    ProjectFileError
        When a number is none, accuracy is not above 0, the date is no date or depth_ref is
        not one of top, invert, centre.

    """
    reference = str(values.get("depth_ref") or "") or None
    if reference is not None and reference not in _DEPTH_REFS:
        message = f"depth_ref must be one of {', '.join(_DEPTH_REFS)}"
        raise ProjectFileError(message, zh=f"depth_ref 应为以下之一：{'、'.join(_DEPTH_REFS)}")
    accuracy = _metres(values, "accuracy_m")
    if accuracy is not None and accuracy <= 0:
        message = "accuracy_m must be above 0"
        raise ProjectFileError(message, zh="accuracy_m 应大于 0")
    return LayerFacts(
        vertical_datum=str(values.get("vertical_datum") or "").strip() or None,
        datum_offset=_metres(values, "datum_offset_m"),
        accuracy=accuracy,
        date=_day(values.get("date")),
        depth_ref=reference,
    )


def _metres(values: Mapping[str, Any], key: str) -> float | None:
    value = values.get(key)
    if value is None or value == "":
        return None
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not abs(found) < 1e5:
        message = f"{key} must be a number of metres"
        raise ProjectFileError(message, zh=f"{key} 应为以米计的数字")
    return found


def _day(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as err:
        message = "date must be a day such as 2025-03-31"
        raise ProjectFileError(message, zh="date 应为日期，例如 2025-03-31") from err


def _known(table: Mapping[str, Any], keys: set[str], *, where: str) -> None:
    unknown = sorted(set(table) - keys)
    if unknown:
        message = (
            f"{where} has unknown keys: {', '.join(unknown)}; known are {', '.join(sorted(keys))}"
        )
        raise ProjectFileError(message)


def _table(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        message = f"{key} must be a table"
        raise ProjectFileError(message)
    return value


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key, [])
    if not isinstance(value, list):
        message = f"{key} must be an array of tables, written [[{key}]]"
        raise ProjectFileError(message)
    return value


def _tables(document: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = _list(document, key)
    if not all(isinstance(row, dict) for row in rows):
        message = f"{key} must be an array of tables, written [[{key}]]"
        raise ProjectFileError(message)
    return rows


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        message = f"{key} must be text"
        raise ProjectFileError(message)
    return value


def _number(table: Mapping[str, Any], key: str) -> float:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        message = f"placement.{key} must be a number"
        raise ProjectFileError(message)
    return float(value)
