"""Which two departments should cover for each other first: every pair alone, all others as they are."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from allocate.analyses.silos.departments import Departments
from allocate.bench.worth import extra_money
from allocate.errors import CertificateError
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.solve.certify import certify
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Status
from allocate.town.arrays import Bools

COLUMNS = Columns("department_a", "department_b", "objective", "objective_gain", "extra_money_eur")


def mutual_cover(
    own: Compiled,
    open_pots: Compiled,
    owners: Departments,
    coordinated: Allocation | None,
    near: LoadedProgram,
) -> pd.DataFrame:
    """One row per pair of departments: what opening their pots to each other brings against none being open.

    ``own`` is the coordinated level and ``near`` its program in the solver, ``open_pots`` the same town with pooled
    eligibility. ``extra_money_eur`` is the money that would bring the same without mutual cover. Without a coordinated
    plan gains are NaN.
    """
    loaded = LoadedProgram(open_pots.program, near.limits)
    mine = _pairs_allowed(own, open_pots)
    rows = []
    for a, b in combinations(range(len(owners)), 2):
        found = _with_pair(open_pots, owners, loaded, mine, (a, b))
        gain = np.nan if coordinated is None or np.isnan(found) else found - coordinated.objective
        money = np.nan if np.isnan(gain) else extra_money(own, found, near.limits, near).total
        rows.append((owners.ids[a], owners.ids[b], found, gain, money))
    table = COLUMNS.of(rows)
    return table.sort_values("objective_gain", ascending=False, kind="stable", ignore_index=True)


def _pairs_allowed(own: Compiled, open_pots: Compiled) -> Bools:
    """Which of the open funding pairs exist without mutual cover."""
    count = len(open_pots.town.offers.ids)
    narrow = own.town.funding.pot * count + own.town.funding.offer
    wide = open_pots.town.funding.pot * count + open_pots.town.funding.offer
    return np.isin(wide, narrow)


def _with_pair(
    open_pots: Compiled, owners: Departments, loaded: LoadedProgram, mine: Bools, pair: tuple[int, int]
) -> float:
    """The best objective (more is better) when only these two departments' pots are open; NaN where infeasible."""
    program, funding = open_pots.program, open_pots.town.funding
    allowed = mine | (np.isin(owners.pot[funding.pot], pair) & np.isin(owners.offer[funding.offer], pair))
    family = program.columns_index["funding"]
    upper = program.upper.copy()
    upper[family.slice] = np.where(allowed, program.upper[family.slice], 0.0)
    columns = np.arange(family.start, family.stop)
    with loaded.what_if():
        loaded.change_bounds(columns, program.lower[family.slice], upper[family.slice])
        found = loaded.solve()
    if found.status is Status.INFEASIBLE:
        return float("nan")
    if found.x is None or not certify(replace(program, upper=upper), found.x, found.row_dual).verified:
        raise CertificateError("plan-not-verified", scenario=open_pots.variant.scenario.scenario_id, reason=str(pair))
    return found.value
