"""A picture of a conflict from a scene: both bodies coloured, the surroundings ghosted."""

import io
import math
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from bimcore import raster
from bimcore.arrays import F32, F64, I32, I64, U8, Mask
from bimcore.issues import ElementRef, Issue, Viewpoint
from bimcore.mesh import MeshSet
from bimcore.model import Scene
from bimcore.tiles import shown

#: Vertical angle in degrees; with 4:3 the horizontal one is 57.8, inside BCF 2.1's 45 to 60.
FIELD_OF_VIEW = 45.0
ASPECT = 4 / 3
_UNSEEN = 9  # kind of elements that are not drawn
_REACH = 3.9  # depths of the conflict; beyond, the surroundings are as pale as the paper
_DOT = 3.0  # pixels; smaller surroundings are left out, up to four times that they are boxes
_INSET = 4  # the small overview takes this part of the width and the height
_ROOM = 5.0  # metres the overview shows at least to each side of the conflict
_SLIMMEST = 30.0  # thicknesses of the thinner body that a picture shows to each side
_CLOSEST = 0.8  # metres to each side of the conflict below which no body is too thin
_TRIAL = (36, 48)  # rows and columns of the pictures that try a direction
# Lower or upper corner on each axis for the corners of the twelve triangles of a box.
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
_BOX_FACES = _CORNERS[
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]]
    + [[2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
]
# Azimuths off the axes, so that walls in line with them are not seen edge on.
_AZIMUTHS = (-52.0, 38.0, 128.0, -142.0, -20.0, 70.0, 160.0, -110.0)
_ELEVATIONS = ((28.0, 1.0), (-24.0, 0.8), (62.0, 0.85))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Subject:
    """What a picture is about: the elements of both sides, the middle and the radius."""

    side_a: I64
    side_b: I64
    middle: F64
    radius: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Triangles:
    corners: F32
    owner: I32
    kind: U8


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Layers:
    near: F32
    looks: I32
    extent: I64


class _Thread(threading.local):
    """What a drawing thread keeps: its layers by height and width."""

    def __init__(self) -> None:
        self.layers: dict[tuple[int, int], _Layers] = {}


_thread = _Thread()


def viewpoint_for(scene: Scene, issue: Issue) -> Viewpoint:
    """The camera, in the scene's frame, from which the conflict of `issue` is best seen.

    A fixed list of directions is tried on small pictures; the same scene and issue give
    the same camera. The conflict is framed, not the whole of a large body. Without a point
    the bodies are framed, without bodies the scene.
    """
    subject = _subject(scene, issue)
    return _best_view(scene, subject)


def render(
    scene: Scene,
    viewpoint: Viewpoint,
    *,
    side_a: Sequence[int],
    side_b: Sequence[int],
    point: tuple[float, float, float] | None = None,
    size: tuple[int, int] = (800, 600),
) -> bytes:
    """PNG of the scene from `viewpoint` with both sides coloured.

    Parameters
    ----------
    scene : Scene
    viewpoint : Viewpoint
        Camera in the scene's frame; the picture keeps its vertical angle.
    side_a, side_b : sequence of int
        Scene elements drawn warm and blue; they show through the grey surroundings.
    point : tuple of float, optional
        Where the ring is drawn; surroundings that stand between it and the camera are
        cut away. Without it, the middle of the bodies is taken and no ring is drawn.
    size : tuple of int
        Width and height in pixels.

    """
    a, b = _rows(scene, side_a), _rows(scene, side_b)
    middle, spread = _frame_of(scene, np.concatenate([a, b]))
    if point is not None:
        middle = np.array(point, dtype=np.float64)
    camera = _camera(viewpoint, middle)
    half = float(np.tan(np.radians(viewpoint.field_of_view) / 2))
    kinds = _kinds(scene, a, b)
    lens, ring = (middle, camera, half), point is not None
    picture, host = _picture(scene, kinds, lens, size=size, ring=ring)
    depth = _depth(camera)
    wide = max(min(spread, 4 * _ROOM), 3.5 * depth * half, _ROOM)
    whole = _frame_of(scene, np.zeros(0, dtype=np.int64))[1]
    if size[0] >= _INSET * 40 and wide > 2.5 * depth * half and whole > 2 * depth * half:
        # The same look from further off, so that the place in the building is known.
        back = camera.copy()
        back[0] -= camera[3] * (wide / half - depth)
        small = (size[0] // _INSET, size[1] // _INSET)
        lens = (middle, back, half)
        inset, _ = _picture(scene, kinds, lens, size=small, ring=ring, host=host)
        picture[-small[1] - 2 :, -small[0] - 2 :] = raster.MARK
        picture[-small[1] :, -small[0] :] = inset
    return _png(picture, host=host)


def _depth(camera: F64) -> float:
    """Metres along the view from the eye to the middle."""
    return max(float(-camera[0] @ camera[3]), 0.05)


def _picture(
    scene: Scene,
    kinds: U8,
    view: tuple[F64, F64, float],
    *,
    size: tuple[int, int],
    ring: bool,
    host: int | None = None,
) -> tuple[U8, int]:
    """Colour indices (H, W) of the scene seen with (middle, camera, slope of half the angle).

    Also the side that is glass for the other; chosen here unless given.
    """
    middle, camera, half = view
    slope = np.array([half * size[0] / size[1], half])
    depth = _depth(camera)
    triangles = _triangles_in_view(scene, kinds, (middle, camera), (slope, depth, size[1]))
    layers = _blank_layers(size[1], size[0])
    section = np.array([_section(depth, half), 0.05 * depth, 0.05 * depth])
    _draw(triangles, (camera, slope, section), layers)
    picture = np.zeros((size[1], size[0]), dtype=np.uint8)
    host = _host(layers) if host is None else host
    raster.compose(layers.near, layers.looks, layers.extent, host, depth, picture)
    x, y, z = (camera[1:] @ -camera[0]).tolist()
    if ring and z > 0:
        focal = 0.5 * size[1] / half
        raster.mark(picture, size[0] / 2 + focal * x / z, size[1] / 2 - focal * y / z)
    return picture, host


def snapshots(
    scene: Scene, issues: Sequence[Issue], *, size: tuple[int, int] = (640, 480)
) -> Iterator[tuple[str, bytes]]:
    """Id and PNG of each issue in turn, from its own viewpoint where it has one.

    Two pictures are drawn at a time: the drawing holds no interpreter lock.
    """
    _seen(scene)
    waiting: deque[tuple[str, Future[bytes]]] = deque()
    with ThreadPoolExecutor(max_workers=2) as drawers:
        for issue in issues:
            waiting.append((issue.id, drawers.submit(_snapshot, scene, issue, size)))
            if len(waiting) > 4:
                name, picture = waiting.popleft()
                yield name, picture.result()
        for name, picture in waiting:
            yield name, picture.result()


def _snapshot(scene: Scene, issue: Issue, size: tuple[int, int]) -> bytes:
    subject = _subject(scene, issue)
    return render(
        scene,
        issue.viewpoint or _best_view(scene, subject),
        side_a=subject.side_a.tolist(),
        side_b=subject.side_b.tolist(),
        point=issue.point,
        size=size,
    )


def _subject(scene: Scene, issue: Issue) -> _Subject:
    b = [e for e in issue.elements if e.side == "b"]
    a = [e for e in issue.elements if e.side != "b"]
    side_a, side_b = _indices(scene, a), _indices(scene, b)
    rows = np.unique(np.concatenate([side_a, side_b]))
    middle, size = _frame_of(scene, rows)
    # a risk of the plan is about all of its elements, not about one spot
    if issue.point is None or (issue.kind == "sequence" and len(rows)):
        return _Subject(side_a=side_a, side_b=side_b, middle=middle, radius=0.62 * size)
    smaller = _sizes(scene, rows).min(initial=np.inf)
    # Enough of the smaller body to know it by, but the conflict stays in the foreground.
    known = min(0.7 * smaller, max(0.65 * issue.extent, 1.8)) if np.isfinite(smaller) else 0.0
    # Not so far off that the thinner body becomes a hair.
    radius = max(min(max(0.65 * issue.extent, known), _thin(scene, side_a, side_b)), 0.4)
    return _Subject(side_a=side_a, side_b=side_b, middle=np.array(issue.point), radius=radius)


def _thin(scene: Scene, side_a: I64, side_b: I64) -> float:
    """Metres around the conflict within which the thinner side still has a width."""
    thickest = [
        max((_thickness(*scene.meshes.body(row)) for row in side.tolist()), default=np.inf)
        for side in (side_a, side_b)
    ]
    return max(_SLIMMEST * min(thickest), _CLOSEST)


def _thickness(vertices: F64, faces: I32) -> float:
    """Metres a body is thick, as if it were a long bar; infinite where it has no inside."""
    if not len(faces):
        return np.inf
    p, q, r = (vertices[faces[:, k]] - vertices[0] for k in range(3))
    normals = np.cross(q - p, r - p)
    area = float(np.linalg.norm(normals, axis=1).sum()) / 2
    volume = abs(float((p * normals).sum())) / 6
    return 4 * volume / area if volume > 1e-3 * area * area**0.5 / 1e3 else np.inf


def _indices(scene: Scene, refs: Sequence[ElementRef]) -> I64:
    """Scene rows of `refs`; those outside the scene are looked up by model and GlobalId."""
    rows = [e.index for e in refs if 0 <= e.index < len(scene)]
    lost = {(e.model, e.guid) for e in refs if not 0 <= e.index < len(scene)}
    if lost:
        for m, model in enumerate(scene.models):
            wanted = {guid for name, guid in lost if name == model.name}
            start = int(scene.element_start[m])
            guids = model.elements.guid if wanted else ()
            rows += [start + i for i, guid in enumerate(guids) if guid in wanted]
    return _rows(scene, rows)


def _rows(scene: Scene, wanted: Sequence[int]) -> I64:
    rows: I64 = np.unique(np.array(wanted, dtype=np.int64))
    return rows[(rows >= 0) & (rows < len(scene))]


def _sizes(scene: Scene, rows: I64) -> F64:
    """Diagonals in metres of the boxes that are not empty."""
    boxes = scene.bounds[rows]
    diagonals: F64 = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=-1)
    return diagonals[np.isfinite(diagonals)]


def _frame_of(scene: Scene, rows: I64) -> tuple[F64, float]:
    """Middle and diagonal of the boxes of `rows`, else of the scene."""
    for boxes in (scene.bounds[rows], scene.bounds):
        solid = boxes[np.isfinite(boxes[:, 0, 0])]
        if len(solid):
            low, high = solid[:, 0].min(axis=0), solid[:, 1].max(axis=0)
            return (low + high) / 2, max(float(np.linalg.norm(high - low)), 0.5)
    return np.zeros(3), 1.0


def _kinds(scene: Scene, a: I64, b: I64) -> U8:
    """What each element (E,) is in a picture of `a` and `b`.

    Models that stand in another frame than the bodies (on the map or not) are left out:
    nothing is known about where they would be.
    """
    seen = _seen(scene)
    located = np.array([m.frame.located for m in scene.models], dtype=bool)
    rows = np.concatenate([a, b])
    if len(rows) and located.any() and not located.all():
        wanted = located[scene.model_of[rows[0]]]
        seen = seen & (located[scene.model_of] == wanted)
    kinds = np.where(seen, raster.CONTEXT, _UNSEEN).astype(np.uint8)
    kinds[a] = raster.SIDE_A
    kinds[b] = raster.SIDE_B
    return kinds


def _seen(scene: Scene) -> Mask:
    """Elements (E,) whose body may show; builds the scene's cached arrays on the way."""
    flags = [shown(m.elements) for m in scene.models]
    seen: Mask = np.concatenate([np.zeros(0, bool), *flags]) & scene.meshes.has_body
    return seen & np.isfinite(scene.bounds[:, 0, 0])


@cache
def _directions() -> tuple[tuple[F64, float], ...]:
    """Cameras (4, 3) a metre from the middle at the origin, with how much each is liked."""
    found = []
    for elevation, liked in _ELEVATIONS:
        for azimuth in _AZIMUTHS[: 8 if liked == 1.0 else 4]:
            t, p = math.radians(azimuth), math.radians(elevation)
            away = np.array([math.cos(t) * math.cos(p), math.sin(t) * math.cos(p), math.sin(p)])
            right = np.array([-math.sin(t), math.cos(t), 0.0])
            found.append((np.stack([away, right, np.cross(away, right), -away]), liked))
    return tuple(found)


def _view_of(camera: F64, middle: F64) -> Viewpoint:
    """The viewpoint of a camera whose eye is relative to `middle`."""
    eye, _, up, forward = (camera + [middle, *np.zeros((3, 3))]).tolist()
    return Viewpoint(
        position=(eye[0], eye[1], eye[2]),
        direction=(forward[0], forward[1], forward[2]),
        up=(up[0], up[1], up[2]),
        field_of_view=FIELD_OF_VIEW,
        aspect_ratio=ASPECT,
    )


def _best_view(scene: Scene, subject: _Subject) -> Viewpoint:
    half = np.tan(np.radians(FIELD_OF_VIEW) / 2)
    distance = subject.radius / half
    slope = np.array([half * ASPECT, half])
    kinds = _kinds(scene, subject.side_a, subject.side_b)
    around = np.vstack([subject.middle, np.eye(3)])
    reach = 1.8 * subject.radius
    rows = raster.in_view(scene.bounds, kinds, around, np.full(2, np.inf), reach, 0.0)
    context = kinds[rows] == raster.CONTEXT
    bodies = _gather(scene.meshes, rows[~context], kinds, (subject.middle, reach))
    around_them = _obstacles(scene, rows[context], kinds, (subject.middle, reach))
    section = np.array([distance - subject.radius, 0.05 * distance, 0.05 * distance])
    trials = []
    for unit, liked in _directions():
        camera = unit.copy()
        camera[0] *= distance
        layers = _layers(*_TRIAL)
        _draw(bodies, (camera, slope, section), layers)
        trials.append((_score(layers, liked), camera, layers, liked))
    # What stands around can only hide: the free view is the most a direction can score.
    best, chosen = -1.0, trials[0][1]
    for most, camera, layers, liked in sorted(trials, key=lambda t: -t[0]):
        if most <= best:
            break
        _draw(around_them, (camera, slope, section), layers)
        score = _score(layers, liked)
        if score > best:
            best, chosen = score, camera
    return _view_of(chosen, subject.middle)


def _obstacles(scene: Scene, rows: I64, kinds: U8, ball: tuple[F64, float]) -> _Triangles:
    """What may hide the conflict, as far as a small picture tells.

    Things too small for it are left out; small ones of many triangles stand for their box.
    """
    size = _diagonals(scene, rows)
    small = size < 0.6 * ball[1]
    return _simpler(scene, rows[~small | (size > 0.06 * ball[1])], kinds, ball, 0.6 * ball[1])


def _simpler(
    scene: Scene, rows: I64, kinds: U8, ball: tuple[F64, float], below: float | F64
) -> _Triangles:
    """Triangles of `rows`; of bodies in the surroundings smaller than `below`, the box."""
    many = np.diff(scene.meshes.face_start)[rows] > 24
    rough = many & (_diagonals(scene, rows) < below) & ~_is_side(kinds[rows])
    exact = _gather(scene.meshes, rows[~rough], kinds, ball)
    cubes = scene.bounds[rows[rough]] - ball[0]
    corners = cubes[:, _BOX_FACES, np.arange(3)].reshape(-1, 3, 3).astype(np.float32)
    twelve = np.repeat(rows[rough], len(_BOX_FACES))
    return _Triangles(
        corners=np.concatenate([exact.corners, corners]),
        owner=np.concatenate([exact.owner, twelve.astype(np.int32)]),
        kind=np.concatenate([exact.kind, kinds[twelve]]),
    )


def _diagonals(scene: Scene, rows: I64) -> F64:
    boxes = scene.bounds[rows]
    sizes: F64 = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1)
    return sizes


