"""``allocate report``: which file it writes, how it ends, and that a masked draft names nobody."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from allocate.inputs.workbook.template import write_template_folder
from allocate.questions import reports
from tests.cli.conftest import Call


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The town of the template under its English names, as the current folder's ``town``."""
    monkeypatch.chdir(tmp_path)
    write_template_folder(tmp_path / "town", "en")
    return tmp_path / "town"


def test_the_page_is_written_where_it_was_asked_for(call: Call, small: Path) -> None:
    ended = call("report", str(small), "-s", "S0", "-o", "bericht.html", "--lang", "de")
    assert (ended.code, ended.out, ended.err) == (0, "Bericht geschrieben: bericht.html\n", "")
    html = Path("bericht.html").read_text(encoding="utf-8")
    assert html.lstrip().startswith("<!doctype html>")
    assert '<html lang="de">' in html
    assert not Path("report.html").exists()


def test_without_a_file_it_says_where_it_wrote(call: Call, small: Path) -> None:
    ended = call("report", str(small), "-s", "S0", "--lang", "en")
    assert ended.code == 0
    assert "report.html" in ended.out
    assert "How things stand today" in Path("report.html").read_text(encoding="utf-8")


def test_the_numbers_behind_it(call: Call, small: Path) -> None:
    ended = call("report", str(small), "-s", "S1", "--format", "json", "--lang", "en")
    assert ended.code == 0
    document = json.loads(ended.out)
    assert document["proposal"] == "S1"
    assert {"changes", "options", "method"} <= {section["key"] for section in document["sections"]}
    assert not Path("report.html").exists()


def test_one_gathering_serves_every_form(call: Call, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = []
    gather = reports.gather
    monkeypatch.setattr(reports, "gather", lambda *given, **named: gathered.append(given) or gather(*given, **named))
    words = ("-o", "page.html", "--docx", "paper.docx", "--xlsx", "book.xlsx", "--lang", "en")
    ended = call("report", str(small), "-s", "S1", *words)
    assert (ended.code, ended.err) == (0, "")
    assert [Path(name).is_file() for name in ("page.html", "paper.docx", "book.xlsx")] == [True] * 3
    assert all(name in ended.out for name in ("page.html", "paper.docx", "book.xlsx"))
    assert len(gathered) == 1


def test_a_report_is_no_csv(call: Call, small: Path) -> None:
    ended = call("report", str(small), "--format", "csv")
    assert ended.code == 2
    assert "[report-format]" in ended.err


@pytest.mark.parametrize("words", [("-s", "S9"), ("--proposal", "S9"), ("-s", "S1", "--offer", "A99")])
def test_what_does_not_exist_is_refused(call: Call, small: Path, words: tuple[str, ...]) -> None:
    ended = call("report", str(small), *words, "-o", "bericht.html")
    assert ended.code == 2
    assert not Path("bericht.html").exists()


def test_a_proposal_without_a_plan_ends_with_1_and_is_explained(call: Call, small: Path) -> None:
    for name in ("baseline_funding", "pot_years"):
        (small / f"{name}.csv").unlink()
    pots = pd.read_csv(small / "pots.csv", sep=None, engine="python", dtype=str, encoding="utf-8-sig")
    pots.assign(amount="1").to_csv(small / "pots.csv", index=False)
    ended = call("report", str(small), "-s", "S1", "-o", "bericht.html", "--lang", "en")
    assert ended.code == 1
    assert "Rules that clash" in Path("bericht.html").read_text(encoding="utf-8")


def test_a_masked_draft_names_nobody_not_even_in_suggestions_and_ballots(call: Call, small: Path) -> None:
    providers = pd.read_csv(small / "providers.csv", sep=None, engine="python", dtype=str, encoding="utf-8-sig")
    providers.loc[1, "name"] = "Zwirnverein Ödön"
    providers.to_csv(small / "providers.csv", index=False)
    Path("said.csv").write_text(
        "suggestion_id,title,change,status\nV1,Mehr für Zwirnverein Ödön,pots:P1:amount+1000,open\n", encoding="utf-8"
    )
    needs = pd.read_csv(small / "needs.csv", sep=None, engine="python", dtype=str, encoding="utf-8-sig")["need_id"]
    heads, points = ",".join(needs), ",".join("10" for _ in needs)
    groups = ("Zwirnverein Ödön", "Eltern im Zwirnverein Ödön")
    ballots = [
        f"{at}{number},{group},20,points,{points}" for at, group in zip("ab", groups, strict=True) for number in (1, 2)
    ]
    Path("ballots.csv").write_text("\n".join([f"ballot_id,group,persons,method,{heads}", *ballots]), encoding="utf-8")
    words = ("report", str(small), "-s", "S1", "--suggestions", "said.csv", "--ballots", "ballots.csv")
    assert call(*words, "-o", "bericht.html", "--lang", "de", "--mask-providers").code == 0
    html = Path("bericht.html").read_text(encoding="utf-8")
    assert "Zwirnverein" not in html
    assert not re.search(r"\bPR2\b", html)
    assert "Mehr für Träger X" in html
    assert "Eltern im Träger X" in html


def test_the_annex_is_unfolded_where_it_was_asked_for(call: Call, small: Path) -> None:
    for words, shown in (((), False), (("--annex",), True)):
        assert call("report", str(small), "-s", "S0", "-o", "page.html", *words).code == 0
        assert ('class="annex printed"' in Path("page.html").read_text(encoding="utf-8")) == shown


def test_a_change_is_proposed_beside_what_it_starts_from(call: Call, small: Path) -> None:
    words = ("--change", "pots:*:amount*0.95", "--reason", "a cut", "--format", "json", "--lang", "en")
    ended = call("report", str(small), "-s", "S1", *words)
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)
    ids = [one["scenario_id"] for one in document["scenarios"]]
    assert ids[:2] == ["S0", "S1"] and len(ids) == 3
    assert document["proposal"] == ids[2]
    assert {"side_by_side", "changes", "unknown"} <= {section["key"] for section in document["sections"]}
    refused = call("report", str(small), *words)
    assert refused.code == 2 and "[change-one-base]" in refused.err
