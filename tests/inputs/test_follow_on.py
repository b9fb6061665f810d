"""One fault is one finding: what only follows from a value or a table found wrong is not said."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from allocate.checking.opening import read_checked
from allocate.inputs import dictionary
from allocate.inputs.findings import ERROR
from tests.inputs.checktown import FAULTLESS, Spoil, add, checked, put, spoilt, write
from tests.inputs.faults import change

type Found = Counter[tuple[str, str]]

CELLS = [
    (table.name, column.name)
    for table in dictionary.tables().values()
    for column in table
    if column.is_numeric and column.name in FAULTLESS.get(table.name, [{}])[0]
]


def found_in(folder: Path, *spoils: Spoil) -> Found:
    findings = checked(folder, *spoils).findings
    return Counter(zip(findings["rule"], findings["file"], strict=True))


@cache
def usual() -> Found:
    """What is found in the faultless town: notes only."""
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        return found_in(Path(folder))


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_a_cell_that_is_no_number_is_one_finding(tmp_path: Path, table: str, column: str) -> None:
    more = found_in(tmp_path, put(table, 2, **{column: "viel"})) - usual()
    assert more == Counter({("read-number", f"{table}.csv"): 1})


@pytest.mark.parametrize("table", FAULTLESS)
def test_a_table_that_cannot_be_read_is_one_finding(tmp_path: Path, table: str) -> None:
    town = write(tmp_path / "town", spoilt())
    (town / f"{table}.csv").write_bytes(b"\0\0")
    findings = read_checked(town).findings
    more = Counter(zip(findings["rule"], findings["file"], strict=True)) - usual()
    assert more == Counter({("read-file-binary", f"{table}.csv"): 1})


def test_a_rules_check_is_silent_about_what_it_could_not_compare_with(tmp_path: Path) -> None:
    """P2 pays along with what providers add themselves, and no offer states it: said where the offers are right."""
    alone = add("cofinancing", pot_id="P2", per_eur_of="own", most="1")
    assert ("cofinancing-own", "cofinancing.csv") in found_in(tmp_path / "whole", alone)
    wrong = found_in(tmp_path / "cell", alone, put("offers", 2, own_share="viel"))
    assert wrong[("read-number", "offers.csv")] == 1 and ("cofinancing-own", "cofinancing.csv") not in wrong
    town = write(tmp_path / "unread", spoilt(alone))
    (town / "offers.csv").write_bytes(b"\0\0")
    findings = read_checked(town).findings
    assert findings.loc[findings["severity"] == ERROR, "rule"].tolist() == ["read-file-binary"]
    assert "cofinancing-own" not in set(findings["rule"])
    # An error says what is wrong wherever the rest is right.
    itself = add("cofinancing", pot_id="P1", per_eur_of="P1", most="1")
    assert ("cofinancing-itself", "cofinancing.csv") in found_in(tmp_path / "error", itself, put("pots", 2, amount="x"))


def test_a_change_of_an_unreadable_cell_is_no_fault_of_the_change(tmp_path: Path) -> None:
    spoils = [put("demand", 5, demand="viel"), put("pots", 2, amount="viel"), put("pots", 3, amount="-7")]
    findings = checked(tmp_path, *spoils, change("pots", "P2", "amount", "multiply", "2")).findings
    errors = findings[findings["severity"] == ERROR]
    assert errors[["rule", "file", "row"]].values.tolist() == [
        ["read-number", "demand.csv", 5],
        ["read-number", "pots.csv", 2],
        ["number-negative", "pots.csv", 3],
    ]


def test_a_blank_cell_that_is_meant_stays_a_fault_of_the_change(tmp_path: Path) -> None:
    findings = checked(tmp_path, change("reach", "O1|S1", "max_capacity", "add", "1")).findings
    assert findings.loc[findings["severity"] == ERROR, "rule"].tolist() == ["change-of-blank"]


def test_a_negative_limit_is_not_also_below_todays_capacity(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("offers", 2, max_capacity="-1"), put("offers", 3, unit_cost="")).findings
    errors = findings[findings["severity"] == ERROR]
    assert sorted(errors["rule"]) == ["number-negative", "required-blank"]
    assert not set(findings["rule"]) & {"baseline-above-max", "committed-above-max", "least-above-max", "funding-sum"}
