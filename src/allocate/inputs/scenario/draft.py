"""Draft: the tables of a step while whole rows are changed: cells set, rows added and taken away, each of them logged.

A row that comes or goes is one line of the log without a column: ``old`` is what it said, ``new`` what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from allocate.inputs import dictionary
from allocate.inputs.in_places import WRITTEN, are_in_places
from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.keys import KEY_SEPARATOR, key_text
from allocate.plain import Record

_SHOWN = 4  # so many cells of a row stand in the log


class Draft:
    """Tables by name that may be changed, and what was done to them (``done``), in order; ``year``: the one planned."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], year: int | None = None) -> None:
        self.tables, self.year = dict(tables), year
        self.done: list[Record] = []

    def ids(self, table: str, column: str) -> list[str]:
        """The entries of a column as texts, in the order of the rows."""
        return [str(one) for one in key_text(self.tables[table][column])]

    def where(self, table: str, **wanted: str) -> list[int]:
        """The row numbers (index) of the rows that have these texts in these columns."""
        frame = self.tables[table]
        same = np.ones(len(frame), dtype=bool)
        for column, text in wanted.items():
            same &= key_text(frame[column]).eq(text).to_numpy(dtype=bool)
        return [int(label) for label in frame.index[same]]

    def row(self, table: str, label: int) -> Record:
        """One row as it stands."""
        return {str(name): value for name, value in self.tables[table].loc[label].items()}

    def set(self, change: int, table: str, label: int, column: str, new: object) -> None:
        """Set one cell; nothing is logged where it is so already."""
        frame = self.tables[table]
        old = frame.at[label, column]
        if old == new or (_is_blank(old) and _is_blank(new)):
            return
        cells = frame[column].astype(object)
        cells[label] = new
        self.tables[table] = frame.assign(**{column: cells.astype(frame[column].dtype)})
        self._log(change, table, label, column, old, new)

    def add(self, change: int, table: str, row: Mapping[str, object]) -> int:
        """Add a row; cells that it does not name have their defaults. Returns its number, which stands in no file."""
        frame = self.tables[table]
        label = min(0, int(frame.index.min()) if len(frame) else 0) - 1
        whole = {str(name): row.get(str(name), _blank(table, str(name), frame[name])) for name in frame.columns}
        index = pd.Index([label], name=frame.index.name)
        added = pd.DataFrame([whole], index=index).astype(dict(frame.dtypes))
        self.tables[table] = pd.concat([frame, added]) if len(frame) else added
        self._log(change, table, label, "", "", self.text(table, label))
        return label

    def added(self, table: str) -> dict[int, int]:
        """The rows that were added to a table and are there still, each with the change that did so."""
        there = self.tables[table].index
        own = [one for one in self.done if one["table"] == table and one["column"] == "" and one["new"] != ""]
        return {int(str(one["label"])): int(str(one["change"])) for one in own if one["label"] in there}

    def drop(self, change: int, table: str, labels: Sequence[int]) -> None:
        """Take rows away."""
        for label in labels:
            self._log(change, table, label, "", self.text(table, label), "")
        if labels:
            self.tables[table] = self.tables[table].drop(index=list(labels))

    def text(self, table: str, label: int) -> str:
        """The first cells of a row that say something beside its key, in a line."""
        key = dictionary.table(table).key
        found = [
            f"{name}={write_numeral(value) if isinstance(value, float) else value}"
            for name, value in self.row(table, label).items()
            if name not in key and value is not False and not _is_blank(value)
        ]
        return "; ".join(found[:_SHOWN]) or "-"

    def key(self, table: str, label: int) -> str:
        """The key of a row."""
        row = self.tables[table].loc[[label], list(dictionary.table(table).key)]
        return KEY_SEPARATOR.join(str(key_text(row[name]).iloc[0]) for name in row.columns)

    def _log(self, change: int, table: str, label: int, column: str, old: object, new: object) -> None:
        if table in WRITTEN and are_in_places(self.tables):
            # Kinds of places follow from the offers and stand in no file, so nothing was changed that anybody wrote.
            return
        key = self.key(table, label)
        self.done.append(
            {"change": change, "table": table, "label": label, "key": key, "column": column, "old": old, "new": new}
        )


def _is_blank(value: object) -> bool:
    return value == "" or (isinstance(value, float) and np.isnan(value))


def _blank(table: str, name: str, column: pd.Series) -> object:
    known = dictionary.find_column(table, name)
    if known is not None:
        return known.default_value
    if is_bool_dtype(column.dtype):
        return False
    return np.nan if is_numeric_dtype(column.dtype) else ""


def naming(target: str) -> Iterable[tuple[str, dictionary.Column]]:
    """Every column, with its table, that names ids of a table (``offers``): single ids and lists."""
    for table in dictionary.tables().values():
        for column in table:
            if column.refers_to.split(".")[0] == target and table.name not in ("scenarios", "changes"):
                yield table.name, column


class Refused(Exception):
    """A change of rows that cannot be carried out: the id of its finding and the words of its sentence."""

    def __init__(self, rule: str, column: str = "value", **words: str) -> None:
        super().__init__(rule)
        self.rule, self.column, self.words = rule, column, words


@dataclass(frozen=True)
class RowChange:
    """One change row: its position in the step, table, key, value, and the rows that its key names."""

    at: int
    table: str
    key: str
    value: str
    labels: tuple[int, ...] = ()
