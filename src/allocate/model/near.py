"""Near: the program of a variant that differs from a compiled one in few columns of the tables.

What the amount of a pot or the share of a floor says stands in the sides of its rows and in the price of a euro; no
table need be read again for it. A change of any other column is compiled from the tables, as ``compile_variant`` does,
whose arrays these are.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled, assemble, blocks_of, compile_variant
from allocate.model.ground import Ground
from allocate.model.objective import objective
from allocate.model.rules.pot import POT_ROWS
from allocate.town.places import floors_of
from allocate.town.reserved import free_amounts
from allocate.town.town import Town

AMOUNTS, SHARES = ("pots", "amount"), ("floors", "min_coverage")


def compile_near(variant: Variant, base: Compiled, moved: Set[tuple[str, str]]) -> Compiled:
    """The compiled variant; ``moved`` are the (table, column) pairs in which it may differ from that of ``base``.

    Both must be of one scenario: settings are not looked at.
    """
    if not moved <= {AMOUNTS, SHARES}:
        return compile_variant(variant)
    town = _with_amounts(base.town, variant) if AMOUNTS in moved else base.town
    cost = objective(town, base.layout) if AMOUNTS in moved else base.program.cost
    if SHARES in moved:
        floors = floors_of(variant.case, variant.scenario.floor_sets, town)
        program = assemble(base.layout, blocks_of(Ground(variant, town, floors, base.clusters, base.layout)), cost)
        return Compiled(variant, town, floors, base.clusters, base.layout, program)
    upper = base.program.row_upper.copy()
    upper[base.program.rows_index.slice(POT_ROWS)] = town.pot_amount
    program = replace(base.program, cost=cost, row_upper=upper)
    return replace(base, variant=variant, town=town, program=program)


def _with_amounts(town: Town, variant: Variant) -> Town:
    """The town with the amounts of its pots, and what a euro is worth beside all of them."""
    amount = free_amounts(variant.case["pots"])
    return replace(town, pot_amount=amount, weights=replace(town.weights, budget=float(amount.sum())))
