"""Compile: a scenario's case becomes a linear program whose rows and columns keep their domain ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocate.inputs.kept import close
from allocate.inputs.scenario.variant import Variant
from allocate.model.ground import Ground
from allocate.model.layout import Layout, build_layout
from allocate.model.objective import objective
from allocate.model.own_rules import own_of
from allocate.model.program import Block, Family, Index, LinearProgram, column_order
from allocate.model.rules.register import EQUATIONS
from allocate.town.arrays import Floats
from allocate.town.build_town import build_town
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
