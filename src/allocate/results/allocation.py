"""Allocation: a plan in labelled tables, ready to be shown. The one place where signs turn.

Inside, programs are minimised; here the objective, its bound and every marginal value are what a planner expects:
more is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from allocate.arguments import methods_checked
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.handed import notebook
from allocate.inputs.scenario.variant import Scenario, Variant
from allocate.judge.judging import judge
from allocate.judge.plan import NO_WAIVER, Shown, Waiver
from allocate.language import Texts, in_language
from allocate.model.compile import Compiled
from allocate.model.own_rules import own_of
from allocate.model.rules.register import rule_of
from allocate.plain import Record
from allocate.results.frames_written import write_parquet
from allocate.results.measures import Measures, measure
from allocate.results.plan_tables import TABLES, PlanTables, plan_tables, without_noise
from allocate.results.proof import Proof
from allocate.results.tight import NOTE, tight_rules
from allocate.results.told import parts
from allocate.solve.certify import Certificate
from allocate.solve.solution import Status
from allocate.solve.value import Value, worth_of
from allocate.town.arrays import Floats
from allocate.town.facts import payers_stated, payments_today

if TYPE_CHECKING:
    from allocate.report.pictures.picture import Picture

_TEXTS = Texts("allocate.results")


@dataclass(frozen=True)
class Note:
    """A sentence about a result: the key of its text and the values in it; of a rule, the sentence is the rule's."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    rule: str = ""

    def text(self, lang: str = "en") -> str:
        """The sentence in the reader's language; numbers are written as the reader writes them, words by language are
        those of the reader."""
        values = {name: in_language(value, lang) for name, value in self.values.items()}
        texts = rule_of(self.rule).texts if self.rule else _TEXTS
        return texts.say(self.key, lang, **values)


# What its JSON holds, without a plan and with one.
ENDED = ("scenario_id=scenario.scenario_id", "status", "message")
_TOLD = ("scenario_id=scenario.scenario_id", "status", "objective", "message", "measures", *TABLES, "certificate")


