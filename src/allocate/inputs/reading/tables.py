"""Tables: the cells of a RawTable become typed columns with the defaults of the dictionary.

Every cell that does not fit the type of its column is reported, none is guessed.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.inputs import dictionary
from allocate.inputs.dates import iso_dates
from allocate.inputs.dialect import Notation, Readings, Verdict, decide, read_numbers
from allocate.inputs.dictionary import FALSE_WORDS, TRUE_WORDS, Column
from allocate.inputs.findings import ERROR, NEEDED, NOTE, WARNING, FindingList
from allocate.inputs.ids import left_out, plain_ids
from allocate.inputs.reading.headers import meant
from allocate.inputs.reading.raw import ROW, RawTable, must_be_filled
from allocate.inputs.reading.text_cells import begin_with, column_of_text, filled

type Bools = NDArray[np.bool_]
type Floats = NDArray[np.float64]

EXACT = 1e15  # whole numbers up to here are written without an exponent
# Error values end in "!" or "?" in every language and program, new ones too; a few are bare words.
_ERROR_CELL = (
    r"^(?:#[A-ZÄÖÜ][A-ZÄÖÜ0-9_/ ]*[!?]|#N/A|#N/?V|#GETTING_DATA|#DATEN_ABRUFEN|#ERROR|#FEHLER|(?:Err|Fehler):\d{3})$"
)
_ERROR_SIGNS = ("#", "Err:", "Fehler:")
_NOT_FINITE = r"^[+-]?(?:nan|inf|infinity|∞)$"
_FREE_NUMBERS = "spaces"  # the table whose further columns are indicators and become numbers where all cells are
_LEADING_ZERO = r"^[+-]?0\d"
_NAMING = ("id", "list", "choice")  # types whose cells are compared with other cells
_SIGNS = re.compile(r"\s*[;|](?:\s*[;|])*\s*")  # between the ids of a list
_KEYS = {("changes", name) for name in ("table", "key", "column")}


def typed(raw: RawTable, findings: FindingList) -> pd.DataFrame:
    """The typed table: every column of the dictionary, in its order, then the free columns as text.

    Free columns of ``spaces`` whose every cell is a number become numbers (ids such as ``007`` stay text).
    """
    return _Typing(raw, findings).table()


def empty(table: str) -> pd.DataFrame:
    """A table without rows, every column of the dictionary with its type."""
    return _empty(table).copy()


@cache
def _empty(table: str) -> pd.DataFrame:
    none = {kind: pd.array([], dtype=kind) for kind in ("float64", "bool", "str")}
    columns = {column.name: none[_dtype(column)] for column in dictionary.table(table)}
    return pd.DataFrame(columns, index=pd.Index([], dtype="int64", name=ROW))


class _Typing:
    """The work on one table."""

    def __init__(self, raw: RawTable, findings: FindingList) -> None:
        self.raw = raw
        self.findings = findings
        self.known = [column for column in dictionary.table(raw.name) if column.name in raw.cells]
        self.common = [c for name, c in dictionary.common_columns().items() if name in raw.cells]
        self.common = [c for c in self.common if c.name not in dictionary.table(raw.name)]
        self.reported: dict[str, Bools] = {}
        self.readings: dict[str, Readings] = {}
        self.verdict = Verdict(Notation.POINT, certain=False)

    def table(self) -> pd.DataFrame:
        self._error_cells()
        self._missing_columns()
        self.verdict = self._notation()
        rows = self.raw.cells.index
        columns: dict[str, pd.Series] = {}
        for column in dictionary.table(self.raw.name):
            if column.name in self.raw.cells:
                columns[column.name] = self._column(column)
            else:
                columns[column.name] = pd.Series(column.default_value, index=rows, dtype=_dtype(column))
        for column in self.common:
            columns[column.name] = self._column(column)
        for name in self.raw.cells.columns:
            if name not in columns:
                columns[str(name)] = self._free(str(name))
        return pd.DataFrame(columns, index=rows)

    def _error_cells(self) -> None:
        """Formula errors of a spreadsheet (``#DIV/0!``) are reported wherever they stand; never a blank."""
        for name in self.raw.cells.columns:
            cells = self.raw.cells[name]
            reported = self.raw.reported.get(str(name), np.zeros(len(cells), dtype=bool)).copy()
            sharp = begin_with(cells, _ERROR_SIGNS)
            if sharp.any():
                bad = sharp & ~reported & cells.str.match(_ERROR_CELL).to_numpy(dtype=bool)
                self._report("read-cell-error", str(name), bad)
                reported |= bad
            self.reported[str(name)] = reported

    def _missing_columns(self) -> None:
        table = dictionary.table(self.raw.name)
        misspelt = {meant(table.name, str(name)) for name in self.raw.cells.columns}
        for column in table:
            if column.required and column.name not in self.raw.cells and column.name not in misspelt:
                self.findings.add(
                    "read-column-missing",
                    self.raw.source,
                    row=self.raw.source.head_row,
                    column=column.name,
                    table=table.name,
                    meaning_de=column.meaning_de,
                    meaning_en=column.meaning_en,
                )

    def _notation(self) -> Verdict:
        """How numbers are written in this file, from all its numeric columns."""
        for column in self.known:
            if column.is_numeric or column.type == "value":
                self.readings[column.name] = read_numbers(self._texts(column.name, self._numeric_rows(column)))
        known = list(self.readings.values())
        if self.raw.name == _FREE_NUMBERS:
            self.readings |= self._free_readings()
        return decide(known, list(self.readings.values())[len(known) :])

    def _numeric_rows(self, column: Column) -> Bools:
        """The rows in which a column holds a number: all, or those whose target is numeric (``value``)."""
        cells = self.raw.cells
        if column.type != "value":
            return np.ones(len(cells), dtype=bool)
        if self.raw.name == "parameters":
            numeric = [name for name, c in dictionary.parameters().items() if c.is_numeric]
            return self._cells("parameter").isin(numeric).to_numpy(dtype=bool)
        pairs = [f"{t.name}.{c.name}" for t in dictionary.tables().values() for c in t if c.is_numeric]
        target = self._cells("table") + "." + self._cells("column")
        calculated = self._cells("how").isin(["multiply", "add"])
        return (target.isin(pairs) | calculated).to_numpy(dtype=bool)

    def _free_readings(self) -> dict[str, Readings]:
        """Readings of the free columns in which every cell is a number in some notation."""
        found: dict[str, Readings] = {}
        for name in map(str, self.raw.cells.columns):
            if name.endswith("_id") or dictionary.find_column(self.raw.name, name) is not None:
                continue
            texts = self._texts(name)
            readings = read_numbers(texts)
            written = filled(texts)
            has_numbers = written.any() or bool(np.isfinite(self._stored(name)).any())
            if not has_numbers or (written & readings.none).any():
                continue
            if not texts.str.match(_LEADING_ZERO).to_numpy(dtype=bool).any():
                found[name] = readings
        return found

    def _cells(self, name: str) -> pd.Series:
        """The cells of a column; blank where the file has no such column."""
        if name in self.raw.cells:
            return self.raw.cells[name]
        return pd.Series("", index=self.raw.cells.index, dtype="str")

    def _stored(self, name: str) -> Floats:
        """The numbers a workbook holds as numbers; NaN for cells of text and for every cell of a CSV file."""
        return self.raw.numbers.get(name, np.full(len(self.raw.cells), np.nan))

    def _texts(self, name: str, rows: Bools | None = None) -> pd.Series:
        """The cells of a column to be read as text: blank where reported, stored as number or not in ``rows``."""
        hidden = self.reported[name] | ~np.isnan(self._stored(name))
        if rows is not None:
            hidden |= ~rows
        cells = self.raw.cells[name]
        return cells.mask(hidden, "") if hidden.any() else cells

    def _column(self, column: Column) -> pd.Series:
        if column.is_numeric:
            return self._numbers(column)
        if column.type == "value":
            return self._values(column)
        cells = self._unreported(column.name)
        if column.type in _NAMING or (self.raw.name, column.name) in _KEYS:
            cells = self._plain(column.name, cells)
        if column.is_boolean:
            return self._yes_no(column, cells)
        if column.type == "list":
            cells = _lists(cells)
        elif column.type == "date":
            cells = self._dates(column, cells)
        return _defaulted(cells, column.default) if column.default else cells

    def _unreported(self, name: str) -> pd.Series:
        """The cells of a column, those with a finding blank."""
        cells, reported = self.raw.cells[name], self.reported[name]
        return cells.mask(reported, "") if reported.any() else cells

    def _plain(self, name: str, cells: pd.Series) -> pd.Series:
        """A column of ids as ids are compared; what is read otherwise than it is written is said."""
        read = plain_ids(cells)
        if read is not cells:
            odd = read.ne(cells)
            words = {"signs": cells[odd].map(left_out).tolist(), "plain": read[odd].tolist()}
            self._report("read-id-unseen", name, odd.to_numpy(dtype=bool), severity=NOTE, **words)
        return read

    def _numbers(self, column: Column) -> pd.Series:
        texts = self._texts(column.name)
        numbers = self._read(column.name, texts)
        if column.default:
            numbers[~filled(texts) & np.isnan(numbers)] = float(column.default)
        return pd.Series(numbers, index=texts.index)

    def _values(self, column: Column) -> pd.Series:
        """Cells that are numbers or text by what they stand for; numbers are put in plain notation (1234.5)."""
        numeric = self._numeric_rows(column)
        numbers = self._read(column.name, self._texts(column.name, numeric), numeric)
        cells = self._unreported(column.name)
        if np.isnan(numbers).all():
            return cells
        plain = pd.Series(numbers, index=cells.index).map(_plain, na_action="ignore").astype("str")
        return cells.mask(numeric & ~np.isnan(numbers), plain)

    def _read(self, name: str, texts: pd.Series, rows: Bools | None = None) -> Floats:
        """The numbers of a column in the notation of the file; what is no number or uncertain is reported."""
        readings = self.readings[name]
        stored = self._stored(name)
        numbers = np.where(np.isnan(stored), readings.of(self.verdict.notation), stored)
        if rows is not None:
            numbers = np.where(rows, numbers, np.nan)
        unread = filled(texts) & np.isnan(numbers)
        if unread.any():
            self._report_unread(name, texts, unread, readings)
        uncertain = readings.differ & (self.verdict.mixed or not self.verdict.certain)
        self._report_uncertain(name, uncertain, readings, ERROR)
        return numbers

    def _report_unread(self, name: str, texts: pd.Series, unread: Bools, readings: Readings) -> None:
        """Why a cell is no number, as exactly as can be said."""
        other = unread & ~readings.none
        endless = unread & texts.str.casefold().str.match(_NOT_FINITE).to_numpy(dtype=bool)
        per_cent = unread & texts.str.endswith("%").to_numpy(dtype=bool)
        money = unread & texts.str.contains(r"€|EUR\b", regex=True).to_numpy(dtype=bool)
        mark = self.verdict.notation.value[0]
        self._report("read-number-mixed", name, other, mark=mark)
        self._report("read-number-not-finite", name, endless)
        self._report("read-number-percent", name, per_cent)
        self._report("read-number-unit", name, money & ~per_cent)
        self._report("read-number", name, unread & ~other & ~endless & ~per_cent & ~money)

    def _report_uncertain(self, name: str, uncertain: Bools, readings: Readings, severity: str) -> None:
        if uncertain.any():
            point, comma = readings.point[uncertain], readings.comma[uncertain]
            decimal = [_plain(number) for number in np.where(np.abs(point) < np.abs(comma), point, comma)]
            self._report(
                "read-number-ambiguous",
                name,
                uncertain,
                severity=severity,
                decimal_de=[text.replace(".", ",") for text in decimal],
                decimal_en=decimal,
                # A fourth digit behind the sign can only be a decimal; the sign is that of the file, else the reader's.
                write_de=[self._sign(f"{text}0", ",") for text in decimal],
                write_en=[self._sign(f"{text}0", ".") for text in decimal],
                whole=[_plain(number) for number in np.where(np.abs(point) < np.abs(comma), comma, point)],
            )

    def _sign(self, text: str, otherwise: str) -> str:
        """A number with the decimal sign that most numbers of the file have; with the other where none tells."""
        return text.replace(".", self.verdict.notation.value[0] if self.verdict.mixed else otherwise)

    def _yes_no(self, column: Column, cells: pd.Series) -> pd.Series:
        words = cells.str.casefold()
        yes = words.isin(list(TRUE_WORDS))
        blank = words == ""
        odd = ~yes & ~blank & ~words.isin(list(FALSE_WORDS))
        self._report("read-yes-no", column.name, odd.to_numpy(dtype=bool))
        if column.required:  # a blank would pass for "no" without a trace
            self._report("read-yes-no-blank", column.name, blank.to_numpy(dtype=bool) & ~self.reported[column.name])
        default = bool(column.default_value)
        return yes | blank if default else yes

    def _dates(self, column: Column, cells: pd.Series) -> pd.Series:
        dates = iso_dates(cells, partial=column in self.common)
        odd = ((dates == "") & (cells != "")).to_numpy(dtype=bool)
        severity = WARNING if column in self.common else ERROR
        self._report("read-date", column.name, odd, severity=severity)
        return dates.mask(odd, cells) if column in self.common else dates

    def _free(self, name: str) -> pd.Series:
        """A free column: text, or numbers where the table holds indicators and every cell is a number."""
        cells = self._unreported(name)
        if name.endswith("_id"):
            return self._plain(name, cells)
        readings = self.readings.get(name)
        if readings is None:
            return cells
        texts = self._texts(name)
        stored = self._stored(name)
        numbers = np.where(np.isnan(stored), readings.of(self.verdict.notation), stored)
        uncertain = readings.differ & (self.verdict.mixed or not self.verdict.certain)
        if uncertain.any():
            self._report_uncertain(name, uncertain, readings, WARNING)
            return cells
        if (filled(texts) & np.isnan(numbers)).any() or np.isinf(numbers).any():
            return cells
        return pd.Series(numbers, index=cells.index)

    def _report(self, rule: str, name: str, where: Bools, *, severity: str = ERROR, **values: object) -> None:
        """One finding for every row of ``where``, with the cell as it stands in the input."""
        if where.any():
            cells = self.raw.cells[name][where]
            if must_be_filled(self.raw.name, name):
                values[NEEDED] = [True] * len(cells)
            self.findings.add_many(
                rule,
                self.raw.source,
                severity=severity,
                rows=cells.index,
                column=name,
                value=cells,
                **values,
            )


def _dtype(column: Column) -> str:
    return "float64" if column.is_numeric else "bool" if column.is_boolean else "str"


def _plain(number: float) -> str:
    """A number without grouping, with a decimal point: 1234.5, 2027."""
    return str(int(number)) if float(number).is_integer() and abs(number) < EXACT else repr(float(number))


def _defaulted(cells: pd.Series, default: str) -> pd.Series:
    """The cells, the default where one is blank."""
    written = filled(cells)
    return cells if written.all() else cells.where(written, default)


def _lists(cells: pd.Series) -> pd.Series:
    """Lists of ids joined by ``;``, without blanks around the ids and without blank ids."""
    joined = [_SIGNS.sub(";", cell).strip(";") if ";" in cell or "|" in cell else cell for cell in cells.tolist()]
    return column_of_text(joined, cells.index)
