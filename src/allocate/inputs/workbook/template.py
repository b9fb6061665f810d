"""Template: a new case to fill in, as a folder of CSV files or as a workbook with drop-downs and notes.

Both hold every table and column of the dictionary and a small example town that passes all checks; its rows say
so in the column ``comment``, which is not read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from allocate.errors import UsageError
from allocate.files import draft, folder_aside, refuse_input
from allocate.inputs.dictionary import as_markdown
from allocate.inputs.workbook.example import Rows, example_town, head, headings, holds_number, sheet_name, spoken
from allocate.inputs.workbook.template_book import write_book

_GUIDES = {"de": "LIESMICH.md", "en": "README.md"}


def write_template_folder(folder: str | Path, lang: str) -> list[Path]:
    """Write a new case as CSV files (German: semicolon and decimal comma) with a page that explains them.

    Gives the files. Raises ``UsageError`` where one of them exists already or cannot be written; then none is.
    """
    target = Path(folder)
    contents = {f"{sheet_name(name, lang)}.csv": _as_csv(name, rows, lang) for name, rows in example_town(lang).items()}
    contents[_GUIDES[lang]] = as_markdown(lang).encode()
    refuse_input(target)
    _refuse_existing(target / name for name in contents)
    try:
        _write_all(target, contents)
    except OSError as failure:
        raise UsageError("out-unwritable", place=str(target), reason=_reason(failure)) from failure
    return [target / name for name in contents]


def write_template_workbook(path: str | Path, lang: str) -> Path:
    """Write a new case as one .xlsx workbook; gives its path.

    Raises ``UsageError`` where the file exists already, is no .xlsx or cannot be written.
    """
    target = Path(path)
    if target.suffix.casefold() != ".xlsx":
        raise UsageError("template-no-workbook", place=str(target))
    _refuse_existing([target])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft(target) as aside:
            write_book(aside, example_town(lang), lang)
    except OSError as failure:
        raise UsageError("out-unwritable", place=str(target), reason=_reason(failure)) from failure
    return target


def _as_csv(table: str, rows: Rows, lang: str) -> bytes:
    """A table as a spreadsheet in this language opens it: with a byte order mark, German with ``;`` and ``,``."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";" if lang == "de" else ",", lineterminator="\r\n")
    names = headings(table, rows)
    writer.writerow([head(table, name, lang) for name in names])
    for row in rows:
        writer.writerow([_written(table, name, row, lang) for name in names])
    return stream.getvalue().encode("utf-8-sig")


def _written(table: str, name: str, row: Mapping[str, str], lang: str) -> str:
    cell = spoken(table, name, row, lang)
    return cell.replace(".", ",") if lang == "de" and holds_number(table, name, row) else cell


def _refuse_existing(files: Iterable[Path]) -> None:
    for file in files:
        if file.exists():
            raise UsageError("template-exists", place=str(file))


def _write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write all files aside first; a new folder then appears at once, one that is there gets them one by one."""
    home = folder.parent
    home.mkdir(parents=True, exist_ok=True)
    with folder_aside(home) as place:
        made = place / "made"
        made.mkdir()
        for name, content in contents.items():
            (made / name).write_bytes(content)
        if not folder.exists():
            made.rename(folder)
            return
        for name in contents:
            (made / name).rename(folder / name)


def _reason(failure: OSError) -> str:
    return failure.strerror or type(failure).__name__
