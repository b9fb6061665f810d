"""The value of a year: the one place that says what holds in the year planned, where tables state it by year.

    amount[b](y)    = the last amount that pot_years states up to y, grown by pot_growth since that year;
                      before the first stated year what the table pots says
    committed[o](y) = the larger of offers.committed_capacity and the last min_capacity that commitments states up to y;
                      what is stated for an earlier year goes on until the contract has ended
    demand[s,n](y)  = the last demand that demand_years states up to y, else that of the table demand
    u[o](y)         = the last unit_cost that offer_years states up to y, grown by cost_growth since that year
    cap[o](y)       = the last max_capacity that offer_years states up to y, for the months in which the offer is there

The year planned is the parameter ``plan_year``, which a scenario may change. Without it these tables say nothing.
What is not stated by year, costs and amounts, is that of the year planned whatever it is; it grows after it
(``allocate.inputs.scenario.in_year``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.inputs.case import Case
from allocate.inputs.months import MONTHS, months_there
from allocate.inputs.names import TABLES

type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]

YEAR_TABLES = ("pot_years", "commitments", "demand_years", "offer_years")
# The columns of offers that decide what holds in the year planned.
DATES = ("available_from", "available_until")


def plan_year(case: Case) -> int | None:
    """The year that is planned, None where the town names none."""
    year = float(pd.to_numeric(case.parameter("plan_year"), errors="coerce"))
    return int(year) if np.isfinite(year) else None


def growth(case: Case, parameter: str) -> float:
    """``cost_growth`` or ``pot_growth``, share per year; 0 where it is blank."""
    return case.number(parameter, otherwise=0.0)


def in_plan_year(case: Case) -> Case:
    """The case with the values of its plan year in the tables ``pots``, ``offers`` and ``demand``; kept with it."""
    year = plan_year(case)
    if year is None:
        return case
    if case._in_year is None:
        object.__setattr__(case, "_in_year", _in_year(case, year))
    return case._in_year or case


def _in_year(case: Case, year: int) -> Case | None:
    tables = {}
    if len(case["pot_years"]):
        tables["pots"] = case["pots"].assign(amount=amounts(case, year))
    offers = case["offers"]
    if len(case["commitments"]):
        offers = offers.assign(committed_capacity=committed(case, year))
    if len(case["offer_years"]):
        offers = offers.assign(unit_cost=unit_costs(case, year))
    there = months_of(case, year)
    if len(case["offer_years"]) or not there.all():
        most = capacities(case, year) * there.mean(axis=1)
        # A contract cannot bind what is not there.
        bound = np.where(there.all(axis=1), offers["committed_capacity"], np.fmin(offers["committed_capacity"], most))
        offers = offers.assign(max_capacity=most, committed_capacity=bound)
    if offers is not case["offers"]:
        tables["offers"] = offers
    if len(case["demand_years"]):
        tables["demand"] = demanded(case, year)
    return case._unchecked(**tables) if tables else None


def demanded(case: Case, year: int) -> pd.DataFrame:
    """The table ``demand`` of a year; what only ``demand_years`` names is added behind its rows."""
    table, stated = case["demand"], case["demand_years"]
    key = ["space_id", "need_id"]
    known = stated[stated["year"].le(year)].sort_values("year", kind="stable").drop_duplicates(key, keep="last")
    cells, named = (list(zip(*(one[name].tolist() for name in key), strict=True)) for one in (table, known))
    of_year = dict(zip(named, known["demand"].tolist(), strict=True))
    found = np.array([of_year.get(cell, np.nan) for cell in cells], dtype=np.float64)
    held = table.assign(demand=np.where(np.isnan(found), table["demand"].to_numpy(np.float64), found))
    there = set(cells)
    new = known[[cell not in there for cell in named]]
    if new.empty:
        return held
    blank = {name: "" for name, kind in table.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)}
    rows = pd.DataFrame(blank, index=range(-len(new), 0)).assign(
        **{name: new[name].to_numpy() for name in (*key, "demand")}
    )
    return pd.concat([held, rows.reindex(columns=table.columns).astype(table.dtypes)])


def unit_costs(case: Case, year: int) -> Floats:
    """EUR per capacity unit of every offer in a year, in the order of ``offers``; its own cost where none is stated."""
    stated = stated_cost(case, year)
    cost: Floats = np.where(np.isnan(stated), case["offers"]["unit_cost"].to_numpy(np.float64), stated)
    return cost


def stated_cost(case: Case, year: int) -> Floats:
    """The unit cost that ``offer_years`` states up to a year, gone on with growth; NaN where it states none."""
    table = case["offer_years"]
    stated, since = _last_stated(table[table["unit_cost"].notna()], "unit_cost", case["offers"]["offer_id"], year)
    cost: Floats = stated * (1.0 + growth(case, "cost_growth")) ** (year - since)
    return cost


def capacities(case: Case, year: int) -> Floats:
    """The greatest capacity of every offer while it is there, in the order of the table ``offers``."""
    offers, table = case["offers"], case["offer_years"]
    stated, _ = _last_stated(table[table["max_capacity"].notna()], "max_capacity", offers["offer_id"], year)
    most: Floats = np.where(np.isnan(stated), offers["max_capacity"].to_numpy(np.float64), stated)
    return most


def months_of(case: Case, year: int) -> Bools:
    """In which months of a year every offer can be there: offers x months."""
    offers, table = case["offers"], case["offer_years"]
    said, _ = _last_stated(
        table.assign(available=table["available"].astype(float)), "available", offers["offer_id"], year
    )
    there: Bools = months_there(offers, year) & ~np.repeat((said == 0)[:, None], MONTHS, axis=1)
    return there


def amounts(case: Case, year: int) -> Floats:
    """EUR of every pot in a year, in the order of the table ``pots``, whose own amounts hold where none is stated."""
    stated = stated_amounts(case, year)
    amount: Floats = np.where(np.isnan(stated), case["pots"]["amount"].to_numpy(np.float64), stated)
    return amount


def later_amounts(case: Case, today: Floats, amount: Floats, ahead: int) -> Floats:
    """EUR of every pot so many years after the year planned, in the order of the table ``pots``.

    ``amount``: what the pots hold in the year planned under a scenario; ``today``: what they would hold without its
    changes. What the scenario adds or cuts holds in every later year, stated or not, in proportion; where a pot would
    hold nothing, as an amount of its own.
    """
    grown = (1.0 + growth(case, "pot_growth")) ** ahead
    year = plan_year(case)
    expected: Floats = amount * grown
    if ahead == 0 or year is None:
        return expected
    then, held = stated_amounts(case, year + ahead), today > 0
    share = np.divide(amount, today, out=np.zeros(len(amount)), where=held)
    followed: Floats = np.where(np.isnan(then), expected, np.where(held, then * share, then + expected))
    return followed


def stated_in(case: Case, table: str, key: str, year: int) -> Bools:
    """For which pots (``key``: ``pot_id``) or offers a table by years states this very year, in their order."""
    rows = case[table]
    stated: Bools = case[TABLES[key]][key].isin(rows.loc[rows["year"].eq(year), key]).to_numpy(dtype=bool)
    return stated


def stated_commitment(case: Case, year: int) -> Floats:
    """The least capacity that ``commitments`` states up to a year, in the order of ``offers``; NaN: none."""
    stated, _ = _last_stated(case["commitments"], "min_capacity", case["offers"]["offer_id"], year)
    return stated


def committed(case: Case, year: int) -> Floats:
    """The least capacity of every offer in a year, in the order of the table ``offers``."""
    offers = case["offers"]
    stated, since = _last_stated(case["commitments"], "min_capacity", offers["offer_id"], year)
    ended = (ends_in(offers).to_numpy(np.float64) < year) & (since < year)
    bound: Floats = np.fmax(offers["committed_capacity"].to_numpy(np.float64), np.where(ended, 0.0, stated))
    return bound


def ends_in(offers: pd.DataFrame) -> pd.Series:
    """The year in which the contract of every offer ends, NaN where it does not."""
    return pd.to_numeric(offers["contract_end"].str[:4], errors="coerce")


def holds_in(table: pd.DataFrame, key: str, year: int) -> pd.Series:
    """Which rows of a table by years hold in a year: the last one of every id that is not of a later year."""
    known = table[table["year"].le(year)].sort_values("year", kind="stable")
    rows = known.index[~known.duplicated(key, keep="last")]
    return pd.Series(table.index.isin(rows), index=table.index)


def stated_amounts(case: Case, year: int) -> Floats:
    """What ``pot_years`` says of every pot in a year, the last amount gone on with growth; NaN before the first."""
    stated, since = _last_stated(case["pot_years"], "amount", case["pots"]["pot_id"], year)
    amount: Floats = stated * (1.0 + growth(case, "pot_growth")) ** (year - since)
    return amount


def _last_stated(table: pd.DataFrame, column: str, ids: pd.Series, year: int) -> tuple[Floats, Floats]:
    """The last value stated up to a year and the year it is stated for, by id; NaN where there is none."""
    years = table["year"].to_numpy(np.float64)
    values = table[column].to_numpy(np.float64)
    names = table[str(ids.name)].tolist()
    last = {names[at]: at for at in np.argsort(years, kind="stable").tolist() if years[at] <= year}
    rows = [last.get(id, -1) for id in ids.tolist()]
    found = np.array(rows, dtype=np.int64)
    return np.append(values, np.nan)[found], np.append(years, np.nan)[found]
