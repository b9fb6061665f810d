"""A pot has so much money and no more (M2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.language import euro
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import EURO, Reached, Step, changed, up
from allocate.model.rules.relaxer import Part, Room, each_row, part, rows_of
from allocate.model.rules.rule import MONEY, OF_ALL, Equation, GivesWay, Rule

POT = POT_ROWS = "pot"


def build(ground: Ground) -> Block:
    """M2: sum_o f[b,o] <= A[b]."""
    town, funding = ground.town, np.arange(len(ground.town.funding.pot))
    columns = ground.layout.first("funding") + funding
    least = np.full(len(town.pots), -np.inf)
    return Block(POT_ROWS, (town.pots,), least, town.pot_amount, town.funding.pot, columns, np.ones(len(funding)))


def _relax(ground: Ground, program: LinearProgram, room: Room) -> Part:
    """More money in a pot, EUR/year."""
    pots = ground.town.pots
    own = np.arange(len(pots), dtype=np.int64)
    return part(pots, each_row(rows_of(program, POT_ROWS), -1.0), np.full(len(pots), room.cost.sum() + 1.0), pot=own)


def _repair(variant: Variant, _reached: Reached, id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    return changed(variant, "pots", {"pot_id": id}, "amount", up(amount, EURO))


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    amount = float(naming.row("pots", id)["amount"])
    return {**naming.pot(id, lang), "amount": euro(amount, lang), "bound": amount}


RULE = Rule(
    kind=POT,
    cells=("pots.amount",),
    keys=("pot",),
    equations=(Equation(POT_ROWS, build, ("pot",), at=60, adds_up=True),),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=lambda _ground, id, _place: ("pots", id, "amount"),
        lever=MONEY, between=OF_ALL, tried=10, discussed=1, one_number=True, apart=True,
    ),
    words=_words,
    told=1,
)  # fmt: skip
