"""Running scenarios for commands that show allocations: runs, JSON, tables, exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from allocate.checking.opening import read_case
from allocate.cli.guard import LIMIT, NO_PLAN, OK, tell
from allocate.cli.options import Request
from allocate.cli.output import Display
from allocate.cli.progress import progress
from allocate.cli.speech import lang, say
from allocate.cli.towns import spoken_of
from allocate.cli.what_if import WhatIf
from allocate.inputs.grant_list import expect_town, is_grant_list
from allocate.inputs.names import named
from allocate.inputs.scenario.changes import WHAT_IF
from allocate.inputs.scenario.variant import Scenario
from allocate.questions.session import Session
from allocate.report.columns import said
from allocate.results.people import states_people
from allocate.results.runs import COLUMNS, Runs
from allocate.solve.solution import Limits

_TEXTS = "run.csv"
_MEASURES = (
    "scenario_id", "status", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur",
    "spent_eur", "unspent_eur", "coverage_value", "objective", "duplication_units",
    "wanted_reserve_units",
)  # fmt: skip
# Where the drawn table has another order: the least important column is the first to go on a narrow terminal.
_SHOWN = {
    "offers": ("offer_id", "capacity", "cost_eur", "change_eur", "baseline_cost_eur"),
    "coverage": ("space_id", "need_id", "demand", "covered", "gap", "duplication", "wanted_reserve", "supply"),
    "floors": ("floor_id", "scope_id", "need_id", "floor_kind", "required", "achieved", "met"),
    "changes": ("table", "key", "column", "old", "new", "reason", "set_in", "place", "source"),
}
_COMPARED = (
    "coverage_value", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "spent_eur",
)  # fmt: skip


def open_what_if(
    path: Path, asked: Sequence[str], solver: str, time_limit: float | None, what_if: WhatIf | None
) -> tuple[Session, Sequence[str]]:
    """A session on the case with the what-if as one of its scenarios, and the scenarios to show."""
    return with_what_if(open_session(path, solver, time_limit), asked, what_if)


def with_what_if(session: Session, asked: Sequence[str], what_if: WhatIf | None) -> tuple[Session, Sequence[str]]:
    """A session on the same case with the what-if as one of its scenarios, and the scenarios to show."""
    if what_if is None:
        return session, asked
    case, shown = what_if.added_to(session.case, asked)
    return Session(case, solver=session.solver, limits=session.limits), shown


def open_session(path: Path, solver: str = "highs", time_limit: float | None = None) -> Session:
    """Read a case and be ready to run its scenarios within ``time_limit`` seconds altogether."""
    limits = limited(time_limit)
    case = read_case(path)
    expect_town(case)
    return Session(case, solver=solver, limits=limits)


def limited(time_limit: float | None) -> Limits:
    """Limits of so many seconds altogether, from now on."""
    return Limits.together(time_limit) if time_limit else Limits()


def open_for_report(
    path: Path, asked: Sequence[str], solver: str, time_limit: float | None, what_if: WhatIf
) -> tuple[Session, Sequence[str]]:
    """As ``open_what_if``; a list of grants, of which there is a report without a plan, is opened as it is."""
    limits = limited(time_limit)
    session = Session(read_case(path), solver=solver, limits=limits)
    return (session, asked) if is_grant_list(session.case.tables) else with_what_if(session, asked, what_if)


def run_all(
    request: Request,
    path: Path,
    asked: Sequence[str],
    solver: str = "highs",
    time_limit: float | None = None,
    what_if: WhatIf | None = None,
) -> Results:
    """Run the scenarios asked for (none: all of the case), each once, in the order asked, and a what-if behind."""
    session, asked = open_what_if(path, asked, solver, time_limit, what_if)
    total = len(set(asked)) or len(session.scenario_ids)
    with progress(request, say("run.progress", _TEXTS), total) as step:
        return Results(path, session, session.runs(*asked, progress=step))


@dataclass(frozen=True)
class Results:
    """The plans of one call as a terminal shows them."""

    path: Path
    session: Session
    runs: Runs

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """Their settings by id, in the order they were asked for."""
        return {id: plan.scenario for id, plan in self.runs.plans.items()}

    def exit_code(self) -> int:
        """3 if a run was stopped by its limit, 1 if a scenario has no feasible plan, else 0."""
        found = {str(allocation.status) for allocation in self.runs.plans.values()}
        return LIMIT if "limit" in found else NO_PLAN if "infeasible" in found else OK

    def displays(self, lang: str, table: str = "") -> list[Display]:
        """The measures and their difference from the status quo, or one table per scenario."""
        if table in ("", "measures"):
            return self._measures(lang)
        whole = self.runs.table(table)
        displays = []
        for id, scenario in self.scenarios.items():
            part, columns = named(
                self.runs.case, whole[whole["scenario_id"] == id], _SHOWN.get(table, COLUMNS[table]), lang
            )
            title = say(f"run.{table}", _TEXTS, scenario=id, title=scenario.label(lang))
            displays.append(Display(table, title, part, columns, self._unstated(table), tidy=whole))
        return displays

    def _unstated(self, table: str) -> list[str]:
        """What the case would have to state for the table to say something."""
        case = self.runs.case
        stated = {"people": states_people(case), "situations": states_people(case), "staff": len(case["staff"]) > 0}
        return [] if stated.get(table, True) else [say(f"run.unstated.{table}", _TEXTS)]

    def _measures(self, lang: str) -> list[Display]:
        tidy = self.runs.measures
        title = say("run.measures", _TEXTS, case=self.runs.case.town_name)
        notes = [f"{id}: {scenario.label(lang)}" for id, scenario in self.scenarios.items()]
        for id, plan in self.runs.plans.items():
            if plan.has_plan and plan.message(lang):
                notes.append(f"{id}: {plan.message(lang)}")
        displays = [Display("measures", title, tidy, _MEASURES, notes, tidy)]
        judged = tidy.index[tidy["status"] == "evaluated"]
        if len(judged) and len(tidy) > 1:
            displays.append(self._against(tidy, tidy.loc[judged[0]]))
        return displays

    def _against(self, tidy: pd.DataFrame, today: pd.Series) -> Display:
        """The measures minus those of the status quo, for the scenarios that have a proposal."""
        others = tidy[(tidy["scenario_id"] != today["scenario_id"]) & tidy["coverage_value"].notna()]
        change = others[list(_COMPARED)] - today[list(_COMPARED)].astype(float)
        change.columns = [f"{name}_change" for name in _COMPARED]
        change.insert(0, "scenario_id", others["scenario_id"])
        title = say("run.against", _TEXTS, scenario=today["scenario_id"])
        return Display("measures", title, change.assign(moved_eur=others["moved_eur"]), notes=self._otherwise(today))

    def _otherwise(self, today: pd.Series) -> list[str]:
        """Which of the differences hold more than what the plan changes, because demand or weights are others."""
        from allocate.results.yardstick import measured_alike

        plans = self.runs.plans
        own = plans[str(today["scenario_id"])]
        others = [id for id, plan in plans.items() if plan.has_plan and not measured_alike(plan, own)]
        if not others:
            return []
        return [say("run.otherwise", _TEXTS, scenarios=", ".join(others), count=len(others), case=spoken_of(self.path))]

    def point_out(self) -> None:
        """Say on standard error what did not go as planned, one line each, with the next step."""
        for id, allocation in self.runs.plans.items():
            expected, status = self.scenarios[id].expected, str(allocation.status)
            as_expected = say("run.as_expected", _TEXTS) if expected == status else ""
            if status == "infeasible":
                asked = f"{self.scenarios[id].parent_id} --change ..." if id == WHAT_IF else id
                tell(
                    say(
                        "run.infeasible",
                        _TEXTS,
                        scenario=id,
                        asked=asked,
                        case=spoken_of(self.path),
                        expected=as_expected,
                    )
                )
            elif status == "limit":
                tell(say("run.limit" if allocation.has_plan else "run.nothing", _TEXTS, scenario=id))
            if expected and not as_expected and status != "limit":
                words = {"expected": said(expected, lang()), "status": said(status, lang())}
                tell(say("run.unexpected", _TEXTS, scenario=id, **words))
