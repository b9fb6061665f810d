"""Levers: which rules may give way together in a repair, and what each repair amounts to.

Every repair is cheapest among the rules it may touch (``elastic``), rounded and proven in the tables (``repairs``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from allocate.analyses.conflicts.clash import WORTHLESS, Clash
from allocate.analyses.conflicts.elastic import CLASH, Elastic, Impossible, Relaxation
from allocate.analyses.conflicts.repairs import Repaired, repair
from allocate.bench.widening import Rules
from allocate.inputs import dictionary
from allocate.model.rules.reached import Step
from allocate.model.rules.register import giving_way, kinds, rule_of, way_of
from allocate.model.rules.rule import CAPACITY_UNITS, EUR, FLOORS, MONEY, NEED_UNITS, OTHER, POSTS, STAFF
from allocate.results.columns import Columns
from allocate.solve.solution import Solution, Status
from allocate.town.arrays import Bools, Floats, Ints
from allocate.town.facts import NeedFacts, OfferFacts

# So many members of a clash are asked about one by one.
MOST_SINGLE = 40
FOUND, IMPOSSIBLE, UNDECIDED = "found", "impossible", "undecided"
# Of rules of one kind those are listed first that the town is freest to change: by the duty of their need or offer.
GRADES = ("", *reversed(dictionary.table("needs")["duty"].choices))
# Which levers a combined repair may pull. Earmarks and funders' conditions are touched one at a time only.
COMBINED = {
    "mixed": (MONEY, STAFF, FLOORS, OTHER),
    "money": (MONEY,),
    "staff": (STAFF,),
    "money_staff": (MONEY, STAFF),
    "floors": (FLOORS,),
    "lawful": (MONEY, STAFF, FLOORS, OTHER),
}
REPAIR_COLUMNS = Columns(
    "repair_id", "kind", "status", "eur", "places", "points", "need_units", "priced_eur", "verified", "cheapest",
    "posts",
)  # fmt: skip
STEP_COLUMNS = Columns("repair_id", "rule_number", "change", "before", "after")


@dataclass(frozen=True)
class Lever:
    """A repair that was asked for: ``kind`` is ``combined``, ``group`` (one floor in several places) or ``single``.

    ``verified``: the repaired tables have a plan; of an impossible one: duality proves that it cannot be enough.
    """

    repair_id: str
    kind: str
    status: str
    priced_eur: float = np.nan
    verified: bool = False
    cheapest: bool = False
    repaired: Repaired | None = field(default=None, repr=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The rules that give way; none where the repair is not possible."""
        return self.repaired.steps if self.repaired else ()


def levers(elastic: Elastic, clash: Clash) -> list[Lever]:
    """All combined repairs, then the single rules of the clash.

    A single rule that repairs the whole scenario is a member of every clash, so no others need be tried.
    """
    proofs: list[Solution] = []
    return [_pulled(elastic, proofs, *asked) for asked in _asked(elastic.widened.rules, elastic, clash)]


def _asked(rules: Rules, elastic: Elastic, clash: Clash) -> Iterator[tuple[str, str, Bools]]:
    for name, pulled in COMBINED.items():
        allowed = rules.of(*of_levers(*pulled))
        if name == "lawful":
            allowed &= ~_by_law(elastic)
        yield name, "combined", allowed
    members = _freest_first(elastic, weighty(elastic, clash))
    # One floor that clashes in several places may be lowered everywhere.
    for kind in of_levers(FLOORS):
        clashing = _freest_first(elastic, clash.members[rules.kind[clash.members] == kind])
        for id in dict.fromkeys(rules.id[clashing].tolist()):
            own = rules.of(kind) & (rules.id == id)
            if own.sum() > 1:
                yield f"{kind}:{id}", "group", own
    for member in members.tolist():
        only = np.zeros(len(rules), dtype=bool)
        only[member] = True
        yield name_of(rules, member), "single", only


def weighty(elastic: Elastic, clash: Clash) -> Ints:
    """The members that are asked about one by one: all of them, or of a long clash the most discussed and freest."""
    kinds_of = elastic.widened.rules.kind[clash.members]
    order = np.array([way_of(kind).discussed for kind in kinds_of], dtype=np.int64)
    return np.sort(clash.members[np.lexsort((grades(elastic)[clash.members], order))][:MOST_SINGLE])


def grades(elastic: Elastic) -> Ints:
    """How far every rule is a duty: the number in ``GRADES`` of its need's duty, or its offer's; else 0."""
    widened = elastic.widened
    case = widened.compiled.variant.case
    found = np.zeros(len(widened.rules), dtype=np.int64)
    for duty, numbers in (
        (NeedFacts(case).duty, widened.relaxers.need),
        (OfferFacts(case).duty, widened.relaxers.offer),
    ):
        graded = np.array([GRADES.index(one) for one in duty.tolist()], dtype=np.int64)
        some = numbers >= 0
        np.maximum.at(found, widened.relaxers.rule[some], graded[numbers[some]])
    return found


