"""Sweep: one what-if with a number in it, run for many values of that number.

Each value is a scenario of its own, the base with the changes, exactly as ``compare --change`` would run it: compiled
from the changed tables, certified, and the plan closest to today among equally good ones. Stretches of neighbouring
values (``stretch``) can be worked on by any executor, which changes how long it takes and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.figures import FIGURES, figures
from allocate.analyses.margins.stretch import far_from_here, plans_of, stretches
from allocate.analyses.reasons.direction import directions
from allocate.analyses.workers.executors import Executor, Failure, Serial
from allocate.errors import AllocateError, InputError
from allocate.inputs.scenario.variant import COMMAND_LINE
from allocate.language import Texts, as_it_is, number
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.solution import Status
from allocate.town.arrays import Bools, Floats

STEP_COLUMNS = Columns(
    "value", "input_value", "status", "objective", "objective_change", "slope", "bends", *FIGURES[1:],
    "covered_units_change",
)  # fmt: skip
TURN_COLUMNS = Columns("offer_id", "from_value", "to_value", "from_direction", "to_direction", "cost_from", "cost_to")
# Tables that a value makes invalid (a negative capacity) have no plan either; they are told apart from infeasible ones.
INVALID = "invalid"
# The slope bends where it changes by more than this share of the steepest one.
BEND = 0.01
# A change of the objective below this is rounding.
FLAT = 1e-9
TEXTS = Texts("allocate.analyses.margins", "texts_sweep.csv")


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Told):
    """The plans of a scenario along one number.

    ``steps``: one row per value: ``input_value`` (the cell's new value where exactly one is changed, else NaN),
    ``status`` (optimal, evaluated, infeasible, limit, invalid), objective and measures, ``..._change`` against the
    scenario as it is, ``slope`` (objective points per unit of the number since the value before) and ``bends`` (the
    slope from here on differs). ``turns``: where an offer changes between raised, lowered and kept. ``plans`` by value.
    """

    JSON: ClassVar = ("scenario_id", "changes", "base=base_figures", "steps", "turns", "messages")

    scenario_id: str
    changes: tuple[str, ...]
    base: Allocation
    steps: pd.DataFrame
    turns: pd.DataFrame
    plans: dict[float, Allocation]

    def messages(self, lang: str = "en") -> list[str]:
        """What happens along the way, in sentences."""
        planned = self.steps[self.steps["objective"].notna()]
        found = []
        if len(planned):
            first, last = planned.iloc[0], planned.iloc[-1]
            values = {
                "first": as_it_is(float(first["value"]), lang),
                "last": as_it_is(float(last["value"]), lang),
                "from_units": number(float(first["covered_units"]), lang),
                "to_units": number(float(last["covered_units"]), lang),
            }
            found.append(TEXTS.say("range", lang, **values))
        found += self.without_plan(lang)
        bends = self.steps.loc[self.steps["bends"], "value"]
        if len(bends):
            found.append(TEXTS.say("bends", lang, values=_listed(bends, lang)))
        elif len(planned) > 2 and _is_even(self.steps["slope"].to_numpy(dtype=float)):
            found.append(TEXTS.say("even", lang))
        return [*found, *self._turned(lang)]

    def without_plan(self, lang: str = "en") -> list[str]:
        """At which values there is no plan, a sentence for each cause."""
        found = []
        for status in (str(Status.INFEASIBLE), str(Status.LIMIT), INVALID):
            own = self.steps.loc[(self.steps["status"] == status) & self.steps["objective"].isna(), "value"]
            if len(own):
                found.append(TEXTS.say(status, lang, values=_listed(own, lang)))
        return found

    def _turned(self, lang: str) -> list[str]:
        if self.turns.empty:
            return [TEXTS.say("steady", lang)] if len(self.plans) > 1 else []
        times = self.turns["offer_id"].value_counts()
        return [TEXTS.say("turns", lang, offers=len(times), back=int((times > 1).sum()))]

    @property
    def base_figures(self) -> Record:
        """The status and the figures of the plan as it is."""
        return {"status": str(self.base.status), **(figures(self.base) if self.base.has_plan else {})}


def sweep(
    session: Session,
    scenario_id: str,
    changes: Sequence[str],
    values: Sequence[float],
    *,
    executor: Executor | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> Sweep:
    """Run a scenario with changes (lines as of ``--change``) for every value of the placeholder ``{x}`` in them.

    ``executor``: who makes the plans (none: this process). ``step`` is called with each value that has been run.
    Raises ``UsageError`` (sweep-placeholder, change-..., scenario-unknown), ``InputError`` where the changes fit for
    no value, ``CertificateError``, and ``AllocateError`` (solver-failed) where a worker was lost.
    """
    base = session.run(scenario_id)
    worker = executor or Serial()
    limits = session.limits if isinstance(worker, Serial) else far_from_here(session.limits)
    asked = stretches(session.case, scenario_id, changes, sorted(set(values)), limits)
    found: dict[float, Allocation | InputError] = {}
    for at, swept in worker.run(plans_of, asked):
        if isinstance(swept, Failure):
            raise AllocateError("solver-failed", solver=worker.name, reason=swept.reason)
        if isinstance(swept, AllocateError):
            raise swept
        for value in asked[at].values:
            step(f"{value:g}")
        found |= swept
    ordered = sorted(found)
    plans = {value: one for value in ordered if isinstance(one := found[value], Allocation)}
    refused = {value: one for value in ordered if isinstance(one := found[value], InputError)}
    if not plans:
        raise next(iter(refused.values()))
    return Sweep(
        scenario_id=scenario_id,
        changes=tuple(changes),
        base=base,
        steps=_steps(base, plans, refused),
        turns=_turns(plans),
        plans=plans,
    )


def _steps(base: Allocation, plans: dict[float, Allocation], refused: dict[float, InputError]) -> pd.DataFrame:
    own = figures(base) if base.has_plan else {}
    inputs = _input_values(plans)
    rows: list[Record] = []
    for value in sorted({*plans, *refused}):
        plan = plans.get(value)
        row: Record = {"value": value, "status": INVALID if plan is None else str(plan.status)}
        row["input_value"] = inputs.get(value, math.nan)
        if plan is not None and plan.has_plan:
            found = figures(plan)
            row |= found
            row |= {f"{name}_change": found[name] - own.get(name, math.nan) for name in ("objective", "covered_units")}
        rows.append(row)
    table = STEP_COLUMNS.of(rows)
    numbers = [name for name in STEP_COLUMNS if name not in ("status", "bends")]
    table = table.astype(dict.fromkeys(numbers, float))
    values, objective = table["value"].to_numpy(dtype=float), table["objective"].to_numpy(dtype=float)
    table["slope"], table["bends"] = _slopes(values, objective)
    return table


def _input_values(plans: dict[float, Allocation]) -> dict[float, float]:
    """The new value of the changed cell, where it is one and the same cell for all values and holds a number."""
    logs = {value: _typed(plan) for value, plan in plans.items()}
    cells = {tuple(row) for log in logs.values() for row in log[["table", "key", "column"]].to_numpy()}
    known = [log for log in logs.values() if len(log)]
    if len(cells) != 1 or not all(isinstance(log["new"].iloc[0], int | float) for log in known):
        return {}
    # A value that leaves the cell as it was has no row in the log.
    return {value: float(log["new"].iloc[0] if len(log) else known[0]["old"].iloc[0]) for value, log in logs.items()}


def _typed(plan: Allocation) -> pd.DataFrame:
    log = plan.variant.changes
    return log[log["place"].str.startswith(COMMAND_LINE)]


def _is_even(slope: Floats) -> bool:
    """Whether every value does about as much as the others, as far as all of them are known."""
    known = slope[1:]
    return bool(np.isfinite(known).all() and np.ptp(known) <= BEND * np.abs(known).max(initial=0.0) + FLAT)


def _slopes(values: Floats, objective: Floats) -> tuple[Floats, Bools]:
    """Objective points per unit of the number since the value before, and the values from which on it differs."""
    slope = np.full(len(values), math.nan)
    slope[1:] = np.diff(objective) / np.diff(values)
    known = slope[np.isfinite(slope)]
    steepest = float(np.abs(known).max()) if len(known) else 0.0
    bends = np.zeros(len(values), dtype=bool)
    changes = np.abs(np.diff(slope[1:])) if len(values) > 2 else np.zeros(0)
    widths = np.minimum(np.diff(values)[:-1], np.diff(values)[1:]) if len(values) > 2 else np.zeros(0)
    bends[1:-1] = np.nan_to_num(changes) * widths > np.maximum(BEND * steepest * widths, FLAT)
    return slope, bends


def _turns(plans: dict[float, Allocation]) -> pd.DataFrame:
    """Offers that go from one direction to another between two neighbouring values, by offer, then by value."""
    found = [(value, plan) for value, plan in plans.items() if plan.has_plan]
    parts = []
    for (before, one), (after, other) in pairwise(found):
        old, new = directions(one.offers), directions(other.offers)
        turned = (old != new).to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "offer_id": one.offers.loc[turned, "offer_id"],
                    "from_value": before,
                    "to_value": after,
                    "from_direction": old.to_numpy()[turned],
                    "to_direction": new.to_numpy()[turned],
                    "cost_from": one.offers.loc[turned, "cost_eur"],
                    "cost_to": other.offers.loc[turned, "cost_eur"],
                }
            )
        )
    if not parts:
        return TURN_COLUMNS.of()
    order = {str(id): number for number, id in enumerate(found[0][1].offers["offer_id"])}
    table = pd.concat(parts, ignore_index=True)
    place = table["offer_id"].map(order)
    return TURN_COLUMNS.of(table.assign(place=place).sort_values(["place", "from_value"], ignore_index=True))


def _listed(values: Sequence[float] | pd.Series, lang: str) -> str:
    return "; ".join(as_it_is(float(value), lang) for value in values)
