"""Layout: which column of the program means which decision.

family      keys                     symbol   unit
use         offer, space             x[o,s]   capacity units/year used by a space; with the need as a third key where
                                              the town has capacity that serves one need at a time (blank: all needs)
capacity    offer                    X[o]     capacity units/year of an offer, the sum of its uses
funding     pot, offer               f[b,o]   EUR/year
covered     space, need, segment     y[s,n,k] need units/year covered, by segment
reserve     space, need              w[s,n]   wanted reserve, need units/year
duplication space, need              z[s,n]   unwanted duplication, need units/year
release     offer                    g[o]     EUR/year released below today's cost
least       (one)                    t        coverage of the least covered space, share 0..1
open        offer                    open[o]  1 where the offer exists (indivisible scenarios only)
step        offer, number            begun[o,k] 1 where the offer goes beyond a step of its cost (likewise)
present     cluster, place, provider          1 where a provider of a cluster has an open offer (likewise)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.model.program import Family, Index
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.as_arrays import Town
from allocate.town.places import Cluster, counted_providers


@dataclass(frozen=True)
class Layout:
    """Columns of the program: families, finite bounds, and the numbers of the columns of each kind.

    ``demanded`` numbers the cells with demand; ``covered`` has one column per demanded cell and segment, segments
    innermost.
    """

    index: Index
    lower: Floats
    upper: Floats
    integer: Bools
    demanded: Ints

    def first(self, family: str) -> int:
        """The number of the first column of a family."""
        return self.index[family].start

    def covered_of(self, places: Ints) -> Ints:
        """The columns of covered demand of cells, by their places in ``demanded``."""
        segments = len(self.index["covered"]) // max(len(self.demanded), 1)
        columns: Ints = self.first("covered") + places[:, None] * segments + np.arange(segments)[None, :]
        return columns.ravel()


def build_layout(town: Town, clusters: tuple[Cluster, ...]) -> Layout:
    """Number the columns and give each its finite bounds."""
    spaces, needs, offers = town.spaces.ids, town.needs.ids, town.offers.ids
    pairs, cells, segments = town.pairs, town.cells, town.segments
    demanded = np.flatnonzero(cells.demand > 0)
    count = len(segments.value)
    segment_keys = np.array([str(k + 1) for k in range(count)], dtype=object)
    cell_space, cell_need = spaces[cells.space], needs[cells.need]
    demand = cells.demand[demanded]
    reserve = town.needs.wanted_reserve[cells.need[demanded]] * demand
    largest_supply = town.supply_of(pairs.max_capacity)
    widths = (segments.stop - segments.start)[None, :] * demand[:, None]
    # Where no space has a need to be covered, no row holds t down, and it must not count.
    has_needs = bool((town.needs.weight[cells.need[demanded]] > 0).any())
    largest_least = np.array([1.0 if has_needs else 0.0])
    parts: list[tuple[str, tuple[Ids, ...], Floats, Floats]] = [
        ("use", _use_keys(town), np.zeros(len(pairs.offer)), pairs.max_capacity),
        ("capacity", (offers,), town.offers.committed, town.offers.max_capacity),
        ("funding", _funding_keys(town), np.zeros(len(town.funding.pot)), _largest_funding(town)),
        (
            "covered",
            (
                np.repeat(cell_space[demanded], count),
                np.repeat(cell_need[demanded], count),
                np.tile(segment_keys, len(demanded)),
            ),
            np.zeros(widths.size),
            widths.ravel(),
        ),
        ("reserve", (cell_space[demanded], cell_need[demanded]), np.zeros(len(demanded)), reserve),
        ("duplication", (cell_space, cell_need), np.zeros(len(cell_space)), largest_supply),
        ("release", (offers,), np.zeros(len(offers)), town.offers.baseline_cost),
        ("least", (np.array(["least"], dtype=object),), np.zeros(1), largest_least),
    ]
    if town.indivisible:
        must_open = (town.offers.committed > 0).astype(float)
        parts.append(("open", (offers,), must_open, np.ones(len(offers))))
        parts.append(_present(town, clusters))
        if len(town.steps.offer):
            parts.append(_begun(town))
    return _assemble(parts, demanded)


def _assemble(parts: list[tuple[str, tuple[Ids, ...], Floats, Floats]], demanded: Ints) -> Layout:
    families, start = [], 0
    for name, keys, lower, _ in parts:
        families.append(Family(name, start, keys))
        start += len(lower)
    integer = np.concatenate([np.full(len(lower), name in ("open", "step")) for name, _, lower, _ in parts])
    return Layout(
        index=Index(tuple(families)),
        lower=np.concatenate([lower for _, _, lower, _ in parts]).astype(float, copy=False),
        upper=np.concatenate([upper for _, _, _, upper in parts]).astype(float, copy=False),
        integer=integer,
        demanded=demanded,
    )


def _present(town: Town, clusters: tuple[Cluster, ...]) -> tuple[str, tuple[Ids, ...], Floats, Floats]:
    counted = counted_providers(town, clusters)
    ids = [(cluster.cluster_id, cluster.scope_id, provider) for cluster, provider in counted]
    keys = tuple(np.array([key[part] for key in ids], dtype=object) for part in range(3))
    return "present", keys, np.zeros(len(ids)), np.ones(len(ids))


def _begun(town: Town) -> tuple[str, tuple[Ids, ...], Floats, Floats]:
    """Steps of an offer are numbered from 1, lowest first."""
    steps = town.steps
    place = [int((steps.offer[:number] == offer).sum()) + 1 for number, offer in enumerate(steps.offer)]
    keys = (town.offers.ids[steps.offer], np.array([str(one) for one in place], dtype=object))
    return "step", keys, np.zeros(len(place)), np.ones(len(place))


def _use_keys(town: Town) -> tuple[Ids, ...]:
    pairs = town.pairs
    keys = (town.offers.ids[pairs.offer], town.spaces.ids[pairs.space])
    if not pairs.is_divided:
        return keys
    return (*keys, np.append(town.needs.ids, "")[pairs.serves])


def _funding_keys(town: Town) -> tuple[Ids, Ids]:
    return town.pots[town.funding.pot], town.offers.ids[town.funding.offer]


def _largest_funding(town: Town) -> Floats:
    """No funding pair carries more than its share of the offer's largest cost.

    The pot's amount is no bound here but a row of its own, so that "what if this pot had more" is one change.
    """
    return town.funding.max_share * town.cost_of(town.offers.max_capacity)[town.funding.offer]
