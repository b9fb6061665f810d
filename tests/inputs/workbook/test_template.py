"""A new case comes back through reading as it was written, passes every check and can be computed at once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from allocate.checking.opening import read_case, read_checked
from allocate.errors import UsageError
from allocate.inputs import dictionary
from allocate.inputs.dictionary import as_markdown
from allocate.inputs.vocabulary import column_of, setting_of
from allocate.inputs.workbook import example, template_book
from allocate.inputs.workbook.example import example_town, head, sheet_name
from allocate.inputs.workbook.template import write_template_folder, write_template_workbook
from allocate.language import LANGUAGES
from allocate.session import Session

both_languages = pytest.mark.parametrize("lang", LANGUAGES)


@both_languages
def test_the_folder_has_every_table_with_every_column(tmp_path: Path, lang: str) -> None:
    files = write_template_folder(tmp_path / "town", lang)
    assert [file.stem for file in files if file.suffix == ".csv"] == [
        sheet_name(one, lang) for one in dictionary.tables()
    ]
    for table in dictionary.tables().values():
        text = (tmp_path / "town" / f"{sheet_name(table.name, lang)}.csv").read_text(encoding="utf-8-sig")
        names = text.splitlines()[0].split(";" if lang == "de" else ",")
        assert names[: len(table.names)] == [head(table.name, name, lang) for name in table.names]
        assert names[-1] == {"de": "Kommentar", "en": "comment"}[lang]


def test_german_is_written_in_german(tmp_path: Path) -> None:
    """Names of files, heads, choices, settings, and what a change is about."""
    write_template_folder(tmp_path, "de")
    text = {file.stem: file.read_text(encoding="utf-8-sig") for file in tmp_path.glob("*.csv")}
    assert {"Sozialräume", "Angebote", "Töpfe", "Änderungen", "Heutige Finanzierung"} <= set(text)
    assert text["Angebote"].startswith("Angebots-Kennung;Name;Träger;")
    assert ";Pflicht;" in text["Bedarfe"] and "mandatory" not in text["Bedarfe"]
    assert "integriert" in text["Szenarien"] and "integrated" not in text["Szenarien"]
    assert "Haushaltsjahr;2027" in text["Einstellungen"]
    changed = text["Änderungen"].splitlines()[1].split(";")
    assert changed[1] in text and changed[3] in text[changed[1]].splitlines()[0].split(";")
    assert changed[4] in ("setzen", "malnehmen", "hinzuzählen")


@both_languages
def test_folder_and_workbook_hold_the_same_town_without_any_fault(tmp_path: Path, lang: str) -> None:
    write_template_folder(tmp_path / "town", lang)
    write_template_workbook(tmp_path / "town.xlsx", lang)
    folder, workbook = read_checked(tmp_path / "town"), read_checked(tmp_path / "town.xlsx")
    # It only says that it is the template.
    assert folder.findings["rule"].tolist() == workbook.findings["rule"].tolist() == ["template-untouched"]
    assert folder.case.fingerprint == workbook.case.fingerprint


@both_languages
def test_every_cell_of_the_example_comes_back(tmp_path: Path, lang: str) -> None:
    case = read_case(write_template_workbook(tmp_path / "town.xlsx", lang))
    for name, rows in example_town(lang).items():
        assert case[name].shape[0] == len(rows)
        for at, row in enumerate(rows):
            for column in dictionary.table(name):
                cell = row.get(column.name) or column.default
                found = case[name][column.name].iloc[at]
                if column.is_numeric:
                    assert found == pytest.approx(float(cell or "nan"), abs=0, nan_ok=True)
                elif column.is_boolean:
                    assert found == (cell in ("ja", "yes"))
                else:
                    assert found == cell


@both_languages
def test_the_example_can_be_computed(tmp_path: Path, lang: str) -> None:
    write_template_folder(tmp_path / "town", lang)
    session = Session(read_case(tmp_path / "town"))
    results = {name: session.run(name) for name in ("S0", "S1", "S2", "S3")}
    assert [str(result.status) for result in results.values()] == ["evaluated", "optimal", "optimal", "optimal"]
    objective = {name: result.objective for name, result in results.items()}
    assert objective["S0"] < objective["S1"] < objective["S2"]
    assert objective["S3"] < objective["S2"]


def test_the_languages_differ_in_words_only(tmp_path: Path) -> None:
    german, english = (read_case(write_template_workbook(tmp_path / f"{lang}.xlsx", lang)) for lang in LANGUAGES)
    assert german.fingerprint != english.fingerprint
    for table in dictionary.tables().values():
        for column in table:
            if column.is_numeric or column.is_boolean or column.type in ("id", "list", "choice", "date"):
                assert german[table.name][column.name].equals(english[table.name][column.name])
    assert "Mitte" in german["spaces"]["name"].tolist() and "Centre" in english["spaces"]["name"].tolist()


def test_both_languages_give_the_same_figures(tmp_path: Path) -> None:
    plans = []
    for lang in LANGUAGES:
        write_template_folder(tmp_path / lang, lang)
        plans.append(Session(read_case(tmp_path / lang)).run("S2"))
    assert plans[0].objective == plans[1].objective
    assert plans[0].offers["capacity"].tolist() == plans[1].offers["capacity"].tolist()


@both_languages
def test_example_rows_are_marked(tmp_path: Path, lang: str) -> None:
    word = {"de": "Beispiel", "en": "Example"}[lang]
    book = openpyxl.load_workbook(write_template_workbook(tmp_path / "town.xlsx", lang))
    for name in dictionary.tables():
        rows = list(book[sheet_name(name, lang)].iter_rows(values_only=True))
        assert rows[0][-1] == {"de": "Kommentar", "en": "comment"}[lang]
        assert {row[-1] for row in rows[1:]} == {word}


def test_the_workbook_guides_its_writer(tmp_path: Path) -> None:
    """Drop-downs from the other sheets, notes on the headings, frozen heads, ids as text, units, real dates."""
    book = openpyxl.load_workbook(write_template_workbook(tmp_path / "town.xlsx", "de"))
    assert book.sheetnames == ["_Anleitung", *(sheet_name(name, "de") for name in dictionary.tables())]
    offers = book["Angebote"]
    assert offers.freeze_panes == "B2" and book["Bedarfsmengen"].freeze_panes == "C2"
    letter = {column_of("offers", str(cell.value)) or "comment": cell.column_letter for cell in offers[1]}
    rules = {str(rule.sqref).split(":")[0]: rule for rule in offers.data_validations.dataValidation}
    home = rules[f"{letter['home_space_id']}2"]
    assert home.formula1 == "'Sozialräume'!$A$2:$A$2000" and home.errorStyle == "warning"
    assert rules[f"{letter['duty']}2"].formula1.startswith('"Pflicht,dem Grunde nach,Soll,')
    assert rules[f"{letter['unit_cost']}2"].type == "decimal"
    pooled = {column_of("pots", str(cell.value)): cell.column_letter for cell in book["Töpfe"][1]}["pooled"]
    pots = {str(rule.sqref).split(":")[0]: rule for rule in book["Töpfe"].data_validations.dataValidation}
    assert pots[f"{pooled}2"].formula1 == '"ja,nein"'
    tables = next(
        rule for rule in book["Änderungen"].data_validations.dataValidation if str(rule.sqref).startswith("B2")
    )
    sheet, _, area = tables.formula1.rpartition("!")
    listed = [cell.value for row in book[sheet.strip("'")][area.replace("$", "")] for cell in row]
    assert listed == [sheet_name(name, "de") for name in dictionary.tables()]
    (settings,) = book["Einstellungen"].data_validations.dataValidation
    sheet, _, area = settings.formula1.rpartition("!")
    listed = [cell.value for row in book[sheet.strip("'")][area.replace("$", "")] for cell in row]
    assert [setting_of(str(word)) for word in listed] == list(dictionary.parameters())
    note = offers[f"{letter['unit_cost']}1"].comment
    assert note is not None
    for word in ("Kosten je Einheit", "Eigenanteil", "EUR je Kapazitätseinheit und Jahr", "Pflicht"):
        assert word in note.text
    assert all(cell.comment is not None for cell in offers[1] if cell.value != "Kommentar")
    assert "€" in offers[f"{letter['unit_cost']}2"].number_format or "€" in str(
        offers.column_dimensions[letter["unit_cost"]].number_format
    )
    assert offers[f"{letter['contract_end']}3"].is_date
    assert book["Sozialräume"]["A2"].value == "01"


@both_languages
def test_rows_of_the_example_look_like_one_until_their_comment_is_gone(tmp_path: Path, lang: str) -> None:
    book = openpyxl.load_workbook(write_template_workbook(tmp_path / "town.xlsx", lang))
    for name in dictionary.tables():
        sheet = book[sheet_name(name, lang)]
        (area,) = sheet.conditional_formatting
        (rule,) = area.rules
        letter = next(cell.column_letter for cell in sheet[1] if cell.value in ("comment", "Kommentar"))
        assert rule.formula == [f'${letter}2="{sheet[f"{letter}2"].value}"'] and rule.dxf.font.i
        assert str(area.sqref).startswith("A2:") and str(area.sqref).endswith("2000")
        assert sheet.auto_filter.ref is not None and sheet.print_title_rows == "$1:$1"


def test_a_sheet_may_have_more_columns_than_there_are_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = [f"more_{number}" for number in range(30)]
    monkeypatch.setattr(template_book, "headings", lambda table, rows: [*more, *example.headings(table, rows)])
    sheet = openpyxl.load_workbook(write_template_workbook(tmp_path / "town.xlsx", "en"))["spaces"]
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == "comment")
    (area,) = sheet.conditional_formatting
    assert len(letter) == 2 and area.rules[0].formula[0].startswith(f"${letter}2=")


def looks(path: Path) -> dict[str, object]:
    """What guides a writer, sheet by sheet: notes, drop-downs, frozen heads, formats, filters."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: (
            [cell.comment.text if cell.comment else "" for cell in sheet[1]],
            sorted((str(r.sqref), r.type, r.formula1, r.errorStyle) for r in sheet.data_validations.dataValidation),
            sheet.freeze_panes,
            [cell.number_format for cell in sheet[2]],
            sheet.auto_filter.ref,
            len(sheet.conditional_formatting),
        )
        for sheet in book.worksheets
    }


