"""Re-solves: how good the best plan of a scenario would be if something were held fixed.

A question is a few held columns and rows; the loaded program is solved again from the optimum's basis, and everything
is as before afterwards. An outcome says what the best plan is worth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from allocate.bench.around_plan import point_of
from allocate.errors import CertificateError, UsageError
from allocate.inputs.nearest import NONE, nearest
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules import reach
from allocate.model.rules.pot import POT_ROWS
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.solve.canonical import canonical
from allocate.solve.distance import today_of
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.standing import Standing
from allocate.solve.value import value_of, worth_of
from allocate.town.arrays import Floats, Ints

# A difference of two best values (objective points) below this cannot be told from none.
NOTHING = 1e-9
# Up to so many stored entries every plan that is asked for among many is the one closest to today.
CLOSEST_UP_TO = 20_000


@dataclass(frozen=True)
class Hold:
    """New bounds of some columns (or rows): ``lower <= column <= upper`` while the question is asked."""

    numbers: Ints
    lower: Floats
    upper: Floats
    rows: bool = False

    @staticmethod
    def column(number: int, lower: float, upper: float) -> Hold:
        """One column held between two bounds."""
        return Hold(np.array([number]), np.array([lower]), np.array([upper]))

    @staticmethod
    def row(number: int, lower: float, upper: float) -> Hold:
        """One row held between two sides."""
        return Hold(np.array([number]), np.array([lower]), np.array([upper]), rows=True)

    def applied(self, program: LinearProgram) -> tuple[Floats, Floats]:
        """The program's bounds on this side with the hold put in."""
        lower = (program.row_lower if self.rows else program.lower).copy()
        upper = (program.row_upper if self.rows else program.upper).copy()
        lower[self.numbers], upper[self.numbers] = self.lower, self.upper
        return lower, upper


@dataclass(frozen=True)
class Outcome:
    """The best plan under a question.

    ``value``: objective, more is better; -inf where no plan meets the rules, NaN where a limit stopped the search.
    ``gap``: how much better than ``value`` the best plan may still be (0 in a divisible scenario). ``row_worth``:
    change of ``value`` per unit by which a row's tight side moves up; None in an indivisible scenario.
    """

    status: Status
    value: float
    gap: float = 0.0
    x: Floats | None = None
    row_worth: Floats | None = None

    @property
    def possible(self) -> bool:
        """Whether there is a plan at all."""
        return self.x is not None


def outcome_of(found: Solution, program: LinearProgram) -> Outcome:
    """A solution of the program as an outcome."""
    if found.status is Status.INFEASIBLE:
        return Outcome(found.status, -math.inf)
    if found.x is None or (found.status is Status.LIMIT and not program.is_mixed_integer):
        return Outcome(found.status, math.nan, math.inf)
    gap = max(0.0, found.objective - found.bound) if program.is_mixed_integer else 0.0
    worth = None if found.row_dual is None else worth_of(found.row_dual[: program.row_count])
    return Outcome(found.status, found.value, gap, found.x[: program.column_count], worth)


def solve_cold(program: LinearProgram, holds: Sequence[Hold] = (), limits: Limits | None = None) -> Outcome:
    """The same question asked of a freshly loaded program, for checks that must not lean on an earlier basis."""
    loaded = LoadedProgram(program, limits)
    _hold(loaded, holds)
    return outcome_of(loaded.solve(), program)


def held(program: LinearProgram, holds: Sequence[Hold]) -> LinearProgram:
    """A copy of the program with the holds in its bounds."""
    for hold in holds:
        lower, upper = hold.applied(program)
        if hold.rows:
            program = replace(program, row_lower=lower, row_upper=upper)
        else:
            program = replace(program, lower=lower, upper=upper)
    return program


def _hold(loaded: LoadedProgram, holds: Sequence[Hold]) -> None:
    for hold in holds:
        change = loaded.change_row_bounds if hold.rows else loaded.change_bounds
        change(hold.numbers, hold.lower, hold.upper)


