"""Runs are what is linked, however long the chain and in whatever order."""

from itertools import pairwise

import networkx as nx
import numpy as np

from bimcore.relations import RelationKind
from clash.matrix import default_rules
from clash.relevance import suppress
from clash.roles import roles_of
from clash.runs import runs_of
from tests.builders import box, moved
from tests.building import Thing, clashes_of, scene


def test_runs_equal_the_connected_components_of_the_ports():
    rng = np.random.default_rng(5)
    count = 300
    things = [
        Thing(is_a="IfcPipeSegment", body=moved(box((0.1, 0.1, 0.1)), (k, 0, 0)))
        for k in range(count)
    ]
    order = rng.permutation(count)
    chain = [(int(a), int(b)) for a, b in pairwise(order[:200])]
    loose = [(int(a), int(b)) for a, b in rng.integers(0, count, (40, 2)) if a != b]
    links = [*chain, *loose]
    place = scene(*things, relations=[(RelationKind.PORT, a, b) for a, b in links])
    clashes = clashes_of(place)

    run = runs_of(place, clashes, suppress(place, clashes, default_rules()), roles_of(place))

    graph = nx.Graph(links)
    graph.add_nodes_from(range(count))
    expected = {k: min(part) for part in nx.connected_components(graph) for k in part}
    assert run.tolist() == [expected[k] for k in range(count)]


def test_what_serves_nothing_has_no_run():
    place = scene(Thing(is_a="IfcWall", body=box()), Thing(is_a="IfcPipeSegment", body=box()))
    clashes = clashes_of(place)

    run = runs_of(place, clashes, suppress(place, clashes, default_rules()), roles_of(place))

    assert run.tolist() == [-1, 1]
