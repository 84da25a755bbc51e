"""What a model covers of the ground: the outline of all its bodies seen from above."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.mesh import MeshSet
from bimcore.model import Model
from gis.stock import GROUND

#: Cells along the longer side of a picture of one part, and the smallest cell in metres.
CELLS = 1024
FINEST = 0.02
#: Bodies further apart than this (metres) are looked at in pictures of their own, so that
#: one stray element does not make the cells of all others coarse.
APART = 50.0
#: Vertices of an outline above which it is simplified further.
VERTICES = 20_000
#: Rows of cells that are computed at a time; bounds the memory.
_BATCH = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The area under the bodies of a model.

    Attributes
    ----------
    outline : shapely geometry
        Polygons in plan, metres of the model's frame; empty where there are no bodies.
    tolerance : float
        Metres by which the outline may be off.
    heights : tuple of float or None
        Lowest and highest point of the bodies, metres of the model's frame.

    """

    outline: shapely.Geometry
    tolerance: float
    heights: tuple[float, float] | None


def footprint(model: Model) -> Footprint:
    """The outline in plan of all bodies together.

    Bodies are drawn into a grid of cells; a cell counts where any body touches it, so nothing
    is lost however thin it is. The outline of the cells is then straightened. Rooms and the
    ground itself count only where a model has nothing else; bodies whose coordinates are not
    finite never do.
    """
    meshes = model.meshes
    rows = _built(model)
    boxes = meshes.bounds()[rows]
    good = np.isfinite(boxes).all(axis=(1, 2))
    rows, boxes = rows[good], boxes[good]
    if not len(rows):
        return Footprint(outline=shapely.Polygon(), tolerance=0.0, heights=None)
    outlines, worst = [], 0.0
    for members in _parts(boxes):
        bodies = meshes.take(rows[members])
        outline, tolerance = _outline(bodies.vertices[:, :2], _faces(bodies))
        outlines.append(outline)
        worst = max(worst, tolerance)
    whole = shapely.union_all(outlines)
    while shapely.get_num_coordinates(whole) > VERTICES and worst < APART:
        worst *= 2
        whole = shapely.union_all(shapely.make_valid(shapely.simplify(whole, worst / 2)))
    heights = (float(boxes[:, 0, 2].min()), float(boxes[:, 1, 2].max()))
    return Footprint(outline=whole, tolerance=round(worst, 3), heights=heights)


def _built(model: Model) -> I64:
    """Rows of what is built; of everything with a body where nothing is."""
    bodies = model.meshes.has_body
    built = model.elements.clash_body & bodies & ~model.elements.is_a(*GROUND)
    return np.flatnonzero(built if built.any() else bodies)


def _faces(bodies: MeshSet) -> I64:
    """Vertices (F, 3), as rows of the joined array, of the faces that show all that is covered.

    Of closed bodies the faces that look up are enough.
    """
    counts = np.diff(bodies.face_start)
    shift = np.repeat(bodies.vertex_start[:-1], counts)
    faces: I64 = bodies.faces.astype(np.int64) + shift[:, None]
    flat = bodies.vertices[:, :2][faces]
    one, two = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    upward = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] > 0
    return faces[upward | ~np.repeat(bodies.closed, counts)]


def _parts(boxes: F64) -> list[I64]:
    """Rows of boxes (N, 2, 3) by the part they belong to; parts lie more than APART apart."""
    low, high = boxes[:, 0, :2].min(axis=0), boxes[:, 1, :2].max(axis=0)
    if (high - low).max() <= CELLS * FINEST * 10:
        return [np.arange(len(boxes))]
    # Squares of the ground that boxes touch; equal ones are looked at once.
    first = np.floor(boxes[:, 0, :2] / APART) * APART
    last = np.ceil(boxes[:, 1, :2] / APART) * APART
    squares, square_of = np.unique(np.hstack([first, last]), axis=0, return_inverse=True)
    grown = shapely.box(*(squares + np.array([-1, -1, 1, 1]) * APART / 2).T)
    joined = shapely.get_parts(shapely.union_all(grown))
    inside, part = shapely.STRtree(joined).query(shapely.centroid(grown), predicate="within")
    part_of = np.zeros(len(squares), dtype=np.int64)
    part_of[inside] = part
    owner = part_of[square_of.reshape(-1)]
    return [np.flatnonzero(owner == p) for p in range(len(joined))]


