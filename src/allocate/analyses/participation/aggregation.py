"""Aggregation: how much the plan depends on the way ballots are put together, and on every single group."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocate.analyses.figures import distance
from allocate.analyses.participation.ballot_weights import (
    BALLOTS,
    GROUPS,
    MEDIAN,
    POPULATION,
    BallotWeights,
    by_id,
    combined,
    may_count_residents,
    whole_weights,
)
from allocate.analyses.participation.group_plans import spent_on, turned
from allocate.bench.least_regret import bests_of
from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.session import Session

WITHOUT = "without"
# With more groups than this, leaving out each one says nothing about any and takes long.
MOST_GROUPS = 12
COLUMNS = Columns("way", "left_out", "largest_need_id", "largest_weight_change", "differs_eur", "turned", "regret")


def aggregation(
    session: Session,
    scenario_id: str,
    weights: BallotWeights,
    case: Case,
    experts: Mapping[str, float],
    chosen: Allocation,
    *,
    bound: float | None = None,
) -> pd.DataFrame:
    """Other ways of putting the ballots together, each against the plan ``chosen`` in ``weights.way``.

    ``way``: ``ballots`` | ``groups`` | ``median`` | ``population`` (where groups are places), or ``without`` the group
    ``left_out``. ``largest_need_id`` and ``largest_weight_change`` (share 0..1): the need whose weight changes most.
    ``differs_eur``: money that would be elsewhere; ``turned``: offers that change in another direction than in the
    chosen plan; ``regret``: what the chosen plan gives up under these weights. Columns ``COLUMNS``.
    """
    base = whole_weights(by_id(weights.together), experts, bound=bound)
    rows = []
    for (way, left_out), shares in _others(weights, case).items():
        own = whole_weights(by_id(shares), experts, bound=bound)
        known = bests_of(session, scenario_id, {f"{way} {left_out}".strip() + " *": own})
        change = pd.Series(own) - pd.Series(base)
        largest = str(change.abs().idxmax())
        rows.append(
            {
                "way": way,
                "left_out": left_out,
                "largest_need_id": largest,
                "largest_weight_change": float(change[largest]),
                "differs_eur": distance(spent_on(known.plans[0]), spent_on(chosen)),
                "turned": turned(known.plans[0], chosen),
                "regret": float(known.regrets(chosen)[0]),
            }
        )
    return COLUMNS.of(rows)


def _others(weights: BallotWeights, case: Case) -> dict[tuple[str, str], pd.Series]:
    """The shares of all ballots in every other way, and without each group."""
    heads, shares = weights.heads, weights.shares
    given = list(heads["group"].astype(str).unique())
    ways = [BALLOTS, MEDIAN, *([GROUPS] if len(given) > 1 else [])]
    if len(given) > 1 and may_count_residents(case, given):
        ways.append(POPULATION)
    found = {(way, ""): combined(shares, heads, case, way) for way in ways if way != weights.way}
    shown = [str(name) for name in weights.groups.index]
    if 1 < len(shown) <= MOST_GROUPS:
        for name in shown:
            kept = (heads["shown"] != name).to_numpy(dtype=bool)
            found[WITHOUT, name] = combined(shares[kept], heads[kept], case, weights.way)
    return found
