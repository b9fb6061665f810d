"""Every optional table and column may be absent, alone or together: every question still has an answer.

Taken away in memory one by one, where an absent column is what reading makes of it (its default); all at once as files,
through every command there is.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from allocate.analyses.comparison.compare import compare
from allocate.analyses.fairness.covered_how_well import fairness
from allocate.checking.opening import read_case
from allocate.cli.root import entries
from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.reading.defaults import fill
from allocate.inputs.reading.tables import empty
from allocate.inputs.scenario.variant import apply
from allocate.inputs.workbook.template import write_template_folder
from allocate.model.compile import compile_variant
from allocate.results.allocation import evaluated
from allocate.session import Session
from tests.cli.conftest import Call

type Place = tuple[str, str]

TABLES = [table.name for table in dictionary.tables().values() if not table.required]
COLUMNS = [(table.name, one.name) for table in dictionary.tables().values() for one in table if not one.required]
# Without them there is no today at all; that they are absent is tried one by one.
TODAY = [("offers", "baseline_capacity"), ("offers", "home_space_id")]
# How each command is asked; one that is not named here is asked with the case and a scenario.
PLAIN = ("check", "scenarios", "run", "compare", "duplication", "silos", "batch")
ASKED = {
    "explain": ["--all"],
    "frontier": ["--against", "equity"],
    "goals": ["--target", "space:*=0.3"],
    "alternatives": ["--prices"],
    "robust": ["--runs", "2", "--inputs", "1"],
    "transition": ["--years", "2027-2028"],
    "sweep": ["--change", "pots:M1:amount*{x}", "--over", "0.9:1.1:0.1"],
}
# What names the rows of a table cannot stay where the table goes.
FOLLOWS: dict[str, tuple[list[str], list[Place]]] = {
    "scenarios": (["changes"], []),
    "floors": ([], [("scenarios", "floor_sets")]),
    "weight_sets": ([], [("scenarios", "weight_set")]),
}
# They begin a case, show the example, or write files and have a test of their own.
# A server answers until it is interrupted.
# A Land is many towns.
# Payments are what it is about: where none is stated it says which table would state them.
OTHERWISE = {"demo", "init", "export", "report", "serve", "land", "money"}


def without(case: Case, tables: Iterable[str] = (), columns: Iterable[Place] = ()) -> Case:
    """The case as it would be read if its files lacked these tables and columns."""
    kept = {name: empty(name) if name in set(tables) else frame for name, frame in case.tables.items()}
    for table, name in columns:
        column, like = dictionary.table(table)[name], empty(table)[name]
        default = pd.Series(column.default_value, index=kept[table].index, dtype=like.dtype)
        kept[table] = kept[table].assign(**{name: default})
    fill(kept)
    return replace(case, tables=kept)


def without_table(case: Case, table: str) -> Case:
    """The case without a table and what names its rows."""
    tables, columns = FOLLOWS.get(table, ([], []))
    return without(case, [table, *tables], columns)


def proposal_of(case: Case) -> str:
    scenarios = case["scenarios"]
    return str(scenarios.loc[~scenarios["evaluate"], "scenario_id"].iloc[0])


def judged(case: Case) -> None:
    """Today is judged under the scenario of the proposal; checking, which takes most of the time, is left to others."""
    today = evaluated(compile_variant(apply(case, proposal_of(case))))
    assert today.measures is not None
    assert all(math.isfinite(value) for value in vars(today.measures).values())
    assert json.dumps(today.to_json(), allow_nan=False)


def answered(case: Case) -> Session:
    """Check, judge today and plan; where the rules that are left admit no plan, that is said."""
    session = Session(case)
    assert not session.case.findings["message"].str.contains(r"\bnan\b|<NA>|None").any()
    judged(case)
    plan = session.run(proposal_of(case))
    assert plan.has_plan or (plan.status == "infeasible" and plan.message())
    assert json.dumps(plan.to_json(), allow_nan=False)
    return session


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small town that ``init`` writes."""
    folder = tmp_path_factory.mktemp("absent") / "town"
    write_template_folder(folder, "en")
    return folder


