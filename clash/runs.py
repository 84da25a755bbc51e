"""Runs of building services: which elements form one pipe, duct or cable."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from bimcore.arrays import I64, Mask
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.relevance import REASONS, Suppressions
from clash.result import ClashSet, Relation
from clash.roles import Roles, scene_pairs

_JOINTS = ("relation.ports", "run.joint", "run.inline", "run.insulation")


def runs_of(scene: Scene, clashes: ClashSet, suppressions: Suppressions, roles: Roles) -> I64:
    """The run (E,) of each services element, numbered by its first element; else -1.

    Elements are of one run when their ports are connected, when they were found to be one
    joint, or when segments and fittings of one trade and system touch.
    """
    count = len(scene)
    served = roles["services"]
    edges = [scene_pairs(scene, RelationKind.PORT)]
    joint = np.isin(suppressions.reason, [i for i, r in enumerate(REASONS) if r.id in _JOINTS])
    touch = (clashes.relation == Relation.TOUCH) & _one_run(clashes, roles)
    rows = joint | touch
    edges.append(np.stack([clashes.a[rows], clashes.b[rows]], axis=1).astype(np.int64))
    links = np.concatenate(edges)
    links = links[served[links].all(axis=1)]
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    first = np.full(int(label.max(initial=-1)) + 1, count, dtype=np.int64)
    np.minimum.at(first, label, np.arange(count))
    run: I64 = np.where(served, first[label], -1)
    return run


def _one_run(clashes: ClashSet, roles: Roles) -> Mask:
    """Rows whose two elements are parts of lines of one model, trade and system."""
    a, b = clashes.a, clashes.b
    line = roles.any_of("segment", "fitting")
    fitting = roles.any_of("fitting", "controller", "terminal")
    pair = (line[a] & (fitting[b] | line[b])) | (line[b] & fitting[a])
    system = roles.system
    alike = (system[a] == system[b]) | (system[a] < 0) | (system[b] < 0)
    same = (roles.discipline[a] == roles.discipline[b]) & (roles.model[a] == roles.model[b])
    found: Mask = pair & alike & same
    return found
