"""The plan of departments that do not see each other, judged together.

*Alone*: each department solves the model as if only its own offers and pots existed. It pursues the town's objective,
keeps its committed capacities, and meets the floors of the needs it leads with its own supply, as far as it can.

*Together*: what the departments do is added up and judged once, so that a person two of them serve counts once. A
department often has many equally good plans; the *optimistic silo* takes, among all of them, the combination that is
best for the town (one linear program: every department's own view as a copy, its own objective kept at its optimum).
The worst combination would be a nonconvex bilevel problem; the optimistic one makes the value of integration a safe
lower bound. Where no combination meets all floors and wanted plurality, the shortfall in need units is made as small
as possible first and reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from allocate.analyses.silos.departments import Departments
from allocate.bench.proposals import Answer, proposal
from allocate.bench.recast import (
    NewColumns,
    Part,
    cost_row,
    extended,
    family_mask,
    one_row,
    part,
    without_objective,
)
from allocate.bench.resolve import NOTHING
from allocate.bench.siblings import Siblings
from allocate.judge.plan import Waiver
from allocate.model.compile import Compiled
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.pot import POT_ROWS
from allocate.model.rules.register import EQUATIONS, families
from allocate.model.rules.rule import Seen
from allocate.results.allocation import Allocation
from allocate.results.measures import coverage_value
from allocate.solve.certify import OPTIMALITY
from allocate.solve.solution import Limits
from allocate.town.arrays import Bools, Floats, Ints
from allocate.town.as_arrays import Town

# Families of columns that belong to one offer, and those every department sees for itself.
_OFFER_FAMILIES = ("use", "capacity", "funding", "release")
# An objective row is written in millionths of the objective, so that solver tolerances mean the same as elsewhere.
_MILLION = 1e6
_SLACK = 1e-9
# A shortfall below this many need units in all is noise.
_SHORT_NOISE = 1e-6
# How far the pots are widened, step by step, to find where silos reach an objective (shares of the budget).
FURTHER = (1 / 64, 1 / 16, 1 / 4, 1.0)
MOST_SECANTS = 24


@dataclass(frozen=True)
class Alone:
    """One department's own optimum: what it believes to achieve, and the need units its floors fall short."""

    part: Part
    answer: Answer
    claimed_value: float
    shortfall: float


@dataclass(frozen=True)
class SiloPlan:
    """The optimistic silo: the plan, each department alone, and the need units all rules together fall short."""

    plan: Allocation
    alone: tuple[Alone, ...]
    shortfall: float


def silo_plan(compiled: Compiled, departments: Departments, limits: Limits | None = None) -> SiloPlan | int:
    """The optimistic silo plan of a divided town; the number of a department that has no feasible plan alone."""
    found = _together(compiled, departments, _Chains(limits))
    if isinstance(found, int):
        return found
    answer, alone, shortfall = found
    waiver = Waiver(town_rules=shortfall > 0)
    return SiloPlan(proposal(compiled, answer, limits, waiver=waiver), alone, shortfall)


def money_for_silos(
    compiled: Compiled, departments: Departments, objective: float, limits: Limits | None = None
) -> float:
    """EUR/year, spread over all pots in proportion, with which the optimistic silo reaches ``objective``.

    What the silo achieves is piecewise linear in the money, so that a secant inside one piece meets the amount exactly;
    none is needed where the objective is reached already. NaN where doubling all pots is not enough, or where no piece
    was met. What blind departments achieve need not rise with every euro: the amount is the first one found from below.
    """
    chains = _Chains(limits)
    low, below = 0.0, _missing(compiled, departments, objective, 1.0, chains)
    if below <= NOTHING:
        return 0.0
    for high in FURTHER:
        above = _missing(compiled, departments, objective, 1.0 + high, chains)
        if above <= NOTHING:
            break
        low, below = high, above
    else:
        return math.nan
    for _ in range(MOST_SECANTS):
        if abs(above) <= NOTHING:
            return high * compiled.town.weights.budget
        # One end of a secant may stay where it is for ever, so every second step halves.
        secant = low + (high - low) * below / (below - above) if math.isfinite(below) else high
        for middle in (secant, (low + high) / 2):
            if not low < middle < high:
                continue
            short = _missing(compiled, departments, objective, 1.0 + middle, chains)
            if abs(short) <= NOTHING:
                return middle * compiled.town.weights.budget
            if short > 0:
                low, below = middle, short
            else:
                high, above = middle, short
    return math.nan


