"""Inspection: one look at a case, rule by rule; it turns marked rows into findings with their place.

A rule is a function of an inspection. It marks rows with a boolean column as long as the table and never
loops over them, so that a million rows are looked at in a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from allocate.inputs.case import Case, Source
from allocate.inputs.findings import ERROR, READ, SAID_IN, FindingList
from allocate.language import Texts


@dataclass(frozen=True)
class Inspection:
    """A case under inspection and what was found so far; ``texts``: of the rule of the model whose check looks."""

    case: Case
    found: FindingList = field(default_factory=FindingList)
    texts: Texts | None = None
    _tables: dict[str, pd.DataFrame] = field(default_factory=dict, init=False)
    _read: set[str] = field(default_factory=set, init=False)

    def of_rule(self, texts: Texts) -> Inspection:
        """The same look for one check of a rule of the model: its sentences stand beside it, and what it reads is kept.

        ``checking.follow_on`` asks what was read, so that a check need not know which tables are in order.
        """
        own = replace(self, texts=texts)
        own._tables.update(self._tables)
        return own

    def table(self, name: str) -> pd.DataFrame:
        """The table of that name; an absent one is empty. All rules look at the same frame, and none writes into it."""
        if name not in self._tables:
            self._tables[name] = self.case[name]
        self._read.add(name)
        return self._tables[name]

    def source(self, table: str) -> Source:
        """Where a table stands, or would stand."""
        return self.case.sources.get(table, Source(f"{table}.csv"))

    def flag(
        self,
        rule: str,
        table: str,
        column: str,
        bad: pd.Series | np.ndarray,
        *,
        severity: str = ERROR,
        **words: object,
    ) -> None:
        """One finding for every row marked in ``bad``, at ``column`` with the value that stands there.

        Each of ``words`` fills the rule's sentence: one value for all, or a series as long as the table. ``number``
        is the value of a numeric column, written in the reader's notation.
        """
        marked = np.flatnonzero(np.asarray(bad, dtype=bool))
        if not len(marked):
            return
        rows = self.table(table).iloc[marked]
        said: dict[str, Any] = {name: _picked(word, marked) for name, word in words.items()}
        if column in rows.columns and is_numeric_dtype(rows[column].dtype):
            said.setdefault("number", rows[column].tolist())
        said |= self._own()
        self.found.add_many(
            rule,
            self.source(table),
            severity=severity,
            rows=rows.index,
            column=column,
            value=rows[column].tolist() if column in rows.columns else "",
            **said,
        )

    def note(self, rule: str, table: str, /, *, severity: str = ERROR, column: str = "", **words: Any) -> None:
        """One finding about a table as a whole."""
        self.found.add(rule, self.source(table), severity=severity, column=column, **words, **self._own())

    def _own(self) -> dict[str, Any]:
        """What a finding of a rule's check keeps of it."""
        return {} if self.texts is None else {SAID_IN: self.texts, READ: frozenset(self._read)}


def _picked(word: object, marked: np.ndarray) -> object:
    """The words of the marked rows."""
    if isinstance(word, pd.Series):
        return word.iloc[marked].tolist()
    if isinstance(word, np.ndarray):
        return word[marked].tolist()
    return word


def among(ids: pd.Series, known: pd.Series) -> pd.Series:
    """Which ids occur among the known ones (each known id is compared once, however often it stands there)."""
    return ids.isin(list(dict.fromkeys(known.tolist())))
