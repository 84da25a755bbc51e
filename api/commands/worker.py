"""``yuyan worker``: one compute worker against the same settings."""

import argparse

from api.commands.exits import OK
from api.commands.settings import settings_of


def run(options: argparse.Namespace) -> int:
    """Work until stopped."""
    from api.worker import run_worker

    run_worker(settings_of(options))
    return OK
