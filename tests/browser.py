"""Says whether the browser tests can run here, and how to make them."""

import shutil
import sys


def missing():
    """Programs the browser tests need and this machine lacks."""
    return [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]


if __name__ == "__main__":
    if missing():
        sys.stdout.write(
            f"The browser tests will be skipped: {' and '.join(missing())} not on the path.\n"
            "Debian and Ubuntu: apt-get install chromium chromium-driver fonts-noto-cjk\n"
        )
