"""Figures: the table of coverage and the nine measures, counted again from the deliveries."""

from __future__ import annotations

import numpy as np

from allocate.judge.plan import Columns, Shown
from allocate.judge.rulebook import Rulebook, numbers_of
from allocate.judge.verdict import Floats, Verdict

type Numbers = dict[str, float]


def judge_coverage(book: Rulebook, shown: Shown, supply: Floats, verdict: Verdict) -> Floats:
    """The table of coverage, row by row; returns covered need units/year, spaces x needs."""
    demand = book.demand
    covered = np.minimum(supply, demand)
    beyond = supply - covered
    reserve = np.minimum(beyond, book.wanted_reserve[None, :] * demand)
    right = {
        "demand": demand,
        "supply": supply,
        "covered": covered,
        "wanted_reserve": reserve,
        "duplication": beyond - reserve,
        "gap": demand - covered,
    }
    table = shown.tables.coverage
    space, need = book.spaces.numbers(table["space_id"]), book.needs.numbers(table["need_id"])
    names = (table["space_id"].to_numpy(dtype=object), table["need_id"].to_numpy(dtype=object))
    verdict.none("judged-rows", (space < 0) | (need < 0), names, table="coverage")
    count = np.zeros(demand.shape, dtype=np.int64)
    np.add.at(count, (space, need), 1)
    wrong = (count != ((demand > 0) | book.served)).ravel()
    cells = np.flatnonzero(wrong)
    every = (book.spaces.ids[cells // len(book.needs)], book.needs.ids[cells % len(book.needs)]) if len(cells) else ()
    verdict.none("judged-rows", wrong[cells], every, table="coverage")
    size = (demand + supply)[space, need]
    for column, values in right.items():
        found = numbers_of(table[column])
        verdict.same("judged-coverage", names, found, values[space, need], size, column=column)
    return covered


def judge_measures(
    book: Rulebook, shown: Shown, plan: Columns, supply: Floats, covered: Floats, verdict: Verdict
) -> None:
    """The nine measures and the objective made of them."""
    right, size = _measures(book, plan, supply, covered)
    names = (np.array(list(right), dtype=object),)
    found = np.array([shown.measures[name] for name in right], dtype=float)
    counted = np.array(list(right.values()))
    # Where nothing is demanded there is no coverage, in both.
    nothing = np.isnan(found) & np.isnan(counted)
    found, counted = np.where(nothing, 0.0, found), np.where(nothing, 0.0, counted)
    verdict.same("judged-measure", names, found, counted, np.array(list(size.values())))
    case, budget = book.case, float(book.amount.sum())
    price = 1.0 / budget if budget > 0 else 0.0
    parts = np.array(
        [
            right["coverage_value"],
            case.number("equity_weight") * np.nan_to_num(right["lowest_space_coverage"]),
            -case.number("duplication_weight") * price * right["duplication_eur"],
            -case.number("movement_weight") * price * right["moved_eur"],
        ]
    )
    verdict.same(
        "judged-objective", (), np.array([shown.objective]), parts.sum(keepdims=True), np.abs(parts).sum(keepdims=True)
    )


def _measures(book: Rulebook, plan: Columns, supply: Floats, covered: Floats) -> tuple[Numbers, Numbers]:
    """Each measure, and the size of what was added up for it."""
    demand, weight = book.demand, book.need_weight
    counted = book.space_weight[:, None]
    asked = (counted * demand).sum(axis=0)
    share_of_need = _ratio((counted * covered).sum(axis=0), asked)
    total, known = float(weight.sum()), float(weight[asked > 0].sum())
    worth_of_need = _ratio((counted * _worth(book, covered)).sum(axis=0), asked)
    beyond = supply - covered
    reserve = np.minimum(beyond, book.wanted_reserve[None, :] * demand)
    released = np.maximum(0.0, book.offers.unit_cost * book.offers.today - plan.cost)
    spent, budget = float(plan.cost.sum()), float(book.amount.sum())
    price = book.price[None, :]
    right = {
        "coverage_value": float((weight * worth_of_need).sum()) / total if total > 0 else 0.0,
        "weighted_coverage": float((weight * share_of_need)[asked > 0].sum() / known) if known > 0 else np.nan,
        "lowest_space_coverage": _lowest(book, covered),
        "duplication_eur": float((price * (beyond - reserve)).sum()),
        "duplication_units": float((beyond - reserve).sum()),
        "wanted_reserve_units": float(reserve.sum()),
        "moved_eur": float(released.sum()),
        "spent_eur": spent,
        "unspent_eur": budget - spent,
    }
    units = float(supply.sum())
    size = dict.fromkeys(right, 1.0) | {
        "duplication_eur": float((price * supply).sum()),
        "duplication_units": units,
        "wanted_reserve_units": units,
        "moved_eur": float((book.offers.unit_cost * book.offers.today).sum()) + spent,
        "spent_eur": spent,
        "unspent_eur": budget + spent,
    }
    return right, size


def _worth(book: Rulebook, covered: Floats) -> Floats:
    """Covered units of every cell, each counted with the worth of the segment it falls into."""
    worth = np.zeros(covered.shape)
    for least, most, value in book.segments:
        start, stop = least * book.demand, most * book.demand
        worth += value * np.clip(covered - start, 0.0, stop - start)
    return worth


def _lowest(book: Rulebook, covered: Floats) -> float:
    """The coverage of the space that is covered least: the mean of its needs' shares with the needs' weights."""
    there = book.demand > 0
    weight = np.where(there, book.need_weight[None, :], 0.0)
    total = weight.sum(axis=1)
    shares = _ratio((weight * _ratio(covered, book.demand)).sum(axis=1), total)
    return float(shares[total > 0].min(initial=np.inf)) if (total > 0).any() else np.nan


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, 0 where there is no whole."""
    ratio: Floats = np.divide(part, whole, out=np.zeros_like(np.asarray(part, dtype=float)), where=whole > 0)
    return ratio
