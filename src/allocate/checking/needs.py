"""Rules about spaces, needs, demand and what a covered unit is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.inspection import Inspection, among

ROUNDING = 1e-9  # shares are written with a few digits; a gap smaller than this is none


def check_demand(inspection: Inspection) -> None:
    """A demand for every space and need, somebody who serves it, and something that counts."""
    needs, demand, effects = (inspection.table(name) for name in ("needs", "demand", "effects"))
    served = effects.loc[effects["effect"].gt(0), "need_id"]
    inspection.flag("need-without-offer", "needs", "need_id", ~among(needs["need_id"], served), severity=WARNING)
    total = demand.groupby("need_id", sort=False)["demand"].sum()
    wanted = set(total[total.gt(0)].index)
    idle = ~needs["need_id"].isin(list(wanted))
    inspection.flag("need-without-demand", "needs", "need_id", idle, severity=WARNING)
    nobody = among(effects["need_id"], needs.loc[idle, "need_id"])
    inspection.flag("effect-without-demand", "effects", "need_id", nobody, severity=NOTE)
    people = demand.loc[demand["demand"].gt(0), "space_id"]
    spaces = inspection.table("spaces")
    empty = ~among(spaces["space_id"], people)
    inspection.flag("space-without-demand", "spaces", "space_id", empty, severity=WARNING)
    _missing_pairs(inspection, spaces, needs, demand)


def _missing_pairs(inspection: Inspection, spaces: pd.DataFrame, needs: pd.DataFrame, demand: pd.DataFrame) -> None:
    """Pairs of a space and a need without a demand row; no row counts as no demand."""
    space_ids = pd.Index(spaces["space_id"].unique())
    need_ids = pd.Index(needs["need_id"].unique())
    space, need = space_ids.get_indexer(demand["space_id"]), need_ids.get_indexer(demand["need_id"])
    known = (space >= 0) & (need >= 0)
    given = np.zeros((len(space_ids), len(need_ids)), dtype=bool)
    given[space[known], need[known]] = True
    missing = np.argwhere(~given)
    if len(missing):
        inspection.found.add_many(
            "demand-missing",
            inspection.source("demand"),
            severity=WARNING,
            rows=[None] * len(missing),
            column="demand",
            space=space_ids[missing[:, 0]].tolist(),
            need=need_ids[missing[:, 1]].tolist(),
        )


def check_worth(inspection: Inspection) -> None:
    """Weights of spaces, needs and weight sets: something must count, and every need must have its say."""
    needs, sets = inspection.table("needs"), inspection.table("weight_sets")
    for table in ("needs", "spaces"):
        weights = inspection.table(table)["weight"]
        if len(weights) and not weights.gt(0).any():
            inspection.note("weights-all-zero", table, column="weight")
        elif len(weights):
            inspection.flag("weight-zero", table, "weight", weights.eq(0), severity=NOTE)
    for name, rows in sets.groupby("weight_set", sort=False):
        silent = needs.loc[~among(needs["need_id"], rows["need_id"]), "need_id"]
        if len(silent):
            inspection.found.add(
                "weight-set-incomplete",
                inspection.source("weight_sets"),
                severity=WARNING,
                row=int(rows.index[0]),
                column="need_id",
                value=name,
                needs=", ".join(silent),
            )
        if not rows["weight"].gt(0).any():
            inspection.found.add(
                "weight-set-all-zero", inspection.source("weight_sets"), row=int(rows.index[0]), value=name
            )


def check_segments(inspection: Inspection) -> None:
    """Segments must run from 0 to 1 without gap or overlap, and must not grow in worth (else the plan is no LP)."""
    table = inspection.table("segments")
    if table.empty:
        return
    starts, stops, worth = (table[name].to_numpy(np.float64) for name in ("from", "to", "value"))
    inspection.flag("segment-empty", "segments", "to", stops <= starts)
    order = np.argsort(starts, kind="stable")
    back = np.argsort(order)
    before = np.concatenate([[0.0], stops[order][:-1]])[back]
    inspection.flag("segment-gap", "segments", "from", np.abs(starts - before) > ROUNDING, expected=before)
    ends = (back == len(order) - 1) & (np.abs(stops - 1) > ROUNDING)
    inspection.flag("segment-end", "segments", "to", ends)
    earlier = np.concatenate([[np.inf], worth[order][:-1]])[back]
    inspection.flag("segment-rising", "segments", "value", worth > earlier + ROUNDING, before=earlier)


def check_floors(inspection: Inspection) -> None:
    """Floors by themselves: each says something, and no two of one set say two things."""
    floors = inspection.table("floors")
    zero = floors["min_coverage"].eq(0)
    inspection.flag("floor-zero", "floors", "min_coverage", zero, severity=NOTE)
    # A target beside a binding floor is ordinary; two of one sort are not.
    target = floors["kind"].eq("target").rename("target")
    same = pd.concat([floors[["floor_set", "scope", "scope_id", "need_id"]], target], axis=1)
    again = same.duplicated()
    if again.any():
        other = floors["floor_id"].groupby([same[name] for name in same.columns]).transform("first")
        inspection.flag("floor-twice", "floors", "need_id", again, severity=WARNING, other=other)
    demand = inspection.table("demand")
    wanted = demand.loc[demand["demand"].gt(0), "need_id"]
    idle = ~among(floors["need_id"], wanted) & among(floors["need_id"], inspection.table("needs")["need_id"])
    inspection.flag("floor-without-demand", "floors", "need_id", idle, severity=NOTE)
    inspection.flag("floor-without-kind", "floors", "kind", floors["kind"].eq(""), severity=WARNING)
    used = inspection.table("scenarios")["floor_sets"].str.split(";", regex=False).explode()
    unused = ~among(floors["floor_set"], used)
    inspection.flag("floor-set-unused", "floors", "floor_set", unused, severity=NOTE)
