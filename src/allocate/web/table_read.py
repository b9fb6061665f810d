"""Table read: one table of a case as it was read, in the reader's notation, with the findings in their cells."""

from __future__ import annotations

import math

import pandas as pd

from allocate.inputs.case import Source
from allocate.inputs.dictionary import find_column
from allocate.language import as_it_is
from allocate.report.columns import said

# Rows of a table that are shown at once.
ROWS = 200


def written_rows(table: str, frame: pd.DataFrame, lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every row by its row in the file, as (column, text) pairs."""
    columns = [(str(name), _texts(table, str(name), frame[name], lang)) for name in frame.columns]
    return [
        (str(at), [(name, texts[place]) for name, texts in columns]) for place, at in enumerate(frame.index.tolist())
    ]


def _texts(table: str, column: str, values: pd.Series, lang: str) -> list[str]:
    """The cells of a column: numbers in the reader's notation, years and what has no unit as they stand."""
    known = find_column(table, column)
    grouped = known is not None and known.type in ("number", "share")
    return [_text(value, lang, grouped=grouped) for value in values.tolist()]


def _text(value: object, lang: str, *, grouped: bool) -> str:
    if isinstance(value, bool):
        return said("yes" if value else "no", lang)
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return as_it_is(value, lang) if grouped and math.isfinite(value) else f"{value:.15g}"
    return "" if value is None or value is pd.NA or value is pd.NaT else str(value)


def around(table: pd.DataFrame, row: str) -> pd.DataFrame:
    """The rows of a table that are shown: the first ones, or those around a row of the file that is asked for."""
    places = [at for at, one in enumerate(table.index) if str(one) == row]
    first = max(0, places[0] - ROWS // 2) if places and places[0] >= ROWS else 0
    return table.iloc[first : first + ROWS]


def marked_cells(findings: pd.DataFrame, source: Source) -> dict[tuple[int, str], list[str]]:
    """What is found in each cell of a table: (row in the file, column) -> sentences."""
    own = findings[(findings["file"] == source.file) & (findings["sheet"] == source.sheet) & findings["row"].notna()]
    marks: dict[tuple[int, str], list[str]] = {}
    for row in own.to_dict("records"):
        marks.setdefault((int(row["row"]), str(row["column"])), []).append(f"{row['message']} {row['fix']}")
    return marks
