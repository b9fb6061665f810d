"""A marked copy holds every finding at its cell and everything else as it was; the original is never touched."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from allocate.checking.opening import read_case, read_checked
from allocate.errors import UsageError
from allocate.inputs.findings import SEVERITIES, render
from allocate.inputs.workbook.book_losses import losses
from allocate.inputs.workbook.marking import write_marked
from allocate.inputs.workbook.marks import FILLS, SIGN
from allocate.inputs.workbook.template import write_template_workbook
from allocate.language import LANGUAGES

both_languages = pytest.mark.parametrize("lang", LANGUAGES)
LIST = {"de": "_Befunde", "en": "_Findings"}


def head(sheet: openpyxl.worksheet.worksheet.Worksheet, name: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == name)


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A planner's workbook with three faults and much that has nothing to do with them."""
    path = write_template_workbook(tmp_path / "town.xlsx", "en")
    book = openpyxl.load_workbook(path)
    pots, effects = book["pots"], book["effects"]
    pots.cell(2, head(pots, "amount")).value = "viel"
    pots.cell(2, head(pots, "amount")).font = Font(bold=True, color="FF112233")
    effects.cell(2, head(effects, "need_id")).value = "N99"
    effects.cell(3, head(effects, "effect")).value = -1
    effects.cell(3, head(effects, "effect")).comment = Comment("Bitte nachfragen.", "Frau Yıldız")
    spaces = book["spaces"]
    spaces.cell(2, head(spaces, "name")).fill = PatternFill("solid", fgColor="FF00FF00")
    spaces.cell(2, head(spaces, "name")).value = "=cmd|' /C calc'!A0"
    spaces.cell(2, head(spaces, "name")).data_type = "s"
    spaces.column_dimensions["A"].width = 33
    notes = book.create_sheet("_Notizen O'Neill")
    notes["A1"], notes["A2"], notes["B2"] = datetime.date(2027, 1, 31), "=SUM(pots!C2:C9)", "=1+1"
    notes["B2"].data_type = "s"
    notes.merge_cells("C1:D4")
    notes.sheet_state = "hidden"
    rule = DataValidation(type="list", formula1='"a,b"')
    rule.add("A3")
    notes.add_data_validation(rule)
    book.defined_names["Töpfe"] = DefinedName("Töpfe", attr_text="pots!$A$2:$A$9")
    book.save(path)
    return path


@both_languages
def test_every_finding_stands_at_its_cell_in_the_language_asked_for(spoilt: Path, tmp_path: Path, lang: str) -> None:
    read = read_checked(spoilt)
    marked = write_marked(read, tmp_path / "marked.xlsx", lang)
    book = openpyxl.load_workbook(marked.path)
    findings = render(read.findings, lang)
    assert {"pots", "effects"} <= set(findings["sheet"])
    at_cells = 0
    for finding in findings.itertuples():
        if finding.sheet not in book.sheetnames:
            continue
        sheet = book[finding.sheet]
        names = [cell.value for cell in sheet[1]]
        # What concerns a whole column or table stands at its name.
        row, column = 1 if pd.isna(finding.row) else int(finding.row), names.index(finding.column or names[0]) + 1
        cell = sheet.cell(row, column)
        assert cell.comment is not None
        assert SIGN in cell.comment.text and finding.message in cell.comment.text and finding.fix in cell.comment.text
        assert cell.fill.fgColor.rgb in FILLS.values()
        at_cells += 1
    assert at_cells == marked.at_cells >= 3
    assert marked.listed_only == len(findings) - at_cells
    amount = book["pots"].cell(2, head(book["pots"], "amount"))
    assert amount.fill.fgColor.rgb == FILLS["error"] and amount.font.b and amount.value == "viel"


@both_languages
def test_the_list_holds_all_findings_with_links_that_lead_to_their_cells(
    spoilt: Path, tmp_path: Path, lang: str
) -> None:
    read = read_checked(spoilt)
    book = openpyxl.load_workbook(write_marked(read, tmp_path / "marked.xlsx", lang).path)
    assert book.sheetnames[0] == LIST[lang] and book.active.title == LIST[lang]
    sheet, findings = book[LIST[lang]], render(read.findings, lang)
    first = int(sheet.auto_filter.ref.split(":")[0][1:]) + 1
    assert sheet.freeze_panes == f"A{first}"
    rows = list(sheet.iter_rows(min_row=first))
    assert [row[4].value for row in rows] == findings["message"].tolist()
    assert [row[5].value for row in rows] == findings["fix"].tolist()
    assert [row[6].value for row in rows] == findings["rule"].tolist()
    for row, finding in zip(rows, findings.itertuples(), strict=True):
        link = row[1].hyperlink
        assert link is not None and link.location is not None
        name, _, cell = link.location.rpartition("!")
        place = book[name.strip("'")][cell]
        assert place.comment is not None and finding.message in place.comment.text


