"""The record of what was seeded: defects that must be found, decoys that must not."""

from dataclasses import dataclass, field
from datetime import date

from sample_models.authoring.parts import Sheet

BOTH = ("a", "b")


@dataclass(frozen=True, slots=True)
class Member:
    """An element by model and GlobalId; bodies made from layers are known by name.

    `guid_b` is the GlobalId in revision B where it differs.
    """

    model: str
    guid: str
    name: str
    guid_b: str = ""

    @classmethod
    def of(cls, sheet: Sheet, key: str, *, later: Sheet | None = None) -> "Member":
        """The part `key` of `sheet`, or of the `later` revision where it is new there."""
        if later is None or key not in later.parts:
            part = sheet.parts[key]
            return cls(sheet.name, part.guid, part.name)
        part = sheet.parts.get(key, later.parts[key])
        other = later.parts[key].guid
        return cls(sheet.name, part.guid, part.name, "" if other == part.guid else other)


Pair = tuple[Member, Member]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A risk of the rehearsal: rule, names of tasks, first and last day of its window.

    The risk may be about further tasks; `words` stand in its title.
    """

    rule: str
    tasks: tuple[str, ...] = ()
    days: tuple[date, date] | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something that is wrong on purpose and must be found.

    Attributes
    ----------
    kind : str
        ``clash``, ``gis``, ``quality``, ``placement`` or ``sequence``.
    relations : tuple of str
        Words of ``review.json`` that are right for a clash.
    depth, distance, volume : float or None
        Metres and cubic metres, within the tolerances beside them.
    codes : tuple of str
        Findings of which one must be there.
    band : str
        ``violation`` or ``within_uncertainty``, for a finding of the map.
    risks : tuple of Expected
        Risks that all have to be there, for a fault of sequence.
    model, verdict : str
        A model that is to be held back, and why.
    status : str
        ``now``, or ``later`` where the present product need not find it.

    """

    id: str
    kind: str
    zh: str
    en: str
    why: str
    pairs: tuple[Pair, ...] = ()
    members: tuple[Member, ...] = ()
    relations: tuple[str, ...] = ()
    depth: float | None = None
    depth_tolerance: float = 0.004
    distance: float | None = None
    distance_tolerance: float = 0.01
    volume: float | None = None
    volume_tolerance: float = 0.0
    codes: tuple[str, ...] = ()
    band: str = ""
    risks: tuple[Expected, ...] = ()
    model: str = ""
    verdict: str = ""
    revisions: tuple[str, ...] = BOTH
    status: str = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoy:
    """Something that looks wrong and is right; it must not become an issue."""

    id: str
    zh: str
    en: str
    why: str
    pairs: tuple[Pair, ...] = ()
    members: tuple[Member, ...] = ()
    risks: tuple[Expected, ...] = ()
    revisions: tuple[str, ...] = BOTH


@dataclass(slots=True)
class Ledger:
    """All defects and decoys of the project."""

    defects: list[Defect] = field(default_factory=list)
    decoys: list[Decoy] = field(default_factory=list)
