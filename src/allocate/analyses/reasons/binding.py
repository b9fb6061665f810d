"""What binds an offer: the rules that are tight at the proposal, and what a little more room is worth.

Which rules are tight is read off the proposal; whether a tight rule matters is decided by solving again with a step of
room, because at the round numbers of real budgets a solver's dual is only one of many answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from allocate.bench.resolve import NOTHING, Bench, Hold
from allocate.inputs.in_places import is_in_places
from allocate.model.rules import capacity, commitment, reach
from allocate.model.rules.floor import FLOOR_ROWS
from allocate.model.rules.reach import own_limit
from allocate.model.rules.register import rule_of_rows, tight_rules
from allocate.model.rules.rule import CAPACITY_UNITS, EUR, STEP
from allocate.results.told import Told
from allocate.town.arrays import Bools, Floats, Ints

# A rule counts as tight when at most this share of its size is left.
TIGHT = 1e-7
# What binds an offer without being anybody's rule.
NO_RULE = NO_PAYER, CELLS_FULL = "no_payer", "cells_full"
UNIT = STEP[CAPACITY_UNITS]


@dataclass(frozen=True)
class Binding(Told):
    """A rule that is tight at the proposal.

    ``rule``: ``no_payer``, ``cells_full``, the full bound of a rule (``capacity_full`` ...), or a family of rows
    (``pot``, ``floor``, ``share_of_each`` ...: docs/rules.md). ``key``: ids, most general first. ``limit`` in the
    rule's unit (EUR, capacity units, need units; for ``cells_full`` the number of full cells in reach). ``gain``:
    objective points that ``step`` more room brings, from a re-solve; NaN where it was not asked.
    """

    JSON: ClassVar = ("rule", "key", "limit", "step", "gain", "matters")

    rule: str
    key: tuple[str, ...]
    limit: float
    step: float = math.nan
    gain: float = math.nan

    @property
    def matters(self) -> bool:
        """Whether more room would change the proposal for the better."""
        return self.gain > NOTHING


class TightRules:
    """Tight rules of one bench's proposal; what a rule's room is worth is asked once and kept."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._gains: dict[tuple[bool, int], float] = {}
        self._own_limit = own_limit(bench.compiled)
        program = bench.program
        x = bench.plan_x if not bench.is_mixed_integer else _or(bench.optimum.x, bench.plan_x)
        self._x = x
        activity = program.activity(x)
        size = np.bincount(program.rows, np.abs(program.values * x[program.entry_columns]), minlength=program.row_count)
        room = TIGHT * np.maximum(size, 1.0)
        with np.errstate(invalid="ignore"):
            self._at_lower: Bools = (activity - program.row_lower <= room) & np.isfinite(program.row_lower)
            self._at_upper: Bools = (program.row_upper - activity <= room) & np.isfinite(program.row_upper)

    def of_offer(self, offer: int, *, ask: bool = True) -> tuple[Binding, ...]:
        """Everything that binds an offer, what matters first; ``ask=False`` leaves the gains open."""
        town = self.bench.compiled.town
        found = [*self._own_bounds(offer, ask), *self._rows(offer, ask)]
        if not (town.funding.offer == offer).any():
            found.insert(0, Binding(NO_PAYER, (str(town.offers.ids[offer]),), 0.0))
        full = self._full_cells(offer)
        if full:
            found.append(Binding(CELLS_FULL, (str(town.offers.ids[offer]),), float(full)))
        return tuple(sorted(found, key=lambda one: not one.matters))

    def of_rows(self, family: str, *, ask: bool = True) -> tuple[Binding, ...]:
        """The tight rules of one family."""
        index = self.bench.program.rows_index
        if family not in index:
            return ()
        numbers = np.arange(index[family].start, index[family].stop)
        return tuple(self._binding(row, ask) for row in numbers[self._tight(numbers)].tolist())

    def asked(self, one: Binding) -> Binding:
        """The same tight row with what a step of room brings."""
        return self._binding(self.bench.program.rows_index.at(one.rule, *one.key), ask=True)

    def _own_bounds(self, offer: int, ask: bool) -> list[Binding]:
        bench, program, town = self.bench, self.bench.program, self.bench.compiled.town
        offer_id, found = str(town.offers.ids[offer]), []
        number = bench.columns.capacity + offer
        level, lower, upper = self._x[number], program.lower[number], program.upper[number]
        room = TIGHT * max(1.0, upper)
        full = upper - level <= room
        if full:
            found.append(self._full(offer, float(upper), ask))
        elif lower > 0 and level - lower <= room:
            found.append(self._bound(commitment.FULL, (offer_id,), number, lower, -min(UNIT, lower), ask))
        for pair in np.flatnonzero((town.pairs.offer == offer) & (town.pairs.serves < 0)).tolist():
            most = town.pairs.max_capacity[pair]
            column = bench.columns.use + pair
            if most < upper - room and most - self._x[column] <= room:
                key = (offer_id, str(town.spaces.ids[town.pairs.space[pair]]))
                found.append(self._bound(reach.FULL, key, column, float(most), UNIT, ask))
        return found

    def _full(self, offer: int, limit: float, ask: bool) -> Binding:
        """An offer without free places; one place more also lifts the bounds that follow from its capacity."""
        bench, town = self.bench, self.bench.compiled.town
        key = (str(town.offers.ids[offer]),)
        if not ask or bench.is_mixed_integer:
            return Binding(capacity.FULL, key, limit)
        uses = np.flatnonzero((town.pairs.offer == offer) & ~self._own_limit)
        paid = np.flatnonzero(town.funding.offer == offer)
        supplied = np.flatnonzero(town.pairs.offer[town.supply.pair] == offer)
        index = bench.program.columns_index
        columns = np.concatenate([
            [bench.columns.capacity + offer], bench.columns.use + uses, bench.columns.funding + paid,
            index["duplication"].start + np.unique(town.supply.cell[supplied]),
        ])  # fmt: skip
        more = np.concatenate([
            [UNIT], np.full(len(uses), UNIT), np.full(len(paid), UNIT * town.offers.unit_cost[offer]),
            np.full(len(columns) - 1 - len(uses) - len(paid), UNIT * town.supply.rate[supplied].max(initial=0.0)),
        ])  # fmt: skip
        program = bench.program
        holds = [Hold(columns, program.lower[columns], program.upper[columns] + more)]
        sums = program.rows_index.slice(reach.SUM)
        derived = sums.start + np.flatnonzero(np.isin(town.pairs.divided, uses))
        if len(derived):
            holds.append(Hold(derived, program.row_lower[derived], program.row_upper[derived] + UNIT, rows=True))
        return Binding(capacity.FULL, key, limit, UNIT, self._gain((False, int(columns[0])), *holds))

    def _rows(self, offer: int, ask: bool) -> list[Binding]:
        """Tight rules that the offer's own columns stand in, and floors in the cells it serves."""
        program, town, columns = self.bench.program, self.bench.compiled.town, self.bench.columns
        own = np.zeros(program.column_count, dtype=bool)
        pairs = np.flatnonzero(town.pairs.offer == offer)
        own[columns.use + pairs] = True
        own[columns.capacity + offer] = own[columns.release + offer] = True
        own[columns.funding + np.flatnonzero(town.funding.offer == offer)] = True
        touched = np.unique(program.rows[own[program.entry_columns]])
        found: list[Binding] = []
        for equation in tight_rules():
            where = program.rows_index.slice(equation.name)
            numbers = touched[(touched >= where.start) & (touched < where.stop)]
            if equation.name == FLOOR_ROWS:
                numbers = self._floors(offer)
            if equation.name == reach.SUM:
                # Where a space may use all that the offer has, the offer's own limit is the rule.
                numbers = numbers[program.row_upper[numbers] < program.upper[columns.capacity + offer]]
            found += [self._binding(row, ask) for row in numbers[self._tight(numbers)].tolist()]
        return found

    def _floors(self, offer: int) -> Ints:
        """Rows of the enforced floors that hold in a cell the offer can supply."""
        town, floors = self.bench.compiled.town, self.bench.compiled.floors
        cells = np.unique(town.supply.cell[town.pairs.offer[town.supply.pair] == offer])
        served = np.unique(floors.entry_floor[np.isin(floors.entry_cell, cells)])
        row_of = np.cumsum(floors.enforced) - 1
        served = served[floors.enforced[served]]
        rows: Ints = (self.bench.program.rows_index.slice(FLOOR_ROWS).start + row_of[served]).astype(np.int64)
        return rows

    def _full_cells(self, offer: int) -> int:
        """How many of the cells the offer reaches are covered completely."""
        town, use = self.bench.compiled.town, self.bench.program.columns_index.slice("use")
        cells = np.unique(town.supply.cell[town.pairs.offer[town.supply.pair] == offer])
        demand = town.cells.demand[cells]
        supply = town.supply_of(np.maximum(self._x[use], 0.0))[cells]
        return int((supply >= demand * (1 - TIGHT)).sum())

    def _tight(self, rows: Ints) -> Bools:
        tight: Bools = self._at_lower[rows] | self._at_upper[rows]
        return tight

    def _binding(self, row: int, ask: bool) -> Binding:
        program = self.bench.program
        family, *key = program.rows_index.label(row)
        upper = bool(self._at_upper[row]) and np.isfinite(program.row_upper[row])
        limit = float(program.row_upper[row] if upper else program.row_lower[row])
        unit = rule_of_rows(family).unit
        # Where there is no money a place is the least there is to give way by.
        size = UNIT if unit == EUR and is_in_places(self.bench.compiled.variant.case) else STEP[unit]
        step = size if upper else -size
        if not ask:
            return Binding(family, tuple(key), limit)
        hold = Hold.row(row, program.row_lower[row] + min(step, 0.0), program.row_upper[row] + max(step, 0.0))
        return Binding(family, tuple(key), limit, step, self._gain((True, row), hold))

    def _bound(self, rule: str, key: tuple[str, ...], column: int, limit: float, step: float, ask: bool) -> Binding:
        if not ask:
            return Binding(rule, key, float(limit))
        program = self.bench.program
        hold = Hold.column(column, program.lower[column] + min(step, 0.0), program.upper[column] + max(step, 0.0))
        return Binding(rule, key, float(limit), step, self._gain((False, column), hold))

    def _gain(self, kept: tuple[bool, int], *holds: Hold) -> float:
        if kept not in self._gains:
            gain = self.bench.gain(*holds)
            self._gains[kept] = 0.0 if abs(gain) <= NOTHING else gain
        return self._gains[kept]


def _or(first: Floats | None, second: Floats) -> Floats:
    return second if first is None else first
