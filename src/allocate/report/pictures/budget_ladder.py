"""What a smaller or larger budget covers: a bar for each budget."""

from __future__ import annotations

import pandas as pd

from allocate.report.columns import said
from allocate.report.pictures.bars import Bars, bars, said_rows
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import cells, say


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
    text = say("ladder-text", lang, items=said_rows(table, "weighted_coverage", lang, missing="infeasible"))
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
