"""Applying scenarios: which cells change, in which order, what is logged, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.checking.opening import read_case
from allocate.errors import InputError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Change, Scenario, apply, lineage, own_changes, scenario, scenario_ids
from tests.inputs.checktown import Spoil, add, case, drop, put


def step(scenario_id: str, table: str, key: str, column: str, how: str, value: str) -> Spoil:
    cells = {"table": table, "key": key, "column": column, "how": how, "value": value, "reason": "weil"}
    return add("changes", scenario_id=scenario_id, **cells)


def refused(town: Case, *changes: Change, scenario_id: str = "A") -> list[tuple[str, int, str]]:
    """Rule, number of the change and column of every finding of a refused what-if."""
    with pytest.raises(InputError) as failure:
        apply(town, scenario_id, changes)
    assert failure.value.id == "scenario-findings"
    findings = failure.value.findings
    assert findings is not None and set(findings["file"]) == {"--change"}
    return [tuple(row) for row in findings[["rule", "row", "column"]].values.tolist()]


def amounts(town: Case) -> list[float]:
    return [float(amount) for amount in town["pots"]["amount"]]


# --- which scenarios there are ---------------------------------------------------------------------------------------


def test_ids_come_in_the_order_of_the_table(tmp_path: Path, auenfurt: Path) -> None:
    assert scenario_ids(case(tmp_path)) == ["Q", "A", "B", "C"]
    assert scenario_ids(read_case(auenfurt))[:4] == ["SZ0", "SZ1", "SZ2", "SZ2t"]


def test_without_a_table_there_are_the_status_quo_and_the_poolings(tmp_path: Path) -> None:
    town = case(tmp_path, drop("scenarios"), drop("changes"))
    assert scenario_ids(town) == ["status_quo", "silo", "integrated"]
    assert scenario(town, "status_quo").evaluate and not scenario(town, "silo").evaluate
    assert scenario(town, "integrated").pooling == "integrated"


def test_settings_are_the_scenarios_own_and_not_inherited(tmp_path: Path) -> None:
    town = case(tmp_path, put("scenarios", 5, pooling="", floor_sets="", weight_set="", indivisible=""))
    assert scenario(town, "C") == Scenario(scenario_id="C", title="Strenger", parent_id="B")
    assert scenario(town, "B").pooling == "integrated" and scenario(town, "B").max_moved == 50000


def test_all_settings_are_read(tmp_path: Path) -> None:
    cells = {"floor_sets": "base;more", "weight_set": "poll", "max_moved": "1000.5", "indivisible": "ja"}
    found = scenario(case(tmp_path, put("scenarios", 3, title_en="Silos", question="Was?", **cells)), "A")
    assert found.floor_sets == ("base", "more") and found.weight_set == "poll" and found.max_moved == 1000.5
    assert found.indivisible and found.expected == "optimal" and found.question == "Was?"
    assert found.label("en") == "Silos" and found.label("de") == "Säulen"


@pytest.mark.parametrize(("asked", "near"), [("sz2T", "SZ2t"), ("SZ3", "SZ3a"), ("quatsch", "–")])
def test_an_unknown_scenario_comes_with_the_nearest(asked: str, near: str, auenfurt: Path) -> None:
    town = read_case(auenfurt)
    for ask in (scenario, apply, lineage):
        with pytest.raises(UsageError) as failure:
            ask(town, asked)
        assert failure.value.id == "scenario-unknown" and failure.value.values["scenario"] == asked
        assert str(failure.value.values["nearest"]).casefold().startswith(near.casefold()[:3])
        assert asked in failure.value.text("de") and "allocate scenarios" in failure.value.text("de")


def test_a_circle_of_scenarios_is_refused(tmp_path: Path) -> None:
    town = case(tmp_path, put("scenarios", 3, parent_id="C"))
    with pytest.raises(InputError) as failure:
        apply(town, "B")
    assert failure.value.id == "scenario-cycle" and "B > A > C > B" in failure.value.text("en")


# --- what changes ----------------------------------------------------------------------------------------------------


def test_the_oldest_ancestor_comes_first_and_a_child_may_change_a_cell_again(tmp_path: Path) -> None:
    town = case(
        tmp_path,
        step("A", "pots", "P2", "amount", "set", "100"),
        step("B", "pots", "P2", "amount", "add", "10"),
        step("C", "pots", "P2", "amount", "multiply", "2"),
    )
    assert [amounts(apply(town, name).case)[1] for name in ("Q", "A", "B", "C")] == [80000, 100, 110, 220]
    assert lineage(town, "C") == ["A", "B", "C"]
    log = apply(town, "C").changes
    mine = log[log["table"].eq("pots") & log["key"].eq("P2")]
    assert mine[["scenario_id", "old", "new"]].values.tolist() == [["A", 80000, 100], ["B", 100, 110], ["C", 110, 220]]


def test_rows_of_the_table_may_stand_in_any_order(tmp_path: Path) -> None:
    town = case(
        tmp_path, step("C", "pots", "P2", "amount", "multiply", "2"), step("A", "pots", "P2", "amount", "set", "7")
    )
    assert amounts(apply(town, "C").case)[1] == 14


@pytest.mark.parametrize(
    ("key", "hit"),
    [
        ("S1|N1", ["S1|N1"]),
        ("*|N2", ["S1|N2", "S2|N2", "S3|N2"]),
        ("S3|*", ["S3|N1", "S3|N2"]),
        ("*|*", ["S1|N1", "S2|N1", "S3|N1", "S1|N2", "S2|N2", "S3|N2"]),
        ("*", ["S1|N1", "S2|N1", "S3|N1", "S1|N2", "S2|N2", "S3|N2"]),
        ("S1;S3|N2", ["S1|N2", "S3|N2"]),
        ("S3; S1 ;S1|N2;N1", ["S1|N1", "S3|N1", "S1|N2", "S3|N2"]),
        ("S2;S3|*", ["S2|N1", "S3|N1", "S2|N2", "S3|N2"]),
        ("need_id=N2", ["S1|N2", "S2|N2", "S3|N2"]),
        (" space_id = S3;S1", ["S1|N1", "S3|N1", "S1|N2", "S3|N2"]),
    ],
)
def test_a_star_stands_for_every_id_in_its_place(key: str, hit: list[str], tmp_path: Path) -> None:
    town = case(tmp_path)
    variant = apply(town, "A", [Change("demand", key, "demand", "add", "1", "weil")])
    assert variant.changes["key"].tolist() == hit
    difference = variant.case["demand"]["demand"] - town["demand"]["demand"]
    assert difference.sum() == len(hit) and set(difference) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("S1;S9|N1", "change-key-unknown"),
        ("S1;S2", "change-key-shape"),
        ("space=S1", "change-filter-column"),
        ("space_id=S9", "change-filter-empty"),
    ],
)
def test_every_id_of_a_list_and_every_filter_must_name_a_row(key: str, rule: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        apply(case(tmp_path), "A", [Change("demand", key, "demand", "add", "1", "weil")])
    assert refused.value.findings is not None
    assert set(refused.value.findings["rule"]) == {rule}


def test_the_case_itself_never_changes(tmp_path: Path) -> None:
    town = case(tmp_path)
    before = {name: table.copy() for name, table in town.tables.items()}
    apply(town, "C", [Change("pots", "*", "amount", "set", "1", "x"), Change("pots", "P1", "pooled", "set", "no", "x")])
    for name, table in before.items():
        pd.testing.assert_frame_equal(town[name], table)


def test_every_table_and_type_can_be_changed(tmp_path: Path) -> None:
    changes = [
        Change("pots", "P3", "offers", "set", "O1 | O2;O4", "Liste"),
        Change("pots", "P1", "departments", "set", "", "Zweckbindung fällt"),
        Change("pots", "P1", "pooled", "set", "nein", "ja/nein"),
        Change("pots", "P2", "max_share", "set", "", "leer = Voreinstellung"),
        Change("offers", "O1", "contract_end", "set", "2029-06-30", "Datum"),
        Change("offers", "O1", "department_id", "set", "D2", "Kennung"),
        Change("reach", "O1|S2", "access", "multiply", "0.5", "Anteil"),
        Change("needs", "N1", "weight", "set", "5", "Gewicht"),
        Change("floors", "F1", "min_coverage", "add", "0.1", "Mindestdeckung"),
        Change("parameters", "equity_weight", "value", "multiply", "2", "Einstellung"),
        Change("parameters", "currency", "value", "set", "CHF", "Einstellung"),
        Change("effects", "O4|N1", "effect", "set", "0.2", "Wirkung"),
        Change("plurality", "C2", "assessment", "set", "wanted", "Vielfalt"),
        Change("spaces", "*", "weight", "set", "2", "Sozialindex"),
        Change("segments", "3", "value", "multiply", "0.5", "Stufe"),
        Change("eligibility", "P2|O2", "allowed", "set", "no", "Ausnahme"),
        Change("overlaps", "O3|O4|N2", "wanted", "set", "1", "Paar"),
    ]
    variant = apply(case(tmp_path), "A", changes)
    tables = variant.case.tables
    assert tables["pots"][["departments", "offers"]].values.tolist() == [["", ""], ["D2", ""], ["", "O1;O2;O4"]]
    assert tables["pots"]["pooled"].tolist() == [False, True, False] and tables["pots"]["max_share"].tolist() == [
        1,
        1,
        0.5,
    ]
    assert variant.case.number("equity_weight") == 0.1 and variant.case.parameter("currency") == "CHF"
    assert tables["reach"]["access"].iloc[1] == 0.4 and tables["floors"]["min_coverage"].iloc[0] == 0.6
    assert tables["spaces"]["weight"].tolist() == [2, 2, 2] and not tables["eligibility"]["allowed"].any()
    assert {name: tables[name].dtypes.to_dict() for name in tables} == {
        name: variant.case[name].dtypes.to_dict() for name in tables
    }


def test_free_columns_can_be_changed_too(tmp_path: Path) -> None:
    town = case(tmp_path, lambda rows: [row.update(kids=10, remark="x") for row in rows["spaces"]])
    changes = [Change("spaces", "S1", "kids", "multiply", "1.5", "w"), Change("spaces", "*", "remark", "set", "y", "w")]
    after = apply(town, "A", changes).case["spaces"]
    assert after["kids"].tolist() == [15, 10, 10] and after["remark"].tolist() == ["y", "y", "y"]


@pytest.mark.parametrize(
    ("value", "number"), [("0.9", 0.9), ("0,9", 0.9), ("1.000,5", 1000.5), ("1,000.5", 1000.5), ("1 200", 1200)]
)
def test_numbers_may_be_german_or_english(value: str, number: float, tmp_path: Path) -> None:
    assert amounts(apply(case(tmp_path), "A", [Change("pots", "P1", "amount", "set", value, "x")]).case)[0] == number


# --- the log ---------------------------------------------------------------------------------------------------------


def test_the_log_names_every_changed_cell_with_reason_source_and_place(tmp_path: Path) -> None:
    log = apply(case(tmp_path), "B").changes
    assert log.to_dict("records") == [
        {
            "scenario_id": "B",
            "table": "pots",
            "key": "P1",
            "column": "amount",
            "how": "multiply",
            "value": "1.02",
            "old": 110000.0,
            "new": 112200.0,
            "reason": "Tarif",
            "source": "Haushalt",
            "place": "changes.csv row 2",
        }
    ]
    assert all(isinstance(log[column].iloc[0], float) for column in ("old", "new"))


def test_a_scenario_without_changes_has_an_empty_log_of_the_same_shape(tmp_path: Path) -> None:
    town = case(tmp_path)
    assert apply(town, "A").changes.empty
    assert list(apply(town, "A").changes.columns) == list(apply(town, "B").changes.columns)


def test_what_stays_as_it_was_is_not_logged(tmp_path: Path) -> None:
    log = apply(case(tmp_path), "A", [Change("spaces", "*", "weight", "set", "1", "x")]).changes
    assert log[["key", "old", "new"]].values.tolist() == [["S3", 1.5, 1.0]]


def test_quick_changes_stand_on_the_command_line(tmp_path: Path) -> None:
    changes = [
        Change("pots", "P1", "amount", "add", "1", "x"),
        Change("pots", "P2", "amount", "add", "1", "y", place="hier"),
    ]
    log = apply(case(tmp_path), "B", changes).changes
    assert log["place"].tolist() == ["changes.csv row 2", "--change 1", "hier"]
    assert log["scenario_id"].tolist() == ["B", "B", "B"]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_all_faults_are_said_at_once_and_where_they_stand(tmp_path: Path) -> None:
    found = refused(
        case(tmp_path),
        Change("pts", "*", "amount", "add", "1", "x"),
        Change("pots", "P1", "amout", "add", "1", "x"),
        Change("pots", "P7", "amount", "add", "1", "x"),
        Change("demand", "S1", "demand", "add", "1", "x"),
        Change("offers", "O1", "notice_months", "add", "1", "x"),
        Change("offers", "O2", "unit_cost", "add", "viel", "x"),
    )
    assert found == [
        ("change-table-unknown", 1, "table"),
        ("change-column-unknown", 2, "column"),
        ("change-key-unknown", 3, "key"),
        ("change-key-shape", 4, "key"),
        ("change-of-blank", 5, "column"),
        ("change-value-not-a-number", 6, "value"),
    ]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (Change("pots", "P1", "amount", "multiply", "-1", "x"), "number-negative"),
        (Change("pots", "P1", "max_share", "set", "1.2", "x"), "share-outside"),
        (Change("pots", "P1", "amount", "multiply", "1e300", "x"), "number-absurd"),
        (Change("pots", "P1", "amount", "set", "", "x"), "required-blank"),
        (Change("pots", "P1", "departments", "set", "D9", "x"), "unknown-reference"),
        (Change("pots", "P1", "offers", "set", "O1;O9", "x"), "unknown-reference"),
        (Change("floors", "F1", "kind", "set", "hard", "x"), "choice-unknown"),
        (Change("floors", "F2", "scope_id", "set", "R9", "x"), "unknown-reference"),
        (Change("parameters", "plan_year", "value", "add", "0.5", "x"), "not-whole"),
        (Change("parameters", "equity_weight", "value", "set", "-1", "x"), "number-outside"),
        (Change("segments", "1", "to", "set", "0.4", "x"), "segment-gap"),
        (Change("segments", "2", "value", "set", "2", "x"), "segment-rising"),
        (Change("reach", "O1|S2", "min_use_share", "set", "0.9", "x"), "corridor-crossed"),
        (Change("reach", "O2|S3", "max_use_share", "set", "0.9", "x"), "corridor-most-sum"),
        (Change("needs", "*", "weight", "set", "0", "x"), "weights-all-zero"),
        (Change("plurality", "C1", "min_share_each", "set", "0.6", "x"), "cluster-least-sum"),
        (Change("offers", "O1", "contract_end", "set", "bald", "x"), "date-invalid"),
    ],
)
def test_values_must_stay_valid(change: Change, rule: str, tmp_path: Path) -> None:
    assert (rule, 1, "value") in refused(case(tmp_path), change)


def test_a_scenario_may_lower_a_capacity_below_what_is_used_or_committed(tmp_path: Path) -> None:
    variant = apply(case(tmp_path), "A", [Change("offers", "O1", "max_capacity", "set", "30", "Personal fehlt")])
    assert variant.case["offers"]["max_capacity"].iloc[0] == 30


def test_two_changes_of_one_cell_in_one_scenario_are_refused(tmp_path: Path) -> None:
    town = case(tmp_path, step("B", "pots", "*", "amount", "add", "1"))
    with pytest.raises(InputError) as failure:
        apply(town, "C")
    assert failure.value.findings is not None
    assert failure.value.findings[["file", "rule", "row"]].values.tolist() == [["changes.csv", "change-collision", 5]]
    assert "changes.csv row 2" in failure.value.findings["message"].iloc[0]


def test_two_quick_changes_of_one_cell_are_refused_but_may_follow_the_scenarios(tmp_path: Path) -> None:
    town = case(tmp_path)
    twice = [Change("pots", "P1", "amount", "add", "1", "x"), Change("pots", "*", "amount", "multiply", "2", "x")]
    assert refused(town, *twice) == [("change-collision", 2, "key")]
    assert amounts(apply(town, "B", twice[1:]).case) == [224400, 160000, 60000]


# --- properties and scale --------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    spaces=st.lists(st.sampled_from(["S1", "S2", "S3", "*"]), min_size=1, max_size=4),
    needs=st.lists(st.sampled_from(["N1", "N2", "*"]), min_size=4, max_size=4),
    how=st.sampled_from(["set", "multiply", "add"]),
    value=st.integers(0, 9),
)
def test_steps_equal_plain_arithmetic_row_by_row(
    town_of_three: Case, spaces: list[str], needs: list[str], how: str, value: int
) -> None:
    expected = dict(
        zip(
            zip(*(town_of_three["demand"][n] for n in ("space_id", "need_id")), strict=True),
            town_of_three["demand"]["demand"],
            strict=True,
        )
    )
    variant = town_of_three
    for space, need in zip(spaces, needs, strict=False):
        variant = apply(variant, "A", [Change("demand", f"{space}|{need}", "demand", how, str(value), "x")]).case
        for cell, old in expected.items():
            if space in ("*", cell[0]) and need in ("*", cell[1]):
                expected[cell] = {"set": value, "multiply": old * value, "add": old + value}[how]
    assert variant["demand"]["demand"].tolist() == list(expected.values())


@pytest.fixture(scope="module")
def town_of_three(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case(tmp_path_factory.mktemp("three"))


def test_a_change_of_every_row_and_a_change_per_row_are_fast(tmp_path: Path) -> None:
    spaces, needs = 500, 60
    town = case(tmp_path, drop("changes"))
    space = np.repeat([f"S{number}" for number in range(1, spaces + 1)], needs)
    need = np.tile([f"N{number}" for number in range(1, needs + 1)], spaces)
    demand = pd.DataFrame({"space_id": pd.Series(space, dtype="str"), "need_id": pd.Series(need, dtype="str")})
    demand = demand.assign(demand=10.0, method="").set_axis(pd.RangeIndex(2, spaces * needs + 2, name="row"))
    forecast = pd.DataFrame(
        {
            "scenario_id": "B",
            "table": "demand",
            "key": demand["space_id"] + "|" + demand["need_id"],
            "column": "demand",
            "how": "multiply",
            "value": "1.5",
            "reason": "Prognose",
            "source": "",
        }
    ).astype("str")
    ids = {
        name: pd.Series([f"{name[0].upper()}{n}" for n in range(1, size + 1)], dtype="str")
        for name, size in (("spaces", spaces), ("needs", needs))
    }
    frames = {
        name: town[name].iloc[np.zeros(len(ids[name]), dtype=int)].assign(**{f"{name[:-1]}_id": ids[name].to_numpy()})
        for name in ids
    }
    large = town.with_tables(demand=demand, changes=forecast.set_axis(demand.index), **frames)
    start = time.process_time()
    variant = apply(large, "B", [Change("demand", "*", "demand", "add", "1", "x")])
    assert time.process_time() - start < 6
    assert len(variant.changes) == 2 * spaces * needs
    assert set(variant.case["demand"]["demand"]) == {16.0}


def test_own_changes_carry_the_row_of_the_file(tmp_path: Path) -> None:
    assert own_changes(case(tmp_path), "C").index.tolist() == [3, 4]
    assert own_changes(case(tmp_path), "C")["place"].tolist() == ["changes.csv row 3", "changes.csv row 4"]
