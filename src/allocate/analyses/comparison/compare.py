"""Compare scenarios: what changes against the status quo, for whom, and where the money comes from and goes to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.comparison.attribution import MOST_GROUPS, Attribution, attribute
from allocate.analyses.comparison.differing import differing_inputs
from allocate.analyses.comparison.gains import View, gains, view
from allocate.analyses.comparison.moves import funding_flows, moves, releases, uses
from allocate.analyses.comparison.outlook import YEAR_COLUMNS, outlook
from allocate.analyses.comparison.reassignment import reassignment
from allocate.analyses.figures import FIGURES, figures, gathered
from allocate.inputs.case import Case
from allocate.inputs.scenario.steps import LOG_COLUMNS, empty_log
from allocate.inputs.scenario.variant import Scenario, Variant
from allocate.plain import Record
from allocate.results.allocation import ENDED, Allocation
from allocate.results.columns import Columns, under
from allocate.results.runs import stacked
from allocate.results.told import Told, parts
from allocate.session import Session
from allocate.town.facts import Facts, OfferFacts, PotFacts

if TYPE_CHECKING:
    from allocate.report.pictures.picture import Picture

TABLES = ("measures", "steps", "parents", "gains", "offers", "releases", "uses", "moves", "flows", "years", "inputs")
STEP_COLUMNS = Columns("scenario_id", "measure", "before", "from_inputs", "from_reassignment", "from_money", "after")
PARENT_COLUMNS = Columns("scenario_id", "parent_id", "parent_title", "measure", "parent", "value", "change")
# What becomes of an offer.
KINDS = ("new", "closed", "raised", "lowered", "same")
# Less than this many EUR of change is rounding.
UNCHANGED_EUR = 0.005
# From this share on pots that hold less than the parent's are less money.
LESS_MONEY = 1e-9
_STATUS_QUO = "status_quo"
# What is told of each plan beside its tables.
_SHOWN = (*(f"{name}=scenario.{name}" for name in ("scenario_id", "title", "title_en", "parent_id")), *ENDED[1:])


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Told):
    """Scenarios beside the status quo.

    ``plans`` by scenario id, the status quo first. Tables (columns in docs/compare.md; EUR/year, need units/year,
    shares 0..1): ``measures`` one row per scenario, NaN where there is no plan; ``years`` every plan in this year and
    the next three (``outlook``); ``parents`` every scenario with less money than its parent beside that one; the
    others hold only scenarios with a plan and compare each with the status quo.
    ``attributions`` where they were asked for.
    """

    JSON: ClassVar = (
        "case=case.name", "fingerprint", "status_quo", "scenarios", *TABLES, "attribution=attributions", "changes",
    )  # fmt: skip

    case: Case
    fingerprint: str
    status_quo: str
    plans: dict[str, Allocation]
    measures: pd.DataFrame
    steps: pd.DataFrame
    parents: pd.DataFrame
    gains: pd.DataFrame
    offers: pd.DataFrame
    releases: pd.DataFrame
    uses: pd.DataFrame
    moves: pd.DataFrame
    flows: pd.DataFrame
    years: pd.DataFrame
    inputs: pd.DataFrame
    attributions: tuple[Attribution, ...] = field(default=())

    def plot(self, scenario_id: str, kind: str = "space", lang: str = "en") -> Picture:
        """A picture of the report: who gains and loses by ``space``, ``need``, ..., or where ``money`` comes from.

        Raises ``UsageError`` for a scenario that is not compared, and for another kind.
        """
        from allocate.report.pictures.of_answers import compared  # noqa: PLC0415  (the picture knows the tables)

        return compared(self, scenario_id, kind, lang)

    def scenarios(self, lang: str) -> list[Record]:
        """What is compared, and how each scenario ended."""
        return [parts(plan, _SHOWN, lang) for plan in self.plans.values()]

    @property
    def changes(self) -> pd.DataFrame:
        """The changes of all scenarios."""
        return stacked(self.plans, "changes")


def compare(
    session: Session,
    ids: Sequence[str] = (),
    *,
    attributed: bool = False,
    most_groups: int = MOST_GROUPS,
    step: Callable[[str], None] = lambda _name: None,
) -> Comparison:
    """Compare scenarios (none named: all of the case) with the status quo, which is always among them.

    ``attributed``: also attribute each scenario's difference to its parent, in at most ``most_groups`` groups. ``step``
    is told the name of each scenario that begins. Raises ``UsageError`` for an unknown scenario before
    anything is solved, ``InputError`` for changes that cannot be carried out, ``CertificateError``.
    """
    wanted = list(dict.fromkeys(ids)) or session.scenario_ids
    for id in wanted:
        session.variant(id)
    base = status_quo_of(session, wanted)
    order = [base, *(id for id in wanted if id != base)]
    plans = {}
    for id in order:
        step(id)
        plans[id] = session.run(id)
    changed = [_Change.between(session, base, id) for id, plan in plans.items() if id != base and plan.has_plan]
    return Comparison(
        case=session.case,
        fingerprint=session.fingerprint,
        status_quo=base,
        plans=plans,
        measures=pd.DataFrame([_measures(id, plan) for id, plan in plans.items()]),
        steps=under((one.steps(session) for one in changed), STEP_COLUMNS),
        parents=under((_beside_parent(session, one.id) for one in changed), PARENT_COLUMNS),
        gains=under(one.gains() for one in changed),
        offers=under(one.offers() for one in changed),
        releases=under(one.named(releases(one.moves), "from") for one in changed),
        uses=under(one.named(uses(one.moves), "to") for one in changed),
        moves=under(one.named(one.moves, "from", "to") for one in changed),
        flows=under(one.flows.assign(scenario_id=one.id) for one in changed),
        years=under((outlook(plan, session.case) for plan in plans.values() if plan.has_plan), YEAR_COLUMNS),
        inputs=under(differing_inputs(session.variant(base), session.variant(id)) for id in order[1:]),
        attributions=tuple(
            attribute(session, id, most_groups=most_groups, step=step)
            for id in wanted
            if attributed and session.variant(id).scenario.parent_id
        ),
    )


def status_quo_of(session: Session, wanted: Iterable[str] = ()) -> str:
    """The scenario that judges today: the first one asked for, else the first of the case, else one made for it."""
    known = [*wanted, *session.scenario_ids]
    judged = next((id for id in known if session.variant(id).scenario.evaluate), None)
    if judged is not None:
        return judged
    name = _STATUS_QUO
    while name in session.scenario_ids:
        name += "_"
    today = Scenario(name, title="Status quo", title_en="Status quo", evaluate=True)
    return session.add(Variant(session.case, today, empty_log()[list(LOG_COLUMNS)]))


@dataclass(frozen=True, eq=False)
class _Change:
    """One scenario against the status quo."""

    id: str
    case: Case
    before: Allocation
    today: Allocation
    after: Allocation
    views: tuple[View, View, View]
    flows: pd.DataFrame
    moves: pd.DataFrame

    @classmethod
    def between(cls, session: Session, base: str, id: str) -> _Change:
        before, today, after = session.run(base), session.status_quo(id), session.run(id)
        old, new = session.compiled(base), session.compiled(id)
        flows = funding_flows(before, after)
        views = (view(old, before), view(new, today), view(new, after))
        return cls(id, session.case, before, today, after, views, flows, moves(flows))

    def steps(self, session: Session) -> pd.DataFrame:
        """Every measure from the status quo to the plan: other inputs, re-assigned users, re-steered money."""
        inputs, after = figures(self.today), figures(self.after)
        if self.after.scenario.evaluate:
            reassigned = inputs
        else:
            best = reassignment(session, self.id)
            reassigned = gathered(best.measures, best.objective, best.covered_units)
        before = figures(self.before)
        rows = [
            {
                "scenario_id": self.id,
                "measure": name,
                "before": before[name],
                "from_inputs": inputs[name] - before[name],
                "from_reassignment": reassigned[name] - inputs[name],
                "from_money": after[name] - reassigned[name],
                "after": after[name],
            }
            for name in after
        ]
        return pd.DataFrame(rows)

    def gains(self) -> pd.DataFrame:
        table = gains(*self.views, [self.before.variant.case, self.after.variant.case])
        table.insert(0, "scenario_id", self.id)
        return table

    def offers(self) -> pd.DataFrame:
        """Every offer before and after; ``change_from_inputs_eur`` is what today's capacity costs more or less."""
        plans = [plan.offers.set_index("offer_id") for plan in (self.before, self.today, self.after)]
        # A scenario may insert offers that the other has not: what is not there has no capacity and costs nothing.
        every = plans[0].index.union(plans[2].index, sort=False)
        old, today, new = (plan.reindex(every, fill_value=0.0) for plan in plans)
        change = new["cost_eur"] - old["cost_eur"]
        capacity = new["capacity"] - old["capacity"]
        ran, runs = old["capacity"] > 0, new["capacity"] > 0
        moved = np.where(change.abs() > UNCHANGED_EUR, change, np.where(capacity.abs() > 1e-6, capacity, 0.0))
        kinds = [(~ran & runs).to_numpy(), (ran & ~runs).to_numpy(), moved > 0, moved < 0]
        return pd.DataFrame(
            {
                "scenario_id": self.id,
                "offer_id": new.index,
                "name": every.map(self._said(OfferFacts, "name")),
                "provider_id": every.map(self._said(OfferFacts, "provider_id")),
                "department_id": every.map(self._said(OfferFacts, "department_id")),
                "kind": np.select(kinds, [*KINDS[:-1]], KINDS[-1]),
                "capacity_before": old["capacity"].to_numpy(),
                "capacity": new["capacity"].to_numpy(),
                "cost_before_eur": old["cost_eur"].to_numpy(),
                "cost_eur": new["cost_eur"].to_numpy(),
                "change_eur": change.to_numpy(),
                "change_from_inputs_eur": (today["cost_eur"] - old["cost_eur"]).to_numpy(),
            }
        )

    def _said(self, of: type[Facts], fact: str) -> dict[str, str]:
        """A fact by id as the scenario says it, and the other of what the scenario has not."""
        before, after = (of(plan.variant.case) for plan in (self.before, self.after))
        return before.by_id(getattr(before, fact)) | after.by_id(getattr(after, fact))

    def named(self, table: pd.DataFrame, *sides: str) -> pd.DataFrame:
        """The table with its scenario and, beside each id, its name and (of an offer) its department."""
        names = self._said(PotFacts, "name") | self._said(OfferFacts, "name")
        department = self._said(OfferFacts, "department_id")
        table = table.copy()
        for side in sides:
            ids, place = table[f"{side}_id"], table.columns.get_loc(f"{side}_id")
            table.insert(int(str(place)) + 1, f"{side}_name", ids.map(names).astype(object).fillna(""))
            table.insert(int(str(place)) + 2, f"{side}_department_id", ids.map(department).astype(object).fillna(""))
        table.insert(0, "scenario_id", self.id)
        return table


def _beside_parent(session: Session, id: str) -> pd.DataFrame:
    """The figures of a plan beside its parent's, where that plans with more money; else empty.

    With less money every plan is poorer than its parent; compared with today alone a cut could look like a gain.
    """
    plan, empty = session.run(id), PARENT_COLUMNS.of()
    parent = plan.scenario.parent_id
    if not parent or session.variant(parent).scenario.evaluate:
        return empty
    money, before = (float(PotFacts(session.variant(one).case).amount.sum()) for one in (id, parent))
    if money >= before * (1 - LESS_MONEY) or not session.run(parent).has_plan:
        return empty
    own, theirs = {"money_eur": money, **figures(plan)}, {"money_eur": before, **figures(session.run(parent))}
    title = session.variant(parent).scenario.title
    return pd.DataFrame(
        [(id, parent, title, name, theirs[name], own[name], own[name] - theirs[name]) for name in own],
        columns=list(PARENT_COLUMNS),
    )


def _measures(id: str, plan: Allocation) -> Record:
    found = figures(plan) if plan.has_plan else dict.fromkeys(FIGURES, math.nan)
    return {"scenario_id": id, "status": str(plan.status), **found}
