"""Fair objectives: leximin, balanced and shortfall plans under a scenario's rules (docs/fairness.md).

Only monotone measures of fairness are used. A bound on the spread between spaces would let the program hide covered
persons (a cell may claim less coverage than its supply gives), so there is none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.analyses.coverage_terms import Shares, share_rows, shares_of
from allocate.analyses.goals import DEFAULT_ORDER, Wish, divisible, in_order
from allocate.analyses.proposals import Answer, proposal, solve_in_order, solve_proven
from allocate.analyses.recast import NewColumns, extended, without_objective
from allocate.errors import UsageError
from allocate.model.compile import Compiled
from allocate.model.program import Block, Floats, Ints, LinearProgram
from allocate.results.allocation import Allocation, records
from allocate.results.measures import space_coverage
from allocate.session import Session
from allocate.solve.solution import Limits

OBJECTIVES = ("leximin", "balanced", "shortfall", "lexicographic")
# How many levels leximin settles one after the other before the town's own objective decides the rest.
LEVELS = 10
# The balanced objective averages the mean coverage of the worst 1 space and of these shares of all spaces.
WORST_SHARES = (0.0, 0.05, 0.1, 0.25, 0.5)
# A space whose row has a dual above this is at its level in every optimum.
BLOCKING = 1e-5
# How far below a settled level a space may lie for the sake of floating point numbers.
SETTLED = 1e-9
EQUITY_FIRST = tuple(sorted(DEFAULT_ORDER, key=lambda wish: wish.goal != "equity"))


@dataclass(frozen=True)
class FairPlan:
    """A plan of a fair objective beside the scenario's own plan.

    ``stages``: ``stage, level, settled`` (spaces settled at this level, joined by ``;``); of ``balanced`` and
    ``shortfall`` the optimal value. ``spaces``: ``space_id, chosen, fair`` coverage 0..1. ``price``: coverage value the
    fair plan gives up against the chosen one.
    """

    objective: str
    stages: pd.DataFrame
    spaces: pd.DataFrame
    price: float
    plan: Allocation

    def to_json(self, lang: str = "en") -> dict[str, object]:
        """The stable JSON of docs/fairness.md."""
        return {
            "objective": self.objective,
            "price": self.price,
            "stages": records(self.stages),
            "spaces": records(self.spaces),
            "plan": self.plan.to_json(lang),
        }


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
    return FairPlan(objective, stages, _spaces(compiled, chosen, plan), chosen.measures.coverage_value - coverage, plan)


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
    """Ogryczak, Pioro and Tomaszewski 2005: settle the spaces that block each level, by the duals of their rows."""
    shares = shares_of(compiled, "space")
    count = len(shares.keys)
    settled = np.full(count, np.nan)
    rows: list[dict[str, object]] = []
    while np.isnan(settled).any() and len(rows) < levels:
        free = np.flatnonzero(np.isnan(settled))
        answer = _answered(solve_proven(_raise_free(compiled, shares, settled, free), limits), compiled)
        level = -answer.value
        dual = answer.solution.row_dual
        family = answer.program.rows_index["free"]
        blocking = np.zeros(len(free), dtype=bool) if dual is None else np.abs(dual[family.slice]) > BLOCKING
        if not blocking.any():
            # The level is capped by its own bound (everything covered): all remaining spaces are there.
            blocking[:] = True
        settled[free[blocking]] = level
        names = ";".join(str(key) for key in shares.keys[free[blocking]])
        rows.append({"stage": len(rows) + 1, "level": level, "settled": names})
    last = float(rows[-1]["level"]) if rows else 0.0  # type: ignore[arg-type]
    least = np.where(np.isnan(settled), last, settled) - SETTLED
    program = extended(compiled.program, rows=[share_rows(compiled, shares, np.maximum(least, 0.0), "level")])
    return _answered(solve_proven(program, limits), compiled), pd.DataFrame(rows, columns=["stage", "level", "settled"])


def _raise_free(compiled: Compiled, shares: Shares, settled: Floats, free: Ints) -> LinearProgram:
    """maximise t  s.t.  share of every free space >= t, every settled space at its level."""
    start = compiled.program.column_count
    raised = NewColumns("raised", (np.array(["t"], dtype=object),), np.array([-1.0]), np.zeros(1), np.ones(1))
    rows = share_rows(compiled, shares.chosen(free), np.zeros(len(free)), "free")
    own = np.arange(len(free))
    rows = replace(
        rows,
        rows=np.concatenate([rows.rows, own]),
        columns=np.concatenate([rows.columns, np.full(len(free), start)]),
        values=np.concatenate([rows.values, -np.ones(len(free))]),
    )
    done = np.flatnonzero(~np.isnan(settled))
    kept = share_rows(compiled, shares.chosen(done), np.maximum(settled[done] - SETTLED, 0.0), "settled")
    return extended(without_objective(compiled.program), [raised], [rows, kept])


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
    answer = _answered(solve_in_order(program, [program.cost, own], limits), compiled)
    table = pd.DataFrame([{"stage": 1, "level": abs(first.value), "settled": ""}])
    return answer, table
