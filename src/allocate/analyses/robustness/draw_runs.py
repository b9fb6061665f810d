"""What chance does to the proposal: kept in every draw, against planning again in every draw."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from allocate.analyses.figures import distance
from allocate.analyses.robustness.chance import Draw
from allocate.analyses.robustness.kept_plan import floors_missed, kept_plan, overspending
from allocate.analyses.robustness.replan import Replanned, Replanner
from allocate.model.compile import compile_variant
from allocate.plain import Record
from allocate.results.columns import Columns
from allocate.results.measures import judge_cells
from allocate.town.arrays import Floats

KEPT, HEDGED, REPLANNED = "kept", "hedged", "replanned"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FIGURES = (
    "objective", "weighted_coverage", "lowest_space_coverage", "covered_units", "duplication_eur", "floors_missed",
    "floors_missed_units", "spent_eur",
)  # fmt: skip
DRAW_COLUMNS = Columns(
    "run_id", "demand_units", "cost_factor", "replanned_possible", *(f"kept_{name}" for name in FIGURES),
    "kept_overspending_eur", *(f"hedged_{name}" for name in FIGURES), *(f"replanned_{name}" for name in FIGURES),
    "to_proposal_eur",
)  # fmt: skip
QUANTILE_COLUMNS = Columns("figure", "plan", "promised", "mean", "p05", "p25", "p50", "p75", "p95", "draws")


@dataclass(frozen=True)
class Drawn:
    """One draw: its row of ``DRAW_COLUMNS`` and the plan made anew in it (None where none meets the rules)."""

    row: Record
    plan: Replanned | None


def asked(replanner: Replanner, draw: Draw, funding: Floats, hedged: Replanned | None = None) -> Drawn:
    """Keep the proposal in a draw, and plan again in it.

    ``funding``: the proposal's money, EUR/year per funding pair; ``hedged``: another plan to be kept in the same draw.
    """
    proposal = replanner.proposal
    compiled = compile_variant(replanner.with_tables(draw.tables(replanner.variant.case)))
    kept = kept_plan(proposal, compiled)
    found = replanner.optimum(compiled)
    plan = None if found is None else replanner.closest(compiled, found)
    full = compiled.town.cost_of(proposal.capacity).sum()
    row: Record = {
        "run_id": f"draw:{draw.number}",
        "demand_units": float(compiled.town.cells.demand.sum()),
        "cost_factor": float(full / proposal.cost.sum()) if proposal.cost.sum() > 0 else math.nan,
        "replanned_possible": plan is not None,
        **_named(KEPT, kept),
        "kept_overspending_eur": overspending(proposal, compiled, funding),
        **_named(HEDGED, None if hedged is None else kept_plan(hedged, compiled)),
        **_named(REPLANNED, plan),
        "to_proposal_eur": math.nan if plan is None else distance(plan.cost, kept.cost),
    }
    return Drawn(row, plan)


def _named(kind: str, plan: Replanned | None) -> dict[str, float]:
    """The figures of a plan with its kind in front; NaN where there is none."""
    figures = dict.fromkeys(FIGURES, math.nan) if plan is None else figures_of(plan)
    return {f"{kind}_{name}": value for name, value in figures.items()}


def figures_of(plan: Replanned) -> dict[str, float]:
    """The figures by which a kept and a new plan are compared (``FIGURES``)."""
    missed = floors_missed(plan.compiled, plan.delivery)
    measures = plan.measures
    values = (
        plan.objective, measures.weighted_coverage, measures.lowest_space_coverage,
        float(judge_cells(plan.compiled.town, plan.delivery).covered.sum()), measures.duplication_eur,
        float(missed.count), missed.units, measures.spent_eur,
    )  # fmt: skip
    return dict(zip(FIGURES, values, strict=True))


def quantiles(draws: pd.DataFrame, proposal: Replanned, hedged: Replanned | None = None) -> pd.DataFrame:
    """Quantiles of every figure over the draws (``QUANTILE_COLUMNS``): the proposal and the hedged plan kept, and
    planning again.

    ``promised``: what the plan says before chance (of planning again: the proposal); ``p05`` .. ``p95``: quantiles by
    linear interpolation; of planning again only draws in which a plan is possible count (``draws`` says how many).
    """
    own = {**figures_of(proposal), "overspending_eur": 0.0}
    promised = {KEPT: own, HEDGED: own if hedged is None else figures_of(hedged), REPLANNED: own}
    rows = []
    for figure in (*FIGURES, "overspending_eur"):
        for plan in (KEPT, HEDGED, REPLANNED):
            name = f"{plan}_{figure}"
            if name not in draws.columns or (plan == HEDGED and hedged is None):
                continue
            values = draws[name].astype(float).dropna()
            levels = values.quantile(list(QUANTILES)) if len(values) else pd.Series(math.nan, index=list(QUANTILES))
            rows.append((figure, plan, promised[plan][figure], values.mean(), *levels.tolist(), len(values)))
    return QUANTILE_COLUMNS.of(rows)
