"""STEP files in the alphabet of their standard, whatever alphabet their author wrote."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bimcore.formats.schedules.text import decoded

_MAGIC = b"ISO-10303-21"
#: How far into a file its first words may stand; an upload is accepted by the same measure.
_HEAD = 1024
#: Texts of the file with a byte that ISO 10303-21 does not allow.
_FOREIGN = re.compile(rb"'[^'\r\n]*[\x80-\xff][^'\r\n]*'")
#: A character of GB18030 may hold bytes of the plain alphabet, even the backslash.
_CHARACTERS = {
    "gb18030": re.compile(
        rb"(?:[\x81-\xfe](?:[\x40-\x7e\x80-\xfe]|[\x30-\x39][\x81-\xfe][\x30-\x39])|[\x80-\xff])+"
    )
}
_BYTES = re.compile(rb"[\x80-\xff]+")
_NARROW = re.compile("[\u0080-\uffff]+")
#: What may follow a backslash (ISO 10303-21, 6.4.3); readers stop at any other.
_DIRECTIVE = (
    rb"\\(?:\\|S\\[ -&(-~]|P[A-I]\\|X\\[0-9A-Fa-f]{2}|X2\\(?:[0-9A-Fa-f]{4})+\\X0\\"
    rb"|X4\\(?:[0-9A-Fa-f]{8})+\\X0\\|[NF]\\)"
)
#: All up to the next backslash that begins no directive.
_SOUND = re.compile(rb"(?:[^\\]++|%b)*+" % _DIRECTIVE)
_WIDE = re.compile("[\U00010000-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class Spelled:
    """The bytes of a STEP file that holds nothing but its standard's alphabet.

    Attributes
    ----------
    data : bytes
        The same object as was given where nothing had to be rewritten.
    encoding : str
        What foreign bytes were read as; empty when there were none.
    count : int
        Texts that held such bytes.
    strays : int
        Backslashes that began no directive of the standard.

    """

    data: bytes
    encoding: str = ""
    count: int = 0
    strays: int = 0


def spelled(data: bytes) -> Spelled:
    r"""Cut what stands before ``ISO-10303-21`` and write foreign characters as ``\X2\...\X0\``.

    Readers drop bytes over 126 silently. Many authoring tools write them all the same, as UTF-8,
    GB18030 or Windows-1252: which of them is judged over all texts of the file.
    """
    start = data.find(_MAGIC, 0, _HEAD)
    if start > 0:
        data = data[start:]
    if data.isascii():
        return _mended(Spelled(data))
    texts = _FOREIGN.findall(data)
    encoding = decoded(b"\n".join(texts)).encoding
    pattern = _CHARACTERS.get(encoding, _BYTES)
    return _mended(Spelled(pattern.sub(_escaping(encoding), data), encoding, len(texts)))


def _mended(read: Spelled) -> Spelled:
    """Double the backslashes that stand for themselves, as in the path of a file."""
    if b"\\" not in read.data:
        return read
    data, start, pieces = read.data, 0, []
    while match := _SOUND.match(data, start):
        pieces.append(data[start : match.end()])
        start = match.end() + 1
        if match.end() >= len(data):
            break
    if len(pieces) == 1:
        return read
    return replace(read, data=rb"\\".join(pieces), strays=len(pieces) - 1)


def _escaping(encoding: str) -> Callable[[re.Match[bytes]], bytes]:
    def escape(found: re.Match[bytes]) -> bytes:
        text = found[0].decode(encoding, "replace")
        text = _NARROW.sub(lambda m: rf"\X2\{m[0].encode('utf-16-be').hex().upper()}\X0" "\\", text)
        text = _WIDE.sub(lambda m: rf"\X4\{m[0].encode('utf-32-be').hex().upper()}\X0" "\\", text)
        return text.encode("ascii")

    return escape
