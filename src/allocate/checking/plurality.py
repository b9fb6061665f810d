"""Rules about wanted plurality and suspected duplication: clusters and pairs of offers."""

from __future__ import annotations

import pandas as pd

from allocate.inputs.case import LIST_SEPARATOR
from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.inspection import Inspection, among

ROUNDING = 1e-9
WANTED = "wanted"


def check_clusters(inspection: Inspection) -> None:
    """Clusters hold offers that serve the need, and leave the shares room to add up to one."""
    table = inspection.table("plurality")
    if table.empty:
        return
    members = _members(inspection, table)
    idle = members[~members["serves"] & members["known"]]
    if len(idle):
        inspection.found.add_many(
            "cluster-not-serving",
            inspection.source("plurality"),
            severity=WARNING,
            rows=table.index[idle["at"].to_numpy()],
            column="offers",
            value=idle["offer_id"].tolist(),
            need=table["need_id"].iloc[idle["at"].to_numpy()].tolist(),
        )
    twice = members[members.duplicated(["at", "offer_id"])]
    inspection.flag("cluster-offer-twice", "plurality", "offers", _marked(table, twice["at"]), severity=WARNING)
    inspection.flag("cluster-unassessed", "plurality", "assessment", table["assessment"].eq(""), severity=WARNING)
    _shares(inspection, table, members.drop_duplicates(["at", "offer_id"]))


def _members(inspection: Inspection, table: pd.DataFrame) -> pd.DataFrame:
    """One row per offer of a cluster: ``at`` (position of the cluster), offer, provider, known, serves the need."""
    lists = table["offers"].reset_index(drop=True).str.split(LIST_SEPARATOR, regex=False).explode().str.strip()
    members = pd.DataFrame({"at": lists.index.to_numpy(), "offer_id": lists.to_numpy()})
    members = members[members["offer_id"].ne("")]
    offers = inspection.table("offers").drop_duplicates("offer_id").set_index("offer_id")
    # An offer without a named provider counts as one of its own.
    provider = offers["provider_id"].where(offers["provider_id"].ne(""), offers.index.to_series())
    provider = provider.reindex(members["offer_id"])
    need = table["need_id"].iloc[members["at"].to_numpy()]
    effects = inspection.table("effects")
    serving = pd.MultiIndex.from_frame(effects.loc[effects["effect"].gt(0), ["offer_id", "need_id"]])
    pairs = pd.MultiIndex.from_arrays([members["offer_id"], need])
    return members.assign(provider=provider.to_numpy(), known=provider.notna().to_numpy(), serves=pairs.isin(serving))


def _shares(inspection: Inspection, table: pd.DataFrame, members: pd.DataFrame) -> None:
    """Least and greatest shares that cannot hold together; only wanted clusters bind."""
    counts = members.groupby("at").agg(offers=("offer_id", "size"), providers=("provider", "nunique"))
    counts = counts.reindex(range(len(table)), fill_value=0).set_axis(table.index)
    wanted = table["assessment"].eq(WANTED)
    least = table["min_share_each"] * counts["offers"]
    crowded = wanted & least.gt(1 + ROUNDING)
    inspection.flag("cluster-least-sum", "plurality", "min_share_each", crowded, total=least, count=counts["offers"])
    most = table["max_share_provider"] * counts["providers"]
    narrow = wanted & most.lt(1 - ROUNDING)
    inspection.flag(
        "cluster-most-sum",
        "plurality",
        "max_share_provider",
        narrow,
        total=most,
        count=counts["providers"],
        cluster=table["cluster_id"],
        most=table["max_share_provider"],
    )
    alone = counts["offers"].eq(1)
    inspection.flag("cluster-one-offer", "plurality", "offers", alone, severity=WARNING)
    few = table["min_providers"].gt(counts["providers"])
    inspection.flag(
        "cluster-few-providers", "plurality", "min_providers", few, severity=WARNING, count=counts["providers"]
    )
    bound = table[["min_share_each", "min_demand_share"]].gt(0).any(axis=1) | table["max_share_provider"].lt(1)
    unbound = bound & ~wanted & table["assessment"].ne("")
    inspection.flag("cluster-not-binding", "plurality", "assessment", unbound, severity=NOTE)


def check_overlaps(inspection: Inspection) -> None:
    """Pairs with suspected duplication: two different offers, each pair once, both serving the need."""
    table = inspection.table("overlaps")
    if table.empty:
        return
    first, second, need = table["offer_id_a"], table["offer_id_b"], table["need_id"]
    inspection.flag("overlap-with-itself", "overlaps", "offer_id_b", first.eq(second))
    pair = pd.DataFrame({"low": first.where(first < second, second), "high": first.where(first > second, second)})
    again = pair.assign(need=need).duplicated() & ~table.duplicated(["offer_id_a", "offer_id_b", "need_id"])
    inspection.flag("overlap-twice", "overlaps", "offer_id_b", again, severity=WARNING)
    effects = inspection.table("effects")
    serving = pd.MultiIndex.from_frame(effects.loc[effects["effect"].gt(0), ["offer_id", "need_id"]])
    known = inspection.table("offers")["offer_id"]
    for column in ("offer_id_a", "offer_id_b"):
        serves = pd.MultiIndex.from_arrays([table[column], need]).isin(serving)
        idle = ~serves & among(table[column], known)
        inspection.flag("overlap-not-serving", "overlaps", column, idle, severity=WARNING, need=need)


def _marked(table: pd.DataFrame, positions: pd.Series) -> pd.Series:
    """A mask of the table's rows at the given positions."""
    return pd.Series(range(len(table)), index=table.index).isin(positions)