class Bench:
    """One scenario with its plan, ready for many questions.

    Raises ``UsageError`` where there is nothing to explain: the scenario only judges the status quo
    (``explain-judged``), or no plan meets its rules (``explain-no-plan``); ``CertificateError`` where time ran out
    before a plan was proven (``limit-reached``).
    """

    def __init__(self, session: Session, scenario_id: str) -> None:
        self.session = session
        self.scenario_id = scenario_id
        self.plan: Allocation = session.run(scenario_id)
        if self.plan.status is Status.EVALUATED:
            raise UsageError("explain-judged", scenario=scenario_id)
        if self.plan.status is Status.LIMIT and not (self.plan.has_plan and self.is_mixed_integer):
            raise CertificateError("limit-reached", scenario=scenario_id)
        if not self.plan.has_plan:
            raise UsageError("explain-no-plan", scenario=scenario_id)
        self.compiled: Compiled = session.compiled(scenario_id)
        # An instance of its own, so that answers do not depend on what the session was asked before.
        self.loaded = session.loaded(scenario_id).twin()
        self.solves = 0
        optimum = outcome_of(session.optimum(scenario_id), self.program)
        self.optimum = optimum if self.is_mixed_integer else outcome_of(self.loaded.go_home(), self.program)

    @property
    def is_mixed_integer(self) -> bool:
        """Whether offers can only be opened as a whole."""
        return self.session.compiled(self.scenario_id).program.is_mixed_integer

    @property
    def asks_closest(self) -> bool:
        """Whether every plan asked for is the one closest to today: in large towns that would take many minutes."""
        return not self.is_mixed_integer and len(self.program.values) <= CLOSEST_UP_TO

    @property
    def program(self) -> LinearProgram:
        """The scenario's program."""
        return self.compiled.program

    @property
    def value(self) -> float:
        """The objective of the scenario's plan, more is better."""
        return self.optimum.value

    @property
    def columns(self) -> _Numbers:
        """Numbers of columns by offer, pair and funding pair."""
        return self._numbers

    @cached_property
    def _numbers(self) -> _Numbers:
        return _Numbers(self.program)

    @cached_property
    def plan_x(self) -> Floats:
        """The plan that is shown (canonical), as columns of the program."""
        return self.columns_of(self.plan)

    @cached_property
    def marginal_values(self) -> Floats:
        """Objective points per further EUR in each pot (indivisible scenario: those of its divisible relaxation)."""
        shown = self.plan.pots["marginal_value"].to_numpy(dtype=float)
        if not self.is_mixed_integer:
            known: Floats = np.nan_to_num(shown)
            return known
        relaxed = outcome_of(LoadedProgram(self.program.relaxed(), self.session.limits).solve(), self.program.relaxed())
        pots = self.program.rows_index.slice(POT_ROWS)
        return np.zeros(len(shown)) if relaxed.row_worth is None else np.maximum(relaxed.row_worth[pots], 0.0)

    def changed(self, compiled: Compiled) -> LoadedProgram:
        """The program under other figures in an instance of its own, with the scaling and from the basis of this one.

        From scratch where its columns and rows are others.
        """
        basis, own, program = self.loaded.basis(), self.program, compiled.program
        if basis is None or (own.row_count, own.column_count) != (program.row_count, program.column_count):
            return LoadedProgram(program, self.session.limits)
        loaded = LoadedProgram(program, self.session.limits, like=self.loaded)
        loaded.start_from(basis)
        return loaded

    def columns_of(self, plan: Allocation) -> Floats:
        """A plan of this scenario as a point of the program."""
        return point_of(self.compiled, plan)

    def ask(self, *holds: Hold) -> Outcome:
        """The best plan under the holds, from the optimum's basis."""
        self.solves += 1
        with self.loaded.what_if():
            _hold(self.loaded, holds)
            return outcome_of(self.loaded.solve(), self.program)

    @cached_property
    def standing(self) -> Standing:
        """The optimum at rest."""
        return Standing(self.session.loaded(self.scenario_id).twin())

    def gain(self, *holds: Hold) -> float:
        """What the best plan is worth more under holds: by the optimum's basis where it holds, else by a re-solve."""
        changed = None if self.is_mixed_integer else self._by_basis(holds)
        return self.ask(*holds).value - self.value if changed is None else value_of(changed)

    def _by_basis(self, holds: Sequence[Hold]) -> float | None:
        none = np.zeros(0, dtype=np.int64)
        numbers, bounds = [], []
        for rows in (False, True):
            own = [hold for hold in holds if hold.rows == rows]
            numbers.append(np.concatenate([none, *(hold.numbers for hold in own)]))
            bounds.append(
                (
                    np.concatenate([np.zeros(0), *(hold.lower for hold in own)]),
                    np.concatenate([np.zeros(0), *(hold.upper for hold in own)]),
                )
            )
        return self.standing.change(numbers[0], bounds[0], numbers[1], bounds[1])

    def ask_closest(self, *holds: Hold) -> Outcome:
        """As ``ask``, but the point is the one closest to today among all best ones, as that of a plan is.

        In an indivisible scenario, and where none is found without loss, it is any optimal one.
        """
        self.solves += 1
        with self.loaded.what_if():
            return self._closest(holds)

    def ask_next(self, *holds: Hold) -> Outcome:
        """The same from the basis of the question before, which is quicker for many like questions in a row.

        Values are as exact; the point found may be any optimal one. End the row with ``back_to_optimum``.
        """
        self.solves += 1
        _hold(self.loaded, holds)
        try:
            return outcome_of(self.loaded.solve(), self.program)
        finally:
            self.loaded.restore()

    def ask_next_closest(self, *holds: Hold) -> Outcome:
        """As ``ask_closest`` from the basis of the question before. End the row with ``back_to_optimum``."""
        self.solves += 1
        try:
            return self._closest(holds)
        finally:
            self.loaded.restore()

    def _closest(self, holds: Sequence[Hold]) -> Outcome:
        _hold(self.loaded, holds)
        found = self.loaded.solve()
        outcome = outcome_of(found, self.program)
        if not outcome.possible or self.is_mixed_integer:
            return outcome
        asked, today = held(self.program, holds), today_of(self.compiled)
        closest = canonical(asked, found, today, self.session.limits, self.loaded)
        return outcome if closest is None else replace(outcome, x=closest.x)

    def back_to_optimum(self) -> None:
        """Let further questions start from the scenario's own optimum again."""
        if not self.is_mixed_integer:
            self.loaded.go_home()

    def cold(self, *holds: Hold) -> Outcome:
        """The same, solved from scratch."""
        return solve_cold(self.program, holds, self.session.limits)

    def closed(self, offer: int) -> tuple[Hold, ...]:
        """The offer does not exist, contracts left aside."""
        holds = [Hold.column(self.columns.capacity + offer, 0.0, 0.0)]
        if self.columns.open is not None:
            holds.append(Hold.column(self.columns.open + offer, 0.0, 0.0))
        return tuple(holds)

    def level(self, offer: int, least: float | None = None, most: float | None = None) -> tuple[Hold, ...]:
        """The offer's capacity held from below or above (capacity units/year)."""
        number = self.columns.capacity + offer
        lower = self.program.lower[number] if least is None else least
        upper = self.program.upper[number] if most is None else most
        return (Hold.column(number, min(lower, upper), upper),)

    def use(self, pair: int, least: float | None = None, most: float | None = None) -> tuple[Hold, ...]:
        """The use of an offer by a space held from below or above (capacity units/year).

        ``pair`` may be any part of a use that is divided among needs; the sum of all parts is held.
        """
        pairs = self.compiled.town.pairs
        if pairs.serves[pair] >= 0:
            row = self.program.rows_index[reach.SUM].start + int(np.searchsorted(pairs.divided, pairs.first[pair]))
            limit = self.program.row_upper[row] if most is None else most
            return (Hold.row(row, -np.inf if least is None else min(least, limit), limit),)
        number = self.columns.use + pair
        lower = self.program.lower[number] if least is None else least
        upper = self.program.upper[number] if most is None else most
        return (Hold.column(number, min(lower, upper), upper),)

    def offer(self, offer_id: str) -> int:
        """The number of an offer; raises ``UsageError`` (``id-unknown``) with the nearest id."""
        return number_of("offers", offer_id, self.compiled.town.offers.ids)


class _Numbers:
    """First columns of the families that questions hold."""

    def __init__(self, program: LinearProgram) -> None:
        index = program.columns_index
        self.use = index["use"].start
        self.capacity = index["capacity"].start
        self.funding = index["funding"].start
        self.release = index["release"].start
        self.duplication = index["duplication"].start
        self.open = index["open"].start if "open" in index else None


def number_of(table: str, id: str, ids: Sequence[object] | np.ndarray[tuple[int], np.dtype[np.object_]]) -> int:
    """The place of an id in its table; raises ``UsageError`` ``id-unknown`` with the nearest one there is."""
    known = [str(one) for one in ids]
    if id in known:
        return known.index(id)
    raise UsageError("id-unknown", table=table, wanted=id, nearest=nearest(id, known) or NONE)
