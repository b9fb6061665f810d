"""Rows that stand in no file: what the reader writes into a table that a town need not write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.reading.raw import ROW
from allocate.inputs.reading.tables import empty


def added(table: str, rows: Sequence[Mapping[Any, object]]) -> pd.DataFrame:
    """Rows that stand in no file, typed, every other column at its default."""
    index = pd.RangeIndex(0, -len(rows), -1, name=ROW)
    types = empty(table).dtypes
    columns = {
        column.name: pd.Series(
            [row.get(column.name, column.default_value) for row in rows], index=index, dtype=types[column.name]
        )
        for column in dictionary.table(table)
    }
    return pd.DataFrame(columns, index=index)
