"""Merging and moving offers.

The merged offer takes over the capacities, contracts, money and users of the others, which close. What a capacity unit
costs and covers is the mean of theirs by today's capacity, so that merging alone changes neither money nor coverage
today: what it is hoped to change is a change of its own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.case import LIST_SEPARATOR, split_list
from allocate.inputs.scenario.closing import close
from allocate.inputs.scenario.draft import Draft, Refused, RowChange
from allocate.inputs.scenario.moving import moved, places
from allocate.plain import Record

_SUMS = ("max_capacity", "committed_capacity", "baseline_capacity", "fixed_cost", "opening_cost", "closing_cost")
_MEANS = ("unit_cost", "variable_unit_cost", "posts_per_unit", "own_share")


def move(draft: Draft, one: RowChange) -> None:
    """Offers to another space, with what is true of how they reach it."""
    if one.table != "offers":
        raise Refused("change-how-table", "table", table=one.table)
    for label in one.labels:
        id = draft.key("offers", label)
        if one.value not in places(draft.tables, id):
            raise Refused("change-move-nowhere", id=id)
        for table, key, column, text in moved(draft.tables, id, one.value):
            names = ("offer_id", "space_id") if table == "reach" else ("offer_id",)
            row = draft.where(table, **dict(zip(names, key.split("|"), strict=True)))[0]
            # A blank cell of reach means no limit of its own.
            draft.set(one.at, table, row, column, text if table == "offers" else float(text or "nan"))


def merge(draft: Draft, one: RowChange) -> None:
    """Offers into one of them or another one; the offers of providers under another provider."""
    if one.table not in ("offers", "providers"):
        raise Refused("change-how-table", "table", table=one.table)
    key = "offer_id" if one.table == "offers" else "provider_id"
    into = draft.where(one.table, **{key: one.value})
    if not into:
        raise Refused("change-merge-into", table=one.table)
    if one.table == "providers":
        gone = {draft.key("providers", label) for label in one.labels}
        frame = draft.tables["offers"]
        for label in frame.index[frame["provider_id"].isin(gone)]:
            draft.set(one.at, "offers", int(label), "provider_id", one.value)
        return
    others = [label for label in one.labels if label != into[0]]
    if not others:
        raise Refused("change-merge-alone", "key")
    _merge_offers(draft, one.at, into[0], others)


def _merge_offers(draft: Draft, change: int, into: int, others: list[int]) -> None:
    rows = [draft.row("offers", label) for label in (into, *others)]
    ids = [str(row["offer_id"]) for row in rows]
    weight = _weights(rows)
    users = _users(draft, rows)
    for column in (*_SUMS, *_MEANS):
        values = np.array([float(str(row.get(column, "nan"))) for row in rows])
        if np.isnan(values).all():
            continue
        known = np.nan_to_num(values)
        draft.set(change, "offers", into, column, float(known.sum() if column in _SUMS else known @ weight))
    draft.set(change, "offers", into, "contract_end", max(str(row["contract_end"]) for row in rows))
    draft.set(change, "offers", into, "notice_months", float(np.fmax.reduce(_floats(rows, "notice_months"))))
    _effects(draft, change, ids, weight)
    _reach(draft, change, ids, users, weight)
    _payers(draft, change, ids)
    for label in others:
        close(draft, change, label)
        draft.set(change, "offers", label, "baseline_capacity", 0.0)


def _floats(rows: list[Record], column: str) -> list[float]:
    return [float(str(row[column])) for row in rows]


def _weights(rows: list[Record]) -> np.ndarray:
    """The part of each offer, by today's capacity, else by the greatest one."""
    for column in ("baseline_capacity", "max_capacity"):
        size = np.nan_to_num(np.array(_floats(rows, column)))
        if size.sum() > 0:
            return np.asarray(size / size.sum())
    return np.full(len(rows), 1.0 / len(rows))


def _effects(draft: Draft, change: int, ids: list[str], weight: np.ndarray) -> None:
    """Every need with the mean effect; an offer without one for it counts with none."""
    needs = dict.fromkeys(
        need for id in ids for label in draft.where("effects", offer_id=id)
        for need in [str(draft.row("effects", label)["need_id"])]
    )  # fmt: skip
    for need in needs:
        found = [draft.where("effects", offer_id=id, need_id=need) for id in ids]
        size = [float(str(draft.row("effects", one[0])["effect"])) if one else 0.0 for one in found]
        effect = float(np.array(size) @ weight)
        if found[0]:
            draft.set(change, "effects", found[0][0], "effect", effect)
        else:
            like = next(one[0] for one in found if one)
            draft.add(change, "effects", {**draft.row("effects", like), "offer_id": ids[0], "effect": effect})


def _users(draft: Draft, rows: list[Record]) -> list[dict[str, Record]]:
    """For every offer the rows of the spaces that it reaches; as they would be written where none are."""
    found = []
    for row in rows:
        own = [draft.row("reach", label) for label in draft.where("reach", offer_id=str(row["offer_id"]))]
        found.append({str(one["space_id"]): one for one in own} if own else unwritten(draft, row))
    return found


