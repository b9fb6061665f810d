"""Repairs: what would have to give way so that a plan exists, written into the tables and proven there.

A repair found by the elastic program is rounded to what people decide (whole euros, hundredths of a place, hundredths
of a percentage point, always to the safe side), written into the tables of a new variant, compiled afresh, and the
point that the solver found is checked against every row of that new program. What passes is a plan of the repaired
scenario; no solver has to be trusted for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.analyses.conflicts.elastic import Relaxation, is_feasible
from allocate.bench.widening import Widened
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled, compile_variant
from allocate.model.program import LinearProgram
from allocate.model.rules.reach import own_limit
from allocate.town.arrays import Bools, Floats
from allocate.town.earmarks import lift_lists

REPAIRED_SET = "repaired"
# A step below this share of what the rule allows is rounding, not a repair.
NOISE = 1e-9
# How the steps of a kind are rounded, in the rule's unit.
GRAIN = {"pot": 1.0, "moved": 1.0, "earmark": 1.0}
SHARE_GRAIN = 1e-4
UNIT_GRAIN = 1e-2


@dataclass(frozen=True)
class Step:
    """One rule that gives way: its number, by how much in its unit (always positive), and its value before and after.

    ``before`` and ``after``: EUR, capacity units, need units or a share 0..1, as the table of the rule holds it.
    """

    rule: int
    amount: float
    before: float
    after: float


@dataclass(frozen=True)
class Repaired:
    """A repair in the tables: its steps, the variant that has it, and whether the check of a plan passed."""

    steps: tuple[Step, ...]
    variant: Variant
    verified: bool


def repair(widened: Widened, found: Relaxation) -> Repaired:
    """Round a relaxation, write it into the tables and prove that the repaired scenario has a plan."""
    compiled, rules = widened.compiled, widened.rules
    amount = np.bincount(widened.relaxers.rule, found.steps, minlength=len(rules))
    largest = np.zeros(len(rules))
    np.maximum.at(largest, widened.relaxers.rule, widened.relaxers.limit)
    touched = np.flatnonzero(amount > NOISE * np.maximum(largest, 1.0))
    variant, steps = compiled.variant, []
    plan = _Plan(widened, found)
    for rule in touched.tolist():
        variant, step = _WRITERS[str(rules.kind[rule])](variant, plan, rule, float(amount[rule]))
        steps.append(step)
    variant = replace(variant, scenario=replace(variant.scenario, expected=""))
    return Repaired(tuple(steps), variant, _holds(plan, variant))


class _Plan:
    """The point that a relaxation allows, in the town's words."""

    def __init__(self, widened: Widened, found: Relaxation) -> None:
        self.widened = widened
        self.compiled: Compiled = widened.compiled
        self.steps = found.steps
        columns = self.compiled.program.columns_index
        town, relaxers = self.compiled.town, widened.relaxers
        kind = widened.rules.kind[relaxers.rule].astype(str)
        self.use = found.x[columns.slice("use")].copy()
        self.capacity = found.x[columns.slice("capacity")].copy()
        more, less, further = kind == "capacity", kind == "commitment", kind == "reach"
        self.capacity += np.bincount(relaxers.offer[more], found.steps[more], minlength=len(self.capacity))
        self.capacity -= np.bincount(relaxers.offer[less], found.steps[less], minlength=len(self.capacity))
        # Relaxers of whole uses come first, in the order of the pairs; those of divided uses stand in rows.
        whole = np.flatnonzero(own_limit(self.compiled) & (town.pairs.serves < 0))
        self.use[whole] += found.steps[further][: len(whole)]
        outside = kind == "earmark"
        self.pot = np.concatenate([town.funding.pot, relaxers.pot[outside]])
        self.offer = np.concatenate([town.funding.offer, relaxers.offer[outside]])
        self.money = np.concatenate([found.x[columns.slice("funding")], found.steps[outside]])
        self.x = found.x

    def point(self, program: LinearProgram, compiled: Compiled) -> Floats:
        """The same plan as a point of the repaired scenario's program, within its bounds where rounding left them."""
        old, new = self.compiled.program.columns_index, program.columns_index
        x = np.zeros(program.column_count)
        for family in new.families:
            if family.name in old and len(family) == len(old[family.name]):
                x[family.slice] = self.x[old.slice(family.name)]
        x[new.slice("use")] = self.use
        x[new.slice("capacity")] = self.capacity
        town = compiled.town
        paid = np.zeros((len(town.pots), len(town.offers.ids)))
        np.add.at(paid, (self.pot, self.offer), self.money)
        x[new.slice("funding")] = paid[town.funding.pot, town.funding.offer]
        return np.clip(x, program.lower, program.upper)

    def cluster_shares(self, offers: Bools, cells: Bools) -> Floats:
        """Supply of each offer of a cluster in some cells, need units."""
        supply = self.compiled.town.supply
        town = self.compiled.town
        offer = town.pairs.offer[supply.pair]
        chosen = offers[offer] & cells[supply.cell]
        units = supply.rate[chosen] * self.use[supply.pair[chosen]]
        return np.bincount(offer[chosen], units, minlength=len(offers))


