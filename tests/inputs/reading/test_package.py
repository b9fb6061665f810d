"""Which files of a folder are tables, and what is said where there is nothing to read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from allocate.errors import InputError
from allocate.inputs.reading.package import read_tables
from tests.inputs.smalltown import TOWN, as_text, places, rules, town, write


def test_files_that_are_no_table_are_a_note(auenfurt: Path) -> None:
    findings = read_tables(auenfurt).findings
    assert set(findings["severity"]) <= {"note"}
    assert set(findings["file"]) == {"adjacency.csv", "participation.csv"}


def test_a_folder_knows_its_name_and_where_everything_stands(tmp_path: Path) -> None:
    case = read_tables(write(tmp_path / "my.town", TOWN)).case
    assert case.name == "my.town"
    assert case.place("offers", 3, "unit_cost") == "offers.csv row 3 column unit_cost"
    assert case.geometry is None
    (tmp_path / "my.town" / "spaces.geojson").write_text("{}", encoding="utf-8")
    assert read_tables(str(tmp_path / "my.town")).case.geometry == tmp_path / "my.town" / "spaces.geojson"


@pytest.mark.parametrize(("name", "known"), [("offer", "offers"), ("base_line_funding", "baseline_funding")])
def test_file_names_nearly_those_of_tables(tmp_path: Path, name: str, known: str) -> None:
    write(tmp_path, TOWN)
    (tmp_path / f"{name}.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    findings = read_tables(tmp_path).findings
    assert places(findings, "read-table-near") == [(f"{name}.csv", None, "", name)]
    assert f"'{known}'" in findings.loc[findings["rule"] == "read-table-near", "message"].iloc[0]


def test_upper_and_lower_case_of_file_names_count_as_alike(tmp_path: Path) -> None:
    write(tmp_path, town(spaces=None))
    (tmp_path / "Spaces.CSV").write_text(as_text(TOWN["spaces"]), encoding="utf-8")
    result = read_tables(tmp_path)
    assert not rules(result.findings)
    assert result.case.place("spaces") == "Spaces.CSV"


def test_one_table_in_two_files(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "SPACES.csv").write_text(as_text(TOWN["spaces"]), encoding="utf-8")
    assert places(read_tables(tmp_path).findings, "read-table-twice") == [("SPACES.csv", None, "", "")]


def test_a_table_saved_as_something_else_is_pointed_out(tmp_path: Path) -> None:
    write(tmp_path, town(effects=None))
    (tmp_path / "effects.xlsx").write_bytes(b"PK")
    findings = read_tables(tmp_path).findings
    assert places(findings, "read-file-kind") == [("effects.xlsx", None, "", "")]
    assert places(findings, "read-table-missing") == [("effects.csv", None, "", "")]


def test_lock_files_of_a_spreadsheet_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    (tmp_path / "~$spaces.csv").write_bytes(b"\0")
    (tmp_path / ".~lock.spaces.csv#").write_bytes(b"x")
    (tmp_path / ".spaces.csv").write_bytes(b"\0")
    assert not len(read_tables(tmp_path).findings)


def _nothing(folder: Path) -> Path:
    return folder / "gone"


def _empty_folder(folder: Path) -> Path:
    return folder


def _folder_of_others(folder: Path) -> Path:
    (folder / "holiday.csv").write_text("a\n", encoding="utf-8")
    return folder


def _folder_with_workbook(folder: Path) -> Path:
    (folder / "town.xlsx").write_bytes(b"PK")
    return folder


def _single_table(folder: Path) -> Path:
    return write(folder, TOWN) / "pots.csv"


def _picture(folder: Path) -> Path:
    (folder / "map.png").write_bytes(b"\x89PNG\r\n")
    return folder / "map.png"


@pytest.mark.parametrize(
    ("make", "id"),
    [
        (_nothing, "case-missing"),
        (_empty_folder, "case-no-tables"),
        (_folder_of_others, "case-no-tables"),
        (_folder_with_workbook, "case-folder-of-workbook"),
        (_single_table, "case-single-csv"),
        (_picture, "case-not-workbook"),
    ],
)
def test_where_there_is_nothing_to_read(tmp_path: Path, make, id: str) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path)
    with pytest.raises(InputError) as failure:
        read_tables(path)
    assert failure.value.id == id
    for lang in ("de", "en"):
        text = failure.value.text(lang)
        assert text.startswith(f"[{id}]") and "\n" not in text
        assert path.name in text or tmp_path.name in text


def test_input_files_are_never_changed(tmp_path: Path) -> None:
    write(tmp_path / "town", TOWN)
    shutil.copytree(tmp_path / "town", tmp_path / "copy", copy_function=shutil.copy2)
    read_tables(tmp_path / "town")
    for file in (tmp_path / "town").iterdir():
        twin = tmp_path / "copy" / file.name
        assert file.read_bytes() == twin.read_bytes() and file.stat().st_mtime_ns == twin.stat().st_mtime_ns


def test_every_table_that_can_be_read_is_read(tmp_path: Path) -> None:
    """One look shows the faults of all tables."""
    write(tmp_path, town(effects=None))
    (tmp_path / "spaces.csv").write_bytes(b"\0")
    (tmp_path / "needs.csv").write_text("need_id,nmae,unit\nN1,a,b\n", encoding="utf-8")
    (tmp_path / "pots.csv").write_text("pot_id,name,amount\nP1,a,viel\n", encoding="utf-8")
    result = read_tables(tmp_path)
    assert rules(result.findings) == {
        "read-table-missing",
        "read-file-binary",
        "read-column-near",
        "read-number",
    }
    assert result.case["demand"].shape[0] == 2


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Quartiere.gpkg", "read-file-map"),
        ("areas.SHP", "read-file-map"),
        ("other.geojson", "read-file-map"),
        ("Haushalt.xls", "read-file-other"),
        ("Beschluss.docx", "read-file-other"),
        ("plan.ods", "read-file-other"),
        ("Töpfe.xls", "read-file-kind"),
    ],
)
def test_what_lies_beside_a_case_and_is_not_read_is_said_with_what_to_do(tmp_path: Path, name: str, rule: str) -> None:
    write(tmp_path, TOWN)
    (tmp_path / name).write_bytes(b"\0")
    findings = read_tables(tmp_path).findings
    assert places(findings, rule) == [(name, None, "", "")]
    assert len(findings) == 1
    if rule == "read-file-map":
        assert "spaces.geojson" in findings["fix"].iloc[0] and "space_id" in findings["fix"].iloc[0]


def test_what_belongs_beside_a_case_is_no_finding(tmp_path: Path) -> None:
    write(tmp_path, TOWN)
    for name in ("spaces.geojson", "README.md", "letter.txt", "areas.dbf", "council.pdf"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert not len(read_tables(tmp_path).findings)


def test_a_file_that_is_met_again_says_the_same_and_one_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    odd = town(pots=[["pot_id", "name", "amount"], ["P1", "Teilhaushalt", "12x"]])
    first, again = (read_tables(write(tmp_path / name, odd)) for name in ("one", "two"))
    assert first.findings.drop(columns="values").equals(again.findings.drop(columns="values"))
    assert len(places(again.findings, "read-number")) == 1
    table = again.case["pots"]
    table.loc[:, "amount"] = 7.0
    third = read_tables(write(tmp_path / "three", odd)).case
    assert third["pots"]["amount"].isna().all()
    write(tmp_path / "two", TOWN)
    assert not rules(read_tables(tmp_path / "two").findings)
