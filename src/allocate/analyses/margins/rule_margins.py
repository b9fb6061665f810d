"""Rule margins: what floors, capacities, caps, earmarks and the other rules cost, per unit and altogether.

A rule whose relaxers all have the bound 0 is proven to cost nothing, whatever it asks for, because the program is
convex; only the others are asked about, by solving again. Euros are objective points divided by the value of one more
euro in the pot where it helps most. More money is worth less and less, so that the money which would make up for a
rule is at least as much.

Not every costly rule is listed. Those left out are asked about all the same, the largest bound first, until none of
them can be dearer than the dearest that is listed, because the dearest one is named in a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.analyses.margins.open_rules import Margins
from allocate.analyses.margins.pot_margins import DIGITS, piece_columns, plain
from allocate.bench.resolve import NOTHING
from allocate.inputs.handed import OneLine
from allocate.model.rules.floor import FLOOR
from allocate.model.rules.pot import POT
from allocate.model.rules.register import giving_way, rule_of, way_of
from allocate.plain import Record
from allocate.results.columns import Columns
from allocate.results.plan_tables import FLOOR_TOLERANCE
from allocate.town.arrays import Floats, Ints

FLOOR_COLUMNS = Columns(
    "floor_id", "scope_id", "need_id", "required", "achieved", "point_less_gain", "point_less_worth_eur",
    "point_more_loss", "point_more_cost_eur", "lower_value", "lower_up_to", "raise_value", "raise_up_to",
    "lifted_gain", "lifted_worth_eur",
)  # fmt: skip
RULE_COLUMNS = Columns(
    "rule", "id", "place", "unit", "more_value", "more_worth_eur", "more_up_to", "more_ends", "less_value",
    "less_cost_eur", "less_up_to", "less_ends", "lifted_gain", "lifted_worth_eur",
)  # fmt: skip
POINT = 0.01
# Of every kind of rule this many are listed, those with the largest bound.
MOST = 10
# At most this many of the others are asked about to settle which one is the dearest.
FURTHER = 50


@dataclass(frozen=True, eq=False, repr=False)
class Asked(OneLine):
    """A table of rules, and what it leaves out.

    ``left_out``: how many that may cost something are not in it; ``settled``: it is proven that none of these is
    dearer than the dearest in the table.
    """

    table: pd.DataFrame
    left_out: int = 0
    settled: bool = True


def floors_table(margins: Margins, worth: float, most: int = MOST) -> Asked:
    """Floors that are tight, dearest first: ``most`` of them, and what it takes to know where a point is dearest.

    ``point_less_gain``, ``point_more_loss``: objective points if the floor were one percentage point lower or higher
    (NaN: no plan is left; of a floor below one point, what it asks for). ``lower_value``, ``raise_value``: the same at
    the very first unit, per percentage point, and up to which share of demand that holds (``..._up_to``). ``worth``:
    points per EUR.
    """
    floors, plan = margins.bench.compiled.floors, margins.bench.plan.floors
    enforced = np.flatnonzero(floors.enforced)
    slack = (plan["achieved"] - plan["required"]).to_numpy(dtype=float)[enforced]
    rules = margins.widened.rules
    tight = [
        (rules.number(FLOOR, str(floors.floor_id[row]), str(floors.scope_id[row])), int(row))
        for row in enforced[(slack <= FLOOR_TOLERANCE) & (floors.demand[enforced] > 0)]
    ]
    tight.sort(key=lambda one: -margins.lifting_bounds[one[0]])
    rows = [_floor(margins, rule, row, worth) for rule, row in tight[:most]]
    others = tight[most:] if most else []
    points = np.array([_point(margins, row) for _, row in others])
    bounds = np.array([_first_bound(margins, rule) for rule, _ in others]) * points
    dearer, settled = _dearer(
        lambda other: margins.gain(others[other][0], points[other]),
        bounds,
        max((float(str(row["point_less_gain"])) for row in rows), default=0.0),
    )
    rows += [_floor(margins, *others[other], worth) for other in dearer]
    return Asked(dearest_first(FLOOR_COLUMNS.of(rows)), len(tight) - len(rows), settled)


def _dearer(ask: Callable[[int], float], bounds: Floats, best: float) -> tuple[list[int], bool]:
    """Which of the rules left out prove dearer than ``best`` and all before, and whether no other can be.

    ``bounds``: the most that each can be worth, objective points; ``ask`` finds by a re-solve what it is worth.
    """
    found: list[int] = []
    for count, rule in enumerate(np.argsort(-bounds, kind="stable").tolist()):
        if bounds[rule] <= best + NOTHING:
            break
        if count == FURTHER:
            return found, False
        gain = ask(rule)
        if gain > best + NOTHING:
            found.append(rule)
            best = gain
    return found, True


def _point(margins: Margins, row: int) -> float:
    """One percentage point of a floor in need units, or all it asks for where that is less."""
    floors = margins.bench.compiled.floors
    return min(POINT * float(floors.demand[row]), float(floors.required[row]))


def _first_bound(margins: Margins, rule: int) -> float:
    """The most that each unit of a rule in one number can be worth, objective points."""
    return float(margins.bounds[np.flatnonzero(margins.widened.relaxers.rule == rule)[0]])


def dearest_first(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by what lifting them is worth; equal ones (to what can be told apart) in their order."""
    order = -table["lifted_gain"].astype(float).fillna(-1.0).round(DIGITS)
    return table.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def _floor(margins: Margins, rule: int, row: int, worth: float) -> Record:
    floors = margins.bench.compiled.floors
    plan = margins.bench.plan.floors.iloc[row]
    demand = float(floors.demand[row])
    sides = margins.sides(rule)
    less = floored(margins.gain(rule, _point(margins, row)))
    more = floored(-margins.gain(rule, -POINT * demand))
    lifted = lifted_gain(margins, rule)
    return {
        "floor_id": str(floors.floor_id[row]),
        "scope_id": str(floors.scope_id[row]),
        "need_id": str(plan["need_id"]),
        "required": float(plan["required"]),
        "achieved": float(plan["achieved"]),
        "point_less_gain": less,
        "point_less_worth_eur": in_euros(less, worth),
        "point_more_loss": more,
        "point_more_cost_eur": in_euros(more, worth),
        "lower_value": plain(sides.more.slope * demand * POINT),
        "lower_up_to": sides.more.reach / demand,
        "raise_value": plain(-sides.less.slope * demand * POINT),
        "raise_up_to": sides.less.reach / demand,
        "lifted_gain": lifted,
        "lifted_worth_eur": in_euros(lifted, worth),
    }


