"""Where in a file something stands, in English and in Chinese."""

import re

_RULES = (
    (re.compile(r"row (\d+), column (\d+) \(([A-Z]+)\)$"), r"第 \1 行第 \2 列（\3）"),
    (re.compile(r"(^| )row (\d+)$"), r"\1第 \2 行"),
    (re.compile(r" ?\(line (\d+)\)"), r"（第 \1 行）"),
    (re.compile(r"^line (\d+) \((.*)\)$"), r"第 \1 行（\2）"),
    (re.compile(r"(^|, )line (\d+)$"), lambda m: f"{'，' if m[1] else ''}第 {m[2]} 行"),
)


def at_line(number: int, what: str = "") -> str:
    """English words for a line of a text file, with what stands there."""
    return f"{what} (line {number})" if what else f"line {number}"


def in_chinese(place: str) -> str:
    """A place as the readers name it in English, in Chinese."""
    for pattern, words in _RULES:
        place = pattern.sub(words, place)
    return place
