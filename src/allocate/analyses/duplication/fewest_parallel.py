"""How few parallel structures would do: a mixed-integer question, answered with its proven gap.

    minimise  sum over cells of e[s,n]                       providers beyond the wanted number
    with      supply[p,s,n] <= threshold + (most - threshold) here[p,s,n],    here in {0,1}
              sum_p here[p,s,n] - e[s,n] <= wanted[s,n]
    and       objective >= best objective - within * |best objective|

A provider that supplies at most the threshold (1 % of the demand) is not present, in the count and here. Linear
relaxations re-weighted towards few providers give a good plan to start from, then the solver searches until its time is
up. The result says how many are left and how few there must be at least; nobody promises that it is the best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from allocate.analyses.comparison.attribution import TEXTS
from allocate.analyses.duplication.parallel import Presence, parallel_structures, presence
from allocate.bench.around_plan import point_of
from allocate.bench.proposals import proposal, solve_proven
from allocate.errors import CertificateError, UsageError
from allocate.model.compile import Compiled
from allocate.model.program import Family, Index, LinearProgram, column_order, join_entries
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.told import Told, parts
from allocate.session import Session
from allocate.solve.certify import dual_bound
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Status
from allocate.solve.value import cost_of
from allocate.town.arrays import Floats, Ints

# Bounds of a whole number are rounded up from this far above the number below.
WHOLE = 1e-6
ROUNDS = 6
# How long a search takes where nobody says how long it may.
SECONDS = 60.0
# In re-weighting, a supply counts at least as this share of the largest possible one, so that no weight explodes.
LEAST_SHARE = 0.02


ROW = (
    "scenario_id", "structures_before", "structures", "proven_least", "solver_least", "objective_before",
    "objective=plan.objective",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class FewestParallel(Told):
    """The plan with the fewest parallel structures that was found.

    ``structures_before`` in the scenario's proposal, ``structures`` in ``plan``, the best plan with these providers.
    Fewer than ``proven_least`` is impossible within the allowed loss ``within`` (share of the objective), by an
    independent certificate; ``solver_least`` is the solver's own, unverified bound.
    """

    JSON: ClassVar = (*ROW, "within", "plan")

    scenario_id: str
    within: float
    structures_before: int
    structures: int
    proven_least: int
    solver_least: int
    objective_before: float
    plan: Allocation

    def row(self) -> Record:
        """The figures as one row."""
        return parts(self, ROW, "en")

    def sentence(self, lang: str = "en") -> str:
        """What was found and what is proven."""
        values = {"scenario": self.scenario_id, "found": self.structures, "least": self.proven_least}
        return TEXTS.say("fewest.found", lang, before=self.structures_before, solver=self.solver_least, **values)


@dataclass(frozen=True)
class Question:
    """The mixed-integer program: the scenario's columns, then ``here`` per member and ``beyond`` per cell.

    ``members`` numbers the members of ``found`` that can be present in a cell with more candidates than wanted;
    ``cells`` those cells; ``most`` the largest supply of each member of ``found``, need units/year.
    """

    program: LinearProgram
    found: Presence
    members: Ints
    cells: Ints
    most: Floats

    def point(self, compiled: Compiled, x: Floats) -> Floats:
        """A point of the scenario's program (its first columns) with the added columns filled to match."""
        own = x[: compiled.program.column_count]
        present = self.found.is_present(self.found.supply(compiled, own[compiled.layout.index.slice("use")]))
        return np.concatenate([own, present[self.members], self.found.excess(present)[self.cells]]).astype(float)


def fewest_parallel(
    session: Session, scenario_id: str, *, within: float = 0.01, seconds: float = SECONDS
) -> FewestParallel:
    """Look for the plan of a scenario with the fewest parallel structures, at most ``within`` worse than the best.

    ``seconds`` limits the search. Raises ``UsageError`` for an unknown scenario (scenario-unknown) and for one without
    a proposal (no-proposal).
    """
    plan = session.run(scenario_id)
    if not plan.has_plan or plan.scenario.evaluate:
        raise UsageError("no-proposal", scenario=scenario_id)
    compiled = session.compiled(scenario_id)
    before = int(parallel_structures(compiled, plan)["excess"].sum())
    question = ask(compiled, cost_of(plan.objective - within * abs(plan.objective)))
    start, least = reweighted(question, compiled, point_of(compiled, plan), session.limits)
    x, solver_least = _searched(question, start, session.limits.within(seconds))
    better = _best_with(question, compiled, x, session.limits)
    count = int(parallel_structures(compiled, better)["excess"].sum())
    if count > before:
        better, count = plan, before
    bounds = (min(count, least), min(count, max(least, solver_least)))
    return FewestParallel(scenario_id, within, before, count, *bounds, plan.objective, better)


