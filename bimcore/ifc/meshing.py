"""Bodies of all products: the kernel first, the referee for what it leaves open or out."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bimcore.arrays import F64, I32, starts_of
from bimcore.errors import FormatError
from bimcore.formats.npz import load_arrays, save_arrays
from bimcore.ifc.access import Reader
from bimcore.ifc.cutting import Cutter, Workshop
from bimcore.ifc.events import Events
from bimcore.ifc.placement import Placements, metres
from bimcore.ifc.repair import carve, close, winding
from bimcore.ifc.rewording_far import FAR_M
from bimcore.ifc.solidity import Solidity
from bimcore.ifc.tessellate import Bodies, Quality, mesh_all, mesh_one
from bimcore.mesh import Kernel

#: More openings than this in one product exhaust the referee's memory.
MAX_OPENINGS = 300
#: A kernel run quicker than this is repeated when the referee dies, a longer one is kept.
_WORTH_SAVING_S = 2.0
#: Faces that two shells have at the least.
_SHELLS = 8
#: Metres by which a body reaches further with a part that it lacked.
_PART_M = 1e-3
#: Metres by which what the referee makes of such a product may stand elsewhere.
_NEAR_M = 0.6
_ARRAYS = {
    "number": ("<i8", 1),
    "vertices": ("<f8", 2),
    "faces": ("<i4", 2),
    "vertex_start": ("<i8", 1),
    "face_start": ("<i8", 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the parent learned from earlier attempts.

    Attributes
    ----------
    chunks : list of list of int or None
        Products to mesh, one kernel call for each list; None for all in one call.
    no_kernel, no_referee : frozenset of int
        Products that must not reach the one or the other.
    referee_seconds : float
        No further product is given to the referee after this time.

    """

    chunks: list[list[int]] | None = None
    no_kernel: frozenset[int] = frozenset()
    no_referee: frozenset[int] = frozenset()
    referee_seconds: float = 1e9

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Plan":
        """As the parent wrote it."""
        return cls(
            chunks=data["chunks"],
            no_kernel=frozenset(data["no_kernel"]),
            no_referee=frozenset(data["no_referee"]),
            referee_seconds=float(data["referee_seconds"]),
        )


