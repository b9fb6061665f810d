"""Paper and workbook of the example as LibreOffice shows them: pages counted, heads and texts whole."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import openpyxl
import pytest

from allocate.language import LANGUAGES
from allocate.report.papers.council_paper import paper
from allocate.report.papers.workbook import workbook
from allocate.report.papers.worksheets import HEAD_ROW
from tests.report.conftest import Town

MOST_PAGES = 4
OFFICE = next((found for name in ("soffice", "libreoffice") if (found := shutil.which(name))), "")
TEXT = shutil.which("pdftotext") or ""
pytestmark = pytest.mark.skipif(not OFFICE, reason="LibreOffice (soffice) is not installed")


@pytest.fixture(scope="module")
def rendered(example: Town, small: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the papers of the example and a workbook of a small town as PDF; LibreOffice is started once."""
    folder = tmp_path_factory.mktemp("rendered")
    for lang in LANGUAGES:
        (folder / f"paper_{lang}.docx").write_bytes(paper(example.content, lang))
    (folder / "book.xlsx").write_bytes(workbook(small.content, "de"))
    command = [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf"]
    files = [str(path) for path in sorted(folder.iterdir())]
    subprocess.run([*command, "--outdir", str(folder), *files], check=True, capture_output=True, timeout=300)
    return folder


def pages_of(pdf: Path) -> int:
    """How many pages a PDF has, from the tree of its pages."""
    content = pdf.read_bytes()
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            content += zlib.decompress(packed)
        except zlib.error:
            continue
    return max(int(found) for found in re.findall(rb"/Type\s*/Pages\b.*?/Count\s+(\d+)", content, re.DOTALL))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_council_paper_has_at_most_four_pages(rendered: Path, lang: str) -> None:
    assert 2 <= pages_of(rendered / f"paper_{lang}.pdf") <= MOST_PAGES


@pytest.mark.skipif(not TEXT, reason="pdftotext is not installed")
def test_heads_and_texts_of_the_workbook_are_printed_whole(rendered: Path) -> None:
    """Every word of every cell but of the commands, which are not printed."""
    run = subprocess.run([TEXT, str(rendered / "book.pdf"), "-"], check=True, capture_output=True, timeout=60)
    printed = set(run.stdout.decode("utf-8").split())
    for sheet in openpyxl.load_workbook(rendered / "book.xlsx").worksheets[2:]:
        for row in sheet.iter_rows(min_row=HEAD_ROW + 1, max_col=sheet.max_column - 1, values_only=True):
            words = {word for text in row if isinstance(text, str) for word in text.split()}
            assert words <= printed, (sheet.title, words - printed)
