"""Tables of a Land, with the columns of docs/land.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from allocate.analyses.land.divisions import KEY, NEED, Divisions, Settled
from allocate.analyses.land.master import Rules
from allocate.analyses.land.town_facts import TownFacts, Use
from allocate.inputs.land_tables import LandPot
from allocate.results.columns import Columns
from allocate.town.arrays import Floats

DIVISION_COLUMNS = Columns(
    "division", "keep_share", "land_objective", "objective_lost", "bound", "proven_gap", "lowest_town",
    "lowest_objective", "shifted_eur", "left_eur",
)  # fmt: skip
TOWN_COLUMNS = Columns(
    "town_id", "name", "population", "key_eur", "allotment_eur", "allotment_change_eur", "allotment_per_person",
    "marginal_value", "objective_by_key", "objective_by_allotment", "coverage_today", "coverage_by_key",
    "coverage_by_allotment", "duplication_eur", "duplication_share", "integration_value",
)  # fmt: skip
USE_COLUMNS = Columns("town_id", "offer_id", "name", "name_en", "cost_by_key", "cost_by_allotment", "change_eur")
# An offer whose cost differs by less (EUR) is the same.
SAME_COST = 0.5
CENT = 0.01


def divisions_table(shown: Sequence[Settled], usable: Sequence[TownFacts], divided: Divisions) -> pd.DataFrame:
    """One row per division: value, what it loses against the best, the proven gap, the lowest town, what moves."""
    best = max((one.value for one in shown if one.name == NEED and one.keep == 0.0), default=math.nan)
    rows = []
    for one in shown:
        lowest = int(np.argmin(one.values))
        shifted = float(np.maximum(0.0, one.amounts - divided.key).sum())
        left = float(divided.rules.money.sum() - one.amounts.sum())
        left = left if left > CENT else 0.0
        gap = math.nan if one.name == KEY else one.gap
        bound = math.nan if one.name == KEY else one.bound
        rows.append(
            (
                one.name, one.keep, one.value, best - one.value, bound, gap, usable[lowest].name,
                float(one.values[lowest]), shifted, left,
            )
        )  # fmt: skip
    return DIVISION_COLUMNS.of(rows)


def towns_table(
    facts: Sequence[TownFacts],
    usable: Sequence[TownFacts],
    divided: Divisions,
    chosen: Settled,
    uses: Mapping[str, tuple[Use, Use]],
) -> pd.DataFrame:
    """One row per town that could be read: what it gets, what that is worth, and how it stands today."""
    at = {town.name: number for number, town in enumerate(usable)}
    rows = []
    for town in facts:
        if not town.today:
            continue
        number = at.get(town.name)
        key = float(sum(town.key)) if number is None else float(divided.key[number].sum())
        own = key if number is None else float(chosen.amounts[number].sum())
        before, after = uses.get(town.name, (Use(town.planned), Use()))
        doubled = town.today["duplication_eur"]
        rows.append(
            (
                town.name,
                town.town_name,
                town.population,
                key,
                own,
                own - key,
                own / town.population if town.population > 0 else math.nan,
                math.nan if number is None else _slope(divided, number, chosen.amounts[number]),
                math.nan if number is None else float(divided.values_by_key[number]),
                math.nan if number is None else float(chosen.values[number]),
                town.today["weighted_coverage"],
                before.figures.get("weighted_coverage", math.nan),
                after.figures.get("weighted_coverage", math.nan),
                doubled,
                doubled / town.budget if town.budget > 0 else math.nan,
                town.integrated - town.silo,
            )
        )
    return TOWN_COLUMNS.of(rows)


def allotments_table(
    usable: Sequence[TownFacts], pots: Sequence[LandPot], divided: Divisions, chosen: Settled
) -> pd.DataFrame:
    """One row per town and pot of the Land."""
    rows = [
        (town.name, pot.pot_id, divided.key[at, number], chosen.amounts[at, number], divided.rules.least[at, number])
        for at, town in enumerate(usable)
        for number, pot in enumerate(pots)
    ]
    table = pd.DataFrame(rows, columns=["town_id", "pot_id", "key_eur", "allotment_eur", "least_eur"])
    return table.assign(allotment_change_eur=table["allotment_eur"] - table["key_eur"])


def uses_table(uses: Mapping[str, tuple[Use, Use]]) -> pd.DataFrame:
    """Offers that cost more or less with the chosen amounts than with the key's, each by its town's own run."""
    rows = []
    for town, (before, after) in uses.items():
        now = {id: cost for id, _, _, cost in before.offers}
        for id, name, english, cost in after.offers if before.offers else ():
            if abs(cost - now[id]) > SAME_COST:
                rows.append((town, id, name, english, now[id], cost, cost - now[id]))
    return USE_COLUMNS.of(rows)


def curves_table(usable: Sequence[TownFacts], pots: Sequence[LandPot], divided: Divisions) -> pd.DataFrame:
    """Breakpoints of the only pot: EUR/year, the town's objective there, and what a further euro adds."""
    columns = ["town_id", "pot_id", "amount_eur", "objective", "marginal_value"]
    if len(pots) > 1:
        return pd.DataFrame(columns=columns)
    rows = []
    for at, pieces in enumerate(divided.pieces(_unweighted(divided))):
        ends = pieces.start + np.concatenate([[0.0], np.cumsum(pieces.widths)])
        slopes = [*pieces.slopes.tolist(), 0.0]
        rows += [
            (usable[at].name, pots[0].pot_id, float(end), divided.curves[at].upper(np.array([end])), slope)
            for end, slope in zip(ends, slopes, strict=True)
        ]
    return pd.DataFrame(rows, columns=columns)


def left_out_table(facts: Sequence[TownFacts]) -> pd.DataFrame:
    """Towns whose worth of the money is not known, and why."""
    rows = [(town.name, town.messages.get("de", ""), town.messages.get("en", "")) for town in facts if town.messages]
    return pd.DataFrame(rows, columns=["town_id", "message_de", "message_en"])


def _unweighted(divided: Divisions) -> Rules:
    return replace(divided.rules, weights=np.ones_like(divided.rules.weights))


def _slope(divided: Divisions, at: int, amounts: Floats) -> float:
    """What a further euro would add to the town's own objective, in the pot where it adds most."""
    step = 1.0
    curve = divided.curves[at]
    base = curve.upper(amounts)
    return max(curve.upper(amounts + step * unit) - base for unit in np.eye(len(amounts))) / step
