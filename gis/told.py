"""What GIS input is refused for, in both languages."""

from bimcore.errors import GisError


class ToldError(GisError):
    """The GIS input cannot be used; the message says why."""

    def __init__(self, en: str = "", zh: str = "") -> None:
        """Take the reason in English, which is the message, and in Chinese."""
        super().__init__(en)
        self.zh = zh or str(self)
