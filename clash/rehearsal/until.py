"""Where windows end that nothing ends."""

import numpy as np

from clash.rehearsal.base import Stage
from clash.rehearsal.carried import NEVER


def end_of_plan(stage: Stage, moment: np.datetime64) -> np.datetime64:
    """A moment, or the end of the plan for one that never comes."""
    if moment < NEVER:
        return moment
    known = stage.path.finish[~np.isnat(stage.path.finish)]
    last: np.datetime64 = known.max()
    return last
