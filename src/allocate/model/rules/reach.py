"""An offer can serve only so many in one space (C3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.language import number
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import UNIT_GRAIN, Reached, Step, changed, up
from allocate.model.rules.relaxer import Part, Room, copies, part
from allocate.model.rules.rule import CAPACITY_UNITS, OF_OFFER, STAFF, Bound, Equation, GivesWay, Rule
from allocate.town.arrays import Bools
from allocate.town.as_arrays import Town

# The limit of a use that is divided among needs stands in the row of its sum.
SUM = "use_most"


def _divided(town: Town) -> bool:
    return town.pairs.is_divided


# What the rule is called where an offer has come to its limit.
FULL = "reach_full"


def own_limit(ground: Ground) -> Bools:
    """Which pairs have a limit of their own in the table ``reach``."""
    town, reach = ground.town, ground.variant.case["reach"]
    if reach.empty:
        return np.zeros(len(town.pairs.offer), dtype=bool)
    own = reach.set_index(["offer_id", "space_id"])["max_capacity"]
    keys = zip(town.offers.ids[town.pairs.offer], town.spaces.ids[town.pairs.space], strict=True)
    limits = own.reindex(list(keys)).to_numpy(dtype=float)
    return ~np.isnan(limits)


def build(ground: Ground) -> Block:
    """C3 for divided uses: sum_n x[o,s,n] <= reach.max_capacity."""
    pairs = ground.town.pairs
    parts = np.flatnonzero(pairs.serves >= 0)
    first, rows = np.unique(pairs.first[parts], return_inverse=True)
    keys = (ground.town.offers.ids[pairs.offer[first]], ground.town.spaces.ids[pairs.space[first]])
    columns = ground.layout.first("use") + parts
    least = np.full(len(first), -np.inf)
    return Block(SUM, keys, least, pairs.max_capacity[first], rows.astype(np.int64), columns, np.ones(len(parts)))


def _relax(ground: Ground, program: LinearProgram, room: Room) -> Part:
    """More use by one space, for pairs with a limit of their own, capacity units/year.

    Of a use that is divided among needs, one relaxer for the row of its sum; these come last.
    """
    town = ground.town
    own, divided = own_limit(ground), town.pairs.serves >= 0
    whole = np.flatnonzero(own & ~divided).astype(np.int64)
    columns, rows, values = copies(program, program.columns_index["use"].start + whole, 1.0)
    parts = np.unique(town.pairs.first[own & divided])
    if len(parts):
        columns = np.concatenate([columns, len(whole) + np.arange(len(parts))])
        rows = np.concatenate([rows, program.rows_index[SUM].start + np.searchsorted(town.pairs.divided, parts)])
        values = np.concatenate([values, -np.ones(len(parts))])
    pairs = np.concatenate([whole, parts])
    limit = np.concatenate([room.pair[whole], room.offer[town.pairs.offer[parts]]])
    offer, places = town.pairs.offer[pairs], town.spaces.ids[town.pairs.space[pairs]]
    return part(town.offers.ids[offer], (columns, rows, values), limit, place=places, offer=offer)


def _repair(variant: Variant, _reached: Reached, id: str, place: str, amount: float) -> tuple[Variant, Step]:
    return changed(variant, "reach", {"offer_id": id, "space_id": place}, "max_capacity", up(amount, UNIT_GRAIN))


def _words(naming: Naming, id: str, place: str, lang: str) -> Mapping[str, object]:
    reach = naming.ground.variant.case["reach"]
    row = reach[(reach["offer_id"] == id) & (reach["space_id"] == place)]
    most = float(row["max_capacity"].iloc[0])
    return {**naming.offer(id, lang, "provider"), "bound": most, "amount": number(most, lang, 1)}


RULE = Rule(
    kind="reach",
    cells=("reach.max_capacity",),
    keys=("offer", "space"),
    unit=CAPACITY_UNITS,
    equations=(Equation(SUM, build, ("offer", "space"), _divided, at=105, adds_up=True, of_use=True),),
    bound=Bound("use", True, FULL),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=lambda _ground, id, place: ("reach", f"{id}|{place}", "max_capacity"),
        lever=STAFF, between=OF_OFFER, tried=3, discussed=9, one_number=True,
    ),
    words=_words,
    told=3,
)  # fmt: skip
