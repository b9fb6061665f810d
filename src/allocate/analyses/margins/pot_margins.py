"""Pot margins: what the next euro in every pot is worth, and where a step that a planner names would do most.

Values come from the widened program, by solving again. What a step buys (which offers, which cells) is the difference
of two certified plans, each the one closest to today among equally good ones, because otherwise the place of a gain
would be an accident of the solver.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import pandas as pd

from allocate.analyses.margins.open_rules import SMALLEST, Margins, Sides
from allocate.analyses.margins.value_curve import EXACT
from allocate.bench.proposals import Answer, proposal, solve_proven, then_best
from allocate.bench.recast import extended, one_row
from allocate.bench.resolve import NOTHING, Bench, number_of
from allocate.errors import CertificateError
from allocate.inputs.handed import OneLine
from allocate.judge.plan import Waiver
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules.pot import POT, POT_ROWS
from allocate.model.rules.reached import Reached
from allocate.model.rules.register import RULES
from allocate.model.rules.relaxer import numbers
from allocate.model.rules.rule import EUR
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns, under
from allocate.results.ledger import delivery_of
from allocate.solve.certify import certify
from allocate.solve.solution import Status
from allocate.town.arrays import Bools, Floats, Ints
from allocate.town.facts import NeedFacts

POT_COLUMNS = Columns(
    "pot_id", "amount_eur", "spent_eur", "unspent_eur", "more_value", "more_up_to_eur", "more_ends", "less_value",
    "less_up_to_eur", "less_ends", "differ", "along_eur",
)  # fmt: skip
STEP_COLUMNS = Columns(
    "pot_id", "step_eur", "objective_gain", "value_per_eur", "coverage_value_gain", "covered_units_gain",
    "objective_loss",
)  # fmt: skip
EFFECT_COLUMNS = Columns("pot_id", "space_id", "need_id", "covered_units_change", "unit")
USE_COLUMNS = Columns("pot_id", "offer_id", "change_eur", "capacity_change")
SPLIT_COLUMNS = Columns("pot_id", "part_eur", "objective_gain")
# Left and right value differ from this share on; closer ones are the rounding of a solver.
DIFFER = 1e-6
# Objective points per unit below which a value is rounding: a thousand million euros of it would not be seen.
TINY = 1e-16
# Changes below these (EUR, need or capacity units) are rounding.
CENT = 0.01
UNIT = 1e-4
# Plans are made for this many pots unless others are named: those with the largest different gains.
PLANS = 3
# Equal divisions of a step are told apart by a hash of the pot's id.
HASH_SPREAD = 1e-2
# Gains are told apart to this many digits (``NOTHING``).
DIGITS = 9


def pots_table(margins: Margins, step: float) -> pd.DataFrame:
    """One row per pot: money, both one-sided values (objective points per EUR) and how far each holds (EUR).

    ``more_value``: gain per further EUR; ``less_value``: loss per EUR less (NaN: no plan is left without it);
    ``..._ends``: whether the value is known to change there; ``differ``: the two values are not the same;
    ``along_eur``: EUR/year that other pots pay only as long as this one pays.
    """
    plan = margins.bench.plan.pots
    rules = margins.widened.rules
    found = [margins.sides(rules.number(POT, str(pot)), step) for pot in plan["pot_id"]]
    return pd.DataFrame(
        {
            **{name: plan[name] for name in POT_COLUMNS[:4]},
            **piece_columns(found, "_eur"),
            "differ": [differ(sides) for sides in found],
            "along_eur": depending(margins),
        }
    )[list(POT_COLUMNS)]


def depending(margins: Margins) -> Floats:
    """EUR/year of the proposal, per pot, that others pay only as long as it pays, if nobody steps in for it."""
    compiled, plan = margins.bench.compiled, margins.bench.plan
    town = compiled.town
    reached = Reached(
        compiled,
        delivery_of(town, plan),
        plan.offers["capacity"].to_numpy(dtype=float),
        numbers(town.pots, plan.funding["pot_id"].to_numpy(dtype=object)),
        numbers(town.offers.ids, plan.funding["offer_id"].to_numpy(dtype=object)),
        plan.funding["amount_eur"].to_numpy(dtype=float),
    )
    return np.sum([np.zeros(len(town.pots)), *(rule.depends(reached) for rule in RULES if rule.depends)], axis=0)


def piece_columns(found: Sequence[Sides], unit: str = "") -> dict[str, list[float] | list[bool]]:
    """Both sides as columns; the loss of a tightening is given as a positive number."""
    return {
        "more_value": [plain(sides.more.slope) for sides in found],
        f"more_up_to{unit}": [sides.more.reach for sides in found],
        "more_ends": [sides.more.ends for sides in found],
        "less_value": [plain(-sides.less.slope) for sides in found],
        f"less_up_to{unit}": [sides.less.reach for sides in found],
        "less_ends": [sides.less.ends for sides in found],
    }


def plain(value: float) -> float:
    """A value without the sign of zero and without what a solver's rounding leaves (NaN stays)."""
    return 0.0 if abs(value) <= TINY else value


