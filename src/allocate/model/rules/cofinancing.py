"""A pot pays for an offer at most so much per euro that others pay for it: co-financing (M5)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocate.inputs.case import Case, split_list
from allocate.inputs.findings import WARNING
from allocate.inputs.inspection import Inspection
from allocate.inputs.kept import kept
from allocate.inputs.scenario.variant import Variant
from allocate.language import as_it_is
from allocate.model.ground import Ground
from allocate.model.program import Block, Family, LinearProgram, join_entries
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import SHARE_GRAIN, Reached, Step, up, with_table
from allocate.model.rules.relaxer import Part, Room, each_row, keys_of, numbers, part, rows_of, with_rows
from allocate.model.rules.rule import ALONE, OF_POT, SENTENCE, Equation, GivesWay, Outside, Rule
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.eligibility import Eligibility

TABLE = ROWS = "cofinancing"
OUTSIDE = "outside_cofinancing"
# The word that stands among the other pots for what the provider pays itself.
OWN = "own"
# Money below this (EUR) is no payment.
CENT = 0.01


@dataclass(frozen=True)
class Condition:
    """One row of the table: ``pots`` pay at most ``most`` EUR per EUR of ``others``, for each of ``offers``.

    ``pot`` and ``offer`` are the cells; a row that names an offer stands instead of the pot's row for every offer.
    ``own``: what the provider pays itself counts beside the others.
    """

    pot: str
    offer: str
    pots: Ints
    others: Ints
    offers: Bools
    most: float
    own: bool

    def factors(self, pot: Ints, offer: Ints) -> tuple[Floats, Bools]:
        """The factor of every payment in the row of its offer, and which payments have the condition's own pots."""
        own = np.isin(pot, self.pots) & self.offers[offer]
        return own - self.most * (np.isin(pot, self.others) & self.offers[offer]), own


def conditions(ground: Ground) -> list[Condition]:
    """The rows of the table that say anything (one that has been lifted has no limit)."""
    return list(_conditions(ground.variant.case, ground.town.pots, ground.town.offers.ids))


@kept
def _conditions(case: Case, pots: Ids, every: Ids) -> tuple[Condition, ...]:
    table = case[TABLE]
    rows = list(zip(*(table[name].tolist() for name in ("pot_id", "offer_id", "per_eur_of", "most")), strict=True))
    found = []
    for pot, offer, others, most in rows:
        if not math.isfinite(most):
            continue
        named = {offer} if offer else {own for other, own, *_ in rows if other == pot and own}
        offers = np.array([(one in named) == bool(offer) for one in every.tolist()], dtype=bool)
        own = OWN in split_list(others)
        found.append(Condition(pot, offer, _known(pots, pot), _known(pots, others), offers, float(most), own))
    return tuple(found)


def _known(ids: Ids, cell: str) -> Ints:
    named = set(split_list(cell))
    return np.array([number for number, id in enumerate(ids.tolist()) if id in named], dtype=np.int64)


def build(ground: Ground) -> Block:
    """M5: sum_{b in pots} f[b,o] <= most (sum_{b in per_eur_of} f[b,o] + i[o] cost[o]), for offers they may pay for.

    i[o] = own_share / (1 - own_share) is what the provider pays per euro of the cost, where ``own`` is named.
    """
    none = np.zeros(0, dtype=np.int64)
    funding = ground.town.funding
    return _block(ground, [_rows(one, funding.pot, funding.offer, none) for one in conditions(ground)])


@dataclass(frozen=True)
class _Rows:
    """Rows of one condition: an offer each, entries (row, payment, factor), and what a euro of cost counts."""

    pot: str
    own: float
    offers: Ints
    row: Ints
    payment: Ints
    factor: Floats


def _rows(one: Condition, pot: Ints, offer: Ints, passed: Ints) -> _Rows:
    """The rows of a condition for payments (pots, offers), but for the offers ``passed`` over."""
    factor, own = one.factors(pot, offer)
    offers = np.setdiff1d(offer[own], passed)
    payment = np.flatnonzero((factor != 0) & np.isin(offer, offers))
    row = np.searchsorted(offers, offer[payment])
    return _Rows(
        one.pot, one.most if one.own else 0.0, offers, row.astype(np.int64), payment.astype(np.int64), factor[payment]
    )


