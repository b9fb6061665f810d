"""Thresholds: up to which price, effect, demand or weight the proposal keeps an offer, as a planner reads it.

The figure is changed in the tables and the whole scenario is planned anew, yardstick and all. Where the answer changes
is sought outwards from today's figure: there, some best plan keeps the level as long as holding it costs nothing, which
needs two warm re-solves. Nothing is said on that ground: with the figure on either side, rounded as it is shown, the
whole town is planned once more, certified and canonical, and the threshold is given only where these two proposals
confirm it. The answer need not be monotone, so no more is said than what was looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from allocate.analyses.reasons.breakeven import Case, Tipping
from allocate.analyses.reasons.tipping import first_change
from allocate.bench.proposals import closest_to_today
from allocate.bench.resolve import NOTHING, Bench, Hold, outcome_of
from allocate.bench.siblings import Siblings
from allocate.inputs.columns import numbers
from allocate.inputs.in_places import is_in_places
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import compile_variant
from allocate.results.columns import Columns
from allocate.results.plan_tables import without_noise
from allocate.session import Session
from allocate.solve.distance import today_of
from allocate.town.arrays import Bools, Floats

UPWARDS: Floats = np.array([1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0])
DOWNWARDS: Floats = np.array([1.0, 0.9, 0.75, 0.5, 0.25, 0.1, 0.0])
# How far a price may rise step by step, until not even all pots together could pay for the level.
DEARER: Floats = np.array([1.0, 1.001, 1.01, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0])
# Prices are looked at in whole cents, factors in whole thousandths, because they are shown so.
CENT, THOUSANDTH = 0.01, 0.001
# A plan keeps a level from this share of it on.
KEPT = 1 - 1e-6
COST_COLUMNS = Columns("unit_cost", "fixed_cost", "variable_unit_cost")


def thresholds(bench: Bench, case: Case) -> Iterator[Tipping]:
    """Thresholds of an offer's price and effect, and of demand and weight of the need it covers best.

    An offer below the level that is asked for (``case.rising``) is asked when it would reach it. A funded one is asked
    up to which price it keeps its level (``price``), and for every figure up to which it keeps at least one place
    (``price_any``, ``effect``, ``demand``, ``weight``); where a contract keeps places anyway, up to which it keeps its
    level.
    """
    yield from prices(bench, case)
    need = _best_need(bench, case.offer)
    if not need:
        return
    level = case.level if case.rising else _last_place(bench, case)
    for parameter, key in (("effect", ""), ("demand", need), ("weight", need)):
        figure = _Figure(bench, case.offer, parameter, need, level)
        yield from _threshold(figure, UPWARDS if case.rising else DOWNWARDS, key, rising=case.rising)


def nearest_threshold(bench: Bench, case: Case) -> tuple[Tipping, ...]:
    """The nearest of the thresholds that are told of figures of the town (``Tipping.tells``), at most one.

    The same one as among ``thresholds``, for a fraction of the work: a figure is followed only as far as the nearest
    threshold found before.
    """
    best: Tipping | None = None
    for figure, factors, key in _told(bench, case):
        within = math.inf if best is None else abs(best.change)
        for one in _threshold(figure, factors, key, rising=case.rising, within=within):
            # Where the last places go with the first, the price at which the offer closes says more, and is not told.
            closes = not case.rising and one.parameter == "price" and one.bad < _last_place(bench, case) * KEPT
            if one.tells and not (closes and case.level > _last_place(bench, case)) and abs(one.change) < within:
                best = one
    return () if best is None else (best,)


def _told(bench: Bench, case: Case) -> Iterator[tuple[_Figure, Floats, str]]:
    """Price, demand and weight with the factors to look at: what a report tells thresholds of."""
    town = bench.compiled.town
    today = _price(bench, case)
    if today > 0:
        money = float(town.pot_amount[town.funding.pot[town.funding.offer == case.offer]].sum())
        factors = DOWNWARDS if case.rising else _dearer(money / case.level / today)
        yield _Figure(bench, case.offer, "price", "", case.level, today), factors, ""
    need = _best_need(bench, case.offer)
    if need:
        level = case.level if case.rising else _last_place(bench, case)
        for parameter in ("demand", "weight"):
            factors = UPWARDS if case.rising else DOWNWARDS
            yield _Figure(bench, case.offer, parameter, need, level), factors, need


def _best_need(bench: Bench, offer: int) -> str:
    """The need that an offer covers best; blank where it covers none."""
    town = bench.compiled.town
    own = town.pairs.offer[town.supply.pair] == offer
    if not own.any():
        return ""
    return str(town.needs.ids[int(town.cells.need[town.supply.cell[own]][np.argmax(town.supply.rate[own])])])


def _last_place(bench: Bench, case: Case) -> float:
    bound = bench.program.lower[bench.columns.capacity + case.offer] > 0
    return case.level if bound else min(1.0, case.level)


def prices(bench: Bench, case: Case) -> Iterator[Tipping]:
    """The thresholds of an offer's price alone."""
    today = _price(bench, case)
    if not today > 0 or is_in_places(bench.compiled.variant.case):
        return
    if case.rising:
        yield from _threshold(_Figure(bench, case.offer, "price", "", case.level, today), DOWNWARDS, rising=True)
        return
    said = [one for figure, factors in _kept_prices(bench, case, today) for one in _threshold(figure, factors)]
    # Where both fall together, the last places are gone with the first.
    yield from said[-1:] if len({one.value for one in said}) == 1 else said


