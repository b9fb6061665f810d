"""Repair rows: a repair as the cells that a planner would change, where it is made of single cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from allocate.analyses.conflicts.conflicts import Conflict
from allocate.inputs.case import Case
from allocate.inputs.numerals import write_numeral


class Cell(NamedTuple):
    """A cell and the value it is to have, as the table ``changes`` names it; ``scenarios`` has no key."""

    table: str
    key: str
    column: str
    value: str


def repair_rows(conflict: Conflict, repair_id: str) -> tuple[Cell, ...] | None:
    """The cells that carry a repair out; None where it is no matter of single cells, or not possible.

    A floor that holds in several places is one cell for all of them: giving way in one place needs a row of its own.
    """
    steps = conflict.steps()
    rows = steps[steps["repair_id"] == repair_id].to_dict("records")
    case = conflict.widened.compiled.variant.case
    cells = [_cell(case, {str(name): value for name, value in row.items()}) for row in rows]
    known = tuple(cell for cell in cells if cell is not None)
    return known if known and len(known) == len(cells) else None


def _cell(case: Case, step: Mapping[str, object]) -> Cell | None:
    rule, id, place = (str(step[name]) for name in ("rule", "id", "place"))
    value = write_numeral(float(str(step["after"])))
    if rule in _ONE_CELL:
        table, column = _ONE_CELL[rule]
        return Cell(table, id, column, value)
    if rule == "reach":
        return Cell("reach", f"{id}|{place}", "max_capacity", value)
    if rule == "moved":
        return Cell("scenarios", "", "max_moved", value)
    if rule == "share":
        exceptions = case["eligibility"]
        plain = not (exceptions["pot_id"].eq(id) & exceptions["max_share"].notna()).any()
        return Cell("pots", id, "max_share", value) if plain else None
    if rule == "floor":
        own = case["floors"][case["floors"]["floor_id"] == id]
        single = len(own) == 1 and (own["scope"].iloc[0] == "all" or own["scope_id"].iloc[0] == place)
        return Cell("floors", id, "min_coverage", value) if single else None
    return None


_ONE_CELL = {
    "pot": ("pots", "amount"),
    "capacity": ("offers", "max_capacity"),
    "commitment": ("offers", "committed_capacity"),
}
