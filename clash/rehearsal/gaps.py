"""What of models and plan has found no counterpart in the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Gap:
    """Elements of one class on one storey, and how many of them no task builds.

    `volume` is in cubic metres of boxes; `elements` are those without a task.
    """

    ifc_class: str
    storey: str
    count: int
    open: int
    volume: float
    open_volume: float
    elements: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Coverage:
    """What links leave open.

    Attributes
    ----------
    elements, linked : int
        Physical elements, and those that some task builds or takes away.
    volume, linked_volume : float
        Of their boxes, cubic metres.
    gaps : tuple of Gap
        By class and storey, those with the most volume left first.
    empty : mapping
        Why a task that should have elements has none, by its row.
    unsure : mapping
        Mean confidence of tasks whose links are mostly guesses, by row.
    unclear : mapping
        Why a task with elements may have others as well, by row: ``"zone"``, ``"repeat"``,
        ``"same"``.
    catch_all : tuple of int
        Tasks on more than half of all elements, or longer than 60 days with elements of
        several kinds.
    idle : tuple of int
        Tasks without a place in the models by design.

    """

    elements: int
    linked: int
    volume: float
    linked_volume: float
    gaps: tuple[Gap, ...] = ()
    empty: Mapping[int, str] = field(default_factory=dict)
    unsure: Mapping[int, float] = field(default_factory=dict)
    unclear: Mapping[int, str] = field(default_factory=dict)
    catch_all: tuple[int, ...] = ()
    idle: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """Share of elements that some task builds; 1 where there are none."""
        return self.linked / self.elements if self.elements else 1.0

    @property
    def volume_share(self) -> float:
        """The same by volume."""
        return self.linked_volume / self.volume if self.volume > 0 else 1.0

    def to_json(self) -> dict[str, object]:
        """As ``review.json`` has it."""
        return {
            "elements": self.elements,
            "elements_linked": self.linked,
            "share": round(self.share, 4),
            "volume_share": round(self.volume_share, 4),
            "tasks_without_elements": len(self.empty),
            "tasks_unsure": len(set(self.unsure) | set(self.unclear)),
            "tasks_catch_all": len(self.catch_all),
            "tasks_without_place": len(self.idle),
            "gaps": [
                {
                    "ifc_class": g.ifc_class,
                    "storey": g.storey,
                    "elements": g.count,
                    "without_task": g.open,
                    "volume_m3": round(g.open_volume, 3),
                }
                for g in self.gaps[:200]
            ],
        }
