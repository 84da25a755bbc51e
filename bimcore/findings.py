"""The catalogue of codes and the Finding, a defect of the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One entry of the catalogue.

    Attributes
    ----------
    code : str
        Prefix and number: IFC 1xx, ELE 2xx, GEO 3xx, GIS 4xx and 5xx, CLA 5xx, SCH 6xx,
        BCF 7xx, SRV 9xx.
    severity : int
        0 to 100 unless the finding says otherwise; 0 is information.
    zh, en : str
        Message templates for ``str.format`` over the finding's `data`.
    remedy_zh, remedy_en : str
        What the reader does about it.

    """

    code: str
    severity: int
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


#: Every code by its name; filled by ``catalogue.py`` tables below.
def catalogue(*tables: tuple[Code, ...]) -> Mapping[str, Code]:
    """Join code tables; a repeated code is a programming error."""
    joined: dict[str, Code] = {}
    for table in tables:
        for code in table:
            if code.code in joined:
                message = f"code {code.code} is catalogued twice"
                raise ValueError(message)
            joined[code.code] = code
    return MappingProxyType(joined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A defect of the data, found at upload or in review.

    Attributes
    ----------
    code : str
        Catalogued code.
    severity : int
        0 to 100.
    model : str
        Name of the model; empty when it concerns no single one.
    elements : tuple of str
        GlobalIds concerned.
    point : tuple of float or None
        Metres in the project frame (model frame at upload).
    data : mapping
        JSON values that fill the message templates; keys carry units (``depth_m``).

    """

    code: Code
    severity: int
    model: str = ""
    elements: tuple[str, ...] = ()
    point: tuple[float, float, float] | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        code: Code,
        *,
        model: str = "",
        elements: tuple[str, ...] | list[str] = (),
        point: tuple[float, float, float] | None = None,
        severity: int | None = None,
        **data: object,
    ) -> "Finding":
        """A finding of `code` with its own severity unless given."""
        return cls(
            code=code,
            severity=code.severity if severity is None else severity,
            model=model,
            elements=tuple(elements),
            point=point,
            data=data,
        )

    def message(self, language: str = "zh-CN") -> str:
        """The message in ``"zh-CN"`` or ``"en"``."""
        template = self.code.zh if language.startswith("zh") else self.code.en
        return template.format(**self.data)

    def remedy(self, language: str = "zh-CN") -> str:
        """What to do, in ``"zh-CN"`` or ``"en"``."""
        return self.code.remedy_zh if language.startswith("zh") else self.code.remedy_en

    def to_json(self) -> dict[str, object]:
        """As in ``review.json``; ``message`` is Chinese, ``message_en`` English."""
        return {
            "code": self.code.code,
            "severity": self.severity,
            "model": self.model,
            "elements": list(self.elements),
            "point": None if self.point is None else list(self.point),
            "message": self.message("zh-CN"),
            "message_en": self.message("en"),
            "remedy": self.remedy("zh-CN"),
            "remedy_en": self.remedy("en"),
            "data": dict(self.data),
        }
