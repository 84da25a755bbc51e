"""The steps of an ingest, inside the child process."""

import json
from pathlib import Path
from typing import Any

import ifcopenshell
import numpy as np

from bimcore.checks import codes
from bimcore.findings import Finding
from bimcore.formats.npz import save_model
from bimcore.frame import Frame
from bimcore.ifc.access import Reader
from bimcore.ifc.child import Events, finding_json
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.ifc.georef_reader import read_facts
from bimcore.ifc.reader import read_elements, schema_family
from bimcore.ifc.relations import Links, read_relations
from bimcore.ifc.tessellate import Bodies, mesh_all
from bimcore.mesh import Kernel, MeshSet
from bimcore.model import Model


def work(folder: Path, job: dict[str, Any], events: Events) -> None:
    """Read and mesh the file of `job`; leave ``model.npz`` and ``result.json`` in `folder`."""
    path = Path(job["path"])
    events.stage("open", 0.05)
    file = ifcopenshell.open(str(path))
    schema = schema_family(file.schema_identifier)
    events.stage("tables", 0.2)
    reader = Reader()
    links = Links(file, reader)
    tables = read_elements(file, links, reader)
    relations = read_relations(file, links, tables.elements.step_id)
    events.stage("mesh", 0.4)
    bodies = mesh_all(path.read_bytes())
    events.stage("finish", 0.9)
    model = Model(
        elements=tables.elements,
        relations=relations,
        meshes=_meshes(bodies, tables.elements.step_id.tolist()),
        frame=Frame(),
        source=job["source"],
        name=job["name"],
        schema=schema,
    )
    missing = [
        tables.elements.guid[i]
        for i, s in enumerate(tables.elements.step_id.tolist())
        if s in tables.represented and not model.meshes.has_body[i]
    ]
    findings = [Finding.of(codes.BODY_MISSING, elements=missing, count=len(missing))]
    save_model(model, folder / "model.npz")
    events.stage("done", 1.0)
    result = {
        "facts": _facts(file, reader, model, schema).to_json(),
        "findings": [finding_json(f) for f in findings if f.elements],
        "counts": {
            "elements": len(model),
            "bodies": int(model.meshes.has_body.sum()),
            "triangles": len(model.meshes.faces),
            "products_with_representation": len(tables.represented),
        },
        "timings": events.timings,
        "schema": file.schema_identifier,
    }
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


def _facts(file: Any, reader: Reader, model: Model, schema: str) -> GeoreferenceFacts:
    boxes = model.meshes.bounds()[model.meshes.has_body]
    bounds = np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)]) if len(boxes) else None
    first = model.meshes.vertices[0] if len(model.meshes.vertices) else None
    return read_facts(file, reader, schema=schema, bounds=bounds, first=first)


def _meshes(bodies: Bodies, step_ids: list[int]) -> MeshSet:
    empty = (np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    return MeshSet.of([bodies.get(s, empty) for s in step_ids], kernel=Kernel.IFCLITE)
