"""What one layer file may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerLimits:
    """Bounds on what one layer file may cost.

    `cells` are those of a raster that is kept whole; a larger one is thinned, and one with
    more than `most_cells` is refused. `features` bounds what a drawing comes to once its
    blocks are laid out.
    """

    file_bytes: int = 1 << 30
    unpacked_bytes: int = 2 << 30
    members: int = 2048
    seconds: float = 120.0
    memory_bytes: int = 6 << 30
    cells: int = 36_000_000
    most_cells: int = 1_000_000_000
    features: int = 1_000_000
