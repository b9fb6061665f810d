"""Weights from ballots: by hand, by laws, and small groups that must not be told apart."""

from __future__ import annotations

from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.analyses.participation.ballot_weights import (
    WAYS,
    BallotWeights,
    ballot_weights,
    by_id,
    rank_order_centroid,
    weighted_quantile,
    whole_weights,
    within,
)
from allocate.bench.weighting import OTHERS
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.voices.ballots import Ballots, read_ballots
from tests.strategies import case_of

NEEDS = ["N1", "N2", "N3"]


@pytest.fixture(scope="module")
def case() -> Case:
    spaces = [
        {"space_id": "S1", "name": "S1", "region_id": "R", "population": 100},
        {"space_id": "S2", "name": "S2", "region_id": "R", "population": 300},
    ]
    needs = [{"need_id": need, "name": need, "unit": "x", "weight": 1} for need in NEEDS]
    return case_of({"spaces": spaces, "needs": needs})


def told(folder: Path, rows: list[str]) -> Ballots:
    path = folder / "b.csv"
    path.write_text("ballot_id,group,persons,method,N1,N2,N3\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return read_ballots([path], NEEDS)


def shares(weights: BallotWeights) -> list[list[float]]:
    return [[float(value) for value in row] for row in weights.shares.to_numpy()]


def test_points_ranks_and_swing_by_hand(tmp_path: Path, case: Case) -> None:
    """Rank-order centroid for three: (1 + 1/2 + 1/3) / 3 = 11/18, (1/2 + 1/3) / 3 = 5/18, 1/9 = 2/18."""
    rows = [
        "a,,1,points,60,20,20",
        "b,,1,ranking,2,1,3",
        "c,,1,swing,100,50,50",
        "d,,1,ranking,1,1,",
        "e,,1,ranking,,1,",
    ]
    weights = ballot_weights(told(tmp_path, rows), case)
    assert shares(weights) == [
        pytest.approx([0.6, 0.2, 0.2]),
        pytest.approx([5 / 18, 11 / 18, 2 / 18]),
        pytest.approx([0.5, 0.25, 0.25]),
        pytest.approx([8 / 18, 8 / 18, 2 / 18]),
        pytest.approx([3.5 / 18, 11 / 18, 3.5 / 18]),
    ]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5).flatmap(lambda n: st.permutations(range(1, n + 1))))
def test_the_centroid_is_the_mean_of_all_corners(ranks: list[int]) -> None:
    """The corners of {w1 >= w2 >= ... >= wn, sum 1} are (1), (1/2, 1/2), ..., (1/n, ...)."""
    count = len(ranks)
    corners = [[1 / k if place <= k else 0.0 for place in ranks] for k in range(1, count + 1)]
    found = rank_order_centroid(pd.DataFrame([ranks], dtype=float))[0]
    assert found == pytest.approx(np.mean(corners, axis=0))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.integers(1, 4), st.just(float("nan"))), min_size=1, max_size=5))
def test_ties_share_what_all_their_orders_give_on_average(ranks: list[float]) -> None:
    table = pd.DataFrame([ranks], dtype=float)
    found = rank_order_centroid(table)[0]
    assert found.sum() == pytest.approx(1.0)
    known = [np.inf if np.isnan(rank) else rank for rank in ranks]
    orders = {p for p in permutations(range(len(ranks))) if all(known[a] <= known[b] for a, b in pairwise(p))}
    strict = []
    for order in orders:
        places = np.empty(len(ranks))
        places[list(order)] = np.arange(1, len(ranks) + 1)
        strict.append(rank_order_centroid(pd.DataFrame([places]))[0])
    assert found == pytest.approx(np.mean(strict, axis=0))


