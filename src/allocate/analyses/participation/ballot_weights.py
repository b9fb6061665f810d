"""Ballot weights: from points, ranks and swing weights to weights of the needs, of single groups and of all together.

Every ballot is turned into shares that add up to one over the needs that were asked about:

    points, swing   value / sum of values
    ranking         rank-order centroid: the need in place i of n weighs (1/i + 1/(i+1) + ... + 1/n) / n, the mean of
                    all weights that agree with the ranking (Barron and Barrett 1996, Decision quality using ranked
                    attribute weights, Management Science 42); tied needs share the mean of their places

Needs that nobody was asked about keep the share of weight that the planners give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.bench.weighting import OTHERS, free_names
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.inputs.voices.ballots import Ballots
from allocate.town.arrays import Floats
from allocate.town.facts import SpaceFacts

BALLOTS, GROUPS, POPULATION, MEDIAN = WAYS = ("ballots", "groups", "population", "median")
QUARTILES = (0.25, 0.75)
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class BallotWeights(OneLine):
    """Weights from ballots; all shares 0..1 over the asked needs.

    ``shares``: one row per ballot, one column per asked need. ``heads``: per ballot ``group``, ``shown`` (the group
    after small ones were put together; with a number behind it where another set or the program itself has its name)
    and ``persons``. ``groups``: mean share per shown group and need. ``together``:
    the share of all in the ``way`` asked for. ``pooled``: the groups that were too small to be shown alone.
    """

    shares: pd.DataFrame
    heads: pd.DataFrame
    groups: pd.DataFrame
    together: pd.Series
    way: str
    pooled: tuple[str, ...]
    threshold: float = 0.0

    def persons(self) -> pd.Series:
        """How many people each shown group's ballots stand for."""
        return self.heads.groupby("shown", sort=False)["persons"].sum()

    def spread(self) -> pd.DataFrame:
        """Per need over all persons: ``mean``, ``deviation`` (standard deviation), ``low`` and ``high`` (quartiles).

        Of fewer persons than the threshold only the mean is given.
        """
        counts = self.heads["persons"].to_numpy(dtype=float)
        values = self.shares.to_numpy(dtype=float)
        mean = np.average(values, axis=0, weights=counts)
        deviation = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=counts))
        low, high = (weighted_quantile(values, counts, at) for at in QUARTILES)
        if counts.sum() < self.threshold:
            deviation = low = high = np.full(values.shape[1], np.nan)
        table = {"need_id": self.shares.columns, "mean": mean, "deviation": deviation, "low": low, "high": high}
        return pd.DataFrame(table)


def ballot_weights(
    ballots: Ballots, case: Case, *, way: str = BALLOTS, threshold: float = 0.0, taken: Iterable[str] = ()
) -> BallotWeights:
    """The weights of ballots.

    ``way``: ``ballots`` (every person counts alike), ``groups`` (every group alike), ``population`` (groups are spaces
    or regions and count by their residents) or ``median`` (of all persons, need by need). Groups of fewer than
    ``threshold`` persons are put together. ``taken``: names of other sets of weights, which no group is shown under.
    Raises ``UsageError``: ballots-way, ballots-population.
    """
    if way not in WAYS:
        raise UsageError("ballots-way", way=way, known=", ".join(WAYS))
    shares = shares_of_ballots(ballots.table, ballots.asked)
    heads = ballots.table.drop_duplicates("ballot_id").set_index("ballot_id")[["group", "persons"]]
    heads, pooled = _with_small_groups_pooled(heads, threshold, taken)
    together = combined(shares, heads, case, way)
    groups = mean_by_group(shares, heads["shown"], heads["persons"])
    return BallotWeights(shares, heads, groups, together, way, pooled, threshold)


def shares_of_ballots(table: pd.DataFrame, asked: tuple[str, ...]) -> pd.DataFrame:
    """Shares per ballot (rows, in file order) and asked need (columns) from the entries of ``Ballots.table``."""
    order = table["ballot_id"].drop_duplicates()
    values = table.pivot_table(index="ballot_id", columns="need_id", values="value", dropna=False, sort=False)
    values = values.reindex(index=order, columns=list(asked))
    method = table.drop_duplicates("ballot_id").set_index("ballot_id")["method"].reindex(order)
    ranked = (method == "ranking").to_numpy(dtype=bool)
    given = values.fillna(0.0).to_numpy(dtype=float)
    total = given.sum(axis=1, keepdims=True)
    shares = np.divide(given, total, out=np.zeros_like(given), where=total > 0)
    if ranked.any():
        shares[ranked] = rank_order_centroid(values[ranked])
    return pd.DataFrame(shares, index=values.index, columns=list(asked))


def rank_order_centroid(ranks: pd.DataFrame) -> Floats:
    """Shares from ranks (1 is first; NaN behind all ranked ones); rows are ballots and add up to one."""
    count = ranks.shape[1]
    places = np.arange(1, count + 1)
    weights = np.cumsum((1.0 / places)[::-1])[::-1] / count
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    known = ranks.fillna(np.inf)
    first = known.rank(axis=1, method="min").to_numpy(dtype=np.int64)
    last = known.rank(axis=1, method="max").to_numpy(dtype=np.int64)
    shares: Floats = (sums[last] - sums[first - 1]) / (last - first + 1)
    return shares


def mean_by_group(shares: pd.DataFrame, group: pd.Series, persons: pd.Series) -> pd.DataFrame:
    """The mean share per group (rows) and need, every person counting alike; groups in order of appearance."""
    weighted = shares.mul(persons.to_numpy(dtype=float), axis=0).groupby(group, sort=False).sum()
    return weighted.div(persons.groupby(group, sort=False).sum(), axis=0)


