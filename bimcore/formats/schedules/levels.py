"""Which row of a table stands below which, told from levels, numbers or indents."""

import re
from collections.abc import Sequence

#: Ways of numbering, the outermost first, as Chinese documents nest them.
_STYLES = (
    re.compile(r"第?[一二三四五六七八九十百]+[、.章节篇]?"),
    re.compile(r"[(（][一二三四五六七八九十百]+[)）]、?"),
    re.compile(r"\d+[、.]?"),
    re.compile(r"[(（]\d+[)）]、?|\d+[)）]"),
    re.compile(r"[①-⑳]"),
)
_DOTTED = re.compile(r"[0-9A-Za-z]+(?:[.\-][0-9A-Za-z]+)*")


def by_levels(levels: Sequence[int]) -> list[int]:
    """Row above each row, by levels; a level may be skipped."""
    stack: list[tuple[int, int]] = []
    found = []
    for row, level in enumerate(levels):
        while stack and stack[-1][0] >= level:
            stack.pop()
        found.append(stack[-1][1] if stack else -1)
        stack.append((level, row))
    return found


def levels_of(
    stated: Sequence[str], wbs: Sequence[str], numbers: Sequence[str], names: Sequence[str]
) -> list[int]:
    """Level of each row by the best of what the table says; all 1 where it says nothing.

    Parameters
    ----------
    stated, wbs, numbers, names : sequence of str
        Columns of outline level, WBS and running number, and the untrimmed names; empty
        texts where there is no such column.

    """
    if sum(s.strip().isdecimal() for s in stated) > len(stated) / 2:
        return _carried([int(s) if s.strip().isdecimal() else None for s in stated])
    for column in (wbs, numbers):
        if _is_outline(column):
            return _carried([_depth(c) if c else None for c in column])
    styles = [_style(n) for n in numbers]
    used = sorted({s for s in styles if s is not None})
    if len(used) > 1 and used[0] < 2:
        return _carried([None if s is None else used.index(s) + 1 for s in styles])
    indents = [_indent(name) for name in names]
    if len(set(indents)) > 1:
        known = sorted(set(indents))
        return [known.index(i) + 1 for i in indents]
    return [1] * len(names)


def _is_outline(column: Sequence[str]) -> bool:
    """Whether a column holds numbers such as 1, 1.1, 1.2 in which parents occur."""
    texts = {c for c in column if c}
    if not texts or not all(_DOTTED.fullmatch(t) for t in texts):
        return False
    nested = [t for t in texts if "." in t]
    return bool(nested) and any(t.rpartition(".")[0] in texts for t in nested)


def _depth(text: str) -> int:
    return text.strip(".").count(".") + 1


def _carried(levels: Sequence[int | None]) -> list[int]:
    """Levels with those of rows that say none taken from the row before."""
    told, last = [], 1
    for level in levels:
        last = level if level is not None else last
        told.append(last)
    return told


def _style(text: str) -> int | None:
    return next((k for k, style in enumerate(_STYLES) if style.fullmatch(text.strip())), None)


def _indent(name: str) -> int:
    """Width of the blanks before a name; a Chinese blank is two."""
    blanks = name[: len(name) - len(name.lstrip(" \u3000\t\u00a0"))]
    return sum(2 if c == "\u3000" else 4 if c == "\t" else 1 for c in blanks)
