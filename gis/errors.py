"""The error of a layer that cannot be used."""

from bimcore.errors import GisError
from bimcore.findings import Code, Finding


class LayerError(GisError):
    """The layer cannot be read; deliver it as GeoPackage, GeoJSON or Shapefile."""

    def __init__(self, code: Code, **data: object) -> None:
        self.finding = Finding(code=code, severity=code.severity, data=data)
        super().__init__(self.finding.message("en"), code=code.code)
