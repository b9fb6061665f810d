"""Plan tables: the plans of all scenarios in full, as the JSON of ``run`` holds them, for those who go on reckoning."""

from __future__ import annotations

import pandas as pd

from allocate.report.section import Sheet
from allocate.report.tables import Tables
from allocate.results.disclosure import Mask

SHOWN = {
    "offers": ("scenario_id", "offer_id", "capacity", "cost_eur", "baseline_cost_eur", "change_eur"),
    "pots": ("scenario_id", "pot_id", "amount_eur", "spent_eur", "unspent_eur", "marginal_value"),
    "funding": ("scenario_id", "pot_id", "offer_id", "amount_eur"),
    "delivery": ("scenario_id", "offer_id", "space_id", "capacity"),
    "coverage": (
        "scenario_id", "space_id", "need_id", "demand", "supply", "covered", "wanted_reserve", "duplication", "gap",
    ),
    "floors": ("scenario_id", "floor_id", "scope_id", "need_id", "required", "achieved", "met"),
}  # fmt: skip


def plan_tables(tables: Tables) -> list[Sheet]:
    """One sheet per table of a plan, the scenarios under each other; those without a plan are left out."""
    plans = {id: plan for id, plan in tables.content.plans.items() if plan.has_plan}
    found = []
    for name, shown in SHOWN.items():
        frames = [getattr(plan, name).assign(scenario_id=id) for id, plan in plans.items()]
        frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(shown))
        sheet = tables.sheet(f"plan_{name}", frame, shown)
        found.append(_without_small_deliveries(sheet, tables) if name == "delivery" else sheet)
    return found


def _without_small_deliveries(sheet: Sheet, tables: Tables) -> Sheet:
    """Withhold what a small cell gets: with the effects it would tell of the cell.

    An offer that serves a single withheld space loses one more, because its capacity is published.
    """
    frame = sheet.frame
    hidden = small_deliveries(frame, tables.content.case["effects"], tables.content.mask)
    if not hidden.any():
        return sheet
    shown = frame.assign(capacity=frame["capacity"].astype(float).mask(hidden))
    withheld = pd.DataFrame({"capacity": hidden}, index=frame.index)
    return Sheet(sheet.key, sheet.title, shown, sheet.shown, sheet.note, sheet.own, withheld, sheet.most)


def small_deliveries(delivery: pd.DataFrame, effects: pd.DataFrame, mask: Mask) -> pd.Series:
    """Which rows (scenario_id, offer_id, space_id, capacity) serve a withheld cell, or protect one that does.

    An offer and a space withheld in one scenario are withheld in all, so that no two of them side by side reveal it.
    """
    cells = pd.DataFrame(sorted(mask.hidden), columns=["space_id", "need_id"], dtype="str")
    served = cells.merge(effects.loc[effects["effect"] > 0, ["offer_id", "need_id"]], on="need_id")
    pairs = pd.MultiIndex.from_frame(served[["offer_id", "space_id"]])
    keys = pd.MultiIndex.from_frame(delivery[["offer_id", "space_id"]])
    hidden = pd.Series(keys.isin(pairs), index=delivery.index)
    of_offer = ["scenario_id", "offer_id"]
    lonely = delivery.assign(hidden=hidden).groupby(of_offer)["hidden"].transform("sum").eq(1) & ~hidden
    smallest = delivery[lonely].sort_values("capacity", kind="stable").drop_duplicates(of_offer)
    return hidden | pd.Series(keys.isin(pd.MultiIndex.from_frame(smallest[["offer_id", "space_id"]])), delivery.index)
