"""Cells: questions to a column of text that are asked of every column of every table, answered without a detour.

A table has twenty columns and most towns have few rows, so that what a question costs is its preparation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

TEXT = pd.StringDtype(na_value=np.nan)


def column_of_text(cells: pa.Array | pa.ChunkedArray, rows: pd.Index) -> pd.Series:
    """A column of ``str`` whose cells Arrow has read; ``rows`` is its index."""
    return pd.Series(pd.array(cells, dtype=TEXT), index=rows)


def filled(column: pd.Series) -> NDArray[np.bool_]:
    """Which cells are not blank."""
    return _marks(pc.not_equal(_texts(column), ""))


def begin_with(column: pd.Series, signs: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which cells begin with one of these signs."""
    texts = _texts(column)
    found = np.zeros(len(column), dtype=bool)
    for sign in signs:
        found |= _marks(pc.starts_with(texts, sign))
    return found


def _texts(column: pd.Series) -> pa.Array | pa.ChunkedArray:
    return pa.array(column.array, type=pa.large_string())


def _marks(found: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    marks: NDArray[np.bool_] = np.asarray(found.fill_null(False), dtype=bool)
    return marks
