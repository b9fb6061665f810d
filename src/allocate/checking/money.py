"""Rules about money: pots, who may be paid from them, and who pays what today."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.inputs.carry_over import carried_shares
from allocate.inputs.case import split_list
from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.in_places import is_in_places
from allocate.inputs.inspection import Inspection
from allocate.inputs.years import amounts, holds_in, in_plan_year, plan_year
from allocate.town.eligibility import free_amounts, payable

CENT = 0.01
ROUNDING = 1e-6
NOTICEABLE = 0.001  # share of a baseline cost below which a difference is rounding of single amounts
POOLINGS = ("silo", "integrated")


@dataclass(frozen=True)
class Payers:
    """Which pot may pay for which offer: ``share`` 0..1 of the offer's cost, shape (pots, offers), 0 where none."""

    pots: pd.DataFrame
    offers: pd.DataFrame
    share: np.ndarray


def payers(inspection: Inspection, pooling: str) -> Payers:
    """Eligibility under one pooling (data.md, Eligibility), with the exceptions of the table ``eligibility``."""
    pots = inspection.table("pots").drop_duplicates("pot_id")
    offers = inspection.table("offers").drop_duplicates("offer_id")
    allowed, share = payable(pots, offers, inspection.table("eligibility"), pooling)
    return Payers(pots, offers, np.where(allowed, share, 0.0))


def check_pots(inspection: Inspection) -> None:
    """Pots that hold or pay nothing in the planned year, and offers that nobody may pay."""
    if is_in_places(inspection.case):
        return
    inspection = replace(inspection, case=in_plan_year(inspection.case))
    pots = inspection.table("pots")
    inspection.flag("pot-empty", "pots", "amount", pots["amount"].eq(0), severity=WARNING)
    inspection.flag("pot-without-share", "pots", "max_share", pots["max_share"].eq(0), severity=WARNING)
    used = _poolings(inspection)
    eligible = {pooling: payers(inspection, pooling) for pooling in used}
    idle = {name: ~one.share.any(axis=1) for name, one in eligible.items()}
    _by_pooling(inspection, "pot-without-offer", "pots", "pot_id", idle)
    costly = {name: (one.offers["unit_cost"].gt(0)).to_numpy() for name, one in eligible.items()}
    lacking = {n: (one.share.sum(axis=0) < 1 - ROUNDING) & costly[n] for n, one in eligible.items()}
    alone = {n: ~one.share.any(axis=0) & costly[n] for n, one in eligible.items()}
    partly = {n: lacking[n] & ~alone[n] for n in eligible}
    _by_pooling(inspection, "offer-without-payer", "offers", "offer_id", alone)
    _by_pooling(inspection, "offer-partly-paid", "offers", "offer_id", partly)
    _commitments(inspection, eligible)


def _poolings(inspection: Inspection) -> list[str]:
    """The poolings that scenarios use."""
    used = set(inspection.table("scenarios")["pooling"])
    return [pooling for pooling in POOLINGS if pooling in used]


def _by_pooling(inspection: Inspection, rule: str, table: str, column: str, bad: dict[str, np.ndarray]) -> None:
    """A warning where every pooling in use is affected, a note where only some are."""
    if not bad:
        return
    frame = inspection.table(table)
    unique = ~frame.duplicated(column).to_numpy()
    marks = np.array(list(bad.values()))
    whole = np.zeros((len(bad), len(frame)), dtype=bool)
    whole[:, unique] = marks
    everywhere = whole.all(axis=0)
    names = np.array([", ".join(np.array(list(bad))[column]) for column in whole.T], dtype=object)
    inspection.flag(rule, table, column, everywhere, severity=WARNING, pooling=names)
    inspection.flag(rule, table, column, whole.any(axis=0) & ~everywhere, severity=NOTE, pooling=names)


def _commitments(inspection: Inspection, eligible: dict[str, Payers]) -> None:
    """Committed capacity must be payable: each offer alone, and all offers that live on the same pots together."""
    for pooling, one in eligible.items():
        cost = (one.offers["committed_capacity"] * one.offers["unit_cost"]).to_numpy(np.float64)
        amounts = free_amounts(one.pots)
        possible = np.minimum(amounts[:, None], one.share * cost).sum(axis=0)
        short = np.where(one.share.any(axis=0), cost - possible, 0.0) > CENT
        bad = pd.Series(False, index=inspection.table("offers").index)
        bad.loc[one.offers.index] = short
        inspection.flag(
            "committed-unpayable",
            "offers",
            "committed_capacity",
            bad,
            severity=WARNING,
            pooling=pooling,
            cost=pd.Series(cost, one.offers.index).reindex(bad.index),
            possible=pd.Series(possible, one.offers.index).reindex(bad.index),
        )
        _together(inspection, one, pooling, cost)


def _together(inspection: Inspection, one: Payers, pooling: str, cost: np.ndarray) -> None:
    """For every set of pots that some committed offer lives on: what lives on nothing else must fit into them."""
    committed = one.share[:, cost > 0] > 0
    amounts, ids = free_amounts(one.pots), one.pots["pot_id"].to_numpy(object)
    for pots in np.unique(committed, axis=1).T:
        if not pots.any():
            continue
        inside = ~(committed & ~pots[:, None]).any(axis=0)
        bound, money = float(cost[cost > 0][inside].sum()), float(amounts[pots].sum())
        if bound > money + CENT and inside.sum() > 1:
            inspection.found.add(
                "commitments-unpayable",
                inspection.source("pots"),
                severity=WARNING,
                column="amount",
                value=", ".join(ids[pots]),
                pooling=pooling,
                count=int(inside.sum()),
                cost=bound,
                money=money,
                lacking=bound - money,
            )


