"""The register of rules: each is listed here once, and everybody asks here which rules there are."""

from __future__ import annotations

from collections.abc import Callable

from allocate.model.rules import (
    bookkeeping,
    capacity,
    cofinancing,
    commitment,
    corridor,
    earmark,
    floor,
    moved,
    opening,
    plurality,
    pot,
    reach,
    share,
    staff,
    steps,
)
from allocate.model.rules.rule import Equation, GivesWay, Rule

RULES: tuple[Rule, ...] = (
    pot.RULE,
    floor.RULE,
    capacity.RULE,
    reach.RULE,
    commitment.RULE,
    corridor.RULE,
    plurality.RULE,
    moved.RULE,
    share.RULE,
    cofinancing.RULE,
    staff.RULE,
    earmark.RULE,
    opening.RULE,
    steps.RULE,
    bookkeeping.COVERAGE,
    bookkeeping.MONEY,
)
_BY_KIND = {rule.kind: rule for rule in RULES}
# All families of rows, in the order in which they stand in a program, and the rule of each.
EQUATIONS: tuple[Equation, ...] = tuple(sorted((e for rule in RULES for e in rule.equations), key=lambda e: e.at))
_OF_ROWS = {equation.name: rule for rule in RULES for equation in rule.equations}
_FULL = {rule.bound.full: rule for rule in RULES if rule.bound}


def rule_of(kind: str) -> Rule:
    """One rule by its kind. Raises ``KeyError``."""
    return _BY_KIND[kind]


def rule_of_rows(name: str) -> Rule:
    """The rule to which a family of rows belongs, or the full bound of a column. Raises ``KeyError``."""
    return _OF_ROWS.get(name) or _FULL[name]


def equation_of(name: str) -> Equation | None:
    """The equation of a family of rows; None for the bound of a column."""
    return next((equation for equation in EQUATIONS if equation.name == name), None)


def families(chosen: Callable[[Equation], bool]) -> tuple[str, ...]:
    """The families of rows whose equation has a property."""
    return tuple(equation.name for equation in EQUATIONS if chosen(equation))


def giving_way() -> tuple[tuple[Rule, GivesWay], ...]:
    """The rules that people decided or signed, in contrast to what nobody can change."""
    return tuple((rule, rule.gives_way) for rule in RULES if rule.gives_way)


def way_of(kind: str) -> GivesWay:
    """How a rule gives way. Raises ``KeyError`` for one that does not."""
    way = rule_of(kind).gives_way
    if way is None:
        raise KeyError(kind)
    return way


def kinds(chosen: Callable[[Rule, GivesWay], bool]) -> tuple[str, ...]:
    """The kinds of the rules that give way and have a property."""
    return tuple(rule.kind for rule, way in giving_way() if chosen(rule, way))


def cause_of(kind: str, lang: str) -> str:
    """What a rule is called where it is why something is not so (``co-financing``); blank for one that never is."""
    rule = _BY_KIND.get(kind)
    return rule.say("cause", lang) if rule is not None and "cause" in rule.texts.sentences else ""


def tight_rules() -> tuple[Equation, ...]:
    """The families of rows that are told as rules where they are tight, in that order."""
    ordered = sorted(RULES, key=lambda rule: rule.told)
    return tuple(equation for rule in ordered for equation in rule.equations if equation.rule)
