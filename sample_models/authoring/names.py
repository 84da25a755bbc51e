"""Members of the ledger by the keys of their parts."""

from sample_models.authoring.ledger import Member
from sample_models.authoring.project import Sheets


class Names:
    """Members of the models by the keys of their parts."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets

    def arc(self, key: str) -> Member:
        """A part of the architecture."""
        return Member.of(self._sheets.architecture, key)

    def stru(self, key: str) -> Member:
        """A part of the structure."""
        return Member.of(self._sheets.structure, key)

    def site(self, key: str) -> Member:
        """A part of the site works."""
        return Member.of(self._sheets.site, key)

    def mep(self, key: str) -> Member:
        """A part of the services, in either revision."""
        return Member.of(self._sheets.mep, key, later=self._sheets.mep_b)

    def line(self, number: str) -> Member:
        """A buried line of the layers."""
        return Member("", "", number)

    def west(self, key: str) -> Member:
        """A part of the pavilion on the grid of zone 35."""
        return Member.of(self._sheets.pavilion_west, key)

    def east(self, key: str) -> Member:
        """A part of the pavilion of control points."""
        return Member.of(self._sheets.pavilion_east, key)
