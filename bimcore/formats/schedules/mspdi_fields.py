"""Custom fields and outline codes of MSPDI by the names their authors gave them."""

from dataclasses import dataclass, field

from bimcore.formats.schedules.xmlrecords import Node


@dataclass(slots=True)
class FieldNames:
    """Definitions of custom fields: names, and the texts of their lists."""

    _names: dict[str, str] = field(default_factory=dict)
    _values: dict[str, dict[str, str]] = field(default_factory=dict)

    def add_attribute(self, node: Node) -> None:
        """Take the definition of an extended attribute."""
        number = node.get("FieldID")
        self._names[number] = node.get("Alias") or node.get("FieldName") or number
        rows = [v for box in node.all("ValueList") for v in box.all("Value")]
        listed = {v.get("ID"): v.get("Value") or v.get("Description") for v in rows}
        self._values.setdefault(number, {}).update(listed)

    def add_outline(self, node: Node) -> None:
        """Take the definition of an outline code; its values are paths such as ``B3.4F``."""
        number = node.get("FieldID")
        self._names[number] = node.get("Alias") or node.get("FieldName") or number
        rows = [v for box in node.all("Values") for v in box.all("Value")]
        known = {v.get("ValueID"): v for v in rows}
        values = self._values.setdefault(number, {})
        for value in known:
            way: list[str] = []
            above, seen = value, set()
            while above in known and above not in seen:
                seen.add(above)
                way.append(known[above].get("Value"))
                above = known[above].get("ParentValueID")
            values[value] = ".".join(reversed(way))

    def codes(self, task: Node) -> dict[str, str]:
        """Values of a task by the names of the fields."""
        told: dict[str, str] = {}
        for node in (*task.all("ExtendedAttribute"), *task.all("OutlineCode")):
            number = node.get("FieldID")
            listed = self._values.get(number, {})
            text = node.get("Value") or listed.get(node.get("ValueID"), "")
            if text:
                told[self._names.get(number) or number] = text
        return told
