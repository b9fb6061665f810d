"""Fair objectives: leximin, balanced and shortfall plans under a scenario's rules (docs/fairness.md).

Only monotone measures of fairness are used. A bound on the spread between spaces would let the program hide covered
persons (a cell may claim less coverage than its supply gives), so there is none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.remarks import Figure, Remark
from allocate.analyses.tradeoffs.goals import DEFAULT_ORDER, Wish, divisible, in_order
from allocate.bench.coverage_terms import Shares, share_rows, shares_of
from allocate.bench.proposals import FACE, Answer, proposal, solve_proven, then_best
from allocate.bench.recast import NewColumns, extended, without_objective
from allocate.errors import UsageError
from allocate.model.compile import Compiled
from allocate.model.program import Block, LinearProgram
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.measures import space_coverage
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.canonical import optimal_face
from allocate.solve.solution import Limits
from allocate.town.arrays import Bools, Ints

_TEXTS = "fairness/texts.csv"
OBJECTIVES = ("leximin", "balanced", "shortfall", "lexicographic")
# How many levels leximin settles one after the other before the town's own objective decides the rest; every level is a
# linear program, so that hundreds of them would take an hour in a city, and where it stops is said.
LEVELS = 100
# The balanced objective averages the mean coverage of the worst 1 space and of these shares of all spaces.
WORST_SHARES = (0.0, 0.05, 0.1, 0.25, 0.5)
# A space whose row has a dual above this is at its level in every optimum.
BLOCKING = 1e-5
# How far below the last level the spaces may lie that no level settled, for the sake of floating point numbers.
SETTLED = 1e-9
EQUITY_FIRST = tuple(sorted(DEFAULT_ORDER, key=lambda wish: wish.goal != "equity"))


@dataclass(frozen=True, eq=False, repr=False)
class FairPlan(Told):
    """A plan of a fair objective beside the scenario's own plan.

    ``stages``: ``stage, level, settled`` (spaces settled at this level, joined by ``;``); of ``balanced`` and
    ``shortfall`` the optimal value. ``spaces``: ``space_id, chosen, fair`` coverage 0..1. ``price``: coverage value the
    fair plan gives up against the chosen one. ``remarks``: where leximin stopped before every space was settled.
    """

    JSON: ClassVar = ("objective", "price", "stages", "spaces", "plan", "remarks")

    objective: str
    stages: pd.DataFrame
    spaces: pd.DataFrame
    price: float
    plan: Allocation
    remarks: tuple[Remark, ...] = ()


def fair_plan(
    session: Session,
    scenario_id: str,
    objective: str,
    *,
    target: float = 0.6,
    levels: int = LEVELS,
    order: tuple[Wish, ...] = EQUITY_FIRST,
) -> FairPlan:
    """The canonical plan of a fair objective; equally fair plans are told apart by the scenario's own objective.

    ``leximin``: the least covered space as high as possible, then the next, for ``levels`` levels. ``balanced``: the
    average over five levels of the mean of the worst covered spaces. ``shortfall``: the fewest need units short of
    ``target`` in every space and need. ``lexicographic``: goals strictly in ``order``. Raises ``UsageError``,
    ``CertificateError``.
    """
    if objective not in OBJECTIVES:
        raise UsageError("goal-unknown", goal=objective, known=", ".join(OBJECTIVES))
    compiled = divisible(session, scenario_id)
    chosen = session.run(scenario_id)
    if chosen.measures is None:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    if objective == "lexicographic":
        ordered = in_order(session, scenario_id, order)
        stages = ordered.stages.rename(columns={"reached": "level"})[["stage", "level"]].assign(
            settled=ordered.stages["goal"]
        )
        plan = ordered.plan
    else:
        ask = {"leximin": _leximin, "balanced": _balanced, "shortfall": _shortfall}[objective]
        answer, stages = ask(compiled, session.limits, target, levels)
        plan = proposal(compiled, answer, session.limits)
    coverage = math.nan if plan.measures is None else plan.measures.coverage_value
    price = chosen.measures.coverage_value - coverage
    remarks = _stopped(compiled, stages) if objective == "leximin" else ()
    return FairPlan(objective, stages, _spaces(compiled, chosen, plan), price, plan, remarks)


def _stopped(compiled: Compiled, stages: pd.DataFrame) -> tuple[Remark, ...]:
    """Where leximin stopped with spaces left that no level settled: they lie at or above the last level."""
    settled = sum(len(str(names).split(";")) for names in stages["settled"])
    left = len(shares_of(compiled, "space").keys) - settled
    if left <= 0:
        return ()
    level = float(stages["level"].iloc[-1]) if len(stages) else 0.0
    return (Remark(_TEXTS, "leximin-stopped", {"levels": len(stages), "left": left, "level": Figure(level, 1, True)}),)


def _spaces(compiled: Compiled, chosen: Allocation, plan: Allocation) -> pd.DataFrame:
    columns = {"chosen": chosen, "fair": plan}
    table = pd.DataFrame({"space_id": compiled.town.spaces.ids})
    for name, own in columns.items():
        table[name] = space_coverage(compiled.town, own.coverage["covered"].to_numpy(dtype=float))
    return table


def _answered(answer: Answer | None, compiled: Compiled) -> Answer:
    if answer is None:
        raise UsageError("no-feasible-plan", scenario=compiled.variant.scenario.scenario_id)
    return answer


def _leximin(compiled: Compiled, limits: Limits, _target: float, levels: int) -> tuple[Answer, pd.DataFrame]:
    """Ogryczak, Pioro and Tomaszewski 2005: settle the spaces that block each level, by the duals of their rows.

    Every level is sought among the optima of the one before, described by complementary slackness. Settled levels with
    a small slack instead would not do: later levels use it up, and gain thousands of times as much.
    """
    shares = shares_of(compiled, "space")
    program = _raised(compiled, shares)
    raised, kept = (program.rows_index[name].slice for name in ("free", "settled"))
    free = np.ones(len(shares.keys), dtype=bool)
    rows: list[Record] = []
    while free.any() and len(rows) < levels:
        answer = _answered(solve_proven(program, limits), compiled)
        dual = answer.solution.row_dual
        blocking = free if dual is None else free & (np.abs(dual[raised]) > BLOCKING)
        # Without a blocking space the level stands at its own bound, where every free space is covered entirely.
        blocking = blocking if blocking.any() else free
        names = ";".join(str(key) for key in shares.keys[blocking])
        rows.append({"stage": len(rows) + 1, "level": answer.value, "settled": names})
        free = free & ~blocking
        program = _settled(program, answer, (raised, kept), free, blocking)
    lower = program.row_lower.copy()
    lower[raised] = -1.0
    if free.any() and rows:
        lower[kept] = np.where(free, float(str(rows[-1]["level"])) - SETTLED, lower[kept])
    own = np.append(compiled.program.cost, 0.0)
    answer = _answered(solve_proven(replace(program, row_lower=lower, cost=own), limits), compiled)
    return answer, Columns("stage", "level", "settled").of(rows)


def _settled(
    program: LinearProgram, answer: Answer, places: tuple[slice, slice], free: Bools, blocking: Bools
) -> LinearProgram:
    """The program of the next level: only optima of this one, the blocking spaces kept where they are."""
    raised, kept = places
    face = program
    if answer.solution.row_dual is not None:
        face = optimal_face(program, answer.x, answer.solution.row_dual, FACE)
    share = answer.program.activity(answer.x)[kept]
    lower, upper = face.row_lower.copy(), face.row_upper.copy()
    lower[raised], upper[raised] = np.where(free, 0.0, -1.0), np.inf
    lower[kept] = np.where(blocking, share, lower[kept])
    column_lower, column_upper = face.lower.copy(), face.upper.copy()
    column_lower[-1], column_upper[-1] = 0.0, 1.0
    return replace(face, cost=program.cost, row_lower=lower, row_upper=upper, lower=column_lower, upper=column_upper)


def _raised(compiled: Compiled, shares: Shares) -> LinearProgram:
    """maximise t  s.t.  share - t >= 0 for every space (rows ``free``); rows ``settled`` for share >= level."""
    count, start = len(shares.keys), compiled.program.column_count
    top = NewColumns("raised", (np.array(["t"], dtype=object),), np.array([-1.0]), np.zeros(1), np.ones(1))
    rows = share_rows(compiled, shares, np.zeros(count), "free")
    own = np.arange(count)
    rows = replace(
        rows,
        rows=np.concatenate([rows.rows, own]),
        columns=np.concatenate([rows.columns, np.full(count, start)]),
        values=np.concatenate([rows.values, -np.ones(count)]),
    )
    kept = share_rows(compiled, shares, np.full(count, -np.inf), "settled")
    return extended(without_objective(compiled.program), [top], [rows, kept])


def _balanced(compiled: Compiled, limits: Limits, _target: float, _levels: int) -> tuple[Answer, pd.DataFrame]:
    """Ordered average on few levels (Ogryczak and Sliwinski 2003): mean of the k worst = t_k - sum_s d_ks / k."""
    shares = shares_of(compiled, "space")
    count = len(shares.keys)
    sizes = sorted({max(1, math.ceil(share * count)) for share in WORST_SHARES})
    start = compiled.program.column_count
    names = np.array([str(k) for k in sizes], dtype=object)
    tops = NewColumns("worst", (names,), -np.ones(len(sizes)) / len(sizes), np.zeros(len(sizes)), np.ones(len(sizes)))
    deficits, blocks = [], []
    first = start + len(sizes)
    for place, k in enumerate(sizes):
        weight = np.full(count, 1.0 / k / len(sizes))
        deficits.append(NewColumns(f"below_{k}", (shares.keys,), weight, np.zeros(count), np.ones(count)))
        own = np.arange(count)
        block = share_rows(compiled, shares, np.zeros(count), f"worst_{k}")
        blocks.append(
            replace(
                block,
                rows=np.concatenate([block.rows, own, own]),
                columns=np.concatenate([block.columns, np.full(count, start + place), first + own]),
                values=np.concatenate([block.values, -np.ones(count), np.ones(count)]),
            )
        )
        first += count
    program = extended(without_objective(compiled.program), [tops, *deficits], blocks)
    return _then_own(program, compiled, limits)


def _shortfall(compiled: Compiled, limits: Limits, target: float, _levels: int) -> tuple[Answer, pd.DataFrame]:
    """The fewest need units short of the target: sum over cells of max(0, target d - cov), as a share of demand."""
    shares = shares_of(compiled, "cell")
    demand = compiled.town.cells.demand[shares.cell]
    count, start = len(shares.keys), compiled.program.column_count
    total = max(float(demand.sum()), 1.0)
    short = NewColumns("short", (shares.keys,), demand / total, np.zeros(count), np.ones(count))
    block = share_rows(compiled, shares, np.full(count, target), "short_of")
    rows = _with_column(block, start + np.arange(count))
    program = extended(without_objective(compiled.program), [short], [rows])
    return _then_own(program, compiled, limits)


def _with_column(block: Block, columns: Ints) -> Block:
    own = np.arange(len(block))
    return replace(
        block,
        rows=np.concatenate([block.rows, own]),
        columns=np.concatenate([block.columns, columns]),
        values=np.concatenate([block.values, np.ones(len(block))]),
    )


def _then_own(program: LinearProgram, compiled: Compiled, limits: Limits) -> tuple[Answer, pd.DataFrame]:
    own = np.concatenate([compiled.program.cost, np.zeros(program.column_count - compiled.program.column_count)])
    first = _answered(solve_proven(program, limits), compiled)
    answer = then_best(first, own, limits)
    table = pd.DataFrame([{"stage": 1, "level": abs(first.least), "settled": ""}])
    return answer, table
