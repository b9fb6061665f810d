"""Columns of a case as arrays, each made once and shared by all cases that differ in other columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.kept import kept


@kept
def ids(case: Case, table: str, column: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """A column of ids, or of other text."""
    values: np.ndarray[tuple[int], np.dtype[np.object_]] = _array(case, table, column, object)
    return values


@kept
def numbers(
    case: Case, table: str, column: str, default: float | None = None
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column of numbers, with the default in its blanks."""
    values = _array(case, table, column, np.float64)
    return values if default is None else np.where(np.isnan(values), default, values)


@kept
def marks(case: Case, table: str, column: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """A column of yes and no."""
    values: np.ndarray[tuple[int], np.dtype[np.bool_]] = _array(case, table, column, bool)
    return values


def _array(case: Case, table: str, column: str, kind: type) -> Any:
    values = case._made_of[0].column(table, column)
    return values.to_numpy(dtype=kind) if isinstance(values, pd.Series) else np.asarray(values, dtype=kind)
