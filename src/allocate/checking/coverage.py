"""Floors that no plan can reach, said before a plan is asked for: what is reachable is the town's to say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.town.build_provision import build_provision
from allocate.town.places import ENFORCED_KINDS, floors_of
from allocate.town.reachable import beyond_reach


def unreachable_floors(case: Case, floor_sets: Sequence[str]) -> pd.DataFrame:
    """Binding floors of these sets that no plan can meet, in the order of floors, then places.

    Columns: ``at`` (position in ``floors``), ``place`` (``*`` for the whole town), ``required`` and ``possible``
    (shares of demand). None where nothing is demanded.
    """
    columns = ["at", "place", "required", "possible"]
    table = case["floors"]
    if not (table["floor_set"].isin(list(floor_sets)) & table["kind"].isin(ENFORCED_KINDS)).any():
        return pd.DataFrame(columns=columns)
    provision = build_provision(case, case["needs"]["weight"].to_numpy(np.float64))
    floors = floors_of(case, floor_sets, provision)
    unmet, available = beyond_reach(provision, floors)
    found = np.flatnonzero(unmet)
    possible = available[found] / floors.demand[found]
    return pd.DataFrame(
        dict(
            zip(columns, (floors.row[found], floors.scope_id[found], floors.min_coverage[found], possible), strict=True)
        )
    )
