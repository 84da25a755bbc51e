"""The errors of GIS input that cannot be used."""

from bimcore.errors import GisError
from bimcore.findings import Code, Finding


class LayerError(GisError):
    """The layer cannot be read; deliver it as GeoPackage, GeoJSON or Shapefile."""

    def __init__(self, code: Code, **data: object) -> None:
        self.finding = Finding(code=code, severity=code.severity, data=data)
        super().__init__(self.finding.message("en"), code=code.code)


class BilingualError(GisError):
    """The GIS input cannot be used; the message says why."""

    def __init__(self, en: str = "", zh: str = "") -> None:
        """Take the reason in English, which is the message, and in Chinese."""
        super().__init__(en)
        self.zh = zh or str(self)
