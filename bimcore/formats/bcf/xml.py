"""Small XML documents as plain nodes, written exactly and read without trust."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, field

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from bimcore.errors import FormatError
from bimcore.formats.characters import clean


@dataclass(frozen=True, slots=True)
class Node:
    """An element without its namespace."""

    name: str
    text: str = ""
    children: tuple["Node", ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)

    def child(self, name: str) -> "Node | None":
        """The first child called `name`."""
        return next((c for c in self.children if c.name == name), None)

    def all(self, *path: str) -> "tuple[Node, ...]":
        """Nodes at the end of `path`, every one of each name on the way."""
        nodes: tuple[Node, ...] = (self,)
        for name in path:
            nodes = tuple(c for n in nodes for c in n.children if c.name == name)
        return nodes

    def value(self, name: str) -> str:
        """Text of the first child called `name`, else empty."""
        found = self.child(name)
        return "" if found is None else found.text

    def attribute(self, name: str) -> str:
        """An attribute whatever its case (``isExternal`` in 2.1, ``IsExternal`` in 3.0)."""
        wanted = name.lower()
        return next((v for k, v in self.attributes.items() if k.lower() == wanted), "")


def leaf(name: str, text: str) -> tuple[Node, ...]:
    """A node of `text`, or nothing when it is blank."""
    return (Node(name, text),) if text.strip() else ()


def write(root: Node) -> bytes:
    """UTF-8 bytes of a document, indented by two spaces."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *_lines(root, 0), ""]
    return "\n".join(lines).encode()


def _lines(node: Node, depth: int) -> Iterator[str]:
    pad = "  " * depth
    marks = "".join(f' {k}="{_escaped(v, quoted=True)}"' for k, v in node.attributes.items())
    if node.children:
        yield f"{pad}<{node.name}{marks}>"
        for child in node.children:
            yield from _lines(child, depth + 1)
        yield f"{pad}</{node.name}>"
    elif node.text:
        yield f"{pad}<{node.name}{marks}>{_escaped(node.text, quoted=False)}</{node.name}>"
    else:
        yield f"{pad}<{node.name}{marks}/>"


def _escaped(text: str, *, quoted: bool) -> str:
    escaped = html.escape(clean(text), quote=quoted).replace("\r", "&#13;")
    # A parser turns line ends and tabs of an attribute into spaces unless they are references.
    return escaped.replace("\n", "&#10;").replace("\t", "&#9;") if quoted else escaped


def read(content: bytes) -> Node:
    """The root of a document; entities and external references are refused.

    Raises
    ------
    FormatError
        When it is not well-formed or tries more than plain XML.

    """
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as err:
        message = f"not well-formed XML ({type(err).__name__}: {err})"
        raise FormatError(message, code="BCF701") from err
    # Iterative: a hostile file may nest deeper than Python's stack.
    done: dict[int, Node] = {}
    stack = [(root, False)]
    while stack:
        element, ready = stack.pop()
        if not ready:
            stack.append((element, True))
            stack.extend((child, False) for child in element if isinstance(child.tag, str))
            continue
        children = tuple(done.pop(id(c)) for c in element if isinstance(c.tag, str))
        done[id(element)] = Node(
            _local(element.tag),
            element.text or "",
            children,
            {_local(k): v for k, v in element.attrib.items()},
        )
    return done[id(root)]


def _local(name: str) -> str:
    return name.rpartition("}")[2]
