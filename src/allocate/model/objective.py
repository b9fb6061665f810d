"""The objective: what a plan is worth, written for minimisation.

Symbols are those of docs/model.md; ``layout.py`` ties the variables to planning words, ``town`` holds the data.
"""

from __future__ import annotations

import numpy as np

from allocate.model.layout import Layout
from allocate.town.arrays import Floats
from allocate.town.town import Town


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
