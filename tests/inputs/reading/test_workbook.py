"""One workbook holds the same town as a folder; what a spreadsheet hides (errors, formulas, merged cells) is found."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from allocate.checking.opening import read_checked
from allocate.errors import InputError
from allocate.inputs.reading import workbook
from allocate.inputs.reading.package import read_tables
from allocate.inputs.workbook.marking import write_marked
from tests.inputs.smalltown import TOWN, Rows, places, rules, write


def book(path: Path, tables: dict[str, Rows]) -> openpyxl.Workbook:
    """The tables as an open workbook, numbers stored as numbers (ids as well, as people do)."""
    made = openpyxl.Workbook()
    made.remove(made["Sheet"])
    for name, rows in tables.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append([_stored(cell) for cell in row])
    made.save(path)
    return made


def _stored(cell: str) -> object:
    try:
        return cell or None if cell.startswith("0") else float(cell)
    except ValueError:
        return cell or None


def changed(path: Path, sheet: str, cells: dict[str, object]) -> Path:
    made = openpyxl.load_workbook(path)
    for place, value in cells.items():
        made[sheet][place] = value
    made.save(path)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "town.xlsx"
    book(path, TOWN)
    return path


def test_a_workbook_is_the_same_town_as_a_folder(tmp_path: Path, small: Path) -> None:
    folder = read_tables(write(tmp_path / "folder", TOWN))
    result = read_tables(small)
    assert not rules(result.findings)
    assert result.case.fingerprint == folder.case.fingerprint
    assert result.case.name == "town"
    for name, table in folder.case.tables.items():
        pd.testing.assert_frame_equal(result.case[name], table)
    assert result.case.place("pots", 3, "amount") == "town.xlsx sheet pots row 3 column amount"


def test_the_example_as_a_workbook(auenfurt: Path, tmp_path: Path) -> None:
    tables = {
        file.stem: pd.read_csv(file, dtype=str, keep_default_na=False, header=None).to_numpy().tolist()
        for file in auenfurt.glob("*.csv")
    }
    book(tmp_path / "auenfurt.xlsx", tables)
    result = read_tables(tmp_path / "auenfurt.xlsx")
    assert not rules(result.findings)
    assert result.case.fingerprint == read_tables(auenfurt).case.fingerprint


def test_ids_stored_as_numbers_and_dates_become_text(small: Path) -> None:
    changed(
        small,
        "offers",
        {"A2": 7, "A3": 8.5, "F2": datetime.date(2028, 12, 31), "F3": datetime.datetime(2028, 6, 30), "B2": True},
    )
    offers = read_tables(small).case["offers"]
    assert offers["offer_id"].tolist() == ["7", "8.5"]
    assert offers["contract_end"].tolist() == ["2028-12-31", "2028-06-30"]
    assert offers["name"].iloc[0] == "true"


def test_long_ids_stored_as_numbers_keep_every_digit(small: Path) -> None:
    changed(small, "offers", {"A2": 123456789012, "A3": 5000000000.5})
    assert read_tables(small).case["offers"]["offer_id"].tolist() == ["123456789012", "5000000000.5"]


def test_a_stored_number_is_never_uncertain_but_a_written_one_is(small: Path) -> None:
    changed(small, "demand", {"C2": 1.234, "C3": "2.345"})
    result = read_tables(small)
    assert places(result.findings, "read-number-ambiguous") == [("town.xlsx", 3, "demand", "2.345")]
    assert result.case["demand"]["demand"].iloc[0] == 1.234


def test_yes_and_no_as_the_spreadsheet_stores_them(small: Path) -> None:
    changed(small, "pots", {"E2": False})
    assert read_tables(small).case["pots"]["pooled"].tolist() == [False]
    changed(small, "pots", {"E2": 1})
    assert read_tables(small).case["pots"]["pooled"].tolist() == [True]


def test_error_cells_are_findings_never_blanks(small: Path) -> None:
    changed(small, "offers", {"E2": "#DIV/0!", "F3": "#REF!"})
    result = read_tables(small)
    assert places(result.findings, "read-cell-error") == [
        ("town.xlsx", 2, "baseline_capacity", "#DIV/0!"),
        ("town.xlsx", 3, "contract_end", "#REF!"),
    ]
    assert rules(result.findings) == {"read-cell-error"}
    assert result.findings["sheet"].tolist() == ["offers", "offers"]


def test_an_error_in_a_column_that_is_not_read_is_no_finding(small: Path) -> None:
    changed(small, "offers", {"G1": "comment", "G2": "#DIV/0!"})
    assert not rules(read_tables(small).findings)


def test_a_formula_without_a_value_is_a_finding(small: Path) -> None:
    changed(small, "demand", {"C2": "=60*2+0.5"})
    result = read_tables(small)
    assert places(result.findings, "read-formula-empty") == [("town.xlsx", 2, "demand", "=60*2+0.5")]
    assert rules(result.findings) == {"read-formula-empty"}


def test_a_formula_with_a_value_is_read_as_its_value(tmp_path: Path, small: Path) -> None:
    """A spreadsheet program stores the last value beside the formula; that is what planners see."""
    changed(small, "demand", {"C2": "=60*2+0.5", "B3": '="N"&1'})
    calculated = tmp_path / "calculated.xlsx"
    with zipfile.ZipFile(small) as source, zipfile.ZipFile(calculated, "w") as target:
        for entry in source.namelist():
            content = source.read(entry)
            if entry.endswith("sheet3.xml"):
                content = content.replace(b"<f>60*2+0.5</f><v></v>", b"<f>60*2+0.5</f><v>120.5</v>")
                content = content.replace(
                    b'<c r="B3"><f>"N"&amp;1</f><v></v>', b'<c r="B3" t="str"><f>"N"&amp;1</f><v>N1</v>'
                )
            target.writestr(entry, content.replace(b'fullCalcOnLoad="1"', b""))
    result = read_tables(calculated)
    assert not rules(result.findings)
    assert result.case["demand"]["demand"].tolist() == [120.5, 80]
    assert result.case["demand"]["need_id"].tolist() == ["N1", "N1"]


def test_a_formula_no_program_has_calculated_is_in_doubt(tmp_path: Path) -> None:
    """Some writers of workbooks store 0 beside every formula and leave the calculation to the reader."""
    path = tmp_path / "written.xlsx"
    with xlsxwriter.Workbook(path) as made:
        for name, rows in TOWN.items():
            sheet = made.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row, None)
            if name == "demand":
                sheet.write_formula("C2", "=60*2")
    result = read_tables(path)
    assert places(result.findings, "read-formula-stale") == [("written.xlsx", 2, "demand", "=60*2")]
    assert rules(result.findings, "error") == set()


def test_merged_cells_are_named(small: Path) -> None:
    made = openpyxl.load_workbook(small)
    made["demand"].merge_cells("B2:B3")
    made.save(small)
    assert places(read_tables(small).findings, "read-cells-merged") == [("town.xlsx", 2, "", "B2:B3")]


def test_empty_rows_and_columns_are_left_out_and_rows_keep_their_numbers(small: Path) -> None:
    made = openpyxl.load_workbook(small)
    made["demand"].insert_rows(3, 2)
    made["demand"].insert_cols(2)
    made.save(small)
    result = read_tables(small)
    assert not rules(result.findings)
    assert result.case["demand"].index.tolist() == [2, 5]


def test_hidden_sheets_are_read_and_charts_are_not(small: Path) -> None:
    made = openpyxl.load_workbook(small)
    made["demand"].sheet_state = "hidden"
    made.create_chartsheet("themes")
    made.save(small)
    result = read_tables(small)
    assert result.case["demand"].shape[0] == 2
    assert result.case["themes"].empty


def test_sheet_names_nearly_those_of_tables(small: Path) -> None:
    made = openpyxl.load_workbook(small)
    made["demand"].title = "other"
    made["other"].title = "Demand"
    made["effects"].title = "effect"
    made.create_sheet("Notizen")
    made.save(small)
    findings = read_tables(small).findings
    assert set(findings.loc[findings["rule"] == "read-table-near", "sheet"]) == {"effect"}
    assert set(findings.loc[findings["rule"] == "read-table-free", "sheet"]) == {"Notizen"}
    missing = findings[findings["rule"] == "read-table-missing"]
    assert missing[["file", "sheet"]].to_numpy().tolist() == [["town.xlsx", "effects"]]


@pytest.mark.parametrize("title", ["Töpfe", "Mittel", "Mittel (Töpfe)", "töpfe ", "To\u0308pfe"])
def test_a_sheet_named_by_the_word_of_the_trade_is_the_table(small: Path, title: str) -> None:
    made = openpyxl.load_workbook(small)
    made["pots"].title = title
    made.save(small)
    result = read_tables(small)
    assert not rules(result.findings)
    assert result.case.place("pots", 2) == f"town.xlsx sheet {title} row 2"


@pytest.mark.parametrize("title", ["Töpfee", "Pot"])
def test_a_sheet_named_nearly_by_a_word_is_pointed_out(small: Path, title: str) -> None:
    made = openpyxl.load_workbook(small)
    made["pots"].title = title
    made.save(small)
    findings = read_tables(small).findings
    assert findings.loc[findings["rule"] == "read-table-near", "fix"].str.contains("'pots'").tolist() == [True]


def test_titles_above_and_units_beneath_the_names_hide_nothing(small: Path) -> None:
    """Two titles and the names of groups of columns stand above, units beneath; rows keep their numbers."""
    made = openpyxl.load_workbook(small)
    offers = made["offers"]
    offers.insert_rows(2)
    for at, unit in enumerate(["Text", "Text", "EUR/Jahr", "Kapazitätseinheiten/Jahr", "capacity units/year"], 1):
        offers.cell(2, at).value = unit
    offers["C2"] = "EUR je Kapazitätseinheit und Jahr"
    offers.insert_rows(1, 3)
    offers["A1"] = "Angebote der Stadt"
    offers["C3"], offers["D3"] = "Kosten", "Kapazität"
    offers.merge_cells("A1:C1")
    offers.merge_cells("D3:E3")
    offers["C7"] = "viel"
    made.save(small)
    result = read_checked(small)
    assert places(result.findings, "read-number") == [("town.xlsx", 7, "unit_cost", "viel")]
    assert rules(result.findings) == {"read-number"}
    assert places(result.findings, "read-header-late") == [("town.xlsx", 4, "", "")]
    assert places(result.findings, "read-header-beneath") == [("town.xlsx", 5, "", "5")]
    assert result.case["offers"].index.tolist() == [6, 7]
    assert result.case["offers"]["unit_cost"].iloc[0] == 1234.56
    marked = openpyxl.load_workbook(write_marked(result, small.with_name("marked.xlsx"), "en").path)
    assert marked["offers"]["C7"].comment is not None


def test_an_empty_sheet(small: Path) -> None:
    made = openpyxl.load_workbook(small)
    made["effects"].delete_rows(1, 9)
    made.save(small)
    findings = read_tables(small).findings
    assert places(findings, "read-file-empty") == [("town.xlsx", None, "", "")]


def _bytes(made: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _only_sheet(name: str) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    return _bytes(made)


def _zip_of(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "nothing")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "id"),
    [
        (b"", "case-not-workbook"),
        (b"just text", "case-not-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "case-old-workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "case-encrypted",
        ),
        (b"PK\x03\x04 broken", "case-workbook-broken"),
        (_zip_of("content.xml"), "case-workbook-broken"),
        (_only_sheet("pots")[:-400], "case-workbook-broken"),
        (_only_sheet("Tabelle1"), "case-no-sheets"),
    ],
    # The bytes hold the time at which they were made, so that they cannot name a test.
    ids=["empty", "text", "old", "encrypted", "broken", "other", "cut", "no-sheets"],
)
def test_files_that_are_no_case(tmp_path: Path, content: bytes, id: str) -> None:
    path = tmp_path / "town.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as failure:
        read_tables(path)
    assert failure.value.id == id
    for lang in ("de", "en"):
        assert "town.xlsx" in failure.value.text(lang) and "\n" not in failure.value.text(lang)


def test_a_workbook_of_two_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "town.xlsx"
    with path.open("wb") as stream:
        stream.truncate(2_000_000_000)
    with pytest.raises(InputError) as failure:
        read_tables(path)
    assert failure.value.id == "case-too-large"


@pytest.mark.parametrize("place", ["XFD1048576", "ZZ1048576", "XFD20000"])
def test_a_forgotten_cell_far_away_is_refused_before_it_fills_the_memory(small: Path, place: str) -> None:
    changed(small, "effects", {place: "x"})
    result = read_tables(small)
    assert places(result.findings, "read-sheet-far") == [("town.xlsx", None, "", "")]
    assert rules(result.findings) == {"read-sheet-far"}
    assert result.case["demand"].shape[0] == 2


def test_a_forgotten_cell_far_down_is_read_over(small: Path) -> None:
    changed(small, "effects", {"A60000": " "})
    result = read_tables(small)
    assert not rules(result.findings)
    assert result.case["effects"].shape[0] == 2


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_damaged_inside_there_is_never_a_traceback(
    small: Path, tmp_path: Path, data: st.DataObject
) -> None:
    with zipfile.ZipFile(small) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from([name for name in sorted(parts) if name.endswith((".xml", ".rels"))]))
    at = data.draw(st.integers(0, len(parts[name])))
    cut = data.draw(st.integers(0, 40))
    filling = data.draw(st.sampled_from([b"", b"<", b">", b'"', b"&amp;", b"999999999", b"ZZZZ9", b"\xff"]))
    parts[name] = parts[name][:at] + filling + parts[name][at + cut :]
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(damaged, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    try:
        read_tables(damaged)
    except InputError as failure:
        assert failure.id in ("case-workbook-broken", "case-no-sheets")


def test_a_workbook_that_unpacks_beyond_measure_is_refused(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 1000)
    with pytest.raises(InputError) as failure:
        read_tables(small)
    assert failure.value.id == "case-too-large"


def test_the_workbook_is_not_changed(small: Path) -> None:
    before = small.read_bytes()
    read_tables(small)
    assert small.read_bytes() == before


def test_a_blank_is_no_way_out_where_a_cell_must_be_filled(small: Path) -> None:
    changed(small, "offers", {"C2": "#DIV/0!", "E2": "#DIV/0!"})
    fixes = read_tables(small).findings.set_index("column")["fix"]
    assert "may not be blank" in fixes["unit_cost"] and "means the default" in fixes["baseline_capacity"]
