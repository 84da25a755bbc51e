"""Small exact bodies and scenes to state expectations about."""

from collections.abc import Sequence

import numpy as np

from bimcore.elements import Coded, ElementTable
from bimcore.frame import Frame, rigid
from bimcore.mesh import MeshSet, signed_volume
from bimcore.model import Model, Scene
from bimcore.relations import RelationTable

Body = tuple[np.ndarray, np.ndarray]

MAP = (514433.0, 3350053.0, 250.0)


def box(size=(1.0, 1.0, 1.0), at=(0.0, 0.0, 0.0)) -> Body:
    """An axis-aligned box with its lower corner at `at`."""
    return prism([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], height=size[2], at=at)


def prism(outline: Sequence[tuple[float, float]], *, height: float, at=(0.0, 0.0, 0.0)) -> Body:
    """A solid over a simple counter-clockwise `outline`, extruded upwards."""
    points = np.asarray(outline, dtype=float)
    n = len(points)
    low = np.column_stack([points, np.zeros(n)])
    high = np.column_stack([points, np.full(n, height)])
    cap = ears(points)
    faces = [(a, c, b) for a, b, c in cap]
    faces += [(a + n, b + n, c + n) for a, b, c in cap]
    for k in range(n):
        m = (k + 1) % n
        faces += [(k, m, m + n), (k, m + n, k + n)]
    return np.concatenate([low, high]) + np.asarray(at, float), np.array(faces, dtype=np.int32)


def ears(points: np.ndarray) -> list[tuple[int, int, int]]:
    """Triangles of a simple counter-clockwise polygon, by clipping ears."""
    left = list(range(len(points)))
    found = []
    while len(left) > 3:
        for k in range(len(left)):
            a, b, c = left[k - 1], left[k], left[(k + 1) % len(left)]
            if _turn(points[a], points[b], points[c]) <= 1e-15:
                continue
            if any(
                _turn(points[a], points[b], points[p]) >= 0
                and _turn(points[b], points[c], points[p]) >= 0
                and _turn(points[c], points[a], points[p]) >= 0
                for p in left
                if p not in (a, b, c)
            ):
                continue
            found.append((a, b, c))
            left.pop(k)
            break
        else:
            raise ValueError("the outline is not simple and counter-clockwise")
    return [*found, (left[0], left[1], left[2])]


def _turn(a, b, c) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def l_shape(*, long=2.0, short=0.5, height=3.0, at=(0.0, 0.0, 0.0)) -> Body:
    """An L in plan: two legs of length `long` and width `short`; the notch is at +x +y."""
    outline = [(0, 0), (long, 0), (long, short), (short, short), (short, long), (0, long)]
    return prism(outline, height=height, at=at)


def pipe(*, start, end, radius: float, sides: int = 24, turn: float = 0.0) -> Body:
    """A full cylinder from `start` to `end`."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    length = float(np.linalg.norm(end - start))
    angle = turn + 2 * np.pi * np.arange(sides) / sides
    outline = list(zip(radius * np.cos(angle), radius * np.sin(angle), strict=True))
    vertices, faces = prism(outline, height=length)
    return vertices @ _axes((end - start) / length).T + start, faces


def tube(*, start, end, outer: float, inner: float, sides: int = 24) -> Body:
    """A hollow cylinder: a sleeve."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    length = float(np.linalg.norm(end - start))
    angle = 2 * np.pi * np.arange(sides) / sides
    ring = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(sides)])
    top = np.array([0, 0, length])
    vertices = np.concatenate([outer * ring, outer * ring + top, inner * ring, inner * ring + top])
    faces = []
    s = sides
    for k in range(s):
        m = (k + 1) % s
        faces += [(k, m, m + s), (k, m + s, k + s)]
        faces += [(k + 2 * s, m + 3 * s, m + 2 * s), (k + 2 * s, k + 3 * s, m + 3 * s)]
        faces += [(k + s, m + s, m + 3 * s), (k + s, m + 3 * s, k + 3 * s)]
        faces += [(k, m + 2 * s, m), (k, k + 2 * s, m + 2 * s)]
    return vertices @ _axes((end - start) / length).T + start, np.array(faces, dtype=np.int32)


def torus(*, major: float, minor: float, sides: int = 24, rings: int = 12) -> Body:
    """A ring about the z axis."""
    u, v = np.meshgrid(
        2 * np.pi * np.arange(sides) / sides, 2 * np.pi * np.arange(rings) / rings, indexing="ij"
    )
    r = major + minor * np.cos(v)
    vertices = np.stack([r * np.cos(u), r * np.sin(u), minor * np.sin(v)], axis=-1).reshape(-1, 3)
    faces = []
    for i in range(sides):
        for j in range(rings):
            a, b = i * rings + j, ((i + 1) % sides) * rings + j
            c, d = ((i + 1) % sides) * rings + (j + 1) % rings, i * rings + (j + 1) % rings
            faces += [(a, b, c), (a, c, d)]
    return vertices, np.array(faces, dtype=np.int32)