def floored(points: float) -> float:
    """A gain or loss without what cannot be told from none (NaN stays)."""
    return points if math.isnan(points) or points > NOTHING else 0.0


def rules_table(margins: Margins, worth: float, most: int = MOST) -> Asked:
    """Rules beside pots and floors that cost something, dearest first, and what it takes to know the dearest.

    ``most`` of each kind. ``more_value``: objective points per unit by which the rule gives way, ``less_value``: lost
    per unit by which it is tightened, ``lifted_gain``: points if it did not exist. Rules that do not stand in one
    number (earmarks, shares ...) are lifted as a whole; their values per unit do not exist (NaN).
    """
    others_than = (POT, FLOOR)
    told = sorted(giving_way(), key=lambda one: not one[1].one_number)
    costing = [costly(margins, rule.kind) for rule, _ in told if rule.kind not in others_than]
    rows = [_rule(margins, int(rule), worth) for own in costing for rule in own[:most]]
    others = np.concatenate([own[most:] for own in costing])
    asked = others if most else others[:0]
    dearer, settled = _dearer(
        lambda other: lifted_gain(margins, int(asked[other])),
        margins.lifting_bounds[asked],
        max((float(str(row["lifted_gain"])) for row in rows if row), default=0.0),
    )
    rows += [_rule(margins, int(asked[other]), worth) for other in dearer]
    table = RULE_COLUMNS.of([row for row in rows if row])
    return Asked(dearest_first(table), len(others) - len(dearer), settled)


def costly(margins: Margins, kind: str) -> Ints:
    """Rules of a kind that duality does not prove to be free, the largest bound first."""
    rules = np.flatnonzero(margins.widened.rules.of(kind))
    bound = margins.lifting_bounds[rules]
    order = np.argsort(-bound, kind="stable")
    found: Ints = rules[order][bound[order] > NOTHING]
    return found


def lifted_gain(margins: Margins, rule: int) -> float:
    """What it is worth if a rule did not exist, objective points."""
    if margins.lifting_bounds[rule] <= NOTHING:
        return 0.0
    gain, _ = margins.lifted(margins.widened.relaxers.rule == rule)
    return floored(gain)


def _rule(margins: Margins, rule: int, worth: float) -> Record | None:
    rules = margins.widened.rules
    kind = str(rules.kind[rule])
    lifted = lifted_gain(margins, rule)
    if not lifted > 0:
        return None
    row: Record = {
        "rule": kind,
        "id": str(rules.id[rule]),
        "place": str(rules.place[rule]),
        "unit": rule_of(kind).unit,
        "lifted_gain": lifted,
        "lifted_worth_eur": in_euros(lifted, worth),
    }
    if way_of(kind).one_number:
        sides = margins.sides(rule)
        columns = {name: values[0] for name, values in piece_columns([sides]).items()}
        row |= columns | {
            "more_worth_eur": in_euros(columns["more_value"], worth),
            "less_cost_eur": in_euros(columns["less_value"], worth),
        }
    return row


def in_euros(points: float, worth: float) -> float:
    """Objective points in EUR at ``worth`` points per EUR; NaN where more money is worth nothing."""
    return points / worth if worth > 0 else math.nan
