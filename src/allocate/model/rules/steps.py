"""A larger offer takes a further room: cost that rises by steps (S2, indivisible scenarios)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.inspection import Inspection
from allocate.inputs.workbook.example import as_written
from allocate.model.ground import Ground
from allocate.model.program import Block
from allocate.model.rules.rule import CAPACITY_UNITS, Equation, Rule
from allocate.town.arrays import Floats
from allocate.town.as_arrays import Town

TABLE = "steps"
LEAST, MOST = "step_least", "step_most"


def step_most(ground: Ground) -> Block:
    """S2: X[o] <= from[o,k] + (cap[o] - from[o,k]) begun[o,k]: beyond its beginning a step is begun, and paid."""
    steps, most = ground.town.steps, ground.town.offers.max_capacity
    return _steps(MOST, ground, most[steps.offer] - steps.start, (np.full(len(steps.offer), -np.inf), steps.start))


def step_least(ground: Ground) -> Block:
    """S2: X[o] >= from[o,k] begun[o,k]: a step that is not reached is not paid."""
    steps = ground.town.steps
    none = np.zeros(len(steps.offer))
    return _steps(LEAST, ground, steps.start, (none, np.full(len(none), np.inf)))


def _steps(name: str, ground: Ground, factor: Floats, sides: tuple[Floats, Floats]) -> Block:
    steps, first = ground.town.steps, ground.layout.first
    own = np.arange(len(steps.offer))
    columns = np.concatenate([first("capacity") + steps.offer, first("step") + own])
    values = np.concatenate([np.ones(len(own)), -factor])
    keys = ground.layout.index["step"].keys
    return Block(name, keys, *sides, np.concatenate([own, own]), columns, values)


def _used(town: Town) -> bool:
    return town.indivisible and len(town.steps.offer) > 0


def _is_example(table: pd.DataFrame) -> bool:
    shown = {(row["offer_id"], float(row["from_capacity"])) for row in as_written(TABLE)}
    return set(zip(table["offer_id"].astype(str), table["from_capacity"].astype(float), strict=True)) <= shown


def check(inspection: Inspection) -> None:
    """Steps that no offer can reach, and which scenarios do not count steps, because they plan single places."""
    table, offers = inspection.table(TABLE), inspection.table("offers")
    most = table["offer_id"].map(offers.drop_duplicates("offer_id").set_index("offer_id")["max_capacity"]).astype(float)
    inspection.flag("step-not-reached", TABLE, "from_capacity", table["from_capacity"].ge(most), severity=WARNING)
    if table.empty:
        return
    scenarios = inspection.table("scenarios")
    planned = scenarios[~scenarios["evaluate"]]
    without = planned.loc[~planned["indivisible"], "scenario_id"].tolist()
    if not planned["indivisible"].any():
        # The example rows of the template are nobody's statement.
        if _is_example(table):
            return
        inspection.note("steps-unused", TABLE, severity=NOTE, column="fixed_cost")
    elif without:
        inspection.note("steps-divisible", TABLE, severity=NOTE, column="fixed_cost", scenarios=", ".join(without))


RULE = Rule(
    kind=TABLE,
    cells=("steps.from_capacity", "steps.fixed_cost"),
    keys=("offer",),
    unit=CAPACITY_UNITS,
    equations=(
        Equation(MOST, step_most, ("offer", "step"), _used, at=126, rule=False),
        Equation(LEAST, step_least, ("offer", "step"), _used, at=127, rule=False),
    ),
    checks=(check,),
)
