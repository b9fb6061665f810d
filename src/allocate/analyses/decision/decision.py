"""Decision: the answers of other analyses, brought to the few figures with which a council decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from allocate.analyses.alternatives.alternatives import Alternatives
from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.decision.better import Better, better, comparable
from allocate.analyses.decision.promises import Promises, promises
from allocate.analyses.decision.release import Release, released
from allocate.analyses.decision.sureness import sureness
from allocate.analyses.decision.turns import Assumption, assumptions
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.robustness.robust import Robustness


@dataclass(frozen=True, eq=False, repr=False)
class Decision:
    """What a council needs beside the proposal.

    ``sure`` (``sureness.COLUMNS``): how sure the direction of each offer is; ``released``: cuts at average and at
    variable cost; ``promised``: what becomes of the figures by chance; ``better``: plans that look better;
    ``comparable``: ids of the scenarios that are measured by the same needs and weights; ``turning``: what would make
    it another proposal.
    """

    sure: pd.DataFrame
    released: Release
    promised: Promises
    better: tuple[Better, ...] = field(default_factory=tuple)
    comparable: tuple[str, ...] = field(default_factory=tuple)
    turning: tuple[Assumption, ...] = field(default_factory=tuple)


def decide(
    comparison: Comparison,
    proposal: str,
    *,
    alternatives: Alternatives | None = None,
    robustness: Robustness | None = None,
    cards: Iterable[OfferCard] = (),
) -> Decision:
    """The decision about a proposal that has a plan, from answers that are known already; nothing is solved here.

    From published answers follows what may be published.
    """
    plan = comparison.plans[proposal]
    promised = promises(robustness)
    years = comparison.years
    return Decision(
        sure=sureness(
            plan,
            None if alternatives is None else alternatives.agreement,
            None if robustness is None else robustness.offers,
        ),
        released=released(plan),
        promised=promised,
        better=better(comparison.plans, proposal, comparison.measures, alternatives),
        comparable=comparable(comparison.plans, proposal),
        turning=assumptions(cards, years[years["scenario_id"] == proposal], robustness, promised),
    )
