"""A question's own program: the model's program with further columns and rows, or a part of it.

Nothing here knows a solver. Columns and rows keep their numbers; what is added comes behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from allocate.model.program import Block, Family, Index, LinearProgram, column_order
from allocate.town.arrays import Bools, Floats, Ids, Ints


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class NewColumns:
    """A family of columns to add, with finite bounds.

    Entries in rows that exist already: ``values[k]`` in row ``rows[k]`` and the family's member ``members[k]``.
    """

    name: str
    keys: tuple[Ids, ...]
    cost: Floats
    lower: Floats
    upper: Floats
    rows: Ints = field(default_factory=_none)
    members: Ints = field(default_factory=_none)
    values: Floats = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.cost)


def extended(program: LinearProgram, columns: Sequence[NewColumns] = (), rows: Sequence[Block] = ()) -> LinearProgram:
    """The program with further columns and rows; a block's columns are numbered over the extended program."""
    column_families, starts = list(program.columns_index.families), []
    count = program.column_count
    for new in columns:
        starts.append(count)
        column_families.append(Family(new.name, count, new.keys))
        count += len(new)
    row_families, offsets = list(program.rows_index.families), []
    height = program.row_count
    for block in rows:
        offsets.append(height)
        row_families.append(Family(block.name, height, block.keys))
        height += len(block)
    entry_columns = np.concatenate(
        [program.entry_columns]
        + [start + new.members for new, start in zip(columns, starts, strict=True)]
        + [block.columns for block in rows]
    )
    entry_rows = np.concatenate(
        [program.rows]
        + [new.rows for new in columns]
        + [offset + block.rows for block, offset in zip(rows, offsets, strict=True)]
    )
    values = np.concatenate([program.values] + [new.values for new in columns] + [block.values for block in rows])
    first, ordered_rows, ordered_values = column_order(entry_columns, entry_rows, values, count)
    return LinearProgram(
        cost=np.concatenate([program.cost] + [new.cost for new in columns]),
        lower=np.concatenate([program.lower] + [new.lower for new in columns]),
        upper=np.concatenate([program.upper] + [new.upper for new in columns]),
        row_lower=np.concatenate([program.row_lower] + [block.lower for block in rows]),
        row_upper=np.concatenate([program.row_upper] + [block.upper for block in rows]),
        starts=first,
        rows=ordered_rows,
        values=ordered_values,
        columns_index=Index(tuple(column_families)),
        rows_index=Index(tuple(row_families)),
        integer=np.concatenate([program.integer, np.zeros(count - program.column_count, dtype=bool)]),
        offset=program.offset,
    )


def one_row(name: str, columns: Ints, values: Floats, lower: float = -np.inf, upper: float = np.inf) -> Block:
    """A block of a single row: lower <= values @ x[columns] <= upper."""
    used = np.flatnonzero(values)
    return Block(
        name,
        (np.array([name], dtype=object),),
        np.array([lower]),
        np.array([upper]),
        np.zeros(len(used), dtype=np.int64),
        np.asarray(columns, dtype=np.int64)[used],
        np.asarray(values, dtype=float)[used],
    )


def cost_row(name: str, cost: Floats, lower: float = -np.inf, upper: float = np.inf) -> Block:
    """The row lower <= cost @ x <= upper, for an objective that became a condition."""
    return one_row(name, np.arange(len(cost)), cost, lower, upper)


@dataclass(frozen=True)
class Part:
    """A part of a program: the program itself and the numbers of its columns and rows in the whole."""

    program: LinearProgram
    columns: Ints
    rows: Ints


def part(program: LinearProgram, columns: Bools, rows: Bools) -> Part:
    """The program on some columns and rows; entries outside are dropped, ids stay."""
    small = replace(
        program.on(columns, rows),
        columns_index=_part_of_index(program.columns_index, columns),
        rows_index=_part_of_index(program.rows_index, rows),
    )
    return Part(small, np.flatnonzero(columns), np.flatnonzero(rows))


def _part_of_index(index: Index, kept: Bools) -> Index:
    families, start = [], 0
    for family in index.families:
        own = kept[family.slice]
        families.append(Family(family.name, start, tuple(key[own] for key in family.keys)))
        start += int(own.sum())
    return Index(tuple(families))


def family_mask(index: Index, count: int, members: Mapping[str, Bools]) -> Bools:
    """A mask over all columns or rows from masks over families; families not named are left out."""
    mask = np.zeros(count, dtype=bool)
    for name, own in members.items():
        mask[index.slice(name)] = own
    return mask


def without_objective(program: LinearProgram, cost: Floats | None = None) -> LinearProgram:
    """The same rules with another (or no) objective to minimise."""
    return replace(program, cost=np.zeros(program.column_count) if cost is None else cost, offset=0.0)
