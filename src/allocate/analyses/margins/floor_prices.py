"""What each floor costs: the best plan without it, in coverage, euros and persons, and where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from allocate.bench.proposals import proposal, solve_proven
from allocate.bench.worth import value_of_a_euro
from allocate.judge.plan import Waiver
from allocate.model.compile import Compiled
from allocate.model.rules.floor import FLOOR_ROWS
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns, under
from allocate.session import Session
from allocate.town.arrays import Ints

PRICE_COLUMNS = Columns(
    "floor_id", "need_id", "scope", "places", "binding", "objective_gain", "coverage_value_gain", "covered_units_gain",
    "worth_eur",
)  # fmt: skip
WHERE_COLUMNS = Columns("floor_id", "space_id", "need_id", "covered_units_change")
# A floor this far (share of demand) above its requirement does not bind.
SLACK = 1e-6
# Changes below this many need units are not listed.
LISTED = 1e-3


def floor_prices(session: Session, scenario_id: str, plan: Allocation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Prices of all binding kinds of floors, and the cells where coverage would change without each.

    First table: one row per floor id (all its places together), dearest first: what the objective (and coverage value,
    covered units) would gain without it, also in EUR at the value of one more euro in ``plan``. A floor that does not
    bind anywhere costs nothing, which follows from convexity; the others are solved again without it, each a certified
    canonical plan. Second table: ``floor_id, space_id, need_id, covered_units_change``.
    """
    compiled = session.compiled(scenario_id)
    floors = compiled.floors
    enforced = np.flatnonzero(floors.enforced)
    met = _slack(plan)
    rows: list[Record] = []
    where: list[pd.DataFrame] = []
    euro = value_of_a_euro(plan)
    for floor in dict.fromkeys(floors.floor_id[enforced].tolist()):
        own = np.flatnonzero(floors.floor_id[enforced] == floor)
        members = enforced[own]
        binding = int((met[members] <= SLACK).sum())
        other = _without(session, compiled, own) if binding else None
        gain = (0.0, 0.0, 0.0)
        if other is not None and other.measures is not None and plan.measures is not None:
            change = other.coverage["covered"].to_numpy(dtype=float) - plan.coverage["covered"].to_numpy(dtype=float)
            gain = (
                other.objective - plan.objective,
                other.measures.coverage_value - plan.measures.coverage_value,
                float(change.sum()),
            )
            table = plan.coverage[["space_id", "need_id"]].assign(floor_id=floor, covered_units_change=change)
            where.append(table[np.abs(change) > LISTED][list(WHERE_COLUMNS)])
        rows.append(
            {
                "floor_id": floor,
                "need_id": compiled.town.needs.ids[floors.need[members[0]]],
                "scope": floors.scope[members[0]],
                "places": len(members),
                "binding": binding,
                "objective_gain": max(0.0, gain[0]),
                "coverage_value_gain": gain[1],
                "covered_units_gain": gain[2],
                "worth_eur": max(0.0, gain[0]) / euro,
            }
        )
    prices = PRICE_COLUMNS.of(rows)
    prices = prices.sort_values("objective_gain", ascending=False, kind="stable", ignore_index=True)
    return prices, under(where, WHERE_COLUMNS)


def _slack(plan: Allocation) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How far each floor is exceeded, as a share of the demand in its place."""
    table = plan.floors
    return (table["achieved"] - table["required"]).to_numpy(dtype=float)


def _without(session: Session, compiled: Compiled, floors: Ints) -> Allocation | None:
    """The best plan when these floor rows are lifted."""
    program = compiled.program
    lower = program.row_lower.copy()
    lower[program.rows_index[FLOOR_ROWS].start + floors] = -np.inf
    lifted = replace(program, row_lower=lower)
    answer = solve_proven(lifted, session.limits, scenario=compiled.variant.scenario.scenario_id)
    lifted_rows = np.flatnonzero(compiled.floors.enforced)[floors]
    names = zip(compiled.floors.floor_id[lifted_rows], compiled.floors.scope_id[lifted_rows], strict=True)
    waiver = Waiver(floors=frozenset(names))
    return None if answer is None else proposal(compiled, answer, session.limits, waiver=waiver)
