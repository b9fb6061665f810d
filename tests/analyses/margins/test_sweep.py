"""Sweeps: every row is the plan that the same what-if gives by itself."""

from __future__ import annotations

import json
import math
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocate.analyses.figures import FIGURES, figures
from allocate.analyses.margins import stretch
from allocate.analyses.margins.sweep import INVALID, Sweep, sweep
from allocate.analyses.reasons.direction import directions
from allocate.analyses.workers.executors import Failure, executor_named
from allocate.checking.opening import read_case
from allocate.errors import AllocateError, InputError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.reading.placeholders import filled
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.language import MINUS
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.solve.solution import Limits
from tests.strategies import towns


@pytest.fixture(scope="module")
def town(auenfurt: Path) -> Sweep:
    return sweep(Session(read_case(auenfurt)), "SZ1", ["pots:P2:amount*{x}"], [0.8, 0.9, 1.0, 1.1])


def alone(case: Case, scenario: str, changes: list[str], value: float) -> Allocation:
    """The same what-if as a scenario of its own, by the path of ``run --change``."""
    typed = parse_changes(filled(changes, value), "test", case)
    session = Session(with_what_if(case, scenario, typed, new_id="alone"))
    return session.run("alone")


def same_plan(one: Allocation, other: Allocation) -> None:
    assert one.status == other.status
    if one.has_plan:
        assert one.objective == pytest.approx(other.objective, abs=1e-9)
        for table, column, within in (("offers", "capacity", 1e-5), ("funding", "amount_eur", 0.01)):
            left, right = getattr(one, table)[column], getattr(other, table)[column]
            np.testing.assert_allclose(left, right, atol=within)


def test_the_objective_of_the_tiny_town_along_a_pot(tiny: Session) -> None:
    """0.7041667 with 3,000 EUR in P2; each euro less loses (0.0125 + 0.02 / 30) / 150 down to today's five places of B.

    The weights of duplication and re-steering are per euro of the changed budget, but neither occurs here.
    """
    found = sweep(tiny, "silo", ["pots:P2:amount+{x}"], [-1500, -750, 0, 750, 1500])
    slope = (0.0125 + 0.02 / 30) / 150
    assert found.steps["objective"].tolist() == pytest.approx(
        [0.7041666667 + slope * x for x in (-1500, -750, 0, 750, 750)]
    )
    assert found.steps["slope"].tolist()[1:] == pytest.approx([slope, slope, slope, 0.0], abs=1e-12)
    assert found.steps.loc[found.steps["bends"], "value"].tolist() == [750]
    assert "What a step does changes noticeably at 750." in found.messages("en")
    assert found.steps["input_value"].tolist() == [1500, 2250, 3000, 3750, 4500]
    assert found.steps["objective_change"].tolist()[2] == 0.0
    assert found.turns.empty


def test_where_every_step_does_the_same_that_is_said(tiny: Session) -> None:
    """A place of B costs 150 EUR: 750 EUR each time are five places, from 25 to 40."""
    found = sweep(tiny, "silo", ["pots:P2:amount+{x}"], [-1500, -750, 0, 750])
    assert found.messages("en") == [
        f"From {MINUS}1,500 to 750: 25 to 40 units covered a year.",
        "Every step does about the same.",
        "No offer changes between more, less and the same on the way.",
    ]


def test_every_row_is_the_plan_of_its_what_if(town: Sweep) -> None:
    case = Session(town.base.variant.case).case
    assert town.steps["status"].tolist() == ["infeasible", "optimal", "optimal", "optimal"]
    for value, plan in town.plans.items():
        assert plan.certificate is None or plan.certificate.verified
        same_plan(plan, alone(case, "SZ1", ["pots:P2:amount*{x}"], value))
    row = town.steps.set_index("value").loc[1.1]
    for name, figure in figures(town.plans[1.1]).items():
        assert row[name] == pytest.approx(figure)
    assert set(FIGURES) <= set(town.steps.columns)


def test_offers_that_turn(town: Sweep) -> None:
    words = {value: directions(plan.offers) for value, plan in town.plans.items() if plan.has_plan}
    values = sorted(words)
    expected = {
        (offer, before, after)
        for before, after in pairwise(values)
        for offer in words[before].index[words[before] != words[after]]
    }
    found = town.turns
    assert {tuple(row) for row in found[["offer_id", "from_value", "to_value"]].to_numpy().tolist()} == expected
    assert expected
    first = found.iloc[0]
    assert words[first["from_value"]][first["offer_id"]] == first["from_direction"]
    assert first["from_direction"] != first["to_direction"]


def test_invalid_and_infeasible_values_are_named(tiny: Session) -> None:
    found = sweep(tiny, "silo", ["offers:A:max_capacity={x}"], [-5, 0, 3, 30])
    assert found.steps.set_index("value")["status"].drop(3).tolist() == [INVALID, "infeasible", "optimal"]
    assert any(f"{MINUS}5" in sentence for sentence in found.messages("en"))
    strict = sweep(tiny, "strict", ["pots:P2:amount+{x}"], [0, 370, 380])
    assert strict.steps["status"].tolist() == ["infeasible", "infeasible", "optimal"]
    assert math.isnan(strict.steps["objective_change"].iloc[2])
    assert any("conflicts" in sentence for sentence in strict.messages("en"))


