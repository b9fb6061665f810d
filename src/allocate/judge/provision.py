"""Provision: capacities, reach, floors and plurality, from who delivers how much where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.judge.places import Cluster, Floors, Grouped
from allocate.judge.plan import Columns, Shown
from allocate.judge.rulebook import Rulebook
from allocate.judge.verdict import RULE, Floats, Ints, Verdict

# The share of demand within which the plan's tables call a floor met.
_MET = 1e-7


@dataclass(frozen=True)
class Provided:
    """What the deliveries of a plan supply: need units/year per cell (spaces x needs), and entry by entry."""

    supply: Floats
    offer: Ints
    cell: Ints
    rate: Floats


def provided(book: Rulebook, plan: Columns, verdict: Verdict) -> Provided:
    """Supply of every cell, counted from the deliveries and, where capacity serves one need at a time, their split."""
    place = book.reach.find(plan.use_key)
    names = (book.offer_ids.ids[plan.used_offer], book.spaces.ids[plan.used_space])
    verdict.none("judged-reach", place < 0, names)
    judge_split(book, plan, verdict)
    whole = np.flatnonzero(~book.alternating[plan.used_offer])
    offer, space = (
        np.concatenate(both)
        for both in ((plan.used_offer[whole], plan.part_offer), (plan.used_space[whole], plan.part_space))
    )
    amount = np.concatenate([plan.used[whole], plan.part])
    serves = np.concatenate([np.full(len(whole), -1), plan.part_need])
    access = book.reach.access[book.reach.find(offer * len(book.spaces) + space)]
    cell, rate, entry = book.supplied(offer, space, amount * access, serves)
    supply = np.bincount(cell, rate, minlength=book.demand.size).reshape(book.demand.shape)
    return Provided(supply, offer[entry], cell, rate)


def judge_split(book: Rulebook, plan: Columns, verdict: Verdict) -> None:
    """Either / or: every delivery of capacity that serves one need at a time is divided among these needs, once."""
    offer, need, _ = (column[book.exclusive] for column in book.effects)
    allowed = np.isin(plan.part_offer * len(book.needs) + plan.part_need, offer * len(book.needs) + need)
    ids = (book.offer_ids.ids, book.spaces.ids, book.needs.ids)
    numbers = (plan.part_offer, plan.part_space, plan.part_need)
    names = tuple(column[number] for column, number in zip(ids, numbers, strict=True))
    unknown = book.reach.find(plan.part_key) < 0
    verdict.none("judged-rows", ~allowed | unknown, names, table="split")
    own = book.alternating[plan.used_offer]
    keys = np.unique(np.concatenate([plan.part_key, plan.use_key[own]]))
    divided, whole = (
        np.bincount(np.searchsorted(keys, key), amount, minlength=len(keys))
        for key, amount in ((plan.part_key, plan.part), (plan.use_key[own], plan.used[own]))
    )
    some = (divided > 0) | (whole > 0)
    keys, divided, whole = keys[some], divided[some], whole[some]
    pairs = (book.offer_ids.ids[keys // len(book.spaces)], book.spaces.ids[keys % len(book.spaces)])
    verdict.same("judged-split", pairs, divided, whole, whole)


def judge_capacity(book: Rulebook, shown: Shown, plan: Columns, verdict: Verdict) -> None:
    """C3 and C4 of docs/model.md: sums, limits of offers and of their uses, shares of use."""
    offers, reach = (book.offer_ids.ids,), book.reach
    delivered = np.bincount(plan.used_offer, plan.used, minlength=len(book.offer_ids))
    verdict.same("judged-capacity", offers, plan.capacity, delivered, delivered)
    verdict.limit("offers.max_capacity", offers, plan.capacity, book.offers.most)
    least = contracts(book, shown)
    verdict.least("judged-capacity-least", offers, plan.capacity, least, least)
    names = (book.offer_ids.ids[reach.offer], book.spaces.ids[reach.space])
    use = np.zeros(len(reach.key))
    use[reach.find(plan.use_key)] = plan.used
    verdict.limit("reach.max_capacity", names, use, reach.most)
    whole = plan.capacity[reach.offer]
    verdict.least("judged-corridor", names, use, reach.least_share * whole, whole)
    verdict.most("judged-corridor", names, use, reach.most_share * whole, whole)
    if book.scenario.indivisible:
        some = plan.capacity > RULE * np.maximum(book.offers.most, 1.0)
        least = np.where(some, book.offers.least_if_open, 0.0)
        verdict.least("judged-open-least", offers, plan.capacity, least, least)


def judge_staff(book: Rulebook, shown: Shown, plan: Columns, verdict: Verdict) -> None:
    """S1 of docs/model.md: posts filled as the tables say, and in a proposal no more than there are."""
    table = shown.tables.staff
    told = dict(zip(table["staff_id"], table["used_posts"], strict=True)) if len(table) else {}
    for id, per_unit, posts in book.staff:
        each = per_unit * plan.capacity
        used, ids = np.array([each.sum()]), (np.array([id], dtype=object),)
        verdict.same("judged-posts", ids, np.array([told.get(id, np.nan)], dtype=float), used, used)
        if not shown.today:
            verdict.most("judged-staff", ids, used, np.array([posts]), np.array([posts]))


def contracts(book: Rulebook, shown: Shown) -> Floats:
    """Committed capacity of every offer that the question does not give up."""
    given_up = np.array([id in shown.waiver.contracts for id in book.offer_ids.ids.tolist()], dtype=bool)
    return np.where(given_up, 0.0, book.offers.least)


def judge_floors(
    book: Rulebook, shown: Shown, floors: Floors, grouped: Grouped, covered: Floats, verdict: Verdict
) -> None:
    """F1 for the plan, and the rows of its table of floors."""
    names = (floors.floor_id, floors.scope_id, floors.need_id)
    demand, reached = grouped.sums(book.demand)[floors.place], grouped.sums(covered)[floors.place]
    if not shown.today and not shown.waiver.town_rules:
        places = zip(floors.floor_id.tolist(), floors.scope_id.tolist(), strict=True)
        asked = floors.binding & np.array([place not in shown.waiver.floors for place in places], dtype=bool)
        own = tuple(column[asked] for column in names)
        verdict.least("judged-floor", own, reached[asked], (floors.least * demand)[asked], demand[asked])
    table = shown.tables.floors
    keys = zip(table["floor_id"], table["scope_id"], table["need_id"], strict=True)
    rows = {key: row for row, key in enumerate(keys)}
    expected = list(zip(*(column.tolist() for column in names), strict=True))
    place = np.array([rows.get(key, -1) for key in expected], dtype=np.int64)
    verdict.none("judged-rows", place < 0, names, table="floors")
    if len(table) != len(expected):
        raise verdict.broken("judged-rows", table="floors", what=f"{len(table)} != {len(expected)}")
    achieved = np.divide(reached, demand, out=np.ones(len(reached)), where=demand > 0)
    ones = np.ones(len(achieved))
    shares = {"required": floors.least, "achieved": achieved}
    for column, right in shares.items():
        verdict.same("judged-floor-row", names, table[column].to_numpy(dtype=float)[place], right, ones, column=column)
    met = table["met"].to_numpy(dtype=bool)[place]
    missing = floors.least - achieved
    # Only what lies clearly on one side is judged; in between both words are right.
    wrong = (met & (missing > 2 * _MET)) | (~met & (missing < 0.5 * _MET))
    verdict.none("judged-floor-row", wrong, names, column="met", found="", right="")


def judge_plurality(book: Rulebook, clusters: list[Cluster], plan: Columns, supply: Provided, verdict: Verdict) -> None:
    """P1: shares of a wanted cluster's supply, offer by offer and provider by provider."""
    needs = len(book.needs)
    for cluster in clusters:
        own = (
            (supply.cell % needs == cluster.need)
            & cluster.spaces[supply.cell // needs]
            & np.isin(supply.offer, cluster.offers)
        )
        by_offer = np.bincount(supply.offer[own], supply.rate[own], minlength=len(book.offer_ids))[cluster.offers]
        total = float(by_offer.sum())
        values = {"cluster": cluster.name, "at": cluster.scope_id}
        names = (book.offer_ids.ids[cluster.offers],)
        if cluster.share_each > 0:
            least = np.full(len(by_offer), cluster.share_each * total)
            verdict.least("judged-plurality-each", names, by_offer, least, np.full(len(by_offer), total), **values)
        providers, which = np.unique(book.offers.provider[cluster.offers].astype(str), return_inverse=True)
        if cluster.share_provider < 1:
            by_provider = np.bincount(which, by_offer, minlength=len(providers))
            most, size = (np.full(len(providers), value) for value in (cluster.share_provider * total, total))
            verdict.most("judged-plurality-provider", (providers.astype(object),), by_provider, most, size, **values)
        if cluster.share_demand > 0:
            least = np.array([cluster.share_demand * cluster.demand])
            verdict.least("judged-plurality-demand", (), np.array([total]), least, np.array([cluster.demand]), **values)
        if book.scenario.indivisible and cluster.providers > 0:
            _judge_providers(book, cluster, plan, providers[which], verdict)


def _judge_providers(book: Rulebook, cluster: Cluster, plan: Columns, provider: np.ndarray, verdict: Verdict) -> None:
    """Enough providers have an open offer; one that costs nothing while nobody uses it may be open unseen."""
    offers = book.offers
    free = (offers.fixed_cost == 0) & (offers.least_if_open == 0)
    opened = (plan.capacity > 0) | (plan.cost > 0) | free
    count = float(len(set(provider[opened[cluster.offers]].tolist())))
    least = np.array([cluster.providers])
    values = {"cluster": cluster.name, "at": cluster.scope_id}
    verdict.least("judged-plurality-providers", (), np.array([count]), least, least, **values)
