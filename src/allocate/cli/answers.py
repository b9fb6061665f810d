"""Running scenarios for commands that show allocations: runs, JSON, tables, exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from allocate.cli.drawn import tables_of
from allocate.cli.guard import LIMIT, NO_PLAN, OK, tell
from allocate.cli.opening import open_what_if
from allocate.cli.options import Request
from allocate.cli.output import Display
from allocate.cli.progress import progress
from allocate.cli.speech import lang, say
from allocate.cli.towns import spoken_of
from allocate.cli.what_if import NO_CHANGE, WhatIf
from allocate.inputs.names import named
from allocate.inputs.scenario.changes import WHAT_IF
from allocate.inputs.scenario.variant import Scenario
from allocate.questions.session import Session
from allocate.report.columns import said
from allocate.results.people import states_people
from allocate.results.runs import COLUMNS, Runs

_TEXTS = "run.csv"
_COMPARED = ("coverage_value", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "spent_eur")


def run_all(
    request: Request,
    path: Path,
    asked: Sequence[str],
    solver: str = "highs",
    time_limit: float | None = None,
    what_if: WhatIf = NO_CHANGE,
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
            shown = tables_of("run")[table].columns or COLUMNS[table]
            # What a scenario inserts has its name there alone.
            seen = self.runs.plans[id].variant.case
            part, columns = named(seen, whole[whole["scenario_id"] == id], shown, lang)
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
        displays = [Display("measures", title, tidy, tables_of("run")["measures"].columns, notes, tidy)]
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
