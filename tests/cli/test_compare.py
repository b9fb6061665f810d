"""``allocate compare``: the contract's JSON, tables for planners, exit codes, refusals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.conftest import TINY

# The stable columns of docs/compare.md.
COLUMNS = {
    "measures": [
        "scenario_id", "status", "objective", "coverage_value", "weighted_coverage", "lowest_space_coverage",
        "duplication_eur", "duplication_units", "wanted_reserve_units", "moved_eur", "spent_eur", "unspent_eur",
        "covered_units",
    ],
    "steps": ["scenario_id", "measure", "before", "from_inputs", "from_reassignment", "from_money", "after"],
    "gains": [
        "scenario_id", "by", "id", "name", "demand_before", "demand", "covered_before", "covered", "covered_change",
        "covered_from_inputs", "coverage_before", "coverage", "coverage_change", "coverage_from_inputs",
        "worst_need_id", "worst_need_before", "worst_need", "cost_before_eur", "cost_eur", "change_eur",
        "change_from_inputs_eur", "direction",
    ],
    "offers": [
        "scenario_id", "offer_id", "name", "provider_id", "department_id", "kind", "capacity_before", "capacity",
        "cost_before_eur", "cost_eur", "change_eur", "change_from_inputs_eur",
    ],
    "releases": ["scenario_id", "from_kind", "from_id", "from_name", "from_department_id", "amount_eur"],
    "uses": ["scenario_id", "to_kind", "to_id", "to_name", "to_department_id", "amount_eur"],
    "moves": [
        "scenario_id", "from_kind", "from_id", "from_name", "from_department_id", "to_kind", "to_id", "to_name",
        "to_department_id", "amount_eur",
    ],
    "flows": ["scenario_id", "pot_id", "from_kind", "from_offer_id", "to_kind", "to_offer_id", "amount_eur"],
    "years": [
        "scenario_id", "year", "cost_eur", "money_eur", "carried_eur", "short_eur", "free_eur", "stated", "ending_pots",
        "orphaned",
    ],
    "inputs": ["scenario_id", "table", "key", "column", "old", "new", "reason", "place"],
}  # fmt: skip


def test_json_is_stable(call: Call) -> None:
    ended = call("compare", str(TINY), "pooled", "--attribution", "--format", "json")
    assert ended.code == 0
    document = json.loads(ended.out)
    assert list(document) == [
        "allocate", "case", "fingerprint", "status_quo", "scenarios", "measures", "steps", "parents",
        *list(COLUMNS)[2:], "attribution", "changes",
    ]  # fmt: skip
    # A table of scenarios with less money than their parent, of which this town has none.
    assert document["parents"] == []
    for name, columns in COLUMNS.items():
        assert list(document[name][0]) == columns, name
    attribution = document["attribution"][0]
    assert list(attribution) == [
        "scenario_id", "parent_id", "orders", "all_orders", "meaning", "groups", "effects", "totals", "coalitions",
    ]  # fmt: skip
    assert list(attribution["effects"][0]) == ["group", "measure", "alone", "last", "shapley"]


@pytest.mark.parametrize("table", [*COLUMNS, "attribution"])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_table_can_be_shown(call: Call, table: str, lang: str) -> None:
    ended = call("compare", str(TINY), "pooled", "--table", table, "--lang", lang)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.strip()


@pytest.mark.parametrize("table", ["gains", "moves"])
def test_csv_is_tidy(call: Call, table: str) -> None:
    ended = call("compare", str(TINY), "silo", "pooled", "--table", table, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert list(rows[0]) == COLUMNS[table]
    assert {row["scenario_id"] for row in rows} == {"silo", "pooled"}


def test_every_increase_shows_the_money_it_came_from(call: Call) -> None:
    ended = call("compare", str(TINY), "pooled", "--table", "uses")
    assert "P2 €2,250, A €1,000" in " ".join(ended.out.split())


def test_a_scenario_without_a_plan_ends_with_1_and_points_to_conflicts(call: Call) -> None:
    ended = call("compare", str(TINY), "strict", "silo")
    assert ended.code == 1
    assert "strict" in ended.out
    assert f"allocate conflicts {TINY} -s strict" in ended.err


def test_an_unknown_scenario_gets_the_nearest(call: Call) -> None:
    ended = call("compare", str(TINY), "poled")
    assert (ended.code, ended.out) == (2, "")
    assert "pooled" in ended.err


def test_towns_are_not_compared(call: Call, auenfurt: Path) -> None:
    for other in ("auenfurt", str(auenfurt)):
        ended = call("compare", str(TINY), "silo", other)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("[towns-differ]")


def test_divisions_can_be_chosen(call: Call) -> None:
    ended = call("compare", str(TINY), "pooled", "--table", "gains", "--by", "provider")
    assert "PR1" in ended.out
    assert "by provider" in ended.out
    assert "S1" not in ended.out


def test_one_path_shows_no_difference_from_itself(call: Call, auenfurt: Path) -> None:
    alone = call("compare", str(auenfurt), "SZ1", "--years", "2027-2027", "--lang", "en").out
    both = call("compare", str(auenfurt), "SZ1", "SZ2", "--years", "2027-2027", "--lang", "en").out
    assert "change)" not in alone and "Differences against" not in alone
    assert "(change)" in both and "Differences against SZ1" in both