def _reach(draft: Draft, change: int, ids: list[str], users: list[dict[str, Record]], weight: np.ndarray) -> None:
    """The merged offer reaches what any of them reaches, today with all their users."""
    spaces = list(dict.fromkeys(space for one in users for space in one))
    if len(spaces) == len(users[0]) and not any(draft.where("reach", offer_id=id) for id in ids):
        return
    for space in spaces:
        rows = [(one[space], part) for one, part in zip(users, weight, strict=True) if space in one]
        size = np.array([part for _, part in rows])
        size = size / size.sum() if size.sum() > 0 else np.full(len(rows), 1.0 / len(rows))
        number = {name: np.array(_floats([row for row, _ in rows], name)) for name in _NUMBERS}
        cells: Record = {
            "access": float(number["access"] @ size),
            "max_capacity": float(number["max_capacity"].sum()),
            "baseline_capacity": float(np.nan_to_num(number["baseline_capacity"]).sum()),
            "min_use_share": float(number["min_use_share"] @ [part for _, part in rows]),
            "max_use_share": 1.0
            if (number["max_use_share"] >= 1).all()
            else float(min(1.0, number["max_use_share"] @ [part for _, part in rows])),
        }
        there = draft.where("reach", offer_id=ids[0], space_id=space)
        if there:
            for column, value in cells.items():
                draft.set(change, "reach", there[0], column, value)
        else:
            draft.add(change, "reach", {"offer_id": ids[0], "space_id": space, **cells})


_NUMBERS = ("access", "max_capacity", "baseline_capacity", "min_use_share", "max_use_share")


def _payers(draft: Draft, change: int, ids: list[str]) -> None:
    """What pots pay today goes with the offers; a pot that may pay for one of them may pay for the merged one."""
    for id in ids[1:]:
        for label in draft.where("baseline_funding", offer_id=id):
            row = draft.row("baseline_funding", label)
            there = draft.where("baseline_funding", offer_id=ids[0], pot_id=str(row["pot_id"]))
            if there:
                amount = float(str(draft.row("baseline_funding", there[0])["amount"])) + float(str(row["amount"]))
                draft.set(change, "baseline_funding", there[0], "amount", amount)
            else:
                draft.add(change, "baseline_funding", {**row, "offer_id": ids[0]})
            draft.drop(change, "baseline_funding", [label])
        for table in ("eligibility", "cofinancing"):
            for label in draft.where(table, offer_id=id):
                row = draft.row(table, label)
                known = draft.where(table, offer_id=ids[0], pot_id=str(row["pot_id"]))
                if not known and row.get("allowed", True):
                    draft.add(change, table, {**row, "offer_id": ids[0]})
    for table in ("pots", "plurality"):
        for label in [int(one) for one in draft.tables[table].index]:
            members = split_list(str(draft.row(table, label)["offers"]))
            if not set(members).isdisjoint(ids[1:]) and ids[0] not in members:
                draft.set(change, table, label, "offers", LIST_SEPARATOR.join([*members, ids[0]]))


def with_reach(draft: Draft, had_reach: bool) -> None:
    """Rows of reach for the offers that have none and need some; ``had_reach``: whether there was a table before.

    Without a table of reach an offer serves the space it stands in, or all of them. The first row of that table ends
    this for every offer, so that a step which writes it writes the rest too; and a new offer of a town that has one
    serves what it would serve without, where the step does not say more.
    """
    added = draft.added("reach") or draft.added("offers")
    if draft.tables["reach"].empty or not added:
        return
    new, first = draft.added("offers"), min(added.values())
    reach = draft.tables["reach"]
    for label in [int(one) for one in draft.tables["offers"].index]:
        row = draft.row("offers", label)
        known = set(reach.loc[reach["offer_id"].eq(str(row["offer_id"])), "space_id"])
        if (had_reach and label not in new) or (known and label in new):
            continue
        for space, cells in unwritten(draft, row).items():
            if space not in known:
                whole = {"offer_id": row["offer_id"], "space_id": space, **cells}
                draft.add(new.get(label, first), "reach", whole)


def unwritten(draft: Draft, row: Record) -> dict[str, Record]:
    """An offer without rows of reach serves the space it stands in, or all of them, today in proportion to demand."""
    home, today = str(row["home_space_id"]), float(str(row["baseline_capacity"]))
    ids = [home] if home else draft.ids("spaces", "space_id")
    demand = draft.tables["demand"].groupby("space_id")["demand"].sum().reindex(ids, fill_value=0.0)
    share = demand / demand.sum() if demand.sum() > 0 else pd.Series(1.0 / len(ids), index=ids)
    default = {"access": 1.0, "max_capacity": np.nan, "min_use_share": 0.0, "max_use_share": 1.0}
    return {id: {**default, "baseline_capacity": today * float(share[id])} for id in ids}
