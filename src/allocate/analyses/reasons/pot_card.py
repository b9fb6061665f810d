"""The reason card of a pot: what it pays for, what a little more or less of it would change, and where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.analyses.reasons.consequence import TRACE, thorough
from allocate.analyses.reasons.place_cards import STEP_COLUMNS, PlaceCard
from allocate.bench.resolve import NOTHING, Bench, Hold, number_of
from allocate.model.rules.pot import POT_ROWS
from allocate.town.arrays import Ints
from allocate.town.facts import PotFacts, payers_stated

# Steps that planners name, as shares of the pot; the plans shown are those of the middle step.
SHARES = (-0.10, -0.05, -0.01, 0.01, 0.05, 0.10)
SHOWN = 0.05


def pot_card(bench: Bench, pot_id: str) -> PlaceCard:
    """The card of one pot. Raises ``UsageError`` (``id-unknown``)."""
    town, plan = bench.compiled.town, bench.plan
    pot = number_of("pots", pot_id, town.pots)
    row = bench.program.rows_index[POT_ROWS].start + pot
    amount = float(town.pot_amount[pot])
    shown = plan.pots.iloc[pot]
    steps = []
    for share in SHARES:
        outcome = bench.ask(_amount(row, amount * (1 + share)))
        gain = outcome.value - bench.value
        gain = 0.0 if abs(gain) <= NOTHING else gain
        steps.append((share * amount, outcome.possible, gain, gain / (share * amount) if amount else np.nan))
    consequences = [
        thorough(bench, None, question, amount * (1 + share), (_amount(row, amount * (1 + share)),))[0]
        for question, share in (("less", -SHOWN), ("more", SHOWN))
    ]
    pays = _pays(bench, pot)
    own = np.flatnonzero(town.funding.pot == pot)
    offers = town.funding.offer[own]
    capacity = plan.offers["capacity"].to_numpy(dtype=float)
    full = capacity[offers] >= town.offers.max_capacity[offers] * (1 - TRACE)
    facts = {
        "amount_eur": amount,
        "spent_eur": float(shown["spent_eur"]),
        "unspent_eur": float(shown["unspent_eur"]),
        "marginal_value": float(bench.marginal_values[pot]),
        "today_eur": _paid_today(bench, own),
        "offers_allowed": float(len(offers)),
        "offers_full": float(full.sum()),
    }
    return PlaceCard(
        scenario_id=bench.scenario_id,
        kind="pot",
        key=(pot_id,),
        name=str(PotFacts(bench.compiled.variant.case).name[pot]),
        facts=facts,
        consequences=tuple(consequences),
        steps=STEP_COLUMNS.of(steps),
        tables={"pays": pays},
    )


def _amount(row: int, amount: float) -> Hold:
    return Hold.row(row, -np.inf, amount)


def _paid_today(bench: Bench, own: Ints) -> float:
    """EUR that the pot of these funding pairs pays today; NaN where the town says of no offer who pays for it."""
    if not payers_stated(bench.compiled.variant.case) and bench.compiled.town.offers.baseline_cost.any():
        return float("nan")
    return float(np.nansum(bench.compiled.town.funding.baseline[own]))


def _pays(bench: Bench, pot: int) -> pd.DataFrame:
    """What the pot pays each offer today and in the proposal, the largest change first."""
    town = bench.compiled.town
    own = np.flatnonzero(town.funding.pot == pot)
    paid = bench.plan_x[bench.program.columns_index.slice("funding")][own]
    today = town.funding.baseline[own]
    table = pd.DataFrame(
        {"offer_id": town.offers.ids[town.funding.offer[own]], "today_eur": today, "plan_eur": paid,
         "change_eur": paid - today}
    )  # fmt: skip
    table = table[(table["today_eur"] > TRACE) | (table["plan_eur"] > TRACE)]
    order = np.argsort(-table["change_eur"].abs().to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)
