"""What kind of plan a file is, told from its content."""

import re
import zipfile
from pathlib import Path

from bimcore.formats.schedules.codes import NATIVE_FILE, NOT_A_PLAN
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.text import decoded

_HEAD = 1 << 16
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)([^>]*)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
#: First bytes of files that other tools keep for themselves.
_NATIVE = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Project (.mpp) / Excel 97 (.xls)"),
    (b"SQLite format 3\0", "Powerproject (.pp)"),
    (b"MPX,", "Microsoft Project 4 (.mpx)"),
    (b"MPX;", "Microsoft Project 4 (.mpx)"),
)
_OTHER = (
    (b"%PDF", ("这是 PDF", "it is a PDF")),
    (b"\x89PNG", ("这是图片", "it is a picture")),
    (b"\xff\xd8\xff", ("这是图片", "it is a picture")),
    (b"Rar!", ("这是 RAR 压缩包", "it is a RAR archive")),
    (b"7z\xbc\xaf", ("这是 7z 压缩包", "it is a 7z archive")),
    (b"\x1f\x8b", ("这是 gzip 压缩包", "it is a gzip archive")),
)


def sniff(path: Path, *, name: str) -> str:
    """The kind of the file: ``mspdi``, ``xer``, ``p6xml``, ``csv``, ``xlsx`` or ``ifc``.

    Raises
    ------
    ScheduleError
        SCH602 when it is nothing that plans come in, SCH603 for the native file of a tool.

    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\0\t\r\n "):
        raise _no_plan(name, "文件是空的", "it is empty")
    for mark, tool in _NATIVE:
        if head.startswith(mark):
            raise ScheduleError.of(NATIVE_FILE, name=name, tool=tool)
    for mark, why in _OTHER:
        if head.startswith(mark):
            raise _no_plan(name, *why)
    if head.startswith(b"PK"):
        return _in_archive(path, name)
    # A character may be cut at the end of the head.
    text = decoded(head[: len(head) - len(head) % 4]).text.lstrip("\ufeff \t\r\n")
    return _of_text(text, name)


def _of_text(text: str, name: str) -> str:
    upper = text[:64].upper()
    if upper.startswith("ISO-10303-21"):
        return "ifc"
    if upper.startswith("ERMHDR"):
        return "xer"
    if text.startswith("<"):
        return _of_markup(text, name)
    if _is_binary(text):
        raise _no_plan(name, "这是未知的二进制文件", "it is a binary file of an unknown kind")
    return "csv"


def _of_markup(text: str, name: str) -> str:
    bare = _COMMENT.sub("", text)
    found = _ROOT.search(bare)
    root = found[1] if found else ""
    if root.lower() in ("html", "table", "body", "head", "meta"):
        raise _no_plan(
            name,
            "这是网页（可能是另存成 .xls 的表格），请另存为 .xlsx",
            "it is a web page, perhaps a table saved as .xls; save it as .xlsx",
        )
    if root == "APIBusinessObjects" or "primavera" in (found[2].lower() if found else ""):
        return "p6xml"
    if root == "Project":
        return "mspdi"
    if "<!DOCTYPE" in bare or "<!ENTITY" in bare:
        # Its reader refuses it by its own code, naming the line.
        return "p6xml" if "APIBusinessObjects" in bare else "mspdi"
    raise _no_plan(
        name,
        f"XML 的根元素是“{root[:40]}”，不是 Project 或 APIBusinessObjects",
        f'the root of the XML is "{root[:40]}", not Project or APIBusinessObjects',
    )


def _in_archive(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as err:
        raise _no_plan(name, "压缩包已损坏", "the archive is damaged") from err
    lower = [p.lower() for p in parts]
    if any(p.startswith("xl/") for p in lower):
        return "xlsx"
    if "content.xml" in lower:
        raise _no_plan(
            name,
            "这是 OpenDocument 表格，请另存为 .xlsx",
            "it is an OpenDocument sheet; save it as .xlsx",
        )
    raise _no_plan(
        name, "这是压缩包，请解压后上传其中的文件", "it is an archive; upload the file inside it"
    )


def _is_binary(text: str) -> bool:
    """Whether characters that no text holds are many."""
    sample = text[:4096]
    odd = sum(c < " " and c not in "\t\r\n\f\x1a" for c in sample) + sample.count("\ufffd")
    return odd > len(sample) * 0.02 or "\0" in sample


def _no_plan(name: str, zh: str, en: str) -> ScheduleError:
    return ScheduleError.of(NOT_A_PLAN, name=name, why_zh=zh, why_en=en)
