"""Plan range: between which values of one number of the tables a plan exists, and which rules close each end.

How far the rules are from being kept together is measured in euros of giving way (``analyses.conflicts.elastic``): a
convex function of the side of a row, whose duals are its slope. From a value without a plan, the zero of that slope is
where the same proof no longer holds; followed from one proof to the next, the first value with a plan is the end itself
(Newton's method on a convex function). Where the number stands in the matrix (a unit cost, a demand) the slope bends,
and the end lies between a value with a plan and one without, closed in until they are as good as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocate.analyses.conflicts.clash import WORTHLESS
from allocate.analyses.conflicts.elastic import CLASH, Elastic
from allocate.analyses.conflicts.rule_names import RuleNames
from allocate.bench.widening import widen
from allocate.errors import InputError
from allocate.inputs.findings import errors, render
from allocate.inputs.scenario.variant import Variant
from allocate.language import Texts
from allocate.model.compile import compile_variant
from allocate.model.rules.register import way_of
from allocate.model.rules.rule import FLOORS
from allocate.solve.certify import dual_bound
from allocate.solve.solution import Limits, Solution, Status

TEXTS = Texts("allocate.analyses.margins", "texts_range.csv")
# How near to an end its value is known, as a share of what was asked about.
NEAR = 1e-6
# So many values are looked at for one end; then the nearest one with a plan is given.
MOST = 30
# What people discuss is named first, the background of a clash is counted.
NAMED = 2


@dataclass(frozen=True, eq=False)
class End:
    """One end: the last value with a plan, and why there is none beyond it.

    ``open``: nothing closes it as far as was asked. ``rules``: numbers of rules that clash beyond, in ``names``;
    ``refused``: what the checks of the tables say of the values beyond.
    """

    value: float
    open: bool = True
    rules: tuple[int, ...] = ()
    names: RuleNames | None = None
    refused: InputError | None = None

    def why(self, lang: str) -> str:
        """The rules that cannot be kept beyond the end, as part of a sentence; blank for an open end."""
        if self.refused is not None:
            found = self.refused.findings
            told = [] if found is None else render(errors(found), lang)["message"].tolist()
            return str(told[0]) if told else self.refused.sentence(lang)
        if self.names is None:
            return ""
        told = self.names.table(self.rules[:NAMED], lang)["name"].tolist()
        more = len(self.rules) - len(told)
        return "; ".join([*map(str, told), *([TEXTS.say("more", lang, n=more)] if more else [])])

    def sentence(self, side: str, value: str, lang: str) -> str:
        """What closes the end; ``side`` is ``low`` or ``high``, ``value`` the end as it is written."""
        if self.open:
            return TEXTS.say(f"{side}.open", lang, value=value)
        if self.refused is not None:
            return TEXTS.say(f"{side}.refused", lang, value=value, why=self.why(lang))
        count = {0: "unknown", 1: "one"}.get(len(self.rules), "many")
        return TEXTS.say(f"{side}.{count}", lang, value=value, rules=self.why(lang))


@dataclass(frozen=True, eq=False)
class PlanRange:
    """Both ends; None where no value that was tried has a plan. ``divisible``: False where offers are whole in the
    scenario and were taken as divisible here, so that a plan of whole offers may need more.
    """

    lowest: End | None
    highest: End | None
    divisible: bool = True


@dataclass(frozen=True, eq=False)
class _Probe:
    """A value and what it costs to reconcile the rules there (``found``, EUR; 0: a plan exists)."""

    value: float
    elastic: Elastic | None = None
    found: Solution | None = None
    refused: InputError | None = None

    @property
    def price(self) -> float:
        optimal = self.found is not None and self.found.status is Status.OPTIMAL
        return self.found.objective if self.found is not None and optimal else np.inf

    @property
    def has_plan(self) -> bool:
        return self.price <= CLASH

    def proof_at(self, other: _Probe) -> float:
        """What the duals of this value prove about the price at another one, EUR; NaN where they prove nothing."""
        if self.found is None or self.found.row_dual is None or other.elastic is None:
            return np.nan
        # An offer without any capacity has no rows: its program is another one.
        same = len(self.found.row_dual) == other.elastic.program.row_count
        return dual_bound(other.elastic.program, self.found.row_dual) if same else np.nan


def plan_range(
    at: Callable[[float], Variant],
    inside: Sequence[float],
    lowest: float,
    highest: float,
    own: tuple[tuple[str, ...], str] = ((), ""),
    limits: Limits | None = None,
) -> PlanRange:
    """The range of a number between ``lowest`` and ``highest`` in which plans exist.

    ``at`` gives the town with the number set and may raise ``InputError``. ``inside`` are values to begin with, the
    likeliest first. ``own`` are the rules that the number itself is (kinds, id), which explain nothing. A solve that
    ``limits`` stop counts as one without an answer, and the range ends before it.
    """
    search = _Search(at, own, limits)
    start = next((one for one in map(search.probe, dict.fromkeys([*inside, highest, lowest])) if one.has_plan), None)
    if start is None:
        return PlanRange(None, None, search.divisible)
    near = NEAR * (highest - lowest)
    return PlanRange(search.end(start, lowest, near), search.end(start, highest, near), search.divisible)


class _Search:
    """Values that were looked at, for both ends of one range."""

    def __init__(self, at: Callable[[float], Variant], own: tuple[tuple[str, ...], str], limits: Limits | None) -> None:
        self._at, self._own, self._limits = at, own, limits
        self.divisible = True

    def probe(self, value: float) -> _Probe:
        """Whether there is a plan at a value, and what says so."""
        try:
            variant = self._at(value)
        except InputError as refused:
            return _Probe(value, refused=refused)
        if variant.scenario.indivisible:
            self.divisible = False
            variant = replace(variant, scenario=replace(variant.scenario, indivisible=False))
        compiled = compile_variant(variant)
        elastic = Elastic(widen(compiled), self._limits)
        return _Probe(value, elastic, elastic.clash(np.zeros(len(elastic.widened.rules), dtype=bool)))

    def end(self, start: _Probe, far: float, near: float) -> End:
        """The end on the side of ``far``, seen from a value with a plan."""
        good, bad = start, self.probe(far)
        if bad.has_plan:
            return End(far)
        before = bad
        for number in range(MOST):
            if abs(bad.value - good.value) <= 2 * near:
                break
            # A zero of the price that is known already is an end where there is no plan a little beyond it.
            zero = _zero(bad, good, before, number)
            beyond = good.value + np.sign(bad.value - good.value) * near
            middle = self.probe(zero if abs(zero - good.value) > near else float(beyond))
            if middle.has_plan:
                good = middle
                if abs(bad.proof_at(middle)) <= CLASH:
                    break
            else:
                before, bad = bad, middle
        return self._closed(good, bad)

    def _closed(self, good: _Probe, bad: _Probe) -> End:
        if bad.elastic is None or bad.found is None or bad.found.row_dual is None:
            return End(good.value, open=False, refused=bad.refused)
        widened = bad.elastic.widened
        kind, id = widened.rules.kind, widened.rules.id
        # What the duals give no price takes no part: the same duals prove the clash of the others.
        rules = np.flatnonzero(bad.elastic.worth(bad.found) > WORTHLESS)
        rules = rules[~np.isin(kind[rules].astype(str), self._own[0]) | (id[rules] != self._own[1])]
        # Which minimum cannot be kept says more than how much the other pots have.
        ways = {rule: way_of(str(kind[rule])) for rule in rules.tolist()}
        ordered = sorted(ways, key=lambda rule: (ways[rule].lever != FLOORS, ways[rule].discussed))
        return End(good.value, False, tuple(ordered), RuleNames(widened.compiled, widened.rules))


def _zero(bad: _Probe, good: _Probe, before: _Probe, number: int) -> float:
    """Where the price falls to nothing, taken as straight.

    In turns by the proof of ``bad`` (exact where the number is the side of a row), by the value without a plan found
    ``before`` it (near where the price bends), and the middle (for every other case).
    """
    middle, turn = (good.value + bad.value) / 2, number % 3
    if not bad.price < np.inf or turn == 2:
        return middle
    proven = bad.proof_at(good)
    if turn == 0 and proven < bad.price:
        zero = bad.value + min(1.0, bad.price / (bad.price - proven)) * (good.value - bad.value)
    elif bad.price < before.price < np.inf:
        zero = bad.value + bad.price / (before.price - bad.price) * (bad.value - before.value)
    else:
        return middle
    return float(np.clip(zero, min(bad.value, good.value), max(bad.value, good.value)))
