"""Solving a path: one linear program over all years, certified, canonical, and every year judged from its tables.

Where the floors of some years cannot be met, first the least that must be missed is found (as shares of what each floor
asks for), then the best path that misses no more than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.analyses.transition.horizon import Horizon
from allocate.errors import CertificateError, UsageError
from allocate.inputs.scenario.variant import Variant
from allocate.judge.path import PathShown, judge_path
from allocate.judge.plan import Waiver
from allocate.model.compile import Compiled, compile_variant
from allocate.model.path import Path, family_of, link
from allocate.model.program import Family, Index, LinearProgram, column_order
from allocate.results.allocation import NOISE, Allocation, planned
from allocate.solve.canonical import Reference, canonical, today_of
from allocate.solve.certify import OPTIMALITY, Certificate, certify
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Status
from allocate.town.arrays import Bools, Floats, Ints

# A floor counts as missed where more than this share of what it asks for is lacking.
MISSED = 1e-7
# Room, as a share of what a floor asks for, that the second search has beyond the least missed in the first.
ROOM = 1e-9


@dataclass(frozen=True, eq=False)
class Solved:
    """A path that was found: its years' plans, what the pots carry over and pay once (EUR), by year.

    ``carried``: years x pots, taken into the next year; ``once``: by year pot_id, offer_id, amount_eur. ``missed``:
    floors (year, floor_id, scope_id) that no path can meet. ``certificate``: of the whole path, more is better.
    """

    path: Path
    plans: tuple[Allocation, ...]
    carried: Floats
    once: tuple[pd.DataFrame, ...]
    missed: frozenset[tuple[int, str, str]]
    certificate: Certificate
    unique: bool

    @property
    def value(self) -> float:
        """The mean of the years' values, more is better."""
        return self.certificate.objective


def solve(horizon: Horizon, limits: Limits) -> Solved | None:
    """The best path, None where there is none even with floors missed.

    Raises ``UsageError`` (divisible-only, explain-judged) and ``CertificateError``.
    """
    first = horizon.variants[0].scenario
    if first.indivisible:
        raise UsageError("divisible-only", scenario=first.scenario_id)
    if first.evaluate:
        raise UsageError("explain-judged", scenario=first.scenario_id)
    path = link([compile_variant(one) for one in horizon.variants], horizon.span.years, horizon.links)
    found = LoadedProgram(path.program, limits).solve(warm=False)
    program = path.program
    if found.status is Status.INFEASIBLE:
        lowered = _least_missed(path, limits)
        if lowered is None:
            return None
        program = lowered
        found = LoadedProgram(program, limits).solve(warm=False)
    if found.status is not Status.OPTIMAL or found.x is None:
        raise CertificateError("limit-reached", scenario=first.scenario_id)
    return _checked(horizon, path, program, found, limits)


def _least_missed(path: Path, limits: Limits) -> LinearProgram | None:
    """The program in which floors ask for what can be reached at all; None where other rules contradict."""
    program = path.program
    rows = _floor_rows(path)
    asked = program.row_lower[rows]
    wanted = rows[asked > 0]
    size = program.row_lower[wanted]
    columns = program.column_count + np.arange(len(wanted))
    starts, ordered, values = column_order(
        np.concatenate([program.entry_columns, columns]),
        np.concatenate([program.rows, wanted]),
        np.concatenate([program.values, size]),
        program.column_count + len(wanted),
    )
    keys = (np.array([str(row) for row in wanted], dtype=object),)
    short = replace(
        program,
        cost=np.concatenate([np.zeros(program.column_count), np.ones(len(wanted))]),
        lower=np.concatenate([program.lower, np.zeros(len(wanted))]),
        upper=np.concatenate([program.upper, np.ones(len(wanted))]),
        starts=starts,
        rows=ordered,
        values=values,
        columns_index=Index((*program.columns_index.families, Family("missed", program.column_count, keys))),
        integer=np.concatenate([program.integer, np.zeros(len(wanted), dtype=bool)]),
    )
    found = LoadedProgram(short, limits).solve(warm=False)
    if found.x is None or found.status is not Status.OPTIMAL:
        return None
    missed = found.x[columns]
    lower = program.row_lower.copy()
    lower[wanted] = size * (1.0 - np.where(missed > MISSED, missed + ROOM, 0.0))
    return replace(program, row_lower=lower)


def _floor_rows(path: Path) -> Ints:
    index = path.program.rows_index
    parts = [np.arange(index.slice(family_of(year, "floor")).start, index.slice(family_of(year, "floor")).stop)
             for year in path.years]  # fmt: skip
    return np.concatenate(parts).astype(np.int64)


