"""Fairness of a plan: who is covered how well, who is out of reach, what fairness and floors cost.

The terms are those of docs/fairness.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.fairness.fair_objectives import FairPlan, fair_plan
from allocate.analyses.margins.floor_prices import floor_prices
from allocate.analyses.remarks import Remark
from allocate.analyses.tradeoffs.frontier import Frontier, frontier
from allocate.bench.coverage_terms import Shares, shares_by, shares_of
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.measures import judge_cells
from allocate.results.told import Told
from allocate.session import Session
from allocate.town.arrays import Floats, Ids
from allocate.town.facts import NeedFacts, SpaceFacts
from allocate.town.reachable import most_covered

TARGET = 0.6
_TEXTS = "fairness/texts.csv"
_INDEX_WORDS = ("index", "depriv", "belast")
BURDENED, OTHERS = "burdened", "others"


@dataclass(frozen=True, eq=False, repr=False)
class Fairness(Told):
    """How fair a scenario's plan is, beside the status quo (coverage shares 0..1, need units per year).

    ``spaces``, ``groups`` (``kind``: region | burden | target_group): coverage today and in the plan, what is
    reachable at all, need units short of ``target``. ``summary``: lowest space, units short, gap between the best and
    the worst covered space, today and in the plan. ``unreachable``: cells whose demand no capacity in reach can cover.
    ``floors``: the price of each floor; ``floor_effects``: where coverage would change without it. ``curve``: the price
    of fairness; ``fair``: the plan of another objective, where one was asked for.
    """

    JSON: ClassVar = (
        "scenario_id", "target", "burden_column", "summary", "spaces", "groups", "unreachable", "floors",
        "floor_effects", "curve", "fair", "remarks",
    )  # fmt: skip

    scenario_id: str
    target: float
    burden_column: str
    summary: pd.DataFrame
    spaces: pd.DataFrame
    groups: pd.DataFrame
    unreachable: pd.DataFrame
    floors: pd.DataFrame
    floor_effects: pd.DataFrame
    curve: Frontier | None
    fair: FairPlan | None
    plan: Allocation
    remarks: tuple[Remark, ...]


def fairness(
    session: Session,
    scenario_id: str,
    *,
    target: float = TARGET,
    burden: str | None = None,
    objective: str | None = None,
    with_curve: bool = True,
) -> Fairness:
    """Judge a scenario's plan for fairness.

    ``target``: the coverage every space and need should have. ``burden``: the numeric column of ``spaces`` by which
    burdened spaces (above the mean per resident) are told from others; by default ``weight`` where it varies, else the
    first column that is called an index. ``objective``: also the plan of leximin, balanced, shortfall or
    lexicographic. Raises ``UsageError`` (no-feasible-plan, column-unknown, divisible-only).
    """
    compiled = session.compiled(scenario_id)
    plan = session.run(scenario_id)
    if not plan.has_plan:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    column = burden_column(compiled, burden)
    views = _Views(compiled, plan, target)
    planned = not compiled.program.is_mixed_integer and not plan.scenario.evaluate
    prices, effects = floor_prices(session, scenario_id, plan) if planned else (pd.DataFrame(), pd.DataFrame())
    return Fairness(
        scenario_id=scenario_id,
        target=target,
        burden_column=column,
        summary=views.summary(),
        spaces=views.spaces(),
        groups=views.groups(column),
        unreachable=views.unreachable(),
        floors=prices,
        floor_effects=effects,
        curve=frontier(session, scenario_id, "equity") if with_curve and planned else None,
        fair=fair_plan(session, scenario_id, objective, target=target) if objective else None,
        plan=plan,
        remarks=_remarks(column, planned),
    )


def burden_column(compiled: Compiled, asked: str | None) -> str:
    """The column of ``spaces`` that says how burdened a space is; blank where there is none."""
    numeric = SpaceFacts(compiled.variant.case).figures
    if asked is not None:
        if asked not in numeric:
            raise UsageError("column-unknown", column=asked, known=", ".join(numeric))
        return asked
    if len(np.unique(compiled.town.spaces.weight)) > 1:
        return "weight"
    found = [name for name in numeric if any(word in name.lower() for word in _INDEX_WORDS)]
    return found[0] if found else ""


def burden_groups(case: Case, column: str) -> pd.Series:
    """``burdened`` for spaces above the mean per resident of a column, ``others``, blank where it is not known.

    In the order of the spaces; index space_id.
    """
    spaces = SpaceFacts(case)
    values, people = spaces.figures[column], np.nan_to_num(spaces.population)
    weight = people if people.sum() > 0 else np.ones(len(values))
    known = ~np.isnan(values)
    mean = float((weight[known] * values[known]).sum() / max(weight[known].sum(), 1e-300))
    groups = pd.Series(np.where(values > mean, BURDENED, OTHERS), index=spaces.ids, dtype=object)
    groups[~known] = ""
    return groups


@dataclass(frozen=True)
class _Views:
    """Coverage by space and group, today, in the plan, and at most."""

    compiled: Compiled
    plan: Allocation
    target: float

    @property
    def covered(self) -> dict[str, Floats]:
        """Covered need units per cell: today, in the plan, and what could be reached if money were no object."""
        town = self.compiled.town
        return {
            "today": judge_cells(town, town.pairs.baseline).covered,
            "plan": self.plan.coverage["covered"].to_numpy(dtype=float),
            "reachable": most_covered(self.compiled.town),
        }

    def short(self, covered: Floats) -> Floats:
        """Need units per cell that are short of the target."""
        missing: Floats = np.maximum(0.0, self.target * self.compiled.town.cells.demand - covered)
        return missing

    def table(self, shares: Shares, member_of_cell: dict[str, Floats]) -> pd.DataFrame:
        """Coverage and units short per member of a scope."""
        table = pd.DataFrame({"key": shares.keys})
        for name, covered in self.covered.items():
            table[name] = shares.of(covered)
        used = np.bincount(shares.member, minlength=len(shares.keys)) > 0
        for name in ("today", "plan"):
            units = np.bincount(shares.member, member_of_cell[name][shares.cell], minlength=len(shares.keys))
            table[f"short_units_{name}"] = np.where(used, units, 0.0)
        table["change"] = table["plan"] - table["today"]
        table["plan_of_reachable"] = np.where(table["reachable"] > 0, table["plan"] / table["reachable"], np.nan)
        return table

    @property
    def short_units(self) -> dict[str, Floats]:
        """Units short per cell, today and in the plan."""
        return {name: self.short(self.covered[name]) for name in ("today", "plan")}

    def spaces(self) -> pd.DataFrame:
        """One row per space with needs."""
        table = self.table(shares_of(self.compiled, "space"), self.short_units).rename(columns={"key": "space_id"})
        return SpaceFacts(self.compiled.variant.case).beside(table, "region_id", "population", "weight")

    def groups(self, column: str) -> pd.DataFrame:
        """Regions, burdened spaces against others, and target groups of needs; no row where the town names none."""
        parts = [self._kind("region", shares_of(self.compiled, "region"))]
        if column:
            labels: Ids = burden_groups(self.compiled.variant.case, column).to_numpy(dtype=object)
            parts.append(self._kind("burden", shares_by(self.compiled, labels, "burden")))
        parts.append(self._target_groups())
        filled = [part for part in parts if len(part)]
        return pd.concat(filled, ignore_index=True) if filled else parts[0]

    def _kind(self, kind: str, shares: Shares) -> pd.DataFrame:
        table = self.table(shares, self.short_units).rename(columns={"key": "group"})
        table.insert(0, "kind", kind)
        return table

    def _target_groups(self) -> pd.DataFrame:
        """Coverage of the needs of each target group, weighted like the town's: sum W C / sum W."""
        shares = shares_of(self.compiled, "need")
        needs = NeedFacts(self.compiled.variant.case)
        label = needs.of(needs.target_group, shares.keys).astype(str)
        weight = needs.of(self.compiled.town.needs.weight, shares.keys)
        if not any(label):
            return pd.DataFrame()
        known, group = np.unique(label, return_inverse=True)
        total = np.bincount(group, weight, minlength=len(known))[group]
        factor = np.where(total > 0, weight / np.where(total > 0, total, 1.0), 0.0)
        merged = Shares(
            "target_group",
            known.astype(object),
            group[shares.member],
            shares.cell,
            shares.weight * factor[shares.member],
        )
        table = self._kind("target_group", merged)
        return table[table["group"] != ""]

    def summary(self) -> pd.DataFrame:
        """Lowest space, units short, and the distance between best and worst covered space."""
        spaces = self.spaces()
        rows = []
        for when in ("today", "plan"):
            worst = spaces["space_id"].iloc[[int(spaces[when].argmin())]].tolist() if len(spaces) else [""]
            rows.append(
                {
                    "when": when,
                    "lowest_space_coverage": spaces[when].min(),
                    "lowest_space_id": worst[0],
                    "short_units": float(self.short_units[when].sum()),
                    "highest_minus_lowest": spaces[when].max() - spaces[when].min(),
                }
            )
        return pd.DataFrame(rows)

    def unreachable(self) -> pd.DataFrame:
        """Cells with demand that no capacity within reach could cover, whatever the money."""
        town = self.compiled.town
        missing = town.cells.demand - self.covered["reachable"]
        found = np.flatnonzero(missing > 1e-9)
        return pd.DataFrame(
            {
                "space_id": town.spaces.ids[town.cells.space[found]],
                "need_id": town.needs.ids[town.cells.need[found]],
                "demand": town.cells.demand[found],
                "unreachable_units": missing[found],
                "unreachable_share": missing[found] / town.cells.demand[found],
            }
        )


def _remarks(column: str, planned: bool) -> tuple[Remark, ...]:
    found = [Remark(_TEXTS, "reachable")]
    found.append(Remark(_TEXTS, "burden", {"column": column}) if column else Remark(_TEXTS, "no-burden"))
    if not planned:
        found.append(Remark(_TEXTS, "not-planned"))
    return tuple(found)
