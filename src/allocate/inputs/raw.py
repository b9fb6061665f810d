"""RawTable: one table as it stands in the input, every cell still text, before types and defaults.

The shape that CSV files and workbook sheets have in common, so that everything after it is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.inputs.case import Source
from allocate.inputs.findings import ERROR, WARNING, FindingList
from allocate.inputs.headers import is_ignored, meant

FIRST_ROW = 2  # row 1 is the header
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

    Reports names that occur twice, columns with content but no name, and names that are nearly known ones.
    """
    kept: dict[str, int] = {}
    for position, name in enumerate(names):
        if not name:
            _report_nameless(columns[position], position, source, findings)
        elif is_ignored(name):
            continue
        elif name in kept:
            findings.add("read-header-twice", source, row=1, column=name)
        else:
            kept[name] = position
    for name in kept:
        known = meant(table, name)
        if known:
            severity = WARNING if known in kept else ERROR
            findings.add("read-column-near", source, severity=severity, row=1, column=name, known=known)
    return list(kept.values()), list(kept)


def _report_nameless(column: pd.Series, position: int, source: Source, findings: FindingList) -> None:
    filled = column[column != ""]
    if len(filled):
        findings.add(
            "read-header-blank",
            source,
            row=int(filled.index[0]),
            value=filled.iloc[0],
            number=position + 1,
        )


def without_empty_rows(columns: list[pd.Series]) -> NDArray[np.bool_]:
    """Which rows have content in any column."""
    kept = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    for column in columns:
        kept |= (column != "").to_numpy(dtype=bool)
    return kept
