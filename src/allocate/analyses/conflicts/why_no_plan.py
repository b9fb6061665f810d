"""Conflicts: why a scenario has no plan, what is missing, and the cheapest repairs, each one proven.

The method is docs/conflicts.md: prechecks in closed form, an elastic program priced in euros, a deletion filter over
the town's rules, and repairs that are written into the tables and checked there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.conflicts.clash import Clash, clash_of, under_own_rules, uses_money
from allocate.analyses.conflicts.conflict_words import capacity_text, grouped, repair_lines, repair_name
from allocate.analyses.conflicts.elastic import CLASH, Elastic
from allocate.analyses.conflicts.levers import (
    FOUND,
    MOST_SINGLE,
    STEP_COLUMNS,
    UNDECIDED,
    Lever,
    alone,
    levers,
    of_levers,
    repair_table,
    step_table,
)
from allocate.analyses.conflicts.rule_names import COLUMNS, RuleNames
from allocate.analyses.remarks import Remark, said
from allocate.bench.widening import Rules, Widened, widen
from allocate.errors import CertificateError, UsageError
from allocate.inputs.names import need_units
from allocate.inputs.nearest import NONE, nearest
from allocate.language import euro, no_less, number, percent
from allocate.model.compile import Compiled
from allocate.model.precheck import precheck
from allocate.model.rules import earmark
from allocate.model.rules.register import rule_of
from allocate.model.rules.rule import FLOORS, MONEY, POSTS, STAFF
from allocate.plain import Record, records
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.solution import Status
from allocate.town.arrays import Floats
from allocate.town.facts import PotFacts

_FILE = "conflicts/texts.csv"
# An indivisible question is asked many times over; one answer may take this long, seconds.
INDIVISIBLE_SECONDS = 20.0


@dataclass(frozen=True, eq=False, repr=False)
class Conflict(Told):
    """The answer for one scenario.

    ``clash`` is None where all rules can be met. ``alone`` per member: how far it alone must give way to resolve this
    clash (not necessarily the scenario), in its rule's unit. ``missing`` is ``money``, ``capacity``, ``either``,
    ``both``, ``rules`` or ``unknown``; blank without a clash.
    """

    JSON: ClassVar = (
        "scenario_id", "status", "missing", "messages=message", "irreducible=clash.irreducible", "proven=clash.proven",
        "prechecks", "members", "repairs=told_repairs",
    )  # fmt: skip

    scenario_id: str
    widened: Widened
    prechecks: pd.DataFrame
    clash: Clash | None = None
    alone: Floats = field(default_factory=lambda: np.zeros(0))
    levers: tuple[Lever, ...] = ()
    missing: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Whether all rules of the scenario can be met at once."""
        return self.clash is None

    @property
    def rules(self) -> Rules:
        """All rules of the scenario."""
        return self.widened.rules

    def members(self, lang: str = "en") -> pd.DataFrame:
        """The rules that clash: words, bound, basis, who decides, and how far each alone must give way for the others.

        ``gives_way`` in the rule's unit, ``gives_way_points`` for floors as a share 0..1.
        """
        if self.clash is None:
            return pd.DataFrame(columns=[*COLUMNS, "gives_way", "gives_way_unit", "gives_way_points"])
        numbers = self.clash.members.tolist()
        table = RuleNames(self.widened.compiled, self.rules).table(numbers, lang)
        table["gives_way"] = self.alone
        table["gives_way_unit"] = [rule_of(kind).unit for kind in table["rule"]]
        floors = table["rule"].isin(of_levers(FLOORS))
        table["gives_way_points"] = np.where(floors, self.alone * table["bound"] / table["bound_units"], np.nan)
        return table

    def repairs(self) -> pd.DataFrame:
        """One row per repair (columns of ``levers.REPAIR_COLUMNS``)."""
        return repair_table(self.rules, list(self.levers))

    def steps(self, lang: str = "en") -> pd.DataFrame:
        """One row per rule that a repair changes: words, change, before and after, who decides."""
        table = step_table(list(self.levers))
        words = RuleNames(self.widened.compiled, self.rules).table(table["rule_number"].tolist(), lang)
        changes = table[list(STEP_COLUMNS)].drop(columns="rule_number")
        changes["change_unit"] = [rule_of(kind).unit for kind in words["rule"]]
        return pd.concat([changes, words.drop(columns=["bound", "bound_unit", "bound_units"])], axis=1)

    def short_members(self, lang: str = "en") -> pd.DataFrame:
        """The members in few lines (``conflict_words.grouped``)."""
        return grouped(self.members(lang), lang)

    def short_repairs(self, lang: str = "en") -> pd.DataFrame:
        """The repairs in few lines (``conflict_words.repair_lines``)."""
        names = RuleNames(self.widened.compiled, self.rules)
        return repair_lines(self.levers, self.repairs(), names, lang)

    def lever(self, repair_id: str) -> Lever:
        """One repair by its id. Raises ``UsageError`` ``id-unknown``."""
        for lever in self.levers:
            if lever.repair_id == repair_id:
                return lever
        near = nearest(repair_id, [lever.repair_id for lever in self.levers]) or NONE
        raise UsageError("id-unknown", table="repairs", wanted=repair_id, nearest=near)

    def message(self, lang: str = "en") -> list[str]:
        """What is missing and how sure it is, sentence by sentence."""
        told = [*said(self._missing(lang), lang), *said(self._shortfall(lang), lang), *self._along(lang)]
        return [*told, *said(self.remarks, lang)]

    def _missing(self, lang: str) -> tuple[Remark, ...]:
        if not self.missing:
            return ()
        amounts = self.repairs().set_index("repair_id")[["eur", "places", "posts"]].to_dict("index")
        money, staff = ("money_staff",) * 2 if self.missing == "both" else ("money", "staff")
        values = {"euros": euro(float(amounts[money]["eur"]), lang), "capacity": capacity_text(amounts[staff], lang)}
        return (Remark(_FILE, f"missing.{self.missing}", values),)

    def _shortfall(self, lang: str) -> tuple[Remark, ...]:
        """The figures of the sentence: what the clash needs and what there is."""
        if self.clash is None or not len(self.clash.members):
            return ()
        table = self.members(lang)
        known = table["gives_way"].notna()
        floors = table[table["rule"].isin(of_levers(FLOORS)) & known]
        pots = table[table["rule"].isin(of_levers(MONEY)) & known]
        if len(pots):
            pot = pots.sort_values("gives_way").iloc[0]
            have, lacks = float(pot["bound"]), float(pot["gives_way"])
            values = {
                "pots": pot["id"],
                "have": euro(have, lang),
                "needed": euro(no_less(have + lacks), lang),
                "missing": euro(no_less(lacks), lang),
            }
            facts = PotFacts(self.widened.compiled.variant.case)
            whole = have >= float(facts.by_id(facts.amount)[pot["id"]])
            return (Remark(_FILE, "shortfall.money" if whole else "shortfall.free", values),)
        able = table[table["rule"].isin(of_levers(STAFF))]
        posts = able["gives_way_unit"].eq(POSTS)
        if len(floors) and len(able):
            floor = floors.iloc[0]
            values = {
                "offers": ", ".join(dict.fromkeys(able.loc[~posts, "id"])),
                "staff": ", ".join(dict.fromkeys(able.loc[posts, "id"])),
                "floor": floor["id"],
                "share": percent(float(floor["bound"]), lang),
                "reached": percent(float(floor["bound"]) - float(floor["gives_way_points"]), lang),
                "units": number(float(floor["gives_way"]), lang, 1),
                "unit": need_units(self.widened.compiled.variant.case, lang)[str(floor["need_id"])],
            }
            key = "posts" if posts.all() else "both" if posts.any() else "capacity"
            return (Remark(_FILE, f"shortfall.{key}", values),)
        return ()

    def _along(self, lang: str) -> list[str]:
        """Of every clashing rule that lets money depend on other money: how much is gained or lost with it."""
        if self.clash is None:
            return []
        names = RuleNames(self.widened.compiled, self.rules)
        own = [one for one in self.clash.members.tolist() if "along" in rule_of(self.rules.kind[one]).texts.sentences]
        return [names.say(one, "along", lang) for one in own]

    @property
    def status(self) -> str:
        """``feasible`` or ``infeasible``."""
        return "feasible" if self.is_feasible else "infeasible"

    def told_repairs(self, lang: str) -> list[Record]:
        """Every repair with its name and its steps."""
        steps = self.steps(lang)
        return [
            {
                **record,
                "name": repair_name(str(record["repair_id"]), str(record["kind"]), lang),
                "steps": records(steps[steps["repair_id"] == record["repair_id"]].drop(columns="repair_id")),
            }
            for record in records(self.repairs())
        ]


