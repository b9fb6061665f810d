"""How the gain of integration may be shared among departments: a stable split (Owen) and a fair one (Shapley).

The *coverage game*: a coalition S pools its members' pots and offers and earns the coverage value of the needs its
members lead,

    v(S) = max  sum_{n led by S} omega[s,n] v[k] y[s,n,k]   over offers of S, paid from pots of S (pooled eligibility).

Only resources that add up enter (money, capacity, posts, reach, demand), so that this is a linear production game (Owen
1975, On the core of linear production games): floors, plurality, committed capacity, equity, duplication and
re-steering are left out, and v(all) therefore differs from the pooled plan's coverage value. Owen's split pays every
owner the dual value of its resources; no coalition could do better on its own. Shapley's split pays the average of
what a department adds over all orders of joining; it is exact here (2^D programs) and need not be stable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.analyses.silos.departments import Departments
from allocate.bench.recast import part
from allocate.errors import CertificateError
from allocate.inputs.handed import OneLine
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules.pot import POT_ROWS
from allocate.model.rules.register import EQUATIONS, families
from allocate.results.columns import Columns
from allocate.solve.certify import OPTIMALITY, certify
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution
from allocate.town.arrays import Bools, Floats, Ints

LARGEST_EXACT = 8
_LEFT_OUT = ("release", "least")


@dataclass(frozen=True, eq=False, repr=False)
class Split(OneLine):
    """The gain of pooling in the coverage game, by department (points of coverage value, share 0..1).

    ``table``: ``department_id, alone_value, stable_value, fair_value, stable_gain, fair_gain``; ``coalitions``:
    ``members`` (ids joined by ``;``), ``value``. ``worst_core_violation``: how much the coalition worst served by the
    stable split could gain by leaving (0: nobody); ``fair_is_stable``: whether that is 0 for the fair split as well
    (None where it was not computed, for more than eight departments).
    """

    table: pd.DataFrame
    coalitions: pd.DataFrame
    whole_value: float
    worst_core_violation: float
    fair_is_stable: bool | None


@dataclass(frozen=True)
class _Game:
    """The program, who owns what, and rows that departments share with the part of each (rows x departments)."""

    program: LinearProgram
    column_owner: Ints
    pot_owner: Ints
    pot_rows: Ints
    shared_rows: Ints
    parts: Floats


def split_gain(pooled: Compiled, departments: Departments, limits: Limits | None = None) -> Split:
    """Both splits for a town whose pots are divided and eligibility pooled. Raises ``CertificateError``."""
    game = _game(pooled, departments)
    loaded = LoadedProgram(game.program, limits)
    count = len(departments)
    full = (1 << count) - 1
    owen = _owen(game, _solve(game, loaded, full, count), count)
    wanted = range(1, full + 1) if count <= LARGEST_EXACT else [*(1 << d for d in range(count)), full]
    values = np.full(full + 1, np.nan) if count <= LARGEST_EXACT else np.full(1, np.nan)
    table: dict[int, float] = {0: 0.0}
    for members in wanted:
        found = _solve(game, loaded, members, count)
        table[members] = found.value
    alone = np.array([table[1 << d] for d in range(count)])
    fair, violation, stable = np.full(count, np.nan), math.nan, None
    if count <= LARGEST_EXACT:
        values = np.array([table[members] for members in range(full + 1)])
        fair = shapley(values, count)
        violation = core_violation(values, owen)
        stable = core_violation(values, fair) <= OPTIMALITY
    frame = pd.DataFrame(
        {
            "department_id": departments.ids,
            "alone_value": alone,
            "stable_value": owen,
            "fair_value": fair,
            "stable_gain": owen - alone,
            "fair_gain": fair - alone,
        }
    )
    return Split(frame, _coalitions(table, departments), table[full], violation, stable)


def shapley(values: Floats, count: int) -> Floats:
    """Shapley's value of a game given by the value of every coalition (a bit mask per coalition)."""
    members = np.arange(len(values))
    size = np.array([int(mask).bit_count() for mask in members])
    weight = np.array([math.factorial(k) * math.factorial(count - 1 - k) for k in range(count)]) / math.factorial(count)
    share = np.zeros(count)
    for player in range(count):
        without = members[(members >> player) & 1 == 0]
        share[player] = float((weight[size[without]] * (values[without | (1 << player)] - values[without])).sum())
    return share


def core_violation(values: Floats, payoff: Floats) -> float:
    """The most a coalition could gain by leaving a split, 0 where no coalition could."""
    masks = np.arange(len(values))
    paid = ((masks[:, None] >> np.arange(len(payoff))[None, :]) & 1) @ payoff
    return float(max(0.0, (values - paid).max()))


