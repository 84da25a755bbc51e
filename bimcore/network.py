"""The network of a plan: who waits for whom, and where that goes round in a circle."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import networkx as nx

from bimcore.schedule import Link, LinkType, Schedule, TaskKind

#: Steps spent on the search for the shortest circle in one knot; beyond, a short one is told.
_MOST_STEPS = 3_000_000


@dataclass(frozen=True, slots=True)
class Arc:
    """One node waits for another; `link` is None between a group and the rows in it."""

    source: int
    target: int
    link: Link | None


class Network:
    """Nodes and arcs of a plan of T rows.

    A row that is work is one node, its row. A row with others below it is two: `gate(row)`,
    which holds back all that is below, and `span(row)`, which waits for all of it. Levels of
    effort, and summaries that stand beside what they sum up, hold nobody and are no nodes.
    """

    def __init__(self, schedule: Schedule) -> None:
        tasks = schedule.tasks
        self.size = len(tasks)
        self.groups = frozenset(t.parent for t in tasks if t.parent >= 0)
        linked = {end for link in schedule.links for end in (link.predecessor, link.successor)}
        #: Rows that stand for all on their level and are no group themselves.
        self.beside = frozenset(
            row
            for row, task in enumerate(tasks)
            if task.kind is TaskKind.SUMMARY and row not in self.groups | linked
            if task.parent >= 0
        )
        self.effort = self.beside | frozenset(
            row
            for row, task in enumerate(tasks)
            if task.kind is TaskKind.EFFORT and row not in self.groups
        )
        self.out: list[list[Arc]] = [[] for _ in range(3 * self.size)]
        for row, task in enumerate(tasks):
            if task.parent >= 0 and row not in self.effort:
                self._arc(self.gate(task.parent), self.gate(row), None)
                self._arc(self.span(row), self.span(task.parent), None)
        for link in schedule.links:
            if link.predecessor not in self.effort and link.successor not in self.effort:
                self._arc(self.span(link.predecessor), self.gate(link.successor), link)
        graph = nx.DiGraph()
        graph.add_nodes_from(n for row in range(self.size) for n in self._nodes(row))
        graph.add_edges_from((a.source, a.target) for arcs in self.out for a in arcs)
        knots = [k for k in nx.strongly_connected_components(graph) if _is_knot(graph, k)]
        self.cycles = tuple(sorted(self._rows(_shortest(graph, knot)) for knot in knots))
        self.knotted = frozenset().union(*knots)
        graph.remove_nodes_from(self.knotted)
        #: Nodes in an order in which everybody comes after those he waits for.
        self.order: tuple[int, ...] = tuple(nx.topological_sort(graph))

    def gate(self, row: int) -> int:
        """The node that waits for the predecessors of `row`."""
        return self.size + row if row in self.groups else row

    def span(self, row: int) -> int:
        """The node that the successors of `row` wait for."""
        return 2 * self.size + row if row in self.groups else row

    def row(self, node: int) -> int:
        """The row of a node."""
        return node % self.size

    def _arc(self, source: int, target: int, link: Link | None) -> None:
        self.out[source].append(Arc(source, target, link))

    def _nodes(self, row: int) -> tuple[int, ...]:
        if row in self.effort:
            return ()
        return (self.gate(row), self.span(row)) if row in self.groups else (row,)

    def _rows(self, nodes: Sequence[int]) -> tuple[int, ...]:
        """Rows of a circle of nodes, the lowest first, each group once."""
        rows = [self.row(n) for n in nodes]
        told = [r for k, r in enumerate(rows) if r != rows[k - 1] or len(rows) == 1]
        told = told or rows[:1]
        low = told.index(min(told))
        return tuple(told[low:] + told[:low])


def _is_knot(graph: nx.DiGraph, nodes: set[int]) -> bool:
    if len(nodes) > 1:
        return True
    (node,) = nodes
    return bool(graph.has_edge(node, node))


def _shortest(graph: nx.DiGraph, knot: set[int]) -> list[int]:
    """A shortest circle within `knot`, in the order of its arcs."""
    best: list[int] = []
    steps = 0
    for start in sorted(knot):
        found, used = _circle(graph, knot, start, most=len(best) - 1 if best else len(knot))
        best = found or best
        steps += used
        if len(best) <= 2 or steps > _MOST_STEPS:
            break
    return best


def _circle(graph: nx.DiGraph, knot: set[int], start: int, *, most: int) -> tuple[list[int], int]:
    """The shortest circle through `start` of at most so many nodes, and the arcs looked at."""
    came: dict[int, int] = {}
    front, length, steps = [start], 1, 0
    while front and length <= most:
        further = []
        for node in front:
            for after in graph.successors(node):
                steps += 1
                if after == start:
                    return list(_back(came, node, start)), steps
                if after in knot and after not in came:
                    came[after] = node
                    further.append(after)
        front, length = further, length + 1
    return [], steps


def _back(came: dict[int, int], node: int, start: int) -> Iterator[int]:
    way = [node]
    while way[-1] != start:
        way.append(came[way[-1]])
    return reversed(way)


#: Which end of the predecessor a link looks at, and which end of the successor it holds.
FROM_FINISH = frozenset({LinkType.FS, LinkType.FF})
TO_START = frozenset({LinkType.FS, LinkType.SS})
