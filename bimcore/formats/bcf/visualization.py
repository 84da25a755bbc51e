"""The view of a BCF viewpoint as XML and back."""

import math

from bimcore.formats.bcf.content import (
    BcfViewpoint,
    Bitmap,
    Camera,
    Coloring,
    Component,
    Hints,
    Vector,
)
from bimcore.formats.bcf.xml import Node, leaf

_HINTS = (
    ("spaces", "SpacesVisible"),
    ("space_boundaries", "SpaceBoundariesVisible"),
    ("openings", "OpeningsVisible"),
)


def visualization(view: BcfViewpoint, *, version: str) -> Node:
    """``VisualizationInfo`` of `view` in BCF 2.1 or 3.0."""
    new = version == "3.0"
    parts = [*_components(view, new=new)]
    if view.camera is not None:
        parts.append(_camera(view.camera, new=new))
    lines = [Node("Line", "", (_xyz("StartPoint", a), _xyz("EndPoint", b))) for a, b in view.lines]
    planes = [
        Node("ClippingPlane", "", (_xyz("Location", p), _xyz("Direction", d)))
        for p, d in view.clipping_planes
    ]
    if lines:
        parts.append(Node("Lines", "", tuple(lines)))
    if planes:
        parts.append(Node("ClippingPlanes", "", tuple(planes)))
    bitmaps = tuple(_bitmap(b, new=new) for b in view.bitmaps)
    parts += [Node("Bitmaps", "", bitmaps)] if new and bitmaps else bitmaps
    guid = view.guid.lower() if new else view.guid
    return Node("VisualizationInfo", "", tuple(parts), {"Guid": guid})


def read_visualization(root: Node, view: dict[str, object]) -> dict[str, object]:
    """Fields of a ``BcfViewpoint`` in a ``VisualizationInfo`` of any version, added to `view`."""
    view["camera"] = _read_camera(root)
    view["lines"] = tuple(
        (_vector(line.child("StartPoint")), _vector(line.child("EndPoint")))
        for line in root.all("Lines", "Line")
    )
    view["clipping_planes"] = tuple(
        (_vector(p.child("Location")), _vector(p.child("Direction")))
        for p in root.all("ClippingPlanes", "ClippingPlane")
    )
    bitmaps = root.all("Bitmaps", "Bitmap") or root.all("Bitmap")
    view["bitmaps"] = tuple(_read_bitmap(b) for b in bitmaps)
    components = root.child("Components")
    return view if components is None else view | _read_components(components)


