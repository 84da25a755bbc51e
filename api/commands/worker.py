"""``yuyan worker``: one compute worker against the same settings."""

import argparse
import sys

from api.commands.exits import OK, UNUSABLE
from api.commands.settings import settings_of
from bimcore.errors import InputError


def run(options: argparse.Namespace) -> int:
    """Work until stopped."""
    from api.services.errors import Unavailable
    from api.worker import run_worker

    try:
        run_worker(settings_of(options))
    except (InputError, Unavailable) as err:
        sys.stderr.write(f"{err}\n")
        return UNUSABLE
    return OK
