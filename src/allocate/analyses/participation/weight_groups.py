"""Weight groups: all sets of weights that are compared, the planners', the table's, the groups' and all ballots'."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.analyses.participation.ballot_weights import (
    BallotWeights,
    ballot_weights,
    by_id,
    whole_weights,
)
from allocate.bench.weighting import (
    ALL_BALLOTS,
    EXPERTS,
    free_names,
    weight_sets_of,
    weights_of,
)
from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.inputs.voices.ballots import Ballots
from allocate.plain import Record
from allocate.results.columns import Columns

PLANNERS, TABLE, GROUP, BALLOTS = ("planners", "table", "group", "all_ballots")
UNNAMED = "-"  # ballots of nobody in particular
COLUMNS = Columns("weight_set", "source", "ballots", "persons")


@dataclass(frozen=True, eq=False, repr=False)
class WeightGroups(OneLine):
    """Sets by name (need id -> weight), their ``table`` (``COLUMNS``), and the weights of the ballots, if any.

    ``together``: the name of the set of all ballots, blank without ballots. ``own``: the names of the single groups.
    """

    sets: dict[str, dict[str, float]]
    table: pd.DataFrame
    weights: BallotWeights | None = None
    together: str = ""

    @property
    def judged(self) -> dict[str, dict[str, float]]:
        """The sets that count for regret and agreement: without all ballots together, where their groups stand."""
        groups = (self.table["source"] == GROUP).any()
        return {name: own for name, own in self.sets.items() if name != self.together or not groups}


def gathered(case: Case, ballots: Ballots | None, way: str, bound: float | None) -> WeightGroups:
    """All sets of weights of a case and of ballots; names that are taken get a number behind them."""
    sets: dict[str, dict[str, float]] = weight_sets_of(case)
    rows: list[Record] = [
        {"weight_set": name, "source": PLANNERS if name == EXPERTS else TABLE, "ballots": np.nan, "persons": np.nan}
        for name in sets
    ]
    if ballots is None:
        return WeightGroups(sets, COLUMNS.of(rows))
    experts = weights_of(case)
    weights = ballot_weights(ballots, case, way=way, threshold=case.number("suppression_threshold"), taken=sets)
    counts = weights.heads["shown"].value_counts()
    persons = weights.persons()
    for group, shares in weights.groups.iterrows() if len(weights.groups) > 1 else ():
        name = str(group) or free_names([UNNAMED], {*sets, *weights.groups.index})[UNNAMED]
        sets[name] = whole_weights(by_id(shares), experts, bound=bound)
        row = {"source": GROUP, "ballots": float(counts[str(group)]), "persons": float(persons[str(group)])}
        rows.append({"weight_set": name, **row})
    together = ALL_BALLOTS
    sets[together] = whole_weights(by_id(weights.together), experts, bound=bound)
    rows.append(
        {"weight_set": together, "source": BALLOTS, "ballots": float(ballots.count), "persons": float(ballots.persons)}
    )
    return WeightGroups(sets, COLUMNS.of(rows), weights, together)


def weight_columns(case: Case, groups: WeightGroups) -> pd.DataFrame:
    """Per need: ``need_id``, ``asked``, ``experts`` (share of all weights, 0..1).

    Where there are ballots, also the share that they give it: ``together``, the quartiles ``low`` and ``high`` of all
    persons, and their standard ``deviation``.
    """
    own = weights_of(case)
    total = max(sum(own.values()), 1e-300)
    table = pd.DataFrame({"need_id": list(own), "asked": False, "experts": [one / total for one in own.values()]})
    if groups.weights is None:
        return table
    spread = groups.weights.spread().set_index("need_id").reindex(table["need_id"])
    table["asked"] = table["need_id"].isin(groups.weights.shares.columns).to_numpy(dtype=bool)
    room = float(table.loc[table["asked"], "experts"].sum())
    table["together"] = table["need_id"].map(groups.sets[groups.together]).astype(float)
    for name in ("low", "high", "deviation"):
        table[name] = spread[name].to_numpy(dtype=float) * room
    return table
