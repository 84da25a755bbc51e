"""The table of a model's elements: identity, class, type, place and trade."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask, readonly

#: Disciplines an element can belong to, in the order of the rule matrix.
DISCIPLINES = (
    "architecture",
    "structure",
    "hvac",
    "plumbing",
    "fire",
    "electrical",
    "site",
    "utility",
    "other",
)


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of words stored as codes into a vocabulary.

    Attributes
    ----------
    codes : (E,) int32
        Index into `words`; -1 where there is no word.
    words : tuple of str
        The vocabulary; sorted, without repeats.

    """

    codes: I32
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the codes."""
        object.__setattr__(self, "codes", readonly(self.codes, np.int32, ndim=1))

    @classmethod
    def of(cls, values: Iterable[str | None]) -> "Coded":
        """Encode `values`; None and the empty string become -1."""
        texts = list(values)
        words = tuple(sorted({t for t in texts if t}))
        place = {w: i for i, w in enumerate(words)}
        codes = np.array([place[t] if t else -1 for t in texts], dtype=np.int32)
        return cls(codes, words)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        """The word of `row`, or the empty string."""
        code = int(self.codes[row])
        return self.words[code] if code >= 0 else ""

    def texts(self) -> list[str]:
        """All rows as words; the empty string where there is none."""
        words = (*self.words, "")
        return [words[c] for c in self.codes.tolist()]

    def take(self, rows: I64) -> "Coded":
        """The rows wanted, same vocabulary."""
        return Coded(self.codes[rows], self.words)

    def mask(self, wanted: Iterable[str]) -> Mask:
        """Rows (E,) whose word is among `wanted`."""
        codes = [i for i, w in enumerate(self.words) if w in set(wanted)]
        found: Mask = np.isin(self.codes, codes)
        return found


_TEXTS = ("guid", "name", "tag")
_CODED = (
    "ifc_class",
    "predefined",
    "object_type",
    "storey",
    "system",
    "material",
    "classification",
    "layer",
    "discipline",
    "systems",
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ElementTable:
    """Columns of E elements; row order is the order of STEP ids in the file.

    Attributes
    ----------
    guid, name, tag : tuple of str
        GlobalId exactly as in the file (may be malformed or repeated), Name, Tag.
    step_id : (E,) int64
        Instance number in the IFC file; 0 for elements not from IFC.
    ifc_class : Coded
        ``"IfcWall"`` ...; never empty.
    lineage : tuple of tuple of str
        For each word of `ifc_class` the class itself, then its supertypes, upwards.
    predefined, object_type : Coded
        PredefinedType; name of the type object, else ObjectType.
    storey, system, material, classification, layer : Coded
        Name of the containing storey, of the (first) system (of a space: of its zone),
        material names joined by ``" | "``, classification codes, presentation layer.
    discipline : Coded
        One of ``DISCIPLINES``.
    storey_elevation : (S,) float64
        Elevation in metres of each word of `storey` in the model's local frame; NaN if unknown.
    clash_body : (E,) bool
        Whether the element is a physical body that takes part in clash (no spaces,
        openings, virtual, annotation, grid, spatial or type objects, by inheritance).

    """

    guid: tuple[str, ...]
    name: tuple[str, ...]
    tag: tuple[str, ...]
    step_id: I64
    ifc_class: Coded
    lineage: tuple[tuple[str, ...], ...]
    predefined: Coded
    object_type: Coded
    storey: Coded
    system: Coded
    material: Coded
    classification: Coded
    layer: Coded
    discipline: Coded
    storey_elevation: F64
    clash_body: Mask
    systems: Coded = field(default_factory=lambda: Coded.of([]))

    def __post_init__(self) -> None:
        """Freeze the arrays and check that all columns are equally long."""
        set_ = object.__setattr__
        if not len(self.systems):
            set_(self, "systems", self.system)
        set_(self, "step_id", readonly(self.step_id, np.int64, ndim=1))
        set_(self, "storey_elevation", readonly(self.storey_elevation, np.float64, ndim=1))
        set_(self, "clash_body", readonly(self.clash_body, np.bool_, ndim=1))
        columns: list[Sequence[object] | Coded | I64 | Mask] = [
            self.step_id,
            self.clash_body,
            *(getattr(self, c) for c in (*_TEXTS, *_CODED)),
        ]
        if len({len(c) for c in columns}) != 1:
            message = "columns of an ElementTable must have the same length"
            raise ValueError(message)
        if len(self.lineage) != len(self.ifc_class.words):
            message = "lineage needs one entry for each class"
            raise ValueError(message)
        if len(self.storey_elevation) != len(self.storey.words):
            message = "storey_elevation needs one entry for each storey"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.guid)

    def is_a(self, *classes: str) -> Mask:
        """Rows (E,) whose class is one of `classes` or inherits from one."""
        wanted = set(classes)
        codes = [i for i, up in enumerate(self.lineage) if wanted.intersection(up)]
        found: Mask = np.isin(self.ifc_class.codes, codes)
        return found

    def take(self, rows: I64) -> "ElementTable":
        """The rows wanted, in the order wanted; vocabularies are kept."""
        pick = rows.tolist()
        columns: dict[str, object] = {c: getattr(self, c).take(rows) for c in _CODED}
        columns |= {c: tuple(getattr(self, c)[i] for i in pick) for c in _TEXTS}
        return ElementTable(
            step_id=self.step_id[rows],
            clash_body=self.clash_body[rows],
            lineage=self.lineage,
            storey_elevation=self.storey_elevation,
            **columns,  # type: ignore[arg-type]
        )
