"""What a child tells its parent while it works, and the form of its findings."""

import time
from pathlib import Path
from typing import Any

from bimcore.findings import Finding


class Events:
    """Tells the parent what the child is doing, one line each, by appending to a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._start = time.perf_counter()
        self._stage = ""
        self.timings: dict[str, float] = {}

    def stage(self, name: str, share: float) -> None:
        """Begin a stage at `share` of the whole."""
        now = time.perf_counter()
        if self._stage:
            self.timings[f"{self._stage}_s"] = round(now - self._start, 4)
        self._stage, self._start = name, now
        self._file.write(f"stage {name} {share:.3f}\n".encode())

    def product(self, number: int, share: float) -> None:
        """Begin product `number`."""
        self._file.write(f"product {number} {share:.3f}\n".encode())

    def chunk(self, place: int, share: float) -> None:
        """Begin the kernel call number `place`."""
        self._file.write(f"chunk {place} {share:.3f}\n".encode())


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as the parent reads it back."""
    return {
        "code": finding.code.code,
        "severity": finding.severity,
        "elements": list(finding.elements),
        "point": finding.point,
        "data": dict(finding.data),
    }
