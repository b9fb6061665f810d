"""Rules about offers: capacity, cost, whom they reach and what they cover."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.in_places import is_in_places
from allocate.inputs.inspection import Inspection, among
from allocate.inputs.use_today import use_unknown
from allocate.inputs.years import YEAR_TABLES, ends_in, plan_year
from allocate.language import first_of

ROUNDING = 1e-6  # relative difference that is mere rounding in a table
SHOWN = 5  # so many offers are named in one sentence
SMALL_DIFFERENCE = 0.02  # two ways to state one cost may differ by this much before it is worth a word


def check_offers(inspection: Inspection) -> None:
    """The table of offers by itself."""
    offers = inspection.table("offers")
    most = offers["max_capacity"]
    inspection.flag(
        "baseline-above-max", "offers", "baseline_capacity", offers["baseline_capacity"].gt(_loose(most)), most=most
    )
    inspection.flag(
        "committed-above-max", "offers", "committed_capacity", offers["committed_capacity"].gt(_loose(most)), most=most
    )
    least = offers["min_capacity_if_open"]
    inspection.flag("least-above-max", "offers", "min_capacity_if_open", least.gt(_loose(most)), most=most)
    inspection.flag("offer-without-cost", "offers", "unit_cost", offers["unit_cost"].eq(0), severity=WARNING)
    inspection.flag("offer-without-capacity", "offers", "max_capacity", most.eq(0), severity=WARNING)
    _contracts(inspection, offers)


def _contracts(inspection: Inspection, offers: pd.DataFrame) -> None:
    """A commitment needs a contract that still runs in the year that is planned."""
    year = plan_year(inspection.case)
    if year is None:
        return
    over = ends_in(offers).lt(year) & offers["committed_capacity"].gt(0)
    inspection.flag(
        "contract-over",
        "offers",
        "contract_end",
        over,
        severity=WARNING,
        year=str(year),
        committed=offers["committed_capacity"],
    )


def check_effects(inspection: Inspection) -> None:
    """Every offer covers something; every effect is worth stating."""
    offers, effects = inspection.table("offers"), inspection.table("effects")
    inspection.flag("effect-zero", "effects", "effect", effects["effect"].eq(0), severity=NOTE)
    serving = effects.loc[effects["effect"].gt(0), "offer_id"]
    alternative = effects["exclusive"] & effects["effect"].gt(0)
    count = effects["offer_id"].map(effects.loc[alternative, "offer_id"].value_counts())
    inspection.flag("exclusive-alone", "effects", "exclusive", alternative & count.eq(1), severity=WARNING)
    idle = ~among(offers["offer_id"], serving)
    inspection.flag("offer-without-effect", "offers", "offer_id", idle, severity=WARNING)


def check_reach(inspection: Inspection) -> None:
    """Whom the offers reach, and what their users' corridors allow."""
    reach = inspection.table("reach")
    if reach.empty:
        return
    offers = inspection.table("offers")
    idle = ~among(offers["offer_id"], reach.loc[reach["access"].gt(0), "offer_id"])
    inspection.flag("offer-without-reach", "offers", "offer_id", idle, severity=WARNING)
    least, most = reach["min_use_share"], reach["max_use_share"]
    inspection.flag("corridor-crossed", "reach", "min_use_share", least.gt(most), most=most)
    inspection.flag("reach-without-access", "reach", "access", reach["access"].eq(0), severity=NOTE)
    limit = reach["max_capacity"]
    over = reach["baseline_capacity"].gt(_loose(limit))
    inspection.flag("reach-baseline-above-max", "reach", "baseline_capacity", over, severity=WARNING, most=limit)
    # A pair without a limit of its own has the offer's, so that a sum with a blank in it is no limit at all.
    columns = ["min_use_share", "max_use_share", "baseline_capacity"]
    groups = reach.assign(max_capacity=limit.fillna(np.inf)).groupby("offer_id", sort=False)
    sums = groups[[*columns, "max_capacity"]].sum().reindex(offers["offer_id"])
    _sums(inspection, offers, sums.set_axis(offers.index))


