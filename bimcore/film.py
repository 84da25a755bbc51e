"""The plan as a short film: the scene at dates, as one animated picture."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bimcore import raster
from bimcore.arrays import F32, F64, I32, I64, U8, Mask
from bimcore.model import Scene
from bimcore.tiles import element_colours, shown

Moments: TypeAlias = NDArray[np.datetime64]

#: As the page paints them: plain, being built, temporary, being removed, without a date.
PLAIN, BUILDING, TEMPORARY, REMOVING, UNDATED, ABSENT = range(6)
COLOURS: tuple[tuple[int, int, int] | None, ...] = (
    None,
    (46, 158, 79),
    (240, 138, 0),
    (200, 40, 34),
    (220, 223, 226),
    None,
)
_PAPER, _INK, _SOFT = (246, 248, 250), (22, 33, 44), (120, 134, 148)
_DIRECTION = np.array([0.55, 0.72, -0.5])  # where the viewer of the page looks from
_ANGLE = 45.0
_TRIANGLES = 1_500_000  # more than this are not drawn: small bodies become boxes
_FRAME_MS, _LAST_MS = 450, 2500
_BYTES, _QUALITIES = 2_000_000, (62, 40, 20)  # the first quality that is small enough
_HEAD, _FOOT = 0.13, 0.09  # shares of the height kept free for words and the bar
_DAY, _WEEK = np.timedelta64(1, "D"), np.timedelta64(7, "D")
_BANDS = ((80, (179, 38, 30)), (60, (194, 78, 6)), (40, (199, 154, 0)), (0, (63, 125, 176)))
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
_BOX_FACES = _CORNERS[
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]]
    + [[2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
]


class Lives(Protocol):
    """When each element (E,) is there, as `clash.rehearsal.base.Lifetimes` has it."""

    @property
    def appear(self) -> Moments:
        """Begin of building."""
        ...

    @property
    def complete(self) -> Moments:
        """End of building."""
        ...

    @property
    def remove(self) -> Moments:
        """Begin of removal."""
        ...

    @property
    def gone(self) -> Moments:
        """End of removal."""
        ...

    @property
    def temporary(self) -> Mask:
        """Only there for the works."""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Mark:
    """A risk on the film: its half-open window, its place in metres, 0 to 100."""

    first: np.datetime64
    last: np.datetime64
    severity: int
    point: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Lens:
    """A camera (4, 3) relative to the middle, and the slopes of half its angles."""

    middle: F64
    camera: F64
    slope: F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Pictures:
    """Depth buffers of what stays (layer 0) and of what is temporary (layer 1)."""

    near: F32
    looks: I32
    extent: I64


def film(
    scene: Scene,
    lives: Lives,
    *,
    marks: Sequence[Mark] = (),
    size: tuple[int, int] = (640, 480),
    most: int = 60,
) -> bytes | None:
    """An animated WebP of the scene from the first day of the plan to its last.

    Parameters
    ----------
    scene : Scene
    lives : Lives
        Of the elements of `scene`; those without dates are there all the time, in grey.
    marks : sequence of Mark
        Risks, shown while their windows last.
    size : tuple of int
        Width and height in pixels.
    most : int
        Frames at the most, at least 2. A frame is a day of a plan that is short enough for
        it, else a week, or as many weeks as it takes; the last shows the finished building.

    Returns
    -------
    bytes or None
        The same input gives the same bytes. None where no element has a date.

    """
    steps = steps_of(lives, most=most)
    drawn = _drawn(scene, lives)
    if not steps or not drawn.any():
        return None
    lens = _lens(scene, lives, drawn, size)
    frames = list(_frames(scene, lives, drawn, lens, (steps, marks, size)))
    for quality in _QUALITIES:
        content = _webp(frames, quality)
        if len(content) <= _BYTES:
            break
    return content


def _webp(frames: Sequence[Image.Image], quality: int) -> bytes:
    out = io.BytesIO()
    frames[0].save(
        out,
        format="WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=[*[_FRAME_MS] * (len(frames) - 1), _LAST_MS],
        loop=0,
        quality=quality,
        method=2,
        kmin=1,
        kmax=1,  # whole frames: differences leave ghosts of what has gone
    )
    return out.getvalue()


def steps_of(lives: Lives, *, most: int = 60) -> list[tuple[np.datetime64, np.datetime64]]:
    """The stretches of days (half-open) that frames show; the last begins after the end."""
    known = [
        m[~np.isnat(m)].astype("datetime64[m]")
        for m in (lives.appear, lives.complete, lives.remove, lives.gone)
    ]
    moments = np.concatenate(known)
    if not len(moments):
        return []
    first = _date(moments.min())
    last = _date(moments.max() - np.timedelta64(1, "m")) + _DAY
    days = int((last - first) / _DAY)
    step = _DAY
    if days > most - 1:
        first = _monday(first)
        weeks = -(-int((last - first) / _DAY) // 7)
        step = _WEEK * -(-weeks // (most - 1))
    begins = np.arange(first, last, step)
    steps = [(b, b + step) for b in begins]
    return [*steps, (steps[-1][1], steps[-1][1] + _DAY)]


def _monday(day: np.datetime64) -> np.datetime64:
    # 1970-01-01 was a Thursday.
    back = (int(day.astype(np.int64)) + 3) % 7
    return _date(day - np.timedelta64(back, "D"))


def _date(moment: np.datetime64) -> np.datetime64:
    found: np.datetime64 = moment.astype("datetime64[D]")
    return found


def _minute(moment: np.datetime64) -> np.datetime64:
    found: np.datetime64 = moment.astype("datetime64[m]")
    return found


def phases(lives: Lives, first: np.datetime64, last: np.datetime64) -> U8:
    """What each element (E,) is in the time from `first` to `last`, half-open.

    What is removed, temporary or built within it counts as that, in this order.
    """
    first, last = _minute(first), _minute(last)
    undated = np.isnat(lives.appear)
    # Comparisons with NaT are false: what is never removed is not being removed.
    removing = (lives.remove < last) | (lives.gone < last)
    building = (lives.appear < last) & ~(lives.complete <= first)
    absent = (lives.appear >= last) | (lives.gone <= first)
    found = np.full(len(undated), PLAIN, dtype=np.uint8)
    found[undated & np.isnat(lives.gone) & np.isnat(lives.remove)] = UNDATED
    found[building] = BUILDING
    found[lives.temporary] = TEMPORARY
    found[removing] = REMOVING
    found[absent] = ABSENT
    return found


# What is seen -----------------------------------------------------------------------------


def _drawn(scene: Scene, lives: Lives) -> Mask:
    """Elements (E,) with a body to see, in the frame in which most dated ones stand."""
    flags = [shown(m.elements) for m in scene.models]
    seen: Mask = np.concatenate([np.zeros(0, bool), *flags]) & scene.meshes.has_body
    seen &= np.isfinite(scene.bounds).all(axis=(1, 2))
    located = np.array([m.frame.located for m in scene.models], dtype=bool)
    dated = seen & ~np.isnat(lives.appear)
    if dated.any() and located.any() and not located.all():
        most = float(located[scene.model_of[dated]].mean()) >= 0.5
        seen &= located[scene.model_of] == most
    return seen


def _lens(scene: Scene, lives: Lives, drawn: Mask, size: tuple[int, int]) -> _Lens:
    """A camera from which all that is built lies in the picture."""
    dated = drawn & ~np.isnat(lives.appear)
    boxes = _core(scene.bounds[dated if dated.any() else drawn])
    low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
    middle = (low + high) / 2
    forward = _DIRECTION / np.linalg.norm(_DIRECTION)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    half = float(np.tan(np.radians(_ANGLE) / 2))
    slope = np.array([half * size[0] / size[1], half])
    corners = low - middle + _CORNERS * (high - low)
    x, y, z = corners @ right, corners @ up, corners @ forward
    free = np.array([0.94, 1 - 2 * max(_HEAD, _FOOT)])
    far = max(
        float((np.abs(x) / (free[0] * slope[0]) - z).max()),
        float((np.abs(y) / (free[1] * slope[1]) - z).max()),
        1.0,
    )
    return _Lens(middle=middle, camera=np.stack([-forward * far, right, up, forward]), slope=slope)


def _core(boxes: F64) -> F64:
    """The boxes, or the middle 96 % of them where a few stand far away."""
    low, high = np.quantile(boxes.mean(axis=1), (0.02, 0.98), axis=0)
    whole = boxes[:, 1].max(axis=0) - boxes[:, 0].min(axis=0)
    inside: Mask = ((boxes.mean(axis=1) >= low) & (boxes.mean(axis=1) <= high)).all(axis=1)
    if not inside.any():
        return boxes
    middle = boxes[inside, 1].max(axis=0) - boxes[inside, 0].min(axis=0)
    stray = np.linalg.norm(whole) > 8 * np.linalg.norm(middle) > 0
    return boxes[inside] if stray else boxes


def _rough(scene: Scene, drawn: Mask, lens: _Lens, height: int) -> Mask:
    """Bodies (E,) that stand for their box, so that a film never draws too many triangles."""
    boxes = scene.bounds
    sizes = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1)
    depth = (boxes.mean(axis=1) - lens.middle - lens.camera[0]) @ lens.camera[3]
    pixels = sizes / np.maximum(depth, 0.1) * height / (2 * lens.slope[1])
    faces = np.diff(scene.meshes.face_start)
    many = drawn & (faces > len(_BOX_FACES))
    limit = 6.0
    rough: Mask = many & (pixels < limit)
    while faces[drawn & ~rough].sum() > _TRIANGLES and (many & ~rough).any():
        limit *= 2
        rough = many & (pixels < limit)
    return rough


class _Stage:
    """Draws bodies of a scene into the pictures."""

    def __init__(self, scene: Scene, drawn: Mask, lens: _Lens, size: tuple[int, int]) -> None:
        self.scene, self.lens = scene, lens
        self.rough = _rough(scene, drawn, lens, size[1])
        shape = (raster.LAYERS, size[1], size[0])
        self.pictures = _Pictures(
            near=np.zeros(shape, dtype=np.float32),
            looks=np.zeros(shape, dtype=np.int32),
            extent=np.array([size[1], 0, size[0], 0], dtype=np.int64),
        )

    def wipe(self, layer: int) -> None:
        """Take all bodies out of a layer."""
        self.pictures.near[layer], self.pictures.looks[layer] = 0, 0

    def add(self, wanted: Mask, layer: int) -> None:
        """Draw the bodies `wanted` (E,) into a layer."""
        rows = np.flatnonzero(wanted & ~self.rough)
        meshes = self.scene.meshes
        kinds = np.full(len(self.rough), layer, dtype=np.uint8)
        corners, owner, kind = raster.gather(
            meshes.vertices,
            meshes.faces,
            meshes.vertex_start,
            meshes.face_start,
            rows,
            kinds,
            self.lens.middle,
            1e12,
        )
        self._draw(corners, owner, kind)
        rows = np.flatnonzero(wanted & self.rough)
        boxes = self.scene.bounds[rows] - self.lens.middle
        cubes = boxes[:, _BOX_FACES, np.arange(3)].reshape(-1, 3, 3).astype(np.float32)
        owner = np.repeat(rows, len(_BOX_FACES)).astype(np.int32)
        self._draw(cubes, owner, np.full(len(owner), layer, dtype=np.uint8))

    def _draw(self, corners: F32, owner: I32, kind: U8) -> None:
        raster.draw(
            corners,
            owner,
            kind,
            self.lens.camera,
            self.lens.slope,
            np.full(3, 0.05),
            self.pictures.near,
            self.pictures.looks,
            self.pictures.extent,
        )


# Frames -----------------------------------------------------------------------------------

_Plan: TypeAlias = tuple[
    Sequence[tuple[np.datetime64, np.datetime64]], Sequence[Mark], tuple[int, int]
]


def _frames(
    scene: Scene, lives: Lives, drawn: Mask, lens: _Lens, plan: _Plan
) -> Iterator[Image.Image]:
    steps, marks, size = plan
    stage = _Stage(scene, drawn, lens, size)
    own = _own_colours(scene)
    standing = np.zeros((2, len(drawn)), dtype=bool)  # what stays, what is temporary
    for number, (first, last) in enumerate(steps):
        found = phases(lives, first, last)
        there = drawn & (found != ABSENT)
        wanted = np.stack([there & ~lives.temporary, there & lives.temporary])
        for layer in (0, 1):
            if (standing[layer] & ~wanted[layer]).any():
                stage.wipe(layer)
                standing[layer] = False
            stage.add(wanted[layer] & ~standing[layer], layer)
        standing = wanted
        picture = Image.fromarray(_painted(stage.pictures, _coloured(own, found)))
        _annotate(picture, (number, steps), marks, lens)
        yield picture


def _own_colours(scene: Scene) -> F32:
    """Colours (E, 3) as the page has them, 0 to 255."""
    parts = [element_colours(m.elements)[:, :3] for m in scene.models]
    linear = np.concatenate([np.zeros((0, 3)), *parts]) / 255
    colours: F32 = (255 * linear ** (1 / 2.2)).astype(np.float32)
    return colours


def _coloured(own: F32, found: U8) -> F32:
    colours = own.copy()
    for phase, colour in enumerate(COLOURS):
        if colour is not None:
            colours[found == phase] = colour
    return colours


def _painted(pictures: _Pictures, colours: F32) -> U8:
    """RGB (H, W, 3) of the nearer of both layers, shaded, with the edges of bodies."""
    near, looks = pictures.near, pictures.looks
    front = near[raster.SIDE_A] > near[raster.CONTEXT]
    depth = np.where(front, near[raster.SIDE_A], near[raster.CONTEXT])
    look = np.where(front, looks[raster.SIDE_A], looks[raster.CONTEXT])
    body = depth > 0
    owner, tone = look >> 8, (look & 127).astype(np.float32) / 127
    tone = np.where(look & 128, 0.75 * tone, tone)
    shade = 0.5 + 0.56 * tone
    edge = np.zeros(body.shape, dtype=bool)
    for axis in (0, 1):
        differs = np.diff(owner, axis=axis) != 0
        differs |= np.diff(body, axis=axis)
        differs |= np.abs(np.diff(tone, axis=axis)) > 0.09
        here = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        edge[here] |= differs
    shade = np.where(edge & body, 0.62 * shade, shade)
    picture = np.full((*body.shape, 3), _PAPER, dtype=np.uint8)
    lit = colours[owner[body]] * shade[body][:, None]
    picture[body] = np.clip(np.round(lit), 0, 255).astype(np.uint8)
    return picture


def _annotate(
    picture: Image.Image,
    at: tuple[int, Sequence[tuple[np.datetime64, np.datetime64]]],
    marks: Sequence[Mark],
    lens: _Lens,
) -> None:
    """Date, step and risks; figures alone, so that no language and no font is needed."""
    number, steps = at
    first, last = steps[number]
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    large, small = (ImageFont.load_default(height * part) for part in (0.046, 0.032))
    edge = round(width * 0.025)
    final = number == len(steps) - 1
    until = last - _DAY
    words = str(first) if final or until == first else f"{first} - {str(until)[5:]}"
    pen.text((edge, edge * 0.6), words, fill=_INK, font=large)
    unit = "D" if steps[0][1] - steps[0][0] == _DAY else "W"
    weeks = int((steps[0][1] - steps[0][0]) / (_DAY if unit == "D" else _WEEK))
    total = (len(steps) - 1) * weeks
    words = f"{unit} {min((number + 1) * weeks, total)} / {total}"
    pen.text((edge, edge * 0.6 + height * 0.06), words, fill=_SOFT, font=small)
    lit = [m for m in marks if m.first < last and m.last > first]
    _rings(pen, lit, lens, picture.size)
    if lit:
        _count(pen, len(lit), max(m.severity for m in lit), (width - edge, edge * 0.6, large))
    _bar(pen, (number, steps), marks, picture.size)


def _rings(
    pen: ImageDraw.ImageDraw, marks: Sequence[Mark], lens: _Lens, size: tuple[int, int]
) -> None:
    """A ring where each risk is, the gravest on top."""
    width, height = size
    reach = height / 48
    for mark in sorted(marks, key=lambda m: m.severity):
        if mark.point is None:
            continue
        seen = lens.camera[1:] @ (np.array(mark.point) - lens.middle - lens.camera[0])
        if seen[2] <= 0.05:
            continue
        x = width * (0.5 + 0.5 * float(seen[0] / seen[2] / lens.slope[0]))
        y = height * (0.5 - 0.5 * float(seen[1] / seen[2] / lens.slope[1]))
        for r, w, colour in ((reach + 2, 6, (255, 255, 255)), (reach, 3, _band(mark.severity))):
            pen.ellipse((x - r, y - r, x + r, y + r), outline=colour, width=w)


def _count(
    pen: ImageDraw.ImageDraw,
    number: int,
    severity: int,
    place: tuple[float, float, ImageFont.FreeTypeFont | ImageFont.ImageFont],
) -> None:
    """A warning sign with the number of risks, right-aligned."""
    right, top, font = place
    words = f"{number}"
    long = pen.textlength(words, font=font)
    box = pen.textbbox((0, 0), words, font=font)
    size = box[3]
    pen.text((right - long, top), words, fill=_INK, font=font)
    x = right - long - 1.45 * size
    corners = [(x, top + size), (x + 1.1 * size, top + size), (x + 0.55 * size, top)]
    pen.polygon(corners, fill=_band(severity))
    pen.rectangle(
        (x + 0.5 * size, top + 0.34 * size, x + 0.6 * size, top + 0.68 * size), fill=(255, 255, 255)
    )
    pen.rectangle(
        (x + 0.5 * size, top + 0.78 * size, x + 0.6 * size, top + 0.88 * size), fill=(255, 255, 255)
    )


def _bar(
    pen: ImageDraw.ImageDraw,
    at: tuple[int, Sequence[tuple[np.datetime64, np.datetime64]]],
    marks: Sequence[Mark],
    size: tuple[int, int],
) -> None:
    """How far the plan has come, with the windows of the risks above the line."""
    number, steps = at
    width, height = size
    edge, y = width * 0.025, height * 0.965
    begin, end = _minute(steps[0][0]), _minute(steps[-2][1])

    def across(moment: np.datetime64) -> float:
        share = float((_minute(moment) - begin) / (end - begin))
        return edge + min(max(share, 0.0), 1.0) * (width - 2 * edge)

    for mark in sorted(marks, key=lambda m: m.severity):
        left, right = across(mark.first), across(mark.last)
        pen.rectangle((left, y - 8, max(right, left + 2), y - 4), fill=_band(mark.severity))
    pen.rectangle((edge, y, width - edge, y + 5), fill=(213, 221, 229))
    pen.rectangle((edge, y, across(steps[number][1]), y + 5), fill=(20, 80, 125))


def _band(severity: int) -> tuple[int, int, int]:
    return next(colour for least, colour in _BANDS if severity >= least)
