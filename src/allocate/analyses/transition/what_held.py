"""What held: which rules kept an offer from changing already in the year before, all else being as the path has it.

The year's part of the path's program, in which only one offer moves: its uses, payments and release, what falls due
once, and the coverage of the cells that it serves; all other offers keep their capacity and their payments. How far can
its capacity go? Where it can go no further, the rows and bounds that have a price prove it, and the register says whose
they are. No kind of rule is named here, so one that is added is found too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from allocate.analyses.transition.solve_path import Solved
from allocate.bench.recast import Part, part
from allocate.errors import CertificateError
from allocate.model.path import family_of
from allocate.model.program import Index, LinearProgram
from allocate.model.rules.bookkeeping import BALANCE
from allocate.model.rules.register import RULES, equation_of, rule_of_rows
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Status
from allocate.town.arrays import Bools, Floats

# Where the offer stands among the keys of a family of columns.
_OFFER = {"use": 0, "capacity": 0, "funding": 1, "release": 0, "set_up": 0, "give_up": 0, "once": 1}
_COVERAGE = ("covered", "reserve", "duplication")
# What is carried on might as well be spent: keeping it was a choice, and no rule.
_CARRY = ("carry", "carried")
# The rows between years that people decide on; the register has the rules of a single year.
_LINKS = {"step": "step_limit"}
# Less than this part of a change counts as none; a price below this is rounding.
_NOTHING, _PRICED = 1e-3, 1e-9


class WhatHeld:
    """Asks the program of a path which rules held its offers back, year by year."""

    def __init__(self, solved: Solved) -> None:
        self.solved = solved
        self._years: dict[int, tuple[LinearProgram, Floats]] = {}

    def by(self, offer: str, place: int, change: float) -> tuple[str, ...]:
        """The rules (``Rule.held_as``) that allow no part of a change in a year; empty where a part was possible.

        ``change``: capacity units, negative where the offer falls. Raises ``CertificateError`` where the solver finds
        no answer.
        """
        if place not in self._years:
            self._years[place] = self._year(place)
        program, x = self._years[place]
        year = self.solved.path.years[place]
        kept = part(program, columns := _moving(program, year, offer), _touched(program, columns))
        small = _standing(program, x, kept)
        capacity = small.columns_index[family_of(year, "capacity")].start
        cost = np.zeros(small.column_count)
        cost[capacity] = -np.sign(change)
        small = replace(small, cost=cost)
        found = LoadedProgram(small).solve(method="simplex")
        if found.status is not Status.OPTIMAL or found.x is None or found.row_dual is None:
            raise CertificateError("plan-not-verified", scenario="", reason=f"{offer} in {year}: {found.status}")
        if abs(found.x[capacity] - x[kept.columns[capacity]]) > _NOTHING * abs(change):
            return ()
        return _priced(small, found.row_dual)

    def _year(self, place: int) -> tuple[LinearProgram, Floats]:
        """One year's part of the program, with what the other years are in its rows, and its part of the point."""
        program, own = self.solved.program, f"{self.solved.path.years[place]}:"
        left_out = {own + name for name in _CARRY}
        columns, rows = (
            _members(index, lambda name: name.startswith(own) and name not in left_out)
            for index in (program.columns_index, program.rows_index)
        )
        kept = part(program, columns, rows)
        return _standing(program, self.solved.x, kept), self.solved.x[kept.columns]


def _members(index: Index, wanted: Callable[[str], bool]) -> Bools:
    """The columns or rows of some families."""
    return np.concatenate([np.full(len(family), wanted(family.name)) for family in index.families])


def _moving(program: LinearProgram, year: int, offer: str) -> Bools:
    """The columns of one offer, the coverage of the cells that it serves, and the least covered space."""
    columns = np.zeros(program.column_count, dtype=bool)
    for name, position in _OFFER.items():
        own = program.columns_index.slice(family_of(year, name))
        if own.stop > own.start:
            columns[own] = program.columns_index[family_of(year, name)].keys[position] == offer
    cells = _touched(program, columns & _members(program.columns_index, lambda name: name == family_of(year, "use")))
    rows = program.rows_index[family_of(year, BALANCE)]
    served = np.zeros(program.row_count, dtype=bool)
    served[rows.slice] = cells[rows.slice]
    reached = np.zeros(program.column_count, dtype=bool)
    reached[program.entry_columns[served[program.rows]]] = True
    kinds = {family_of(year, name) for name in _COVERAGE}
    columns |= reached & _members(program.columns_index, lambda name: name in kinds)
    return columns | _members(program.columns_index, lambda name: name == family_of(year, "least"))


def _touched(program: LinearProgram, columns: Bools) -> Bools:
    """The rows in which some columns have an entry."""
    rows = np.zeros(program.row_count, dtype=bool)
    rows[program.rows[columns[program.entry_columns]]] = True
    return rows


def _standing(program: LinearProgram, x: Floats, kept: Part) -> LinearProgram:
    """A part of a program when all other columns stand where they are; the point itself is always allowed."""
    own = kept.program.activity(x[kept.columns])
    others = program.activity(x)[kept.rows] - own
    return replace(
        kept.program,
        row_lower=np.minimum(kept.program.row_lower - others, own),
        row_upper=np.maximum(kept.program.row_upper - others, own),
    )


def _priced(program: LinearProgram, row_dual: Floats) -> tuple[str, ...]:
    """The rules whose rows or bounds have a price, in the order of the register."""
    found = set()
    for family in program.rows_index.families:
        name = family.name.split(":", 1)[1]
        if np.abs(row_dual[family.slice]).max(initial=0.0) > _PRICED:
            equation = equation_of(name)
            if name in _LINKS:
                found.add(_LINKS[name])
            elif equation is not None and equation.rule:
                found.add(rule_of_rows(name).held_as)
    price = program.reduced_cost(row_dual)
    bounds = [(rule.bound, rule.held_as) for rule in RULES if rule.bound]
    for family in program.columns_index.families:
        for bound, name in bounds:
            # Where less would cost more, a column stands at its upper bound, and the other way round.
            own = price[family.slice] * (-1.0 if bound.is_upper else 1.0)
            if family.name.endswith(f":{bound.columns}") and own.max(initial=0.0) > _PRICED:
                found.add(name)
    return tuple(name for name in (*(rule.held_as for rule in RULES), *_LINKS.values()) if name in found)
