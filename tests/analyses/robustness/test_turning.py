"""Turning points: by hand on the tiny town, against a scan by fresh sessions, and as what-ifs of the example town."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from allocate.analyses.reasons.direction import directions
from allocate.analyses.robustness.replan import Replanner
from allocate.analyses.robustness.robust import Robustness, Settings, robust
from allocate.analyses.robustness.robust_words import sentences
from allocate.analyses.robustness.turning import (
    LADDER,
    NARROW,
    NO_PLAN,
    UNCONFIRMED,
    Turning,
    _Ranking,
    _Search,
    table_of,
    turned,
    turning,
)
from allocate.analyses.robustness.uncertain_inputs import KINDS, UncertainInput, uncertain_inputs
from allocate.bench.resolve import Bench
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.language import MINUS
from allocate.results.ledger import ledger
from allocate.session import Session
from tests.conftest import ROOT
from tests.strategies import Sizes, case_of, towns

CAREFUL = settings(
    max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
ALL = 10**6


@pytest.fixture(scope="module")
def tiny() -> Session:
    return Session(read_case(ROOT / "tests" / "cases" / "tiny"))


def replanner_of(case: Case | Session, scenario_id: str) -> Replanner:
    session = case if isinstance(case, Session) else Session(case)
    return Replanner(Bench(session, scenario_id))


def point(found: Turning, kind: str, key: str, sign: int) -> tuple[float, float]:
    """(holds until, turns at) of one figure and side."""
    table = found.table
    row = table[(table["kind"] == kind) & (table["key"] == key) & (table["change"] * sign > 0)].iloc[0]
    assert row["verified"]
    return abs(row["holds_until"]), abs(row["change"])


def test_tiny_town_by_hand(tiny: Session) -> None:
    """silo: A has today's 20 places for all of P1's 2,000 EUR; it is kept until its cost moves by one per cent.
    At the price (1 + d) * 100 today's places cost 2,000 (1 + d): lowered when 2,000 d > 20 (1 + d), d > 1/99."""
    found = turning(replanner_of(tiny, "silo"), count=99, each=99)
    for kind, key, sign, exact in (
        ("pot_amount", "P1", 1, 0.01), ("pot_amount", "P1", -1, 0.01),
        ("unit_cost", "A", 1, 1 / 99), ("unit_cost", "A", -1, 1 / 101),
        ("all_costs", "*", 1, 1 / 99), ("all_costs", "*", -1, 1 / 101),
    ):  # fmt: skip
        holds, turns = point(found, kind, key, sign)
        assert holds - 1e-9 <= exact <= turns
        assert turns - holds <= NARROW * turns
    assert len(found.table) == 6
    assert set(found.table["offer_id"]) == {"A"}
    assert set(found.table["from_direction"]) == {"kept"}


def test_tiny_town_pooled_by_hand(tiny: Session) -> None:
    """pooled: ten places of A in S2 give way to B because u EUR buy u / c units there instead of half a unit, at
    0.1 u / 5,000 for being moved; a unit is worth w = 0.0125 + 0.02 / 30. They stay once (u / c - 1/2) w < 0.00002 u:
    at c = 150 for u < 0.5 w / (w / 150 - 0.00002), at u = 100 for c > 100 / (0.002 / w + 0.5)."""
    found = turning(replanner_of(tiny, "pooled"), count=4, each=99)
    w = 0.0125 + 0.02 / 30
    for kind, key, sign, exact in (
        ("unit_cost", "A", -1, 1 - 0.5 * w / (w / 150 - 0.00002) / 100),
        ("unit_cost", "B", 1, 100 / (0.002 / w + 0.5) / 150 - 1),
        ("effect", "B|N1", -1, 1 - 150 * (0.002 / w + 0.5) / 100),
    ):
        holds, turns = point(found, kind, key, sign)
        assert holds <= exact <= turns
    assert list(found.table["change"].abs()) == sorted(found.table["change"].abs())


def scan(replanner: Replanner, figure: UncertainInput, sign: int, change: float) -> set[str]:
    """The offers that turn, by a fresh session."""
    variant = replanner.with_tables(figure.tables(replanner.variant.case, 1 + sign * change))
    session = Session(variant.case)
    plan = session.run(session.add(variant))
    if not plan.has_plan:
        return {NO_PLAN}
    name = variant.scenario.scenario_id
    cost = plan.offers["cost_eur"].to_numpy(dtype=float)
    then = replace(replanner.proposal, compiled=session.compiled(name), cost=cost)
    return set(turned(replanner.proposal, then).ids)


