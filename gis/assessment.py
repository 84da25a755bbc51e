"""The judgement on one model's georeference."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bimcore.arrays import F64
from bimcore.findings import Code, Finding
from bimcore.ifc.georef import GeoreferenceFacts
from gis import codes, crs as systems, levels as lower, placement_codes as placing
from gis.absolute import absolute_conversion, absolute_points, exchanged_absolute
from gis.conversion import Conversion
from gis.crs import Crs
from gis.evidence import Evidence, Verdict, seen
from gis.operations import site_factors
from gis.reading import Reading, footprint, read

#: Distortion over the model (metres) worth telling when the file declares no factor.
TELL_DISTORTION = 0.02
#: Site latitude and longitude further than this (metres) from the conversion are reported.
LATLON_LIMIT = 5_000.0
#: Heights (metres) between which buildings stand.
BUILT_HEIGHTS = (-1_000.0, 6_000.0)
#: TrueNorth further than this (radians) from the conversion contradicts it.
NORTH_LIMIT = math.radians(1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Georeference:
    """What is known of a model's place.

    Attributes
    ----------
    level : int
        Highest level stated (10, 20, 30, 40, 50); 0 when nothing is.
    verdict : Verdict
    crs : str or None
        CRS of the conversion in use, else of the file.
    evidence : tuple of Evidence
        All levels side by side and every observation.
    conversion : Conversion or None
        Set when the model may be placed.
    repair : Conversion or None
        A placement that may be used once a person confirms it.
    combined_scale_factor, convergence_deg : float or None
        Grid over ground length, and grid north against true north, at the site.
    findings : tuple of Finding
        The main finding first.
    grid : str
        Name of a CRS that could not be resolved; files that share it share a grid.
    control : mapping or None
        Residuals by point number when control points place the model.

    """

    level: int = 0
    verdict: Verdict = Verdict.NOT_LOCATED
    crs: str | None = None
    evidence: tuple[Evidence, ...] = ()
    conversion: Conversion | None = None
    repair: Conversion | None = None
    combined_scale_factor: float | None = None
    convergence_deg: float | None = None
    findings: tuple[Finding, ...] = ()
    grid: str = ""
    control: Mapping[str, object] | None = None

    @property
    def finding(self) -> Finding | None:
        """The main finding."""
        return self.findings[0] if self.findings else None

    @property
    def repair_shift(self) -> float | None:
        """Metres by which the proposed repair moves the model from where the file puts it."""
        if self.repair is None or not self.findings:
            return None
        shift = self.findings[0].data.get("shift_m")
        return shift if isinstance(shift, float) else None

    @property
    def located(self) -> bool:
        """Whether the model may be placed on the map."""
        return self.conversion is not None

    def to_json(self) -> dict[str, object]:
        """As in ``review.json``."""
        return {
            "level": self.level,
            "verdict": self.verdict.value,
            "crs": self.crs,
            "evidence": [e.to_json() for e in self.evidence],
            "combined_scale_factor": self.combined_scale_factor,
            "convergence_deg": self.convergence_deg,
            "conversion": None if self.conversion is None else self.conversion.to_json(),
            "repair": None if self.repair is None else self.repair.to_json(),
            "repair_shift_m": self.repair_shift,
            **({} if self.control is None else {"control": dict(self.control)}),
        }


def assess(
    facts: GeoreferenceFacts,
    *,
    supplied: Conversion | None = None,
    project_crs: str | None = None,
) -> Georeference:
    """The verdict on `facts` with its evidence.

    Parameters
    ----------
    facts : GeoreferenceFacts
    supplied : Conversion or None
        A placement entered by the user; it wins over whatever the file says.
    project_crs : str or None
        The project's declared CRS; absolute coordinates without a CRS are read in it.

    Raises
    ------
    UnknownCrs
        When `project_crs` or the CRS of `supplied` is not known.

    """
    side = lower.survey(facts)
    reading = read(facts)
    if reading is None:
        found = _without_operation(facts, side, project_crs=project_crs)
    else:
        found = _with_operation(facts, side, reading)
    if supplied is not None:
        found = replace(
            found,
            verdict=Verdict.SUPPLIED,
            crs=supplied.crs or None,
            conversion=supplied,
            evidence=(*found.evidence, seen("supplied")),
            findings=(),
            grid="",
        )
    return with_site(found, facts)


def confirmed(georeference: Georeference, facts: GeoreferenceFacts) -> Georeference:
    """The georeference with its proposed repair in use; unchanged when there is none."""
    if georeference.repair is None or not georeference.repair.crs:
        return georeference
    cause = georeference.findings[0].data if georeference.findings else {}
    done = Finding.of(
        codes.REPAIRED,
        cause_zh=cause.get("cause_zh", georeference.verdict.value),
        cause_en=cause.get("cause_en", georeference.verdict.value),
        shift_m=georeference.repair_shift,
    )
    placed = replace(
        georeference,
        conversion=georeference.repair,
        crs=georeference.repair.crs,
        evidence=(*georeference.evidence, seen("repaired")),
        findings=(done,),
    )
    return with_site(placed, facts)


def with_site(georeference: Georeference, facts: GeoreferenceFacts) -> Georeference:
    """The georeference with factor and convergence at the site, and what follows from them."""
    conversion = georeference.conversion
    if conversion is None or not conversion.crs:
        return georeference
    crs = systems.parse(conversion.crs)
    points = footprint(facts)
    here = conversion.apply(points).mean(axis=0)
    factor, turn = site_factors(crs, here, height=float(here[2]))
    if not math.isfinite(factor):
        return georeference
    shown = seen("factors", factor=factor, convergence_deg=math.degrees(turn))
    apart = lower.distances(facts, conversion, crs, used=georeference.level)
    north, north_findings = _true_north(facts, conversion, turn, points)
    findings = georeference.findings + north_findings + _heights(conversion, points)
    findings += _distortion(conversion, factor, points) + _latlon(facts, conversion, crs)
    verdict = georeference.verdict
    if verdict is Verdict.OK and any(e.code == "true-north-conflict" for e in north):
        verdict = Verdict.TRUE_NORTH
    return replace(
        georeference,
        verdict=verdict,
        combined_scale_factor=factor,
        convergence_deg=math.degrees(turn),
        evidence=(*georeference.evidence, *north, *apart, shown),
        findings=findings,
    )


def _told(code: Code, data: Mapping[str, object]) -> Finding:
    return Finding(code=code, severity=code.severity, data=dict(data))


def _with_operation(facts: GeoreferenceFacts, side: lower.Levels, reading: Reading) -> Georeference:
    shown = reading.conversion or reading.literal
    evidence = list(side.evidence)
    if shown is not None:
        evidence.append(
            seen(
                "level-50",
                source=reading.source,
                crs=shown.crs or reading.grid,
                eastings_m=shown.eastings,
                northings_m=shown.northings,
                height_m=shown.height,
                rotation_deg=math.degrees(shown.rotation),
            )
        )
    evidence += reading.evidence
    return Georeference(
        level=50,
        verdict=reading.verdict,
        crs=None if reading.crs is None else reading.crs.name,
        evidence=tuple(evidence),
        conversion=reading.conversion,
        repair=reading.repair,
        findings=_operation_findings(facts, reading),
        grid=reading.grid,
    )


def _operation_findings(facts: GeoreferenceFacts, reading: Reading) -> tuple[Finding, ...]:
    found = []
    code = _code_of(reading)
    if reading.verdict is Verdict.NOT_LOCATED:
        found.append(Finding.of(codes.NOT_LOCATED))
    elif code is not None:
        data: dict[str, object] = {
            "verdict": reading.verdict.value,
            "cause_zh": "；".join(c.zh for c in reading.causes),
            "cause_en": "; ".join(c.en for c in reading.causes),
            "shift_m": _shift(facts, reading),
        }
        for cause in reading.causes:
            data |= cause.data
        if reading.repair is not None:
            data["repair"] = reading.repair.to_json()
        found.append(_told(code, data))
    for evidence in reading.evidence:
        if evidence.code == "partial":
            found.append(Finding.of(codes.PARTIAL_OPERATION))
        if evidence.code == "beyond-zone" and reading.crs is not None:
            found.append(Finding.of(codes.BEYOND_ZONE, crs=reading.crs.title))
        if evidence.code == "height-datum-unknown":
            found.append(_told(codes.MODEL_HEIGHT_DATUM, evidence.data))
        if evidence.code == "crs-by-name":
            found.append(_told(codes.CRS_BY_NAME, evidence.data))
    return tuple(found)


def _code_of(reading: Reading) -> Code | None:
    zoneless = any(c.code == "crs-without-zone" for c in reading.causes)
    return placing.NO_ZONE if zoneless else _CODE_OF.get(reading.verdict)


_CODE_OF: dict[Verdict, Code] = {
    Verdict.SCALE_MISSING: codes.REPAIRABLE,
    Verdict.SCALE_INVERTED: codes.REPAIRABLE,
    Verdict.AXIS_SWAPPED: codes.REPAIRABLE,
    Verdict.ZONE_PREFIX: codes.REPAIRABLE,
    Verdict.MAP_UNIT: codes.AMBIGUOUS,
    Verdict.DOUBLE: codes.DOUBLE,
    Verdict.CONTRADICTORY: codes.CONTRADICTORY,
    Verdict.IMPLAUSIBLE: codes.IMPLAUSIBLE,
    Verdict.UNRESOLVED: codes.UNRESOLVED_CRS,
    Verdict.TOPOCENTRIC: codes.TOPOCENTRIC,
}


def _shift(facts: GeoreferenceFacts, reading: Reading) -> float:
    """How far the proposed repair moves the model from where the file puts it, in metres."""
    if reading.repair is None or reading.literal is None:
        return 0.0
    points = footprint(facts)
    apart = reading.repair.apply(points) - reading.literal.apply(points)
    return float(np.linalg.norm(apart, axis=1).max())


def _without_operation(
    facts: GeoreferenceFacts, side: lower.Levels, *, project_crs: str | None
) -> Georeference:
    evidence = list(side.evidence)
    evidence += [seen("crs-without-operation", name=c.name) for c in facts.orphan_crs]
    base = Georeference(level=side.highest, verdict=side.verdict, evidence=tuple(evidence))
    points = absolute_points(facts)
    if points is not None:
        return _absolute(facts, base, points, project_crs=project_crs)
    if not evidence:
        base = replace(base, evidence=(seen("no-georeference"),))
    return replace(base, findings=_coarse_findings(facts, side))


def _absolute(
    facts: GeoreferenceFacts, base: Georeference, points: F64, *, project_crs: str | None
) -> Georeference:
    """Level 30 or 40: usable as soon as somebody says in which CRS."""
    x, y = float(points[0, 0]), float(points[0, 1])
    found = replace(
        base,
        level=max(base.level, 30),
        verdict=Verdict.ABSOLUTE,
        evidence=(*base.evidence, seen("absolute", x_m=x, y_m=y)),
        findings=(Finding.of(codes.ABSOLUTE, x_m=x, y_m=y),),
    )
    if project_crs is None:
        return found
    crs = systems.parse(project_crs)
    placed = assumed(
        found,
        facts,
        crs=crs,
        reason=("坐标落在项目坐标系适用范围内", "the place lies in its area of use"),
    )
    return placed if placed.located else _elsewhere(found, facts, crs)


def _elsewhere(found: Georeference, facts: GeoreferenceFacts, crs: Crs) -> Georeference:
    """Absolute coordinates that are not of the project's CRS, with the repair if axes explain it."""
    repair = exchanged_absolute(facts, crs)
    code = "absolute-elsewhere" if repair is None else "north-first"
    why = seen(code, crs=crs.title)
    data = {**found.findings[0].data, "crs": crs.title, "hint_zh": "", "hint_en": ""}
    if repair is not None:
        data |= {
            "verdict": Verdict.AXIS_SWAPPED.value,
            "cause_zh": why.zh,
            "cause_en": why.en,
            "hint_zh": "，互换东、北坐标后符合",
            "hint_en": ", exchanging east and north would fit",
            "shift_m": math.hypot(repair.eastings, repair.northings),
            "repair": repair.to_json(),
        }
    return replace(
        found,
        verdict=Verdict.ABSOLUTE if repair is None else Verdict.AXIS_SWAPPED,
        repair=repair,
        evidence=(*found.evidence, why),
        findings=(_told(placing.ELSEWHERE, data),),
    )


