"""Findings: what is wrong or odd in a case, each with its place, the rule it breaks and what to do next.

A finding keeps its rule and the values of its sentences; the sentences themselves (``<rule>`` says what is
wrong, ``<rule>-fix`` what to do next) stand in ``texts*.csv`` in German and English
and are filled in at the end, in the reader's language. Those of a check that a rule of the model brings along stand
beside that rule (``check.<rule>``, ``check.<rule>-fix``); the finding says in which table (``SAID_IN``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.case import Source
from allocate.inputs.nearest import NONE
from allocate.language import MINUS, Texts, Words, filled, worded

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
COLUMNS = ("severity", "rule", "file", "sheet", "row", "column", "value", "message", "fix")
VALUES = "values"
NEEDED = "needed"  # of ``values``: the cell must be filled, so that a blank one is no way out
SAID_IN = "said_in"  # of ``values``: the ``Texts`` of the rule of the model whose check found it
READ = "read"  # of ``values``: the tables that this check has read
_HEAD = "head"  # of ``values``: what the column is called where the finding stands
_FILES = ("texts.csv", "texts_checking.csv", "texts_second_look.csv", "texts_participation.csv")
_NOWHERE = Source("")


@dataclass(frozen=True)
class _Block:
    """Findings of one rule in one place: entries of ``row``, ``column``, ``value`` and ``values``, one a finding."""

    severity: str
    rule: str
    place: Source
    rows: list[Any]
    column: list[object]
    value: list[str]
    words: list[Words]

    def without(self, column: str) -> _Block:
        """The findings in other columns."""
        other = [at for at, name in enumerate(self.column) if name != column]
        return replace(
            self,
            rows=[self.rows[at] for at in other],
            column=[self.column[at] for at in other],
            value=[self.value[at] for at in other],
            words=[self.words[at] for at in other],
        )


class FindingList:
    """Collects findings of any number of rules; ``table()`` gives them as one frame."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def add(
        self,
        rule: str,
        source: Source | None = None,
        *,
        severity: str = ERROR,
        row: int | None = None,
        column: str = "",
        value: object = "",
        **values: object,
    ) -> None:
        """One finding; ``values`` fill the rule's sentences, as do ``value``, ``column`` and ``row``."""
        self.add_many(
            rule,
            source,
            severity=severity,
            rows=[row],
            column=column,
            value=[value],
            **{name: [given] for name, given in values.items()},
        )

    def add_many(
        self,
        rule: str,
        source: Source | None = None,
        *,
        severity: str = ERROR,
        rows: Sequence[Any] | pd.Index | pd.Series,
        column: str | Sequence[str] | pd.Series = "",
        value: object = "",
        **values: object,
    ) -> None:
        """One finding per entry of ``rows`` (row numbers in the file, None where there is none).

        ``column``, ``value`` and each of ``values`` are one text for all, or a sequence as long as ``rows``. Columns
        are named as the dictionary does; what a person reads names them as the source does.
        """
        if severity not in SEVERITIES:
            raise ValueError(severity)
        if len(rows) == 0:
            return
        place = source or _NOWHERE
        columns = _entries(column, len(rows))
        values.pop(_HEAD, None)  # a finding that is moved is called by the names of its new place
        if place.heads:
            values[_HEAD] = [place.head(str(name)) for name in columns]
        words = zip(*(_entries(given, len(rows)) for given in values.values()), strict=True)
        said = [dict(zip(values, entry, strict=True)) for entry in words] or [{} for _ in range(len(rows))]
        shown = [_said(one) for one in _entries(value, len(rows))]
        self._blocks.append(_Block(severity, rule, place, list(rows), columns, shown, said))

    def extend(self, other: FindingList) -> None:
        """Take over all findings of another list."""
        self._blocks.extend(other._blocks)

    def withdraw(self, rule: str, column: str = "") -> None:
        """Take back what was found by a rule (in a column), because it turned out not to be wrong."""
        kept = (one.without(column) if one.rule == rule else one for one in self._blocks)
        self._blocks = [one for one in kept if one.rows]

    def count(self, severity: str = ERROR) -> int:
        """How many findings have this severity."""
        return sum(len(block.rows) for block in self._blocks if block.severity == severity)

    def __len__(self) -> int:
        return sum(len(block.rows) for block in self._blocks)

    def rules(self) -> set[str]:
        """The rules broken so far."""
        return {block.rule for block in self._blocks}

    def table(self) -> pd.DataFrame:
        """All findings in the order they were added: ``COLUMNS`` in English, and ``values`` of the sentences.

        ``render`` says the same table in another language.
        """
        if not self._blocks:
            return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in (*COLUMNS, VALUES)})
        joined = self._joined()
        message, fix = _sentences(joined, "en")
        joined["message"], joined["fix"] = message, fix
        return joined.loc[:, [*COLUMNS, VALUES]]

    def _joined(self) -> pd.DataFrame:
        """All findings with what is needed to say them."""
        blocks = self._blocks
        whole = {
            "severity": [block.severity for block in blocks],
            "rule": [block.rule for block in blocks],
            "file": [block.place.file for block in blocks],
            "sheet": [block.place.sheet for block in blocks],
        }
        sizes = [len(block.rows) for block in blocks]
        each = {name: np.repeat(np.array(given, dtype=object), sizes) for name, given in whole.items()}
        return pd.DataFrame(
            {
                **{name: pd.Series(given, dtype="str") for name, given in each.items()},
                "row": pd.array([row for block in blocks for row in block.rows], dtype="Int64"),
                "column": pd.Series([name for block in blocks for name in block.column], dtype="str"),
                "value": pd.Series([one for block in blocks for one in block.value], dtype="str"),
                VALUES: pd.Series([words for block in blocks for words in block.words], dtype="object"),
            }
        )