@both_languages
def test_a_workbook_edited_and_saved_comes_back_without_loss(tmp_path: Path, lang: str) -> None:
    path = write_template_workbook(tmp_path / "town.xlsx", lang)
    before, case = looks(path), read_case(path)
    book = openpyxl.load_workbook(path)
    book.save(path)
    assert read_case(path).fingerprint == case.fingerprint and looks(path) == before
    pots = book[sheet_name("pots", lang)]
    column = {column_of("pots", str(cell.value)): cell.column for cell in pots[1]}
    pots.cell(2, column["amount"]).value = 98765.43
    new = pots.max_row + 1
    for name, value in {
        "pot_id": "007",
        "name": "Töpfchen",
        "amount": 12.5,
        "pooled": {"de": "ja", "en": "yes"}[lang],
    }.items():
        pots.cell(new, column[name]).value = value
    book.save(path)
    table = read_case(path)["pots"]
    assert table["amount"].tolist() == [98765.43, *case["pots"]["amount"].tolist()[1:], 12.5]
    assert (table["pot_id"].iloc[-1], table["name"].iloc[-1], table["pooled"].iloc[-1]) == ("007", "Töpfchen", True)
    assert table.index[-1] == new
    assert table.drop(columns="amount").iloc[:-1].equals(case["pots"].drop(columns="amount"))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbooks of both languages, and under ``saved`` what LibreOffice makes of them; it is started once."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed (soffice)")
    folder = tmp_path_factory.mktemp("office")
    (folder / "saved").mkdir()
    books = [str(write_template_workbook(folder / f"{lang}.xlsx", lang)) for lang in LANGUAGES]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "saved"), *books]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder


@both_languages
def test_a_workbook_saved_by_libreoffice_comes_back_without_loss(saved: Path, lang: str) -> None:
    path, again = saved / f"{lang}.xlsx", saved / "saved" / f"{lang}.xlsx"
    assert read_case(again).fingerprint == read_case(path).fingerprint
    assert read_checked(again).findings["rule"].tolist() == ["template-untouched"]
    notes = [[cell.comment is not None for cell in sheet[1]] for sheet in openpyxl.load_workbook(again).worksheets]
    assert notes == [
        [cell.comment is not None for cell in sheet[1]] for sheet in openpyxl.load_workbook(path).worksheets
    ]


@both_languages
def test_messages_of_drop_downs_are_short_enough_for_a_spreadsheet(tmp_path: Path, lang: str) -> None:
    book = openpyxl.load_workbook(write_template_workbook(tmp_path / "town.xlsx", lang))
    for name in dictionary.tables():
        for rule in book[sheet_name(name, lang)].data_validations.dataValidation:
            assert rule.error is not None and len(rule.error) <= 225
            assert rule.errorTitle is not None and len(rule.errorTitle) <= 32


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "pots.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as failure:
        write_template_folder(tmp_path, "en")
    assert failure.value.id == "template-exists" and "pots.csv" in failure.value.text("de")
    assert [file.name for file in tmp_path.iterdir()] == ["pots.csv"]
    assert (tmp_path / "pots.csv").read_text(encoding="utf-8") == "mine"
    book = tmp_path / "town.xlsx"
    book.write_bytes(b"mine")
    with pytest.raises(UsageError):
        write_template_workbook(book, "de")
    assert book.read_bytes() == b"mine"


def test_a_folder_with_other_files_may_become_a_case(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    write_template_folder(tmp_path, "en")
    assert read_checked(tmp_path).findings["rule"].tolist() == ["template-untouched"]
    assert (tmp_path / "letter.txt").exists()
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_a_file_is_no_folder_and_a_text_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "town").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as failure:
        write_template_folder(tmp_path / "town", "en")
    assert failure.value.id == "out-unwritable"
    with pytest.raises(UsageError) as failure:
        write_template_workbook(tmp_path / "town.csv", "en")
    assert failure.value.id == "template-no-workbook"
    assert [file.name for file in tmp_path.iterdir()] == ["town"]


@both_languages
def test_the_dictionary_as_a_page(lang: str) -> None:
    page = as_markdown(lang)
    for table in dictionary.tables().values():
        assert f"## {table.name}: {table.label(lang)}" in page
        for column in table:
            assert f"| `{column.name}`" in page and column.meaning(lang).replace("|", "\\|") in page
    for name in dictionary.parameters():
        assert f"| `{name}`" in page
    rows = [line.replace("\\|", "") for line in page.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {7}