def assumed(
    georeference: Georeference, facts: GeoreferenceFacts, *, crs: Crs, reason: tuple[str, str]
) -> Georeference:
    """Absolute coordinates read in `crs` for a stated reason; unchanged when they do not fit."""
    conversion = absolute_conversion(facts, crs)
    if conversion is None:
        return georeference
    told = Finding.of(
        codes.ASSUMED_CRS, crs=conversion.crs, reason_zh=reason[0], reason_en=reason[1]
    )
    return replace(
        georeference,
        crs=conversion.crs,
        conversion=conversion,
        evidence=(*georeference.evidence, seen("crs-assumed", crs=conversion.crs)),
        findings=(told,),
    )


def _coarse_findings(facts: GeoreferenceFacts, side: lower.Levels) -> tuple[Finding, ...]:
    found = [Finding.of(codes.NOT_LOCATED)]
    data = {c.code: c.data for c in side.evidence}
    if side.verdict is Verdict.VENDOR_DEFAULT:
        told = {k: v for k, v in data["level-20"].items() if k != "budget_m"}
        found.append(_told(codes.VENDOR_DEFAULT, {**told, **data["vendor-default"]}))
    elif side.verdict in {Verdict.COARSE, Verdict.COARSE_31}:
        found.append(_told(codes.COARSE, data["level-20"]))
    elif side.verdict is Verdict.BAD_LATLON:
        found.append(_told(codes.BAD_LATLON, data["latlon-invalid"]))
    if facts.orphan_crs:
        found.append(Finding.of(codes.PARTIAL_OPERATION))
    return tuple(found)


