"""Large XML files of strangers, read record by record with the line of each."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException, sax

from bimcore.formats.schedules.codes import BROKEN, ENCODING, TOO_LARGE, UNSAFE
from bimcore.formats.schedules.errors import ScheduleError
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

    def first(self, tag: str) -> "Node | None":
        """The first child of that name."""
        return next((c for c in self.children if c.tag == tag), None)

    def all(self, tag: str) -> list["Node"]:
        """Every child of that name."""
        return [c for c in self.children if c.tag == tag]

    def get(self, tag: str) -> str:
        """Text of the first child of that name; empty where there is none."""
        child = self.first(tag)
        return "" if child is None else child.text


class _TooDeep(SAXException):
    pass


class _Builder(ContentHandler):
    """Builds the wanted records and forgets everything else."""

    def __init__(self, wanted: Collection[str]) -> None:
        super().__init__()
        self._wanted = frozenset(wanted)
        self._path: list[str] = []
        self._open: list[Node] = []
        self._words: list[str] = []
        self._where: Locator | None = None
        self.done: list[tuple[str, Node]] = []
        self.root = ""

    @property
    def line(self) -> int:
        return 0 if self._where is None else int(self._where.getLineNumber() or 0)

    def watch(self, locator: Locator) -> None:
        """Take the lines of elements from `locator`; incremental parsers tell nobody of theirs."""
        self._where = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the port's name
        del attrs
        tag = name.rpartition(":")[2]
        above = self._path[-1] if self._path else ""
        self._path.append(tag)
        if len(self._path) > MOST_DEPTH:
            raise _TooDeep(name)
        self.root = self.root or tag
        if self._open or f"{above}/{tag}" in self._wanted:
            if self._open:
                self._say()
            self._open.append(Node(tag, self.line))

    def characters(self, content: str) -> None:
        if self._open:
            self._words.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - the port's name
        del name
        tag = self._path.pop()
        if not self._open:
            return
        self._say()
        node = self._open.pop()
        if self._open:
            self._open[-1].children.append(node)
        else:
            above = self._path[-1] if self._path else ""
            self.done.append((f"{above}/{tag}", node))

    def _say(self) -> None:
        words = "".join(self._words).strip()
        self._words.clear()
        if words:
            self._open[-1].text += words


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
    builder = _Builder(wanted)
    parser = sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(builder)
    builder.watch(parser)
    text = content.text.lstrip("\ufeff \t\r\n\0")
    try:
        for at in range(0, len(text), _CHUNK):
            parser.feed(text[at : at + _CHUNK])
            yield from builder.done
            builder.done.clear()
        parser.close()
    except DefusedXmlException as err:
        raise ScheduleError.of(UNSAFE, name=name, place=_line(builder.line)) from err
    except _TooDeep as err:
        why = {
            "why_zh": f"第 {builder.line} 行嵌套过深",
            "why_en": f"nested too deeply at line {builder.line}",
        }
        raise ScheduleError.of(TOO_LARGE, name=name, **why) from err
    except SAXParseException as err:
        place = _line(int(err.getLineNumber() or 0))
        raise ScheduleError.of(BROKEN, name=name, place=place, why=err.getMessage()) from err
    yield from builder.done


def _line(number: int) -> str:
    return f"line {number} 行"


def _told(declared: str, used: str, lost: int) -> dict[str, Any]:
    return {
        "declared": declared or "?",
        "used": used,
        "lost_zh": f"，{lost} 个字符无法识别" if lost else "",
        "lost_en": f"; {lost} characters could not be read" if lost else "",
    }
