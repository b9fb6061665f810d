"""Turns: the few assumptions that matter most to a proposal, each with the value at which it would be another one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from allocate.analyses.decision.options import Promises
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.robustness.robust import Robustness
from allocate.analyses.robustness.turning import NO_PLAN
from allocate.inputs.case import split_list

MISSING, ENDING, KEEPING, TURNING = "missing", "ending", "keeping", "turning"


@dataclass(frozen=True)
class Assumption:
    """One assumption with its threshold.

    * ``missing``: in ``count`` of ``runs`` runs with other needs and costs the kept proposal misses a floor
    * ``ending``: in ``year`` the pots ``ids`` hold nothing any more, ``count`` offers lose their payer and ``eur``
      (EUR/year) is lacking in all pots together
    * ``keeping``: the lowered offer ``offer_id`` would stay as today if its ``figure`` (price, demand or weight; of the
      need ``ids``) were ``value`` instead of ``today``, relative change ``change``
    * ``turning``: if the figure ``figure`` with the key ``ids`` were larger by ``change`` (relative), ``offer_id``
      would be ``direction`` instead of ``otherwise``; without an offer no plan would meet the rules
    """

    kind: str
    ids: tuple[str, ...] = ()
    offer_id: str = ""
    figure: str = ""
    count: int = 0
    runs: int = 0
    year: str = ""
    eur: float = math.nan
    change: float = math.nan
    value: float = math.nan
    today: float = math.nan
    direction: str = ""
    otherwise: str = ""


def assumptions(
    cards: Iterable[OfferCard], years: pd.DataFrame, found: Robustness | None, promised: Promises
) -> tuple[Assumption, ...]:
    """What fails first, then what ends, then what would keep an offer, then what would turn one.

    ``years``: the rows of ``Comparison.years`` of the proposal; ``promised``: what becomes of it by chance.
    """
    fails = [Assumption(MISSING, count=promised.missing, runs=promised.runs)] if promised.missing else []
    return (*fails, *_ending(years), *_keeping(cards), *_turning(found))


def _ending(years: pd.DataFrame) -> list[Assumption]:
    """The first of the coming years in which a pot that pays has nothing any more."""
    for row in years.iloc[1:].to_dict("records"):
        pots = tuple(split_list(str(row["ending_pots"])))
        if pots:
            orphaned = len(split_list(str(row["orphaned"])))
            return [Assumption(ENDING, pots, count=orphaned, year=str(row["year"]), eur=float(row["short_eur"]))]
    return []


def _keeping(cards: Iterable[OfferCard]) -> list[Assumption]:
    """The smallest checked change of a figure that would keep one of the lowered offers."""
    found = [
        Assumption(
            KEEPING,
            (one.key,) if one.key else (),
            card.offer_id,
            one.parameter,
            change=one.change,
            value=one.value,
            today=one.today,
        )
        for card in cards
        if card.held is not None and card.held.question == "kept" and not card.held.costs_nothing
        for one in card.tippings
        if one.tells
    ]
    return sorted(found, key=lambda one: abs(one.change))[:1]


def _turning(found: Robustness | None) -> list[Assumption]:
    """The turning point of the offer with the most money, the nearest one where it has several."""
    if found is None or found.turning is None or found.turning.table.empty:
        return []
    table = found.turning.table
    table = table[table["verified"].astype(bool) & (table["offer_id"].ne("") | table["to_direction"].eq(NO_PLAN))]
    if table.empty:
        return []
    money = found.offers.set_index("offer_id")["cost_eur"]
    order = table.assign(_money=table["offer_id"].map(money).fillna(math.inf), _far=table["change"].abs())
    row = order.sort_values(["_money", "_far"], ascending=[False, True], kind="stable").to_dict("records")[0]
    return [
        Assumption(
            TURNING,
            tuple(str(row["key"]).split("|")),
            str(row["offer_id"]),
            str(row["kind"]),
            change=float(row["change"]),
            direction=str(row["to_direction"]),
            otherwise=str(row["from_direction"]),
        )
    ]
