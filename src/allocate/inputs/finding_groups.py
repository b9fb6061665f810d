"""Groups of equal findings: one line for 9,635 dates that are none, so that nothing hides behind them.

Findings are equal where severity, rule, file, sheet and column are. A few of them stay as they are, because each names
something of its own; of many the first one speaks for all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.findings import COLUMNS
from allocate.language import Texts, number

FEW = 3  # so many equal findings are shown one by one
# Rules whose findings say nothing of their own: two of them are a group.
ALIKE = ("template-row",)
FIRST = 3  # so many places of a larger group are named
ROWS = "rows"
COUNT = "count"
_SAME = ["severity", "rule", "file", "sheet", "column"]
_TEXTS = Texts("allocate.inputs", "texts_groups.csv")


def grouped(findings: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The groups of findings that ``findings.render`` has said, in its order (errors first, then as they stand).

    Columns: those of findings, ``count`` (how many findings it stands for) and ``rows`` (their first row numbers in
    the file as a tuple, empty where they have none). The message of a large group says how many it stands for.
    """
    if findings.empty:
        return findings.assign(**{COUNT: pd.Series(dtype="int64"), ROWS: pd.Series(dtype="object")})
    key = pd.MultiIndex.from_frame(findings[_SAME].astype("str"))
    group = pd.Series(pd.factorize(key)[0], index=findings.index)
    size = group.map(group.value_counts())
    many = size > np.where(findings["rule"].isin(ALIKE), 1, FEW)
    alone = pd.Series(range(-len(findings), 0), index=findings.index)
    own = group.where(many, alone)
    rows = findings["row"].groupby(own, sort=False)
    lines = findings[~own.duplicated()].copy()
    places = own[lines.index]
    lines[COUNT] = own.value_counts()[places].to_numpy()
    firsts = {name: tuple(int(row) for row in part.dropna().iloc[:FIRST]) for name, part in rows}
    lines[ROWS] = pd.Series([firsts[place] for place in places], index=lines.index, dtype="object")
    large = lines[COUNT] > 1
    lines.loc[large, "message"] = [
        _TEXTS.say("group-message", lang, count=number(count, lang), message=message)
        for count, message in zip(lines.loc[large, COUNT], lines.loc[large, "message"], strict=True)
    ]
    return lines.loc[:, [*COLUMNS, COUNT, ROWS]].reset_index(drop=True)
