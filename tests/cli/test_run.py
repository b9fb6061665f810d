"""``allocate run``: the contract's JSON, tidy CSV, tables for planners, exit codes."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.language import MINUS
from allocate.session import Session
from tests.cli.conftest import Call

# What an independent implementation of docs/model.md gets for the example town.
OBJECTIVES = {
    "SZ1": 0.4666488368,
    "SZ2": 0.4758830567,
    "SZ2t": 0.4712123458,
    "SZ3a": 0.4330001003,
    "SZ3b": 0.4471336470,
    "SZ4b": 0.4647428400,
    "SZ5": 0.4688830075,
    "SZ6": 0.4835496395,
}
COLUMNS = {
    "offers": ["offer_id", "capacity", "cost_eur", "baseline_cost_eur", "change_eur"],
    "pots": ["pot_id", "amount_eur", "spent_eur", "unspent_eur", "marginal_value"],
    "funding": ["pot_id", "offer_id", "amount_eur"],
    "delivery": ["offer_id", "space_id", "capacity"],
    "coverage": ["space_id", "need_id", "demand", "supply", "covered", "wanted_reserve", "duplication", "gap"],
    "floors": ["floor_id", "scope_id", "need_id", "required", "achieved", "met"],
}
MEASURES = [
    "coverage_value", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "duplication_units",
    "wanted_reserve_units", "moved_eur", "spent_eur", "unspent_eur",
]  # fmt: skip


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_json_has_exactly_the_keys_of_the_contract(call: Call) -> None:
    ended = call("run", "auenfurt", "-s", "SZ0", "-s", "SZ1", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    assert list(document) == ["allocate", "case", "fingerprint", "scenarios"]
    assert document["case"] == "auenfurt"
    assert document["fingerprint"].startswith("sha256:")
    today, plan = document["scenarios"]
    assert (today["scenario_id"], today["status"]) == ("SZ0", "evaluated")
    assert (plan["scenario_id"], plan["status"]) == ("SZ1", "optimal")
    assert list(plan) == [
        "scenario_id", "status", "objective", "message", "measures", *COLUMNS, "split", "staff", "certificate",
        "changes",
    ]  # fmt: skip
    assert list(plan["measures"]) == MEASURES
    for table, columns in COLUMNS.items():
        assert list(plan[table][0]) == columns
    assert list(plan["certificate"]) == ["verified", "primal_violation", "bound", "gap"]
    assert plan["certificate"]["verified"] is True


def test_the_objectives_are_those_of_the_independent_implementation(call: Call) -> None:
    ended = call("run", "auenfurt", "--format", "csv", "--quiet")
    rows = {row["scenario_id"]: row for row in rows_of(ended.out)}
    assert len(rows) == 11
    for scenario, objective in OBJECTIVES.items():
        assert float(rows[scenario]["objective"]) == pytest.approx(objective, abs=1e-6)
    assert {id for id, row in rows.items() if row["status"] == "infeasible"} == {"SZ4a", "SZ4c"}
    assert (ended.code, ended.err) == (1, "")


def test_an_infeasible_scenario_points_to_the_conflicts(call: Call) -> None:
    ended = call("run", "auenfurt", "-s", "SZ4a", "-s", "SZ1", "--format", "json")
    assert ended.code == 1
    assert [entry["status"] for entry in json.loads(ended.out)["scenarios"]] == ["infeasible", "optimal"]
    assert list(json.loads(ended.out)["scenarios"][0]) == ["scenario_id", "status", "message", "changes"]
    assert ended.err.startswith("[infeasible] SZ4a: no plan meets all rules; 'allocate conflicts auenfurt -s SZ4a'")
    assert "what the scenarios expect" in ended.err
    assert ended.err.count("\n") == 1


def test_the_title_names_the_town(call: Call, town: Path) -> None:
    assert call("run", str(town), "-s", "SZ0").out.startswith("Measures of the proposals: Auenfurt\n")


def test_an_unexpected_status_is_said(call: Call, town: Path) -> None:
    scenarios = town / "scenarios.csv"
    text = scenarios.read_text(encoding="utf-8")
    changed = text.replace('no,optimal,"Was ist möglich', 'no,infeasible,"Was ist möglich')
    assert changed != text
    scenarios.write_text(changed, encoding="utf-8")
    ended = call("run", str(town), "-s", "SZ1")
    assert ended.code == 0
    assert "[expectation] SZ1: expected 'infeasible', found 'optimal'" in ended.err


@pytest.mark.parametrize("table", COLUMNS)
def test_every_table_can_be_had_as_tidy_csv(call: Call, auenfurt: Path, table: str) -> None:
    ended = call("run", "auenfurt", "-s", "SZ1", "-s", "SZ2", "--format", "csv", "--table", table)
    rows = rows_of(ended.out)
    # A table says of a floor whether it binds or is a target, which the document leaves to the inputs.
    further = ["floor_kind"] if table == "floors" else []
    assert sorted(rows[0]) == sorted(["scenario_id", *COLUMNS[table], *further])
    expected = getattr(Session(read_case(auenfurt)).run("SZ2"), table)
    own = [row for row in rows if row["scenario_id"] == "SZ2"]
    assert len(own) == len(expected)
    number = next(name for name in COLUMNS[table] if name in {"cost_eur", "spent_eur", "amount_eur", "capacity",
                                                             "covered", "achieved"})  # fmt: skip
    # Unrounded: what is printed reads back as the very same number.
    assert [float(row[number]) for row in own] == expected[number].tolist()


def test_the_change_log_is_a_table_too(call: Call) -> None:
    ended = call("run", "auenfurt", "-s", "SZ3a", "--format", "csv", "--table", "changes")
    rows = rows_of(ended.out)
    assert [(row["key"], float(row["old"]), float(row["new"])) for row in rows] == [
        ("P1", 1140000, 1026000),
        ("P2", 1055000, 949500),
        ("P3", 390000, 351000),
    ]


def test_json_names_what_was_changed_and_why(call: Call, auenfurt: Path) -> None:
    what_if = ("--change", "pots:P1:amount*0.93", "--reason", "7 per cent less", "--format", "json")
    plain = json.loads(call("run", "auenfurt", "-s", "SZ3a", "--format", "json").out)
    document = json.loads(call("run", "auenfurt", "-s", "SZ3a", *what_if).out)
    base, asked = document["scenarios"]
    assert base["changes"] == plain["scenarios"][0]["changes"]
    assert [(row["set_in"], row["key"]) for row in base["changes"]] == [("SZ3a", "P1"), ("SZ3a", "P2"), ("SZ3a", "P3")]
    last = asked["changes"][-1]
    assert asked["changes"][:3] == base["changes"]
    assert (last["table"], last["key"], last["column"], last["how"], last["value"], last["reason"]) == (
        "pots", "P1", "amount", "multiply", "0.93", "7 per cent less",
    )  # fmt: skip
    assert (last["old"], last["new"]) == (1026000, pytest.approx(1026000 * 0.93))
    assert plain["fingerprint"] == read_case(auenfurt).fingerprint
    other = json.loads(call("run", "auenfurt", "-s", "SZ3a", *what_if[:1], "pots:P1:amount*0.94", *what_if[2:]).out)
    assert len({one["fingerprint"] for one in (plain, document, other)}) == 3


def test_each_scenario_is_run_once_in_the_order_asked(call: Call) -> None:
    ended = call("run", "auenfurt", "-s", "SZ2", "-s", "SZ0", "-s", "SZ2", "--format", "csv")
    assert [row["scenario_id"] for row in rows_of(ended.out)] == ["SZ2", "SZ0"]


def test_an_unknown_scenario_is_answered_with_the_nearest(call: Call) -> None:
    ended = call("run", "auenfurt", "-s", "SZ1", "-s", "SZ2x")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("[scenario-unknown] ")
    assert "SZ2" in ended.err.replace("SZ2x", "")


@pytest.mark.parametrize("solver", ["cplex", "pulp:", "pulp:NOSUCH"])
def test_an_unknown_solver_is_one_line(call: Call, solver: str) -> None:
    ended = call("run", "auenfurt", "-s", "SZ1", "--solver", solver)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("[solver-")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("solver", ["highs", "pulp:CBC"])
def test_no_solver_spoils_the_json(process: Call, solver: str) -> None:
    ended = process("run", "auenfurt", "-s", "SZ1", "--solver", solver, "--format", "json")
    assert ended.code == 0
    assert json.loads(ended.out)["scenarios"][0]["objective"] == pytest.approx(OBJECTIVES["SZ1"], abs=1e-6)


def test_a_limit_that_is_too_short_is_said_and_ends_with_three(call: Call) -> None:
    ended = call("run", "auenfurt", "-s", "SZ2", "--time-limit", "0.000001")
    assert ended.code == 3
    assert ended.err.startswith("[limit] SZ2: time ran out")


def test_out_decides_the_format_and_is_written_completely(call: Call, tmp_path: Path) -> None:
    for name in ("plan.json", "plan.csv", "plan.txt"):
        ended = call("run", "auenfurt", "-s", "SZ1", "-o", str(tmp_path / name))
        assert (ended.code, ended.out) == (0, "")
    printed = call("run", "auenfurt", "-s", "SZ1", "--format", "json").out
    assert (tmp_path / "plan.json").read_text(encoding="utf-8") == printed
    assert rows_of((tmp_path / "plan.csv").read_text(encoding="utf-8"))[0]["scenario_id"] == "SZ1"
    assert "€3,795,000" in (tmp_path / "plan.txt").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.csv", "plan.json", "plan.txt"]


def test_a_missing_folder_for_the_answer_is_refused(call: Call, tmp_path: Path) -> None:
    ended = call("run", "auenfurt", "-s", "SZ1", "-o", str(tmp_path / "no" / "plan.json"))
    assert ended.code == 2
    assert ended.err.startswith("[out-folder-missing] ")


def test_a_case_that_is_not_there(call: Call) -> None:
    ended = call("run", "nowhere", "--lang", "de")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("[case-missing] Es gibt keinen Fall unter „nowhere“.")


def test_a_folder_of_the_same_name_goes_before_the_example(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "auenfurt").mkdir()
    monkeypatch.chdir(tmp_path)
    assert call("run", "auenfurt").code == 2


def test_the_table_speaks_german_with_german_numbers(call: Call) -> None:
    ended = call("run", "auenfurt", "-s", "SZ0", "-s", "SZ1", "--lang", "de")
    assert "Kennzahlen der Vorschläge" in ended.out
    assert "266.094 €" in ended.out
    assert "48,0 %" in ended.out
    assert f"{MINUS}266.094 €" in ended.out
    assert "+24.340 €" in ended.out


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("table", ["measures", *COLUMNS, "changes"])
def test_every_table_fits_eighty_columns_with_whole_numbers(
    call: Call, monkeypatch: pytest.MonkeyPatch, table: str, lang: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    narrow = call("run", "auenfurt", "-s", "SZ0", "-s", "SZ3b", "--table", table, "--lang", lang).out
    assert max(map(len, narrow.splitlines())) <= 80
    assert all(line.startswith("… ") for line in narrow.splitlines() if "…" in line)


def test_what_does_not_fit_is_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert "No room for: " in call("run", "auenfurt", "-s", "SZ1").out
    monkeypatch.setenv("COLUMNS", "400")
    assert "No room for: " not in call("run", "auenfurt", "-s", "SZ1").out


def test_a_scenario_is_found_however_its_letters_were_typed(call: Call, small: Path) -> None:
    """Some keyboards and terminals write an umlaut as a letter and a sign above it."""
    for file in ("scenarios.csv", "changes.csv"):
        path = small / file
        if path.exists():
            path.write_text(path.read_text(encoding="utf-8-sig").replace("S1", "Kürzung"), encoding="utf-8")
    ended = call("run", str(small), "-s", unicodedata.normalize("NFD", "Kürzung"), "--format", "json")
    assert ended.code == 0 and json.loads(ended.out)["scenarios"][0]["scenario_id"] == "Kürzung"


@pytest.mark.parametrize(
    ("table", "lacking"), [("people", "participants"), ("situations", "participants"), ("staff", "staff")]
)
def test_a_table_that_cannot_say_anything_says_what_is_not_stated(
    call: Call, auenfurt: Path, table: str, lacking: str
) -> None:
    ended = call("run", str(auenfurt), "-s", "SZ0", "--table", table, "--lang", "en")
    assert ended.code == 0
    last = " ".join(ended.out.split("\n\n")[-1].split())
    assert lacking in last and ("not checked" in last or "counted" in last)


def test_a_difference_by_another_yardstick_is_told_from_one_by_the_plan(call: Call) -> None:
    def told(*scenarios: str) -> str:
        asked = [word for scenario in scenarios for word in ("-s", scenario)]
        return " ".join(call("run", "auenfurt", "-s", "SZ0", *asked, "--lang", "en").out.split())

    assert "SZ6 reckons with other demand, weights or effects than the status quo" in told("SZ2", "SZ6")
    assert "reckon" not in told("SZ2")


def test_what_a_scenario_inserts_is_called_by_its_name(call: Call, auenfurt: Path) -> None:
    club = "offers:Z9:insert name=Nordlicht; unit_cost=900; max_capacity=40; home_space_id=S03; effects.N01=1"
    result = call("run", str(auenfurt), "-s", "SZ1", "--change", club, "--reason", "x", "--table", "offers")
    assert result.code == 0
    assert [line.split()[:2] for line in result.out.splitlines() if line.startswith("Z9")] == [["Z9", "Nordlicht"]]
