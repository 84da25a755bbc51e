"""Which tasks come after which by the links of a plan, and needed orders without repeats."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bimcore.arrays import I64, Mask
from bimcore.schedule import LinkType, Schedule

#: Targets followed at once: a bit each.
WIDTH = 4096


def follows(schedule: Schedule, before: I64, after: I64) -> Mask:
    """Whether links lead (N,) from tasks `before` to tasks `after`, over any number of links.

    Links of a summary hold for all rows below it. A link from start to finish orders nothing.
    """
    count = len(schedule.tasks)
    tails, heads = _arcs(schedule)
    part, order, nexts = _ordered(tails, heads, 2 * count)
    found = np.zeros(len(before), dtype=np.bool_)
    wanted = np.unique(after)
    for first in range(0, len(wanted), WIDTH):
        chunk = wanted[first : first + WIDTH]
        bit = {int(t): k for k, t in enumerate(chunk.tolist())}
        reach = _reach(part, order, nexts, {int(count + t): b for t, b in bit.items()})
        rows = np.flatnonzero(np.isin(after, chunk))
        for row in rows.tolist():
            start = int(part[int(before[row])])
            found[row] = bool(reach[start] >> bit[int(after[row])] & 1)
    return found


def _arcs(schedule: Schedule) -> tuple[I64, I64]:
    """Arcs between ends (row t) and starts (row T + t) of tasks; a summary spans its rows."""
    count = len(schedule.tasks)
    parents = {t.parent for t in schedule.tasks if t.parent >= 0}
    tails, heads = [], []
    for row, task in enumerate(schedule.tasks):
        if row not in parents:
            tails.append(count + row)
            heads.append(row)
        if task.parent >= 0:
            tails += [count + task.parent, row]
            heads += [count + row, task.parent]
    for link in schedule.links:
        if link.type is not LinkType.SF:
            tails.append(link.predecessor)
            heads.append(count + link.successor)
    return np.array(tails, dtype=np.int64), np.array(heads, dtype=np.int64)


def _ordered(tails: I64, heads: I64, nodes: int) -> tuple[I64, list[int], list[list[int]]]:
    """The part of each node, parts from last to first, and the parts after each part."""
    links = coo_array((np.ones(len(tails), np.int8), (tails, heads)), shape=(nodes, nodes))
    parts, part = connected_components(links, directed=True, connection="strong")
    nexts: list[list[int]] = [[] for _ in range(parts)]
    open_ = [0] * parts
    arcs = np.unique(np.stack([part[tails], part[heads]], axis=1), axis=0)
    before: list[list[int]] = [[] for _ in range(parts)]
    for a, b in arcs[arcs[:, 0] != arcs[:, 1]].tolist():
        nexts[a].append(b)
        before[b].append(a)
        open_[a] += 1
    ready = [p for p in range(parts) if not open_[p]]
    for p in ready:
        for q in before[p]:
            open_[q] -= 1
            if not open_[q]:
                ready.append(q)
    return part.astype(np.int64), ready, nexts


def _reach(part: I64, order: list[int], nexts: list[list[int]], bit: dict[int, int]) -> list[int]:
    """Bits of the targets that each part comes to; a node does not come to itself by nothing."""
    own = [0] * len(nexts)
    for node, place in bit.items():
        own[int(part[node])] |= 1 << place
    reach = [0] * len(nexts)
    for p in order:
        bits = own[p]
        for q in nexts[p]:
            bits |= reach[q]
        reach[p] = bits
    return reach


def reduced(before: I64, after: I64, count: int) -> Mask:
    """Which of the orders (N,) say something that no chain of others says.

    Orders that run in a circle are left out: they contradict each other.
    """
    keep = np.zeros(len(before), dtype=np.bool_)
    if not len(before):
        return keep
    links = coo_array((np.ones(len(before), np.int8), (before, after)), shape=(count, count))
    part = connected_components(links, directed=True, connection="strong")[1]
    rows = np.flatnonzero(part[before] != part[after])
    names, place = np.unique(np.concatenate([before[rows], after[rows]]), return_inverse=True)
    a, b = place[: len(rows)].tolist(), place[len(rows) :].tolist()
    nexts, order = _last_first(a, b, len(names))
    for first in range(0, len(names), WIDTH):
        beyond = _beyond(nexts, order, first)
        for row, u, v in zip(rows.tolist(), a, b, strict=True):
            if first <= v < first + WIDTH:
                keep[row] = not beyond[u] >> (v - first) & 1
    return keep


def _last_first(a: list[int], b: list[int], count: int) -> tuple[list[list[int]], list[int]]:
    """What comes after each node, and all nodes from last to first."""
    nexts: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    open_ = [0] * count
    for u, v in sorted(set(zip(a, b, strict=True))):
        nexts[u].append(v)
        before[v].append(u)
        open_[u] += 1
    order = [n for n in range(count) if not open_[n]]
    for n in order:
        for w in before[n]:
            open_[w] -= 1
            if not open_[w]:
                order.append(w)
    return nexts, order


def _beyond(nexts: list[list[int]], order: list[int], first: int) -> list[int]:
    """Bits of the nodes from `first` on that each node comes to in two steps or more."""
    reach, beyond = [0] * len(nexts), [0] * len(nexts)
    for u in order:
        own = 0
        for v in nexts[u]:
            beyond[u] |= reach[v]
            if first <= v < first + WIDTH:
                own |= 1 << (v - first)
        reach[u] = beyond[u] | own
    return beyond
