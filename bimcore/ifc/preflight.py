"""A look at the instance graph of a STEP file before any native code reads it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, Mask

#: Real files nest geometry up to 59 levels and expand to 2e5 leaves.
MAX_DEPTH = 1000
MAX_EXPANSION = 1e8
#: Texts and comments are stepped over: a file name may well hold the word DATA.
#: None of this is tried twice: a text of comments alone would take for ever.
_REMARK = rb"/\*(?>.*?(?:\*/|\Z))"
_BLANK = rb"(?:\s++|%b)*+" % _REMARK
_SCHEMA = re.compile(
    rb"'[^']*'|%b|FILE_SCHEMA%b\(%b\(%b'([^']*)'" % (_REMARK, _BLANK, _BLANK, _BLANK),
    re.IGNORECASE | re.DOTALL,
)
_DATA = re.compile(rb"'[^']*'|%b|\b(DATA)\b" % _REMARK, re.DOTALL)
_COMMENT = re.compile(rb"'(?:[^']|'')*'|/\*.*?(?:\*/|\Z)", re.DOTALL)
#: A point or direction one of whose coordinates is no number.
_SENSELESS = re.compile(
    rb"#(\d{1,18})\s*=\s*IFC(?:CARTESIANPOINT|DIRECTION)\s*\(\s*\((?![0-9+\-.eE,\s]*\))",
    re.IGNORECASE,
)
#: No reason against a text.
SOUND = "", ""
OPEN_COMMENT = "有注释没有结束（缺少 */）", "a comment is not closed by */"
_NAME_LENGTH = 64
_HASH = np.uint64(1099511628211)


def schema_identifier(data: bytes) -> str:
    """Schema named in the header; empty when it names none."""
    header = data[: _data_at(data) or None][:1_000_000]
    found = next((m for m in _SCHEMA.finditer(header) if m[1] is not None), None)
    return "" if found is None else found[1].decode("ascii", "replace").strip()


def _data_at(data: bytes) -> int:
    """Where the first DATA section begins; 0 where there is none."""
    return next((m.start() for m in _DATA.finditer(data) if m[1]), 0)


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """The instances of a STEP file and whom they refer to.

    Attributes
    ----------
    number : (N,) int64
        Instance numbers in file order.
    kind : (N,) int32
        Index into `kinds`.
    kinds : tuple of str
        Entity names in capitals.
    source, target : (R,) int64
        References as places in `number`; `target` is -1 where the instance is missing.
    missing : (D,) int64
        Instance numbers referred to that do not exist.
    repeated : (P,) int64
        Instance numbers used more than once.
    senseless : tuple of int
        Points and directions that hold something else than numbers; readers take zero or less
        coordinates for them without a word.
    broken : (str, str)
        Why the text cannot be STEP (an open string or comment, parentheses), in Chinese and in
        English; empty when it can.

    """

    number: I64
    kind: I32
    kinds: tuple[str, ...]
    source: I64
    target: I64
    missing: I64
    repeated: I64
    senseless: tuple[int, ...] = ()
    broken: tuple[str, str] = SOUND


def scan(data: bytes) -> Instances:
    """Read instance numbers, entity names and references; strings and comments are skipped."""
    rest = False
    if b"/*" in data:
        data, rest = _without_comments(data)
    start = _data_at(data)
    text = np.frombuffer(data, dtype=np.uint8)[start:]
    # a few bytes of padding so that looking ahead never leaves the array
    text = np.concatenate([text, np.full(_NAME_LENGTH + 32, ord(";"), dtype=np.uint8)])
    outside = np.bitwise_xor.accumulate((text == ord("'")).view(np.uint8)) == 0
    hashes = np.flatnonzero((text == ord("#")) & outside)
    value, end = _integers(text, hashes + 1)
    defines = text[_skip_blanks(text, end)] == ord("=")
    number, at = value[defines], end[defines]
    kind, kinds = _names(text, _skip_blanks(text, _skip_blanks(text, at) + 1))
    refers = ~defines
    source = np.cumsum(defines)[refers] - 1
    order = np.argsort(number, kind="stable")
    ordered = number[order]
    wanted = value[refers]
    keep = source >= 0
    source, wanted = source[keep], wanted[keep]
    place = np.minimum(np.searchsorted(ordered, wanted), max(0, len(ordered) - 1))
    known = ordered[place] == wanted if len(ordered) else np.zeros(len(wanted), dtype=bool)
    target = np.where(known, order[place] if len(order) else -1, -1)
    return Instances(
        number=number,
        kind=kind,
        kinds=kinds,
        source=source,
        target=target,
        missing=np.unique(wanted[~known]),
        repeated=np.unique(ordered[1:][ordered[1:] == ordered[:-1]]),
        senseless=tuple(int(m[1]) for m in _SENSELESS.finditer(data)),
        broken=OPEN_COMMENT if rest else _broken(text, outside),
    )


#: Deepest list within a list: rational B-spline surfaces have 3.
_MAX_PARENTHESES = 200


def _broken(text: U8, outside: Mask) -> tuple[str, str]:
    if not outside[-1]:
        return "有字符串没有结束（缺少单引号）", "a text is not closed by an apostrophe"
    marks = text[((text == ord("(")) | (text == ord(")"))) & outside]
    level = np.cumsum(np.where(marks == ord("("), 1, -1))
    if len(level) and (level[-1] != 0 or level.min() < 0):
        return "括号不成对", "parentheses do not match"
    if len(level) and level.max() > _MAX_PARENTHESES:
        deep = int(level.max())
        return f"列表嵌套 {deep} 层", f"lists are nested {deep} deep"
    return SOUND


def _without_comments(data: bytes) -> tuple[bytes, bool]:
    """The text with blanks for comments, and whether the last one swallowed all the rest."""
    rest = False

    def blank(match: re.Match[bytes]) -> bytes:
        nonlocal rest
        text = match.group()
        if text.startswith(b"'"):
            return text
        rest |= len(text) < len(b"/**/") or not text.endswith(b"*/")
        return b" " * len(text)

    return _COMMENT.sub(blank, data), rest


def _integers(text: U8, at: I64) -> tuple[I64, I64]:
    """Decimal numbers that begin at `at`, and where each ends; at most 18 digits are read."""
    value = np.zeros(len(at), dtype=np.int64)
    end = at.copy()
    active = np.arange(len(at))
    for _ in range(18):
        digit = text[end[active]].astype(np.int64) - ord("0")
        active = active[(digit >= 0) & (digit <= 9)]
        if not len(active):
            break
        value[active] = value[active] * 10 + text[end[active]] - ord("0")
        end[active] += 1
    return value, end


def _skip_blanks(text: U8, at: I64) -> I64:
    """The first place from each of `at` that holds no blank; gives up after 64."""
    at = at.copy()
    active = np.arange(len(at))
    for _ in range(_NAME_LENGTH // 2):
        active = active[text[at[active]] <= ord(" ")]
        if not len(active):
            break
        at[active] += 1
    return at


def _names(text: U8, at: I64) -> tuple[I32, tuple[str, ...]]:
    """Entity names that begin at `at`, as codes and words."""
    code = np.zeros(len(at), dtype=np.uint64)
    length = np.zeros(len(at), dtype=np.int64)
    active = np.arange(len(at))
    for _ in range(_NAME_LENGTH):
        letter = text[at[active] + length[active]]
        word = ((letter >= ord("A")) & (letter <= ord("Z"))) | (
            (letter >= ord("a")) & (letter <= ord("z"))
        )
        word |= ((letter >= ord("0")) & (letter <= ord("9"))) | (letter == ord("_"))
        active, letter = active[word], letter[word]
        if not len(active):
            break
        code[active] = (code[active] ^ (letter & 0xDF).astype(np.uint64)) * _HASH
        length[active] += 1
    _, first, kind = np.unique(code, return_index=True, return_inverse=True)
    words = tuple(
        text[at[i] : at[i] + length[i]].tobytes().decode("ascii", "replace").upper() for i in first
    )
    return kind.astype(np.int32), words


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """How the geometry of each instance is built up.

    Attributes
    ----------
    depth : (N,) int64
        Levels below the instance; -1 where it leads into a circle, and for other instances.
    leaves : (N,) float64
        Instances it expands to, counting repeats.
    circular : (N,) bool
        Whether it is part of a circle or leads into one.

    """

    depth: I64
    leaves: F64
    circular: Mask


def shape_of(instances: Instances, is_geometry: Callable[[str], bool]) -> Shape:
    """Depth, expansion and circles among the instances whose entity `is_geometry`.

    Legal circles exist elsewhere (space boundaries refer to one another), so only placements,
    representations, profiles and their parts are followed.
    """
    wanted = np.array([is_geometry(k) for k in instances.kinds], dtype=bool)
    inside = wanted[instances.kind] if len(wanted) else np.zeros(0, dtype=bool)
    count = len(instances.number)
    keep = (instances.target >= 0) & inside[instances.source]
    keep[keep] &= inside[instances.target[keep]]
    parent, child = instances.source[keep], instances.target[keep]
    order = np.argsort(child, kind="stable")
    parents = parent[order]
    start = np.searchsorted(child[order], np.arange(count + 1))
    waiting = np.bincount(parent, minlength=count)
    depth = np.where(inside, 0, -1)
    leaves = np.ones(count)
    ready = np.flatnonzero(inside & (waiting == 0))
    while len(ready):
        if len(ready) < _FEW:
            ready = _one_by_one(ready, (start, parents, waiting, depth, leaves))
            continue
        length = start[ready + 1] - start[ready]
        shift = np.cumsum(length) - length
        rows = np.arange(length.sum()) + np.repeat(start[ready] - shift, length)
        above = parents[rows]
        np.maximum.at(depth, above, np.repeat(depth[ready] + 1, length))
        np.add.at(leaves, above, np.repeat(leaves[ready], length))
        np.subtract.at(waiting, above, 1)
        ready = np.unique(above[waiting[above] == 0])
    circular = inside & (waiting > 0)
    return Shape(np.where(circular, -1, depth), np.minimum(leaves, 1e300), circular)


#: Below this many, plain integers are quicker than arrays.
_FEW = 32


def _one_by_one(ready: I64, graph: tuple[I64, I64, I64, I64, F64]) -> I64:
    """Work off a short queue until it grows long or ends; what is then ready."""
    start, parents, waiting, depth, leaves = graph
    queue = ready.tolist()
    while queue and len(queue) < 4 * _FEW:
        node = queue.pop()
        level, amount = int(depth[node]) + 1, float(leaves[node])
        for above in parents[start[node] : start[node + 1]].tolist():
            depth[above] = max(int(depth[above]), level)
            leaves[above] = min(leaves[above] + amount, 1e300)
            waiting[above] -= 1
            if waiting[above] == 0:
                queue.append(above)
    return np.array(queue, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """Instance numbers of products that must not reach a kernel, by reason."""

    circular: tuple[int, ...] = ()
    deep: tuple[int, ...] = ()
    expanding: tuple[int, ...] = ()
    deepest: int = 0
    circle: tuple[int, ...] = ()

    def all(self) -> frozenset[int]:
        """Every suspect."""
        return frozenset((*self.circular, *self.deep, *self.expanding))


def suspects(instances: Instances, shape: Shape, is_product: Callable[[str], bool]) -> Suspects:
    """Products whose placement or representation is circular, too deep or too large."""
    wanted = np.array([is_product(k) for k in instances.kinds], dtype=bool)
    if not wanted.any():
        return Suspects()
    mine = (instances.target >= 0) & wanted[instances.kind[instances.source]]
    owner, part = instances.source[mine], instances.target[mine]

    def owners(bad: Mask) -> tuple[int, ...]:
        return tuple(np.unique(instances.number[owner[bad[part]]]).tolist())

    deep = ~shape.circular & (shape.depth > MAX_DEPTH)
    large = ~shape.circular & ~deep & (shape.leaves > MAX_EXPANSION)
    return Suspects(
        circular=owners(shape.circular),
        deep=owners(deep),
        expanding=owners(large),
        deepest=int(shape.depth.max(initial=0)),
        circle=tuple(instances.number[np.flatnonzero(shape.circular)[:5]].tolist()),
    )
