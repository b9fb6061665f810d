"""In places: a case that states neither costs nor pots is planned in the places that there are today.

The program keeps its equations; what is scarce is places instead of money. One unit of capacity takes one place, and in
the place of pots stand today's places of each kind, which may go to any offer of that kind:

    u[o] = 1        A[kind] = sum of baseline_capacity over its offers        payers today: the kind itself

Two offers are of one kind where their capacity is counted in the same unit and they have a need in common, be it by a
third offer: a place in a youth club may become one in another club, never one in a day-care centre. The tables are
filled as the reader fills settings and scenarios that a town need not write; their rows stand in no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.errors import UsageError
from allocate.inputs.case import LIST_SEPARATOR, Case, split_list
from allocate.inputs.dictionary import tables_about
from allocate.inputs.reading.added import added
from allocate.language import PLACES, first_of
from allocate.plain import Record

# Tables that stand in no file of such a case.
WRITTEN = ("pots", "baseline_funding")
_COSTS = {
    "offers": ("unit_cost", "fixed_cost", "variable_unit_cost", "opening_cost", "closing_cost"),
    "offer_years": ("unit_cost",),
}
_GROWTH = ("cost_growth", "pot_growth")
_NAMED = 2  # needs that a kind is called by


def is_in_places(case: Case) -> bool:
    """Whether the case is planned in places instead of money."""
    return case.parameter("currency") == PLACES


def expect_money(case: Case, what: str) -> None:
    """Refuse a question about money where there is none. Raises ``UsageError`` ``needs-money``; ``what`` was asked."""
    if is_in_places(case):
        raise UsageError("needs-money", place=str(case.path), what=what)


def states_no_money(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether there are offers, and neither a cost of any of them nor anything about pots."""
    if tables["offers"].empty or any(len(tables[name]) for name in tables_about("pots.pot_id") if name in tables):
        return False
    return not states_costs(tables)


def states_costs(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether any offer has a cost of any kind."""
    return any(tables[table][name].notna().any() for table, names in _COSTS.items() for name in names)


def fill_places(tables: dict[str, pd.DataFrame]) -> None:
    """Write today's places into ``tables`` as what is scarce, where they state no money."""
    if not states_no_money(tables):
        return
    offers = tables["offers"]
    kind = _kinds(offers, tables["effects"])
    tables["offers"] = offers.assign(unit_cost=1.0)
    tables["pots"] = added("pots", _as_pots(offers, kind, tables["effects"], tables["needs"]))
    today = pd.DataFrame({"pot_id": kind, "offer_id": offers["offer_id"], "amount": offers["baseline_capacity"]})
    tables["baseline_funding"] = added("baseline_funding", today[today["amount"].gt(0)].to_dict("records"))
    settings = tables["parameters"]
    value = settings["value"].mask(settings["parameter"].eq("currency"), PLACES)
    # A place takes one place in every year, whatever prices do.
    tables["parameters"] = settings.assign(value=value.mask(settings["parameter"].isin(_GROWTH), "0"))


def are_in_places(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether these are the tables of such a case."""
    settings = tables["parameters"]
    return bool((settings["parameter"].eq("currency") & settings["value"].eq(PLACES)).any())


def join_kinds(tables: dict[str, pd.DataFrame], new: Sequence[str]) -> None:
    """Let new offers of such a case take one place a unit, and places of the kinds that they belong to.

    A new offer is of a kind where it shares unit and need with one of its offers; without one it has no places.
    """
    if not new or not are_in_places(tables):
        return
    offers, pots = tables["offers"], tables["pots"]
    tables["offers"] = offers.assign(unit_cost=offers["unit_cost"].mask(offers["offer_id"].isin(new), 1.0))
    serving = tables["effects"][tables["effects"]["effect"].gt(0)]
    unit = offers.set_index("offer_id")["unit"].astype(str)
    ties = serving.assign(tie=serving["offer_id"].map(unit) + "\x1f" + serving["need_id"])
    lists = []
    for cell in pots["offers"].tolist():
        own = split_list(str(cell))
        shared = set(ties.loc[ties["offer_id"].isin(own), "tie"])
        joining = ties.loc[ties["tie"].isin(shared) & ties["offer_id"].isin(new), "offer_id"]
        lists.append(LIST_SEPARATOR.join(dict.fromkeys([*own, *(one for one in new if one in set(joining))])))
    tables["pots"] = pots.assign(offers=pd.Series(lists, index=pots.index, dtype=pots["offers"].dtype))


def without_filling(tables: dict[str, pd.DataFrame]) -> None:
    """Take out what ``fill_places`` has written, so that changed tables can be filled anew."""
    settings = tables["parameters"]
    currency = settings.loc[settings["parameter"].eq("currency"), "value"]
    pots = tables["pots"]
    if not currency.eq(PLACES).any() or pots.empty or not bool((pots.index < 1).all()):
        return
    tables["offers"] = tables["offers"].assign(unit_cost=np.nan)
    tables["pots"], tables["baseline_funding"] = added("pots", []), added("baseline_funding", [])


def _as_pots(offers: pd.DataFrame, kind: pd.Series, effects: pd.DataFrame, needs: pd.DataFrame) -> list[Record]:
    """One row of ``pots`` for each kind: what it is called, its places today, and its offers."""
    names = {id: name or id for id, name in zip(needs["need_id"], needs["name"], strict=True)}
    rows: list[Record] = []
    for id, own in offers.groupby(kind, sort=False):
        served = effects.loc[effects["offer_id"].isin(own["offer_id"]) & effects["effect"].gt(0), "need_id"]
        needed = [name for need, name in names.items() if need in set(served)]
        unit = str(own["unit"].iloc[0])
        called = first_of(needed, _NAMED)
        rows.append(
            {
                "pot_id": id,
                "name": f"{unit}: {called}" if unit and called else unit or called or str(id),
                "amount": float(own["baseline_capacity"].sum()),
                "offers": ";".join(own["offer_id"]),
            }
        )
    return rows


def _kinds(offers: pd.DataFrame, effects: pd.DataFrame) -> pd.Series:
    """The id of every offer's kind, aligned with ``offers``: ``K1``, ``K2`` ... in the order of their first offers."""
    serving = effects[effects["effect"].gt(0)]
    unit = dict(zip(offers["offer_id"], offers["unit"], strict=True))
    serving = serving[serving["offer_id"].isin(list(unit))]
    need_of_unit = serving["need_id"] + "\x1f" + serving["offer_id"].map(unit)
    ids = pd.Index(offers["offer_id"].unique())
    joined = _joined(np.arange(len(ids)), ids.get_indexer(pd.Index(serving["offer_id"])), need_of_unit)
    first = pd.factorize(joined[ids.get_indexer(pd.Index(offers["offer_id"]))])[0]
    return pd.Series([f"K{number + 1}" for number in first], index=offers.index, dtype="str")


def _joined(group: NDArray[np.int64], member: NDArray[np.int64], tie: pd.Series) -> NDArray[np.int64]:
    """The least number of every member's component, where members with the same ``tie`` belong together."""
    group = group.copy()
    ties = pd.factorize(tie)[0]
    while True:
        least = pd.Series(group[member]).groupby(ties).transform("min").to_numpy()
        lower = group.copy()
        np.minimum.at(lower, member, least)
        if np.array_equal(lower, group):
            return group
        group = lower
