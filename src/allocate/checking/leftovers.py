"""Rules about what was forgotten: rows of the template, duties without a floor, amounts in another unit."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from allocate.checking.values import LARGEST
from allocate.inputs import dictionary
from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.in_places import is_in_places
from allocate.inputs.inspection import Inspection, among
from allocate.inputs.numerals import plain_number
from allocate.inputs.workbook.example import ENGLISH, as_written, example_town
from allocate.language import LANGUAGES
from allocate.town.places import ENFORCED_KINDS

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
    key = dictionary.table(table).key[0]
    places: dict[str, list[int]] = {}
    for at, id in enumerate(frame[key].tolist()):
        places.setdefault(id, []).append(at)
    same = np.zeros(len(frame), dtype=bool)
    if not places.keys() & {row[name] for row in as_written(table) for name in (key, f"{key}{ENGLISH}") if name in row}:
        return pd.Series(same, index=frame.index)
    for row in _template_rows(table):
        for at in places.get(str(row[key]), ()):
            cells = frame.iloc[at]
            same[at] |= all(cells[name] == value for name, value in row.items())
    return pd.Series(same, index=frame.index)


@cache
def _template_rows(table: str) -> tuple[dict[str, str | float], ...]:
    """What the template's rows say, in both languages, numbers as numbers; a blank or yes/no cell tells nothing."""
    rows = []
    for lang in LANGUAGES:
        for written in example_town(lang)[table]:
            told: dict[str, str | float] = {}
            for column in dictionary.table(table):
                text = written.get(column.name, "")
                if text and not column.is_boolean:
                    told[column.name] = plain_number(text) if column.is_numeric else text
            rows.append(told)
    return tuple(rows)


def check_duties(inspection: Inspection) -> None:
    """A mandatory need that no binding floor holds may be cut to nothing by a proposal."""
    needs, floors = inspection.table("needs"), inspection.table("floors")
    held = floors.loc[floors["kind"].isin(ENFORCED_KINDS) & floors["min_coverage"].gt(0), "need_id"]
    open_duty = needs["duty"].eq("mandatory") & ~among(needs["need_id"], held)
    inspection.flag("duty-without-floor", "needs", "duty", open_duty, severity=WARNING, need=needs["need_id"])


def check_thousands(inspection: Inspection) -> None:
    """All pots together against what the offers cost: a hundred times apart is another unit; said once."""
    offers, pots = inspection.table("offers"), inspection.table("pots")
    money = float(pots["amount"].sum())
    if not 0 < money < LARGEST or offers.empty or is_in_places(inspection.case):
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
