"""Money: who pays what, from which pot, and whether a pot may."""

from __future__ import annotations

import numpy as np

from allocate.judge.plan import Columns, Shown
from allocate.judge.provision import contracts
from allocate.judge.rulebook import Rulebook
from allocate.judge.verdict import RULE, Bools, Floats, Verdict


def judge_sums(book: Rulebook, plan: Columns, verdict: Verdict) -> None:
    """Sums that hold for every plan and for today: pots, costs, changes."""
    pots, offers = (book.pots.ids,), (book.offer_ids.ids,)
    paid = np.bincount(plan.pot, plan.paid, minlength=len(book.pots))
    verdict.same("judged-pot-sum", pots, plan.spent, paid, paid)
    verdict.same("judged-pot-amount", pots, plan.amount, book.amount, book.amount)
    verdict.same("judged-pot-left", pots, plan.unspent, book.amount - paid, book.amount + paid)
    today = book.offers.unit_cost * book.offers.today
    verdict.same("judged-cost-today", offers, plan.cost_today, today, today)
    verdict.same("judged-change", offers, plan.change, plan.cost - plan.cost_today, plan.cost + plan.cost_today)


def judge_today(book: Rulebook, plan: Columns, verdict: Verdict) -> None:
    """The judged status quo is what the tables say of today."""
    offers = (book.offer_ids.ids,)
    verdict.same("judged-today", offers, plan.capacity, book.offers.today, book.offers.today)
    right = book.offers.unit_cost * book.offers.today
    verdict.same("judged-cost", offers, plan.cost, right, right)
    table = book.case["baseline_funding"]
    pot, offer = book.pots.numbers(table["pot_id"]), book.offer_ids.numbers(table["offer_id"])
    size = len(book.pots) * len(book.offer_ids)
    stated = np.bincount(pot * len(book.offer_ids) + offer, table["amount"].to_numpy(dtype=float), minlength=size)
    shown = np.bincount(plan.pot * len(book.offer_ids) + plan.paid_offer, plan.paid, minlength=size)
    different = np.flatnonzero((shown != 0) | (stated != 0))
    ids = (book.pots.ids[different // len(book.offer_ids)], book.offer_ids.ids[different % len(book.offer_ids)])
    verdict.same("judged-today-paid", ids, shown[different], stated[different], stated[different])
    use = np.zeros(len(book.reach.key))
    place = book.reach.find(plan.use_key)
    verdict.none("judged-reach", place < 0, (book.offer_ids.ids[plan.used_offer], book.spaces.ids[plan.used_space]))
    use[place] = plan.used
    names = (book.offer_ids.ids[book.reach.offer], book.spaces.ids[book.reach.space])
    verdict.same("judged-today", names, use, book.reach.today, book.reach.today)
    _judge_split_today(book, plan, verdict)


def _judge_split_today(book: Rulebook, plan: Columns, verdict: Verdict) -> None:
    """Today's use is divided among needs that exclude one another as their demand is."""
    entry, need, right = book.split_today
    found = np.zeros((len(book.reach.key), len(book.needs)))
    found[book.reach.find(plan.part_key), plan.part_need] = plan.part
    names = (
        book.offer_ids.ids[book.reach.offer[entry]],
        book.spaces.ids[book.reach.space[entry]],
        book.needs.ids[need],
    )
    verdict.same("judged-today", names, found[entry, need], right, right)


def judge_payers(book: Rulebook, shown: Shown, plan: Columns, verdict: Verdict) -> None:
    """Every euro has a payer who may pay it: M1 to M4 of docs/model.md, from the tables."""
    offers = (book.offer_ids.ids,)
    opened = judge_cost(book, plan, verdict)
    paid = np.bincount(plan.paid_offer, plan.paid, minlength=len(book.offer_ids))
    verdict.equal("judged-payer", offers, paid, plan.cost, plan.cost)
    more = np.array([shown.waiver.money.get(id, 0.0) for id in book.pots.ids.tolist()], dtype=float)
    verdict.most("judged-pot", (book.pots.ids,), plan.spent, book.amount + more, book.amount)
    allowed, share = book.payable
    pairs = (book.pots.ids[plan.pot], book.offer_ids.ids[plan.paid_offer])
    # A payment within the tolerance of the offer's cost is the solver's noise, not a decision.
    noise = RULE * np.maximum(plan.cost[plan.paid_offer], 1.0)
    verdict.none("judged-eligible", ~allowed[plan.pot, plan.paid_offer] & (plan.paid > noise), pairs)
    cost = plan.cost[plan.paid_offer]
    verdict.most("judged-share", pairs, plan.paid, share[plan.pot, plan.paid_offer] * cost, cost)
    judge_cofinancing(book, plan, verdict)
    if book.scenario.indivisible:
        closed = (contracts(book, shown) > 0) & ~opened
        verdict.none("judged-capacity-least", closed, offers, found=0.0, right=1.0)
    moved = np.maximum(0.0, book.offers.unit_cost * book.offers.today - plan.cost).sum()
    if np.isfinite(book.scenario.max_moved):
        cap = np.array([book.scenario.max_moved])
        size = np.array([(book.offers.unit_cost * book.offers.today).sum()])
        verdict.most("judged-moved", (), np.array([moved]), cap, size)
    judge_worth(book, plan, verdict)


def judge_cofinancing(book: Rulebook, plan: Columns, verdict: Verdict) -> None:
    """M5: a pot pays for an offer at most so much per euro that others pay for it."""
    paid = np.zeros((len(book.pots), len(book.offer_ids)))
    np.add.at(paid, (plan.pot, plan.paid_offer), plan.paid)
    for pots, others, offers, most, own in book.cofinancing:
        along = paid[others].sum(axis=0) + own * plan.cost
        found, right = paid[pots].sum(axis=0)[offers], most * along[offers]
        ids = (np.full(int(offers.sum()), ";".join(book.pots.ids[pots]), dtype=object), book.offer_ids.ids[offers])
        verdict.most("judged-cofinancing", ids, found, right, plan.cost[offers])


def judge_cost(book: Rulebook, plan: Columns, verdict: Verdict) -> Bools:
    """The cost of every offer follows from its capacity; returns which offers are open."""
    offers = (book.offer_ids.ids,)
    some: Bools = plan.capacity > RULE * np.maximum(book.offers.most, 1.0)
    if not book.scenario.indivisible:
        right = book.offers.unit_cost * plan.capacity
        verdict.same("judged-cost", offers, plan.cost, right, right)
        return some
    per_place = book.offers.variable_cost * plan.capacity
    # An open offer pays its fixed cost even where nobody uses it; a closed one has no place and no cost.
    stepped = _stepped(book, plan)
    paid_for = plan.cost - per_place - stepped > 0.5 * book.offers.fixed_cost
    opened: Bools = some | (paid_for & (book.offers.fixed_cost > 0))
    right = per_place + stepped + np.where(opened, book.offers.fixed_cost, 0.0)
    verdict.same("judged-cost", offers, plan.cost, right, right)
    free: Bools = book.offers.fixed_cost == 0
    return opened | free


def _stepped(book: Rulebook, plan: Columns) -> Floats:
    """EUR/year of the steps that every offer goes beyond; one that begins exactly at a capacity may be paid or not."""
    cost = np.zeros(len(book.offer_ids))
    for offer, start, more in book.steps:
        room = RULE * max(start, 1.0)
        unpaid = plan.cost[offer] - book.offers.variable_cost[offer] * plan.capacity[offer] - cost[offer]
        at_start = abs(plan.capacity[offer] - start) <= room and unpaid >= more + book.offers.fixed_cost[offer] - 1e-3
        if plan.capacity[offer] > start + room or at_start:
            cost[offer] += more
    return cost


def judge_worth(book: Rulebook, plan: Columns, verdict: Verdict) -> None:
    """More money never makes a plan worse, and is worth nothing to a pot that has some left."""
    worth = np.nan_to_num(plan.worth)
    size = float(np.abs(worth).max(initial=0.0))
    # Values per euro are tiny, so they are compared as shares of the largest one.
    share: Floats = worth / size if size > 0 else worth
    verdict.none("judged-worth", share < -RULE, (book.pots.ids,))
    left = plan.unspent > 1e-3 * np.maximum(book.amount, 1.0)
    verdict.none("judged-worth", left & (share > RULE), (book.pots.ids,))
