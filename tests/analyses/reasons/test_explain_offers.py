"""Reason cards of offers: every statement is held against cold solves of the changed town."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.breakeven import Case as Question
from allocate.analyses.reasons.breakeven import pot_tippings, recompiled
from allocate.analyses.reasons.card_words import Teller
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.explain import explain_all, explain_offer
from allocate.analyses.reasons.offer_card import offer_card, quick_card
from allocate.analyses.reasons.thresholds import _Figure, price_of_level, prices
from allocate.bench.resolve import Bench, solve_cold
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.session import Session
from tests.strategies import case_of, plan_with_offer, plan_with_places, scenario_towns

CAREFUL = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def held_at(case: Case, card: OfferCard) -> Allocation:
    """The brute plan that the card's held question asks for."""
    assert card.held is not None
    offers = case["offers"].set_index("offer_id").loc[card.offer_id]
    if card.held.question == "not_raised":
        return plan_with_places(case, card.scenario_id, card.offer_id, max_capacity=card.held.level)
    least = max(card.held.level, float(offers["committed_capacity"]))
    return plan_with_places(case, card.scenario_id, card.offer_id, committed_capacity=least)


def check_losses(case: Case, bench: Bench, card: OfferCard) -> None:
    """Both losses of a card against cold plans."""
    assert card.held is not None
    assert card.closed is not None
    without = plan_with_places(case, card.scenario_id, card.offer_id, max_capacity=0.0, committed_capacity=0.0)
    for found, plan in ((card.closed, without), (card.held, held_at(case, card))):
        assert found.possible == plan.has_plan
        if plan.has_plan:
            assert found.loss == pytest.approx(bench.plan.objective - plan.objective, abs=2e-8 + found.loss_gap)


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]), st.data())
def test_full_cards_hold_against_cold_plans(case: Case, scenario_id: str, data: st.DataObject) -> None:
    bench = Bench(Session(case), scenario_id)
    offer_id = data.draw(st.sampled_from(bench.compiled.town.offers.ids.tolist()))
    card = offer_card(bench, offer_id, tippings="none")
    check_losses(case, bench, card)
    assert card.closed is not None
    if card.closed.possible:
        plan = plan_with_places(case, scenario_id, offer_id, max_capacity=0.0, committed_capacity=0.0)
        after = plan.coverage.set_index(["space_id", "need_id"])["covered"]
        before = bench.plan.coverage.set_index(["space_id", "need_id"])["covered"]
        lost = card.closed.cells.set_index(["space_id", "need_id"])["lost_units"]
        expected = (before - after)[(before - after).abs() > 1e-6]
        assert lost.sort_index().to_dict() == pytest.approx(expected.sort_index().to_dict(), abs=1e-5)


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B", "I"]))
def test_all_cards_in_one_go_hold_against_cold_plans(case: Case, scenario_id: str) -> None:
    session = Session(case)
    explanation = explain_all(session, scenario_id)
    bench = Bench(session, scenario_id)
    assert [card.offer_id for card in explanation.cards] == bench.compiled.town.offers.ids.tolist()
    for card in explanation.cards:
        check_losses(case, bench, card)


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B", "I"]))
def test_tight_rules_are_tight_and_their_gain_is_that_of_a_cold_solve(case: Case, scenario_id: str) -> None:
    bench = Bench(Session(case), scenario_id)
    rules = TightRules(bench)
    spent = bench.plan.pots.set_index("pot_id")
    for offer in range(len(bench.compiled.town.offers.ids)):
        for one in rules.of_offer(offer):
            if one.rule == "pot":
                assert spent.loc[one.key[0], "unspent_eur"] == pytest.approx(0, abs=1e-2)
                row = bench.program.rows_index.at("pot", *one.key)
                amounts = bench.program.row_upper.copy()
                amounts[row] += one.step
                value = solve_cold(replace(bench.program, row_upper=amounts)).value
                assert one.gain == pytest.approx(value - bench.value, abs=2e-8)
            elif one.rule == "capacity_full" and bench.is_mixed_integer:
                assert math.isnan(one.gain)  # where offers are whole, a place has no worth of its own: it is left open
            elif one.rule == "capacity_full":
                plan = plan_with_places(case, scenario_id, one.key[0], max_capacity=one.limit + one.step)
                reach = bench.compiled.town.pairs.max_capacity
                assert one.gain <= plan.objective - bench.plan.objective + 2e-8 or (reach < one.limit).any()


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]), st.data())
def test_money_that_makes_up_for_keeping_parts_the_good_from_the_bad(
    case: Case, scenario_id: str, data: st.DataObject
) -> None:
    bench = Bench(Session(case), scenario_id)
    town = bench.compiled.town
    offer_id = data.draw(st.sampled_from(town.offers.ids.tolist()))
    offer = bench.offer(offer_id)
    card = offer_card(bench, offer_id, tippings="none")
    assert card.held is not None
    if card.held.question == "not_raised" or card.held.costs_nothing or not card.held.possible:
        return
    holds = bench.level(offer, least=card.held.level)
    for one in pot_tippings(bench, Question(offer, card.held.level, bench.value, rising=True)):
        assert one.answer != "value" or one.verified, one
        if one.parameter == "pot" and one.answer == "value":
            amount = town.pot_amount.copy()
            amount[town.pots.tolist().index(one.key)] += 0.5 * one.value
            assert solve_cold(recompiled(bench.compiled, replace(town, pot_amount=amount)), holds).value < bench.value
        if one.parameter == "pot" and one.answer == "no_money_helps":
            amount = town.pot_amount.copy()
            amount[town.pots.tolist().index(one.key)] += 1e7
            assert solve_cold(recompiled(bench.compiled, replace(town, pot_amount=amount)), holds).value < bench.value


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]), st.data())
def test_a_threshold_holds_for_whoever_plans_the_whole_town_with_that_figure(
    case: Case, scenario_id: str, data: st.DataObject
) -> None:
    bench = Bench(Session(case), scenario_id)
    offer_id = data.draw(st.sampled_from(bench.compiled.town.offers.ids.tolist()))
    card = offer_card(bench, offer_id)
    effects, own = case["effects"], case["effects"]["offer_id"] == offer_id

    def places(parameter: str, value: float) -> float:
        if parameter == "effect":
            changed = effects.assign(effect=effects["effect"].where(~own, effects["effect"] * value))
            plan = Session(case.with_tables(effects=changed)).run(scenario_id)
        else:
            plan = plan_with_offer(case, scenario_id, offer_id, unit_cost=value)
        return float(plan.offers.set_index("offer_id").loc[offer_id, "capacity"]) if plan.has_plan else math.nan

    for one in card.tippings:
        if one.parameter not in ("price", "price_any", "effect") or one.answer == "needed":
            continue
        least = one.level * (1 - 1e-6)
        if one.answer in ("value", "no_plan"):
            assert places(one.parameter, one.value) >= least
            assert not places(one.parameter, one.beyond) >= least
            assert (one.beyond > one.value) is (one.parameter != "effect")
        else:
            rising = card.held is not None and card.held.question in ("kept", "started") and not card.held.costs_nothing
            assert (places(one.parameter, one.value) >= least) is not rising

    # What a report tells is the nearest of them, sought on a shorter way.
    told = [one for one in offer_card(bench, offer_id, tippings="nearest").tippings if one.tells]
    assert told == sorted((one for one in card.tippings if one.tells), key=lambda one: abs(one.change))[:1]


