"""The one exception of the use cases: a refusal with a catalogued code."""

from api.store.db import Unavailable
from bimcore.errors import InputError
from bimcore.findings import Code, Finding

__all__ = ["Refused", "Unavailable", "finding_problem", "problem_of"]


class Refused(InputError):
    """The service refuses the request; the code says why and what to do."""

    def __init__(self, code: Code, **data: object) -> None:
        self.catalogued = code
        self.data = data
        super().__init__(code.en.format(**data), code=code.code)

    def texts(self) -> dict[str, object]:
        """Message and remedy in both languages."""
        return problem_of(self.catalogued, **self.data)


def problem_of(code: Code, **data: object) -> dict[str, object]:
    """A problem as stored on revisions, runs and jobs."""
    return {
        "code": code.code,
        "message": code.zh.format(**data),
        "message_en": code.en.format(**data),
        "remedy": code.remedy_zh.format(**data),
        "remedy_en": code.remedy_en.format(**data),
    }


def finding_problem(finding: Finding) -> dict[str, object]:
    """The problem of a revision that a finding makes unusable."""
    return {
        "code": finding.code.code,
        "message": finding.message("zh-CN"),
        "message_en": finding.message("en"),
        "remedy": finding.remedy("zh-CN"),
        "remedy_en": finding.remedy("en"),
    }
