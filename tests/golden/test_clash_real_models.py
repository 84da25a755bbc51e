"""On real models the hard verdict of the core equals mesh booleans."""

import sys

import manifold3d
import numpy as np
import pytest

from bimcore.ifc.sandbox import ingest
from bimcore.model import Scene
from clash.broadphase import candidate_pairs
from clash.kernels import stand
from clash.kernels.stages import bodies_of, measure_pairs, on_grid
from tests import real_files

SHARED = real_files.FOLDER / "ifc"
MODELS = ("duplex_architecture", "duplex_electrical", "fzk_haus", "institute")
#: Cubic metres per square metre of the smaller body: contact up to a micrometre thick.
FILM = 1e-6

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="real models are not here")


@pytest.fixture(scope="module", name="models")
def _models():
    return {name: ingest(SHARED / f"{name}.ifc", name=f"{name}.ifc").model for name in MODELS}


def manifold(vertices, faces):
    mesh = manifold3d.Mesh64(
        vert_properties=np.ascontiguousarray(vertices), tri_verts=faces.astype(np.uint64)
    )
    return manifold3d.Manifold(mesh)


def area(vertices, faces):
    t = vertices[faces]
    return float(np.linalg.norm(np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), axis=1).sum() / 2)


def verdicts(scene):
    """Per candidate pair of closed bodies: shares space by the core, volume by booleans."""
    wanted = scene.clash_body & scene.meshes.closed
    boxes = np.where(wanted[:, None, None], scene.bounds, np.nan)
    pairs = candidate_pairs(boxes, margin=0.0)
    bodies = bodies_of(scene.meshes, wanted=wanted)
    zero = np.zeros(len(pairs))
    corner = scene.bounds[:, 0]
    shift = on_grid(corner[pairs[:, 1]] - corner[pairs[:, 0]])
    numbers, stands, _ = measure_pairs(
        pairs, bodies, shift=shift, reach=zero, same=zero, deep=zero + np.inf
    )
    overlap = np.isin(stands, (stand.OVERLAP, stand.A_IN_B, stand.B_IN_A))
    for (a, b), core, row in zip(pairs.tolist(), overlap.tolist(), numbers, strict=True):
        origin = scene.meshes.body(a)[0].mean(axis=0)
        meshes = [(v - origin, f) for v, f in map(scene.meshes.body, (a, b))]
        solids = [manifold(*m) for m in meshes]
        if all(s.status() == manifold3d.Error.NoError for s in solids):
            shared = float((solids[0] ^ solids[1]).volume())
            film = FILM * min(area(*m) for m in meshes)
            yield a, b, core, row, shared, film


@pytest.mark.parametrize(
    "names",
    [*((m,) for m in MODELS), ("duplex_architecture", "duplex_electrical")],
    ids=" and ".join,
)
def test_hard_verdicts_equal_mesh_booleans(models, names):
    scene = Scene.of([models[n] for n in names])
    wrong, looked_at, films = [], 0, 0
    for a, b, core, row, shared, film in verdicts(scene):
        looked_at += 1
        by_booleans = shared > film
        # what shares less than a film of contact may be either: the core then says how deep
        thin = shared <= film and core and row[stand.VOLUME] <= film
        films += thin
        if core != by_booleans and not thin:
            wrong.append((scene_name(scene, a), scene_name(scene, b), core, shared, film))
        if core and by_booleans and abs(row[stand.VOLUME] - shared) > 1e-6 + 1e-4 * shared:
            wrong.append((scene_name(scene, a), scene_name(scene, b), row[stand.VOLUME], shared))

    said = f"{' and '.join(names)}: {looked_at} pairs of closed bodies, {films} films of contact"
    sys.stdout.write(f"{said}, {len(wrong)} disagree\n")
    sys.stdout.writelines(f"  {text}\n" for text in wrong)
    assert looked_at > 0
    assert wrong == []


def scene_name(scene, element):
    model, row = scene.locate(element)
    return f"#{model.elements.step_id[row]} {model.elements.ifc_class[row]}"
