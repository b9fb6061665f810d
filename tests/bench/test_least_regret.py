"""The plan of least regret: a town solved by hand, the textbook's own program, random towns, the example town."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.bench.least_regret import POINTS, SHARE, LeastRegret, least_regret
from allocate.bench.weighting import (
    EXPERTS,
    WeightSets,
    under_weights,
    value_under,
    weight_sets_of,
)
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.session import Session
from tests.reference.textbook import LOUDER, Textbook
from tests.strategies import case_of, towns


def two_needs(**parameters: float) -> Case:
    """One space, two needs (demand 10 and 20), 1,000 EUR, two offers at 100 EUR a place: 10 places in all."""
    offers = [
        {"offer_id": o, "name": o, "unit_cost": 100, "max_capacity": 20, "home_space_id": "S", "department_id": "D"}
        for o in ("A", "B")
    ]
    return case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": n, "name": n, "unit": "persons", "weight": 1} for n in ("N1", "N2")],
            "demand": [{"space_id": "S", "need_id": n, "demand": d} for n, d in (("N1", 10), ("N2", 20))],
            "offers": offers,
            "effects": [{"offer_id": o, "need_id": n, "effect": 1} for o, n in (("A", "N1"), ("B", "N2"))],
            "pots": [{"pot_id": "P", "name": "P", "amount": 1000}],
            "parameters": [{"parameter": name, "value": value} for name, value in parameters.items()],
            "scenarios": [{"scenario_id": "X", "title": "X"}, {"scenario_id": "Q", "title": "Q", "evaluate": "yes"}],
        }
    )


ONLY_ONE = {"first": {"N1": 1.0, "N2": 0.0}, "second": {"N1": 0.0, "N2": 1.0}}


def capacity(found: LeastRegret) -> dict[str, float]:
    return dict(zip(found.plan.offers["offer_id"], found.plan.offers["capacity"], strict=True))


def test_two_groups_solved_by_hand() -> None:
    """a places of A and 10 - a of B. Group one: V = 1, worth a / 10, regret 1 - a / 10. Group two: V = 10 / 20,
    worth (10 - a) / 20, regret a / 10. Equal at a = 5: both give up half."""
    found = least_regret(Session(two_needs(equity_weight=0)), "X", ONLY_ONE)
    assert found.unit == SHARE
    assert found.worst == pytest.approx(0.5, abs=1e-9)
    assert found.proven == pytest.approx(0.5, abs=1e-7)
    assert capacity(found) == pytest.approx({"A": 5.0, "B": 5.0}, abs=1e-6)
    table = found.regrets.set_index(["plan", "weight_set"])["regret"]
    assert table["first", "second"] == pytest.approx(1.0)
    assert table["least_regret", "first"] == pytest.approx(0.5)


def test_three_groups_solved_by_hand_take_the_least_mean_among_equals() -> None:
    """A third group weighs (3, 1): worth 0.75 a / 10 + 0.25 (10 - a) / 20 = 0.125 + 0.0625 a, V = 0.75 at a = 10.
    At a = 5 it gives up 0.3125 / 0.75 = 0.4167 < 0.5, so the two extremes still decide."""
    found = least_regret(Session(two_needs(equity_weight=0)), "X", {**ONLY_ONE, "third": {"N1": 3.0, "N2": 1.0}})
    table = found.regrets.set_index(["plan", "weight_set"])["regret"]
    assert table["least_regret", "third"] == pytest.approx(0.3125 / 0.75)
    assert found.worst == pytest.approx(0.5)


def test_one_set_alone_regrets_nothing() -> None:
    session = Session(two_needs())
    found = least_regret(session, "X", {"only": {"N1": 2.0, "N2": 1.0}})
    assert found.worst == pytest.approx(0.0, abs=1e-9)
    assert found.plan.offers["capacity"].tolist() == pytest.approx(found.plans["only"].offers["capacity"].tolist())


def test_where_a_best_plan_is_worth_nothing_regret_counts_in_points() -> None:
    case = two_needs(equity_weight=0)
    case = case.with_tables(effects=case["effects"].assign(effect=[1.0, 0.0]))
    found = least_regret(Session(case), "X", ONLY_ONE)
    assert found.unit == POINTS
    assert found.worst == pytest.approx(0.0, abs=1e-9), "nothing can be done for need two, so nothing is given up"


def book_regret(session: Session, scenario: str, sets: WeightSets) -> float:
    """The least worst regret by the textbook's program: its constraints, every set's own t, one further variable."""
    book = Textbook(session.variant(scenario))
    data, problem = book.data, book.problem
    rho = problem.add_variable("rho", 0)
    for number, weights in enumerate(sets.values()):
        best = Textbook(session.variant(under_weights(session, scenario, list(sets)[number], weights)))
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
        value = book._value()
        scale = top if top >= 1e-3 else 1.0
        problem += LOUDER * top - value <= LOUDER * scale * rho
    problem += -LOUDER * rho
    return -book.solve().objective


@settings(max_examples=8, deadline=None)
@given(towns(), st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=3))
def test_random_towns_against_the_textbook(case: Case, drawn: list[list[int]]) -> None:
    session = Session(case)
    needs = list(case["needs"]["need_id"])
    sets = {EXPERTS: weight_sets_of(case)[EXPERTS]}
    sets |= {
        f"g{i}": {n: float(w) for n, w in zip(needs, weights, strict=False)}
        for i, weights in enumerate(drawn)
        if any(weights[: len(needs)])
    }
    found = least_regret(session, "B", sets)
    if found.unit == SHARE:
        assert found.worst == pytest.approx(book_regret(session, "B", sets), abs=2e-6)
    check_laws(session, "B", found)


def check_laws(session: Session, scenario: str, found: LeastRegret) -> None:
    """What must hold of any such plan: its regrets are what measures say, and no set's plan has a smaller worst."""
    own = found.regrets[found.regrets["plan"] == "least_regret"]
    assert own["regret"].max() == pytest.approx(found.worst, abs=1e-9)
    assert found.proven <= found.worst + 1e-9 and found.worst - found.proven <= 1e-6
    by_plan = found.regrets.groupby("plan")["regret"].max()
    assert (by_plan >= found.worst - 1e-6).all()
    for name in found.plans:
        compiled = session.compiled(f"{scenario}@{name}")
        row = found.regrets[(found.regrets["plan"] == name) & (found.regrets["weight_set"] == name)].iloc[0]
        assert row["regret"] == pytest.approx(0.0, abs=1e-7)
        assert value_under(compiled, found.plans[name]) == pytest.approx(row["best"], abs=1e-7)
    assert found.plan.certificate is not None and found.plan.certificate.verified


