"""Coordinate operations of a file, read literally and against the area of use of their CRS."""

import contextlib
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.georef import ConversionFacts, CrsFacts, GeoreferenceFacts
from gis.conversion import SCALE_TOLERANCE, Conversion, Matrix
from gis.crs import (
    Crs,
    UnknownCrs,
    default_grid,
    has_prefix,
    parse,
    vertical_code,
    without_prefix,
    zone_prefix,
)
from gis.evidence import Evidence, Verdict, seen
from gis.grids import in_other_words
from gis.operations import inside

#: Coordinates further from the origin than this (metres) are map coordinates.
ABSOLUTE_FROM = 20_000.0
#: Degrees beyond its zone from which a place is worth a word.
NEAR_ZONE = 0.75
#: Two readings of an unstated unit this far apart (metres) are not the same place.
TWO_PLACES = 0.01
#: Numbers beyond it are no degrees, and eastings beyond a thousand kilometres carry a zone.
MOST_DEGREES, PREFIXED_FROM = 360.0, 1e6
#: A model larger than this has stray geometry; its first point stands for it.
LARGEST_MODEL = 50_000.0


#: Numbers of 6- and 3-degree zones in China.
_ZONES = range(13, 46)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the operations of one file come to.

    `conversion` is set when it may be used, `repair` when it may be used once confirmed;
    `causes` are the evidence codes of what is wrong; `grid` names an unknown CRS.
    """

    verdict: Verdict
    crs: Crs | None = None
    conversion: Conversion | None = None
    repair: Conversion | None = None
    literal: Conversion | None = None
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[Evidence, ...] = ()
    grid: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """One way to understand the numbers: metres per map unit, exchanged axes, zone to add."""

    unit: float
    swap: bool
    prefix: int
    changes: int


def footprint(facts: GeoreferenceFacts) -> F64:
    """Points (N, 3) in project metres that stand for the model: corners, else one point."""
    if facts.bounds is not None:
        box = np.array(facts.bounds)
        if np.ptp(box[:, :2], axis=0).max() <= LARGEST_MODEL:
            return np.array(list(itertools.product(*box.T)))
    if facts.first_point is not None:
        return np.array([facts.first_point])
    placed = [p.placement for p in facts.placement_of_spatial]
    placed += [s.placement for s in facts.sites if s.placement is not None]
    return np.array([np.array(placed[0])[:3, 3]]) if placed else np.zeros((1, 3))


def read(facts: GeoreferenceFacts) -> Reading | None:
    """The reading of all operations of a file; None when it has none."""
    operations = _of_model_contexts(facts)
    if not operations:
        return None
    if not facts.project_unit_m > 0.0:
        facts = replace(facts, project_unit_m=1.0)
    first = operations[0]
    partial = _partial(facts, operations)
    if any(_numbers(o) != _numbers(first) for o in operations):
        distance = max(_apart(first, o, facts) for o in operations[1:])
        clash = seen("contradictory", count=len(operations), distance_m=distance)
        return Reading(
            verdict=Verdict.CONTRADICTORY, evidence=(clash,), causes=(clash,), source=first.source
        )
    reading = _read_one(first, facts)
    return replace(reading, evidence=partial + reading.evidence, source=first.source)


def operation_key(facts: GeoreferenceFacts | None) -> tuple[object, ...]:
    """What two files must share for their operations to be the same."""
    return () if facts is None else tuple(_numbers(o) for o in _of_model_contexts(facts))


def _of_model_contexts(facts: GeoreferenceFacts) -> list[ConversionFacts]:
    """Operations of 3D contexts and of property sets; those of plans only if there are no others.

    Operations without any coordinate say nothing and are left out.
    """
    solid = {c.step_id for c in facts.contexts if c.dimension == 3}
    stated = [o for o in facts.conversions if o.eastings is not None and o.northings is not None]
    return [o for o in stated if o.context == 0 or o.context in solid] or stated


def _partial(facts: GeoreferenceFacts, operations: list[ConversionFacts]) -> tuple[Evidence, ...]:
    covered = {o.context for o in operations}
    missing = [c for c in facts.contexts if c.context_type == "Model" and c.step_id not in covered]
    return (seen("partial"),) if missing and 0 not in covered else ()


def _numbers(o: ConversionFacts) -> tuple[object, ...]:
    crs = o.crs or CrsFacts()
    turn = round(math.atan2(o.xo or 0.0, 1.0 if o.xa is None else o.xa), 12)
    scale = (o.scale or 1.0, o.factor_x or 1.0, o.factor_y or 1.0, o.factor_z or 1.0)
    unit = crs.map_unit_m if crs.map_unit_given else None
    place = (o.eastings, o.northings, o.height or 0.0)
    # A property set is a restatement for readers of old schemas, not a second opinion.
    return (*place, turn, *scale, unit, crs.name.strip().upper(), crs.wkt, o.angular)


def _apart(a: ConversionFacts, b: ConversionFacts, facts: GeoreferenceFacts) -> float:
    """Largest distance in metres between the footprints that two operations give."""
    points = footprint(facts)
    one, two = (
        _conversion(o, facts, unit=_stated_unit(o, facts, default=1.0), name="", ratio=None).apply(
            points
        )
        for o in (a, b)
    )
    return float(np.linalg.norm(one - two, axis=1).max())


def _stated_unit(o: ConversionFacts, facts: GeoreferenceFacts, *, default: float) -> float:
    """Metres per map unit: MapUnit; else the project unit, for property sets `default`."""
    if o.crs is not None and o.crs.map_unit_given and o.crs.map_unit_m:
        return o.crs.map_unit_m
    return default if o.source.startswith("ePset") else facts.project_unit_m


def _conversion(
    o: ConversionFacts,
    facts: GeoreferenceFacts,
    *,
    unit: float,
    name: str,
    ratio: float | None,
) -> Conversion:
    """The normative formula in metres; `ratio` replaces Scale times units when given."""
    if ratio is None:
        ratio = (o.scale or 1.0) * unit / facts.project_unit_m
    rotation = 0.0
    if o.kind != "rigid" and (o.xa or o.xo):
        rotation = math.atan2(o.xo or 0.0, o.xa or 0.0)
    factors = [ratio * (f or 1.0) for f in (o.factor_x, o.factor_y, o.factor_z)]
    return Conversion(
        crs=name,
        eastings=(o.eastings or 0.0) * unit,
        northings=(o.northings or 0.0) * unit,
        height=(o.height or 0.0) * unit,
        rotation=rotation,
        scale=(factors[0], factors[1], factors[2]),
        before=wcs_inverse(facts),
    )


def wcs_inverse(facts: GeoreferenceFacts) -> Matrix | None:
    """From project metres to the world coordinate system; None when the two are the same."""
    if facts.wcs is None or np.allclose(facts.wcs, np.eye(4), rtol=0.0, atol=1e-12):
        return None
    inverse = np.linalg.inv(np.array(facts.wcs))
    return tuple(tuple(float(v) for v in row) for row in inverse)


def _read_one(o: ConversionFacts, facts: GeoreferenceFacts) -> Reading:
    stated = o.crs or CrsFacts()
    crs, renamed = _target(o, stated)
    if crs is None:
        return _unresolved(o, facts, stated)
    evidence: list[Evidence] = []
    if crs.guessed or renamed:
        evidence.append(seen("crs-by-name", name=renamed or stated.name, crs=crs.name))
    if stated.vertical_datum.strip() and not vertical_code(stated.vertical_datum):
        evidence.append(seen("height-datum-unknown", name=stated.vertical_datum))
    if o.angular or crs.geographic:
        return _geographic(o, facts, crs)
    if wcs_inverse(facts) is not None:
        evidence.append(seen("wcs"))
    best, more = _best(_folded(o), facts, crs=crs)
    if renamed and best.verdict is Verdict.IMPLAUSIBLE:
        return _unresolved(o, facts, stated)  # the words speak of what its grid goes back to
    return replace(best, evidence=(*evidence, *more, *best.evidence))


def _best(
    o: ConversionFacts, facts: GeoreferenceFacts, *, crs: Crs
) -> tuple[Reading, tuple[Evidence, ...]]:
    """The numbers as they stand or repaired, and what their unit was taken from."""
    unstated = o.crs is None or not o.crs.map_unit_given
    evidence: tuple[Evidence, ...] = ()
    default_unit = _stated_unit(o, facts, default=crs.unit)
    units = [default_unit]
    if o.source.startswith("ePset") and unstated:
        units.append(facts.project_unit_m)
    elif unstated:
        evidence = (seen("map-unit-omitted"),)
    readings = [_literal(o, facts, crs=crs, unit=u) for u in units]
    best = next((r for r in readings if r.conversion is not None), readings[0])
    if best.verdict is Verdict.IMPLAUSIBLE:
        best = _repaired(o, facts, crs=crs, literal=best)
    elif best.verdict is Verdict.OK and evidence:
        best = _in_doubt(o, facts, crs=crs, literal=best)
    return best, evidence


def _target(o: ConversionFacts, stated: CrsFacts) -> tuple[Crs | None, str]:
    """The system meant, and the words it was found by when its name alone does not say it.

    A datum is no grid: where the numbers are projected its zone has to stand elsewhere.
    """
    found = None
    with contextlib.suppress(UnknownCrs):
        found = parse(stated.name, vertical=stated.vertical_datum, wkt=stated.wkt)
    large = max(abs(o.eastings or 0.0), abs(o.northings or 0.0)) > MOST_DEGREES
    if found is not None and not (found.geographic and large and not o.angular):
        return found, ""
    if o.angular:
        return found, ""
    for words in in_other_words(
        name=stated.name,
        datum=stated.geodetic_datum,
        projection=stated.map_projection,
        zone=stated.map_zone,
        description=stated.description,
    ):
        with contextlib.suppress(UnknownCrs):
            crs = parse(words, vertical=stated.vertical_datum)
            if not crs.geographic:
                plain = abs(o.eastings or 0.0) < PREFIXED_FROM
                said = f"{stated.name} {stated.description} {stated.map_zone}".strip()
                return without_prefix(crs) if plain else crs, said
    return None, ""


def _folded(o: ConversionFacts) -> ConversionFacts:
    """The operation with a change of units that stands in its factors moved into Scale.

    Only their product counts, and a factor of heights is never a thousand but for units.
    """
    unit = o.factor_z or 1.0
    if abs(unit - 1.0) <= SCALE_TOLERANCE:
        return o
    x, y = ((f or 1.0) / unit for f in (o.factor_x, o.factor_y))
    return replace(o, scale=(o.scale or 1.0) * unit, factor_x=x, factor_y=y, factor_z=1.0)


def _in_doubt(
    o: ConversionFacts, facts: GeoreferenceFacts, *, crs: Crs, literal: Reading
) -> Reading:
    """The reading, held back where the unit of the CRS, meant more often, gives another place."""
    meant = _as(_Candidate(unit=crs.unit, swap=False, prefix=0, changes=1), o, facts, crs=crs)
    points = footprint(facts)
    if literal.conversion is None or not inside(crs, meant.apply(points)):
        return literal
    apart = float(np.abs(meant.apply(points) - literal.conversion.apply(points)).max())
    if apart <= TWO_PLACES:
        return literal
    cause = seen("map-unit-doubt", unit_m=crs.unit, distance_m=apart)
    return replace(
        literal,
        verdict=Verdict.MAP_UNIT,
        conversion=None,
        repair=meant,
        evidence=(*literal.evidence, cause),
        causes=(cause,),
    )


def _unresolved(o: ConversionFacts, facts: GeoreferenceFacts, stated: CrsFacts) -> Reading:
    """An unknown CRS: a grid of its own, in metres unless the numbers say otherwise."""
    unit = _stated_unit(o, facts, default=1.0)
    ratio = (o.scale or 1.0) * unit / facts.project_unit_m
    if abs(ratio - 1.0) > SCALE_TOLERANCE:
        ratio = 1.0
    grid = _conversion(o, facts, unit=unit, name="", ratio=ratio)
    shown = stated.name or stated.description or "-"
    cause = seen("crs-unresolvable", name=shown)
    with contextlib.suppress(UnknownCrs):
        if parse(stated.name, wkt=stated.wkt).geographic:
            cause = seen("crs-without-zone", name=shown)
    return Reading(
        verdict=Verdict.UNRESOLVED,
        repair=grid,
        literal=grid,
        evidence=(cause,),
        causes=(cause,),
        grid=stated.name.strip() or "-",
    )


def _geographic(o: ConversionFacts, facts: GeoreferenceFacts, crs: Crs) -> Reading:
    """An origin in degrees: whichever order fits the area of use, longitude first in doubt."""
    degrees = math.degrees(o.angle_unit_rad) if o.angular else 1.0
    one, two = (o.eastings or 0.0) * degrees, (o.northings or 0.0) * degrees
    if max(abs(one), abs(two)) > MOST_DEGREES:  # degrees under the name of radians
        one, two = o.eastings or 0.0, o.northings or 0.0
    orders = [(lon, lat) for lon, lat in ((one, two), (two, one)) if abs(lat) <= 90.0]
    fitting = [p for p in orders if crs.geographic and inside(crs, np.array([p]), margin=0.0)]
    cause = seen("crs-geographic", crs=crs.title)
    if not orders:
        return Reading(verdict=Verdict.IMPLAUSIBLE, crs=crs, evidence=(cause,), causes=(cause,))
    lon, lat = (fitting or orders)[0]
    unit = _stated_unit(o, facts, default=facts.project_unit_m)
    height = (o.height or 0.0) * (facts.project_unit_m if o.angular else unit)
    grid = default_grid(lon, lat, datum=crs.datum) if crs.geographic else crs
    cause = seen("crs-geographic", crs=crs.title, lon_deg=lon, lat_deg=lat)
    repair = Conversion(
        crs=replace(grid, vertical=crs.vertical).name,
        before=wcs_inverse(facts),
        topocentric=(lon, lat, height),
    )
    return Reading(
        verdict=Verdict.TOPOCENTRIC, crs=crs, repair=repair, evidence=(cause,), causes=(cause,)
    )


def _literal(o: ConversionFacts, facts: GeoreferenceFacts, *, crs: Crs, unit: float) -> Reading:
    """The numbers as they stand, with `unit` metres per map unit."""
    conversion = _conversion(o, facts, unit=unit, name=crs.name, ratio=None)
    points = footprint(facts)
    ratio = (o.scale or 1.0) * unit / facts.project_unit_m
    factors = [f or 1.0 for f in (o.factor_x, o.factor_y, o.factor_z)]
    if max(abs(f - 1.0) for f in factors) > SCALE_TOLERANCE:
        cause = seen("factor-implausible", x=factors[0], y=factors[1], z=factors[2])
        return Reading(
            verdict=Verdict.IMPLAUSIBLE,
            crs=crs,
            literal=conversion,
            evidence=(cause,),
            causes=(cause,),
        )
    if _empty(conversion, points):
        why = seen("empty-conversion")
        return Reading(verdict=Verdict.NOT_LOCATED, crs=crs, evidence=(why,))
    sound = abs(ratio - 1.0) <= SCALE_TOLERANCE
    scale = seen("scale-ok" if sound else "scale-wrong", ratio=ratio)
    placed = replace(conversion, scale=_unit_scale(conversion, ratio)).apply(points)
    fits = inside(crs, placed)
    east, north = placed[0, 0], placed[0, 1]
    area = seen("inside-area") if fits else seen("outside-area", x_m=east, y_m=north)
    if fits and sound and not _twice(crs, conversion, points):
        near = inside(crs, placed, margin=NEAR_ZONE)
        beyond = () if near else (seen("beyond-zone", degrees=NEAR_ZONE),)
        return Reading(
            verdict=Verdict.OK,
            crs=crs,
            conversion=conversion,
            literal=conversion,
            evidence=(scale, area, *beyond),
        )
    causes = tuple(e for e, bad in ((scale, not sound), (area, not fits)) if bad)
    return Reading(
        verdict=Verdict.IMPLAUSIBLE,
        crs=crs,
        literal=conversion,
        evidence=(scale, area),
        causes=causes,
    )


def _unit_scale(conversion: Conversion, ratio: float) -> tuple[float, float, float]:
    """The factors without a unit mistake, so that the place is judged apart from the size."""
    size = ratio if abs(ratio - 1.0) > SCALE_TOLERANCE else 1.0
    x, y, z = conversion.scale
    return (x / size, y / size, z / size)


def _empty(conversion: Conversion, points: F64) -> bool:
    """Whether nothing is added to a model that stands near its own origin."""
    offset = math.hypot(conversion.eastings, conversion.northings)
    return offset < 1e-3 and float(np.abs(points[:, :2]).max()) < ABSOLUTE_FROM


def _twice(crs: Crs, conversion: Conversion, points: F64) -> bool:
    """Whether the model is on the map already, before the conversion adds a long way."""
    offset = math.hypot(conversion.eastings, conversion.northings)
    far = float(np.abs(points[:, :2]).max()) > ABSOLUTE_FROM
    return far and offset > ABSOLUTE_FROM and inside(crs, points)


def _repaired(
    o: ConversionFacts, facts: GeoreferenceFacts, *, crs: Crs, literal: Reading
) -> Reading:
    """The smallest change of reading that puts the model on the map, as a proposal."""
    if any(c.code == "factor-implausible" for c in literal.causes) or literal.literal is None:
        return literal
    points = footprint(facts)
    if _twice(crs, literal.literal, points):
        cause = seen("double")
        identity = Conversion(crs=crs.name, before=literal.literal.before)
        return replace(
            literal,
            verdict=Verdict.DOUBLE,
            repair=identity,
            evidence=(*literal.evidence, cause),
            causes=(cause,),
        )
    fitting = [
        (c, _as(c, o, facts, crs=crs))
        for c in _candidates(o, facts, crs=crs)
        if inside(crs, _as(c, o, facts, crs=crs).apply(points))
    ]
    if not fitting:
        return _explained(o, facts, crs=crs, literal=literal)
    fewest = min(c.changes for c, _ in fitting)
    best = [(c, v) for c, v in fitting if c.changes == fewest]
    places = np.array([v.apply(points)[0] for _, v in best])
    if np.abs(places - places[0]).max() > 1.0:
        return literal  # several different places would do: nothing to propose
    return _proposal(o, facts, literal=literal, chosen=best[0])


def _explained(
    o: ConversionFacts, facts: GeoreferenceFacts, *, crs: Crs, literal: Reading
) -> Reading:
    """What no change of units or axes mends, with the mistake that its numbers show."""
    assert literal.literal is not None
    points = footprint(facts)
    plain = replace(literal.literal, before=None)
    sound = all(c.code == "outside-area" for c in literal.causes)
    if literal.literal.before is not None and sound and inside(crs, plain.apply(points)):
        cause = seen("wcs-double")
        return replace(
            literal,
            verdict=Verdict.DOUBLE,
            repair=plain,
            evidence=(*literal.evidence, cause),
            causes=(cause,),
        )
    told: list[Evidence] = []
    east, north = o.eastings or 0.0, o.northings or 0.0
    zone = int(east // 1e6)
    if zone_prefix(crs) and zone in _ZONES and inside(crs, np.array([[5e5, north]])):
        told.append(seen("zone-prefix", zone=zone))
    orders = np.array([[[east, north]], [[north, east]]])
    if crs.area is not None and any(_in_degrees(crs, p[0]) for p in orders):
        told.append(seen("degrees-given"))
    return replace(
        literal,
        evidence=(*literal.evidence, *told),
        causes=(*literal.causes, *told),
    )


def _in_degrees(crs: Crs, point: F64) -> bool:
    """Whether numbers of a projected system are longitude and latitude of its area."""
    west, south, east, north = crs.area or (0.0, 0.0, 0.0, 0.0)
    return bool(west - 3 <= point[0] <= east + 3 and south <= point[1] <= north)


def _candidates(o: ConversionFacts, facts: GeoreferenceFacts, *, crs: Crs) -> Iterator[_Candidate]:
    stated = _stated_unit(o, facts, default=crs.unit)
    units = list(dict.fromkeys([stated, crs.unit, facts.project_unit_m, 0.001, 0.3048]))
    zone = zone_prefix(crs)
    prefixes = [0, zone if has_prefix(crs) else -zone] if zone else [0]
    for (rank, unit), swap, prefix in itertools.product(enumerate(units), (False, True), prefixes):
        changes = (rank > 0) + swap + (prefix != 0)
        yield _Candidate(unit=unit, swap=swap, prefix=prefix, changes=changes)


def _as(
    candidate: _Candidate, o: ConversionFacts, facts: GeoreferenceFacts, *, crs: Crs
) -> Conversion:
    """The conversion under a candidate, in true size."""
    read_so = o
    if candidate.swap:
        read_so = replace(o, eastings=o.northings, northings=o.eastings)
    ratio = (o.scale or 1.0) * candidate.unit / facts.project_unit_m
    if abs(ratio - 1.0) > SCALE_TOLERANCE:
        ratio = 1.0
    conversion = _conversion(read_so, facts, unit=candidate.unit, name=crs.name, ratio=ratio)
    return replace(conversion, eastings=conversion.eastings + candidate.prefix * 1e6)


def _proposal(
    o: ConversionFacts,
    facts: GeoreferenceFacts,
    *,
    literal: Reading,
    chosen: tuple[_Candidate, Conversion],
) -> Reading:
    candidate, repair = chosen
    stated = _stated_unit(o, facts, default=candidate.unit)
    causes: list[tuple[Verdict, Evidence]] = []
    if candidate.swap:
        causes.append((Verdict.AXIS_SWAPPED, seen("axis-swapped")))
    if candidate.prefix:
        causes.append((Verdict.ZONE_PREFIX, seen("zone-prefix", zone=abs(candidate.prefix))))
    scale = _scale_fault(o, candidate.unit / facts.project_unit_m)
    if candidate.unit != stated:
        verdict = Verdict.SCALE_INVERTED if scale == "scale-inverted" else Verdict.MAP_UNIT
        causes.append((verdict, seen("map-unit-read", unit_m=candidate.unit)))
    elif scale == "scale-missing":
        causes.append((Verdict.SCALE_MISSING, seen("scale-missing")))
    elif scale == "scale-inverted":
        causes.append((Verdict.SCALE_INVERTED, seen("scale-inverted")))
    elif scale:
        return literal  # a size that nothing explains: stop
    if not causes:
        return literal
    found = tuple(c for _, c in causes)
    return replace(
        literal,
        verdict=causes[0][0],
        repair=repair,
        evidence=literal.evidence + found,
        causes=found,
    )


def _scale_fault(o: ConversionFacts, units: float) -> str:
    """What is wrong with Scale when one map unit is `units` project units; empty if nothing."""
    ratio = (o.scale or 1.0) * units
    if abs(ratio - 1.0) <= SCALE_TOLERANCE:
        return ""
    if o.scale is None or o.scale == 1.0:
        return "scale-missing"
    return "scale-inverted" if abs(ratio / units**2 - 1.0) <= 1e-2 else "scale-wrong"