def combined(shares: pd.DataFrame, heads: pd.DataFrame, case: Case, way: str) -> pd.Series:
    """The share of all ballots together, per need; adds up to one. Raises ``UsageError`` ballots-population."""
    if way == MEDIAN:
        middle = weighted_quantile(shares.to_numpy(dtype=float), heads["persons"].to_numpy(dtype=float), 0.5)
        # Where most leave most needs blank, the median of every need may be nothing.
        return pd.Series(middle, shares.columns) / middle.sum() if middle.sum() > 0 else _mean(shares, heads)
    if way == BALLOTS:
        return _mean(shares, heads)
    # Groups put together count as one here, too: two different means of them would give each one away.
    by_group = mean_by_group(shares, heads["shown"], heads["persons"])
    if way == GROUPS:
        return by_group.mean(axis=0)
    members = heads.drop_duplicates("group").set_index("group")["shown"]
    own = residents(case, [str(one) for one in members.index])
    people = own.groupby(members.to_numpy(), sort=False).sum().reindex(by_group.index)
    return by_group.mul(people, axis=0).sum(axis=0) / people.sum()


def residents(case: Case, groups: list[str]) -> pd.Series:
    """Residents of groups that are spaces or regions. Raises ``UsageError`` ballots-population where one is neither."""
    spaces = SpaceFacts(case)
    regions = pd.Series(spaces.population).groupby(spaces.region_id).sum().drop("", errors="ignore")
    people = pd.Series(regions.to_dict() | spaces.by_id(spaces.population), dtype="float64").reindex(groups)
    unknown = [name for name, count in people.items() if not count > 0]
    if unknown:
        raise UsageError("ballots-population", group=str(unknown[0]))
    return people


def may_count_residents(case: Case, groups: list[str]) -> bool:
    """Whether all groups are spaces or regions with residents."""
    try:
        residents(case, groups)
    except UsageError:
        return False
    return True


def _mean(shares: pd.DataFrame, heads: pd.DataFrame) -> pd.Series:
    counts = heads["persons"].to_numpy(dtype=float)
    return pd.Series(np.average(shares.to_numpy(dtype=float), axis=0, weights=counts), shares.columns)


def weighted_quantile(values: Floats, counts: Floats, at: float) -> Floats:
    """Per column the value below which a share ``at`` of all persons lies (the mean of two at a tie)."""
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    reached = np.cumsum(counts[order], axis=0)
    wanted = at * counts.sum()
    slack = 1e-12 * counts.sum()
    low = (reached >= wanted - slack).argmax(axis=0)
    high = (reached > wanted + slack).argmax(axis=0)
    columns = np.arange(values.shape[1])
    quantile: Floats = (ordered[low, columns] + ordered[high, columns]) / 2
    return quantile


def _with_small_groups_pooled(
    heads: pd.DataFrame, threshold: float, taken: Iterable[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Groups below the threshold become one; if that is still too small, the smallest other group joins it.

    Means and sums of all ballots are published, so that one single group withheld could be computed from the rest.
    """
    persons = heads.groupby("group", sort=False)["persons"].sum().sort_values(kind="stable")
    small = list(persons.index[persons < threshold])
    # A group that people call "others" is none of those put together here.
    shown = heads["group"].map(free_names(heads["group"].unique(), taken))
    if not small:
        return heads.assign(shown=shown), ()
    rest = [name for name in persons.index if name not in small]
    while rest and persons[small].sum() < threshold:
        small.append(rest.pop(0))
    if len(small) == 1 and rest:
        small.append(rest.pop(0))
    pooled = heads.assign(shown=shown.where(~heads["group"].isin(small), OTHERS))
    return pooled, tuple(str(name) for name in small)


def by_id(shares: pd.Series) -> dict[str, float]:
    """Shares by need id as a plain mapping."""
    return {str(need): float(share) for need, share in shares.items()}


def whole_weights(
    shares: Mapping[str, float], experts: Mapping[str, float], *, bound: float | None = None
) -> dict[str, float]:
    """Weights of all needs (sum 1) from shares of the asked ones; the others keep the planners' share.

    ``bound``: no asked need may weigh less than 1/bound or more than bound times its share among the planners' weights
    of the asked needs; what is cut off goes to the others in proportion.
    """
    total = sum(experts.values())
    if not total > 0:
        experts, total = dict.fromkeys(experts, 1.0), float(len(experts))
    own = {need: weight / total for need, weight in experts.items()}
    asked = [need for need in own if need in shares]
    room = sum(own[need] for need in asked)
    values = np.array([shares[need] for need in asked], dtype=float)
    if bound is not None and room > 0:
        middle = np.array([own[need] for need in asked]) / room
        values = within(values, middle / bound, middle * bound)
    return {**own, **dict(zip(asked, (values * room).tolist(), strict=True))}


def within(values: Floats, low: Floats, high: Floats) -> Floats:
    """Values that keep their proportions as far as the bounds allow and add up to one: clip(f values) for one f.

    The bounds must leave room for a sum of one.
    """
    if not (values > 0).any():
        return values
    # At a bound of one, nothing is left to choose, and rounding must not be taken for a contradiction.
    for only in (low, high):
        if abs(float(only.sum()) - 1) <= ROUNDING:
            return only
    # What nobody values takes what the bounds leave over, last of all and in equal parts.
    values = np.maximum(values, 1e-12 * values.max())
    bottom, top = 0.0, 1.0
    while np.clip(values * top, low, high).sum() < 1 and top < 1e18:
        top *= 2
    for _ in range(200):
        middle = (bottom + top) / 2
        bottom, top = (middle, top) if np.clip(values * middle, low, high).sum() < 1 else (bottom, middle)
    found: Floats = np.clip(values * top, low, high)
    return found / found.sum()
