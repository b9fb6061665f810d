"""Reason cards of offers: every statement is held against cold solves of the changed town."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.breakeven import recompiled
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.explain import explain_all, explain_offer
from allocate.analyses.reasons.offer_card import offer_card, quick_card
from allocate.analyses.resolving.resolve import Bench, solve_cold
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.reading import read_case
from allocate.results.allocation import Allocation
from allocate.session import Session
from tests.strategies import case_of, plan_with_offer, scenario_towns

CAREFUL = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def held_at(case: Case, card: OfferCard) -> Allocation:
    """The brute plan that the card's held question asks for."""
    assert card.held is not None
    offers = case["offers"].set_index("offer_id").loc[card.offer_id]
    if card.held.question == "not_raised":
        return plan_with_offer(case, card.scenario_id, card.offer_id, max_capacity=card.held.level)
    least = max(card.held.level, float(offers["committed_capacity"]))
    return plan_with_offer(case, card.scenario_id, card.offer_id, committed_capacity=least)


def check_losses(case: Case, bench: Bench, card: OfferCard) -> None:
    """Both losses of a card against cold plans."""
    assert card.held is not None
    assert card.closed is not None
    without = plan_with_offer(case, card.scenario_id, card.offer_id, max_capacity=0.0, committed_capacity=0.0)
    for found, plan in ((card.closed, without), (card.held, held_at(case, card))):
        assert found.possible == plan.has_plan
        if plan.has_plan:
            assert found.loss == pytest.approx(bench.plan.objective - plan.objective, abs=2e-8 + found.loss_gap)


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]), st.data())
def test_full_cards_hold_against_cold_plans(case: Case, scenario_id: str, data: st.DataObject) -> None:
    bench = Bench(Session(case), scenario_id)
    offer_id = data.draw(st.sampled_from(bench.compiled.town.offers.ids.tolist()))
    card = offer_card(bench, offer_id)
    check_losses(case, bench, card)
    assert card.closed is not None
    if card.closed.possible:
        plan = plan_with_offer(case, scenario_id, offer_id, max_capacity=0.0, committed_capacity=0.0)
        after = plan.coverage.set_index(["space_id", "need_id"])["covered"]
        before = bench.plan.coverage.set_index(["space_id", "need_id"])["covered"]
        lost = card.closed.cells.set_index(["space_id", "need_id"])["lost_units"]
        expected = (before - after)[(before - after).abs() > 1e-6]
        assert lost.sort_index().to_dict() == pytest.approx(expected.sort_index().to_dict(), abs=1e-5)
    for one in card.tippings:
        assert one.answer != "value" or one.verified, one


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
            elif one.rule == "capacity_full":
                plan = plan_with_offer(case, scenario_id, one.key[0], max_capacity=one.limit + one.step)
                reach = bench.compiled.town.pairs.max_capacity
                assert one.gain <= plan.objective - bench.plan.objective + 2e-8 or (reach < one.limit).any()


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]), st.data())
def test_break_even_values_part_the_good_from_the_bad(case: Case, scenario_id: str, data: st.DataObject) -> None:
    bench = Bench(Session(case), scenario_id)
    town = bench.compiled.town
    offer_id = data.draw(st.sampled_from(town.offers.ids.tolist()))
    offer = bench.offer(offer_id)
    card = offer_card(bench, offer_id)
    assert card.held is not None
    rising = card.held.question in ("kept", "started") and not card.held.costs_nothing
    if not rising or not card.held.possible:
        return
    holds = bench.level(offer, least=card.held.level)

    def value_at(price: float) -> float:
        unit_cost = town.offers.unit_cost.copy()
        unit_cost[offer] = price
        return solve_cold(
            recompiled(bench.compiled, replace(town, offers=replace(town.offers, unit_cost=unit_cost))), holds
        ).value

    price = next(one for one in card.tippings if one.parameter == "price")
    assert price.answer in ("value", "not_even_free")
    if price.answer == "not_even_free":
        assert value_at(0.0) < bench.value
    else:
        for share in (0.0, 0.5, 0.98):
            assert value_at(price.value * share) >= bench.value - 1e-8
        for share in (0.02, 0.5, 1.0):
            assert value_at(price.value + share * (price.today - price.value)) < bench.value + 1e-9
    for one in card.tippings:
        if one.parameter == "pot" and one.answer == "value":
            amount = town.pot_amount.copy()
            amount[town.pots.tolist().index(one.key)] += 0.5 * one.value
            assert solve_cold(recompiled(bench.compiled, replace(town, pot_amount=amount)), holds).value < bench.value
        if one.parameter == "pot" and one.answer == "no_money_helps":
            amount = town.pot_amount.copy()
            amount[town.pots.tolist().index(one.key)] += 1e7
            assert solve_cold(recompiled(bench.compiled, replace(town, pot_amount=amount)), holds).value < bench.value


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
        quick, full = quick_card(bench, rules, offer), offer_card(bench, offer_id, tippings=False)
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
    assert answers["price"] == "not_even_free"
    assert answers["pot"] == "no_money_helps"
    # Without any effect it would duplicate nothing; money is there for both.
    assert answers["effect"] == "only_duplicates"
    assert np.isclose(card.held.loss, 10 * 5 * 0.1 / 1000 - 0.01 * 100 / 1000)  # type: ignore[union-attr]