def ask(compiled: Compiled, most_cost: float) -> Question:
    """The mixed-integer program of a scenario; ``most_cost`` is the largest (minimised) objective allowed."""
    town, found = compiled.town, presence(compiled)
    pairs = town.pairs
    largest_use = np.minimum(pairs.max_capacity, pairs.max_share * town.offers.max_capacity[pairs.offer])
    most = found.supply(compiled, largest_use)
    can = found.is_present(most)
    cells = np.flatnonzero(np.bincount(found.cell[can], minlength=len(found.wanted)) > found.wanted)
    members = np.flatnonzero(can & np.isin(found.cell, cells))
    program = _extended(compiled, Question(compiled.program, found, members, cells, most), most_cost)
    return Question(program, found, members, cells, most)


def _extended(compiled: Compiled, question: Question, most_cost: float) -> LinearProgram:
    """Append columns ``here`` and ``beyond`` and rows ``presence``, ``side_by_side`` and ``value``."""
    program, found, members, cells = compiled.program, question.found, question.members, question.cells
    here = program.column_count + np.arange(len(members))
    beyond = program.column_count + len(members) + np.arange(len(cells))
    presence_row = program.row_count + np.arange(len(members))
    side_row = program.row_count + len(members) + np.arange(len(cells))
    value_row = program.row_count + len(members) + len(cells)
    row_of = np.full(len(found.cell), -1)
    row_of[members] = presence_row
    entries = np.flatnonzero(row_of[found.member] >= 0)
    supply = compiled.town.supply
    use = compiled.layout.first("use") + supply.pair[found.entry[entries]]
    priced = np.flatnonzero(program.cost)
    # The objective's coefficients are tiny; the row is scaled so that its limit is one.
    size = 1.0 / max(abs(most_cost), 1e-9)
    room = (question.most - found.threshold)[members]
    parts = [
        (program.rows, program.entry_columns, program.values),
        (row_of[found.member[entries]], use, supply.rate[found.entry[entries]]),
        (presence_row, here, -room),
        (side_row[np.searchsorted(cells, found.cell[members])], here, np.ones(len(members))),
        (side_row, beyond, -np.ones(len(cells))),
        (np.full(len(priced), value_row), priced, program.cost[priced] * size),
    ]
    rows, columns, values = join_entries(parts)
    total = program.column_count + len(members) + len(cells)
    starts, ordered_rows, ordered_values = column_order(columns, rows, values, total)
    columns_index, rows_index = _named(compiled, question)
    open_below = np.full(len(members) + len(cells) + 1, -np.inf)
    return LinearProgram(
        cost=np.concatenate([np.zeros(program.column_count + len(members)), np.ones(len(cells))]),
        lower=np.concatenate([program.lower, np.zeros(len(members) + len(cells))]),
        upper=np.concatenate([program.upper, np.ones(len(members)), np.full(len(cells), float(len(members)))]),
        row_lower=np.concatenate([program.row_lower, open_below]),
        row_upper=np.concatenate(
            [program.row_upper, found.threshold[members], found.wanted[cells], [(most_cost - program.offset) * size]]
        ),
        starts=starts,
        rows=ordered_rows,
        values=ordered_values,
        columns_index=columns_index,
        rows_index=rows_index,
        integer=np.concatenate([program.integer, np.ones(len(members), bool), np.zeros(len(cells), bool)]),
    )


