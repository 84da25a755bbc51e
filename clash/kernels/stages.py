"""The order in which kernels look at pairs, cheapest first."""

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, Mask, readonly, starts_of
from bimcore.mesh import MeshSet
from clash.kernels import stand
from clash.kernels.apart import deviations, distances
from clash.kernels.bodies import MOST, RUN, Bodies, describe
from clash.kernels.depths import depths
from clash.kernels.hands import threads
from clash.kernels.near import room
from clash.kernels.overlaps import overlaps
from clash.kernels.proofs import proofs
from clash.kernels.screen import screen
from clash.kernels.shares import holdings, shares

#: Parts in which bodies are described, a few for each core, and triangles of one at least.
PARTS, LEAST = 16, 2000
OVERLAPPING = (stand.OVERLAP, stand.A_IN_B, stand.B_IN_A)


def bodies_of(meshes: MeshSet, *, wanted: Mask) -> Bodies:
    """Describe the bodies where `wanted` (E,) is true; the others stay blank."""
    count = len(meshes)
    boxes = meshes.bounds()
    corner = np.where(np.isfinite(boxes[:, 0]), boxes[:, 0], 0.0)
    local = on_grid(meshes.vertices - np.repeat(corner, np.diff(meshes.vertex_start), axis=0))
    slot_start = starts_of(np.where(wanted, np.minimum(np.diff(meshes.face_start), MOST), 0))
    slots = int(slot_start[-1])
    run_start = starts_of(-(-np.diff(meshes.face_start) // RUN))
    bodies = Bodies(
        vertices=readonly(local, np.float64, ndim=2),
        faces=np.array(meshes.faces, dtype=np.int32, order="C"),
        vertex_start=np.array(meshes.vertex_start),
        face_start=np.array(meshes.face_start),
        hulls=np.zeros((len(meshes.faces), 6), dtype=np.float32),
        runs=np.zeros((int(run_start[-1]), 6), dtype=np.float32),
        run_start=run_start,
        boxes=on_grid(boxes - corner[:, None]),
        solid=np.array(meshes.closed),
        convex=np.zeros(count, dtype=bool),
        slot_start=slot_start,
        normals=np.zeros((slots, 3)),
        spans=np.zeros((slots, 2)),
        edges=np.zeros((slots, 3)),
        normal_count=np.zeros(count, dtype=np.int64),
        edge_count=np.full(count, -1, dtype=np.int64),
        volume=np.zeros(count),
        shrunk=np.zeros(local.shape),
        leads=np.zeros(len(local), dtype=bool),
    )
    described(bodies, wanted)
    return bodies


def described(bodies: Bodies, wanted: Mask) -> None:
    """Describe the bodies where `wanted` (E,) is true, on all cores, large ones first."""
    rows = np.flatnonzero(wanted)
    faces = np.diff(bodies.face_start)[rows]
    rows = rows[np.argsort(-faces, kind="stable")]
    count = min(max(int(faces.sum()) // LEAST, 1), PARTS)
    parts = [np.ascontiguousarray(rows[k::count]) for k in range(count)]
    most = int(np.diff(bodies.vertex_start)[rows].max(initial=0))

    many = int(faces.max(initial=0))

    def work(part: I64) -> None:
        parent, row = np.zeros(most, dtype=np.int64), np.zeros(many, dtype=np.int64)
        describe(part, bodies, stand.SLACK, np.zeros(most), parent, row)

    for _ in threads(work, parts):
        pass


def on_grid(metres: F64) -> F64:
    """The nearest lines of the grid."""
    with np.errstate(over="ignore", invalid="ignore"):  # absurd bodies are not assessed
        found: F64 = np.floor(metres * stand.GRID + 0.5) / stand.GRID
    return found


def measure_pairs(
    pairs: I32, b: Bodies, *, shift: F64, reach: F64, same: F64, deep: F64
) -> tuple[F64, U8, Mask]:
    """Measure pairs of bodies.

    Parameters
    ----------
    pairs : (P, 2) int32
    b : Bodies
    shift : (P, 3) float64
        From the lower corner of the first body to that of the second, on the grid.
    reach, same, deep : (P,) float64
        How far distances matter; up to what deviation bodies count as equal; beyond what
        depth it is of no account how deep: neither depth nor volume is measured then.

    Returns
    -------
    numbers : (P, WIDTH) float64
        Columns as named in :mod:`clash.kernels.stand`; points from the corner of the first.
    stands : (P,) uint8
    exact : (P,) bool
        Whether the depth is exact.

    """
    pairs = np.array(pairs, dtype=np.int32, order="C")
    reach, same, deep = (np.array(x, dtype=np.float64) for x in (reach, same, deep))
    shift = np.array(shift, dtype=np.float64, order="C")
    numbers = np.zeros((len(pairs), stand.WIDTH))
    stands = np.zeros(len(pairs), dtype=np.uint8)
    exact = np.zeros(len(pairs), dtype=bool)
    numbers[:, stand.VOLUME] = np.nan
    numbers[:, stand.DEVIATION] = np.inf
    screen(pairs, shift, reach, b, numbers, stands, exact)
    numbers[:, stand.DEPTH] = np.where(stands == stand.OVERLAP, numbers[:, stand.HULL], 0.0)
    solids = b.solid[pairs].all(axis=1)
    most = int(np.diff(b.face_start)[pairs].max(initial=0))
    packs = room(most), room(most)
    turned = np.zeros((most, 6))
    shade = np.zeros((most, 18)), np.zeros((most, 18))
    maybe = (stands == stand.OPEN_QUESTION) | (stands == stand.OVERLAP)
    rows = np.flatnonzero(maybe & solids)
    proofs(rows, pairs, shift, b, numbers, stands, exact, packs[0], turned)
    rows = np.flatnonzero(stands == stand.OPEN_QUESTION)
    overlaps(rows, pairs, shift, b, numbers, stands, packs, shade)
    rows = np.flatnonzero(stands == stand.APART)
    distances(rows, pairs, shift, reach, b, numbers, stands, packs)
    over = np.isin(stands, OVERLAPPING)
    shared = over & solids & np.isinf(deep)
    shares(np.flatnonzero(shared), pairs, shift, b, numbers, packs[0], shade)
    holdings(np.flatnonzero(shared & _nested(pairs, shift, b)), pairs, shift, b, stands)
    rows = np.flatnonzero(over & ~exact)
    depths(rows, pairs, shift, deep, b, numbers, exact, packs[0], turned, shade)
    late = over & solids & ~shared & (numbers[:, stand.DEPTH] <= deep)
    shares(np.flatnonzero(late), pairs, shift, b, numbers, packs[0], shade)
    rows = _maybe_equal(pairs, shift, b, same, (numbers, stands))
    deviations(rows, pairs, shift, same, b, numbers, packs)
    _check(numbers, stands)
    return numbers, stands, exact


def _nested(pairs: I32, shift: F64, b: Bodies) -> Mask:
    """Pairs (P,) of which one box holds the other, to within the slack."""
    one, two = b.boxes[pairs[:, 0]], b.boxes[pairs[:, 1]] + shift[:, None]
    lower, upper = one[:, 0] - two[:, 0], one[:, 1] - two[:, 1]
    wide = 2 * stand.SLACK
    first = (lower <= wide).all(axis=1) & (upper >= -wide).all(axis=1)
    second = (lower >= -wide).all(axis=1) & (upper <= wide).all(axis=1)
    return np.asarray(first | second, dtype=bool)


def _maybe_equal(pairs: I32, shift: F64, b: Bodies, same: F64, found: tuple[F64, U8]) -> I64:
    """Pairs worth comparing for equality: equal boxes and, of solids, mostly shared space."""
    numbers, stands = found
    one, two = pairs[:, 0], pairs[:, 1]
    apart = b.boxes[one] - (b.boxes[two] + shift[:, None])
    alike = np.abs(apart).max(axis=(1, 2), initial=0.0) <= same
    alike &= stands != stand.FAR
    solids = b.solid[one] & b.solid[two]
    size = np.maximum(b.volume[one], b.volume[two])
    return np.flatnonzero(alike & (~solids | (numbers[:, stand.VOLUME] > size / 2)))


def _check(numbers: F64, stands: U8) -> None:
    """Mark what came out without a finite depth, distance or point as undecided."""
    kept = np.isfinite(numbers[:, [stand.DEPTH, stand.DISTANCE]]).all(axis=1)
    kept &= np.isfinite(numbers[:, stand.POINT : stand.DIRECTION]).all(axis=1)
    stands[~kept & (stands != stand.FAR)] = stand.UNDECIDED
