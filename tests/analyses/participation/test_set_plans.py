"""Plans under sets of weights and the compromise between them: by hand, and against the textbook's own program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pulp
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.analyses.participation.set_plans import SetPlans, set_plans
from allocate.analyses.participation.weight_groups import COLUMNS, WeightGroups, gathered
from allocate.analyses.participation.weighting import (
    EXPERTS,
    WeightSets,
    under_weights,
    value_under,
    weight_sets_of,
)
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.reading import read_case
from allocate.session import Session
from tests.analyses.participation.two_needs import two_needs
from tests.reference.textbook import LOUDER, Textbook
from tests.strategies import towns

ONLY_ONE = {"first": {"N1": 1.0, "N2": 0.0}, "second": {"N1": 0.0, "N2": 1.0}}


def plans(session: Session, scenario: str, sets: WeightSets) -> SetPlans:
    table = pd.DataFrame([(name, "table", np.nan, np.nan) for name in sets], columns=list(COLUMNS))
    return set_plans(session, scenario, WeightGroups({name: dict(own) for name, own in sets.items()}, table))


def test_two_groups_solved_by_hand() -> None:
    """a places of A and 10 - a of B. Group one: V = 1, worth a / 10, loses 1 - a / 10. Group two: V = 10 / 20, worth
    (10 - a) / 20, loses a / 20. Equal at a = 20/3: both lose a third of a point."""
    found = plans(Session(two_needs(equity_weight=0)), "X", ONLY_ONE)
    assert found.compromise is not None
    assert found.compromise.worst == pytest.approx(1 / 3, abs=1e-7)
    assert found.compromise.compromise.offers["capacity"].tolist() == pytest.approx([20 / 3, 10 / 3], abs=1e-5)
    assert found.losses(found.compromise.compromise).tolist() == pytest.approx([1 / 3, 1 / 3], abs=1e-6)
    assert found.loss_shares(found.plans["first"]).tolist() == pytest.approx([0.0, 1.0], abs=1e-6)
    assert found.plans["second"].offers["capacity"].tolist() == pytest.approx([0.0, 10.0], abs=1e-6)


def test_one_set_alone_has_nobody_to_agree_with() -> None:
    session = Session(two_needs())
    found = plans(session, "X", {EXPERTS: weight_sets_of(session.case)[EXPERTS]})
    assert found.compromise is None
    assert found.losses(session.run("X")).tolist() == pytest.approx([0.0], abs=1e-9)


def book_regret(session: Session, scenario: str, sets: WeightSets) -> float:
    """The least worst loss by the textbook's program: its constraints, every set's own t, one further variable."""
    book = Textbook(session.variant(scenario))
    data, problem = book.data, book.problem
    rho = problem.add_variable("rho", 0)
    for number, name in enumerate(sets):
        best = Textbook(session.variant(under_weights(session, scenario, name, sets[name])))
        top = best.solve().objective
        data.W = dict(best.data.W)
        book.t = problem.add_variable(f"t_{number}", 0, 1 if any(data.W[n] > 0 for _, n in data.d) else 0)
        for s in data.spaces:
            cells = [n for n in data.needs if (s, n) in data.d]
            weight = sum(data.W[n] for n in cells)
            if weight > 0:
                shares = pulp.lpSum(data.W[n] / data.d[s, n] * y for n in cells for y in book.y[s, n])
                problem += weight * book.t <= shares
        problem.objective = None
        book._objective()
        value = problem.objective
        problem.objective = None
        problem += LOUDER * top - value <= LOUDER * rho
    problem += -LOUDER * rho
    return -book.solve().objective


@settings(max_examples=6, deadline=None)
@given(towns(), st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=3))
def test_random_towns_against_the_textbook(case: Case, drawn: list[list[int]]) -> None:
    needs = list(case["needs"]["need_id"])
    assume(case["demand"]["demand"].sum() > 0)
    sets = {EXPERTS: weight_sets_of(case)[EXPERTS]}
    for at, weights in enumerate(drawn):
        own = {need: float(weight) for need, weight in zip(needs, weights, strict=False)}
        demanded = set(case["demand"].loc[case["demand"]["demand"] > 0, "need_id"])
        if any(own[need] for need in demanded):
            sets[f"g{at}"] = own
    assume(len(sets) > 1)
    session = Session(case)
    found = plans(session, "B", sets)
    assert found.compromise is not None
    assert found.compromise.worst == pytest.approx(book_regret(session, "B", sets), abs=2e-6)
    assert found.losses(found.compromise.compromise).max() == pytest.approx(found.compromise.worst, abs=1e-6)
    for name, plan in found.plans.items():
        assert value_under(found.compiled[name], plan) == pytest.approx(plan.objective, abs=1e-7)
        assert found.losses(plan).max() >= found.compromise.worst - 1e-6


def test_example_town(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    found = set_plans(session, "SZ2", gathered(session.variant("SZ2").case, None, "ballots", None))
    assert list(found.plans) == [EXPERTS, "participation", "participation_raw"]
    assert found.plans["participation"].objective == pytest.approx(0.483550, abs=1e-6), "the scenario SZ6"
    assert found.compromise is not None
    worst = found.losses(found.compromise.compromise).max()
    assert worst == pytest.approx(found.compromise.worst, abs=1e-9)
    assert worst < 0.004, "in points of the objective"
    assert min(found.losses(plan).max() for plan in found.plans.values()) > 0.006


def test_plans_are_kept_while_the_weights_are_the_same() -> None:
    session = Session(two_needs())
    first = session.run(under_weights(session, "X", "g", {"N1": 2.0}))
    assert session.run(under_weights(session, "X", "g", {"N1": 2.0})) is first
    assert session.run(under_weights(session, "X", "g", {"N1": 1.0, "N2": 9.0})) is not first


@pytest.mark.parametrize(
    ("weights", "need"),
    [({"N1": -1.0}, "N1"), ({"N1": float("nan")}, "N1"), ({"N9": 1.0}, "N9"), ({"N1": 0.0, "N2": 0.0}, "*")],
)
def test_weights_that_mean_nothing_are_refused(weights: dict[str, float], need: str) -> None:
    with pytest.raises(UsageError) as refused:
        plans(Session(two_needs()), "X", {"odd": weights})
    assert refused.value.id == "weights-unusable" and refused.value.values["need"] == need
