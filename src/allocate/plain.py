"""Plain values: what JSON knows. Frames become lists of records; NaN and infinity become ``None``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

# Values by their names: an object of JSON, or a row of a table whose declaration (``results.columns.Columns``, the
# dictionary of the inputs) says what stands under each name; every other answer is a dataclass.
type Record = dict[str, object]
# A description that another program draws or reads: Vega-Lite, OpenAPI with its JSON Schema.
type Spec = dict[str, object]


def plain(value: Any) -> Any:
    """``value`` with everything in it, at any depth, as plain Python values."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, pd.DataFrame):
        return records(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def records(table: pd.DataFrame) -> list[Record]:
    """Rows of a table as plain Python values."""
    return [plain(row) for row in table.to_dict(orient="records")]
