"""Transition: how a town gets from today to the plan, year by year, and what a later decision costs.

One linear program over all years (``model/path.py``), so that a year gives up what a later year needs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from allocate.analyses.remarks import Figure, Remark, said
from allocate.analyses.transition import path_tables
from allocate.analyses.transition.horizon import Horizon, Span, at_once, horizon, span_of
from allocate.analyses.transition.solve_path import Solved, solve
from allocate.analyses.transition.why_not_earlier import steps_of
from allocate.errors import UsageError
from allocate.inputs.months import MONTHS, month_text
from allocate.plain import Record
from allocate.results.columns import Columns
from allocate.results.floor_kinds import minima
from allocate.results.told import Told
from allocate.session import Session

TABLES = ("years", "steps", "offers", "pots", "staff", "needs", "spaces", "coverage", "floors", "delays", "last")
DELAYS = (3, 6, 12)
DELAY_COLUMNS = Columns(
    "delay_months", "status", "objective_change", "covered_units_change", "spent_change_eur", "floors_missed",
)  # fmt: skip
LAST_COLUMNS = Columns(
    "last_plan", "weighted_coverage", "lowest_space_coverage", "spent_eur", "duplication_eur", "coverage_value",
    "objective",
)  # fmt: skip
_FILE = "transition/texts.csv"


@dataclass(frozen=True, eq=False, repr=False)
class Transition(Told):
    """A path from today to the plan of a scenario.

    Tables by year: ``years``, ``offers``, ``pots``, ``staff``, ``needs``, ``spaces``, ``coverage``, ``floors``;
    ``steps``: what starts, grows, shrinks and ends when, and what held it back in the year before; ``delays``: what a
    later decision changes; ``last``: the last year beside the plan that its own money would allow from today at once.
    ``value``: the mean of the years' values, more is better.
    """

    JSON: ClassVar = (
        "scenario_id", "*span.told", "objective=value", "messages", *TABLES, "certificate=solved.certificate",
    )  # fmt: skip

    scenario_id: str
    span: Span
    solved: Solved
    years: pd.DataFrame
    steps: pd.DataFrame
    offers: pd.DataFrame
    pots: pd.DataFrame
    staff: pd.DataFrame
    needs: pd.DataFrame
    spaces: pd.DataFrame
    coverage: pd.DataFrame
    floors: pd.DataFrame
    delays: pd.DataFrame
    last: pd.DataFrame
    remarks: tuple[Remark, ...]

    @property
    def value(self) -> float:
        """The mean of the years' values."""
        return self.solved.value

    def messages(self, lang: str = "en") -> list[str]:
        """What there is to say about the path."""
        return said(self.remarks, lang)


def transition(
    session: Session,
    scenario_id: str,
    years: tuple[int, int] | None = None,
    *,
    decided: int | None = None,
    delays: Sequence[int] = DELAYS,
) -> Transition:
    """The best path of a scenario over the years (first and last; default: four from the year planned).

    ``decided``: the month (12 * year + month - 1) from which the decision takes effect, by default the first of the
    path. Raises ``UsageError`` (``span_of``, path-divisible, path-judged, no-path) and ``CertificateError``.
    """
    span = span_of(session.case, scenario_id, years, decided)
    ahead = horizon(session.case, scenario_id, span)
    solved = solve(ahead, session.limits)
    if solved is None:
        raise UsageError("no-path", scenario=scenario_id, year=_first_impossible(session, scenario_id, span))
    later = _delays(session, scenario_id, span, solved, delays)
    return Transition(
        scenario_id=scenario_id,
        span=span,
        solved=solved,
        years=path_tables.years_table(solved),
        steps=steps_of(ahead, solved),
        offers=path_tables.offers_table(solved),
        pots=path_tables.pots_table(ahead, solved),
        staff=path_tables.staff_table(solved),
        needs=path_tables.needs_table(solved),
        spaces=path_tables.spaces_table(solved),
        coverage=path_tables.coverage_table(solved),
        floors=path_tables.floors_table(solved),
        delays=later,
        last=_last(session, scenario_id, span, solved),
        remarks=_remarks(ahead, solved, later),
    )


def _first_impossible(session: Session, scenario_id: str, span: Span) -> int:
    """The first year up to which there is no path."""
    for count in range(1, len(span.years)):
        shorter = Span(span.years[:count], span.decided)
        if solve(horizon(session.case, scenario_id, shorter), session.limits) is None:
            return shorter.years[-1]
    return span.years[-1]


def _delays(session: Session, scenario_id: str, span: Span, solved: Solved, delays: Sequence[int]) -> pd.DataFrame:
    """What changes if the decision comes so many months later (``DELAY_COLUMNS``), against the path."""
    rows: list[Record] = []
    for months in delays:
        later = Span(span.years, span.decided + months)
        if later.decided >= MONTHS * (span.years[-1] + 1):
            continue
        found = solve(horizon(session.case, scenario_id, later), session.limits)
        row: Record = {"delay_months": months, "status": "infeasible"}
        if found is not None:
            row |= {
                "status": "optimal",
                "objective_change": found.value - solved.value,
                "covered_units_change": path_tables.covered_units(found.plans)
                - path_tables.covered_units(solved.plans),
                "spent_change_eur": _spent(found) - _spent(solved),
                "floors_missed": len(found.missed),
            }
        rows.append(row)
    return DELAY_COLUMNS.of(rows)


def _spent(solved: Solved) -> float:
    """EUR that all years spend, what falls due once included."""
    table = path_tables.years_table(solved)
    return float(table["spent_eur"].sum() + table["once_eur"].sum())


def _last(session: Session, scenario_id: str, span: Span, solved: Solved) -> pd.DataFrame:
    """The last year beside the plan of that year that could begin from today at once (``LAST_COLUMNS``)."""
    found = solve(at_once(session.case, scenario_id, span.years[-1]), session.limits)
    plans = {"plan_at_once": found.plans[0] if found else None, "plan_of_path": solved.plans[-1]}
    rows = [
        {"last_plan": name, "objective": plan.objective, **vars(plan.measures)}
        for name, plan in plans.items()
        if plan is not None and plan.measures is not None
    ]
    return LAST_COLUMNS.of(rows)


def _remarks(ahead: Horizon, solved: Solved, later: pd.DataFrame) -> tuple[Remark, ...]:
    span = "span" if len(ahead.span.years) > 1 else "span.one"
    found = [Remark(_FILE, span, {**ahead.span.words, "month": month_text(ahead.span.decided)})]
    missed = sorted({year for year, _, _ in solved.missed})
    if missed:
        named = ", ".join(str(year) for year in missed)
        found.append(Remark(_FILE, "missed", {"years": named, "count": Figure(len(solved.missed))}))
    elif any(len(minima(plan)) for plan in solved.plans):
        found.append(Remark(_FILE, "kept"))
    impossible = later.loc[later["status"].eq("infeasible"), "delay_months"].tolist()
    if impossible:
        found.append(Remark(_FILE, "delay-impossible", {"months": Figure(float(min(impossible)))}))
    if not solved.unique:
        found.append(Remark(_FILE, "not-unique"))
    return tuple(found)
