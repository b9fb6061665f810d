"""The register of rules: complete, the only place that knows kinds; every rule binds and clashes where it should."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import allocate
from allocate.analyses.conflicts.levers import FOUND
from allocate.analyses.conflicts.why_no_plan import conflicts
from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.card_words import TEXTS, Teller
from allocate.bench.resolve import Bench
from allocate.checking.opening import read_case
from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.names import TABLES
from allocate.inputs.scenario.variant import apply
from allocate.language import LANGUAGES
from allocate.model.compile import compile_variant
from allocate.model.rules.register import EQUATIONS, RULES, giving_way, rule_of_rows
from allocate.model.rules.rule import Rule
from allocate.session import Session
from tests.conftest import TINY
from tests.strategies import Tables, case_of

PACKAGE = Path(allocate.__file__).parent
GOLDEN = Path(__file__).parent / "golden"
KINDS = {rule.kind for rule, _ in giving_way()}


def test_every_row_of_a_program_belongs_to_a_rule() -> None:
    case = read_case(TINY)
    for scenario in ("silo", "pooled", "sites"):
        variant = apply(case, scenario)
        capped = replace(variant, scenario=replace(variant.scenario, max_moved=400.0))
        for family in compile_variant(capped).program.rows_index.families:
            assert family.name in {equation.name for equation in rule_of_rows(family.name).equations}


def test_no_two_rules_share_a_name_a_row_or_a_place_in_the_program() -> None:
    assert len({rule.kind for rule in RULES}) == len(RULES)
    assert len({equation.name for equation in EQUATIONS}) == len(EQUATIONS)
    assert len({equation.at for equation in EQUATIONS}) == len(EQUATIONS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_a_rule_is_complete(rule: Rule) -> None:
    """Its cells are in the dictionary (which checks them), its equations have golden texts, its words are there."""
    for cell in rule.cells:
        assert dictionary.find_column(*cell.split(".")) is not None, cell
    assert [equation.name for equation in rule.equations if not (GOLDEN / f"{equation.name}.lp").exists()] == []
    named = {key for equation in rule.equations for key in equation.keys if f"{key}_id" in TABLES}
    assert {f"name.{key}" for key in named} <= set(TEXTS.sentences)
    needed = {f"tight.{equation.name}" for equation in rule.equations if equation.rule}
    needed |= {f"tight.{rule.bound.full}"} if rule.bound else set()
    if rule.gives_way is not None:
        needed |= {"name", "lever", "group", "decides"}
        needed |= set() if rule.kind == "pot" else {"idle", "cause"}
        needed |= {"step"} if rule.gives_way.told == "sentence" else set()
    if needed:
        assert needed <= set(rule.texts.sentences)


# Where a literal word is no list of rules but something else that has the same name.
ELSEWHERE = {
    # Families of columns, which are the model's own.
    "model/layout.py", "model/ground.py", "results/point.py", "bench/resolve.py", "bench/around_plan.py", "session.py",
    "analyses/silos/silo_plan.py", "analyses/silos/sharing.py", "analyses/comparison/reassignment.py",
    "analyses/duplication/resteerable.py",
    # Columns of tables and figures, kinds of numbers, kinds of cards, groups of the report.
    "report", "cli", "web", "judge", "results", "inputs", "checking",
}  # fmt: skip


def modules() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if not place.startswith("model/rules/") and place not in ELSEWHERE and place.split("/")[0] not in ELSEWHERE:
            yield path


def named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Rules and rows that a module names by a literal: in a list of its own, to compare, to look up rows or rules."""
    names = KINDS | {equation.name for equation in EQUATIONS}

    def words(node: ast.AST) -> list[str]:
        inside = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
        return [str(one.value) for one in inside if isinstance(one, ast.Constant) and one.value in names]

    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            left = ast.unparse(node.left)
            if left.rsplit(".")[-1] in ("kind", "rule", "family", "name") or "rules." in left:
                yield from ((node.lineno, word) for right in node.comparators for word in words(right))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("rows_index"):
            yield from ((node.lineno, word) for word in words(node.slice))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = ast.unparse(node.func)
            if asked.endswith(("rows_index.slice", "rows_index.at", "rules.of", "rules.number")):
                yield from ((node.lineno, word) for one in node.args for word in words(one))
        elif isinstance(node, ast.Tuple | ast.List | ast.Set) and len(found := words(node)) > 1:
            if len(found) == len(node.elts):
                yield from ((node.lineno, word) for word in found)
        elif isinstance(node, ast.Dict):
            found = [word for key in node.keys if key is not None for word in words(key)]
            if len(found) > 1 and len(found) == len(node.keys):
                yield from ((node.lineno, word) for word in found)


