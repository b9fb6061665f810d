"""Marginal values of a scenario: the next euro in every pot, what a step does, idle money, and what every rule costs.

The terms are those of docs/marginal.md. Everything is measured by solving again; no dual of a solver is printed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.conflicts.rule_names import RuleNames
from allocate.analyses.margins.idle_money import IDLE_COLUMNS, idle_money
from allocate.analyses.margins.marginal_words import sentences
from allocate.analyses.margins.open_rules import Margins
from allocate.analyses.margins.pot_margins import Steps, best_split, empty_split, pots_table, steps
from allocate.analyses.margins.rule_margins import (
    FLOOR_COLUMNS,
    MOST,
    RULE_COLUMNS,
    Asked,
    floors_table,
    in_euros,
    rules_table,
)
from allocate.bench.resolve import Bench, number_of
from allocate.bench.widening import Rules
from allocate.errors import UsageError
from allocate.inputs.in_places import is_in_places
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.told import Told
from allocate.session import Session

STEP = 1000.0
PLACES_STEP = 10.0
TABLES = ("pots", "step", "effects", "uses", "split", "idle", "floors", "rules")
# What the analysis is busy with, one call of ``step`` each.
PHASES = ("pots", "step", "idle", "floors", "rules")


@dataclass(frozen=True, eq=False, repr=False)
class Marginal(Told):
    """What a little more or less of everything is worth in one scenario.

    ``step_eur``: the step that ``step``, ``effects``, ``uses`` and ``split`` are about (EUR/year). ``value_of_a_euro``:
    objective points of one more euro in the pot where it helps most (NaN where more money is worth nothing); by it,
    points become euros. Tables: ``pots`` (``pot_margins.pots_table``), ``step`` (all pots ranked), ``effects`` and
    ``uses`` (cells and offers that change, by pot), ``split`` (the best division of the step), ``idle``
    (``idle_money``), ``floors`` and ``rules`` (``rule_margins``). ``left_out``: costly ones that are not listed.
    ``settled``: the tables of rules whose dearest line is proven to be the dearest of all, left out ones included.
    """

    JSON: ClassVar = (
        "scenario_id", "objective=plan.objective", "step_eur", "value_of_a_euro", *TABLES[:-1], "rules=named_rules",
        "left_out", "messages",
    )  # fmt: skip

    scenario_id: str
    step_eur: float
    value_of_a_euro: float
    compiled: Compiled
    plan: Allocation
    kinds: Rules
    pots: pd.DataFrame
    step: pd.DataFrame
    effects: pd.DataFrame
    uses: pd.DataFrame
    split: pd.DataFrame
    idle: pd.DataFrame
    floors: pd.DataFrame
    rules: pd.DataFrame
    left_out: int
    settled: frozenset[str]
    plans: dict[str, Allocation]
    phases: tuple[str, ...] = PHASES

    def named_rules(self, lang: str = "en") -> pd.DataFrame:
        """The table ``rules`` with each rule in planning words (``name``) and who decides about it (``decider``)."""
        keys = self.rules[["rule", "id", "place"]].itertuples(index=False)
        words = RuleNames(self.compiled, self.kinds).table([self.kinds.number(*map(str, key)) for key in keys], lang)
        return self.rules.assign(name=words["name"], decider=words["decider"])

    def messages(self, lang: str = "en") -> list[str]:
        """What a planner should know first."""
        return sentences(self, lang)


def marginal(
    session: Session,
    scenario_id: str,
    *,
    step_eur: float | None = None,
    pots: Sequence[str] = (),
    most: int = MOST,
    phases: Collection[str] = PHASES,
    busy: Callable[[str], None] = lambda _phase: None,
) -> Marginal:
    """Marginal values of a divisible scenario that has a plan.

    ``step_eur``: the step a planner names (EUR/year; default 1,000, or 10 places where there is no
    money); where it goes is shown for ``pots`` (default: those in which it
    does most). ``most``: how many floors, and rules of every kind, are listed. ``phases``: what is computed,
    beside the values of the pots; tables of other phases stay empty. ``busy`` is called with each phase.

    Raises ``UsageError`` (explain-judged, explain-no-plan, divisible-only, id-unknown, step-not-positive) and
    ``CertificateError``.
    """
    if step_eur is None:
        step_eur = PLACES_STEP if is_in_places(session.case) else STEP
    if not (step_eur > 0 and math.isfinite(step_eur)):
        raise UsageError("step-not-positive", step=f"{step_eur:g}")
    compiled = session.compiled(scenario_id)
    for pot in pots:
        number_of("pots", pot, compiled.town.pots)
    if compiled.program.is_mixed_integer:
        raise UsageError("divisible-only", scenario=scenario_id)
    margins = Margins(Bench(session, scenario_id))
    busy("pots")
    table = pots_table(margins, step_eur)
    worth = _value_of_a_euro(table)
    found, split = Steps.none(), empty_split()
    if "step" in phases:
        busy("step")
        found = steps(margins, step_eur, list(dict.fromkeys(pots)))
        split = best_split(margins, step_eur, found.gains)
    asked = {name: _asked(name, margins, worth, most, phases, busy) for name in ("idle", "floors", "rules")}
    return Marginal(
        scenario_id=scenario_id,
        step_eur=step_eur,
        value_of_a_euro=worth,
        compiled=compiled,
        plan=margins.bench.plan,
        kinds=margins.widened.rules,
        pots=table,
        step=found.ranking,
        effects=found.effects,
        uses=found.uses,
        split=split,
        idle=asked["idle"].table,
        floors=asked["floors"].table,
        rules=asked["rules"].table,
        left_out=sum(one.left_out for one in asked.values()),
        settled=frozenset(name for name, one in asked.items() if one.settled),
        plans=found.plans,
        phases=tuple(phases),
    )


def _asked(
    name: str, margins: Margins, worth: float, most: int, phases: Collection[str], busy: Callable[[str], None]
) -> Asked:
    """One of the tables about rules; empty where it is not asked for."""
    if name not in phases:
        columns = {"idle": (*IDLE_COLUMNS, "otherwise_worth_eur"), "floors": FLOOR_COLUMNS, "rules": RULE_COLUMNS}
        return Asked(pd.DataFrame(columns=list(columns[name])))
    busy(name)
    if name == "idle":
        idle = idle_money(margins)
        return Asked(idle.assign(otherwise_worth_eur=[in_euros(points, worth) for points in idle["worth"]]))
    return floors_table(margins, worth, most) if name == "floors" else rules_table(margins, worth, most)


def _value_of_a_euro(pots: pd.DataFrame) -> float:
    """Points per further EUR in the pot where it helps most; NaN where it helps nowhere."""
    values = pots["more_value"].to_numpy(dtype=float)
    best = float(np.nanmax(values)) if np.isfinite(values).any() else math.nan
    return best if best > 0 else math.nan
