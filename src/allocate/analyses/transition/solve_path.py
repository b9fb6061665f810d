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
from allocate.bench.proposals import Answer, closest_to_today, solve_proven
from allocate.bench.recast import NewColumns, extended, without_objective
from allocate.errors import CertificateError, UsageError
from allocate.inputs.scenario.variant import Variant
from allocate.judge.path import PathShown, judge_path
from allocate.judge.plan import Waiver
from allocate.model.compile import Compiled, compile_variant
from allocate.model.path import Path, family_of, link
from allocate.model.program import LinearProgram
from allocate.model.rules.floor import FLOOR_ROWS
from allocate.model.rules.relaxer import rows_of
from allocate.results.allocation import Allocation, planned
from allocate.results.plan_tables import NOISE
from allocate.results.proof import Proof
from allocate.solve.certify import OPTIMALITY, Certificate
from allocate.solve.distance import Reference, today_of
from allocate.solve.solution import Limits
from allocate.town.arrays import Bools, Floats, Ids

# A floor counts as missed where more than this share of what it asks for is lacking.
MISSED = 1e-7
# Room, as a share of what a floor asks for, that the second search has beyond the least missed in the first.
ROOM = 1e-9


@dataclass(frozen=True, eq=False)
class Solved:
    """A path that was found: its years' plans, what the pots carry over and pay once (EUR), by year.

    ``carried``: years x pots, taken into the next year; ``once``: by year pot_id, offer_id, amount_eur. ``missed``:
    floors (year, floor_id, scope_id) that no path can meet. ``program``: what was solved, with floors as low as they
    must be, and ``x`` its point. ``certificate``: of the whole path, more is better.
    """

    path: Path
    program: LinearProgram
    x: Floats
    plans: tuple[Allocation, ...]
    carried: Floats
    once: tuple[pd.DataFrame, ...]
    missed: frozenset[tuple[int, str, str]]
    certificate: Proof
    unique: bool

    @property
    def value(self) -> float:
        """The mean of the years' values, more is better."""
        return self.certificate.objective

    def held(self, place: int) -> Floats:
        """EUR that every pot holds in a year with what it brought along."""
        amount: Floats = self.path.compiled[place].town.pot_amount
        return amount + self.carried[place - 1] if place else amount

    def paid(self, place: int) -> Floats:
        """EUR that every pot pays in a year, what falls due once included."""
        pots = self.plans[place].pots
        spent: Floats = pots["spent_eur"].to_numpy(dtype=float)
        return spent + once_by("pot_id", self.once[place], pots["pot_id"])


def once_by(column: str, once: pd.DataFrame, ids: pd.Series | Ids) -> Floats:
    """EUR that fall due once, summed by pot (``pot_id``) or offer (``offer_id``), in the order of ``ids``."""
    sums: Floats = once.groupby(column)["amount_eur"].sum().reindex(ids, fill_value=0.0).to_numpy(dtype=float)
    return sums


def solve(horizon: Horizon, limits: Limits) -> Solved | None:
    """The best path, None where there is none even with floors missed.

    Raises ``UsageError`` (path-divisible, path-judged) and ``CertificateError``.
    """
    first = horizon.variants[0].scenario
    refuse_unplanned(horizon)
    path = link([compile_variant(one) for one in horizon.variants], horizon.span.years, horizon.links)
    answer = solve_proven(path.program, limits, scenario=first.scenario_id)
    if answer is None:
        lowered = _least_missed(path, limits, first.scenario_id)
        if lowered is None:
            return None
        answer = solve_proven(lowered, limits, scenario=first.scenario_id)
    if answer is None:
        reason = "the path with the least missed was lost"
        raise CertificateError("plan-not-verified", scenario=first.scenario_id, reason=reason)
    return _checked(horizon, path, answer, limits)


def refuse_unplanned(horizon: Horizon) -> None:
    """Raise ``UsageError`` for a scenario that has no path: one that is judged only, or indivisible."""
    first = horizon.variants[0].scenario
    if first.indivisible:
        raise UsageError("path-divisible", scenario=first.scenario_id)
    if first.evaluate:
        raise UsageError("path-judged", scenario=first.scenario_id)


def _least_missed(path: Path, limits: Limits, scenario: str) -> LinearProgram | None:
    """The program in which floors ask for what can be reached at all; None where other rules contradict."""
    program = path.program
    rows = rows_of(program, *(family_of(year, FLOOR_ROWS) for year in path.years))
    wanted = rows[program.row_lower[rows] > 0]
    size, count = program.row_lower[wanted], len(wanted)
    keys = (wanted.astype(str).astype(object),)
    missing = NewColumns(
        "missed", keys, np.ones(count), np.zeros(count), np.ones(count), wanted, np.arange(count), size
    )
    found = solve_proven(extended(without_objective(program), [missing]), limits, scenario=scenario)
    if found is None:
        return None
    missed = found.x[program.column_count :]
    lower = program.row_lower.copy()
    lower[wanted] = size * (1.0 - np.where(missed > MISSED, missed + ROOM, 0.0))
    return replace(program, row_lower=lower)


def _checked(horizon: Horizon, path: Path, answer: Answer, limits: Limits) -> Solved:
    name = horizon.variants[0].scenario.scenario_id
    x, certificate, unique = closest_to_today(answer, _reference(path), limits, scenario=name)
    solved = _read(horizon, path, answer.program, x, certificate, unique)
    value = float(np.mean([plan.objective for plan in solved.plans]))
    if abs(value - solved.value) > OPTIMALITY:
        reason = f"measures differ from the program by {abs(value - solved.value):.1e}"
        raise CertificateError("plan-not-verified", scenario=name, reason=reason)
    return solved


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
    horizon: Horizon, path: Path, program: LinearProgram, x: Floats, certificate: Certificate, unique: bool
) -> Solved:
    """The plans of the years, each against the year before, judged one by one and then together."""
    missed = _missed(path, program)
    pots = path.compiled[0].town.pots
    carried, plans, once = np.zeros((len(path.years), len(pots))), [], []
    before: Allocation | None = None
    for place, year in enumerate(path.years):
        kept = path.named(x, "carried", place)
        if len(kept):
            carried[place, path.links.kept > 0] = np.where(kept < NOISE, 0.0, kept)
        once.append(_once(path, x, place))
        paid = once_by("pot_id", once[-1], pots)
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
    return Solved(path, program, x, tuple(plans), carried, tuple(once), missed, Proof.of(certificate), unique)


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
