"""Where money comes from and where it goes to: bars of both sides on one scale."""

from __future__ import annotations

import pandas as pd

from allocate.report.columns import said
from allocate.report.pictures.bars import Bars, bars, said_rows
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import say


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
        words.append(said_rows(rows, "amount_eur", lang) or say("money-none", lang))
    text = say("money-text", lang, releases=words[0], uses=words[1])
    return bars(parts, key=key, title=title or say("money-title", lang), text=text, axis_kind="euro", lang=lang)


def _named_kinds(table: pd.DataFrame, side: str, lang: str) -> tuple[list[str], list[str]]:
    """``Youth club`` of an offer, ``Town`` with the ending `` (unspent)`` of a pot; the kind where nothing is named."""
    names, endings = [], []
    for row in table.to_dict("records"):
        name, kind = str(row[f"{side}_name"]) or str(row[f"{side}_id"]), str(row[f"{side}_kind"])
        offer = kind in {"released", "raised"} and name
        names.append(name or said(kind, lang))
        endings.append("" if offer or not name else f" ({said(kind, lang)})")
    return names, endings