def differ(sides: Sides) -> bool:
    """Whether a little more and a little less of the rule are worth different amounts per unit."""
    more, less = sides.more.slope, -sides.less.slope
    if math.isnan(more) or math.isnan(less):
        return False
    # A slope is a difference of two best values over its reach, and exact to what these can be told apart.
    exact = sum(EXACT / (piece.reach or SMALLEST[EUR]) for piece in (sides.more, sides.less))
    return abs(more - less) > DIFFER * max(abs(more), abs(less)) + exact


def step_gains(margins: Margins, step: float) -> tuple[Floats, Floats]:
    """Per pot: what ``step`` EUR more and less in it are worth, objective points, each by a re-solve.

    The loss is NaN where the pot holds less than the step, or no plan is left without it.
    """
    rules = margins.widened.rules
    pots = [rules.number(POT, str(pot)) for pot in margins.bench.compiled.town.pots]
    gains = np.array([margins.gain(rule, step) for rule in pots])
    losses = -np.array([margins.gain(rule, -step) for rule in pots])
    return np.where(gains > NOTHING, gains, 0.0), np.where(np.abs(losses) <= NOTHING, 0.0, losses)


@dataclass(frozen=True, eq=False, repr=False)
class Steps(OneLine):
    """What a step does in each pot: the ranking, and where it goes in the pots for which a plan was made.

    ``ranking``: ``STEP_COLUMNS``, the largest gain first; ``effects``: need units/year per cell; ``uses``: EUR/year and
    capacity units/year per offer; ``plans`` by pot; ``gains`` in the order of the town's pots.
    """

    gains: Floats
    ranking: pd.DataFrame
    effects: pd.DataFrame
    uses: pd.DataFrame
    plans: dict[str, Allocation]

    @staticmethod
    def none() -> Steps:
        """No step asked about."""
        ranking, effects, uses = (
            pd.DataFrame(columns=list(columns)) for columns in (STEP_COLUMNS, EFFECT_COLUMNS, USE_COLUMNS)
        )
        return Steps(np.zeros(0), ranking, effects, uses, {})


def empty_split() -> pd.DataFrame:
    """No division: nothing was asked, or more money is worth nothing."""
    return SPLIT_COLUMNS.of()


def steps(margins: Margins, step: float, named: Sequence[str]) -> Steps:
    """The ranking of all pots for ``step`` EUR/year, with plans for the named pots (none: the best ``PLANS``).

    A best pot is planned in any case, after the named ones, because what is said of it has to be seen in a plan.
    """
    bench = margins.bench
    pots = bench.compiled.town.pots
    gains, losses = step_gains(margins, step)
    order = np.argsort(-gains.round(DIGITS), kind="stable")
    chosen = [number_of("pots", pot, pots) for pot in named] or _best(gains, order)
    best = as_good_as_best(gains)
    if best.any() and not best[chosen].any():
        chosen.append(int(order[best[order]][0]))
    plans = {str(pots[pot]): _plan(bench, pot, step) for pot in chosen}
    base = bench.plan
    ranking = pd.DataFrame(
        {"pot_id": pots[order], "step_eur": step, "objective_gain": gains[order], "value_per_eur": gains[order] / step,
         "objective_loss": losses[order]}
    )  # fmt: skip
    covered = {pot: _covered(plan) - _covered(base) for pot, plan in plans.items()}
    value = {pot: _coverage_value(plan) - _coverage_value(base) for pot, plan in plans.items()}
    ranking["coverage_value_gain"] = ranking["pot_id"].map(value).astype(float)
    ranking["covered_units_gain"] = ranking["pot_id"].map(covered).astype(float)
    return Steps(
        gains,
        ranking[list(STEP_COLUMNS)],
        under([_effects(bench.compiled, pot, base, plan) for pot, plan in plans.items()], EFFECT_COLUMNS),
        under([_uses(pot, base, plan) for pot, plan in plans.items()], USE_COLUMNS),
        plans,
    )


def as_good_as_best(gains: Floats) -> Bools:
    """Which gains (objective points) cannot be told from the largest one; none where all are worth nothing."""
    largest = float(gains.max(initial=0.0))
    found: Bools = (gains > NOTHING) & (gains >= largest - max(NOTHING, DIFFER * largest))
    return found


def _best(gains: Floats, order: Ints) -> list[int]:
    """The pots with the largest gains; of pots with the same gain the first in the table."""
    chosen: list[int] = []
    for pot in order.tolist():
        known = chosen and abs(gains[chosen[-1]] - gains[pot]) <= DIFFER * gains[chosen[-1]]
        if gains[pot] > NOTHING and not known:
            chosen.append(pot)
    return chosen[:PLANS]


