"""An offer has so many places and no more (C3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.language import number
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram, join_entries
from allocate.model.rules import opening, steps
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import UNIT_GRAIN, Reached, Step, changed, up
from allocate.model.rules.relaxer import Part, Room, copies, part, without
from allocate.model.rules.rule import CAPACITY_UNITS, OF_OFFER, STAFF, Bound, Equation, GivesWay, Rule

# What the rule is called where an offer has come to its limit.
FULL = "capacity_full"
# Rows of the widened program: the limit where contracts bind more than there may be, and the switch beyond today's.
WITHIN, BEYOND = "within_capacity", "extra_open"


def build(ground: Ground) -> Block:
    """C3: X[o] = sum_s x[o,s]; com[o] <= X[o] <= cap[o] and x[o,s] <= reach.max_capacity are column bounds."""
    town, layout = ground.town, ground.layout
    pairs, offers = np.arange(len(town.pairs.offer)), np.arange(len(town.offers.ids))
    rows, columns, values = join_entries(
        [
            (town.pairs.offer, layout.first("use") + pairs, np.ones(len(pairs))),
            (offers, layout.first("capacity") + offers, -np.ones(len(offers))),
        ]
    )
    zero = np.zeros(len(offers))
    return Block("capacity", (town.offers.ids,), zero, zero, rows, columns, values)


def _relax(ground: Ground, program: LinearProgram, room: Room) -> Part:
    """More capacity of an offer, a copy of its column, capacity units/year."""
    offers = np.arange(len(ground.town.offers.ids), dtype=np.int64)
    entries = copies(program, program.columns_index["capacity"].start + offers, 1.0)
    if BEYOND in program.rows_index:
        # Beyond today's limit the switch is the row ``extra_open``, whose factor is the room there is.
        columns, rows, values = without(program, steps.MOST, without(program, opening.MOST, entries))
        columns = np.concatenate([columns, offers])
        rows = np.concatenate([rows, program.rows_index[BEYOND].start + offers])
        entries = columns, rows, np.concatenate([values, np.ones(len(offers))])
    return part(ground.town.offers.ids, without(program, WITHIN, entries), room.offer, offer=offers)


def _repair(variant: Variant, _reached: Reached, id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    return changed(variant, "offers", {"offer_id": id}, "max_capacity", up(amount, UNIT_GRAIN))


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    most = float(naming.row("offers", id)["max_capacity"])
    return {**naming.offer(id, lang, "provider"), "bound": most, "amount": number(most, lang, 1)}


RULE = Rule(
    kind="capacity",
    cells=("offers.max_capacity",),
    keys=("offer",),
    unit=CAPACITY_UNITS,
    equations=(Equation("capacity", build, ("offer",), at=30, rule=False, adds_up=True, of_use=True),),
    bound=Bound("capacity", True, FULL),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=lambda _ground, id, _place: ("offers", id, "max_capacity"),
        lever=STAFF, between=OF_OFFER, tried=6, discussed=6, one_number=True,
    ),
    words=_words,
    held="full",
)  # fmt: skip