def test_the_price_of_a_level_is_the_one_among_all_prices(auenfurt: Path) -> None:
    def both(bench: Bench, offer_id: str) -> tuple[list[str], list[float], list[float]]:
        offer = bench.offer(offer_id)
        question = Question(offer, float(bench.plan.offers["capacity"].iloc[offer]), bench.value, rising=False)
        every = list(prices(bench, question))
        own = [one.value for one in every if one.parameter == "price"]
        return [one.parameter for one in every], own, [one.value for one in price_of_level(bench, question)]

    bench = Bench(Session(read_case(auenfurt)), "SZ2")
    for offer_id, told in (("O07", ["price", "price_any"]), ("O16", ["price"])):
        names, own, alone = both(bench, offer_id)
        assert (names, own) == (told, alone)
    # Beside a rival at 130 EUR the last places go with the first, and no price is told of the level.
    rival = {"offer_id": "R", "name": "R", "unit_cost": 130, "max_capacity": 50}
    bench = Bench(Session(one_offer(rival, max_capacity=10, baseline_capacity=0)), "B")
    assert both(bench, "O") == (["price_any"], [], [])


def one_offer(*others: dict[str, object], **cells: object) -> Case:
    """One need of 40 persons, one offer of 50 places at 100 EUR (20 today), one pot of 3,000 EUR: 30 places."""
    offer = {"offer_id": "O", "name": "O", "unit_cost": 100, "max_capacity": 50, "baseline_capacity": 20, **cells}
    return case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 40}],
            "offers": [offer, *others],
            "effects": [{"offer_id": one["offer_id"], "need_id": "N", "effect": 1} for one in (offer, *others)],
            "pots": [{"pot_id": "P", "name": "P", "amount": 3000}],
            "scenarios": [{"scenario_id": "B", "title": "B", "pooling": "integrated"}],
        }
    )


