"""Placements that people supply: a conversion, another model's, control points, a repair."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from bimcore.findings import Finding
from bimcore.ifc.georef import ConversionFacts, GeoreferenceFacts
from gis import crs as systems, federation, placement_codes
from gis.assessment import Georeference, assess, confirmed, with_site
from gis.control import NAMEABLE, BadControl, ControlPoints, Fit, fit
from gis.conversion import Conversion, Like
from gis.crs import Crs
from gis.evidence import Verdict, seen
from gis.reading import footprint

#: What a person may say about the place of a model.
Supplied: TypeAlias = Conversion | Like | ControlPoints


def assess_all(
    models: Mapping[str, GeoreferenceFacts],
    *,
    declared: Crs | None,
    supplied: Mapping[str, Supplied],
    confirmed_repairs: Collection[str],
    grids: Mapping[str, str],
) -> tuple[list[Georeference], list[Finding]]:
    """Georeferences of `models` in their order, and what is wrong with the supplied placements.

    Parameters
    ----------
    models : mapping
        Facts by model name.
    declared : Crs or None
        The project's.
    supplied : mapping
        By model name.
    confirmed_repairs : collection of str
        Names, or ``"name=verdict"`` to confirm only that diagnosis.
    grids : mapping
        CRS by the name that the project and its files have for a grid.

    """
    models = {name: _in_grids(f, grids) for name, f in models.items()}
    names, facts = list(models), list(models.values())
    project_crs = None if declared is None else declared.name
    found = []
    for name, f in models.items():
        given = supplied.get(name)
        own = projected(given) if isinstance(given, Conversion) else None
        g = assess(f, supplied=own, project_crs=project_crs)
        if isinstance(given, ControlPoints):
            g = _by_control(g, f, given)
        agreed = {name, f"{name}={g.verdict.value}"} & set(confirmed_repairs)
        found.append(confirmed(g, f) if agreed and given is None else g)
    likes = {n: v.model for n, v in supplied.items() if isinstance(v, Like)}
    extra = [
        # A review of some models only is no mistake; a misspelt name is worth a word.
        replace(
            federation.bad_placement(n, "本次审查没有这个模型", "this review has no such model"),
            severity=10,
        )
        for n in sorted(set(supplied) - set(names))
    ]
    for i, name in enumerate(names):
        if name in likes:
            found[i], told = _like(i, names, found, likes, facts)
            extra += told
    return found, extra


def _in_grids(facts: GeoreferenceFacts, grids: Mapping[str, str]) -> GeoreferenceFacts:
    """The facts with names of project grids replaced by what the project says they are."""
    known = {name.strip().casefold(): crs for name, crs in grids.items()}

    def renamed(o: ConversionFacts) -> ConversionFacts:
        crs = None if o.crs is None else known.get(o.crs.name.strip().casefold())
        return o if o.crs is None or crs is None else replace(o, crs=replace(o.crs, name=crs))

    return replace(facts, conversions=tuple(map(renamed, facts.conversions))) if known else facts


def _by_control(g: Georeference, facts: GeoreferenceFacts, control: ControlPoints) -> Georeference:
    """The georeference through control points; held back when they do not fit."""
    try:
        found = fit(control)
    except BadControl as err:
        told = Finding.of(placement_codes.CONTROL_REFUSED, why_zh=err.zh, why_en=str(err))
        return replace(
            g,
            verdict=Verdict.CONTROL_REFUSED,
            crs=control.crs,
            conversion=None,
            repair=None,
            findings=(told,),
            grid="",
        )
    shown = {"points": len(found.numbers), "max_residual_mm": round(1000 * found.worst, 1)}
    placed = replace(
        g,
        verdict=Verdict.SUPPLIED,
        crs=found.conversion.crs,
        conversion=found.conversion,
        repair=None,
        evidence=(*g.evidence, seen("control", **shown)),
        findings=_control_findings(found, facts),
        grid="",
        control=found.to_json(),
    )
    return with_site(placed, facts)


def _control_findings(found: Fit, facts: GeoreferenceFacts) -> tuple[Finding, ...]:
    count = len(found.numbers)
    told = [
        Finding.of(
            placement_codes.CONTROL_USED,
            points=count,
            max_residual_mm=1000 * found.worst,
            scale=found.conversion.scale[0],
        )
    ]
    if count < NAMEABLE:
        told.append(Finding.of(placement_codes.CONTROL_FEW, points=count))
    if not found.heights:
        told.append(Finding.of(placement_codes.CONTROL_NO_HEIGHT))
    if found.suspect:
        told.append(
            Finding.of(
                placement_codes.CONTROL_SUSPECT,
                number=found.suspect,
                by_mm=1000 * found.suspect_by,
            )
        )
    outside = found.outside(footprint(facts)[:, :2])
    if outside > 0.0:
        told.append(Finding.of(placement_codes.CONTROL_HULL, distance_m=outside))
    return tuple(told)


def projected(given: Conversion) -> Conversion:
    """The conversion as given.

    Raises
    ------
    UnknownCrs
        When its CRS is not known or in degrees.

    """
    crs = systems.parse(given.crs)
    if crs.geographic:
        message = f"{crs.title} is in degrees; give a projected CRS such as EPSG:4549"
        raise systems.UnknownCrs(message)
    return given


def _like(
    i: int,
    names: Sequence[str],
    found: Sequence[Georeference],
    likes: Mapping[str, str],
    facts: Sequence[GeoreferenceFacts],
) -> tuple[Georeference, list[Finding]]:
    """The georeference of the model that model `i` is to be placed like."""
    wanted, seen_names = likes[names[i]], {names[i]}
    while wanted in likes and wanted not in seen_names:
        seen_names.add(wanted)
        wanted = likes[wanted]
    donor = found[names.index(wanted)] if wanted in names and wanted not in seen_names else None
    if donor is None or donor.conversion is None:
        told = federation.bad_placement(
            names[i],
            f"参照模型“{wanted}”没有可用的坐标转换",
            f'the model "{wanted}" has no usable conversion',
        )
        return found[i], [told]
    placed = replace(
        found[i],
        verdict=Verdict.SUPPLIED,
        crs=donor.conversion.crs,
        conversion=donor.conversion,
        evidence=(*found[i].evidence, seen("like", model=wanted)),
        findings=(),
        grid="",
    )
    return with_site(placed, facts[i]), []
