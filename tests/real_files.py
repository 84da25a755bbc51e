"""Where files lie that are not of this repository: real models and conformance sets."""

import os
from pathlib import Path

FOLDER = Path(os.environ.get("YUYAN_SHARED", "../shared"))