def check_funding(inspection: Inspection) -> None:
    """Who pays what today: allowed, within the pot and its share, and adding up to today's cost."""
    funding = inspection.table("baseline_funding")
    if (
        is_in_places(inspection.case)
        or funding.empty
        or inspection.table("pots").empty
        or inspection.table("offers").empty
    ):
        return
    one = payers(inspection, "silo")
    pot = pd.Index(one.pots["pot_id"]).get_indexer(funding["pot_id"])
    offer = pd.Index(one.offers["offer_id"]).get_indexer(funding["offer_id"])
    known = (pot >= 0) & (offer >= 0)
    share = np.where(known, one.share[pot, offer], np.nan)
    paid = funding["amount"].to_numpy(np.float64)
    facts = one.offers[["unit_cost", "baseline_capacity"]].prod(axis=1).to_numpy(np.float64)
    cost = np.where(known, facts[offer], np.nan)
    inspection.flag("funding-not-eligible", "baseline_funding", "pot_id", (share == 0) & (paid > 0), severity=WARNING)
    most = share * cost
    over = (share > 0) & (paid > most * (1 + ROUNDING) + 1)
    inspection.flag("funding-above-share", "baseline_funding", "amount", over, severity=WARNING, most=most, share=share)
    _funding_sums(inspection, one, funding, facts)


def _funding_sums(inspection: Inspection, one: Payers, funding: pd.DataFrame, cost: np.ndarray) -> None:
    """Sums per pot against its amount, per offer against its cost today."""
    per_pot = funding.groupby("pot_id")["amount"].sum().reindex(inspection.table("pots")["pot_id"])
    pots = inspection.table("pots")
    per_pot = per_pot.set_axis(pots.index)
    over = per_pot.gt(pots["amount"] + CENT)
    inspection.flag(
        "funding-above-pot", "pots", "amount", over, severity=WARNING, total=per_pot, excess=per_pot - pots["amount"]
    )
    per_offer = funding.groupby("offer_id")["amount"].sum().reindex(one.offers["offer_id"]).fillna(0.0)
    difference = pd.Series(per_offer.to_numpy() - cost, index=one.offers.index)
    offers = inspection.table("offers")
    difference = difference.reindex(offers.index)
    costs = pd.Series(cost, index=one.offers.index).reindex(offers.index)
    apart = difference.abs().gt(np.maximum(NOTICEABLE * costs, 1))
    inspection.flag(
        "funding-sum",
        "offers",
        "offer_id",
        apart,
        severity=WARNING,
        difference=difference,
        cost=costs,
        total=costs + difference,
    )


def check_exceptions(inspection: Inspection) -> None:
    """Exceptions that change nothing are probably meant otherwise."""
    table, pots = inspection.table("eligibility"), inspection.table("pots")
    shares = pots.drop_duplicates("pot_id").set_index("pot_id")["max_share"].reindex(table["pot_id"])
    lower = table["max_share"].gt(shares.set_axis(table.index) + ROUNDING)
    inspection.flag(
        "exception-above-share", "eligibility", "max_share", lower, severity=NOTE, share=shares.set_axis(table.index)
    )
    refused = ~table["allowed"] & table["max_share"].gt(0)
    inspection.flag("exception-contradicts", "eligibility", "allowed", refused, severity=WARNING)


def check_pot_years(inspection: Inspection) -> None:
    """Where ``pot_years`` says another amount for the planned year than ``pots``, people must know which one counts."""
    table, pots = inspection.table("pot_years"), inspection.table("pots")
    year = plan_year(inspection.case)
    if table.empty or year is None:
        return
    stated = pots.drop_duplicates("pot_id").set_index("pot_id")["amount"].reindex(table["pot_id"])
    stated = stated.set_axis(table.index)
    held = pd.Series(amounts(inspection.case, year), index=pots["pot_id"])
    held = held[~held.index.duplicated()].reindex(table["pot_id"]).set_axis(table.index)
    differs = holds_in(table, "pot_id", year) & (held - stated).abs().gt(1)
    inspection.flag(
        "pot-year-differs", "pot_years", "amount", differs, severity=WARNING, stated=stated, held=held, year=str(year)
    )


def check_carry_over(inspection: Inspection) -> None:
    """What may be carried over must begin with yes or no, or be a share."""
    unread = np.isnan(carried_shares(inspection.table("pots")["carry_over"]))
    inspection.flag("carry-over-unread", "pots", "carry_over", unread, severity=WARNING)


TRACE = 0.01  # of a place: what is less is rounding


def check_places(inspection: Inspection) -> None:
    """Say that the case is planned in places; kinds without places today, and with more bound than there are."""
    if not is_in_places(inspection.case):
        return
    pots, offers = inspection.table("pots"), inspection.table("offers").drop_duplicates("offer_id")
    today = float(pots["amount"].sum())
    inspection.note("planned-in-places", "offers", severity=NOTE, places=today, kinds=len(pots))
    known = offers.set_index("offer_id")
    for kind in pots.to_dict("records"):
        own = known.reindex(split_list(str(kind["offers"])))
        bound = float(own["committed_capacity"].sum())
        words = {"kind": kind["name"], "offers": ", ".join(own.index)}
        if kind["amount"] <= 0 and own["max_capacity"].gt(0).any():
            inspection.note("kind-without-places", "offers", severity=WARNING, column="baseline_capacity", **words)
        elif bound > kind["amount"] + TRACE:
            inspection.note(
                "kind-bound-beyond", "offers", severity=WARNING, column="committed_capacity",
                bound=bound, places=float(kind["amount"]), **words,
            )  # fmt: skip
