"""Property sets and quantities of the elements of an IFC file."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from bimcore.ifc.access import ACCESS_ERRORS, Reader, class_of, of_class
from bimcore.ifc.relations import Links
from bimcore.properties import PropertySet, PropertyTable

#: Attribute that holds the value, or the values, of a property or quantity.
_VALUES = {
    "IfcPropertySingleValue": "NominalValue",
    "IfcPropertyEnumeratedValue": "EnumerationValues",
    "IfcPropertyListValue": "ListValues",
    "IfcQuantityLength": "LengthValue",
    "IfcQuantityArea": "AreaValue",
    "IfcQuantityVolume": "VolumeValue",
    "IfcQuantityCount": "CountValue",
    "IfcQuantityWeight": "WeightValue",
    "IfcQuantityTime": "TimeValue",
    "IfcQuantityNumber": "NumberValue",
}
#: Attribute that lists the entries of a set.
_ENTRIES = {"IfcPropertySet": "HasProperties", "IfcElementQuantity": "Quantities"}


def read_properties(file: Any, links: Links, products: Sequence[Any]) -> PropertyTable:
    """The properties of `products`: their own, and those of their types.

    Numbers stay in the units of the file. Reading stops at one level: complex properties,
    tables, references and bounds are no single value and are left out.
    """
    sets = _Sets(file, links.reader)
    types: dict[int, tuple[PropertySet, ...]] = {}
    own: list[tuple[PropertySet, ...]] = []
    inherited: list[tuple[PropertySet, ...]] = []
    for product in products:
        own.append(sets.bag(links.definitions.get(product.id(), ())))
        kind = links.type_of.get(product.id())
        if kind is None:
            inherited.append(())
            continue
        number = kind.id()
        if number not in types:
            given = links.reader.many(kind, "HasPropertySets")
            # a file may also relate sets to the type instead of listing them in it
            types[number] = sets.bag((*given, *links.definitions.get(number, ())))
        inherited.append(types[number])
    return PropertyTable.of(own, inherited)


class _Sets:
    """Property sets by instance number, each read once."""

    def __init__(self, file: Any, reader: Reader) -> None:
        self._reader = reader
        self._entries: dict[int, tuple[str, str]] = {}
        self._sets: dict[int, PropertySet | None] = {}
        self._same: dict[PropertySet, PropertySet] = {}
        for kind, attribute in _VALUES.items():
            self._read(of_class(file, kind), attribute)

    def bag(self, definitions: Iterable[Any]) -> tuple[PropertySet, ...]:
        """The sets among `definitions`, by instance number, each once."""
        numbers = sorted({d.id(): d for d in definitions}.items())
        found = (self._set(number, definition) for number, definition in numbers)
        # by identity: equal sets are one object, and contents may be long
        return tuple({id(s): s for s in found if s is not None}.values())

    def _set(self, number: int, definition: Any) -> PropertySet | None:
        if number not in self._sets:
            attribute = _ENTRIES.get(class_of(definition))
            made = None if attribute is None else self._content(definition, attribute)
            self._sets[number] = None if made is None else self._same.setdefault(made, made)
        return self._sets[number]

    def _content(self, definition: Any, attribute: str) -> PropertySet:
        members = (m.id() for m in self._reader.many(definition, attribute))
        entries = sorted(self._entries[m] for m in members if m in self._entries)
        return self._reader.text(definition, "Name").strip(), tuple(entries)

    def _read(self, entries: Sequence[Any], attribute: str) -> None:
        if not entries:
            return
        # these are the most numerous instances of many files: looked up by place, once a class
        places = [entries[0].get_argument_index(n) for n in ("Name", attribute)]
        for entry in entries:
            try:
                name, given = (entry.get_argument(place) for place in places)
            except ACCESS_ERRORS:
                # again by name, which counts what cannot be read
                name, given = self._reader.text(entry, "Name"), self._reader.get(entry, attribute)
            if isinstance(name, str) and (name := name.strip()):
                self._entries[entry.id()] = name, _joined(given)


def _joined(given: Any) -> str:
    if isinstance(given, tuple | list):
        return " | ".join(t for v in given if (t := as_text(v)))
    return as_text(given)


def as_text(value: Any) -> str:
    """A value as text: ``TRUE``, ``FALSE``, the shortest number, text without outer blanks.

    Empty for no value, for numbers that are not finite, and for what is no single value.
    """
    if value is None:
        return ""
    if not isinstance(value, bool | int | float | str):
        try:
            value = value.get_argument(0)
        except ACCESS_ERRORS:
            return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value + 0.0)
    return ""