def _is_side(kinds: U8) -> Mask:
    sides: Mask = (kinds == raster.SIDE_A) | (kinds == raster.SIDE_B)
    return sides


def _score(layers: _Layers, liked: float) -> float:
    """How well a direction shows both sides, rounded so that noise decides nothing."""
    free, a, b = (float(v) for v in raster.visibility(layers.near))
    seen = math.sqrt(a * b) + 0.15 * (a + b)
    return round(seen * (0.35 + 0.65 * free) * liked, 6)


def _camera(view: Viewpoint, middle: F64) -> F64:
    """Eye relative to `middle`, right, up and forward (4, 3), made square to each other."""
    forward = np.array(view.direction, dtype=np.float64)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, np.array(view.up, dtype=np.float64))
    right /= np.linalg.norm(right)
    return np.stack([np.array(view.position) - middle, right, np.cross(right, forward), forward])


def _triangles_in_view(
    scene: Scene, kinds: U8, place: tuple[F64, F64], lens: tuple[F64, float, int]
) -> _Triangles:
    """Triangles the camera can see, relative to the middle; the far ones pale to paper."""
    (middle, camera), (slope, depth, height) = place, lens
    least = 2 * _DOT * slope[1] / height
    moved = camera.copy()
    moved[0] += middle
    reach = _REACH * depth
    rows = raster.in_view(scene.bounds, kinds, moved, slope, reach, least)
    kinds = kinds.copy()
    kinds[rows[_whole(scene, rows, moved, _section(depth, slope[1])) & (kinds[rows] == 0)]] = (
        raster.CONTEXT_WHOLE
    )
    boxes = scene.bounds[rows] - moved[0]
    gap = np.linalg.norm(np.maximum(np.maximum(boxes[:, 0], -boxes[:, 1]), 0.0), axis=1)
    # The near ones first: what they hide is then passed over in stretches.
    order = np.argsort(gap, kind="stable")
    return _simpler(scene, rows[order], kinds, (middle, reach), 4 * least * gap[order])


