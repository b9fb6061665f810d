"""Fingerprint: one short text that is the same for the same content, however it is written.

Encoding, separator, number notation, CSV or workbook, the order of columns and the order of rows do not matter;
any changed number, id or text does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.dialect import read_numbers
from allocate.inputs.reading.headers import is_ignored


def fingerprint(tables: Mapping[str, pd.DataFrame]) -> str:
    """``sha256:...`` over the content of all tables: their names, columns, types and cells, rows ordered by key."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        table = _ordered(tables[name], dictionary.table(name).key)
        digest.update(_framed(name))
        # As in reading, a column whose name begins with ``_`` is a note of its writer.
        for column in sorted(name for name in map(str, table.columns) if not is_ignored(name)):
            digest.update(_framed(column))
            free = dictionary.find_column(name, column) is None
            digest.update(_content(_neutral(table[column]) if free else table[column]))
    return f"sha256:{digest.hexdigest()}"


def _ordered(table: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    codes = [pd.factorize(table[column], sort=True)[0] for column in reversed(key)]
    order = np.lexsort(codes) if len(table) else np.array([], dtype=np.int64)
    return table if np.array_equal(order, np.arange(len(table))) else table.iloc[order]


def _neutral(column: pd.Series) -> pd.Series:
    """A free column of text with its numbers in one notation: 2,75 and 2.75 are the same content."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    readings = read_numbers(column)
    numbers = np.where(np.isnan(readings.point), readings.comma, readings.point)
    clear = ~np.isnan(numbers) & ~readings.differ
    return column.mask(clear, pd.Series(numbers, index=column.index).astype("str"))


def _framed(text: str) -> bytes:
    """A text with its length before it, so that no two sequences of texts give the same bytes."""
    encoded = text.encode()
    return len(encoded).to_bytes(8, "little") + encoded


def _content(column: pd.Series) -> bytes:
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.to_numpy(dtype="<f8") + 0.0  # minus zero is zero
        numbers = np.where(np.isnan(numbers), np.nan, numbers)
        return b"n" + len(numbers).to_bytes(8, "little") + numbers.tobytes()
    texts = [cell.encode() if isinstance(cell, str) else b"" for cell in column.tolist()]
    if not texts:
        return b"t"
    lengths = np.array([len(text) for text in texts], dtype="<i8")
    return b"t" + len(texts).to_bytes(8, "little") + lengths.tobytes() + b"".join(texts)
