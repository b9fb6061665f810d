"""The public names: a short list, each explained, each fetched only when it is used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import allocate

NAMES = sorted(set(allocate.__all__) - {"__version__"})


def test_the_list_is_what_we_promise() -> None:
    """A name leaves this list only with a word in the changelog; a new one should be worth learning."""
    assert NAMES == [
        "AllocateError", "Allocation", "Case", "CertificateError", "InputError", "Limits", "Measures", "Session",
        "SolverMissing", "Status", "UsageError", "read_case", "scenario_ids",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_explained_and_at_home_where_it_is_defined(name: str) -> None:
    value = getattr(allocate, name)
    assert inspect.getdoc(value)
    assert getattr(import_module(value.__module__), name) is value
    assert name in dir(allocate)


def test_type_checkers_see_the_same_names_from_the_same_homes() -> None:
    tree = ast.parse(Path(allocate.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.asname: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == allocate._HOMES


def test_an_unknown_name_is_an_ordinary_mistake() -> None:
    with pytest.raises(AttributeError, match="no attribute 'optimise'"):
        _ = allocate.optimise  # type: ignore[attr-defined]


def test_importing_the_package_is_cheap() -> None:
    program = "import sys, allocate; print(*sys.modules); allocate.UsageError; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    first, second = (set(line.split()) for line in ended.stdout.splitlines())
    assert not first & {"allocate.session", "allocate.errors"}
    assert "allocate.errors" in second
    assert not second & {"pandas", "numpy", "highspy", "pulp"}
