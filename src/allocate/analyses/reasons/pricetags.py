"""Price tags: for every offer what is lost if it is closed and if it is kept as today, against its money's worth.

"Within one per cent of the best" says nothing of a single offer where there are hundreds: nearly every one may then be
anything. A price tag says what its absence costs, after everybody else has been planned anew with its money.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.reasons.consequence import TRACE
from allocate.analyses.reasons.direction import directions
from allocate.bench.resolve import NOTHING, Bench, Hold, Outcome
from allocate.inputs.case import Case
from allocate.language import Texts
from allocate.plain import Record
from allocate.results.columns import Columns
from allocate.results.measures import judge_cells
from allocate.results.told import Told
from allocate.session import Session
from allocate.town.arrays import Floats, Ints
from allocate.town.facts import OfferFacts

MUST, MAY = 0.5, 0.1
SAME_LEVEL = 1e-7
OFFER_COLUMNS = Columns(
    "offer_id", "name", "class", "direction", "cost_eur", "change_eur", "closing_possible", "closing_loss",
    "closing_loss_gap", "closing_worth", "closing_tag", "closing_lost_units", "keeping_possible", "keeping_loss",
    "keeping_loss_gap", "keeping_money_eur", "keeping_worth", "keeping_tag", "keeping_lost_units",
)  # fmt: skip
CELL_COLUMNS = Columns("offer_id", "question", "space_id", "need_id", "lost_units")
_TEXTS = Texts("allocate.analyses.alternatives")


@dataclass(frozen=True, eq=False, repr=False)
class PriceTags(Told):
    """The price tag of every offer of a scenario.

    ``offers`` (``OFFER_COLUMNS``): losses in objective points (inf where the rules cannot be met), ``*_worth`` the
    money concerned at the pots' marginal value, ``*_tag`` = loss / worth. ``class``: ``must`` (the rules need it, or
    closing costs at least ``must`` of its money's worth), ``may`` (at most ``may`` of it), ``weigh`` (between),
    ``idle`` (gets no money). ``cells`` (``CELL_COLUMNS``): where coverage is lost, largest first. Worths and places are
    those between the proposal and the best plan closest to today (``canonical``; else any best plan). ``complete`` is
    False where the work was interrupted.
    """

    JSON: ClassVar = ("scenario_id", "must", "may", "complete", "canonical", "message", "offers", "cells")

    scenario_id: str
    offers: pd.DataFrame
    cells: pd.DataFrame
    must: float = MUST
    may: float = MAY
    complete: bool = True
    canonical: bool = True

    def message(self, lang: str = "en") -> str:
        """What the figures mean, in one text."""
        return " ".join(self.notes(lang))

    def notes(self, lang: str = "en") -> list[str]:
        """What the figures mean, and where the plans behind them are not the only ones."""
        keys = ("prices.note",) if self.canonical else ("prices.note", "prices.near")
        return [_TEXTS.say(key, lang) for key in keys]


def price_tags(
    session: Session,
    scenario_id: str,
    *,
    must: float = MUST,
    may: float = MAY,
    progress: Callable[[str], None] | None = None,
) -> PriceTags:
    """The price tags of all offers, by re-solves in a row from one loaded program.

    ``progress`` is called with each offer's id before its turn. A ``KeyboardInterrupt`` ends the work; what is known
    by then is returned. Raises ``UsageError`` where there is no proposal.
    """
    bench = Bench(session, scenario_id)
    tags = _Tags(bench)
    complete = True
    try:
        for offer, offer_id in enumerate(bench.compiled.town.offers.ids.tolist()):
            if progress is not None:
                progress(str(offer_id))
            tags.add(offer)
    except KeyboardInterrupt:
        complete = False
    finally:
        bench.back_to_optimum()
    offers = tags.offers(bench.compiled.variant.case)
    offers["class"] = classes(offers, must, may)
    return PriceTags(scenario_id, OFFER_COLUMNS.of(offers), tags.cells(), must, may, complete, tags.canonical)


def classes(offers: pd.DataFrame, must: float, may: float) -> pd.Series:
    """The class of every offer by its closing loss (columns of ``OFFER_COLUMNS``)."""
    idle = offers["cost_eur"] <= TRACE
    loss, tag = offers["closing_loss"], offers["closing_tag"]
    # Money that is worth nothing elsewhere has no tag: any loss is then a loss for nothing.
    needed = ~offers["closing_possible"] | (tag >= must) | (tag.isna() & (loss > NOTHING))
    free = (tag <= may) | (loss <= NOTHING)
    words = np.select([idle & ~needed, needed, free], ["idle", "must", "may"], "weigh")
    return pd.Series(words, index=offers.index, dtype="str")


class _Tags:
    """Collects numbers offer by offer; tables are made once at the end."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        # Of an indivisible plan the program's own point says which offers are open without a place.
        whole = bench.is_mixed_integer and bench.optimum.x is not None
        self.x: Floats = bench.optimum.x if whole and bench.optimum.x is not None else bench.plan_x
        self.canonical = bench.asks_closest
        self._use = bench.program.columns_index.slice("use")
        self._funding = bench.program.columns_index.slice("funding")
        self._covered = judge_cells(bench.compiled.town, np.maximum(self.x[self._use], 0.0)).covered
        self._rows: list[Record] = []
        self._cells: list[tuple[int, str, Ints, Floats]] = []

    def add(self, offer: int) -> None:
        """Ask what closing and keeping this offer costs."""
        offers = self.bench.compiled.town.offers
        today = min(float(offers.baseline_capacity[offer]), float(offers.max_capacity[offer]))
        closing = self._asked(offer, "closing", self.bench.closed(offer), today)
        keeping = self._asked(offer, "keeping", self.bench.level(offer, least=today), today)
        self._rows.append({**closing, **keeping})

    def _asked(self, offer: int, question: str, holds: tuple[Hold, ...], today: float) -> Record:
        if self._is_met(offer, question, today):
            # The optimum at hand already meets the question, which therefore costs nothing.
            return _row(question, 0.0, self.bench.optimum.gap, 0.0, 0.0, 0.0)
        then = self.bench.ask_next_closest(*holds) if self.canonical else self.bench.ask_next(*holds)
        if then.x is None:
            return _row(question, math.inf if then.gap == 0 else math.nan, 0.0, math.nan, math.nan, math.nan)
        money, worth = self._own_money(offer, then, sign=-1.0 if question == "closing" else 1.0)
        lost = self._covered - judge_cells(self.bench.compiled.town, np.maximum(then.x[self._use], 0.0)).covered
        changed = np.flatnonzero(np.abs(lost) > TRACE)
        self._cells.append((offer, question, changed, lost[changed]))
        loss = self.bench.value - then.value
        gap = self.bench.optimum.gap + then.gap
        return _row(
            question, 0.0 if abs(loss) <= NOTHING else loss, gap, money, worth, float(np.maximum(lost, 0).sum())
        )

    def _is_met(self, offer: int, question: str, today: float) -> bool:
        """Whether the optimum at hand closes the offer (or keeps it) already.

        An offer may stay open without a place, because its fixed cost is not counted as re-steered then.
        """
        columns = self.bench.columns
        level = float(self.x[columns.capacity + offer])
        if question == "keeping":
            return level >= today - SAME_LEVEL * max(1.0, today)
        opened = 0.0 if columns.open is None else float(self.x[columns.open + offer])
        return level <= SAME_LEVEL and opened <= SAME_LEVEL

    def _own_money(self, offer: int, then: Outcome, *, sign: float) -> tuple[float, float]:
        funding = self.bench.compiled.town.funding
        own = np.flatnonzero(funding.offer == offer)
        after = self.x if then.x is None else then.x
        difference = sign * (after - self.x)[self._funding][own]
        return float(difference.sum()), float(difference @ self.bench.marginal_values[funding.pot[own]])

    def offers(self, case: Case) -> pd.DataFrame:
        """One row per offer that was asked."""
        plan = self.bench.plan.offers.head(len(self._rows))
        table = pd.DataFrame(self._rows, index=plan.index)
        table = pd.concat([plan[["offer_id", "cost_eur", "change_eur"]], table], axis=1)
        table["name"] = OfferFacts(case).name[: len(table)]
        table["direction"] = directions(plan).to_numpy()
        for question in ("closing", "keeping"):
            loss, worth = table[f"{question}_loss"], table[f"{question}_worth"]
            table[f"{question}_tag"] = (loss / worth).where(worth > NOTHING)
        return table

    def cells(self) -> pd.DataFrame:
        """Where coverage is lost (and gained, with a minus), largest loss first within each question."""
        town = self.bench.compiled.town
        if not self._cells:
            return CELL_COLUMNS.of()
        cell = np.concatenate([cells for _, _, cells, _ in self._cells])
        counts = [len(cells) for _, _, cells, _ in self._cells]
        number = np.repeat([offer for offer, _, _, _ in self._cells], counts)
        lost = np.concatenate([values for _, _, _, values in self._cells])
        question = np.repeat([question for _, question, _, _ in self._cells], counts)
        order: Ints = np.lexsort((-lost, question, number))
        values = (
            town.offers.ids[number], question, town.spaces.ids[town.cells.space[cell]],
            town.needs.ids[town.cells.need[cell]], lost,
        )  # fmt: skip
        return pd.DataFrame({name: part[order] for name, part in zip(CELL_COLUMNS, values, strict=True)})


def _row(question: str, loss: float, gap: float, money: float, worth: float, units: float) -> Record:
    row: Record = {
        f"{question}_possible": not math.isinf(loss),
        f"{question}_loss": loss,
        f"{question}_loss_gap": gap,
        f"{question}_worth": worth,
        f"{question}_lost_units": units,
    }
    return {**row, "keeping_money_eur": money} if question == "keeping" else row
