"""Clash: a short irreducible set of rules that no plan can meet together.

Deletion filter (Chinneck and Dravnieks 1991, Locating minimal infeasible constraint sets in linear programs) over the
rules of the town, never over the structure of the model: a rule is dropped for good when the others still clash without
it. What remains is irreducible: with any single member gone, the rest can be met. Only rules that the duals of the
elastic program give a price take part; the same duals prove that these clash by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.analyses.elastic import CLASH, Elastic
from allocate.model.program import Bools, Floats, Ints
from allocate.model.widening import Widened
from allocate.solve.solution import Status

# The order in which rules are tried: what is tried early stays out of the explanation if it can. Money and floors are
# what people discuss, so they come last; a pot's lists are tried while its money still counts.
ORDER = (
    "corridor", "plurality", "reach", "share", "commitment", "capacity", "floor", "moved", "earmark", "pot",
)  # fmt: skip
WORTHLESS = 1e-7


@dataclass(frozen=True)
class Clash:
    """The rules that clash (numbers), ``price`` in EUR of reconciling all rules of the scenario.

    ``irreducible``: every member is needed; ``proven``: the clash of the members was recomputed from the arrays.
    """

    members: Ints
    price: float
    irreducible: bool
    proven: bool


def clash_of(elastic: Elastic) -> Clash | None:
    """The clash of a scenario; None where all rules can be met at once."""
    count = len(elastic.widened.rules)
    none = np.zeros(count, dtype=bool)
    with elastic.loaded.what_if():
        whole = elastic.clash(none)
        if _price(whole.objective, whole.bound) <= CLASH:
            return None
        dropped = elastic.worth(whole) <= WORTHLESS
        search = _Search(elastic, dropped if elastic.clash(dropped).objective > CLASH else none)
        for kind in ORDER:
            search.drop(_small_first(elastic.widened, kind))
        final = elastic.clash(search.dropped)
        proven = elastic.clash_is_proven(search.dropped, final)
    return Clash(np.flatnonzero(~search.dropped), whole.objective, search.certain, proven)


class _Search:
    """Rules dropped so far; ``certain`` until a limit stopped a solve."""

    def __init__(self, elastic: Elastic, dropped: Bools) -> None:
        self.elastic = elastic
        self.dropped = dropped
        self.certain = True

    def drop(self, rules: Ints) -> None:
        """Drop as many of these rules as the clash survives, in halves, so that many idle rules cost few solves."""
        rules = rules[~self.dropped[rules]]
        if not len(rules):
            return
        if self._still_clashes_without(rules):
            self.dropped[rules] = True
        elif len(rules) > 1:
            half = len(rules) // 2
            self.drop(rules[:half])
            self.drop(rules[half:])

    def _still_clashes_without(self, rules: Ints) -> bool:
        trial = self.dropped.copy()
        trial[rules] = True
        found = self.elastic.clash(trial)
        if found.status is Status.OPTIMAL:
            return found.objective > CLASH
        if found.bound > CLASH:
            return True
        self.certain &= found.x is not None and found.objective <= CLASH
        return False


def _price(objective: float, bound: float) -> float:
    """What a clash surely costs: the optimum, or what a stopped solver had proven."""
    return bound if np.isnan(objective) else objective


def _small_first(widened: Widened, kind: str) -> Ints:
    """The rules of one kind, those about little first."""
    rules = np.flatnonzero(widened.rules.of(kind))
    return rules[np.argsort(_sizes(widened)[rules], kind="stable")]


def _sizes(widened: Widened) -> Floats:
    """How much every rule is about, EUR (floors: need units times the need's price)."""
    town, relaxers = widened.compiled.town, widened.relaxers
    kind = widened.rules.kind[relaxers.rule].astype(str)
    size = relaxers.limit.copy()
    offers = (relaxers.offer >= 0) & np.isin(kind, ("capacity", "commitment", "reach", "corridor"))
    capacity = town.offers.unit_cost * town.offers.max_capacity
    size[offers] = capacity[relaxers.offer[offers]]
    needs = relaxers.need >= 0
    size[needs] *= np.maximum(town.needs.price[relaxers.need[needs]], 1e-9)
    pots = kind == "pot"
    size[pots] = town.pot_amount[relaxers.pot[pots]]
    return np.bincount(relaxers.rule, size, minlength=len(widened.rules))
