"""What a scenario's changes leave behind must be as valid as the tables themselves were.

Contradictions between today and tomorrow are no fault of a change: a scenario may lower a capacity below
today's use or below what is committed (staff shortage), and the model answers whether a plan is left.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.checking.needs import check_segments, check_worth
from allocate.checking.offers import check_reach
from allocate.checking.plurality import check_clusters, check_overlaps
from allocate.checking.references import check_references
from allocate.checking.values import check_changed_values
from allocate.inputs.case import Case, Source
from allocate.inputs.findings import ERROR, VALUES, FindingList
from allocate.inputs.inspection import Inspection
from allocate.model.rules.register import RULES

# Rules about several rows of a table at once, run when the table was changed.
_TABLE_RULES = {
    "segments": check_segments,
    "reach": check_reach,
    "plurality": check_clusters,
    "overlaps": check_overlaps,
    "needs": check_worth,
    "spaces": check_worth,
    "weight_sets": check_worth,
}
NO_ROW = np.iinfo(np.int64).min
_IDENTITY = ["rule", "file", "sheet", "row", "column"]


def check_variant(before: Case, after: Case, log: pd.DataFrame) -> FindingList:
    """Errors that one step brought, placed at its change rows: one per rule and change row.

    A cell that was as wrong ``before`` the step is not blamed on it. ``log`` has ``table, key, column``, ``at``
    (position of the row in its table) and where the change row stands: ``change_file, change_sheet, change_row``.
    """
    found = FindingList()
    errors = _errors(after, log)
    if errors is None:
        return found
    if len(errors):
        # Only now is it worth knowing which errors the tables had before.
        already = _errors(before, log)
        if already is not None:
            old = pd.MultiIndex.from_frame(already[_IDENTITY].astype("str"))
            errors = errors[~pd.MultiIndex.from_frame(errors[_IDENTITY].astype("str")).isin(old)]
    if len(errors):
        _at_changes(after, errors, log, found)
    return found


def _errors(case: Case, log: pd.DataFrame) -> pd.DataFrame | None:
    """All findings of severity error that concern the changed columns and tables, with ``table``; None: no finding."""
    inspection = Inspection(case)
    changed = _columns(case, log)
    check_changed_values(inspection, sorted(changed))
    check_references(inspection, changed)
    tables = set(log["table"])
    own = [check for table, check in _TABLE_RULES.items() if table in tables]
    for check in dict.fromkeys(own):
        check(inspection)
    for rule in RULES:
        for brought in rule.checks if tables & set(rule.tables) else ():
            brought(inspection.of_rule(rule.texts))
    if not inspection.found.count():
        return None
    findings = inspection.found.table()
    findings = findings[findings["severity"] == ERROR]
    places = {(s.file, s.sheet): name for name in case.tables for s in [inspection.source(name)]}
    found = [places[file, sheet] for file, sheet in zip(findings["file"], findings["sheet"], strict=True)]
    return findings.assign(table=pd.Series(found, index=findings.index, dtype="str"))


def _columns(case: Case, log: pd.DataFrame) -> set[tuple[str, str]]:
    """The (table, column) pairs that a step changed: of a new row all of them."""
    pairs = set(zip(log["table"].tolist(), log["column"].tolist(), strict=True))
    whole = {table for table, column in pairs if not column}
    cells = {pair for pair in pairs if pair[1]}
    return cells | {(table, str(column)) for table in whole for column in case[table].columns}


def _at_changes(case: Case, errors: pd.DataFrame, log: pd.DataFrame, found: FindingList) -> None:
    """Move errors from the cells to the change rows that brought them: by cell, else by row, by table, by step."""
    rows = np.zeros(len(log), dtype=np.int64)
    for table, part in log.groupby("table", sort=False):
        # The row of something that was taken away is none of the table any more.
        rows[part.index] = np.append(case[str(table)].index.to_numpy(), NO_ROW)[part["at"]]
    known: dict[tuple[object, ...], int] = {}
    for number, (table, row, column) in enumerate(zip(log["table"], rows, log["column"], strict=True)):
        known |= {(table, row, column): number, (table, row): number, (table,): number, (): number}
    seen: set[tuple[object, ...]] = set()
    for error in errors.to_dict("records"):
        place = (error["table"], error["row"], error["column"])
        number = next(known[place[:length]] for length in (3, 2, 1, 0) if place[:length] in known)
        file, sheet, line, key = (log[n].iloc[number] for n in ("change_file", "change_sheet", "change_row", "key"))
        if (error["rule"], file, sheet, line) in seen:
            continue
        seen.add((error["rule"], file, sheet, line))
        cell = f"{error['table']} {key} {error['column']} = {error['value']}"
        words = {**error[VALUES], "number": cell}
        found.add(error["rule"], Source(str(file), str(sheet)), row=int(line), column="value", value=cell, **words)