def number(text: str) -> float:
    """A finite number; 0.0 when `text` is none."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0


def _components(view: BcfViewpoint, *, new: bool) -> tuple[Node, ...]:
    hints = () if view.hints is None else (_hints(view.hints),)
    selected = tuple(_component(c) for c in view.selection)
    exceptions = tuple(_component(c) for c in view.exceptions)
    if not (
        hints or selected or exceptions or view.coloring or view.default_visibility is not None
    ):
        return ()
    marks = {}
    if view.default_visibility is not None:
        marks["DefaultVisibility"] = "true" if view.default_visibility else "false"
    inside = (Node("Exceptions", "", exceptions),) if exceptions else ()
    visibility = Node("Visibility", "", (*(hints if new else ()), *inside), marks)
    parts = (
        *(() if new else hints),
        *((Node("Selection", "", selected),) if selected else ()),
        visibility,
        *((_coloring(view, new=new),) if view.coloring else ()),
    )
    return (Node("Components", "", parts),)


def _coloring(view: BcfViewpoint, *, new: bool) -> Node:
    colours = []
    for colour in view.coloring:
        rows = tuple(_component(c) for c in colour.components)
        inside = (Node("Components", "", rows),) if new else rows
        colours.append(Node("Color", "", inside, {"Color": colour.color.upper()}))
    return Node("Coloring", "", tuple(colours))


def _hints(hints: Hints) -> Node:
    marks = {}
    for name, attribute in _HINTS:
        value = getattr(hints, name)
        if value is not None:
            marks[attribute] = "true" if value else "false"
    return Node("ViewSetupHints", attributes=marks)


def _component(component: Component) -> Node:
    marks = {"IfcGuid": component.guid} if component.guid else {}
    parts = (
        *leaf("OriginatingSystem", component.originating_system),
        *leaf("AuthoringToolId", component.authoring_tool_id),
    )
    return Node("Component", "", parts, marks)


def _camera(camera: Camera, *, new: bool) -> Node:
    parts = [
        _xyz("CameraViewPoint", camera.position),
        _xyz("CameraDirection", camera.direction),
        _xyz("CameraUpVector", camera.up),
    ]
    if camera.scale is None:
        name, lens = "PerspectiveCamera", ("FieldOfView", camera.field_of_view or 60.0)
    else:
        name, lens = "OrthogonalCamera", ("ViewToWorldScale", camera.scale)
    parts.append(Node(lens[0], repr(float(lens[1]))))
    if new:
        parts.append(Node("AspectRatio", repr(float(camera.aspect_ratio or 1.0))))
    return Node(name, "", tuple(parts))


def _bitmap(bitmap: Bitmap, *, new: bool) -> Node:
    kind = bitmap.format.lower() if new else bitmap.format.upper()
    parts = (
        Node("Format" if new else "Bitmap", kind),
        Node("Reference", bitmap.reference),
        _xyz("Location", bitmap.location),
        _xyz("Normal", bitmap.normal),
        _xyz("Up", bitmap.up),
        Node("Height", repr(float(bitmap.height))),
    )
    return Node("Bitmap", "", parts)


def _xyz(name: str, vector: Vector) -> Node:
    axes = zip("XYZ", vector, strict=True)
    return Node(name, "", tuple(Node(axis, repr(float(v))) for axis, v in axes))


def _vector(node: Node | None) -> Vector:
    if node is None:
        return (0.0, 0.0, 0.0)
    return number(node.value("X")), number(node.value("Y")), number(node.value("Z"))


def _read_camera(root: Node) -> Camera | None:
    for name, lens in (
        ("PerspectiveCamera", "FieldOfView"),
        ("OrthogonalCamera", "ViewToWorldScale"),
    ):
        node = root.child(name)
        if node is None:
            continue
        size = number(node.value(lens))
        aspect = node.value("AspectRatio")
        return Camera(
            position=_vector(node.child("CameraViewPoint")),
            direction=_vector(node.child("CameraDirection")),
            up=_vector(node.child("CameraUpVector")),
            field_of_view=size if lens == "FieldOfView" else None,
            scale=size if lens == "ViewToWorldScale" else None,
            aspect_ratio=number(aspect) if aspect else None,
        )
    return None


def _read_bitmap(node: Node) -> Bitmap:
    return Bitmap(
        format=(node.value("Format") or node.value("Bitmap")).strip().lower(),
        reference=node.value("Reference"),
        location=_vector(node.child("Location")),
        normal=_vector(node.child("Normal")),
        up=_vector(node.child("Up")),
        height=number(node.value("Height")),
    )


def _read_components(components: Node) -> dict[str, object]:
    visibility = components.child("Visibility") or Node("Visibility")
    hints = visibility.child("ViewSetupHints") or components.child("ViewSetupHints")
    # In 2.0 each component says itself whether it is selected.
    flat = [c for c in components.all("Component") if c.attribute("Selected") == "true"]
    return {
        "selection": _read_rows((*components.all("Selection", "Component"), *flat)),
        "default_visibility": _read_bool(visibility.attribute("DefaultVisibility")),
        "exceptions": _read_rows(visibility.all("Exceptions", "Component")),
        "hints": None if hints is None else _read_hints(hints),
        "coloring": tuple(
            Coloring(
                color=c.attribute("Color"),
                components=_read_rows(c.all("Components", "Component") or c.all("Component")),
            )
            for c in components.all("Coloring", "Color")
        ),
    }


def _read_hints(node: Node) -> Hints:
    return Hints(**{name: _read_bool(node.attribute(attribute)) for name, attribute in _HINTS})


def _read_rows(nodes: tuple[Node, ...]) -> tuple[Component, ...]:
    return tuple(
        Component(
            guid=n.attribute("IfcGuid"),
            originating_system=n.value("OriginatingSystem"),
            authoring_tool_id=n.value("AuthoringToolId"),
        )
        for n in nodes
    )


def _read_bool(text: str) -> bool | None:
    """An ``xs:boolean``, None where it is not given."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
