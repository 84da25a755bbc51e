"""The exceptions of yuyan, as one tree.

::

    YuyanError
    +-- InputError            a request or a file that cannot be used
    |   +-- IfcError          (bimcore.ifc)
    |   +-- FormatError       (bimcore.formats)
    |   +-- GisError          (gis)
    |   +-- RuleError         (clash.rules)
    +-- Cancelled             the caller asked to stop

Defects of the *data* are no exceptions: they are findings (``bimcore.findings``).
"""


class YuyanError(Exception):
    """Something went wrong in yuyan; the message says what to do."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class InputError(YuyanError):
    """The input is unusable; correct it and try again."""

    #: Catalogue code shown to the user, for example ``"IFC101"``.
    code: str = "SRV900"

    def __init__(self, message: str | None = None, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class IfcError(InputError):
    """The IFC file cannot be read; export it again from the authoring tool."""

    code = "IFC100"


class FormatError(InputError):
    """The file does not follow its format."""


class GisError(InputError):
    """The GIS data or coordinate reference system cannot be used."""

    code = "GIS400"


class RuleError(InputError):
    """The rule file is not valid."""

    code = "CLA500"


class Cancelled(YuyanError):
    """The work was cancelled on request."""
