"""Re-steerable money: the same coverage everywhere would be possible with so much less (Farrell 1957).

    minimise  cost   subject to the scenario's rules and, in every cell, at least the coverage of the plan judged

What the plan costs beyond that minimum is re-steerable: it buys no coverage that the rest could not give. It is not a
saving, for the municipality decides what to use it for, and it counts what re-assigning users makes possible. Among the
cheapest plans the one with the least duplication shows what part of the plan's duplication is unavoidable at this
coverage: offers that serve several needs at once, corridors of users, commitments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.bench.around_plan import (
    admitting,
    certain_answer,
    closest_to,
    point_of,
    without_rows,
)
from allocate.bench.proposals import FACE, Answer
from allocate.errors import CertificateError
from allocate.inputs.handed import OneLine
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules.pot import POT_ROWS
from allocate.model.rules.register import families
from allocate.results.allocation import Allocation
from allocate.results.ledger import delivery_of
from allocate.results.measures import judge_cells
from allocate.results.point import by_segment
from allocate.session import Session
from allocate.solve.canonical import canonical, optimal_face
from allocate.solve.certify import OPTIMALITY, Certificate, dual_bound
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Status
from allocate.town.arrays import Floats


@dataclass(frozen=True, eq=False, repr=False)
class Resteerable(OneLine):
    """What a plan costs beyond the cheapest plan with at least its coverage in every cell; EUR/year.

    ``resteerable_eur`` = ``spent_eur`` - ``cheapest_eur``, proven possible and, by ``at_most_eur``, proven to be all
    (in an indivisible scenario the two may differ). ``locked_eur``: so much more without commitments.
    ``duplication_eur`` of the plan = ``avoidable_eur`` + ``unavoidable_eur``. ``offers``: where, in the cheapest plan
    closest to the one judged (``offer_id, cost_eur, cheapest_eur, change_eur``).
    """

    scenario_id: str
    spent_eur: float
    cheapest_eur: float
    resteerable_eur: float
    at_most_eur: float
    locked_eur: float
    duplication_eur: float
    avoidable_eur: float
    unavoidable_eur: float
    offers: pd.DataFrame
    certificate: Certificate


def resteerable(session: Session, scenario_id: str, plan: Allocation | None = None) -> Resteerable | None:
    """Judge a plan of a scenario (default: the one the session gives); None where there is no plan.

    Raises ``CertificateError`` where an answer is not proven.
    """
    plan = session.run(scenario_id) if plan is None else plan
    if plan.measures is None:
        return None
    compiled = session.compiled(scenario_id)
    x = point_of(compiled, plan)
    program = cheapest_program(compiled, plan, x)
    spent = float(program.cost @ x)
    size = max(compiled.town.weights.budget, spent, 1.0)
    answer, bound = _cheapest(program, _duplication_cost(compiled), size, session, scenario_id)
    cheapest = float(program.cost @ answer.x)
    free, _ = _cheapest(without_commitments(compiled, program), None, size, session, scenario_id)
    unavoidable = min(float(_duplication_cost(compiled) @ answer.x), plan.measures.duplication_eur)
    return Resteerable(
        scenario_id=scenario_id,
        spent_eur=spent,
        cheapest_eur=cheapest,
        resteerable_eur=max(0.0, spent - cheapest),
        at_most_eur=max(0.0, spent - bound),
        locked_eur=max(0.0, cheapest - float(program.cost @ free.x)),
        duplication_eur=plan.measures.duplication_eur,
        avoidable_eur=plan.measures.duplication_eur - unavoidable,
        unavoidable_eur=unavoidable,
        offers=_where(compiled, program, answer, x, session),
        certificate=answer.certificate,
    )


def cheapest_program(compiled: Compiled, plan: Allocation, x: Floats) -> LinearProgram:
    """Minimise cost (EUR/year) with at least the plan's coverage in every cell; the plan ``x`` is one of its points."""
    town, layout = compiled.town, compiled.layout
    cost = np.zeros(compiled.program.column_count)
    cost[layout.index.slice("capacity")] = town.offers.unit_cost
    if town.indivisible:
        cost[layout.index.slice("capacity")] = town.offers.variable_unit_cost
        cost[layout.index.slice("open")] = town.offers.fixed_cost
        cost[layout.index.slice("step")] = town.steps.cost
    # Coverage is held cell by cell, which meets every floor the plan meets; what a plan moves is not limited here.
    program = without_rows(compiled.program, *families(lambda equation: not equation.of_cost))
    lower, row_upper = program.lower.copy(), program.row_upper.copy()
    covered = judge_cells(town, delivery_of(town, plan)).covered
    lower[layout.index.slice("covered")] = by_segment(compiled, covered)
    # Money that a pot pays today without being allowed to keeps its place, so that nobody else can use it again.
    row_upper[program.rows_index.slice(POT_ROWS)] -= _outside_the_rules(compiled, plan)
    return admitting(replace(program, cost=cost, lower=lower, row_upper=row_upper), x)


