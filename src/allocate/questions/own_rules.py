"""Own rules and aims: what an analyst adds to a scenario's program, solved, certified and named with the rest.

def few(model):
    model.add_rule("few", model.changed_offers.sum() <= 8, words={"de": "...", "en": "..."})
    model.add_aim("local", model.funding["P1"].sum(), weight=1e-9)

session.run("SZ2", extra=few)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from allocate.bench.proposals import Answer, proposal, solve_proven
from allocate.bench.recast import NewColumns, extended
from allocate.errors import CertificateError, UsageError, expect
from allocate.language import LANGUAGES
from allocate.model.compile import Compiled
from allocate.model.program import Block, LinearProgram
from allocate.results.allocation import Allocation, Note, without_plan
from allocate.session import Session
from allocate.solve.certify import OPTIMALITY
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Status
from allocate.solve.value import value_of
from allocate.town.arrays import Floats, Ints

CHANGED, RISE, FALL = "changed", "changed_rise", "changed_fall"
type Words = Mapping[str, str] | str


@dataclass(frozen=True, eq=False)
class Terms:
    """Linear expressions in the columns of a program, one for every key: entries (expression, column, factor)."""

    keys: tuple[tuple[str, ...], ...]
    row: Ints
    column: Ints
    factor: Floats
    constant: Floats

    def __getitem__(self, ids: str | tuple[str, ...]) -> Terms:
        """Those whose key begins with these ids. Raises ``UsageError`` where there is none."""
        wanted = (ids,) if isinstance(ids, str) else ids
        kept = np.array([key[: len(wanted)] == wanted for key in self.keys], dtype=bool)
        if not kept.any():
            raise UsageError("own-nothing", ids=" ".join(wanted))
        place, inside = np.cumsum(kept) - 1, kept[self.row]
        keys = tuple(key for key, is_one in zip(self.keys, kept, strict=True) if is_one)
        return Terms(keys, place[self.row[inside]], self.column[inside], self.factor[inside], self.constant[kept])

    def sum(self) -> Terms:
        """All of them added up."""
        return Terms(((),), np.zeros_like(self.row), self.column, self.factor, self.constant.sum(keepdims=True))

    def __mul__(self, factor: float) -> Terms:
        return replace(self, factor=self.factor * factor, constant=self.constant * factor)

    __rmul__ = __mul__

    def __neg__(self) -> Terms:
        return self * -1.0

    def __add__(self, other: Terms | float) -> Terms:
        if not isinstance(other, Terms):
            return replace(self, constant=self.constant + other)
        if len(other.keys) != len(self.keys):
            raise UsageError("own-lengths", one=len(self.keys), other=len(other.keys))
        joined = [np.concatenate(pair) for pair in ((self.row, other.row), (self.column, other.column))]
        factor = np.concatenate([self.factor, other.factor])
        return Terms(self.keys, joined[0], joined[1], factor, self.constant + other.constant)

    __radd__ = __add__

    def __sub__(self, other: Terms | float) -> Terms:
        return self + -other

    def __le__(self, other: Terms | float) -> Condition:
        return Condition(self - other, -np.inf, 0.0)

    def __ge__(self, other: Terms | float) -> Condition:
        return Condition(self - other, 0.0, np.inf)

    def equals(self, other: Terms | float) -> Condition:
        """The condition that both are the same."""
        return Condition(self - other, 0.0, 0.0)

    def at(self, x: Floats) -> Floats:
        """Their values in a point."""
        return np.bincount(self.row, self.factor * x[self.column], minlength=len(self.keys)) + self.constant


@dataclass(frozen=True)
class Condition:
    """``least <= terms <= most``."""

    terms: Terms
    least: float
    most: float

    def block(self, name: str) -> Block:
        """The rows of the condition; entries of one column are added up."""
        own = self.terms
        width = int(own.column.max(initial=0)) + 1
        where, place = np.unique(own.row * width + own.column, return_inverse=True)
        factor = np.bincount(place, own.factor, minlength=len(where))
        keys = (np.array([" ".join(key) or name for key in own.keys], dtype=object),)
        bounds = (self.least - own.constant, self.most - own.constant)
        return Block(name, keys, *bounds, where // width, where % width, factor)


class Model:
    """A scenario's program, to be read and added to.

    ``use`` (offer, space; capacity units/year), ``capacity`` (offer), ``funding`` (pot, offer; EUR/year), ``covered``
    (space, need, segment; need units/year), ``reserve`` and ``duplication`` (space, need), ``release`` (offer; EUR/year
    below today's cost) and ``least`` (coverage of the least covered space) are its columns (docs/model.md); ``cost`` is
    what every offer costs (EUR/year); ``changed_offers`` is 1 where an offer does not cost what it costs today.
    """

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._rules: list[tuple[str, Condition, Words]] = []
        self._aims: list[tuple[str, Terms, float, Words]] = []
        self._has_switches = False
        for family in compiled.program.columns_index.families:
            count = len(family)
            keys = tuple(family.key(position) for position in range(count))
            own = np.arange(count)
            setattr(self, family.name, Terms(keys, own, family.start + own, np.ones(count), np.zeros(count)))

    def __getattr__(self, name: str) -> Terms:
        known = ", ".join(["changed_offers", "cost", *(f.name for f in self._compiled.program.columns_index.families)])
        raise AttributeError(f"no columns {name!r}, only: {known}")

    @cached_property
    def cost(self) -> Terms:
        """EUR/year of every offer."""
        ids = self._compiled.town.offers.ids
        own = np.arange(len(ids))
        entries = self._compiled.cost_entries(own, own, np.ones(len(ids)))
        row, column, factor = (np.concatenate(parts) for parts in zip(*entries, strict=True))
        return Terms(tuple((str(id),) for id in ids), row, column, factor, np.zeros(len(ids)))

    @cached_property
    def changed_offers(self) -> Terms:
        """1 where an offer costs more or less than today, else 0 (the program gets whole numbers by that)."""
        self._has_switches = True
        count, first = len(self.cost.keys), self._compiled.program.column_count
        return Terms(self.cost.keys, np.arange(count), first + np.arange(count), np.ones(count), np.zeros(count))

    def add_rule(self, name: str, condition: Condition, words: Words = "") -> None:
        """A rule that every plan must meet; ``words`` say it, one text or one for each language."""
        expect(condition, Condition, name)
        self._rules.append((name, condition, _in_both(words or name)))

    def add_aim(self, name: str, terms: Terms, weight: float, words: Words = "") -> None:
        """An aim beside the objective: ``weight`` points of it for every unit of ``terms``, more is better."""
        expect(terms, Terms, name)
        self._aims.append((name, terms.sum(), weight, _in_both(words or name)))

    def program(self) -> LinearProgram:
        """The scenario's program with these rules and aims."""
        own = self._compiled.program
        blocks = [condition.block(name) for name, condition, _ in self._rules]
        new = [self._switches()] if self._has_switches else []
        links = self._links() if self._has_switches else []
        program = extended(own, new, [*links, *blocks])
        cost, offset = program.cost.copy(), program.offset
        for _, terms, weight, _ in self._aims:
            np.add.at(cost, terms.column, -weight * terms.factor)
            offset -= weight * float(terms.constant[0])
        whole = np.zeros(program.column_count, dtype=bool)
        whole[own.column_count :] = True
        return replace(program, cost=cost, offset=offset, integer=program.integer | whole)

    def notes(self, x: Floats | None) -> tuple[Note, ...]:
        """Every own rule and aim in words, with its value where there is a plan."""
        found = [Note("own-rule", {"name": name, "words": words}) for name, _, words in self._rules]
        for name, terms, weight, words in self._aims:
            if x is not None:
                value = float(terms.at(x)[0])
                found.append(Note("own-aim", {"name": name, "words": words, "weight": f"{weight:g}", "value": value}))
        return tuple(found)

    def _switches(self) -> NewColumns:
        ids, count = self._compiled.town.offers.ids, len(self.cost.keys)
        return NewColumns(CHANGED, (ids,), np.zeros(count), np.zeros(count), np.ones(count))

    def _links(self) -> list[Block]:
        """cost - today <= (most - today) changed,  today - cost <= (today - least) changed; EUR/year."""
        town, switch = self._compiled.town, self.changed_offers
        today = np.nan_to_num(town.offers.baseline_cost)
        most = np.maximum(town.cost_of(town.offers.max_capacity), today)
        rise = self.cost - _constants(self.cost, today) - _times(switch, most - today)
        fall = _constants(self.cost, today) - self.cost - _times(switch, today)
        return [(rise <= 0.0).block(RISE), (fall <= 0.0).block(FALL)]


type Extra = Callable[[Model], None]


def run_with(session: Session, scenario_id: str, extra: Extra) -> Allocation:
    """The plan of a scenario that also meets own rules and counts own aims, with both named in its notes.

    Its objective and measures are those of the case; its certificate is that of the program with own rules and aims.
    Raises ``UsageError`` for a scenario that only judges (judges-only) or is indivisible (divisible-only), and
    ``CertificateError``.
    """
    if not callable(extra):
        raise UsageError("type-unexpected", place="extra", expected="function", given=type(extra).__name__)
    compiled = session.compiled(scenario_id)
    if compiled.variant.scenario.evaluate:
        raise UsageError("judges-only", scenario=scenario_id)
    if compiled.program.is_mixed_integer:
        raise UsageError("divisible-only", scenario=scenario_id)
    model = Model(compiled)
    extra(model)
    program = model.program()
    answer, bound = _solved(program, session.limits, scenario_id)
    if answer is None:
        return without_plan(compiled.variant, Status.INFEASIBLE, Note("own-infeasible"), *model.notes(None))
    plan = proposal(compiled, answer, session.limits, model.notes(answer.x))
    if bound is None or plan.certificate is None:
        return plan
    # The whole numbers were chosen by the solver: how good they are, its own bound says.
    proven = replace(plan.certificate, bound=value_of(bound), gap=max(0.0, answer.least - bound))
    return replace(plan, certificate=proven, unique=False, notes=(*plan.notes, Note("own-whole")))


def _solved(program: LinearProgram, limits: Limits, scenario: str) -> tuple[Answer | None, float | None]:
    """The proven optimum; of a program with whole numbers that of the best ones, and the solver's bound."""
    if not program.is_mixed_integer:
        return solve_proven(program, limits, scenario=scenario), None
    found = LoadedProgram(program, limits).solve()
    if found.status is Status.INFEASIBLE:
        return None, None
    if found.status is Status.LIMIT or found.x is None:
        raise CertificateError("limit-reached", scenario=scenario)
    answer = solve_proven(program.with_integers_of(found.x), limits, scenario=scenario)
    if answer is None or answer.least - found.bound > max(OPTIMALITY, limits.mip_gap * abs(answer.least)):
        raise CertificateError("plan-not-verified", scenario=scenario, reason="whole numbers do not hold")
    return answer, min(found.bound, answer.least)


def _in_both(words: Words) -> Mapping[str, str]:
    """Words by language; where one is missing, those of another."""
    given = dict.fromkeys(LANGUAGES, words) if isinstance(words, str) else words
    return {lang: given.get(lang) or next(iter(given.values()), "") for lang in LANGUAGES}


def _constants(like: Terms, values: Floats) -> Terms:
    none = np.zeros(0, dtype=np.int64)
    return Terms(like.keys, none, none, np.zeros(0), values.astype(float))


def _times(terms: Terms, factors: Floats) -> Terms:
    return replace(terms, factor=terms.factor * factors[terms.row])
