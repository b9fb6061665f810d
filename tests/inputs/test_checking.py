"""Every rule of checking is broken once, alone, and found where it was broken."""

from __future__ import annotations

import csv
import functools
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.errors import InputError
from allocate.inputs import check_values
from allocate.inputs.checking import check_case
from allocate.inputs.findings import render
from allocate.inputs.reading import read_case, read_checked
from tests.inputs.checktown import Spoil, add, all_rows, checked, drop, put, spoilt, write

type Place = tuple[str, int | None, str]

TEXTS = Path(check_values.__file__).parent / "texts_checking.csv"
ERROR, WARNING, NOTE = "error", "warning", "note"


def clear(table: str) -> Spoil:
    return lambda town: town[table].clear()


def change(table: str, key: str, column: str, how: str, value: str, scenario: str = "B", reason: str = "r") -> Spoil:
    """One more change row; it stands in row 5 of changes.csv."""
    row = {"scenario_id": scenario, "table": table, "key": key, "column": column, "how": how, "value": value}
    return add("changes", **row, reason=reason)


# rule -> severity, what is spoilt, where the findings must stand
CASES: dict[str, tuple[str, list[Spoil], list[Place]]] = {
    "table-empty": (ERROR, [clear("spaces")], [("spaces.csv", None, "")]),
    "duplicate-key": (ERROR, [add("needs", need_id="N1", name="x", unit="y")], [("needs.csv", 4, "need_id")]),
    "required-blank": (ERROR, [put("offers", 3, unit_cost="")], [("offers.csv", 3, "unit_cost")]),
    "change-without-reason": (ERROR, [put("changes", 3, reason=" ")], [("changes.csv", 3, "reason")]),
    "not-finite": (ERROR, [put("pots", 2, amount="1e999")], [("pots.csv", 2, "amount")]),
    "number-absurd": (ERROR, [put("pots", 2, amount="1e308")], [("pots.csv", 2, "amount")]),
    "number-negative": (ERROR, [put("pots", 3, amount="-5")], [("pots.csv", 3, "amount")]),
    "number-outside": (ERROR, [put("parameters", 2, value="20270")], [("parameters.csv", 2, "value")]),
    "share-outside": (ERROR, [put("floors", 2, min_coverage="1.01")], [("floors.csv", 2, "min_coverage")]),
    "not-whole": (ERROR, [put("pot_years", 3, year="2028.5")], [("pot_years.csv", 3, "year")]),
    "date-invalid": (ERROR, [change("offers", "O1", "contract_end", "set", "someday")], [("changes.csv", 5, "value")]),
    "choice-unknown": (ERROR, [put("floors", 3, kind="politicl")], [("floors.csv", 3, "kind")]),
    "parameter-unknown": (
        WARNING,
        [add("parameters", parameter="equty_weight", value="1")],
        [("parameters.csv", 4, "parameter")],
    ),
    "parameter-not-a-number": (
        ERROR,
        [change("parameters", "equity_weight", "value", "set", "viel")],
        [("changes.csv", 5, "value")],
    ),
    "unknown-reference": (ERROR, [put("effects", 2, need_id="N9")], [("effects.csv", 2, "need_id")]),
    "scope-blank": (WARNING, [put("floors", 4, scope_id="")], [("floors.csv", 4, "scope_id")]),
    "scope-without-regions": (
        ERROR,
        [all_rows("spaces", region_id=""), drop("regions")],
        [("floors.csv", 3, "scope")],
    ),
    "need-without-offer": (
        WARNING,
        [add("needs", need_id="N3", name="x", unit="y"), add("demand", space_id="S1", need_id="N3", demand="5")],
        [("needs.csv", 4, "need_id")],
    ),
    "need-without-demand": (
        WARNING,
        [add("needs", need_id="N3", name="x", unit="y")],
        [("needs.csv", 4, "need_id")],
    ),
    "effect-without-demand": (
        NOTE,
        [add("needs", need_id="N3", name="x", unit="y"), add("effects", offer_id="O1", need_id="N3", effect="1")],
        [("effects.csv", 7, "need_id")],
    ),
    "space-without-demand": (WARNING, [add("spaces", space_id="S4", name="x")], [("spaces.csv", 5, "space_id")]),
    "demand-missing": (WARNING, [drop("demand", 4)], [("demand.csv", None, "demand")]),
    "weights-all-zero": (ERROR, [all_rows("needs", weight="0")], [("needs.csv", None, "weight")]),
    "weight-zero": (NOTE, [put("spaces", 4, weight="0")], [("spaces.csv", 4, "weight")]),
    "weight-set-incomplete": (WARNING, [drop("weight_sets", 3)], [("weight_sets.csv", 2, "need_id")]),
    "weight-set-all-zero": (ERROR, [all_rows("weight_sets", weight="0")], [("weight_sets.csv", 2, "")]),
    "segment-empty": (ERROR, [put("segments", 4, to="0.8")], [("segments.csv", 4, "to")]),
    "segment-gap": (ERROR, [put("segments", 3, **{"from": "0.6"})], [("segments.csv", 3, "from")]),
    "segment-end": (ERROR, [put("segments", 4, to="0.95")], [("segments.csv", 4, "to")]),
    "segment-rising": (ERROR, [put("segments", 3, value="1.1")], [("segments.csv", 3, "value")]),
    "floor-zero": (NOTE, [put("floors", 5, min_coverage="0")], [("floors.csv", 5, "min_coverage")]),
    "floor-twice": (
        WARNING,
        [put("floors", 6, floor_set="base")],
        [("floors.csv", 6, "need_id")],
    ),
    "floor-without-demand": (
        NOTE,
        [add("needs", need_id="N3", name="x", unit="y"), put("floors", 2, need_id="N3")],
        [("floors.csv", 2, "need_id")],
    ),
    "floor-without-kind": (WARNING, [put("floors", 2, kind="")], [("floors.csv", 2, "kind")]),
    "floor-set-unused": (
        NOTE,
        [add("floors", floor_id="F6", floor_set="old", scope="all", need_id="N2", min_coverage="0.1", kind="target")],
        [("floors.csv", 7, "floor_set")],
    ),
    "floor-unreachable": (
        WARNING,
        [put("floors", 2, min_coverage="1"), put("offers", 2, max_capacity="80")],
        [("floors.csv", 2, "min_coverage")],
    ),
    "baseline-above-max": (
        ERROR,
        [put("offers", 3, baseline_capacity="41"), put("reach", 4, baseline_capacity="41")],
        [("offers.csv", 3, "baseline_capacity")],
    ),
    "committed-above-max": (
        ERROR,
        [put("offers", 3, committed_capacity="41")],
        [("offers.csv", 3, "committed_capacity")],
    ),
    "least-above-max": (
        ERROR,
        [put("offers", 3, min_capacity_if_open="50")],
        [("offers.csv", 3, "min_capacity_if_open")],
    ),
    "offer-without-cost": (WARNING, [put("offers", 5, unit_cost="0")], [("offers.csv", 5, "unit_cost")]),
    "offer-without-capacity": (
        WARNING,
        [add("offers", offer_id="O5", name="neu", department_id="D1", unit_cost="10", max_capacity="0")],
        [("offers.csv", 6, "max_capacity")],
    ),
    "contract-over": (WARNING, [put("offers", 3, contract_end="31.12.2026")], [("offers.csv", 3, "contract_end")]),
    "effect-zero": (NOTE, [put("effects", 6, effect="0")], [("effects.csv", 6, "effect")]),
    "offer-without-effect": (WARNING, [drop("effects", 3)], [("offers.csv", 3, "offer_id")]),
    "offer-without-reach": (WARNING, [drop("reach", 4)], [("offers.csv", 3, "offer_id")]),
    "corridor-crossed": (ERROR, [put("reach", 3, min_use_share="0.7")], [("reach.csv", 3, "min_use_share")]),
    "corridor-least-sum": (
        ERROR,
        [put("reach", 2, min_use_share="0.6"), put("reach", 3, min_use_share="0.5")],
        [("offers.csv", 2, "offer_id")],
    ),
    "corridor-most-sum": (ERROR, [put("reach", 4, max_use_share="0.9")], [("offers.csv", 3, "offer_id")]),
    "reach-without-access": (NOTE, [put("reach", 8, access="0")], [("reach.csv", 8, "access")]),
    "reach-baseline-above-max": (
        WARNING,
        [put("reach", 6, max_capacity="49")],
        [("reach.csv", 6, "baseline_capacity")],
    ),
    "reach-baseline-sum": (
        WARNING,
        [put("reach", 2, baseline_capacity="49")],
        [("offers.csv", 2, "baseline_capacity")],
    ),
    "committed-beyond-reach": (WARNING, [put("reach", 4, max_capacity="9")], [("offers.csv", 3, "committed_capacity")]),
    "committed-without-reach": (WARNING, [drop("reach", 4)], [("offers.csv", 3, "committed_capacity")]),
    "home-not-reached": (NOTE, [put("offers", 5, home_space_id="S1")], [("offers.csv", 5, "home_space_id")]),
    "indivisible-blank": (
        WARNING,
        [put("scenarios", 4, indivisible="ja"), put("offers", 3, fixed_cost="")],
        [("offers.csv", 3, "fixed_cost")],
    ),
    "indivisible-cost-differs": (
        WARNING,
        [put("scenarios", 4, indivisible="ja"), put("offers", 3, fixed_cost="15000")],
        [("offers.csv", 3, "fixed_cost")],
    ),
    "commitment-above-max": (
        WARNING,
        [put("commitments", 3, min_capacity="101")],
        [("commitments.csv", 3, "min_capacity")],
    ),
    "commitment-differs": (
        WARNING,
        [put("commitments", 2, min_capacity="41")],
        [("commitments.csv", 2, "min_capacity")],
    ),
    "pot-empty": (
        WARNING,
        [add("pots", pot_id="P4", name="neu", amount="0")],
        [("pots.csv", 5, "amount")],
    ),
    "pot-without-share": (
        WARNING,
        [add("pots", pot_id="P4", name="neu", amount="9", max_share="0")],
        [("pots.csv", 5, "max_share")],
    ),
    "pot-without-offer": (
        WARNING,
        [add("pots", pot_id="P4", name="neu", amount="9", offers="O1", spaces="S2")],
        [("pots.csv", 5, "pot_id")],
    ),
    "offer-without-payer": (
        WARNING,
        [
            all_rows("pots", pooled="no"),
            put("pots", 2, themes="T2"),
            put("pots", 3, themes="T2"),
            drop("eligibility", 2),
        ],
        [("offers.csv", 3, "offer_id")],
    ),
    "offer-partly-paid": (
        WARNING,
        [put("pots", 2, max_share="0.5")],
        [("offers.csv", 3, "offer_id")],
    ),
    "committed-unpayable": (
        WARNING,
        [put("offers", 3, committed_capacity="40", unit_cost="12000")],
        [("offers.csv", 3, "committed_capacity")] * 2,
    ),
    "commitments-unpayable": (
        WARNING,
        [put("pots", 2, amount="13000"), put("pots", 3, amount="10000"), put("pots", 4, amount="9000")],
        [("pots.csv", None, "amount")],
    ),
    "funding-not-eligible": (
        WARNING,
        [put("baseline_funding", 5, pot_id="P1")],
        [("baseline_funding.csv", 5, "pot_id")],
    ),
    "funding-above-share": (
        WARNING,
        [put("baseline_funding", 2, amount="20000"), put("baseline_funding", 3, amount="60000")],
        [("baseline_funding.csv", 3, "amount")],
    ),
    "funding-above-pot": (WARNING, [put("pots", 3, amount="70000")], [("pots.csv", 3, "amount")]),
    "funding-sum": (WARNING, [put("baseline_funding", 2, amount="59000")], [("offers.csv", 2, "offer_id")]),
    "exception-above-share": (
        NOTE,
        [add("eligibility", pot_id="P3", offer_id="O2", allowed="yes", max_share="0.6")],
        [("eligibility.csv", 3, "max_share")],
    ),
    "exception-contradicts": (WARNING, [put("eligibility", 2, allowed="no")], [("eligibility.csv", 2, "allowed")]),
    "pot-year-differs": (WARNING, [put("pot_years", 2, amount="111000")], [("pot_years.csv", 2, "amount")]),
    "cluster-not-serving": (WARNING, [put("plurality", 2, offers="O1;O2;O3")], [("plurality.csv", 2, "offers")]),
    "cluster-offer-twice": (WARNING, [put("plurality", 2, offers="O1;O2;O1")], [("plurality.csv", 2, "offers")]),
    "cluster-unassessed": (WARNING, [put("plurality", 3, assessment="")], [("plurality.csv", 3, "assessment")]),
    "cluster-least-sum": (
        ERROR,
        [put("plurality", 2, min_share_each="0.51")],
        [("plurality.csv", 2, "min_share_each")],
    ),
    "cluster-most-sum": (
        ERROR,
        [put("plurality", 2, max_share_provider="0.49")],
        [("plurality.csv", 2, "max_share_provider")],
    ),
    "cluster-few-providers": (
        WARNING,
        [put("plurality", 2, min_providers="3")],
        [("plurality.csv", 2, "min_providers")],
    ),
    "cluster-not-binding": (NOTE, [put("plurality", 3, min_share_each="0.1")], [("plurality.csv", 3, "assessment")]),
    "overlap-with-itself": (ERROR, [put("overlaps", 2, offer_id_b="O3")], [("overlaps.csv", 2, "offer_id_b")]),
    "overlap-twice": (
        WARNING,
        [add("overlaps", offer_id_a="O4", offer_id_b="O3", need_id="N2")],
        [("overlaps.csv", 3, "offer_id_b")],
    ),
    "overlap-not-serving": (WARNING, [put("overlaps", 2, need_id="N1")], [("overlaps.csv", 2, "offer_id_a")]),
    "scenario-cycle": (
        ERROR,
        [put("scenarios", 3, parent_id="C")],
        [("scenarios.csv", row, "parent_id") for row in (3, 4, 5)],
    ),
    "integrated-without-pooled": (
        WARNING,
        [all_rows("pots", pooled="no")],
        [("scenarios.csv", row, "pooling") for row in (4, 5)],
    ),
    "evaluate-capped": (NOTE, [put("scenarios", 2, max_moved="100")], [("scenarios.csv", 2, "max_moved")]),
    "evaluate-expected": (WARNING, [put("scenarios", 2, expected="optimal")], [("scenarios.csv", 2, "expected")]),
    "max-moved-zero": (NOTE, [put("scenarios", 4, max_moved="0")], [("scenarios.csv", 4, "max_moved")]),
    "floor-set-twice": (
        WARNING,
        [put("scenarios", 5, floor_sets="base;more;base")],
        [("scenarios.csv", 5, "floor_sets")],
    ),
    "scenario-below-today": (
        WARNING,
        [change("offers", "O2", "max_capacity", "multiply", "0.4")],
        [("changes.csv", 5, "value")],
    ),
    "scenario-below-committed": (
        WARNING,
        [change("offers", "O2", "max_capacity", "set", "9")],
        [("changes.csv", 5, "value")],
    ),
    "change-without-effect": (
        WARNING,
        [change("pots", "P2", "amount", "multiply", "1")],
        [("changes.csv", 5, "value")],
    ),
    "change-compounds": (NOTE, [change("pots", "P1", "amount", "multiply", "0.9", "C")], [("changes.csv", 5, "value")]),
    "change-table-unknown": (ERROR, [change("pot", "P1", "amount", "add", "1")], [("changes.csv", 5, "table")]),
    "change-table-fixed": (ERROR, [change("scenarios", "B", "title", "set", "x")], [("changes.csv", 5, "table")]),
    "change-column-unknown": (ERROR, [change("pots", "P1", "amuont", "add", "1")], [("changes.csv", 5, "column")]),
    "change-of-key": (ERROR, [change("pots", "P1", "pot_id", "set", "P9")], [("changes.csv", 5, "column")]),
    "change-how-unknown": (ERROR, [change("pots", "P2", "amount", "times", "2")], [("changes.csv", 5, "how")]),
    "change-key-shape": (ERROR, [change("demand", "S1", "demand", "add", "1")], [("changes.csv", 5, "key")]),
    "change-key-unknown": (ERROR, [change("demand", "S9|N1", "demand", "add", "1")], [("changes.csv", 5, "key")]),
    "change-collision": (ERROR, [change("pots", "*", "amount", "add", "1")], [("changes.csv", 5, "key")]),
    "change-value-not-a-number": (
        ERROR,
        [lambda town: [row.update(area=3) for row in town["spaces"]], change("spaces", "S1", "area", "set", "viel")],
        [("changes.csv", 5, "value")],
    ),
    "change-value-not-yes-no": (ERROR, [change("pots", "P1", "pooled", "set", "maybe")], [("changes.csv", 5, "value")]),
    "change-not-numeric": (ERROR, [change("pots", "P1", "name", "multiply", "2")], [("changes.csv", 5, "how")]),
    "change-of-blank": (
        ERROR,
        [change("reach", "*|S1", "max_capacity", "multiply", "2")],
        [("changes.csv", 5, "column")],
    ),
}


