"""Models of a review put in their place, with the layers of the site beside them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from api.inputs import Inputs, LayerInput, ModelInput, Standing, stood_in
from api.placing import transform
from api.project_file import Placement, ReviewSettings
from bimcore.arrays import F64, Mask
from bimcore.findings import Finding
from bimcore.frame import apply
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.model import Model, Scene
from clash.proof import MapChecked
from clash.result import ClashSet
from gis.conversion import Conversion, Like
from gis.georeference import Agreed, Arrangement, arrange
from gis.layers import LayerRequest
from gis.rulebook import CHECKS, RED_LINE, project_rules
from gis.site import Site, checked, misplaced, survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Models in the project frame, with the layers of the site.

    `standings` are of the revisions of layers that were tried, the newest first of each.
    """

    models: tuple[Model | None, ...]
    arrangement: Arrangement
    moves: Mapping[str, F64]
    site: Site
    standings: tuple[Standing, ...] = ()


def place(inputs: Inputs, settings: ReviewSettings) -> Placed:
    """Put the readable models into one frame, and the layers beside them."""
    models = tuple(_named(m) for m in inputs.models)
    readable = _readable(inputs, models)
    arrangement = _arrange(readable, settings)
    origin = _origin(inputs.previous, arrangement)
    if origin is not None:
        arrangement = _arrange(readable, settings, origin=origin)
    moves = {
        before.name: transform(before, after)
        for (before, _), after in zip(readable, arrangement.placed, strict=True)
        if after is not None
    }
    site, standings = surveyed(inputs.layers, arrangement)
    site = replace(site, findings=(*site.findings, *_misplaced(arrangement, site)))
    return Placed(
        models=models, arrangement=arrangement, moves=moves, site=site, standings=standings
    )


def surveyed(
    layers: Sequence[LayerInput], arrangement: Arrangement
) -> tuple[Site, tuple[Standing, ...]]:
    """The site by the newest revision of each layer that is of use, and what was tried."""
    chosen = list(layers)
    site = _survey(chosen, arrangement)
    tried: list[list[Standing]] = [[] for _ in layers]
    # without a place on the map no revision is of more use than another
    while arrangement.frame.located:
        useless = [i for i, one in enumerate(chosen) if _is_useless(one, site)]
        for i in useless:
            if all(s.given != chosen[i] for s in tried[i]):
                tried[i].append(_refused(chosen[i], site))
        older = [i for i in useless if chosen[i].earlier]
        if not older:
            break
        for i in older:
            first, *rest = chosen[i].earlier
            chosen[i] = replace(first, earlier=tuple(rest))
        site = _survey(chosen, arrangement)
    lost = {i for i in range(len(layers)) if tried[i] and tried[i][-1].given == chosen[i]}
    if any(len(tried[i]) > 1 for i in lost):
        # none is of use: what is wrong with the newest is what people want to know
        site = _survey([layers[i] if i in lost else c for i, c in enumerate(chosen)], arrangement)
    told: list[Finding] = []
    for i, one in enumerate(chosen):
        if arrangement.frame.located and one.revision and i not in lost:
            tried[i].append(Standing(given=one))
            older_used = stood_in(one.name, tried[i])
            told += [] if older_used is None else [older_used]
    standings = tuple(s for members in tried for s in members)
    return replace(site, findings=(*site.findings, *told)), standings


def _survey(layers: Sequence[LayerInput], arrangement: Arrangement) -> Site:
    requests = [
        LayerRequest(
            path=layer.path,
            name=layer.name,
            role=layer.role,
            crs=layer.crs,
            vertical_datum=layer.vertical_datum,
            datum_offset=layer.datum_offset,
            accuracy=layer.accuracy,
            date=layer.date,
            depth_ref=layer.depth_ref,
        )
        for layer in layers
    ]
    return survey(
        requests,
        frame=arrangement.frame,
        models=on_map(arrangement),
        datum=arrangement.datum or None,
        check=False,
    )


def _is_of(name: str, layer: str) -> bool:
    """Whether `name` is that of a layer file, or of one of several tables in it."""
    return name == layer or name.startswith(f"{layer}/")


def _is_useless(layer: LayerInput, site: Site) -> bool:
    """Whether nothing of a counted revision of a layer came into the site, and it says why."""
    used = any(
        _is_of(name, layer.name)
        for name in (*(t.name for t in site.tables), *(t.name for t in site.terrains))
    )
    told = any(_is_of(f.model, layer.name) for f in site.findings)
    return bool(layer.revision) and told and not used


def _refused(layer: LayerInput, site: Site) -> Standing:
    """The layer with the worst that the site says of it."""
    found = [f for f in site.findings if _is_of(f.model, layer.name)]
    return Standing(given=layer, problem=max(found, key=lambda f: f.severity))


def _readable(
    inputs: Inputs, models: Sequence[Model | None]
) -> list[tuple[Model, GeoreferenceFacts | None]]:
    """The models that could be read, each with what its file says of its place."""
    return [
        (model, given.ingested.facts)
        for given, model in zip(inputs.models, models, strict=True)
        if model is not None
    ]


def stands_on_map(inputs: Inputs, settings: ReviewSettings) -> bool:
    """Whether a review of `inputs` will have a place on the map, known before it is made."""
    models = tuple(_named(m) for m in inputs.models)
    return _arrange(_readable(inputs, models), settings).frame.located


def on_map(arrangement: Arrangement) -> list[Model]:
    """The models that are located."""
    rows = arrangement.groups[0] if arrangement.frame.located and arrangement.groups else ()
    return [m for i in rows if (m := arrangement.placed[i]) is not None]


