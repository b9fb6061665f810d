"""A plan made for chance: the best mean over many draws of demand, decided before any of them is known.

    maximise  mean over draws k of [ sum omega_k v y_k - duplication_weight sum price z_k / Budget ]
              + equity_weight t - movement_weight sum g / Budget,   over the scenario's rules.

What a draw makes of a cell depends on the cell's supply alone, so the mean is a sum of concave piecewise linear
functions of one supply each (simple recourse: Wets 1983, Solving stochastic programs with simple recourse). Every cell
gets columns for the pieces of its function; rules, the least covered space and costs stay those of the case. With many
draws the breaks are those at even quantiles of all, and the function between them is its chord, which never promises
too much.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocate.analyses.robustness.chance import Spreads, draws
from allocate.bench.proposals import proposal, solve_proven
from allocate.bench.recast import NewColumns, extended
from allocate.model.compile import Compiled
from allocate.model.program import Block, LinearProgram
from allocate.results.allocation import Allocation
from allocate.solve.solution import Limits
from allocate.town.arrays import Floats
from allocate.town.as_arrays import Town
from allocate.town.build_provision import numbers_in

# Draws the plan is made for. They differ from those it is judged by, or it would look better than it is.
RUNS = 200
OTHER_SEED = 1_000_003
MOST_BREAKS = 24
_SLIVER = 1e-9


def hedged_plan(
    compiled: Compiled, spread: float, seed: int, limits: Limits | None = None, *, runs: int = RUNS
) -> Allocation | None:
    """The certified, canonical plan with the best mean over ``runs`` draws of demand; None where no plan is possible.

    ``spread`` as in ``chance.Spreads.demand``; the draws come from ``seed`` and differ from those that judge plans.
    The scenario must be divisible. Raises ``CertificateError``.
    """
    demand = _drawn_demand(compiled, spread, seed + OTHER_SEED, runs)
    answer = solve_proven(hedged_program(compiled, demand), limits, scenario=compiled.variant.scenario.scenario_id)
    return None if answer is None else proposal(compiled, answer, limits)


def hedged_program(compiled: Compiled, demand: Floats) -> LinearProgram:
    """The program for demands drawn (need units/year; cells x draws)."""
    town, program = compiled.town, compiled.program
    breaks = _breaks(town, demand)
    value = _mean_value(town, demand, breaks)
    width, gain = np.diff(breaks, axis=1), np.diff(value, axis=1)
    cell, piece = np.nonzero(width > _SLIVER)
    space, need = town.spaces.ids[town.cells.space], town.needs.ids[town.cells.need]
    number = np.array([str(one) for one in piece.tolist()], dtype=object)
    columns = NewColumns(
        "piece",
        (space[cell], need[cell], number),
        -gain[cell, piece] / width[cell, piece],
        np.zeros(len(cell)),
        width[cell, piece],
    )
    count = len(town.cells.demand)
    use = program.columns_index["use"].start
    supplied = Block(
        "pieces",
        (space, need),
        np.zeros(count),
        np.zeros(count),
        np.concatenate([town.supply.cell, cell]),
        np.concatenate([use + town.supply.pair, program.column_count + np.arange(len(cell))]),
        np.concatenate([town.supply.rate, -np.ones(len(cell))]),
    )
    cost = program.cost.copy()
    for family in ("covered", "duplication"):
        cost[program.columns_index.slice(family)] = 0.0
    return extended(replace(program, cost=cost), [columns], [supplied])


def _drawn_demand(compiled: Compiled, spread: float, seed: int, runs: int) -> Floats:
    """Demand of every cell in every draw, need units/year; cells without demand stay without."""
    town, case = compiled.town, compiled.variant.case
    factors = np.array([draw.demand for draw in draws(case, runs, seed, Spreads(spread, 0.0))]).T
    place = np.full((len(town.spaces.ids), len(town.needs.ids)), -1)
    place[town.cells.space, town.cells.need] = np.arange(len(town.cells.need))
    rows = place[tuple(numbers_in(case, "demand", key, key) for key in ("space_id", "need_id"))]
    known = rows >= 0
    demand = np.zeros((len(town.cells.demand), runs))
    demand[rows[known]] = factors[known] * town.cells.demand[rows[known], None]
    return demand


def _breaks(town: Town, demand: Floats) -> Floats:
    """Supply at which the mean value of a cell may bend, ascending; cells x breaks, the last one out of reach."""
    full = 1.0 + town.needs.wanted_reserve[town.cells.need]
    bends = np.hstack([demand * stop for stop in town.segments.stop.tolist()] + [demand * full[:, None]])
    if bends.shape[1] > MOST_BREAKS:
        bends = np.quantile(bends, np.linspace(0.0, 1.0, MOST_BREAKS), axis=1).T
    largest = town.supply_of(town.pairs.max_capacity)[:, None]
    inside = np.minimum(np.sort(bends, axis=1), largest)
    return np.hstack([np.zeros_like(largest), inside, largest])


def _mean_value(town: Town, demand: Floats, supply: Floats) -> Floats:
    """Mean over the draws of coverage value minus the price of duplication, at every supply; cells x supplies."""
    cells, segments = town.cells, town.segments
    weighted = town.spaces.weight[cells.space][:, None] * demand
    total = np.zeros((len(town.needs.ids), demand.shape[1]))
    np.add.at(total, cells.need, weighted)
    share = town.needs.weight / max(town.needs.weight.sum(), 1e-300)
    above = np.where(total > 0, total, np.inf)[cells.need]
    worth = (share[cells.need] * town.spaces.weight[cells.space])[:, None] / above
    full = 1.0 + town.needs.wanted_reserve[cells.need]
    price = town.weights.per_euro(town.weights.duplication) * town.needs.price[cells.need]
    value = np.zeros_like(supply)
    for draw in range(demand.shape[1]):
        need = demand[:, draw][:, None]
        parts = zip(segments.start.tolist(), segments.stop.tolist(), segments.value.tolist(), strict=True)
        filled = sum(each * np.clip(supply - start * need, 0.0, (stop - start) * need) for start, stop, each in parts)
        surplus = np.maximum(0.0, supply - full[:, None] * need)
        value += worth[:, draw][:, None] * filled - price[:, None] * surplus
    mean: Floats = value / max(demand.shape[1], 1)
    return mean
