"""Text files of unknown encoding, decoded without loss or with the loss told."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
#: Bytes of GB18030, pair by pair; the first group is what nearly all Chinese is written with.
_PAIRS = re.compile(
    rb"([\xb0-\xd7][\xa1-\xfe]|[\xa1-\xa3][\xa1-\xfe])|[\x81-\xfe][\x40-\xfe]|[\x80-\xff]"
)
_RUNS = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a file.

    Attributes
    ----------
    text : str
    encoding : str
        What it was read as.
    declared : str
        What the file says; empty when it says nothing.
    lost : int
        Characters that had to be replaced.

    """

    text: str
    encoding: str
    declared: str = ""
    lost: int = 0

    @property
    def surprising(self) -> bool:
        """Whether it was read otherwise than declared, or with loss."""
        if self.lost:
            return True
        return bool(self.declared) and _same(self.declared) != _same(self.encoding)


def decoded(data: bytes) -> Decoded:
    """The text of `data`: by its byte order mark, its XML declaration, then what fits."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _surely(data, encoding)
    wide = _wide(data[:256])
    if wide:
        return _surely(data, wide)
    said = _DECLARED.search(data[:256])
    declared = said[1].decode("ascii") if said else ""
    for encoding in (*([declared] if _known(declared) else []), "utf-8"):
        try:
            return Decoded(data.decode(encoding), encoding, declared)
        except UnicodeError:
            continue
    return _guessed(data, declared)


def _guessed(data: bytes, declared: str) -> Decoded:
    """The text of bytes that are no clean UTF-8."""
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if 20 * lost < sum(c > "\x7f" for c in text):
        return Decoded(text, "utf-8", declared, lost)
    encoding = "gb18030" if _is_chinese(data) else "cp1252"
    text = data.decode(encoding, "replace")
    return Decoded(text, encoding, declared, text.count("\ufffd"))


def _is_chinese(data: bytes) -> bool:
    """Whether bytes that are no UTF-8 are GB18030 (with GBK and GB2312), not a Western code page.

    Either decodes as the other. Chinese keeps to some four thousand characters, and stands
    seldom between two Latin letters; an umlaut nearly always does.
    """
    usual, total = 0, 0
    for found in _PAIRS.finditer(data):
        total += len(found[0])
        usual += len(found[1] or b"")
    runs, inside = 0, 0
    for found in _RUNS.finditer(data):
        first, last = found.span()
        runs += 1
        letters = data[first - 1 : first].isalpha() and data[last : last + 1].isalpha()
        inside += letters and last - first <= 3
    return 2 * usual > total and 2 * inside <= runs


def decoded_file(path: Path) -> Decoded:
    """As :func:`decoded` for the file at `path`."""
    return decoded(path.read_bytes())


def _surely(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text, encoding, encoding, text.count("\ufffd"))


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    even, odd = head[0::2], head[1::2]
    if len(odd) < 4:
        return ""
    if odd.count(0) > len(odd) * 0.4 and even.count(0) == 0:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) == 0:
        return "utf-16-be"
    return ""


def _known(encoding: str) -> bool:
    """Whether `encoding` is one for text; Python's ``zlib`` or ``idna`` codecs are not."""
    plain = re.sub(r"[^a-z0-9]", "", encoding.lower())
    if not re.match(
        r"utf|gb|big5|hz|iso8859|windows|cp\d|ascii|usascii|latin|shiftjis|euc|koi8", plain
    ):
        return False
    if plain.startswith("utf7"):
        return False
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _same(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return encoding.lower()
    # A file in GB2312 or ASCII is one in GB18030 or UTF-8 as well.
    near = {"gb2312": "gb18030", "gbk": "gb18030", "ascii": "utf-8", "utf-8-sig": "utf-8"}
    return near.get(name, name)