def _block(ground: Ground, found: list[_Rows]) -> Block:
    town = ground.town
    starts = np.cumsum([0, *(len(one.offers) for one in found)])
    count = int(starts[-1])
    none = np.zeros(0, dtype=np.int64)
    of_row = np.concatenate([none, *(one.offers for one in found)])
    own = np.concatenate([np.zeros(0), *(np.full(len(one.offers), one.own) for one in found)])
    counted = np.flatnonzero(own * town.offers.own_money[of_row] > 0)
    paid = (
        np.concatenate([none, *(one.row + start for one, start in zip(found, starts, strict=False))]),
        np.concatenate([none, *(ground.layout.first("funding") + one.payment for one in found)]),
        np.concatenate([np.zeros(0), *(one.factor for one in found)]),
    )
    factor = -(own * town.offers.own_money[of_row])[counted]
    rows, columns, values = join_entries([paid, *ground.cost_entries(counted, of_row[counted], factor)])
    return Block(
        ROWS,
        (
            np.array([one.pot for one in found for _ in one.offers], dtype=object),
            town.offers.ids[of_row],
        ),
        np.full(count, -np.inf),
        np.zeros(count),
        rows,
        columns,
        values,
    )


def _outside(ground: Ground, program: LinearProgram, pairs: Eligibility) -> Outside:
    """Payments that lists forbid count for the conditions, and conditions count for them: in old rows and in new."""
    town, none = ground.town, np.zeros(0, dtype=np.int64)
    pot = np.concatenate([town.funding.pot, pairs.pot])
    offer = np.concatenate([town.funding.offer, pairs.offer])
    inside = len(town.funding.pot)
    pots, offers = keys_of(program, 0, ROWS), keys_of(program, 1, ROWS)
    first, of_row = program.rows_index[ROWS].start, numbers(town.offers.ids, offers)
    place = np.full(len(town.offers.ids), -1)
    new: list[_Rows] = []
    parts: list[tuple[Ints, Ints, Floats]] = []
    for one in conditions(ground):
        known = np.flatnonzero((pots == one.pot) & one.offers[of_row])
        added = _rows(one, pot, offer, of_row[known])
        place[:] = -1
        place[of_row[known]] = first + known
        start = program.row_count + sum(len(other.offers) for other in new)
        place[added.offers] = start + np.arange(len(added.offers))
        factor, _ = one.factors(pairs.pot, pairs.offer)
        own = np.flatnonzero((factor != 0) & (place[pairs.offer] >= 0)).astype(np.int64)
        parts.append((own, place[pairs.offer[own]].astype(np.int64), factor[own]))
        kept = added.payment < inside
        new.append(_Rows(added.pot, added.own, added.offers, added.row[kept], added.payment[kept], added.factor[kept]))
    block = _block(ground, new)
    family = Family(OUTSIDE, program.row_count, block.keys)
    entries = [(program.row_count + block.rows, block.columns, block.values)]
    widened = with_rows(program, family, block.lower, block.upper, entries)
    empty = (none, none, np.zeros(0))
    own, rows, values = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    return Outside(widened, (own, rows, values))


def _relax(ground: Ground, program: LinearProgram, room: Room) -> Part:
    """More than the condition allows, EUR/year; all offers of one row of the table are one rule."""
    town = ground.town
    pots, offers = (keys_of(program, position, ROWS, OUTSIDE) for position in (0, 1))
    named = {(one.pot, one.offer) for one in conditions(ground)}
    keys = zip(pots.tolist(), offers.tolist(), strict=True)
    places = np.array([offer if (pot, offer) in named else "" for pot, offer in keys], dtype=object)
    limit = room.cost[numbers(town.offers.ids, offers)] + 1.0
    first = numbers(town.pots, np.array([split_list(str(pot))[0] for pot in pots], dtype=object))
    return part(pots, each_row(rows_of(program, ROWS, OUTSIDE), -1.0), limit, place=places, pot=first)


