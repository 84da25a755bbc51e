"""Which rows of a table its predecessors and successors mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bimcore.formats.schedules.amounts import Reference, Scale, reference_of, tokens
from bimcore.formats.schedules.codes import BAD_LINK, REPEATED_ID
from bimcore.formats.schedules.grids import text_of
from bimcore.formats.schedules.headers import cell
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.table_fields import Sheet
from bimcore.schedule import Link

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of the tasks of a sheet.

    Attributes
    ----------
    ids : list of str
        Id of each task.
    rows : mapping
        Tasks that a text in a predecessor column may mean.
    repeated : tuple of (int, str)
        Tasks whose id stands more than once in the sheet.

    """

    ids: list[str]
    rows: Mapping[str, list[int]]
    repeated: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, table: Sheet) -> "Keys":
        """The names that fit best what the sheet itself refers to."""
        columns = [
            [text_of(cell(table.grid, row, column)) for row in table.rows]
            for column in table.header.keys
        ]
        ordinal = [str(k + 1) for k in range(len(table.rows))]
        names = [table.text(row, "name") for row in table.rows]
        said = [
            token
            for row in table.rows
            for field in ("predecessors", "successors")
            for token in tokens(table.text(row, field))
        ]
        choices = [_by_text(c) for c in (*columns, ordinal)]
        rows = max(choices, key=lambda known: _understood(said, known))
        for name, found in _by_text(names).items():
            rows.setdefault(name, found)
        ids, repeated = _ids(columns, names)
        return cls(ids, rows, repeated)


def _by_text(column: Sequence[str]) -> dict[str, list[int]]:
    told: dict[str, list[int]] = {}
    for row, text in enumerate(column):
        if text:
            told.setdefault(text, []).append(row)
    return told


def _understood(said: Sequence[str], known: Mapping[str, list[int]]) -> int:
    count = 0
    for token in said:
        try:
            reference = reference_of(token[:_LONGEST], known.__contains__, scale=Scale())
        except ValueError:
            continue
        count += len(known.get(reference.id, ())) == 1
    return count


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
    seen: set[str] = set()
    told = []
    for row, text in enumerate(texts):
        known, count = text or f"#{row + 1}", 1
        while known in seen:
            count += 1
            known = f"{text}#{count}"
        seen.add(known)
        told.append(known)
    return told


def linked(
    table: Sheet, keys: Keys, *, parents: Sequence[int], scale: Scale, remarks: Remarks
) -> Iterator[Link]:
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
    for number, row in enumerate(table.rows):
        for field in ("predecessors", "successors"):
            for token in tokens(table.text(row, field)):
                if token.strip(" -—/") == "" or token in ("无", "none", "None"):
                    continue
                found = _found(token, keys, number, parents, scale)
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


@dataclass(frozen=True, slots=True)
class _Meant:
    reference: Reference
    row: int


def _found(
    token: str, keys: Keys, number: int, parents: Sequence[int], scale: Scale
) -> _Meant | tuple[str, str]:
    """The task a reference means, or why it means none."""
    if len(token) > _LONGEST:
        return "文字过长", "it is too long"
    try:
        reference = reference_of(token, keys.rows.__contains__, scale=scale)
    except ValueError:
        return "延隔时间无法理解", "its lag cannot be understood"
    rows = keys.rows.get(reference.id, [])
    if len(rows) > 1:
        rows = [r for r in rows if parents[r] == parents[number]]
        if len(rows) != 1:
            return "有几个任务用同一标识", "several tasks have that id"
    if not rows:
        return "没有这个任务", "there is no such task"
    if rows[0] == number:
        return "任务指向自己", "the task refers to itself"
    return _Meant(reference, rows[0])
