"""Each space uses at least, and at most, a share of an offer's places (C4)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.inputs.scenario.variant import Variant
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram, join_entries
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import NOISE, SHARE_GRAIN, Reached, Step, with_table
from allocate.model.rules.relaxer import Part, Room, each_row, keys_of, numbers, part, rows_of
from allocate.model.rules.rule import (
    CAPACITY_UNITS,
    OF_OFFER,
    OTHER,
    SENTENCE,
    Contradiction,
    Equation,
    GivesWay,
    Rule,
)
from allocate.town.arrays import Floats, Ints
from allocate.town.tolerance import TOLERANCE

KIND = "corridor"
LEAST, MOST = "corridor_least", "corridor_most"


def least(ground: Ground) -> Block:
    """C4 (lower part): x[o,s] >= min_use_share[o,s] X[o]."""
    share = ground.town.pairs.min_share
    return _corridor(LEAST, ground, np.flatnonzero(share > 0), share, (0.0, np.inf))


def most(ground: Ground) -> Block:
    """C4 (upper part): x[o,s] <= max_use_share[o,s] X[o]."""
    share = ground.town.pairs.max_share
    return _corridor(MOST, ground, np.flatnonzero(share < 1), share, (-np.inf, 0.0))


def _corridor(name: str, ground: Ground, bound: Ints, share: Floats, sides: tuple[float, float]) -> Block:
    """Rows for the bound uses; the parts of a divided use count together."""
    town, layout = ground.town, ground.layout
    first, row = np.unique(town.pairs.first[bound], return_inverse=True)
    offer = town.pairs.offer[first]
    own = np.arange(len(first))
    rows, columns, values = join_entries(
        [
            (row.astype(np.int64), layout.first("use") + bound, np.ones(len(bound))),
            (own, layout.first("capacity") + offer, -share[first]),
        ]
    )
    keys = (town.offers.ids[offer], town.spaces.ids[town.pairs.space[first]])
    lower, upper = (np.full(len(first), side) for side in sides)
    return Block(name, keys, lower, upper, rows, columns, values)


def _relax(ground: Ground, program: LinearProgram, room: Room) -> Part:
    """Users of an offer outside their shares, capacity units/year; all rows of an offer are one rule."""
    town = ground.town
    ids = keys_of(program, 0, LEAST, MOST)
    sign = np.repeat([1.0, -1.0], [len(rows_of(program, name)) for name in (LEAST, MOST)])
    offer = numbers(town.offers.ids, ids)
    limit = (town.offers.max_capacity + room.offer)[offer]
    return part(ids, each_row(rows_of(program, LEAST, MOST), sign), limit, offer=offer)


def _repair(variant: Variant, reached: Reached, id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    """The shares of an offer's users become what the plan needs."""
    town = reached.ground.town
    pairs = np.flatnonzero(town.offers.ids[town.pairs.offer] == id)
    total = reached.capacity[town.pairs.offer[pairs]]
    share = np.divide(reached.use[pairs], total, out=np.zeros(len(pairs)), where=total > NOISE)
    used = pd.Series(share, index=town.spaces.ids[town.pairs.space[pairs]]).groupby(level=0).sum()
    table = variant.case["reach"].copy()
    own = (table["offer_id"] == id).to_numpy()
    now = table.loc[own, "space_id"].map(used).astype(float)
    lowest, highest = table.loc[own, "min_use_share"], table.loc[own, "max_use_share"]
    if total.max(initial=0.0) > NOISE:
        table.loc[own, "min_use_share"] = np.minimum(lowest, np.floor(now / SHARE_GRAIN) * SHARE_GRAIN)
        table.loc[own, "max_use_share"] = np.maximum(highest, np.minimum(1.0, np.ceil(now / SHARE_GRAIN) * SHARE_GRAIN))
    wider = np.maximum(lowest - table.loc[own, "min_use_share"], table.loc[own, "max_use_share"] - highest)
    return with_table(variant, "reach", table), Step(amount, 0.0, float(wider.max()))


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    return naming.offer(id, lang, "department")


def _precheck(ground: Ground) -> list[Contradiction]:
    """The least (or greatest) shares of use of an offer with contracts do not leave room for all of its use."""
    town = ground.town
    count, ids = len(town.offers.ids), town.offers.ids
    whole = np.unique(town.pairs.first)
    offer = town.pairs.offer[whole]
    least = np.bincount(offer, town.pairs.min_share[whole], minlength=count)
    most = np.bincount(offer, np.minimum(town.pairs.max_share[whole], 1.0), minlength=count)
    bound = town.offers.committed > 0
    return [
        *(
            Contradiction("corridor-shares", KIND, str(ids[o]), "", float(least[o]), 1.0, "share")
            for o in np.flatnonzero(bound & (least > 1 + TOLERANCE))
        ),
        *(
            Contradiction("corridor-shares", KIND, str(ids[o]), "", 1.0, float(most[o]), "share")
            for o in np.flatnonzero(bound & (most < 1 - TOLERANCE))
        ),
    ]


RULE = Rule(
    kind=KIND,
    cells=("reach.min_use_share", "reach.max_use_share"),
    keys=("offer",),
    unit=CAPACITY_UNITS,
    equations=(
        Equation(LEAST, least, ("offer", "space"), at=40, adds_up=True, of_use=True),
        Equation(MOST, most, ("offer", "space"), at=41, adds_up=True, of_use=True),
    ),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, lever=OTHER, between=OF_OFFER, tried=1, discussed=10, told=SENTENCE,
    ),
    words=_words,
    precheck=_precheck,
    told=4,
)  # fmt: skip
