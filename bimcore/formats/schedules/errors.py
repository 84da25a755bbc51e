"""The error of a plan that cannot be used."""

from typing import Any

from bimcore.errors import InputError
from bimcore.findings import Code, Finding
from bimcore.formats.schedules.places import in_chinese


class ScheduleError(InputError):
    """The schedule cannot be read; export it as MS Project XML, XER, P6 XML, XLSX or CSV."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message("en"), code=finding.code.code)

    @classmethod
    def of(cls, code: Code, *, name: str, **data: Any) -> "ScheduleError":
        """The error that `code` describes, about the file `name`."""
        if "place" in data:
            data.setdefault("place_zh", in_chinese(data["place"]))
        return cls(Finding.of(code, model=name, name=name, **data))