def _outline(points: F64, faces: I64) -> tuple[shapely.Geometry, float]:
    """The outline of triangles in plan and how far it may be off."""
    low, high = points[faces].min(axis=(0, 1)), points[faces].max(axis=(0, 1))
    cell = max(float((high - low).max()) / CELLS, FINEST)
    size = np.maximum(np.ceil((high - low) / cell).astype(int), 1)
    mask = _covered((points - low) / cell, faces, columns=int(size[0]), rows=int(size[1]))
    # Slanting sides are stairs of cells: a line through them is off by up to a cell and a half.
    shape = shapely.make_valid(shapely.simplify(_polygons(mask), 1.5))
    moved = shapely.transform(shape, lambda p: p * cell + low)
    return moved, 2.5 * cell


def _covered(points: F64, faces: I64, *, columns: int, rows: int) -> Mask:
    """Cells (rows, columns) that a triangle touches; `points` are in cells."""
    steps = np.zeros((rows, columns + 1), dtype=np.int32)
    triangles = points[faces]
    first = np.clip(np.floor(triangles[:, :, 1].min(axis=1)), 0, rows - 1).astype(np.int64)
    last = np.clip(np.floor(triangles[:, :, 1].max(axis=1)), 0, rows - 1).astype(np.int64)
    ends = np.cumsum(last - first + 1)
    at = 0
    while at < len(triangles):
        done = ends[at - 1] if at else 0
        to = max(int(np.searchsorted(ends, done + _BATCH, side="right")), at + 1)
        _add(steps, triangles[at:to], first[at:to], last[at:to])
        at = to
    covered: Mask = np.cumsum(steps[:, :columns], axis=1) > 0
    return covered


def _add(steps: I32, triangles: F64, first: I64, last: I64) -> None:
    """Count the cells of each row that each triangle touches, as steps up and down."""
    counts = last - first + 1
    owner = np.repeat(np.arange(len(triangles)), counts)
    row = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + first[owner]
    left = np.full(len(owner), np.inf)
    right = np.full(len(owner), -np.inf)
    for i in range(3):
        a, b = triangles[owner, i], triangles[owner, (i + 1) % 3]
        rise = b[:, 1] - a[:, 1]
        level = np.abs(rise) < 1e-9
        divisor = np.where(level, 1.0, rise)
        # The share of the edge that runs inside the row; a level edge runs whole or not at all.
        near, far = (row - a[:, 1]) / divisor, (row + 1 - a[:, 1]) / divisor
        begin = np.where(level, 0.0, np.clip(np.minimum(near, far), 0.0, 1.0))
        end = np.where(level, 1.0, np.clip(np.maximum(near, far), 0.0, 1.0))
        low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
        meets = (low <= row + 1) & (high >= row)
        for share in (begin, end):
            x = a[:, 0] + share * (b[:, 0] - a[:, 0])
            left = np.where(meets, np.minimum(left, x), left)
            right = np.where(meets, np.maximum(right, x), right)
    hit = left <= right
    limit = steps.shape[1] - 2
    start = np.clip(np.floor(left[hit]), 0, limit).astype(np.int64)
    # A side that ends on a cell's border does not touch the next cell.
    stop = np.clip(np.ceil(right[hit]) - 1, start, limit).astype(np.int64)
    np.add.at(steps, (row[hit], start), 1)
    np.add.at(steps, (row[hit], stop + 1), -1)


def _polygons(mask: Mask) -> shapely.Geometry:
    """The area of the cells that are set, in cells."""
    cells = np.pad(mask, 1).astype(np.int8)
    # Borders between cells, signed by the side that is set: where two areas touch at a corner
    # the sign changes, so that lines end in every node and nothing need be split.
    level = _borders(np.diff(cells, axis=0)[:, 1:-1])
    upright = _borders(np.diff(cells, axis=1)[1:-1].T)[:, :, ::-1]
    faces = shapely.get_parts(
        shapely.polygonize(shapely.linestrings(np.concatenate([level, upright]).astype(float)))
    )
    spots = shapely.get_coordinates(shapely.point_on_surface(faces)).astype(int)
    return shapely.multipolygons(faces[mask[spots[:, 1], spots[:, 0]]])


def _borders(change: NDArray[np.int8]) -> I64:
    """Straight runs (N, 2, 2) of equal signs along the rows: (column, row) of both ends."""
    runs = []
    for sign in (1, -1):
        edges = np.diff(np.pad(change == sign, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        row, start = np.nonzero(edges == 1)
        _, stop = np.nonzero(edges == -1)
        runs.append(np.stack([np.column_stack([start, row]), np.column_stack([stop, row])], axis=1))
    return np.concatenate(runs)
