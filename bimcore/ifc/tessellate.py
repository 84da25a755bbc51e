"""Bodies of IFC products: ifclite-geom makes them, ifcopenshell is the referee."""

from collections.abc import Collection
from typing import Any, Literal

import numpy as np

from bimcore.arrays import F64, I32

Bodies = dict[int, tuple[F64, I32]]
#: Into how many chords curves are divided.
Quality = Literal["medium", "high", "highest"]


def mesh_all(
    data: bytes, *, ids: Collection[int] | None = None, quality: Quality | None = None
) -> Bodies:
    """Triangles by instance number, as ifclite-geom makes them; metres, absolute.

    Parameters
    ----------
    data : bytes
        The STEP file.
    ids : collection of int, optional
        Only these products.
    quality : Quality, optional
        Into how many chords curves are divided: ``"medium"`` by default, twice as many with
        ``"high"``, four times as many with ``"highest"``.

    """
    # imported here because only the child process may load the library
    import ifclite_geom

    wanted = None if ids is None else set(ids)
    made = ifclite_geom.geometry_data_buffers(data, quality=quality, ids=wanted)["elements"]
    return {int(i): _body(e) for i, e in made.items()}


def _body(element: Any) -> tuple[F64, I32]:
    vertices = np.frombuffer(element["vertices"], dtype="<f8").reshape(-1, 3)
    # written as u32, but no body has 2^31 vertices
    faces = np.frombuffer(element["faces"], dtype="<i4").reshape(-1, 3)
    return vertices, faces


def mesh_one(product: Any) -> tuple[F64, I32] | None:
    """The body of one product as ifcopenshell (OpenCASCADE) makes it; metres, absolute.

    None when the library refuses the geometry.
    """
    import ifcopenshell.geom  # most files never need it

    geom: Any = ifcopenshell.geom
    settings = geom.settings()
    for name in ("use-world-coords", "weld-vertices"):
        settings.set(name, True)  # noqa: FBT003  # the library takes positions only
    try:
        shape = geom.create_shape(settings, product)
    except (RuntimeError, ValueError, TypeError):
        return None
    vertices = np.array(shape.geometry.verts, dtype=np.float64).reshape(-1, 3)
    faces = np.array(shape.geometry.faces, dtype=np.int32).reshape(-1, 3)
    return vertices, faces