def places(findings: pd.DataFrame, rule: str) -> list[Place]:
    rows = findings[findings["rule"] == rule]
    return [
        (file, None if pd.isna(row) else int(row), column)
        for file, row, column in zip(rows["file"], rows["row"], rows["column"], strict=True)
    ]


@functools.cache
def findings_of(rule: str) -> pd.DataFrame:
    """What is found in the town in which this one rule is broken."""
    with tempfile.TemporaryDirectory() as folder:
        return checked(Path(folder), *CASES[rule][1]).findings


def test_a_faultless_town_has_no_finding(tmp_path: Path) -> None:
    assert checked(tmp_path).findings.empty


@pytest.mark.parametrize("rule", CASES)
def test_every_rule_finds_its_fault_in_its_place(rule: str) -> None:
    severity, _, expected = CASES[rule]
    findings = findings_of(rule)
    assert places(findings, rule) == expected
    assert set(findings.loc[findings["rule"] == rule, "severity"]) == {severity}


@pytest.mark.parametrize("rule", CASES)
def test_every_finding_is_said_in_both_languages_with_a_next_step(rule: str) -> None:
    findings = findings_of(rule)
    said = {lang: render(findings, lang) for lang in ("de", "en")}
    for one in said.values():
        mine = one[one["rule"] == rule]
        assert mine["message"].str.len().gt(10).all() and mine["fix"].str.len().gt(10).all()
        assert not mine["message"].str.contains(r"[{}]|\bnan\b|<NA>", regex=True).any()
    assert (said["de"]["message"] != said["en"]["message"]).all()


