"""Drawn: the figures of a plan drawn by hand that breaks rules, and how far it breaks which of them.

What is drawn stands: the capacity of the offers that were set. Every other rule may give way, as little as the elastic
program allows; among all ways of using and paying for what is drawn that break the rules no further, the best one is
measured, by the calculator that measures every plan.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.analyses.conflicts.conflict_words import amount_text
from allocate.analyses.conflicts.elastic import CLASH, Elastic, Relaxation
from allocate.analyses.conflicts.levers import of_levers
from allocate.analyses.conflicts.rule_names import RuleNames
from allocate.bench.proposals import solve_proven
from allocate.bench.widening import Widened, widen
from allocate.errors import CertificateError
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules import capacity, commitment
from allocate.model.rules.register import rule_of
from allocate.model.rules.rule import FLOORS
from allocate.results.sketch import Sketch, sketched
from allocate.solve.solution import Limits
from allocate.town.arrays import Floats, Ints

# The best plan may break a rule by this share more than the least, so that the solver has room to move.
ROOM = 1e-6


@dataclass(frozen=True, eq=False)
class Drawn:
    """The figures, and the rules that are broken: their numbers, by how much (in the rule's unit), the worst first."""

    sketch: Sketch
    widened: Widened
    rules: Ints
    steps: Floats

    def broken(self, lang: str = "en") -> pd.DataFrame:
        """One row per broken rule: ``name``, ``missed`` (by how much, in words), ``basis``."""
        table = RuleNames(self.widened.compiled, self.widened.rules).table(self.rules.tolist(), lang)
        floors = table["rule"].isin(of_levers(FLOORS))
        points = np.where(floors, self.steps * table["bound"] / table["bound_units"], np.nan)
        units = [rule_of(kind).unit for kind in table["rule"].tolist()]
        missed = [
            amount_text(unit, step, lang, point)
            for unit, step, point in zip(units, self.steps.tolist(), points.tolist(), strict=True)
        ]
        return table.assign(missed=missed)[["name", "missed", "basis"]]


def drawn(compiled: Compiled, held: Collection[str], limits: Limits | None = None) -> Drawn | None:
    """A scenario without a plan in which the capacity of the offers ``held`` was set by hand.

    Of whole offers that were not set, those are open that the cheapest giving way leaves open. None where no giving way
    helps, where the rules can be kept after all, or where time ran out.
    """
    widened = widen(compiled)
    elastic = Elastic(widened, limits)
    rules = widened.rules
    own = rules.of(capacity.RULE.kind, commitment.KIND) & np.isin(rules.id.astype(str), list(held))
    least = elastic.cheapest(~own)
    if not isinstance(least, Relaxation) or least.price <= CLASH:
        return None
    x = _best(elastic, least, limits)
    steps = np.clip(x[widened.relaxers.column], 0.0, None)
    by_rule = np.bincount(widened.relaxers.rule, steps, minlength=len(rules))
    price = np.bincount(widened.relaxers.rule, steps * elastic.price, minlength=len(rules))
    broken = np.flatnonzero(price > CLASH)
    broken = broken[np.argsort(-price[broken], kind="stable")]
    sketch = sketched(compiled, x[: compiled.program.column_count])
    return Drawn(sketch, widened, broken, by_rule[broken])


def _as_open(program: LinearProgram, x: Floats) -> LinearProgram:
    """The program in which what is whole stands as it does at a point; what remains has no integrality."""
    whole = np.flatnonzero(program.integer)
    if not len(whole):
        return program
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[whole] = upper[whole] = np.round(x[whole])
    return replace(program, lower=lower, upper=upper).relaxed()


def _best(elastic: Elastic, least: Relaxation, limits: Limits | None) -> Floats:
    """Of all plans that break the rules no further, the best one; the first one where that cannot be proven."""
    steps = np.where(least.steps > 0, least.steps * (1.0 + ROOM), 0.0)
    opened = _as_open(elastic.widened.opened(steps), least.x)
    try:
        found = solve_proven(opened, limits)
    except CertificateError:
        found = None
    return least.x if found is None else found.x
