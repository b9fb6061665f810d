"""Paths compared: the paths of several scenarios over the same years, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from allocate.analyses.remarks import Remark, said
from allocate.analyses.transition import path_tables
from allocate.analyses.transition.horizon import Span, horizon, span_of
from allocate.analyses.transition.solve_path import Solved, solve
from allocate.analyses.transition.why_not_earlier import STEP_COLUMNS, steps_of
from allocate.errors import UsageError
from allocate.inputs.months import month_text
from allocate.plain import Record
from allocate.results.columns import Columns, under
from allocate.results.told import Told
from allocate.session import Session

TABLES = ("totals", "years", "steps", "pots", "staff", "needs", "spaces")
TOTAL_COLUMNS = Columns(
    "scenario_id", "status", "objective", "covered_units", "spent_eur", "once_eur", "moved_eur", "floors_missed",
    "objective_change", "covered_units_change", "spent_change_eur",
)  # fmt: skip
_FILE = "paths/texts.csv"
# Tables of a path that its years fill by themselves.
_OF_YEARS = {
    "years": path_tables.years_table, "staff": path_tables.staff_table, "needs": path_tables.needs_table,
    "spaces": path_tables.spaces_table,
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class PathComparison(Told):
    """Paths side by side; ``solved`` by scenario id, only of those that have one.

    ``totals``: one row a scenario, all years together, the changes against the first scenario that has a path; EUR and
    need units of all years. The other tables are those of a path with ``scenario_id`` in front.
    """

    JSON: ClassVar = ("*span.told", "messages", *TABLES)

    span: Span
    solved: dict[str, Solved]
    totals: pd.DataFrame
    years: pd.DataFrame
    steps: pd.DataFrame
    pots: pd.DataFrame
    staff: pd.DataFrame
    needs: pd.DataFrame
    spaces: pd.DataFrame
    remarks: tuple[Remark, ...]

    def messages(self, lang: str = "en") -> list[str]:
        """What there is to say about the comparison."""
        return said(self.remarks, lang)


def compare_paths(
    session: Session,
    ids: Sequence[str],
    years: tuple[int, int] | None,
    *,
    decided: int | None = None,
    step: Callable[[str], None] = lambda _name: None,
) -> PathComparison:
    """The paths of some scenarios (none named: all that are planned and divisible) over the same years.

    A scenario whose rules allow no path is ``infeasible`` in ``totals``. Raises ``UsageError`` (``span_of``; a named
    scenario that is only judged or indivisible), ``CertificateError``.
    """
    wanted = list(dict.fromkeys(ids)) or _planned(session)
    if not wanted:
        raise UsageError("paths-none")
    span = span_of(session.case, wanted[0], years, decided)
    solved: dict[str, Solved] = {}
    steps = []
    for id in wanted:
        step(id)
        ahead = horizon(session.case, id, span)
        found = solve(ahead, session.limits)
        if found is not None:
            solved[id] = found
            steps.append(steps_of(ahead, found).assign(scenario_id=id))
    tables = {
        name: under((table_of(found).assign(scenario_id=id) for id, found in solved.items()), ["scenario_id"])
        for name, table_of in _OF_YEARS.items()
    }
    pots = [
        path_tables.pots_table(horizon(session.case, id, span), found).assign(scenario_id=id)
        for id, found in solved.items()
    ]
    return PathComparison(
        span=span,
        solved=solved,
        totals=_totals(wanted, solved, tables["years"]),
        steps=under(steps, ["scenario_id", *STEP_COLUMNS]),
        pots=under(pots, ["scenario_id"]),
        remarks=_remarks(span, wanted, solved),
        **tables,
    )


def _planned(session: Session) -> list[str]:
    """The scenarios that can have a path."""
    settings = [session.variant(id).scenario for id in session.scenario_ids]
    return [one.scenario_id for one in settings if not one.evaluate and not one.indivisible]


def _totals(wanted: Sequence[str], solved: dict[str, Solved], years: pd.DataFrame) -> pd.DataFrame:
    rows: list[Record] = []
    base: dict[str, float] = {}
    for id in wanted:
        found = solved.get(id)
        if found is None:
            rows.append({"scenario_id": id, "status": "infeasible"})
            continue
        own = years[years["scenario_id"] == id]
        figures = {
            "objective": found.value,
            "covered_units": path_tables.covered_units(found.plans),
            **{name: float(own[name].sum()) for name in ("spent_eur", "once_eur", "moved_eur")},
        }
        base = base or figures
        rows.append(
            {
                "scenario_id": id,
                "status": "optimal",
                **figures,
                "floors_missed": int(own["floors_missed"].sum()),
                "objective_change": figures["objective"] - base["objective"],
                "covered_units_change": figures["covered_units"] - base["covered_units"],
                "spent_change_eur": figures["spent_eur"] + figures["once_eur"] - base["spent_eur"] - base["once_eur"],
            }
        )
    return TOTAL_COLUMNS.of(rows)


def _remarks(span: Span, wanted: Sequence[str], solved: dict[str, Solved]) -> tuple[Remark, ...]:
    remarks = [Remark(_FILE, "compared", {**span.words, "month": month_text(span.decided)})]
    if len(solved) > 1:
        remarks.append(Remark(_FILE, "against", {"scenario": next(iter(solved))}))
    without = [id for id in wanted if id not in solved]
    if without:
        remarks.append(Remark(_FILE, "no-path", {"scenarios": ", ".join(without), "count": len(without)}))
    for id, found in solved.items():
        missed = sorted({year for year, _, _ in found.missed})
        if missed:
            named = ", ".join(map(str, missed))
            remarks.append(Remark(_FILE, "missed", {"scenario": id, "years": named}))
    return tuple(remarks)
