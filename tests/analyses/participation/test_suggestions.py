"""Suggestions: every outcome by hand, every effect against two plans run apart, small numbers withheld."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.analyses.participation.suggestion_ledger import Ledger, ledger_of, tell
from allocate.analyses.participation.suggestions import (
    CHANGES,
    CONTAINED,
    NO_DIFFERENCE,
    NO_PLAN,
    NOTHING_NAMED,
    OUTCOMES,
    UNCLEAR,
    SuggestionAnswer,
    answer_all,
)
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.voices.suggestions import COLUMNS, typed_suggestions
from allocate.language import MINUS
from allocate.plain import plain
from allocate.results.disclosure import mask_for
from allocate.session import Session
from tests.bench.test_least_regret import two_needs
from tests.reference.textbook import Textbook
from tests.strategies import towns


def one(session: Session, scenario: str, change: str, **entry: str) -> SuggestionAnswer:
    row = {**dict.fromkeys(COLUMNS, ""), "suggestion_id": "1", "title": "a suggestion", "change": change, **entry}
    return answer_all(session, scenario, pd.DataFrame([row]))[0]


def ledger(session: Session, scenario: str, answers: tuple[SuggestionAnswer, ...]) -> Ledger:
    plans = [session.run(scenario), *(one.plan for one in answers if one.plan is not None)]
    return ledger_of(answers, mask_for(session.case, plans))


@pytest.fixture(scope="module")
def tiny() -> Session:
    return Session(two_needs(equity_weight=0, suppression_threshold=0))


def test_a_suggestion_solved_by_hand(tiny: Session) -> None:
    """The plan is ten of A (a place worth 1/20, one of B 1/40). Four places of B kept: four of A go, 400 EUR move,
    N1 loses 4 of 10 and N2 gains 4 of 20, weighted coverage changes by (0.2 - 0.4) / 2 = -0.1."""
    found = one(tiny, "X", "offers:B:committed_capacity=4")
    assert found.outcome == CHANGES and found.effect is not None
    assert found.effect.figures["weighted_coverage"] == pytest.approx(-0.1)
    assert found.effect.figures["covered_units"] == pytest.approx(0.0)
    cells = found.effect.cells.set_index("need_id")["covered_change"]
    assert cells.to_dict() == pytest.approx({"N2": 4.0, "N1": -4.0})
    offers = found.effect.offers.set_index("offer_id")["change_eur"]
    assert offers.to_dict() == pytest.approx({"B": 400.0, "A": -400.0})
    moved = found.effect.moves.iloc[0]
    assert (moved["from_id"], moved["to_id"], moved["amount_eur"]) == ("A", "B", pytest.approx(400.0))
    assert not found.effect.yardstick_moved
    row = ledger(tiny, "X", (found,)).table.iloc[0]
    assert (row["gained_units"], row["lost_units"], row["handed_over_eur"]) == pytest.approx((4.0, 4.0, 400.0))


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("", NOTHING_NAMED),
        ("offers:A", UNCLEAR),
        ("offers:Z:max_capacity=1", UNCLEAR),
        ("offers:A:max_capacity=-1", UNCLEAR),
        ("nonsense:A:max_capacity=1", UNCLEAR),
        ("offers:A:max_capacity=20", CONTAINED),
        ("offers:B:max_capacity=30", NO_DIFFERENCE),
        ("offers:B:committed_capacity=21", NO_PLAN),
        ("offers:B:committed_capacity=15", NO_PLAN),
        ("offers:B:committed_capacity=1\noffers:A:max_capacity=5", CHANGES),
        ("offers:A:max_capacity=5;;offers:A:max_capacity=6", UNCLEAR),
    ],
)
def test_every_suggestion_gets_an_answer(tiny: Session, change: str, outcome: str) -> None:
    found = one(tiny, "X", change)
    assert found.outcome == outcome
    cells = ledger(tiny, "X", (found,)).shown_cells(found)
    for lang in ("de", "en"):
        told = tell(found, cells, lang)
        assert len(told) >= 2 and all(sentence and "{" not in sentence for sentence in told)
        if outcome in (UNCLEAR, NO_PLAN):
            assert found.reasons[lang] and found.reasons[lang] in told[0]
            assert "[" not in told[0], "no ids of messages for a resident"
    if outcome == NO_PLAN:
        assert "B" in found.reasons["en"], "what stands against it is named"


def test_unclear_ones_say_what_is_near(auenfurt: Path) -> None:
    found = one(Session(read_case(auenfurt)), "SZ2", "offers:O011:max_capacity=20")
    assert found.outcome == UNCLEAR and "O01" in found.reasons["en"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("offers:O11:committed_capacity=99999", ["O11 "]),
        ("floors:F01:min_coverage=0.99;;effects:*:effect*0.01", ["F01", "N04 ", "whole town"]),
    ],
)
def test_what_stands_against_a_suggestion_is_named(session: Session, change: str, words: list[str]) -> None:
    found = one(session, "SZ2", change)
    assert found.outcome == NO_PLAN, found.reasons
    for word in words:
        assert word in found.reasons["en"], found.reasons
    offers, needs = (session.case[name].set_index(f"{name[:-1]}_id")["name"] for name in ("offers", "needs"))
    named = f"O11 {offers['O11']}" if "O11" in change else f"N04 {needs['N04']}, ganze Stadt"
    assert named in found.reasons["de"]


@pytest.mark.parametrize(
    ("status", "decided", "reason", "outcome_change", "words"),
    [
        ("open", "", "", "", ["Status: open."]),
        ("declined", "2027-03-01", "No money.", "", ["declined on 2027-03-01", "Reason: No money."]),
        ("accepted", "", "", "offers:B:committed_capacity=4", ["accepted.", "not been given", "does not contain"]),
        ("partly", "", "x", "offers:A:max_capacity=20", ["in part", "that way"]),
    ],
)
def test_what_became_of_it(
    tiny: Session, status: str, decided: str, reason: str, outcome_change: str, words: list[str]
) -> None:
    found = one(tiny, "X", outcome_change, status=status, decided=decided, decision_reason=reason)
    told = " ".join(tell(found, ledger(tiny, "X", (found,)).shown_cells(found), "en"))
    assert all(word in told for word in words)


def test_what_it_would_do_is_told_in_points_and_units(tiny: Session) -> None:
    found = one(tiny, "X", "pots:P:amount*0.5")
    assert found.effect is not None
    figures = {**found.effect.figures, "weighted_coverage": 0.1234, "covered_units": 5.0, "lowest_space_coverage": -0.5}
    found = replace(found, effect=replace(found.effect, figures=figures))
    assert tell(found, ledger(tiny, "X", (found,)).shown_cells(found), "de")[1] == (
        "Gewichtete Deckung +12,34 Prozentpunkte, gedeckte Einheiten +5,0, am wenigsten gedeckter Sozialraum "
        f"{MINUS}50,00 Prozentpunkte."
    )


def test_a_change_of_demand_is_named_as_another_yardstick(tiny: Session) -> None:
    found = one(tiny, "X", "demand:S|N1:demand=5")
    assert found.effect is not None and found.effect.yardstick_moved
    told = tell(found, ledger(tiny, "X", (found,)).shown_cells(found), "en")
    assert any("not measured alike" in sentence for sentence in told)


def test_a_cut_is_not_told_as_money_handed_to_others(tiny: Session) -> None:
    found = one(tiny, "X", "pots:P:amount*0.5")
    told = " ".join(tell(found, ledger(tiny, "X", (found,)).shown_cells(found), "en"))
    assert "Less money" in told and "handed over" not in told


PIECES = [
    "offers",
    "pots",
    "demand",
    "floors",
    "A",
    "B",
    "P",
    "*",
    "S|N1",
    "max_capacity",
    "amount",
    "committed_capacity",
]
SIGNS = [":", ":", "=", "*", "/", "+", "-", "5", "-3", "1,5", "0", "nan", "", " ", ";;", "\n", "{x}", "%"]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *SIGNS]), max_size=12), st.sampled_from(PIECES), st.sampled_from(PIECES))
def test_whatever_is_written_gets_an_answer(tiny: Session, drawn: list[str], key: str, column: str) -> None:
    session = tiny
    for change in ("".join(drawn), f"offers:{key}:{column}{''.join(drawn)}"):
        found = one(session, "X", change)
        assert found.outcome in OUTCOMES
        assert all(tell(found, ledger(session, "X", (found,)).shown_cells(found), lang) for lang in ("de", "en"))


@settings(max_examples=5, deadline=None)
@given(towns(), st.data())
def test_effects_on_random_towns_are_the_difference_of_two_scenarios(case: Case, data: st.DataObject) -> None:
    assume(case["demand"]["demand"].sum() > 0)
    offer = data.draw(st.sampled_from(list(case["offers"]["offer_id"])))
    change = f"offers:{offer}:max_capacity*{data.draw(st.sampled_from(['0.5', '1.5']))}"
    session = Session(case)
    found = one(session, "B", change)
    wider = with_what_if(case, "B", parse_changes([change], "why", case), new_id="W")
    apart = Session(wider)
    before, after = apart.run("B"), apart.run("W")
    book = Textbook(apart.variant("W")).solve()
    assert (found.outcome == NO_PLAN) == (book.status == "infeasible")
    if found.effect is None or before.measures is None or after.measures is None:
        return
    assert found.effect.figures["objective"] == pytest.approx(book.objective - before.objective, abs=1e-6)
    gained = after.coverage["covered"].sum() - before.coverage["covered"].sum()
    assert found.effect.cells["covered_change"].sum() == pytest.approx(gained, abs=1e-4)
    paid = after.offers["cost_eur"].sum() - before.offers["cost_eur"].sum()
    assert found.effect.offers["change_eur"].sum() == pytest.approx(paid, abs=2.0 * len(before.offers))


def test_small_cells_are_withheld_and_stand_behind_the_others(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    answers = answer_all(session, "SZ2", typed_suggestions(["offers:O01:committed_capacity=100"]))
    found = ledger(session, "SZ2", answers)
    mask = mask_for(session.case, [session.run("SZ2"), answers[0].plan] if answers[0].plan else [])
    hidden = found.cells[found.cells["covered_change"].isna()]
    assert len(hidden) and all(mask.hides(row["space_id"], row["need_id"]) for row in hidden.to_dict("records"))
    shown = found.cells[found.cells["covered_change"].notna()]
    assert not any(mask.hides(row["space_id"], row["need_id"]) for row in shown.to_dict("records"))
    assert found.cells.index[found.cells["covered_change"].isna()].min() > shown.index.max()
    assert hidden[["space_id", "need_id"]].apply(tuple, axis=1).is_monotonic_increasing
    document = json.loads(json.dumps(plain(found.entries("de")), allow_nan=False))
    assert {
        cell["covered_change"] for cell in document[0]["cells"] if mask.hides(cell["space_id"], cell["need_id"])
    } == {None}
    text = " ".join(found.sentences("de"))
    assert all(f"{row['covered_change']}" not in text for row in hidden.to_dict("records"))


def test_a_scenario_without_a_plan_answers_nothing(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    table = typed_suggestions(["offers:O01:max_capacity=1"])
    with pytest.raises(UsageError, match="no-feasible-plan"):
        answer_all(session, "SZ4a", table)
    with pytest.raises(UsageError, match="judges-only"):
        answer_all(session, "SZ0", table)
