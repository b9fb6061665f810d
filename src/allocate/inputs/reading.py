"""Reading: the one way from a folder or workbook to a checked Case."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from allocate.errors import InputError, expect
from allocate.inputs.boundaries import check_boundaries
from allocate.inputs.case import Case
from allocate.inputs.checking import check_case
from allocate.inputs.findings import VALUES, errors, join
from allocate.inputs.package import ReadResult, read_tables

__all__ = ["ReadResult", "read_case", "read_checked", "read_tables"]

_PLACE = ["file", "sheet", "row", "column"]
_WHOLE_TABLE = ("read-table-missing", "read-file-", "read-sheet-", "read-quote-open", "read-header-late")
_WHOLE_COLUMN = ("read-column-missing", "read-column-near")
# Findings on other tables that say nothing but that a table is empty, where that table could not be read.
_ONLY_FOLLOWS = {
    "spaces": ("need-without-demand", "scope-without-regions", "floor-unreachable"),
    "needs": ("effect-without-demand", "floor-unreachable", "weights-all-zero"),
    "demand": (
        "demand-missing",
        "effect-without-demand",
        "floor-unreachable",
        "floor-without-demand",
        "need-without-demand",
        "space-without-demand",
    ),
    "offers": ("floor-unreachable", "need-without-offer", "pot-without-offer"),
    "effects": (
        "cluster-few-providers",
        "cluster-not-serving",
        "floor-unreachable",
        "need-without-offer",
        "offer-without-effect",
        "overlap-not-serving",
    ),
    "pots": (
        "commitments-unpayable",
        "committed-unpayable",
        "integrated-without-pooled",
        "offer-partly-paid",
        "offer-without-payer",
    ),
    "reach": ("floor-unreachable", "offer-without-reach"),
}


def read_case(path: str | Path) -> Case:
    """The case at ``path``, read and checked.

    Raises ``InputError`` with the table of all findings when any of them is an error, and where there is nothing
    to read (see ``read_tables``), and ``UsageError`` for what is no path.
    """
    expect(path, (str, Path), "path")
    result = read_checked(path)
    wrong = errors(result.findings)
    if len(wrong):
        raise InputError("case-findings", findings=result.findings, case=result.case.name, count=len(wrong))
    return result.case._known(checked=True, as_read=result.case._as_read, findings=result.findings)


def read_checked(path: str | Path) -> ReadResult:
    """The case at ``path`` and all findings, those of reading first, then those of checking."""
    result = read_tables(path)
    found = with_checks(result.findings, check_case(result.case))
    return ReadResult(result.case, join(found, check_boundaries(result.case)))


def with_checks(reading: pd.DataFrame, checking: pd.DataFrame) -> pd.DataFrame:
    """Both tables of findings as one, without those of checking that only follow from a fault in reading.

    One fault is one finding: a cell that cannot be read is not reported as blank as well, nor a missing column as
    blank in every row, nor an unreadable table as empty.
    """
    wrong = errors(reading)
    if not len(wrong) or not len(checking):
        return join(reading, checking)
    cells = _keys(checking, _PLACE).isin(_keys(wrong, _PLACE))
    columns = wrong[wrong["rule"].isin(_WHOLE_COLUMN)]
    meant = columns[VALUES].map(lambda values: values.get("known", ""))
    columns = columns.assign(column=columns["column"].mask(meant != "", meant))
    missing = _keys(checking, ["file", "sheet", "column"]).isin(_keys(columns, ["file", "sheet", "column"]))
    tables = wrong[wrong["rule"].str.startswith(_WHOLE_TABLE)]
    unread = _keys(checking, ["file", "sheet"]).isin(_keys(tables, ["file", "sheet"]))
    return join(reading, checking[~(cells | missing | unread | _follows(checking, pd.concat([tables, columns])))])


def _follows(checking: pd.DataFrame, unread: pd.DataFrame) -> pd.Series:
    """Which findings only follow from tables that could not be read, or lack a column they need."""
    names = {
        (sheet or Path(file).stem).strip().casefold()
        for file, sheet in zip(unread["file"], unread["sheet"], strict=True)
    }
    rules = [rule for name in names for rule in _ONLY_FOLLOWS.get(name, ())]
    keys = checking[VALUES].map(lambda values: values.get("table", "") in names) & checking["rule"].eq(
        "change-key-unknown"
    )
    return checking["rule"].isin(rules) | keys


def _keys(findings: pd.DataFrame, columns: list[str]) -> pd.Series:
    """The place of every finding as one text."""
    key = pd.Series("", index=findings.index)
    for column in columns:
        key += "\0" + findings[column].astype("str")
    return key
