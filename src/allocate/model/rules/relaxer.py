"""Relaxers: which entries a column needs so that a rule gives way when the column is opened.

A row gives way through a column with one entry in it; the bound of a column gives way through a copy of the column
(above its upper bound) or through a copy with the opposite sign (below its lower bound).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.model.program import Family, Index, LinearProgram, column_order, join_entries
from allocate.town.arrays import Floats, Ids, Ints
from allocate.town.as_arrays import Town


@dataclass
class Part:
    """Relaxers of one rule while the program is put together: entries are counted within the part."""

    id: Ids
    place: Ids
    limit: Floats
    columns: Ints
    rows: Ints
    values: Floats
    need: Ints
    offer: Ints
    pot: Ints


@dataclass(frozen=True)
class Room:
    """How far a rule can usefully give way: capacity units per pair and per offer, EUR per offer."""

    pair: Floats
    offer: Floats
    cost: Floats


def room_of(town: Town) -> Room:
    """A pair never needs more than what covers the largest of its cells alone."""
    useful = np.zeros(len(town.pairs.offer))
    np.maximum.at(useful, town.supply.pair, town.cells.demand[town.supply.cell] / town.supply.rate)
    offer = np.bincount(town.pairs.offer, useful, minlength=len(town.offers.ids)) + 1.0
    offer = np.maximum(offer, town.offers.committed - town.offers.max_capacity)
    useful = useful + 1.0
    return Room(useful, offer, town.cost_of(town.offers.max_capacity + offer))


def part(
    id: Ids,
    entries: tuple[Ints, Ints, Floats],
    limit: Floats,
    *,
    place: Ids | None = None,
    need: Ints | None = None,
    offer: Ints | None = None,
    pot: Ints | None = None,
) -> Part:
    """Relaxers with their entries (own column, row, value); -1 for a need, offer or pot they do not have."""
    none = np.full(len(id), -1, dtype=np.int64)
    need, offer, pot = (none if one is None else one for one in (need, offer, pot))
    place = np.full(len(id), "", dtype=object) if place is None else place
    return Part(id, place, limit, *entries, need, offer, pot)


def each_row(rows: Ints, sign: float | Floats) -> tuple[Ints, Ints, Floats]:
    """One relaxer a row, with one entry in it."""
    return np.arange(len(rows), dtype=np.int64), rows, np.zeros(len(rows)) + sign


def rows_of(program: LinearProgram, *names: str) -> Ints:
    """The rows of some families, in this order; of those that the program has."""
    families = [program.rows_index[name] for name in names if name in program.rows_index]
    return np.concatenate([np.zeros(0), *(np.arange(f.start, f.stop) for f in families)]).astype(np.int64)


def keys_of(program: LinearProgram, position: int, *names: str) -> Ids:
    """One part of the keys of ``rows_of``."""
    found = [program.rows_index[name].keys[position] for name in names if name in program.rows_index]
    return np.concatenate([np.zeros(0, dtype=object), *found])


def numbers(known: Ids, ids: Ids) -> Ints:
    """The numbers of ids among the known ones. Raises ``KeyError``."""
    place = {str(id): number for number, id in enumerate(known)}
    return np.array([place[str(id)] for id in ids], dtype=np.int64)


def copies(program: LinearProgram, columns: Ints, sign: float) -> tuple[Ints, Ints, Floats]:
    """Entries of columns that do what the given ones do (or undo it): (own column, rows, values)."""
    first, count = program.starts[columns], np.diff(program.starts)[columns]
    own = np.repeat(np.arange(len(columns), dtype=np.int64), count)
    entry = np.repeat(first, count) + np.arange(len(own)) - np.repeat(np.cumsum(count) - count, count)
    return own, program.rows[entry], sign * program.values[entry]


def without(program: LinearProgram, name: str, entries: tuple[Ints, Ints, Floats]) -> tuple[Ints, Ints, Floats]:
    """The entries outside a family of rows, which the program may lack."""
    if name not in program.rows_index:
        return entries
    columns, rows, values = entries
    family = program.rows_index[name]
    kept = (rows < family.start) | (rows >= family.stop)
    return columns[kept], rows[kept], values[kept]


def with_rows(
    program: LinearProgram, family: Family, lower: Floats, upper: Floats, entries: list[tuple[Ints, Ints, Floats]]
) -> LinearProgram:
    """The program with one more family of rows; ``entries`` are (row, column, value)."""
    rows, columns, values = join_entries([(program.rows, program.entry_columns, program.values), *entries])
    starts, ordered, values = column_order(columns, rows, values, program.column_count)
    return replace(
        program,
        starts=starts,
        rows=ordered,
        values=values,
        row_lower=np.concatenate([program.row_lower, lower]),
        row_upper=np.concatenate([program.row_upper, upper]),
        rows_index=Index((*program.rows_index.families, family)),
    )
