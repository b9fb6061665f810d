"""A path over several years once more, as a textbook would: the textbook of every year, and what links them (Y1 to Y4).

Nothing of ``allocate.model.path``: one shared plain PuLP problem, dictionaries, loops. What months and growth make of
the tables of a year is taken from the year's case, whose months the judge counts on its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulp
from pulp import lpSum

from allocate.inputs.scenario.variant import Variant
from tests.reference.textbook import LOUDER, THOUSAND, Data, Textbook, free


class YearBook(Textbook):
    """The textbook of one year in a shared problem, after the year before."""

    def __init__(
        self, variant: Variant, problem: pulp.LpProblem, year: int, before: YearBook | None, kept: Mapping[str, float]
    ) -> None:
        self.data, self.scenario, self.problem, self.year, self.before = (
            Data(variant),
            variant.scenario,
            problem,
            year,
            before,
        )
        self._variables()
        self._coverage()
        self._capacity()
        self._money()
        self._staff()
        self._floors()
        self._plurality()
        self.rest = {b: self._new("r", b) for b in self.data.pots}
        for b, pot in self.data.pots.items():
            self.problem += self.rest[b] <= kept[b] * (free(pot) / THOUSAND + self._brought(b) - self.paid[b])
        self._step()

    def _new(self, name: str, *key: str, upper: float | None = None, lower: float = 0.0) -> pulp.LpVariable:
        return self.problem.add_variable(f"{name}_{self.year}_{'_'.join(key)}", lower, upper)

    def _brought(self, pot: str) -> Any:
        return 0.0 if self.before is None else self.before.rest[pot]

    def _before(self, offer: str) -> Any:
        return super()._before(offer) if self.before is None else self.before.X[offer]

    def _step(self) -> None:
        """Y2."""
        if self.scenario.max_step == float("inf"):
            return
        for o, offer in self.data.offers.items():
            most = self.scenario.max_step * offer["baseline_capacity"]
            if most > 0:
                self.problem += self.X[o] - self._before(o) <= most
                self.problem += self._before(o) - self.X[o] <= most


def path_value(variants: Sequence[Variant], years: Sequence[int], kept: Mapping[str, float]) -> float | None:
    """The mean of the years' values of the best path; None where there is none."""
    problem = pulp.LpProblem("path", pulp.LpMaximize)
    books: list[YearBook] = []
    for variant, year in zip(variants, years, strict=True):
        books.append(YearBook(variant, problem, year, books[-1] if books else None, kept))
    problem += lpSum(book._value() for book in books) * (1.0 / len(books))
    tight = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9, "threads": 1}
    stats = problem.solve(pulp.HiGHS(msg=False, **tight))
    if stats.status == pulp.LpSolveStatus.Infeasible:
        return None
    assert stats.status == pulp.LpSolveStatus.Optimal, stats.status_str
    return float(stats.objective) / LOUDER
