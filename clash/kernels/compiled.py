"""How kernels are compiled: once, cached on disk, free of the interpreter lock."""

from numba import njit

#: For functions called from Python: one specialisation each, kept in the cache directory
#: (``NUMBA_CACHE_DIR``, else beside the source). Division by zero gives infinity, as in numpy.
entry = njit(cache=True, nogil=True, error_model="numpy")
#: For functions called by other kernels only: no wrappers, which halves the compile time.
inner = njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
