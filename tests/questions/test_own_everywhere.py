"""Own rules in every question: met by every plan of the answer, certified with it, named in it; or refused in words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping

import pytest

import allocate
from allocate.model.own_rules import Model
from allocate.plain import plain
from allocate.results.allocation import Allocation
from tests.questions.conftest import TINY

type Session = allocate.Session
type Ask = Callable[[Session], object]

MOST = 2500.0
NAMED = {
    "de": "Mit der eigenen Regel modest: B höchstens 2.500.",
    "en": "With the own rule modest: B costs 2,500 at most.",
}
ASKED: dict[str, Ask] = {
    "runs": lambda one: one.runs("pooled", "silo", "today", extra=modest),
    "compare": lambda one: one.compare("pooled", "silo", attribution=True, extra=modest),
    "compare years": lambda one: one.compare("silo", "pooled", years="2027-2028", extra=modest),
    "goals": lambda one: one.goals("pooled", order="equity,cost", extra=modest),
    "goals target": lambda one: one.goals("pooled", target="space:*=0.1", extra=modest),
    "ladder": lambda one: one.ladder("pooled", step=90, extra=modest),
    "sweep": lambda one: one.sweep("pooled", change="pots:*:amount*{x}", over=(0.9, 1.2), extra=modest),
    "transition": lambda one: one.transition("pooled", years=2027, delay=6, extra=modest),
    "duplication": lambda one: one.duplication("pooled", fewest=True, extra=modest),
    "explain": lambda one: one.explain("pooled", offer="A", extra=modest),
    "explain all": lambda one: one.explain("pooled", all=True, extra=modest),
    "conflicts": lambda one: one.conflicts("strict", extra=modest),
    "conflicts years": lambda one: one.conflicts("strict", years=2027, extra=modest),
    "frontier": lambda one: one.frontier("pooled", against="budget", extra=modest),
    "fairness": lambda one: one.fairness("pooled", objective="leximin", extra=modest),
    "alternatives": lambda one: one.alternatives("pooled", count=2, extra=modest),
    "alternatives prices": lambda one: one.alternatives("pooled", prices=True, extra=modest),
    "robust": lambda one: one.robust("pooled", runs=2, inputs=2, extra=modest),
    "marginal": lambda one: one.marginal("pooled", step=500, extra=modest),
    "marginal years": lambda one: one.marginal("pooled", years="2027-2028", extra=modest),
    "participation": lambda one: one.participation("pooled", suggest="pots:*:amount*0.9", extra=modest),
}


# What plans nothing, and what questions are made of.
WITHOUT = {"money", "scenarios", "status_quo", "add", "variant", "compiled", "loaded", "optimum", "with_rules"}
WITHOUT.add("has_run")
METHODS = {
    name: one
    for name, one in inspect.getmembers(allocate.Session, inspect.isfunction)
    if not name.startswith("_") and name not in WITHOUT
}


def as_it_stands(name: str) -> Ask:
    """A question that needs no other words than a scenario, as a new one should."""
    return lambda one: getattr(one, name)("pooled", extra=modest)


# Asked below: one plan, the report, what refuses own rules, and the program without a plan.
ELSEWHERE = {"run", "silos", "report", "program"}
ASKED |= {name: as_it_stands(name) for name in sorted(set(METHODS) - {one.split()[0] for one in ASKED} - ELSEWHERE)}


def modest(model: Model) -> None:
    words = {"de": "B höchstens 2.500", "en": "B costs 2,500 at most"}
    model.add_rule("modest", model.cost["B"].sum() <= MOST, words=words)


def plans_in(answer: object, seen: set[int], depth: int = 0) -> Iterator[Allocation]:
    """The plans that an answer holds, at whatever depth."""
    if id(answer) in seen or depth > 5:
        return
    seen.add(id(answer))
    if isinstance(answer, Allocation):
        yield answer
    elif isinstance(answer, Mapping | list | tuple):
        for part in answer.values() if isinstance(answer, Mapping) else answer:
            yield from plans_in(part, seen, depth + 1)
    elif type(answer).__module__.startswith("allocate.") and not isinstance(answer, allocate.Session):
        yield from plans_in(vars(answer) if hasattr(answer, "__dict__") else {}, seen, depth + 1)


@pytest.mark.parametrize("name", ASKED)
def test_every_plan_of_an_answer_meets_own_rules_and_names_them(name: str, session: Session) -> None:
    answer = ASKED[name](session)
    document = answer.to_json("de")  # type: ignore[attr-defined]
    assert document["own_rules"] == [NAMED["de"]]
    assert answer.own_rules() == [NAMED["en"]]  # type: ignore[attr-defined]
    for plan in plans_in(answer, set()):
        if plan.has_plan and plan.status != "evaluated":
            cost = plan.offers.set_index("offer_id")["cost_eur"]
            assert cost["B"] <= MOST + 1e-4, plan
            assert plan.certificate is not None and plan.certificate.verified
            assert NAMED["en"] in plan.message("en")
    # Nobody else's answer is changed by it.
    assert "own_rules" not in session.runs("pooled").to_json()


def test_every_question_takes_own_rules() -> None:
    """A new question holds own rules in every plan of its answer, or it is named above with its reason."""
    assert all("extra" in inspect.signature(one).parameters for one in METHODS.values())
    assert not {name.split()[0] for name in ASKED} ^ (set(METHODS) - ELSEWHERE)


def test_figures_under_own_rules_are_those_of_a_town_that_has_the_rule(session: Session) -> None:
    """The same rule written as a table (an upper bound of places) gives the same margins, thresholds and draws."""
    town = allocate.read_case(TINY)
    offers = town["offers"]
    most = MOST / float(offers.set_index("offer_id")["unit_cost"]["B"])
    offers.loc[offers["offer_id"] == "B", "max_capacity"] = most
    ruled = allocate.Session(town.with_tables(offers=offers))
    own = session.with_rules(lambda model: model.add_rule("few", model.capacity["B"].sum() <= most))
    for ask in (
        lambda one: one.marginal("pooled", phases=("pots",)).pots["more_value"],
        lambda one: one.ladder("pooled", step=(80, 90)).steps["objective"],
        lambda one: one.frontier("pooled", against="moved").points["coverage_value"],
        lambda one: one.robust("pooled", runs=3, inputs=0).offers_by_run["cost_eur"],
        lambda one: one.alternatives("pooled", prices=True).offers["cost_eur"],
    ):
        assert ask(own).tolist() == pytest.approx(ask(ruled).tolist(), rel=1e-6, abs=1e-9)


def test_whole_offers_meet_own_rules(session: Session) -> None:
    def little(model: Model) -> None:
        model.add_rule("little", model.capacity["B"].sum() <= 10)

    free, plan = session.run("sites"), session.run("sites", extra=little)
    before, after = (one.offers.set_index("offer_id")["capacity"]["B"] for one in (free, plan))
    assert before > 10 >= after - 1e-6
    assert plan.status == "optimal" and plan.objective < free.objective


def test_a_report_names_own_rules_on_its_first_page(session: Session) -> None:
    report = session.report("pooled", extra=modest, lang="de")
    document = plain(report.to_json())
    assert document["own_rules"] == [NAMED["de"]]
    assert f"{NAMED['de']}</p>" in report.html().partition('<p class="lead">')[2][:2000]
    assert "silos" not in {section["key"] for section in document["sections"]}


@pytest.mark.parametrize(
    ("ask", "id"),
    [
        (lambda one, extra: one.silos("silo", extra=extra("rule")), "own-silos"),
        (lambda one, extra: one.marginal("pooled", extra=extra("aim")), "own-aim-here"),
        (lambda one, extra: one.ladder("pooled", extra=extra("whole")), "own-whole-here"),
        (lambda one, extra: one.run("sites", extra=extra("aim")), "divisible-only"),
        (lambda one, extra: one.conflicts("pooled", extra=extra("much")), "own-alone"),
        (lambda one, extra: one.conflicts("pooled", years=2027, extra=extra("much")), "own-alone"),
        (lambda one, extra: one.conflicts("sites", extra=extra("much")), "own-alone"),
        (lambda one, extra: one.explain("pooled", pot="P1", extra=extra("much")), "own-no-plan"),
        (lambda one, extra: one.frontier("pooled", against="moved", extra=extra("much")), "own-no-plan"),
        (lambda one, extra: one.compare("pooled", extra=extra("twice")), "own-name-taken"),
        (lambda one, extra: one.robust("pooled", runs=1, extra=extra("unknown")), "own-columns"),
        (lambda one, _extra: one.compare("pooled", extra="few"), "type-unexpected"),
        (
            lambda one, extra: one.sweep(
                "pooled", change="pots:*:amount*{x}", over="0.9;1", executor="processes:2", extra=extra("rule")
            ),
            "own-elsewhere",
        ),
    ],
)
def test_what_own_rules_cannot_mean_is_refused(ask: Callable[..., object], id: str, session: Session) -> None:
    def extra(kind: str) -> Callable[[Model], None]:
        def added(model: Model) -> None:
            if kind == "aim":
                model.add_aim("local", model.funding.sum(), weight=1e-9)
            elif kind == "whole":
                model.add_rule("few", model.changed_offers.sum() <= 1)
            elif kind == "unknown":
                model.add_rule("odd", model.prices.sum() <= 1)
            else:
                for _ in range(2 if kind == "twice" else 1):
                    model.add_rule("one", model.cost.sum() >= (1e9 if kind == "much" else 0.0))

        return added

    with pytest.raises(allocate.UsageError) as told:
        ask(session, extra)
    assert told.value.id == id
    assert "{" not in told.value.text("de") + told.value.text("en")


def test_a_clash_says_that_own_rules_do_not_give_way(session: Session) -> None:
    found = session.conflicts("pooled", extra=lambda model: model.add_rule("none", model.capacity["A"].sum() <= 0))
    assert not found.is_feasible
    assert any("own rules (none)" in sentence for sentence in found.message("en"))
    assert any("eigenen Regeln" in sentence for sentence in found.message("de"))


def test_reasons_say_that_an_own_rule_may_be_the_reason(session: Session) -> None:
    for lang, name in (("de", "eigenen Regeln gefragt (modest)"), ("en", "own rules (modest)")):
        idle = session.with_rules(lambda model: model.add_rule("modest", model.cost["B"].sum() <= 1500))
        card = idle.explain("pooled", pot="P2").sentences(lang)["sentence"].tolist()
        assert name in card[-1]
        assert any(("eigene Regel" if lang == "de" else "own rule") in sentence for sentence in card[:-1])
        assert name in session.marginal("pooled", phases=("pots",), extra=modest).messages(lang)[-1]
        assert not any("eigene" in one or "own rule" in one for one in session.marginal("pooled").messages(lang))


def test_own_rules_stand_beside_each_other(session: Session) -> None:
    def local(model: Model) -> None:
        model.add_rule("local", model.funding["P1"].sum() <= 1000)

    both = session.with_rules(modest).with_rules(local).run("pooled")
    assert "rule modest" in both.message("en") and "rule local" in both.message("en")
    assert both.funding.set_index("pot_id")["amount_eur"].groupby(level=0).sum()["P1"] <= 1000 + 1e-6