class _Chains:
    """Solves the programs of one question one after the other, each from the basis of the last one of its kind."""

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self._known: dict[object, Siblings] = {}

    def solve(self, kind: object, program: LinearProgram, *, within: float = OPTIMALITY) -> Answer | None:
        """The certified optimum of a program; None where there is none. Raises ``CertificateError``."""
        return self._known.setdefault(kind, Siblings(self.limits)).solve(program, within=within)


def _missing(compiled: Compiled, departments: Departments, objective: float, factor: float, chains: _Chains) -> float:
    """Objective points that the silo still lacks when all pots are ``factor`` times as large; infinite without plan."""
    program = compiled.program
    upper = program.row_upper.copy()
    upper[program.rows_index.slice(POT_ROWS)] *= factor
    found = _together(replace(compiled, program=replace(program, row_upper=upper)), departments, chains)
    return math.inf if isinstance(found, int) else objective - found[0].value


def _together(
    compiled: Compiled, departments: Departments, chains: _Chains
) -> tuple[Answer, tuple[Alone, ...], float] | int:
    alone = []
    for number in range(len(departments)):
        own = _alone(compiled, departments, number, chains)
        if own is None:
            return number
        alone.append(own)
    program, shortfall = _with_least_shortfall(_with_views(compiled, alone), chains)
    answer = chains.solve("together", program)
    if answer is None:
        raise AssertionError("every department's own optimum is part of the joint program")
    return answer, tuple(alone), shortfall


def department_part(compiled: Compiled, departments: Departments, number: int) -> Part:
    """What one department sees of the program: its own offers, pots and cells; town rules it can keep alone."""
    program, town, layout = compiled.program, compiled.town, compiled.layout
    own_offer = departments.offer == number
    cells = departments.reaches[number]
    demanded = cells[layout.demanded]
    columns = family_mask(
        program.columns_index,
        program.column_count,
        {
            **_of_offers(town, own_offer),
            "covered": np.repeat(demanded, len(town.segments.value)),
            "reserve": demanded,
            "duplication": cells,
            "least": np.ones(1, dtype=bool),
        },
    )
    mine, others = _touched(compiled, own_offer)
    rows = mine & ~others
    seen = Seen(cells, departments.lead == number, own_offer)
    for equation in EQUATIONS:
        if equation.seen and equation.name in program.rows_index:
            rows[program.rows_index.slice(equation.name)] = equation.seen(compiled, seen)
    found = part(program, columns, rows)
    return _with_own_parts(found, compiled, rows, own_offer)


def _of_offers(town: Town, own: Bools) -> dict[str, Bools]:
    """Marks of the columns that speak of some offers, by family."""
    return {"use": own[town.pairs.offer], "capacity": own, "funding": own[town.funding.offer], "release": own}


def _touched(compiled: Compiled, own_offer: Bools) -> tuple[Bools, Bools]:
    """For every row: does it speak of offers of this department, of offers of others?"""
    program, town = compiled.program, compiled.town
    mine = family_mask(program.columns_index, program.column_count, _of_offers(town, own_offer))
    offers = np.zeros(program.column_count, dtype=bool)
    for name in _OFFER_FAMILIES:
        offers[program.columns_index.slice(name)] = True
    count = program.row_count
    by_mine = np.bincount(program.rows[mine[program.entry_columns]], minlength=count) > 0
    by_others = np.bincount(program.rows[(offers & ~mine)[program.entry_columns]], minlength=count) > 0
    return by_mine, by_others


def _with_own_parts(found: Part, compiled: Compiled, kept: Bools, own_offer: Bools) -> Part:
    """Of what departments share (the cap on re-steered money, posts) each sees its own part."""
    upper, index = found.program.row_upper.copy(), compiled.program.rows_index
    for equation in EQUATIONS:
        if equation.shared and equation.name in index:
            parts = equation.shared(compiled, own_offer)
            upper[found.program.rows_index.slice(equation.name)] *= parts[kept[index.slice(equation.name)]]
    return replace(found, program=replace(found.program, row_upper=upper))


def _alone(compiled: Compiled, departments: Departments, number: int, chains: _Chains) -> Alone | None:
    whole = department_part(compiled, departments, number)
    try_hard = chains.solve(number, whole.program)
    if try_hard is not None:
        return _judged(compiled, whole, try_hard, 0.0)
    program, shortfall = _elastic(whole.program, chains, number)
    if program is None:
        return None
    answer = chains.solve((number, "short"), program)
    if answer is None:
        return None
    return _judged(compiled, replace(whole, program=program), answer, shortfall)


