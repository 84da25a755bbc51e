"""Large XML files of strangers, read record by record with the line of each."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from bimcore.formats.schedules.codes import BROKEN, ENCODING, TOO_LARGE, UNSAFE
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.places import at_line
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.text import decoded_file

#: Deeper than any tool writes.
MOST_DEPTH = 64
_CHUNK = 1 << 18


@dataclass(slots=True)
class Node:
    """An element with all that is below it; namespaces are dropped.

    Attributes
    ----------
    tag : str
    line : int
        In the file, from 1.
    text : str
        Its own characters, stripped.
    children : list of Node

    """

    tag: str
    line: int
    text: str = ""
    children: list["Node"] = field(default_factory=list)
    _first: dict[str, "Node"] | None = field(default=None, repr=False)

    def first(self, tag: str) -> "Node | None":
        """The first child of that name."""
        if self._first is None:
            self._first = {c.tag: c for c in reversed(self.children)}
        return self._first.get(tag)

    def all(self, tag: str) -> list["Node"]:
        """Every child of that name."""
        return [c for c in self.children if c.tag == tag]

    def get(self, tag: str) -> str:
        """Text of the first child of that name; empty where there is none."""
        child = self.first(tag)
        return "" if child is None else child.text


class _TooDeep(Exception):
    """Elements are nested beyond reason."""


class _Doctype(Exception):
    """The file declares a document type, and with it perhaps entities."""


class _Builder:
    """Builds the wanted records and forgets everything else.

    The handlers are called by expat itself: the layers of ``xml.sax`` take three times as long.
    What defusedxml guards against needs a document type, which is refused here.
    """

    def __init__(self, wanted: Collection[str], above: int) -> None:
        self._above = above
        self._wanted = frozenset(wanted)
        self._path: list[str] = []
        self._open: list[Node] = []
        self.done: list[tuple[str, Node]] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *declaration: object) -> None:
        raise _Doctype(*declaration)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        path = self._path
        if self._open or (path and f"{path[-1]}/{tag}" in self._wanted):
            self._open.append(Node(tag, self._above + self.parser.CurrentLineNumber))
        path.append(tag)
        if len(path) > MOST_DEPTH:
            raise _TooDeep(name)

    def _text(self, content: str) -> None:
        if self._open:
            self._open[-1].text += content

    def _end(self, _name: str) -> None:
        tag = self._path.pop()
        if not self._open:
            return
        node = self._open.pop()
        node.text = node.text.strip()
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.done.append((f"{self._path[-1] if self._path else ''}/{tag}", node))


def records(
    path: Path, wanted: Collection[str], *, name: str, remarks: Remarks | None = None
) -> Iterator[tuple[str, Node]]:
    """Elements of the file as they end, in its order.

    Parameters
    ----------
    path : Path
    wanted : collection of str
        ``"Tasks/Task"``: parent and name; what is inside a record comes with it, all else
        is forgotten.
    name : str
        What people call the file.
    remarks : Remarks, optional
        Told of a surprising encoding.

    Yields
    ------
    str, Node
        ``"Tasks/Task"`` and the element.

    Raises
    ------
    ScheduleError
        SCH605 naming the line when it is no XML or is cut off, SCH606 for a DTD or entities,
        SCH604 when it is nested too deeply.

    """
    content = decoded_file(path)
    if remarks is not None and content.surprising:
        remarks.note(
            ENCODING, place=name, **_told(content.declared, content.encoding, content.lost)
        )
    text = content.text.lstrip("\ufeff \t\r\n\0")
    above = content.text[: len(content.text) - len(text)].count("\n")
    builder = _Builder(wanted, above)
    parser = builder.parser
    try:
        for at in range(0, len(text), _CHUNK):
            # A str is read as what it is, whatever encoding its declaration names.
            parser.Parse(text[at : at + _CHUNK])
            yield from builder.done
            builder.done.clear()
        parser.Parse("", True)  # noqa: FBT003 - takes no keywords
    except _Doctype as err:
        place = at_line(above + parser.CurrentLineNumber)
        raise ScheduleError.of(UNSAFE, name=name, place=place) from err
    except _TooDeep as err:
        line = above + parser.CurrentLineNumber
        why = {"why_zh": f"第 {line} 行嵌套过深", "why_en": f"nested too deeply at line {line}"}
        raise ScheduleError.of(TOO_LARGE, name=name, **why) from err
    except expat.ExpatError as err:
        place = at_line(above + err.lineno)
        raise ScheduleError.of(BROKEN, name=name, place=place, **_fault(err.code)) from err
    yield from builder.done


#: What is wrong with XML, in Chinese; by the words of expat.
_FAULTS = {
    "no element found": "文件在此处中断",
    "unclosed token": "文件在此处中断",
    "unclosed CDATA section": "文件在此处中断",
    "mismatched tag": "标签不配对",
    "not well-formed (invalid token)": "有不允许的字符",
    "junk after document element": "结尾之后还有内容",
    "duplicate attribute": "属性重复",
    "undefined entity": "有未定义的实体",
    "unbound prefix": "有未声明的命名空间",
    "reference to invalid character number": "有不允许的字符",
}


def _fault(code: int) -> dict[str, str]:
    english = expat.ErrorString(code)
    return {"why_zh": _FAULTS.get(english, f"不是有效的 XML（{english}）"), "why_en": english}


def _told(declared: str, used: str, lost: int) -> dict[str, Any]:
    return {
        "declared": declared or "?",
        "used": used,
        "lost_zh": f"，{lost} 个字符无法识别" if lost else "",
        "lost_en": f"; {lost} characters could not be read" if lost else "",
    }
