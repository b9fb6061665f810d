"""Either / or: the limit of a use that is divided among needs (``town/either_or.py``)."""

from __future__ import annotations

import numpy as np

from allocate.model.layout import Layout
from allocate.model.program import Block
from allocate.town.town import Town


def use_most(town: Town, layout: Layout) -> Block:
    """C3 for divided uses: sum_n x[o,s,n] <= reach.max_capacity."""
    pairs = town.pairs
    parts = np.flatnonzero(pairs.serves >= 0)
    first, rows = np.unique(pairs.first[parts], return_inverse=True)
    keys = (town.offers.ids[pairs.offer[first]], town.spaces.ids[pairs.space[first]])
    return Block(
        "use_most",
        keys,
        np.full(len(first), -np.inf),
        pairs.max_capacity[first],
        rows.astype(np.int64),
        layout.first("use") + parts,
        np.ones(len(parts)),
    )
