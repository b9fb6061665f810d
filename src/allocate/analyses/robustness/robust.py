"""``robust``: whether a proposal holds when weights, needs and costs are not what they were thought to be.

Four parts, in this order: other weights, the compromise between weight sets, chance, and the figures that would turn a
decision first. Each stands by itself, so that an interrupted run shows the parts that are known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import pandas as pd

from allocate.analyses.robustness import draw_runs, weight_runs
from allocate.analyses.robustness.chance import Spreads, draws
from allocate.analyses.robustness.draw_runs import asked, quantiles
from allocate.analyses.robustness.hedged import hedged_plan
from allocate.analyses.robustness.replan import Replanned, Replanner
from allocate.analyses.robustness.robust_words import sentences
from allocate.analyses.robustness.set_regret import SetRegret, set_regret
from allocate.analyses.robustness.stability import DRAWS, SETS, WEIGHTS, stability
from allocate.analyses.robustness.turning import Turning, turning
from allocate.analyses.robustness.weight_runs import NEED
from allocate.bench.resolve import Bench
from allocate.bench.weighting import weight_sets_of, weights_of
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.ledger import funding_of
from allocate.results.told import Told
from allocate.session import Session

BY_RUN = Columns("kind", "run_id", "offer_id", "capacity", "cost_eur", "direction")
type Progress = Callable[[str], None]
RANGE_COLUMNS = Columns("cause", "plan", "runs", "without_plan", "promised", "low", "middle", "high", "worst_regret")


@dataclass(frozen=True)
class Settings(Told):
    """How far to look.

    ``spread``: weights of needs and single figures are moved by so much up and down (0..1); ``runs`` draws of chance
    from ``seed`` within ``chance`` (docs/robust.md has the distributions); ``inputs``: how many figures are searched
    for turning points, those with the most money behind them; ``turning``: how many turning points are settled.
    """

    JSON: ClassVar = (
        "runs", "seed", "spread", "inputs", "turning", "demand_spread=chance.demand", "cost_spread=chance.cost",
    )  # fmt: skip

    runs: int = 100
    seed: int = 1
    spread: float = 0.3
    chance: Spreads = field(default_factory=Spreads)
    inputs: int = 200
    turning: int = 10


@dataclass(frozen=True, eq=False, repr=False)
class Robustness(Told):
    """What would become of a scenario's proposal.

    ``offers`` (``stability.OFFER_COLUMNS``): how sure each offer's direction is; ``ranges`` (``RANGE_COLUMNS``): the
    weighted coverage by the scenario's own weights over the runs; ``weights`` (``weight_runs.RUN_COLUMNS``);
    ``regret``: the compromise between weight sets (None where there is only one, and in an indivisible scenario);
    ``draws`` and ``quantiles`` (``draw_runs``); ``hedged``: the plan made for chance in demand (None without draws, and
    in an indivisible scenario); ``turning``: the figures that turn a decision first (None where none
    were asked for, and in an indivisible scenario). ``complete`` is False where the work was interrupted.
    ``offers_by_run`` (``BY_RUN``, not in the JSON): what becomes of every offer in every run that has a plan.
    """

    JSON: ClassVar = (
        "sentences", "scenario_id", "settings", "complete", "offers", "ranges", "weights", "regret", "draws",
        "quantiles", "hedged", "turning",
    )  # fmt: skip

    scenario_id: str
    settings: Settings
    proposal: Allocation
    offers: pd.DataFrame
    ranges: pd.DataFrame
    weights: pd.DataFrame
    regret: SetRegret | None
    draws: pd.DataFrame
    quantiles: pd.DataFrame
    turning: Turning | None
    hedged: Allocation | None = None
    indivisible: bool = False
    complete: bool = True
    offers_by_run: pd.DataFrame = field(default_factory=BY_RUN.of)

    def sentences(self, lang: str = "en") -> list[str]:
        """What a decision-maker should know, the most important first."""
        return sentences(self, lang)


def robust(
    session: Session, scenario_id: str, settings: Settings | None = None, *, progress: Progress | None = None
) -> Robustness:
    """How robust a scenario's proposal is.

    ``progress`` is called with a name before each step (``steps`` says how many there may be). A ``KeyboardInterrupt``
    ends the work; what is known by then is returned. Raises ``UsageError`` where there is no proposal.
    """
    work = _Work(session, scenario_id, settings or Settings(), progress or (lambda _name: None))
    complete = True
    try:
        work.other_weights()
        work.compromise()
        work.chance()
        work.turning_points()
    except KeyboardInterrupt:
        complete = False
    return work.answer(complete)


def steps(session: Session, scenario_id: str, settings: Settings) -> int:
    """The most steps that ``robust`` may take."""
    variant = session.variant(scenario_id)
    sets = len(weight_sets_of(variant.case))
    searched = 2 * settings.inputs if settings.turning and settings.spread and not variant.scenario.indivisible else 0
    return 2 * len(weights_of(variant.case)) + sets - 1 + (sets + 1 if sets > 1 else 0) + settings.runs + 1 + searched


class _Work:
    """Collects what is known, part by part."""

    def __init__(self, session: Session, scenario_id: str, settings: Settings, step: Progress) -> None:
        self.session, self.scenario_id, self.settings, self.step = session, scenario_id, settings, step
        self.replanner = Replanner(Bench(session, scenario_id))
        self.plans: dict[str, list[Replanned]] = {WEIGHTS: [], SETS: [], DRAWS: []}
        self.weight_rows: list[Record] = []
        self.by_run: list[pd.DataFrame] = []
        self.draw_rows: list[Record] = []
        self.regret: SetRegret | None = None
        self.turning: Turning | None = None
        self.hedged: Allocation | None = None

    @cached_property
    def hedged_form(self) -> Replanned | None:
        """The hedged plan as a plan to be kept."""
        return None if self.hedged is None else self.replanner.as_plan(self.hedged)

    def other_weights(self) -> None:
        """Every need heavier and lighter, and every other weight set."""
        proposal = self.replanner.proposal
        for run in weight_runs.weight_runs(self.replanner, self.settings.spread):
            self.step(run.run_id)
            then = self.replanner.plan(run.variant)
            if then is not None:
                self.weight_rows.append(weight_runs.run_row(run, then, proposal))
                self.keep(WEIGHTS if run.kind == NEED else SETS, run.run_id, then)

    def keep(self, kind: str, run_id: str, then: Replanned) -> None:
        """The plan of one run."""
        self.plans[kind].append(then)
        ids = then.compiled.town.offers.ids
        columns = (kind, run_id, ids, then.capacity, then.cost, then.directions.reindex(ids).to_numpy())
        self.by_run.append(pd.DataFrame(dict(zip(BY_RUN, columns, strict=True))))

    def compromise(self) -> None:
        """The least regret over all weight sets, where there is more than one."""
        if not self.replanner.bench.is_mixed_integer:
            self.regret = set_regret(self.session, self.scenario_id, progress=self.step)

    def chance(self) -> None:
        """The plan made for chance; then every draw: the proposal and that plan kept, and planned again."""
        settings, bench = self.settings, self.replanner.bench
        money = funding_of(bench.compiled.town, bench.plan)
        if settings.runs and settings.chance.demand > 0 and not bench.is_mixed_integer:
            self.step(draw_runs.HEDGED)
            self.hedged = hedged_plan(bench.compiled, settings.chance.demand, settings.seed, self.session.limits)
        for draw in draws(self.replanner.variant.case, settings.runs, settings.seed, settings.chance):
            self.step(f"draw {draw.number}")
            found = asked(self.replanner, draw, money, self.hedged_form)
            self.draw_rows.append(found.row)
            if found.plan is not None:
                self.keep(DRAWS, f"draw {draw.number}", found.plan)

    def turning_points(self) -> None:
        """The figures that turn a decision first."""
        settings = self.settings
        searched = settings.inputs and settings.turning and settings.spread > 0
        if searched and not self.replanner.bench.is_mixed_integer:
            self.turning = turning(
                self.replanner, most=settings.spread, limit=settings.inputs, count=settings.turning, progress=self.step
            )

    def answer(self, complete: bool) -> Robustness:
        """Everything known, in tables."""
        proposal = self.replanner.proposal
        drawn = draw_runs.DRAW_COLUMNS.of(self.draw_rows)
        weights = weight_runs.RUN_COLUMNS.of(self.weight_rows)
        return Robustness(
            scenario_id=self.scenario_id,
            settings=self.settings,
            proposal=self.replanner.bench.plan,
            offers=stability(proposal, self.plans),
            ranges=ranges(proposal, weights, drawn, self.hedged_form if len(drawn) else None),
            weights=weights,
            regret=self.regret,
            draws=drawn,
            quantiles=quantiles(drawn, proposal, self.hedged_form if len(drawn) else None),
            hedged=self.hedged,
            turning=self.turning,
            indivisible=self.replanner.bench.is_mixed_integer,
            complete=complete and (self.turning is None or self.turning.complete),
            offers_by_run=pd.concat([BY_RUN.of(), *self.by_run], ignore_index=True),
        )


def ranges(
    proposal: Replanned, weights: pd.DataFrame, drawn: pd.DataFrame, hedged: Replanned | None = None
) -> pd.DataFrame:
    """Weighted coverage (by the scenario's own weights) over the runs, ``RANGE_COLUMNS``.

    ``cause``: need_weights | weight_sets | draws; ``plan``: replanned | kept | hedged (that plan, kept). ``low`` and
    ``high`` are the least and the largest value, of draws the 5 and 95 per cent quantiles; ``middle`` the median;
    ``worst_regret``: the most that the kept proposal loses against the run's best plan, as a share of that (of weights
    only: in a draw the two keep different rules). Kinds without a run are left out.
    """
    promised = proposal.measures.weighted_coverage
    rows = []
    for source, kind in ((WEIGHTS, NEED), (SETS, weight_runs.SET)):
        own = weights[weights["kind"] == kind]
        if len(own):
            covered, worst = own["weighted_coverage"].astype(float), float(own["regret_share"].max())
            spread = (covered.min(), covered.median(), covered.max())
            rows.append((source, draw_runs.REPLANNED, len(own), 0, promised, *spread, worst))
    kinds = [draw_runs.KEPT, *([draw_runs.HEDGED] if hedged else []), draw_runs.REPLANNED]
    for plan in kinds if len(drawn) else ():
        covered = drawn[f"{plan}_weighted_coverage"].astype(float).dropna()
        without = len(drawn) - len(covered)
        low, middle, high = covered.quantile([0.05, 0.5, 0.95]).tolist() if len(covered) else (float("nan"),) * 3
        said = hedged.measures.weighted_coverage if hedged and plan == draw_runs.HEDGED else promised
        rows.append((DRAWS, plan, len(drawn), without, said, low, middle, high, float("nan")))
    return RANGE_COLUMNS.of(rows)
