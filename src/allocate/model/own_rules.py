"""Own rules: what an analyst adds to the program of every scenario of a case, beside the rules of the register.

def few(model):
    model.add_rule("few", model.changed_offers.sum() <= 8, words={"de": "...", "en": "..."})
    model.add_aim("local", model.funding["P1"].sum(), weight=1e-9)

A rule that is linear in the columns is a family of rows more, wherever a program is made of the case (``with_own``): in
every scenario, draw, year and variant. Aims change what is best, and counting changed offers makes whole numbers of
a divisible program; ``questions.own_rules`` has the plans of such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from allocate.arguments import arguments_checked
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.language import LANGUAGES
from allocate.model.ground import Ground
from allocate.model.program import Block
from allocate.town.arrays import Floats, Ints

OWN = "own:"
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

    @arguments_checked
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

    @arguments_checked
    def __mul__(self, factor: float) -> Terms:
        return replace(self, factor=self.factor * factor, constant=self.constant * factor)

    __rmul__ = __mul__

    def __neg__(self) -> Terms:
        return self * -1.0

    @arguments_checked
    def __add__(self, other: Terms | float) -> Terms:
        if not isinstance(other, Terms):
            return replace(self, constant=self.constant + other)
        if len(other.keys) != len(self.keys):
            raise UsageError("own-lengths", one=len(self.keys), other=len(other.keys))
        joined = [np.concatenate(pair) for pair in ((self.row, other.row), (self.column, other.column))]
        factor = np.concatenate([self.factor, other.factor])
        return Terms(self.keys, joined[0], joined[1], factor, self.constant + other.constant)

    __radd__ = __add__

    @arguments_checked
    def __sub__(self, other: Terms | float) -> Terms:
        return self + -other

    @arguments_checked
    def __le__(self, other: Terms | float) -> Condition:
        return Condition(self - other, -np.inf, 0.0)

    @arguments_checked
    def __ge__(self, other: Terms | float) -> Condition:
        return Condition(self - other, 0.0, np.inf)

    @arguments_checked
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
    """The columns of a scenario's program, to be read, and what is added to it.

    ``use`` (offer, space; capacity units/year), ``capacity`` (offer), ``funding`` (pot, offer; EUR/year), ``covered``
    (space, need, segment; need units/year), ``reserve`` and ``duplication`` (space, need), ``release`` (offer; EUR/year
    below today's cost) and ``least`` (coverage of the least covered space) are its columns (docs/model.md); ``cost`` is
    what every offer costs (EUR/year); ``changed_offers`` is 1 where an offer does not cost what it costs today.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._rules: list[tuple[str, Condition, Mapping[str, str]]] = []
        self._aims: list[tuple[str, Terms, float, Mapping[str, str]]] = []
        self._has_switches = False
        for family in ground.layout.index.families:
            count = len(family)
            keys = tuple(family.key(position) for position in range(count))
            own = np.arange(count)
            setattr(self, family.name, Terms(keys, own, family.start + own, np.ones(count), np.zeros(count)))

    def __getattr__(self, name: str) -> Terms:
        if name.startswith("_"):
            raise AttributeError(name)
        known = ", ".join(["changed_offers", "cost", *(one.name for one in self._ground.layout.index.families)])
        raise UsageError("own-columns", name=name, known=known)

    @cached_property
    def cost(self) -> Terms:
        """EUR/year of every offer."""
        ids = self._ground.town.offers.ids
        own = np.arange(len(ids))
        entries = self._ground.cost_entries(own, own, np.ones(len(ids)))
        row, column, factor = (np.concatenate(parts) for parts in zip(*entries, strict=True))
        return Terms(tuple((str(id),) for id in ids), row, column, factor, np.zeros(len(ids)))

    @cached_property
    def changed_offers(self) -> Terms:
        """1 where an offer costs more or less than today, else 0 (the program gets whole numbers by that)."""
        self._has_switches = True
        count, first = len(self.cost.keys), len(self._ground.layout.lower)
        return Terms(self.cost.keys, np.arange(count), first + np.arange(count), np.ones(count), np.zeros(count))

    @arguments_checked
    def add_rule(self, name: str, condition: Condition, words: Words = "") -> None:
        """A rule that every plan must meet; ``words`` say it, one text or one for each language."""
        if name in {own for own, _, _ in self._rules}:
            raise UsageError("own-name-taken", name=name)
        self._rules.append((name, condition, _in_both(words or name)))

    @arguments_checked
    def add_aim(self, name: str, terms: Terms, weight: float, words: Words = "") -> None:
        """An aim beside the objective: ``weight`` points of it for every unit of ``terms``, more is better."""
        self._aims.append((name, terms.sum(), weight, _in_both(words or name)))

    @property
    def _only_rules(self) -> bool:
        return not self._aims and not self._has_switches

    def _blocks(self) -> list[Block]:
        """The rows of the rules, a family for each."""
        return [condition.block(f"{OWN}{name}") for name, condition, _ in self._rules]

    def _links(self) -> list[Block]:
        """cost - today <= (most - today) changed,  today - cost <= (today - least) changed; EUR/year."""
        town, switch = self._ground.town, self.changed_offers
        today = np.nan_to_num(town.offers.baseline_cost)
        most = np.maximum(town.cost_of(town.offers.max_capacity), today)
        rise = self.cost - _constants(self.cost, today) - _times(switch, most - today)
        fall = _constants(self.cost, today) - self.cost - _times(switch, today)
        return [(rise <= 0.0).block(RISE), (fall <= 0.0).block(FALL)]


type Extra = Callable[[Model], None]


@dataclass(frozen=True, eq=False)
class OwnRules:
    """The own rules of a case; ``told`` has those that were added, by name, with their words by language."""

    extra: Extra
    told: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def blocks(self, ground: Ground) -> list[Block]:
        """The rows of a scenario, one family for each rule.

        Raises ``UsageError``: own-aim-here and own-whole-here for what no question but ``run`` takes, and as what the
        rules are made of.
        """
        model = Model(ground)
        self.extra(model)
        if model._aims:
            raise UsageError("own-aim-here", place="extra", name=model._aims[0][0])
        if model._has_switches:
            raise UsageError("own-whole-here", place="extra")
        self.told.update({name: words for name, _, words in model._rules})
        return model._blocks()


def own_of(case: Case) -> OwnRules | None:
    """The own rules of a case; None where it has none."""
    return case._own if isinstance(case._own, OwnRules) else None


def own_names(case: Case) -> str:
    """The names of the own rules of a case, as a sentence takes them; blank where there are none."""
    own = own_of(case)
    return "" if own is None else ", ".join(own.told)


def with_own(case: Case, own: OwnRules) -> Case:
    """The case whose programs hold own rules, and so those of whatever is derived from it."""
    other = case._unchecked()
    object.__setattr__(other, "_own", own)
    return other


def beside(case: Case, extra: Extra) -> OwnRules:
    """Own rules beside those that a case has already."""
    before = own_of(case)
    return OwnRules(extra if before is None else _both(before.extra, extra))


def _both(one: Extra, other: Extra) -> Extra:
    """The own rules of both."""

    def added(model: Model) -> None:
        one(model)
        other(model)

    return added


def _in_both(words: Words) -> Mapping[str, str]:
    """Words by language; where one is missing, those of another."""
    given = dict.fromkeys(LANGUAGES, words) if isinstance(words, str) else words
    return {lang: given.get(lang) or next(iter(given.values()), "") for lang in LANGUAGES}


def _constants(like: Terms, values: Floats) -> Terms:
    none = np.zeros(0, dtype=np.int64)
    return Terms(like.keys, none, none, np.zeros(0), values.astype(float))


def _times(terms: Terms, factors: Floats) -> Terms:
    return replace(terms, factor=terms.factor * factors[terms.row])