def _judged(compiled: Compiled, whole: Part, answer: Answer, shortfall: float) -> Alone:
    town, columns = compiled.town, compiled.program.columns_index
    x = np.zeros(compiled.program.column_count)
    x[whole.columns] = answer.x[: len(whole.columns)]
    supply = town.supply_of(x[columns.slice("use")])
    return Alone(whole, answer, coverage_value(town, np.minimum(supply, town.cells.demand)), shortfall)


def _elastic(program: LinearProgram, chains: _Chains, kind: object) -> tuple[LinearProgram | None, float]:
    """The program whose town rules may be missed by as little as possible in all; None where that does not help."""
    soft, columns = _soft_rules(program)
    goal = np.zeros(soft.column_count)
    goal[columns] = 1.0
    least = chains.solve((kind, "least"), without_objective(soft, goal), within=np.inf)
    if least is None:
        return None, np.nan
    short = max(0.0, float(least.least))
    total = one_row("short_total", columns, np.ones(len(columns)), upper=short * (1 + _SLACK) + _SLACK)
    return extended(soft, rows=[total]), short


def _with_least_shortfall(program: LinearProgram, chains: _Chains) -> tuple[LinearProgram, float]:
    soft, short = _elastic(program, chains, "together")
    if soft is None:
        raise AssertionError("a plan that is feasible for every department misses the town's rules by a finite amount")
    return (program, 0.0) if short <= _SHORT_NOISE else (soft, short)


def _soft_rules(program: LinearProgram) -> tuple[LinearProgram, Ints]:
    """Floors and plurality with a column each that takes up what is missing (need units)."""
    rows = np.concatenate(
        [
            np.arange(program.row_count)[program.rows_index.slice(name)]
            for name in families(lambda equation: equation.missable)
        ]
    )
    labels = [program.rows_index.label(int(row)) for row in rows]
    ids = np.array(["|".join(label) for label in labels], dtype=object)
    is_least = np.isfinite(program.row_lower[rows])
    reach = np.bincount(
        program.rows,
        np.abs(program.values * program.upper[program.entry_columns]),
        minlength=program.row_count,
    )[rows] + np.abs(np.where(is_least, program.row_lower[rows], 0.0))
    new = NewColumns(
        name="short",
        keys=(ids,),
        cost=np.zeros(len(rows)),
        lower=np.zeros(len(rows)),
        upper=reach,
        rows=rows,
        members=np.arange(len(rows)),
        values=np.where(is_least, 1.0, -1.0),
    )
    return extended(program, [new]), program.column_count + np.arange(len(rows))


def _with_views(compiled: Compiled, alone: list[Alone]) -> LinearProgram:
    """The joint program with every department's own view beside it, its own objective kept at its optimum."""
    program = compiled.program
    for own in alone:
        program = _with_view(program, own)
    return program


def _with_view(program: LinearProgram, own: Alone) -> LinearProgram:
    small = own.part.program
    shared = np.zeros(small.column_count, dtype=bool)
    for name in _OFFER_FAMILIES:
        shared[small.columns_index.slice(name)] = True
    private = np.flatnonzero(~shared)
    place = np.empty(small.column_count, dtype=np.int64)
    place[np.flatnonzero(shared)] = own.part.columns[np.flatnonzero(shared[: len(own.part.columns)])]
    place[private] = program.column_count + np.arange(len(private))
    labels = np.array(["|".join(small.columns_index.label(int(column))) for column in private], dtype=object)
    new = NewColumns("view", (labels,), np.zeros(len(private)), small.lower[private], small.upper[private])
    rows = _view_rows(small, place)
    kept = np.zeros(program.column_count + len(private))
    kept[place] = small.cost * _MILLION
    best = own.answer.least * _MILLION
    return extended(program, [new], [rows, cost_row("view_objective", kept, upper=best + _SLACK * abs(best))])


def _view_rows(small: LinearProgram, place: Ints) -> Block:
    """The rows of a department's own view, on the joint program's columns; shared rules stand there already."""
    wanted = np.zeros(small.row_count, dtype=bool)
    for name in (*families(lambda equation: equation.seen is not None), "short_total"):
        wanted[small.rows_index.slice(name)] = True
    kept = np.flatnonzero(wanted)
    new_row = np.cumsum(wanted) - 1
    inside = wanted[small.rows]
    lower: Floats = small.row_lower[kept]
    return Block(
        "view_rows",
        # Their numbers will do, because nobody is told of these rows.
        (kept.astype(object),),
        lower,
        small.row_upper[kept],
        new_row[small.rows[inside]],
        place[small.entry_columns[inside]],
        small.values[inside],
    )