def test_example_town(auenfurt: Path) -> None:
    """Three sets: nobody need give up more than 0.8 per cent, where a plan of one alone costs another up to 2.9."""
    session = Session(read_case(auenfurt))
    sets = weight_sets_of(session.variant("SZ2").case)
    assert list(sets) == [EXPERTS, "participation", "participation_raw"]
    found = least_regret(session, "SZ2", sets)
    check_laws(session, "SZ2", found)
    assert found.plan.unique
    assert found.worst == pytest.approx(book_regret(session, "SZ2", sets), abs=1e-6)
    alone = found.regrets[found.regrets["plan"] != "least_regret"].groupby("plan")["regret"].max()
    assert found.worst < 0.008 and alone.min() > 0.014
    assert found.plans["participation"].objective == pytest.approx(0.483550, abs=1e-6), "the scenario SZ6"
    again = least_regret(Session(read_case(auenfurt)), "SZ2", dict(reversed(sets.items())))
    assert np.allclose(again.plan.offers["cost_eur"], found.plan.offers["cost_eur"], atol=1.0)
    payload = json.loads(json.dumps(found.to_json("de")))
    assert payload["worst"] == found.worst and len(payload["regrets"]) == 12


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
        least_regret(Session(two_needs()), "X", {"odd": weights})
    assert refused.value.id == "weights-unusable" and refused.value.values["need"] == need


def test_questions_without_an_answer_are_refused() -> None:
    with pytest.raises(UsageError, match="weights-missing"):
        least_regret(Session(two_needs()), "X", {})
    with pytest.raises(UsageError, match="judges-only"):
        least_regret(Session(two_needs()), "Q", ONLY_ONE)
