"""Runs of building services: which elements form one pipe, duct or cable."""

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.pairs import FLUSH
from clash.relevance import REASONS, Suppressions
from clash.result import ClashSet, Relation
from clash.roles import Roles, scene_pairs

_JOINTS = ("relation.ports", "run.joint", "run.inline", "run.insulation")


def runs_of(scene: Scene, clashes: ClashSet, suppressions: Suppressions, roles: Roles) -> I64:
    """The run (E,) of each services element, numbered by its first element; else -1.

    Elements are of one run when their ports are connected, when they were found to be one
    joint, or when segments and fittings of one trade and system touch. Insulation belongs
    to the run that it goes round.
    """
    count = len(scene)
    served = roles["services"] | roles["lagging"]
    links = links_of(scene, clashes, suppressions, roles)
    links = links[served[links].all(axis=1)]
    links = np.concatenate([links, _wrapped(scene, clashes, roles)])
    lined = roles["services"].copy()
    lined[links] = True
    run: I64 = np.where(lined, _components(links, count), -1)
    return run


def _wrapped(scene: Scene, clashes: ClashSet, roles: Roles) -> I64:
    """Insulation and the line (K, 2) that touches it from inside."""
    pairs = np.stack([clashes.a, clashes.b], axis=1).astype(np.int64)
    pairs = pairs[clashes.relation == Relation.TOUCH]
    line = roles.any_of("segment", "fitting")
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    pairs = pairs[roles["lagging"][pairs[:, 0]] & line[pairs[:, 1]]]
    around, inside = scene.bounds[pairs[:, 0]], scene.bounds[pairs[:, 1]]
    low = inside[:, 0] >= around[:, 0] - FLUSH
    high = inside[:, 1] <= around[:, 1] + FLUSH
    found: I64 = pairs[(low & high).sum(axis=1) >= 2]
    return found


def links_of(scene: Scene, clashes: ClashSet, suppressions: Suppressions, roles: Roles) -> I64:
    """Pairs (K, 2) of elements that are joined end to body in a run, in no order.

    What is joined to a run without being services itself (insulation) is among them.
    """
    edges = [scene_pairs(scene, RelationKind.PORT)]
    joint = np.isin(suppressions.reason, [i for i, r in enumerate(REASONS) if r.id in _JOINTS])
    touch = (clashes.relation == Relation.TOUCH) & _one_run(clashes, roles)
    rows = joint | touch
    edges.append(np.stack([clashes.a[rows], clashes.b[rows]], axis=1).astype(np.int64))
    links: I64 = np.concatenate(edges)
    return links


def _components(links: I64, count: int) -> I64:
    """The least element (E,) that each element is linked to, directly or over others.

    Labels are hooked to the smaller of two linked roots and halved until nothing changes;
    importing scipy for this would cost a short review more than the review's list.
    """
    root = np.arange(count, dtype=np.int64)
    while len(links):
        a, b = root[links[:, 0]], root[links[:, 1]]
        apart = a != b
        if not apart.any():
            break
        links = links[apart]
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        np.minimum.at(root, high, low)
        while (root[root] != root).any():
            root = root[root]
    return root


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