def _freest_first(elastic: Elastic, members: Ints) -> Ints:
    """Rules kind by kind, in each those first that the town is freest to change."""
    first = {kind: at for at, kind in reversed(list(enumerate(elastic.widened.rules.kind.tolist())))}
    kind = np.array([first[one] for one in elastic.widened.rules.kind[members]], dtype=np.int64)
    return members[np.lexsort((members, grades(elastic)[members], kind))]


def name_of(rules: Rules, rule: int) -> str:
    """A rule's stable name in tables and JSON, ``floor:F07:S03``."""
    return ":".join(str(part[rule]) for part in (rules.kind, rules.id, rules.place) if part[rule])


def of_levers(*levers: str) -> tuple[str, ...]:
    """The kinds of the rules that some levers pull."""
    return kinds(lambda _, way: way.lever in levers)


def _by_law(elastic: Elastic) -> Bools:
    """Which rules nobody can change locally."""
    rules = elastic.widened.rules
    lawful = np.zeros(len(rules), dtype=bool)
    for rule, way in giving_way():
        lawful |= rules.of(rule.kind) & np.isin(rules.id.astype(str), way.by_law(elastic.widened.compiled).astype(str))
    return lawful


def _pulled(elastic: Elastic, proofs: list[Solution], repair_id: str, kind: str, allowed: Bools) -> Lever:
    """Pull one lever; ``proofs`` collects clashes that remained, which often settle the next lever without a solve."""
    known = next((proof for proof in proofs if not elastic.worth(proof)[allowed].max(initial=0.0) > WORTHLESS), None)
    without = known or elastic.clash(allowed)
    if without.status is Status.OPTIMAL and without.objective > CLASH:
        if known is None and without.row_dual is not None:
            proofs.append(without)
        return Lever(repair_id, kind, IMPOSSIBLE, verified=elastic.clash_is_proven(allowed, without))
    found = elastic.cheapest(allowed)
    if isinstance(found, Relaxation):
        repaired = repair(elastic.widened, found)
        return Lever(repair_id, kind, FOUND, found.price, repaired.verified, found.cheapest, repaired)
    return Lever(repair_id, kind, IMPOSSIBLE if isinstance(found, Impossible) else UNDECIDED)


def repair_table(rules: Rules, pulled: list[Lever]) -> pd.DataFrame:
    """One row per repair: EUR, places, posts and need units that give way, largest cut of a floor as a share 0..1."""
    rows = []
    for lever in pulled:
        by: dict[str, list[Step]] = {name: [] for name in _SUMMED.values()}
        for step in lever.steps:
            kind = str(rules.kind[step.rule])
            unit, in_points = rule_of(kind).unit, way_of(kind).in_points
            if unit != NEED_UNITS or in_points:
                by[_SUMMED[unit]].append(step)
        found = lever.status == FOUND
        amount = {name: float(sum(step.amount for step in steps)) if found else np.nan for name, steps in by.items()}
        points = max((step.before - step.after for step in by["need_units"]), default=0.0) if found else np.nan
        rows.append(
            (
                lever.repair_id, lever.kind, lever.status, amount["eur"], amount["places"], points,
                amount["need_units"], lever.priced_eur, lever.verified, lever.cheapest, amount["posts"],
            )
        )  # fmt: skip
    return REPAIR_COLUMNS.of(rows)


# Where the steps of rules in a unit are added up; need units are those of floors alone.
_SUMMED = {EUR: "eur", CAPACITY_UNITS: "places", NEED_UNITS: "need_units", POSTS: "posts"}


def step_table(pulled: list[Lever]) -> pd.DataFrame:
    """One row per rule of each repair that gives way, with its value before and after."""
    rows = [
        (lever.repair_id, step.rule, step.amount, step.before, step.after) for lever in pulled for step in lever.steps
    ]
    table = STEP_COLUMNS.of(rows)
    return table.astype({"rule_number": int, "change": float, "before": float, "after": float})


def alone(elastic: Elastic, clash: Clash) -> Floats:
    """Per member: the least step with which it alone resolves the clash, all rules outside the clash dropped."""
    count = len(elastic.widened.rules)
    dropped = np.ones(count, dtype=bool)
    dropped[clash.members] = False
    steps = np.full(count, np.nan)
    for member in weighty(elastic, clash).tolist():
        only = np.zeros(count, dtype=bool)
        only[member] = True
        found = elastic.cheapest(only, dropped)
        if isinstance(found, Relaxation):
            steps[member] = float(found.steps.sum())
    return steps[clash.members]