def _repair(variant: Variant, reached: Reached, id: str, place: str, amount: float) -> tuple[Variant, Step]:
    """The condition becomes what the plan needs; where the others pay nothing for an offer, it is lifted."""
    one = next(one for one in conditions(reached.ground) if (one.pot, one.offer) == (id, place))
    paid, partners = reached.paid(one.pots)[one.offers], _along(one, reached)[one.offers]
    paying = paid > CENT
    with np.errstate(divide="ignore"):
        needed = float((paid[paying] / np.where(partners[paying] > CENT, partners[paying], 0.0)).max(initial=0.0))
    after = up(max(one.most, needed), SHARE_GRAIN) if math.isfinite(needed) else math.inf
    table = variant.case[TABLE].copy()
    table.loc[(table["pot_id"] == id) & (table["offer_id"] == place), "most"] = after
    return with_table(variant, TABLE, table), Step(amount, one.most, after if math.isfinite(after) else math.nan)


def _along(one: Condition, reached: Reached) -> Floats:
    """EUR/year per offer that a condition counts beside the pot's own payments."""
    town = reached.ground.town
    own = town.offers.own_money * town.cost_of(reached.capacity) if one.own else 0.0
    return reached.paid(one.others) + own


def _depends(reached: Reached) -> Floats:
    """What a pot pays only because another one pays for the same offer falls away with that one."""
    lost = np.zeros(len(reached.ground.town.pots))
    for one in conditions(reached.ground):
        paid, along = reached.paid(one.pots), _along(one, reached)
        for pot in one.others.tolist():
            left = one.most * (along - reached.paid(np.array([pot])))
            lost[pot] += np.maximum(0.0, paid - left)[one.offers].sum()
    return lost


def _words(naming: Naming, id: str, place: str, lang: str) -> Mapping[str, object]:
    table = naming.ground.variant.case[TABLE]
    row = table[(table["pot_id"] == id) & (table["offer_id"] == place)].iloc[0]
    what = str(naming.offer(place, lang, "provider")["label"]) if place else RULE.say("each", lang)
    return {
        **naming.pot(id, lang),
        "what": what,
        "others": _others(naming, str(row["per_eur_of"]), lang),
        "most": as_it_is(float(row["most"]), lang, 4),
        "bound": float(row["most"]),
        "bound_unit": "eur_per_eur",
        "basis": str(row["basis"]),
    }


def _others(naming: Naming, cell: str, lang: str) -> str:
    names = [naming.called("pot_id", id, lang) if id != OWN else RULE.say("own", lang) for id in split_list(cell)]
    return ", ".join(names)


def check(inspection: Inspection) -> None:
    """A pot that is its own partner, and a condition whose partners may never pay: nothing could be paid then."""
    table = inspection.table(TABLE)
    lists = [set(split_list(str(cell))) for cell in table["per_eur_of"]]
    itself = [pot in others for pot, others in zip(table["pot_id"], lists, strict=True)]
    inspection.flag("cofinancing-itself", TABLE, "per_eur_of", np.array(itself, dtype=bool))
    inspection.flag("cofinancing-nothing", TABLE, "most", table["most"].eq(0), severity=WARNING)
    unknown = not inspection.table("offers")["own_share"].gt(0).any()
    alone = np.array([others == {OWN} for others in lists], dtype=bool)
    inspection.flag("cofinancing-own", TABLE, "per_eur_of", alone & unknown, severity=WARNING)


RULE = Rule(
    kind="cofinancing",
    cells=("cofinancing.most", "cofinancing.per_eur_of", "cofinancing.pot_id", "cofinancing.offer_id",
           "offers.own_share"),
    keys=("pot", "offer"),
    equations=(Equation(ROWS, build, ("pot", "offer"), at=75, adds_up=True),),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=lambda _ground, id, place: (TABLE, f"{id}|{place}", "most"),
        outside=_outside,
        # As dear as a funder's largest share: it is a condition of the same kind.
        per_euro=3.0, lever=ALONE, between=OF_POT, tried=4, discussed=5, told=SENTENCE,
    ),
    words=_words,
    checks=(check,),
    depends=_depends,
    pots_divided=("pot_id",),
    told=2,
)  # fmt: skip
