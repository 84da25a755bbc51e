"""The measures of a run in a file beside it, so that the next run measures only what is new."""

from pathlib import Path

from bimcore.errors import FormatError
from bimcore.formats.npz import load_arrays, save_arrays
from clash.memory import ARRAYS, Memory

#: The file in the folder of a run.
FILE = "measures.npz"


def read_measures(path: Path) -> Memory | None:
    """What a run kept; None where there is no such file or it is damaged.

    A run without it measures everything again and comes to the same result.
    """
    try:
        return Memory.from_arrays(load_arrays(path, ARRAYS))
    except (OSError, FormatError):
        return None


def write_measures(memory: Memory, path: Path) -> None:
    """Keep the measures of a run; equal measures give equal bytes."""
    save_arrays(memory.arrays(), path)
