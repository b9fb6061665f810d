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

from allocate.checking.check_case import check_case
from allocate.checking.opening import read_case, read_checked
from allocate.errors import InputError
from allocate.inputs import findings
from allocate.inputs.findings import render
from allocate.model.rules.register import RULES
from tests.inputs.checktown import add, all_rows, checked, drop, put, spoilt, write
from tests.inputs.faults import CASES, ERROR, NOTE, Place, change, clear

TEXTS = Path(findings.__file__).parent / "texts_checking.csv"


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


def faults(findings: pd.DataFrame) -> pd.DataFrame:
    """All findings but the notes that a column or table changes no plan."""
    return findings[~findings["rule"].isin(["column-shown", "table-idle"])]


def test_a_faultless_town_has_no_finding(tmp_path: Path) -> None:
    assert faults(checked(tmp_path).findings).empty


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
        rows = {row["key"]: row for row in csv.DictReader(stream)}
    # Sentences of checks that rules of the model bring along stand beside the rules.
    of_rules = [
        (key.removeprefix("check."), row)
        for rule in RULES if rule.checks
        for key, row in rule.texts.sentences.items() if key.startswith("check.")
    ]  # fmt: skip
    assert len(of_rules) == len(dict(of_rules)) and not set(rows) & set(dict(of_rules))
    rows |= dict(of_rules)
    alone = {key for key in rows if key.endswith("-none-fix")}
    assert all("{nearest}" in rows[key.replace("-none-fix", "-fix")]["de"] for key in alone)
    assert not any("{nearest}" in rows[key][lang] for key in alone for lang in ("de", "en"))
    # A sister that speaks of places where others speak of money is said in its place.
    keys = {key for key in rows if not key.endswith("@places")} - alone
    assert {key.removesuffix("@places") for key in rows} == keys | alone
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
    assert findings.loc[findings["severity"] != NOTE, "rule"].tolist() == ["duty-without-floor"]


def test_ids_of_absent_optional_tables_are_free(tmp_path: Path) -> None:
    spoils = [drop("providers"), drop("themes"), drop("departments"), drop("regions")]
    assert faults(checked(tmp_path, *spoils).findings).empty


def test_lists_are_looked_at_id_by_id(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("pots", 4, offers="O1;O7;O8")).findings
    found = findings[findings["rule"] == "unknown-reference"]
    assert found[["row", "column", "value"]].values.tolist() == [[4, "offers", "O7"], [4, "offers", "O8"]]


def test_an_unknown_id_comes_with_the_nearest_one(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("offers", 3, home_space_id="S33")).findings
    assert "S3" in findings.loc[findings["rule"] == "unknown-reference", "fix"].iloc[0]


def test_a_duplicate_id_names_the_first_row(tmp_path: Path) -> None:
    findings = checked(tmp_path, add("demand", space_id="S2", need_id="N1", demand="1")).findings
    message = findings.loc[findings["rule"] == "duplicate-key", "message"].iloc[0]
    assert "S2|N1" in message and "row 3" in message


def test_missing_funding_is_counted_in_euros(tmp_path: Path) -> None:
    findings = render(checked(tmp_path, put("baseline_funding", 2, amount="58765.5")).findings, "de")
    message = findings.loc[findings["rule"] == "funding-sum", "message"].iloc[0]
    assert "78.765,50 EUR" in message and "−1.234,50 EUR" in message


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


def test_two_hundred_thousand_rows_of_reach_take_seconds(tmp_path: Path) -> None:
    offers, spaces = 1000, 200
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
    large = case._unchecked(reach=reach, offers=many_offers, spaces=many_spaces)
    start = time.process_time()
    findings = check_case(large)
    assert time.process_time() - start < 10
    assert not findings["file"].eq("reach.csv").any()


@pytest.mark.parametrize(
    ("table", "column", "word", "meant"),
    [
        ("needs", "duty", "mandatroy", "mandatory"),
        ("floors", "kind", "statuory", "statutory"),
        ("changes", "how", "mulitply", "multiply"),
    ],
)
def test_a_choice_that_is_nearly_a_known_one_is_understood_but_not_taken(
    tmp_path: Path, table: str, column: str, word: str, meant: str
) -> None:
    findings = checked(tmp_path, put(table, 2, **{column: word})).findings
    fix = render(findings[findings["rule"] == "choice-unknown"], "de")["fix"].iloc[0]
    assert fix.endswith(f"Gemeint ist wohl: {meant}.")


def test_where_no_name_is_near_none_is_offered(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("effects", 2, need_id="xyz"), put("needs", 2, duty="irgendwie")).findings
    fixes = render(findings[findings["rule"].isin(["unknown-reference", "choice-unknown"])], "de")["fix"].tolist()
    assert len(fixes) >= 2
    assert not any("–" in fix or "ähnlichsten" in fix or "Gemeint" in fix for fix in fixes)
