"""The codes of plans from Primavera and from IFC, SCH620 to SCH629."""

from bimcore.findings import Code

SOURCE_CODES: tuple[Code, ...] = ()
