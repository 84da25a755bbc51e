"""Defects met while reading a plan, many alike joined into one."""

from dataclasses import dataclass, field
from typing import Any

from bimcore.findings import Code, Finding
from bimcore.formats.schedules.places import in_chinese

#: From how many alike on they are told as one.
MOST_ALIKE = 10
_LONGEST = 120


@dataclass(slots=True)
class Remarks:
    """Collects what is wrong in the file `name`.

    Codes that may occur often have ``{place}``, ``{more_zh}`` and ``{more_en}`` in their
    messages; those are filled in here.
    """

    name: str
    _rows: dict[tuple[str, str], list[Finding]] = field(default_factory=dict)

    def note(self, code: Code, *, place: str, alike: str = "", **data: object) -> None:
        """Take down one defect.

        Parameters
        ----------
        code : Code
        place : str
            Where it is, for people: ``"Task UID 14"``, ``"Sheet1!C7"``.
        alike : str
            Defects of the same code and the same word here are of one kind; by default the
            `field` in `data`.
        **data
            What fills the message; long texts are cut.

        """
        held: dict[str, Any] = {k: _short(v) for k, v in data.items()}
        kind = alike or str(data.get("field", ""))
        where: dict[str, Any] = {"place": _short(place), "place_zh": _short(in_chinese(place))}
        found = Finding.of(code, model=self.name, **where, more_zh="", more_en="", **held)
        self._rows.setdefault((code.code, kind), []).append(found)

    def findings(self) -> tuple[Finding, ...]:
        """All of them; more than ``MOST_ALIKE`` of a kind become one that lists the places."""
        told: list[Finding] = []
        for rows in self._rows.values():
            told += rows if len(rows) <= MOST_ALIKE else [_joined(rows)]
        return tuple(told)


def _joined(rows: list[Finding]) -> Finding:
    first, places = rows[0], [str(r.data["place"]) for r in rows]
    near_zh = "、".join(str(r.data["place_zh"]) for r in rows[1:4])
    near_en = ", ".join(places[1:4])
    rest = len(rows) - 1
    data = {
        **first.data,
        "more_zh": f"；同类还有 {rest} 处（{near_zh} …）",
        "more_en": f"; {rest} more of the kind ({near_en} ...)",
        "places": places,
    }
    return Finding(code=first.code, severity=first.severity, model=first.model, data=data)


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[: _LONGEST - 1] + "…"
    return value
