"""Understanding: the questions about a plan - why, how sure, how fair, what else, what is in its way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import pandas as pd

from allocate import session
from allocate.arguments import Count, NotNegative, Positive, Share
from allocate.inputs.voices.ballots import Ballots
from allocate.inputs.voices.given import Files
from allocate.model.own_rules import Extra
from allocate.questions.limits import Axis, FairObjective, Method, Plans, Points, Ratio, Solves, Spread, Way, Years
from allocate.questions.progress import Progress, several, span_of, told
from allocate.questions.question import question

if TYPE_CHECKING:
    from allocate.analyses.alternatives.other_plans import Alternatives
    from allocate.analyses.conflicts.why_no_plan import Conflict
    from allocate.analyses.duplication.made_visible import Duplication
    from allocate.analyses.fairness.covered_how_well import Fairness
    from allocate.analyses.margins.marginal import Marginal
    from allocate.analyses.participation.group_answers import Participation
    from allocate.analyses.paths.clash import PathConflict
    from allocate.analyses.paths.values import PathValues
    from allocate.analyses.reasons.explain import Explanation
    from allocate.analyses.reasons.pricetags import PriceTags
    from allocate.analyses.robustness.robust import Robustness
    from allocate.analyses.silos.integration import Silos
    from allocate.analyses.tradeoffs.frontier import Frontier


class Understanding(session.Session):
    """A session that gives reasons."""

    @question
    def duplication(
        self,
        *scenarios: str,
        fewest: bool = False,
        within: Share = 0.01,
        seconds: Positive = 60.0,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Duplication:
        """Where money may be spent twice, today and in scenarios: ``allocate duplication``.

        ``fewest``: also how few parallel structures would do in plans at most ``within`` worse than the best, searched
        for ``seconds`` each. Raises ``UsageError``, ``CertificateError``.

        >>> session.duplication("pooled").totals["scenario_id"].tolist()[-1]
        'pooled'
        """
        from allocate.analyses.duplication.made_visible import duplication

        with told(progress) as step:
            return duplication(self, scenarios, fewest=fewest, within=within, seconds=seconds, step=step)

    @question
    def silos(self, scenario: str | None = None, *, extra: Extra | None = None) -> Silos:
        """What cooperation between departments is worth, and to whom: ``allocate silos``.

        ``scenario``: by default the first that is planned. Raises ``UsageError``, ``CertificateError``.

        >>> session.silos("silo").levels["level"].tolist()
        ['silo', 'coordinated', 'earmarks', 'pooled']
        """
        from allocate.analyses.silos.integration import silos

        return silos(self, scenario)

    @question
    def explain(
        self,
        scenario: str,
        *,
        offer: str = "",
        pot: str = "",
        space: str = "",
        floor: str = "",
        all: bool = False,
        brief: bool = False,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Explanation:
        """The reasons for what becomes of an offer (or in one space), a pot, a space, a floor: ``allocate explain``.

        ``all``: short cards of all offers; ``brief``: an offer without how it fares in other good plans. Raises
        ``UsageError`` where not exactly one thing is asked about, for an unknown id, and where there is no proposal.

        >>> session.explain("pooled", pot="P1").sentences()["kind"].tolist()[0]
        'pot'
        """
        from allocate.questions.reasons import explain

        ids = {"offer": offer, "pot": pot, "space": space, "floor": floor}
        with told(progress) as step:
            return explain(self, scenario, ids, everything=all, brief=brief, step=step)

    @overload
    def conflicts(self, scenario: str, *, years: None = None, extra: Extra | None = None) -> Conflict: ...
    @overload
    def conflicts(self, scenario: str, *, years: Years, extra: Extra | None = None) -> PathConflict: ...
    @question
    def conflicts(
        self, scenario: str, *, years: Years | None = None, extra: Extra | None = None
    ) -> Conflict | PathConflict:
        """Why a scenario has no plan, and what would help: ``allocate conflicts``.

        ``years`` (``2027-2030``): why its path over these years cannot keep all rules. Raises ``UsageError``,
        ``CertificateError``.

        >>> session.conflicts("pooled").is_feasible
        True
        """
        from allocate.analyses.conflicts.why_no_plan import conflicts
        from allocate.analyses.paths.clash import path_conflicts

        span = span_of(years)
        return conflicts(self, scenario) if span is None else path_conflicts(self, scenario, span)

    @question
    def frontier(
        self,
        scenario: str,
        *,
        against: Axis,
        exact: bool = False,
        gap: Share = 0.005,
        solves: Solves = 40,
        points: Points = 10,
        extra: Extra | None = None,
    ) -> Frontier:
        """What more of one goal costs in coverage: ``allocate frontier``.

        ``against``: ``duplication``, ``equity``, ``moved`` or ``budget``; ``gap``: the share of the curve's height to
        which it is proven with at most ``solves`` solves; ``exact``: every corner; ``points``: of an indivisible
        scenario. Raises ``UsageError``, ``CertificateError``.

        >>> session.frontier("pooled", against="moved").against
        'moved'
        """
        from allocate.analyses.tradeoffs.frontier import frontier

        return frontier(self, scenario, against, exact=exact, gap=gap, most_solves=solves, points=points)

    @question
    def fairness(
        self,
        scenario: str,
        *,
        target: Share = 0.6,
        burden: str | None = None,
        objective: FairObjective | None = None,
        no_curve: bool = False,
        extra: Extra | None = None,
    ) -> Fairness:
        """How fair a proposal is, and what fairness costs: ``allocate fairness``.

        ``target``: coverage that everybody should have (0..1); ``burden``: column of ``spaces`` that says who is
        burdened; ``objective``: also the plan of ``leximin``, ``balanced``, ``shortfall`` or ``lexicographic``. Raises
        ``UsageError``, ``CertificateError``.

        >>> session.fairness("pooled", no_curve=True).summary["when"].tolist()
        ['today', 'plan']
        """
        from allocate.analyses.fairness.covered_how_well import fairness

        return fairness(self, scenario, target=target, burden=burden, objective=objective, with_curve=not no_curve)

    @overload
    def alternatives(
        self,
        scenario: str,
        *,
        within: Share = 0.01,
        count: Plans = 4,
        seed: int = 1,
        prices: Literal[False] = False,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Alternatives: ...
    @overload
    def alternatives(
        self,
        scenario: str,
        *,
        prices: Literal[True],
        must: NotNegative = 0.5,
        may: NotNegative = 0.1,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> PriceTags: ...
    @question
    def alternatives(
        self,
        scenario: str,
        *,
        within: Share = 0.01,
        count: Plans = 4,
        seed: int = 1,
        prices: bool = False,
        must: NotNegative = 0.5,
        may: NotNegative = 0.1,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Alternatives | PriceTags:
        """Other plans almost as good, or (``prices``) the price tag of every offer: ``allocate alternatives``.

        ``within``: share of the objective that may be lost; ``count`` plans as far apart as possible; ``must`` and
        ``may``: from which share of its money's worth on an offer must be, up to which it may be. Raises
        ``UsageError``, ``CertificateError``.

        >>> session.alternatives("pooled", prices=True).offers.columns[0]
        'offer_id'
        """
        from allocate.analyses.alternatives.other_plans import alternatives
        from allocate.analyses.reasons.pricetags import price_tags

        with told(progress) as step:
            if prices:
                return price_tags(self, scenario, must=must, may=may, progress=step)
            return alternatives(self, scenario, within=within, count=count, seed=seed, progress=step)

    @question
    def robust(
        self,
        scenario: str,
        *,
        runs: Count = 100,
        seed: int = 1,
        spread: Spread = 0.3,
        demand_spread: NotNegative = 0.2,
        cost_spread: NotNegative = 0.05,
        inputs: Count = 200,
        turning: Count = 10,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Robustness:
        """Whether a proposal holds under other weights, needs and costs: ``allocate robust``.

        ``runs`` draws of chance from ``seed``; ``spread``: by how much weights and single figures move; ``inputs``:
        how many figures are searched for turning points, of which ``turning`` are settled. Raises ``UsageError``,
        ``CertificateError``.

        >>> session.robust("pooled", runs=2, inputs=0).offers.columns[0]
        'offer_id'
        """
        from allocate.analyses.robustness.chance import Spreads
        from allocate.analyses.robustness.robust import Settings, robust

        settings = Settings(runs, seed, spread, Spreads(demand_spread, cost_spread), inputs, turning)
        with told(progress) as step:
            return robust(self, scenario, settings, progress=step)

    @overload
    def marginal(
        self,
        scenario: str,
        *,
        step: Positive | None = None,
        pot: str | Sequence[str] = (),
        most: Count = 10,
        years: None = None,
        phases: Collection[str] | None = None,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Marginal: ...
    @overload
    def marginal(
        self,
        scenario: str,
        *,
        step: Positive | None = None,
        years: Years,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> PathValues: ...
    @question
    def marginal(
        self,
        scenario: str,
        *,
        step: Positive | None = None,
        pot: str | Sequence[str] = (),
        most: Count = 10,
        years: Years | None = None,
        phases: Collection[str] | None = None,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Marginal | PathValues:
        """What one more euro, one point less and every rule are worth: ``allocate marginal``.

        ``step`` in EUR/year (none: 1,000, or 10 places); where it goes is shown for ``pot`` (none: where it does most);
        ``most`` lines of each kind of rule; ``phases``: only these parts (``pots``, ``step``, ``idle``, ``floors``,
        ``rules``). ``years`` (``2027-2030``): what the step is worth in every pot and year of the path instead. Raises
        ``UsageError``, ``CertificateError``.

        >>> session.marginal("pooled", phases=("pots",)).pots["pot_id"].tolist()[0]
        'P1'
        """
        from allocate.analyses.margins.marginal import PHASES, marginal
        from allocate.analyses.paths.values import path_values

        asked, span = PHASES if phases is None else phases, span_of(years)
        with told(progress) as tick:
            if span is not None:
                return path_values(self, scenario, span, step_eur=step, busy=tick)
            return marginal(self, scenario, step_eur=step, pots=several(pot), most=most, phases=asked, busy=tick)

    @question
    def participation(
        self,
        scenario: str,
        *,
        ballots: Ballots | Files | None = None,
        method: Method = "",
        by: Way = "ballots",
        bound: Ratio | None = None,
        skip_invalid: bool = False,
        suggestions: pd.DataFrame | str | Path | None = None,
        suggest: str | Sequence[str] = (),
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Participation:
        """What groups would plan, and answers to suggestions: ``allocate participation``.

        ``ballots``: files, or what ``read_ballots`` gave; ``by``: ``ballots``, ``groups``, ``population`` or
        ``median``; ``suggest``: changes as of ``--change``. Raises ``UsageError``, ``InputError`` with all findings of
        ballots and suggestions, ``CertificateError``.

        >>> session.participation("pooled").scenario_id
        'pooled'
        """
        from allocate.analyses.participation.group_answers import participation
        from allocate.inputs.voices.given import ballots_of, suggestions_of

        cast = ballots_of(ballots, self.case, method, skip_invalid=skip_invalid)
        table = suggestions_of(suggestions, several(suggest))
        with told(progress) as step:
            return participation(self, scenario, ballots=cast, suggestions=table, way=by, bound=bound, progress=step)
