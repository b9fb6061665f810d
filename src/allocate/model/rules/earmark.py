"""A pot pays only for what its lists name: an earmark decides which payments there are, and has no row of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.model.ground import Ground
from allocate.model.program import LinearProgram, join_entries
from allocate.model.rules.bookkeeping import PAYER
from allocate.model.rules.naming import Naming
from allocate.model.rules.pot import POT_ROWS
from allocate.model.rules.reached import EURO, Reached, Step, up
from allocate.model.rules.relaxer import Part, Room, part
from allocate.model.rules.rule import ALONE, OF_POT, SENTENCE, GivesWay, Outside, Rule
from allocate.town.eligibility import LISTS, lift_lists, pairs_outside

KIND = "earmark"


def outside_part(ground: Ground, program: LinearProgram, room: Room, others: list[Outside]) -> Part:
    """Money for offers that the pots' lists exclude, EUR/year: a payment is one relaxer, a pot's are one rule.

    ``others``: what other rules say about these payments.
    """
    town, rows = ground.town, program.rows_index
    pairs = pairs_outside(ground.variant, town)
    own = np.arange(len(pairs.pot), dtype=np.int64)
    entries = join_entries(
        [
            (own, rows[PAYER].start + pairs.offer, np.ones(len(own))),
            (own, rows[POT_ROWS].start + pairs.pot, np.ones(len(own))),
            *(other.entries for other in others),
        ]
    )
    limit = pairs.max_share * room.cost[pairs.offer] + 1.0
    return part(town.pots[pairs.pot], entries, limit, offer=pairs.offer, pot=pairs.pot)


def _relax(_ground: Ground, _program: LinearProgram, _room: Room) -> Part:
    """Money for offers that the pots' lists exclude, EUR/year; none where these payments are left out."""
    none = np.zeros(0, dtype=np.int64)
    return part(np.zeros(0, dtype=object), (none, none, np.zeros(0)), np.zeros(0))


def _repair(variant: Variant, _reached: Reached, id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    """The pot's lists are lifted; the step is the money that then goes to offers outside them."""
    return lift_lists(variant, [id]), Step(amount, 0.0, up(amount, EURO))


def _blanks(ground: Ground, id: str) -> list[tuple[str, str, str]]:
    """The lists of the pot, as far as they say anything."""
    pots = ground.variant.case["pots"]
    (row,) = pots[pots["pot_id"] == id].to_dict("records")
    return [("pots", id, name) for name in LISTS if row[name]]


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    pot = naming.row("pots", id)
    lists = [f"{RULE.say(f'list.{name}', lang)} {str(pot[name]).replace(';', ', ')}" for name in LISTS if pot[name]]
    known = naming.pot(id, lang)
    # What one department may pay for another is for the council to say.
    owner = naming.council(lang) if known["decided_by"] == "department" else {}
    return {**known, **owner, "lists": "; ".join(lists)}


RULE = Rule(
    kind=KIND,
    cells=("pots.departments", "pots.themes", "pots.spaces", "pots.offers", "eligibility.allowed"),
    keys=("pot",),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, blanks=_blanks, lever=ALONE, between=OF_POT, tried=9, discussed=4, told=SENTENCE,
    ),
    words=_words,
)  # fmt: skip
