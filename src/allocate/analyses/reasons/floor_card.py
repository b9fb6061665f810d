"""The reason card of a floor: what meeting it costs, what a little more or less of it changes, how high it can be."""

from __future__ import annotations

import math

import numpy as np

from allocate.analyses.reasons.consequence import Consequence, thorough
from allocate.analyses.reasons.place_cards import STEP_COLUMNS, PlaceCard
from allocate.bench.recast import one_row
from allocate.bench.resolve import NOTHING, Bench, Hold, number_of
from allocate.model.rules.floor import FLOOR_ROWS
from allocate.results.measures import judge_cells
from allocate.solve.loaded import PRIMAL
from allocate.town.arrays import Floats, Ints
from allocate.town.facts import FloorFacts

# Steps in percentage points of the floor's demand.
POINTS = (-0.05, -0.01, 0.01, 0.05)


def floor_cards(bench: Bench, floor_id: str) -> tuple[PlaceCard, ...]:
    """One card for every place the floor holds in. Raises ``UsageError`` (``id-unknown``)."""
    floors = bench.compiled.floors
    number_of("floors", floor_id, np.unique(floors.floor_id.astype(str)).astype(object))
    return tuple(_card(bench, floor) for floor in np.flatnonzero(floors.floor_id == floor_id).tolist())


def _card(bench: Bench, floor: int) -> PlaceCard:
    floors, town = bench.compiled.floors, bench.compiled.town
    key = (str(floors.floor_id[floor]), str(floors.scope_id[floor]))
    required, demand = float(floors.required[floor]), float(floors.demand[floor])
    enforced = bool(floors.enforced[floor])
    use = bench.program.columns_index.slice("use")
    achieved, today = (
        float(floors.achieved(judge_cells(town, delivery).covered)[floor])
        for delivery in (np.maximum(bench.plan_x[use], 0.0), town.pairs.baseline)
    )
    columns = _covered(bench, floor)
    highest = _highest(bench, columns)
    steps: list[tuple[float, bool, float, float]] = []
    consequences: list[Consequence] = []
    if enforced:
        row = bench.program.rows_index.at(FLOOR_ROWS, *key)
        steps = [_step(bench, row, share, required, demand) for share in POINTS]
        consequences.append(thorough(bench, None, "without", 0.0, (Hold.row(row, -np.inf, np.inf),))[0])
    else:
        reached = one_row("target", columns, np.ones(len(columns)), lower=required)
        consequences.append(thorough(bench, None, "reached", required, rows=(reached,))[0])
    share = 1.0 / demand if demand > 0 else math.nan
    facts = FloorFacts(bench.compiled.variant.case)
    return PlaceCard(
        scenario_id=bench.scenario_id,
        kind="floor",
        key=key,
        name=facts.by_id(facts.basis)[key[0]],
        facts={
            "enforced": float(enforced),
            "required": float(floors.min_coverage[floor]),
            "required_units": required,
            "achieved": achieved * share,
            "achieved_today": today * share,
            "highest_possible": highest * share,
        },
        consequences=tuple(consequences),
        steps=STEP_COLUMNS.of(steps),
    )


def _covered(bench: Bench, floor: int) -> Ints:
    """The columns of covered demand in the floor's cells."""
    floors, layout = bench.compiled.floors, bench.compiled.layout
    cells = floors.entry_cell[floors.entry_floor == floor]
    place = np.flatnonzero(np.isin(layout.demanded, cells))
    return layout.covered_of(place)


def _highest(bench: Bench, columns: Ints) -> float:
    """The most need units that can be covered there while all other rules hold."""
    everything = np.arange(bench.program.column_count)
    with bench.loaded.what_if():
        bench.loaded.change_cost(everything, np.zeros(len(everything)))
        bench.loaded.change_cost(columns, -np.ones(len(columns)))
        found = bench.loaded.solve(method=None if bench.is_mixed_integer else PRIMAL)
    x: Floats | None = found.x
    return math.nan if x is None else float(x[columns].sum())


def _step(bench: Bench, row: int, share: float, required: float, demand: float) -> tuple[float, bool, float, float]:
    outcome = bench.ask(Hold.row(row, max(0.0, required + share * demand), np.inf))
    gain = outcome.value - bench.value
    gain = 0.0 if abs(gain) <= NOTHING else gain
    return share, outcome.possible, gain, gain / (share * demand)
