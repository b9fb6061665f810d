"""The fingerprint is the same for the same content however written, and another one for other content."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocate.inputs.fingerprint import fingerprint
from allocate.inputs.reading.package import read_tables
from tests.inputs.smalltown import TOWN, Rows, town, write


def of(folder: Path, tables: dict[str, Rows]) -> str:
    return read_tables(write(folder, tables)).case.fingerprint


@given(order=st.permutations(range(6)), rows=st.permutations(range(2)))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_order_of_rows_and_columns_does_not_matter(tmp_path: Path, order: list[int], rows: list[int]) -> None:
    offers = TOWN["offers"]
    shuffled = [[line[at] for at in order] for line in (offers[0], *(offers[1 + row] for row in rows))]
    assert of(tmp_path / "b", town(offers=shuffled)) == of(tmp_path / "a", TOWN)


def test_a_default_written_out_is_the_same_content(tmp_path: Path) -> None:
    spaces = [[*TOWN["spaces"][0], "weight"], *([*row, "1"] for row in TOWN["spaces"][1:])]
    segments = [["segment", "from", "to", "value"], ["1", "0", "1", "1.0"]]
    assert of(tmp_path / "b", town(spaces=spaces, segments=segments)) == of(tmp_path / "a", TOWN)


def test_comments_do_not_count(tmp_path: Path) -> None:
    spaces = [[*TOWN["spaces"][0], "comment"], *([*row, "!"] for row in TOWN["spaces"][1:])]
    assert of(tmp_path / "b", town(spaces=spaces)) == of(tmp_path / "a", TOWN)


@pytest.mark.parametrize(
    ("table", "row", "column", "cell"),
    [
        ("pots", 1, 2, "250000.26"),
        ("spaces", 1, 0, "7"),
        ("spaces", 1, 1, "Mitte "),
        ("needs", 1, 2, "Fälle/Monat"),
        ("pots", 1, 4, "no"),
        ("pots", 1, 3, "O1"),
    ],
)
def test_every_cell_counts(tmp_path: Path, table: str, row: int, column: int, cell: str) -> None:
    changed = [list(line) for line in TOWN[table]]
    changed[row][column] = cell
    same = cell.strip() == TOWN[table][row][column]
    assert (of(tmp_path / "b", town(**{table: changed})) == of(tmp_path / "a", TOWN)) == same


def test_cells_do_not_flow_together(tmp_path: Path) -> None:
    first = [["provider_id", "name"], ["1", "ab"], ["2", "c"]]
    second = [["provider_id", "name"], ["1", "a"], ["2", "bc"]]
    assert of(tmp_path / "a", town(providers=first)) != of(tmp_path / "b", town(providers=second))


def test_free_numbers_in_either_notation_are_the_same(tmp_path: Path) -> None:
    english = [["provider_id", "name", "rate"], ["1", "a", "2.75"], ["2", "b", "1.0"]]
    german = [["provider_id", "name", "rate"], ["1", "a", "2,75"], ["2", "b", "1"]]
    other = [["provider_id", "name", "rate"], ["1", "a", "2,7"], ["2", "b", "1"]]
    assert of(tmp_path / "a", town(providers=english)) == of(tmp_path / "b", town(providers=german))
    assert of(tmp_path / "a", town(providers=english)) != of(tmp_path / "c", town(providers=other))


def test_it_is_a_sha256_of_the_tables(auenfurt: Path) -> None:
    case = read_tables(auenfurt).case
    assert case.fingerprint == fingerprint(case.tables)
    assert case.fingerprint.startswith("sha256:") and len(case.fingerprint) == len("sha256:") + 64
