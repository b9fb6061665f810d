"""Marking: a copy of the planner's workbook in which every finding stands at its cell.

A cell with findings gets a colour by their gravity and a comment that says what is wrong and what to do; a first
sheet lists all findings with links to their cells. The original is not touched. A folder of CSV files becomes a
workbook of its tables, marked in the same way. Marks of an earlier copy are removed before new ones are set, so that
a planner may mend the copy and check it again.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
import pandas as pd

from allocate.errors import UsageError
from allocate.files import draft
from allocate.inputs.findings import render
from allocate.inputs.reading.package import ReadResult
from allocate.inputs.workbook.book_losses import losses
from allocate.inputs.workbook.marks import Marker
from allocate.inputs.workbook.tables_book import book_of
from allocate.language import Texts

_TEXTS = Texts("allocate.inputs", "texts_marking.csv")
_MACROS, _UNWRITTEN = ".xlsm", ".ods"
_COPIES = (".xlsx", _MACROS)
# All that openpyxl was seen to raise at a workbook that other programs can read.
_DAMAGE = (BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, NotImplementedError)


@dataclass(frozen=True)
class Marked:
    """A marked copy: where it is, how many findings stand at a cell, how many only in the list.

    ``lost`` says, in the reader's language, what the copy lacks of the original; empty where it lacks nothing.
    """

    path: Path
    at_cells: int
    listed_only: int
    lost: tuple[str, ...] = ()


def write_marked(read: ReadResult, target: str | Path, lang: str) -> Marked:
    """Write the marked copy of what was read to ``target``.

    Raises ``UsageError`` where ``target`` is the original, is no workbook, or cannot be written, where the original
    is an .ods file, and where openpyxl cannot open the original or a table has more rows than a sheet.
    """
    path, source = Path(target), read.case.path
    is_book = source.is_file()
    _check_target(path, source)
    if source.suffix.casefold() == _UNWRITTEN:
        raise UsageError("marked-open-document", place=str(source))
    book, lost = _opened(source, path, lang) if is_book else (book_of(read.case), ())
    findings = render(read.findings, lang)
    if not is_book:
        findings = findings.assign(sheet=_sheets(findings, read))
    rows = {source.sheet or name: source.head_row for name, source in read.case.sources.items()}
    marker = Marker(book, lang, rows)
    marker.clean()
    at_cells = marker.mark(findings)
    marker.list_all(findings, lost)
    _save(book, path)
    return Marked(path, at_cells, len(findings) - at_cells, lost)


def _check_target(path: Path, source: Path) -> None:
    if path.suffix.casefold() not in _COPIES or (
        path.suffix.casefold() == _MACROS and source.suffix.casefold() != _MACROS
    ):
        raise UsageError("marked-no-workbook", place=str(path))
    if path.is_dir():
        raise UsageError("out-is-folder", place=str(path))
    if path.exists() and source.exists() and path.samefile(source):
        raise UsageError("marked-original", place=str(path))
    if not path.parent.is_dir():
        raise UsageError("out-folder-missing", place=str(path), folder=str(path.parent))


def _opened(source: Path, target: Path, lang: str) -> tuple[openpyxl.Workbook, tuple[str, ...]]:
    """The workbook as openpyxl knows it, and what it does not keep of it."""
    macros = target.suffix.casefold() == _MACROS
    try:
        lost = losses(source, macros_kept=macros)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out is said by ``losses``, in the reader's language
            book = openpyxl.load_workbook(source, keep_vba=macros, rich_text=True)
    except _DAMAGE as failure:
        reason = " ".join(str(failure).split())[:120] or type(failure).__name__
        raise UsageError("marked-unreadable", place=str(source), reason=reason) from failure
    return book, tuple(_TEXTS.say(f"lost-{key}", lang) for key in lost)


def _sheets(findings: pd.DataFrame, read: ReadResult) -> pd.Series:
    """The sheet of the new workbook in which a finding of a CSV file belongs."""
    tables = {source.file: name for name, source in read.case.sources.items()}
    return findings["file"].map(tables).fillna("")


def _save(book: openpyxl.Workbook, path: Path) -> None:
    with draft(path) as aside, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book.save(aside)
    if book.vba_archive is not None:
        book.vba_archive.close()  # a collector that frees its buffer first would complain where nobody can answer
