"""Cells: questions to a column of text that are asked of every column of every table, answered without a detour.

A table has twenty columns and most towns have few rows, so that what a question costs is its preparation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TEXT = pd.StringDtype(na_value=np.nan)


def column_of_text(cells: Sequence[str], rows: pd.Index) -> pd.Series:
    """A column of ``str`` of cells that are texts; ``rows`` is its index."""
    return pd.Series(pd.array(list(cells), dtype=TEXT), index=rows)


def filled(column: pd.Series) -> NDArray[np.bool_]:
    """Which cells are not blank."""
    return np.array([isinstance(cell, str) and cell != "" for cell in column.tolist()], dtype=bool)


def begin_with(column: pd.Series, signs: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which cells begin with one of these signs."""
    return np.array([isinstance(cell, str) and cell.startswith(signs) for cell in column.tolist()], dtype=bool)
