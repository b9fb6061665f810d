"""Repairs: what would have to give way so that a plan exists, written into the tables and proven there.

A repair found by the elastic program is rounded and written into the tables of a new variant by the rules that give way
(``allocate.model.rules``), compiled afresh, and the point that the solver found is checked against every row of that
new program. What passes is a plan of the repaired scenario; no solver has to be trusted for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.analyses.conflicts.elastic import Relaxation, is_feasible
from allocate.bench.widening import Widened
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled, compile_variant
from allocate.model.program import LinearProgram
from allocate.model.rules import capacity, commitment, earmark, reach
from allocate.model.rules.reached import NOISE, Reached, Step
from allocate.model.rules.register import way_of
from allocate.town.arrays import Floats


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
    reached = _reached(widened, found)
    for rule in touched.tolist():
        kind, id, place = (str(part[rule]) for part in (rules.kind, rules.id, rules.place))
        variant, step = way_of(kind).repair(variant, reached, id, place, float(amount[rule]))
        steps.append(replace(step, rule=rule))
    variant = replace(variant, scenario=replace(variant.scenario, expected=""))
    return Repaired(tuple(steps), variant, _holds(reached, found.x, compiled.program, variant))


def _reached(widened: Widened, found: Relaxation) -> Reached:
    """The plan that a relaxation allows, in the town's numbers."""
    compiled, relaxers = widened.compiled, widened.relaxers
    town, columns = compiled.town, compiled.program.columns_index
    kind = widened.rules.kind[relaxers.rule].astype(str)
    use, capacities = found.x[columns.slice("use")].copy(), found.x[columns.slice("capacity")].copy()
    for mine, sign in ((kind == capacity.RULE.kind, 1.0), (kind == commitment.KIND, -1.0)):
        capacities += sign * np.bincount(relaxers.offer[mine], found.steps[mine], minlength=len(capacities))
    # Relaxers of whole uses come first, in the order of the pairs; those of divided uses stand in rows.
    whole = np.flatnonzero(reach.own_limit(compiled) & (town.pairs.serves < 0))
    use[whole] += found.steps[kind == reach.RULE.kind][: len(whole)]
    outside = kind == earmark.KIND
    return Reached(
        compiled,
        use,
        capacities,
        np.concatenate([town.funding.pot, relaxers.pot[outside]]),
        np.concatenate([town.funding.offer, relaxers.offer[outside]]),
        np.concatenate([found.x[columns.slice("funding")], found.steps[outside]]),
    )


def _point(reached: Reached, old_x: Floats, old: LinearProgram, repaired: Compiled) -> Floats:
    """The same plan as a point of the repaired scenario's program, within its bounds where rounding left them."""
    before, program = old.columns_index, repaired.program
    after = program.columns_index
    x = np.zeros(program.column_count)
    for family in after.families:
        if family.name in before and len(family) == len(before[family.name]):
            x[family.slice] = old_x[before.slice(family.name)]
    x[after.slice("use")] = reached.use
    x[after.slice("capacity")] = reached.capacity
    town = repaired.town
    paid = np.zeros((len(town.pots), len(town.offers.ids)))
    np.add.at(paid, (reached.pot, reached.offer), reached.money)
    x[after.slice("funding")] = paid[town.funding.pot, town.funding.offer]
    return np.clip(x, program.lower, program.upper)


def _holds(reached: Reached, x: Floats, old: LinearProgram, variant: Variant) -> bool:
    repaired = compile_variant(variant)
    return is_feasible(repaired.program, _point(reached, x, old, repaired))
