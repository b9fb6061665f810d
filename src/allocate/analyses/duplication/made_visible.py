"""Duplication made visible: duplicated cells, pairs of offers side by side, and two honest totals for every plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.comparison.compare import status_quo_of
from allocate.analyses.duplication.fewest_parallel import SECONDS, FewestParallel, fewest_parallel
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
from allocate.model.compile import Compiled
from allocate.plain import Record
from allocate.results.allocation import ENDED, Allocation
from allocate.results.columns import Columns, under
from allocate.results.told import Told, parts
from allocate.session import Session
from allocate.town.facts import OfferFacts

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

    JSON: ClassVar = ("case=case.name", "fingerprint", "status_quo", "scenarios", *TABLES, "fewest")

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

    def scenarios(self, lang: str) -> list[Record]:
        """What is looked at, and how each scenario ended."""
        return [parts(plan, ENDED, lang) for plan in self.plans.values()]


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

    def totals(self) -> Record:
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
        table(one.found)[list(columns)].assign(scenario_id=id) for id, one in judged.items() if one.found is not None
    ]
    return under(parts, ["scenario_id", *columns])


PAIR_COLUMNS = Columns(
    "offer_id_a", "offer_id_b", "need_id", "same_target_group", "same_space", "overlapping_hours", "wanted", "overlap",
    "assessment", "status", "heard", "note", "both_run", "shared_duplication", "one_site_eur",
)  # fmt: skip


def overlap_pairs(compiled: Compiled, plan: Allocation, cells: pd.DataFrame) -> pd.DataFrame:
    """The pairs of ``overlaps`` with their overlap = target group x space x hours x (1 - wanted), 0..1.

    A blank fact is unknown, and the overlap with it. ``assessment``: wanted (wholly), to_check (partly wanted, or a
    fact is missing), else suspected; ``status`` and ``heard`` are what the planners entered. ``both_run``: both have
    capacity in the plan. ``shared_duplication``: duplicated need units/year in ``cells`` that both supply.
    ``one_site_eur``: what could be re-steered at most if the two shared one site, the smaller of the two fixed costs
    (EUR/year), never the whole cost of an offer; NaN without fixed costs, 0 where being side by side is wanted.
    """
    case = compiled.variant.case
    pairs, offers = case["overlaps"], OfferFacts(case)
    facts = pairs[["same_target_group", "same_space", "overlapping_hours"]]
    wanted = pairs["wanted"].fillna(0.0)
    overlap = facts.prod(axis=1, skipna=False) * (1.0 - wanted)
    partly = ((wanted > 0) & (wanted < 1)) | facts.isna().any(axis=1)
    smaller = np.minimum(*(offers.of(offers.fixed_cost, pairs[side]) for side in ("offer_id_a", "offer_id_b")))
    running = plan.offers.set_index("offer_id")["capacity"] > 0
    table = pairs.assign(
        overlap=overlap,
        assessment=np.select([wanted >= 1, partly], [WANTED, TO_CHECK], SUSPECTED),
        both_run=pairs["offer_id_a"].map(running).eq(True) & pairs["offer_id_b"].map(running).eq(True),
        shared_duplication=_shared(pairs, cells),
        one_site_eur=np.where(wanted < 1, smaller, 0.0),
    )
    return PAIR_COLUMNS.of(table.sort_values("overlap", ascending=False, kind="stable").reset_index(drop=True))


def _shared(pairs: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """Duplicated units in the cells of the pair's need that both offers supply."""
    supplied = cells.assign(offer=cells["offers"].str.split(";")).explode("offer")[["space_id", "need_id", "offer"]]
    numbered = pairs[["offer_id_a", "offer_id_b", "need_id"]].assign(pair=np.arange(len(pairs)))
    both = numbered.merge(supplied, left_on=["offer_id_a", "need_id"], right_on=["offer", "need_id"]).merge(
        supplied, left_on=["offer_id_b", "need_id", "space_id"], right_on=["offer", "need_id", "space_id"]
    )
    units = both.merge(cells[["space_id", "need_id", "duplication"]], on=["space_id", "need_id"])
    found = units.groupby("pair")["duplication"].sum().reindex(range(len(pairs)), fill_value=0.0)
    return pd.Series(found.to_numpy(), index=pairs.index)
