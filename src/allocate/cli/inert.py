"""Inert: a table whose cells no spreadsheet takes for formulas.

A name can be a formula (``=HYPERLINK(...)``), which a spreadsheet that opens a CSV file runs.
"""

from __future__ import annotations

import re

import pandas as pd

from allocate.cli.harmless import harmless

# A formula begins a cell, or what a spreadsheet that cuts at semicolons or tabs takes for one.
_FORMULA = re.compile(r"(^|[;\t])(\s*)(?=[=+\-@＝＋－＠])|^(?=[\t\r])")
_NUMBER = re.compile(r"\s*[+\-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+\-]?\d+)?\s*%?\s*")


def inert(frame: pd.DataFrame) -> pd.DataFrame:
    """The table for a spreadsheet: text that would be a formula begins with an apostrophe, numbers stay numbers.

    A cell that holds several values has them one after the other, as the input tables do.
    """
    columns = {at: _inert(frame.iloc[:, at]) for at in range(frame.shape[1])}
    calm = pd.DataFrame(columns, index=frame.index)
    return calm.set_axis([_cell(str(name)) for name in frame.columns], axis=1)


def _inert(column: pd.Series) -> pd.Series:
    if not (pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)):
        return column
    if pd.api.types.is_object_dtype(column.dtype):
        column = column.map(lambda cell: "; ".join(map(str, cell)) if isinstance(cell, list | tuple) else cell)
    words = {word: _cell(word) for word in column.unique() if isinstance(word, str)}
    changed = {word: calm for word, calm in words.items() if calm != word}
    if not changed:
        return column
    return column.astype(object).map(lambda cell: changed.get(cell, cell) if isinstance(cell, str) else cell)


def _cell(text: str) -> str:
    calm = harmless(text.replace("\r\n", "\n"))
    return calm if _NUMBER.fullmatch(calm) else _FORMULA.sub(r"\1'\2", calm)
