"""What IFC tasks work on and with: elements, storeys, resources, properties."""

from collections import defaultdict
from typing import Any

from bimcore.ifc.access import Reader, is_a, of_class
from bimcore.schedule import Action

#: Deeper than any assembly is built.
_MOST_DEPTH = 12
_SPATIAL = ("IfcSpatialStructureElement", "IfcSpatialElement")


class Objects:
    """Relations between the tasks of `file` and everything else, by instance number."""

    def __init__(self, file: Any, reader: Reader) -> None:
        self._reader = reader
        self.outputs: dict[int, list[Any]] = defaultdict(list)
        self.inputs: dict[int, list[Any]] = defaultdict(list)
        for rel in of_class(file, "IfcRelAssignsToProduct"):
            product = reader.get(rel, "RelatingProduct")
            for task in reader.many(rel, "RelatedObjects"):
                if product is not None and is_a(task, "IfcTask"):
                    self.outputs[task.id()].append(product)
        for rel in of_class(file, "IfcRelAssignsToProcess"):
            task = reader.get(rel, "RelatingProcess")
            if task is not None and is_a(task, "IfcTask"):
                self.inputs[task.id()] += reader.many(rel, "RelatedObjects")
        self._made = {p.id() for products in self.outputs.values() for p in products}

    def elements(self, task: Any, action: Action | None) -> tuple[str, ...]:
        """GlobalIds of what `task` works on, parts of assemblies and members of groups too.

        Its products first. What goes in counts as worked on as well, unless another task
        makes it: then this one only needs it there.
        """
        key = task.id()
        found: dict[str, None] = {}
        removes = action in {Action.REMOVE, Action.MAINTAIN, Action.NEUTRAL}
        for thing in self.outputs.get(key, ()):
            self._collect(thing, found, 0)
        for thing in self.inputs.get(key, ()):
            if removes or thing.id() not in self._made:
                self._collect(thing, found, 0)
        return tuple(found)

    def _collect(self, thing: Any, found: dict[str, None], depth: int) -> None:
        if depth > _MOST_DEPTH:
            return
        ways: tuple[str, ...] = ()
        if is_a(thing, "IfcTypeProduct"):
            ways = ("Types", "ObjectTypeOf")
        elif is_a(thing, "IfcGroup"):
            ways = ("IsGroupedBy",)
        elif is_a(thing, "IfcProduct") and not is_a(thing, *_SPATIAL):
            key = self._reader.text(thing, "GlobalId")
            if key and key not in found:
                found[key] = None
                ways = ("IsDecomposedBy",)
        for each in self._related(thing, ways):
            self._collect(each, found, depth + 1)

    def _related(self, thing: Any, ways: tuple[str, ...]) -> list[Any]:
        reader = self._reader
        rels = [rel for way in ways for rel in reader.many(thing, way)]
        return [each for rel in rels for each in reader.many(rel, "RelatedObjects")]

    def resources(self, task: Any) -> tuple[tuple[str, ...], float | None]:
        """Names of the resources of `task`, and its people."""
        reader = self._reader
        names: dict[str, None] = {}
        people = 0.0
        waiting = [r for r in self.inputs.get(task.id(), ()) if is_a(r, "IfcResource")]
        seen: set[int] = set()
        while waiting:
            resource = waiting.pop()
            if resource.id() in seen:
                continue
            seen.add(resource.id())
            names[reader.text(resource, "Name") or resource.is_a()] = None
            if is_a(resource, "IfcLaborResource"):
                share = reader.number(reader.get(resource, "Usage"), "ScheduleUsage")
                people += share if share is not None and share > 0 else 0.0
            for name in ("IsNestedBy", "IsDecomposedBy"):
                for rel in reader.many(resource, name):
                    parts = reader.many(rel, "RelatedObjects")
                    waiting += [p for p in parts if is_a(p, "IfcResource")]
        return tuple(names), people or None

    def codes(self, task: Any) -> dict[str, str]:
        """Texts of `task` by which it may be linked: its own fields, places, properties."""
        reader = self._reader
        found: dict[str, str] = {}
        for name in ("Identification", "TaskId", "ObjectType", "WorkMethod", "Status"):
            if text := reader.text(task, name):
                found[name] = text
        for thing in (*self.outputs.get(task.id(), ()), *self.inputs.get(task.id(), ())):
            if is_a(thing, *_SPATIAL):
                found[thing.is_a()] = reader.text(thing, "Name")
        for rel in reader.many(task, "IsDefinedBy"):
            properties = reader.get(rel, "RelatingPropertyDefinition")
            for single in reader.many(properties, "HasProperties"):
                value = reader.get(single, "NominalValue")
                wrapped = getattr(value, "wrappedValue", None)
                if wrapped is not None:
                    found[reader.text(single, "Name")] = str(wrapped)
        return found