@methods_checked
@dataclass(frozen=True, eq=False, repr=False)
class Allocation:
    """A proposal (or the judged status quo) of one scenario.

    Tables have the columns of the JSON in docs/data.md; of an infeasible scenario they are empty. ``variant`` holds
    the inputs the plan was made from, ``waiver`` what the question it answers gave up on purpose.

    No plan comes into being unjudged: its tables are counted again from those of the variant. Raises
    ``CertificateError`` where they disagree or a rule is broken.
    """

    variant: Variant
    status: Status
    notes: tuple[Note, ...] = ()
    objective: float = math.nan
    measures: Measures | None = None
    tables: PlanTables = field(default_factory=PlanTables)
    certificate: Proof | None = None
    unique: bool = True
    solver: str = ""
    waiver: Waiver = NO_WAIVER

    def __post_init__(self) -> None:
        if self.measures is not None:
            today = self.status is Status.EVALUATED
            judge(self.variant, Shown(self.tables, vars(self.measures), self.objective, today, self.waiver))

    def __repr__(self) -> str:
        known = self.measures is not None and not math.isnan(self.measures.weighted_coverage)
        found = f", coverage {self.measures.weighted_coverage:.1%}" if self.measures and known else ""
        return f"Allocation({self.scenario.scenario_id} of {self.variant.case.name}: {self.status}{found})"

    def _repr_html_(self) -> str:
        return notebook(repr(self), {one.name: getattr(self.tables, one.name) for one in fields(PlanTables)})

    @property
    def scenario(self) -> Scenario:
        """The scenario's settings."""
        return self.variant.scenario

    @property
    def fingerprint(self) -> str:
        """``sha256:...`` over the inputs this plan was made from: the tables with all changes, and the settings."""
        return self.variant.fingerprint

    @property
    def changes(self) -> pd.DataFrame:
        """What the scenario changes in the tables, with reasons: one row per changed cell."""
        return self.variant.changes

    @property
    def offers(self) -> pd.DataFrame:
        """One row per offer: capacity, cost, cost today and change."""
        return self.tables.offers

    @property
    def pots(self) -> pd.DataFrame:
        """One row per pot: amount, spent, unspent, marginal value per further EUR."""
        return self.tables.pots

    @property
    def funding(self) -> pd.DataFrame:
        """Who pays what: pot, offer, EUR/year."""
        return self.tables.funding

    @property
    def delivery(self) -> pd.DataFrame:
        """Capacity units/year of an offer used by a space."""
        return self.tables.delivery

    @property
    def coverage(self) -> pd.DataFrame:
        """One row per space and need: demand, supply and what becomes of it, gap."""
        return self.tables.coverage

    @property
    def floors(self) -> pd.DataFrame:
        """One row per floor and place: required and achieved share, met."""
        return self.tables.floors

    @property
    def split(self) -> pd.DataFrame:
        """Capacity units/year of an offer used by a space for one of several needs that it serves one at a time."""
        return self.tables.split

    @property
    def staff(self) -> pd.DataFrame:
        """One row per group of posts: posts there are, filled, free, and short of today's provision."""
        return self.tables.staff

    def tight_rules(self, lang: str = "en") -> list[str]:
        """What the rules with a sentence of their own say where the plan leaves them no room.

        >>> session.run("pooled").tight_rules()
        []
        """
        return [note.text(lang) for note in self.notes if note.rule]

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan to show."""
        return self.measures is not None

    def message(self, lang: str = "en") -> str:
        """All notes as one text; that nothing is demanded is said where no coverage can be."""
        unknown = self.measures is not None and math.isnan(self.measures.weighted_coverage)
        notes = (*self.notes, Note("no-demand")) if unknown else self.notes
        return " ".join(note.text(lang) for note in notes)

    def with_notes(self, *notes: Note) -> Allocation:
        """The same allocation with further notes."""
        return replace(self, notes=(*self.notes, *notes))

    def require_optimal(self) -> Allocation:
        """This plan, if it is proven to be the best.

        Raises ``UsageError`` ``no-feasible-plan`` where no plan meets all rules, and ``plan-not-optimal`` for one that
        a limit ended and for the judged status quo.
        """
        if self.status is Status.INFEASIBLE:
            raise UsageError("no-feasible-plan", scenario=self.scenario.scenario_id)
        if self.status is not Status.OPTIMAL:
            raise UsageError("plan-not-optimal", scenario=self.scenario.scenario_id, status=str(self.status))
        return self

    def map(self, kind: str = "coverage", lang: str = "en") -> Picture:
        """The report's map (or tiles) of every space's ``coverage``, or of its ``change`` against today.

        Numbers that may point to single persons are withheld, as in a report. Raises ``UsageError`` for another kind
        and where there is no plan.
        """
        from allocate.report.pictures.of_answers import plan_map  # noqa: PLC0415  (the picture knows the plan)

        return plan_map(self, kind, lang)

    def to_parquet(self, folder: str | Path) -> list[Path]:
        """Write every table, and the measures as a table of one row, into ``folder`` as Parquet; gives the files.

        Files of these names are replaced. Raises ``UsageError`` where that cannot be written.
        """
        return write_parquet(self.frames(), Path(folder))

    def frames(self) -> dict[str, pd.DataFrame]:
        """The measures (one row) and all tables by name."""
        known = {"scenario_id": self.scenario.scenario_id, "status": str(self.status), "objective": self.objective}
        measured = vars(self.measures) if self.measures else {}
        return {"measures": pd.DataFrame([known | measured]), **{name: getattr(self, name) for name in TABLES}}

    def to_json(self, lang: str = "en") -> Record:
        """One entry of ``scenarios`` in the JSON of ``run``."""
        return parts(self, _TOLD if self.has_plan else ENDED, lang)


def without_plan(variant: Variant, status: Status, *notes: Note) -> Allocation:
    """A scenario that has no plan: infeasible, or stopped before one was found."""
    own = own_notes(variant.case)
    if own and status is Status.INFEASIBLE:
        notes = (Note("own-infeasible"),)
    return Allocation(variant, status, (*notes, *own))


def own_notes(case: Case) -> tuple[Note, ...]:
    """The own rules of a case in words: every plan of it meets them."""
    own = own_of(case)
    told = {} if own is None else own.told
    return tuple(Note("own-rule", {"name": name, "words": words}) for name, words in told.items())


def evaluated(compiled: Compiled) -> Allocation:
    """Today's delivery judged under the scenario's inputs; nothing is optimised."""
    town = compiled.town
    delivery = town.pairs.baseline
    cost = town.offers.baseline_cost
    measures = measure(town, delivery, cost=cost)
    objective = measures.objective(town)
    certificate = Proof(True, 0.0, objective, Value(math.nan), math.nan)
    money = payments_today(compiled.variant.case)
    tables = plan_tables(compiled, delivery, town.offers.baseline_capacity, cost, money, None)
    assumed = (Note("split-assumed"),) if len(tables.split) else ()
    today = Allocation(compiled.variant, Status.EVALUATED, assumed, objective, measures, tables, certificate)
    if not payers_unknown(today):
        return today
    pots = tables.pots.assign(spent_eur=np.nan, unspent_eur=np.nan)
    return replace(today, tables=replace(tables, pots=pots)).with_notes(Note("payers-unknown"))


def payers_unknown(plan: Allocation) -> bool:
    """Whether the plan is today's provision and nobody has said which pots pay for it."""
    costs = bool((plan.offers["cost_eur"] > 0).any())
    return plan.status is Status.EVALUATED and costs and not payers_stated(plan.variant.case)


