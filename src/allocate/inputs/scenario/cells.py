"""Which cells the rows of ``changes`` hit: the key patterns of one step of a scenario, resolved.

A key names the key columns of the table, joined by ``|``; ``*`` stands for every id in that place, and a lone
``*`` for every row:

    S02|N03     one cell of demand       *|N05   one need in every space       *   every row of the table

``keys`` reads them.

One *step* is everything a single scenario changes by itself. Within a step no cell may be hit twice, because
then the order of the rows would decide; a later step (a child scenario) may change a cell again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.scenario.keys import Problem, rows_of

HOWS = ("set", "multiply", "add")
FIXED_TABLES = ("scenarios", "changes")

Tables = Mapping[str, pd.DataFrame]
Keys = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Hits:
    """The cells of one step, and what hit nothing.

    ``cells`` has the columns ``change`` (position of the change row in the step), ``table``, ``column`` and
    ``at`` (position of the row in the table), ordered by change and row.
    """

    cells: pd.DataFrame
    problems: list[Problem]


def hit(tables: Tables, keys: Keys, changes: pd.DataFrame) -> Hits:
    """The cells that the rows of one step hit (``changes``, by their positions), and every row that cannot be applied.

    ``keys`` names the key columns of each table. A row with a problem hits no cell; two rows that hit one
    cell are reported and the first of them keeps it, so that one fault does not hide others.
    """
    problems: list[Problem] = []
    usable = _usable(tables, keys, changes, problems)
    found = [
        rows_of(tables[str(table)], list(keys[str(table)]), str(table), group["key"], problems)
        for table, group in changes.loc[usable.index[usable]].groupby("table", sort=False)
    ]
    rows = pd.concat(found) if found else pd.DataFrame({"change": [], "at": []}, dtype=np.int64)
    rows = rows.sort_values(["change", "at"], kind="stable").reset_index(drop=True)
    named = changes.loc[rows["change"], ["table", "column"]].reset_index(drop=True)
    cells = pd.concat([rows, named], axis=1)
    return Hits(_without_collisions(cells, changes, problems), problems)


def _usable(tables: Tables, keys: Keys, changes: pd.DataFrame, problems: list[Problem]) -> pd.Series:
    """Which change rows name a table, a column and a way of changing that exist."""
    fixed = changes["table"].isin(FIXED_TABLES)
    table = changes["table"].isin(list(keys)) & ~fixed
    pair = pd.Series(list(zip(changes["table"], changes["column"], strict=True)), index=changes.index)
    known = set(pair[table])
    column = pair.isin([(t, c) for t, c in known if c in tables[t].columns])
    key_column = pair.isin([(t, c) for t, c in known if c in keys[t]])
    how = changes["how"].isin(HOWS)
    _report(problems, "change-table-fixed", "table", changes[fixed])
    unknown = changes[~table & ~fixed]
    open_tables = [name for name in keys if name not in FIXED_TABLES]
    hints = [nearest(name, open_tables) or NONE for name in unknown["table"]]
    _report(problems, "change-table-unknown", "table", unknown, nearest=hints)
    unknown = changes[table & ~column]
    pairs = zip(unknown["table"], unknown["column"], strict=True)
    hints = [nearest(c, map(str, tables[t].columns)) or NONE for t, c in pairs]
    _report(problems, "change-column-unknown", "column", unknown, table=unknown["table"], nearest=hints)
    bad = changes[key_column & column]
    _report(problems, "change-of-key", "column", bad, table=bad["table"])
    _report(problems, "change-how-unknown", "how", changes[~how])
    return table & column & ~key_column & how


def _without_collisions(cells: pd.DataFrame, changes: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Report cells that two changes hit, once per pair of changes; the first of them keeps the cell."""
    twice = cells.duplicated(["table", "column", "at"])
    if twice.any():
        first = cells[~twice].set_index(["table", "column", "at"])["change"]
        second = cells[twice]
        other = first.loc[pd.MultiIndex.from_frame(second[["table", "column", "at"]])].to_numpy()
        pairs = second[["change"]].assign(other=other).drop_duplicates()
        problems.append(
            Problem(
                "change-collision",
                pairs["change"].tolist(),
                "key",
                {"other": changes.loc[pairs["other"], "place"].tolist()},
            )
        )
    return cells[~twice].reset_index(drop=True)


def _report(
    problems: list[Problem], rule: str, column: str, rows: pd.DataFrame, **words: list[str] | pd.Series
) -> None:
    """Note change rows as one problem, with the words of each row's sentence."""
    if len(rows):
        said = {name: list(word) for name, word in words.items()}
        problems.append(Problem(rule, rows.index.tolist(), column, said))
