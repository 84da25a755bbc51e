"""The text encoding of a Shapefile's attribute table, found from its bytes."""

import codecs
import struct

import numpy as np


def encoding_of(dbf: bytes, declared: str) -> str:
    """The encoding under which every text of a table is text, the declared one first.

    GDAL takes a table without .cpg as Latin-1, where every byte is text and Chinese is noise.
    """
    texts = _texts(dbf)
    if not texts:
        return "UTF-8"
    for name in (declared, "UTF-8", "GB18030"):
        try:
            known = codec(name)
            for text in texts:
                # Not final: a value may be cut in the middle of a character at the field width.
                codecs.getincrementaldecoder(known or "none")().decode(text)
        except (LookupError, UnicodeDecodeError):
            continue
        return "UTF-8" if known == "utf-8" else "GB18030" if known.startswith("gb") else name
    return "ISO-8859-1"


def _texts(dbf: bytes) -> set[bytes]:
    """Field names and text values of a table that are not plain ASCII."""
    count, start, width = struct.unpack("<IHH", dbf[4:12])
    fields = []
    names = set()
    at = 1
    for k in range(32, start - 31, 32):
        if dbf[k] == 0x0D:
            break
        names.add(dbf[k : k + 11].split(b"\x00")[0])
        length = dbf[k + 16]
        if dbf[k + 11 : k + 12] == b"C":
            fields.append(slice(at, at + length))
        at += length
    rows = np.frombuffer(dbf, np.uint8, count=count * width, offset=start).reshape(count, width)
    foreign = np.flatnonzero((rows >= 0x80).any(axis=1)) if count else np.zeros(0, dtype=int)
    values = {rows[i, f].tobytes().rstrip(b" \x00") for i in foreign.tolist() for f in fields}
    return {t for t in names | values if not t.isascii()}


_PYTHON_NAMES = {"936": "gb18030", "CP936": "gb18030", "GBK": "gb18030", "65001": "utf-8"}


def codec(name: str) -> str:
    """The name Python has for an encoding, GBK counted as GB18030; empty if unknown."""
    try:
        known = codecs.lookup(_PYTHON_NAMES.get(name.strip().upper(), name or "none")).name
    except LookupError:
        return ""
    return "gb18030" if known in {"gbk", "gb2312"} else known
