"""Reserved money: what of a pot offers may be paid from, after overhead and what is blocked until it is released."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.town.arrays import Floats


def free_share(pots: pd.DataFrame) -> Floats:
    """The part of every pot's amount that may be spent on offers, 0..1."""
    overhead, blocked = (np.nan_to_num(pots[name].to_numpy(dtype=np.float64)) for name in ("overhead_share", "blocked"))
    share: Floats = np.maximum(0.0, 1.0 - overhead - blocked)
    return share


def free_amounts(pots: pd.DataFrame) -> Floats:
    """EUR/year of every pot that may be spent on offers, in the order of the table."""
    amount: Floats = pots["amount"].to_numpy(dtype=np.float64) * free_share(pots)
    return amount
