"""Elements of a scene as people know them."""

from collections.abc import Iterable

from bimcore.issues import ElementRef
from bimcore.model import Scene


def refs_of(scene: Scene, elements: Iterable[int]) -> dict[int, ElementRef]:
    """References, without a side, of scene elements."""
    found: dict[int, ElementRef] = {}
    for element in sorted(set(elements)):
        model, row = scene.locate(element)
        table = model.elements
        found[element] = ElementRef(
            model=model.name,
            guid=table.guid[row],
            ifc_class=table.ifc_class[row],
            name=table.name[row],
            type=table.object_type[row],
            storey=table.storey[row],
            system=table.system[row],
            index=element,
        )
    return found


def storey_elevation(scene: Scene, element: int) -> float | None:
    """Elevation of the storey of `element` in the scene's frame; None when unknown."""
    model, row = scene.locate(element)
    code = int(model.elements.storey.codes[row])
    if code < 0:
        return None
    height = float(model.elements.storey_elevation[code])
    return height if height == height else None