def sphere(*, radius: float, at=(0.0, 0.0, 0.0), level: int = 2) -> Body:
    """A ball of 8 * 4**level triangles."""
    corners = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], float)
    octants = [
        (0, 2, 4),
        (2, 1, 4),
        (1, 3, 4),
        (3, 0, 4),
        (2, 0, 5),
        (1, 2, 5),
        (3, 1, 5),
        (0, 3, 5),
    ]
    body = (corners, np.array(octants, dtype=np.int32))
    for _ in range(level):
        body = subdivided(body)
    vertices = body[0] / np.linalg.norm(body[0], axis=1, keepdims=True)
    return vertices * radius + np.asarray(at, float), body[1]


def _axes(direction: np.ndarray) -> np.ndarray:
    """A rotation (3, 3) that takes z to `direction`."""
    helper = np.eye(3)[int(np.argmin(np.abs(direction)))]
    u = np.cross(helper, direction)
    u /= np.linalg.norm(u)
    return np.column_stack([u, np.cross(direction, u), direction])


def joined(*bodies: Body) -> Body:
    """Several shells as one body."""
    starts = np.cumsum([0, *(len(v) for v, _ in bodies)])
    faces = [f + starts[k] for k, (_, f) in enumerate(bodies)]
    return np.concatenate([v for v, _ in bodies]), np.concatenate(faces).astype(np.int32)


def inverted(body: Body) -> Body:
    """The body turned inside out: a cavity when joined to what surrounds it."""
    return body[0], body[1][:, ::-1].copy()


def opened(body: Body, *, without: Sequence[int] = (0,)) -> Body:
    """The body without some faces: an open mesh."""
    return body[0], np.delete(body[1], list(without), axis=0)


def moved(body: Body, shift) -> Body:
    return body[0] + np.asarray(shift, float), body[1]


def turned(body: Body, rotation: np.ndarray) -> Body:
    return body[0] @ rotation.T, body[1]


def scaled(body: Body, factor: float) -> Body:
    return body[0] * factor, body[1]


def rotation(rng: np.random.Generator) -> np.ndarray:
    """A uniformly random rotation (3, 3)."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else q[:, ::-1]


def about_z(degrees: float) -> np.ndarray:
    return rigid(angle=np.radians(degrees))[:3, :3]


def subdivided(body: Body) -> Body:
    """The same surface with each triangle cut in four."""
    vertices, faces = body
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, which = np.unique(edges, axis=0, return_inverse=True)
    middle = len(vertices) + which.reshape(3, -1).T
    new = vertices[unique].mean(axis=1)
    a, b, c = faces.T
    ab, bc, ca = middle.T
    cut = np.concatenate(
        [np.column_stack(t) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
    )
    return np.concatenate([vertices, new]), cut.astype(np.int32)


def shuffled(body: Body, rng: np.random.Generator) -> Body:
    """The same body with vertices and faces in another order."""
    vertices, faces = body
    order = rng.permutation(len(vertices))
    place = np.argsort(order)
    faces = place[faces][rng.permutation(len(faces))]
    return vertices[order], np.roll(faces, int(rng.integers(3)), axis=1).astype(np.int32)


def volume(body: Body) -> float:
    return signed_volume(*body)


def table(count: int, *, names: Sequence[str] | None = None, ifc_class="IfcBuildingElementProxy",
          discipline="other", clash_body=True, guid_prefix="") -> ElementTable:  # fmt: skip
    """An element table with little in it."""
    blank = Coded.of([None] * count)
    names = tuple(names or (f"body {k}" for k in range(count)))
    classes = [ifc_class] * count if isinstance(ifc_class, str) else list(ifc_class)
    disciplines = [discipline] * count if isinstance(discipline, str) else list(discipline)
    coded = Coded.of(classes)
    return ElementTable(
        guid=tuple(f"{guid_prefix}{k:022d}"[-22:] for k in range(count)),
        name=names,
        tag=("",) * count,
        step_id=np.arange(count),
        ifc_class=coded,
        lineage=tuple((w, "IfcElement", "IfcProduct") for w in coded.words),
        predefined=blank,
        object_type=blank,
        storey=blank,
        system=blank,
        material=blank,
        classification=blank,
        layer=blank,
        discipline=Coded.of(disciplines),
        storey_elevation=np.zeros(0),
        clash_body=np.broadcast_to(np.asarray(clash_body, bool), count).copy(),
    )


def model_of(bodies: Sequence[Body], *, name="model", closed=None, **columns) -> Model:
    """A model of `bodies`; further columns as for :func:`table`."""
    return Model(
        elements=table(len(bodies), **columns),
        relations=RelationTable.of([]),
        meshes=MeshSet.of(list(bodies), closed=closed),
        frame=Frame(),
        source="0" * 64,
        name=name,
        schema="IFC4",
    )


def scene_of(*bodies: Body, **columns) -> Scene:
    """A scene of one model."""
    return Scene.of([model_of(bodies, **columns)])
