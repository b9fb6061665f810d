"""Clash: a short irreducible set of rules that no plan can meet together.

Deletion filter (Chinneck and Dravnieks 1991, Locating minimal infeasible constraint sets in linear programs) over the
rules of the town, never over the structure of the model: a rule is dropped for good when the others still clash without
it. What remains is irreducible: with any single member gone, the rest can be met. Only rules that the duals of the
elastic program give a price take part; the same duals prove that these clash by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.analyses.conflicts.elastic import CLASH, Elastic
from allocate.analyses.remarks import Remark
from allocate.bench.widening import Widened
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.model.own_rules import own_names, own_of
from allocate.model.rules.bookkeeping import PAYER
from allocate.model.rules.register import giving_way
from allocate.model.rules.rule import CAPACITY_UNITS, MONEY, NEED_UNITS, POSTS
from allocate.solve.solution import Solution, Status
from allocate.town.arrays import Floats, Ints

WORTHLESS = 1e-7
HANDFUL = 6
# After so many solves the set is shown as it is, and said to be perhaps not the shortest.
MOST_SOLVES = 300


@dataclass(frozen=True)
class Clash:
    """The rules that clash (numbers), ``price`` in EUR of reconciling all rules of the scenario.

    ``irreducible``: every member is needed; ``proven``: the clash of the members was recomputed from the arrays;
    ``uses_money``: the proof rests on what money can pay for, so the pots' lists belong to the explanation.
    """

    members: Ints
    price: float
    irreducible: bool
    proven: bool
    uses_money: bool


def clash_of(elastic: Elastic) -> Clash | None:
    """The clash of a scenario; None where all rules can be met at once.

    Own rules never give way. Raises ``UsageError`` ``own-alone`` where they leave no plan whichever rule does.
    """
    none = np.zeros(len(elastic.widened.rules), dtype=bool)
    whole, own = elastic.clash(none), own_of(elastic.widened.compiled.variant.case)
    if own is not None and whole.status is Status.INFEASIBLE:
        raise UsageError("own-alone", place="extra", names=own_names(elastic.widened.compiled.variant.case))
    if _price(whole) <= CLASH:
        return None
    search = _Search(elastic, whole)
    # What is tried early stays out of the explanation if it can.
    for rule, _ in sorted(giving_way(), key=lambda one: one[1].tried):
        search.drop(_small_first(elastic.widened, rule.kind))
    proven = elastic.clash_is_proven(search.dropped, search.found)
    members = np.flatnonzero(~search.dropped)
    return Clash(members, _price(whole), search.certain, proven, uses_money(elastic, search.found))


def under_own_rules(case: Case) -> tuple[Remark, ...]:
    """That the own rules of a case, where it has any, do not give way in a clash and may be its cause."""
    names = own_names(case)
    return (Remark("conflicts/texts.csv", "conflict.own", {"names": names}),) if names else ()


class _Search:
    """Rules dropped so far and the last proof that the others clash; ``certain`` until a limit stopped a solve."""

    def __init__(self, elastic: Elastic, whole: Solution) -> None:
        self.elastic = elastic
        self.dropped = np.zeros(len(elastic.widened.rules), dtype=bool)
        self.found = whole
        self.certain = True
        self.asked = 0
        self._drop_idle()

    def drop(self, rules: Ints) -> None:
        """Drop as many of these rules as the clash survives, in halves, so that many idle rules cost few solves.

        A handful is tried one by one: after the idle ones have gone, most of the rest are needed.
        """
        rules = rules[~self.dropped[rules]]
        if not len(rules):
            return
        whole = len(rules) == 1 or len(rules) > HANDFUL or self.found.row_dual is None
        if whole and self._survives(rules):
            return
        if len(rules) > 1:
            half = len(rules) // 2 if whole else 1
            self.drop(rules[:half])
            self.drop(rules[half:])

    def _survives(self, rules: Ints) -> bool:
        """Drop the rules for good if the others still clash without them."""
        if self.asked >= MOST_SOLVES:
            self.certain = False
            return False
        self.asked += 1
        trial = self.dropped.copy()
        trial[rules] = True
        found = self.elastic.clash(trial)
        clashes = _price(found) > CLASH
        if clashes:
            self.dropped, self.found = trial, found
            self._drop_idle()
        elif found.status is not Status.OPTIMAL and not found.objective <= CLASH:
            self.certain = False
        return clashes

    def _drop_idle(self) -> None:
        """Rules that the duals give no price take no part: the same duals prove the clash without them."""
        if self.found.row_dual is not None:
            self.dropped |= self.elastic.worth(self.found) <= WORTHLESS


def uses_money(elastic: Elastic, found: Solution) -> bool:
    """Whether "every euro has a payer" has a price in the proof; taken for granted where there are no duals."""
    if found.row_dual is None:
        return True
    # In the program of a path every year has rows of its own, called 2028:payer.
    paying = [one.slice for one in elastic.program.rows_index.families if one.name.rpartition(":")[2] == PAYER]
    return any(bool((np.abs(found.row_dual[rows]) > WORTHLESS).any()) for rows in paying)


def _price(found: Solution) -> float:
    """What a clash surely costs, EUR: the optimum, or the bound that a stopped solver had proven."""
    return found.objective if found.status is Status.OPTIMAL else found.bound


def _small_first(widened: Widened, kind: str) -> Ints:
    """The rules of one kind, those about little first."""
    rules = np.flatnonzero(widened.rules.of(kind))
    return rules[np.argsort(_sizes(widened)[rules], kind="stable")]


def _sizes(widened: Widened) -> Floats:
    """How much every rule is about, EUR (of need units: times the need's price)."""
    town, relaxers = widened.compiled.town, widened.relaxers
    kind = widened.rules.kind[relaxers.rule].astype(str)
    size = relaxers.limit.copy()
    whole = town.offers.unit_cost * town.offers.max_capacity
    for rule, way in giving_way():
        own = kind == rule.kind
        if rule.unit == CAPACITY_UNITS:
            size[own] = whole[relaxers.offer[own]]
        elif rule.unit == POSTS:
            size[own] *= town.offers.cost_of_post[relaxers.offer[own]]
        elif rule.unit == NEED_UNITS:
            size[own] *= np.maximum(town.needs.price[relaxers.need[own]], 1e-9)
        elif way.lever == MONEY:
            size[own] = town.pot_amount[relaxers.pot[own]]
    return np.bincount(relaxers.rule, size, minlength=len(widened.rules))
