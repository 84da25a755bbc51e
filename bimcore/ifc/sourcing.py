"""What is meshed: the text of a file in other words, who is cut by what, who is left out."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import ifcopenshell

from bimcore.checks import codes
from bimcore.findings import Finding
from bimcore.ifc.access import Reader
from bimcore.ifc.cutting import Workshop
from bimcore.ifc.meshing import Meshed, Source
from bimcore.ifc.parts import doubtful, products_of
from bimcore.ifc.placement import Units
from bimcore.ifc.radii import Radii
from bimcore.ifc.reader import Tables
from bimcore.ifc.relations import Links
from bimcore.ifc.reworded import reword
from bimcore.ifc.rewording_outlines import Curves
from bimcore.ifc.solidity import Solidity

_STAMPS = re.compile(r"^(?:\[[^\]]*\]\s*)+")
#: Wholes of wholes that are worth following.
_LEVELS = 20


class Refused(Exception):
    """The file cannot be used; the finding says why."""

    def __init__(self, finding: Finding, others: Sequence[Finding] = ()) -> None:
        super().__init__(finding.code.code)
        self.findings = (finding, *others)


def opened(path: Path) -> Any:
    """The file at `path`.

    Raises
    ------
    Refused
        Where it cannot be read.

    """
    try:
        return ifcopenshell.open(str(path))
    except (RuntimeError, OSError, ValueError, KeyError, TypeError) as err:
        raise _unreadable(str(err)) from err
    except ifcopenshell.Error as err:
        raise _unreadable(_logged() or str(err)) from err


def _unreadable(why: str) -> Refused:
    """What the reading library says, in its own words."""
    detail = why[:200]
    zh = f"读取程序报告“{detail}”"
    return Refused(Finding.of(codes.SYNTAX, detail=detail, detail_zh=zh))


def _logged() -> str:
    """The first thing the library complained of, without its date: its error only names the log."""
    log = str(ifcopenshell.get_log())  # type: ignore[no-untyped-call]
    lines = log.splitlines()
    return _STAMPS.sub("", lines[0])[:200].strip() if lines else ""


class Spoken:
    """The STEP text that is meshed: with other words for what kernels misread."""

    def __init__(self, data: bytes, file: Any, reader: Reader, path: Path, free: int) -> None:
        draft = reword(file, reader, free=free)
        self.data, self.moved = draft.spoken(data), draft.moved
        self._off: dict[int, float] = {}
        fine: set[int] = set()
        for solid, off in draft.smoothed.items():
            products = products_of(file, reader, file.by_id(solid))
            self._off |= {p: max(off, self._off.get(p, 0.0)) for p in products}
            fine |= products if solid in draft.fine else set()
        self.shop = Workshop(
            Curves(file, reader, Units(file, reader), draft),
            lambda: draft.spoken(data, finely=True) if draft.fine else self.data,
            free=draft.free,
            fine=fine,
        )
        self.lacking: set[int] = set()
        for solid in draft.lacking:
            self.lacking |= products_of(file, reader, file.by_id(solid))
        self._path = path
        self._file = file if self.data is data else None

    def smoothed(self, made: Meshed, links: Links) -> tuple[set[int], float]:
        """Products with an outline as coarse as the kernel makes them, and by how much (metres)."""
        hosts = {n: links.host_of[n].id() if n in links.host_of else n for n in self._off}
        told = {n: h for n, h in hosts.items() if h not in made.recut}
        return set(told.values()), round(max((self._off[n] for n in told), default=0.0), 3)

    def product(self, number: int) -> Any:
        """A product as the text has it; the file is opened when one is asked for."""
        if self._file is None:
            self._path.write_bytes(self.data)
            self._file = opened(self._path)
        return self._file.by_id(number)


def source_of(
    file: Any, links: Links, tables: Tables, spoken: Spoken, *, barred: frozenset[int]
) -> Source:
    """All that the kernels are told of a file; `barred` products must not reach them."""
    reader = links.reader
    cuts: dict[int, list[int]] = defaultdict(list)
    for opening, host in links.host_of.items():
        cuts[host.id()].append(opening)
    openings = {host: len(holes) for host, holes in cuts.items()}
    _inherit_cuts(cuts, links, tables)
    return Source(
        data=spoken.data,
        reader=reader,
        products={p.id(): p for p in tables.products},
        spoken=spoken.product,
        shop=spoken.shop,
        moved=spoken.moved,
        finer=Radii(file, reader).products(),
        doubtful=doubtful(file, reader, Solidity(reader).whole),
        represented=tables.represented - barred,
        openings=openings,
        cuts=cuts,
        unit_m=Units(file, reader).length_m,
    )


def _inherit_cuts(cuts: dict[int, list[int]], links: Links, tables: Tables) -> None:
    """Let the openings of a whole cut its parts, too."""
    if not cuts:
        return
    own = {host: list(holes) for host, holes in cuts.items()}
    for number in tables.represented:
        for whole in islice(_wholes(links, number), _LEVELS):
            cuts[number] += own.get(whole, [])
    for host in [h for h, holes in cuts.items() if not holes]:
        del cuts[host]


def _wholes(links: Links, number: int) -> Iterator[int]:
    while number in links.whole_of:
        number = links.whole_of[number].id()
        yield number