def test_the_original_stays_and_everything_else_is_kept(spoilt: Path, tmp_path: Path) -> None:
    before, content = spoilt.read_bytes(), openpyxl.load_workbook(spoilt)
    marked = write_marked(read_checked(spoilt), tmp_path / "marked.xlsx", "de")
    assert spoilt.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["marked.xlsx", "town.xlsx"]
    book = openpyxl.load_workbook(marked.path)
    assert book.sheetnames[1:] == content.sheetnames
    for name in content.sheetnames:
        old, new = content[name], book[name]
        assert (old.freeze_panes, old.sheet_state) == (new.freeze_panes, new.sheet_state)
        assert str(old.merged_cells) == str(new.merged_cells)
        assert len(old.conditional_formatting) == len(new.conditional_formatting)
        assert (old.auto_filter.ref, old.print_title_rows) == (new.auto_filter.ref, new.print_title_rows)
        assert len(old.data_validations.dataValidation) == len(new.data_validations.dataValidation)
        for row in old.iter_rows():
            for cell in row:
                other = new[cell.coordinate]
                assert (cell.value, cell.number_format) == (other.value, other.number_format)
                assert cell.value is None or cell.data_type == other.data_type
                assert (cell.font.b, cell.font.color) == (other.font.b, other.font.color)
                if other.comment is None or SIGN not in other.comment.text:
                    assert cell.fill.fill_type == other.fill.fill_type
                    assert cell.fill.fgColor == other.fill.fgColor
        widths = {key: one.width for key, one in old.column_dimensions.items()}
        assert widths == {key: one.width for key, one in new.column_dimensions.items()}
    assert book.defined_names["Töpfe"].attr_text == "pots!$A$2:$A$9"
    asked = book["effects"].cell(3, head(book["effects"], "effect")).comment
    assert asked is not None and asked.text.startswith("Bitte nachfragen.") and SIGN in asked.text
    assert asked.author == "Frau Yıldız"


def test_a_mended_copy_loses_its_marks_when_it_is_checked_again(spoilt: Path, tmp_path: Path) -> None:
    first = write_marked(read_checked(spoilt), tmp_path / "first.xlsx", "de").path
    book = openpyxl.load_workbook(first)
    book["pots"].cell(2, head(book["pots"], "amount")).value = 150000
    book.save(first)
    read = read_checked(first)
    assert "_Befunde" not in set(read.findings["sheet"]), "the list is no table"
    second = openpyxl.load_workbook(write_marked(read, tmp_path / "second.xlsx", "en").path)
    amount = second["pots"].cell(2, head(second["pots"], "amount"))
    assert amount.comment is None and amount.fill.fill_type is None
    effect = second["effects"].cell(3, head(second["effects"], "effect"))
    assert effect.comment is not None and effect.comment.text.count(SIGN) == 1
    assert effect.comment.text.startswith("Bitte nachfragen.") and "To do:" in effect.comment.text
    green = second["spaces"].cell(2, head(second["spaces"], "name"))
    assert green.fill.fgColor.rgb == "FF00FF00"
    assert [name for name in second.sheetnames if name in LIST.values()] == ["_Findings"]


def test_a_planners_own_sheet_of_that_name_stays(tmp_path: Path) -> None:
    path = write_template_workbook(tmp_path / "town.xlsx", "de")
    book = openpyxl.load_workbook(path)
    book.create_sheet("_Befunde")["A1"] = "meins"
    book.save(path)
    marked = openpyxl.load_workbook(write_marked(read_checked(path), tmp_path / "marked.xlsx", "de").path)
    assert marked["_Befunde"]["A1"].value == "meins"
    assert marked.worksheets[0]["A1"].value == "Befunde der Prüfung"