@pytest.fixture(scope="module")
def small_case(small: Path) -> Case:
    return read_case(small)


@pytest.fixture(scope="module")
def example_case(auenfurt: Path) -> Case:
    return read_case(auenfurt)


@pytest.fixture(scope="module")
def bare(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small town with nothing but what is required, and today's capacities."""
    folder = tmp_path_factory.mktemp("bare") / "town"
    shutil.copytree(small, folder)
    for name in TABLES:
        (folder / f"{name}.csv").unlink(missing_ok=True)
    for file in folder.glob("*.csv"):
        cells = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        absent = [name for table, name in COLUMNS if table == file.stem and (table, name) not in TODAY]
        cells.drop(columns=[name for name in cells if name.partition(":")[0] in absent]).to_csv(file, index=False)
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_any_table_may_be_absent(small_case: Case, table: str) -> None:
    session = answered(without_table(small_case, table))
    assert json.dumps(compare(session, [proposal_of(session.case)]).to_json(), allow_nan=False)


@pytest.mark.parametrize("table", sorted({table for table, _ in COLUMNS}))
def test_any_column_may_be_absent(small_case: Case, table: str) -> None:
    """One by one today is judged; the plan is made without all columns of the table."""
    own = [place for place in COLUMNS if place[0] == table]
    for place in own:
        judged(without(small_case, columns=[place]))
    answered(without(small_case, columns=own))


@pytest.mark.parametrize("table", TABLES)
def test_any_table_of_the_example_may_be_absent(example_case: Case, table: str) -> None:
    judged(without_table(example_case, table))


@pytest.mark.parametrize("kept", [[], TODAY])
@pytest.mark.parametrize("town", ["small_case", "example_case"])
def test_all_may_be_absent_at_once(town: str, kept: list[Place], request: pytest.FixtureRequest) -> None:
    case = without(request.getfixturevalue(town), TABLES, [place for place in COLUMNS if place not in kept])
    session = answered(case)
    name = proposal_of(case)
    assert json.dumps(compare(session, [name]).to_json(), allow_nan=False)
    groups = fairness(session, name, with_curve=False).groups["kind"]
    assert not groups.isin(["region", "target_group"]).any()


@pytest.mark.parametrize("command", sorted(set(entries()) - OTHERWISE))
def test_every_command_answers_where_all_is_absent(call: Call, bare: Path, command: str) -> None:
    scenario = [] if command in PLAIN else ["-s", "silo"]
    ended = call(command, str(bare), *scenario, *ASKED.get(command, []), "--lang", "en")
    assert (ended.code, ended.err) == (0, ""), ended.err
    assert "nan" not in ended.out.split()


def test_payments_are_asked_for_where_none_are_stated(call: Call, bare: Path) -> None:
    ended = call("money", str(bare), "--lang", "en")
    assert (ended.code, ended.out) == (2, "")
    assert "[no-grants]" in ended.err and "baseline_funding" in ended.err


def test_report_and_workbook_are_written_where_all_is_absent(call: Call, bare: Path, tmp_path: Path) -> None:
    page, paper, book = (tmp_path / name for name in ("report.html", "paper.docx", "results.xlsx"))
    written = ("-o", str(page), "--docx", str(paper), "--xlsx", str(book))
    ended = call("report", str(bare), *written, "--lang", "en", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert paper.is_file() and book.is_file()
    text = page.read_text(encoding="utf-8")
    # What nobody has entered is not said to be met, to gain or to lose, or to be nothing.
    assert "Not entered, and therefore not checked: floors, commitments, wanted plurality, earmarks." in text
    for claim in ("(not assigned)", "meets them", "locked in by contracts", "plan year (–)"):
        assert claim not in text, claim
