"""Settings of a command: the environment, overruled by its options."""

import argparse

from pydantic import ValidationError

from api.settings import Settings
from bimcore.errors import InputError


class WrongSettings(InputError):
    """A setting is not what it has to be; each wrong one is a line."""


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings with ``--data``, ``--host`` and ``--port`` where they are given.

    Raises
    ------
    WrongSettings
        A variable or an option is not what it has to be.

    """
    given = {
        name: value
        for name in ("data", "host", "port")
        if (value := getattr(options, name, None)) is not None
    }
    try:
        return Settings(**given)
    except ValidationError as err:
        lines = (f"YUYAN_{str(e['loc'][0]).upper()}: {e['msg']} 设置无效" for e in err.errors())
        raise WrongSettings("\n".join(lines)) from None