def _sums(inspection: Inspection, offers: pd.DataFrame, sums: pd.DataFrame) -> None:
    """What the reach rows of one offer add up to (``sums`` aligned with ``offers``, NaN without reach rows)."""
    least, most = sums["min_use_share"], sums["max_use_share"]
    inspection.flag("corridor-least-sum", "offers", "offer_id", least.gt(1 + ROUNDING), total=least.round(6))
    inspection.flag("corridor-most-sum", "offers", "offer_id", most.lt(1 - ROUNDING), total=most.round(6))
    today, stated = sums["baseline_capacity"], offers["baseline_capacity"]
    unknown = use_unknown(inspection.case)
    if unknown.any():
        inspection.note(
            "reach-use-unknown",
            "reach",
            severity=NOTE,
            column="baseline_capacity",
            count=int(unknown.sum()),
            places=float(offers.loc[unknown, "baseline_capacity"].sum()),
            offers=first_of(offers.loc[unknown, "offer_id"].tolist(), SHOWN),
        )
    differs = ~unknown & (today - stated).abs().gt(ROUNDING * np.maximum(stated, 1))
    inspection.flag(
        "reach-baseline-sum", "offers", "baseline_capacity", differs, severity=WARNING, total=today.round(6)
    )
    committed, possible = offers["committed_capacity"], sums["max_capacity"]
    short = committed.gt(_loose(possible)) & committed.le(offers["max_capacity"])
    inspection.flag("committed-beyond-reach", "offers", "committed_capacity", short, severity=WARNING, most=possible)
    nowhere = committed.gt(0) & sums["min_use_share"].isna()
    inspection.flag("committed-without-reach", "offers", "committed_capacity", nowhere, severity=WARNING)


def check_homes(inspection: Inspection) -> None:
    """An offer with a home that does not serve it is worth a second look."""
    offers, reach = inspection.table("offers"), inspection.table("reach")
    if reach.empty:
        return
    homes = offers.drop_duplicates("offer_id").set_index("offer_id")["home_space_id"]
    at_home = reach.loc[reach["space_id"].eq(reach["offer_id"].map(homes)), "offer_id"]
    ids = offers["offer_id"]
    apart = offers["home_space_id"].ne("") & among(ids, reach["offer_id"]) & ~among(ids, at_home)
    inspection.flag("home-not-reached", "offers", "home_space_id", apart, severity=NOTE)


def check_indivisible(inspection: Inspection) -> None:
    """Where a scenario is indivisible, offers need their fixed and variable cost, and both must tell one story."""
    chosen = inspection.table("scenarios")
    if not chosen["indivisible"].any():
        return
    offers = inspection.table("offers")
    names = ", ".join(chosen.loc[chosen["indivisible"], "scenario_id"])
    costs = () if is_in_places(inspection.case) else ("fixed_cost", "variable_unit_cost")
    for column in (*costs, "min_capacity_if_open"):
        blank = offers[column].isna()
        inspection.flag("indivisible-blank", "offers", column, blank, severity=WARNING, scenarios=names)
    if not costs:
        return
    steps = inspection.table("steps")
    today = steps["offer_id"].map(offers.drop_duplicates("offer_id").set_index("offer_id")["baseline_capacity"])
    begun = steps[steps["from_capacity"].lt(today.astype(float))].groupby("offer_id")["fixed_cost"].sum()
    split = offers["fixed_cost"] + offers["variable_unit_cost"] * offers["baseline_capacity"]
    split = split + offers["offer_id"].map(begun).astype(float).fillna(0.0)
    whole = offers["unit_cost"] * offers["baseline_capacity"]
    apart = (split - whole).abs().gt(SMALL_DIFFERENCE * whole) & whole.gt(0)
    inspection.flag(
        "indivisible-cost-differs", "offers", "fixed_cost", apart, severity=WARNING, split=split, whole=whole
    )


def check_commitments(inspection: Inspection) -> None:
    """Commitments by year against the offers and the planned year."""
    table, offers = inspection.table("commitments"), inspection.table("offers")
    if table.empty:
        return
    facts = offers.drop_duplicates("offer_id").set_index("offer_id").reindex(table["offer_id"])
    most = facts["max_capacity"].set_axis(table.index)
    over = table["min_capacity"].gt(_loose(most))
    inspection.flag("commitment-above-max", "commitments", "min_capacity", over, severity=WARNING, most=most)
    year = plan_year(inspection.case)
    if year is None:
        return
    stated = facts["committed_capacity"].set_axis(table.index)
    # A town that writes its commitments by year only has no second number to bring in line.
    differs = table["year"].eq(year) & stated.gt(0) & (table["min_capacity"] - stated).abs().gt(ROUNDING)
    held = np.fmax(table["min_capacity"], stated)
    inspection.flag(
        "commitment-differs", "commitments", "min_capacity", differs, severity=WARNING, stated=stated, held=held
    )


def check_years(inspection: Inspection) -> None:
    """Amounts and commitments by year say nothing as long as no year is planned."""
    changes = inspection.table("changes")
    set_later = changes["table"].eq("parameters") & changes["key"].eq("plan_year")
    if plan_year(inspection.case) is not None or set_later.any():
        return
    for table in YEAR_TABLES:
        if len(inspection.table(table)):
            inspection.note("year-without-plan", table, severity=WARNING, column="year", name=table)


def _loose(limit: pd.Series) -> pd.Series:
    """A limit with room for rounding."""
    return limit * (1 + ROUNDING)