def _checked(horizon: Horizon, path: Path, program: LinearProgram, found: Solution, limits: Limits) -> Solved:
    name = horizon.variants[0].scenario.scenario_id
    closest = canonical(program, found, _reference(path), limits)
    best = closest or found
    certificate = certify(program, _point(best, name), best.row_dual)
    if not certificate.verified:
        reason = f"violation {certificate.primal_violation:.1e}, gap {certificate.gap:.1e}"
        raise CertificateError("plan-not-verified", scenario=name, reason=reason)
    missed = _missed(path, program)
    solved = _read(horizon, path, _point(best, name), certificate, missed, closest is not None)
    value = float(np.mean([plan.objective for plan in solved.plans]))
    if abs(value - solved.value) > OPTIMALITY:
        reason = f"measures differ from the program by {abs(value - solved.value):.1e}"
        raise CertificateError("plan-not-verified", scenario=name, reason=reason)
    return solved


def _point(solution: Solution, name: str) -> Floats:
    if solution.x is None:
        raise CertificateError("plan-not-verified", scenario=name, reason="no point")
    return solution.x


def _reference(path: Path) -> Reference:
    """Today's use and funding in every year; nothing carried over or paid once that need not be."""
    parts = []
    for place, one in enumerate(path.compiled):
        own = today_of(one)
        parts.append(Reference(own.columns + path.first[place], own.today, own.weight))
    own_count = path.first[-1] + path.compiled[-1].program.column_count
    links = np.arange(own_count, path.program.column_count)
    parts.append(Reference(links, np.zeros(len(links)), np.ones(len(links))))
    return Reference(
        *(np.concatenate([getattr(one, name) for one in parts]) for name in ("columns", "today", "weight"))
    )


def _missed(path: Path, program: LinearProgram) -> frozenset[tuple[int, str, str]]:
    lowered: Bools = program.row_lower < path.program.row_lower
    found = set()
    for row in np.flatnonzero(lowered).tolist():
        family, *key = path.program.rows_index.label(row)
        found.add((int(family.split(":", 1)[0]), key[0], key[1]))
    return frozenset(found)


def _read(
    horizon: Horizon, path: Path, x: Floats, certificate: Certificate, missed: frozenset[tuple[int, str, str]],
    unique: bool,
) -> Solved:  # fmt: skip
    """The plans of the years, each against the year before, judged one by one and then together."""
    shown = replace(certificate, objective=-certificate.objective, bound=-certificate.bound)
    pots = path.compiled[0].town.pots
    carried, plans, once = np.zeros((len(path.years), len(pots))), [], []
    before: Allocation | None = None
    for place, year in enumerate(path.years):
        kept = path.named(x, "carried", place)
        if len(kept):
            carried[place, path.links.kept > 0] = np.where(kept < NOISE, 0.0, kept)
        once.append(_once(path, x, place))
        paid = once[-1].groupby("pot_id")["amount_eur"].sum().reindex(pots, fill_value=0.0).to_numpy(dtype=float)
        brought = carried[place - 1] if place else np.zeros(len(pots))
        more: Mapping[str, float] = dict(zip(pots.tolist(), (brought - paid).tolist(), strict=True))
        lifted = frozenset((floor, scope) for one, floor, scope in missed if one == year)
        compiled = path.compiled[place] if before is None else _after(horizon.variants[place], before)
        own = planned(
            compiled, path.of_year(x, place), certificate, waiver=Waiver(money=more, floors=lifted), unique=unique
        )
        plans.append(own)
        before = own
    tables = [plan.tables for plan in plans]
    judge_path(
        PathShown(horizon.stated, path.years, horizon.span.decided, horizon.variants, tables, carried, tuple(once))
    )
    return Solved(path, tuple(plans), carried, tuple(once), missed, shown, unique)


def _once(path: Path, x: Floats, place: int) -> pd.DataFrame:
    """What falls due once in a year: pot_id, offer_id, amount_eur (EUR)."""
    name = family_of(path.years[place], "once")
    index = path.program.columns_index
    if name not in index:
        return pd.DataFrame({"pot_id": pd.Series(dtype=object), "offer_id": pd.Series(dtype=object), "amount_eur": []})
    pot, offer = index[name].keys
    amount = x[index.slice(name)]
    table = pd.DataFrame({"pot_id": pot, "offer_id": offer, "amount_eur": amount})
    return table[amount > NOISE].reset_index(drop=True)


def _after(variant: Variant, before: Allocation) -> Compiled:
    """The year as seen from the plan of the year before, which is its today."""
    case = variant.case
    offers = case["offers"].assign(baseline_capacity=before.offers["capacity"].to_numpy(dtype=float))
    used = before.delivery.set_index(["offer_id", "space_id"])["capacity"]
    tables = {"offers": offers, "baseline_funding": _paid_before(case["baseline_funding"], before)}
    if len(case["reach"]):
        reach = case["reach"]
        place = pd.MultiIndex.from_frame(reach[["offer_id", "space_id"]])
        tables["reach"] = reach.assign(baseline_capacity=used.reindex(place).fillna(0.0).to_numpy(dtype=float))
    return compile_variant(replace(variant, case=case._unchecked(**tables)))


def _paid_before(table: pd.DataFrame, before: Allocation) -> pd.DataFrame:
    rows = before.funding.rename(columns={"amount_eur": "amount"})
    return rows.reindex(columns=table.columns, fill_value="").astype(table.dtypes)
