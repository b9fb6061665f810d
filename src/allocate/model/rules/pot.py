"""A pot has so much money and no more (M2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.inspection import Inspection
from allocate.inputs.scenario.variant import Variant
from allocate.language import euro
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import EURO, SHARE_GRAIN, Reached, Step, changed, up
from allocate.model.rules.relaxer import Part, Room, each_row, part, rows_of
from allocate.model.rules.rule import MONEY, OF_ALL, Equation, GivesWay, Rule
from allocate.town.eligibility import free_amounts, free_share

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
    """More money in the pot, so much that its part for offers is enough; a blocked pot is released first."""
    pots = variant.case["pots"]
    pot = pots[pots["pot_id"] == id]
    share = float(free_share(pot)[0])
    blocked, whole = float(pot["blocked"].fillna(0.0).iloc[0]), float(pot["amount"].iloc[0])
    if share > 0 or blocked <= 0 or whole <= 0:
        return changed(variant, "pots", {"pot_id": id}, "amount", up(amount / share if share > 0 else amount, EURO))
    released = min(blocked, up(amount / whole, SHARE_GRAIN))
    return changed(variant, "pots", {"pot_id": id}, "blocked", -released)[0], Step(released * whole, 0.0, amount)


def _cell(ground: Ground, id: str, _place: str) -> tuple[str, str, str] | None:
    pots = ground.variant.case["pots"]
    return ("pots", id, "amount") if free_share(pots[pots["pot_id"] == id])[0] > 0 else None


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    pots = naming.ground.variant.case["pots"]
    pot = pots[pots["pot_id"] == id]
    amount = float(free_amounts(pot)[0])
    said = euro(amount, lang)
    if free_share(pot)[0] < 1:
        said = RULE.say("free", lang, free=said, whole=euro(float(pot["amount"].iloc[0]), lang))
    return {**naming.pot(id, lang), "amount": said, "bound": amount}


def check(inspection: Inspection) -> None:
    """Pots of which overhead and block leave nothing, or a part only."""
    pots = inspection.table("pots")
    share, free = free_share(pots), free_amounts(pots)
    inspection.flag("pot-reserved", "pots", "amount", (share > 0) & (share < 1), severity=NOTE, free=free)
    inspection.flag("pot-all-reserved", "pots", "amount", share <= 0, severity=WARNING)


RULE = Rule(
    kind=POT,
    cells=("pots.amount", "pots.overhead_share", "pots.blocked"),
    keys=("pot",),
    equations=(Equation(POT_ROWS, build, ("pot",), at=60, adds_up=True),),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=_cell,
        lever=MONEY, between=OF_ALL, tried=10, discussed=1, one_number=True, apart=True,
    ),
    words=_words,
    checks=(check,),
    told=1,
    held="pots_empty",
)  # fmt: skip
