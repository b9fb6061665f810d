"""Conflicts of a path: which rules of which years clash, and what would repair it.

The same method as for one year (``allocate.analyses.conflicts``), on the program of all years: every rule of every year
may give way for its price, the deletion filter names a short clash, and repairs are proven by planning the path again
with the repaired years. What links the years (carry-over, lead times, contracts by months) does not give way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.conflicts.clash import Clash, clash_of, under_own_rules
from allocate.analyses.conflicts.conflict_words import amount_text, repair_name, step_text
from allocate.analyses.conflicts.elastic import Elastic, Impossible, Relaxation
from allocate.analyses.conflicts.levers import (
    COMBINED,
    FOUND,
    IMPOSSIBLE,
    UNDECIDED,
    Lever,
    alone,
    of_levers,
    repair_table,
)
from allocate.analyses.conflicts.repairs import Repaired, repair
from allocate.analyses.conflicts.rule_names import RuleNames
from allocate.analyses.remarks import Remark, said
from allocate.analyses.transition.horizon import Horizon, Span, horizon, span_of
from allocate.analyses.transition.solve_path import refuse_unplanned
from allocate.bench.proposals import solve_proven
from allocate.bench.widening import Relaxers, Rules, Widened, widen
from allocate.model.compile import compile_variant
from allocate.model.path import Path, link
from allocate.model.rules.register import rule_of
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.solution import Limits
from allocate.town.arrays import Floats, Ints

MEMBER_COLUMNS = Columns("year", "name", "gives_way_text", "basis", "decider", "rule", "id", "place", "gives_way")
REPAIR_COLUMNS = Columns("repair_id", "repair", "status", "eur", "places", "points", "what", "decider", "verified")
# The repairs that are asked for; single rules of a path are too many to be asked one by one.
_ASKED = ("mixed", "money", "staff", "money_staff", "floors")
_FILE = "paths/texts.csv"


@dataclass(frozen=True, eq=False, repr=False)
class PathConflict(Told):
    """Why a path cannot keep all rules; ``clash`` None where it can.

    ``members``: the rules that clash with their years; ``repairs``: amounts of all years together (EUR, capacity
    units, the largest cut of a floor as a share), ``verified``: a path of the repaired years exists.
    """

    JSON: ClassVar = (
        "scenario_id", "*span.ends", "status", "messages", "irreducible=clash.irreducible", "proven=clash.proven",
        "members", "repairs",
    )  # fmt: skip

    scenario_id: str
    span: Span
    widened: tuple[Widened, ...]
    rules: Rules
    owner: Ints
    clash: Clash | None = None
    alone: Floats | None = None
    levers: tuple[Lever, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Whether all rules of all years can be met at once."""
        return self.clash is None

    def members(self, lang: str = "en") -> pd.DataFrame:
        """The rules that clash (``MEMBER_COLUMNS``), by year."""
        if self.clash is None:
            return MEMBER_COLUMNS.of()
        table = self._named(self.clash.members.tolist(), lang).assign(gives_way=self.alone)
        points = table["gives_way"] * table["bound"] / table["bound_units"]
        table["gives_way_text"] = [
            amount_text(rule_of(str(kind)).unit, float(amount), lang, float(share))
            for kind, amount, share in zip(table["rule"], table["gives_way"], points, strict=True)
        ]
        return MEMBER_COLUMNS.of(table.sort_values("year", kind="stable", ignore_index=True))

    def repairs(self, lang: str = "en") -> pd.DataFrame:
        """One row a repair (``REPAIR_COLUMNS``)."""
        table = repair_table(self.rules, list(self.levers))
        told = [self._told(lever, lang) for lever in self.levers]
        return table.assign(
            repair=[repair_name(lever.repair_id, lever.kind, lang) for lever in self.levers],
            points=0.0 - table["points"],
            what=[what for what, _ in told],
            decider=[who for _, who in told],
        )[list(REPAIR_COLUMNS)]

    def _told(self, lever: Lever, lang: str) -> tuple[str, str]:
        """What a repair changes, year by year, and who decides."""
        if not lever.steps:
            return "", ""
        words = self._named([step.rule for step in lever.steps], lang)
        rows = words.assign(
            change=[step.amount for step in lever.steps],
            before=[step.before for step in lever.steps],
            after=[step.after for step in lever.steps],
        )
        texts = [f"{row['year']}: {step_text(row, lang)}" for row in rows.to_dict("records")]
        return "; ".join(texts), ", ".join(dict.fromkeys(words["decider"]))

    def _named(self, numbers: Sequence[int], lang: str) -> pd.DataFrame:
        """The words of rules, with their years, in the order given."""
        parts = []
        firsts = np.concatenate([[0], np.cumsum([len(one.rules) for one in self.widened])])
        names = {}
        for number in numbers:
            place = int(self.owner[number])
            if place not in names:
                names[place] = RuleNames(self.widened[place].compiled, self.widened[place].rules)
            row = names[place].table([number - int(firsts[place])], lang)
            parts.append(row.assign(year=self.span.years[place]))
        return pd.concat(parts, ignore_index=True)

    def messages(self, lang: str = "en") -> list[str]:
        """Whether the rules can be met, and where they clash."""
        span = self.span.words
        if self.clash is None:
            return said((Remark(_FILE, "clash.none", span),), lang)
        years = sorted({self.span.years[place] for place in self.owner[self.clash.members].tolist()})
        values = {**span, "count": len(self.clash.members), "years": ", ".join(map(str, years))}
        own = under_own_rules(self.widened[0].compiled.variant.case)
        remarks = [*own, Remark(_FILE, "clash.some", values)]
        remarks.append(Remark(_FILE, "clash.irreducible" if self.clash.irreducible else "clash.reduced", values))
        return said(tuple(remarks), lang)

    @property
    def status(self) -> str:
        """``feasible`` or ``infeasible``."""
        return "feasible" if self.is_feasible else "infeasible"


