"""Plan tables: the plans of all scenarios in full, as the JSON of ``run`` holds them, for those who go on reckoning."""

from __future__ import annotations

import pandas as pd

from allocate.report.sections.section import Sheet
from allocate.report.sections.tables import Tables

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
        # What an offer that serves a withheld cell gives a space is blank in published plans.
        hidden = frame["capacity"].isna() if name == "delivery" else None
        found.append(tables.sheet(f"plan_{name}", frame, shown, hidden=hidden))
    return found
