"""All that is said in other words before a file is meshed."""

from typing import Any

from bimcore.ifc.access import Reader
from bimcore.ifc.placement import Units
from bimcore.ifc.rewording import Draft
from bimcore.ifc.rewording_far import Far
from bimcore.ifc.rewording_outlines import Outlines
from bimcore.ifc.rewording_places import Angles, Chains, Grids
from bimcore.ifc.rewording_shapes import Shapes
from bimcore.ifc.rewording_solids import Disks, Facets, Hollows, Primitives
from bimcore.ifc.rewording_tapers import Bands, Tapers


def reword(file: Any, reader: Reader, *, free: int) -> Draft:
    """New words for what the kernels would misread in `file`.

    Parameters
    ----------
    file : ifcopenshell.file
    reader : Reader
    free : int
        An instance number above all that are in use.

    """
    draft = Draft(free=free)
    units = Units(file, reader)
    # the far ones before the others: outlines are drawn where these have moved to
    for rewriter in (
        Angles,
        Chains,
        Far,
        Grids,
        Shapes,
        Disks,
        Bands,
        Tapers,
        Hollows,
        Primitives,
        Facets,
        Outlines,
    ):
        rewriter(file, reader, units, draft).work()
    return draft
