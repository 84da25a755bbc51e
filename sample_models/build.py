"""Authors the sample project 两江智慧园区 B3: models, layers, schedule, index."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Build into ``--out``; with ``--index`` renew the index beside this file too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "build", help="folder to build into")
    parser.add_argument("--index", action="store_true", help="renew sample_models/index.toml")
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE.parent))
    from sample_models.authoring.index import text
    from sample_models.authoring.project import build

    index = text(build(arguments.out)).encode()
    (arguments.out / "index.toml").write_bytes(index)
    if arguments.index:
        (HERE / "index.toml").write_bytes(index)


if __name__ == "__main__":
    main()
