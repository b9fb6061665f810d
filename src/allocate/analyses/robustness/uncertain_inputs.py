"""The figures of a case that may be wrong: which there are, what hangs on each, the case with one of them changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.bench.weighting import weights_of
from allocate.inputs.case import Case
from allocate.inputs.columns import numbers
from allocate.inputs.in_places import is_in_places
from allocate.inputs.scenario.variant import Variant
from allocate.town.arrays import Floats
from allocate.town.facts import PotFacts

DEMAND, DEMAND_OF_NEED, ALL_DEMAND = "demand", "need_everywhere", "all_demand"
UNIT_COST, ALL_COSTS = "unit_cost", "all_costs"
EFFECT, CAPACITY, POT, WEIGHT = "effect", "capacity", "pot_amount", "need_weight"
KINDS = (DEMAND, DEMAND_OF_NEED, ALL_DEMAND, UNIT_COST, ALL_COSTS, EFFECT, CAPACITY, POT, WEIGHT)
# Figures of one kind that move together are few and always looked at.
TOGETHER = (ALL_DEMAND, ALL_COSTS, DEMAND_OF_NEED, POT, WEIGHT)


@dataclass(frozen=True)
class UncertainInput:
    """One figure, or several that are wrong together: cells of one column of one table, to be multiplied.

    ``key`` as in the table ``changes`` (key columns joined by ``|``, ``*`` = all); ``rows``: positions in the table;
    ``today``: its value, summed over the rows (NaN where that means nothing); ``stake``: EUR/year of the proposal that
    hang on it.
    """

    kind: str
    table: str
    key: str
    column: str
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    today: float
    stake: float

    def tables(self, case: Case, factor: float) -> dict[str, dict[str, Floats]]:
        """The column of the table with the figure multiplied."""
        values = numbers(case, self.table, self.column).copy()
        values[self.rows] *= factor
        return {self.table: {self.column: values}}

    def what_if(self, factor: float) -> str:
        """The same as one line for ``--change``."""
        return f"{self.table}:{self.key}:{self.column}*{factor:.12g}"


def uncertain_inputs(variant: Variant, money: pd.DataFrame) -> list[UncertainInput]:
    """All inputs of a divisible scenario that are not nothing, those with the most money behind them first.

    ``money``: EUR/year of the proposal by ``offer_id``, ``space_id`` and ``need_id`` (the ledger of the plan).
    Capacities count where the offer gets money or none for want of places, so that all are in.
    """
    case = variant.case
    found = [*_demands(case, money), *_offers(case, money), *_effects(case, money), *_pots(case), *_weights(variant)]
    order = sorted(range(len(found)), key=lambda place: (found[place].kind not in TOGETHER, -found[place].stake, place))
    return [found[place] for place in order]


def _demands(case: Case, money: pd.DataFrame) -> Iterator[UncertainInput]:
    table = case["demand"]
    demand = table["demand"].to_numpy(dtype=float)
    rows = np.flatnonzero(demand > 0)
    by_cell = money.groupby(["space_id", "need_id"])["cost_eur"].sum()
    cells = pd.MultiIndex.from_frame(table[["space_id", "need_id"]])
    stake = by_cell.reindex(cells).fillna(0.0).to_numpy(dtype=float)
    spaces, needs = table["space_id"].tolist(), table["need_id"].tolist()
    for row in rows.tolist():
        yield UncertainInput(
            DEMAND, "demand", f"{spaces[row]}|{needs[row]}", "demand", np.array([row]), demand[row], stake[row]
        )
    column = table["need_id"].to_numpy(dtype=object)
    for need in dict.fromkeys(column[rows].tolist()):
        own = rows[column[rows] == need]
        yield UncertainInput(DEMAND_OF_NEED, "demand", f"*|{need}", "demand", own, demand[own].sum(), stake[own].sum())
    if len(rows):
        yield UncertainInput(ALL_DEMAND, "demand", "*", "demand", rows, demand[rows].sum(), stake.sum())


def _offers(case: Case, money: pd.DataFrame) -> Iterator[UncertainInput]:
    table = case["offers"]
    ids = table["offer_id"].tolist()
    stake = money.groupby("offer_id")["cost_eur"].sum().reindex(ids).fillna(0.0).to_numpy(dtype=float)
    # That a place takes one place is no figure that may be wrong.
    costly = not is_in_places(case)
    for kind, column in ((UNIT_COST, "unit_cost"), (CAPACITY, "max_capacity"))[0 if costly else 1 :]:
        values: Floats = table[column].to_numpy(dtype=float)
        for row in np.flatnonzero(values > 0).tolist():
            yield UncertainInput(kind, "offers", ids[row], column, np.array([row]), values[row], stake[row])
    rows = np.flatnonzero(table["unit_cost"].to_numpy(dtype=float) > 0)
    if len(rows) and costly:
        yield UncertainInput(ALL_COSTS, "offers", "*", "unit_cost", rows, math.nan, stake.sum())


def _effects(case: Case, money: pd.DataFrame) -> Iterator[UncertainInput]:
    table = case["effects"]
    values = table["effect"].to_numpy(dtype=float)
    by_pair = money.groupby(["offer_id", "need_id"])["cost_eur"].sum()
    pairs = pd.MultiIndex.from_frame(table[["offer_id", "need_id"]])
    stake = by_pair.reindex(pairs).fillna(0.0).to_numpy(dtype=float)
    offers, needs = table["offer_id"].tolist(), table["need_id"].tolist()
    for row in np.flatnonzero(values > 0).tolist():
        yield UncertainInput(
            EFFECT, "effects", f"{offers[row]}|{needs[row]}", "effect", np.array([row]), values[row], stake[row]
        )


def _pots(case: Case) -> Iterator[UncertainInput]:
    pots = PotFacts(case)
    for row in np.flatnonzero(pots.amount > 0).tolist():
        yield UncertainInput(POT, "pots", pots.ids[row], "amount", np.array([row]), pots.amount[row], pots.amount[row])


def _weights(variant: Variant) -> Iterator[UncertainInput]:
    """Weights of the needs, where they stand: in the scenario's weight set, or else with the need."""
    case, name = variant.case, variant.scenario.weight_set
    sets = case["weight_sets"]
    named = np.flatnonzero(sets["weight_set"].to_numpy(dtype=object) == name) if name else np.zeros(0, dtype=np.int64)
    need_of, weight = sets["need_id"].tolist(), sets["weight"].to_numpy(dtype=float)
    for row in named.tolist():
        if weight[row] > 0:
            key = f"{name}|{need_of[row]}"
            yield UncertainInput(WEIGHT, "weight_sets", key, "weight", np.array([row]), weight[row], math.inf)
    set_apart = {need_of[row] for row in named.tolist()}
    for row, (need, own) in enumerate(weights_of(case).items()):
        if need not in set_apart and own > 0:
            yield UncertainInput(WEIGHT, "needs", need, "weight", np.array([row]), own, math.inf)
