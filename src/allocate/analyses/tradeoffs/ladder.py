"""Budget ladder: plans from small to large budgets without flip-flops, and what that steadiness costs.

Planned separately for every budget, an offer may be raised at 95 per cent, cut at 100 and raised again at 105, which
nobody could defend. The ladder starts from the plan of the scenario's own budget, the one that is decided on, so that
this plan costs nothing in steadiness. Upwards each step keeps at least the capacities of the step below it (that plan
stays affordable, so there is always one); downwards each step has at most the capacities of the step above it (there
may be none, and then it is said). The price of steadiness is the free optimum of a budget minus its step.

The weights of duplication and re-steering stay those of the scenario's own budget: all steps are measured alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.figures import figures
from allocate.analyses.remarks import Figure, Remark
from allocate.analyses.tradeoffs.goals import divisible
from allocate.bench.proposals import proposal, solve_proven
from allocate.bench.resolve import number_of
from allocate.errors import UsageError
from allocate.judge.plan import Waiver
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules.pot import POT_ROWS
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.told import Told
from allocate.session import Session
from allocate.town.arrays import Bools, Floats
from allocate.town.facts import PotFacts

if TYPE_CHECKING:
    from allocate.report.pictures.picture import Picture

DEFAULT_STEPS = (0.85, 0.90, 0.95, 1.0, 1.05, 1.10, 1.15)
# A change of capacity below this share of a unit is rounding, not a step.
STILL = 1e-6
_TEXTS = "tradeoffs/texts_ladder.csv"


@dataclass(frozen=True, eq=False, repr=False)
class Ladder(Told):
    """The nested plans of a scenario.

    ``steps``: one row per budget, from small to large: ``budget_share`` of the varied pots, ``budget_eur`` (all pots),
    ``status``, ``objective`` and ``free_objective`` (of the best plan for that budget alone), ``price`` of steadiness
    (their difference, points), ``price_eur`` (that price at what the step's budget is worth per euro, EUR/year; NaN
    where more money is worth nothing), and the measures. ``offers``: capacity units/year per offer and step,
    ``enters``: the smallest budget share at which the offer runs at all, ``grows_until``: the one above which it grows
    no more.
    """

    JSON: ClassVar = ("scenario_id", "pots", "steps", "offers", "remarks")

    scenario_id: str
    pots: tuple[str, ...]
    steps: pd.DataFrame
    offers: pd.DataFrame
    plans: dict[float, Allocation]
    remarks: tuple[Remark, ...]

    def plot(self, lang: str = "en") -> Picture:
        """The report's picture of the budgets."""
        from allocate.report.pictures.of_answers import budgets  # noqa: PLC0415  (the picture knows the steps)

        return budgets(self, lang)


def ladder(
    session: Session,
    scenario_id: str,
    steps: Sequence[float] = DEFAULT_STEPS,
    pots: Sequence[str] = (),
    *,
    step: Callable[[str], None] = lambda _: None,
) -> Ladder:
    """Nested plans for shares of the named pots (default: the pooled, municipal ones; all where none is pooled).

    ``step`` is called with a label before each budget. Raises ``UsageError`` (ladder-steps, id-unknown, divisible-only,
    no-feasible-plan) and ``CertificateError``.
    """
    compiled = divisible(session, scenario_id)
    shares = sorted({1.0, *steps})
    if shares[0] < 0 or not np.isfinite(shares).all():
        raise UsageError("ladder-steps", steps=", ".join(f"{share:g}" for share in steps))
    varied = _varied(compiled, pots)
    free: dict[float, Allocation | None] = {}
    for share in shares:
        step(f"{share:.0%}")
        free[share] = _plan(session, compiled, _with_budget(compiled, varied, share))
    if free[1.0] is None:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    nested = _nested(session, compiled, varied, free, shares)
    names = tuple(str(pot) for pot in compiled.town.pots[varied])
    return Ladder(
        scenario_id,
        names,
        _steps(compiled, varied, shares, nested, free),
        _offers(compiled, nested),
        {share: plan for share, plan in nested.items() if plan is not None},
        _remarks(nested),
    )


def _varied(compiled: Compiled, pots: Sequence[str]) -> Bools:
    town = compiled.town
    if pots:
        for pot in pots:
            number_of("pots", pot, town.pots)
        return np.isin(town.pots.astype(str), list(pots))
    pooled = PotFacts(compiled.variant.case).pooled
    return pooled if pooled.any() else np.ones(len(pooled), dtype=bool)


def _with_budget(compiled: Compiled, varied: Bools, share: float) -> LinearProgram:
    """The program with the varied pots at a share of their amount."""
    upper = compiled.program.row_upper.copy()
    upper[compiled.program.rows_index.slice(POT_ROWS)] = _amounts(compiled, varied, share)
    return replace(compiled.program, row_upper=upper)


def _amounts(compiled: Compiled, varied: Bools, share: float) -> Floats:
    return np.where(varied, share, 1.0) * compiled.town.pot_amount


