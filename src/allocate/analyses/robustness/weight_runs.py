"""What other weights would change: every need heavier and lighter by itself, and every weight set of the case.

Weights count in proportion, so a need weighs more exactly when all others weigh less. Each run plans anew; beside it
stands the proposal, kept as it is and judged by the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.analyses.figures import distance
from allocate.analyses.robustness.replan import Replanned, Replanner
from allocate.bench.weighting import name_of_set, weight_sets_of
from allocate.inputs.scenario.variant import Variant
from allocate.plain import Record
from allocate.results.columns import Columns
from allocate.results.measures import judge_cells, measure, weighted_coverage
from allocate.town.arrays import Floats

NEED, SET = "need_weight", "weight_set"
RUN_COLUMNS = Columns(
    "run_id", "kind", "need_id", "weight_set", "factor", "objective", "kept_objective", "regret", "regret_share",
    "weighted_coverage", "covered_units", "to_proposal_eur", "changed_offers",
)  # fmt: skip


@dataclass(frozen=True)
class WeightRun:
    """One change of weights: ``kind`` ``need_weight`` (need ``key`` times ``factor``) or ``weight_set`` (``key``)."""

    kind: str
    key: str
    factor: float
    variant: Variant

    @property
    def run_id(self) -> str:
        """``weight:N01*1.3`` or ``set:participation``."""
        return f"set:{self.key}" if self.kind == SET else f"weight:{self.key}*{self.factor:g}"


def weight_runs(replanner: Replanner, spread: float) -> list[WeightRun]:
    """Each need's weight times 1 + ``spread`` and 1 - ``spread``, then every weight set but the scenario's own.

    A need whose weight is nothing, or all there is, cannot be made to weigh more or less and is left out.
    """
    town, variant = replanner.bench.compiled.town, replanner.variant
    weights = town.needs.weight
    runs = [
        WeightRun(NEED, str(town.needs.ids[need]), factor, replanner.weighted(_scaled(weights, need, factor)))
        for need in np.flatnonzero((weights > 0) & (weights < weights.sum())).tolist()
        for factor in dict.fromkeys((1.0 + spread, max(1.0 - spread, 0.0)))
        if spread > 0
    ]
    sets = weight_sets_of(variant.case)
    sets.pop(name_of_set(variant.case, variant.scenario.weight_set), None)
    needs = [str(need) for need in town.needs.ids]
    return runs + [
        WeightRun(SET, name, 1.0, replanner.weighted(np.array([own[need] for need in needs])))
        for name, own in sets.items()
    ]


def run_row(run: WeightRun, then: Replanned, proposal: Replanned) -> Record:
    """A row of ``RUN_COLUMNS``.

    ``objective``: the best plan by the run's weights; ``kept_objective``: the proposal by the same weights; ``regret``
    = the difference, never below 0 (a plan is not better than the best). ``weighted_coverage`` and ``covered_units``
    are of the run's plan, the coverage weighted by the scenario's own weights, so that all runs compare;
    ``to_proposal_eur``: EUR that lie elsewhere; ``changed_offers``: how many go in another direction.
    """
    town = then.compiled.town
    kept = measure(town, proposal.delivery, cost=proposal.cost).objective(town)
    regret = max(0.0, then.objective - kept)
    own = proposal.compiled.town
    covered = judge_cells(own, then.delivery).covered
    values = (
        run.run_id, run.kind, run.key if run.kind == NEED else "", run.key if run.kind == SET else "", run.factor,
        then.objective, kept, regret, share_of(regret, then.objective), weighted_coverage(own, covered),
        float(covered.sum()), distance(then.cost, proposal.cost),
        int((then.directions.to_numpy() != proposal.directions.to_numpy()).sum()),
    )  # fmt: skip
    return dict(zip(RUN_COLUMNS, values, strict=True))


def share_of(regret: float, best: float) -> float:
    """A regret as a share of the best objective; NaN where that is nothing."""
    return regret / abs(best) if abs(best) > 1e-12 else float("nan")


def _scaled(weights: Floats, need: int, factor: float) -> Floats:
    scaled = weights.copy()
    scaled[need] *= factor
    return scaled