def check_by_scan(replanner: Replanner, rungs: tuple[float, ...]) -> None:
    """Rung by rung, with a fresh session at each: every figure that turns something is listed between the right
    rungs, and no other. Offers that hang by a thread are left out on both sides."""
    assert set(rungs[:-1]) <= set(LADDER)
    found = turning(replanner, most=rungs[-1], limit=ALL, count=ALL, each=ALL)
    table = found.table
    assert table["verified"].all()
    thread = set(";".join(table.loc[table["holds_until"] == 0, "turned_offers"]).split(";")) - {""}
    listed = {(row["kind"], row["key"], row["change"] > 0): row for row in table.to_dict("records")}
    plan = replanner.bench.plan
    for figure in uncertain_inputs(replanner.variant, ledger(replanner.bench.compiled.town, plan)):
        for sign in (1, -1):
            turns = next((rung for rung in rungs if scan(replanner, figure, sign, rung) - thread), None)
            row = listed.get((figure.kind, figure.key, sign > 0))
            if turns is None:
                assert row is None or row["holds_until"] == 0, (figure, row)
            else:
                assert row is not None, (figure, sign, turns)
                assert abs(row["change"]) <= turns + 1e-12


def test_tiny_town_by_scan(tiny: Session) -> None:
    check_by_scan(replanner_of(tiny, "pooled"), (0.03, 0.12))


@CAREFUL
@given(towns(Sizes(spaces=(2, 2), needs=(2, 2), offers=(2, 3), pots=(2, 2))))
def test_random_towns_by_scan(case: Case) -> None:
    check_by_scan(replanner_of(case, "B"), (0.03,))


def test_where_a_floor_is_just_met_more_need_leaves_no_plan() -> None:
    case = case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 10}],
            "offers": [{"offer_id": "O", "name": "O", "unit_cost": 100, "max_capacity": 10, "baseline_capacity": 5}],
            "effects": [{"offer_id": "O", "need_id": "N", "effect": 1}],
            "pots": [{"pot_id": "P", "name": "P", "amount": 600}],
            "floors": [{"floor_id": "F", "scope": "all", "need_id": "N", "min_coverage": 0.5, "kind": "statutory"}],
        }
    )
    found = turning(replanner_of(case, "silo"), limit=ALL, count=ALL, each=ALL)
    row = found.table[(found.table["kind"] == "demand") & (found.table["change"] > 0)].iloc[0]
    assert row["to_direction"] == NO_PLAN and row["offer_id"] == ""
    assert abs(row["holds_until"]) <= 0.2 <= abs(row["change"])
    assert row["verified"]


@pytest.fixture(scope="module")
def pooled(tiny: Session) -> Robustness:
    return robust(tiny, "pooled", Settings(runs=0, turning=0, spread=0.0))


def told(pooled: Robustness, table: pd.DataFrame, lang: str = "en") -> str:
    """The sentences about turning points with another ranking."""
    return " ".join(sentences(replace(pooled, turning=Turning(table, 7, 12, 0.3)), lang))


def ranked(tiny: Session, change: float, good: float) -> dict[str, object]:
    """The row of a search that believes some figure of the scenario ``silo`` to turn A at a change: P1, downwards.

    By hand (above) the turn is at 1 %, because A is paid by P1 alone.
    """
    replanner = replanner_of(tiny, "silo")
    figures = uncertain_inputs(replanner.variant, ledger(replanner.bench.compiled.town, replanner.bench.plan))
    figure = next(one for one in figures if (one.kind, one.key) == ("pot_amount", "P1"))
    ranking = _Ranking(replanner, [figure], (0.3, 3), lambda _key: None)
    return ranking._row(_Search(good, 0, change, figure, -1, {change: frozenset({"A"})}))


def test_a_turn_that_is_not_confirmed_is_no_missing_plan(tiny: Session, pooled: Robustness) -> None:
    """At 0.3 % nothing turns and there is a plan; the search was misled, and the row says no more than that."""
    row = ranked(tiny, 0.003, 0.001)
    assert not row["verified"]
    assert (row["offer_id"], row["turned_offers"], row["to_direction"]) == ("", "", UNCONFIRMED)
    for lang, words, none in (("en", "does not confirm the turn", "no plan"), ("de", "bestätigt", "kein Plan")):
        said = told(pooled, table_of([row]), lang)
        assert words in said and none not in said
        assert "first direction to turn" not in said and "Als erstes" not in said


def test_only_confirmed_turns_are_told(tiny: Session, pooled: Robustness) -> None:
    """A lower bound that is wrong (it turns below 3 % already) is not told either; a confirmed turn behind it is."""
    early, right = ranked(tiny, 0.1, 0.03), ranked(tiny, 0.011, 0.009)
    assert early["offer_id"] == "A" and not early["verified"] and right["verified"]
    said = told(pooled, table_of([early, right]))
    assert "first direction to turn: pot P1" in said and f"{MINUS}1.1%" in said and f"{MINUS}10%" not in said
    assert "For 1 turning point found" in said


