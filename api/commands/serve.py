"""``yuyan serve``: HTTP API, web app and, unless told otherwise, one worker."""

import argparse

from api.commands.exits import OK
from api.commands.settings import settings_of


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    from api.main import serve

    serve(settings_of(options), worker=not options.no_worker)
    return OK