def test_every_rule_with_a_sentence_is_tested_here() -> None:
    with TEXTS.open(encoding="utf-8", newline="") as stream:
        keys = {row["key"] for row in csv.DictReader(stream)}
    rules = {key for key in keys if not key.endswith("-fix")}
    assert rules == set(CASES)
    assert keys == rules | {f"{rule}-fix" for rule in rules}


def test_the_example_town_passes(auenfurt: Path) -> None:
    findings = read_checked(auenfurt).findings
    assert findings[findings["severity"] == ERROR].empty
    unreachable = findings[findings["rule"] == "floor-unreachable"]
    # SZ4c is meant to be infeasible: with a fifth of the staff missing no money can reach the floor on N10.
    assert unreachable[["row", "severity"]].values.tolist() == [[12, NOTE]]


def test_broken_tables_do_not_hide_each_others_faults(tmp_path: Path) -> None:
    rules = [rule for rule, (severity, _, _) in CASES.items() if severity == ERROR]
    wanted = {
        "required-blank",
        "share-outside",
        "unknown-reference",
        "segment-gap",
        "change-column-unknown",
        "duplicate-key",
    }
    assert wanted <= set(rules)
    findings = checked(tmp_path, *(spoil for rule in sorted(wanted) for spoil in CASES[rule][1])).findings
    assert wanted <= set(findings["rule"])
    order = ["needs.csv", "offers.csv", "effects.csv", "floors.csv", "segments.csv", "changes.csv"]
    errors = findings.loc[findings["severity"] == ERROR, "file"].drop_duplicates().tolist()
    assert errors == order