def test_a_thread_that_is_not_confirmed_leaves_its_offer_to_be_named_again(tiny: Session) -> None:
    replanner = replanner_of(tiny, "silo")
    figures = uncertain_inputs(replanner.variant, ledger(replanner.bench.compiled.town, replanner.bench.plan))
    for verified, named in ((False, frozenset()), (True, {"A"})):
        ranking = _Ranking(replanner, figures[:1], (0.3, 3), lambda _key: None)
        misled = _Search(0.0, 0, 0.001, figures[0], 1, {0.001: frozenset({"A"})})
        ranking._leave_aside(misled, verified=verified)
        assert ranking.loose == named


def test_where_nothing_turns_it_is_said_of_how_many_figures(pooled: Robustness) -> None:
    said = {lang: told(pooled, table_of([]), lang) for lang in ("en", "de")}
    assert (
        "None of the figures searched (7 of 12), each by itself changed by up to 30%, turns a direction." in said["en"]
    )
    assert "Keine der durchsuchten Zahlen (7 von 12)" in said["de"]


def test_slips_over_the_border_of_kept_are_no_turns(tiny: Session) -> None:
    """Today A costs 2,000 EUR: up to 20 EUR are kept. 19 -> 21 is another word, but no turn."""
    replanner = replanner_of(tiny, "silo")
    proposal = replace(replanner.proposal, cost=replanner.proposal.cost + np.array([19.0, 0.0]))
    proposal = replace(proposal, capacity=proposal.cost / np.array([100.0, 150.0]))
    assert not turned(proposal, replace(proposal, cost=proposal.cost + np.array([2.0, 0.0]))).ids
    assert turned(proposal, replace(proposal, cost=proposal.cost + np.array([22.0, 0.0]))).ids == ("A",)


@pytest.fixture(scope="module")
def found(session: Session) -> Turning:
    return turning(replanner_of(session, "SZ2"), limit=20, count=4)


def test_example_town_as_what_ifs(session: Session, found: Turning) -> None:
    """Anybody can check a row with ``--change``: there the offer turns, and just before it does not."""
    assert len(found.table) == 4 and found.table["verified"].all() and found.looked_at == 20 < found.inputs
    before = directions(session.run("SZ2").offers)
    for row in found.table[found.table["holds_until"] != 0].head(2).to_dict("records"):
        for change, turns in ((row["change"], True), (row["holds_until"], False)):
            line = f"{row['table']}:{row['key']}:{row['what_if'].rsplit(':', 1)[1].split('*')[0]}*{1 + change:.12g}"
            case = with_what_if(session.case, "SZ2", parse_changes([line], "check", session.case))
            after = directions(Session(case).run("what-if").offers)
            assert (after[row["offer_id"]] != before[row["offer_id"]]) == turns
        assert row["to_direction"] != row["from_direction"] == before[row["offer_id"]]


def test_no_offer_is_named_more_than_three_times(found: Turning) -> None:
    assert found.table["offer_id"].value_counts().max() <= 3
    assert found.table["rank"].tolist() == list(range(1, 5))


def test_figures_with_most_money_come_first(session: Session) -> None:
    replanner = replanner_of(session, "SZ6")
    money = ledger(replanner.bench.compiled.town, replanner.bench.plan)
    figures = uncertain_inputs(replanner.variant, money)
    assert {one.kind for one in figures} == set(KINDS)
    assert len({(one.kind, one.key) for one in figures}) == len(figures)
    single = [one.stake for one in figures if one.kind in ("demand", "unit_cost", "effect", "capacity")]
    assert single == sorted(single, reverse=True)
    # In a scenario with a weight set the weights are changed there and not with the needs.
    weights = [one for one in figures if one.kind == "need_weight"]
    assert {one.table for one in weights} == {"weight_sets"} and len(weights) == 12
    case = replanner.variant.case
    changed = weights[0].tables(case, 2.0)["weight_sets"]["weight"] != case["weight_sets"]["weight"]
    assert changed.sum() == 1 and (case["weight_sets"]["weight_set"][changed] == "participation").all()


def test_an_interrupt_keeps_what_is_known(tiny: Session) -> None:
    seen: list[str] = []

    def stop(key: str) -> None:
        seen.append(key)
        if len(seen) > 20:
            raise KeyboardInterrupt

    found = turning(replanner_of(tiny, "pooled"), progress=stop)
    assert not found.complete
    assert len(found.table) < 10
