"""What a repair may rest on: the plan that is reached once some rules give way, and how a repair is written down.

A repair is rounded to what people decide (whole euros, hundredths of a place, hundredths of a percentage point, always
to the safe side) and written into the tables of a new variant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.inputs.scenario.variant import Variant
from allocate.model.ground import Ground
from allocate.town.arrays import Floats, Ints

EURO = 1.0
UNIT_GRAIN = 1e-2
SHARE_GRAIN = 1e-4
# A step below this share of what the rule allows is rounding, not a repair.
NOISE = 1e-9


@dataclass(frozen=True)
class Step:
    """One rule that gives way: by how much in its unit (always positive), and its value before and after.

    ``before`` and ``after``: EUR, capacity units, need units or a share 0..1, as the table of the rule holds it.
    """

    amount: float
    before: float
    after: float
    rule: int = -1


@dataclass(frozen=True)
class Reached:
    """The plan that becomes possible, in the town's numbers: use per pair, capacity per offer, payments."""

    ground: Ground
    use: Floats
    capacity: Floats
    pot: Ints
    offer: Ints
    money: Floats

    def paid(self, pots: Ints) -> Floats:
        """EUR/year that some pots together pay, per offer."""
        own = np.isin(self.pot, pots)
        return np.bincount(self.offer[own], self.money[own], minlength=len(self.ground.town.offers.ids))


def up(value: float, grain: float) -> float:
    """The next multiple of a grain at or above a value; a solver's rounding does not count."""
    return math.ceil(value / grain - 1e-6) * grain


def with_table(variant: Variant, table: str, frame: pd.DataFrame) -> Variant:
    """The variant with another table."""
    return replace(variant, case=variant.case._unchecked(**{table: frame}))


def changed(variant: Variant, table: str, where: Mapping[str, str], column: str, change: float) -> tuple[Variant, Step]:
    """The variant with one number changed by ``change``, never below nothing."""
    frame = variant.case[table].copy()
    rows = np.ones(len(frame), dtype=bool)
    for name, value in where.items():
        rows &= (frame[name] == value).to_numpy()
    before = float(frame.loc[rows, column].iloc[0])
    after = max(0.0, before + change)
    frame.loc[rows, column] = after
    return with_table(variant, table, frame), Step(abs(change), before, after)
