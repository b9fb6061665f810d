"""The public names: a short list, each explained, each fetched only when it is used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from html import escape
from importlib import import_module
from pathlib import Path

import pytest

import allocate
from allocate.analyses.comparison.compare import compare

TINY = Path(__file__).parent / "cases" / "tiny"
PAGE = Path(__file__).parents[1] / "docs" / "library.md"
NAMES = sorted(set(allocate.__all__) - {"__version__"})


def test_the_list_is_what_we_promise() -> None:
    """A name leaves this list only with a word in the changelog; a new one should be worth learning."""
    assert NAMES == [
        "AllocateError", "Allocation", "Begun", "Case", "CertificateError", "Checked", "InputError", "Limits",
        "Measures", "NewScenario", "Picture", "Program", "Report", "Runs", "Session", "SolverMissing", "Status",
        "UsageError", "batch", "check", "examples", "init", "land", "read_case", "scenario_ids", "solve_many",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_explained_and_at_home_where_it_is_defined(name: str) -> None:
    value = getattr(allocate, name)
    assert inspect.getdoc(value)
    assert f"`{name}`" in (PAGE.read_text(encoding="utf-8")), "docs/library.md says what may change"
    assert inspect.ismodule(value) or getattr(import_module(value.__module__), name) is value
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


def test_answers_are_one_line_and_compare_without_an_error(auenfurt: Path) -> None:
    """Answers hold frames, and whether two frames are equal is no yes or no."""
    session = allocate.Session(allocate.read_case(auenfurt))
    found = compare(session, ["SZ0", "SZ1"])
    for one in (found, session, session.case, session.run("SZ1"), session.run("SZ1").tables):
        assert len(repr(one)) < 200 and "\n" not in repr(one)
        assert one == one and one != session.limits  # noqa: PLR0124
    assert found != compare(session, ["SZ0", "SZ1"])


def test_a_notebook_shows_the_line_and_the_tables_and_names_are_text() -> None:
    tiny = allocate.read_case(TINY)
    hostile = tiny.with_tables(needs=tiny["needs"].assign(need_name_en="<script>x</script>"))
    plan = allocate.Session(hostile).run("pooled")
    for one, tables in ((hostile, ("needs", "offers")), (plan, ("coverage", "pots")), (plan.variant, ())):
        shown = one._repr_html_()
        assert escape(repr(one)) in shown and "<script>" not in shown
        for name in tables:
            assert f"<summary>{name} (" in shown
    assert "<summary>gains (" in compare(allocate.Session(tiny), ["pooled"])._repr_html_()


def test_compiled_arrays_cannot_be_written() -> None:
    session = allocate.Session(allocate.read_case(TINY))
    compiled = session.compiled("pooled")
    for array in (
        compiled.program.cost,
        compiled.program.row_upper,
        compiled.town.cells.demand,
        compiled.floors.demand,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_every_answer_with_frames_compares_by_identity() -> None:
    """A new answer that forgets it would raise where somebody compares two."""
    forgotten = [
        f"{module.stem}.{kind.name}"
        for module in sorted((Path(allocate.__file__).parent / "analyses").rglob("*.py"))
        for kind in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(kind, ast.ClassDef)
        and any("dataclass" in ast.unparse(one) and "eq=False" not in ast.unparse(one) for one in kind.decorator_list)
        and any(isinstance(row, ast.AnnAssign) and "DataFrame" in ast.unparse(row.annotation) for row in kind.body)
    ]
    assert not forgotten
