"""Better: plans that are at least as good as the proposal in every figure that a council is shown first.

The objective weighs more than these figures tell: the first places of a need count more than its last ones, and money
that is moved counts against a plan. A plan that looks better must be named with what speaks against it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocate.analyses.alternatives.other_plans import PROPOSAL, TODAY, Alternatives
from allocate.results.allocation import Allocation
from allocate.results.floor_kinds import minima, missed
from allocate.results.yardstick import CELL, measured_alike

type Row = Mapping[Hashable, Any]
# Differences below these are none: half a tenth of a percentage point, a euro.
_SHARE, _EUR = 5e-4, 1.0
# What two scenarios may differ by: changed inputs, told first, and these settings.
_CHANGES, _SETTINGS = "changes", ("pooling", "floor_sets", "max_moved", "indivisible")


@dataclass(frozen=True)
class Better:
    """A plan that looks better.

    ``kind``: ``near`` (a plan almost as good of the same scenario) or ``scenario``; ``id`` its name there.
    ``weighted_coverage`` and ``lowest_space_coverage``: shares 0..1; ``moved_eur``: EUR/year; ``below_best``: share of
    the objective by which it is worse (``near`` only); ``differs``: what it does not share, ``changes``
    of the inputs first, then settings; ``by``: the figures in which it is better, at least as good in the others.
    """

    kind: str
    id: str
    weighted_coverage: float
    lowest_space_coverage: float
    moved_eur: float
    below_best: float = math.nan
    differs: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


def comparable(plans: Mapping[str, Allocation], proposal: str) -> tuple[str, ...]:
    """The ids of the other plans that optimise and are measured by the same needs and weights as the proposal."""
    own = plans[proposal]
    return tuple(
        id
        for id, plan in plans.items()
        if id != proposal and plan.has_plan and not plan.scenario.evaluate and measured_alike(plan, own)
    )


def better(
    plans: Mapping[str, Allocation], proposal: str, measures: pd.DataFrame, alternatives: Alternatives | None
) -> tuple[Better, ...]:
    """The best looking plan almost as good, then the other scenarios that look better, the best looking first.

    ``measures``: ``Comparison.measures``. A plan looks better where coverage, the least covered space, suspected
    duplication and missed floors are all at least as good and one of them is better. Scenarios with other needs or
    weights are measured by another yardstick and are no better or worse.
    """
    rows = {str(row["scenario_id"]): row for row in measures.to_dict("records")}
    own = rows[proposal]
    missing = missed(minima(plans[proposal]))
    found = []
    if alternatives is not None:
        near = alternatives.overview[~alternatives.overview["plan_id"].isin([PROPOSAL, TODAY])]
        found += _ordered([_near(row, by) for row in near.to_dict("records") if (by := _better_by(row, own, 0, 0))])
    others = [
        _other(id, rows[id], plans[proposal], plans[id], by)
        for id in comparable(plans, proposal)
        if (by := _better_by(rows[id], own, missed(minima(plans[id])), missing))
    ]
    return (*found[:1], *_ordered(others))


def _better_by(row: Row, own: Row, missing: int, own_missing: int) -> tuple[str, ...]:
    """The figures in which a plan is better; none where it is worse in one of them."""
    gains = []
    for name, sign, least in (
        ("weighted_coverage", 1.0, _SHARE), ("lowest_space_coverage", 1.0, _SHARE), ("duplication_eur", -1.0, _EUR),
    ):  # fmt: skip
        difference = sign * (float(row[name]) - float(own[name]))
        if not difference >= -least:
            return ()
        if difference > least:
            gains.append(name)
    if missing > own_missing:
        return ()
    return (*gains, *(["floors_missed"] if missing < own_missing else []))


def _ordered(found: list[Better]) -> list[Better]:
    """By the best covered weakest space, then by coverage."""
    return sorted(found, key=lambda one: (-one.lowest_space_coverage, -one.weighted_coverage))


def _near(row: Row, by: tuple[str, ...]) -> Better:
    coverage, lowest = float(row["weighted_coverage"]), float(row["lowest_space_coverage"])
    moved, below = float(row["moved_eur"]), float(row["below_best"])
    return Better("near", str(row["plan_id"]), coverage, lowest, moved, below, by=by)


def _other(id: str, row: Row, own: Allocation, plan: Allocation, by: tuple[str, ...]) -> Better:
    coverage, lowest = float(row["weighted_coverage"]), float(row["lowest_space_coverage"])
    changed = not plan.variant.changes[CELL].equals(own.variant.changes[CELL])
    differs = [name for name in _SETTINGS if getattr(plan.scenario, name) != getattr(own.scenario, name)]
    # The limit of what may be moved is no reason against a plan that moves less than the proposal may.
    if "max_moved" in differs and plan.scenario.max_moved < own.scenario.max_moved:
        differs.remove("max_moved")
    differs = [*([_CHANGES] if changed else []), *differs]
    return Better("scenario", id, coverage, lowest, float(row["moved_eur"]), differs=tuple(differs), by=by)
