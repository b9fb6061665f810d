"""Duplication made visible: duplicated cells, pairs of offers side by side, and two honest totals for every plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from allocate.analyses.comparison.compare import status_quo_of
from allocate.analyses.duplication.fewest_parallel import SECONDS, FewestParallel, fewest_parallel
from allocate.analyses.duplication.overlap_pairs import COLUMNS as PAIR_COLUMNS
from allocate.analyses.duplication.overlap_pairs import overlap_pairs
from allocate.analyses.duplication.parallel import COLUMNS as PARALLEL_COLUMNS
from allocate.analyses.duplication.parallel import parallel_structures
from allocate.analyses.duplication.resteerable import Resteerable, resteerable
from allocate.analyses.duplication.surplus import (
    CELL_COLUMNS,
    SUPPLIER_COLUMNS,
    SUSPECTED,
    TO_CHECK,
    WANTED,
    Surplus,
    surplus,
)
from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session

TABLES = ("totals", "cells", "suppliers", "parallel", "pairs", "resteerable")
TOTAL_COLUMNS = Columns(
    "scenario_id", "status", "duplication", "duplication_eur", "suspected_eur", "to_check_eur", "wanted_plurality_eur",
    "locked_eur", "wanted_reserve", "wanted_reserve_eur", "spent_eur", "resteerable_eur", "resteerable_at_most_eur",
    "held_by_commitments_eur", "avoidable_eur", "unavoidable_eur", "parallel_cells", "parallel_structures",
)  # fmt: skip
_WHERE = ("offer_id", "cost_eur", "cheapest_eur", "change_eur")


@dataclass(frozen=True, eq=False, repr=False)
class Duplication(Told):
    """Duplication in the status quo and in each scenario; columns in docs/compare.md, each with ``scenario_id``.

    ``totals`` one row per plan; ``cells`` the cells with a surplus and ``suppliers`` their offers; ``parallel`` cells
    with more providers than wanted; ``pairs`` structural overlap; ``resteerable`` where the re-steerable money lies.
    """

    JSON: ClassVar = (
        "case=case.name", "fingerprint", "status_quo", "scenarios", *TABLES, "fewest",
    )  # fmt: skip

    case: Case
    fingerprint: str
    status_quo: str
    plans: dict[str, Allocation]
    totals: pd.DataFrame
    cells: pd.DataFrame
    suppliers: pd.DataFrame
    parallel: pd.DataFrame
    pairs: pd.DataFrame
    resteerable: pd.DataFrame
    fewest: tuple[FewestParallel, ...] = ()

    def scenarios(self, lang: str) -> list[dict[str, object]]:
        """What is looked at, and how each scenario ended."""
        return [{"scenario_id": id, **plan.ending(lang)} for id, plan in self.plans.items()]


def duplication(
    session: Session,
    ids: Sequence[str] = (),
    *,
    fewest: bool = False,
    within: float = 0.01,
    seconds: float = SECONDS,
    step: Callable[[str], None] = lambda _name: None,
) -> Duplication:
    """Duplication of scenarios (none named: the status quo alone); the status quo is always among them.

    ``fewest``: also how few parallel structures would do in each proposal (``fewest_parallel`` has its arguments).
    Raises ``UsageError`` for an unknown scenario before anything is solved, ``CertificateError``.
    """
    wanted = list(dict.fromkeys(ids))
    for id in wanted:
        session.variant(id)
    base = status_quo_of(session, wanted)
    judged, least = {}, []
    for id in [base, *(id for id in wanted if id != base)]:
        step(id)
        judged[id] = _Judged.of(session, id)
        plan = judged[id].plan
        if fewest and plan.has_plan and not plan.scenario.evaluate:
            least.append(fewest_parallel(session, id, within=within, seconds=seconds))
    return Duplication(
        case=session.case,
        fingerprint=session.fingerprint,
        status_quo=base,
        plans={id: one.plan for id, one in judged.items()},
        totals=TOTAL_COLUMNS.of([one.totals() for one in judged.values()]),
        cells=_stacked(judged, lambda one: one.surplus.cells, CELL_COLUMNS),
        suppliers=_stacked(judged, lambda one: one.surplus.suppliers, SUPPLIER_COLUMNS),
        parallel=_stacked(judged, lambda one: one.parallel, PARALLEL_COLUMNS),
        pairs=_stacked(judged, lambda one: one.pairs, PAIR_COLUMNS),
        resteerable=_stacked(judged, lambda one: one.money.offers, _WHERE),
        fewest=tuple(least),
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """What there is to say of a plan."""

    surplus: Surplus
    parallel: pd.DataFrame
    pairs: pd.DataFrame
    money: Resteerable


@dataclass(frozen=True)
class _Judged:
    """One scenario; ``found`` is None where it has no plan."""

    id: str
    plan: Allocation
    found: _Found | None

    @classmethod
    def of(cls, session: Session, id: str) -> _Judged:
        plan = session.run(id)
        money = resteerable(session, id)
        if money is None:
            return cls(id, plan, None)
        compiled = session.compiled(id)
        over = surplus(compiled, plan)
        pairs = overlap_pairs(compiled, plan, over.cells)
        return cls(id, plan, _Found(over, parallel_structures(compiled, plan), pairs, money))

    def totals(self) -> dict[str, object]:
        head = {"scenario_id": self.id, "status": str(self.plan.status)}
        if self.found is None:
            return {**head, **dict.fromkeys(TOTAL_COLUMNS[2:], math.nan)}
        cells, money = self.found.surplus.cells, self.found.money
        by_assessment = cells.groupby("assessment")["duplication_eur"].sum()
        return {
            **head,
            "duplication": float(cells["duplication"].sum()),
            "duplication_eur": float(cells["duplication_eur"].sum()),
            "suspected_eur": float(by_assessment.get(SUSPECTED, 0.0)),
            "to_check_eur": float(by_assessment.get(TO_CHECK, 0.0)),
            "wanted_plurality_eur": float(by_assessment.get(WANTED, 0.0)),
            "locked_eur": float(cells["locked_eur"].sum()),
            "wanted_reserve": float(cells["wanted_reserve"].sum()),
            "wanted_reserve_eur": float(cells["wanted_reserve_eur"].sum()),
            "spent_eur": money.spent_eur,
            "resteerable_eur": money.resteerable_eur,
            "resteerable_at_most_eur": money.at_most_eur,
            "held_by_commitments_eur": money.locked_eur,
            "avoidable_eur": money.avoidable_eur,
            "unavoidable_eur": money.unavoidable_eur,
            "parallel_cells": len(self.found.parallel),
            "parallel_structures": int(self.found.parallel["excess"].sum()),
        }


def _stacked(
    judged: dict[str, _Judged], table: Callable[[_Found], pd.DataFrame], columns: Sequence[str]
) -> pd.DataFrame:
    parts = [
        table(one.found).assign(scenario_id=id)[["scenario_id", *columns]]
        for id, one in judged.items()
        if one.found is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["scenario_id", *columns])
