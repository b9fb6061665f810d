"""Elastic: what it costs, in euros, to let rules give way until a plan exists.

Every rule may give way for a price (Chinneck 2008, Feasibility and infeasibility in optimization, elastic programming).
The prices make a cheapest repair comparable across rules; they are conventions, not costs of a plan:

    rules in euros            1 EUR per EUR; a funder's shares and co-financing 3 EUR (``per_euro``)
    rules in need units       what the cheapest suitable offer takes for one need unit (price[n] of docs/model.md)
    rules in capacity units   three times the offer's unit cost per capacity unit
    rules in posts            three times what the places of a post cost
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from allocate.bench.widening import Widened
from allocate.model.program import LinearProgram
from allocate.model.rules.register import giving_way
from allocate.model.rules.rule import CAPACITY_UNITS, NEED_UNITS, POSTS
from allocate.solve.certify import certify, dual_bound, proves_infeasible
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.value import worth_of
from allocate.town.arrays import Bools, Floats

PER_UNIT_COST = 3.0
# Equal prices are told apart by a hash of the rule's id, so that the cheapest repair does not depend on the solver.
HASH_SPREAD = 1e-5
# Rules clash when letting them give way costs more than this, EUR; less is the rounding of a solver.
CLASH = 0.05
# The proven bound of a cheapest repair may lie this far from it, as a share.
CHEAPEST = 1e-4


@dataclass(frozen=True)
class Relaxation:
    """A way to let rules give way: steps per relaxer in its rule's unit, the point it allows, its price in EUR.

    ``cheapest`` is True where duality proves that no cheaper one exists among the rules that were allowed to give way
    (of an indivisible scenario: where the solver says so).
    """

    steps: Floats
    x: Floats
    price: float
    cheapest: bool


class Impossible:
    """No plan exists however far the allowed rules give way."""


class Undecided:
    """A limit stopped the solver before it knew."""


class Elastic:
    """The widened program of a scenario with priced relaxers, held in the solver."""

    def __init__(self, widened: Widened, limits: Limits | None = None) -> None:
        self.widened = widened
        self.price = prices(widened)
        relaxers = widened.relaxers
        cost = np.zeros(widened.program.column_count)
        cost[relaxers.column] = self.price
        self.program = replace(widened.opened(relaxers.limit), cost=cost)
        self.loaded = LoadedProgram(self.program, limits)

    def cheapest(self, allowed: Bools, dropped: Bools | None = None) -> Relaxation | Impossible | Undecided:
        """The cheapest way out in which only the allowed rules give way.

        ``allowed`` and ``dropped`` per rule; dropped rules do not count at all.
        """
        may, free = self._chosen(allowed, dropped)
        found = self._answer(may, free)
        if found.x is None:
            return Impossible() if found.status is Status.INFEASIBLE else Undecided()
        x = found.x[: self.program.column_count]
        steps = np.where(free, 0.0, np.clip(x[self.widened.relaxers.column], 0.0, None))
        price = float(self.price @ steps)
        proven = self._bound(found, may, free) >= price * (1.0 - CHEAPEST) - CLASH
        return Relaxation(steps, x, price, proven)

    def clash(self, dropped: Bools) -> Solution:
        """The least price at which the rules that are not dropped can be reconciled, as ``objective`` (0: they can)."""
        everything = np.ones(len(self.price), dtype=bool)
        return self._answer(everything, dropped[self.widened.relaxers.rule])

    def worth(self, found: Solution) -> Floats:
        """Per rule: what one unit of giving way would be worth at this solution's duals, as a share of its price.

        Rules worth nothing take no part in the clash: with them dropped, the same duals still prove it.
        """
        relaxers = self.widened.relaxers
        if found.row_dual is None:
            return np.ones(len(self.widened.rules))
        free = replace(self.program, cost=np.zeros(self.program.column_count))
        reduced = free.reduced_cost(found.row_dual[: self.program.row_count])[relaxers.column]
        share = worth_of(reduced) / self.price
        worth = np.zeros(len(self.widened.rules))
        np.maximum.at(worth, relaxers.rule, share)
        return worth

    def clash_is_proven(self, dropped: Bools, found: Solution) -> bool:
        """Whether the duals prove, from the arrays alone, that the rules that are not dropped clash.

        Asked with the rules of a lever dropped, it proves that the lever cannot be enough however far it goes.
        """
        if found.row_dual is None or self.program.is_mixed_integer:
            return False
        free = dropped[self.widened.relaxers.rule]
        hard = self.widened.opened(np.where(free, self.widened.relaxers.limit, 0.0))
        return proves_infeasible(hard, found.row_dual)

    def _chosen(self, allowed: Bools, dropped: Bools | None) -> tuple[Bools, Bools]:
        rule = self.widened.relaxers.rule
        free = np.zeros(len(rule), dtype=bool) if dropped is None else dropped[rule]
        return allowed[rule] | free, free

    def _answer(self, may: Bools, free: Bools) -> Solution:
        """Solve from scratch with only some relaxers open and some of them free of charge.

        Presolve removes nearly all of so thin an objective, which beats any old basis (on a town of 800 offers 0.1 to
        0.4 s against up to 12 s from the last basis), and the answer does not depend on the questions before.
        """
        relaxers = self.widened.relaxers
        self.loaded.change_bounds(relaxers.column, np.zeros(len(may)), np.where(may, relaxers.limit, 0.0))
        self.loaded.change_cost(relaxers.column, np.where(free, 0.0, self.price))
        return self.loaded.solve(warm=False, method="simplex")

    def _bound(self, found: Solution, may: Bools, free: Bools) -> float:
        if self.program.is_mixed_integer:
            return found.bound
        if found.row_dual is None:
            return -np.inf
        return dual_bound(self._as_solved(may, free), found.row_dual)

    def _as_solved(self, may: Bools, free: Bools) -> LinearProgram:
        relaxers = self.widened.relaxers
        cost = self.program.cost.copy()
        cost[relaxers.column] = np.where(free, 0.0, self.price)
        return replace(self.widened.opened(np.where(may, relaxers.limit, 0.0)), cost=cost)


def is_feasible(program: LinearProgram, x: Floats) -> bool:
    """Whether a point meets every row and bound, recomputed from the arrays."""
    return certify(program, x, None, within=np.inf).verified


def prices(widened: Widened) -> Floats:
    """EUR per unit of every relaxer (the table above), all positive."""
    town, relaxers, rules = widened.compiled.town, widened.relaxers, widened.rules
    kind = rules.kind[relaxers.rule].astype(str)
    per_unit = {
        CAPACITY_UNITS: (PER_UNIT_COST * _positive(town.offers.unit_cost), relaxers.offer),
        NEED_UNITS: (_positive(town.needs.price), relaxers.need),
        POSTS: (PER_UNIT_COST * _positive(town.offers.cost_of_post), relaxers.offer),
    }
    price = np.ones(len(kind))
    for rule, way in giving_way():
        own = kind == rule.kind
        values, of = per_unit.get(rule.unit, (None, None))
        price[own] = way.per_euro if values is None or of is None else values[of[own]]
    labels = zip(kind, rules.id[relaxers.rule], rules.place[relaxers.rule], strict=True)
    return price * (1.0 + HASH_SPREAD * np.array([_hash("\x1f".join(label)) for label in labels]))


def _positive(values: Floats) -> Floats:
    """A price of nothing would let a rule give way without limit; it counts as the typical positive one."""
    positive = values[values > 0]
    typical = float(np.median(positive)) if len(positive) else 1.0
    return np.where(values > 0, values, typical)


def _hash(label: str) -> float:
    return int.from_bytes(blake2b(label.encode(), digest_size=6).digest()) / 2.0**48
