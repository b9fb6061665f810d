"""Master: how several pots of the Land are divided, from the cuts that the towns have sent so far.

    maximise   sum_t weight_t v_t                         (or first the lowest v_t)
    v_t <= height + slopes @ a_t                          every cut of town t
    0   <= height + slopes @ a_t                          every cut of the money that town t lacks
    sum_t a_tb <= amount_b,   a_tb >= least_tb            every pot b

Cuts lie on or above each town's worth, so that the master's value bounds that of every division (Kelley 1960; Benders
1962). Where the towns confirm the values at its amounts, the division is optimal. Amounts are counted in shares of a
pot, so that a euro is as loud as a point of value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocate.analyses.land.worth import Curve
from allocate.bench.proposals import solve_proven
from allocate.model.program import Block, Family, Index, LinearProgram, column_order
from allocate.town.arrays import Floats, Ints

# No plan is worth more than full coverage everywhere and the weight of equity, nor less than all weights together.
LARGEST = 10.0
# The lowest value is kept to this in the second stage, so that rounding leaves room.
KEPT = 1e-10


@dataclass(frozen=True)
class Rules:
    """What every division must keep: ``money`` per pot, ``least`` and ``most`` per town and pot (EUR/year)."""

    money: Floats
    least: Floats
    most: Floats
    weights: Floats


@dataclass(frozen=True)
class Division:
    """Amounts per town and pot (EUR/year), the value of each town that the cuts allow, and the proven bound.

    ``bound``: no division is worth more in sum; ``lowest``: nor leaves the lowest town better off (only where that was
    asked for, else NaN).
    """

    amounts: Floats
    values: Floats
    bound: float
    lowest: float = float("nan")


def divide(curves: Sequence[Curve], rules: Rules, *, fair: bool = False) -> Division | None:
    """The best division that the cuts allow; ``fair``: the lowest value of all towns first, then the sum.

    None where the money does not reach what every town must have. Raises ``CertificateError``.
    """
    program = _program(curves, rules)
    towns, pots = rules.least.shape
    lowest = float("nan")
    if fair:
        found = solve_proven(program.with_goal(lowest=1.0))
        if found is None:
            return None
        lowest = found.certificate.best
        program = program.with_lowest(found.value - KEPT)
    found = solve_proven(program.with_goal(lowest=0.0))
    if found is None:
        return None
    shares = found.x[: towns * pots].reshape(towns, pots)
    amounts = np.clip(shares * program.unit, rules.least, rules.most)
    return Division(amounts, found.x[towns * pots : towns * pots + towns], found.certificate.best, lowest)


@dataclass(frozen=True)
class _Program:
    """The rows and columns: amounts (town by town), values, the lowest value."""

    whole: LinearProgram
    weights: Floats
    unit: Floats

    def with_goal(self, *, lowest: float) -> LinearProgram:
        """Minimise minus the lowest value, or minus the weighted sum."""
        cost = np.zeros(self.whole.column_count)
        first = self.whole.columns_index["value"].slice
        cost[first] = 0.0 if lowest else -self.weights
        cost[-1] = -lowest
        return replace(self.whole, cost=cost)

    def with_lowest(self, least: float) -> _Program:
        """No town may fall below this value."""
        lower = self.whole.lower.copy()
        lower[-1] = least
        return replace(self, whole=replace(self.whole, lower=lower))


def _program(curves: Sequence[Curve], rules: Rules) -> _Program:
    towns, pots = rules.least.shape
    unit = np.maximum(rules.money, 1.0)
    amounts, values, lowest = 0, towns * pots, towns * pots + towns
    town_ids = np.array([str(at) for at in range(towns)], dtype=object)
    pot_ids = np.array([str(at) for at in range(pots)], dtype=object)
    blocks = [
        _cuts("cut", [[(p.cut.height, p.cut.slopes) for p in curve.points] for curve in curves], unit, values),
        _cuts("needed", [[(c.height, c.slopes) for c in curve.needed] for curve in curves], unit, None),
        _money(rules, unit),
        _lowest(towns, values, lowest),
    ]
    rows, columns, entries, start, families = [], [], [], 0, []
    for block in blocks:
        families.append(Family(block.name, start, block.keys))
        rows.append(block.rows + start)
        columns.append(block.columns)
        entries.append(block.values)
        start += len(block)
    first, ordered, ordered_values = column_order(
        np.concatenate(columns), np.concatenate(rows), np.concatenate(entries), lowest + 1
    )
    whole = LinearProgram(
        cost=np.zeros(lowest + 1),
        lower=np.concatenate([(rules.least / unit).ravel(), np.full(towns + 1, -LARGEST)]),
        upper=np.concatenate([(rules.most / unit).ravel(), np.full(towns + 1, LARGEST)]),
        row_lower=np.concatenate([block.lower for block in blocks]),
        row_upper=np.concatenate([block.upper for block in blocks]),
        starts=first,
        rows=ordered,
        values=ordered_values,
        columns_index=Index(
            (
                Family("amount", amounts, (np.repeat(town_ids, pots), np.tile(pot_ids, towns))),
                Family("value", values, (town_ids,)),
                Family("lowest", lowest, (np.array(["lowest"], dtype=object),)),
            )
        ),
        rows_index=Index(tuple(families)),
        integer=np.zeros(lowest + 1, dtype=bool),
    )
    return _Program(whole, rules.weights, unit)


def _cuts(name: str, cuts: list[list[tuple[float, tuple[float, ...]]]], unit: Floats, values: int | None) -> Block:
    """v_t - slopes @ a_t <= height (or without v_t); amounts in shares of the pots."""
    pots = len(unit)
    town = np.array([at for at, own in enumerate(cuts) for _ in own], dtype=np.int64)
    height = np.array([one[0] for own in cuts for one in own], dtype=float)
    slopes = np.array([one[1] for own in cuts for one in own], dtype=float).reshape(len(town), pots) * unit
    row, pot = np.nonzero(slopes)
    rows: list[Ints] = [row]
    columns: list[Ints] = [town[row] * pots + pot]
    entries: list[Floats] = [-slopes[row, pot]]
    if values is not None:
        rows.append(np.arange(len(town)))
        columns.append(values + town)
        entries.append(np.ones(len(town)))
    keys = (np.array([str(at) for at in range(len(town))], dtype=object),)
    none = np.full(len(town), -np.inf)
    return Block(name, keys, none, height, np.concatenate(rows), np.concatenate(columns), np.concatenate(entries))


def _money(rules: Rules, unit: Floats) -> Block:
    """sum_t a_tb <= amount_b, in shares of the pot."""
    towns, pots = rules.least.shape
    column = np.arange(towns * pots)
    keys = (np.array([str(at) for at in range(pots)], dtype=object),)
    return Block(
        "money", keys, np.full(pots, -np.inf), rules.money / unit, column % pots, column, np.ones(towns * pots)
    )


def _lowest(towns: int, values: int, lowest: int) -> Block:
    """lowest - v_t <= 0 for every town."""
    town = np.arange(towns)
    keys = (np.array([str(at) for at in range(towns)], dtype=object),)
    return Block(
        "lowest",
        keys,
        np.full(towns, -np.inf),
        np.zeros(towns),
        np.concatenate([town, town]),
        np.concatenate([values + town, np.full(towns, lowest)]),
        np.concatenate([-np.ones(towns), np.ones(towns)]),
    )
