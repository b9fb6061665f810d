"""Shares of coverage as rows of the program: of the town, a need, a space, a region, or a need in a space.

A row is a weight per covered column such that ``row @ x`` is the share 0..1 a planner reads:

    all      weighted coverage        sum_n W[n] C[n] / sum W, C[n] = sum_s q cov / sum_s q d
    need     C[n]
    space    sum_n W cov/d / sum W over the space's needs (right side of C2)
    region   sum_n W (sum_s cov / sum_s d) / sum W over the spaces of the region
    cell     cov / d
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.model.compile import Compiled
from allocate.model.program import Block
from allocate.town.arrays import Floats, Ids, Ints

SCOPES = ("all", "need", "space", "region", "cell")


@dataclass(frozen=True)
class Shares:
    """Shares of one scope: ``keys`` of the members; entry e puts ``weight[e]`` of cell ``cell[e]`` in ``member[e]``.

    ``cell`` numbers the town's cells.
    """

    scope: str
    keys: Ids
    member: Ints
    cell: Ints
    weight: Floats

    def of(self, covered: Floats) -> Floats:
        """The share 0..1 of every member, from covered need units per cell."""
        return np.bincount(self.member, self.weight * covered[self.cell], minlength=len(self.keys))

    def chosen(self, members: Ints) -> Shares:
        """Only some members, in the order given."""
        place = np.full(len(self.keys), -1, dtype=np.int64)
        place[members] = np.arange(len(members))
        kept = place[self.member] >= 0
        return Shares(self.scope, self.keys[members], place[self.member[kept]], self.cell[kept], self.weight[kept])


def shares_of(compiled: Compiled, scope: str) -> Shares:
    """All members of a scope; those without demand are left out."""
    town = compiled.town
    cells = np.flatnonzero(town.cells.demand > 0)
    need, space, demand = town.cells.need[cells], town.cells.space[cells], town.cells.demand[cells]
    importance, count = town.needs.weight[need], town.spaces.weight[space]
    if scope in ("all", "need"):
        total = np.bincount(need, count * demand, minlength=len(town.needs.ids))[need]
        weight = count / total
        if scope == "all":
            present = np.unique(need)
            return Shares(
                scope,
                np.array(["*"], dtype=object),
                np.zeros(len(cells), dtype=np.int64),
                cells,
                weight * importance / max(float(town.needs.weight[present].sum()), 1e-300),
            )
        return _grouped(scope, town.needs.ids[need], cells, weight)
    if scope == "space":
        total = np.bincount(space, importance, minlength=len(town.spaces.ids))[space]
        used = total > 0
        return _grouped(scope, town.spaces.ids[space[used]], cells[used], importance[used] / demand[used] / total[used])
    if scope == "cell":
        labels = np.array(
            [f"{s}|{n}" for s, n in zip(town.spaces.ids[space], town.needs.ids[need], strict=True)], dtype=object
        )
        return _grouped(scope, labels, cells, 1.0 / demand)
    return shares_by(compiled, town.spaces.region, scope)


def shares_by(compiled: Compiled, group_of_space: Ids, scope: str) -> Shares:
    """Coverage of groups of spaces (a label per space; blank ones are left out): that of the town, in their cells."""
    town = compiled.town
    label = group_of_space.astype(str)[town.cells.space]
    cells = np.flatnonzero((town.cells.demand > 0) & (label != ""))
    need, counted = town.cells.need[cells], town.spaces.weight[town.cells.space[cells]]
    known, group = np.unique(label[cells], return_inverse=True)
    code = group * len(town.needs.ids) + need
    size = max(len(known), 1) * len(town.needs.ids)
    total = np.bincount(code, counted * town.cells.demand[cells], minlength=size)
    importance = np.where(total > 0, np.tile(town.needs.weight, max(len(known), 1)), 0.0)
    whole = np.bincount(np.arange(size) // len(town.needs.ids), importance)
    used = (whole[group] > 0) & (total[code] > 0)
    weight = counted[used] * town.needs.weight[need[used]] / total[code[used]] / whole[group[used]]
    return Shares(scope, known.astype(object), group[used].astype(np.int64), cells[used], weight)


def _grouped(scope: str, labels: Ids, cells: Ints, weight: Floats) -> Shares:
    keys = np.array(list(dict.fromkeys(labels.tolist())), dtype=object)
    number = {key: i for i, key in enumerate(keys.tolist())}
    member = np.array([number[label] for label in labels.tolist()], dtype=np.int64)
    return Shares(scope, keys, member, cells, weight)


def share_rows(compiled: Compiled, shares: Shares, least: Floats, name: str) -> Block:
    """Rows share >= least for every member, on the covered columns."""
    layout, segments = compiled.layout, len(compiled.town.segments.value)
    place = np.full(len(compiled.town.cells.demand), -1, dtype=np.int64)
    place[layout.demanded] = np.arange(len(layout.demanded))
    return Block(
        name,
        (shares.keys,),
        np.asarray(least, dtype=float),
        np.full(len(shares.keys), np.inf),
        np.repeat(shares.member, segments),
        layout.covered_of(place[shares.cell]),
        np.repeat(shares.weight, segments),
    )
