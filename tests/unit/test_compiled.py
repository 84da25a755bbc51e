"""Compiled functions that Python calls are called by Python alone."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [
    *sorted((ROOT / "clash" / "kernels").glob("*.py")),
    ROOT / "clash" / "rehearsal" / "spreading.py",
    ROOT / "bimcore" / "raster.py",
]
ENTRIES = {"entry", "allocating_entry", "compiled", "compiled_for"}


def functions(path):
    """Functions of a module by name, and the names of their decorators."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            made = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
            yield node, {d.id for d in made if isinstance(d, ast.Name)}


def kept(folder):
    """Names of the functions of a folder that are kept on disk."""
    modules = [path for path in MODULES if path.parent == folder]
    return {f.name for path in modules for f, made in functions(path) if made & ENTRIES}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_no_compiled_function_calls_one_that_is_kept_without_its_source(path):
    calls = {
        (function.name, call.func.id)
        for function, made in functions(path)
        if made  # what numba compiles has a decorator
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }

    assert len(kept(path.parent)) >= 4
    assert {pair for pair in calls if pair[1] in kept(path.parent)} == set()
