"""The process that reads one plan, with bounded time and memory.

Run as ``python -P -m bimcore.formats.schedules.child JOB OUT``.
"""

import gc
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from bimcore.children import limit, plain
from bimcore.formats.schedules.bounded import bounded
from bimcore.formats.schedules.document import to_json
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.readers import READERS

#: What readers raise about data besides what they say of themselves.
_BAD_DATA = (
    ValueError,
    OverflowError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    MemoryError,
    OSError,
    RuntimeError,
)


def main(job: Path, out: Path) -> None:
    """Read the plan that `job` names and write what became of it to `out`."""
    wanted = json.loads(job.read_text(encoding="utf-8"))
    limit(seconds=int(wanted["seconds"]), memory=int(wanted["memory_bytes"]))
    # Trees of records hold no circles, and the process ends with the file.
    gc.disable()
    path = Path(wanted["path"])
    outcome: dict[str, Any]
    try:
        reader = importlib.import_module(READERS[wanted["kind"]])
        schedule = bounded(reader.read(path, name=wanted["name"]))
        outcome = {"schedule": to_json(schedule)}
    except ScheduleError as err:
        outcome = {"refused": err.finding.code.code, "data": dict(err.finding.data)}
    except MemoryError:
        outcome = {"stopped": True}
    except _BAD_DATA as err:
        outcome = {"error": plain(f"{type(err).__name__} {err}", path)}
    out.write_text(json.dumps(outcome, ensure_ascii=True), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
