"""Settings of a command: the environment, overruled by its options."""

import argparse

from api.settings import Settings


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings with ``--data``, ``--host`` and ``--port`` where they are given."""
    given = {
        name: value
        for name in ("data", "host", "port")
        if (value := getattr(options, name, None)) is not None
    }
    return Settings(**given)
