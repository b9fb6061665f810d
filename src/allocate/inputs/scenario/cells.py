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
from allocate.inputs.scenario.keys import Problem, joined, rows_of

HOWS = ("set", "multiply", "add")
FIXED_TABLES = ("scenarios", "changes")
# What can be wrong with a change row before its key is looked up, and the column to look at.
_COLUMN_OF = {
    "change-table-fixed": "table",
    "change-table-unknown": "table",
    "change-column-unknown": "column",
    "change-of-key": "column",
    "change-how-unknown": "how",
}

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
    patterns: dict[str, dict[int, str]] = {}
    for position, table, key in _usable(tables, keys, changes, problems):
        patterns.setdefault(table, {})[position] = key
    found = joined([rows_of(tables[one], keys[one], one, own, problems) for one, own in patterns.items()])
    order = np.lexsort((found.at, found.change))
    change = found.change[order]
    row = changes.index.get_indexer(pd.Index(change))
    named = {name: changes[name].array[row] for name in ("table", "column")}
    cells = pd.DataFrame({"change": change, "at": found.at[order], **named})
    return Hits(_without_collisions(cells, changes, problems), problems)


def _usable(tables: Tables, keys: Keys, changes: pd.DataFrame, problems: list[Problem]) -> list[tuple[int, str, str]]:
    """Position, table and key of the change rows that name a table, a column and a way of changing that exist."""
    open_tables = [name for name in keys if name not in FIXED_TABLES]
    bad: dict[str, dict[int, dict[str, str]]] = {rule: {} for rule in _COLUMN_OF}
    usable = []
    columns = (changes[name].tolist() for name in ("table", "column", "how", "key"))
    for change, table, column, how, key in zip(changes.index.tolist(), *columns, strict=True):
        if table in FIXED_TABLES:
            bad["change-table-fixed"][change] = {}
        elif table not in keys:
            bad["change-table-unknown"][change] = {"nearest": nearest(table, open_tables) or NONE}
        elif column not in tables[table].columns:
            near = nearest(column, map(str, tables[table].columns)) or NONE
            bad["change-column-unknown"][change] = {"table": table, "nearest": near}
        elif column in keys[table]:
            bad["change-of-key"][change] = {"table": table}
        elif how in HOWS:
            usable.append((change, table, key))
        if how not in HOWS:
            bad["change-how-unknown"][change] = {}
    for rule, rows in bad.items():
        if rows:
            words = {name: [row[name] for row in rows.values()] for name in next(iter(rows.values()))}
            problems.append(Problem(rule, list(rows), _COLUMN_OF[rule], words))
    return usable


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
