"""Rules about what was forgotten: rows of the template, duties without a floor, amounts in another unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.check_coverage import BINDING
from allocate.inputs.check_values import LARGEST
from allocate.inputs.example import example_town
from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.inspection import Inspection, among
from allocate.inputs.numerals import read_plain
from allocate.language import LANGUAGES

# Rows of these tables are too much a town's own to equal the template's by accident.
DISTINCT = ("spaces", "needs", "offers", "pots")
NAMED = ("providers", "departments", "themes", "regions")
# Money and cost of one town that are so many times apart are written in different units; beyond, a number is wrong.
FAR_APART = (100.0, 100_000.0)


def check_leftovers(inspection: Inspection) -> None:
    """Rows of the example that ``init`` writes, beside rows of the town; one note where all is example."""
    left = {name: _as_in_template(inspection, name) for name in (*DISTINCT, *NAMED)}
    if not any(left[name].any() for name in DISTINCT):
        return
    if all(left[name].all() for name in DISTINCT):
        inspection.note("template-untouched", "spaces", severity=NOTE)
        return
    for name, rows in left.items():
        key = dictionary.table(name).key[0]
        inspection.flag("template-row", name, key, rows, severity=WARNING)


def _as_in_template(inspection: Inspection, table: str) -> pd.Series:
    """The rows that say in every column what the template says there, in either language."""
    frame = inspection.table(table)
    same = pd.Series(False, index=frame.index)
    key = dictionary.table(table).key[0]
    for lang in LANGUAGES:
        for row in example_town(lang)[table]:
            own = frame[key].eq(row[key])
            for column in dictionary.table(table):
                if not own.any():
                    break
                text = row.get(column.name, "")
                if column.is_numeric:
                    number = read_plain(pd.Series([text], dtype="str")).iloc[0]
                    own &= frame[column.name].eq(number) if text else True
                elif text and not column.is_boolean:
                    own &= frame[column.name].eq(text)
            same |= own
    return same


def check_duties(inspection: Inspection) -> None:
    """A mandatory need that no binding floor holds may be cut to nothing by a proposal."""
    needs, floors = inspection.table("needs"), inspection.table("floors")
    held = floors.loc[floors["kind"].isin(BINDING) & floors["min_coverage"].gt(0), "need_id"]
    open_duty = needs["duty"].eq("mandatory") & ~among(needs["need_id"], held)
    inspection.flag("duty-without-floor", "needs", "duty", open_duty, severity=WARNING, need=needs["need_id"])


def check_thousands(inspection: Inspection) -> None:
    """All pots together against what the offers cost: a hundred times apart is another unit; said once."""
    offers, pots = inspection.table("offers"), inspection.table("pots")
    money = float(pots["amount"].sum())
    if not 0 < money < LARGEST or offers.empty:
        return
    today = float((offers["unit_cost"] * offers["baseline_capacity"]).sum())
    most = float((offers["unit_cost"] * offers["max_capacity"]).sum())
    row = int(pots.index[int(np.nanargmax(pots["amount"].to_numpy(np.float64)))])
    source = inspection.source("pots")
    if FAR_APART[0] <= today / money < FAR_APART[1]:
        rule, cost, times = "pots-in-thousands", today, round(today / money)
    elif most > 0 and FAR_APART[0] <= money / most < FAR_APART[1]:
        rule, cost, times = "costs-in-thousands", most, round(money / most)
    else:
        return
    inspection.found.add(rule, source, severity=WARNING, row=row, column="amount", money=money, cost=cost, times=times)
