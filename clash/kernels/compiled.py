"""How kernels are compiled: once, cached on disk, free of the interpreter lock."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

from bimcore.compiled import compiled, stamp_of

#: All functions called from Python, to see that each is compiled once.
ENTRIES: list[Any] = []

F = TypeVar("F", bound=Callable[..., Any])


@cache
def _sources() -> tuple[Path, ...]:
    """All kernels, not only an entry's own file: they call each other."""
    return tuple(sorted(Path(__file__).parent.glob("*.py")))


def source_stamp() -> str:
    """What the kernels were compiled from."""
    return stamp_of(*_sources())


def entry(function: F) -> F:
    """Compile a function called from Python: one specialisation, kept on disk.

    The cache lives in ``NUMBA_CACHE_DIR``, else beside the source. Division by zero gives
    infinity, as in numpy.
    """
    return _kept(function, counting=False)


def allocating_entry(function: F) -> F:
    """As :func:`entry`, for functions that make arrays."""
    return _kept(function, counting=True)


def _kept(function: F, *, counting: bool) -> F:
    kept = compiled(function, sources=_sources(), counting=counting)
    ENTRIES.append(kept)
    return kept


def inner(function: F) -> F:
    """Compile a function called by kernels only: without wrappers, in half the time.

    It keeps no count of who uses an array, which would cost more than most of the work, and
    so can make none: see :mod:`clash.kernels.scratch` for what is small, and
    :func:`allocating` for the rest.
    """
    return _called(function, counting=False)


def allocating(function: F) -> F:
    """As :func:`inner`, for functions that make arrays.

    Every slice costs them a count: they leave loops to functions that do not count, and
    only functions of their kind may receive an array that they return.
    """
    return _called(function, counting=True)


def _called(function: F, *, counting: bool) -> F:
    called = njit(  # type: ignore[call-overload]
        function,
        nogil=True,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        _nrt=counting,
    )
    return cast("F", called)