def _section(depth: float, half: float) -> float:
    """Depth in metres before which the surroundings are cut away."""
    return max(depth * (1 - half), 0.3 * depth)


def _whole(scene: Scene, rows: I64, camera: F64, section: float) -> Mask:
    """Closed bodies of `rows` that the section leaves whole, so that none shows its inside."""
    forward = camera[3]
    boxes = scene.bounds[rows] - camera[0]
    nearest = np.minimum(boxes[:, 0] * forward, boxes[:, 1] * forward).sum(axis=1)
    whole: Mask = scene.meshes.closed[rows] & (nearest > section)
    return whole


def _gather(meshes: MeshSet, rows: I64, kinds: U8, ball: tuple[F64, float]) -> _Triangles:
    corners, owner, kind = raster.gather(
        meshes.vertices,
        meshes.faces,
        meshes.vertex_start,
        meshes.face_start,
        rows,
        kinds,
        ball[0],
        ball[1],
    )
    return _Triangles(corners=corners, owner=owner, kind=kind)


def _layers(height: int, width: int) -> _Layers:
    shape = (raster.LAYERS, height, width)
    return _Layers(
        near=np.zeros(shape, dtype=np.float32),
        looks=np.zeros(shape, dtype=np.int32),
        extent=np.array([height, 0, width, 0], dtype=np.int64),
    )


