"""The one exception of the use cases: a refusal with a catalogued code."""

from bimcore.errors import InputError
from bimcore.findings import Code


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
