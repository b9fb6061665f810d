"""Reason cards of pots, spaces, floors and offers in a space, held against cold solves."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.reasons.breakeven import recompiled
from allocate.analyses.reasons.explain import explain_floor, explain_pot, explain_space, explain_use
from allocate.analyses.reasons.floor_card import floor_cards
from allocate.analyses.reasons.place_cards import PlaceCard
from allocate.analyses.reasons.pot_card import pot_card
from allocate.analyses.reasons.space_card import space_card
from allocate.analyses.reasons.use_card import use_card
from allocate.bench.recast import extended, one_row
from allocate.bench.resolve import Bench, solve_cold
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.session import Session
from tests.strategies import case_of, scenario_towns

CAREFUL = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
SMALL = 3e-8


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B", "I"]))
def test_pot_steps_are_exact_differences(case: Case, scenario_id: str) -> None:
    bench = Bench(Session(case), scenario_id)
    town = bench.compiled.town
    for number, pot_id in enumerate(town.pots.tolist()):
        card = pot_card(bench, pot_id)
        for row in card.steps.itertuples():
            amount = town.pot_amount.copy()
            amount[number] += row.step
            cold = solve_cold(recompiled(bench.compiled, replace(town, pot_amount=amount)))
            assert cold.possible == row.possible
            if cold.possible:
                assert row.difference == pytest.approx(cold.value - bench.value, abs=SMALL)
        paid = card.tables["pays"]
        assert paid["plan_eur"].sum() == pytest.approx(card.facts["spent_eur"], abs=1e-3)
        more = card.consequence("more")
        assert more is not None
        assert more.loss <= SMALL


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]))
def test_floor_cards_against_programs_without_and_with_a_shifted_floor(case: Case, scenario_id: str) -> None:
    bench = Bench(Session(case), scenario_id)
    floors = bench.compiled.floors
    for floor_id in dict.fromkeys(floors.floor_id.tolist()):
        for card in floor_cards(bench, floor_id):
            if not card.facts["enforced"]:
                continue
            row = bench.program.rows_index.at("floor", *card.key)
            without = bench.program.row_lower.copy()
            without[row] = -np.inf
            value = solve_cold(replace(bench.program, row_lower=without)).value
            found = card.consequence("without")
            assert found is not None
            assert -found.loss == pytest.approx(value - bench.value, abs=SMALL)
            highest = card.facts["highest_possible"]
            demand = card.facts["required_units"] / card.facts["required"] if card.facts["required"] else 0.0
            for share, possible in ((highest * 0.9999, True), (highest + 1e-3, False)):
                shifted = bench.program.row_lower.copy()
                shifted[row] = share * demand
                if demand:
                    assert solve_cold(replace(bench.program, row_lower=shifted)).possible is possible


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]), st.data())
def test_space_cards_say_what_one_more_unit_costs(case: Case, scenario_id: str, data: st.DataObject) -> None:
    bench = Bench(Session(case), scenario_id)
    town = bench.compiled.town
    space_id = data.draw(st.sampled_from(town.spaces.ids.tolist()))
    card = space_card(bench, space_id)
    covered = bench.plan.coverage.set_index(["space_id", "need_id"])["covered"]
    segments = len(town.segments.value)
    layout = bench.compiled.layout
    for row in card.tables["cells"].to_dict("records"):
        if row["reason"] == "full":
            assert row["gap_units"] == pytest.approx(0, abs=1e-4)
            continue
        family = bench.program.columns_index["covered"]
        first = family.start + family.position[(space_id, row["need_id"], "1")]
        columns = first + np.arange(segments)
        assert layout.first("covered") <= first
        step = min(1.0, row["gap_units"])
        more = one_row("more", columns, np.ones(segments), lower=covered[space_id, row["need_id"]] + step)
        cold = solve_cold(extended(bench.program, rows=[more]))
        assert cold.possible == math.isfinite(row["unit_loss"])
        if cold.possible:
            assert row["unit_loss"] == pytest.approx(bench.value - cold.value, abs=SMALL)
        if row["reason"] == "unreached":
            assert row["reachable_units"] <= row["plan_units"] + 1e-4


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B", "I"]), st.data())
def test_use_cards_against_bounded_use(case: Case, scenario_id: str, data: st.DataObject) -> None:
    bench = Bench(Session(case), scenario_id)
    town = bench.compiled.town
    pair = data.draw(st.integers(0, len(town.pairs.offer) - 1))
    ids = str(town.offers.ids[town.pairs.offer[pair]]), str(town.spaces.ids[town.pairs.space[pair]])
    card = use_card(bench, *ids)
    column = bench.columns.use + pair
    for one in card.consequences:
        lower, upper = bench.program.lower.copy(), bench.program.upper.copy()
        if one.question == "kept":
            lower[column] = one.level
        else:
            upper[column] = one.level
        cold = solve_cold(replace(bench.program, lower=lower, upper=upper))
        assert cold.possible == one.possible
        if cold.possible:
            assert one.loss == pytest.approx(bench.value - cold.value, abs=SMALL + one.loss_gap + cold.gap)


def test_every_kind_of_card_speaks_both_languages(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    found = [
        explain_pot(session, "SZ1", "P2"),
        explain_space(session, "SZ1", "S10"),
        explain_floor(session, "SZ1", "F07"),
        explain_use(session, "SZ1", "O01", "S01"),
    ]
    assert [one.cards[0].kind for one in found] == ["pot", "space", "floor", "use"]
    assert len(found[2].cards) == 10
    for one in found:
        german, english = (one.sentences(lang)["sentence"].tolist() for lang in ("de", "en"))
        assert len(german) == len(english)
        assert all(text and "{" not in text for text in [*german, *english])
        assert german != english
        assert one.to_json("de") != one.to_json("en")
    assert isinstance(found[0].cards[0], PlaceCard)
    # A euro in P2 is worth more than one in P1 (the finding of the example town).
    assert found[0].cards[0].facts["marginal_value"] > 1.3387e-07


def test_unknown_ids_are_named(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    for ask in (explain_pot, explain_space, explain_floor):
        with pytest.raises(UsageError) as error:
            ask(session, "SZ1", "X9")
        assert error.value.id == "id-unknown"
    with pytest.raises(UsageError) as error:
        explain_use(session, "SZ1", "O01", "S09")
    assert error.value.id == "explain-no-reach"


@pytest.mark.parametrize(
    ("share", "most", "said"),
    [
        (0.5, 100, "of the offers that it may pay for (1), 0 are at their limit"),
        (1.0, 20, "the one offer that it may pay for is at its limit"),
    ],
)
def test_a_pot_that_keeps_money_does_not_say_that_all_is_provided(share: float, most: int, said: str) -> None:
    """P pays at most its share, and Q has no more for the rest: what is left of P is not superfluous."""
    town = case_of(
        {
            "spaces": [{"space_id": "S1", "name": "Centre"}],
            "needs": [{"need_id": "N1", "name": "Advice", "unit": "persons"}],
            "demand": [{"space_id": "S1", "need_id": "N1", "demand": 100}],
            "offers": [{"offer_id": "O1", "name": "Office", "unit_cost": 10, "max_capacity": most}],
            "effects": [{"offer_id": "O1", "need_id": "N1", "effect": 1}],
            "pots": [
                {"pot_id": "P", "name": "Land", "amount": 600, "max_share": share},
                {"pot_id": "Q", "name": "Town", "amount": 100},
            ],
            "scenarios": [{"scenario_id": "A", "title": "Plan"}],
        }
    )  # fmt: skip
    told = " ".join(explain_pot(Session(town), "A", "P").sentences("en")["sentence"])
    assert said in told
