"""Reason cards: the justification of a proposal, one object per question, before it is put into words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import pandas as pd

from allocate.analyses.reasons.binding import Binding
from allocate.analyses.reasons.breakeven import Tipping
from allocate.analyses.reasons.consequence import Consequence
from allocate.results.columns import Columns
from allocate.results.told import Told

ELSEWHERE_COLUMNS = Columns("plan_id", "kind", "status", "cost_eur", "change_eur", "direction")


@dataclass(frozen=True, eq=False, repr=False)
class OfferCard(Told):
    """Why a proposal treats an offer as it does.

    Capacities in units/year, money in EUR/year. ``direction``: raised, lowered or kept. ``closed``, ``kept`` (or
    ``not_raised``, or ``started`` for an offer that neither exists nor is proposed): what would follow instead.
    ``least_needed``: the least capacity with which a plan meets all rules. ``keeping_eur``: the further money,
    EUR/year, that would make up for keeping a lowered offer as it is (NaN: not asked or no answer). ``tippings``: what
    would have to change.
    ``elsewhere`` (``ELSEWHERE_COLUMNS``): the offer in other scenarios and in almost equally good plans.
    """

    JSON: ClassVar = (
        "kind", "scenario_id", "offer_id", "name", "today_capacity", "today_eur", "capacity", "cost_eur", "direction",
        "least_needed", "keeping_eur", "binding", "closed", "held", "instead", "tipping=tippings", "elsewhere",
    )  # fmt: skip

    scenario_id: str
    offer_id: str
    name: str
    today_capacity: float
    today_eur: float
    capacity: float
    cost_eur: float
    direction: str
    binding: tuple[Binding, ...] = ()
    closed: Consequence | None = None
    held: Consequence | None = None
    least_needed: float = math.nan
    keeping_eur: float = math.nan
    tippings: tuple[Tipping, ...] = ()
    elsewhere: pd.DataFrame = field(default_factory=ELSEWHERE_COLUMNS.of)

    kind = "offer"

    @property
    def key(self) -> tuple[str, ...]:
        """The ids of what the card is about."""
        return (self.offer_id,)

    @property
    def instead(self) -> pd.DataFrame:
        """Who gets more (``not_raised``: less) from the same pots in the proposal than if the offer were held."""
        if self.held is None:
            return pd.DataFrame()
        money = self.held.money
        sign = -1.0 if self.held.question == "not_raised" else 1.0
        chosen = money[money["same_pot"].astype(bool) & (sign * money["more_eur"].astype(float) > 0)]
        return chosen.reset_index(drop=True)

    @property
    def recipients(self) -> pd.Series:
        """EUR/year by which each of them would get less (``not_raised``: more) in all, over all pots; largest first.

        An offer that gets more from one pot and as much less from another one gains nothing and is left out.
        """
        if self.held is None or self.instead.empty:
            return pd.Series(dtype=float)
        sign = -1.0 if self.held.question == "not_raised" else 1.0
        total = sign * self.held.money.groupby("offer_id")["more_eur"].sum().astype(float)
        total = total[total.index.isin(set(self.instead["offer_id"])) & (total >= 1)]
        return total.sort_values(ascending=False, kind="stable")
