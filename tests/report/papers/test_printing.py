"""Printing by the installed browser; without one the tests of the real print are skipped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from allocate.errors import UsageError
from allocate.report.papers.printing import VARIABLE, Printer


@pytest.mark.browser
def test_a_page_becomes_a_pdf_of_whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    try:
        printer = Printer.found()
    except UsageError as missing:
        pytest.skip(missing.text("en"))
    html = "<!doctype html><style>@page{size:A4}p{break-after:page}</style><p>Grüße</p><p>zwei</p>"
    pdf = printer.pdf(html)
    assert pdf.startswith(b"%PDF") and pdf.rstrip().endswith(b"%%EOF")
    assert pdf.count(b"/Type /Page\n") == 2
    # A4 in points, as the page asks for.
    assert b"/MediaBox [0 0 594.95" in pdf or b"/MediaBox [0 0 595" in pdf


@pytest.mark.parametrize("named", ["", "/nowhere/chromium"])
def test_without_a_browser_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(VARIABLE, named or str(tmp_path / "none"))
    with pytest.raises(UsageError) as failure:
        Printer.found()
    assert failure.value.id == "pdf-no-browser" and VARIABLE in failure.value.text("de")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the browser")
def test_a_browser_that_fails_is_said_with_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho first >&2\necho 'no display' >&2\nexit 7\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(UsageError) as failure:
        Printer(broken).pdf("<p>")
    assert failure.value.id == "pdf-failed" and "no display" in failure.value.text("en")