def test_a_folder_becomes_a_workbook_that_is_the_same_case(auenfurt: Path, tmp_path: Path) -> None:
    read = read_checked(auenfurt)
    marked = write_marked(read, tmp_path / "marked.xlsx", "en")
    assert marked.lost == ()
    again = read_checked(marked.path)
    assert again.case.fingerprint == read.case.fingerprint
    assert set(again.findings["rule"]) <= set(read.findings["rule"])
    book = openpyxl.load_workbook(marked.path)
    amount = book["pots"].cell(2, head(book["pots"], "amount"))
    assert amount.value == read.case["pots"]["amount"].iloc[0] and amount.data_type == "n"
    assert book["spaces"].freeze_panes == "B2" and book["spaces"].auto_filter.ref is not None


def test_faults_of_a_folder_stand_at_their_rows_and_as_they_were_typed(auenfurt: Path, tmp_path: Path) -> None:
    town = Path(shutil.copytree(auenfurt, tmp_path / "town"))
    pots = (town / "pots.csv").read_text(encoding="utf-8").splitlines()
    names = pots[0].split(",")
    cells = pots[2].split(",")
    cells[names.index("amount")] = "=1+1"
    # A blank line and a column of notes move nothing; the faulty row keeps its number.
    body = [*pots[:2], "", ",".join(cells), *pots[3:]]
    lines = [line and f"{line},{'comment' if at == 0 else '=note()'}" for at, line in enumerate(body)]
    (town / "pots.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    read = read_checked(town)
    wrong = read.findings[(read.findings["severity"] == "error") & (read.findings["file"] == "pots.csv")]
    assert wrong["row"].tolist() == [4]
    book = openpyxl.load_workbook(write_marked(read, tmp_path / "marked.xlsx", "de").path)
    cell = book["pots"].cell(4, names.index("amount") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert cell.comment is not None and cell.fill.fgColor.rgb == FILLS["error"]
    note = book["pots"].cell(2, len(names) + 1)
    assert (note.value, note.data_type) == ("=note()", "s")


def test_of_two_columns_of_one_name_each_keeps_its_own_cells(auenfurt: Path, tmp_path: Path) -> None:
    town = Path(shutil.copytree(auenfurt, tmp_path / "town"))
    lines = (town / "effects.csv").read_text(encoding="utf-8").splitlines()
    doubled = [f"{line},{'effect' if at == 0 else '7.5'}" for at, line in enumerate(lines)]
    (town / "effects.csv").write_text("\n".join(doubled) + "\n", encoding="utf-8")
    book = openpyxl.load_workbook(write_marked(read_checked(town), tmp_path / "marked.xlsx", "de").path)
    first, second = (cell.column for cell in book["effects"][1] if cell.value == "effect")
    assert book["effects"].cell(2, second).value == "7.5" != book["effects"].cell(2, first).value
    assert book["effects"].cell(1, first).comment is not None


def test_a_quotation_mark_that_is_never_closed_hides_no_row(auenfurt: Path, tmp_path: Path) -> None:
    town = Path(shutil.copytree(auenfurt, tmp_path / "town"))
    lines = (town / "demand.csv").read_text(encoding="utf-8").splitlines()
    lines[2] = '"' + lines[2]
    filler = [line for _ in range(100) for line in lines[3:]]
    (town / "demand.csv").write_text("\n".join([*lines, *filler]) + "\n", encoding="utf-8")
    read = read_checked(town)
    assert "read-quote-open" in set(read.findings["rule"])
    book = openpyxl.load_workbook(write_marked(read, tmp_path / "marked.xlsx", "de").path)
    assert book["demand"].max_row == len(lines) + len(filler)
    note = book["demand"].cell(3, 1).comment
    assert note is not None and SIGN in note.text


def test_a_forgotten_cell_far_away_does_not_take_forever(tmp_path: Path) -> None:
    path = write_template_workbook(tmp_path / "town.xlsx", "de")
    book = openpyxl.load_workbook(path)
    book.create_sheet("_weit")["XFD1048576"] = 1
    book.save(path)
    assert write_marked(read_checked(path), tmp_path / "marked.xlsx", "de").at_cells == 1  # it is the template


def test_a_copy_with_the_ending_of_macros_keeps_being_one(tmp_path: Path) -> None:
    path = tmp_path / "town.xlsm"
    write_template_workbook(tmp_path / "town.xlsx", "de").rename(path)
    marked = write_marked(read_checked(path), tmp_path / "marked.xlsm", "de")
    assert read_case(marked.path).fingerprint == read_case(path).fingerprint
    with ZipFile(marked.path) as archive:
        assert b"macroEnabled" in archive.read("[Content_Types].xml")


def test_a_missing_column_and_a_missing_table_are_said_where_there_is_a_place(auenfurt: Path, tmp_path: Path) -> None:
    town = Path(shutil.copytree(auenfurt, tmp_path / "town"))
    (town / "needs.csv").unlink()
    text = (town / "effects.csv").read_text(encoding="utf-8")
    (town / "effects.csv").write_text(text.replace("need_id", "xyz", 1), encoding="utf-8")
    read = read_checked(town)
    marked = write_marked(read, tmp_path / "marked.xlsx", "de")
    book = openpyxl.load_workbook(marked.path)
    note = book["effects"]["A1"].comment
    assert note is not None and "need_id" in note.text
    listed = [row[6].value for row in book["_Befunde"].iter_rows()]
    assert "read-table-missing" in listed and "read-column-missing" in listed
    assert marked.listed_only >= 1


def test_many_findings_leave_the_workbook_usable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allocate.inputs.workbook.marks.MOST_MARKED", 2)
    path = write_template_workbook(tmp_path / "town.xlsx", "en")
    book = openpyxl.load_workbook(path)
    for row in range(2, 6):
        book["effects"].cell(row, head(book["effects"], "effect")).value = -1
    book.save(path)
    marked = write_marked(read_checked(path), tmp_path / "marked.xlsx", "en")
    assert marked.at_cells == 2 and marked.listed_only >= 2
    copy = openpyxl.load_workbook(marked.path)
    noted = [cell for row in copy["effects"].iter_rows(min_row=2) for cell in row if cell.comment is not None]
    assert len(noted) == 2


@both_languages
def test_what_the_copy_lacks_is_said(tmp_path: Path, lang: str) -> None:
    path = write_template_workbook(tmp_path / "plain.xlsx", lang)
    assert losses(path, macros_kept=False) == []
    rich = tmp_path / "rich.xlsx"
    with xlsxwriter.Workbook(str(rich)) as book:
        sheet = book.add_worksheet("spaces")
        sheet.write_row(0, 0, ["space_id", "name"])
        sheet.write_row(1, 0, ["S1", "A"])
        sheet.write_formula(1, 2, "=1+1", None, 2)
        sheet.insert_textbox("E5", "look")
        sheet.add_sparkline("D2", {"range": "spaces!A2:C2"})
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=spaces!$C$2:$C$2"})
        sheet.insert_chart("F9", chart)
    assert losses(rich, macros_kept=False) == ["shapes", "charts", "sparklines", "formulas"]
    marked = write_marked(read_checked(rich), tmp_path / "marked.xlsx", lang)
    assert len(marked.lost) == 4
    texts = [cell.value for row in openpyxl.load_workbook(marked.path)[LIST[lang]].iter_rows(max_col=1) for cell in row]
    assert all(f"– {what}" in texts for what in marked.lost)


def test_nothing_is_written_where_it_must_not(spoilt: Path, tmp_path: Path) -> None:
    read, before = read_checked(spoilt), spoilt.read_bytes()
    (tmp_path / "folder.xlsx").mkdir()
    wrong = {
        spoilt: "marked-original",
        tmp_path / "folder" / ".." / "town.xlsx": "out-folder-missing",
        tmp_path / "marked.csv": "marked-no-workbook",
        tmp_path / "marked.xlsm": "marked-no-workbook",
        tmp_path / "folder.xlsx": "out-is-folder",
        tmp_path / "nowhere" / "marked.xlsx": "out-folder-missing",
    }
    for target, id in wrong.items():
        with pytest.raises(UsageError) as failure:
            write_marked(read, target, "de")
        assert failure.value.id == id, target
    assert spoilt.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.xlsx", "town.xlsx"]


def test_a_marked_copy_can_be_run_like_the_original(tmp_path: Path) -> None:
    path = write_template_workbook(tmp_path / "town.xlsx", "en")
    marked = write_marked(read_checked(path), tmp_path / "marked.xlsx", "en")
    assert (marked.at_cells, marked.listed_only, marked.lost) == (1, 0, ())  # that it is the template
    assert read_case(marked.path).fingerprint == read_case(path).fingerprint
    with ZipFile(marked.path) as archive:
        assert archive.testzip() is None


def test_the_colours_are_told_apart_by_words_too() -> None:
    assert set(FILLS) == set(SEVERITIES) and len(set(FILLS.values())) == 3