def test_a_judged_and_an_indivisible_scenario_can_be_swept(tiny: Session) -> None:
    judged = sweep(tiny, "today", ["demand:*:demand*{x}"], [1, 2])
    assert judged.steps["status"].tolist() == ["evaluated", "evaluated"]
    assert judged.steps["coverage_value"].iloc[1] < judged.steps["coverage_value"].iloc[0]
    whole = sweep(tiny, "sites", ["pots:P2:amount+{x}"], [-100, 0, 100])
    for value, plan in whole.plans.items():
        assert plan.objective == pytest.approx(
            alone(tiny.case, "sites", ["pots:P2:amount+{x}"], value).objective, abs=1e-9
        )


def test_several_changes_with_and_without_the_number(tiny: Session) -> None:
    lines = ["pots:P1:amount*{x}", "pots:P2:amount*{x}", "offers:A:unit_cost*1.1"]
    found = sweep(tiny, "silo", lines, [0.9, 1.0])
    assert found.steps["input_value"].isna().all()
    for value, plan in found.plans.items():
        same_plan(plan, alone(tiny.case, "silo", lines, value))


def test_bad_questions(tiny: Session) -> None:
    with pytest.raises(UsageError, match="sweep-placeholder"):
        sweep(tiny, "silo", ["pots:P1:amount*0.9"], [1.0])
    with pytest.raises(UsageError, match="scenario-unknown"):
        sweep(tiny, "silos", ["pots:P1:amount*{x}"], [1.0])
    with pytest.raises(UsageError, match="change-table-unknown"):
        sweep(tiny, "silo", ["pot:P1:amount*{x}"], [1.0])
    with pytest.raises(InputError):
        sweep(tiny, "silo", ["pots:P9:amount*{x}"], [1.0, 2.0])


def test_a_time_limit_is_named_and_never_taken_for_infeasible(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt), limits=Limits(seconds=1e-6))
    found = sweep(session, "SZ1", ["pots:P2:amount*{x}"], [0.9, 1.0])
    assert found.steps["status"].tolist() == ["limit", "limit"]
    assert any("time limit" in sentence for sentence in found.messages("en"))


@pytest.mark.parametrize("name", ["threads:2", "processes:1"])
def test_a_sweep_depends_on_no_executor(tiny: Session, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(stretch, "SIZE", 2)
    values, told = [-5, 0, 1, 3, 30], []
    alone = sweep(tiny, "silo", ["offers:A:max_capacity={x}"], values)
    with closing(executor_named(name)) as worker:
        found = sweep(tiny, "silo", ["offers:A:max_capacity={x}"], values, executor=worker, step=told.append)
    assert found.to_json() == alone.to_json()
    assert found.steps.equals(alone.steps) and found.turns.equals(alone.turns)
    assert sorted(told, key=float) == ["-5", "0", "1", "3", "30"]


def test_limits_of_this_process_do_not_travel(tiny: Session) -> None:
    session = Session(tiny.case, limits=Limits(deadline=time.monotonic() + 9, stopped=lambda: False))
    far = stretch.far_from_here(session.limits)
    assert (far.stopped, far.deadline) == (None, math.inf) and 8 < far.seconds <= 9
    assert pickle.loads(pickle.dumps(far)) == far
    assert stretch.far_from_here(Limits(deadline=0.0)).seconds == stretch.HARDLY_ANY


@dataclass(frozen=True)
class LosesItsWorkers:
    """Its workers die."""

    name: str = "processes:1"

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[tuple[int, Failure]]:
        assert work
        yield from ((at, Failure("worker-lost")) for at in range(len(jobs)))

    def close(self) -> None:
        """Nothing is held."""


def test_lost_workers_are_said_and_wrong_questions_end_a_sweep_anywhere(tiny: Session) -> None:
    with pytest.raises(AllocateError, match="worker-lost"):
        sweep(tiny, "silo", ["pots:P2:amount*{x}"], [1.0], executor=LosesItsWorkers())
    with closing(executor_named("threads:2")) as worker, pytest.raises(UsageError, match="change-table-unknown"):
        sweep(tiny, "silo", ["pot:P1:amount*{x}"], [1.0], executor=worker)


def test_json(town: Sweep) -> None:
    document = json.loads(json.dumps(town.to_json("de"), allow_nan=False))
    assert set(document) == {"scenario_id", "changes", "base", "steps", "turns", "messages"}
    assert document["scenario_id"] == "SZ1"
    assert document["steps"][0]["objective"] is None
    assert "0,8" in " ".join(document["messages"])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    towns(),
    st.sampled_from(["A", "B"]),
    st.sampled_from(
        ["pots:*:amount*{x}", "offers:*:unit_cost*{x}", "demand:*:demand*{x}", "offers:*:max_capacity*{x}"]
    ),
)
def test_any_small_town_gives_the_plans_of_its_what_ifs(case: Case, scenario: str, change: str) -> None:
    found = sweep(Session(case), scenario, [change], [0.7, 1.0, 1.2])
    for value, plan in found.plans.items():
        same_plan(plan, alone(case, scenario, [change], value))
    assert isinstance(found.steps, pd.DataFrame)