def conflicts(session: Session, scenario_id: str) -> Conflict:
    """Why a scenario has no plan.

    Raises ``UsageError`` for an unknown scenario, ``CertificateError`` (limit-reached) where time ran out before it was
    known whether its rules clash.

    The rules of a scenario that only judges the status quo are asked about as if they were to be met.
    """
    compiled = session.compiled(scenario_id)
    elastic, clash = _divisible(session, compiled)
    answer = Conflict(scenario_id, elastic.widened, precheck(compiled))
    if not compiled.program.is_mixed_integer:
        return _explained(session, answer, elastic, elastic, clash)
    if clash is None and session.run(scenario_id).has_plan:
        return _explained(session, answer, elastic, elastic, None)
    widened = widen(compiled, earmarks=clash is None or bool(elastic.widened.rules.of(earmark.KIND).any()))
    whole = Elastic(widened, session.limits.within(INDIVISIBLE_SECONDS))
    if clash is not None:
        return _explained(session, answer, elastic, whole, clash, "conflict.relaxed")
    answer = replace(answer, widened=widened)
    return _explained(session, answer, whole, whole, clash_of(whole), "conflict.indivisible")


def _divisible(session: Session, compiled: Compiled) -> tuple[Elastic, Clash | None]:
    """The elastic program without whole numbers, and the clash it shows.

    Which pot may pay for what is part of the explanation as soon as money is; a clash without money is found in a
    program half as large.
    """
    elastic = _relaxed(session, widen(compiled, earmarks=False))
    first = elastic.clash(np.zeros(len(elastic.widened.rules), dtype=bool))
    clash = None
    if not uses_money(elastic, first):
        clash = clash_of(elastic)
        if clash is None or not clash.uses_money:
            return elastic, clash
    elastic = _relaxed(session, widen(compiled))
    return elastic, clash_of(elastic)


