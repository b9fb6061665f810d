"""At most so much money is re-steered (M4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.language import euro
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import EURO, Reached, Step, up
from allocate.model.rules.relaxer import Part, Room, each_row, part, rows_of
from allocate.model.rules.rule import EUR, OF_ALL, OTHER, Contradiction, Equation, GivesWay, Rule, Seen
from allocate.town.arrays import Bools, Floats, Ids
from allocate.town.as_arrays import Town
from allocate.town.tolerance import TOLERANCE

KIND = ROWS = "moved"
# The one cap of a scenario has its column's name for an id.
ID = "max_moved"


def capped(town: Town) -> bool:
    """The scenario has a cap."""
    return bool(np.isfinite(town.max_moved))


def build(ground: Ground) -> Block:
    """M4 (cap): sum_o g[o] <= max_moved, where the scenario has a cap."""
    offers = np.arange(len(ground.town.offers.ids))
    key: Ids = np.array([ID], dtype=object)
    rows, columns = np.zeros(len(offers), dtype=np.int64), ground.layout.first("release") + offers
    upper = np.array([ground.town.max_moved])
    return Block(ROWS, (key,), np.array([-np.inf]), upper, rows, columns, np.ones(len(offers)))


def _seen(_ground: Ground, _seen: Seen) -> Bools:
    """Every department sees the cap, of which it has a share."""
    return np.ones(1, dtype=bool)


def _shared(ground: Ground, own: Bools) -> Floats:
    """The cap is shared by today's cost of the offers."""
    today = ground.town.offers.baseline_cost
    return np.array([float(today[own].sum() / today.sum()) if today.sum() > 0 else 1.0])


def _relax(ground: Ground, program: LinearProgram, _room: Room) -> Part:
    """More re-steering than the cap, EUR/year."""
    rows = rows_of(program, ROWS)
    limit = np.full(len(rows), ground.town.offers.baseline_cost.sum())
    return part(np.full(len(rows), ID, dtype=object), each_row(rows, -1.0), limit)


def _repair(variant: Variant, _reached: Reached, _id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    before = variant.scenario.max_moved
    after = before + up(amount, EURO)
    raised = replace(variant, scenario=replace(variant.scenario, max_moved=after))
    return raised, Step(after - before, before, after)


def _words(naming: Naming, _id: str, _place: str, lang: str) -> Mapping[str, object]:
    most = naming.ground.town.max_moved
    return {"bound": most, "amount": euro(most, lang), **naming.council(lang)}


def _precheck(ground: Ground) -> list[Contradiction]:
    """EUR that must be released because capacity falls below today's, against the cap."""
    town = ground.town
    if not capped(town):
        return []
    most_cost = town.cost_of(town.offers.max_capacity)
    forced = float(np.maximum(0.0, town.offers.baseline_cost - most_cost).sum())
    if forced <= town.max_moved * (1 + TOLERANCE):
        return []
    return [Contradiction("moved-forced", KIND, ID, "", forced, float(town.max_moved), EUR)]


RULE = Rule(
    kind=KIND,
    cells=("scenarios.max_moved",),
    equations=(Equation(ROWS, build, (), capped, at=110, seen=_seen, shared=_shared, of_cost=False),),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=lambda _ground, _id, _place: ("scenarios", "", ID),
        lever=OTHER, between=OF_ALL, tried=8, discussed=3, one_number=True, apart=True,
    ),
    words=_words,
    precheck=_precheck,
    told=3,
    held="moved_limit",
)  # fmt: skip