def _plan(bench: Bench, pot: int, step: float) -> Allocation:
    """The certified canonical plan with ``step`` EUR more in a pot; the weights stay those of the given budget."""
    compiled, session = bench.compiled, bench.session
    upper = compiled.program.row_upper.copy()
    upper[compiled.program.rows_index[POT_ROWS].start + pot] += step
    scenario = compiled.variant.scenario.scenario_id
    answer = _optimum(bench, replace(compiled.program, row_upper=upper))
    if answer is None:
        raise CertificateError("plan-not-verified", scenario=scenario, reason="more money left no plan")
    waiver = Waiver(money={str(compiled.town.pots[pot]): step})
    return proposal(compiled, answer, session.limits, waiver=waiver)


def _optimum(bench: Bench, program: LinearProgram) -> Answer | None:
    """The certified optimum of the scenario's program with other sides; of a large one from the scenario's optimum."""
    if not bench.asks_closest:
        loaded = bench.changed(replace(bench.compiled, program=program))
        found = loaded.solve()
        if found.x is not None and found.status is Status.OPTIMAL:
            certificate = certify(program, found.x, found.row_dual)
            if certificate.verified:
                return Answer(program, found, certificate, loaded)
    return solve_proven(program, bench.session.limits, scenario=bench.scenario_id)


def _effects(compiled: Compiled, pot: str, base: Allocation, plan: Allocation) -> pd.DataFrame:
    cells = base.coverage[["space_id", "need_id"]]
    change = plan.coverage["covered"].to_numpy(dtype=float) - base.coverage["covered"].to_numpy(dtype=float)
    needs = NeedFacts(compiled.variant.case)
    table = cells.assign(pot_id=pot, covered_units_change=change, unit=needs.of(needs.unit, cells["need_id"]))
    return EFFECT_COLUMNS.of(_largest(table, "covered_units_change", UNIT))


def _uses(pot: str, base: Allocation, plan: Allocation) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "pot_id": pot,
            "offer_id": base.offers["offer_id"],
            "change_eur": plan.offers["cost_eur"] - base.offers["cost_eur"],
            "capacity_change": plan.offers["capacity"] - base.offers["capacity"],
        }
    )
    return _largest(table, "change_eur", CENT)


def _largest(table: pd.DataFrame, column: str, trace: float) -> pd.DataFrame:
    """Rows that change, gains before losses, the largest first."""
    return table[table[column].abs() > trace].sort_values(column, ascending=False, kind="stable", ignore_index=True)


def _covered(plan: Allocation) -> float:
    return float(plan.coverage["covered"].sum())


def _coverage_value(plan: Allocation) -> float:
    return math.nan if plan.measures is None else plan.measures.coverage_value


def best_split(margins: Margins, step: float, gains: Floats) -> pd.DataFrame:
    """How ``step`` EUR are best divided over the pots: ``pot_id, part_eur, objective_gain`` (of the whole division).

    Where one pot alone is as good as any division, it gets all; of equally good pots the first in the table. Empty
    where more money is worth nothing.
    """
    compiled, relaxers = margins.bench.compiled, margins.widened.relaxers
    pots = compiled.town.pots
    own = np.flatnonzero(margins.widened.rules.of(POT)[relaxers.rule])
    together, _ = margins.opened_within(own, step)
    if not together > NOTHING:
        return empty_split()
    best = int(np.argmax(gains.round(DIGITS)))
    if gains[best] >= together - max(NOTHING, DIFFER * together):
        return pd.DataFrame({"pot_id": [str(pots[best])], "part_eur": [step], "objective_gain": [float(gains[best])]})
    program = _dividing(margins, own, step)
    limits, scenario = margins.bench.session.limits, margins.bench.scenario_id
    answer = solve_proven(program, limits, scenario=scenario)
    if answer is None:
        raise CertificateError("plan-not-verified", scenario=scenario, reason="more money left no plan")
    cost = np.zeros(program.column_count)
    cost[relaxers.column[own]] = [_generic(str(pots[pot])) / step for pot in relaxers.pot[own]]
    parts = then_best(answer, cost, limits, scenario=scenario).x[relaxers.column[own]]
    table = pd.DataFrame({"pot_id": pots[relaxers.pot[own]], "part_eur": parts, "objective_gain": together})
    return SPLIT_COLUMNS.of(_largest(table, "part_eur", CENT))


def _dividing(margins: Margins, own: Ints, step: float) -> LinearProgram:
    """The program in which the pots may grow by ``step`` together."""
    steps = np.zeros(len(margins.widened.relaxers.rule))
    steps[own] = step
    row = one_row("step", margins.widened.relaxers.column[own], np.ones(len(own)), upper=step)
    return extended(margins.widened.opened(steps), rows=[row])


def _generic(pot: str) -> float:
    """A weight near 1 that hangs on the pot's id alone."""
    return 1.0 + HASH_SPREAD * int.from_bytes(blake2b(pot.encode(), digest_size=6).digest()) / 2**48