def test_errors_stop_reading_and_warnings_do_not(tmp_path: Path) -> None:
    fine = write(tmp_path / "warned", spoilt(*CASES["pot-empty"][1]))
    assert read_case(fine).name == "warned"
    wrong = write(tmp_path / "wrong", spoilt(*CASES["number-negative"][1]))
    with pytest.raises(InputError) as failure:
        read_case(wrong)
    assert failure.value.findings is not None
    assert places(failure.value.findings, "number-negative") == [("pots.csv", 3, "amount")]


@pytest.mark.parametrize("table", ["spaces", "needs", "demand", "offers", "effects", "pots"])
def test_a_town_without_the_rows_of_one_table_is_reported_not_broken(table: str, tmp_path: Path) -> None:
    findings = checked(tmp_path, clear(table)).findings
    assert places(findings, "table-empty") == [(f"{table}.csv", None, "")]


def test_a_town_without_optional_tables_is_fine(tmp_path: Path) -> None:
    kept = {"spaces", "needs", "demand", "offers", "effects", "pots"}
    spoils = [drop(table) for table in spoilt() if table not in kept]
    findings = checked(tmp_path, *spoils).findings
    assert findings[findings["severity"] != NOTE].empty


def test_ids_of_absent_optional_tables_are_free(tmp_path: Path) -> None:
    spoils = [drop("providers"), drop("themes"), drop("departments"), drop("regions")]
    assert checked(tmp_path, *spoils).findings.empty