def test_an_offer_that_spends_all_its_money_loses_places_at_once_and_its_last_one_when_that_costs_all() -> None:
    found = explain_offer(Session(one_offer()), "B", "O", across=False)
    card = found.cards[0]
    assert isinstance(card, OfferCard)
    of = {one.parameter: one for one in card.tippings}
    assert of["price"].value == of["price"].today == 100
    assert 100 < of["price"].beyond <= 100.11 and of["price"].bad < 30
    assert 2990 < of["price_any"].value <= 3000 < of["price_any"].beyond < 3010
    text = " ".join(found.sentences("en")["sentence"])
    assert "As soon as a place cost €100." in text and "fewer places" in text
    assert "it would still have at least 1 place in the proposal; at €3,00" in text
    assert "keeps its place" not in text
    bound = explain_offer(Session(one_offer(committed_capacity=10)), "B", "O", across=False).cards[0]
    assert isinstance(bound, OfferCard)
    # A contract keeps ten places whatever they cost, so that "at least one place" would say nothing of the price.
    assert "price_any" not in {one.parameter for one in bound.tippings}


def test_whoever_is_named_gets_more_in_the_proposal_than_if_the_offer_were_kept(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    bench = Bench(Session(case), "SZ1")
    plan = bench.plan.offers.set_index("offer_id")["cost_eur"]
    named = 0
    for offer_id in ("O01", "O04", "O11", "O18", "O22", "O10"):
        card = offer_card(bench, offer_id, tippings="none")
        assert card.held is not None
        then = held_at(case, card).offers.set_index("offer_id")["cost_eur"]
        sign = -1 if card.held.question == "not_raised" else 1
        for id, euros in card.recipients.items():
            assert sign * (plan[id] - then[id]) == pytest.approx(euros, abs=1e-3)
            assert euros >= 1
            named += 1
    assert named > 6
    text = " ".join(explain_offer(bench.session, "SZ1", "O01", across=False).sentences("en")["sentence"])
    assert "If it stayed as today, these would get less than in the proposal" in text
    assert "goes to" not in text


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]))
def test_the_least_needed_capacity_is_the_least(case: Case, scenario_id: str) -> None:
    session = Session(case)
    bench = Bench(session, scenario_id)
    for card in explain_all(session, scenario_id).cards:
        if math.isnan(card.least_needed):
            continue
        offer = bench.offer(card.offer_id)
        least = card.least_needed
        column = bench.columns.capacity + offer
        for level, possible in ((least * 0.999 - 1e-4, False), (least * 1.0001 + 1e-4, True)):
            lower, upper = bench.program.lower.copy(), bench.program.upper.copy()
            lower[column], upper[column] = 0.0, max(level, 0.0)
            if level >= 0:
                assert solve_cold(replace(bench.program, lower=lower, upper=upper)).possible is possible


