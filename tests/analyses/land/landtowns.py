"""Small towns with pots of a Land, and a second way to the best division: one program over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocate.analyses.land.town_facts import TownJob, packed
from allocate.bench.proposals import solve_proven
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant
from allocate.model.program import Family, Index, LinearProgram, column_order
from allocate.town.arrays import Floats
from tests.strategies import case_of


def plain_town(name: str, people: int, unit_cost: float, most: float, key: float, floor: float = 0.0) -> Case:
    """One space, one need of 100, one offer, paid by the Land's pot alone: V(a) = 1.02 a / unit_cost / 100."""
    floors = [{"floor_id": "F", "scope": "all", "scope_id": "*", "need_id": "N", "min_coverage": floor}]
    return case_of(
        {
            "spaces": [{"space_id": "S", "name": "S", "population": people}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 100}],
            "offers": [{"offer_id": "O", "name": "O", "unit_cost": unit_cost, "max_capacity": most}],
            "effects": [{"offer_id": "O", "need_id": "N", "effect": 1}],
            "pots": [{"pot_id": "LAND", "name": "Land", "amount": key}],
            "floors": [{**one, "kind": "statutory"} for one in floors if floor],
        },
        name,
    )


def jobs_of(cases: Sequence[Case], scenario_id: str = "silo", pots: Sequence[str] = ("LAND",)) -> list[TownJob]:
    return [TownJob(case.name, scenario_id, tuple(pots), packed=packed(case)) for case in cases]


def best_of_all(cases: Sequence[Case], scenario_id: str, pots: Sequence[str], weights: Floats, money: Floats) -> float:
    """The greatest weighted sum of objectives, all towns and the amounts in one program; NaN where there is none."""
    parts = []
    for case in cases:
        compiled = compile_variant(apply(case, scenario_id))
        first = compiled.program.rows_index["pot"].start
        rows = [first + list(compiled.town.pots).index(pot) for pot in pots]
        parts.append((compiled.program, np.array(rows)))
    columns, rows, values, upper, start, height = [], [], [], [], 0, 0
    amounts = sum(program.column_count for program, _ in parts)
    for at, (program, own) in enumerate(parts):
        columns += [program.entry_columns + start, amounts + at * len(pots) + np.arange(len(pots))]
        rows += [program.rows + height, own + height]
        values += [program.values, -np.ones(len(pots))]
        side = program.row_upper.copy()
        side[own] = 0.0
        upper.append(side)
        start, height = start + program.column_count, height + program.row_count
    count = len(parts) * len(pots)
    columns.append(amounts + np.arange(count))
    rows.append(height + np.arange(count) % len(pots))
    values.append(np.ones(count))
    starts, ordered, entries = column_order(
        np.concatenate(columns), np.concatenate(rows), np.concatenate(values), amounts + count
    )
    programs = [program for program, _ in parts]
    whole = LinearProgram(
        cost=np.concatenate([*(w * p.cost for w, p in zip(weights, programs, strict=True)), np.zeros(count)]),
        lower=np.concatenate([*(p.lower for p in programs), np.zeros(count)]),
        upper=np.concatenate([*(p.upper for p in programs), np.tile(money, len(parts))]),
        row_lower=np.concatenate([*(p.row_lower for p in programs), np.full(len(pots), -np.inf)]),
        row_upper=np.concatenate([*upper, money]),
        starts=starts,
        rows=ordered,
        values=entries,
        columns_index=Index((Family("all", 0, (np.arange(amounts + count).astype(str).astype(object),)),)),
        rows_index=Index((Family("all", 0, (np.arange(height + len(pots)).astype(str).astype(object),)),)),
        integer=np.zeros(amounts + count, dtype=bool),
    )
    found = solve_proven(replace(whole, offset=0.0))
    return float("nan") if found is None else found.value
