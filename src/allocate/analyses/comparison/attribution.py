"""Which change of a scenario caused how much of the difference to its parent: one at a time, and Shapley values.

The scenario's own changes and settings are put into groups, and every coalition of groups is run as a scenario of its
own: the parent with these groups changed. From the measures of all coalitions follow three answers for each group:

    alone     what it brings if it is the only one changed
    last      what is lost if it alone is taken back
    shapley   what it brings on average over all orders in which the groups can be changed (Shapley 1953)

The Shapley values add up to the whole difference whatever the order, the other two usually do not: what is missing is
what the changes do only together. Where a coalition has no feasible plan, the average runs over those orders that pass
through feasible plans only; it is then still exact and still adds up. If no such order exists nothing is attributed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.comparison.differing import SETTINGS, settings_of
from allocate.analyses.figures import FIGURES, figures
from allocate.bench.siblings import Siblings
from allocate.errors import InputError, UsageError
from allocate.inputs.case import LIST_SEPARATOR, Case
from allocate.inputs.scenario.variant import Scenario, Variant, apply, scenario
from allocate.language import Texts
from allocate.model.compile import compile_variant
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.solution import Status
from allocate.town.arrays import Floats

TEXTS = Texts("allocate.analyses.comparison")
MOST_GROUPS = 8
# From fine to coarse: change rows that agree in these columns form one group.
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("number",),
    ("table", "column", "how", "value", "reason"),
    ("table", "column", "reason"),
    ("table", "column"),
    ("table",),
    (),
)
_PLAYED = "attribution"


@dataclass(frozen=True)
class Group:
    """Changes that are made together: a setting, or one or more change rows (``rows`` are their row numbers)."""

    id: str
    kind: str
    label: str
    reason: str
    setting: str = ""
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Attribution(Told):
    """The difference of a scenario to its parent, group by group.

    ``groups``: ``group, kind (setting | change), label, reason, rows``. ``effects``: ``group, measure, alone, last,
    shapley`` (in the measure's unit; NaN where a plan needed for it does not exist). ``totals``: ``measure, parent,
    scenario, difference, together`` (``together`` = difference - sum of ``alone``). ``coalitions``: ``members`` (ids
    joined by ;), ``status`` and all measures. ``orders`` of ``all_orders`` pass through feasible plans only.
    """

    JSON: ClassVar = (
        "scenario_id", "parent_id", "orders", "all_orders", "meaning", "groups", "effects", "totals", "coalitions",
    )  # fmt: skip

    scenario_id: str
    parent_id: str
    groups: pd.DataFrame
    effects: pd.DataFrame
    totals: pd.DataFrame
    coalitions: pd.DataFrame
    orders: int
    all_orders: int
    merged: bool

    def meaning(self, lang: str = "en") -> str:
        """What the figures mean, in sentences."""
        meaning = [TEXTS.say("attribution.meaning", lang)] if self.orders else []
        return " ".join([*meaning, *self.limits(lang)])

    def limits(self, lang: str = "en") -> list[str]:
        """What keeps the figures from being those of all changes in all orders, in sentences."""
        parts = []
        if self.orders == 0:
            parts.append(TEXTS.say("attribution.none", lang, scenario=self.scenario_id, parent=self.parent_id))
        elif self.orders < self.all_orders:
            parts.append(TEXTS.say("attribution.restricted", lang, orders=self.orders, all=self.all_orders))
        if self.merged:
            parts.append(TEXTS.say("attribution.merged", lang, groups=len(self.groups)))
        return parts


def attribute(
    session: Session,
    scenario_id: str,
    *,
    most_groups: int = MOST_GROUPS,
    step: Callable[[str], None] = lambda _name: None,
) -> Attribution:
    """Attribute the difference of a scenario to its parent; runs 2^groups scenarios.

    Raises ``UsageError`` for an unknown scenario (scenario-unknown) and one without a parent (no-parent).
    """
    case = session.case
    child = scenario(case, scenario_id)
    if not child.parent_id:
        raise UsageError("no-parent", scenario=scenario_id)
    parent = scenario(case, child.parent_id)
    groups, merged = groups_of(case, child, parent, most_groups)
    player, siblings = Session(case, limits=session.limits), Siblings(session.limits)
    outcomes: dict[int, Record] = {}
    for number in range(2 ** len(groups)):
        # In this order (Gray's) neighbouring coalitions differ in one group, so that each starts near its optimum.
        mask = number ^ number >> 1
        chosen = [group for place, group in enumerate(groups) if mask >> place & 1]
        step(f"{scenario_id}: {', '.join(group.id for group in chosen) or parent.scenario_id}")
        outcomes[mask] = _outcome(player, siblings, case, child, parent, chosen)
    measures = list(FIGURES)
    table = Columns("members", "status", *measures).of([outcomes[mask] for mask in sorted(outcomes)])
    values = table[measures].to_numpy(dtype=float)
    feasible = table["status"].isin(("optimal", "evaluated")).to_numpy()
    weights, orders = order_weights(feasible, len(groups))
    return Attribution(
        scenario_id=scenario_id,
        parent_id=parent.scenario_id,
        groups=pd.DataFrame([_shown(group) for group in groups], columns=["group", "kind", "label", "reason", "rows"]),
        effects=_effects(groups, measures, values, weights),
        totals=_totals(len(groups), measures, values),
        coalitions=table,
        orders=orders,
        all_orders=math.factorial(len(groups)),
        merged=merged,
    )


def groups_of(case: Case, child: Scenario, parent: Scenario, most: int) -> tuple[list[Group], bool]:
    """The finest grouping of a scenario's own settings and change rows into at most ``most`` groups.

    Settings always stand alone. Rows are merged step by step: same change with the same reason, same column and
    reason, same column, same table, all. The second value says whether rows were merged.
    """
    settings = _setting_groups(child, parent)
    rows = case["changes"]
    rows = rows[rows["scenario_id"] == child.scenario_id]
    rows = rows.assign(number=rows.index)
    for level in _LEVELS:
        found = _row_groups(rows, level)
        if len(found) + len(settings) <= most:
            break
    return [*settings, *found], len(found) < len(rows)


def coalition(case: Case, child: Scenario, parent: Scenario, chosen: Sequence[Group]) -> Variant:
    """The parent with some groups of the child's changes. Raises ``InputError`` where the changes do not fit."""
    rows = case["changes"]
    own = rows["scenario_id"] == child.scenario_id
    kept = [row for group in chosen for row in group.rows]
    partial = case._unchecked(changes=rows[~own | rows.index.isin(kept)])
    variant = apply(partial, child.scenario_id)
    taken = {group.setting for group in chosen}
    settings = {name: getattr(child if name in taken else parent, name) for name in SETTINGS}
    return replace(variant, scenario=replace(child, scenario_id=_PLAYED, expected="", **settings))


def order_weights(feasible: np.ndarray, count: int) -> tuple[Floats, int]:
    """Weight of every step "group i joins coalition S" over all orders whose coalitions are all feasible.

    Shape (2^count, count), zero where i is in S; the weights of each group sum to 1. The number of such orders is
    counted by going through the lattice once upwards and once downwards.
    """
    everyone = 2**count - 1
    below, above = np.zeros(everyone + 1), np.zeros(everyone + 1)
    below[0], above[everyone] = float(feasible[0]), float(feasible[everyone])
    for mask in range(1, everyone + 1):
        if feasible[mask]:
            below[mask] = sum(below[mask ^ (1 << i)] for i in range(count) if mask >> i & 1)
    for mask in range(everyone - 1, -1, -1):
        if feasible[mask]:
            above[mask] = sum(above[mask | (1 << i)] for i in range(count) if not mask >> i & 1)
    orders = below[everyone] if feasible[everyone] else 0.0
    weights = np.zeros((everyone + 1, count))
    if orders:
        for mask in range(everyone):
            for i in range(count):
                if not mask >> i & 1:
                    weights[mask, i] = below[mask] * above[mask | (1 << i)] / orders
    return weights, round(orders)


def _outcome(
    player: Session, siblings: Siblings, case: Case, child: Scenario, parent: Scenario, chosen: Sequence[Group]
) -> Record:
    members = LIST_SEPARATOR.join(group.id for group in chosen)
    try:
        plan = _plan_of(player, siblings, coalition(case, child, parent, chosen))
    except InputError:
        # Part of the changes alone can make a table invalid, which is as good as having no plan.
        plan = None
    if plan is None or plan.measures is None:
        return {"members": members, "status": str(Status.INFEASIBLE if plan is None else plan.status)}
    return {"members": members, "status": str(plan.status), **figures(plan)}


def _plan_of(player: Session, siblings: Siblings, variant: Variant) -> Allocation | None:
    """The plan the session would give, without the marginal values of pots, which nobody asks for here."""
    if variant.scenario.evaluate or variant.scenario.indivisible:
        return player.run(player.add(variant))
    compiled = compile_variant(variant)
    return siblings.plan(compiled, scenario=variant.scenario.scenario_id)


def _setting_groups(child: Scenario, parent: Scenario) -> list[Group]:
    old, new = settings_of(parent), settings_of(child)
    return [
        Group(name, "setting", f"{name}: {old[name] or '-'} -> {new[name] or '-'}", child.question, setting=name)
        for name in SETTINGS
        if old[name] != new[name]
    ]


def _row_groups(rows: pd.DataFrame, level: tuple[str, ...]) -> list[Group]:
    """Change rows that agree in the columns of ``level``, in the order of the table."""
    if rows.empty:
        return []
    keys = list(level) if level else pd.Series(0, index=rows.index)
    groups = []
    for number, (_, part) in enumerate(rows.groupby(keys, sort=False), start=1):
        what = [_joined(part[name], "+") for name in ("table", "key", "column", "how", "value")]
        groups.append(
            Group(f"c{number}", "change", " ".join(what), _joined(part["reason"], "; "), rows=tuple(part["number"]))
        )
    return groups


def _joined(values: pd.Series, by: str) -> str:
    return by.join(dict.fromkeys(str(value) for value in values))


def _shown(group: Group) -> Record:
    return {
        "group": group.id,
        "kind": group.kind,
        "label": group.label,
        "reason": group.reason,
        "rows": LIST_SEPARATOR.join(str(row) for row in group.rows),
    }


def _effects(groups: Sequence[Group], measures: Sequence[str], values: Floats, weights: Floats) -> pd.DataFrame:
    """One row per group and measure."""
    everyone = len(values) - 1
    rows = []
    for i, group in enumerate(groups):
        joined = np.arange(everyone + 1) | (1 << i)
        step = np.where(weights[:, [i]] > 0, values[joined] - values, 0.0)
        shapley = weights[:, i] @ step if weights.any() else np.full(len(measures), np.nan)
        alone = values[1 << i] - values[0]
        last = values[everyone] - values[everyone ^ (1 << i)]
        rows += [
            {"group": group.id, "measure": name, "alone": a, "last": b, "shapley": c}
            for name, a, b, c in zip(measures, alone, last, shapley, strict=True)
        ]
    return Columns("group", "measure", "alone", "last", "shapley").of(rows)


def _totals(count: int, measures: Sequence[str], values: Floats) -> pd.DataFrame:
    difference = values[-1] - values[0]
    alone = sum((values[1 << i] - values[0] for i in range(count)), np.zeros(len(measures)))
    return pd.DataFrame(
        {
            "measure": measures,
            "parent": values[0],
            "scenario": values[-1],
            "difference": difference,
            "together": difference - alone,
        }
    )
