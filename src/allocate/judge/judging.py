"""The judge: a plan is judged again from the tables alone, before anybody sees it.

The certificate judges the arrays that were handed to the solver; a fault in making these arrays is invisible to it. The
judge knows neither arrays nor solver: it reads the scenario's tables and the plan's tables, and counts again.
"""

from __future__ import annotations

import weakref

from allocate.inputs.scenario.variant import Variant
from allocate.judge.figures import judge_coverage, judge_measures
from allocate.judge.money import judge_payers, judge_sums, judge_today
from allocate.judge.places import Cluster, Floors, Grouped, clusters_of, floors_of
from allocate.judge.plan import Columns, Shown
from allocate.judge.provision import judge_capacity, judge_floors, judge_plurality, judge_staff, provided
from allocate.judge.rulebook import Rulebook
from allocate.judge.verdict import Verdict


class Judge:
    """Judges plans of one variant; the rules are read from its tables once."""

    def __init__(self, variant: Variant) -> None:
        self.book = Rulebook(variant)
        self.grouped = Grouped(self.book)
        self.floors: Floors = floors_of(self.book, self.grouped)
        self.clusters: list[Cluster] = clusters_of(self.book, self.grouped)

    def judge(self, shown: Shown) -> None:
        """Raise ``CertificateError`` with the first rule that the plan breaks, in words; else return."""
        book = self.book
        verdict = Verdict(book.scenario.scenario_id, book.case.parameter("currency"))
        plan = Columns(book, shown, verdict)
        judge_sums(book, plan, verdict)
        supply = provided(book, plan, verdict)
        if shown.today:
            judge_today(book, plan, verdict)
        else:
            judge_capacity(book, shown, plan, verdict)
            judge_payers(book, shown, plan, verdict)
        judge_staff(book, shown, plan, verdict)
        covered = judge_coverage(book, shown, supply.supply, verdict)
        judge_floors(book, shown, self.floors, self.grouped, covered, verdict)
        if not shown.today and not shown.waiver.town_rules:
            judge_plurality(book, self.clusters, plan, supply, verdict)
        judge_measures(book, shown, plan, supply.supply, covered, verdict)


_JUDGES: dict[int, Judge] = {}


def judge(variant: Variant, shown: Shown) -> None:
    """Judge a plan of a variant; what its tables demand is kept as long as the variant lives."""
    key = id(variant)
    known = _JUDGES.get(key)
    if known is None:
        known = _JUDGES[key] = Judge(variant)
        weakref.finalize(variant, _JUDGES.pop, key, None)
    known.judge(shown)