def checked_on_map(
    placed: Placed, settings: ReviewSettings, scene: Scene, clashes: ClashSet
) -> Placed:
    """The models checked against the map; what clashes with a buried line is told once."""
    arrangement = placed.arrangement
    site = checked(
        placed.site,
        on_map(arrangement),
        frame=arrangement.frame,
        rules=project_rules(settings.parameters, jurisdiction=settings.jurisdiction),
        clashed=_clashed(scene, clashes, bodies=len(placed.site.models)),
    )
    return replace(placed, site=site)


def map_checked(placed: Placed, settings: ReviewSettings) -> MapChecked:
    """What the checks against the map had to go by."""
    rules = project_rules(settings.parameters, jurisdiction=settings.jurisdiction)
    held = (row for row in rules.rows(*CHECKS) if rules.value(row) is not None)
    return MapChecked(
        layers=frozenset(
            [*(t.name for t in placed.site.tables), *(t.name for t in placed.site.terrains)]
        ),
        rules=frozenset({RED_LINE, *(row.id for row in held)}),
        models=frozenset(m.name for m in (*on_map(placed.arrangement), *placed.site.models)),
    )


def _clashed(scene: Scene, clashes: ClashSet, *, bodies: int) -> set[tuple[str, str, str]]:
    """Elements and buried lines that clash: GlobalId, layer and number of the line."""
    first = len(scene.models) - bodies
    found = set()
    for one, other in ((clashes.a, clashes.b), (clashes.b, clashes.a)):
        hit = (scene.model_of[one] < first) & (scene.model_of[other] >= first)
        for a, b in zip(one[hit].tolist(), other[hit].tolist(), strict=True):
            (model, row), (layer, line) = scene.locate(a), scene.locate(b)
            found.add((model.elements.guid[row], layer.name, layer.elements.tag[line]))
    return found


def _misplaced(arrangement: Arrangement, site: Site) -> list[Finding]:
    """What the red line shows of simple mistakes in the place of located models."""
    if not arrangement.frame.located or not arrangement.groups:
        return []
    pairs = (
        (arrangement.placed[i], arrangement.georeferences[i].conversion)
        for i in arrangement.groups[0]
    )
    return misplaced(site.tables, {m.name: (m, c) for m, c in pairs if m is not None})


def _arrange(
    readable: Sequence[tuple[Model, GeoreferenceFacts | None]],
    settings: ReviewSettings,
    *,
    origin: Sequence[float] | None = None,
) -> Arrangement:
    return arrange(
        readable,
        crs=settings.crs,
        supplied={name: _conversion(p) for name, p in settings.placements.items()}
        | dict(settings.control),
        confirmed_repairs=settings.confirmed_repairs,
        origin=origin,
        agreed=Agreed(grids=settings.grids, datum=settings.vertical_datum),
    )


def _origin(
    previous: Mapping[str, object] | None, arrangement: Arrangement
) -> tuple[float, float, float] | None:
    """The origin of the last review where it differs, so that coordinates stay comparable."""
    project = previous.get("project") if previous else None
    if not isinstance(project, Mapping) or project.get("crs") != arrangement.frame.crs:
        return None
    if arrangement.frame.crs is None or project.get("origin") == arrangement.frame.origin.tolist():
        return None
    east, north, height = (float(v) for v in project["origin"])
    return east, north, height


def _named(given: ModelInput) -> Model | None:
    """The model under the name the review knows it by."""
    model = given.ingested.model
    return None if model is None else replace(model, name=given.name)


def _conversion(placement: Placement) -> Conversion | Like:
    if placement.like:
        return Like(model=placement.like)
    return Conversion(
        crs=placement.crs,
        eastings=placement.eastings,
        northings=placement.northings,
        height=placement.height,
        rotation=math.radians(placement.rotation_deg),
        scale=(placement.scale, placement.scale, 1.0),
    )


def scene_of(placed: Placed) -> tuple[Scene, Mask]:
    """Placed models and bodies of layers, with the pairs of models (M, M) that may meet."""
    arrangement = placed.arrangement
    kept = [i for i, model in enumerate(arrangement.placed) if model is not None]
    row_of = {i: row for row, i in enumerate(kept)}
    models = [m for m in arrangement.placed if m is not None]
    bodies = range(len(models), len(models) + len(placed.site.models))
    models += placed.site.models
    allowed = np.zeros((len(models), len(models)), dtype=bool)
    for number, members in enumerate(arrangement.groups):
        rows = [row_of[i] for i in members if i in row_of]
        if number == 0 and arrangement.frame.located:
            rows += bodies
        allowed[np.ix_(rows, rows)] = True
    return Scene.of(models, frame=arrangement.frame), allowed


def findings_of(
    inputs: Sequence[ModelInput], placed: Placed, more: Sequence[Finding] = ()
) -> tuple[Finding, ...]:
    """All findings under the models' names and in the project frame, most severe first."""
    shown = [
        _moved(replace(finding, model=given.name), placed.moves.get(given.name))
        for given in inputs
        for finding in given.ingested.findings
    ]
    shown += [*placed.arrangement.findings, *placed.site.findings, *more]
    return tuple(sorted(shown, key=lambda f: (-f.severity, f.code.code, f.model, f.elements)))


def _moved(finding: Finding, move: F64 | None) -> Finding:
    if finding.point is None or move is None:
        return finding
    x, y, z = apply(move, np.array([finding.point]))[0].tolist()
    return replace(finding, point=(x, y, z))
