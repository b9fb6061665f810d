"""CSV files of every dialect are read alike, and what is broken in one is found with its row."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from allocate.inputs.findings import FindingList
from allocate.inputs.reading import delimited
from allocate.inputs.reading.package import read_tables
from tests.inputs.smalltown import TOWN, as_text, in_german, places, rules, town, write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_the_dialect_changes_nothing(tmp_path: Path, encoding: str, separator: str, newline: str, decimal: str) -> None:
    plain = read_tables(write(tmp_path / "plain", TOWN))
    tables = in_german(TOWN) if decimal == "," else TOWN
    other = read_tables(write(tmp_path / "other", tables, encoding=encoding, separator=separator, newline=newline))
    assert not rules(plain.findings) and not rules(other.findings)
    assert other.case.fingerprint == plain.case.fingerprint
    for name, table in plain.case.tables.items():
        pd.testing.assert_frame_equal(other.case[name], table)


def test_thousands_are_understood(tmp_path: Path) -> None:
    rows = [["pot_id", "name", "amount"], ["P1", "a", "1.140.000,50"], ["P2", "b", "1 055 000"], ["P3", "c", "7.500"]]
    result = read_tables(write(tmp_path, town(pots=rows), separator=";"))
    assert not rules(result.findings)
    assert result.case["pots"]["amount"].tolist() == [1140000.5, 1055000, 7500]


def test_a_number_that_could_be_either_is_reported_with_both_readings(tmp_path: Path) -> None:
    rows = [["space_id", "need_id", "demand"], ["007", "N1", "1.234"], ["S2", "N1", "80"]]
    result = read_tables(write(tmp_path, town(demand=rows)))
    assert places(result.findings, "read-number-ambiguous") == [("demand.csv", 2, "demand", "1.234")]
    finding = result.findings.loc[result.findings["rule"] == "read-number-ambiguous"].iloc[0]
    assert finding["severity"] == "error"
    assert "1.234 or 1234" in finding["message"] and "1.2340" in finding["fix"]


def test_its_fix_works(tmp_path: Path) -> None:
    rows = [["space_id", "need_id", "demand"], ["007", "N1", "1.2340"], ["S2", "N1", "80"]]
    result = read_tables(write(tmp_path, town(demand=rows)))
    assert not rules(result.findings)
    assert result.case["demand"]["demand"].iloc[0] == 1.234


def test_two_notations_in_one_file_are_reported(tmp_path: Path) -> None:
    rows = [["space_id", "need_id", "demand"], ["007", "N1", "1,5"], ["S2", "N1", "80.5"], ["S3", "N1", "0,25"]]
    result = read_tables(write(tmp_path, town(demand=rows), separator=";"))
    assert places(result.findings, "read-number-mixed") == [("demand.csv", 3, "demand", "80.5")]


def test_rows_are_those_a_spreadsheet_shows(tmp_path: Path) -> None:
    """Blank lines and line breaks inside a cell count as a spreadsheet counts them."""
    write(tmp_path, TOWN)
    (tmp_path / "spaces.csv").write_text('space_id,name\n\nA,"Am\nMarkt"\n,\nB,Nord\n', encoding="utf-8")
    spaces = read_tables(tmp_path).case["spaces"]
    assert spaces.index.tolist() == [3, 5]
    assert spaces["name"].tolist() == ["Am\nMarkt", "Nord"]


def test_rows_with_too_few_or_too_many_cells(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    text = 'space_id,need_id,demand\n007,N1,"1,5"\nS2,N1\nS2,N1,1,5\n"S,2","N 1",7,,\nS9,N1,3\n'
    (tmp_path / "demand.csv").write_text(text, encoding="utf-8")
    result = read_tables(tmp_path)
    assert places(result.findings, "read-row-ragged") == [
        ("demand.csv", 3, "", "S2,N1"),
        ("demand.csv", 4, "", "S2,N1,1,5"),
    ]
    demand = result.case["demand"]
    assert demand.index.tolist() == [2, 5, 6]
    assert demand["space_id"].tolist() == ["007", "S,2", "S9"]
    assert demand["demand"].tolist() == [1.5, 7, 3]


def test_trailing_separators_in_every_row_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "spaces.csv").write_text("space_id;name;;\n007;Mitte;;\nS2;Nord;;\n", encoding="utf-8")
    result = read_tables(tmp_path)
    assert not rules(result.findings)
    assert "" not in result.case["spaces"].columns


def test_content_under_no_name_is_reported(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "spaces.csv").write_text("space_id;name;\n007;Mitte;\nS2;Nord;4000\n", encoding="utf-8")
    assert places(read_tables(tmp_path).findings, "read-header-blank") == [("spaces.csv", 3, "", "4000")]


def test_excel_separator_line_is_no_row(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    text = "sep=;\r\n" + as_text(TOWN["spaces"], ";", "\r\n")
    (tmp_path / "spaces.csv").write_bytes(text.encode())
    result = read_tables(tmp_path)
    assert not rules(result.findings)
    assert result.case["spaces"].index.tolist() == [2, 3]


def test_an_open_quotation_mark_is_found_where_it_opens(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "spaces.csv").write_text('space_id,name\n007,Mitte\nS2,"Nord\nS3,West\n', encoding="utf-8")
    assert places(read_tables(tmp_path).findings, "read-quote-open") == [("spaces.csv", 3, "", "")]


def test_an_inch_mark_is_no_open_quotation_mark(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "spaces.csv").write_text('space_id,name\n007,Rohr 5" West\nS2,Nord\n', encoding="utf-8")
    result = read_tables(tmp_path)
    assert not rules(result.findings)
    assert result.case["spaces"]["name"].iloc[0] == 'Rohr 5" West'


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "read-file-empty"),
        (b"\xef\xbb\xbf \r\n", "read-file-empty"),
        (b"\x00\x01\x02\x03", "read-file-binary"),
        (b"PK\x03\x04....", "read-file-binary"),
        (b"space_id;name\n1;M\x81nster\n", "read-file-encoding"),
        (b"Sozialraeume der Stadt\n1\n", "read-separator"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: bytes, rule: str) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "spaces.csv").write_bytes(content)
    result = read_tables(tmp_path)
    assert [place[0] for place in places(result.findings, rule)] == ["spaces.csv"]
    assert "read-table-missing" not in rules(result.findings)
    assert result.case["demand"].shape[0] == 2


def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    with (tmp_path / "spaces.csv").open("wb") as stream:
        stream.truncate(2_000_000_000)
    result = read_tables(tmp_path)
    assert places(result.findings, "read-file-large") == [("spaces.csv", None, "", "")]
    assert delimited.MOST_BYTES < 2_000_000_000


def test_a_cell_longer_than_any_parser_likes(tmp_path: Path) -> None:
    long = "x" * 300_000
    result = read_tables(write(tmp_path, town(spaces=[["space_id", "name"], ["007", long], ["S2", "b"]])))
    assert not rules(result.findings)
    assert result.case["spaces"]["name"].iloc[0] == long


def test_umlauts_of_another_system_are_suspected(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "spaces.csv").write_bytes("space_id;name\n007;Nördliche Vorstadt\nS2;Süd\n".encode() + b"")
    assert not rules(read_tables(tmp_path).findings)
    garbled = "space_id;name\n007;Nördliche Vorstadt\nS2;Mitte\n".encode("cp850")
    (tmp_path / "spaces.csv").write_bytes(garbled)
    assert places(read_tables(tmp_path).findings, "read-file-garbled") == [("spaces.csv", None, "", "N”rdliche")]
    twice = "space_id;name\n007;Nördliche Vorstadt\nS2;Mitte\n".encode().decode("cp1252").encode()
    (tmp_path / "spaces.csv").write_bytes(twice)
    assert places(read_tables(tmp_path).findings, "read-file-garbled") == [("spaces.csv", None, "", "NÃ¶rdliche")]


@pytest.mark.parametrize("marks", [1, 2, 3])
def test_marks_at_the_beginning_are_no_part_of_the_first_name(tmp_path: Path, marks: int) -> None:
    write(tmp_path, TOWN)
    path = tmp_path / "demand.csv"
    path.write_bytes(b"\xef\xbb\xbf" * marks + path.read_bytes())
    result = read_tables(tmp_path)
    assert not len(result.findings)
    assert result.case.fingerprint == read_tables(write(tmp_path / "plain", TOWN)).case.fingerprint
    path.write_bytes(("\ufeff" * marks + as_text(TOWN["demand"])).encode("utf-16"))
    assert not len(read_tables(tmp_path).findings)


def test_rows_are_numbered_as_in_the_file_also_below_empty_lines_and_faulty_rows() -> None:
    findings = FindingList()
    read = delimited.read_text('space_id,name\n\nS1,a\nS2,b,c\n"S\n3",d,\nS4,e\n', "spaces.csv", "spaces", findings)
    assert read is not None
    assert read.cells.index.tolist() == [3, 5, 6] and read.cells["space_id"].tolist() == ["S1", "S\n3", "S4"]
    assert findings.table()["row"].tolist() == [4]


def test_a_cell_may_be_longer_than_the_reader_of_the_language_takes_by_itself() -> None:
    limit = csv.field_size_limit()
    long = "x" * (limit + 1)
    read = delimited.read_text(f"space_id,name\nS1,{long}\n", "spaces.csv", "spaces", FindingList())
    assert read is not None and read.cells["name"].tolist() == [long]
    assert csv.field_size_limit() == limit
