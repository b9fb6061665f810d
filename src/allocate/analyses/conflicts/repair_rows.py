"""Repair rows: a repair as the changes that a planner would make, where it is made of cells or of rows once more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from allocate.analyses.conflicts.why_no_plan import Conflict
from allocate.inputs.numerals import write_numeral
from allocate.model.ground import Ground
from allocate.model.rules.register import way_of
from allocate.town.facts import FloorFacts

# A row that holds for more places than this is not divided into one for each.
MOST_PLACES = 40


class Cell(NamedTuple):
    """A change as the table ``changes`` names it: a cell and the value it is to have, or a row that is copied;
    ``scenarios`` has no key.
    """

    table: str
    key: str
    column: str
    value: str
    how: str = "set"


def repair_rows(conflict: Conflict, repair_id: str) -> tuple[Cell, ...] | None:
    """The changes that carry a repair out; None where it takes other ones, or is not possible."""
    steps = conflict.steps()
    ground = conflict.widened.compiled
    divided: dict[tuple[str, str], dict[str, str]] = {}
    found: list[Cell] = []
    for row in steps[steps["repair_id"] == repair_id].to_dict("records"):
        step = {str(name): value for name, value in row.items()}
        rule, id, place = (str(step[name]) for name in ("rule", "id", "place"))
        own = _cells(ground, step)
        if not own and place in way_of(rule).shares(ground, id):
            divided.setdefault((rule, id), {})[place] = _after(step)
        elif not own:
            return None
        found += own
    for (rule, id), places in divided.items():
        rows = _divided(ground, rule, id, places)
        if not rows:
            return None
        found += rows
    return tuple(found) or None


def _cells(ground: Ground, step: Mapping[str, object]) -> list[Cell]:
    rule, id, place = (str(step[name]) for name in ("rule", "id", "place"))
    blank = [Cell(*where, "") for where in way_of(rule).blanks(ground, id)]
    where, after = way_of(rule).cell(ground, id, place), _after(step)
    return [Cell(*where, after)] if where and after else blank


def _after(step: Mapping[str, object]) -> str:
    """The value that a rule is to have; blank where it is no number."""
    after = float(str(step["after"]))
    return write_numeral(float(f"{after:.12g}")) if math.isfinite(after) else ""


def _divided(ground: Ground, rule: str, id: str, after: Mapping[str, str]) -> list[Cell]:
    """A floor that holds in each place, as one row a place: those of ``after`` with other values, the rest as it is.

    The row itself becomes that of the first of these places. Nothing where there are too many, or ids are taken.
    """
    every = list(way_of(rule).shares(ground, id))
    taken = set(FloorFacts(ground.variant.case).ids)
    first, *others = [*after, *(place for place in every if place not in after)]
    names = {place: f"{id}-{place}" for place in others}
    odd = any(sign in place for place in every for sign in ";=")
    if len(every) > MOST_PLACES or odd or taken & set(names.values()) or not all(after.values()):
        return []
    lowered = {place: f"; min_coverage={value}" for place, value in after.items()}
    copies = [
        Cell("floors", id, "", f"{name}; scope_id={place}{lowered.get(place, '')}", "copy")
        for place, name in names.items()
    ]
    return [*copies, Cell("floors", id, "scope_id", first), Cell("floors", id, "min_coverage", after[first])]
