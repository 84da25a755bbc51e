# mypy: disable-error-code="no-untyped-call"
# (numba has no types)
"""Compiled functions that are called from Python: kept on disk, and loaded in milliseconds."""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

from llvmlite import binding
from numba import njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.runtime.nrt import rtsys

F = TypeVar("F", bound=Callable[..., Any])


def _without_blas() -> None:
    """Have numba set up its array functions without looking for a BLAS.

    It would import all of ``scipy.linalg`` for it, half a second in every process, and no
    function here multiplies matrices.
    """
    module = "scipy.linalg"
    if module in sys.modules or "numba.np.arraymath" in sys.modules:
        return
    sys.modules[module] = None  # type: ignore[assignment]  # the import system's "not there"
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[module]


class _Kept(CompileResultCacheImpl):
    """Machine code alone.

    numba keeps the code before its last stage too, for other compiled functions to take it
    in. Nothing here is called by those, and reading it takes longer than all the rest.
    """

    def reduce(self, cres: Any) -> tuple[Any, ...]:
        """What is written to disk."""
        (name, kind, (code, _)), *rest = super().reduce(cres)
        nothing = binding.parse_assembly("").as_bitcode()
        return ((name, kind, (code, nothing)), *rest)

    def rebuild(self, target_context: Any, payload: tuple[Any, ...]) -> Any:
        """The function from what was written."""
        names = payload[1]
        engine = target_context.codegen()._engine  # noqa: SLF001 - it lists what it may look up
        engine._defined_symbols |= {  # noqa: SLF001
            names.llvm_func_name,
            names.llvm_cpython_wrapper_name,
            names.llvm_cfunc_wrapper_name,
        }
        return super().rebuild(target_context, payload)


class _Cache(FunctionCache):
    """The cache of one function.

    Of numba only what runs machine code is set up before a function is loaded; its types
    and array functions, a quarter of a second in every process, when one is compiled.
    """

    _impl_class = _Kept

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The function for one signature; None where it is to be compiled."""
        rtsys.initialize(target_context)
        _without_blas()
        return self._load_overload(sig, target_context)


@cache
def stamp_of(*paths: Path) -> str:
    """A digest of files and of this one: what compiled code on disk was made from.

    numba looks at the date of one file only. It would keep code whose callees have changed,
    and drop code whose file was merely copied into an image.
    """
    digest = sha256()
    for path in (*paths, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compiled(
    function: F,
    *signatures: Any,
    sources: Iterable[Path] | None = None,
    counting: bool | None = None,
) -> F:
    """Compile a function that Python alone calls, never another compiled function.

    Parameters
    ----------
    function : callable
        Numbers and arrays in, numbers and arrays out. The interpreter lock is let go of,
        and division by zero gives infinity, as in numpy.
    *signatures
        Compiled for these at once; for the arguments of the first calls by default.
    sources : iterable of Path, optional
        Files that the code is made from; the file of the function by default.
    counting : bool, optional
        Whether the users of arrays are counted, without which none can be made; numba
        decides by default.

    Notes
    -----
    The cache lives in ``NUMBA_CACHE_DIR``, else beside the source.

    """
    options = {} if counting is None else {"_nrt": counting}
    dispatcher = njit(  # type: ignore[call-overload]
        function, nogil=True, error_model="numpy", **options
    )
    kept = _Cache(function)
    files = [Path(function.__code__.co_filename)] if sources is None else sources
    kept._cache_file._source_stamp = stamp_of(*files)  # noqa: SLF001
    dispatcher._cache = kept  # noqa: SLF001 - where numba's own `cache=True` puts it
    for signature in signatures:
        dispatcher.compile(signature)
    return cast("F", dispatcher)


def compiled_for(*signatures: Any) -> Callable[[F], F]:
    """As :func:`compiled`, for these signatures, when the module is imported."""
    return lambda function: compiled(function, *signatures)
