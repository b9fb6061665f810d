"""How much more money in a pot would make up for keeping an offer, proven on a freshly compiled program.

A held level is compared with the proposal by one yardstick: worth of needs, price of duplication and budget stay as
they are, only the pot grows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocate.analyses.reasons.tipping import Line, Tip, tip
from allocate.bench.resolve import NOTHING, Bench, Hold, solve_cold
from allocate.model.compile import Compiled, assemble, blocks_of, objective
from allocate.model.ground import Ground
from allocate.model.layout import build_layout
from allocate.model.program import LinearProgram
from allocate.model.rules.pot import POT_ROWS
from allocate.results.told import Told
from allocate.town.as_arrays import Town

# The check solves again this far on either side of the tipping point, as a share of the way to it.
APART = 1e-3
# Figures of the town by which a card may tip.
_FIGURES = ("price", "demand", "weight")


@dataclass(frozen=True)
class Tipping(Told):
    """From which value of one number the answer changes.

    ``parameter``: ``price`` and ``price_any`` (EUR per capacity unit), ``effect``, ``demand`` and ``weight`` (factor on
    today's value), ``pot`` (EUR more); ``key`` the pot or need it belongs to; ``level``: the capacity that is kept or
    reached (units/year). ``answer``:

    * ``value``: the proposal has the level at ``value`` and not at ``beyond`` (of a pot: it tips at ``value``);
    * ``no_plan``: it has the level at ``value``, and at ``beyond`` no plan meets the rules
    * ``not_even_free``: it does not reach the level even free of charge
    * ``no_money_helps``: no amount in this pot is enough
    * ``needed``: the rules cannot be met without the offer, whatever this number
    * ``not_found``: no change within the range that was searched (up to ``value``)

    ``good`` and ``bad``: what was found on either side, planned anew: the offer's capacity at ``value`` and at
    ``beyond``; of a pot, best value minus target a thousandth of the way on either side. ``verified``: they are as they
    must be.
    """

    parameter: str
    answer: str
    key: str = ""
    today: float = math.nan
    value: float = math.nan
    beyond: float = math.nan
    level: float = math.nan
    good: float = math.nan
    bad: float = math.nan
    verified: bool = False

    @property
    def tells(self) -> bool:
        """Whether it is a checked value of a figure of the town; money in pots is told as the price of keeping."""
        return self.parameter in _FIGURES and self.answer == "value" and self.verified and self.today > 0

    @property
    def change(self) -> float:
        """The relative change from today's figure to ``value``; of use where it ``tells``."""
        return self.value / self.today - 1.0


@dataclass(frozen=True)
class Case:
    """The question: an offer at a level (capacity units/year).

    ``rising``: the offer is below the level and the number must move in its favour; else it is funded and may move
    against it. ``target``: the best value that a pot must make up for.
    """

    offer: int
    level: float
    target: float
    rising: bool


def pot_tippings(bench: Bench, case: Case) -> Iterator[Tipping]:
    """For every pot that may pay for the offer: the least extra money that makes up for the level."""
    town = bench.compiled.town
    most = float(town.cost_of(town.offers.max_capacity).sum())
    holds = bench.level(case.offer, least=case.level)
    for pot in town.funding.pot[town.funding.offer == case.offer].tolist():
        key, amount = str(town.pots[pot]), float(town.pot_amount[pot])
        line = Line(np.array([bench.program.rows_index[POT_ROWS].start + pot]), np.ones(1), holds)
        found = tip(bench, line, 0.0, most, case.target)
        if not found.exists:
            yield Tipping("pot", "no_money_helps", key, today=amount)
            continue

        def program(tau: float, pot: int = pot) -> LinearProgram:
            amounts = town.pot_amount.copy()
            amounts[pot] += tau
            return recompiled(bench.compiled, replace(town, pot_amount=amounts))

        good, bad = _checked(bench, case, found, program, holds, start=0.0, lowest=0.0)
        yield _with_check(Tipping("pot", "value", key, today=amount, value=found.tau, good=good, bad=bad))


def recompiled(compiled: Compiled, town: Town) -> LinearProgram:
    """The program of a changed town, judged by the yardstick (worth, prices, budget) that the town carries."""
    layout = build_layout(town, compiled.clusters)
    blocks = blocks_of(Ground(compiled.variant, town, compiled.floors, compiled.clusters, layout))
    return assemble(layout, blocks, objective(town, layout))


def _checked(
    bench: Bench,
    case: Case,
    found: Tip,
    program: Callable[[float], LinearProgram],
    holds: tuple[Hold, ...],
    *,
    start: float,
    lowest: float,
) -> tuple[float, float]:
    """Best value minus target on the good and on the bad side of the tipping point, each compiled and solved anew."""
    away = max(abs(found.tau - start), 1e-3 * abs(lowest), 1e-3) * (10 if bench.is_mixed_integer else 1) * APART
    away = away if start < found.tau else -away
    good, bad = max(found.tau + away, lowest), found.tau - away
    limits = bench.session.limits
    return tuple(solve_cold(program(tau), holds, limits).value - case.target for tau in (good, bad))  # type: ignore[return-value]


def _with_check(tipping: Tipping) -> Tipping:
    return replace(tipping, verified=tipping.good >= -NOTHING and tipping.bad < 0)
