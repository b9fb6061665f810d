"""Equal findings stand in one line of the shown table, and nothing hides behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocate.inputs.case import Source
from allocate.inputs.finding_groups import FEW, grouped
from allocate.inputs.findings import NOTE, FindingList, render


def many(count: int) -> FindingList:
    found = FindingList()
    found.add_many(
        "read-date", Source("spaces.csv"), severity="warning", rows=list(range(2, count + 2)), column="as_of", value="x"
    )
    return found


def test_thousands_of_equal_findings_are_one_line_behind_the_one_that_matters() -> None:
    found = many(9635)
    found.add("read-table-free", Source("x.csv"), severity=NOTE, value="x")
    found.add("read-number", Source("pots.csv"), row=2, column="amount", value="viel")
    lines = grouped(render(found.table(), "en"), "en")
    assert lines["rule"].tolist() == ["read-number", "read-date", "read-table-free"]
    assert lines["count"].tolist() == [1, 9635, 1]
    assert lines["rows"].tolist() == [(2,), (2, 3, 4), ()]
    assert lines["message"].iloc[1].startswith("9,635 findings of one kind; the first: 'x'")
    assert grouped(render(found.table(), "de"), "de")["message"].iloc[1].startswith("9.635 gleichartige Befunde;")


def test_a_few_findings_keep_their_own_words() -> None:
    assert grouped(render(many(FEW).table(), "en"), "en")["count"].tolist() == [1] * FEW
    assert grouped(render(many(FEW + 1).table(), "en"), "en")["count"].tolist() == [FEW + 1]


def test_rows_of_the_template_are_a_group_from_two_on() -> None:
    found = FindingList()
    words = {"id": ["B1", "B2"]}
    found.add_many("template-row", Source("needs.csv"), severity="warning", rows=[2, 3], value=["B1", "B2"], **words)
    assert grouped(render(found.table(), "en"), "en")["count"].tolist() == [2]


def test_a_table_is_called_as_people_and_as_files_call_it() -> None:
    found = FindingList()
    found.add("table-idle", Source("overlaps.csv"), severity=NOTE, table="overlaps")
    said = {lang: str(render(found.table(), lang)["message"].iloc[0]) for lang in ("de", "en")}
    assert "Überschneidungen (overlaps)" in said["de"]
    assert "The table overlaps changes" in said["en"]


def test_other_columns_tables_and_severities_are_other_groups() -> None:
    found = many(4)
    found.add_many("read-date", Source("spaces.csv"), rows=[2, 3, 4, 5], column="as_of", value="x")
    found.add_many("read-date", Source("spaces.csv"), rows=[2, 3, 4, 5], column="until", value="x")
    found.add_many("read-date", Source("offers.csv"), rows=[None] * 4, column="as_of", value="x")
    lines = grouped(render(found.table(), "de"), "de")
    assert lines["count"].tolist() == [4, 4, 4, 4]
    assert lines["severity"].tolist() == ["error", "error", "error", "warning"]
    assert lines["rows"].iloc[2] == ()


def test_no_finding_is_no_group() -> None:
    assert grouped(render(FindingList().table(), "de"), "de").empty


@pytest.mark.parametrize(("lang", "words"), [("de", "Zeilen 2, 3, 4 …"), ("en", "rows 2, 3, 4 …")])
def test_check_shows_groups_and_lists_every_finding_elsewhere(
    tmp_path: Path, lang: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from allocate.cli import main  # noqa: PLC0415
    from tests.inputs.checktown import all_rows, spoilt, write  # noqa: PLC0415

    monkeypatch.setenv("COLUMNS", "200")
    town = write(tmp_path / "town", spoilt(all_rows("demand", as_of="neulich")))
    assert main(["check", str(town), "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert shown.count("read-date") == 1 and words in shown
    assert main(["check", str(town), "--lang", lang, "--format", "csv"]) == 0
    assert capsys.readouterr().out.count("read-date") == 6
