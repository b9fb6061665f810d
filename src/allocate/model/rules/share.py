"""A pot pays at most a share of an offer's cost (M3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.language import percent
from allocate.model.ground import Ground
from allocate.model.program import Block, Family, LinearProgram, join_entries
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import SHARE_GRAIN, Reached, Step, up, with_table
from allocate.model.rules.relaxer import Part, Room, each_row, keys_of, numbers, part, rows_of, with_rows
from allocate.model.rules.rule import ALONE, BEFORE_AFTER, OF_POT, Equation, GivesWay, Outside, Rule
from allocate.town.eligibility import Eligibility

ROWS, OUTSIDE = "share", "outside_share"


def build(ground: Ground) -> Block:
    """M3: f[b,o] <= m[b,o] cost[o], written where m < 1 (for m = 1 it follows from M1)."""
    town = ground.town
    bound = np.flatnonzero(town.funding.max_share < 1)
    own = np.arange(len(bound))
    offer = town.funding.offer[bound]
    rows, columns, values = join_entries(
        [
            (own, ground.layout.first("funding") + bound, np.ones(len(bound))),
            *ground.cost_entries(own, offer, -town.funding.max_share[bound]),
        ]
    )
    keys = (town.pots[town.funding.pot[bound]], town.offers.ids[offer])
    return Block(ROWS, keys, np.full(len(bound), -np.inf), np.zeros(len(bound)), rows, columns, values)


def _outside(ground: Ground, program: LinearProgram, pairs: Eligibility) -> Outside:
    """Payments that lists forbid have their largest share already."""
    town = ground.town
    bound = np.flatnonzero(pairs.max_share < 1)
    added = program.row_count + np.arange(len(bound), dtype=np.int64)
    family = Family(OUTSIDE, program.row_count, (town.pots[pairs.pot[bound]], town.offers.ids[pairs.offer[bound]]))
    cost = ground.cost_entries(added, pairs.offer[bound], -pairs.max_share[bound])
    widened = with_rows(program, family, np.full(len(bound), -np.inf), np.zeros(len(bound)), cost)
    return Outside(widened, (bound.astype(np.int64), added, np.ones(len(bound))))


def _relax(ground: Ground, program: LinearProgram, room: Room) -> Part:
    """More than a pot's largest share of an offer's cost, EUR/year; all offers of a pot are one rule."""
    town = ground.town
    ids, offers = (keys_of(program, position, ROWS, OUTSIDE) for position in (0, 1))
    limit = room.cost[numbers(town.offers.ids, offers)] + 1.0
    return part(ids, each_row(rows_of(program, ROWS, OUTSIDE), -1.0), limit, pot=numbers(town.pots, ids))


def _repair(variant: Variant, reached: Reached, id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    """The pot's largest share becomes what the plan uses, for every offer above it."""
    town = reached.ground.town
    paid = reached.paid(numbers(town.pots, np.array([id], dtype=object)))
    cost = town.cost_of(reached.capacity)
    used = np.divide(paid, cost, out=np.zeros(len(cost)), where=cost > 1e-6)
    table = variant.case["pots"].copy()
    chosen = (table["pot_id"] == id).to_numpy()
    before = float(table.loc[chosen, "max_share"].iloc[0])
    after = min(1.0, up(max(before, float(used.max(initial=0.0))), SHARE_GRAIN))
    table.loc[chosen, "max_share"] = after
    changed = with_table(variant, "pots", table)
    exceptions = variant.case["eligibility"]
    if not exceptions.empty:
        exceptions = exceptions.copy()
        need = exceptions["offer_id"].map(dict(zip(town.offers.ids, used, strict=True))).astype(float)
        mine = (exceptions["pot_id"] == id) & exceptions["max_share"].notna()
        wider = np.minimum(1.0, np.ceil(need / SHARE_GRAIN - 1e-6) * SHARE_GRAIN)
        stated = exceptions.loc[mine, "max_share"]
        widened = np.fmax(stated, wider[mine])
        exceptions.loc[mine, "max_share"] = widened
        changed = with_table(changed, "eligibility", exceptions)
        if after <= before and (widened > stated).any():
            # Only what single offers may get is larger.
            before, after = float(stated[widened > stated].min()), float(widened[widened > stated].max())
    return changed, Step(amount, before, after)


def _cell(ground: Ground, id: str, _place: str) -> tuple[str, str, str] | None:
    exceptions = ground.variant.case["eligibility"]
    own = exceptions["pot_id"].eq(id) & exceptions["max_share"].notna()
    return None if own.any() else ("pots", id, "max_share")


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    own, single = float(naming.row("pots", id)["max_share"]), _single_shares(naming, id)
    shares = {share: RULE.say("single", lang, share=percent(share, lang, 0), offers=", ".join(offers))
              for share, offers in single.items()}  # fmt: skip
    every = [RULE.say("every", lang, share=percent(own, lang, 0))] if own < 1 or not single else []
    least = min(own, *single) if single else own
    told = ", ".join([*every, *shares.values()])
    return {**naming.pot(id, lang), "shares": told, "bound": least, "bound_unit": "share"}


def _single_shares(naming: Naming, id: str) -> dict[float, list[str]]:
    """The shares that a pot may pay of single offers by way of exception, each with its offers."""
    table = naming.ground.variant.case["eligibility"]
    own = table[table["pot_id"].eq(id) & table["allowed"].astype(bool) & table["max_share"].lt(1)]
    return {float(str(share)): rows["offer_id"].tolist() for share, rows in own.groupby("max_share", sort=True)}


RULE = Rule(
    kind="share",
    cells=("pots.max_share", "eligibility.max_share"),
    keys=("pot",),
    equations=(Equation(ROWS, build, ("pot", "offer"), at=70, adds_up=True),),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=_cell, outside=_outside,
        # A funder's notice is dearer than a euro of one's own.
        per_euro=3.0, lever=ALONE, between=OF_POT, tried=4, discussed=5, told=BEFORE_AFTER,
    ),
    words=_words,
    told=2,
)  # fmt: skip