def _relaxed(session: Session, widened: Widened) -> Elastic:
    return Elastic(replace(widened, program=widened.program.relaxed()), session.limits)


def _no_clash(session: Session, elastic: Elastic, scenario_id: str) -> Remark:
    """Rules that miss each other by less than a solver's rounding are named as such.

    Raises ``CertificateError`` (limit-reached) where nothing was found only because time ran out.
    """
    judged = session.variant(scenario_id).scenario.evaluate
    if judged or not session.run(scenario_id).has_plan:
        found = elastic.clash(np.zeros(len(elastic.widened.rules), dtype=bool))
        if not found.objective <= CLASH:
            raise CertificateError("limit-reached", scenario=scenario_id)
    if not judged and session.run(scenario_id).status is Status.INFEASIBLE:
        return Remark(_FILE, "conflict.rounding", {"scenario": scenario_id, "euros": f"{CLASH} EUR"})
    return Remark(_FILE, "conflict.feasible", {"scenario": scenario_id})


def _explained(
    session: Session, answer: Conflict, elastic: Elastic, whole: Elastic, clash: Clash | None, *keys: str
) -> Conflict:
    """The answer with its clash: members judged by ``elastic``, repairs by ``whole``."""
    if clash is None:
        return replace(answer, remarks=(_no_clash(session, elastic, answer.scenario_id),))
    pulled = levers(whole, clash)
    count = len(clash.members)
    how = "conflict.reduced" if not clash.irreducible else "conflict.irreducible" if count > 1 else "conflict.single"
    remarks = [
        *under_own_rules(session.case),
        Remark(_FILE, how, {"count": count}),
        *(Remark(_FILE, key) for key in keys),
    ]
    if len(clash.members) > MOST_SINGLE:
        remarks.append(Remark(_FILE, "conflict.long", {"count": MOST_SINGLE}))
    if clash.proven:
        remarks.append(Remark(_FILE, "conflict.proven"))
    remarks.append(Remark(_FILE, "conflict.more"))
    return replace(
        answer,
        clash=clash,
        alone=alone(elastic, clash),
        levers=tuple(pulled),
        missing=_what_is_missing(pulled),
        remarks=tuple(remarks),
    )


def _what_is_missing(pulled: list[Lever]) -> str:
    status = {lever.repair_id: lever.status for lever in pulled}
    money, staff, both = status["money"], status["staff"], status["money_staff"]
    if money == FOUND:
        return "either" if staff == FOUND else "money"
    if staff == FOUND:
        return "capacity"
    if both == FOUND:
        return "both"
    return "unknown" if UNDECIDED in (money, staff, both) else "rules"
