"""Translation: the words of a table for choices, tables, columns and settings become their names.

What means nothing stays as it stands, so that the finding on it shows what was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.dictionary import Column
from allocate.inputs.reading.raw import RawTable
from allocate.inputs.vocabulary import choice_of, column_of, setting_of, table_of

_ALL = "*"


def in_names(raw: RawTable) -> RawTable:
    """The raw table with the names of choices; in ``changes`` and ``parameters`` also those that a row is about."""
    known = dictionary.table(raw.name)
    cells = raw.cells.copy(deep=False)
    for column in known:
        if column.choices and column.name in cells:
            cells[column.name] = _mapped(cells[column.name], partial(choice_of, column))
    if raw.name == "parameters" and "parameter" in cells:
        cells["parameter"] = _mapped(cells["parameter"], setting_of)
        if "value" in cells:
            pairs = zip(cells["parameter"], cells["value"], strict=True)
            named = [_choice(dictionary.parameters().get(name), value) for name, value in pairs]
            cells["value"] = pd.Series(named, index=cells.index, dtype="str")
    if raw.name == "changes" and {"table", "column"} <= set(cells):
        _translate_changes(cells)
    return replace(raw, cells=cells)


def change_names(table: str, key: str, column: str, value: str) -> tuple[str, str, str, str]:
    """What one change is about, by the names of tables, columns, settings and choices."""
    table = table_of(table) or table
    column = column_of(table, column) or column
    if "=" in key:
        filtered, _, wanted = (part.strip() for part in key.partition("="))
        key = f"{column_of(table, filtered) or filtered}={wanted}"
    if table == "parameters":
        key = key if key == _ALL else setting_of(key)
        return table, key, column, _choice(dictionary.parameters().get(key), value)
    return table, key, column, _choice(dictionary.find_column(table, column), value)


def _translate_changes(cells: pd.DataFrame) -> None:
    names = ["table", "key", "column", "value"]
    given = pd.DataFrame({name: cells.get(name, "") for name in names}, index=cells.index)
    once = given.drop_duplicates()
    meant = {row: change_names(*row) for row in once.itertuples(index=False, name=None)}
    named = [meant[row] for row in given.itertuples(index=False, name=None)]
    for at, name in enumerate(names):
        if name in cells:
            cells[name] = pd.Series([row[at] for row in named], index=cells.index, dtype="str")


def _choice(column: Column | None, word: str) -> str:
    return word if column is None or not column.choices else choice_of(column, word)


def _mapped(cells: pd.Series, meaning: Callable[[str], str]) -> pd.Series:
    """The cells with the name that each word means; each word is looked up once."""
    names = {word: meaning(word) for word in cells.unique()}
    return cells.map(names).astype("str") if any(name != word for word, name in names.items()) else cells
