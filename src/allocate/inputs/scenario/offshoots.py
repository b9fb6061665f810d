"""Offshoots: variants of one scenario that differ in a few typed changes, quickly and many times.

The scenario's own changes are carried out once. A change that sets, multiplies or raises a single number is then
written into its cell without looking through the tables; every other change goes the way of ``apply``, whose variants
these are, cell by cell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from allocate.inputs.case import LIST_SEPARATOR, Case, Source
from allocate.inputs.numerals import plain_number
from allocate.inputs.scenario.cells import FIXED_TABLES, HOWS
from allocate.inputs.scenario.check_changes import shapes
from allocate.inputs.scenario.keys import ALL, FILTER, KEY_SEPARATOR, key_text
from allocate.inputs.scenario.steps import LOG_COLUMNS
from allocate.inputs.scenario.variant import (
    COMMAND_LINE,
    Change,
    Trial,
    Variant,
    apply,
    as_rows,
    finished,
    further,
    lineage,
    of_the_year,
    scenario,
    tried,
)
from allocate.inputs.years import YEAR_TABLES


@dataclass(frozen=True)
class _Written:
    """One cell that a change writes: where it stands, and its values before and after."""

    number: int
    change: Change
    at: int
    old: float
    new: float


@dataclass
class Offshoots:
    """The variants of scenario ``scenario_id`` with further changes. Raises as ``apply`` where it is made."""

    case: Case
    scenario_id: str
    _root: Trial = field(init=False)
    _alone: Variant = field(init=False)
    _places: dict[str, dict[str, int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._chosen = scenario(self.case, self.scenario_id)
        self._root = tried(self.case, lineage(self.case, self.scenario_id))
        self._alone = finished(self._root, self._chosen)

    def variant(self, changes: Sequence[Change] = ()) -> Variant:
        """The scenario with these changes, as ``apply`` gives it. Raises as ``apply``."""
        if not changes:
            return self._alone
        written = self._written(changes)
        if written is not None:
            quick = self._with_cells(written)
            if quick is not None:
                return quick
        rows = as_rows(changes, self.scenario_id)
        if of_the_year(rows).any():
            # What the tables are before the scenario's own changes depends on the year that is planned.
            return apply(self.case, self.scenario_id, changes)
        return finished(further(self._root, Source(COMMAND_LINE), rows), self._chosen)

    def moved(self, variant: Variant) -> frozenset[tuple[str, str]]:
        """The columns (table, column) in which a variant made here differs from the scenario."""
        own = variant.changes.iloc[len(self._root.log) :]
        return frozenset(zip(own["table"].tolist(), own["column"].tolist(), strict=True))

    def _written(self, changes: Sequence[Change]) -> list[_Written] | None:
        """The cells that the changes write, in their order; None where one of them is no matter of a single number."""
        cells: dict[tuple[str, str, int], _Written] = {}
        for number, one in enumerate(changes, 1):
            found = self._cell(number, one)
            if found is None or (one.table, one.column, found.at) in cells:
                return None
            cells[one.table, one.column, found.at] = found
        return list(cells.values())

    def _cell(self, number: int, change: Change) -> _Written | None:
        case, keys = self._root.case, shapes(self.case).keys
        if change.table not in keys or change.table in (*FIXED_TABLES, *YEAR_TABLES) or change.how not in HOWS:
            return None
        key = keys[change.table]
        frame = case.tables[change.table]
        if change.column not in frame.columns or change.column in key:
            return None
        column = frame[change.column]
        value = plain_number(change.value)
        if is_bool_dtype(column.dtype) or not is_numeric_dtype(column.dtype) or math.isnan(value):
            return None
        at = self._place(change.table, key, frame, change.key)
        old = math.nan if at is None else float(column.iloc[at])
        if at is None or (change.how != "set" and math.isnan(old)):
            return None
        new = {"set": value, "multiply": old * value, "add": old + value}[change.how]
        return _Written(number, change, at, old, new)

    def _place(self, table: str, key: Sequence[str], frame: pd.DataFrame, named: str) -> int | None:
        """The row that a key names; None where it is a pattern, or names no row or several."""
        if any(sign in named for sign in (ALL, FILTER, LIST_SEPARATOR)):
            return None
        if table not in self._places:
            columns = [key_text(frame[name]).tolist() for name in key]
            texts = [KEY_SEPARATOR.join(parts) for parts in zip(*columns, strict=True)]
            rows = {text: at for at, text in enumerate(texts)}
            self._places[table] = rows if len(rows) == len(texts) else {}
        return self._places[table].get(named)

    def _with_cells(self, written: Sequence[_Written]) -> Variant | None:
        """The variant with these cells; None where its tables would be wrong, which is for ``further`` to say."""
        from allocate.checking.variant import check_variant  # noqa: PLC0415  (the checks know the variant)

        root = self._root
        moved = [one for one in written if one.old != one.new and not (math.isnan(one.old) and math.isnan(one.new))]
        if not moved:
            return self._alone
        log = _log(moved, self.scenario_id)
        after = root.case._unchecked(**_tables(root.case.tables, moved))
        if root.found.count() or check_variant(root.case, after, log).count():
            return None
        own = log[list(LOG_COLUMNS)]
        before = root.log[list(LOG_COLUMNS)]
        return Variant(after, self._chosen, pd.concat([before, own], ignore_index=True) if len(before) else own)


def _tables(tables: Mapping[str, pd.DataFrame], cells: Sequence[_Written]) -> dict[str, pd.DataFrame]:
    """The tables that change, with the new numbers in their cells."""
    changed: dict[str, pd.DataFrame] = {}
    for table, column in dict.fromkeys((one.change.table, one.change.column) for one in cells):
        frame = changed.get(table, tables[table])
        own = [one for one in cells if (one.change.table, one.change.column) == (table, column)]
        values = frame[column].to_numpy(np.float64, copy=True)
        values[[one.at for one in own]] = [one.new for one in own]
        changed[table] = frame.assign(**{column: pd.Series(values, index=frame.index, dtype=np.float64)})
    return changed


def _log(cells: Sequence[_Written], scenario_id: str) -> pd.DataFrame:
    """The log of the cells, as ``further`` writes it."""
    changes = [one.change for one in cells]

    def words(values: list[str]) -> pd.Series:
        return pd.Series(values, dtype="str")

    def values(name: str) -> pd.Series:
        return pd.Series([getattr(one, name) for one in cells], dtype=object)

    return pd.DataFrame(
        {
            "scenario_id": words([one.scenario_id or scenario_id for one in changes]),
            **{
                name: words([getattr(one, name) for one in changes])
                for name in ("table", "key", "column", "how", "value")
            },
            "old": values("old"),
            "new": values("new"),
            **{name: words([getattr(one, name) for one in changes]) for name in ("reason", "source")},
            "place": words([one.change.place or f"{COMMAND_LINE} {one.number}" for one in cells]),
            "change": [one.number - 1 for one in cells],
            "at": [one.at for one in cells],
            "change_file": words([COMMAND_LINE] * len(cells)),
            "change_sheet": words([""] * len(cells)),
            "change_row": [one.number for one in cells],
        }
    )
