"""Idle money: why a pot keeps money that the proposal does not spend, proven by what would make it useful.

A rule keeps the money of a pot idle if the money would be worth something once that rule is lifted: the best plan
without the rule and with the pot's whole amount is better than the best plan without the rule and with what the
proposal spends. Other pots have what they spend in both, so that two idle pots do not excuse each other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocate.analyses.margins.open_rules import Margins
from allocate.bench.resolve import NOTHING
from allocate.model.rules.register import giving_way, kinds, way_of
from allocate.model.rules.rule import MONEY, OF_OFFER, OF_POT
from allocate.results.columns import Columns
from allocate.results.plan_tables import NOISE
from allocate.town.arrays import Bools, Floats

IDLE_COLUMNS = Columns("pot_id", "unspent_eur", "cause", "worth")
# Less is rounding to whole cents, not idle money (EUR).
IDLE = 1.0
# A cell counts as covered when at most this share of its demand is missing.
COVERED = 1e-6
# Causes that are no rule.
CAUSES = NO_OFFER, COVERED_ALL, DUPLICATES, TOGETHER, NOT_WORTH = (
    "no-offer", "covered", "duplicates", "together", "not-worth",
)  # fmt: skip


def idle_money(margins: Margins) -> pd.DataFrame:
    """One row per idle pot and cause, the weightiest first: ``IDLE_COLUMNS``.

    ``cause`` is a kind of rule (docs/conflicts.md) that keeps the money idle; where no single kind does:
    ``no-offer`` (nothing may be paid from the pot, and lifting its lists would not help), ``covered`` (whatever it may
    pay for reaches only cells whose demand is covered), ``duplicates`` (it would be spent if unwanted duplication were
    not charged), ``together`` (several kinds have to be lifted at once), ``not-worth`` (even without all rules it buys
    nothing worth having). ``worth``: objective points the idle money is worth once the cause is gone (NaN: nothing
    would have to go).
    """
    return IDLE_COLUMNS.of(list(_Idle(margins).rows())).astype({"unspent_eur": float, "worth": float})


class _Idle:
    """The questions about idle money of one scenario; answers that pots share are asked once."""

    def __init__(self, margins: Margins) -> None:
        self.margins = margins
        self.town = margins.bench.compiled.town
        self.kind = margins.widened.rules.kind[margins.widened.relaxers.rule].astype(str)
        plan = margins.bench.plan.pots
        self.spent = np.minimum(plan["spent_eur"].to_numpy(dtype=float), self.town.pot_amount)
        self.idle = self.town.pot_amount - self.spent
        self._without: dict[bytes, float] = {}

    def rows(self) -> Iterator[tuple[str, float, str, float]]:
        for pot in np.flatnonzero(self.idle > IDLE).tolist():
            for cause, worth in self._causes(pot):
                yield str(self.town.pots[pot]), float(self.idle[pot]), cause, worth

    def _causes(self, pot: int) -> list[tuple[str, float]]:
        found = [
            (rule.kind, self._worth(pot, self._relaxers(pot, rule.kind)))
            for rule, way in sorted(giving_way(), key=lambda one: one[1].discussed)
            if way.lever != MONEY
        ]
        useful = sorted((one for one in found if one[1] > NOTHING), key=lambda one: -one[1])
        return useful or [self._otherwise(pot)]

    def _otherwise(self, pot: int) -> tuple[str, float]:
        """The cause where no single kind of rule is one."""
        everything = self._worth(pot, ~np.isin(self.kind, kinds(lambda _, way: way.lever == MONEY)))
        if not self._offers(pot).any():
            return NO_OFFER, everything
        if self._covered(pot):
            return COVERED_ALL, np.nan
        charge = self.margins.without_charge(self._amounts(pot)) - self.margins.without_charge(self.spent)
        if charge > NOTHING:
            return DUPLICATES, charge
        return (TOGETHER, everything) if everything > NOTHING else (NOT_WORTH, np.nan)

    def _offers(self, pot: int) -> Bools:
        """Offers the pot may pay for that have capacity at all."""
        town = self.town
        may = np.zeros(len(town.offers.ids), dtype=bool)
        may[town.funding.offer[(town.funding.pot == pot) & (town.funding.max_share > 0)]] = True
        able: Bools = may & (town.offers.max_capacity > 0)
        return able

    def _relaxers(self, pot: int, kind: str) -> Bools:
        """Relaxers of a kind that stand between a pot and what it could pay for."""
        relaxers = self.margins.widened.relaxers
        own: Bools = self.kind == kind
        between = way_of(kind).between
        if between == OF_POT:
            own = own & (relaxers.pot == pot)
        if between == OF_OFFER:
            own = own & self._offers(pot)[relaxers.offer]
        return own

    def _amounts(self, pot: int) -> Floats:
        """What every pot spends, and all of one pot."""
        amounts: Floats = self.spent.copy()
        amounts[pot] = self.town.pot_amount[pot]
        return amounts

    def _worth(self, pot: int, lifted: Bools) -> float:
        """What the idle money is worth once these relaxers are open; 0 without a solve where the duals prove it."""
        margins, limit = self.margins, self.margins.widened.relaxers.limit
        if not (margins.bounds[lifted] > 0).any():
            return 0.0
        steps = np.where(lifted, limit, 0.0)
        key = lifted.tobytes()
        if key not in self._without:
            self._without[key] = margins.opened(steps, self.spent)[0]
        return max(0.0, margins.opened(steps, self._amounts(pot))[0] - self._without[key])

    def _covered(self, pot: int) -> bool:
        """Whether every cell in reach of the pot's offers is covered."""
        town = self.town
        entries = self._offers(pot)[town.pairs.offer[town.supply.pair]] & (town.supply.rate > NOISE)
        cells = np.unique(town.supply.cell[entries])
        covered = self.margins.bench.plan.coverage["covered"].to_numpy(dtype=float)
        return bool((covered[cells] >= town.cells.demand[cells] * (1 - COVERED)).all())
