"""Ledger: the money that a case knows, one row for each recipient, purpose and payer, whatever table it stands in.

The table ``grants`` where there is one; else who pays today's offers (``baseline_funding``), with their provider, their
contract and their duty. Amounts by year:

    amount(row, y) = amount * (months of y in which it runs) / 12      a row without a year
                   = amount, in its own year alone                     a row with a year

A row without a year holds for all years but those of which a row with the same grant and payer says its own amount. A
month counts where the grant runs on its 15th (``allocate.inputs.months``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.months import MONTHS, first_month, last_month, months_in
from allocate.inputs.names import names_of
from allocate.inputs.years import plan_year
from allocate.results.columns import Columns
from allocate.town.arrays import Floats
from allocate.town.facts import OfferFacts, PotFacts

COLUMNS = Columns(
    "grant_id", "payer", "year", "recipient", "purpose", "amount", "starts", "ends", "department", "product", "duty",
    "legal_basis",
)  # fmt: skip
TRACE = 0.005  # EUR; less is rounding
# How a purpose is shared: several get paid for it, several pay for it, or both.
SEVERAL_RECIPIENTS, SEVERAL_PAYERS, BOTH = "several_recipients", "several_payers", "several_both"
GRANTS, FUNDING = "grants", "baseline_funding"
# So many years are shown at most.
MOST_YEARS = 12


def ledger(case: Case) -> pd.DataFrame:
    """The rows (``COLUMNS``), amounts in EUR/year; ``year`` NaN where a row holds for its whole period.

    Raises ``UsageError`` ``no-grants`` for a case that names no payment at all.
    """
    if len(case[GRANTS]):
        table = case[GRANTS].rename(columns={"department_id": "department"})
        return table.reindex(columns=list(COLUMNS)).reset_index(drop=True)
    if len(case[FUNDING]) and not (case[FUNDING].index < 1).all():
        return _of_offers(case)
    raise UsageError("no-grants", place=str(case.path))


def _of_offers(case: Case) -> pd.DataFrame:
    """Today's payments as a list: the provider is the recipient, the offer the purpose, its contract the period."""
    offers, pots, provider = OfferFacts(case), PotFacts(case), names_of(case, "provider_id", "de")
    paid = case[FUNDING]
    paid = paid[paid["amount"].gt(0) & paid["offer_id"].isin(offers.ids) & paid["pot_id"].isin(pots.ids)]
    offer, pot = paid["offer_id"], paid["pot_id"]
    pairs = zip(offers.of(offers.provider_id, offer).tolist(), offer.tolist(), strict=True)
    return pd.DataFrame(
        {
            "grant_id": offer.tolist(),
            "payer": pots.of(pots.name, pot),
            "year": np.nan,
            "recipient": [provider.get(id, id) or own for id, own in pairs],
            "purpose": offers.of(offers.name, offer),
            "amount": paid["amount"].to_numpy(np.float64),
            "starts": "",
            "ends": offers.of(offers.contract_end, offer),
            "department": offers.of(offers.department_id, offer),
            "product": pots.of(pots.budget_product, pot),
            "duty": offers.of(offers.duty, offer),
            "legal_basis": "",
        },
        columns=list(COLUMNS),
    )


def years_of(case: Case, rows: pd.DataFrame) -> list[int]:
    """The years that the list speaks of: from the year planned, or the first it names, to the one after its last end.

    Empty where it names none and none is planned.
    """
    last = np.floor(last_month(rows["ends"]) / MONTHS)
    named = np.concatenate([rows["year"].to_numpy(np.float64), np.floor(first_month(rows["starts"]) / MONTHS)])
    named, last = named[np.isfinite(named)], last[np.isfinite(last)]
    planned = plan_year(case)
    if planned is not None:
        begin = planned
    elif len(named):
        begin = int(named.min())
    elif len(last):
        begin = int(last.min())
    else:
        return []
    stated = rows["year"].to_numpy(np.float64)
    stated = stated[np.isfinite(stated)]
    end = max([begin, *(int(year) + 1 for year in last), *(int(year) for year in stated)])
    return list(range(begin, min(end, begin + MOST_YEARS - 1) + 1))


def by_year(rows: pd.DataFrame, years: list[int]) -> Floats:
    """EUR of every row in every year: rows x years; of a list that names no year, its amounts in one column."""
    amount = rows["amount"].to_numpy(np.float64)
    if not years:
        return amount[:, None].copy()
    first = np.nan_to_num(first_month(rows["starts"]), nan=-np.inf)[:, None]
    last = np.nan_to_num(last_month(rows["ends"]), nan=np.inf)[:, None]
    stated = rows["year"].to_numpy(np.float64)
    pair = pd.MultiIndex.from_frame(rows[["grant_id", "payer"]])
    paid = np.zeros((len(rows), len(years)))
    for place, year in enumerate(years):
        months = months_in(year)[None, :]
        part = ((months >= first) & (months <= last)).sum(axis=1) / MONTHS
        said = pair.isin(pair[stated == year])
        paid[:, place] = np.where(np.isnan(stated), np.where(said, 0.0, amount * part), amount * (stated == year))
    return paid


def ends_of(rows: pd.DataFrame) -> pd.Series:
    """The last day of every row as ISO text: its end, or of amounts stated by year the end of the last; else blank.

    Where a row without a year goes on beside stated years, its own end counts for the grant.
    """
    key = [rows["grant_id"], rows["payer"]]
    last = rows["year"].groupby(key).transform("max")
    goes_on = rows["year"].isna().groupby(key).transform("any")
    stated = last.map(lambda year: "" if np.isnan(year) else f"{int(year)}-12-31")
    return rows["ends"].where(rows["ends"].ne("") | goes_on, stated)