def _true_north(
    facts: GeoreferenceFacts, conversion: Conversion, convergence: float, points: F64
) -> tuple[list[Evidence], tuple[Finding, ...]]:
    """TrueNorth beside a conversion: it informs, and shows where it was used as the rotation."""
    if facts.true_north is None or conversion.topocentric is not None:
        return [], ()
    x, y = facts.true_north
    if math.hypot(x, y) == 0.0 or (x == 0.0 and y > 0.0):
        return [], ()  # the default that every exporter writes
    from_grid = math.remainder(math.atan2(y, x) - (math.pi / 2 - conversion.rotation), 2 * math.pi)
    difference = math.remainder(from_grid - convergence, 2 * math.pi)
    edge = float(np.ptp(points[:, :2], axis=0).max()) / 2
    if abs(difference) > NORTH_LIMIT:
        apart = {"difference_deg": math.degrees(difference)}
        wrong = 2 * math.sin(abs(difference) / 2) * edge
        north = _told(placing.NORTH_APART, {**apart, "error_m": wrong})
        return [seen("true-north-conflict", **apart)], (north,)
    error = abs(math.sin(convergence)) * edge
    copied = abs(from_grid) < 1e-6 and abs(convergence) > 1e-5
    if not copied:
        return [], ()
    degrees = math.degrees(convergence)
    told = seen("true-north-is-rotation", convergence_deg=degrees)
    if error < TELL_DISTORTION:
        return [told], ()
    return [told], (
        Finding.of(codes.TRUE_NORTH_AS_ROTATION, convergence_deg=degrees, error_m=error),
    )


