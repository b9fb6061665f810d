"""Planning: the questions that make plans - of several scenarios, of goals, of budgets, of years, of many values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Self, overload

from allocate import session
from allocate.arguments import Count, NotNegative, arguments_checked
from allocate.model.own_rules import Extra
from allocate.questions.limits import Groups, Years
from allocate.questions.progress import Progress, several, span_of, told
from allocate.questions.question import question
from allocate.results.runs import Runs
from allocate.solve.turns import in_turn

if TYPE_CHECKING:
    from allocate.analyses.comparison.compare import Comparison
    from allocate.analyses.margins.sweep import Sweep
    from allocate.analyses.paths.compared import PathComparison
    from allocate.analyses.tradeoffs.goals import GoalOrder
    from allocate.analyses.tradeoffs.ladder import Ladder
    from allocate.analyses.tradeoffs.targets import LeastCost
    from allocate.analyses.transition.year_by_year import Transition
    from allocate.results.allocation import Allocation

ORDER = "coverage,duplication,equity,movement,cost"


class Planning(session.Session):
    """A session that makes plans of every kind."""

    @arguments_checked
    @in_turn
    def run(self, scenario_id: str, *, extra: Extra | None = None) -> Allocation:
        """The plan of one scenario: optimised, certified, canonical; or the judged status quo.

        ``extra`` gets a ``Model`` and adds rules and aims of its own, which the plan meets and its message names.
        Raises ``UsageError``, ``CertificateError``.

        >>> def modest(model):
        ...     model.add_rule("modest", model.cost["B"].sum() <= 2500, words="B costs 2,500 EUR at most")
        >>> plan = session.run("pooled", extra=modest)
        >>> float(plan.offers["cost_eur"][1].round(6)), plan.message()
        (2500.0, 'With the own rule modest: B costs 2,500 EUR at most.')
        """
        if extra is None:
            return super().run(scenario_id)
        from allocate.questions.own_rules import run_with

        return run_with(self, scenario_id, extra)

    @arguments_checked
    def with_rules(self, extra: Extra) -> Self:
        """A session on the same case in which own rules hold, whatever it is asked, and are named in every answer.

        The same as ``extra=`` of every question, for many questions. Raises ``UsageError`` as the questions do.

        >>> def modest(model):
        ...     model.add_rule("modest", model.cost["B"].sum() <= 2500, words="B costs 2,500 EUR at most")
        >>> session.with_rules(modest).frontier("pooled", against="moved").own_rules()
        ['With the own rule modest: B costs 2,500 EUR at most.']
        """
        from allocate.questions.own_rules import holding

        return holding(self, extra)

    @question
    def runs(self, *scenarios: str, extra: Extra | None = None, progress: Progress = None) -> Runs:
        """The plans of several scenarios (none named: all), each once, in the order asked: ``allocate run``.

        Raises ``UsageError`` for an unknown scenario before anything is solved, ``CertificateError``.

        >>> session.runs("pooled", "silo").measures["status"].tolist()
        ['optimal', 'optimal']
        """
        wanted = list(dict.fromkeys(scenarios)) or self.scenario_ids
        for id in wanted:
            self.variant(id)
        plans = {}
        with told(progress) as step:
            for id in wanted:
                step(id)
                plans[id] = self.run(id)
        return Runs(self.case, self.fingerprint, plans)

    @overload
    def compare(
        self,
        *scenarios: str,
        attribution: bool = False,
        groups: Groups = 8,
        years: None = None,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Comparison: ...
    @overload
    def compare(
        self, *scenarios: str, years: Years, extra: Extra | None = None, progress: Progress = None
    ) -> PathComparison: ...
    @question
    def compare(
        self,
        *scenarios: str,
        attribution: bool = False,
        groups: Groups = 8,
        years: Years | None = None,
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Comparison | PathComparison:
        """Scenarios (none named: all) beside the status quo: who gains, where money comes from: ``allocate compare``.

        ``attribution``: also what each change of a scenario against its parent does, in at most ``groups`` groups.
        ``years`` (``2027-2030``): their paths over these years side by side instead.
        Raises ``UsageError``, ``InputError`` for changes that cannot be carried out, ``CertificateError``.

        >>> session.compare("pooled").gains[["id", "coverage_change"]].shape[1]
        2
        """
        from allocate.analyses.comparison.compare import compare
        from allocate.analyses.paths.compared import compare_paths

        span = span_of(years)
        with told(progress) as step:
            if span is not None:
                return compare_paths(self, scenarios, span, step=step)
            return compare(self, scenarios, attributed=attribution, most_groups=groups, step=step)

    @overload
    def goals(self, scenario: str, *, order: str = ORDER, extra: Extra | None = None) -> GoalOrder: ...
    @overload
    def goals(self, scenario: str, *, target: str | Sequence[str], extra: Extra | None = None) -> LeastCost: ...
    @question
    def goals(
        self, scenario: str, *, order: str = ORDER, target: str | Sequence[str] = (), extra: Extra | None = None
    ) -> GoalOrder | LeastCost:
        """The plan of goals strictly in ``order``, or the least money that reaches each ``target``: ``allocate goals``.

        ``order``: ``coverage:0.01,equity,cost``; ``target``: ``space:*=0.5``. Raises ``UsageError``,
        ``CertificateError``.

        >>> session.goals("pooled", order="equity,cost").stages["goal"].tolist()
        ['equity', 'cost']
        """
        from allocate.analyses.tradeoffs.goals import in_order, parse_order
        from allocate.analyses.tradeoffs.targets import least_cost, parse_target

        targets = several(target)
        if targets:
            return least_cost(self, scenario, [parse_target(word) for word in targets])
        return in_order(self, scenario, parse_order(order))

    @question
    def ladder(
        self,
        scenario: str,
        *,
        step: NotNegative | Sequence[NotNegative] = (),
        pot: str | Sequence[str] = (),
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Ladder:
        """Nested plans from small to large budgets, and the price of that steadiness: ``allocate ladder``.

        ``step``: budgets in per cent of the pots that vary (``pot``; none: all). Raises ``UsageError``,
        ``CertificateError``.

        >>> session.ladder("pooled", step=(90, 100)).steps["budget_share"].tolist()
        [0.9, 1.0]
        """
        from allocate.analyses.tradeoffs.ladder import DEFAULT_STEPS, ladder

        steps = step if isinstance(step, Collection) else [step]
        shares = [one / 100 for one in steps] or list(DEFAULT_STEPS)
        with told(progress) as tick:
            return ladder(self, scenario, shares, several(pot), step=tick)

    @question
    def sweep(
        self,
        scenario: str,
        *,
        change: str | Sequence[str],
        over: str | Sequence[float],
        executor: str = "serial",
        extra: Extra | None = None,
        progress: Progress = None,
    ) -> Sweep:
        """A plan for every value of the number ``{x}`` in ``change``: ``allocate sweep``.

        ``over``: ``0.9:1.1:0.05``, ``0;100;250`` or the values themselves. ``executor``: ``serial``, ``threads:N``,
        ``processes:N`` or ``dask://host:port`` (processes need the caller's own code below
        ``if __name__ == "__main__":``). Raises ``UsageError``, ``InputError`` where the changes fit for no value,
        ``CertificateError``.

        >>> session.sweep("pooled", change="pots:*:amount*{x}", over=(0.9, 1)).steps["value"].tolist()
        [0.9, 1.0]
        """
        from contextlib import closing

        from allocate.analyses.margins.sweep import sweep
        from allocate.analyses.workers.executors import executor_named
        from allocate.inputs.reading.placeholders import values_over, written

        values = values_over(over if isinstance(over, str) else ";".join(map(written, over)))
        with closing(executor_named(executor)) as worker, told(progress) as step:
            return sweep(self, scenario, several(change), values, executor=worker, step=step)

    @question
    def transition(
        self,
        scenario: str,
        *,
        years: Years | None = None,
        decided: str = "",
        delay: Count | Sequence[Count] = (),
        extra: Extra | None = None,
    ) -> Transition:
        """The path from today to the plan, year by year, and what a delay costs: ``allocate transition``.

        ``years``: ``2027-2030`` or the first and the last; ``decided``: the month from which the decision takes effect
        (``2027-04``); ``delay``: months by which it may come later. Raises ``UsageError``, ``CertificateError``.

        >>> session.transition("pooled", years=(2027, 2028)).years["year"].tolist()
        [2027, 2028]
        """
        from allocate.analyses.transition.year_by_year import DELAYS, transition
        from allocate.inputs.months import typed_month

        span = span_of(years)
        asked = tuple(delay) if isinstance(delay, Collection) else (delay,)
        later = tuple(months for months in asked if months > 0) if asked else DELAYS
        return transition(self, scenario, span, decided=typed_month(decided), delays=later)
