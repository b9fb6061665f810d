"""Grants: sums of the money that a case knows, by whatever somebody may ask; no coverage is claimed.

bound(y)  = what the grants that run in y are paid in it
freed(y)  = what the grants of the first year that end by y are paid less in y than in the first year
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.grants.grant_words import sentences
from allocate.analyses.grants.ledger import (
    BOTH,
    FUNDING,
    GRANTS,
    SEVERAL_PAYERS,
    SEVERAL_RECIPIENTS,
    TRACE,
    by_year,
    ends_of,
    ledger,
    years_of,
)
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import apply
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.town.arrays import Bools, Floats

# What sums are asked by; those of ends and years are tables of their own.
GROUPS = ("payer", "recipient", "purpose", "department", "product", "duty")
DIMENSIONS = (*GROUPS, "end", "year")
NAMES = ("payer", "recipient", "purpose")
GROUP_COLUMNS = Columns(
    "by", "key", "grants", "recipients", "payers", "amount_eur", "amount_share", "bounded_eur", "last_end"
)


@dataclass(frozen=True, eq=False, repr=False)
class Grants(Told):
    """The answer of ``allocate money``; all sums in EUR.

    ``source``: the table the list comes from. ``year``: the one that sums hold for (None: the list names none).
    ``groups``: one row for each value of each dimension (``by``), the largest first, with the sum of the year, its
    share of all, the part of it with an end, and its last end. ``years``: bound, ending in the year, freed against the
    first one, without an end. ``ends``: by last day, what is paid until then, from which day it is free, and what is
    free from then on altogether. ``shared``: purposes that are paid to several recipients or by several payers, with
    the payers' shares. ``repeated``: a recipient with several grants of one payer for one purpose. ``rows``: the list
    with the amount of the year and the end of each row.
    """

    JSON: ClassVar = (
        "scenario_id", "source", "year", "total_eur", "groups", "years", "ends", "shared", "repeated", "rows",
        "messages=sentences",
    )  # fmt: skip

    case: Case = field(repr=False)
    scenario_id: str
    source: str
    year: int | None
    groups: pd.DataFrame
    years: pd.DataFrame
    ends: pd.DataFrame
    shared: pd.DataFrame
    repeated: pd.DataFrame
    rows: pd.DataFrame

    @property
    def total_eur(self) -> float:
        """The sum of the year, EUR."""
        return float(self.rows["amount_eur"].sum())

    def by(self, dimension: str) -> pd.DataFrame:
        """The sums of one dimension: rows of ``groups``, or ``ends``, or ``years``."""
        if dimension in ("end", "year"):
            return self.ends if dimension == "end" else self.years
        return self.groups[self.groups["by"] == dimension].reset_index(drop=True)

    def sentences(self, lang: str = "en") -> list[str]:
        """What the list says, in sentences."""
        return sentences(self, lang)


def grants(case: Case, scenario_id: str = "", *, year: int | None = None) -> Grants:
    """The sums of a case's list of grants, or of who pays its offers today.

    ``scenario_id``: the list as that scenario changes it (blank: as it stands). ``year``: the one that sums hold for
    (default: the first of the list). Raises ``UsageError`` for a case without payments (``no-grants``), a year that
    the list does not reach (``grants-year``) and an unknown scenario.
    """
    seen = apply(case, scenario_id).case if scenario_id else case
    rows = ledger(seen)
    years = years_of(seen, rows)
    if year is not None and year not in years:
        known = f"{years[0]}-{years[-1]}" if years else "–"
        raise UsageError("grants-year", year=str(year), known=known)
    paid = by_year(rows, years)
    at = years.index(year) if year is not None else 0
    ends = ends_of(rows)
    rows = rows.assign(amount_eur=paid[:, at], end=ends)
    running = rows[rows["amount_eur"].abs() > TRACE]
    running = running.assign(**{f"same_{name}": _same(running[name]) for name in NAMES})
    return Grants(
        case=seen,
        scenario_id=scenario_id,
        source=GRANTS if len(seen[GRANTS]) else FUNDING,
        year=years[at] if years else None,
        groups=_groups(running),
        years=_years(rows, paid, years),
        ends=_ends(running),
        shared=_shared(running),
        repeated=_repeated(running),
        rows=rows,
    )


def _groups(rows: pd.DataFrame) -> pd.DataFrame:
    """The sums of the year by every dimension."""
    total = float(rows["amount_eur"].sum())
    parts = []
    for dimension in GROUPS:
        key = f"same_{dimension}" if dimension in NAMES else dimension
        bounded = rows["amount_eur"].where(rows["end"].ne(""), 0.0)
        found = rows.assign(_bounded=bounded).groupby(key, sort=False).agg(
            key=(dimension, "first"),
            grants=("grant_id", "nunique"),
            recipients=("same_recipient", "nunique"),
            payers=("same_payer", "nunique"),
            amount_eur=("amount_eur", "sum"),
            bounded_eur=("_bounded", "sum"),
            last_end=("end", "max"),
        )  # fmt: skip
        found = found.sort_values("amount_eur", ascending=False, kind="stable").assign(by=dimension)
        parts.append(found.assign(amount_share=found["amount_eur"] / total if total else np.nan))
    return GROUP_COLUMNS.of(pd.concat(parts, ignore_index=True))


def _years(rows: pd.DataFrame, paid: Floats, years: list[int]) -> pd.DataFrame:
    """What is bound in every year, what ends in it, and what is free against the first.

    Rows of one grant and payer are one: an amount of its own for a later year is no end.
    """
    pair = rows.groupby(["grant_id", "payer"], sort=False).ngroup().to_numpy()
    paid = np.array([np.bincount(pair, column) for column in paid.T]).T
    rows = rows.assign(end=rows["end"].groupby(pair).transform("max"))
    rows = rows.iloc[np.unique(pair, return_index=True)[1]]
    last = rows["end"].str[:4]
    open_end = rows["end"].eq("").to_numpy(dtype=bool)
    found = []
    for place, year in enumerate(years):
        over: Bools = (last.ne("") & (last <= str(year))).to_numpy(dtype=bool)
        now: Bools = last.eq(str(year)).to_numpy(dtype=bool)
        running = np.abs(paid[:, place]) > TRACE
        found.append(
            {
                "year": str(year),
                "grants": int(rows.loc[running, "grant_id"].nunique()),
                "bound_eur": float(paid[:, place].sum()),
                "ending_eur": float(paid[now, place].sum()),
                "freed_eur": float(np.maximum(paid[over, 0] - paid[over, place], 0.0).sum()),
                "open_eur": float(paid[open_end, place].sum()),
            }
        )
    return Columns("year", "grants", "bound_eur", "ending_eur", "freed_eur", "open_eur").of(found)


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    """What runs until each last day, in EUR a year, and what is free from the day after; without an end last."""
    amount = np.where(rows["year"].isna(), rows["amount"], rows["amount_eur"])
    found = rows.assign(_amount=amount).groupby("end", sort=True).agg(
        grants=("grant_id", "nunique"), amount_eur=("_amount", "sum")
    )  # fmt: skip
    found = found.reset_index()
    dated = found[found["end"].ne("")]
    day_after = pd.to_datetime(dated["end"]) + pd.Timedelta(days=1)
    dated = dated.assign(free_from=day_after.dt.strftime("%Y-%m-%d"), freed_eur=dated["amount_eur"].cumsum())
    rest = found[found["end"].eq("")].assign(free_from="", freed_eur=np.nan)
    columns = ["end", "grants", "amount_eur", "free_from", "freed_eur"]
    return pd.concat([part[columns] for part in (dated, rest) if len(part)] or [dated[columns]], ignore_index=True)


def _shared(rows: pd.DataFrame) -> pd.DataFrame:
    """Purposes paid to several recipients or by several payers, the largest sum first; payers by their share."""
    found = []
    by_purpose = rows.groupby("same_purpose", sort=False)
    several = by_purpose[["same_payer", "same_recipient"]].transform("nunique").gt(1).any(axis=1)
    for _, own in rows[several & rows["same_purpose"].ne("")].groupby("same_purpose", sort=False):
        by_payer, by_recipient = (own.groupby(f"same_{name}", sort=False) for name in ("payer", "recipient"))
        payers = by_payer.agg(name=("payer", "first"), eur=("amount_eur", "sum")).sort_values(
            "eur", ascending=False, kind="stable"
        )
        recipients = by_recipient.agg(name=("recipient", "first"))
        total = float(payers["eur"].sum())
        kind = SEVERAL_PAYERS if len(recipients) < 2 else SEVERAL_RECIPIENTS if len(payers) < 2 else BOTH
        found.append(
            {
                "purpose": own["purpose"].iloc[0],
                "how_shared": kind,
                "recipients": len(recipients),
                "payers": len(payers),
                "amount_eur": total,
                "recipient_names": "; ".join(recipients["name"]),
                "payer_names": "; ".join(payers["name"]),
                "payer_shares": [float(eur) / total for eur in payers["eur"]] if total else [],
            }
        )
    columns = [
        "purpose", "how_shared", "recipients", "payers", "amount_eur", "recipient_names", "payer_names", "payer_shares",
    ]  # fmt: skip
    table = pd.DataFrame(found, columns=columns)
    return table.sort_values("amount_eur", ascending=False, kind="stable", ignore_index=True)


def _repeated(rows: pd.DataFrame) -> pd.DataFrame:
    """Recipients with several grants of one payer for one purpose."""
    key = [f"same_{name}" for name in NAMES]
    again = rows.groupby(key, sort=False)["grant_id"].transform("nunique").gt(1)
    found = rows[again & rows["same_purpose"].ne("")].groupby(key, sort=False).agg(
        recipient=("recipient", "first"), purpose=("purpose", "first"), payer=("payer", "first"),
        grants=("grant_id", "nunique"), grant_ids=("grant_id", lambda ids: "; ".join(dict.fromkeys(ids))),
        amount_eur=("amount_eur", "sum"),
    )  # fmt: skip
    return found.sort_values("amount_eur", ascending=False, kind="stable", ignore_index=True)


def _same(names: pd.Series) -> pd.Series:
    """Names without differences that do not matter: capitals and blanks."""
    return names.str.split().str.join(" ").str.casefold()