def test_lists_are_looked_at_id_by_id(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("pots", 4, offers="O1;O7;O8")).findings
    found = findings[findings["rule"] == "unknown-reference"]
    assert found[["row", "column", "value"]].values.tolist() == [[4, "offers", "O7"], [4, "offers", "O8"]]


def test_an_unknown_id_comes_with_the_nearest_one(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("offers", 3, home_space_id="s3")).findings
    assert "S3" in findings.loc[findings["rule"] == "unknown-reference", "fix"].iloc[0]


def test_a_duplicate_id_names_the_first_row(tmp_path: Path) -> None:
    findings = checked(tmp_path, add("demand", space_id="S2", need_id="N1", demand="1")).findings
    message = findings.loc[findings["rule"] == "duplicate-key", "message"].iloc[0]
    assert "S2|N1" in message and "row 3" in message


def test_missing_funding_is_counted_in_euros(tmp_path: Path) -> None:
    findings = render(checked(tmp_path, put("baseline_funding", 2, amount="58765.5")).findings, "de")
    message = findings.loc[findings["rule"] == "funding-sum", "message"].iloc[0]
    assert "78.765,50 EUR" in message and "-1.234,50 EUR" in message


def test_a_payer_that_only_one_pooling_lacks_is_a_note(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("pots", 2, themes="T9"), add("themes", theme_id="T9", name="x")).findings
    found = findings[findings["rule"] == "offer-without-payer"]
    assert found.empty  # the exception of P2 and the integrated pooling of P1 each leave a payer
    partly = findings[findings["rule"] == "offer-partly-paid"]
    assert set(partly["severity"]) == {NOTE} and partly["message"].str.contains("silo").all()