def _heights(conversion: Conversion, points: F64) -> tuple[Finding, ...]:
    """Heights above the sea at which nobody builds."""
    heights = conversion.apply(points)[:, 2]
    low, high = float(heights.min()), float(heights.max())
    if BUILT_HEIGHTS[0] <= low and high <= BUILT_HEIGHTS[1]:
        return ()
    return (_told(placing.HEIGHT_ODD, {"low_m": low, "high_m": high}),)


def _distortion(conversion: Conversion, factor: float, points: F64) -> tuple[Finding, ...]:
    extent = float(np.linalg.norm(np.ptp(points[:, :2], axis=0)))
    tall = float(np.ptp(points[:, 2]))
    x, _, z = conversion.scale
    found = []
    error = abs(factor - 1.0) * extent
    if abs(x - 1.0) < 1e-7 and error > TELL_DISTORTION:
        found.append(Finding.of(codes.SCALE_NOT_DECLARED, factor=factor, error_m=error))
    if abs(z - 1.0) > 1e-7:
        found.append(Finding.of(codes.HEIGHT_SCALED, factor=z, error_m=abs(z - 1.0) * tall))
    return tuple(found)


def _latlon(facts: GeoreferenceFacts, conversion: Conversion, crs: Crs) -> tuple[Finding, ...]:
    distance = lower.from_site(facts, conversion, crs)
    if distance is None or distance <= LATLON_LIMIT:
        return ()
    return (Finding.of(codes.LATLON_DISAGREES, distance_km=distance / 1000),)
