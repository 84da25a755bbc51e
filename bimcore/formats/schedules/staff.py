"""Who works on which task, and how many they are."""

import re
from dataclasses import dataclass, field

#: Work resources that are machines, not people.
_MACHINE = re.compile(
    r"塔吊|塔机|起重机|吊车|汽车吊|履带吊|挖掘机|挖机|推土机|压路机|装载机|钻机|泵车|地泵|搅拌|运输车|自卸车|"
    r"施工电梯|升降机|龙门吊|桩机|发电机|设备|机械|\b(?:crane|excavator|dozer|roller|pump|truck|hoist|"
    r"loader|rig|lift|machine|equipment|plant|generator|mixer)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class People:
    """Resources of a task; `crew` is None where nobody is named."""

    names: tuple[str, ...]
    crew: float | None


@dataclass(slots=True)
class Staff:
    """Resources of a plan and their assignments."""

    _resources: dict[str, tuple[str, bool, str]] = field(default_factory=dict)
    _of: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    def add_resource(self, key: str, name: str, *, people: bool, calendar: str = "") -> None:
        """Take a resource; `people` is False for material and costs."""
        self._resources[key] = name, people, calendar

    def assign(self, task: str, resource: str, units: float) -> None:
        """Put `units` of a resource on a task; 1 is one person."""
        self._of.setdefault(task, []).append((resource, units))

    def of(self, task: str) -> People:
        """Names and number of those on `task`."""
        names: dict[str, None] = {}
        crew: float | None = None
        for key, units in self._of.get(task, ()):
            name, people, _ = self._resources.get(key, ("", False, ""))
            if name:
                names[name] = None
            if name and people and not is_machine(name):
                crew = (crew or 0.0) + units
        return People(tuple(names), crew)

    def calendars(self, task: str) -> set[str]:
        """Calendars of the resources that work on `task`."""
        known = [self._resources.get(key, ("", False, "")) for key, _ in self._of.get(task, ())]
        return {calendar for _, people, calendar in known if people}


def is_machine(name: str) -> bool:
    """Whether a resource of that name is a machine."""
    return _MACHINE.search(name) is not None
