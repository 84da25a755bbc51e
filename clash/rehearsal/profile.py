"""Thresholds of the rehearsal: those of the cards, and what a project changes."""

from collections.abc import Mapping, Sequence

from bimcore.errors import InputError
from clash.rehearsal.base import Card, Parameter

Value = float | str | bool


class ProfileError(InputError):
    """A threshold is unknown or not of its kind; the message names the key."""

    code = "SCH601"


def profile(cards: Sequence[Card], given: Mapping[str, object] | None = None) -> dict[str, Value]:
    """Thresholds in force by key.

    Parameters
    ----------
    cards : sequence of Card
    given : mapping, optional
        What the project file says in ``[rehearsal]``.

    Raises
    ------
    ProfileError
        For a key that no rule has, or a value of another kind.

    """
    known = {p.key: p for card in cards for p in card.parameters}
    held: dict[str, Value] = {key: p.value for key, p in known.items()}
    for key, value in (given or {}).items():
        if key not in known:
            near = [k for k in known if k.split(".")[0] == key.split(".")[0]] or sorted(known)
            message = f"[rehearsal] {key!r} is no threshold; there are {', '.join(near[:12])}"
            raise ProfileError(message)
        held[key] = _checked(known[key], value)
    return held


def _checked(row: Parameter, value: object) -> Value:
    """`value` in the kind of the row's own."""
    if isinstance(row.value, bool):
        if isinstance(value, bool):
            return value
    elif isinstance(row.value, str):
        if isinstance(value, str):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value >= 0:
            return float(value)
        message = f"[rehearsal] {row.key} = {value!r}: must not be negative"
        raise ProfileError(message)
    kind = {bool: "true or false", str: "a text"}.get(type(row.value), "a number")
    message = f"[rehearsal] {row.key} = {value!r}: must be {kind}"
    raise ProfileError(message)
