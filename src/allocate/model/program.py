"""LinearProgram: the model as arrays, always minimised, every column and row with its domain ids.

    minimise  cost @ x + offset
    subject to  row_lower <= A x <= row_upper,   lower <= x <= upper      (every column bound is finite)

``A`` is held column by column (``starts``, ``rows``, ``values``). Columns and rows belong to families
(``"x"``, ``"pot"``, ...), each a contiguous range whose members carry keys of domain ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import blake2b

import numpy as np

from allocate.inputs.kept import close
from allocate.town.arrays import Bools, Floats, Ids, Ints


@dataclass(frozen=True)
class Family:
    """A contiguous range of columns or rows of one meaning.

    ``keys`` is one array of ids per key part (offer ids, space ids, ...), all as long as the range.
    """

    name: str
    start: int
    keys: tuple[Ids, ...]

    @property
    def stop(self) -> int:
        return self.start + len(self)

    @property
    def slice(self) -> slice:
        return slice(self.start, self.stop)

    def __len__(self) -> int:
        return len(self.keys[0]) if self.keys else 0

    def key(self, position: int) -> tuple[str, ...]:
        """The domain ids of one member, by its place within the family."""
        return tuple(str(part[position]) for part in self.keys)

    @cached_property
    def position(self) -> dict[tuple[str, ...], int]:
        """Domain ids -> place within the family."""
        return {self.key(i): i for i in range(len(self))}

    @cached_property
    def hashes(self) -> Floats:
        """A number in 0..1 for each member, drawn from its name and ids: the same on every machine."""
        parts = [part.tolist() for part in self.keys]
        return np.array([_hash((self.name, *map(str, key))) for key in zip(*parts, strict=True)], dtype=float)


@lru_cache(maxsize=1_000_000)
def _hash(label: tuple[str, ...]) -> float:
    """Remembered, because one analysis asks for the canonical plans of many variants with the same labels."""
    return int.from_bytes(blake2b("\x1f".join(label).encode(), digest_size=6).digest()) / 2.0**48


@dataclass(frozen=True)
class Index:
    """All families of one side (columns or rows) of a program, in order."""

    families: tuple[Family, ...]

    def __getitem__(self, name: str) -> Family:
        for family in self.families:
            if family.name == name:
                return family
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(family.name == name for family in self.families)

    def __len__(self) -> int:
        return self.families[-1].stop if self.families else 0

    def slice(self, name: str) -> slice:
        """The range of a family; empty where the program has none of that name."""
        return self[name].slice if name in self else slice(0, 0)

    def at(self, name: str, *key: str) -> int:
        """The number of one column or row, by family and domain ids. Raises ``KeyError``."""
        family = self[name]
        return family.start + family.position[key]

    def label(self, number: int) -> tuple[str, ...]:
        """Family name and domain ids of one column or row."""
        for family in self.families:
            if family.start <= number < family.stop:
                return (family.name, *family.key(number - family.start))
        raise IndexError(number)

    def labels_at(self, numbers: Ints) -> list[tuple[str, ...]]:
        """Labels of some columns or rows; quicker than one by one."""
        starts = np.array([family.start for family in self.families], dtype=np.int64)
        member = np.searchsorted(starts, numbers, side="right") - 1
        found = np.empty(len(numbers), dtype=object)
        for place in np.unique(member).tolist():
            family, own = self.families[place], np.flatnonzero(member == place)
            parts = [part[numbers[own] - family.start].tolist() for part in family.keys]
            for position, key in zip(own.tolist(), zip(*parts, strict=True), strict=True):
                found[position] = (family.name, *map(str, key))
        return found.tolist()

    def hashes_at(self, numbers: Ints) -> Floats:
        """The numbers drawn for some columns or rows."""
        found = np.empty(len(numbers))
        for family in self.families:
            own = (numbers >= family.start) & (numbers < family.stop)
            if own.any():
                found[own] = family.hashes[numbers[own] - family.start]
        return found

    def labels(self) -> Iterable[tuple[str, ...]]:
        """Labels of all columns or rows, in order."""
        for family in self.families:
            for i in range(len(family)):
                yield (family.name, *family.key(i))


@dataclass(frozen=True)
class LinearProgram:
    """A linear or mixed-integer program, always minimised. ``objective of planning = -(cost @ x + offset)``."""

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: Ints
    rows: Ints
    values: Floats
    columns_index: Index
    rows_index: Index
    integer: Bools
    offset: float = 0.0

    def __post_init__(self) -> None:
        close(self)

    @property
    def column_count(self) -> int:
        return len(self.cost)

    @property
    def row_count(self) -> int:
        return len(self.row_lower)

    @property
    def is_mixed_integer(self) -> bool:
        return bool(self.integer.any())

    @cached_property
    def entry_columns(self) -> Ints:
        """The column of every stored entry, beside ``rows`` and ``values``."""
        return np.repeat(np.arange(self.column_count, dtype=np.int64), np.diff(self.starts))

    def activity(self, x: Floats) -> Floats:
        """A x."""
        return np.bincount(self.rows, self.values * x[self.entry_columns], minlength=self.row_count)

    def reduced_cost(self, row_dual: Floats) -> Floats:
        """cost - A' y."""
        priced = self.values * row_dual[self.rows]
        return self.cost - np.bincount(self.entry_columns, priced, minlength=self.column_count)

    def objective(self, x: Floats) -> float:
        """cost @ x + offset (to be minimised)."""
        return float((self.cost * x).sum()) + self.offset

    def with_integers_of(self, x: Floats) -> LinearProgram:
        """The linear program that remains when the integer columns keep their values in ``x``."""
        whole = np.round(x)
        return replace(
            self,
            lower=np.where(self.integer, whole, self.lower),
            upper=np.where(self.integer, whole, self.upper),
            integer=np.zeros_like(self.integer),
        )

    def entries_of(self, columns: Ints) -> tuple[Ints, Ints, Floats]:
        """The stored entries of some columns: where each begins (and the last ends), rows and values."""
        sizes = np.diff(self.starts)[columns]
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
        places = np.repeat(self.starts[:-1][columns] - starts[:-1], sizes) + np.arange(int(starts[-1]))
        return starts, self.rows[places], self.values[places]

    def on(self, columns: Bools, rows: Bools | None = None) -> LinearProgram:
        """The program on some columns and rows (None: all, which keep their ids), without the ids of the others."""
        starts, entry_rows, values = self.entries_of(np.flatnonzero(columns))
        part = replace(
            self,
            cost=self.cost[columns],
            lower=self.lower[columns],
            upper=self.upper[columns],
            integer=self.integer[columns],
            starts=starts,
            rows=entry_rows,
            values=values,
            columns_index=Index(()),
        )
        if rows is None:
            return part
        inside = rows[entry_rows]
        return replace(
            part,
            row_lower=self.row_lower[rows],
            row_upper=self.row_upper[rows],
            starts=np.append(0, np.cumsum(inside))[starts],
            rows=(np.cumsum(rows) - 1)[entry_rows[inside]],
            values=values[inside],
            rows_index=Index(()),
        )

    def relaxed(self) -> LinearProgram:
        """The same program without integrality."""
        return replace(self, integer=np.zeros_like(self.integer))

    def with_row(self, name: str, columns: Ints, values: Floats, lower: float, upper: float) -> LinearProgram:
        """The program with one more row, ``lower <= values @ x[columns] <= upper``, in a family of its own."""
        own = np.full(len(columns), self.row_count, dtype=np.int64)
        starts, rows, ordered = column_order(
            np.concatenate([self.entry_columns, columns]),
            np.concatenate([self.rows, own]),
            np.concatenate([self.values, values]),
            self.column_count,
        )
        family = Family(name, self.row_count, (np.array([name], dtype=object),))
        return replace(
            self,
            starts=starts,
            rows=rows,
            values=ordered,
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
            rows_index=Index((*self.rows_index.families, family)),
        )


@dataclass(frozen=True)
class Block:
    """One equation family: rows with their bounds and entries; columns are numbered over the whole program.

    Entry ``k`` puts ``values[k]`` in row ``rows[k]`` (counted within the block) and column ``columns[k]``.
    """

    name: str
    keys: tuple[Ids, ...]
    lower: Floats
    upper: Floats
    rows: Ints
    columns: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.lower)


def join_entries(parts: Sequence[tuple[Ints, Ints, Floats]]) -> tuple[Ints, Ints, Floats]:
    """Concatenate (rows, columns, values) triples of one block."""
    rows, columns, values = zip(*parts, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def column_order(columns: Ints, rows: Ints, values: Floats, column_count: int) -> tuple[Ints, Ints, Floats]:
    """Bring entries into column order: (starts, rows, values), within a column in the order in which they are given.

    Each (row, column) must occur at most once.
    """
    # A stable sort uses the order that blocks already have, which is several times faster than sorting by two keys.
    order = np.argsort(columns, kind="stable")
    starts = np.zeros(column_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(columns, minlength=column_count), out=starts[1:])
    return starts, rows[order], values[order]
