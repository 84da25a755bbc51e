"""Which rows of a table its predecessors and successors mean."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bimcore.formats.schedules.amounts import Reference, Scale, reference_of, tokens
from bimcore.formats.schedules.codes import BAD_LINK, REPEATED_ID
from bimcore.formats.schedules.grids import text_of
from bimcore.formats.schedules.headers import cell, shown
from bimcore.formats.schedules.ids import Ids
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.table_fields import Sheet, unit_of_header
from bimcore.schedule import Link

_LONGEST = 200
_COMMA = re.compile(r"\s*\d+,\d")
#: Numbers before names, as in ``1.2 外墙`` and ``二、主体``; predecessors leave them out or keep them alone.
_NUMBERED = re.compile(r"^(?:\d+(?:\.\d+)*[、.)）\s]\s*|[一二三四五六七八九十]+、\s*)")
_DOTTED = re.compile(r"^\d+(?:\.\d+)+(?=[\s、])")


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of the tasks of a sheet.

    Attributes
    ----------
    ids : list of str
        Id of each task.
    names : Names
        Tasks that a text in a predecessor column may mean.
    repeated : tuple of (int, str)
        Tasks whose id stands more than once in the sheet.

    """

    ids: list[str]
    names: "Names"
    repeated: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, table: Sheet, parents: Sequence[int]) -> "Keys":
        """The names that fit best what the sheet itself refers to."""
        columns = [
            [text_of(cell(table.grid, row, column)) for row in table.rows]
            for column in table.header.keys
        ]
        counted = [
            [str(k + 1) for k in range(len(table.rows))],
            [str(row - table.header.first + 1) for row in table.rows],  # those left out as well
        ]
        names = [table.text(row, "name") for row in table.rows]
        commas = _has_decimal_commas(table)
        said = [
            (number, token)
            for number, row in enumerate(table.rows)
            for token in tokens(table.text(row, "predecessors"), commas=commas)
        ]
        said += [
            (~number, token)
            for number, row in enumerate(table.rows)
            for token in tokens(table.text(row, "successors"), commas=commas)
        ]
        sections = _sections(table, names)
        choices = [Names(_by_text(c), parents, sections) for c in (*columns, *counted)]
        rows = max(choices, key=lambda known: _understood(said, known)).rows
        bare = [_NUMBERED.sub("", name) for name in names]
        numbers = [m[0].strip() if (m := _DOTTED.match(name)) else "" for name in names]
        for texts in (names, bare, numbers):
            for text, found in _by_text(texts).items():
                rows.setdefault(text, found)
        ids, repeated = _ids(columns, names)
        return cls(ids, Names(rows, parents, sections), repeated)


def _has_decimal_commas(table: Sheet) -> bool:
    """Whether the durations of a sheet are written like ``40,0``."""
    return any(_COMMA.match(table.text(row, "duration")) for row in table.rows)


def _by_text(column: Sequence[str]) -> dict[str, list[int]]:
    told: dict[str, list[int]] = {}
    for row, text in enumerate(column):
        if text:
            told.setdefault(text, []).append(row)
    return told


def _understood(said: Sequence[tuple[int, str]], known: "Names") -> int:
    """How well references fit: those to rows above count twice, to the row itself not at all.

    Rows of successors are given as their complement.
    """
    count = 0
    for number, token in said:
        try:
            reference = reference_of(token[:_LONGEST], known.rows.__contains__, scale=Scale())
        except ValueError:
            continue
        row = max(number, ~number)
        if reference.id not in known.rows:
            continue
        meant = known.near(reference.id, row, after=number < 0)
        if len(meant) == 1 and meant[0] != row:
            count += 2 if (meant[0] < row) == (number >= 0) else 1
    return count


def _sections(table: Sheet, names: Sequence[str]) -> list[str]:
    """What tells rows of one name apart: the first column whose texts do so; else nothing."""
    if len(set(names)) == len(names):
        return []
    for column in sorted(table.header.others):
        texts = [text_of(shown(table.grid, row, column)) for row in table.rows]
        pairs = set(zip(texts, names, strict=True))
        if all(texts) and len(set(texts)) > 1 and len(pairs) == len(names):
            return texts
    return []


def _ids(
    columns: Sequence[Sequence[str]], names: Sequence[str]
) -> tuple[list[str], tuple[tuple[int, str], ...]]:
    """Ids from the first column that tells every row apart, else mended or from the names."""
    for column in columns:
        if all(column) and len(set(column)) == len(column):
            return list(column), ()
    for column in columns:
        if len(set(filter(None, column))) >= 0.9 * len(column):
            told = _apart(column)
            pairs = [
                (k, c) for k, (c, t) in enumerate(zip(column, told, strict=True)) if c and c != t
            ]
            return told, tuple(pairs)
    return _apart(names), ()


