"""Parallel structures: providers side by side in one space for one need, beyond the plurality that is wanted.

Counting needs no optimisation and is done for every plan. A surplus of units does not see two half-used sites, and a
count condemns plurality, so both stand beside each other (docs/compare.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.ledger import delivery_of
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.build_provision import effects_of

# An offer is made for a need from this effect on; less is a by-product and no structure of its own.
MAIN_EFFECT = 0.3
# A provider is present in a cell when it supplies more than this share of its demand.
PRESENT_SHARE = 0.01
PRESENT_LEAST = 1e-6
ROUNDING = 1e-6
COLUMNS = Columns("space_id", "need_id", "providers", "provider_count", "wanted_count", "excess", "demand", "supply")


@dataclass(frozen=True)
class Presence:
    """Who could be present where: one member per provider and cell with demand that its main offers can supply.

    ``entry``/``member`` list the supply entries of each member; ``threshold`` in need units/year: more is present;
    ``wanted`` the number of providers wanted per cell of the town.
    """

    cell: Ints
    provider: Ids
    threshold: Floats
    entry: Ints
    member: Ints
    wanted: Ints

    def supply(self, compiled: Compiled, delivery: Floats) -> Floats:
        """Need units/year per member."""
        supply = compiled.town.supply
        used = supply.rate[self.entry] * delivery[supply.pair[self.entry]]
        return np.bincount(self.member, used, minlength=len(self.cell))

    def is_present(self, supply: Floats) -> Bools:
        """Which members are present with this supply; what only rounding lifts above the threshold is not."""
        present: Bools = supply > self.threshold * (1.0 + ROUNDING)
        return present

    def excess(self, present: Bools) -> Ints:
        """Providers beyond the wanted number per cell."""
        count = np.bincount(self.cell[present], minlength=len(self.wanted))
        beyond: Ints = np.maximum(0, count - self.wanted)
        return beyond


def presence(compiled: Compiled) -> Presence:
    """The providers whose main offers can supply each cell with demand."""
    town = compiled.town
    entries = np.flatnonzero(_main(compiled) & (town.cells.demand[town.supply.cell] > 0))
    offer = town.pairs.offer[town.supply.pair[entries]]
    # An offer without a provider counts as a provider of its own.
    named = town.offers.provider
    known, code = np.unique(named[offer].astype(str), return_inverse=True)
    keys, member = np.unique(town.supply.cell[entries] * max(len(known), 1) + code, return_inverse=True)
    cell, provider = np.divmod(keys, max(len(known), 1))
    return Presence(
        cell=cell.astype(np.int64),
        provider=known[provider].astype(object),
        threshold=np.maximum(PRESENT_LEAST, PRESENT_SHARE * town.cells.demand[cell]),
        entry=entries,
        member=member.astype(np.int64),
        wanted=wanted_providers(compiled),
    )


def wanted_providers(compiled: Compiled) -> Ints:
    """k[s,n]: providers wanted per cell, 1 unless a wanted cluster there asks for more.

    A cluster asks for ``min_providers``, and a largest share of one provider asks for 1 / share.
    """
    wanted = np.ones(len(compiled.town.cells.demand), dtype=np.int64)
    for cluster in compiled.clusters:
        least = max(cluster.min_providers, math.ceil(1.0 / cluster.max_share_provider - 1e-9))
        np.maximum.at(wanted, compiled.town.supply.cell[cluster.entries], least)
    return wanted


def parallel_structures(compiled: Compiled, plan: Allocation) -> pd.DataFrame:
    """Cells with more providers than wanted: columns ``COLUMNS`` (``providers`` joined by ;)."""
    town, found = compiled.town, presence(compiled)
    supply = found.supply(compiled, delivery_of(town, plan))
    present = found.is_present(supply)
    excess = found.excess(present)
    members = pd.DataFrame({"cell": found.cell, "provider": found.provider, "supply": supply})[present]
    members = members[excess[members["cell"].to_numpy()] > 0]
    members = members.sort_values(["cell", "supply"], ascending=[True, False])
    cell, first, count = np.unique(members["cell"].to_numpy(), return_index=True, return_counts=True)
    names = members["provider"].tolist()
    labelled = pd.DataFrame(
        {
            "providers": [";".join(names[at : at + many]) for at, many in zip(first, count, strict=True)],
            "provider_count": count,
            "supply": members.groupby("cell")["supply"].sum().to_numpy(),
        }
    ).assign(
        space_id=town.spaces.ids[town.cells.space[cell]],
        need_id=town.needs.ids[town.cells.need[cell]],
        wanted_count=found.wanted[cell],
        excess=excess[cell],
        demand=town.cells.demand[cell],
    )
    return COLUMNS.of(labelled)


def _main(compiled: Compiled) -> Bools:
    """Supply entries of offers that are made for the need."""
    town, effects = compiled.town, effects_of(compiled.variant.case)
    main = effects.effect >= MAIN_EFFECT
    count = len(town.needs.ids)
    entry = town.pairs.offer[town.supply.pair] * count + town.cells.need[town.supply.cell]
    return np.isin(entry, (effects.offer * count + effects.need)[main])
