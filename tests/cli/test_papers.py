"""``allocate report --docx`` and ``--pdf``: the council paper and the printed report."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest

from allocate.errors import UsageError
from allocate.report.papers.printing import VARIABLE, Printer
from tests.cli.conftest import Call


def test_a_masked_paper_is_written_and_nothing_else(call: Call, small: Path, tmp_path: Path) -> None:
    path, head = tmp_path / "paper.docx", docx.Document()
    head.sections[0].header.paragraphs[0].text = "Stadt Musterhausen"
    head.save(str(tmp_path / "head.docx"))
    words = ["--docx", str(path), "--letterhead", str(tmp_path / "head.docx"), "--mask-providers", "--lang", "de"]
    ended = call("report", str(small), "-s", "S1", *words)
    assert (ended.code, ended.err) == (0, "") and str(path) in ended.out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["head.docx", "paper.docx", "town"]
    assert docx.Document(str(path)).sections[0].header.paragraphs[0].text == "Stadt Musterhausen"
    headings = [p.text for p in docx.Document(str(path)).paragraphs if p.style.name == "Heading 1"]
    assert "Beschlussvorschlag" in headings
    with ZipFile(path) as archive:
        text = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert "Counselling alliance" not in text and "Träger X" in text


@pytest.mark.browser
def test_page_and_print_can_be_written_at_once(call: Call, small: Path, tmp_path: Path) -> None:
    try:
        Printer.found()
    except UsageError as missing:
        pytest.skip(missing.text("en"))
    pdf, html = tmp_path / "report.pdf", tmp_path / "report.html"
    ended = call("report", str(small), "-s", "S0", "--pdf", str(pdf), "-o", str(html))
    assert (ended.code, ended.err) == (0, "")
    assert pdf.read_bytes().startswith(b"%PDF") and html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_is_missing_is_said_before_any_work(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "docx" else found(name, *rest))
    for words, id, word in [
        (["--docx", str(tmp_path / "paper.docx")], "extra-missing", "allocate[paper]"),
        (["--pdf", str(tmp_path / "paper.pdf")], "pdf-no-browser", VARIABLE),
        (["--docx", str(tmp_path / "paper.doc")], "file-suffix", ".docx"),
        (
            ["--xlsx", str(tmp_path / "a.xlsx"), "--letterhead", str(small / "pots.csv")],
            "letterhead-no-paper",
            "--docx",
        ),
        (["--pdf", str(tmp_path / "paper.docx")], "file-suffix", ".pdf"),
    ]:
        ended = call("report", str(small), "-s", "S1", *words)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(f"[{id}] ") and word in ended.err and ended.err.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["town"]


def test_without_a_proposal_there_is_no_paper(call: Call, small: Path, tmp_path: Path) -> None:
    ended = call("report", str(small), "-s", "S0", "--docx", str(tmp_path / "paper.docx"))
    assert (ended.code, ended.out) == (2, "") and ended.err.startswith("[no-proposal] ")
    assert [file.name for file in tmp_path.iterdir()] == ["town"]