def without_commitments(compiled: Compiled, program: LinearProgram) -> LinearProgram:
    """The program as if no contract or notice period held capacity in place."""
    lower = program.lower.copy()
    for family in ("capacity", "open"):
        lower[compiled.layout.index.slice(family)] = 0.0
    return replace(program, lower=lower)


def _outside_the_rules(compiled: Compiled, plan: Allocation) -> Floats:
    """EUR per pot that the plan takes from it for offers the pot may not pay."""
    town = compiled.town
    paid = plan.funding.merge(
        pd.DataFrame({"pot_id": town.pots[town.funding.pot], "offer_id": town.offers.ids[town.funding.offer]}),
        how="left",
        on=["pot_id", "offer_id"],
        indicator="rule",
    )
    outside = paid[paid["rule"] == "left_only"].groupby("pot_id")["amount_eur"].sum()
    amount: Floats = outside.reindex(town.pots, fill_value=0.0).to_numpy(dtype=float)
    return amount


def _duplication_cost(compiled: Compiled) -> Floats:
    """EUR of unwanted duplication per column: price[n] of every z[s,n]."""
    cost = np.zeros(compiled.program.column_count)
    town = compiled.town
    cost[compiled.layout.index.slice("duplication")] = town.needs.price[town.cells.need]
    return cost


def _cheapest(
    program: LinearProgram, then: Floats | None, size: float, session: Session, scenario: str
) -> tuple[Answer, float]:
    """The cheapest point (and among those the least of ``then``), and a proven lower bound of the cost in EUR.

    Goals are divided by the budget, so that the certificate's tolerance is a share of it.
    """
    goal = program.cost / size
    first = certain_answer(replace(program.relaxed(), cost=goal), session.limits, scenario, OPTIMALITY)
    bound = dual_bound(first.program, _dual(first, scenario)) * size
    if program.is_mixed_integer:
        sites = _with_sites(replace(program, cost=goal), session, scenario)
        first = certain_answer(sites, session.limits, scenario, OPTIMALITY)
    if then is None:
        return first, bound
    face = optimal_face(first.program, first.x, _dual(first, scenario), FACE)
    return certain_answer(replace(face, cost=then / size), session.limits, scenario, OPTIMALITY), bound


def _dual(answer: Answer, scenario: str) -> Floats:
    if answer.solution.row_dual is None:
        raise CertificateError("plan-not-verified", scenario=scenario, reason="no multipliers")
    return answer.solution.row_dual


def _with_sites(program: LinearProgram, session: Session, scenario: str) -> LinearProgram:
    """The linear program that remains with the sites open that the mixed-integer optimum opens."""
    found = LoadedProgram(program, session.limits).solve()
    if found.x is None and found.status is Status.LIMIT:
        raise CertificateError("limit-reached", scenario=scenario)
    if found.x is None:
        raise CertificateError("plan-not-verified", scenario=scenario, reason=str(found.status))
    sites = np.round(found.x)
    return replace(
        program.relaxed(),
        lower=np.where(program.integer, sites, program.lower),
        upper=np.where(program.integer, sites, program.upper),
    )


def _where(compiled: Compiled, program: LinearProgram, answer: Answer, x: Floats, session: Session) -> pd.DataFrame:
    """Cost per offer in the plan and in the cheapest plan closest to it."""
    closest = canonical(answer.program, answer.solution, closest_to(compiled, x), session.limits, answer.loaded)
    point = answer.x if closest is None or closest.x is None else closest.x
    now, least = (_cost_of_offers(compiled, program, one) for one in (x, point))
    return pd.DataFrame(
        {"offer_id": compiled.town.offers.ids, "cost_eur": now, "cheapest_eur": least, "change_eur": least - now}
    )


def _cost_of_offers(compiled: Compiled, program: LinearProgram, x: Floats) -> Floats:
    index = compiled.layout.index
    capacity = index.slice("capacity")
    cost: Floats = program.cost[capacity] * x[capacity]
    if compiled.town.indivisible:
        cost = cost + program.cost[index.slice("open")] * x[index.slice("open")]
        paid, offer = program.cost[index.slice("step")] * x[index.slice("step")], compiled.town.steps.offer
        cost = cost + np.bincount(offer, paid, minlength=len(cost))
    return cost