@dataclass(slots=True, eq=False)
class Meshed:
    """Bodies of products, by instance number.

    Attributes
    ----------
    bodies : dict
        Vertices and faces.
    closed, kernel : dict
        Of each body.
    unverified : list of int
        Products the referee should have seen but did not.
    uncut : list of int
        Products with more openings than the referee can take.
    partial : list of int
        Products of which a part is likely to be missing.
    gone : set of int
        Products of which their own cuts leave nothing.
    recut : set of int
        Products that were constructed again from their parts.
    coarse : set of int
        Products whose coordinates the kernel rounded to more than half a millimetre.

    """

    bodies: Bodies = field(default_factory=dict)
    closed: dict[int, bool] = field(default_factory=dict)
    kernel: dict[int, Kernel] = field(default_factory=dict)
    unverified: list[int] = field(default_factory=list)
    uncut: list[int] = field(default_factory=list)
    partial: list[int] = field(default_factory=list)
    coarse: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    recut: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is meshed.

    Attributes
    ----------
    data : bytes
        The STEP file.
    reader : Reader
    products : mapping of int to instance
        Everything that may have a body.
    represented : frozenset of int
        Those with a body representation.
    openings : mapping of int to int
        Number of openings of a product.
    unit_m : float
        Metres in a unit of the file.
    cuts : mapping of int to sequence of int
        The openings of a product.
    finer : mapping of int to Quality
        Quality that products of large radius need.
    doubtful : frozenset of int
        Products of which the kernel may pass over a part.
    moved : mapping of int to (3,) float64
        Products that `data` draws elsewhere: what to add, in file units and their own axes.
    shop : Workshop, optional
        Constructs bodies again from their parts.
    spoken : callable, optional
        The instance of a product number as `data` has it, where that is not the file read.

    """

    data: bytes
    reader: Reader
    products: dict[int, Any]
    represented: frozenset[int]
    openings: dict[int, int]
    unit_m: float = 1.0
    cuts: Mapping[int, Sequence[int]] = field(default_factory=dict)
    finer: Mapping[int, Quality] = field(default_factory=dict)
    doubtful: frozenset[int] = frozenset()
    moved: Mapping[int, F64] = field(default_factory=dict)
    shop: Workshop | None = None
    spoken: Callable[[int], Any] | None = None

    def worded(self, number: int) -> Any:
        """The instance of a product as `data` has it."""
        return self.products[number] if self.spoken is None else self.spoken(number)


def mesh(source: Source, plan: Plan, *, folder: Path, events: Events) -> Meshed:
    """Mesh the products of `source`, leaving what is done in `folder` for a next attempt."""
    start = time.monotonic()
    raw = _kernel_bodies(source, plan, folder, events)
    for quality in sorted(set(source.finer.values())):
        some = {n for n in raw if source.finer.get(n) == quality} - plan.no_kernel
        if some:
            raw |= mesh_all(source.data, ids=some, quality=quality)
    slow = time.monotonic() - start > _WORTH_SAVING_S
    done = Meshed()
    events.stage("repair", 0.6)
    _take(done, raw, Kernel.IFCLITE)
    solidity = Solidity(source.reader)
    _carve(source, done, solidity)
    done.coarse = _coarse(source, done)
    done.partial = sorted(source.doubtful & set(done.bodies))
    wanted = list(_wanted(source, done, plan, solidity))
    done.uncut = [n for n in wanted if source.openings.get(n, 0) > MAX_OPENINGS]
    wanted = [n for n in wanted if n not in set(done.uncut)]
    if wanted:
        events.stage("referee", 0.65)
        if slow:
            _save(raw, folder / "kernel-0.npz")
        _referee(source, plan, done, wanted, folder=folder, events=events)
    _recut(source, plan, done, events)
    _put_back(source, done)
    return done


def _recut(source: Source, plan: Plan, done: Meshed, events: Events) -> None:
    """Construct again what lacks a cut that its file asks for."""
    if source.shop is None or plan.referee_seconds <= 0:
        return
    cutter = Cutter(source.shop, source.products, source.cuts, done.bodies, done.closed)
    numbers = cutter.suspects(sorted(source.represented - plan.no_referee - set(done.uncut)))
    if not numbers:
        return
    made = cutter.cut(numbers, plan.referee_seconds, lambda n: events.product(n, 0.9))
    for number, body in made.bodies.items():
        done.bodies[number], done.closed[number] = body, True
        done.kernel[number] = Kernel.OWN
    for number in made.gone & set(done.bodies):
        del done.bodies[number], done.closed[number], done.kernel[number]
    done.gone |= made.gone
    done.recut |= set(made.bodies) | made.gone
    done.unverified += sorted(made.lacking & set(done.bodies))
    done.partial = [n for n in done.partial if n not in done.recut]


def _put_back(source: Source, done: Meshed) -> None:
    """Move what was drawn nearer to the origin to where it belongs."""
    placements = Placements(source.reader)
    for number, way in source.moved.items():
        if number in done.bodies:
            vertices, faces = done.bodies[number]
            placement = source.reader.get(source.products[number], "ObjectPlacement")
            turn = placements.world(placement)[:3, :3]
            done.bodies[number] = vertices + turn @ way * source.unit_m, faces


def _kernel_bodies(source: Source, plan: Plan, folder: Path, events: Events) -> Bodies:
    saved = sorted(folder.glob("kernel-*.npz"))
    raw: Bodies = {}
    for path in saved:
        raw |= _load(path)
    if plan.chunks is None:
        if saved:
            return raw
        ids = set(source.represented) - plan.no_kernel
        if ids:
            (folder / "products.json").write_text(json.dumps(sorted(ids)), encoding="utf-8")
            raw = mesh_all(source.data, ids=ids if plan.no_kernel else None)
        # the kernel meshes what is no body, too: boxes, clearances
        return {n: b for n, b in raw.items() if n in source.represented}
    for place, chunk in enumerate(plan.chunks):
        events.chunk(place, 0.4 + 0.2 * place / len(plan.chunks))
        made = mesh_all(source.data, ids=chunk)
        _save(made, folder / f"kernel-{chunk[0]}-{len(chunk)}.npz")
        raw |= made
    events.chunk(len(plan.chunks), 0.6)
    return raw


def _take(done: Meshed, raw: Bodies, kernel: Kernel) -> None:
    """Clean `raw` bodies and take them over where there is none or only an open one."""
    numbers = [n for n, (v, f) in raw.items() if len(f) and np.isfinite(v).all()]
    if not numbers:
        return
    bodies, closed = close([raw[n] for n in numbers])
    for number, body, whole in zip(numbers, bodies, closed.tolist(), strict=True):
        if len(body[1]) and _is_better(done, number, body, whole=whole):
            done.bodies[number] = body
            done.closed[number] = whole
            done.kernel[number] = kernel


def _carve(source: Source, done: Meshed, solidity: Solidity) -> None:
    """Make cavities of the shells within the shells of bodies that are one solid."""
    numbers = [n for n, whole in done.closed.items() if whole and len(done.bodies[n][1]) >= _SHELLS]
    bodies = [(done.bodies[n][0], done.bodies[n][1].copy()) for n in numbers]
    carve(bodies, lambda place: solidity.single(source.products[numbers[place]]))
    for number, body in zip(numbers, bodies, strict=True):
        done.bodies[number] = body


def _is_better(done: Meshed, number: int, body: tuple[F64, I32], *, whole: bool) -> bool:
    """Whether a body takes the place of the one there is."""
    if number not in done.bodies or (whole and not done.closed[number]):
        return True
    sides = [np.stack([v.min(axis=0), v.max(axis=0)]) for v in (body[0], done.bodies[number][0])]
    more = (sides[0] - sides[1]) * [[-1], [1]]
    if number in done.partial and more.max() > _PART_M and more.min() > -_PART_M:
        done.partial.remove(number)
        return True
    if number not in done.coarse or (done.closed[number] and not whole):
        return False
    return bool(np.abs(more).max() <= _NEAR_M)


def _coarse(source: Source, done: Meshed) -> set[int]:
    """Products whose bodies the kernel made of numbers too large for it."""
    placements = Placements(source.reader)
    found = set()
    for number, (vertices, _) in done.bodies.items():
        placement = source.reader.get(source.products[number], "ObjectPlacement")
        matrix = metres(placements.world(placement), source.unit_m)
        far = np.abs(vertices).max() > FAR_M
        if not far and np.abs(matrix[:3, 3]).max() <= FAR_M:
            continue
        local = (vertices - matrix[:3, 3]) @ matrix[:3, :3]
        rounded = far and np.array_equal(vertices.astype(np.float32), vertices)
        if rounded or np.abs(local).max() > FAR_M:
            found.add(number)
    return found


def _wanted(source: Source, done: Meshed, plan: Plan, solidity: Solidity) -> Iterable[int]:
    """Products the referee makes: missing or partly so, rounded, open although they are solid."""
    for number in sorted(source.represented - plan.no_referee):
        if number not in done.bodies:
            yield number
            continue
        faces = done.bodies[number][1]
        asked = number in done.coarse or number in source.doubtful
        if asked or (not done.closed[number] and solidity.of(source.products[number], faces)):
            yield number


def _referee(
    source: Source,
    plan: Plan,
    done: Meshed,
    wanted: Sequence[int],
    *,
    folder: Path,
    events: Events,
) -> None:
    end = time.monotonic() + plan.referee_seconds
    made: Bodies = {}
    for path in folder.glob("referee-*.npz"):
        made |= _load(path)
    for place, number in enumerate(wanted):
        if number in made:
            continue
        if time.monotonic() > end:
            done.unverified.append(number)
            continue
        events.product(number, 0.65 + 0.25 * place / len(wanted))
        body = mesh_one(source.worded(number))
        made[number] = (np.zeros((0, 3)), np.zeros((0, 3), np.int32)) if body is None else body
        _save({number: made[number]}, folder / f"referee-{number}.npz")
    for number in [
        n for n in made if n not in done.bodies and _is_swallowed(source, done, n, made)
    ]:
        del made[number]
        done.gone.add(number)
    _take(done, made, Kernel.OPENCASCADE)


def _is_swallowed(source: Source, done: Meshed, number: int, made: Bodies) -> bool:
    """Whether a body that only the referee made lies within one of the openings that cut it.

    Where nothing is left the kernel makes nothing, the referee all that there was before.
    """
    vertices = made[number][0]
    for opening in source.cuts.get(number, ()):
        if len(vertices) and done.closed.get(opening):
            points, faces = done.bodies[opening]
            if all(abs(winding(v, points[faces])) > 0.9 for v in vertices):
                return True
    return False


def _save(bodies: Bodies, path: Path) -> None:
    numbers = list(bodies)
    arrays = {
        "number": np.array(numbers, dtype=np.int64),
        "vertices": np.concatenate([np.zeros((0, 3)), *(bodies[n][0] for n in numbers)]),
        "faces": np.concatenate([np.zeros((0, 3), np.int32), *(bodies[n][1] for n in numbers)]),
        "vertex_start": starts_of([len(bodies[n][0]) for n in numbers]),
        "face_start": starts_of([len(bodies[n][1]) for n in numbers]),
    }
    part = path.with_suffix(".part")
    save_arrays(arrays, part)
    part.rename(path)


def _load(path: Path) -> Bodies:
    try:
        arrays = load_arrays(path, _ARRAYS)
    except FormatError:  # cut off when the attempt that wrote it died
        return {}
    v, f = arrays["vertex_start"], arrays["face_start"]
    return {
        int(n): (arrays["vertices"][v[i] : v[i + 1]], arrays["faces"][f[i] : f[i + 1]])
        for i, n in enumerate(arrays["number"].tolist())
    }