def render(findings: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The findings with ``message`` and ``fix`` in ``lang``; exactly ``COLUMNS``, errors first."""
    order = findings["severity"].map({name: rank for rank, name in enumerate(SEVERITIES)})
    ordered = findings.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
    if len(ordered):
        ordered["message"], ordered["fix"] = _sentences(ordered, lang)
        heads = [values.get(_HEAD) or name for name, values in zip(ordered["column"], ordered[VALUES], strict=True)]
        ordered["column"] = pd.Series(heads, dtype="str")
    return ordered.loc[:, list(COLUMNS)]


def join(*tables: pd.DataFrame) -> pd.DataFrame:
    """Several tables of findings as one, in the order given."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


def errors(findings: pd.DataFrame) -> pd.DataFrame:
    """The findings that stop a run."""
    return findings[findings["severity"] == ERROR]


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    folder = resources.files("allocate.inputs")
    joined: dict[str, dict[str, str]] = {}
    for file in _FILES:
        if folder.joinpath(file).is_file():
            joined.update(Texts("allocate.inputs", file).sentences)
    return joined


def _sentences(findings: pd.DataFrame, lang: str) -> tuple[list[str], list[str]]:
    """Message and fix of every finding. Raises ``KeyError`` for a rule without sentences."""
    messages: list[str] = []
    fixes: list[str] = []
    places = zip(*(findings[n] for n in ("rule", "row", "column", "value", VALUES)), strict=True)
    for rule, row, column, value, values in places:
        words = {name: _number(word, lang) if isinstance(word, float) else word for name, word in values.items()}
        known = {"row": row, "value": value, **words, "column": values.get(_HEAD) or column}
        texts, key = _said_in(rule, values)
        messages.append(filled(worded(texts, key)[lang], lang, known | {"table": _table(values.get("table"), lang)}))
        # Where no name is near, a sentence without one is said, if there is one.
        alone = f"{key}-none-fix" if values.get("nearest") == NONE else ""
        if values.get(NEEDED) and f"{key}-needed-fix" in texts:
            alone = f"{key}-needed-fix"
        fixes.append(filled(worded(texts, alone if alone in texts else f"{key}-fix")[lang], lang, known))
    return messages, fixes


def _said_in(rule: str, values: Words) -> tuple[Mapping[str, Mapping[str, str]], str]:
    """The table in which a finding's sentences stand, and their key: its own, or that of all checks."""
    own = values.get(SAID_IN)
    if isinstance(own, Texts) and f"check.{rule}" in own.sentences:
        return own.sentences, f"check.{rule}"
    return _texts(), rule


def _table(name: object, lang: str) -> object:
    """A table by its name for people, and by the one that files have."""
    if lang == "en" or name not in dictionary.tables():
        return name
    return f"{dictionary.table(str(name)).label(lang)} ({name})"


def _number(value: float, lang: str) -> str:
    """A number in a sentence, at most four decimals, in the reader's notation (quicker than Babel, for long tables)."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    digits = 0 if value == round(value) else 2 if abs(value) >= 100 else 4
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text and abs(value) < 100 else text
    text = text.replace("-", MINUS)
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text


def _entries(given: object, count: int) -> list[object]:
    """One entry per row: a single value repeated, or the entries of a sequence without their index."""
    if isinstance(given, pd.Series | pd.Index | np.ndarray):
        return list(given.tolist())
    if isinstance(given, Sequence) and not isinstance(given, str):
        return list(given)
    return [given] * count


def _said(value: object) -> str:
    """A value as it stands in a finding."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _dtype(name: str) -> str:
    return "Int64" if name == "row" else "object" if name == VALUES else "str"