def _named(compiled: Compiled, question: Question) -> tuple[Index, Index]:
    """Columns and rows of the extended program with their domain ids."""
    town, program, found = compiled.town, compiled.program, question.found
    space, need = town.spaces.ids[town.cells.space], town.needs.ids[town.cells.need]
    here, cells = found.cell[question.members], question.cells
    members = (space[here], need[here], found.provider[question.members])
    beyond = (space[cells], need[cells])
    columns, rows = program.column_count, program.row_count
    families = (
        Family("presence", rows, members),
        Family("side_by_side", rows + len(here), beyond),
        Family("value", rows + len(here) + len(cells), (np.array(["value"], dtype=object),)),
    )
    return (
        Index(
            (
                *program.columns_index.families,
                Family("here", columns, members),
                Family("beyond", columns + len(here), beyond),
            )
        ),
        Index((*program.rows_index.families, *families)),
    )


def reweighted(question: Question, compiled: Compiled, x: Floats, limits: Limits) -> tuple[Floats, int]:
    """A plan with few parallel structures, from re-weighted linear relaxations, and the certified least number.

    ``x`` is the plan to begin with. In every round the supply of providers beyond the wanted number is priced by the
    inverse of what it is now, so that small presences vanish first.
    """
    best = question.point(compiled, x)
    relaxed = question.program.relaxed()
    loaded = LoadedProgram(relaxed, limits)
    found = loaded.solve()
    bound = 0.0 if found.row_dual is None else dual_bound(relaxed, found.row_dual)
    use = compiled.layout.index.slice("use")
    columns = np.arange(use.start, use.stop)
    beyond = question.program.columns_index.slice("beyond")
    loaded.change_cost(np.arange(beyond.start, beyond.stop), np.zeros(beyond.stop - beyond.start))
    for _ in range(ROUNDS):
        if found.x is None or found.status is not Status.OPTIMAL:
            break
        candidate = question.point(compiled, found.x)
        if candidate[beyond].sum() < best[beyond].sum() and not compiled.town.indivisible:
            best = candidate
        loaded.change_cost(columns, _prices(question, compiled, found.x[use]))
        found = loaded.solve()
    return best, math.ceil(bound - WHOLE)


def _prices(question: Question, compiled: Compiled, delivery: Floats) -> Floats:
    """Price per capacity unit of every pair: what it supplies beyond the wanted providers, weighed by its smallness."""
    found = question.found
    supply = found.supply(compiled, delivery)
    members = question.members
    order = members[np.lexsort((-supply[members], found.cell[members]))]
    first = np.searchsorted(found.cell[order], found.cell[order], side="left")
    rank = np.empty(len(found.cell), dtype=np.int64)
    rank[order] = np.arange(len(order)) - first
    price = np.zeros(len(found.cell))
    beyond = members[rank[members] >= found.wanted[found.cell[members]]]
    price[beyond] = 1.0 / np.maximum(supply[beyond], LEAST_SHARE * question.most[beyond])
    town = compiled.town
    weighed = price[found.member] * town.supply.rate[found.entry]
    return np.bincount(town.supply.pair[found.entry], weighed, minlength=len(town.pairs.offer))


def _searched(question: Question, start: Floats, limits: Limits) -> tuple[Floats, int]:
    """The best point the solver finds in its time, at least as good as ``start``, and its bound."""
    loaded = LoadedProgram(question.program, limits)
    loaded.suggest(start)
    found = loaded.solve()
    least = math.ceil(found.bound - WHOLE) if math.isfinite(found.bound) else 0
    if found.x is None or question.program.objective(found.x) >= question.program.objective(start):
        return start, max(0, least)
    return found.x, max(0, least)


def _best_with(question: Question, compiled: Compiled, x: Floats, limits: Limits) -> Allocation:
    """The best plan of the scenario in which only the providers present in ``x`` may be present."""
    program = question.program
    fixed = np.round(x)
    cost = np.zeros(program.column_count)
    cost[: compiled.program.column_count] = compiled.program.cost
    settled = replace(
        program.relaxed(),
        cost=cost,
        offset=compiled.program.offset,
        lower=np.where(program.integer, fixed, program.lower),
        upper=np.where(program.integer, fixed, program.upper),
    )
    answer = solve_proven(settled, limits, scenario=compiled.variant.scenario.scenario_id)
    if answer is None:
        reason = "the plan found could not be confirmed"
        raise CertificateError("plan-not-verified", scenario=compiled.variant.scenario.scenario_id, reason=reason)
    return proposal(compiled, answer, limits)
