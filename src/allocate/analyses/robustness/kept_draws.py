"""Kept draws: what becomes of a proposal that is held to while needs and costs turn out otherwise.

This is the part of ``robust`` that needs no further plan, so that several proposals can be tested beside each other.
"""

from __future__ import annotations

import pandas as pd

from allocate.analyses.robustness.chance import Spreads, draws
from allocate.analyses.robustness.kept_plan import floors_missed, kept_plan
from allocate.analyses.robustness.replan import Replanner
from allocate.bench.resolve import Bench
from allocate.model.compile import compile_variant
from allocate.results.columns import Columns
from allocate.session import Session

COLUMNS = Columns("run_id", "weighted_coverage", "lowest_space_coverage", "floors_missed")


def kept_draws(
    session: Session, scenario_id: str, runs: int, seed: int = 1, chance: Spreads | None = None
) -> pd.DataFrame:
    """One row per draw (``COLUMNS``, shares 0..1), the same draws as ``robust`` makes with this seed.

    Raises ``UsageError`` where the scenario has no proposal.
    """
    replanner = Replanner(Bench(session, scenario_id))
    rows = []
    for draw in draws(replanner.variant.case, runs, seed, chance or Spreads()):
        compiled = compile_variant(replanner.with_tables(draw.tables(replanner.variant.case)))
        kept = kept_plan(replanner.proposal, compiled)
        found, missed = kept.measures, floors_missed(compiled, kept.delivery)
        rows.append((f"draw:{draw.number}", found.weighted_coverage, found.lowest_space_coverage, missed.count))
    return COLUMNS.of(rows)