def _blank_layers(height: int, width: int) -> _Layers:
    """Layers of this thread's last picture of the size, blank again: fresh memory is dear."""
    kept = _thread.layers
    if (height, width) not in kept:
        kept[height, width] = _layers(height, width)
        return kept[height, width]
    layers = kept[height, width]
    top, bottom, left, right = layers.extent.tolist()
    for plane in (layers.near, layers.looks):
        plane[raster.CONTEXT] = 0
        plane[raster.SIDE_A :, top:bottom, left:right] = 0
    layers.extent[:] = (height, 0, width, 0)
    return layers


def _draw(triangles: _Triangles, lens: tuple[F64, F64, F64], layers: _Layers) -> None:
    camera, slope, section = lens
    raster.draw(
        triangles.corners,
        triangles.owner,
        triangles.kind,
        camera,
        slope,
        section,
        layers.near,
        layers.looks,
        layers.extent,
    )


def _host(layers: _Layers) -> int:
    """The side that covers clearly more of the picture than the other, else 0."""
    a, b = (int(np.count_nonzero(layers.near[s])) for s in (raster.SIDE_A, raster.SIDE_B))
    if not a or not b or max(a, b) < 1.6 * min(a, b):
        return 0
    return raster.SIDE_A if a > b else raster.SIDE_B


