"""``yuyan serve``: HTTP API, web app and, unless told otherwise, one worker."""

import argparse
import sys

from api.commands.exits import OK, UNUSABLE
from api.commands.settings import settings_of
from bimcore.errors import InputError


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    from api.main import serve
    from api.services.errors import Unavailable

    try:
        serve(settings_of(options), worker=not options.no_worker)
    except (InputError, Unavailable) as err:
        sys.stderr.write(f"{err}\n")
        return UNUSABLE
    return OK
