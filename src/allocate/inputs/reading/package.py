"""Package: the data package of a town, a folder of CSV files or one workbook, as typed tables.

Reading goes on after the first fault: everything that can be read is read, everything that cannot is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from allocate.errors import InputError
from allocate.inputs import dictionary
from allocate.inputs.case import Case, Source, Tables
from allocate.inputs.findings import NOTE, WARNING, FindingList
from allocate.inputs.reading.defaults import fill
from allocate.inputs.reading.delimited import read_text, text_of
from allocate.inputs.reading.headers import meant_table
from allocate.inputs.reading.needed import excuse_costs, needed_tables
from allocate.inputs.reading.raw import RawTable
from allocate.inputs.reading.states import settle
from allocate.inputs.reading.tables import empty, typed
from allocate.inputs.reading.translation import in_names
from allocate.inputs.reading.workbook import WORKBOOKS, Workbook
from allocate.inputs.vocabulary import table_of

GEOMETRY = "spaces.geojson"

_MAPS = (".gpkg", ".shp", ".geojson", ".kml", ".kmz", ".gml", ".fgb", ".topojson", ".gdb", ".tab", ".mif")
_OTHERS = (".xls", ".xlsb", ".tsv", ".numbers", ".doc", ".docx", ".odt", ".rtf", ".mdb", ".accdb", ".parquet", ".json")
_SPREADSHEETS = (*WORKBOOKS, ".xls", ".tsv", ".txt", ".tab")

# A text of up to so many characters is read once however often it is met: most files of a town that is opened again are
# as they were, as are those of a town that a test or a scenario has changed in one place.
SMALL = 200_000
KEPT = 512

type _Found = tuple[Source, pd.DataFrame]
type _Read = Callable[[FindingList], _Found | None]


@dataclass(frozen=True)
class ReadResult:
    """What was read: the case as far as it could be read, and all findings of reading (``FindingList.table``).

    A table that could not be read is empty in ``case``; with findings of severity error the case is not to be used.
    """

    case: Case
    findings: pd.DataFrame


def read_tables(path: str | Path) -> ReadResult:
    """Read the folder or workbook at ``path``, with all findings of all tables.

    Raises ``InputError`` where there is nothing to read: no such path, no folder or workbook, a folder without
    tables, a workbook that is broken, protected or too large.
    """
    place = Path(path)
    findings = FindingList()
    try:
        if place.is_dir():
            found, sources = _folder(place, findings)
        elif place.is_file():
            found, sources = _workbook(place, findings)
        else:
            raise InputError("case-missing", path=str(path))
    except PermissionError as failure:
        raise InputError("case-denied", place=str(path)) from failure
    tables = Tables(_all_tables(found, sources, findings))
    geometry = place / GEOMETRY
    case = Case(
        name=place.resolve().stem if place.is_file() else place.resolve().name,
        path=place,
        tables=tables,
        sources=sources,
        geometry=geometry if geometry.is_file() else None,
    )
    return ReadResult(case._known(checked=False, as_read=tables), findings.table())


def _all_tables(
    found: Mapping[str, _Read], sources: dict[str, Source], findings: FindingList
) -> dict[str, pd.DataFrame]:
    """Every table of the contract: read and typed, or empty; ``sources`` get the names of the columns as read."""
    tables: dict[str, pd.DataFrame] = {}
    for name in dictionary.tables():
        read = found[name](findings) if name in found else None
        if read is None:
            tables[name] = empty(name)
        else:
            sources[name], tables[name] = read
    needed = needed_tables(tables)
    excuse_costs(tables, findings)
    for name, table in dictionary.tables().items():
        if name in needed and name not in found:
            findings.add(
                "read-table-missing",
                sources.get(name, Source(f"{name}.csv")),
                table=name,
                meaning_de=table.meaning_de,
                meaning_en=table.meaning_en,
            )
    fill(tables)
    return tables


def _folder(folder: Path, findings: FindingList) -> tuple[dict[str, _Read], dict[str, Source]]:
    """The readers of the tables of a folder, and where they stand."""
    aside = settle(folder)
    there = {file.name: file for file in folder.iterdir() if file.is_file() and not file.name.startswith((".", "~"))}
    files = [path for _, path in sorted((there | aside).items())]
    csv_files = [file for file in files if file.suffix.casefold() == ".csv"]
    chosen = _chosen([file.stem for file in csv_files], lambda at: Source(csv_files[at].name), findings)
    if not chosen:
        books = [file.name for file in files if file.suffix.casefold() in WORKBOOKS]
        if books:
            raise InputError("case-folder-of-workbook", place=str(folder), book=books[0])
        raise InputError("case-no-tables", place=str(folder))
    _tell_unread(files, findings)

    def reader(file: Path, name: str) -> _Read:
        return lambda found: _from_csv(file, name, found)

    readers = {name: reader(csv_files[at], name) for name, at in chosen.items()}
    return readers, {name: Source(csv_files[at].name) for name, at in chosen.items()}


def _as_table(raw: RawTable | None, findings: FindingList) -> _Found | None:
    """Where a table stands, and its typed columns."""
    return None if raw is None else (raw.source, typed(in_names(raw), findings))


def _from_csv(file: Path, name: str, findings: FindingList) -> _Found | None:
    text = text_of(file, findings)
    if text is None:
        return None
    found, own = (_read_once if len(text) <= SMALL else _read_text)(text, file.name, name)
    findings.extend(own)
    return found


def _read_text(text: str, file: str, name: str) -> tuple[_Found | None, FindingList]:
    findings = FindingList()
    return _as_table(read_text(text, file, name, findings), findings), findings


_read_once = lru_cache(maxsize=KEPT)(_read_text)


def _tell_unread(files: Sequence[Path], findings: FindingList) -> None:
    """Files that may be meant for the case and are not read: tables and maps of other kinds, documents."""
    for file in files:
        kind, source = file.suffix.casefold(), Source(file.name)
        if kind in _SPREADSHEETS and table_of(file.stem):
            findings.add("read-file-kind", source, severity=WARNING, table=file.stem)
        elif kind in _MAPS and file.name != GEOMETRY:
            findings.add("read-file-map", source, severity=NOTE, name=GEOMETRY)
        elif kind in (*WORKBOOKS, *_OTHERS):
            findings.add("read-file-other", source, severity=NOTE, name=GEOMETRY)


def _workbook(path: Path, findings: FindingList) -> tuple[dict[str, _Read], dict[str, Source]]:
    """The readers of the tables of a workbook, and where they stand or would stand."""
    if path.suffix.casefold() == ".csv":
        raise InputError("case-single-csv", place=path.name, folder=str(path.parent))
    book = Workbook(path)
    sheets = book.sheets
    chosen = _chosen(sheets, lambda at: Source(path.name, sheets[at]), findings)
    if not chosen:
        raise InputError("case-no-sheets", place=path.name, sheets=", ".join(sheets[:8]))

    def reader(sheet: str, name: str) -> _Read:
        return lambda found: _as_table(book.read(sheet, name, found), found)

    readers = {name: reader(sheets[at], name) for name, at in chosen.items()}
    sources = {name: Source(path.name, name) for name in dictionary.tables()}
    return readers, sources | {name: Source(path.name, sheets[at]) for name, at in chosen.items()}


def _chosen(names: list[str], source: Callable[[int], Source], findings: FindingList) -> dict[str, int]:
    """Which files or sheets hold which table, by position; by its name in either case, or a word for it.

    Names that begin with ``_`` are passed over. Reports two that claim one table, names that are nearly those of
    a table, and those that are no table at all.
    """
    chosen: dict[str, int] = {}
    others: list[int] = []
    for at in sorted(range(len(names)), key=lambda at: names[at] not in dictionary.tables()):
        if names[at].strip().startswith("_"):
            continue  # a sheet or file of notes, like a column of notes
        table = table_of(names[at])
        if not table:
            others.append(at)
        elif table in chosen:
            findings.add("read-table-twice", source(at), table=table)
        else:
            chosen[table] = at
    for at in others:
        known = meant_table(names[at].strip())
        if known:
            findings.add("read-table-near", source(at), severity=WARNING, value=names[at], known=known)
        else:
            findings.add("read-table-free", source(at), severity=NOTE, value=names[at])
    return chosen
