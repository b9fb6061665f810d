"""Decision: the answers of other analyses, brought to the few figures with which a council decides."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from allocate.analyses.alternatives.other_plans import Alternatives
from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.decision.better import Better, better, comparable
from allocate.analyses.decision.changes import Release, changes, released
from allocate.analyses.decision.options import Promises, options, promises, promises_of
from allocate.analyses.decision.sureness import sureness
from allocate.analyses.decision.turns import Assumption, assumptions
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.robustness.robust import Robustness
from allocate.results.allocation import Allocation
from allocate.results.cell_coverage import cell_coverage
from allocate.results.disclosure import Mask

# A share below this is no fall.
_TRACE = 5e-4


@dataclass(frozen=True)
class Cell:
    """One space and need: shares 0..1 today and in the proposal."""

    space_id: str
    need_id: str
    before: float
    after: float


@dataclass(frozen=True)
class Felt:
    """``worst``: the least covered cell of the proposal; ``falls``: the one that falls most (None: no such)."""

    worst: Cell | None = None
    falls: Cell | None = None


def felt(before: Allocation, after: Allocation, mask: Mask) -> Felt:
    """The two cells that must be named, among those that may be shown; of several the one with the larger need."""
    cells = cell_coverage(before, after)
    cells = cells[~mask.rows(cells) & cells["coverage"].notna()].sort_values("demand", ascending=False, kind="stable")
    falling = cells[cells["change"] < -_TRACE].sort_values("change", kind="stable")
    return Felt(_first(cells.sort_values("coverage", kind="stable")), _first(falling))


def _first(cells: pd.DataFrame) -> Cell | None:
    for row in cells.head(1).to_dict("records"):
        return Cell(str(row["space_id"]), str(row["need_id"]), float(row["coverage_before"]), float(row["coverage"]))
    return None


@dataclass(frozen=True, eq=False, repr=False)
class Decision:
    """What a council needs beside the proposal.

    ``sure`` (``sureness.COLUMNS``): how sure the direction of each offer is; ``released``: cuts at average and at
    variable cost; ``promised``: what becomes of the figures by chance; ``better``: plans that look better;
    ``comparable``: ids of the scenarios that are measured by the same needs and weights; ``turning``: what would make
    it another proposal; ``options`` (``options.COLUMNS``): every plan beside today; ``changes`` (``changes.COLUMNS``):
    every changed offer in one row; ``felt``: the cells that must be named.
    """

    sure: pd.DataFrame
    released: Release
    promised: Promises
    better: tuple[Better, ...] = field(default_factory=tuple)
    options: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    felt: Felt = field(default_factory=Felt)
    comparable: tuple[str, ...] = field(default_factory=tuple)
    turning: tuple[Assumption, ...] = field(default_factory=tuple)


def decide(
    comparison: Comparison,
    proposal: str,
    mask: Mask,
    day: datetime.date,
    *,
    alternatives: Alternatives | None = None,
    robustness: Robustness | None = None,
    cards: Sequence[OfferCard] = (),
    kept: Mapping[str, pd.DataFrame] | None = None,
) -> Decision:
    """The decision about a proposal that has a plan, from answers that are known already; nothing is solved here.

    From published answers follows what may be published. ``mask``: cells that may not be named; ``day``: when it is
    decided at the earliest; ``kept``: by scenario the draws in which other proposals are held to
    (``robustness.kept_draws``).
    """
    plan = comparison.plans[proposal]
    promised = promises(robustness)
    years = comparison.years
    sure = sureness(
        plan,
        None if alternatives is None else alternatives.agreement,
        None if robustness is None else robustness.offers,
    )
    tested = {id: promises_of(draws) for id, draws in (kept or {}).items()}
    tested |= {proposal: promised} if promised.runs else {}
    release = released(plan)
    return Decision(
        sure=sure,
        released=release,
        promised=promised,
        options=options(comparison, tested),
        changes=changes(comparison, proposal, sure, release, cards, day),
        felt=felt(comparison.plans[comparison.status_quo], plan, mask),
        better=better(comparison.plans, proposal, comparison.measures, alternatives),
        comparable=comparable(comparison.plans, proposal),
        turning=assumptions(cards, years[years["scenario_id"] == proposal], robustness, promised),
    )