def price_of_level(bench: Bench, case: Case) -> Iterator[Tipping]:
    """Of the thresholds that ``prices`` tells of a funded offer, the one up to which it keeps its level.

    For a fraction of the work: the last places are followed only as far as it lies, to see whether they go with it.
    """
    today, found = _price(bench, case), None
    if not today > 0 or is_in_places(bench.compiled.variant.case):
        return
    for figure, factors in _kept_prices(bench, case, today):
        if figure.parameter == "price":
            found = next(_threshold(figure, factors), None)
        elif found is not None:
            last = next(_threshold(figure, factors, within=abs(found.change)), None)
            found = None if last is not None and last.value == found.value else found
    if found is not None:
        yield found


def _kept_prices(bench: Bench, case: Case, today: float) -> Iterator[tuple[_Figure, Floats]]:
    """The price as that of the level and, where these are not the same, of the last place; with factors to look at."""
    town = bench.compiled.town
    money = float(town.pot_amount[town.funding.pot[town.funding.offer == case.offer]].sum())
    last = _last_place(bench, case)
    for parameter, level in (("price", case.level), ("price_any", last))[: 2 if last < case.level else 1]:
        yield _Figure(bench, case.offer, parameter, "", level, today), _dearer(money / level / today)


def _dearer(most: float) -> Floats:
    """Factors on the price up to just beyond ``most``, which no pot can pay."""
    factors = [1.0, *(float(one) for one in DEARER[1:] if one < most)]
    while factors[-1] * 3 < most:
        factors.append(factors[-1] * 3)
    return np.array([*factors, max(most, 1.0) * 1.01])


def _price(bench: Bench, case: Case) -> float:
    """EUR per place today: the unit cost; in an indivisible scenario the whole cost of the level, by place."""
    town = bench.compiled.town
    capacity = np.zeros(len(town.offers.ids))
    capacity[case.offer] = case.level
    return float(town.cost_of(capacity)[case.offer]) / case.level if case.level > 0 else math.nan


def _threshold(
    figure: _Figure, factors: Floats, key: str = "", *, rising: bool = False, within: float = math.inf
) -> Iterator[Tipping]:
    """The threshold outwards from today's figure, where two proposals planned anew confirm it.

    ``within``: one farther than this relative change is not asked for, nor is what lies at the end of the factors.
    """
    if figure.keeps(float(factors[0])) is rising:
        return
    last, factor = first_change(figure.keeps, factors, narrow=THOUSANDTH, within=within + 2 * THOUSANDTH)
    if math.isnan(factor) and math.isfinite(within):
        return
    blank = Tipping(figure.parameter, "", key, figure.today, level=figure.level)
    if math.isnan(factor):
        end = float(factors[-1])
        if figure.capacity(end)[0] != rising:
            answer = "not_even_free" if figure.parameter == "price" and end == 0 else "not_found"
            yield replace(blank, answer=answer, value=figure.shown(end), verified=True)
        return
    good, bad = figure.rounded(*((factor, last) if rising else (last, factor)))
    kept, there = figure.capacity(good)
    lost, beyond = figure.capacity(bad)
    if kept and not lost:
        answer = "no_plan" if math.isnan(beyond) else "value"
        sides = replace(blank, value=figure.shown(good), beyond=figure.shown(bad), good=there, bad=beyond)
        yield replace(sides, answer=answer, verified=True)


