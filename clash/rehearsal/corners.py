"""Whether a rectangle in plan gets round a corner, or out of a corridor through a doorway."""

from functools import lru_cache

import numpy as np

#: Angles looked at in a quarter turn; the least room between them is right to a few micrometres.
_TURNS = np.linspace(0.0, np.pi / 2, 901)
#: Metres by which lengths may miss through rounding.
_SAME = 1e-9


def round_corner(length: float, width: float, *, legs: tuple[float, float]) -> bool:
    """Whether a rectangle gets round the corner of two corridors that meet at a right angle.

    Exact for corridors that are straight beyond the corner: lengthwise in both it has to pass
    the inner corner at every angle; crosswise in one of them it need not turn at all.

    Parameters
    ----------
    length, width : float
        Sides of the rectangle in metres, in any order.
    legs : (float, float)
        Widths of the two corridors in metres; may be infinite.

    """
    short, long = sorted((width, length))
    a, b = sorted(legs)
    if short > a + _SAME:
        return False
    if long <= b + _SAME or not np.isfinite(b):
        return True
    sine, cosine = np.sin(_TURNS), np.cos(_TURNS)
    room = a * sine + b * cosine - long * sine * cosine
    return bool(room.min() >= short - _SAME)


@lru_cache(maxsize=4096)
def through_doorway(length: float, width: float, *, depth: float, door: float) -> bool:
    """Whether a rectangle gets from a corridor through a doorway in its side.

    Exact for a thin wall, a corridor that goes on to both sides, and free space behind the
    door. At the angle `t` between the rectangle and the way through the door, its leading
    corner may stand out through the door by ``door sin t cos t`` as long as the strip of its
    width does not fit there; it has to come to an angle at which it does.

    Parameters
    ----------
    length, width : float
        Sides of the rectangle in metres, in any order.
    depth : float
        Width of the corridor in metres: from the door to the wall opposite; may be infinite.
    door : float
        Clear width of the door in metres.

    """
    short, long = sorted((width, length))
    if short > min(door, depth) + _SAME:
        return False
    if long <= max(door, depth) + _SAME or not np.isfinite(depth):
        return True
    fits = np.arccos(min(1.0, short / door))
    inside = long * np.cos(_TURNS) + short * np.sin(_TURNS) <= depth + _SAME
    if inside[fits >= _TURNS].any():
        return True
    if long * np.cos(fits) > depth + _SAME:
        return False
    beyond = fits < _TURNS
    sine, cosine = np.sin(_TURNS[beyond]), np.cos(_TURNS[beyond])
    held = long * cosine + short * sine - door * sine * cosine <= depth + _SAME
    # the turn goes on from the angle that fits as long as there is room at every next one
    last = len(held) if held.all() else int(np.argmin(held))
    return bool(inside[beyond][:last].any())


__all__ = ["round_corner", "through_doorway"]
