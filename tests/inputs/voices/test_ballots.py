"""Ballots: three layouts, both notations, every fault with its cell; the form and its round trip."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.errors import InputError
from allocate.inputs.findings import errors, render
from allocate.inputs.voices.ballot_form import Stake, write_ballot_form
from allocate.inputs.voices.ballots import Ballots, read_ballots

NEEDS = ["N1", "N2", "N3"]
STAKES = [Stake(need, f"Need {need}", "persons/year", 100.0, 0.25) for need in NEEDS]


def written(folder: Path, text: str, name: str = "ballots.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def values(ballots: Ballots) -> dict[str, list[float]]:
    """The values of every ballot, blanks as -1."""
    table = ballots.table.assign(value=ballots.table["value"].fillna(-1.0))
    return {str(name): rows["value"].tolist() for name, rows in table.groupby("ballot_id", sort=False)}


def found(path: Path, **asked: str) -> pd.DataFrame:
    with pytest.raises(InputError) as refused:
        read_ballots([path], NEEDS, **asked)  # type: ignore[arg-type]
    assert refused.value.findings is not None
    return errors(refused.value.findings)


def test_wide_table_as_a_survey_exports_it(tmp_path: Path) -> None:
    text = (
        "ballot_id;group;persons;method;N1;N2;N3;comment\nb1;youth;12;Punkte;40;20,5;;x\n;;;swing;;80;100;\n;;;;;;;\n"
    )
    ballots = read_ballots([written(tmp_path, text)], NEEDS)
    assert values(ballots) == {"b1": [40.0, 20.5, -1.0], "ballots.csv:3": [-1.0, 80.0, 100.0]}
    assert ballots.asked == ("N1", "N2", "N3")
    assert (ballots.count, ballots.persons) == (2, 13.0)
    assert ballots.table["method"].tolist() == ["points"] * 3 + ["swing"] * 3


@pytest.mark.parametrize(("first", "mark"), [("sep=;\n", ";"), ("SEP=,\r\n", ","), ("\ufeffsep=;\n", ";")])
def test_a_line_that_tells_excel_the_separator_is_no_row(tmp_path: Path, first: str, mark: str) -> None:
    """As in tables of a case; rows are counted as Excel shows them, so that a fault is found where it is named."""
    rows = [
        ["ballot_id", "persons", "method", "N1", "N2"],
        ["b1", "2", "points", "40", "60"],
        ["", "x", "points", "1", "1"],
    ]
    text = first + "".join(mark.join(row) + "\n" for row in rows)
    fault = found(written(tmp_path, text)).iloc[0]
    assert (fault["row"], fault["column"]) == (3, "persons")
    ballots = read_ballots([written(tmp_path, text.replace("x", "1"))], NEEDS)
    assert values(ballots) == {"b1": [40.0, 60.0], "ballots.csv:3": [1.0, 1.0]}


def test_long_table_and_needs_that_were_not_asked(tmp_path: Path) -> None:
    text = "ballot_id,method,need_id,value\nb1,ranking,N3,1\nb1,ranking,N1,2\nb2,ranking,N1,1\n"
    ballots = read_ballots([written(tmp_path, text)], NEEDS)
    assert ballots.asked == ("N1", "N3"), "in the order of the case"
    assert values(ballots) == {"b1": [2.0, 1.0], "b2": [1.0, -1.0]}


def test_a_method_given_once_fills_the_blanks(tmp_path: Path) -> None:
    path = written(tmp_path, "ballot_id,N1\na,1\n")
    assert found(path)["rule"].tolist() == ["ballot-method-blank"]
    assert read_ballots([path], NEEDS, method="points").table["method"].unique().tolist() == ["points"]


FAULTS = [
    ("ballot_id,method,N1\na,points,x\n", "ballot-not-a-number", 2, "N1"),
    ("ballot_id,method,N1\na,points,=1+1\n", "ballot-not-a-number", 2, "N1"),
    ("ballot_id,method,N1\na,points,-3\n", "ballot-negative", 2, "N1"),
    ("ballot_id,method,N1\na,swing,101\n", "ballot-above", 2, "N1"),
    ("ballot_id,method,N1\na,ranking,1.5\n", "ballot-rank", 2, "N1"),
    ("ballot_id,method,N1\na,ranking,0\n", "ballot-rank", 2, "N1"),
    ("ballot_id,method,N1\na,guess,1\n", "ballot-method-unknown", 2, "method"),
    ("ballot_id,method,N1\na,,1\n", "ballot-method-blank", 2, "method"),
    ("ballot_id,method,N1\na,points,0\n", "ballot-empty", 2, ""),
    ("ballot_id,method,persons,N1\na,points,0,1\n", "ballot-persons", 2, "persons"),
    ("ballot_id,method,persons,N1\na,points,many,1\n", "ballot-persons", 2, "persons"),
    ("ballot_id,method,N1\na,points,1\na,points,2\n", "ballot-need-twice", 3, "need_id"),
    ("ballot_id,method,need_id,value\na,points,N9,1\n", "ballot-need-unknown", 2, "need_id"),
    ("ballot_id,method,need_id,value\n,points,N1,1\n", "ballot-id-blank", 2, "ballot_id"),
    ("ballot_id,method,need_id,value\na,points,N1,1\na,swing,N2,1\n", "ballot-head-mixed", 3, "method"),
    ("ballot_id,group,method,need_id,value\na,x,points,N1,1\na,y,points,N2,1\n", "ballot-head-mixed", 3, "group"),
    ("ballot_id,method,N1,n1\na,points,1,2\n", "read-header-twice", 1, "n1"),
    ("need_id,value\nN1,1\n", "ballot-column-missing", 1, "ballot_id"),
    ("name,age\nx,1\n", "ballot-layout", 1, ""),
    ("ballot_id,method,N1\na,points,1e300\n", "ballot-not-a-number", 2, "N1"),
    ("", "read-file-empty", None, ""),
]


@pytest.mark.parametrize(("text", "rule", "row", "column"), FAULTS)
def test_every_fault_is_named_with_its_cell(tmp_path: Path, text: str, rule: str, row: int | None, column: str) -> None:
    table = found(written(tmp_path, text))
    assert table["rule"].tolist() == [rule]
    first = table.iloc[0]
    assert (first["file"], first["column"]) == ("ballots.csv", column)
    assert pd.isna(first["row"]) if row is None else first["row"] == row
    for lang in ("de", "en"):
        said = render(table, lang).iloc[0]
        assert said["message"] and said["fix"] and "{" not in said["message"] + said["fix"]


def test_all_faults_come_at_once_and_invalid_ballots_can_be_left_out(tmp_path: Path) -> None:
    rows = ["ok,points,10,20,70", "bad,points,-1,x,5", "worse,guess,1,2,3", "fine,swing,100,50,"]
    path = written(tmp_path, "ballot_id,method,N1,N2,N3\n" + "\n".join(rows) + "\n")
    assert sorted(found(path)["rule"]) == ["ballot-method-unknown", "ballot-negative", "ballot-not-a-number"]
    ballots = read_ballots([path], NEEDS, skip_invalid=True)
    assert list(values(ballots)) == ["ok", "fine"]
    assert ballots.left_out == 2
    assert len(errors(ballots.findings)) == 3, "what was left out is still reported"


def test_a_file_that_cannot_be_read_is_never_left_out(tmp_path: Path) -> None:
    good = written(tmp_path, "ballot_id,method,N1\na,points,1\n")
    for text in ("ballot_id,method,N1,N1\nb,points,1,2\n", "name,age\nx,1\n", ""):
        bad = written(tmp_path, text, "bad.csv")
        with pytest.raises(InputError, match="ballots-findings"):
            read_ballots([good, bad], NEEDS, skip_invalid=True)


def test_one_ballot_in_two_files_is_a_fault(tmp_path: Path) -> None:
    text = "ballot_id,method,N1\na,points,1\n"
    first, second = written(tmp_path, text), written(tmp_path, text, "more.csv")
    with pytest.raises(InputError) as refused:
        read_ballots([first, second], NEEDS)
    assert refused.value.findings is not None
    wrong = errors(refused.value.findings)
    assert wrong[["rule", "file"]].to_numpy().tolist() == [["ballot-twice", "more.csv"]]


def test_notes_do_not_stop_anything(tmp_path: Path) -> None:
    text = "ballot_id,method,N1,N2,N9\na,points,30,30,1\nb,swing,50,80,\nc,ranking,1,,\n"
    ballots = read_ballots([written(tmp_path, text)], NEEDS)
    assert ballots.findings["severity"].unique().tolist() == ["note"]
    assert ballots.findings["rule"].tolist() == [
        "ballot-column-free", "ballot-sum", "ballot-swing-top", "ballot-rank-partly"
    ]  # fmt: skip


def test_files_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file-missing"):
        read_ballots([tmp_path / "no.csv"], NEEDS)
    with pytest.raises(InputError, match="ballots-none"):
        read_ballots([written(tmp_path, "ballot_id,method,N1\n")], NEEDS)
    (tmp_path / "no.xlsx").write_text("no workbook")
    with pytest.raises(InputError, match="case-not-workbook"):
        read_ballots([tmp_path / "no.xlsx"], NEEDS)


# ---------------------------------------------------------------------------------------------------------- the form


def form(path: Path, **asked: object) -> openpyxl.Workbook:
    write_ballot_form(path, STAKES, title="Town", **asked)  # type: ignore[arg-type]
    return openpyxl.load_workbook(path)


def fill(sheet: object, entries: dict[str, object], **head: object) -> None:
    """Write values beside the ids of the form, as a person would."""
    rows = {row[0].value: row for row in sheet.iter_rows()}  # type: ignore[attr-defined]
    for need, value in entries.items():
        rows[need][2].value = value
    for name, value in head.items():
        rows[name][1].value = value


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_form_comes_back_as_it_was_filled_in(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "form.xlsx"
    book = form(path, groups=["Youth", "Seniors"], forms=2, lang=lang)
    assert [name for name in book.sheetnames if not name.startswith("_")] == [
        "Youth 1", "Youth 2", "Seniors 1", "Seniors 2", "suggestions"
    ]  # fmt: skip
    fill(book["Youth 1"], {"N1": 60, "N2": 40}, persons=12)
    words = {"de": ("Rangfolge", "Swing-Gewichte"), "en": ("Ranking", "Swing weights")}[lang]
    fill(book["Seniors 1"], {"N1": 2, "N3": 1}, method=words[0], ballot_id="s-1")
    fill(book["Seniors 2"], {"N1": 2.5, "N3": 100}, method=words[1])
    book.save(path)
    ballots = read_ballots([path], NEEDS)
    assert values(ballots) == {
        "form/Youth 1": [60.0, 40.0, -1.0],
        "s-1": [2.0, -1.0, 1.0],
        "form/Seniors 2": [2.5, -1.0, 100.0],
    }
    heads = ballots.table.drop_duplicates("ballot_id")
    assert heads["group"].tolist() == ["Youth", "Seniors", "Seniors"]
    assert heads["persons"].tolist() == [12.0, 1.0, 1.0]
    assert heads["method"].tolist() == ["points", "ranking", "swing"]
    assert ballots.findings["rule"].tolist() == ["ballot-rank-partly"], "blank forms and suggestions are no findings"


def test_copies_of_one_form_are_ballots_of_their_own(tmp_path: Path) -> None:
    paths = [tmp_path / "anna.xlsx", tmp_path / "bert.xlsx"]
    for path in paths:
        book = form(path)
        fill(book.worksheets[1], {"N1": 100})
        book.save(path)
    assert read_ballots(paths, NEEDS).count == 2


def test_faults_in_a_form_name_the_sheet_and_the_row(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    book = form(path, groups=["Youth"])
    fill(book["Youth"], {"N1": "viel", "N2": -5, "N3": "#DIV/0!"}, persons=0)
    book.save(path)
    table = found(path)
    assert set(zip(table["rule"], table["sheet"], table["row"], strict=True)) == {
        ("ballot-persons", "Youth", 7),
        ("ballot-not-a-number", "Youth", 12),
        ("ballot-negative", "Youth", 13),
        ("ballot-not-a-number", "Youth", 14),
    }


def test_the_form_shows_sums_guards_values_and_protects_the_rest(tmp_path: Path) -> None:
    sheet = form(tmp_path / "form.xlsx", groups=["Youth"], lang="en")["Youth"]
    formulas = [str(cell.value) for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert "=SUM($C$12:$C$14)" in formulas and any("100-SUM" in formula for formula in formulas)
    assert sheet.protection.sheet and not sheet["C12"].protection.locked and sheet["A12"].protection.locked
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["B8"].formula1 == '"Points,Ranking,Swing weights"'
    assert "C12>=0" in rules["C12:C14"].formula1
    assert sheet["E12"].value == "75 more (persons/year)" and sheet["D12"].value == "25.0%"
    assert sheet["C10"].comment is not None


EVIL = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\tx", "http://x"]


@pytest.mark.parametrize("text", EVIL)
def test_names_that_look_like_formulas_stay_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "form.xlsx"
    stakes = [Stake("N1", text, text, 1.0, float("nan"))]
    write_ballot_form(path, stakes, title=text, groups=[text], lang="de")
    sheet = openpyxl.load_workbook(path).worksheets[1]
    held = [cell for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert len(held) >= 3, "title, group and need"
    assert {cell.data_type for cell in held} == {"s"}
    assert not sheet["E12"].value, "what is withheld is not shown"


def test_sheets_get_names_a_workbook_accepts(tmp_path: Path) -> None:
    groups = ["a/b:c", "x" * 40, "x" * 41, "", "_hidden", "suggestions", "A/B:C"]
    book = form(tmp_path / "form.xlsx", groups=groups)
    names = book.sheetnames[1:-1]
    assert len(names) == len(groups) and len({name.casefold() for name in names}) == len(groups)
    assert all(len(name) <= 31 and not name.startswith("_") for name in names)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["points", "swing"]), st.lists(st.integers(0, 100), min_size=3, max_size=3)),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_valid_ballots_are_written_come_back(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, list[int]]]
) -> None:
    kept = [(method, row) for method, row in drawn if any(row)]
    if not kept:
        return
    lines = [f"b{at},{method},{','.join(map(str, row))}" for at, (method, row) in enumerate(kept)]
    path = written(tmp_path_factory.mktemp("b"), "ballot_id,method,N1,N2,N3\n" + "\n".join(lines) + "\n")
    assert values(read_ballots([path], NEEDS)) == {f"b{at}": row for at, (_, row) in enumerate(kept)}


CELLS = [
    "",
    "1",
    "-1",
    "1e999",
    "nan",
    "=1+1",
    "a",
    "N1",
    "points",
    "ranking",
    "swing",
    "Punkte",
    "1.234",
    "1,5",
    '"',
    "\t",
]
HEADS = ["ballot_id", "group", "persons", "method", "need_id", "value", "N1", "n2", "", "_x", "comment"]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_no_file_is_too_odd_to_be_answered(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever stands in the file: ballots with finite values, or one error with all findings."""
    names = data.draw(st.lists(st.sampled_from(HEADS), max_size=6))
    rows = data.draw(st.lists(st.lists(st.sampled_from(CELLS), max_size=7), max_size=4))
    mark = data.draw(st.sampled_from([",", ";"]))
    path = tmp_path_factory.mktemp("odd") / "b.csv"
    path.write_text("\n".join(mark.join(row) for row in [names, *rows]), encoding="utf-8")
    for skip in (False, True):
        try:
            ballots = read_ballots([path], NEEDS, skip_invalid=skip)
        except InputError as refused:
            for lang in ("de", "en") if refused.findings is not None else ():
                assert "{" not in " ".join(render(refused.findings, lang)["message"])
            continue
        assert ballots.count >= 1
        assert ballots.table.groupby("ballot_id")["value"].max().gt(0).all()
        assert ballots.table["value"].dropna().between(0, 1e9).all()
        assert ballots.table["persons"].ge(1).all()


def test_a_form_that_lost_its_values_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    book = form(path)
    book.worksheets[1]["C11"].value = None
    book.save(path)
    with pytest.raises(InputError, match="ballots-none") as refused:
        read_ballots([path], NEEDS)
    assert refused.value.findings is not None
    assert refused.value.findings["rule"].tolist() == ["ballot-layout"]


def test_a_quotation_mark_that_is_never_closed_is_answered(tmp_path: Path) -> None:
    file = tmp_path / "ballots.csv"
    file.write_text('ballot_id,method,N1\na,points,"1\n' + "b,points,2\n" * 20_000, encoding="utf-8")
    with pytest.raises(InputError):
        read_ballots([file], ["N1"])
