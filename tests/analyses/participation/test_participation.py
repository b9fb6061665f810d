"""Plans of groups, what they share, and how ballots enter: by hand, on random towns, on the example town."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.analyses.participation.group_answers import Participation, participation
from allocate.analyses.participation.group_plans import PARTED, SHARED, summary_of
from allocate.analyses.participation.group_words import label_of
from allocate.analyses.participation.stakes import stakes_of
from allocate.analyses.reasons.direction import direction
from allocate.bench.least_regret import bests_of
from allocate.bench.weighting import EXPERTS, LEAST_REGRET
from allocate.errors import UsageError
from allocate.inputs.voices.ballots import Ballots, read_ballots
from allocate.session import Session
from tests.bench.test_least_regret import two_needs
from tests.strategies import case_of, town_tables

AUENFURT_NEEDS = [f"N{at:02d}" for at in range(1, 13)]
VOTES = [
    "a,Youth,12,points,40,10,,,20,,,10,20,",
    "b,Youth,3,ranking,1,2,3,4,5,6,7,8,9,10",
    "c,Seniors,9,swing,,20,,10,,100,90,,10,10",
    "d,Shelter,2,points,,,,,,,,,50,50",
    "e,Providers,6,points,10,10,10,10,10,10,10,10,10,10",
]


def ballots_of(folder: Path, rows: list[str], needs: list[str], known: list[str]) -> Ballots:
    path = folder / "b.csv"
    head = ",".join(["ballot_id", "group", "persons", "method", *needs])
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_ballots([path], known)


@pytest.fixture(scope="module")
def voted(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Participation:
    folder = tmp_path_factory.mktemp("votes")
    return participation(session, "SZ2", ballots=ballots_of(folder, VOTES, AUENFURT_NEEDS[:10], AUENFURT_NEEDS))


def test_two_ballots_solved_by_hand(tmp_path: Path) -> None:
    """Ten places between two needs (demand 10 and 20). All for N1: ten of A; all for N2: ten of B. Together (1/2, 1/2)
    a place of A is worth 1/20, one of B 1/40, so all go to A. Least regret of the two: five each, both give up half."""
    session = Session(two_needs(equity_weight=0))
    rows = ["a,one,5,points,100,", "b,two,5,points,,100"]
    found = participation(session, "X", ballots=ballots_of(tmp_path, rows, ["N1", "N2"], ["N1", "N2"]))
    assert found.groups.table["weight_set"].tolist() == [EXPERTS, "one", "two", "ballots"]
    places = found.offers.pivot_table(index="plan", columns="offer_id", values="capacity")
    assert places.loc["one"].tolist() == pytest.approx([10, 0])
    assert places.loc["two"].tolist() == pytest.approx([0, 10])
    assert places.loc["ballots"].tolist() == pytest.approx([10, 0])
    plans = found.plans.set_index("plan")
    assert plans.loc["two", "differs_eur"] == pytest.approx(1000.0), "the planners' plan is ten of A"
    assert plans.loc["two", "regret"] == pytest.approx(1.0)
    assert plans.loc["one", "regret"] == pytest.approx(0.0)
    assert found.regret is not None and found.regret.worst == pytest.approx(0.5)
    assert found.decisions["agreement"].tolist() == [PARTED, PARTED]
    ways = found.ways.set_index(["way", "left_out"])
    assert set(ways.index) == {("median", ""), ("groups", ""), ("without", "one"), ("without", "two")}
    assert ways.loc[("without", "one"), "differs_eur"] == pytest.approx(1000.0)
    assert ways.loc[("without", "one"), "largest_weight_change"] == pytest.approx(-0.5)
    assert ways.loc[("groups", ""), "differs_eur"] == pytest.approx(0.0)


def check(found: Participation, session: Session) -> None:
    """What must hold whatever the town: tables against the plans they are made from."""
    own = session.run(found.scenario_id)
    costs = {name: plan.offers["cost_eur"].to_numpy() for name, plan in found.allocations.items()}
    for row in found.plans[found.plans["plan"] != LEAST_REGRET].to_dict("records"):
        plan = found.allocations[row["plan"]]
        assert plan.certificate is not None and plan.certificate.verified
        assert row["differs_eur"] == pytest.approx(np.abs(costs[row["plan"]] - own.offers["cost_eur"]).sum() / 2)
        assert plan.measures is not None
        assert row["weighted_coverage"] == pytest.approx(plan.measures.weighted_coverage, abs=0, nan_ok=True)
    judged = list(found.regret.plans) if found.regret else [EXPERTS]
    for row in found.decisions.to_dict("records"):
        at = list(own.offers["offer_id"]).index(row["offer_id"])
        today = float(own.offers["baseline_cost_eur"].iloc[at])
        ways = {name: direction(float(costs[name][at]) - today, today) for name in judged}
        assert row["agreement"] == (SHARED if len(set(ways.values())) == 1 else PARTED)
        for word in ("raised", "lowered", "kept"):
            assert row[f"{word}_by"] == ";".join(name for name in judged if ways[name] == word)
        spent = [float(costs[name][at]) for name in judged]
        assert (row["lowest_cost_eur"], row["highest_cost_eur"]) == pytest.approx((min(spent), max(spent)))
        assert row["certain_eur"] <= min(abs(one - today) for one in spent) + 1e-9
    for name, rows in found.needs[found.needs["weight_set"] != LEAST_REGRET].groupby("weight_set"):
        if rows["coverage"].isna().all():
            continue
        weighted = float((rows["weight"] * rows["coverage"]).sum() / rows["weight"][rows["coverage"].notna()].sum())
        measures = found.allocations[str(name)].measures
        assert measures is not None and weighted == pytest.approx(measures.weighted_coverage)
    figures = summary_of(found.decisions)
    assert figures["shared"] + figures["parted"] == len(own.offers)
    json.dumps(found.to_json("de"), allow_nan=False)
    for lang in ("de", "en"):
        assert all("{" not in sentence for sentence in found.sentences(lang))


@settings(max_examples=6, deadline=None)
@given(town_tables(), st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=2))
def test_random_towns(tables: dict[str, list[dict[str, object]]], drawn: list[list[int]]) -> None:
    needs = [str(row["need_id"]) for row in tables["needs"]]
    sets = [
        {"weight_set": f"g{at}", "need_id": need, "weight": weight + 1}
        for at, weights in enumerate(drawn)
        for need, weight in zip(needs, weights, strict=False)
    ]
    session = Session(case_of({**tables, "weight_sets": sets}))
    check(participation(session, "B"), session)


def test_example_town_without_ballots(session: Session) -> None:
    found = participation(session, "SZ2")
    check(found, session)
    assert found.reference == EXPERTS
    assert found.groups.table["source"].tolist() == ["planners", "table", "table"]
    figures = summary_of(found.decisions)
    assert (figures["shared"], figures["parted"]) == (25, 12)
    assert found.allocations["participation"].objective == pytest.approx(session.run("SZ6").objective, abs=1e-9)
    assert found.ways.empty and "together" not in found.weights.columns


def test_the_plan_of_a_set_is_that_of_the_scenario_with_the_set(session: Session) -> None:
    found = participation(session, "SZ6")
    assert found.reference == "participation"
    own = found.plans.set_index("plan").loc["participation"]
    assert (own["differs_eur"], own["turned"], own["regret"]) == pytest.approx((0.0, 0, 0.0), abs=1e-6)


def test_example_town_with_ballots(session: Session, voted: Participation) -> None:
    check(voted, session)
    sources = dict(zip(voted.groups.table["weight_set"], voted.groups.table["source"], strict=True))
    assert sources == {
        EXPERTS: "planners",
        "participation": "table",
        "participation_raw": "table",
        "Youth": "group",
        "Seniors": "group",
        "others": "group",
        "ballots": "all_ballots",
    }
    persons = voted.groups.table.set_index("weight_set")["persons"]
    assert persons["others"] == 8.0, "the shelter's two persons and, so that they stay unknown, the providers' six"
    asked = voted.weights.set_index("need_id")
    assert not asked.loc[["N11", "N12"], "asked"].any() and asked.loc["N01", "asked"]
    assert asked.loc["N12", "together"] == pytest.approx(0.09), "nobody was asked: the planners' share"
    assert asked["together"].sum() == pytest.approx(1.0)
    assert "ballots" not in voted.decisions["raised_by"].str.split(";").explode().tolist()
    told = " ".join(voted.sentences("en"))
    assert "N11 Protection from violence" in told and "32 persons" in told and "put together" in told


def test_the_other_ways_of_counting_are_what_they_say(session: Session, voted: Participation) -> None:
    row = voted.ways[voted.ways["left_out"] == "Seniors"].iloc[0]
    kept = voted.groups.weights
    assert kept is not None
    rest = kept.heads["shown"] != "Seniors"
    shares = np.average(kept.shares[rest], axis=0, weights=kept.heads.loc[rest, "persons"])
    room = float(voted.weights.loc[voted.weights["asked"], "experts"].sum())
    own = dict(zip(kept.shares.columns, shares * room, strict=True))
    largest = str(row["largest_need_id"])
    before = voted.weights.set_index("need_id")["together"]
    assert row["largest_weight_change"] == pytest.approx(own[largest] - before[largest])
    assert max(abs(own[need] - before[need]) for need in own) == pytest.approx(abs(row["largest_weight_change"]))
    known = bests_of(session, "SZ2", {"check": {**own, "N11": 0.03, "N12": 0.09}})
    assert row["regret"] == pytest.approx(float(known.regrets(voted.allocations["ballots"])[0]), abs=1e-9)


def test_weights_can_be_written_and_used_again(session: Session, voted: Participation) -> None:
    table = voted.weight_table()
    assert table.groupby("weight_set")["weight"].sum().tolist() == pytest.approx([100.0] * len(voted.groups.sets))
    case = session.case.with_tables(weight_sets=table, scenarios=session.case["scenarios"].assign(weight_set="Seniors"))
    assert Session(case).run("SZ2").objective == pytest.approx(voted.allocations["Seniors"].objective, abs=1e-9)


def test_names_of_the_town_are_not_taken_for_the_programs_own(tmp_path: Path) -> None:
    """Weight sets and groups that bear every name the program gives: each keeps its own plan beside the program's.

    As above: all for N1 is ten of A, all for N2 ten of B; the least regret of both is five each.
    """
    first, second = {"N1": 1.0, "N2": 0.0}, {"N1": 0.0, "N2": 1.0}
    sets = {"least_regret": second, EXPERTS: second, "ballots": first, "others": first, "others 2": second}
    table = [
        {"weight_set": name, "need_id": need, "weight": weight}
        for name, own in sets.items()
        for need, weight in own.items()
    ]
    case = two_needs(equity_weight=0)
    scenarios = case["scenarios"].assign(weight_set="least_regret")
    session = Session(case.with_tables(weight_sets=pd.DataFrame(table), scenarios=scenarios))
    rows = ["a,others,9,points,100,", "b,ballots,9,points,,100", "c,x,2,points,100,", "d,y,3,points,100,"]
    found = participation(session, "X", ballots=ballots_of(tmp_path, rows, ["N1", "N2"], ["N1", "N2"]))
    check(found, session)
    assert found.reference == "least_regret 2"
    places = found.offers.pivot_table(index="plan", columns="offer_id", values="capacity", sort=False)
    assert not found.offers.duplicated(["plan", "offer_id"]).any()
    plans = {str(name): tuple(np.round(row, 6)) for name, row in zip(places.index, places.to_numpy(), strict=True)}
    assert plans == {
        EXPERTS: (10, 0),
        "least_regret 2": (0, 10),
        f"{EXPERTS} 2": (0, 10),
        "ballots 2": (10, 0),
        "others 3": (10, 0),
        "others 2": (0, 10),
        "others 4": (10, 0),  # the group of nine that calls itself so
        "ballots 3": (0, 10),
        "others": (10, 0),  # the two groups of few persons
        "ballots": (10, 0),
        LEAST_REGRET: (5, 5),
    }
    assert found.regret is not None and found.regret.worst == pytest.approx(0.5)
    without = found.ways.loc[found.ways["way"] == "without", "left_out"]
    assert sorted(without) == ["ballots 3", "others", "others 4"]
    labels = {name: label_of(name, "en") for name in plans}
    assert len(set(labels.values())) == len(labels)


def test_sentences_are_written_in_the_readers_numbers_and_with_names(session: Session, tmp_path: Path) -> None:
    rows = ["a,one,1234567,points,40,10", "b,two,9,points,1,9"]
    ballots = ballots_of(tmp_path, rows, ["N01", "N02"], AUENFURT_NEEDS)
    found = participation(session, "SZ2", ballots=ballots, bound=1.5)
    german, english = (" ".join(found.sentences(lang)) for lang in ("de", "en"))
    assert "2 Stimmzettel für 1.234.576 Personen" in german and "geteilt durch 1,5 oder über ihrem 1,5-Fachen" in german
    assert "2 ballots for 1,234,576 persons" in english and "below 1/1.5" in english
    offers, needs = session.case["offers"].set_index("offer_id"), session.case["needs"].set_index("need_id")
    furthest = str(found.decisions.loc[found.decisions["agreement"] == PARTED, "offer_id"].iloc[0])
    for told in (german, english):
        assert f"{furthest} {offers.loc[furthest, 'name']} (" in told
    assert f"N12 {needs.loc['N12', 'name']}" in german


def test_a_bound_of_one_leaves_the_planners_plan(session: Session, tmp_path: Path) -> None:
    ballots = ballots_of(tmp_path, VOTES, AUENFURT_NEEDS[:10], AUENFURT_NEEDS)
    found = participation(session, "SZ2", ballots=ballots, bound=1.0)
    assert found.plans.set_index("plan").loc["ballots", "differs_eur"] == pytest.approx(0.0, abs=1e-3)


def test_an_indivisible_scenario_has_plans_but_no_least_regret() -> None:
    case = two_needs()
    scenarios = case["scenarios"].assign(indivisible=True)
    sets = pd.DataFrame({"weight_set": "g", "need_id": ["N1", "N2"], "weight": [0.0, 1.0]})
    found = participation(Session(case.with_tables(scenarios=scenarios, weight_sets=sets)), "X")
    assert found.regret is None and found.plans["plan"].tolist() == [EXPERTS, "g"]


def test_questions_without_an_answer_are_refused(session: Session) -> None:
    with pytest.raises(UsageError, match="judges-only"):
        participation(session, "SZ0")
    with pytest.raises(UsageError, match="no-feasible-plan"):
        participation(session, "SZ4a")


def test_stakes_withhold_needs_of_few_persons() -> None:
    case = two_needs()
    demand = case["demand"].assign(demand=[4.0, 20.0])
    first, second = stakes_of(Session(case.with_tables(demand=demand)), "X", "en")
    assert np.isnan(first.demand) and np.isnan(first.coverage_today)
    assert (second.need_id, second.demand, second.coverage_today) == ("N2", 20.0, 0.0)
