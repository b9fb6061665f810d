"""Reach of offers that says nothing of itself: what it would say, written where a step makes that necessary.

Without a table of reach an offer serves the space it stands in, or all of them. The first row of that table ends this
for every offer, so that a step which writes it writes the rest too; and a new offer of a town with such a table serves
what it would serve without, where the step does not say more.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.scenario.draft import Draft, Row


def with_reach(draft: Draft, had_reach: bool) -> None:
    """Rows of reach for the offers that have none and need some; ``had_reach``: whether there was a table before."""
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


def unwritten(draft: Draft, row: Row) -> dict[str, Row]:
    """An offer without rows of reach serves the space it stands in, or all of them, today in proportion to demand."""
    home, today = str(row["home_space_id"]), float(str(row["baseline_capacity"]))
    ids = [home] if home else draft.ids("spaces", "space_id")
    demand = draft.tables["demand"].groupby("space_id")["demand"].sum().reindex(ids, fill_value=0.0)
    share = demand / demand.sum() if demand.sum() > 0 else pd.Series(1.0 / len(ids), index=ids)
    default = {"access": 1.0, "max_capacity": np.nan, "min_use_share": 0.0, "max_use_share": 1.0}
    return {id: {**default, "baseline_capacity": today * float(share[id])} for id in ids}
