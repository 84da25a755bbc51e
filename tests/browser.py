"""Says whether the browser tests can run here, and how to make them."""

import shutil
import sys

NAMES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "chromedriver": ("chromedriver",),
}


def path_of(name):
    """Where a program of the browser tests is; None where it is not on the path."""
    return next((p for n in NAMES[name] if (p := shutil.which(n)) is not None), None)


def missing():
    """Programs the browser tests need and this machine lacks."""
    return [name for name in NAMES if path_of(name) is None]


if __name__ == "__main__":
    if missing():
        sys.stdout.write(
            f"The browser tests will be skipped: {' and '.join(missing())} not on the path.\n"
            "Debian and Ubuntu: apt-get install chromium chromium-driver fonts-noto-cjk\n"
        )
