"""An offer that exists has a smallest sensible size (indivisible scenarios)."""

from __future__ import annotations

import numpy as np

from allocate.model.ground import Ground
from allocate.model.program import Block
from allocate.model.rules.rule import CAPACITY_UNITS, Equation, Rule
from allocate.town.arrays import Floats
from allocate.town.as_arrays import Town

LEAST, MOST = "open_least", "open_most"


def open_least(ground: Ground) -> Block:
    """Indivisible: X[o] >= min_capacity_if_open[o] open[o]."""
    return _switch(LEAST, ground, ground.town.offers.min_if_open, (0.0, np.inf))


def open_most(ground: Ground) -> Block:
    """Indivisible: X[o] <= cap[o] open[o]."""
    return _switch(MOST, ground, ground.town.offers.max_capacity, (-np.inf, 0.0))


def _switch(name: str, ground: Ground, factor: Floats, sides: tuple[float, float]) -> Block:
    offers = np.arange(len(ground.town.offers.ids))
    rows = np.concatenate([offers, offers])
    first = ground.layout.first
    columns = np.concatenate([first("capacity") + offers, first("open") + offers])
    values = np.concatenate([np.ones(len(offers)), -factor])
    lower, upper = (np.full(len(offers), side) for side in sides)
    return Block(name, (ground.town.offers.ids,), lower, upper, rows, columns, values)


def _indivisible(town: Town) -> bool:
    return town.indivisible


RULE = Rule(
    kind="opening",
    cells=("offers.min_capacity_if_open",),
    keys=("offer",),
    unit=CAPACITY_UNITS,
    equations=(
        Equation(LEAST, open_least, ("offer",), _indivisible, at=120),
        Equation(MOST, open_most, ("offer",), _indivisible, at=121, rule=False),
    ),
    told=8,
)