def test_four_ways_of_counting_by_hand(tmp_path: Path, case: Case) -> None:
    """Two persons of S1 and one of S2 want all for N1, N2; six of S2 (one ballot) want N3."""
    rows = ["a,S1,1,points,100,0,0", "b,S1,1,points,0,100,0", "c,S2,1,points,100,0,0", "d,S2,3,points,0,0,100"]
    ballots = told(tmp_path, rows)
    found = {way: ballot_weights(ballots, case, way=way).together.tolist() for way in WAYS}
    assert found["ballots"] == pytest.approx([2 / 6, 1 / 6, 3 / 6])
    assert found["groups"] == pytest.approx([(1 / 2 + 1 / 4) / 2, 1 / 4, 3 / 8])
    assert found["population"] == pytest.approx([(0.5 * 100 + 0.25 * 300) / 400, 50 / 400, 0.75 * 300 / 400])
    assert found["median"] == pytest.approx([0.0, 0.0, 1.0]), "N3: three persons at 0 and three at 100, half each"
    spread = ballot_weights(ballots, case).spread().set_index("need_id")
    assert spread.loc["N3", ["mean", "deviation", "low", "high"]].tolist() == pytest.approx([0.5, 0.5, 0.0, 1.0])


def test_a_median_of_nothing_falls_back_to_the_mean(tmp_path: Path, case: Case) -> None:
    rows = ["a,,1,points,1,,", "b,,1,points,,1,", "c,,1,points,,,1"]
    assert ballot_weights(told(tmp_path, rows), case, way="median").together.tolist() == pytest.approx([1 / 3] * 3)


def test_counting_by_residents_needs_places(tmp_path: Path, case: Case) -> None:
    ballots = told(tmp_path, ["a,Youth,1,points,1,1,1", "b,R,1,points,1,1,1"])
    with pytest.raises(UsageError, match="ballots-population"):
        ballot_weights(ballots, case, way="population")
    with pytest.raises(UsageError, match="ballots-way"):
        ballot_weights(ballots, case, way="dice")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(1, 4)), min_size=1, max_size=8), st.sampled_from([0.25, 0.5, 0.75])
)
def test_a_person_counts_as_if_each_had_a_ballot(drawn: list[tuple[float, int]], at: float) -> None:
    values, counts = (np.array(part, dtype=float) for part in zip(*drawn, strict=True))
    spelled = np.repeat(values, counts.astype(int))
    found = weighted_quantile(values[:, None], counts, at)[0]
    assert found == pytest.approx(np.quantile(spelled, at, method="averaged_inverted_cdf"))


# ------------------------------------------------------------------------------------------------------ few persons


def groups(ballots: Ballots, case: Case, threshold: float) -> tuple[dict[str, float], tuple[str, ...]]:
    weights = ballot_weights(ballots, case, threshold=threshold)
    return {str(name): float(count) for name, count in weights.persons().items()}, weights.pooled


@pytest.mark.parametrize(
    ("persons", "shown", "pooled"),
    [
        ({"a": 9, "b": 7}, {"a": 9, "b": 7}, set()),
        ({"a": 9, "b": 2, "c": 3}, {"a": 9, OTHERS: 5}, {"b", "c"}),
        ({"a": 9, "b": 7, "c": 3}, {"a": 9, OTHERS: 10}, {"b", "c"}),
        ({"a": 9, "b": 1, "c": 1}, {OTHERS: 11}, {"a", "b", "c"}),
        ({"a": 2}, {OTHERS: 2}, {"a"}),
        ({OTHERS: 9, "b": 2, "c": 3}, {f"{OTHERS} 2": 9, OTHERS: 5}, {"b", "c"}),
        ({OTHERS: 2, "b": 9, "c": 3}, {OTHERS: 5, "b": 9}, {OTHERS, "c"}),
        ({OTHERS: 9, f"{OTHERS} 2": 7}, {f"{OTHERS} 3": 9, f"{OTHERS} 2": 7}, set()),
    ],
)
def test_small_groups_are_put_together(
    tmp_path: Path, case: Case, persons: dict[str, int], shown: dict[str, float], pooled: set[str]
) -> None:
    ballots = told(tmp_path, [f"{name},{name},{count},points,1,1,1" for name, count in persons.items()])
    found, hidden = groups(ballots, case, 5)
    assert (found, set(hidden)) == (shown, pooled)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=7))
def test_no_group_below_the_threshold_is_shown_or_can_be_computed(case: Case, counts: list[int]) -> None:
    """What is withheld is the difference between all and what is shown: at least two groups, at least five persons."""
    table = pd.DataFrame(
        [
            {"ballot_id": str(at), "group": f"g{at}", "persons": count, "method": "points", "need_id": need, "value": 1}
            for at, count in enumerate(counts)
            for need in NEEDS
        ]
    )
    ballots = Ballots(table.astype({"persons": float, "value": float}), tuple(NEEDS), 0, pd.DataFrame())
    weights = ballot_weights(ballots, case, threshold=5)
    persons = weights.persons()
    assert persons.drop(OTHERS, errors="ignore").ge(5).all()
    if OTHERS in persons.index and len(counts) > 1:
        assert len(weights.pooled) > 1
        assert persons[OTHERS] >= 5 or len(persons) == 1
    assert persons.sum() == sum(counts)


