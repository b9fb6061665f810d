"""The reason card of a space: how it fares against today, why its gaps stay open, and what closing them would cost."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from allocate.analyses.reasons.binding import TIGHT, Binding, TightRules
from allocate.analyses.reasons.consequence import thorough
from allocate.analyses.reasons.place_cards import PlaceCard
from allocate.bench.recast import one_row
from allocate.bench.resolve import NOTHING, Bench, number_of, outcome_of
from allocate.model.rules.register import rule_of_rows, tight_rules
from allocate.results.columns import Columns
from allocate.results.measures import judge_cells, space_coverage
from allocate.solve.held import Row
from allocate.town.arrays import Floats, Ints
from allocate.town.facts import SpaceFacts
from allocate.town.reachable import most_covered

CELL_COLUMNS = Columns(
    "need_id", "demand", "today_units", "plan_units", "gap_units", "reachable_units", "reason", "unit_loss",
)  # fmt: skip


def space_card(bench: Bench, space_id: str) -> PlaceCard:
    """The card of one space. Raises ``UsageError`` (``id-unknown``)."""
    town = bench.compiled.town
    space = number_of("spaces", space_id, town.spaces.ids)
    use = bench.program.columns_index.slice("use")
    plan, today = (
        judge_cells(town, delivery).covered for delivery in (np.maximum(bench.plan_x[use], 0.0), town.pairs.baseline)
    )
    before, after = space_coverage(town, today), space_coverage(town, plan)
    reachable = most_covered(town)
    consequences = []
    if after[space] < before[space] - TIGHT:
        columns, values = _coverage_row(bench, space)
        kept = one_row("kept", columns, values, lower=float(before[space]))
        consequences.append(thorough(bench, None, "kept", float(before[space]), rows=(kept,))[0])
    return PlaceCard(
        scenario_id=bench.scenario_id,
        kind="space",
        key=(space_id,),
        name=str(SpaceFacts(bench.compiled.variant.case).name[space]),
        facts={
            "coverage_today": float(before[space]),
            "coverage": float(after[space]),
            "coverage_reachable": float(space_coverage(town, reachable)[space]),
            "rank_from_below": float((after < after[space] - TIGHT).sum() + 1),
            "spaces": float(len(after)),
        },
        binding=_tight(bench, space_id),
        consequences=tuple(consequences),
        tables={"cells": _cells(bench, space, today, plan, reachable)},
    )


def _tight(bench: Bench, space_id: str) -> tuple[Binding, ...]:
    """Tight floors and shares of use that name this space."""
    rules = TightRules(bench)
    found = [
        one
        for equation in tight_rules()
        if {"space", "place"} & set(equation.keys) and not rule_of_rows(equation.name).bound
        for one in rules.of_rows(equation.name, ask=False)
        if space_id in one.key
    ]
    asked = [rules.asked(one) for one in found]
    return tuple(sorted(asked, key=lambda one: not one.matters))


def _coverage_row(bench: Bench, space: int) -> tuple[Ints, Floats]:
    """The space's coverage as a linear form of the covered columns (right side of C2, share 0..1)."""
    town, layout = bench.compiled.town, bench.compiled.layout
    own = np.flatnonzero(town.cells.space[layout.demanded] == space)
    cell = layout.demanded[own]
    weight = town.needs.weight[town.cells.need[cell]]
    total = weight.sum()
    share = weight / town.cells.demand[cell] / (total if total > 0 else 1.0)
    return layout.covered_of(own), np.repeat(share, len(town.segments.value))


def _cells(bench: Bench, space: int, today: Floats, plan: Floats, reachable: Floats) -> pd.DataFrame:
    """Every cell of the space; for gaps what one more covered unit would cost, by a re-solve, and so the reason.

    ``reason``: ``unreached`` (no offer reaches so far), ``rules`` (no plan covers one more unit), ``costly`` (it would
    cost more elsewhere than it is worth here), ``full``.
    """
    town, layout = bench.compiled.town, bench.compiled.layout
    place = {int(cell): number for number, cell in enumerate(layout.demanded)}
    cells = np.flatnonzero((town.cells.space == space) & (town.cells.demand > 0))
    rows = []
    for cell in cells.tolist():
        gap = float(town.cells.demand[cell] - plan[cell])
        loss = math.nan
        reason = "full"
        if gap > TIGHT * max(1.0, town.cells.demand[cell]):
            loss = _one_more(bench, place[cell], float(plan[cell]), min(1.0, gap))
            lost_cause = reachable[cell] <= plan[cell] + TIGHT * max(1.0, plan[cell])
            reason = "unreached" if lost_cause else "rules" if math.isinf(loss) else "costly"
        need = str(town.needs.ids[town.cells.need[cell]])
        figures = (town.cells.demand[cell], today[cell], plan[cell], gap, reachable[cell])
        rows.append((need, *(float(one) for one in figures), reason, loss))
    return CELL_COLUMNS.of(rows)


def _one_more(bench: Bench, place: int, covered: float, step: float) -> float:
    """Objective points that covering ``step`` more units of a demanded cell would cost."""
    segments = len(bench.compiled.town.segments.value)
    columns = bench.compiled.layout.first("covered") + place * segments + np.arange(segments)
    bench.solves += 1
    with bench.loaded.what_if():
        bench.loaded.add_row(Row(columns, np.ones(segments), lower=covered + step))
        outcome = outcome_of(bench.loaded.solve(), bench.program)
    loss = bench.value - outcome.value
    return 0.0 if abs(loss) <= NOTHING else loss
