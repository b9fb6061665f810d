"""Charts made of bars: who gains and loses, where money comes from and goes to, what a budget more or less brings.

Pure functions from the tables of the analyses to pictures; nothing is computed here but places on paper.
"""

from __future__ import annotations

import pandas as pd

from allocate.report.columns import said
from allocate.report.pictures.charts_bars import MOST_ROWS, Bars, bars
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import cells, isolated, listed, say

MONEY = ("provider", "department", "duty")
# What counts as no change of a measure, and what the axis counts.
_MEASURED = {"coverage_change": (5e-4, "share"), "covered_change": (1e-6, "units"), "change_eur": (0.005, "euro")}


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
    noise, axis = _MEASURED[measure]
    kind, said_of = measure, say(f"gains-of-{axis}", lang)
    text = say(
        "gains-text",
        lang,
        measure=said_of,
        gain=int((table["value"] > noise).sum()),
        lose=int((table["value"] < -noise).sum()),
        same=int((table["value"].abs() <= noise).sum()),
        items=_items(table, kind, lang) or say("nothing-to-say", lang),
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


def releases_and_uses(releases: pd.DataFrame, uses: pd.DataFrame, *, key: str, lang: str, title: str = "") -> Picture:
    """Where money comes from and where it goes to under one scenario, on one scale.

    ``releases``, ``uses``: rows of one scenario of ``Comparison.releases`` and ``.uses`` (kind, id, name, amount_eur;
    EUR/year).
    """
    parts, words = [], []
    for table, side in ((releases, "from"), (uses, "to")):
        names, endings = _named_kinds(table, side, lang)
        rows = pd.DataFrame(
            {
                "name": names,
                "ending": endings,
                "value": table["amount_eur"].astype(float) if len(table) else pd.Series(dtype=float),
            }
        )
        rows["less"] = side == "from"
        parts.append(Bars(say(f"money-{side}", lang), rows, "amount_eur"))
        words.append(_items(rows, "amount_eur", lang) or say("money-none", lang))
    text = say("money-text", lang, releases=words[0], uses=words[1])
    return bars(parts, key=key, title=title or say("money-title", lang), text=text, axis_kind="euro", lang=lang)


def budget_ladder(steps: pd.DataFrame, *, key: str, lang: str, title: str = "") -> Picture:
    """Weighted coverage at smaller and larger budgets (``Ladder.steps``; shares 0..1), one bar for each budget."""
    shares, budgets = cells(steps["budget_share"], "budget_share", lang), cells(steps["budget_eur"], "budget_eur", lang)
    pairs = zip(shares, budgets, strict=True)
    table = pd.DataFrame(
        {
            "name": [say("ladder-row", lang, share=share, budget=budget) for share, budget in pairs],
            "value": steps["weighted_coverage"].astype(float),
            "less": steps["budget_share"].astype(float) < 1 - 1e-9,
        }
    )
    text = say("ladder-text", lang, items=_items(table, "weighted_coverage", lang, missing="infeasible"))
    part = Bars(say("ladder-heading", lang), table, "weighted_coverage")
    return bars(
        [part],
        key=key,
        title=title or say("ladder-title", lang),
        text=text,
        axis_kind="share",
        lang=lang,
        missing=said("infeasible", lang),
    )


def _published(rows: pd.DataFrame, measure: str) -> pd.Series:
    value = rows[measure].astype(float)
    return value.mask(rows["withheld"].astype(bool)) if "withheld" in rows.columns else value


def _named_kinds(table: pd.DataFrame, side: str, lang: str) -> tuple[list[str], list[str]]:
    """``Youth club`` of an offer, ``Town`` with the ending `` (unspent)`` of a pot; the kind where nothing is named."""
    names, endings = [], []
    for row in table.to_dict("records"):
        name, kind = str(row[f"{side}_name"]) or str(row[f"{side}_id"]), str(row[f"{side}_kind"])
        offer = kind in {"released", "raised"} and name
        names.append(name or said(kind, lang))
        endings.append("" if offer or not name else f" ({said(kind, lang)})")
    return names, endings


def _items(table: pd.DataFrame, kind: str, lang: str, missing: str = "") -> str:
    """All rows in words."""
    numbers = cells(table["value"], kind, lang)
    endings = table["ending"] if "ending" in table.columns else [""] * len(table)
    absent = said(missing, lang) if missing else say("withheld", lang)
    items = [
        say("item", lang, name=f"{isolated(name)}{ending}", number=absent if pd.isna(value) else number)
        for name, ending, value, number in zip(table["name"], endings, table["value"], numbers, strict=True)
    ]
    return listed(items, lang)
