"""Compile: a scenario's case becomes a linear program whose rows and columns keep their domain ids.

Symbols are those of docs/model.md; ``layout.py`` ties the variables to planning words, ``town`` holds the data.
What the amount of a pot or the share of a floor says stands in the sides of its rows and in the price of a euro; no
table need be read again for it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from allocate.inputs.kept import close
from allocate.inputs.scenario.variant import Variant
from allocate.model.ground import Ground
from allocate.model.layout import Layout, build_layout
from allocate.model.own_rules import own_of
from allocate.model.program import Block, Family, Index, LinearProgram, column_order
from allocate.model.rules.pot import POT_ROWS
from allocate.model.rules.register import EQUATIONS
from allocate.town.arrays import Floats
from allocate.town.as_arrays import Town
from allocate.town.build_town import build_town
from allocate.town.eligibility import free_amounts
from allocate.town.places import clusters_of, floors_of


@dataclass(frozen=True)
class Compiled(Ground):
    """One scenario ready to be solved: its tables, the town's arrays, its rules, the layout and the program."""

    program: LinearProgram

    def __post_init__(self) -> None:
        for part in (self.town, self.floors, *self.clusters, self.layout):
            close(part)


def compile_variant(variant: Variant) -> Compiled:
    """Variant -> arrays -> blocks -> program (equations of docs/model.md)."""
    town = build_town(variant)
    floors = floors_of(variant.case, variant.scenario.floor_sets, town)
    clusters = clusters_of(variant.case, town)
    layout = build_layout(town, clusters)
    ground = Ground(variant, town, floors, clusters, layout)
    program = assemble(layout, blocks_of(ground), objective(town, layout))
    return Compiled(variant, town, floors, clusters, layout, program)


def blocks_of(ground: Ground) -> list[Block]:
    """All equation families of the model, in the order of docs/model.md; the own rules of the case behind them."""
    own = own_of(ground.variant.case)
    blocks = [equation.build(ground) for equation in EQUATIONS if equation.when(ground.town)]
    return blocks if own is None else [*blocks, *own.blocks(ground)]


def assemble(layout: Layout, blocks: Sequence[Block], cost: Floats) -> LinearProgram:
    """Stack blocks into one program."""
    families, offsets, start = [], [], 0
    for block in blocks:
        families.append(Family(block.name, start, block.keys))
        offsets.append(start)
        start += len(block)
    rows = np.concatenate([block.rows + offset for block, offset in zip(blocks, offsets, strict=True)])
    columns = np.concatenate([block.columns for block in blocks])
    values = np.concatenate([block.values for block in blocks])
    kept = values != 0.0
    if not kept.all():
        rows, columns, values = rows[kept], columns[kept], values[kept]
    starts, ordered_rows, ordered_values = column_order(columns, rows, values, len(layout.lower))
    return LinearProgram(
        cost=cost,
        lower=layout.lower,
        upper=layout.upper,
        row_lower=np.concatenate([block.lower for block in blocks]),
        row_upper=np.concatenate([block.upper for block in blocks]),
        starts=starts,
        rows=ordered_rows,
        values=ordered_values,
        columns_index=layout.index,
        rows_index=Index(tuple(families)),
        integer=layout.integer,
    )


def objective(town: Town, layout: Layout) -> Floats:
    """Minus the value of a plan, per column.

    maximise  sum omega[s,n] v[k] y[s,n,k]  +  equity_weight t
            - duplication_weight sum price[n] z[s,n] / Budget  -  movement_weight sum g[o] / Budget
    """
    cost = np.zeros(len(layout.lower))
    worth = town.cells.worth[layout.demanded]
    cost[layout.index.slice("covered")] = -(worth[:, None] * town.segments.value[None, :]).ravel()
    cost[layout.index.slice("least")] = -town.weights.equity
    per_euro = town.weights.per_euro(town.weights.duplication)
    cost[layout.index.slice("duplication")] = per_euro * town.needs.price[town.cells.need]
    cost[layout.index.slice("release")] = town.weights.per_euro(town.weights.movement)
    return cost


AMOUNTS, SHARES = ("pots", "amount"), ("floors", "min_coverage")


def compile_near(variant: Variant, base: Compiled, moved: Set[tuple[str, str]]) -> Compiled:
    """The compiled variant; ``moved`` are the (table, column) pairs in which it may differ from that of ``base``.

    Both must be of one scenario: settings are not looked at.
    """
    if not moved <= {AMOUNTS, SHARES}:
        return compile_variant(variant)
    town = _with_amounts(base.town, variant) if AMOUNTS in moved else base.town
    cost = objective(town, base.layout) if AMOUNTS in moved else base.program.cost
    if SHARES in moved:
        floors = floors_of(variant.case, variant.scenario.floor_sets, town)
        program = assemble(base.layout, blocks_of(Ground(variant, town, floors, base.clusters, base.layout)), cost)
        return Compiled(variant, town, floors, base.clusters, base.layout, program)
    upper = base.program.row_upper.copy()
    upper[base.program.rows_index.slice(POT_ROWS)] = town.pot_amount
    program = replace(base.program, cost=cost, row_upper=upper)
    return replace(base, variant=variant, town=town, program=program)


def _with_amounts(town: Town, variant: Variant) -> Town:
    """The town with the amounts of its pots, and what a euro is worth beside all of them."""
    amount = free_amounts(variant.case["pots"])
    return replace(town, pot_amount=amount, weights=replace(town.weights, budget=float(amount.sum())))
