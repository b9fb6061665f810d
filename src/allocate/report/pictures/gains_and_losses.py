"""Who gains and who loses: a bar for each space, need or provider, from a line to the left or right."""

from __future__ import annotations

import pandas as pd

from allocate.report.pictures.bars import MOST_ROWS, Bars, bars, said_rows
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import say
from allocate.results.columns import unit_of

MONEY = ("provider", "department", "duty")
# What counts as no change of a measure.
_NOTHING = {"coverage_change": 5e-4, "covered_change": 1e-6, "change_eur": 0.005}


def gains_and_losses(
    gains: pd.DataFrame, *, by: str, key: str, lang: str, measure: str = "", title: str = ""
) -> Picture:
    """Who gains and who loses under one scenario, as bars from a line.

    ``gains``: rows of one scenario of ``Comparison.gains`` (columns ``by, id, name``, the measure and, where numbers
    may not be published, ``withheld``). ``measure``: ``coverage_change`` (share; the default where a group has
    needs), ``covered_change`` (need units/year) or ``change_eur`` (EUR/year; the default of providers and departments).
    """
    measure = measure or ("change_eur" if by in MONEY else "coverage_change")
    rows = gains[gains["by"] == by]
    name = rows["name"].where(rows["name"].astype(str) != "", rows["id"])
    value = _published(rows, measure)
    table = pd.DataFrame({"name": name.where(name.astype(str) != "", say("nothing-named", lang)), "value": value})
    table["less"] = table["value"] < 0
    table = table.sort_values("value", ascending=False, kind="stable", na_position="last", ignore_index=True)
    noise, axis = _NOTHING[measure], unit_of(measure).base
    kind, said_of = measure, say(f"gains-of-{axis}", lang)
    text = say(
        "gains-text",
        lang,
        measure=said_of,
        gain=int((table["value"] > noise).sum()),
        lose=int((table["value"] < -noise).sum()),
        same=int((table["value"].abs() <= noise).sum()),
        items=said_rows(table, kind, lang) or say("nothing-to-say", lang),
    )
    # Rows in which nothing happens are left out of the picture where they would hide those in which something does.
    moved = table[~(table["value"].abs() <= noise)]
    drawn = moved if moved.empty or len(table) > MOST_ROWS else table
    return bars(
        [Bars(said_of, drawn, kind, say("gains-none", lang) if len(table) else "")],
        key=key,
        title=title or say(f"gains-title-{by}", lang),
        text=text,
        axis_kind=axis,
        lang=lang,
    )


def _published(rows: pd.DataFrame, measure: str) -> pd.Series:
    value = rows[measure].astype(float)
    return value.mask(rows["withheld"].astype(bool)) if "withheld" in rows.columns else value