def test_money_does_not_make_a_floor_unreachable_but_reach_does(tmp_path: Path) -> None:
    poor = checked(tmp_path / "poor", all_rows("pots", amount="1")).findings
    assert "floor-unreachable" not in set(poor["rule"])
    far = checked(tmp_path / "far", put("reach", 4, max_capacity="5")).findings
    found = far[far["rule"] == "floor-unreachable"]
    # S3 asks for 20 % of 30 cases; O2 can give 0.9 * 5, O4 0.1 * 0.9 * 30 there: 7.2 of 30 is above 0.2.
    assert found.empty
    farther = checked(tmp_path / "farther", put("reach", 4, max_capacity="3")).findings
    found = farther[farther["rule"] == "floor-unreachable"]
    assert found["row"].tolist() == [4] and "S3" in found["message"].iloc[0] and "0.18" in found["message"].iloc[0]


def test_an_inherited_fault_is_reported_once(tmp_path: Path) -> None:
    findings = checked(tmp_path, change("pots", "P9", "amount", "add", "1", "A")).findings
    assert places(findings, "change-key-unknown") == [("changes.csv", 5, "key")]


def test_a_change_that_breaks_many_cells_is_one_finding(tmp_path: Path) -> None:
    findings = checked(tmp_path, change("demand", "*", "demand", "multiply", "-1")).findings
    found = findings[findings["rule"] == "number-negative"]
    assert found[["file", "row", "column"]].values.tolist() == [["changes.csv", 5, "value"]]
    assert found["value"].iloc[0] == "demand S1|N1 demand = -60"


