"""Break-even values of an offer: price, effect and money, each proven on a freshly compiled program.

A held level is compared with a target by one yardstick: worth of needs, price of duplication and budget stay as they
are, only the offer's own number moves. For an offer that the proposal holds below today's level the target is the
proposal itself ("keeping it would cost nobody anything"); for one that it funds, the best plan without the offer
("it is still worth its money").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocate.analyses.reasons.tipping import Line, Tip, tip
from allocate.analyses.resolving.resolve import NOTHING, Bench, Hold, solve_cold
from allocate.model import formulation
from allocate.model.compile import Compiled, assemble, blocks_of
from allocate.model.layout import build_layout
from allocate.model.program import Floats, LinearProgram
from allocate.model.town import Town

# Rows in which an offer's effect stands.
EFFECT_ROWS = ("balance", "share_of_each", "share_of_provider", "share_of_demand")
# The check solves again this far on either side of the tipping point, as a share of the way to it.
APART = 1e-3


@dataclass(frozen=True)
class Tipping:
    """From which value of one number the answer changes.

    ``parameter``: ``price`` (EUR per capacity unit), ``effect`` and ``demand`` and ``weight`` (factor on today's
    value), ``pot`` (EUR more); ``key`` the pot or need it belongs to. ``answer``:

    * ``value``: it tips at ``value`` (today's is ``today``)
    * ``not_even_free``: not even free of charge, its service would only duplicate
    * ``no_effect_helps``, ``no_money_helps``: no value of this number is enough
    * ``only_duplicates``: it costs nobody anything while it has no effect; what it does is surplus
    * ``needed``: the rules cannot be met without the offer, whatever this number
    * ``impossible``: the held level meets no plan at all
    * ``not_found``: no change within the range that was searched (up to ``value``)

    ``good`` and ``bad``: best value minus target, checked by cold re-solves a thousandth of the way on either side;
    ``verified``: they have the signs they must have.
    """

    parameter: str
    answer: str
    key: str = ""
    today: float = math.nan
    value: float = math.nan
    good: float = math.nan
    bad: float = math.nan
    verified: bool = False

    def to_json(self) -> dict[str, object]:
        """Plain values; ``null`` where there is none."""
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in vars(self).items()
        }


@dataclass(frozen=True)
class Case:
    """The question: an offer at a level, compared with a target.

    ``rising``: the offer is below the level and the number must move in its favour; else it is funded and may move
    against it. ``uses``: capacity units per pair of the town at that level (the places of the effect's question).
    """

    offer: int
    level: float
    target: float
    rising: bool
    uses: Floats


def price_tipping(bench: Bench, case: Case) -> Tipping:
    """The highest price per capacity unit at which the level reaches the target."""
    town = bench.compiled.town
    cost = float(_cost_at(town, case))
    today = cost / case.level if case.level > 0 else math.nan
    if cost <= 0:
        return Tipping("price", "not_found", today=today)
    line, reach = _price_line(bench, case, cost)
    start = 0.0 if case.rising else reach - cost + 1.0
    if case.rising:
        found = tip(bench, line, start, -cost, case.target)
        if not found.exists:
            return Tipping("price", "not_even_free" if math.isfinite(found.best) else "impossible", today=today)
    else:
        found = tip(bench, line, start, 0.0, case.target)
        if not found.exists or line.at(bench, start).value >= case.target:
            return Tipping("price", "not_found", today=today)

    def program(tau: float) -> LinearProgram:
        factor = (cost + tau) / cost
        offers = town.offers
        dearer = replace(
            offers,
            unit_cost=_scaled(offers.unit_cost, case.offer, factor),
            fixed_cost=_scaled(offers.fixed_cost, case.offer, factor),
            variable_unit_cost=_scaled(offers.variable_unit_cost, case.offer, factor),
        )
        return recompiled(bench.compiled, replace(town, offers=dearer))

    holds = bench.level(case.offer, least=case.level, most=None if case.rising else case.level)
    good, bad = _checked(bench, case, found, program, holds, start=start, lowest=-cost)
    value = (cost + found.tau) / case.level
    return _with_check(Tipping("price", "value", today=today, value=value, good=good, bad=bad))


def effect_tipping(bench: Bench, case: Case) -> Tipping:
    """The least factor on the offer's effects, at the same places, at which the level reaches the target."""
    town = bench.compiled.town
    line = _effect_line(bench, case)
    if line is None:
        return Tipping("effect", "no_effect_helps", today=1.0)
    farthest = _useful_effect(bench, line)
    start, end = (0.0, farthest) if case.rising else (-1.0, 0.0)
    if not case.rising and line.at(bench, start).value >= case.target - NOTHING:
        return Tipping("effect", "not_found", today=1.0, value=0.0)
    found = tip(bench, line, start, end, case.target)
    if not found.exists:
        if case.rising and line.at(bench, -1.0).value >= case.target - NOTHING:
            return Tipping("effect", "only_duplicates", today=1.0)
        return Tipping("effect", "no_effect_helps" if case.rising else "not_found", today=1.0)
    own = town.pairs.offer[town.supply.pair] == case.offer

    def program(tau: float) -> LinearProgram:
        rate = np.where(own, town.supply.rate * (1.0 + tau), town.supply.rate)
        return recompiled(bench.compiled, replace(town, supply=replace(town.supply, rate=rate)))

    good, bad = _checked(bench, case, found, program, line.holds, start=start, lowest=-1.0)
    return _with_check(Tipping("effect", "value", today=1.0, value=1.0 + found.tau, good=good, bad=bad))


def pot_tippings(bench: Bench, case: Case) -> Iterator[Tipping]:
    """For every pot that may pay for the offer: the least extra money that makes up for the level."""
    town = bench.compiled.town
    most = float(town.cost_of(town.offers.max_capacity).sum())
    holds = bench.level(case.offer, least=case.level)
    for pot in town.funding.pot[town.funding.offer == case.offer].tolist():
        key, amount = str(town.pots[pot]), float(town.pot_amount[pot])
        line = Line(np.array([bench.program.rows_index["pot"].start + pot]), np.ones(1), holds)
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
    blocks = blocks_of(town, layout, compiled.floors, compiled.clusters)
    return assemble(layout, blocks, formulation.objective(town, layout))


def _cost_at(town: Town, case: Case) -> float:
    capacity = np.zeros(len(town.offers.ids))
    capacity[case.offer] = case.level
    return float(town.cost_of(capacity)[case.offer])


def _scaled(values: Floats, offer: int, factor: float) -> Floats:
    scaled = values.copy()
    scaled[offer] *= factor
    return scaled


def _price_line(bench: Bench, case: Case, cost: float) -> tuple[Line, float]:
    """Money of the offer at the held level as a number of its own: M = cost + tau; and the most its pots can pay.

    Shares of pots and the money counted as released follow the price, as they would with a changed unit cost.
    """
    town, rows = bench.compiled.town, bench.program.rows_index
    offer_id = str(town.offers.ids[case.offer])
    pairs = np.flatnonzero(town.funding.offer == case.offer)
    reach = float(town.pot_amount[town.funding.pot[pairs]].sum())
    numbers, direction = [rows.at("payer", offer_id)], [1.0]
    for pair in pairs.tolist():
        share = float(town.funding.max_share[pair])
        if share < 1:
            numbers.append(rows.at("share", str(town.pots[town.funding.pot[pair]]), offer_id))
            direction.append(share)
    today = float(town.offers.baseline_cost[case.offer])
    if today > 0:
        numbers.append(rows.at("release", offer_id))
        direction.append((today - cost) / cost)
    columns = bench.columns.funding + pairs
    upper = np.maximum(bench.program.upper[columns], town.funding.max_share[pairs] * max(reach, cost))
    holds = [*bench.level(case.offer, least=case.level, most=case.level)]
    holds.append(Hold(columns, bench.program.lower[columns], upper))
    release = bench.columns.release + case.offer
    holds.append(Hold.column(release, 0.0, max(today, max(reach, cost) * max(today / cost, 1.0))))
    if bench.columns.open is not None:
        holds.append(Hold.column(bench.columns.open + case.offer, 1.0, 1.0))
    return Line(np.array(numbers), np.array(direction), tuple(holds)), max(reach, cost)


def _effect_line(bench: Bench, case: Case) -> Line | None:
    """The offer's supply at its places times (1 + tau); None where it supplies nothing there."""
    program, town = bench.program, bench.compiled.town
    pairs = np.flatnonzero(town.pairs.offer == case.offer)
    columns = bench.columns.use + pairs
    uses = np.clip(case.uses[pairs], program.lower[columns], program.upper[columns])
    x = np.zeros(program.column_count)
    x[columns] = uses
    supplied = program.activity(x)
    rows = np.concatenate([np.arange(program.row_count)[program.rows_index.slice(name)] for name in EFFECT_ROWS])
    rows = rows[supplied[rows] != 0.0]
    if not len(rows) or not uses.any():
        return None
    balance = program.rows_index["balance"]
    cells = rows[(rows >= balance.start) & (rows < balance.stop)] - balance.start
    surplus = bench.columns.duplication + cells
    room = Hold(surplus, program.lower[surplus], program.upper[surplus] + 1e3 * np.abs(supplied[balance.start + cells]))
    number = bench.columns.capacity + case.offer
    total = float(uses.sum())
    return Line(rows, -supplied[rows], (Hold(columns, uses, uses), Hold.column(number, total, total), room))


def _useful_effect(bench: Bench, line: Line) -> float:
    """Beyond this further effect every place is full, so that more of it cannot help."""
    town, balance = bench.compiled.town, bench.program.rows_index["balance"]
    inside = (line.rows >= balance.start) & (line.rows < balance.stop)
    cells = line.rows[inside] - balance.start
    wanted = town.cells.demand[cells] * (1.0 + town.needs.wanted_reserve[town.cells.need[cells]])
    return float(min(1e3, (wanted / np.abs(line.direction[inside])).max(initial=1.0)))


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
