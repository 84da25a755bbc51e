"""``yuyan warm``: compile every kernel into the cache, so that no job pays for it."""

import argparse
import sys
import time

from api.commands.exits import OK


def run(options: argparse.Namespace) -> int:
    """Compile the clash kernels, the rasteriser and the ways in of the rehearsal."""
    del options
    begin = time.perf_counter()
    # The rasteriser names its signatures, so importing it compiles it.
    from bimcore import raster  # noqa: F401
    from clash import kernels
    from clash.rehearsal import spreading

    kernels.warm()
    spreading.warm()
    sys.stdout.write(f"kernels ready after {time.perf_counter() - begin:.1f} s 内核已就绪\n")
    return OK
