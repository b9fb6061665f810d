"""Contracts and notice periods bind places of an offer (C3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.language import number
from allocate.model.ground import Ground
from allocate.model.program import LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import UNIT_GRAIN, Reached, Step, changed, up
from allocate.model.rules.relaxer import Part, Room, copies, part, without
from allocate.model.rules.rule import (
    CAPACITY_UNITS,
    EUR,
    OF_OFFER,
    OTHER,
    Bound,
    Contradiction,
    GivesWay,
    Rule,
)
from allocate.town.tolerance import TOLERANCE, above

# What the rule is called where an offer has come to its limit.
FULL = "committed"
KIND = "commitment"
# Rows of the widened program: the contract where it binds more than there may be, and the switch that it closes.
WITHIN, OPEN = "within_contract", "must_open"


def _relax(ground: Ground, program: LinearProgram, _room: Room) -> Part:
    """Less than contracts bind, a copy of the capacity column with the opposite sign, capacity units/year."""
    town = ground.town
    offers = np.flatnonzero(town.offers.committed > 0).astype(np.int64)
    columns, rows, values = copies(program, program.columns_index["capacity"].start + offers, -1.0)
    if OPEN in program.rows_index:
        own = np.arange(len(offers), dtype=np.int64)
        columns, values = np.concatenate([columns, own]), np.concatenate([values, np.ones(len(own))])
        rows = np.concatenate([rows, program.rows_index[OPEN].start + own])
    entries = without(program, WITHIN, (columns, rows, values))
    return part(town.offers.ids[offers], entries, town.offers.committed[offers], offer=offers)


def _repair(variant: Variant, _reached: Reached, id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    return changed(variant, "offers", {"offer_id": id}, "committed_capacity", -up(amount, UNIT_GRAIN))


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    offer = naming.row("offers", id)
    least = float(offer["committed_capacity"])
    end = str(offer["contract_end"])
    basis = RULE.say("basis", lang, end=end) if end and end != "NaT" else ""
    return {**naming.offer(id, lang, "contract"), "bound": least, "amount": number(least, lang, 1), "basis": basis}


def _precheck(ground: Ground) -> list[Contradiction]:
    """What contracts bind against the greatest capacity, the money that may pay it, and the money of all pots."""
    town = ground.town
    committed, ids = town.offers.committed, town.offers.ids
    found = [
        Contradiction("commitment-capacity", KIND, str(ids[o]), "", float(committed[o]), float(most), CAPACITY_UNITS)
        for o, most in enumerate(town.offers.max_capacity)
        if committed[o] > most * (1 + TOLERANCE)
    ]
    cost = np.where(committed > 0, town.cost_of(committed), 0.0)
    payable = np.minimum(town.funding.max_share * cost[town.funding.offer], town.pot_amount[town.funding.pot])
    most_paid = np.bincount(town.funding.offer, payable, minlength=len(ids))
    found += [
        Contradiction("commitment-unpaid", KIND, str(ids[o]), "", float(cost[o]), float(most_paid[o]), EUR)
        for o in np.flatnonzero(above(cost, most_paid))
    ]
    needed, there = float(cost.sum()), float(town.pot_amount.sum())
    if needed > there * (1 + TOLERANCE):
        found.append(Contradiction("commitment-money", KIND, "*", "", needed, there, EUR))
    return found


RULE = Rule(
    kind=KIND,
    cells=("offers.committed_capacity", "commitments.min_capacity"),
    keys=("offer",),
    unit=CAPACITY_UNITS,
    bound=Bound("capacity", False, FULL),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=lambda _ground, id, _place: ("offers", id, "committed_capacity"),
        lever=OTHER, between=OF_OFFER, tried=5, discussed=8, one_number=True, down=True,
    ),
    words=_words,
    precheck=_precheck,
    held="bound",
)  # fmt: skip