@dataclass
class _Figure:
    """One figure of the tables times a factor. ``today``: its value (1 for factors on many values)."""

    bench: Bench
    offer: int
    parameter: str
    need_id: str
    level: float
    today: float = 1.0
    seen: dict[float, bool] = field(default_factory=dict)

    @cached_property
    def siblings(self) -> Siblings:
        """Plans the changed tables, one after the other."""
        # In large towns the way from the optimum may be longer than the one from scratch.
        near = self.bench.loaded if self.bench.asks_closest else None
        return Siblings(self.bench.session.limits, near)

    @property
    def is_price(self) -> bool:
        """Whether less of it is in the offer's favour."""
        return self.parameter.startswith("price")

    def shown(self, factor: float) -> float:
        """The figure itself, as it is shown."""
        return round(factor * self.today, 6)

    def rounded(self, good: float, bad: float) -> tuple[float, float]:
        """Both sides as they are shown, each rounded away from the other; today's own figure stays as it is."""
        step = CENT / self.today if self.is_price else THOUSANDTH
        down, up = (good, bad) if self.is_price else (bad, good)
        down = down if down == 1 else math.floor(down / step + 1e-9) * step
        up = up if up == 1 else math.ceil(up / step - 1e-9) * step
        up = up if up > down else down + step
        return (down, up) if self.is_price else (up, down)

    def keeps(self, factor: float) -> bool:
        """Whether some best plan keeps the level at this factor, because holding it costs nothing."""
        if factor not in self.seen:
            self.seen[factor] = self._keeps(factor)
        return self.seen[factor]

    def _keeps(self, factor: float) -> bool:
        # Today's figure is that of the scenario, whose program stands ready.
        compiled = self.bench.compiled if factor == 1 else compile_variant(self.variant(factor))
        number = compiled.program.columns_index["capacity"].start + self.offer
        loaded = self.bench.changed(compiled)
        free = outcome_of(loaded.solve(), compiled.program)
        if not free.possible:
            return False
        upper = float(compiled.program.upper[number])
        hold = Hold.column(number, min(max(self.level, float(compiled.program.lower[number])), upper), upper)
        if free.x is not None and free.x[number] >= hold.lower[0]:
            return True
        loaded.change_bounds(hold.numbers, hold.lower, hold.upper)
        kept = outcome_of(loaded.solve(), compiled.program)
        return free.value - kept.value <= NOTHING + free.gap + kept.gap

    def capacity(self, factor: float) -> tuple[bool, float]:
        """Whether the proposal planned anew keeps the level, and its places (NaN where there is no plan)."""
        capacity = self._planned(factor)
        return capacity >= self.level * KEPT, capacity

    def _planned(self, factor: float) -> float:
        """The offer's places in the certified, canonical plan of the changed tables; NaN where there is none."""
        variant, limits = self.variant(factor), self.bench.session.limits
        if self.bench.is_mixed_integer or math.isfinite(limits.remaining):
            session = Session(self.bench.session.case, limits=limits)
            plan = session.run(session.add(variant))
            return float(plan.offers["capacity"].iloc[self.offer]) if plan.has_plan else math.nan
        compiled = compile_variant(variant)
        answer = self.siblings.solve(compiled.program, scenario=self.bench.scenario_id)
        if answer is None:
            return math.nan
        x, _, _ = closest_to_today(answer, today_of(compiled), limits, scenario=self.bench.scenario_id)
        delivery = without_noise(x[compiled.program.columns_index.slice("use")])
        return float(compiled.town.capacity_of(delivery)[self.offer])

    def variant(self, factor: float) -> Variant:
        """The scenario with the figure changed in its tables, everything else as it is."""
        variant = self.bench.compiled.variant
        table, rows, columns = self._changed
        changed = {name: np.where(rows, values * factor, values) for name, values in columns.items()}
        return replace(variant, case=variant.case._unchecked(**{table: changed}))

    @cached_property
    def _changed(self) -> tuple[str, Bools, dict[str, Floats]]:
        """The table in which the figure stands, its rows there, and the columns with their values of today."""
        variant = self.bench.compiled.variant
        case, columns = variant.case, Columns(self.parameter)
        if self.is_price or self.parameter == "effect":
            name, columns = ("offers", COST_COLUMNS) if self.is_price else ("effects", columns)
            rows = case[name]["offer_id"] == str(self.bench.compiled.town.offers.ids[self.offer])
        elif self.parameter == "demand":
            name, table = "demand", case["demand"]
            rows = (table["need_id"] == self.need_id) & table["space_id"].isin(self._spaces())
        else:
            name, table = "weight_sets", case["weight_sets"]
            rows = (table["need_id"] == self.need_id) & (table["weight_set"] == variant.scenario.weight_set)
            if not variant.scenario.weight_set or not rows.any():
                name, rows = "needs", case["needs"]["need_id"] == self.need_id
        return name, rows.to_numpy(dtype=bool), {one: numbers(case, name, one) for one in columns}

    def _spaces(self) -> list[str]:
        """The spaces that the offer reaches."""
        town = self.bench.compiled.town
        return [str(one) for one in town.spaces.ids[np.unique(town.pairs.space[town.pairs.offer == self.offer])]]