def _game(pooled: Compiled, departments: Departments) -> _Game:
    program, town = pooled.program, pooled.town
    columns = np.ones(program.column_count, dtype=bool)
    for name in _LEFT_OUT:
        columns[program.columns_index.slice(name)] = False
    rows = np.zeros(program.row_count, dtype=bool)
    for name in families(lambda equation: equation.adds_up):
        rows[program.rows_index.slice(name)] = True
    small = part(program, columns, rows).program
    index = small.columns_index
    cost, lower, upper = np.zeros(small.column_count), small.lower.copy(), small.upper.copy()
    cost[index.slice("covered")] = small.cost[index.slice("covered")]
    lower[index.slice("capacity")] = 0.0
    # Supply beyond demand is free here and must never bind, so its bounds are no resource of anybody's.
    upper[index.slice("duplication")] = 2.0 * upper[index.slice("duplication")] + 1.0
    owner = np.full(small.column_count, -1, dtype=np.int64)
    owner[index.slice("use")] = departments.offer[town.pairs.offer]
    owner[index.slice("capacity")] = departments.offer
    owner[index.slice("funding")] = departments.offer[town.funding.offer]
    lead = departments.lead[town.cells.need[pooled.layout.demanded]]
    owner[index.slice("covered")] = np.repeat(lead, len(town.segments.value))
    pots = small.rows_index[POT_ROWS]
    shared_rows, parts = _shared(pooled, departments, small)
    return _Game(
        replace(small, cost=cost, lower=lower, upper=upper, offset=0.0),
        owner,
        departments.pot,
        np.arange(pots.start, pots.stop),
        shared_rows,
        parts,
    )


def _shared(pooled: Compiled, departments: Departments, small: LinearProgram) -> tuple[Ints, Floats]:
    """Rows whose bound departments share, and the part of each department (rows x departments)."""
    rows, parts = [np.zeros(0, dtype=np.int64)], [np.zeros((0, len(departments)))]
    for equation in EQUATIONS:
        if equation.adds_up and equation.shared and equation.name in small.rows_index:
            family, part_of = small.rows_index[equation.name], equation.shared
            rows.append(np.arange(family.start, family.stop))
            own = [part_of(pooled, departments.offer == number) for number in range(len(departments))]
            parts.append(np.array(own).T)
    return np.concatenate(rows), np.concatenate(parts)


def _solve(game: _Game, loaded: LoadedProgram, members: int, count: int) -> Solution:
    inside = ((members >> np.arange(count)) & 1).astype(bool)
    upper = np.where(_owned(game.column_owner, inside), game.program.upper, 0.0)
    amounts = np.where(inside[game.pot_owner], game.program.row_upper[game.pot_rows], 0.0)
    row_upper = game.program.row_upper.copy()
    row_upper[game.pot_rows] = amounts
    row_upper[game.shared_rows] *= game.parts[:, inside].sum(axis=1)
    columns = np.arange(game.program.column_count)
    loaded.change_bounds(columns, game.program.lower, upper)
    limited = np.concatenate([game.pot_rows, game.shared_rows])
    loaded.change_row_bounds(limited, np.full(len(limited), -np.inf), row_upper[limited])
    own = replace(game.program, upper=upper, row_upper=row_upper)
    for warm in (True, False):
        found = loaded.solve(warm=warm)
        if found.x is not None and certify(own, found.x, found.row_dual).verified:
            return found
    raise CertificateError("plan-not-verified", scenario="", reason=f"coalition {members}: {found.status}")


def _owned(owner: Ints, inside: Bools) -> Bools:
    """Columns of members; columns nobody owns (reserve, duplication) are everybody's."""
    return np.where(owner < 0, True, inside[owner])


def _owen(game: _Game, whole: Solution, count: int) -> Floats:
    """Dual value of what every department brings: money in pots, bounds of its offers, demand it leads."""
    if whole.row_dual is None:
        raise CertificateError("plan-not-verified", scenario="", reason="no duals for the stable split")
    program = game.program
    reduced = program.reduced_cost(whole.row_dual)
    of_columns = -np.minimum(reduced * program.lower, reduced * program.upper)
    of_pots = -np.minimum(whole.row_dual[game.pot_rows], 0.0) * program.row_upper[game.pot_rows]
    owned = game.column_owner >= 0
    payoff: Floats = np.bincount(game.column_owner[owned], of_columns[owned], minlength=count)
    return payoff + np.bincount(game.pot_owner, of_pots, minlength=count) + _of_other_rows(game, whole.row_dual, count)


def _of_other_rows(game: _Game, dual: Floats, count: int) -> Floats:
    """Dual value of limits that stand in rows beside the pots; a row is its offer's owner's, or theirs who share it."""
    program, shared = game.program, game.shared_rows
    limited = np.isfinite(program.row_upper) & (program.row_upper > 0) & (program.row_lower < program.row_upper)
    limited[game.pot_rows] = limited[shared] = False
    owner = np.full(program.row_count, -1, dtype=np.int64)
    of_entry = game.column_owner[program.entry_columns]
    owner[program.rows[of_entry >= 0]] = of_entry[of_entry >= 0]
    own = np.flatnonzero(limited & (owner >= 0))
    worth: Floats = np.bincount(owner[own], -np.minimum(dual[own], 0.0) * program.row_upper[own], minlength=count)
    return worth + (-np.minimum(dual[shared], 0.0) * program.row_upper[shared]) @ game.parts


def _coalitions(values: dict[int, float], departments: Departments) -> pd.DataFrame:
    rows = [
        {
            "members": ";".join(str(id) for number, id in enumerate(departments.ids) if (mask >> number) & 1),
            "value": value,
        }
        for mask, value in sorted(values.items(), key=lambda entry: (entry[0].bit_count(), entry[0]))
        if mask
    ]
    return Columns("members", "value").of(rows)
