"""From a path to a checked case: all errors at once, one fault one finding, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocate.checking.opening import read_case, read_checked
from allocate.errors import InputError
from allocate.inputs.findings import COLUMNS, render
from tests.inputs.smalltown import TOWN, as_text, places, rules, town, write


def test_the_example_is_a_case_without_errors(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    assert case.name == "auenfurt"
    assert case["offers"].shape[0] == 37


def test_errors_stop_and_carry_all_findings(tmp_path: Path) -> None:
    rows = [["pot_id", "name", "amount"], ["P1", "a", "viel"], ["P2", "b", "-5"]]
    write(tmp_path, town(pots=rows))
    with pytest.raises(InputError) as failure:
        read_case(tmp_path)
    assert failure.value.id == "case-findings" and failure.value.exit_code == 2
    found = failure.value.findings
    assert found is not None and set(COLUMNS) <= set(found.columns)
    assert {"read-number", "number-negative"} <= rules(found, "error")


def test_a_cell_that_cannot_be_read_is_one_finding(tmp_path: Path) -> None:
    rows = [["pot_id", "name", "amount"], ["P1", "a", "viel"]]
    findings = read_checked(write(tmp_path, town(pots=rows))).findings
    assert findings.loc[findings["column"] == "amount", "rule"].tolist() == ["read-number"]


@pytest.mark.parametrize("name", ["amuont", "Betragg"])
def test_a_column_that_is_not_there_is_one_finding(tmp_path: Path, name: str) -> None:
    rows = [["pot_id", "name", name], ["P1", "a", "5"], ["P2", "b", "6"]]
    findings = read_checked(write(tmp_path, town(pots=rows))).findings
    assert rules(findings, "error") == {"read-column-near"}


def test_a_table_that_cannot_be_read_is_one_finding(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "pots.csv").write_bytes(b"\0\0")
    findings = read_checked(tmp_path).findings
    assert findings.loc[findings["file"] == "pots.csv", "rule"].tolist() == ["read-file-binary"]


def test_a_table_that_is_missing_is_one_finding(tmp_path: Path) -> None:
    findings = read_checked(write(tmp_path, town(pots=None))).findings
    assert findings.loc[findings["file"] == "pots.csv", "rule"].tolist() == ["read-table-missing"]


@pytest.mark.parametrize("title", ["Bedarfe 2027", "Bedarfe 2027,,", "\n\n;;\nStand: 1.1.2027"])
def test_a_title_above_the_names_of_a_file_is_a_note_and_hides_nothing(tmp_path: Path, title: str) -> None:
    plain = read_checked(write(tmp_path / "plain", TOWN)).case.fingerprint
    town = write(tmp_path / "titled", TOWN)
    above = title.count("\n") + 1
    (town / "demand.csv").write_text(f"{title}\n{as_text(TOWN['demand'])}", encoding="utf-8")
    result = read_checked(town)
    assert not rules(result.findings)
    assert places(result.findings, "read-header-late") == [("demand.csv", above + 1, "", "")]
    assert result.case.fingerprint == plain
    assert result.case["demand"].index.tolist() == [above + 2, above + 3]
    rows = [*TOWN["demand"], ["S2", "N1", "viel"], ["S2", "N1"]]
    (town / "demand.csv").write_text(f"{title}\n{as_text(rows)}", encoding="utf-8")
    findings = read_checked(town).findings
    assert places(findings, "read-number") == [("demand.csv", above + 4, "demand", "viel")]
    assert places(findings, "read-row-ragged") == [("demand.csv", above + 5, "", "S2,N1")]


@pytest.mark.parametrize("table", ["effects", "demand", "pots"])
def test_what_only_follows_from_a_missing_table_is_not_said(tmp_path: Path, table: str) -> None:
    change = ["scenario_id", "table", "key", "column", "how", "value", "reason"]
    rows = [change, ["S1", "pots", "P1", "amount", "multiply", "0.9", "r"]]
    scenario = [["scenario_id", "title"], ["S1", "Kürzung"]]
    floors = [
        ["floor_id", "scope", "scope_id", "need_id", "min_coverage", "kind"],
        ["F1", "all", "*", "N1", "1", "target"],
    ]
    whole = town(changes=rows, scenarios=scenario, floors=floors)
    findings = read_checked(write(tmp_path, whole | {table: []})).findings
    assert rules(findings, "error") == {"read-file-empty"}
    assert not rules(findings, "warning", "note") - rules(read_checked(write(tmp_path / "all", whole)).findings)


@pytest.mark.parametrize("table", list(TOWN))
def test_a_header_without_rows_is_an_error(tmp_path: Path, table: str) -> None:
    findings = read_checked(write(tmp_path, town(**{table: TOWN[table][:1]}))).findings
    assert "table-empty" in rules(findings, "error")


@pytest.mark.parametrize("cell", ["NaN", "1e308", "1e999", "-1", "inf"])
def test_numbers_no_town_has(tmp_path: Path, cell: str) -> None:
    rows = [["pot_id", "name", "amount"], ["P1", "a", cell]]
    findings = read_checked(write(tmp_path, town(pots=rows))).findings
    bad = findings[(findings["file"] == "pots.csv") & (findings["severity"] == "error")]
    assert bad[["row", "column"]].to_numpy().tolist() == [[2, "amount"]]


CELLS = st.sampled_from(
    ["", "x", "0", "-1", "1,5", "1.5", "1.234", "NaN", "1e308", "#DIV/0!", "*", "S2|N1", ";;", "ja", "31.2.2028", "\0"]
) | st.text(max_size=6)


@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_the_cells_there_is_never_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    """Cells, names, rows and bytes of a case are spoiled at random; the answer is a table of findings."""
    tables = town(
        scenarios=[["scenario_id", "title", "parent_id"], ["A", "a", ""], ["B", "b", "A"]],
        changes=[
            ["scenario_id", "table", "key", "column", "how", "value", "reason"],
            ["A", "pots", "P1", "amount", "multiply", "0.9", "r"],
            ["B", "demand", "*|N1", "demand", "add", "5", "r"],
        ],
        floors=[
            ["floor_id", "scope", "scope_id", "need_id", "min_coverage", "kind"],
            ["F1", "space", "*", "N1", "0.5", "statutory"],
        ],
        reach=[["offer_id", "space_id", "access"], ["O1", "007", "1"], ["O2", "S2", "0.5"]],
    )
    tables = {name: [list(row) for row in rows] for name, rows in tables.items()}
    for _ in range(data.draw(st.integers(1, 4))):
        rows = tables[data.draw(st.sampled_from(sorted(tables)))]
        row = rows[data.draw(st.integers(0, len(rows) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
    for file in tmp_path.glob("*.csv"):
        file.unlink()
    for name, rows in tables.items():
        (tmp_path / f"{name}.csv").write_bytes(as_text(rows).encode("utf-8", "surrogatepass"))
    findings = read_checked(tmp_path).findings
    for lang in ("de", "en"):
        said = render(findings, lang)
        assert said[["message", "fix"]].ne("").all(axis=None)
        assert not said[["message", "fix"]].isna().any(axis=None)


@given(content=st.binary(max_size=200))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_a_file_holds_there_is_never_a_traceback(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "demand.csv").write_bytes(content)
    assert len(read_checked(tmp_path).findings)


def test_a_million_rows_of_reach_take_seconds(tmp_path: Path) -> None:
    """The count is kept small here; what matters is that no rule loops over rows (see benchmarks)."""
    offers = [["offer_id", "name", "unit_cost", "max_capacity"], *([f"O{n}", "a", "1", "9"] for n in range(200))]
    spaces = [["space_id", "name"], *([f"S{n}", "b"] for n in range(500))]
    write(tmp_path, town(offers=offers, spaces=spaces))
    pairs = pd.MultiIndex.from_product([[f"O{n}" for n in range(200)], [f"S{n}" for n in range(500)]])
    reach = pairs.to_frame(index=False, name=["offer_id", "space_id"])
    reach["access"] = 0.5
    reach.to_csv(tmp_path / "reach.csv", index=False)
    case = read_checked(tmp_path).case
    assert case["reach"].shape[0] == 100_000
    assert case["reach"]["access"].eq(0.5).all()
