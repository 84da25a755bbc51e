"""What a model consists of before it is written: parts, openings and their relations."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sample_models.authoring.shapes import Body, Prism, Vec

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"


def global_id(*names: str) -> str:
    """The IFC GlobalId (22 characters) that belongs to `names`, always the same."""
    number = int.from_bytes(hashlib.sha256("/".join(names).encode()).digest()[:16], "big")
    digits = []
    for _ in range(22):
        number, digit = divmod(number, 64)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


@dataclass(frozen=True, slots=True)
class Kind:
    """The type object of a part."""

    ifc_class: str
    name: str
    predefined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A hole in a part; `filler` is the key of the door or window in it."""

    key: str
    body: Prism
    filler: str = ""


@dataclass(slots=True, kw_only=True)
class Part:
    """One product of a model; positions are in the building frame."""

    key: str
    ifc_class: str
    name: str
    body: Body | None = None
    storey: str | None = None
    kind: Kind | None = None
    material: str = ""
    system: str = ""
    predefined: str | None = None
    object_type: str | None = None
    code: str = ""
    whole: str = ""
    guid: str = ""
    properties: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    openings: list[Opening] = field(default_factory=list)

    @property
    def prism(self) -> Prism:
        """The body, of a part that has a plain one."""
        if not isinstance(self.body, Prism):
            message = f"{self.key} has no prism for a body"
            raise TypeError(message)
        return self.body


@dataclass(frozen=True, slots=True)
class Link:
    """A relation of two parts: ``port``, ``connects``, ``path`` or ``covers``."""

    word: str
    a: str
    b: str
    point: Vec | None = None


@dataclass(frozen=True, slots=True)
class Storey:
    """A level of the building with the elevation of its structural floor."""

    name: str
    elevation: float


@dataclass(slots=True)
class Sheet:
    """The parts of one model in order of writing."""

    name: str
    parts: dict[str, Part] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    def add(self, part: Part) -> Part:
        """Take `part` in; a key used twice is a mistake of the author."""
        if part.key in self.parts:
            message = f"{self.name}: part {part.key!r} exists already"
            raise ValueError(message)
        part.guid = part.guid or global_id("yuyan-b3", self.name, part.key)
        self.parts[part.key] = part
        return part

    def link(self, word: str, a: str, b: str, point: Vec | None = None) -> None:
        """Relate two parts of this sheet."""
        for key in (a, b):
            if key not in self.parts:
                message = f"{self.name}: no part {key!r} to relate"
                raise ValueError(message)
        self.links.append(Link(word, a, b, point))