# ------------------------------------------------------------------------------------------------------- whole sets


def test_needs_nobody_was_asked_about_keep_their_weight() -> None:
    found = whole_weights({"N1": 0.25, "N3": 0.75}, {"N1": 3, "N2": 4, "N3": 1})
    assert found == pytest.approx({"N1": 0.125, "N2": 0.5, "N3": 0.375})


def test_a_bound_cuts_off_and_hands_on_in_proportion() -> None:
    """Planners give 1/4 each; within a factor of 2 no weight may leave [1/8, 1/2]: .7 -> .5; .2 and .1 and 0 share the
    rest: 0 takes its 1/8, and .2 : .1 = .25 : .125."""
    experts = dict.fromkeys("abcd", 1.0)
    found = whole_weights({"a": 0.7, "b": 0.2, "c": 0.1, "d": 0.0}, experts, bound=2)
    assert found == pytest.approx({"a": 0.5, "b": 0.25, "c": 0.125, "d": 0.125})


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_bounds_hold_and_the_sum_is_one(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 6))
    values = np.array(data.draw(st.lists(st.integers(0, 20), min_size=count, max_size=count)), dtype=float)
    middle = np.array(data.draw(st.lists(st.integers(1, 20), min_size=count, max_size=count)), dtype=float)
    bound = data.draw(st.sampled_from([1.0, 1.2, 2.0, 5.0]))
    assume(values.sum() > 0)
    values, middle = values / values.sum(), middle / middle.sum()
    found = within(values, middle / bound, middle * bound)
    assert found.sum() == pytest.approx(1.0)
    assert (found >= middle / bound - 1e-9).all() and (found <= middle * bound + 1e-9).all()
    inside = (found > middle / bound + 1e-6) & (found < middle * bound - 1e-6) & (values > 0)
    if inside.sum() > 1:
        ratio = found[inside] / values[inside]
        assert ratio == pytest.approx(np.full(len(ratio), ratio[0]), rel=1e-6), "proportions are kept inside the bounds"


def test_planners_without_weights_are_read_as_equal() -> None:
    assert whole_weights({"a": 1.0}, {"a": 0.0, "b": 0.0}) == {"a": 0.5, "b": 0.5}
    assert by_id(pd.Series({"a": 1})) == {"a": 1.0}


def test_groups_of_few_persons_count_as_the_one_they_are_shown_as(tmp_path: Path, case: Case) -> None:
    """Two means of the same two small groups, one by persons and one by groups, would give each of them away."""
    rows = ["a,S1,9,points,100,0,0", "b,x,1,points,0,100,0", "c,y,3,points,0,0,100"]
    ballots = told(tmp_path, rows)
    weights = ballot_weights(ballots, case, way="groups", threshold=3)
    assert weights.groups.loc[OTHERS].tolist() == pytest.approx([0.0, 0.25, 0.75])
    assert weights.together.tolist() == pytest.approx([0.5, 0.125, 0.375])
    open_ones = ballot_weights(ballots, case, way="groups")
    assert open_ones.together.tolist() == pytest.approx([1 / 3] * 3)


def test_small_places_bring_their_residents_along(tmp_path: Path, case: Case) -> None:
    ballots = told(tmp_path, ["a,S1,1,points,100,0,0", "b,S2,1,points,0,100,0", "c,R,9,points,0,0,100"])
    together = ballot_weights(ballots, case, way="population", threshold=2).together
    assert together.tolist() == pytest.approx([0.25, 0.25, 0.5]), "S1 and S2 together have as many residents as R"


def test_few_persons_have_a_mean_and_no_spread(tmp_path: Path, case: Case) -> None:
    weights = ballot_weights(told(tmp_path, ["a,,1,points,1,0,0", "b,,1,points,0,1,0"]), case, threshold=5)
    spread = weights.spread()
    assert spread["mean"].tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert spread[["deviation", "low", "high"]].isna().all(axis=None)
