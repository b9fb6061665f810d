"""Crossed: what plans do, by two of the dimensions at once: who serves which need, which money reaches which space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from allocate.analyses.comparison.gains import DIMENSIONS, group_names, labels_of
from allocate.errors import UsageError
from allocate.results.ledger import ledger
from allocate.session import Session

# Need units/year, EUR/year.
MEASURES = ("covered", "cost_eur", "supply", "wanted_reserve", "duplication")


def crossed(session: Session, scenario_ids: Sequence[str], rows: str, columns: str, measure: str) -> pd.DataFrame:
    """One of ``MEASURES``, summed over every pair of groups of two ``DIMENSIONS``, for each scenario that has a plan.

    Columns ``scenario_id, row_id, row, column_id, column, value``: every pair that any of the plans knows stands for
    each of them, 0 where nothing is done; ids and names are blank for what belongs to no group. All values of a
    scenario together are its sum of the measure. Raises ``UsageError`` (question-unknown) and as ``Session.run``.
    """
    for name, known in ((rows, DIMENSIONS), (columns, DIMENSIONS), (measure, MEASURES)):
        if name not in known:
            raise UsageError("question-unknown", question=name, known=", ".join(known))
    sums = {}
    for id in dict.fromkeys(scenario_ids):
        plan = session.run(id)
        if plan.has_plan:
            compiled = session.compiled(id)
            entries = ledger(compiled.town, plan)
            groups = labels_of(entries, compiled.variant.case)
            pairs = pd.DataFrame(
                {"row_id": groups[rows], "column_id": groups[columns], "value": entries[measure].to_numpy()}
            )
            sums[id] = pairs.groupby(["row_id", "column_id"])["value"].sum()
    if not sums:
        return pd.DataFrame(columns=["scenario_id", "row_id", "row", "column_id", "column", "value"])
    table = pd.concat(sums, axis=1).fillna(0.0).sort_index()
    long = table.reset_index().melt(["row_id", "column_id"], var_name="scenario_id", value_name="value")
    for side, dimension in (("row", rows), ("column", columns)):
        names = group_names(session.case, dimension)
        long[side] = [names.get(id, "") or id for id in long[f"{side}_id"].tolist()]
    return long[["scenario_id", "row_id", "row", "column_id", "column", "value"]]


def offers_crossed(session: Session, scenario_id: str, groups: Mapping[str, str]) -> pd.DataFrame:
    """The offers that a value of ``crossed`` is the sum of: ``offer_id`` and every one of ``MEASURES``.

    ``groups``: by dimension the id of the group, blank for what belongs to none; of no dimension it is the whole plan.
    Raises ``UsageError`` (question-unknown) and as ``Session.run``.
    """
    for name in groups:
        if name not in DIMENSIONS:
            raise UsageError("question-unknown", question=name, known=", ".join(DIMENSIONS))
    compiled = session.compiled(scenario_id)
    entries = ledger(compiled.town, session.run(scenario_id))
    labels = labels_of(entries, compiled.variant.case)
    own = np.logical_and.reduce([labels[name] == id for name, id in groups.items()]) if groups else slice(None)
    return entries[own].groupby("offer_id", sort=False)[list(MEASURES)].sum().reset_index()
