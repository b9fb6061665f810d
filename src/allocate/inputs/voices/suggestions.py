"""Suggestions: what people proposed, what change of the plan's inputs it means, and what was decided about it.

One row per suggestion; ``change`` holds one or more lines of the grammar of ``--change`` (``inputs.changes``), each on
a line of its own within the cell or parted by ``;;``. A blank one is a suggestion that names nothing to compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pandas as pd

from allocate.errors import InputError
from allocate.inputs.case import Source
from allocate.inputs.dates import iso_dates
from allocate.inputs.findings import NOTE, WARNING, FindingList, errors
from allocate.inputs.reading.loose import Sheet, loose_sheets, with_columns
from allocate.language import LANGUAGES, Texts

OPEN, ACCEPTED, PARTLY, DECLINED = STATUSES = ("open", "accepted", "partly", "declined")
COLUMNS = ("suggestion_id", "title", "made_by", "received", "change", "status", "decided", "decision_reason")
SHEET = "suggestions"
_TEXTS = Texts("allocate.inputs", "texts_participation.csv")


@dataclass(frozen=True)
class Suggestions:
    """Checked suggestions: ``table`` has ``COLUMNS`` as text (dates in ISO form) and the index row of the file."""

    table: pd.DataFrame
    findings: pd.DataFrame


def read_suggestions(path: Path) -> Suggestions:
    """Read and check suggestions from a CSV file or a workbook (its sheet ``suggestions``, else its first).

    Whether a change can be carried out is not asked here. Raises ``InputError``: ``suggestions-findings`` (with the
    table of all findings), ``file-missing`` and the errors of unreadable workbooks.
    """
    findings = FindingList()
    sheets = loose_sheets(path, COLUMNS, findings)
    chosen = [sheet for sheet in sheets if sheet.source.sheet.casefold() == SHEET] or sheets[:1]
    table = _checked(chosen[0], findings) if chosen else pd.DataFrame(columns=list(COLUMNS))
    found = findings.table()
    wrong = errors(found)
    if len(wrong):
        raise InputError("suggestions-findings", place=path.name, findings=found, count=len(wrong))
    return Suggestions(table, found)


def typed_suggestions(texts: Sequence[str], others: pd.DataFrame | None = None) -> pd.DataFrame:
    """Suggestions typed as text behind those of a table: a change where it is written as one, else only words.

    They are open, and their ids are the next free numbers.
    """
    taken = set() if others is None else set(others["suggestion_id"])
    free = (str(number) for number in count(1) if str(number) not in taken)
    rows = [
        {**dict.fromkeys(COLUMNS, ""), "suggestion_id": id, "title": text, "status": OPEN}
        | ({"change": text} if text.count(":") > 1 else {})
        for id, text in zip(free, texts, strict=False)
    ]
    typed = pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
    return typed if others is None else pd.concat([others, typed], ignore_index=True)


def lines_of(change: str) -> tuple[str, ...]:
    """The single lines of a suggestion's change."""
    return tuple(line.strip() for line in change.replace(";;", "\n").splitlines() if line.strip())


def _checked(sheet: Sheet, findings: FindingList) -> pd.DataFrame:
    table = sheet.table()
    table = table.set_axis(table.columns.str.casefold(), axis=1)
    table = table.loc[:, ~table.columns.duplicated()]
    for name in sheet.doubled():
        findings.add("read-header-twice", sheet.source, row=1, column=name)
    for name in ("suggestion_id", "title"):
        if name not in table.columns:
            findings.add("suggestion-column-missing", sheet.source, row=1, column=name)
    if not {"suggestion_id", "title"} <= set(table.columns):
        return pd.DataFrame(columns=list(COLUMNS))
    for name in table.columns:
        if name not in COLUMNS and name != "comment" and not name.startswith("_"):
            findings.add("suggestion-column-free", sheet.source, severity=NOTE, row=1, column=name)
    table = with_columns(table, COLUMNS)
    words = {_TEXTS.say(f"status.{one}", lang).casefold(): one for one in STATUSES for lang in LANGUAGES}
    said = table["status"].str.casefold()
    table["status"] = said.map({**words, **{one: one for one in STATUSES}, "": OPEN}).fillna(table["status"])
    _rules(table, sheet.source, findings)
    for name in ("received", "decided"):
        table[name] = iso_dates(table[name])
    return table


def _rules(table: pd.DataFrame, source: Source, findings: FindingList) -> None:
    def flag(rule: str, bad: pd.Series, column: str, severity: str = "error", **words: object) -> None:
        rows = table[bad.to_numpy(dtype=bool)]
        findings.add_many(
            rule, source, severity=severity, rows=list(rows.index), column=column, value=rows[column], **words
        )

    flag("suggestion-blank", table["suggestion_id"].eq(""), "suggestion_id")
    flag("suggestion-blank", table["title"].eq(""), "title")
    twice = table["suggestion_id"].ne("") & table["suggestion_id"].duplicated()
    flag("suggestion-twice", twice, "suggestion_id")
    flag("suggestion-status", ~table["status"].isin(STATUSES), "status", known=", ".join(STATUSES))
    dates = {name: iso_dates(table[name]) for name in ("received", "decided")}
    for name, iso in dates.items():
        flag("suggestion-date", table[name].ne("") & iso.eq(""), name)
    early = dates["decided"].ne("") & (dates["decided"] < dates["received"])
    flag("suggestion-early", early, "decided", WARNING)
    settled = table["status"].isin([ACCEPTED, PARTLY, DECLINED])
    flag("suggestion-unreasoned", settled & table["decision_reason"].eq(""), "decision_reason", WARNING)
