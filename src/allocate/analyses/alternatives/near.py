"""Plans near the best: for a direction of spending, the plan that goes farthest in it and is almost as good.

A direction is one number per offer; the plan maximises the offers' money weighted by it, among all plans whose
objective is at most a given share below the best. Random directions are drawn by hashing the offers' ids, so that they
are the same for every order of rows and every machine (methods of generating alternatives: Brill, Chang and Hopkins
1982; Lau et al. 2024 compare them).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from statistics import NormalDist

import numpy as np

from allocate.bench.proposals import Answer, proposal, solve_proven, then_best
from allocate.bench.recast import NewColumns, cost_row, extended
from allocate.bench.resolve import Bench
from allocate.model.program import Block, LinearProgram
from allocate.results.allocation import Allocation, cost_at
from allocate.solve.loaded import PRIMAL, LoadedProgram
from allocate.solve.value import cost_of
from allocate.town.arrays import Floats

# The condition on the objective is written in millionths, so that the solver's tolerance on it is small.
MILLION = 1e6


@dataclass(frozen=True)
class Near:
    """All plans of a scenario that are at most ``within`` (share of the objective) worse than the best."""

    bench: Bench
    within: float

    @property
    def least_objective(self) -> float:
        """The objective that every plan here reaches (more is better)."""
        return self.bench.value - self.within * abs(self.bench.value)

    @cached_property
    def program(self) -> LinearProgram:
        """The scenario's rules and the condition on the objective; no objective."""
        own = self.bench.program
        most = (cost_of(self.least_objective) - own.offset) * MILLION
        condition = cost_row("near", own.cost * MILLION, upper=most)
        return replace(extended(own, rows=[condition]), cost=np.zeros(own.column_count), offset=0.0)

    @cached_property
    def _loaded(self) -> LoadedProgram:
        return LoadedProgram(self.program, self.bench.session.limits)

    def spending(self, direction: Floats) -> Floats:
        """Cost vector (minimised) of a direction: minus the offers' money times it, as a share of the budget."""
        town, columns = self.bench.compiled.town, self.bench.columns
        budget = max(town.weights.budget, 1.0)
        cost = np.zeros(self.bench.program.column_count)
        count = len(town.offers.ids)
        unit = town.offers.variable_unit_cost if town.indivisible else town.offers.unit_cost
        cost[columns.capacity : columns.capacity + count] = -unit * direction / budget
        if columns.open is not None:
            cost[columns.open : columns.open + count] = -town.offers.fixed_cost * direction / budget
            own = self.bench.program.columns_index.slice("step")
            cost[own] = -town.steps.cost * direction[town.steps.offer] / budget
        return cost

    def farthest(self, direction: Floats) -> Floats | None:
        """EUR per offer of the plan that goes farthest in a direction; a quick re-solve, to choose among many."""
        everything = np.arange(self.bench.program.column_count)
        self._loaded.change_cost(everything, self.spending(direction))
        warm = self._loaded.basis() is not None and not self.program.is_mixed_integer
        found = self._loaded.solve(method=PRIMAL if warm else None)
        return None if found.x is None else self.money(found.x)

    def money(self, x: Floats) -> Floats:
        """EUR per offer at a point of the program."""
        town, columns = self.bench.compiled.town, self.bench.columns
        count = len(town.offers.ids)
        capacity = x[columns.capacity : columns.capacity + count]
        return cost_at(self.bench.compiled, x, capacity)

    def plan(self, direction: Floats) -> Allocation | None:
        """The plan that goes farthest in a direction: certified, and canonical on its own face."""
        return self.best(replace(self.program, cost=self.spending(direction)))

    def best(self, program: LinearProgram, then: Floats | None = None) -> Allocation | None:
        """The certified, canonical plan of a program that begins with the scenario's columns.

        ``then``: another goal, for the choice among the program's optima.
        """
        limits, name = self.bench.session.limits, self.bench.scenario_id
        if program.is_mixed_integer:
            found = LoadedProgram(program, limits).solve()
            if found.x is None:
                return None
            program = program.with_integers_of(found.x)
        answer: Answer | None = solve_proven(program, limits, scenario=name)
        if answer is None:
            return None
        if then is not None:
            answer = then_best(answer, np.pad(then, (0, program.column_count - len(then))), limits, scenario=name)
        return proposal(self.bench.compiled, answer, limits)

    def fewest_changes(self) -> Allocation | None:
        """The plan that moves the least money between offers, as compared with today (its best one)."""
        town, own = self.bench.compiled.town, self.program
        count, budget = len(town.offers.ids), max(town.weights.budget, 1.0)
        most = (town.offers.baseline_cost + town.cost_of(town.offers.max_capacity)) / budget
        ids = (town.offers.ids,)
        sides = [
            NewColumns(name, ids, np.full(count, 0.5), np.zeros(count), most) for name in ("more_money", "less_money")
        ]
        offers = np.arange(count)
        rows, columns, values = [offers, offers], [own.column_count + offers, own.column_count + count + offers], []
        values += [-np.ones(count), np.ones(count)]
        spent = -self.spending(np.ones(count))
        for first in (self.bench.columns.capacity, self.bench.columns.open):
            if first is not None:
                rows.append(offers)
                columns.append(first + offers)
                values.append(spent[first + offers])
        today = town.offers.baseline_cost / budget
        change = Block(
            "change", ids, today, today, np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
        )
        return self.best(extended(own, sides, [change]), then=self.bench.program.cost)

    def most_equal(self) -> Allocation | None:
        """The plan whose least covered space is covered best (its best one)."""
        cost = np.zeros(self.bench.program.column_count)
        cost[self.bench.program.columns_index["least"].start] = -1.0
        return self.best(replace(self.program, cost=cost), then=self.bench.program.cost)


def hashed_direction(offer_ids: list[str], seed: int, draw: int) -> Floats:
    """A standard normal number per offer, from its id alone."""
    normal = NormalDist()
    digests = [blake2b(f"{seed}\x1f{draw}\x1f{id}".encode(), digest_size=6).digest() for id in offer_ids]
    return np.array([normal.inv_cdf((int.from_bytes(one) + 0.5) / 2.0**48) for one in digests])
