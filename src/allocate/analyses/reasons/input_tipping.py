"""How much demand or weight would tip an offer: figures that change the yardstick itself.

With another demand or weight every plan is judged differently, so a held level is compared with the best plan *under
the same changed figure*, compiled anew. The answer need not be monotone; it is searched outwards from today's figure
and the first change is narrowed to one per cent, with the loss on both sides as evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from allocate.analyses.reasons.breakeven import Case, Tipping
from allocate.analyses.reasons.tipping import first_change
from allocate.analyses.resolving.resolve import NOTHING, Bench, Hold, outcome_of
from allocate.inputs.scenario import Variant
from allocate.model.compile import compile_variant
from allocate.model.program import Floats
from allocate.solve.loaded import LoadedProgram

UPWARDS: Floats = np.array([1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0])
DOWNWARDS: Floats = np.array([1.0, 0.9, 0.75, 0.5, 0.25, 0.1, 0.0])


def input_tippings(bench: Bench, offer: int, case: Case) -> Iterator[Tipping]:
    """Demand in the spaces the offer reaches, and weight, of the need it covers best."""
    town = bench.compiled.town
    own = town.pairs.offer[town.supply.pair] == offer
    if not own.any():
        return
    need = int(town.cells.need[town.supply.cell[own]][np.argmax(town.supply.rate[own])])
    need_id = str(town.needs.ids[need])
    spaces = [str(one) for one in town.spaces.ids[np.unique(town.pairs.space[town.pairs.offer == offer])]]
    least = case.level if case.rising else min(case.level, _today(bench, offer))
    holds = bench.level(offer, least=least)
    for parameter in ("demand", "weight"):
        question = _Question(bench, parameter, need_id, spaces, holds)
        factors = UPWARDS if case.rising else DOWNWARDS
        last, factor = first_change(question.keeps, factors)
        if math.isnan(factor):
            yield Tipping(parameter, "not_found", need_id, today=1.0, value=float(factors[-1]))
            continue
        good, bad = (factor, last) if case.rising else (last, factor)
        losses = question.losses
        proven = losses[good] <= NOTHING < losses[bad]
        yield Tipping(parameter, "value", need_id, 1.0, good, -losses[good], -losses[bad], verified=proven)


def _today(bench: Bench, offer: int) -> float:
    offers = bench.compiled.town.offers
    today = min(float(offers.baseline_capacity[offer]), float(offers.max_capacity[offer]))
    return today if today > 0 else min(1.0, float(offers.max_capacity[offer]))


@dataclass
class _Question:
    """Does some best plan keep the held level when the figure is multiplied? Remembers the losses it has seen."""

    bench: Bench
    parameter: str
    need_id: str
    spaces: list[str]
    holds: tuple[Hold, ...]
    losses: dict[float, float] = field(default_factory=dict)

    def keeps(self, factor: float) -> bool | None:
        """Whether holding costs nothing at this factor; None where no plan exists without the hold."""
        compiled = compile_variant(self._variant(factor))
        loaded = LoadedProgram(compiled.program, self.bench.session.limits)
        basis = self.bench.loaded.basis()
        if basis is not None and _same_shape(self.bench, compiled.program.row_count, compiled.program.column_count):
            loaded.start_from(basis)
        free = outcome_of(loaded.solve(), compiled.program)
        if not free.possible:
            return None
        for hold in self.holds:
            loaded.change_bounds(hold.numbers, hold.lower, hold.upper)
        kept = outcome_of(loaded.solve(), compiled.program)
        self.losses[factor] = free.value - kept.value
        return self.losses[factor] <= NOTHING + free.gap + kept.gap

    def _variant(self, factor: float) -> Variant:
        variant = self.bench.compiled.variant
        case = variant.case
        if self.parameter == "demand":
            table = case["demand"]
            rows = (table["need_id"] == self.need_id) & table["space_id"].isin(self.spaces)
            return replace(variant, case=case._unchecked(demand=_multiplied(table, rows, "demand", factor)))
        if variant.scenario.weight_set:
            table = case["weight_sets"]
            rows = (table["need_id"] == self.need_id) & (table["weight_set"] == variant.scenario.weight_set)
            if rows.any():
                return replace(variant, case=case._unchecked(weight_sets=_multiplied(table, rows, "weight", factor)))
        table = case["needs"]
        rows = table["need_id"] == self.need_id
        return replace(variant, case=case._unchecked(needs=_multiplied(table, rows, "weight", factor)))


def _multiplied(table: pd.DataFrame, rows: pd.Series, column: str, factor: float) -> pd.DataFrame:
    return table.assign(**{column: table[column].where(~rows, table[column] * factor)})


def _same_shape(bench: Bench, rows: int, columns: int) -> bool:
    return rows == bench.program.row_count and columns == bench.program.column_count
