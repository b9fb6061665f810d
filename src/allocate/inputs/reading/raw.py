"""RawTable: one table as it stands in the input, every cell still text, before types and defaults.

The shape that CSV files and workbook sheets have in common, so that everything after it is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.inputs import dictionary
from allocate.inputs.case import Source
from allocate.inputs.findings import ERROR, NOTE, WARNING, FindingList
from allocate.inputs.reading.headers import is_ignored, meant
from allocate.inputs.reading.text_cells import filled
from allocate.inputs.vocabulary import column_of
from allocate.language import LANGUAGES

FIRST_ROW = 2  # of a table whose names stand in the first row
ROW = "row"


@dataclass(frozen=True)
class RawTable:
    """The cells of one table.

    ``cells``: str columns by name, ``""`` for blank, index ``row`` = row in the file or sheet; rows without any
    content are left out. ``numbers``: for cells that a workbook holds as numbers, the number, else NaN.
    ``reported``: cells with a finding already, per column a mask over the rows; they count as blank.
    """

    name: str
    source: Source
    cells: pd.DataFrame
    numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    reported: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def named(
    table: str, names: Sequence[str], columns: Sequence[pd.Series], source: Source, findings: FindingList
) -> tuple[list[int], list[str]]:
    """Which columns of a file are kept, by position, and their names.

    A label or another word for a column becomes its name, unless a column of that name is there. Reports names that
    occur twice, columns with content but no name, and names that are nearly known ones.
    """
    kept: dict[str, int] = {}
    row = source.head_row
    for position, name in enumerate(translated(table, names)):
        if not name:
            _report_nameless(columns[position], position, source, findings)
        elif is_ignored(name):
            continue
        elif name in kept:
            findings.add("read-header-twice", source, row=row, column=name)
        else:
            kept[name] = position
    for name in kept:
        known = meant(table, name)
        # A word for a column that is there under its own name is a column of the town's own, not a slip.
        if known and not (known in kept and column_of(table, name) == known):
            severity = WARNING if known in kept else ERROR
            findings.add("read-column-near", source, severity=severity, row=row, column=name, known=known)
    return list(kept.values()), list(kept)


def translated(table: str, heads: Sequence[str]) -> list[str]:
    """The names of the columns that these heads mean; a head that means none, or one that is there, stays.

    A column's name counts before a label, a label before another word: beside ``Name`` the head ``Angebot``, which may
    stand for the name of an offer, is none.
    """
    names = list(heads)
    there = set(heads)
    for further in (False, True):
        for at, head in enumerate(heads):
            name = column_of(table, head, further=further) if names[at] == head else ""
            if name and name not in there:
                names[at] = name
                there.add(name)
    return names


def heads_of(table: str, heads: Sequence[str]) -> dict[str, str]:
    """What a file calls the columns whose name it does not use, by their name.

    Where most of its heads are labels in one language, so are those of the columns it lacks.
    """
    names = translated(table, heads)
    called = {name: head for name, head in zip(names, heads, strict=True) if name != head}
    for lang in LANGUAGES:
        labels = {column.name: column.label(lang) for column in dictionary.table(table)}
        if 2 * sum(labels.get(name) == head for name, head in called.items()) > len(called):
            lacking = set(labels) - set(names)
            called |= {name: labels[name] for name in labels if name in lacking}
            break
    return called


def must_be_filled(table: str, name: str) -> bool:
    """Whether a cell of this column may not be blank; a blank setting has its default."""
    column = dictionary.find_column(table, name)
    return column is not None and column.required and (table, name) != ("parameters", "value")


def tell_heads(source: Source, beneath: int, findings: FindingList) -> None:
    """Say which rows above and beneath the names of the columns are not read as rows of the table."""
    row = source.head_row
    if row > 1:
        findings.add("read-header-late", source, severity=NOTE, row=row, above=row - 1)
    if beneath:
        findings.add("read-header-beneath", source, severity=NOTE, row=row + 1, value=row + beneath)


def _report_nameless(column: pd.Series, position: int, source: Source, findings: FindingList) -> None:
    written = column[filled(column)]
    if len(written):
        findings.add(
            "read-header-blank",
            source,
            row=int(written.index[0]),
            value=written.iloc[0],
            number=position + 1,
        )


def without_empty_rows(columns: list[pd.Series]) -> NDArray[np.bool_]:
    """Which rows have content in any column."""
    kept = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    for column in columns:
        kept |= filled(column)
    return kept
