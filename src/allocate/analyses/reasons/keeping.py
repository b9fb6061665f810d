"""What keeping costs: the money with which a town that keeps an offer as it is would still be as well off."""

from __future__ import annotations

import math
from dataclasses import replace

from allocate.analyses.reasons.consequence import Consequence
from allocate.bench.resolve import Bench, held
from allocate.bench.worth import extra_money


def keeping_eur(bench: Bench, offer: int, found: Consequence | None) -> float:
    """EUR/year of further money, put where it helps most, that make up for keeping an offer at today's level.

    ``found``: what follows from keeping it. Exact, from a linear program of its own. 0 where keeping it costs nothing;
    NaN for offers that are not lowered, where no plan keeps it, where no amount is enough, and in an indivisible
    scenario.
    """
    if found is None or found.question != "kept" or not found.possible or bench.is_mixed_integer:
        return math.nan
    if found.costs_nothing:
        return 0.0
    program = held(bench.program, bench.level(offer, least=found.level))
    compiled = replace(bench.compiled, program=program)
    return extra_money(compiled, bench.value, bench.session.limits, bench.loaded).total