def _apart(texts: Sequence[str]) -> list[str]:
    """The same texts with a number on those that come again or are empty."""
    ids = Ids()
    return [ids.give(text or f"#{row + 1}") for row, text in enumerate(texts)]


def linked(table: Sheet, keys: Keys, *, scale: Scale, remarks: Remarks) -> Iterator[Link]:
    """Links of a sheet; those that are not understood are noted."""
    for number, text in keys.repeated:
        remarks.note(
            REPEATED_ID,
            place=table.grid.row_place(table.rows[number]),
            alike="repeated",
            value=text,
            given=keys.ids[number],
        )
    seen: set[Link] = set()
    names = keys.names
    commas = _has_decimal_commas(table)
    read = partial(reference_of, scale=scale, unit=_unit(table))
    for number, row in enumerate(table.rows):
        for field in ("predecessors", "successors"):
            for token in tokens(table.text(row, field), commas=commas):
                if token.strip(" -—/") == "" or token in ("无", "none", "None"):
                    continue
                after = field == "successors"
                found = _found(token, names, number, read, after=after)
                if isinstance(found, tuple):
                    remarks.note(
                        BAD_LINK,
                        place=table.place(row, field),
                        alike=found[1],
                        value=token,
                        why_zh=found[0],
                        why_en=found[1],
                    )
                    continue
                reference, other = found.reference, found.row
                ends = (other, number) if field == "predecessors" else (number, other)
                link = Link(
                    predecessor=ends[0], successor=ends[1], type=reference.type, lag=reference.lag
                )
                # Predecessors and successors of one table say the same links twice.
                if link not in seen:
                    seen.add(link)
                    yield link


def _unit(table: Sheet) -> str:
    """Unit of lags that name none: that of the durations."""
    column = table.header.columns.get("duration")
    return "day" if column is None else unit_of_header(table.header.titles[column])


class Names:
    """Rows by the texts that mean them; of several, those nearest to who refers to them.

    `parents` is the row above each; `sections` what else tells rows of one name apart, such
    as the storey in a column of its own; empty where nothing does.
    """

    def __init__(
        self, rows: dict[str, list[int]], parents: Sequence[int], sections: Sequence[str] = ()
    ) -> None:
        self.rows, self._parents, self._sections = rows, parents, sections
        self._by_parent: dict[str, dict[int, list[int]]] = {}

    def near(self, text: str, number: int, *, after: bool = False) -> list[int]:
        """Rows that `text` may mean in the row of `number`, as what it waits for.

        With `after` as what waits for it. People refer to what stands above: the columns of
        the second storey wait for the slab of the first, not for their own.
        """
        rows = self.rows[text]
        if len(rows) == 1:
            return rows
        group = self._on_level(text, number)
        if self._sections and len(group) != 1:
            group = [r for r in rows if self._sections[r] == self._sections[number]] or rows
        elif len(group) != 1:
            return group
        ahead = [r for r in group if r != number and (r > number) == after]
        ahead = ahead or [r for r in rows if r != number and (r > number) == after]
        if ahead:
            return [min(ahead) if after else max(ahead)]
        return [r for r in group if r != number] or group

    def _on_level(self, text: str, number: int) -> list[int]:
        rows = self.rows[text]
        if text not in self._by_parent:
            groups = self._by_parent.setdefault(text, {})
            for row in rows:
                groups.setdefault(self._parents[row], []).append(row)
        return self._by_parent[text].get(self._parents[number], [])


@dataclass(frozen=True, slots=True)
class _Meant:
    reference: Reference
    row: int


def _found(
    token: str,
    names: Names,
    number: int,
    read: Callable[[str, Callable[[str], bool]], Reference],
    *,
    after: bool,
) -> _Meant | tuple[str, str]:
    """The task a reference means, or why it means none."""
    if len(token) > _LONGEST:
        return "文字过长", "it is too long"
    try:
        reference = read(token, names.rows.__contains__)
    except ValueError:
        return "延隔时间无法理解", "its lag cannot be understood"
    if reference.id not in names.rows:
        return "没有这个任务", "there is no such task"
    rows = names.near(reference.id, number, after=after)
    if len(rows) != 1:
        return "有几个任务用同一标识", "several tasks have that id"
    if rows[0] == number:
        return "任务指向自己", "the task refers to itself"
    return _Meant(reference, rows[0])