def _plan(session: Session, compiled: Compiled, program: LinearProgram) -> Allocation | None:
    answer = solve_proven(program, session.limits, scenario=compiled.variant.scenario.scenario_id)
    first = program.rows_index[POT_ROWS].start
    more = program.row_upper[first : first + len(compiled.town.pots)] - compiled.town.pot_amount
    waiver = Waiver(money=dict(zip(map(str, compiled.town.pots), more.tolist(), strict=True)))
    return None if answer is None else proposal(compiled, answer, session.limits, waiver=waiver)


def _nested(
    session: Session, compiled: Compiled, varied: Bools, free: dict[float, Allocation | None], shares: list[float]
) -> dict[float, Allocation | None]:
    """Upwards from the scenario's own budget, then downwards; below a budget without a plan there is none either."""
    start = shares.index(1.0)
    nested: dict[float, Allocation | None] = {1.0: free[1.0]}
    for before, share in zip(shares[start:], shares[start + 1 :], strict=False):
        nested[share] = _held(session, compiled, _with_budget(compiled, varied, share), nested[before], up=True)
    for before, share in zip(shares[start::-1], shares[start - 1 :: -1] if start else [], strict=False):
        nested[share] = _held(session, compiled, _with_budget(compiled, varied, share), nested[before], up=False)
    return {share: nested[share] for share in shares}


def _held(
    session: Session, compiled: Compiled, program: LinearProgram, neighbour: Allocation | None, *, up: bool
) -> Allocation | None:
    """The best plan with at least (up) or at most (down) the capacities of the neighbouring step."""
    if neighbour is None:
        return None
    place = program.columns_index.slice("capacity")
    capacity = np.clip(neighbour.offers["capacity"].to_numpy(dtype=float), program.lower[place], program.upper[place])
    lower, upper = program.lower.copy(), program.upper.copy()
    (lower if up else upper)[place] = capacity
    return _plan(session, compiled, replace(program, lower=lower, upper=upper))


def _steps(
    compiled: Compiled,
    varied: Bools,
    shares: list[float],
    nested: dict[float, Allocation | None],
    free: dict[float, Allocation | None],
) -> pd.DataFrame:
    worth = _worth_of_a_euro(compiled, varied, shares, free)
    rows = []
    for share in shares:
        plan, best = nested[share], free[share]
        budget = float(_amounts(compiled, varied, share).sum())
        row: Record = {"budget_share": share, "budget_eur": budget, "status": _status(plan, best)}
        if best is not None:
            row["free_objective"] = best.objective
        if plan is not None and best is not None:
            price = max(0.0, best.objective - plan.objective)
            own = figures(plan)
            row |= {"price": price, "price_eur": price / worth[share] if worth[share] > 0 else np.nan}
            row |= {**own, "unspent_eur": budget - own["spent_eur"]}
        rows.append(row)
    return pd.DataFrame(rows)


def _status(plan: Allocation | None, best: Allocation | None) -> str:
    """``optimal``, ``no-nested`` (a plan exists, but none without a flip-flop), ``infeasible``."""
    if plan is not None:
        return "optimal"
    return "infeasible" if best is None else "no-nested"


def _worth_of_a_euro(
    compiled: Compiled, varied: Bools, shares: list[float], free: dict[float, Allocation | None]
) -> dict[float, float]:
    """Objective points per EUR around each budget: the mean slope of the free optima to its neighbours."""
    known = [(share, plan.objective) for share in shares if (plan := free[share]) is not None]
    euros = float(compiled.town.pot_amount[varied].sum())
    if len(known) < 2 or euros <= 0:
        return dict.fromkeys(shares, 0.0)
    places, values = np.array([share for share, _ in known]) * euros, np.array([value for _, value in known])
    slopes = np.gradient(values, places) if len(known) > 2 else np.full(2, np.diff(values)[0] / np.diff(places)[0])
    found = dict(zip([share for share, _ in known], slopes.tolist(), strict=True))
    return {share: found.get(share, 0.0) for share in shares}


def _offers(compiled: Compiled, nested: dict[float, Allocation | None]) -> pd.DataFrame:
    """Capacity of every offer at every budget that has a step, with where it begins and where it stops growing."""
    offers = compiled.town.offers
    steps = {share: plan.offers["capacity"].to_numpy(dtype=float) for share, plan in nested.items() if plan is not None}
    levels = np.column_stack(list(steps.values()))
    shares = np.array(list(steps))
    running = levels > STILL
    grows = np.diff(levels, axis=1, prepend=0.0) > STILL
    table = pd.DataFrame({"offer_id": offers.ids, "baseline_capacity": offers.baseline_capacity})
    for share, level in steps.items():
        table[f"at_{share:g}"] = level
    table["enters"] = np.where(running.any(axis=1), shares[running.argmax(axis=1)], np.nan)
    last = len(shares) - 1 - grows[:, ::-1].argmax(axis=1)
    table["grows_until"] = np.where(grows.any(axis=1), shares[last], np.nan)
    return table


def _remarks(nested: dict[float, Allocation | None]) -> tuple[Remark, ...]:
    missing = [share for share, plan in nested.items() if plan is None]
    found = [Remark(_TEXTS, "meaning")]
    if missing:
        found.append(Remark(_TEXTS, "missing", {"share": Figure(max(missing), share=True)}))
    return tuple(found)
