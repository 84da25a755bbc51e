"""Numbers of days and names as site people say them."""

from collections.abc import Sequence

from clash.texts import both


def days_text(days: float) -> dict[str, str]:
    """Working days in words; parts of days to one place."""
    number = f"{days:.1f}".removesuffix(".0")
    return both(f"{number} 天", f"{number} working day{'' if number == '1' else 's'}")


def listed(names: Sequence[str], *, most: int = 3) -> dict[str, str]:
    """Names in a row; of many the first ones and how many more."""
    first, more = names[:most], len(names) - most
    if more > 0:
        return both(f"{'、'.join(first)} 等 {len(names)} 处", f"{', '.join(first)} and {more} more")
    return both("、".join(first), ", ".join(first))
