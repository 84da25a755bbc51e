"""The steps of an ingest, inside the child process."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bimcore.checks import codes
from bimcore.checks.model import FARTHEST_M, Context, check_model
from bimcore.findings import Code, Finding
from bimcore.formats.npz import save_model
from bimcore.frame import Frame
from bimcore.ifc.access import Reader, of_class
from bimcore.ifc.alphabet import Spelled, spelled
from bimcore.ifc.events import Events, finding_json
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.ifc.georef_reader import read_facts
from bimcore.ifc.meshing import MAX_OPENINGS, Meshed, Plan, mesh
from bimcore.ifc.parts import endless
from bimcore.ifc.placement import Units
from bimcore.ifc.preflight import (
    MAX_DEPTH,
    Instances,
    Suspects,
    scan,
    schema_identifier,
    shape_of,
    suspects,
)
from bimcore.ifc.properties import read_properties
from bimcore.ifc.reader import Lineages, Tables, read_elements, schema_family
from bimcore.ifc.relations import Links, read_relations
from bimcore.ifc.sourcing import Refused, Spoken, opened, source_of
from bimcore.mesh import MeshSet
from bimcore.model import Model

_SCHEMAS = frozenset({"IFC2X3", "IFC4", "IFC4X3"})
_GEOMETRY = frozenset(
    {
        "IfcObjectPlacement",
        "IfcRepresentationItem",
        "IfcProductRepresentation",
        "IfcRepresentation",
        "IfcRepresentationMap",
        "IfcProfileDef",
        "IfcPlacement",
    }
)
_NO_GEOMETRY = frozenset({"IfcStyledItem", "IfcStyledRepresentation"})
_REASONS: dict[str, Code] = {
    "crash": codes.BODY_CRASHED,
    "silent": codes.BODY_TIMED_OUT,
    "timeout": codes.BODY_TIMED_OUT,
    "memory": codes.BODY_MEMORY,
}


def work(folder: Path, job: dict[str, Any], events: Events) -> None:
    """Read and mesh the file of `job`; leave ``result.json`` and, if usable, ``model.npz``."""
    given = Path(job["path"]).read_bytes()
    read = spelled(given)
    if read.data is not given:
        job = {**job, "path": str(folder / "spelled.ifc")}
        Path(job["path"]).write_bytes(read.data)
    del given
    schema = schema_identifier(read.data)
    try:
        result = _work(folder, job, events, read)
    except Refused as refusal:
        result = {"usable": False, "findings": [finding_json(f) for f in refusal.findings]}
    result |= {"schema": schema, "timings": events.timings}
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


def _work(folder: Path, job: dict[str, Any], events: Events, read: Spelled) -> dict[str, Any]:
    data = read.data
    events.stage("preflight", 0.02)
    schema, instances = _preflight(data)
    events.stage("open", 0.1)
    file = opened(Path(job["path"]))
    events.stage("tables", 0.2)
    reader = Reader()
    barred, findings = _barred(file, schema, instances)
    links = Links(file, reader)
    tables = read_elements(file, links, reader)
    relations = read_relations(file, links, tables.elements.step_id)
    properties = read_properties(file, links, tables.products)
    events.stage("mesh", 0.4)
    plan = Plan.from_json(job["plan"])
    free = int(instances.number.max()) + 1
    spoken = Spoken(data, file, reader, folder / "reworded.ifc", free)
    source = source_of(file, links, tables, spoken, barred=barred.all())
    plan = _with_loops(plan, links, barred)
    made = mesh(source, plan, folder=folder, events=events)
    made.partial += sorted(spoken.lacking & set(made.bodies))
    events.stage("finish", 0.92)
    absurd = _drop_absurd(made)
    model = Model(
        elements=tables.elements,
        relations=relations,
        meshes=_meshes(made, tables.elements.step_id.tolist()),
        frame=Frame(),
        source=job["source"],
        name=job["name"],
        schema=schema_family(schema),
        properties=properties,
        spatial=tables.spatial,
    )
    found = _Found(tables, model)
    findings += _kernel_findings(found, made, absurd, barred, job["reasons"])
    coarse, off = spoken.smoothed(made, links)
    findings += found.of(codes.SMOOTHED, coarse, off_m=off)
    findings += _file_findings(links, reader, file, found)
    findings += _text_findings(instances, read)
    facts = _facts(file, reader, model)
    context = Context(
        outside=tables.outside,
        storeys=tables.storeys,
        unnamed_storeys=tables.unnamed_storeys,
        in_building=tables.in_building,
        represented=tables.represented,
        explained=frozenset(found.explained),
    )
    findings += check_model(model, context)
    _refuse_empty(model, tables, findings)
    save_model(model, folder / "model.npz")
    events.stage("done", 1.0)
    return {
        "usable": True,
        "facts": facts.to_json(),
        "findings": [finding_json(f) for f in findings],
        "counts": _counts(model, tables, instances),
    }


def _preflight(data: bytes) -> tuple[str, Instances]:
    schema = schema_identifier(data)
    if not schema:
        raise Refused(Finding.of(codes.NO_SCHEMA))
    family = schema_family(schema)
    released = {*_SCHEMAS, "IFC4X3_ADD1", "IFC4X3_ADD2", "IFC4X3_TC1", "IFC4_ADD1", "IFC4_ADD2"}
    if family not in _SCHEMAS or schema.upper() not in released:
        raise Refused(Finding.of(codes.UNSUPPORTED_SCHEMA, schema=schema[:60]))
    instances = scan(data)
    zh, en = instances.broken
    if not en and not len(instances.number):
        zh, en = "DATA 段中没有任何实例", "no instances in the DATA section"
    if en:
        raise Refused(Finding.of(codes.SYNTAX, detail=en, detail_zh=zh))
    return schema, instances


def _barred(file: Any, schema: str, instances: Instances) -> tuple[Suspects, list[Finding]]:
    """Products that must not reach a kernel, and what the instance graph tells."""
    lineages = Lineages(file)
    proper = {k: lineages.proper(k) for k in instances.kinds}

    def lineage(kind: str) -> frozenset[str]:
        name = proper[kind]
        return frozenset(lineages.of(name)) if name else frozenset()

    geometry = {k: bool(lineage(k) & _GEOMETRY) and not lineage(k) & _NO_GEOMETRY for k in proper}
    products = {k: "IfcProduct" in lineage(k) for k in proper}
    shape = shape_of(instances, geometry.__getitem__)
    found: list[Finding] = []
    unknown = [i for i, k in enumerate(instances.kinds) if not proper[k]]
    if unknown:
        names = ", ".join(instances.kinds[i][:60] or "?" for i in unknown[:10])
        count = int(np.isin(instances.kind, unknown).sum())
        found.append(Finding.of(codes.UNKNOWN_ENTITIES, count=count, schema=schema, names=names))
    for code, numbers in (
        (codes.DANGLING, instances.missing),
        (codes.REPEATED_IDS, instances.repeated),
    ):
        if len(numbers):
            found.append(Finding.of(code, count=len(numbers), first=int(numbers[0])))
    bad = suspects(instances, shape, products.__getitem__)
    reader = Reader()
    return replace(bad, expanding=(*bad.expanding, *sorted(endless(file, reader)))), found


def _with_loops(plan: Plan, links: Links, barred: Suspects) -> Plan:
    """`plan` that also keeps products in relation circles from the referee."""
    return Plan(
        chunks=plan.chunks,
        no_kernel=plan.no_kernel | barred.all(),
        no_referee=plan.no_referee | barred.all() | links.circular,
        referee_seconds=plan.referee_seconds,
    )


def _drop_absurd(made: Meshed) -> list[int]:
    """Take out bodies beyond any map; their numbers would spoil every box and picture."""
    absurd = [n for n, (v, _) in made.bodies.items() if np.abs(v).max() > FARTHEST_M]
    for number in absurd:
        del made.bodies[number], made.closed[number], made.kernel[number]
    return absurd


def _meshes(made: Meshed, step_ids: list[int]) -> MeshSet:
    nothing = (np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    meshes = MeshSet.of(
        [made.bodies.get(s, nothing) for s in step_ids],
        closed=[made.closed.get(s, False) for s in step_ids],
    )
    return MeshSet(
        vertices=meshes.vertices,
        faces=meshes.faces,
        vertex_start=meshes.vertex_start,
        face_start=meshes.face_start,
        closed=meshes.closed,
        kernel=np.array([int(made.kernel.get(s, 0)) for s in step_ids], dtype=np.uint8),
    )


class _Found:
    """Makes findings that name elements by their instance numbers."""

    def __init__(self, tables: Tables, model: Model) -> None:
        self._guid = dict(zip(model.elements.step_id.tolist(), model.elements.guid, strict=True))
        self._body = set(model.elements.step_id[model.meshes.has_body].tolist())
        self.represented = tables.represented
        self.explained: set[int] = set()

    def missing(self, code: Code, numbers: Any, **data: Any) -> list[Finding]:
        """A finding on those of `numbers` that have no body, which it explains."""
        bare = sorted((set(numbers) & self.represented) - self._body)
        self.explained |= set(bare)
        return self.of(code, bare, **data)

    def of(self, code: Code, numbers: Any, **data: Any) -> list[Finding]:
        """A finding on `numbers`; none when there are none."""
        guids = [self._guid[n] for n in sorted(set(numbers)) if n in self._guid]
        return [Finding.of(code, elements=guids, count=len(guids), **data)] if guids else []


def _kernel_findings(
    found: _Found, made: Meshed, absurd: list[int], barred: Suspects, reasons: dict[str, str]
) -> list[Finding]:
    """Why bodies are missing or not verified."""
    circle = ", ".join(f"#{n}" for n in barred.circle)
    findings = found.missing(codes.GEOMETRY_LOOP, barred.circular, instances=circle)
    findings += found.missing(codes.TOO_DEEP, barred.deep, depth=barred.deepest, limit=MAX_DEPTH)
    findings += found.missing(codes.EXPANSION, barred.expanding)
    findings += found.missing(codes.CUT_AWAY, made.gone)
    findings += found.missing(codes.ABSURD_COORDINATES, absurd, limit_m=FARTHEST_M)
    for kind in sorted(set(reasons.values())):
        guilty = [int(n) for n, k in reasons.items() if k == kind]
        findings += found.missing(_REASONS[kind], guilty)
        made.unverified += [n for n in guilty if n in made.bodies]
    findings += found.of(codes.UNCUT, made.uncut, limit=MAX_OPENINGS)
    findings += found.of(codes.PARTIAL_BODY, made.partial)
    return findings + found.of(codes.REFEREE_SKIPPED, made.unverified)


def _file_findings(links: Links, reader: Reader, file: Any, found: _Found) -> list[Finding]:
    findings = found.of(codes.TREE_LOOP, links.circular)
    projects = len(of_class(file, "IfcProject"))
    if projects > 1:
        findings.append(Finding.of(codes.SEVERAL_PROJECTS, count=projects))
    if not _has_length_unit(file, reader):
        findings.append(Finding.of(codes.NO_LENGTH_UNIT))
    if reader.unreadable:
        count = sum(reader.unreadable.values())
        detail = ", ".join(sorted(reader.unreadable)[:5])
        findings.append(Finding.of(codes.UNREADABLE_ATTRIBUTES, count=count, detail=detail))
    missing = [n for n in ("implementation_level", "time_stamp") if not _header(file, n)]
    if missing:
        findings.append(Finding.of(codes.HEADER, detail=", ".join(missing)))
    return findings


def _text_findings(instances: Instances, read: Spelled) -> list[Finding]:
    findings = []
    if instances.senseless:
        count, first = len(instances.senseless), instances.senseless[0]
        findings.append(Finding.of(codes.NO_NUMBERS, count=count, first=first))
    if read.count:
        findings.append(Finding.of(codes.FOREIGN_LETTERS, count=read.count, encoding=read.encoding))
    if read.strays:
        findings.append(Finding.of(codes.STRAY_BACKSLASHES, count=read.strays))
    return findings


def _header(file: Any, name: str) -> str:
    header = file.header
    group = header.file_name if name == "time_stamp" else header.file_description
    try:
        return str(getattr(group, name) or "")
    except (RuntimeError, AttributeError, IndexError):
        return ""


def _has_length_unit(file: Any, reader: Reader) -> bool:
    units = Units(file, reader)
    return units.length_given and math.isfinite(units.length_m) and units.length_m > 0


def _facts(file: Any, reader: Reader, model: Model) -> GeoreferenceFacts:
    boxes = model.meshes.bounds()[model.meshes.has_body]
    bounds = np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)]) if len(boxes) else None
    first = model.meshes.vertices[0] if len(model.meshes.vertices) else None
    return read_facts(file, reader, schema=model.schema, bounds=bounds, first=first)


def _refuse_empty(model: Model, tables: Tables, findings: list[Finding]) -> None:
    """Say so when no body exists; refuse the file when there should have been some."""
    if model.meshes.has_body.any():
        return
    if tables.represented:
        finding = Finding.of(codes.NO_BODY_MADE, count=len(tables.represented))
        raise Refused(finding, findings)
    findings.append(Finding.of(codes.NO_BODIES))


def _counts(model: Model, tables: Tables, instances: Instances) -> dict[str, int]:
    meshes = model.meshes
    return {
        "elements": len(model),
        "bodies": int(meshes.has_body.sum()),
        "clash_bodies": int((meshes.has_body & model.elements.clash_body).sum()),
        "closed_bodies": int(meshes.closed.sum()),
        "referee_bodies": int((meshes.kernel == 2).sum()),
        "triangles": len(meshes.faces),
        "products_with_representation": len(tables.represented),
        "relations": len(model.relations),
        "storeys": tables.storeys,
        "instances": len(instances.number),
    }
