"""Whole offers: switches drawn close, the proof of a mixed-integer optimum, and the choice among equal ones.

A switch lets an offer have capacity only where it is open: X <= M open. With an M of millions a solver's tolerance for
whole numbers lets places pass through a closed switch, so M is drawn down to what money, demand and reach leave of it.
Among plans that are equally good the one closest to today is chosen by a second mixed-integer run, with the distance
of ``canonical`` and the objective held (lexicographic optimisation), so that it depends neither on the solver nor on
the order of rows. That run has an effort of its own; where it is spent, the closest plan found so far is taken, and
nobody says that it is the closest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.model.compile import Compiled
from allocate.model.own_rules import own_of
from allocate.model.program import LinearProgram
from allocate.model.rules import opening
from allocate.solve.canonical import TOLERANCE, canonical
from allocate.solve.certify import FEASIBILITY, OPTIMALITY, certify, primal_violation
from allocate.solve.distance import FREE, Reference, distance_program, today_of
from allocate.solve.loaded import LoadedProgram
from allocate.solve.scaling import largest_values
from allocate.solve.solution import Limits, Solution, Status
from allocate.town.arrays import Floats
from allocate.town.reachable import useful_capacity

# The second run may look at this many branches, and at fewer of a program with more entries: each has more steps then,
# and each step takes longer. A number of branches, unlike a time, ends at the same place on a busy machine.
NODES, FEWEST, ENTRIES = 5_000, 200, 20_000
# An objective that becomes a row is written in millionths, so that solver tolerances mean the same as elsewhere.
MILLION = 1e6
# Room above the exact bound of a switch, so that rounding never closes it.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Whole:
    """A plan of whole offers, minimised: point, objective and proven bound in the program's own units.

    ``proven``: no plan is better by more than ``within`` (see ``settled``); ``unique``: it is proven to be the one
    closest to today among the best.
    """

    x: Floats
    objective: float
    bound: float
    proven: bool
    unique: bool


def with_close_switches(compiled: Compiled) -> LinearProgram:
    """The program with the same plans worth having, and switches no larger than money, demand and reach leave them."""
    program = compiled.program
    rows, capacity = program.rows_index[opening.MOST], program.columns_index.slice("capacity")
    largest = largest_values(program)[capacity]
    if own_of(compiled.variant.case) is None:  # an own rule may ask for places that are of no use
        largest = np.minimum(largest, useful_capacity(compiled.town, compiled.clusters))
    switch = program.integer[program.entry_columns] & (program.rows >= rows.start) & (program.rows < rows.stop)
    values = program.values.copy()
    entries = np.flatnonzero(switch)
    close = largest[program.rows[entries] - rows.start] * (1 + ROUNDING)
    values[entries] = np.maximum(values[entries], -close)
    return replace(program, values=values)


def settled(compiled: Compiled, found: Solution, limits: Limits) -> Whole:
    """Judge a mixed-integer answer in the program's own numbers, and choose among equal plans.

    ``found`` is the solver's optimum. Its whole numbers are kept exactly and the rest is optimised again, because a
    solver takes 0.999999 for open; only what is left after that counts.
    """
    program, reference = compiled.program, _reference(compiled)
    within = max(OPTIMALITY, limits.mip_gap * abs(found.objective))
    first = _nearest_with_offers_of(program, _point(found), reference, limits)
    bound = _bound(program, found, limits)
    if first is None:
        objective = program.objective(_point(found))
        is_sound = primal_violation(program, _point(found)) <= FEASIBILITY
        return Whole(_point(found), objective, bound, is_sound and objective - bound <= within, unique=False)
    x, objective, is_nearest = first
    if objective - bound > within or not is_nearest:
        return Whole(x, objective, bound, objective - bound <= within, unique=False)
    nearest, is_unique = _nearest(program, x, objective, reference, limits)
    return Whole(nearest, objective, bound, proven=True, unique=is_unique)


def _point(found: Solution) -> Floats:
    if found.x is None:
        raise ValueError("a solution without a point cannot be settled")
    return found.x


def _reference(compiled: Compiled) -> Reference:
    """Today's use and funding, and which offers exist today; opening one that stays empty weighs what that costs."""
    today, columns, offers = today_of(compiled), compiled.program.columns_index["open"], compiled.town.offers
    weight = np.maximum(offers.fixed_cost, FREE * max(float(offers.fixed_cost.max(initial=0.0)), 1.0))
    return Reference(
        columns=np.concatenate([today.columns, np.arange(columns.start, columns.stop)]),
        today=np.concatenate([today.today, (offers.baseline_capacity > 0).astype(float)]),
        weight=np.concatenate([today.weight, weight]),
    )


def _nearest_with_offers_of(
    program: LinearProgram, x: Floats, reference: Reference, limits: Limits
) -> tuple[Floats, float, bool] | None:
    """The best plan with the same offers open, closest to today: point, objective, and whether that is certain."""
    opened = program.with_integers_of(x)
    loaded = LoadedProgram(opened, limits)
    inner = loaded.solve()
    if inner.status is not Status.OPTIMAL or inner.x is None or not certify(opened, inner.x, inner.row_dual).verified:
        return None
    closest = canonical(opened, inner, reference, limits, loaded)
    if closest is None or closest.x is None:
        return inner.x, program.objective(inner.x), False
    return closest.x, program.objective(closest.x), True


def _nearest(
    program: LinearProgram, x: Floats, objective: float, reference: Reference, limits: Limits
) -> tuple[Floats, bool]:
    """A plan as good as ``x`` that is no further from today, and whether it is proven to be the closest of all.

    ``x`` is the closest to today of those with its offers open.
    """
    slack = TOLERANCE * max(1.0, abs(objective))
    priced = np.flatnonzero(program.cost)
    side = (objective + slack - program.offset) * MILLION
    held = program.with_row("held", priced, program.cost[priced] * MILLION, -np.inf, side)
    asked = distance_program(replace(held, cost=np.zeros(program.column_count), offset=0.0), reference)
    loaded = LoadedProgram(asked.program, replace(limits, nodes=_branches(program), mip_gap=0.0))
    loaded.suggest(asked.divided(x))
    found = loaded.solve()
    if found.x is None:
        return x, False
    is_proven, whole = found.status is Status.OPTIMAL, asked.joined(found.x)
    if np.array_equal(np.round(whole[program.integer]), np.round(x[program.integer])):
        return x, is_proven
    chosen = _nearest_with_offers_of(program, whole, reference, limits)
    if chosen is None or chosen[1] - objective > slack:
        return x, False
    is_closest = is_proven and chosen[2]
    if not is_closest and asked.distance(chosen[0]) >= asked.distance(x):
        return x, False
    return chosen[0], is_closest


def _branches(program: LinearProgram) -> int:
    """How many branches the second run may look at."""
    size = max(1.0, len(program.values) / ENTRIES)
    return max(FEWEST, int(NODES / size**2))


def _bound(program: LinearProgram, found: Solution, limits: Limits) -> float:
    """The solver's proven bound, or where it gives none, what the relaxation's duals prove."""
    if np.isfinite(found.bound):
        return found.bound
    relaxed = program.relaxed()
    duals = LoadedProgram(relaxed, limits).solve().row_dual
    return certify(program, _point(found), np.zeros(program.row_count) if duals is None else duals).bound
