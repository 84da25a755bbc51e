"""Attributes of IFC instances from files that may hold anything."""

from collections.abc import Iterator
from typing import Any

#: What ifcopenshell raises for attributes that are absent, dangling or of the wrong type.
ACCESS_ERRORS = (AttributeError, RuntimeError, IndexError, TypeError, ValueError, KeyError)


class Reader:
    """Reads attributes and counts those that cannot be read."""

    def __init__(self) -> None:
        self.unreadable: dict[str, int] = {}
        self._place: dict[tuple[str, str], int] = {}

    def get(self, entity: Any, name: str) -> Any:
        """Attribute `name` of `entity`, or None when absent or unreadable.

        Attributes are read by their place: by name the library looks them up afresh each
        time, and imports the rules of the whole schema for one that does not exist.
        """
        if entity is None:
            return None
        try:
            key = (entity.is_a(), name)
            place = self._place.get(key)
            if place is None:
                place = self._place[key] = self._place_of(entity, name)
            if place == _INVERSE_PLACE:
                return getattr(entity, name)
            return None if place < 0 else entity.get_argument(place)
        except ACCESS_ERRORS:
            self.count(entity, name)
            return None

    def _place_of(self, entity: Any, name: str) -> int:
        """Place of a forward attribute, a mark for an inverse one, -1 for none of that name."""
        try:
            category = entity.get_attribute_category(name)
            if category == _INVERSE:
                return _INVERSE_PLACE
            return int(entity.get_argument_index(name)) if category == _FORWARD else -1
        except ACCESS_ERRORS:
            return -1

    def many(self, entity: Any, name: str) -> tuple[Any, ...]:
        """Attribute `name` as a tuple of instances; empty when absent or unreadable.

        Numbers and texts, which a damaged file may hold in their place, are counted as
        unreadable.
        """
        value = self.get(entity, name)
        several = value if isinstance(value, tuple | list) else (value,)
        kept = tuple(v for v in several if hasattr(v, "is_a"))
        if len(kept) < len(several) and any(
            not hasattr(v, "is_a") and v is not None for v in several
        ):
            self.count(entity, name)
        return kept

    def one(self, entity: Any, name: str) -> Any:
        """Attribute `name` as an instance, the first of several; None for anything else."""
        return next(iter(self.many(entity, name)), None)

    def text(self, entity: Any, name: str) -> str:
        """Attribute `name` as text; empty when absent or no text."""
        value = self.get(entity, name)
        return value if isinstance(value, str) else ""

    def number(self, entity: Any, name: str) -> float | None:
        """Attribute `name` as a finite number, else None."""
        return as_number(self.get(entity, name))

    def count(self, entity: Any, name: str) -> None:
        """Note that attribute `name` of `entity` holds what it must not."""
        key = f"{class_of(entity)}.{name}"
        self.unreadable[key] = self.unreadable.get(key, 0) + 1


#: Categories of attributes as the library numbers them.
_FORWARD, _INVERSE = 1, 2
_INVERSE_PLACE = -2


def class_of(entity: Any) -> str:
    """Class of an instance; empty for anything else."""
    try:
        return str(entity.is_a())
    except ACCESS_ERRORS:
        return ""


def is_a(entity: Any, *classes: str) -> bool:
    """Whether `entity` is an instance of one of `classes` or of their subtypes."""
    try:
        return any(entity.is_a(c) for c in classes)
    except ACCESS_ERRORS:
        return False


def as_number(value: object) -> float | None:
    """`value` as a finite float; unwraps measures such as IfcLengthMeasure."""
    wrapped = getattr(value, "wrappedValue", value)
    if isinstance(wrapped, bool) or not isinstance(wrapped, int | float):
        return None
    number = float(wrapped)
    return number if abs(number) < float("inf") else None


def of_class(file: Any, name: str) -> list[Any]:
    """All instances of class `name` with subtypes; empty when the schema lacks it."""
    try:
        return list(file.by_type(name))
    except RuntimeError:
        return []


def chain(entity: Any, step: str, reader: Reader, *, limit: int = 100) -> Iterator[Any]:
    """`entity` and what follows along attribute `step`, ending at a repeat."""
    seen: set[int] = set()
    while entity is not None and len(seen) < limit and entity.id() not in seen:
        seen.add(entity.id())
        yield entity
        entity = reader.get(entity, step)
