"""Repair rows: a repair as the cells that a planner would change, where it is made of single cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from allocate.analyses.conflicts.conflicts import Conflict
from allocate.inputs.numerals import write_numeral
from allocate.model.ground import Ground
from allocate.model.rules.register import way_of


class Cell(NamedTuple):
    """A cell and the value it is to have, as the table ``changes`` names it; ``scenarios`` has no key."""

    table: str
    key: str
    column: str
    value: str


def repair_rows(conflict: Conflict, repair_id: str) -> tuple[Cell, ...] | None:
    """The cells that carry a repair out; None where it is no matter of single cells, or not possible."""
    steps = conflict.steps()
    rows = steps[steps["repair_id"] == repair_id].to_dict("records")
    cells = [_cells(conflict.widened.compiled, {str(name): value for name, value in row.items()}) for row in rows]
    return tuple(cell for own in cells for cell in own) if all(cells) and cells else None


def _cells(ground: Ground, step: Mapping[str, object]) -> list[Cell]:
    rule, id, place = (str(step[name]) for name in ("rule", "id", "place"))
    blank = [Cell(*where, "") for where in way_of(rule).blanks(ground, id)]
    where, after = way_of(rule).cell(ground, id, place), float(str(step["after"]))
    return [Cell(*where, write_numeral(float(f"{after:.12g}")))] if where and math.isfinite(after) else blank
