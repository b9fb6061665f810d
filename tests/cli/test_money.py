"""A list of grants at the command line: German heads, a workbook, sums, reports, and what cannot be asked of it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import docx
import openpyxl
import pytest

from allocate.cli.drawn import tables_of
from tests.cli.conftest import Call

HEADS = "Aktenzeichen;Empfänger;Verwendungszweck;Betrag;Mittelgeber;Von;Bis;Amt;Produkt;Pflichtigkeit"
ROWS = (
    "A1;Caritas;Schuldnerberatung;12.000,50;Stadt;01.01.2027;31.12.2027;D2;31.5;freiwillig",
    "A1;Caritas;Schuldnerberatung;7.169,80;Land;01.01.2027;31.12.2027;D2;31.5;freiwillig",
    "A2;Diakonie;Schuldnerberatung;9.000,00;Stadt;;30.06.2028;D2;31.5;Soll",
    "A3;AWO;Jugendclub;20.000,00;Stadt;;;D1;36.2;Pflicht",
)
REFUSED = (
    "run TOWN", "compare TOWN", "silos TOWN", "explain TOWN -s status_quo --all", "conflicts TOWN -s status_quo",
    "marginal TOWN -s status_quo", "transition TOWN -s status_quo --years 2027", "robust TOWN -s status_quo",
    "export TOWN -s status_quo --lp", "duplication TOWN", "participation TOWN -s status_quo",
)  # fmt: skip


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    folder = tmp_path / "Musterstadt"
    folder.mkdir()
    (folder / "Zuwendungen.csv").write_text("\r\n".join([HEADS, *ROWS]) + "\r\n", encoding="cp1252")
    return folder


def in_a_workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Zuwendungsliste"
    for line in (HEADS, *ROWS):
        cells = line.split(";")
        amount = cells[3].replace(".", "").replace(",", ".")
        book.active.append([*cells[:3], float(amount) if amount[0].isdigit() else amount, *cells[4:]])
    path = folder / "Liste.xlsx"
    book.save(path)
    return path


def test_a_list_is_a_case_without_findings(call: Call, listed: Path) -> None:
    ended = call("check", str(listed), "--format", "json")
    assert ended.code == 0
    assert json.loads(ended.out)["findings"] == []
    assert "allocate money" in call("check", str(listed), "--lang", "de").out
    assert "Töpfe" not in call("scenarios", str(listed), "--lang", "de").out


def test_the_sums_of_a_folder_and_of_a_workbook_are_the_same(call: Call, listed: Path, tmp_path: Path) -> None:
    answers = [
        json.loads(call("money", str(path), "--format", "json").out) for path in (listed, in_a_workbook(tmp_path))
    ]
    one, other = ({key: value for key, value in a.items() if key != "case"} for a in answers)
    assert one == other
    assert one["total_eur"] == pytest.approx(48_170.30)
    assert [year["bound_eur"] for year in one["years"]] == pytest.approx([48_170.30, 24_500.0, 20_000.0])


def test_by_chooses_what_the_sums_are_by(call: Call, listed: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call("money", str(listed), "--by", "department", "--format", "csv").out)))
    assert {one["key"]: float(one["amount_eur"]) for one in rows} == pytest.approx({"D2": 28_170.30, "D1": 20_000.0})
    drawn = call("money", str(listed), "--by", "end", "--by", "duty", "--lang", "de").out
    assert "30.06.2028" in drawn and "ohne Ende" in drawn and "freiwillig" in drawn
    assert "in this list" in call("money", str(listed), "--by", "year", "--lang", "en").out.replace("\n", " ")


@pytest.mark.parametrize("table", tables_of("money"))
def test_every_table_is_csv(call: Call, listed: Path, table: str) -> None:
    told = list(csv.DictReader(io.StringIO(call("money", str(listed), "--table", table, "--format", "csv").out)))
    if table == "shared":
        assert told[0]["payer_names"] == "Stadt; Land"
        assert [float(share) for share in told[0]["payer_shares"].split("; ")] == pytest.approx(
            [21000.5 / 28170.3, 7169.8 / 28170.3]
        )
    else:
        assert told or table == "repeated"


@pytest.mark.parametrize("command", REFUSED)
def test_what_needs_needs_and_places_says_so_and_what_to_do(call: Call, listed: Path, command: str) -> None:
    ended = call(*command.replace("TOWN", str(listed)).split(), "--lang", "de")
    assert ended.code == 2
    assert ended.err.startswith("[grant-list]") and "allocate money" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_report_of_money_without_coverage(call: Call, listed: Path, tmp_path: Path, lang: str) -> None:
    page, paper, book = (tmp_path / f"report.{ending}" for ending in ("html", "docx", "xlsx"))
    ended = call("report", str(listed), "-o", str(page), "--docx", str(paper), "--xlsx", str(book), "--lang", lang)
    assert ended.code == 0, ended.err
    text = re.sub(r"<style.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert f'lang="{lang}"' in text and "Caritas" in text
    assert not re.search(r"Deckung|[Cc]overage|<script|https?://", text)
    sheets = openpyxl.load_workbook(book).sheetnames
    assert len(sheets) == 11
    tables = docx.Document(str(paper)).tables
    assert {"de": "Zuwendung", "en": "Grant"}[lang] in [cell.text for cell in tables[-1].rows[0].cells]
    assert {"de": "freiwillig", "en": "voluntary"}[lang] in [cell.text for cell in tables[-1].rows[1].cells]
    for table in tables:
        for column in table.columns:
            longest = max(len(word) for cell in column.cells for word in cell.text.split() or [""])
            # So many letters have room across a page, in which no word is parted.
            assert longest <= 100 * column.width / sum(one.width for one in table.columns)
    numbers = json.loads(call("report", str(listed), "--format", "json").out)
    assert numbers["total_eur"] == pytest.approx(48_170.30)


@pytest.mark.parametrize("asked", [["--mask-providers"], ["--audience", "public"]])
def test_a_report_of_money_that_would_name_recipients_is_refused(
    call: Call, listed: Path, tmp_path: Path, asked: list[str]
) -> None:
    ended = call("report", str(listed), "-o", str(tmp_path / "public.html"), *asked, "--lang", "en")
    assert (ended.code, ended.out) == (2, "")
    assert "[grants-named]" in ended.err
    assert not (tmp_path / "public.html").exists()


def test_an_ordinary_town_is_summed_by_who_pays_its_offers(call: Call, auenfurt: Path) -> None:
    found = json.loads(call("money", str(auenfurt), "--format", "json").out)
    assert found["source"] == "baseline_funding"
    assert found["total_eur"] == pytest.approx(3_770_660.0, abs=1.0)