def test_no_rule_is_named_outside_its_file() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {word}"
        for path in modules()
        for line, word in named(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "ask allocate.model.rules.register"


@pytest.mark.parametrize(
    "text",
    ['ORDER = ("pot", "floor")', 'a = kind == "earmark"', 'rows_index["share"]', 'P = {"pot": 1, "moved": 2}',
     'rules.of("pot")', 'x = one.rule in ("pot", "share", "other")'],
)  # fmt: skip
def test_a_list_of_rules_would_be_found(text: str) -> None:
    assert list(named(ast.parse(text)))


def town(**more: Any) -> Tables:
    """Demand 100 in one space, one offer with 100 places at 10 EUR, one pot that pays all of them."""
    return {
        "spaces": [{"space_id": "S", "name": "S"}],
        "needs": [{"need_id": "N", "name": "N", "unit": "places"}],
        "demand": [{"space_id": "S", "need_id": "N", "demand": 100}],
        "offers": [offer()],
        "effects": [{"offer_id": "A", "need_id": "N", "effect": 1}],
        "pots": [pot()],
        "scenarios": [{"scenario_id": "X", "title": "X"}],
        **more,
    }


def offer(**more: Any) -> dict[str, Any]:
    return {"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 100, "provider_id": "PA", **more}


def pot(**more: Any) -> dict[str, Any]:
    return {"pot_id": "P", "name": "P", "amount": 2000, **more}


def floor(share: float, **more: Any) -> list[dict[str, Any]]:
    return [{"floor_id": "F", "scope": "all", "need_id": "N", "min_coverage": share, "kind": "political", **more}]


TWO_SPACES: dict[str, Any] = {
    "spaces": [{"space_id": "S", "name": "S"}, {"space_id": "T", "name": "T"}],
    "demand": [{"space_id": s, "need_id": "N", "demand": 100} for s in "ST"],
}
DEAR = offer(offer_id="B", provider_id="PB", unit_cost=30)
TWO_OFFERS: dict[str, Any] = {
    "offers": [offer(), DEAR],
    "effects": [{"offer_id": o, "need_id": "N", "effect": 1} for o in "AB"],
}
CLUSTER = {"cluster_id": "K", "need_id": "N", "scope": "all", "offers": "A;B", "assessment": "wanted"}


@dataclass(frozen=True)
class Shown:
    """A town in which a rule is tight (``tight``: the row or bound), and one in which it clashes."""

    tight: str
    binding: Tables
    clashing: Tables


CASES = {
    "pot": Shown("pot", town(pots=[pot(amount=500)]), town(pots=[pot(amount=500)], floors=floor(0.8))),
    "floor": Shown(
        "floor",
        town(**TWO_SPACES, pots=[pot(amount=800)], offers=[offer(max_capacity=200)],
             floors=floor(0.3, scope="space", scope_id="S"), parameters=[{"parameter": "equity_weight", "value": 0}],
             reach=[{"offer_id": "A", "space_id": "S", "access": 0.5}, {"offer_id": "A", "space_id": "T"}]),
        town(floors=floor(0.8), pots=[pot(amount=500)]),
    ),
    "capacity": Shown("capacity_full", town(offers=[offer(max_capacity=50)]),
                      town(offers=[offer(max_capacity=50)], floors=floor(0.8))),
    "reach": Shown(
        "reach_full",
        town(reach=[{"offer_id": "A", "space_id": "S", "max_capacity": 30}]),
        town(reach=[{"offer_id": "A", "space_id": "S", "max_capacity": 30}], floors=floor(0.8)),
    ),
    "commitment": Shown(
        "committed",
        town(**TWO_OFFERS | {"offers": [offer(), DEAR | {"committed_capacity": 10}]},
             pots=[pot(amount=800)]),
        town(offers=[offer(committed_capacity=80)], pots=[pot(amount=500)]),
    ),
    "corridor": Shown(
        "corridor_most",
        town(**TWO_SPACES, demand_only=None, offers=[offer(max_capacity=200)],
             reach=[{"offer_id": "A", "space_id": "S", "max_use_share": 0.2}, {"offer_id": "A", "space_id": "T"}],
             pots=[pot(amount=1000)]),
        town(**TWO_SPACES, offers=[offer(max_capacity=200)], floors=floor(0.8, scope="space", scope_id="S"),
             reach=[{"offer_id": "A", "space_id": "S", "max_use_share": 0.2}, {"offer_id": "A", "space_id": "T"}],
             pots=[pot(amount=1000)]),
    ),
    "plurality": Shown(
        "share_of_each",
        town(**TWO_OFFERS, pots=[pot(amount=1000)], plurality=[CLUSTER | {"min_share_each": 0.2}]),
        town(**TWO_OFFERS, pots=[pot(amount=1000)], plurality=[CLUSTER | {"min_share_each": 0.4}], floors=floor(0.9)),
    ),
    "moved": Shown(
        "moved",
        town(**TWO_OFFERS | {"offers": [offer(), DEAR | {"baseline_capacity": 20}]},
             pots=[pot(amount=800)], scenarios=[{"scenario_id": "X", "title": "X", "max_moved": 100}]),
        town(**TWO_OFFERS | {"offers": [offer(), DEAR | {"baseline_capacity": 20}]},
             pots=[pot(amount=800)], scenarios=[{"scenario_id": "X", "title": "X", "max_moved": 100}],
             floors=floor(0.7)),
    ),
    "share": Shown(
        "share",
        town(pots=[pot(max_share=0.5), pot(pot_id="Q", amount=100)]),
        town(pots=[pot(max_share=0.5), pot(pot_id="Q", amount=100)], floors=floor(0.8)),
    ),
    "earmark": Shown(
        "",
        town(),
        town(**TWO_OFFERS | {"offers": [offer(), offer(offer_id="B", provider_id="PB", max_capacity=0)]},
             pots=[pot(offers="B"), pot(pot_id="Q", amount=100)], floors=floor(0.8)),
    ),
    "cofinancing": Shown(
        "cofinancing",
        town(pots=[pot(), pot(pot_id="Q", amount=100)], cofinancing=[{"pot_id": "P", "per_eur_of": "Q", "most": 2}]),
        town(pots=[pot(), pot(pot_id="Q", amount=100)], cofinancing=[{"pot_id": "P", "per_eur_of": "Q", "most": 2}],
             floors=floor(0.8)),
    ),
    "staff": Shown(
        "staff",
        town(offers=[offer(posts_per_unit=0.1)], staff=[{"staff_id": "G", "name": "G", "posts": 5}]),
        town(offers=[offer(posts_per_unit=0.1)], staff=[{"staff_id": "G", "name": "G", "posts": 5}], floors=floor(0.8)),
    ),
}  # fmt: skip
for _shown in CASES.values():
    _shown.binding.pop("demand_only", None)


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == KINDS


def read(tables: Tables) -> Case:
    return case_of(tables)


@pytest.mark.parametrize("kind", [kind for kind, shown in CASES.items() if shown.tight])
def test_a_rule_that_binds_is_told_in_both_languages(kind: str) -> None:
    shown = CASES[kind]
    case = read(shown.binding)
    bench = Bench(Session(case), "X")
    found = [one for offer_ in range(len(case["offers"])) for one in TightRules(bench).of_offer(offer_)]
    tight = [one for one in found if one.rule == shown.tight]
    assert any(one.matters for one in tight), [one.rule for one in found]
    assert all(Teller(case, lang).rule(tight[0]) for lang in LANGUAGES)


@pytest.mark.parametrize("kind", CASES)
def test_a_rule_that_clashes_is_named_and_its_repair_holds(kind: str) -> None:
    found = conflicts(Session(read(CASES[kind].clashing)), "X")
    for lang in LANGUAGES:
        members = found.members(lang)
        assert kind in set(members["rule"]), members["rule"].tolist()
        own = members[members["rule"] == kind].iloc[0]
        assert own["name"] and own["decided_by"]
    single = [one for one in found.levers if one.kind == "single" and one.repair_id.split(":")[0] == kind]
    assert single and all(one.status == FOUND and one.verified for one in single)


def test_the_cell_of_a_share_is_that_of_its_pot_unless_there_are_exceptions() -> None:
    half = {"pot_id": "P", "offer_id": "A", "allowed": "yes", "max_share": 0.5}
    pots = [pot(max_share=0.9), pot(pot_id="Q", max_share=0.8)]
    compiled = Session(read(town(pots=pots, eligibility=[half, {**half, "pot_id": "Q", "max_share": ""}]))).compiled(
        "X"
    )
    way = next(rule for rule in RULES if rule.kind == "share").gives_way
    assert way is not None
    assert way.cell(compiled, "P", "") is None
    assert way.cell(compiled, "Q", "") == ("pots", "Q", "max_share")


def test_a_share_of_single_offers_is_named_with_them() -> None:
    """The pot may pay all of any offer, but half of A: 80 places cost 800 EUR, of which Q has 100; 300 are missing."""
    half = [{"pot_id": "P", "offer_id": "A", "allowed": "yes", "max_share": 0.5}]
    pots = [pot(), pot(pot_id="Q", amount=100)]
    found = conflicts(Session(read(town(pots=pots, eligibility=half, floors=floor(0.8)))), "X")
    members = found.members("de")
    own = members[members["rule"] == "share"].iloc[0]
    assert own["name"] == "Topf P zahlt höchstens 50 % der Kosten von A"
    assert own["bound"] == 0.5
    lever = next(one for one in found.levers if one.repair_id.split(":")[0] == "share")
    assert lever.verified and [(step.before, step.after) for step in lever.steps] == [(0.5, pytest.approx(0.875))]
    both = conflicts(
        Session(read(town(pots=[pot(max_share=0.6), pots[1]], eligibility=half, floors=floor(0.8)))), "X"
    ).members("en")
    names = set(both[both["rule"] == "share"]["name"])
    assert names == {"Pot P pays at most 60% of an offer's cost, 50% of the cost of A"}
