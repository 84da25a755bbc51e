"""What the rules on crews look at: who works when, where they stand, what is over them."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import I64
from clash.rehearsal.base import Stage
from clash.rehearsal.crews import Crews
from clash.rehearsal.decks import Decks
from clash.rehearsal.places import blocks_of
from clash.rehearsal.standing import Ground, ground_of
from clash.rehearsal.trades import trades

#: Metres that people reach up from where they stand.
REACH = 2.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Look:
    """A stage with what the rules on crews ask of it, each worked out once for all of them."""

    stage: Stage

    @property
    def crews(self) -> Crews:
        """The tasks at work."""
        return self.stage.once(_crews)

    @property
    def ground(self) -> Ground:
        """Boxes along the building, and where people stand."""
        return self.stage.once(_ground)

    @property
    def decks(self) -> Decks:
        """Floors and protection decks, which hold what falls."""
        return self.stage.once(_decks)

    @property
    def blocks(self) -> I64:
        """Building (E,) of each element on its level."""
        return self.stage.once(_blocks)

    def linked(self, task: int) -> I64:
        """Elements that a task works on."""
        links = self.stage.links
        low, high = np.searchsorted(links.task, [task, task + 1]).tolist()
        found: I64 = links.element[low:high].astype(np.int64)
        return found

    def elements(self, task: int) -> I64:
        """Elements of a task that have a body."""
        rows = self.linked(task)
        return rows[self.ground.known[rows]]


def _crews(stage: Stage) -> Crews:
    return Crews.of(stage, trades())


def _ground(stage: Stage) -> Ground:
    return ground_of(
        stage.scene, stage.places, reach=REACH, linked=stage.links.element, roles=stage.roles
    )


def _decks(stage: Stage) -> Decks:
    return Decks.of(stage.once(_ground), stage.once(_crews))


def _blocks(stage: Stage) -> I64:
    return blocks_of(stage.scene, stage.places)
