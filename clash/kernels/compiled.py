"""How kernels are compiled: once, cached on disk, free of the interpreter lock."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Compile a function called from Python: one specialisation, kept on disk.

    The cache lives in ``NUMBA_CACHE_DIR``, else beside the source. Division by zero gives
    infinity, as in numpy.
    """
    compiled = njit(function, cache=True, nogil=True, error_model="numpy")
    return cast("F", compiled)


def inner(function: F) -> F:
    """Compile a function called by kernels only: without wrappers, in half the time."""
    compiled = njit(  # type: ignore[call-overload]
        function,
        nogil=True,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )
    return cast("F", compiled)
