"""Runs: the plans of several scenarios of one case, each table of them as one frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import ClassVar

import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.steps import LOG_COLUMNS
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.floor_kinds import floors_with_kind
from allocate.results.measures import Measures
from allocate.results.people import BY_NEED, BY_SITUATION, people_by_need, people_by_situation
from allocate.results.told import Told

MEASURED = tuple(field.name for field in fields(Measures))
# The columns of the contract, which a table has even when no scenario has a plan.
COLUMNS = {
    "offers": ("offer_id", "capacity", "cost_eur", "baseline_cost_eur", "change_eur"),
    "pots": ("pot_id", "amount_eur", "spent_eur", "unspent_eur", "marginal_value"),
    "funding": ("pot_id", "offer_id", "amount_eur"),
    "delivery": ("offer_id", "space_id", "capacity"),
    "split": ("offer_id", "space_id", "need_id", "capacity"),
    "staff": ("staff_id", "posts", "used_posts", "free_posts", "short_posts"),
    "coverage": ("space_id", "need_id", "demand", "supply", "covered", "wanted_reserve", "duplication", "gap"),
    "floors": ("floor_id", "scope_id", "need_id", "required", "achieved", "met"),
    "people": BY_NEED,
    "situations": BY_SITUATION,
    "changes": ("set_in", *LOG_COLUMNS[1:]),
}
# Tables that are counted from a plan's coverage.
_COUNTED = {"people": people_by_need, "situations": people_by_situation}


@dataclass(frozen=True, eq=False, repr=False)
class Runs(Told):
    """The plans of some scenarios by id, in the order they were asked for."""

    JSON: ClassVar = ("case=case.name", "fingerprint", "scenarios")

    case: Case
    fingerprint: str
    plans: dict[str, Allocation]

    @property
    def measures(self) -> pd.DataFrame:
        """One row per scenario: status, objective and all measures (NaN where there is no plan)."""
        rows = [
            {
                "scenario_id": id,
                "status": str(found.status),
                "objective": found.objective,
                **(asdict(found.measures) if found.measures else {}),
            }
            for id, found in self.plans.items()
        ]
        return Columns("scenario_id", "status", "objective", *MEASURED).of(rows)

    def table(self, name: str) -> pd.DataFrame:
        """One table of all scenarios under each other, ``scenario_id`` first; ``name`` as in the JSON, or ``measures``.

        Raises ``UsageError`` ``table-unknown`` for a table that a plan does not have.
        """
        if name not in ("measures", *COLUMNS):
            raise UsageError("table-unknown", place="name", table=name, known=", ".join(["measures", *COLUMNS]))
        return self.measures if name == "measures" else stacked(self.plans, name)

    def scenarios(self, lang: str) -> list[Record]:
        """Every plan with the changes that it was made from."""
        named = {"scenario_id": "set_in"}
        return [{**plan.to_json(lang), "changes": plan.changes.rename(columns=named)} for plan in self.plans.values()]


def stacked(plans: Mapping[str, Allocation], name: str) -> pd.DataFrame:
    """One table of several plans under each other, ``scenario_id`` first."""
    parts = [labelled(id, _rows(plan, name)) for id, plan in plans.items() if plan.has_plan or name == "changes"]
    return pd.concat([pd.DataFrame(columns=["scenario_id", *COLUMNS[name]]), *parts], ignore_index=True)


def labelled(id: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table of one scenario with ``scenario_id`` in front.

    A change log has a ``scenario_id`` of its own, the ancestor in which the change stands: it becomes ``set_in``.
    """
    own = table.rename(columns={"scenario_id": "set_in"})
    return pd.concat([pd.Series(id, own.index, name="scenario_id", dtype="str"), own], axis=1)


def _rows(plan: Allocation, name: str) -> pd.DataFrame:
    """A table of a plan; floors say whether they must be met or are only aimed at."""
    if name in _COUNTED:
        return _COUNTED[name](plan)
    if name == "floors":
        return floors_with_kind(plan).drop(columns="legal_basis")
    rows: pd.DataFrame = plan.variant.changes if name == "changes" else getattr(plan, name)
    return rows
