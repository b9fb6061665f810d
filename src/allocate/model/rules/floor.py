"""A floor demands that a share of the demand is covered in a place (F1)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from allocate.inputs.scenario.variant import Variant
from allocate.language import number, percent
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import TEXTS, Naming
from allocate.model.rules.reached import SHARE_GRAIN, Reached, Step, with_table
from allocate.model.rules.relaxer import Part, Room, each_row, part, rows_of
from allocate.model.rules.rule import (
    BEFORE_AFTER,
    FLOORS,
    NEED_UNITS,
    OF_ALL,
    Contradiction,
    Equation,
    GivesWay,
    Rule,
    Seen,
)
from allocate.town.arrays import Bools, Ids
from allocate.town.reachable import beyond_reach

FLOOR = FLOOR_ROWS = "floor"
REPAIRED_SET = "repaired"


def build(ground: Ground) -> Block:
    """F1: sum_{s in scope} cov[s,n] >= min_coverage sum_{s in scope} d[s,n], for statutory and political floors."""
    town, layout, rules = ground.town, ground.layout, ground.floors
    enforced = np.flatnonzero(rules.enforced)
    row_of = np.full(len(rules.floor_id), -1, dtype=np.int64)
    row_of[enforced] = np.arange(len(enforced))
    place = np.full(len(town.cells.demand), -1, dtype=np.int64)
    place[layout.demanded] = np.arange(len(layout.demanded))
    used = (row_of[rules.entry_floor] >= 0) & (place[rules.entry_cell] >= 0)
    row, cell = row_of[rules.entry_floor[used]], place[rules.entry_cell[used]]
    segments = len(town.segments.value)
    covered = layout.covered_of(cell)
    return Block(
        FLOOR_ROWS,
        (rules.floor_id[enforced], rules.scope_id[enforced]),
        rules.required[enforced],
        np.full(len(enforced), np.inf),
        np.repeat(row, segments),
        covered,
        np.ones(len(covered)),
    )


def _led(ground: Ground, seen: Seen) -> Bools:
    """A department sees to the floors of the needs that it leads."""
    led: Bools = seen.needs[ground.floors.need[ground.floors.enforced]]
    return led


def _relax(ground: Ground, program: LinearProgram, _room: Room) -> Part:
    """Less covered than a floor demands, need units/year."""
    family = program.rows_index[FLOOR_ROWS]
    ids, places = family.keys
    need = ground.floors.need[ground.floors.enforced]
    return part(
        ids, each_row(rows_of(program, FLOOR_ROWS), 1.0), program.row_lower[family.slice], place=places, need=need
    )


def _number(ground: Ground, id: str, place: str) -> int:
    floors = ground.floors
    return int(np.flatnonzero(floors.enforced & (floors.floor_id == id) & (floors.scope_id == place))[0])


def _repair(variant: Variant, reached: Reached, id: str, place: str, amount: float) -> tuple[Variant, Step]:
    """A floor row of its own for this place, in a floor set that comes last and therefore overrides."""
    floors = reached.ground.floors
    own = _number(reached.ground, id, place)
    before, demand = float(floors.min_coverage[own]), float(floors.demand[own])
    after = max(0.0, math.floor((before - amount / demand) / SHARE_GRAIN + 1e-6) * SHARE_GRAIN)
    table = variant.case["floors"]
    row = table[table["floor_id"] == id].head(1).copy()
    row["floor_set"] = REPAIRED_SET
    row["scope_id"] = place if floors.scope[own] != "all" else "*"
    row["min_coverage"] = after
    sets = variant.scenario.floor_sets
    scenario = replace(variant.scenario, floor_sets=sets if sets[-1:] == (REPAIRED_SET,) else (*sets, REPAIRED_SET))
    lowered = with_table(variant, "floors", pd.concat([table, row], ignore_index=True))
    return replace(lowered, scenario=scenario), Step((before - after) * demand, before, after)


def _cell(ground: Ground, id: str, place: str) -> tuple[str, str, str] | None:
    """A floor that holds in several places is one cell for all of them: one place alone needs a row of its own."""
    floors = ground.variant.case["floors"]
    own = floors[floors["floor_id"] == id]
    single = len(own) == 1 and (own["scope"].iloc[0] == "all" or own["scope_id"].iloc[0] == place)
    return ("floors", id, "min_coverage") if single else None


def _shares(ground: Ground, id: str) -> list[str]:
    """The places of a floor that one row states of each of them; none where several rows do."""
    floors, table = ground.floors, ground.variant.case["floors"]
    own = table[table["floor_id"] == id]
    if len(own) != 1 or own["scope"].iloc[0] == "all" or own["scope_id"].iloc[0] != "*":
        return []
    return [str(one) for one in floors.scope_id[floors.enforced & (floors.floor_id == id)].tolist()]


def _by_law(ground: Ground) -> Ids:
    table = ground.variant.case["floors"]
    return table.loc[table["kind"] == "statutory", "floor_id"].to_numpy(dtype=object)


def _words(naming: Naming, id: str, place: str, lang: str) -> Mapping[str, object]:
    floors = naming.ground.floors
    at = _number(naming.ground, id, place)
    table = naming.ground.variant.case["floors"]
    row = table[table["floor_id"] == id].iloc[0]
    need = str(row["need_id"])
    share, units = float(floors.min_coverage[at]), float(floors.required[at])
    decided = "law" if row["kind"] == "statutory" else "council"
    return {
        "label": id,
        "need_id": need,
        "need_name": naming.name("need_id", need, lang),
        "share": percent(share, lang),
        "units": number(units, lang, 1),
        "unit": naming.need_unit(need, lang),
        "bound": share,
        "bound_unit": "share",
        "bound_units": units,
        "basis": str(row["basis"]),
        "decided_by": decided,
        "decider": TEXTS.say(f"decider.{decided}", lang),
    }


def _precheck(ground: Ground) -> list[Contradiction]:
    """``floor-unserved``: no offer in reach has an effect on the need; ``floor-capacity``: all capacity is too little.

    ``needed``: covered units the floor demands; ``available``: what all capacity in reach could cover at most.
    """
    town, floors = ground.town, ground.floors
    short, available = beyond_reach(town, floors)
    reached = floors.achieved(town.supply_of(np.ones(len(town.pairs.offer))))
    return [
        Contradiction(
            "floor-capacity" if reached[i] > 0 else "floor-unserved",
            FLOOR,
            str(floors.floor_id[i]),
            str(floors.scope_id[i]),
            float(floors.required[i]),
            float(available[i]),
            NEED_UNITS,
        )
        for i in np.flatnonzero(short)
    ]


RULE = Rule(
    kind=FLOOR,
    cells=("floors.min_coverage",),
    keys=("floor", "place"),
    unit=NEED_UNITS,
    equations=(
        Equation(FLOOR_ROWS, build, ("floor", "place"), at=90, seen=_led, missable=True, of_cost=False),
    ),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=_cell, shares=_shares, lever=FLOORS, between=OF_ALL, tried=7, discussed=2,
        one_number=True, apart=True, in_points=True, down=True, told=BEFORE_AFTER, by_law=_by_law,
    ),
    words=_words,
    precheck=_precheck,
    told=5,
)  # fmt: skip