def path_conflicts(
    session: Session, scenario_id: str, years: tuple[int, int] | None, *, decided: int | None = None
) -> PathConflict:
    """Why the path of a scenario cannot keep all rules. Raises ``UsageError`` (``span_of``, path-divisible)."""
    span = span_of(session.case, scenario_id, years, decided)
    ahead = horizon(session.case, scenario_id, span)
    refuse_unplanned(ahead)
    widened = tuple(widen(compile_variant(one)) for one in ahead.variants)
    whole, path = _linked(widened, ahead)
    elastic = Elastic(whole, session.limits)
    owner = np.repeat(np.arange(len(widened)), [len(one.rules) for one in widened]).astype(np.int64)
    answer = PathConflict(scenario_id, span, widened, whole.rules, owner)
    clash = clash_of(elastic)
    if clash is None:
        return answer
    levers = tuple(_pulled(elastic, path, widened, ahead, name, session.limits) for name in _ASKED)
    return replace(answer, clash=clash, alone=alone(elastic, clash), levers=levers)


def _linked(widened: Sequence[Widened], ahead: Horizon) -> tuple[Widened, Path]:
    """The widened programs of all years as one, with the rules of every year apart."""
    compiled = [replace(one.compiled, program=one.program) for one in widened]
    path = link(compiled, ahead.span.years, ahead.links)
    firsts = np.concatenate([[0], np.cumsum([len(one.rules) for one in widened])[:-1]])
    rules = Rules(*(np.concatenate([getattr(one.rules, name) for one in widened]) for name in ("kind", "id", "place")))
    parts = {
        name: np.concatenate([getattr(one.relaxers, name) for one in widened])
        for name in ("limit", "need", "offer", "pot")
    }
    column = np.concatenate([one.relaxers.column + first for one, first in zip(widened, path.first, strict=True)])
    rule = np.concatenate([one.relaxers.rule + int(first) for one, first in zip(widened, firsts, strict=True)])
    whole = Widened(widened[0].compiled, path.program, rules, Relaxers(column=column, rule=rule, **parts))
    return whole, path


def _pulled(
    elastic: Elastic, path: Path, widened: Sequence[Widened], ahead: Horizon, name: str, limits: Limits
) -> Lever:
    """One repair: the cheapest way out in which these rules may give way, written into the tables of every year."""
    allowed = elastic.widened.rules.of(*of_levers(*COMBINED[name]))
    found = elastic.cheapest(allowed)
    if isinstance(found, Impossible):
        # What stays when these rules are dropped must be a clash by itself.
        return Lever(name, "combined", IMPOSSIBLE, verified=elastic.clash_is_proven(allowed, elastic.clash(allowed)))
    if not isinstance(found, Relaxation):
        return Lever(name, "combined", UNDECIDED)
    variants, steps, start, first = [], [], 0, 0
    for place, one in enumerate(widened):
        count = len(one.relaxers.rule)
        own = found.steps[start : start + count]
        if own.any():
            x = path.of_year(found.x, place)
            repaired = repair(one, Relaxation(own, x, found.price, found.cheapest))
            variants.append(repaired.variant)
            steps += [replace(step, rule=step.rule + first) for step in repaired.steps]
        else:
            variants.append(ahead.variants[place])
        start, first = start + count, first + len(one.rules)
    program = link([compile_variant(one) for one in variants], ahead.span.years, ahead.links).program
    verified = solve_proven(program, limits) is not None
    whole = Repaired(tuple(steps), variants[0], verified)
    return Lever(name, "combined", FOUND, found.price, verified, found.cheapest, whole)
