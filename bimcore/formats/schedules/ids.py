"""Ids of tasks, each given only once."""


class Ids:
    """Hands out ids; one that comes again gets a number, ``A10#2``."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._again: dict[str, int] = {}

    def give(self, wanted: str) -> str:
        """`wanted`, or the next that is free with its number."""
        given, count = wanted, self._again.get(wanted, 1)
        while given in self._given:
            count += 1
            given = f"{wanted}#{count}"
        # Without this a file of equal ids would take the square of its length.
        self._again[wanted] = count
        self._given.add(given)
        return given
