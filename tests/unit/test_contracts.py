"""Every import contract holds, and is seen to break on a planted violation."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bimcore", "gis", "clash", "api")

#: contract id -> (module that is given a forbidden import, the import)
PLANTS = {
    "packages": ("clash/engine.py", "import gis.crs"),
    "api-layers": ("api/services/projects.py", "import api.deps"),
    "pure": ("bimcore/frame.py", "import pydantic"),
    "ifcopenshell-home": ("gis/crs.py", "import ifcopenshell"),
    "gis-home": ("bimcore/frame.py", "import shapely"),
    "numba-home": ("clash/engine.py", "import numba"),
    "sql-home": ("api/services/projects.py", "import sqlalchemy"),
    "services-know-no-http": ("api/services/projects.py", "import fastapi"),
    "store-door": ("api/routes/projects.py", "import api.store.tables"),
    "light-web": ("api/services/projects.py", "import clash.engine"),
    "acyclic": ("bimcore/arrays.py", "import bimcore.mesh"),
}


def _lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("lint-imports")),
            "--no-logo",
            "--no-cache",
            "--contract",
            contract,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_has_a_plant():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ids = [c["id"] for c in config["tool"]["importlinter"]["contracts"]]

    assert sorted(ids) == sorted(PLANTS)


@pytest.mark.parametrize("contract", sorted(PLANTS))
def test_contract_holds_and_breaks_on_a_plant(copy, contract):
    kept = _lint(copy, contract)
    module, line = PLANTS[contract]
    path = copy / module
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        broken = _lint(copy, contract)
    finally:
        path.write_text(before, encoding="utf-8")

    assert kept.returncode == 0, kept.stdout
    assert broken.returncode == 1, broken.stdout
    assert "1 broken" in broken.stdout
