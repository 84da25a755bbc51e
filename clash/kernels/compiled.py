"""How kernels are compiled: once, cached on disk, free of the interpreter lock."""

import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

#: All functions called from Python, to see that each is compiled once.
ENTRIES: list[Any] = []

F = TypeVar("F", bound=Callable[..., Any])


def _without_blas() -> None:
    """Have numba set up its array functions without looking for a BLAS.

    It would import all of ``scipy.linalg`` for it, half a second in every process, and no
    kernel multiplies matrices.
    """
    module = "scipy.linalg"
    if module in sys.modules or "numba.np.arraymath" in sys.modules:
        return
    sys.modules[module] = None  # type: ignore[assignment]  # the import system's "not there"
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[module]


_without_blas()


@cache
def source_stamp() -> str:
    """What the cached code was compiled from: all kernels, not only the entry's own file."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
    compiled = njit(  # type: ignore[call-overload]
        function, cache=True, nogil=True, error_model="numpy", _nrt=counting
    )
    # numba looks at one file's date only: it would keep code whose callees have changed, and
    # drop code whose file was merely copied into an image
    ENTRIES.append(compiled)
    compiled._cache._cache_file._source_stamp = source_stamp()  # noqa: SLF001
    return cast("F", compiled)


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
    compiled = njit(  # type: ignore[call-overload]
        function,
        nogil=True,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        _nrt=counting,
    )
    return cast("F", compiled)
