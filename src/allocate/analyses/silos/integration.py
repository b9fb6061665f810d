"""The value of integration: what departments gain by seeing each other, by covering for each other, and by pooling.

Four levels under the same inputs, floors and weights (docs/silos.md):

    silo         every department alone, blind to the others' offers (``silo_plan``)
    coordinated  one plan for all, but every department's pots pay only its own offers (shared pots divided)
    earmarks     one plan, pots pay what their earmarks allow today (``pooling = silo``)
    pooled       one plan, pooled money covers mutually (``pooling = integrated``)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.remarks import Figure, Remark
from allocate.analyses.silos.departments import (
    Departments,
    departments_of,
    divided,
    pot_shares,
    with_department_everywhere,
)
from allocate.analyses.silos.mutual_cover import mutual_cover
from allocate.analyses.silos.no_loser import NoLoser, led_value, no_loser
from allocate.analyses.silos.sharing import Split, split_gain
from allocate.analyses.silos.silo_plan import SiloPlan, money_for_silos, silo_plan
from allocate.bench.resolve import NOTHING
from allocate.bench.worth import extra_money, least_spending, value_of_a_euro
from allocate.errors import UsageError
from allocate.inputs.in_places import expect_money
from allocate.inputs.names import names_of
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled, compile_variant
from allocate.model.own_rules import own_names, own_of
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.loaded import LoadedProgram

LEVELS = ("silo", "coordinated", "earmarks", "pooled")
STEPS = (
    ("seeing", "silo", "coordinated"),
    ("cover", "coordinated", "earmarks"),
    ("pooling", "earmarks", "pooled"),
    ("integration", "silo", "pooled"),
)
# Above this many stored entries the search over silo plans would take minutes.
LARGEST_SEARCH = 20_000
HALF_A_CENT = 0.005
_TEXTS = "silos/texts.csv"
_MEASURES = (
    "coverage_value", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur", "spent_eur",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Silos(Told):
    """The value of integration of one scenario (all money EUR/year, values and coverages shares 0..1).

    ``levels``: one row per level with status, objective, measures and ``shortfall_units`` (need units by which floors
    and plurality are missed; only the silo can miss any). ``steps``: gain from level to level. ``needs``: covered need
    units per level. ``departments``: what each claims alone, what its needs get, and both splits of the gain.
    ``pairs``: what mutual cover between two departments would bring. ``pot_shares``: how shared pots were divided.
    """

    JSON: ClassVar = (
        "scenario_id", "levels", "steps", "needs", "departments", "pairs", "coalitions", "pot_shares", "no_loser",
        "remarks",
    )  # fmt: skip

    scenario_id: str
    levels: pd.DataFrame
    steps: pd.DataFrame
    needs: pd.DataFrame
    departments: pd.DataFrame
    pairs: pd.DataFrame
    coalitions: pd.DataFrame
    pot_shares: pd.DataFrame
    no_loser: NoLoser
    plans: Mapping[str, Allocation]
    remarks: tuple[Remark, ...]

    def without_plan(self, lang: str = "en") -> list[str]:
        """Which levels have no plan, a sentence for each."""
        return [remark.text(lang) for remark in self.remarks if "infeasible" in remark.key]


def silos(session: Session, scenario_id: str | None = None) -> Silos:
    """The value of integration under a scenario's inputs (None: the first scenario that is planned, not judged).

    The scenario's own ``pooling`` and ``indivisible`` are set aside: the levels differ in the first, and all are
    computed for divisible offers. Raises ``UsageError`` for an unknown scenario, for a case without money and where own
    rules hold, ``CertificateError``.
    """
    expect_money(session.case, "silos")
    name = scenario_id or _first_planned(session)
    variant = session.variant(name)
    _refuse_own_rules(session, name)
    compiled = {level: _compiled(session, variant, level) for level in LEVELS[1:]}
    owners = departments_of(compiled["coordinated"])
    alone = silo_plan(compiled["coordinated"], owners, session.limits)
    plans = {level: session.run(_level_id(name, level)) for level in LEVELS[1:]}
    if isinstance(alone, SiloPlan):
        plans = {"silo": alone.plan, **plans}
    open_pots = compile_variant(divided(variant, _level_id(name, "open"), pooling="integrated"))
    split = split_gain(open_pots, owners, session.limits)
    rule = no_loser(compiled["pooled"], owners, plans.get("silo"), plans["pooled"], session.limits)
    planned = plans["coordinated"] if plans["coordinated"].has_plan else None
    return Silos(
        scenario_id=name,
        levels=_levels(plans, alone),
        steps=_steps(plans, compiled, owners, session),
        needs=_needs(plans, compiled["pooled"], owners),
        departments=_departments(compiled["pooled"], owners, alone, plans, split),
        pairs=mutual_cover(
            compiled["coordinated"], open_pots, owners, planned, _loaded(session, compiled["coordinated"])
        ),
        coalitions=split.coalitions,
        pot_shares=_shares(variant),
        no_loser=rule,
        plans=plans,
        remarks=_remarks(variant, owners, alone, plans, split),
    )


def _refuse_own_rules(session: Session, scenario_id: str) -> None:
    """No own rule says how it is divided among departments. Raises ``UsageError`` ``own-silos``."""
    if own_of(session.case) is not None:
        session.compiled(scenario_id)
        raise UsageError("own-silos", place="extra", names=own_names(session.case))


def _first_planned(session: Session) -> str:
    ids = session.scenario_ids
    return next((id for id in ids if not session.variant(id).scenario.evaluate), ids[0])


def _level_id(scenario_id: str, level: str) -> str:
    return f"{scenario_id}|{level}"


def _compiled(session: Session, variant: Variant, level: str) -> Compiled:
    """Compile one level of the scenario through the session, so that its plan takes the one path."""
    name = _level_id(variant.scenario.scenario_id, level)
    if level == "coordinated":
        session.add(divided(variant, name))
    else:
        pooling = "integrated" if level == "pooled" else "silo"
        scenario = replace(
            variant.scenario, scenario_id=name, pooling=pooling, evaluate=False, indivisible=False, expected=""
        )
        session.add(Variant(variant.case, scenario, variant.changes))
    return session.compiled(name)


def _loaded(session: Session, compiled: Compiled) -> LoadedProgram:
    """The program of a level in the solver, at the optimum of its plan."""
    return session.loaded(compiled.variant.scenario.scenario_id)


def _levels(plans: Mapping[str, Allocation], alone: SiloPlan | int) -> pd.DataFrame:
    rows = []
    for level in LEVELS:
        plan = plans.get(level)
        measures = asdict(plan.measures) if plan is not None and plan.measures is not None else {}
        short = alone.shortfall if level == "silo" and isinstance(alone, SiloPlan) else 0.0
        rows.append(
            {
                "level": level,
                "status": "infeasible" if plan is None else str(plan.status),
                "objective": np.nan if plan is None else plan.objective,
                **{measure: measures.get(measure, np.nan) for measure in _MEASURES},
                "shortfall_units": short if measures else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _steps(
    plans: Mapping[str, Allocation], compiled: Mapping[str, Compiled], owners: Departments, session: Session
) -> pd.DataFrame:
    """Gain from level to level: objective, coverage, need units, and euros in three readings (docs/silos.md)."""
    rows = []
    for step, before, after in STEPS:
        first, last = plans.get(before), plans.get(after)
        row: Record = {"step": step, "from_level": before, "to_level": after}
        if first is not None and last is not None and first.measures and last.measures:
            gain = last.objective - first.objective
            least = least_spending(compiled[after], first.objective, session.limits, _loaded(session, compiled[after]))
            row |= {
                "objective_gain": gain,
                "coverage_value_gain": last.measures.coverage_value - first.measures.coverage_value,
                "covered_units_gain": float(last.coverage["covered"].sum() - first.coverage["covered"].sum()),
                "gain_eur_marginal": gain / value_of_a_euro(last),
                "extra_money_eur": _extra(before, gain, last.objective, compiled, owners, session),
                "money_less_eur": _money(first.measures.spent_eur - least),
            }
        rows.append(row)
    return Columns(
        "step", "from_level", "to_level", "objective_gain", "coverage_value_gain", "covered_units_gain",
        "gain_eur_marginal", "extra_money_eur", "money_less_eur",
    ).of(rows)  # fmt: skip


def _money(euros: float) -> float:
    """Euros of a difference of two large sums: less than half a cent is rounding."""
    return 0.0 if abs(euros) < HALF_A_CENT else euros


def _extra(
    before: str, gain: float, objective: float, compiled: Mapping[str, Compiled], owners: Departments, session: Session
) -> float:
    """The money the plan before would need; departments that do not see each other get it in proportion."""
    if gain <= NOTHING:
        return 0.0
    if before != "silo":
        own = compiled[before]
        return extra_money(own, objective, session.limits, _loaded(session, own)).total
    divided_town = compiled["coordinated"]
    if len(divided_town.program.values) > LARGEST_SEARCH:
        return float("nan")
    return money_for_silos(divided_town, owners, objective, session.limits)


def _needs(plans: Mapping[str, Allocation], compiled: Compiled, owners: Departments) -> pd.DataFrame:
    """Covered need units per need and level, with the leading department and the gain from silo to pooled."""
    town = compiled.town
    demand = np.bincount(town.cells.need, town.cells.demand, minlength=len(town.needs.ids))
    table = pd.DataFrame({"need_id": town.needs.ids, "lead_department_id": owners.ids[owners.lead], "demand": demand})
    for level in LEVELS:
        plan = plans.get(level)
        covered = pd.Series(dtype=float) if plan is None or not plan.has_plan else _covered(plan)
        table[f"covered_{level}"] = table["need_id"].map(covered).astype(float)
    table["gain_units"] = table["covered_pooled"] - table["covered_silo"]
    return table


def _covered(plan: Allocation) -> pd.Series:
    covered: pd.Series = plan.coverage.groupby("need_id")["covered"].sum()
    return covered


def _departments(
    compiled: Compiled, owners: Departments, alone: SiloPlan | int, plans: Mapping[str, Allocation], split: Split
) -> pd.DataFrame:
    """Per department: money, what it claims when alone, the value its needs get at both ends, both splits."""
    names = names_of(compiled.variant.case, "department_id", "de")
    whole = isinstance(alone, SiloPlan)
    table = pd.DataFrame(
        {
            "department_id": owners.ids,
            "department_name": [names.get(id, "") for id in owners.ids],
            "claimed_value": [own.claimed_value for own in alone.alone] if isinstance(alone, SiloPlan) else np.nan,
            "shortfall_alone_units": [own.shortfall for own in alone.alone] if isinstance(alone, SiloPlan) else np.nan,
            "led_value_silo": led_value(compiled, owners, plans["silo"]) if whole else np.nan,
            "led_value_pooled": led_value(compiled, owners, plans["pooled"]),
        }
    )
    table["led_value_gain"] = table["led_value_pooled"] - table["led_value_silo"]
    return table.merge(split.table, on="department_id", validate="one_to_one")


def _shares(variant: Variant) -> pd.DataFrame:
    case, scenario = with_department_everywhere(variant.case), replace(variant.scenario, pooling="silo")
    return pot_shares(Variant(case, scenario, variant.changes)).rename(columns={"owner": "department_id"})


def _remarks(
    variant: Variant, owners: Departments, alone: SiloPlan | int, plans: Mapping[str, Allocation], split: Split
) -> tuple[Remark, ...]:
    found = [Remark(_TEXTS, key) for key in ("optimistic", "extra-money", "game")]
    if isinstance(alone, int):
        found.append(Remark(_TEXTS, "alone-infeasible", {"department": owners.ids[alone]}))
    elif alone.shortfall > 0:
        found.append(Remark(_TEXTS, "silo-short", {"units": Figure(alone.shortfall, 1)}))
    found += [Remark(_TEXTS, f"level-infeasible-{level}") for level in plans if not plans[level].has_plan]
    if variant.scenario.indivisible:
        found.append(Remark(_TEXTS, "divisible"))
    if split.fair_is_stable is None:
        found.append(Remark(_TEXTS, "too-many"))
    elif not split.fair_is_stable:
        found.append(Remark(_TEXTS, "fair-not-stable"))
    return tuple(found)
