"""Pictures of answers: those of the report, for whoever holds a plan, a curve or a comparison in hand."""

from __future__ import annotations

import pandas as pd

from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.comparison.gains import DIMENSIONS
from allocate.analyses.tradeoffs.frontier import Frontier
from allocate.analyses.tradeoffs.ladder import Ladder
from allocate.bench.coverage_terms import shares_of
from allocate.errors import UsageError
from allocate.model.compile import compile_variant
from allocate.report.pictures.budget_ladder import budget_ladder
from allocate.report.pictures.gains_and_losses import gains_and_losses
from allocate.report.pictures.map_legend import Kind
from allocate.report.pictures.maps import places_of, space_map
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.trade_off import trade_off
from allocate.report.pictures.waterfall import money_moved
from allocate.results.allocation import Allocation
from allocate.results.disclosure import mask_for
from allocate.results.measures import judge_cells

_MAPS: dict[str, Kind] = {"coverage": "coverage", "change": "coverage_change"}
_MONEY = "money"


def plan_map(plan: Allocation, kind: str, lang: str) -> Picture:
    """Coverage of every space in a plan, or its ``change`` against today; small numbers are withheld."""
    if kind not in _MAPS:
        raise UsageError("picture-unknown", kind=kind, known=", ".join(_MAPS))
    if not plan.has_plan:
        raise UsageError("no-feasible-plan", scenario=plan.scenario.scenario_id)
    compiled = compile_variant(plan.variant)
    shares = shares_of(compiled, "space")
    value = shares.of(plan.coverage["covered"].to_numpy(dtype=float))
    if kind == "change":
        value = value - shares.of(judge_cells(compiled.town, compiled.town.pairs.baseline).covered)
    table = pd.DataFrame({"space_id": shares.keys, "value": value})
    mask = mask_for(plan.variant.case, [plan])
    table["withheld"] = mask.total_rows("space", table["space_id"])
    about = "" if kind == "change" else plan.scenario.label(lang)
    return space_map(places_of(plan.variant.case), table, kind=_MAPS[kind], key=f"map-{kind}", lang=lang, about=about)


def curve(found: Frontier, lang: str) -> Picture:
    """Coverage value against the other goal."""
    tables = (found.points, found.marks, found.segments)
    key = f"curve-{found.against}"
    return trade_off(*tables, against=found.against, key=key, lang=lang, indivisible=found.indivisible)


def budgets(found: Ladder, lang: str) -> Picture:
    """Weighted coverage by budget."""
    return budget_ladder(found.steps, key="budgets", lang=lang)


def compared(found: Comparison, scenario_id: str, kind: str, lang: str) -> Picture:
    """Who gains and who loses in one scenario by a dimension, or where its money comes from and goes to."""
    if kind not in (*DIMENSIONS, _MONEY):
        raise UsageError("picture-unknown", kind=kind, known=", ".join([*DIMENSIONS, _MONEY]))
    if scenario_id not in found.plans:
        raise UsageError("scenario-unknown", scenario=scenario_id, nearest=", ".join(found.plans))
    gains, releases, uses = (
        table[table["scenario_id"] == scenario_id] for table in (found.gains, found.releases, found.uses)
    )
    if kind == _MONEY:
        return money_moved(releases, uses, key="money", lang=lang)
    mask = mask_for(found.case, [plan for plan in found.plans.values() if plan.has_plan])
    withheld = mask.total_rows(gains["by"], gains["id"])
    return gains_and_losses(gains.assign(withheld=withheld), by=kind, key=f"gains-{kind}", lang=lang)
