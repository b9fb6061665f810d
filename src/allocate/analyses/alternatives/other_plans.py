"""``alternatives``: a handful of truly different plans that are almost as good as the best."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.alternatives.near import Near, hashed_direction
from allocate.analyses.duplication.fewest_parallel import fewest_parallel
from allocate.analyses.duplication.parallel import parallel_structures
from allocate.analyses.figures import distance
from allocate.analyses.reasons.direction import agreement
from allocate.bench.resolve import Bench
from allocate.inputs.case import Case
from allocate.language import Texts, euro, no_more, percent
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session
from allocate.town.arrays import Floats

TEXTS = Texts("allocate.analyses.alternatives")
PROPOSAL, TODAY = "proposal", "today"
NAMED = ("fewest_changes", "fewest_parallel", "most_equal")
DIRECTIONS, INDIVISIBLE_DIRECTIONS = 18, 6
PUSHES = 3
# Two plans count as different from this share of the budget on.
DIFFERENT = 0.002
# The search for few parallel structures ends after its linear relaxations, so that the answer does not depend on time.
NO_SEARCH = 1e-3
PLAN_COLUMNS = Columns(
    "plan_id", "objective", "below_best", "to_proposal_eur", "to_proposal_share", "to_today_eur", "raised", "lowered",
    "parallel_structures", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur", "spent_eur",
)  # fmt: skip

type Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False, repr=False)
class Alternatives(Told):
    """Different plans of one scenario, none more than ``within`` (share of the objective) worse than the best.

    ``plans``: the proposal, the named plans and ``different_1`` ...; ``overview`` (``PLAN_COLUMNS``): figures of each
    and of today (``below_best`` as share of the best objective, distances in EUR moved between offers: half the sum of
    differences); ``distances``: EUR between every two plans; ``agreement``: how often each offer is raised, lowered,
    kept; ``to_today_eur``: the least money that must move to reach any plan this good.
    """

    JSON: ClassVar = (
        "scenario_id", "within", "to_today_eur", "sentences", "overview", "distances", "agreement", "plans=told_plans",
    )  # fmt: skip

    scenario_id: str
    within: float
    case: Case
    plans: dict[str, Allocation]
    overview: pd.DataFrame
    distances: pd.DataFrame
    agreement: pd.DataFrame
    to_today_eur: float
    budget_eur: float

    def sentences(self, lang: str = "en") -> list[str]:
        """What the plans have in common and how far apart they are."""
        others = self.overview[~self.overview["plan_id"].isin([PROPOSAL, TODAY])]
        farthest = others["to_proposal_eur"].max() if len(others) else 0.0
        sure = int((self.agreement["how_often"] == "always").sum())
        within = percent(self.within, lang)
        if others.empty:
            found = TEXTS.say("alternatives.none", lang, within=within)
        else:
            share = percent(farthest / max(self.budget_eur, 1.0), lang)
            values = {"count": len(others), "within": within, "euros": euro(farthest, lang), "share": share}
            found = TEXTS.say("alternatives.found", lang, **values)
        key = "alternatives.today" if self.to_today_eur >= 1 else "alternatives.today.none"
        return [
            found,
            TEXTS.say(key, lang, euros=euro(no_more(self.to_today_eur), lang)),
            TEXTS.say("alternatives.sure", lang, sure=sure, total=len(self.agreement)),
        ]

    def told_plans(self, lang: str) -> list[Record]:
        """The plans with their names."""
        return [{"plan_id": name, **plan.to_json(lang)} for name, plan in self.plans.items()]


def alternatives(
    session: Session,
    scenario_id: str,
    *,
    within: float = 0.01,
    count: int = 4,
    seed: int = 1,
    progress: Progress | None = None,
) -> Alternatives:
    """The proposal, the plans with the fewest changes, the fewest parallel structures and the most equal one, and
    ``count`` more that lie as far from all others as possible.

    ``within``: share of the objective that a plan may lie below the best. The same for the same ``seed``. Raises
    ``UsageError`` where there is no proposal.
    """
    bench = Bench(session, scenario_id)
    near = Near(bench, within)
    step = progress or (lambda _name: None)
    plans = {PROPOSAL: bench.plan}
    fewest = None
    for name, plan in _named(session, near, step):
        if name == NAMED[0]:
            fewest = plan
        if plan is not None and _is_new(bench, plans, plan):
            plans[name] = plan
    _add_different(near, plans, count, seed, step)
    today = session.status_quo(scenario_id)
    return _gathered(bench, near, plans, today, fewest)


def money(plan: Allocation) -> Floats:
    """EUR per offer of a plan."""
    return plan.offers["cost_eur"].to_numpy(dtype=float)


def _named(session: Session, near: Near, step: Progress) -> Iterator[tuple[str, Allocation | None]]:
    step(NAMED[0])
    yield NAMED[0], near.fewest_changes()
    step(NAMED[1])
    found = fewest_parallel(session, near.bench.scenario_id, within=near.within, seconds=NO_SEARCH)
    yield NAMED[1], found.plan
    step(NAMED[2])
    yield NAMED[2], near.most_equal()


def _is_new(bench: Bench, plans: dict[str, Allocation], plan: Allocation) -> bool:
    budget = bench.compiled.town.weights.budget
    return all(distance(money(plan), money(other)) > DIFFERENT * budget for other in plans.values())


def _add_different(near: Near, plans: dict[str, Allocation], count: int, seed: int, step: Progress) -> None:
    """Pick, again and again, the candidate that is farthest from every plan there is, and make it a proven plan."""
    candidates = list(_candidates(near, seed, step))
    for number in range(1, count + 1):
        best, chosen = 0.0, -1
        for place, (_, spent) in enumerate(candidates):
            apart = min(distance(spent, money(plan)) for plan in plans.values())
            if apart > best * (1 + 1e-9):
                best, chosen = apart, place
        if chosen < 0 or best <= DIFFERENT * near.bench.compiled.town.weights.budget:
            return
        direction, _ = candidates.pop(chosen)
        step(f"different_{number}")
        plan = near.plan(direction)
        if plan is not None and _is_new(near.bench, plans, plan):
            plans[f"different_{number}"] = plan


def _candidates(near: Near, seed: int, step: Progress) -> Iterator[tuple[Floats, Floats]]:
    """(direction, EUR per offer): random directions, then pushes away from the proposal."""
    ids = [str(one) for one in near.bench.compiled.town.offers.ids]
    draws = INDIVISIBLE_DIRECTIONS if near.bench.is_mixed_integer else DIRECTIONS
    origin = money(near.bench.plan)
    farthest: tuple[float, Floats] = (0.0, np.zeros(len(ids)))
    for draw in range(draws):
        step(f"direction {draw + 1}")
        direction = hashed_direction(ids, seed, draw)
        spent = near.farthest(direction)
        if spent is None:
            continue
        yield direction, spent
        if distance(spent, origin) > farthest[0] * (1 + 1e-9):
            farthest = (distance(spent, origin), spent)
    tie = 1.0 + 0.01 * hashed_direction(ids, seed, draws)
    spent = farthest[1]
    for push in range(PUSHES):
        step(f"push {push + 1}")
        # Where a plan spends as much as the proposal the sign is left to the hash, not to rounding.
        difference = np.where(np.abs(spent - origin) > 1.0, np.sign(spent - origin), 0.0)
        direction = difference * tie + np.where(difference == 0, 0.01 * hashed_direction(ids, seed, draws + 1), 0.0)
        pushed = near.farthest(direction)
        if pushed is None:
            return
        yield direction, pushed
        if distance(pushed, origin) <= distance(spent, origin) * (1 + 1e-9):
            return
        spent = pushed


def _gathered(
    bench: Bench, near: Near, plans: dict[str, Allocation], today: Allocation, fewest: Allocation | None
) -> Alternatives:
    everything = {**plans, TODAY: today}
    budget = bench.compiled.town.weights.budget
    spent = {name: money(plan) for name, plan in everything.items()}
    agreed = agreement(plans)
    rows = []
    for name, plan in everything.items():
        words = agreement({name: plan})
        measures = plan.measures
        if measures is None:
            continue
        rows.append(
            {
                "plan_id": name,
                "objective": plan.objective,
                "below_best": (bench.value - plan.objective) / max(abs(bench.value), 1e-12),
                "to_proposal_eur": distance(spent[name], spent[PROPOSAL]),
                "to_proposal_share": distance(spent[name], spent[PROPOSAL]) / max(budget, 1.0),
                "to_today_eur": distance(spent[name], spent[TODAY]),
                "raised": int(words["raised"].sum()),
                "lowered": int(words["lowered"].sum()),
                "parallel_structures": int(parallel_structures(bench.compiled, plan)["excess"].sum()),
                **{column: getattr(measures, column) for column in PLAN_COLUMNS[9:]},
            }
        )
    pairs = [
        {"plan_a": a, "plan_b": b, "euros": distance(spent[a], spent[b])}
        for place, a in enumerate(everything)
        for b in list(everything)[place + 1 :]
    ]
    closest = distance(money(fewest), spent[TODAY]) if fewest is not None else float("nan")
    return Alternatives(
        bench.scenario_id,
        near.within,
        bench.compiled.variant.case,
        plans,
        PLAN_COLUMNS.of(rows),
        Columns("plan_a", "plan_b", "euros").of(pairs),
        agreed,
        closest,
        budget,
    )
