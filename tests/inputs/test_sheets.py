"""Sheets as other programs write them: what is valid is read, what is wrong is said at its cell, nothing takes long."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pytest

from allocate.checking.opening import read_checked
from allocate.errors import InputError, UsageError
from allocate.inputs.reading.moments import is_span, moment
from allocate.inputs.reading.package import read_tables
from allocate.inputs.scenario.saving import save_scenario
from allocate.inputs.workbook.marking import write_marked
from tests.inputs.sheetbooks import cells, document_cell, document_rows, write_book, write_document
from tests.inputs.smalltown import TOWN, places, rules, town, write

NEW_ERRORS = (
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#UNKNOWN!",
    "#CONNECT!",
    "#BUSY!",
    "#PYTHON!",
    "#EXTERNAL!",
    "#TIMEOUT!",
    "#GETTING_DATA",
    "#ÜBERLAUF!",
    "#N/A",
    "#NV",
)
OFFERS = TOWN["offers"]


def sheet(table: str, *, cell: str, element: str) -> str:
    """The sheet of a table with one ``<c>`` replaced by another element."""
    written = cells(TOWN[table])
    start = written.index(f'<c r="{cell}"') if f'<c r="{cell}"' in written else -1
    if start < 0:  # a blank cell: the new one comes at the end of its row
        row = written.index(f'<row r="{cell[1:]}">')
        end = written.index("</row>", row)
        return f"<sheetData>{written[:end]}{element}{written[end:]}</sheetData>"
    end = written.index("</c>", start) + len("</c>")
    return f"<sheetData>{written[:start]}{element}{written[end:]}</sheetData>"


@pytest.fixture
def fingerprint(tmp_path: Path) -> str:
    """That of the small town, read from CSV files."""
    return read_tables(write(tmp_path / "folder", TOWN)).case.fingerprint


@pytest.mark.parametrize("mark", ['"', "'"])
def test_every_error_value_is_an_error_at_its_cell(tmp_path: Path, mark: str) -> None:
    rows = [[f"X{at}", "x", "1", "2", error, ""] for at, error in enumerate(NEW_ERRORS)]
    plain = cells([OFFERS[0], *rows]).replace(' t="inlineStr"><is><t>#', ' t="e"><v>#')
    for error in NEW_ERRORS:
        plain = plain.replace(f"<v>{error}</t></is>", f"<v>{error}</v>")
    offers = f"<sheetData>{plain}</sheetData>".replace('"', mark)
    result = read_tables(write_book(tmp_path / "t.xlsx", TOWN | {"offers": offers}))
    assert places(result.findings, "read-cell-error") == [
        ("t.xlsx", at, "baseline_capacity", error) for at, error in enumerate(NEW_ERRORS, 2)
    ]
    assert rules(result.findings) == {"read-cell-error"}


def test_an_error_value_written_as_text_is_one_as_well(tmp_path: Path) -> None:
    errors = [*NEW_ERRORS, "Err:502", "#DIV/0!", "#NAME?"]
    rows = [[f"X{at}", "x", "1", "2", error, ""] for at, error in enumerate(errors)]
    result = read_tables(write(tmp_path, town(offers=[OFFERS[0], *rows])))
    assert [place[3] for place in places(result.findings, "read-cell-error")] == errors
    assert rules(result.findings) == {"read-cell-error"}


def test_strict_open_xml_is_read(tmp_path: Path, fingerprint: str) -> None:
    result = read_tables(write_book(tmp_path / "t.xlsx", TOWN, strict=True))
    assert not rules(result.findings, "error", "warning", "note")
    assert result.case.fingerprint == fingerprint


def test_rows_and_cells_without_numbers_stand_behind_those_before(tmp_path: Path, fingerprint: str) -> None:
    sheets = {name: f"<sheetData>{cells(rows, places=False)}</sheetData>" for name, rows in TOWN.items()}
    result = read_tables(write_book(tmp_path / "t.xlsx", sheets))
    assert not rules(result.findings, "error", "warning", "note")
    assert result.case.fingerprint == fingerprint
    assert result.case["offers"].index.tolist() == [2, 3]
    mixed = (
        '<sheetData><row r="1"><c t="inlineStr"><is><t>offer_id</t></is></c></row><row r="5"/><row><c r="A6" t="e"/>'
    )
    broken = read_tables(write_book(tmp_path / "u.xlsx", TOWN | {"effects": f"{mixed}</row></sheetData>"}))
    assert places(broken.findings, "read-cell-error") == [("u.xlsx", 6, "offer_id", "#ERROR")]


@pytest.mark.parametrize("mark", ['"', "'"])
def test_a_far_cell_is_refused_however_it_is_quoted(tmp_path: Path, mark: str) -> None:
    far = f"<row r='1048576'><c r='XFD1048576' t='str'><v>x</v></c></row>".replace("'", mark)  # noqa: F541
    effects = f"<sheetData>{cells(TOWN['effects'])}{far}</sheetData>"
    result = read_tables(write_book(tmp_path / "t.xlsx", TOWN | {"effects": effects}))
    assert places(result.findings, "read-sheet-far") == [("t.xlsx", None, "", "")]
    assert rules(result.findings) == {"read-sheet-far"}


def test_far_cells_with_a_format_and_no_content_are_no_matter(tmp_path: Path, fingerprint: str) -> None:
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    effects = f"<sheetData>{cells(TOWN['effects'])}{far}</sheetData>"
    assert read_tables(write_book(tmp_path / "t.xlsx", TOWN | {"effects": effects})).case.fingerprint == fingerprint


def test_cells_that_are_never_closed_take_no_longer_for_being_many(tmp_path: Path) -> None:
    """Counted in calls, not in seconds: twice the cells, twice the work."""

    def work(count: int) -> int:
        inner = '<sheetData><row r="1"><f></f>' + '<c r="A1">' * count
        path = write_book(tmp_path / f"{count}.xlsx", TOWN | {"pots": f"<?xml version='1.0'?><worksheet>{inner}"})
        calls = [0]
        sys.setprofile(lambda *_: calls.__setitem__(0, calls[0] + 1))
        try:
            result = read_tables(path)
        finally:
            sys.setprofile(None)
        assert places(result.findings, "read-sheet-broken") == [(f"{count}.xlsx", None, "", "")]
        return calls[0]

    work(10)  # what is read once and kept
    none, once, twice = work(10), work(2_000), work(4_000)
    assert twice - none < 2.1 * (once - none)


ENTITIES = (
    '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE worksheet [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE worksheet SYSTEM "http://localhost/x.dtd">',
)


@pytest.mark.parametrize("declared", ENTITIES)
def test_a_document_type_is_refused_so_that_no_entity_is_unfolded_or_fetched(tmp_path: Path, declared: str) -> None:
    entity = "&b;" if "ENTITY" in declared else "x"
    rows = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{entity}</t></is></c></row>'
    part = f'<?xml version="1.0"?>{declared}<worksheet><sheetData>{rows}</sheetData></worksheet>'
    result = read_tables(write_book(tmp_path / "t.xlsx", TOWN | {"themes": part}))
    assert places(result.findings, "read-sheet-broken") == [("t.xlsx", None, "", "")]
    assert result.findings["message"].str.contains("document type").any()


def test_texts_that_cells_share_and_dates(tmp_path: Path) -> None:
    """Rich text is joined, readings aloud are left out; a number is a date where its format says so."""
    rich = "<r><t>Beratung </t></r><r><t>Süd_x0041__xD83D__xDE00__xD800_</t></r>"
    shared = f"<sst><si><t>O1</t></si><si>{rich}<rPh><t>x</t></rPh></si></sst>"
    formats = {170: "dd\\.mm\\.yyyy", 171: "#,##0.00 &quot;days&quot;"}
    described = "".join(f'<numFmt numFmtId="{at}" formatCode="{code}"/>' for at, code in formats.items())
    used = "".join(f'<xf numFmtId="{at}"/>' for at in (0, 14, 170, 171))
    others = '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    styles = f"<styleSheet><numFmts>{described}</numFmts>{others}<cellXfs>{used}</cellXfs></styleSheet>"
    ones = "<c><v>1</v></c><c><v>2</v></c><c/>"
    lines = [
        "".join(f'<c t="str"><v>{name}</v></c>' for name in OFFERS[0]),
        f'<c t="s"><v>0</v></c><c t="s"><v>1</v></c><c s="3"><v>12.5</v></c>{ones[14:]}<c s="1"><v>47118</v></c>',
        f'<c t="str"><v>O2</v></c><c t="b"><v>1</v></c>{ones}<c s="2"><v>47118.0</v></c>',
        f'<c t="str"><v>O3</v></c><c t="str"><v>x</v></c>{ones}<c t="d"><v>2029-01-01</v></c>',
    ]
    rows = "".join(f"<row>{line}</row>" for line in lines)
    parts = {"xl/sharedStrings.xml": shared, "xl/styles.xml": styles}
    path = write_book(tmp_path / "t.xlsx", TOWN | {"offers": f"<sheetData>{rows}</sheetData>"}, parts=parts)
    result = read_tables(path)
    assert not rules(result.findings)
    offers = result.case["offers"]
    assert offers["name"].tolist() == ["Beratung SüdA😀\ufffd", "true", "x"]
    assert offers["unit_cost"].tolist() == [12.5, 1, 1]
    assert offers["contract_end"].tolist() == ["2028-12-31", "2028-12-31", "2029-01-01"]
    old = write_book(
        tmp_path / "mac.xlsx",
        TOWN | {"offers": f"<sheetData>{rows.replace('47118', '45656')}</sheetData>"},
        main='<workbookPr date1904="1"/>',
        parts=parts,
    )
    assert read_tables(old).case["offers"]["contract_end"].tolist() == ["2028-12-31", "2028-12-31", "2029-01-01"]


def test_a_number_cell_that_holds_no_number_is_an_error_never_zero(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "t.xlsx",
        TOWN | {"offers": sheet("offers", cell="C2", element='<c r="C2"><v>1_000</v></c>')},
    )
    assert places(read_tables(path).findings, "read-number") == [("t.xlsx", 2, "unit_cost", "1_000")]


def test_hidden_sheets_rows_and_columns_are_read_and_said(tmp_path: Path, fingerprint: str) -> None:
    written = cells(OFFERS).replace('<row r="3">', '<row r="3" hidden="1">')
    offers = f'<cols><col min="2" max="30" hidden="1"/></cols><sheetData>{written}</sheetData>'
    pots = cells(TOWN["pots"]).replace('<row r="2">', "<row r='2' hidden='true'>")
    pots = f'<sheetData>{pots}</sheetData><autoFilter ref="A1:E2"><filterColumn colId="0"/></autoFilter>'
    sheets = TOWN | {"offers": offers, "pots": pots}
    result = read_tables(write_book(tmp_path / "t.xlsx", sheets, states={"demand": "veryHidden"}))
    assert result.case.fingerprint == fingerprint
    assert not rules(result.findings)
    notes = result.findings.set_index(["sheet", "rule"])
    assert notes.index.tolist() == [
        ("demand", "read-sheet-hidden"),
        ("offers", "read-rows-hidden"),
        ("offers", "read-columns-hidden"),
        ("pots", "read-rows-filtered"),
    ]
    assert notes.loc[("offers", "read-rows-hidden"), ["row", "value"]].tolist() == [3, "3"]
    assert notes.loc[("offers", "read-columns-hidden"), "value"] == "B, C, D, E, F"
    assert "filtered" in str(notes.loc[("pots", "read-rows-filtered"), "message"])


def test_hidden_rows_without_content_are_no_matter(tmp_path: Path) -> None:
    offers = f'<sheetData>{cells(OFFERS)}<row r="9" hidden="1"/></sheetData>'
    assert not len(read_tables(write_book(tmp_path / "t.xlsx", TOWN | {"offers": offers})).findings)


def test_an_ods_file_is_the_same_town(tmp_path: Path, fingerprint: str) -> None:
    result = read_tables(write_document(tmp_path / "town.ods", TOWN))
    assert not len(result.findings)
    assert result.case.fingerprint == fingerprint
    assert result.case.name == "town"
    assert result.case.place("pots", 2, "amount") == "town.ods sheet pots row 2 column amount"


def test_an_ods_file_has_its_faults_at_their_cells(tmp_path: Path) -> None:
    kind = '"string" calcext:value-type="error"'
    error = document_cell("#DIV/0!", kind, 'table:formula="of:=1/0" ')
    empty = '<table:table-cell table:formula="of:=[.A1]*2"/>'
    rows = document_rows(OFFERS)
    rows = rows.replace(document_cell("1234.56"), error).replace(document_cell("60"), empty)
    rows = rows.replace("<table:table-row>", '<table:table-row table:visibility="filter">').replace(
        '<table:table-row table:visibility="filter">', "<table:table-row>", 2
    )
    hidden = '<style:style style:name="of-demand"><style:table-properties table:display="false"/></style:style>'
    result = read_tables(write_document(tmp_path / "t.ods", TOWN | {"offers": rows}, styles=hidden))
    assert places(result.findings, "read-cell-error") == [("t.ods", 2, "unit_cost", "#DIV/0!")]
    assert places(result.findings, "read-formula-empty") == [("t.ods", 3, "max_capacity", "=[.A1]*2")]
    assert places(result.findings, "read-rows-filtered") == [("t.ods", 3, "", "3")]
    assert result.findings.loc[result.findings["rule"] == "read-sheet-hidden", "sheet"].tolist() == ["demand"]


def test_an_ods_file_keeps_texts_dates_and_repeated_cells(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>a remark</text:p></office:annotation>"
    name = document_cell('zwei<text:s text:c="2"/>Wörter', '"string"', before=note)
    date = document_cell("31.12.28", '"date" office:date-value="2028-12-31"')
    rows = document_rows([[*OFFERS[0], "x", "y"], ["O1", "NAME", "5", "5", "", "DATE"]])
    rows = rows.replace(document_cell("NAME"), name).replace(document_cell("DATE"), date)
    twice = document_cell("5,00", '"float" office:value="5"', 'table:number-columns-repeated="2" ')
    rows = rows.replace(document_cell("5") * 2, twice)
    result = read_tables(write_document(tmp_path / "t.ods", TOWN | {"offers": rows}))
    offers = result.case["offers"].iloc[0]
    assert offers[["name", "unit_cost", "max_capacity", "contract_end"]].tolist() == [
        "zwei  Wörter",
        5,
        5,
        "2028-12-31",
    ]


@pytest.mark.parametrize("repeated", ["table:number-rows-repeated", "table:number-columns-repeated"])
def test_an_ods_file_that_repeats_a_cell_without_end_is_refused(tmp_path: Path, repeated: str) -> None:
    count = f'{repeated}="99000000" '
    of_row, of_cell = (count, "") if "rows" in repeated else ("", count)
    row = f"<table:table-row {of_row}>{document_cell('x', more=of_cell)}</table:table-row>"
    result = read_tables(write_document(tmp_path / "t.ods", TOWN | {"effects": row}))
    assert places(result.findings, "read-sheet-far") == [("t.ods", None, "", "")]


def test_what_cannot_be_done_with_an_ods_file_says_what_to_do(tmp_path: Path) -> None:
    path = write_document(tmp_path / "t.ods", TOWN)
    before = path.read_bytes()
    read = read_checked(path)
    with pytest.raises(UsageError) as marked:
        write_marked(read, tmp_path / "marked.xlsx", "en")
    with pytest.raises(UsageError) as saved:
        save_scenario(read.case, "silo")
    assert (marked.value.id, saved.value.id) == ("marked-open-document", "save-open-document")
    assert all(".xlsx" in failure.value.text(lang) for failure in (marked, saved) for lang in ("de", "en"))
    assert path.read_bytes() == before


def test_a_protected_or_broken_ods_file(tmp_path: Path) -> None:
    manifest = '<manifest:manifest xmlns:manifest="m"><manifest:encryption-data/></manifest:manifest>'
    with pytest.raises(InputError) as failure:
        read_tables(write_document(tmp_path / "t.ods", TOWN, manifest=manifest))
    assert failure.value.id == "case-encrypted"
    with pytest.raises(InputError) as failure:
        read_tables(write_document(tmp_path / "u.ods", {"pots": "<table:table-row>"}))
    assert failure.value.id == "case-workbook-broken"


@pytest.mark.parametrize(
    ("number", "code", "span"),
    [
        (14, "", False),
        (46, "", True),
        (2, "", None),
        (164, "General", None),
        (164, '#,##0.00 "days"', None),
        (164, "[Red]0.00", None),
        (164, "[$-407]dd\\.mm\\.yyyy;@", False),
        (164, "[h]:mm", True),
        (164, "#,##0\\ _d", None),
    ],
)
def test_which_formats_show_dates(number: int, code: str, span: bool | None) -> None:
    assert is_span(number, code) is span


def test_numbers_as_dates() -> None:
    """1 January 1900 is day 1, and the day that never was is skipped."""
    days = {1: (1900, 1, 1), 59: (1900, 2, 28), 61: (1900, 3, 1), 47118.5: (2028, 12, 31, 12)}
    for number, date in days.items():
        assert moment(number, span=False, since_1904=False) == datetime.datetime(*date)
    assert moment(0.75, span=False, since_1904=False) == datetime.time(18)
    assert moment(1.5, span=True, since_1904=False) == "1 day, 12:00:00"
    assert moment(1e12, span=False, since_1904=False) == 1e12
