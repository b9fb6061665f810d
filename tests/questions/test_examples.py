"""Every public function has an example that runs: the docstrings, on the small towns, one session for all."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import allocate
from allocate.results.allocation import Allocation
from tests.conftest import ROOT
from tests.questions.conftest import TINY

CLASSES = (allocate.Session, allocate.Case, allocate.NewScenario, allocate.Program, Allocation, allocate.Runs)
# What the house's own rooms take from these classes, and what documents are made of.
INSIDE = {
    "Session.variant", "Session.add", "Session.has_run", "Session.compiled", "Session.loaded",
    "Session.optimum", "Case.place", "Case.number", "Case.parameter", "Allocation.with_notes",
    "Allocation.frames", "Allocation.message", "Allocation.to_json", "Runs.to_json",
    "Runs.table", "Runs.scenarios", "Runs.under",
}  # fmt: skip
SMALL = allocate.examples.small()
PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")


def shown() -> Iterator[tuple[str, object]]:
    """Public functions, and the public methods of the classes that an analyst holds in hand."""
    for name in allocate.__all__:
        if inspect.isfunction(getattr(allocate, name)):
            yield name, getattr(allocate, name)
    yield "examples.auenfurt", allocate.examples.auenfurt
    yield "examples.small", allocate.examples.small
    for kind in CLASSES:
        for name, member in inspect.getmembers(kind):
            if not name.startswith("_") and callable(member) and not isinstance(member, type):
                yield f"{kind.__name__}.{name}", member


SHOWN = dict(shown())
EXAMPLES = [name for name, one in SHOWN.items() if ">>> " in (inspect.getdoc(one) or "")]


def test_every_public_function_has_an_example() -> None:
    """In its own docstring, or on the page of the library, whose examples run in ``tests/test_docs.py``."""
    called = {name for name in SHOWN if f"{name.split('.')[-1]}(" in PAGE}
    assert set(SHOWN) - INSIDE - called - set(EXAMPLES) == set()
    assert not INSIDE - set(SHOWN)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_example_of_a_docstring_runs(name: str, session: allocate.Session, tmp_path: Path) -> None:
    text = inspect.getdoc(SHOWN[name]) or ""
    names = {"allocate": allocate, "examples": allocate.examples, "session": session, "case": SMALL}
    names |= {"case_folder": TINY, "empty": tmp_path}
    example = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example, out=report.append).failed == 0, "".join(report)
