"""What follows from holding one offer: what is lost, where, whose money it is, and what that money is worth elsewhere.

Losses are differences of two best values, each of an optimum. Where two plans are compared cell by cell both must be
canonical, else the place of the loss is an accident of the solver; the quick answers for a whole town compare optimal
points near each other instead and are marked as such.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.bench.proposals import proposal, solve_proven
from allocate.bench.recast import extended
from allocate.bench.resolve import NOTHING, Bench, Hold, Outcome, held, outcome_of
from allocate.judge.plan import Waiver
from allocate.model.program import Block
from allocate.model.rules.floor import FLOOR_ROWS
from allocate.model.rules.pot import POT_ROWS
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.measures import judge_cells, measure
from allocate.results.told import Told
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Status
from allocate.town.arrays import Floats

# Differences below this (EUR, need units) are rounding, not a change.
TRACE = 1e-6
CELL_COLUMNS = Columns("space_id", "need_id", "plan_units", "then_units", "lost_units")
MONEY_COLUMNS = Columns("pot_id", "offer_id", "plan_eur", "then_eur", "more_eur", "same_pot")


@dataclass(frozen=True, eq=False, repr=False)
class Consequence(Told):
    """The best plan if one thing were held, against the proposal.

    ``question``: ``closed`` (the offer does not exist), ``kept`` (at least today's level), ``not_raised`` (at most
    today's level) or ``started`` (a first unit of an offer that gets nothing); ``level`` in capacity units/year.
    ``loss``: objective points the proposal is better by; the true loss lies within ``loss_gap`` of it (0 in a
    divisible scenario). ``own_money_eur``: what the held level costs more (or the closed offer sets free), EUR/year;
    ``own_worth``: that money times the marginal value of its pots; ``price_tag`` = loss / own_worth (NaN where the
    money is worth nothing elsewhere). ``lost_units`` and ``gained_units``: need units/year, summed over ``cells``
    (columns ``CELL_COLUMNS``, only cells that differ). ``money`` (``MONEY_COLUMNS``): who gets more in the proposal
    than then, ``same_pot`` where the held offer is paid from it. ``canonical``: both plans are the ones closest to
    today, so that places are no accident.
    """

    JSON: ClassVar = (
        "question", "level", "possible", "loss", "loss_gap", "own_money_eur", "own_worth", "price_tag", "lost_units",
        "gained_units", "canonical", "measures", "cells", "money",
    )  # fmt: skip

    question: str
    level: float
    possible: bool
    loss: float
    loss_gap: float = 0.0
    own_money_eur: float = math.nan
    own_worth: float = math.nan
    lost_units: float = math.nan
    gained_units: float = math.nan
    measures: dict[str, float] = field(default_factory=dict)
    cells: pd.DataFrame = field(default_factory=CELL_COLUMNS.of)
    money: pd.DataFrame = field(default_factory=MONEY_COLUMNS.of)
    canonical: bool = False

    @property
    def price_tag(self) -> float:
        """Loss against the worth of the own money elsewhere; NaN where that worth is nothing."""
        return self.loss / self.own_worth if self.own_worth > NOTHING else math.nan

    @property
    def costs_nothing(self) -> bool:
        """Whether the proposal is not better than the best plan with the hold."""
        return self.possible and self.loss <= NOTHING + self.loss_gap


def quick(bench: Bench, offer: int, question: str, level: float, holds: Sequence[Hold]) -> Consequence:
    """The answer from a re-solve: the loss is exact.

    Cells and money are those between the proposal and the plan closest to today; in a large town (``asks_closest``)
    between two optimal points near each other.
    """
    then = bench.ask_closest(*holds) if bench.asks_closest else bench.ask(*holds)
    return _compared(bench, offer, (question, level), at_hand(bench), then, canonical=bench.asks_closest)


def at_hand(bench: Bench) -> Outcome:
    """The optimum that quick answers are compared with: the proposal, in a large town the vertex they start from."""
    return replace(bench.optimum, x=bench.plan_x) if bench.asks_closest or bench.optimum.x is None else bench.optimum


def thorough(
    bench: Bench,
    offer: int | None,
    question: str,
    level: float,
    holds: Sequence[Hold] = (),
    rows: Sequence[Block] = (),
) -> tuple[Consequence, Allocation | None]:
    """The answer from a certified, canonical plan made from scratch, and that plan (None where there is none).

    ``offer`` is the one whose money is meant (None: nobody's); ``rows`` are conditions beside the holds.
    """
    then, plan = plan_under(bench, holds, rows)
    shown = replace(bench.optimum, x=bench.plan_x)
    return _compared(bench, offer, (question, level), shown, then, canonical=not bench.is_mixed_integer), plan


def plan_under(bench: Bench, holds: Sequence[Hold], rows: Sequence[Block] = ()) -> tuple[Outcome, Allocation | None]:
    """The canonical plan under holds; of an indivisible scenario, closest to today among plans with the same offers."""
    program = held(bench.program, holds)
    if rows:
        program = extended(program, rows=rows)
    best = None
    if program.is_mixed_integer:
        best = outcome_of(LoadedProgram(program, bench.session.limits).solve(), program)
        if best.x is None:
            return best, None
        program = program.with_integers_of(best.x)
    answer = solve_proven(program, bench.session.limits, scenario=bench.scenario_id)
    if answer is None:
        return Outcome(Status.INFEASIBLE, -math.inf), None
    plan = proposal(bench.compiled, answer, bench.session.limits, waiver=given_up(bench, holds))
    return replace(best or outcome_of(answer.solution, program), x=bench.columns_of(plan)), plan


def given_up(bench: Bench, holds: Sequence[Hold]) -> Waiver:
    """The rules that holds change: amounts of pots, floors that are lifted, contracts of offers that are closed."""
    town, floors, rows = bench.compiled.town, bench.compiled.floors, bench.program.rows_index
    pots, lifted = rows[POT_ROWS].start, rows[FLOOR_ROWS].start
    enforced = np.flatnonzero(floors.enforced)
    money: dict[str, float] = {}
    places: set[tuple[str, str]] = set()
    contracts: set[str] = set()
    for hold in holds:
        for number, upper in zip(hold.numbers.tolist(), hold.upper.tolist(), strict=True):
            pot, floor, offer = number - pots, number - lifted, number - bench.columns.capacity
            if not hold.rows:
                closed = 0 <= offer < len(town.offers.ids) and upper == 0
                contracts |= {str(town.offers.ids[offer])} if closed else set()
            elif 0 <= pot < len(town.pots):
                money[str(town.pots[pot])] = upper - float(town.pot_amount[pot])
            elif 0 <= floor < len(enforced):
                places.add((str(floors.floor_id[enforced[floor]]), str(floors.scope_id[enforced[floor]])))
    return Waiver(money=money, floors=frozenset(places), contracts=frozenset(contracts))


def _compared(
    bench: Bench, offer: int | None, asked: tuple[str, float], plan: Outcome, then: Outcome, *, canonical: bool
) -> Consequence:
    question, level = asked
    if then.x is None or plan.x is None:
        stopped = then.status is Status.LIMIT
        return Consequence(question, level, False, math.nan if stopped else math.inf, then.gap, canonical=canonical)
    loss = plan.value - then.value
    gap = plan.gap + then.gap
    cells = cells_between(bench, plan.x, then.x)
    money = money_between(bench, plan.x, then.x, offer)
    own_money, own_worth = math.nan, math.nan
    if offer is not None:
        own_money, own_worth = _own_money(bench, plan.x, then.x, offer, question)
    lost = cells["lost_units"].to_numpy()
    return Consequence(
        question=question,
        level=level,
        possible=True,
        loss=max(loss, 0.0) if abs(loss) <= NOTHING else loss,
        loss_gap=gap,
        own_money_eur=own_money,
        own_worth=own_worth,
        lost_units=float(np.maximum(lost, 0).sum()),
        gained_units=float(np.maximum(-lost, 0).sum()),
        measures=_measures_between(bench, plan.x, then.x),
        cells=cells,
        money=money,
        canonical=canonical,
    )


def cells_between(bench: Bench, plan: Floats, then: Floats) -> pd.DataFrame:
    """Covered need units per cell in two plans, largest loss first; cells without a difference are left out."""
    town, use = bench.compiled.town, bench.program.columns_index.slice("use")
    before, after = (judge_cells(town, np.maximum(x[use], 0.0)).covered for x in (plan, then))
    lost = before - after
    changed = np.flatnonzero(np.abs(lost) > TRACE)
    changed = changed[np.argsort(-lost[changed], kind="stable")]
    values = (
        town.spaces.ids[town.cells.space[changed]],
        town.needs.ids[town.cells.need[changed]],
        before[changed],
        after[changed],
        lost[changed],
    )
    return pd.DataFrame(dict(zip(CELL_COLUMNS, values, strict=True)))


def money_between(bench: Bench, plan: Floats, then: Floats, offer: int | None) -> pd.DataFrame:
    """Who gets how much more from which pot in the proposal, largest first; the held offer itself is left out."""
    town, funding = bench.compiled.town, bench.program.columns_index.slice("funding")
    more = plan[funding] - then[funding]
    held = -1 if offer is None else offer
    own_pots = town.funding.pot[(town.funding.offer == held) & (np.maximum(plan[funding], then[funding]) > TRACE)]
    changed = np.flatnonzero((np.abs(more) > TRACE) & (town.funding.offer != held))
    same = np.isin(town.funding.pot[changed], own_pots)
    order = np.lexsort((-more[changed], ~same))
    changed, same = changed[order], same[order]
    values = (
        town.pots[town.funding.pot[changed]],
        town.offers.ids[town.funding.offer[changed]],
        plan[funding][changed],
        then[funding][changed],
        more[changed],
        same,
    )
    return pd.DataFrame(dict(zip(MONEY_COLUMNS, values, strict=True)))


def _own_money(bench: Bench, plan: Floats, then: Floats, offer: int, question: str) -> tuple[float, float]:
    """The money of the question (EUR/year) and its worth at the pots' marginal values (objective points)."""
    town, funding = bench.compiled.town, bench.program.columns_index.slice("funding")
    own = np.flatnonzero(town.funding.offer == offer)
    difference = (then - plan)[funding][own]
    if question in ("closed", "not_raised"):
        difference = -difference
    marginal = np.nan_to_num(bench.marginal_values[town.funding.pot[own]])
    return float(difference.sum()), float((difference * marginal).sum())


def _measures_between(bench: Bench, plan: Floats, then: Floats) -> dict[str, float]:
    """Proposal minus then, for the measures that make up the objective and the town's coverage."""
    town, use = bench.compiled.town, bench.program.columns_index.slice("use")
    first, second = (measure(town, np.maximum(x[use], 0.0)) for x in (plan, then))
    return {
        name: getattr(first, name) - getattr(second, name)
        for name in ("coverage_value", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur")
    }
