"""Which figure, if it were wrong, would change a decision first.

Every figure is moved up and down by itself, everybody is planned anew, and the smallest relative change is sought at
which some offer goes in another direction than in the proposal (or no plan is left). The search always works on the
figure whose turning point may still be nearest, so that the first ones are settled long before all are: from a coarse
ladder of changes down to one per cent of the change itself. A turn that only appears between two rungs and vanishes
before the upper one is not seen. An offer that turns at the finest rung hangs by a thread, whatever the figure: it is
named once and then left aside, and any other after three figures, or one unsure offer would fill the whole list. Warm
re-solves look; each point that is shown was planned from scratch on both sides.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.reasons.direction import EUR, SHARE
from allocate.analyses.robustness.replan import Replanned, Replanner, at_point
from allocate.analyses.robustness.uncertain_inputs import UncertainInput, uncertain_inputs
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import compile_variant
from allocate.plain import Record
from allocate.results.columns import Columns
from allocate.results.ledger import ledger
from allocate.results.told import Told

# Relative changes looked at one after the other, up to the largest asked for.
LADDER = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
FIRST = 0.01
# A turning point is narrowed to this share of itself.
NARROW = 0.01
NO_PLAN = "no_plan"
# What planning from scratch did not confirm.
UNCONFIRMED = "unconfirmed"
# So many figures are named for one offer.
EACH = 3
INPUT_COLUMNS = Columns(
    "rank", "kind", "table", "key", "change", "holds_until", "today", "value", "offer_id", "from_direction",
    "to_direction", "turned_offers", "what_if", "verified",
)  # fmt: skip


@dataclass(order=True)
class _Search:
    """One figure moved to one side: it holds up to ``good``, turns at ``bad`` (inf: not found yet)."""

    good: float
    order: int
    bad: float = field(compare=False)
    figure: UncertainInput = field(compare=False)
    sign: int = field(compare=False)
    seen: dict[float, frozenset[str]] = field(compare=False, default_factory=dict)

    @property
    def settled(self) -> bool:
        """Whether the turning point is known to one per cent, or lies below the finest rung."""
        return self.bad <= LADDER[0] or (math.isfinite(self.bad) and self.bad - self.good <= NARROW * self.bad)

    def next(self, most: float) -> float:
        """The change to look at next: a rung of the ladder, then halfway."""
        if not math.isfinite(self.bad):
            above = [rung for rung in LADDER if rung > self.good] if self.good else [FIRST]
            return min([*above, most])
        between = [rung for rung in LADDER if self.good < rung < self.bad]
        return between[0] if between else (self.good + self.bad) / 2.0


@dataclass(frozen=True, eq=False, repr=False)
class Turning(Told):
    """The ranking (``INPUT_COLUMNS``) and how much was looked at.

    ``change`` and ``holds_until`` are relative and signed (+0.05: five per cent more); the true turning point lies
    between them. ``offer_id`` is the turned offer with the most money, ``turned_offers`` lists all that turn there but
    those already named by a thread (a row with ``holds_until`` 0) or often enough; ``what_if`` the change as one line
    for ``--change``; ``verified``: planned from scratch, certified, it turns at ``change`` and not at ``holds_until``
    (where that is 0, the proposal itself). Where nothing turns at ``change`` planned from scratch, there is no
    ``offer_id`` and ``to_direction`` is ``unconfirmed``. ``looked_at`` of ``inputs`` figures were searched, up to
    ``most``.
    """

    JSON: ClassVar = ("looked_at", "inputs", "most", "complete", "table")

    table: pd.DataFrame
    looked_at: int
    inputs: int
    most: float
    complete: bool = True


def turning(
    replanner: Replanner,
    *,
    most: float = 0.3,
    limit: int = 200,
    count: int = 10,
    each: int = EACH,
    progress: Callable[[str], None] | None = None,
) -> Turning:
    """The ``count`` figures with the nearest turning points among the ``limit`` with the most money behind them.

    ``each``: how many figures are named for one offer. ``progress`` is called with the key of each figure when it is
    first looked at, once per side. A ``KeyboardInterrupt`` ends the search; what is settled by then is returned.
    """
    figures = uncertain_inputs(replanner.variant, ledger(replanner.bench.compiled.town, replanner.bench.plan))
    chosen = figures[:limit]
    search = _Ranking(replanner, chosen, (most, each), progress or (lambda _key: None))
    complete = True
    try:
        search.run(count)
    except KeyboardInterrupt:
        complete = False
    return Turning(table_of(search.rows), len(chosen), len(figures), most, complete)


def table_of(rows: list[Record]) -> pd.DataFrame:
    """The ranking as a table."""
    return INPUT_COLUMNS.of([{"rank": rank, **row} for rank, row in enumerate(rows, 1)])


class _Ranking:
    """Best-first search over all figures and both sides."""

    def __init__(
        self, replanner: Replanner, figures: list[UncertainInput], reach: tuple[float, int], step: Callable[[str], None]
    ) -> None:
        self.replanner = replanner
        self.most, self.each = reach
        self.step = step
        self.rows: list[Record] = []
        # Offers that have been named often enough, by thread or count.
        self.loose: frozenset[str] = frozenset()
        self._named: Counter[str] = Counter()
        self._open = [
            _Search(0.0, 2 * place + (sign < 0), math.inf, figure, sign)
            for place, figure in enumerate(figures)
            for sign in (1, -1)
        ]
        heapq.heapify(self._open)

    def run(self, count: int) -> None:
        """Settle turning points, the nearest first, until ``count`` are known or none is left within reach."""
        while self._open and len(self.rows) < count:
            one = heapq.heappop(self._open)
            if one.settled:
                # Every other search holds at least as far as this one, so nothing nearer can turn up.
                row = self._row(one)
                self.rows.append(row)
                self._leave_aside(one, verified=bool(row["verified"]))
                continue
            change = one.next(self.most)
            if self._turned(one, change) - self.loose:
                one.bad = change
            else:
                one.good = change
            if one.good < self.most:
                heapq.heappush(self._open, one)

    def _leave_aside(self, one: _Search, *, verified: bool) -> None:
        """Offers named often enough no longer count, and what turns nothing else is looked at again further out.

        A thread that planning from scratch does not confirm leaves its offer open to be named for another figure.
        """
        offers = one.seen[one.bad] - self.loose - {NO_PLAN}
        by_thread = not one.good and verified
        self._named.update(offers)
        enough = {offer for offer in offers if by_thread or self._named[offer] >= self.each}
        if not enough:
            return
        self.loose |= enough
        waiting = [*self._open, one] if by_thread else self._open
        for other in waiting:
            if math.isfinite(other.bad) and not other.seen[other.bad] - self.loose:
                rungs = [change for change, turned_there in other.seen.items() if not turned_there - self.loose]
                other.good, other.bad = max([0.0, *rungs]), math.inf
        self._open = [other for other in waiting if other.good < self.most]
        heapq.heapify(self._open)

    def variant(self, one: _Search, change: float) -> Variant:
        """The scenario with the figure changed."""
        factor = 1.0 + one.sign * change
        return self.replanner.with_tables(one.figure.tables(self.replanner.variant.case, factor))

    def _turned(self, one: _Search, change: float) -> frozenset[str]:
        """The offers that turn at a change, or ``no_plan``."""
        if change not in one.seen:
            if not one.seen:
                self.step(one.figure.key)
            one.seen[change] = self._asked(one, change)
        return one.seen[change]

    def _asked(self, one: _Search, change: float) -> frozenset[str]:
        proposal = self.replanner.proposal
        compiled = compile_variant(self.variant(one, change))
        found = self.replanner.optimum(compiled)
        if found is None:
            return frozenset((NO_PLAN,))
        # On the ladder any optimal plan that turns nothing will do; near the turning point the one closest to today
        # decides, because it is the one that would be proposed.
        vertex = frozenset(turned(proposal, at_point(compiled, found)).ids)
        if math.isinf(one.bad) and not vertex - self.loose:
            return vertex
        return frozenset(turned(proposal, self.replanner.closest(compiled, found)).ids)

    def _row(self, one: _Search) -> Record:
        bad, good = self._afresh(one, one.bad), self._afresh(one, one.good)
        holds = not one.good or (good is not None and not good.ids)
        turns = bad is None or bool(bad.ids)
        offer_id, before, after = ("", "", UNCONFIRMED) if bad is None or not bad.ids else bad.first
        factor = 1.0 + one.sign * one.bad
        values = (
            one.figure.kind, one.figure.table, one.figure.key, one.sign * one.bad, one.sign * one.good,
            one.figure.today, one.figure.today * factor, offer_id, before, NO_PLAN if bad is None else after,
            "" if bad is None else ";".join(bad.ids), one.figure.what_if(factor), bool(holds and turns),
        )  # fmt: skip
        return dict(zip(INPUT_COLUMNS[1:], values, strict=True))

    def _afresh(self, one: _Search, change: float) -> Turned | None:
        """The offers that turn, from scratch, certified and canonical; None where no plan is left."""
        compiled = compile_variant(self.variant(one, change))
        found = self.replanner.afresh(compiled)
        if found is None:
            return None
        return turned(self.replanner.proposal, self.replanner.closest(compiled, found)).without(self.loose)


@dataclass(frozen=True)
class Turned:
    """Offers that go in another direction than in the proposal, those with the most money between first.

    ``euros``: EUR/year more than the proposal's capacity costs at the same price.
    """

    ids: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    euros: tuple[float, ...]

    @property
    def first(self) -> tuple[str, str, str]:
        """The offer with the most money between: its id, the direction in the proposal, the one it takes."""
        return self.ids[0], self.before[0], self.after[0]

    def without(self, offers: frozenset[str]) -> Turned:
        """All but some offers."""
        rows = zip(self.ids, self.before, self.after, self.euros, strict=True)
        return _turned([row for row in rows if row[0] not in offers])


def turned(proposal: Replanned, then: Replanned) -> Turned:
    """What has turned in a plan under other figures.

    An offer that has only slipped over the border of "kept" by less than what counts as a change (a euro, or one per
    cent of today's cost) has not turned.
    """
    town, before, after = then.compiled.town, proposal.words, then.words
    euros = then.cost - town.cost_of(proposal.capacity)
    moved = np.abs(euros) > np.maximum(EUR, SHARE * town.offers.baseline_cost)
    chosen = np.flatnonzero((before != after) & moved)
    chosen = chosen[np.argsort(-np.abs(euros[chosen]), kind="stable")].tolist()
    return _turned([(str(town.offers.ids[n]), before[n], after[n], float(euros[n])) for n in chosen])


def _turned(rows: list[tuple[str, str, str, float]]) -> Turned:
    ids, before, after, euros = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Turned(ids, before, after, euros)