def test_faults_of_the_tables_are_not_blamed_on_changes(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("pots", 2, amount="-110000")).findings
    assert places(findings, "number-negative") == [("pots.csv", 2, "amount")]


def test_a_million_rows_of_reach_take_seconds(tmp_path: Path) -> None:
    offers, spaces = 2000, 500
    town = spoilt(drop("reach"), drop("commitments"))
    case = read_checked(write(tmp_path / "town", town)).case
    offer_ids = pd.Series([f"O{number}" for number in range(1, offers + 1)], dtype="str")
    space_ids = pd.Series([f"S{number}" for number in range(1, spaces + 1)], dtype="str")
    many_offers = (
        case["offers"]
        .iloc[np.zeros(offers, dtype=int)]
        .assign(offer_id=offer_ids.to_numpy(), baseline_capacity=50.0, committed_capacity=0.0, contract_end="")
    )
    many_spaces = case["spaces"].iloc[np.zeros(spaces, dtype=int)].assign(space_id=space_ids.to_numpy())
    reach = pd.DataFrame(
        {
            "offer_id": pd.Series(np.repeat(offer_ids.to_numpy(object), spaces), dtype="str"),
            "space_id": pd.Series(np.tile(space_ids.to_numpy(object), offers), dtype="str"),
            "access": 1.0,
            "max_capacity": np.nan,
            "baseline_capacity": 50.0 / spaces,
            "min_use_share": 0.0,
            "max_use_share": 1.0,
        }
    )
    reach.index = pd.RangeIndex(2, len(reach) + 2, name="row")
    many_offers.index = pd.RangeIndex(2, offers + 2, name="row")
    many_spaces.index = pd.RangeIndex(2, spaces + 2, name="row")
    large = case.with_tables(reach=reach, offers=many_offers, spaces=many_spaces)
    start = time.process_time()
    findings = check_case(large)
    assert time.process_time() - start < 15
    assert not findings["file"].eq("reach.csv").any()
