"""Stretch: some neighbouring values of a sweep, as they travel to a worker, and their plans.

Values are run one after the other, each from its neighbour's basis, and every stretch begins from nothing. So a plan
depends on its stretch alone: not on the worker, nor on what it has done before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocate.bench.variant_plans import VariantPlans
from allocate.errors import AllocateError, InputError
from allocate.inputs.case import Case, currency_of
from allocate.inputs.reading.placeholders import filled
from allocate.language import reckon_in
from allocate.results.allocation import Allocation
from allocate.solve.solution import Limits

# Enough to share the work of beginning, few enough that several workers have something to do.
SIZE = 8
# Seconds that are left where none are: limits of no time at all are refused.
HARDLY_ANY = 1e-3

type Swept = dict[float, Allocation | InputError]


@dataclass(frozen=True)
class Stretch:
    """Values of the placeholder in the changes of a scenario."""

    case: Case
    scenario_id: str
    changes: tuple[str, ...]
    values: tuple[float, ...]
    limits: Limits


def stretches(
    case: Case, scenario_id: str, changes: Sequence[str], values: Sequence[float], limits: Limits
) -> list[Stretch]:
    """The values in their order, in stretches that are about equally long."""
    parts = np.array_split(np.array(values, dtype=float), -(-len(values) // SIZE)) if len(values) else []
    return [Stretch(case, scenario_id, tuple(changes), tuple(part.tolist()), limits) for part in parts]


def far_from_here(limits: Limits) -> Limits:
    """The limits as another process or machine can keep them: it hears no word to stop and has another clock."""
    return replace(limits, seconds=max(HARDLY_ANY, limits.remaining), deadline=float("inf"), stopped=None)


def plans_of(stretch: Stretch) -> Swept | AllocateError:
    """The plan of every value, or why its tables are invalid; what is wrong with the question itself instead of all."""
    # Sentences of the answers speak of the town's money, also in a thread or process that has not read it.
    reckon_in(currency_of(stretch.case))
    found: Swept = {}
    try:
        variants = VariantPlans(stretch.case, stretch.scenario_id, stretch.limits)
        for value in stretch.values:
            try:
                found[value] = variants.plan(filled(stretch.changes, value), f"x = {value:g}")
            except InputError as refused:
                found[value] = refused
    except AllocateError as refused:
        return refused
    return found