def test_the_full_card_of_the_example_town_in_both_languages(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    found = explain_offer(session, "SZ1", "O01")
    card = found.cards[0]
    assert isinstance(card, OfferCard)
    assert card.direction == "lowered"
    assert {one.parameter for one in card.tippings} == {"price", "effect", "pot", "demand", "weight"}
    assert set(card.elsewhere["plan_id"]) == {"SZ2", "SZ2t", "SZ3a", "SZ3b", "SZ4a", "SZ4b", "SZ4c", "SZ5", "SZ6"}
    german, english = (found.sentences(lang)["sentence"] for lang in ("de", "en"))
    assert len(german) == len(english) > 10
    assert "{" not in "".join([*german, *english])
    assert german.iloc[0].startswith("Der Vorschlag senkt")
    assert english.iloc[0].startswith("The proposal lowers")


def test_quick_and_full_cards_agree_on_every_loss_of_the_example_town(auenfurt: Path) -> None:
    bench = Bench(Session(read_case(auenfurt)), "SZ2")
    rules = TightRules(bench)
    for offer, offer_id in enumerate(bench.compiled.town.offers.ids.tolist()):
        quick, full = quick_card(bench, rules, offer), offer_card(bench, offer_id, tippings="none")
        for one, other in ((quick.closed, full.closed), (quick.held, full.held)):
            assert one is not None
            assert other is not None
            assert one.possible == other.possible
            assert one.loss == pytest.approx(other.loss, abs=1e-8)


def test_an_interrupted_run_gives_the_cards_known_so_far(auenfurt: Path) -> None:
    seen: list[str] = []

    def step(offer_id: str) -> None:
        if len(seen) == 5:
            raise KeyboardInterrupt
        seen.append(offer_id)

    found = explain_all(Session(read_case(auenfurt)), "SZ1", progress=step)
    assert not found.complete
    assert [card.offer_id for card in found.cards] == seen


def test_what_has_no_proposal_cannot_be_explained(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    for scenario_id, id in (("SZ0", "explain-judged"), ("SZ4a", "explain-no-plan")):
        with pytest.raises(UsageError) as error:
            explain_all(session, scenario_id)
        assert error.value.id == id
    with pytest.raises(UsageError) as error:
        explain_offer(session, "SZ1", "O99")
    assert error.value.id == "id-unknown"


def test_where_demand_is_full_an_offer_is_not_worth_it_even_free_of_charge() -> None:
    """Two offers for one need; the cheaper one covers everybody, the other would only duplicate."""
    case = case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons", "weight": 1}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 10}],
            "offers": [
                {"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 10, "baseline_capacity": 10,
                 "committed_capacity": 10},
                {"offer_id": "B", "name": "B", "unit_cost": 20, "max_capacity": 5, "baseline_capacity": 5},
            ],
            "effects": [{"offer_id": "A", "need_id": "N", "effect": 1}, {"offer_id": "B", "need_id": "N", "effect": 1}],
            "pots": [{"pot_id": "P", "name": "P", "amount": 1000}],
            "parameters": [{"parameter": "movement_weight", "value": 0.01}],
        }
    )  # fmt: skip
    card = offer_card(Bench(Session(case), "silo"), "B")
    answers = {one.parameter: one.answer for one in card.tippings}
    assert card.direction == "lowered"
    price = next(one for one in card.tippings if one.parameter == "price")
    # Free of charge a place too much costs nothing either, so that only then today's places may stay.
    assert price.answer == "not_even_free" or price.beyond <= 0.02
    assert answers["pot"] == "no_money_helps"
    assert answers["effect"] == "not_found"
    assert np.isclose(card.held.loss, 10 * 5 * 0.1 / 1000 - 0.01 * 100 / 1000)  # type: ignore[union-attr]


def test_a_factor_of_nought_is_said_in_words() -> None:
    """One offer, and nobody else who could use its money: it stays whatever it does."""
    case = case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons", "weight": 1}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 10}],
            "offers": [{"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 10, "baseline_capacity": 5}],
            "effects": [{"offer_id": "A", "need_id": "N", "effect": 1}],
            "pots": [{"pot_id": "P", "name": "P", "amount": 80}],
            "parameters": [{"parameter": "movement_weight", "value": 0.01}],
        }
    )
    text = " ".join(explain_offer(Session(case), "silo", "A").sentences("en")["sentence"])
    assert "Even if its places had no effect at all" in text
    assert "Even if N (N) did not count at all" in text
    assert " 0 times" not in text


def test_other_plans_are_counted_where_they_do_not_all_do_the_same() -> None:
    """An offer that a plan leaves out, or that is not there today, has no direction in it and counts for nothing."""
    told = [("scenario", "raised"), ("scenario", "raised"), ("near", "lowered"), ("near", "kept"), ("near", "")]
    elsewhere = pd.DataFrame(told, columns=["kind", "direction"]).assign(status="optimal", plan_id="X")
    case = case_of({"scenarios": [{"scenario_id": "X", "title": "X"}]})
    assert Teller(case, "en")._elsewhere(elsewhere) == [
        "In 2 other scenarios with a proposal: always raised.",
        "In 2 almost equally good plans: lowered in 1, as today in 1.",
    ]


def test_nobody_gets_less_where_holding_an_offer_costs_nothing() -> None:
    teller = Teller(case_of({"scenarios": [{"scenario_id": "X", "title": "X"}]}), "en")
    others = {"instead": pd.DataFrame({"offer_id": ["B"]}), "recipients": pd.Series({"B": 50.0})}
    for held in (None, SimpleNamespace(costs_nothing=True, question="kept")):
        assert teller.instead(SimpleNamespace(held=held, **others)) == []  # type: ignore[arg-type]


def test_a_price_is_shown_in_whole_cents_but_for_that_of_today() -> None:
    """12.345 EUR stay; a fifth more, 14.814 EUR, are rounded away from it, and 11.604 EUR to the other side."""
    figure = SimpleNamespace(today=12.345, is_price=True)
    assert _Figure.rounded(figure, 1.0, 1.2) == pytest.approx((1.0, 14.82 / 12.345), rel=1e-12)  # type: ignore[arg-type]
    assert _Figure.rounded(figure, 0.94, 1.0) == pytest.approx((11.60 / 12.345, 1.0), rel=1e-12)  # type: ignore[arg-type]