def _holds(plan: _Plan, variant: Variant) -> bool:
    compiled = compile_variant(variant)
    program = compiled.program
    return is_feasible(program, plan.point(program, compiled))


def _up(value: float, grain: float) -> float:
    """The next multiple of a grain at or above a value; a solver's rounding does not count."""
    return math.ceil(value / grain - 1e-6) * grain


def _with(variant: Variant, table: str, frame: pd.DataFrame) -> Variant:
    return replace(variant, case=variant.case._unchecked(**{table: frame}))


def _changed(
    variant: Variant, table: str, where: Mapping[str, str], column: str, change: float
) -> tuple[Variant, Step]:
    frame = variant.case[table].copy()
    rows = np.ones(len(frame), dtype=bool)
    for name, value in where.items():
        rows &= (frame[name] == value).to_numpy()
    before = float(frame.loc[rows, column].iloc[0])
    after = max(0.0, before + change)
    frame.loc[rows, column] = after
    return _with(variant, table, frame), Step(-1, abs(change), before, after)


def _pot(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    where = {"pot_id": str(plan.widened.rules.id[rule])}
    changed, step = _changed(variant, "pots", where, "amount", _up(amount, GRAIN["pot"]))
    return changed, replace(step, rule=rule)


def _capacity(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    where = {"offer_id": str(plan.widened.rules.id[rule])}
    changed, step = _changed(variant, "offers", where, "max_capacity", _up(amount, UNIT_GRAIN))
    return changed, replace(step, rule=rule)


def _commitment(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    where = {"offer_id": str(plan.widened.rules.id[rule])}
    changed, step = _changed(variant, "offers", where, "committed_capacity", -_up(amount, UNIT_GRAIN))
    return changed, replace(step, rule=rule)


def _reach(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    rules = plan.widened.rules
    where = {"offer_id": str(rules.id[rule]), "space_id": str(rules.place[rule])}
    changed, step = _changed(variant, "reach", where, "max_capacity", _up(amount, UNIT_GRAIN))
    return changed, replace(step, rule=rule)


def _floor(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    """A floor row of its own for this place, in a floor set that comes last and therefore overrides."""
    rules, floors = plan.widened.rules, plan.compiled.floors
    number = int(
        np.flatnonzero(floors.enforced & (floors.floor_id == rules.id[rule]) & (floors.scope_id == rules.place[rule]))[
            0
        ]
    )
    before, demand = float(floors.min_coverage[number]), float(floors.demand[number])
    after = max(0.0, math.floor((before - amount / demand) / SHARE_GRAIN + 1e-6) * SHARE_GRAIN)
    table = variant.case["floors"]
    row = table[table["floor_id"] == rules.id[rule]].head(1).copy()
    row["floor_set"] = REPAIRED_SET
    row["scope_id"] = rules.place[rule] if floors.scope[number] != "all" else "*"
    row["min_coverage"] = after
    sets = variant.scenario.floor_sets
    scenario = replace(variant.scenario, floor_sets=sets if sets[-1:] == (REPAIRED_SET,) else (*sets, REPAIRED_SET))
    changed = _with(variant, "floors", pd.concat([table, row], ignore_index=True))
    return replace(changed, scenario=scenario), Step(rule, (before - after) * demand, before, after)


def _moved(variant: Variant, _plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    before = variant.scenario.max_moved
    after = before + _up(amount, GRAIN["moved"])
    return replace(variant, scenario=replace(variant.scenario, max_moved=after)), Step(
        rule, after - before, before, after
    )


def _earmark(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    """The pot's lists are lifted; the step is the money that then goes to offers outside them."""
    pot = str(plan.widened.rules.id[rule])
    return lift_lists(variant, [pot]), Step(rule, amount, 0.0, _up(amount, GRAIN["earmark"]))


def _share(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    """The pot's largest share becomes what the plan uses, for every offer above it."""
    town = plan.compiled.town
    pot = str(plan.widened.rules.id[rule])
    number = int(np.flatnonzero(town.pots == pot)[0])
    own = plan.pot == number
    paid = np.bincount(plan.offer[own], plan.money[own], minlength=len(town.offers.ids))
    cost = town.cost_of(plan.capacity)
    used = np.divide(paid, cost, out=np.zeros(len(cost)), where=cost > 1e-6)
    table = variant.case["pots"].copy()
    chosen = (table["pot_id"] == pot).to_numpy()
    before = float(table.loc[chosen, "max_share"].iloc[0])
    after = min(1.0, _up(max(before, float(used.max(initial=0.0))), SHARE_GRAIN))
    table.loc[chosen, "max_share"] = after
    changed = _with(variant, "pots", table)
    exceptions = variant.case["eligibility"]
    if not exceptions.empty:
        exceptions = exceptions.copy()
        need = exceptions["offer_id"].map(dict(zip(town.offers.ids, used, strict=True))).astype(float)
        mine = (exceptions["pot_id"] == pot) & exceptions["max_share"].notna()
        wider = np.minimum(1.0, np.ceil(need / SHARE_GRAIN - 1e-6) * SHARE_GRAIN)
        exceptions.loc[mine, "max_share"] = np.fmax(exceptions.loc[mine, "max_share"], wider[mine])
        changed = _with(changed, "eligibility", exceptions)
    return changed, Step(rule, amount, before, after)


def _corridor(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    """The shares of an offer's users become what the plan needs."""
    town = plan.compiled.town
    offer = str(plan.widened.rules.id[rule])
    pairs = np.flatnonzero(town.offers.ids[town.pairs.offer] == offer)
    total = plan.capacity[town.pairs.offer[pairs]]
    share = np.divide(plan.use[pairs], total, out=np.zeros(len(pairs)), where=total > NOISE)
    used = pd.Series(share, index=town.spaces.ids[town.pairs.space[pairs]]).groupby(level=0).sum()
    table = variant.case["reach"].copy()
    own = (table["offer_id"] == offer).to_numpy()
    now = table.loc[own, "space_id"].map(used).astype(float)
    least, most = table.loc[own, "min_use_share"], table.loc[own, "max_use_share"]
    if total.max(initial=0.0) > NOISE:
        table.loc[own, "min_use_share"] = np.minimum(least, np.floor(now / SHARE_GRAIN) * SHARE_GRAIN)
        table.loc[own, "max_use_share"] = np.maximum(most, np.minimum(1.0, np.ceil(now / SHARE_GRAIN) * SHARE_GRAIN))
    change = float(np.maximum(least - table.loc[own, "min_use_share"], table.loc[own, "max_use_share"] - most).max())
    return _with(variant, "reach", table), Step(rule, amount, 0.0, change)


def _plurality(variant: Variant, plan: _Plan, rule: int, amount: float) -> tuple[Variant, Step]:
    """The limits that a cluster has become what the plan reaches; blank ones stay blank."""
    rules, town = plan.widened.rules, plan.compiled.town
    id = str(rules.id[rule])
    table = variant.case["plurality"].copy()
    row = (table["cluster_id"] == id).to_numpy()
    for cluster in (c for c in plan.compiled.clusters if c.cluster_id == id and c.scope_id == rules.place[rule]):
        mine = np.zeros(len(town.offers.ids), dtype=bool)
        mine[cluster.offers] = True
        cells = np.zeros(len(town.cells.demand), dtype=bool)
        cells[town.supply.cell[cluster.entries]] = True
        supply = plan.cluster_shares(mine, cells)
        total = float(supply.sum())
        if total <= NOISE:
            continue
        each = float(supply[cluster.offers].min()) / total
        provider = pd.Series(supply[cluster.offers]).groupby(town.offers.provider[cluster.offers]).sum().max() / total
        demand = total / cluster.demand if cluster.demand > 0 else 1.0
        floor = {"min_share_each": each, "min_demand_share": demand}
        for column, value in floor.items():
            table.loc[row, column] = np.minimum(table.loc[row, column], math.floor(value / SHARE_GRAIN) * SHARE_GRAIN)
        wider = min(1.0, math.ceil(provider / SHARE_GRAIN) * SHARE_GRAIN)
        table.loc[row, "max_share_provider"] = np.maximum(table.loc[row, "max_share_provider"], wider)
        open_offers = town.offers.provider[np.flatnonzero(mine & (plan.capacity > NOISE))]
        table.loc[row, "min_providers"] = np.minimum(table.loc[row, "min_providers"], len(set(open_offers)))
    return _with(variant, "plurality", table), Step(rule, amount, math.nan, math.nan)


_WRITERS = {
    "pot": _pot,
    "floor": _floor,
    "capacity": _capacity,
    "reach": _reach,
    "commitment": _commitment,
    "corridor": _corridor,
    "plurality": _plurality,
    "moved": _moved,
    "share": _share,
    "earmark": _earmark,
}