def planned(
    compiled: Compiled,
    x: Floats,
    certificate: Certificate,
    *,
    status: Status = Status.OPTIMAL,
    pot_slopes: Floats | None = None,
    solver: str = "",
    unique: bool = True,
    notes: tuple[Note, ...] = (),
    waiver: Waiver = NO_WAIVER,
) -> Allocation:
    """The plan of a certified point of the program.

    ``pot_slopes``: change of the minimised objective per further EUR in each pot. ``waiver``: what the question gave up
    on purpose. Raises ``CertificateError`` where the judge finds that the plan breaks another rule.
    """
    town, columns = compiled.town, compiled.program.columns_index
    delivery = without_noise(x[columns.slice("use")])
    capacity = town.capacity_of(delivery)
    cost = cost_at(compiled, x, capacity)
    paid = without_noise(x[columns.slice("funding")])
    money = pd.DataFrame(
        {"pot_id": town.pots[town.funding.pot], "offer_id": town.offers.ids[town.funding.offer], "amount_eur": paid}
    )
    measures = measure(town, delivery, cost=cost)
    marginal = None if pot_slopes is None else worth_of(pot_slopes)
    tables = plan_tables(compiled, delivery, capacity, cost, money[money["amount_eur"] > 0], marginal)
    return Allocation(
        compiled.variant,
        status,
        (
            *notes,
            *own_notes(compiled.variant.case),
            *(Note(NOTE, values, rule.kind) for rule, values in tight_rules(compiled, x)),
        ),
        measures.objective(town),
        measures,
        tables,
        certificate=Proof.of(certificate),
        unique=unique,
        solver=solver,
        waiver=waiver,
    )


def cost_at(compiled: Compiled, x: Floats, capacity: Floats) -> Floats:
    """EUR/year of every offer at a point; an indivisible program says itself which offers and steps are paid."""
    if not compiled.town.indivisible:
        return compiled.town.cost_of(capacity)
    index = compiled.program.columns_index
    opened, begun = (x[index.slice(family)] > 0.5 for family in ("open", "step"))
    return compiled.town.cost_of(capacity, opened, begun)