@cache
def _palette(host: int) -> bytes:
    """Colours (256 x 3) as bytes; the side that hosts the other is glass around it."""
    colours = np.zeros((256, 3))
    paper, grey = np.array([250.0, 250.0, 248.0]), np.array([140.0, 146.0, 152.0])
    solid = np.array([(232.0, 72.0, 22.0), (20.0, 96.0, 216.0)])
    glass = 0.46 * solid + 0.54 * np.array([(255.0, 238.0, 218.0), (228.0, 241.0, 255.0)])
    t = np.linspace(0.0, 1.0, raster.CONTEXT_N)[:, None]
    colours[raster.PAPER] = paper
    colours[raster.CONTEXT_AT : raster.CONTEXT_AT + raster.CONTEXT_N] = grey * (1 - t) + paper * t
    colours[raster.CONTEXT_CUT] = (206, 208, 211)
    colours[raster.CONTEXT_EDGE] = (176, 181, 186)
    edges = np.array([(110.0, 28.0, 4.0), (8.0, 38.0, 96.0)])
    for side in (0, 1):
        hosts = host == side + raster.SIDE_A
        front, back = glass[side] if hosts else solid[side], solid[1 - side]
        # How much of the front is left: alone, around the other, before the other.
        for state, part in enumerate((1.0, 0.15, 0.55) if hosts else (1.0, 0.5, 0.75)):
            at = raster.BODY_AT + (side * 3 + state) * 2 * raster.BODY_N
            bare = _ramp(part * front + (1 - part) * back)
            colours[at : at + raster.BODY_N] = bare
            colours[at + raster.BODY_N : at + 2 * raster.BODY_N] = 0.66 * bare + 0.34 * paper
        at = raster.EDGE_AT + 3 * side
        colours[at + raster.BARE] = edges[side]
        colours[at + raster.VEILED] = 0.6 * edges[side] + 0.4 * paper
        colours[at + raster.THROUGH] = 0.5 * edges[side] + 0.5 * glass[1 - side]
    colours[raster.SEAM], colours[raster.MARK] = (255, 226, 40), (20, 20, 24)
    colours[raster.HALO] = 255.0
    return np.clip(np.round(colours), 0, 255).astype(np.uint8).tobytes()


def _ramp(colour: F64) -> F64:
    """Shades (BODY_N, 3) of a colour from dark to light."""
    t = np.linspace(0.0, 1.0, raster.BODY_N)[:, None]
    shades: F64 = 0.5 * colour * (1 - t) + (0.78 * colour + 0.22 * 255.0) * t
    return shades


def _png(picture: U8, *, host: int) -> bytes:
    indexed = Image.frombytes("P", (picture.shape[1], picture.shape[0]), picture.tobytes())
    indexed.putpalette(_palette(host))
    out = io.BytesIO()
    indexed.save(out, format="PNG", compress_level=3)
    return out.getvalue()
