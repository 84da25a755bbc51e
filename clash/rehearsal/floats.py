"""When elements hang in the air: not connected to the ground by anything that stands."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from bimcore.arrays import I64, Mask
from clash.rehearsal.base import Stage

#: Minutes before and after all dates.
BEFORE, AFTER = -(1 << 60), 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Floating:
    """An element and the minutes [start, end) in which it hangs in the air.

    Attributes
    ----------
    element : int
    start, end : int
        Minutes since 1970; `end` is ``AFTER`` where nothing comes to hold it.
    cause : int
        The element that ends it by its start; -1 for none.
    removed : int
        The element whose removal began it; -1 for none.

    """

    element: int
    start: int
    end: int
    cause: int
    removed: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Graph:
    """Elements and the ground as nodes; the ground is the last.

    Attributes
    ----------
    a, b : (K,) int64
        Edges, each once, a < b.
    appear, gone : (N,) int64
        Minutes; the ground is always there.

    """

    a: I64
    b: I64
    appear: I64
    gone: I64

    @property
    def ground(self) -> int:
        return len(self.appear) - 1

    def take(self, alive: Mask) -> "_Graph":
        """The same nodes with edges among those `alive` (N,) only."""
        keep = alive[self.a] & alive[self.b]
        return _Graph(a=self.a[keep], b=self.b[keep], appear=self.appear, gone=self.gone)


def floats(stage: Stage) -> list[Floating]:
    """All times in which elements with dates hang in the air that do not when all is built.

    Exact in time: the ground is reached when the last element of the easiest way to it
    appears, which a least spanning tree over the dates tells for all elements at once. What
    is taken away later is looked at apart, between one removal and the next, and only where
    something depends on it.
    """
    graph = _graph(stage)
    watched = _watched(stage, graph)
    fixed = graph.gone >= AFTER
    reached, cause = _reached(graph.take(fixed))
    open_ = ~fixed | (reached > graph.appear)
    open_[graph.ground] = False
    if fixed.all():
        rows = np.flatnonzero(watched & open_[:-1] & (graph.appear[:-1] > BEFORE))
        return [
            Floating(
                element=e,
                start=int(graph.appear[e]),
                end=int(reached[e]),
                cause=int(cause[e]),
                removed=-1,
            )
            for e in rows.tolist()
        ]
    return _between(_open_part(graph, open_), open_, watched)


def _graph(stage: Stage) -> _Graph:
    contacts, life = stage.contacts, stage.lifetimes
    count = len(contacts.grounded)
    base = np.flatnonzero(contacts.grounded)
    a = np.concatenate([contacts.a, contacts.guest, base]).astype(np.int64)
    b = np.concatenate([contacts.b, contacts.host, np.full(len(base), count)]).astype(np.int64)
    pairs = np.unique(np.stack([np.minimum(a, b), np.maximum(a, b)], axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    appear = np.where(life.dated, life.appear.astype("datetime64[m]").astype(np.int64), BEFORE)
    leaves = ~np.isnat(life.gone)
    gone = np.where(leaves, life.gone.astype("datetime64[m]").astype(np.int64), AFTER)
    return _Graph(
        a=pairs[:, 0],
        b=pairs[:, 1],
        appear=np.append(appear, BEFORE),
        gone=np.append(gone, AFTER),
    )


def _watched(stage: Stage, graph: _Graph) -> Mask:
    """Elements (E,) that hold when all is built; of what leaves, when all is there."""
    stays = graph.gone >= AFTER
    finished = _of_ground(graph.take(stays))
    ever = _of_ground(graph)
    found: Mask = np.where(stays, finished, ever)[:-1] & ~stage.lifetimes.temporary
    return found


def _of_ground(graph: _Graph) -> Mask:
    count = len(graph.appear)
    links = coo_array((np.ones(len(graph.a), np.int8), (graph.a, graph.b)), shape=(count, count))
    part = connected_components(links, directed=False)[1]
    found: Mask = part == part[graph.ground]
    return found


def _reached(graph: _Graph) -> tuple[I64, I64]:
    """When each node is connected to the ground, and the element with which it is."""
    count = len(graph.appear)
    moments = np.maximum(graph.appear[graph.a], graph.appear[graph.b])
    levels, rank = np.unique(moments, return_inverse=True)
    # an entry of 0 is no edge to scipy
    links = coo_array((rank + 1.0, (graph.a, graph.b)), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(links)
    order, before = breadth_first_order(tree, graph.ground, directed=False)
    cells = tree.tocoo()
    rows, columns, ranks = cells.row.tolist(), cells.col.tolist(), cells.data.tolist()
    weight = dict(zip(zip(rows, columns, strict=True), ranks, strict=True))
    reached = np.full(count, AFTER, dtype=np.int64)
    cause = np.full(count, -1, dtype=np.int64)
    reached[graph.ground] = BEFORE
    appear = graph.appear
    for node in order[1:].tolist():
        parent = int(before[node])
        step = weight.get((node, parent), 0.0) or weight[parent, node]
        moment = int(levels[int(step) - 1])
        if moment > reached[parent]:
            reached[node] = moment
            cause[node] = node if appear[node] >= appear[parent] else parent
        else:
            reached[node], cause[node] = reached[parent], cause[parent]
    return reached, cause


def _open_part(graph: _Graph, open_: Mask) -> _Graph:
    """The graph with what always holds shrunk into the ground."""
    ground = graph.ground
    a_open, b_open = open_[graph.a], open_[graph.b]
    inner = a_open & b_open
    edge = a_open ^ b_open
    node = np.where(a_open, graph.a, graph.b)[edge]
    hold = np.where(a_open, graph.b, graph.a)[edge]
    # of all holds of a node the earliest: it stays for good
    order = np.lexsort((graph.appear[hold], node))
    node, hold = node[order], hold[order]
    first = np.ones(len(node), dtype=np.bool_)
    first[1:] = node[1:] != node[:-1]
    node, hold = node[first], hold[first]
    anchors = np.unique(hold)
    anchors = anchors[anchors != ground]
    return _Graph(
        a=np.concatenate([graph.a[inner], np.minimum(node, hold), anchors]),
        b=np.concatenate([graph.b[inner], np.maximum(node, hold), np.full(len(anchors), ground)]),
        appear=graph.appear,
        gone=graph.gone,
    )


def _between(graph: _Graph, open_: Mask, watched: Mask) -> list[Floating]:
    """Times in the air of open nodes, part by part, between one removal and the next."""
    found: list[Floating] = []
    inner = open_[graph.a] & open_[graph.b]
    count = len(graph.appear)
    links = coo_array(
        (np.ones(int(inner.sum()), np.int8), (graph.a[inner], graph.b[inner])), shape=(count, count)
    )
    part = connected_components(links, directed=False)[1]
    members: dict[int, list[int]] = defaultdict(list)
    for node in np.flatnonzero(open_).tolist():
        members[int(part[node])].append(node)
    incident = part[np.where(open_[graph.a], graph.a, graph.b)]
    order = np.argsort(incident, kind="stable")
    held = open_[graph.a] | open_[graph.b]
    order = order[held[order]]
    starts = np.searchsorted(incident[order], np.arange(int(part.max(initial=0)) + 2))
    for number, nodes in members.items():
        rows = order[starts[number] : starts[number + 1]]
        found += _part(graph, np.array(nodes), rows, watched)
    return sorted(found, key=lambda f: (f.element, f.start))


def _part(graph: _Graph, nodes: I64, rows: I64, watched: Mask) -> list[Floating]:
    """Times in the air within one part that hangs together."""
    a, b = graph.a[rows], graph.b[rows]
    used = np.unique(np.concatenate([nodes, a, b]))
    used = used[used != graph.ground]
    place = {int(n): k for k, n in enumerate(used.tolist())}
    place[graph.ground] = len(used)
    anchors = used[~np.isin(used, nodes)]
    left = np.array([place[int(n)] for n in [*a.tolist(), *anchors.tolist()]], dtype=np.int64)
    right = [*b.tolist(), *[graph.ground] * len(anchors)]
    other = np.array([place[int(n)] for n in right], dtype=np.int64)
    small = _Graph(
        a=np.minimum(left, other),
        b=np.maximum(left, other),
        appear=np.append(graph.appear[used], BEFORE),
        gone=np.append(graph.gone[used], AFTER),
    )
    removals = np.unique(small.gone[small.gone < AFTER]).tolist()
    found: dict[int, list[Floating]] = defaultdict(list)
    for since, until in zip([BEFORE, *removals], [*removals, AFTER], strict=True):
        for one in _span(small, used, since, until):
            if one.element < len(watched) and watched[one.element]:
                _add(found[one.element], one)
    return [f for each in found.values() for f in each]


def _span(small: _Graph, used: I64, since: int, until: int) -> Iterator[Floating]:
    """Times in the air between two moments without removals; `used` names the nodes."""
    alive = (small.gone > since) & (small.appear < until)
    alive[-1] = True
    reached, cause = _reached(small.take(alive))
    start = np.maximum(small.appear, since)
    end = np.minimum(np.minimum(reached, until), small.gone)
    gone = np.flatnonzero(small.gone[:-1] == since)
    for k in np.flatnonzero(alive & (end > start) & (start > BEFORE)).tolist():
        yield Floating(
            element=int(used[k]),
            start=int(start[k]),
            end=int(end[k]),
            cause=int(used[cause[k]]) if cause[k] >= 0 and reached[k] <= until else -1,
            removed=int(used[gone[0]]) if len(gone) and start[k] == since else -1,
        )


def _add(spans: list[Floating], one: Floating) -> None:
    """Add a span, joined to the one before where it goes on."""
    if spans and spans[-1].end == one.start:
        before = spans.pop()
        one = Floating(
            element=one.element,
            start=before.start,
            end=one.end,
            cause=one.cause,
            removed=before.removed,
        )
    spans.append(one)
