"""The surroundings of a project: layers read, bodies made, models checked against them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bimcore.findings import Finding
from bimcore.frame import Frame
from bimcore.model import Model
from gis import layer_codes as codes
from gis.checks import check_layers
from gis.checks_red_line import enclosed
from gis.coherence import outside_site
from gis.conflicts import Clashed
from gis.conversion import Conversion
from gis.federation import Entry, not_assessed
from gis.layers import FeatureTable, LayerError, LayerRequest, located, read
from gis.placement_codes import CONTEXT_ONLY
from gis.rulebook import ProjectRules
from gis.solids import pipes
from gis.terrain import Terrain

#: Roles that are read and shown but not checked yet.
_LATER = ("terrain",)


@dataclass(frozen=True, eq=False, kw_only=True)
class Site:
    """What the layers come to.

    Attributes
    ----------
    models : tuple of Model
        Bodies made from layers, in the project frame; empty where nothing is located.
    tables : tuple of FeatureTable
        Layers in the project frame.
    terrains : tuple of Terrain
        Ground in the project frame, its heights in the project's datum.
    findings : tuple of Finding
        `model` is the name of the model or, for a defect of a layer, of the layer.
    not_assessed : tuple of Entry

    """

    models: tuple[Model, ...] = ()
    tables: tuple[FeatureTable, ...] = ()
    terrains: tuple[Terrain, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_assessed: tuple[Entry, ...] = ()


def survey(
    requests: Sequence[LayerRequest],
    *,
    models: Sequence[Model],
    frame: Frame,
    datum: str | None = None,
    rules: ProjectRules | None = None,
    check: bool = True,
) -> Site:
    """Read the layers, make bodies of buried lines and check the models against the map.

    Parameters
    ----------
    requests : sequence of LayerRequest
    models : sequence of Model
        The located models, placed in `frame`.
    frame : Frame
        The project frame; when it is not located, nothing is checked and that is said.
    datum : str or None
        Height datum of the project where its CRS does not say.
    rules : ProjectRules or None
        The rulebook with the project's parameters; without any when None.
    check : bool
        Whether to check at once; else :func:`checked` does it when clashes are known.

    """
    findings: list[Finding] = []
    entries: list[Entry] = []
    tables: list[FeatureTable] = []
    terrains: list[Terrain] = []
    for request, got in zip(requests, read(requests), strict=True):
        name = request.name or request.path.name
        if isinstance(got, LayerError):
            findings.append(replace(got.finding, model=name))
            entries.append(_unused(name, got))
            continue
        layers: tuple[FeatureTable | Terrain, ...] = (*got.tables, *got.terrains)
        for layer in layers:
            placed = _placed(layer, frame, datum)
            if isinstance(placed, FeatureTable):
                tables.append(placed)
                entries += _flat(placed)
            elif isinstance(placed, Terrain):
                terrains.append(placed)
            elif isinstance(placed, LayerError):
                findings.append(replace(placed.finding, model=layer.name))
                entries.append(_unused(layer.name, placed))
            else:
                entries.append(placed)
            told = placed if isinstance(placed, FeatureTable | Terrain) else layer
            findings += [replace(f, model=layer.name) for f in told.findings]
    bodies, more, left_out = _bodies(tables, frame)
    site = Site(
        models=tuple(bodies),
        tables=tuple(tables),
        terrains=tuple(terrains),
        findings=(*findings, *more),
        not_assessed=(*entries, *left_out, *_later(tables)),
    )
    return checked(site, models, frame=frame, rules=rules) if check else site


def checked(
    site: Site,
    models: Sequence[Model],
    *,
    frame: Frame,
    rules: ProjectRules | None = None,
    clashed: Collection[Clashed] | None = None,
) -> Site:
    """The site with the findings of all checks of models against it.

    Parameters
    ----------
    site : Site
        As surveyed, not checked yet.
    models : sequence of Model
        The located models, placed in `frame`.
    frame : Frame
    rules : ProjectRules or None
    clashed : collection of (GlobalId, layer, number), optional
        Elements and buried lines that the clash core tells of already.

    """
    found, unchecked = check_layers(
        models,
        site.tables,
        site.terrains,
        project=frame,
        rules=rules,
        bodies=site.models,
        clashed=clashed,
    )
    return replace(
        site,
        findings=(*site.findings, *found),
        not_assessed=(*site.not_assessed, *unchecked),
    )


def misplaced(
    tables: Sequence[FeatureTable], models: Mapping[str, tuple[Model, Conversion | None]]
) -> list[Finding]:
    """Findings on models that one simple mistake, undone, would bring into the red line.

    Parameters
    ----------
    tables : sequence of FeatureTable
        Located layers.
    models : mapping
        Located models by name with their conversions.

    """
    area = enclosed([t for t in tables if t.role == "red_line"])
    if area.is_empty:
        return []
    return [f for model, c in models.values() for f in outside_site(model, area, c)]


def _placed(
    layer: FeatureTable | Terrain, frame: Frame, datum: str | None
) -> FeatureTable | Terrain | LayerError | Entry:
    """The layer in the project frame, else why it cannot be used."""
    what = (f"图层“{layer.name}”", f'Layer "{layer.name}"')
    if layer.crs is None:
        why = max(layer.findings, key=lambda f: f.severity)
        return not_assessed(what, (why.message("zh-CN"), why.message("en")))
    if not frame.located:
        return not_assessed(
            what, ("没有模型具有可用的地理参照", "no model has a usable georeference")
        )
    try:
        if isinstance(layer, Terrain):
            return layer.located(frame, datum=datum)
        return located(layer, frame, datum=datum)
    except LayerError as err:
        return err


def _flat(table: FeatureTable) -> list[Entry]:
    """What of a layer is not used, where a finding says so: its heights, or more than a look."""
    what = {
        codes.HEIGHTS_NOT_USED.code: (
            f"图层“{table.name}”的高程",
            f'Heights of layer "{table.name}"',
        ),
        CONTEXT_ONLY.code: (
            f"与图层“{table.name}”的检查",
            f'Checks against layer "{table.name}"',
        ),
    }
    return [
        not_assessed(what[f.code.code], (f.message("zh-CN"), f.message("en")))
        for f in table.findings
        if f.code.code in what
    ]


def _unused(name: str, error: LayerError) -> Entry:
    finding = error.finding
    return not_assessed(
        (f"图层“{name}”", f'Layer "{name}"'),
        (finding.message("zh-CN"), finding.message("en")),
    )


def _bodies(
    tables: Sequence[FeatureTable], frame: Frame
) -> tuple[list[Model], list[Finding], list[Entry]]:
    """Models of the buried lines, with what could not become a body."""
    models: list[Model] = []
    findings: list[Finding] = []
    entries: list[Entry] = []
    for table in tables:
        if table.role != "utility":
            continue
        made = pipes(table, project=frame)
        findings += made.findings
        if len(made.model):
            models.append(made.model)
        if made.left_out:
            entries.append(
                not_assessed(
                    (
                        f"图层“{table.name}”中 {made.left_out} 段管线的碰撞",
                        f'Clashes of {made.left_out} lines of layer "{table.name}"',
                    ),
                    (
                        "缺少高程、管径或高程基准不同，详见发现项",
                        "height or size is missing, or the height datum differs: see the findings",
                    ),
                )
            )
    return models, findings, entries


def _later(tables: Sequence[FeatureTable]) -> list[Entry]:
    """Layers that are shown but not checked."""
    return [
        not_assessed(
            (f"图层“{t.name}”（{t.role}）", f'Layer "{t.name}" ({t.role})'),
            ("该类图层目前只显示、不检查", "layers of this kind are shown but not checked yet"),
        )
        for t in tables
        if t.role in _LATER
    ]
