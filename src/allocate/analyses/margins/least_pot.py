"""The least that a pot must hold so that a plan exists, all else as it is: where its money may be cut to."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from allocate.bench.proposals import solve_proven
from allocate.bench.resolve import number_of
from allocate.model.compile import Compiled
from allocate.model.rules.pot import POT_ROWS
from allocate.solve.solution import Limits


def least_pot(compiled: Compiled, pot_id: str, limits: Limits | None = None) -> float | None:
    """EUR/year; None where no amount of this pot alone lets a plan exist.

    The pot's own row is opened and the money taken from it becomes what is minimised (docs/model.md, M2). Offers are
    taken as divisible, so that of an indivisible scenario the answer is a lower bound. Raises ``UsageError`` for an
    unknown pot and ``CertificateError`` as ``solve_proven`` does.
    """
    program = compiled.program.relaxed()
    pot = number_of("pots", pot_id, np.asarray(compiled.town.pots, dtype=object))
    row = program.rows_index[POT_ROWS].start + pot
    upper, cost = program.row_upper.copy(), np.zeros(program.column_count)
    upper[row] = math.inf
    own = program.rows == row
    cost[program.entry_columns[own]] = program.values[own]
    name = compiled.variant.scenario.scenario_id
    found = solve_proven(replace(program, row_upper=upper, cost=cost, offset=0.0), limits, scenario=name)
    return None if found is None else max(0.0, found.value)
