"""IfcClash, the peer, as one whole process: IFC files in, clash list out."""

import json
import logging
import sys
import tempfile
from pathlib import Path

from ifcclash.ifcclash import Clasher, ClashSettings


def main(paths):
    settings = ClashSettings()
    settings.logger = logging.getLogger("ifcclash")
    with tempfile.TemporaryDirectory() as folder:
        settings.output = str(Path(folder) / "clashes.json")
        clasher = Clasher(settings)
        clasher.clash_sets = [
            {
                "name": "all against all",
                "mode": "intersection",
                "tolerance": 0.002,
                "check_all": True,
                "a": [{"file": p} for p in paths],
                "b": [{"file": p} for p in paths],
            }
        ]
        clasher.clash()
        clasher.export_json()
        found = json.loads(Path(settings.output).read_text(encoding="utf-8"))
    print(json.dumps({"clashes": len(found[0]["clashes"])}))


if __name__ == "__main__":
    main(sys.argv[1:])
