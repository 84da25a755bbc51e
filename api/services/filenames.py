"""Names of uploaded files, made safe."""

import re
import unicodedata
from pathlib import PurePosixPath

_BAD = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')
#: Without width: two names with and without one look the same.
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")


def safe_filename(name: str) -> str:
    """The last part of `name` without control, path and bidi characters; never empty."""
    last = re.split(r"[/\\]", _UNSEEN.sub("", unicodedata.normalize("NFC", name)))[-1]
    clean = _BAD.sub("_", last).strip(" .")
    stem, suffix = PurePosixPath(clean).stem, PurePosixPath(clean).suffix
    return (stem[: 200 - len(suffix)] + suffix[:40]) if clean else "file"


def safe_name(name: str, *, fallback: str) -> str:
    """A display name of at most 200 characters without control characters."""
    clean = _BAD.sub("_", _UNSEEN.sub("", unicodedata.normalize("NFC", name))).strip(" .")
    return clean[:200] or fallback


def extension(filename: str) -> str:
    """The lower-case suffix with its dot; empty when there is none."""
    return PurePosixPath(filename).suffix.lower()


def stem(filename: str) -> str:
    """The file name without its suffix."""
    return PurePosixPath(filename).stem or filename
