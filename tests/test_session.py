"""The one path from a case to a certified plan: hand-solved town, example town, laws on random towns."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.session import Session
from allocate.solve.solution import Limits
from tests.conftest import TINY

EXPECTED = Path(__file__).parents[2] / "shared" / "example" / "auenfurt_expected.json"
SOLVERS = ["highs", "pulp:CBC", "pulp:SCIP", "pulp:HiGHS"]


@pytest.fixture(scope="module")
def tiny() -> Case:
    return read_case(TINY)


@pytest.mark.parametrize(
    ("scenario", "objective"),
    [("today", 0.372), ("silo", 0.6875 + 0.02 * 25 / 30), ("pooled", 0.70611111111), ("sites", 0.75354166667)],
)
@pytest.mark.parametrize("solver", SOLVERS)
def test_tiny_town_gives_the_plan_solved_by_hand(tiny: Case, scenario: str, objective: float, solver: str) -> None:
    assert Session(tiny, solver).run(scenario).objective == pytest.approx(objective, abs=1e-10)


def test_tiny_town_pots_are_worth_what_the_derivation_says(tiny: Case) -> None:
    pots = Session(tiny).run("silo").pots.set_index("pot_id")["marginal_value"]
    assert pots["P1"] == pytest.approx(0.01 * (0.5 * 0.0125 + 0.02 * 0.5 / 30), rel=1e-9)
    assert pots["P2"] == pytest.approx((0.0125 + 0.02 / 30) / 150, rel=1e-9)


def test_infeasible_scenario_has_no_plan_but_a_pointer(tiny: Case) -> None:
    plan = Session(tiny).run("strict")
    assert plan.status == "infeasible"
    assert not plan.has_plan
    assert "allocate conflicts" in plan.message("de")
    assert set(plan.to_json()) == {"scenario_id", "status", "message"}


def test_unknown_scenario_is_refused_with_the_nearest_name(tiny: Case) -> None:
    with pytest.raises(UsageError, match="pooled"):
        Session(tiny).run("poled")


@pytest.mark.skipif(not EXPECTED.is_file(), reason="the expected values of the example town are not beside the project")
def test_example_town_meets_the_independent_implementation(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    for expected in json.loads(EXPECTED.read_text(encoding="utf-8"))["scenarios"]:
        plan = session.run(expected["scenario_id"])
        assert plan.status == expected["status"]
        if plan.has_plan:
            assert plan.objective == pytest.approx(expected["objective"], abs=1e-7)
        if plan.status == "evaluated":
            assert plan.measures is not None
            for name in set(expected) - {"scenario_id", "status", "objective"}:
                assert getattr(plan.measures, name) == pytest.approx(expected[name], abs=5e-7, rel=1e-12)


def spend(session: Session, scenario: str) -> pd.DataFrame:
    """Who pays what, in an order of its own."""
    plan = session.run(scenario)
    return plan.funding.sort_values(["pot_id", "offer_id"]).reset_index(drop=True)


@pytest.mark.parametrize("solver", SOLVERS[1:])
def test_every_solver_gives_the_same_plan(auenfurt: Path, solver: str) -> None:
    case = read_case(auenfurt)
    pd.testing.assert_frame_equal(spend(Session(case, solver), "SZ2"), spend(Session(case), "SZ2"), atol=1e-4)


@pytest.mark.parametrize("seed", [1, 2])
def test_order_of_rows_does_not_matter(auenfurt: Path, seed: int) -> None:
    case = read_case(auenfurt)
    shuffled = case.with_tables(
        **{name: table.sample(frac=1, random_state=seed) for name, table in case.tables.items() if len(table) > 1}
    )
    for scenario in ("SZ1", "SZ3b"):
        pd.testing.assert_frame_equal(spend(Session(shuffled), scenario), spend(Session(case), scenario), atol=1e-4)


def test_time_limit_without_a_plan_is_said(auenfurt: Path) -> None:
    plan = Session(read_case(auenfurt), limits=Limits(deadline=0.0)).run("SZ1")
    assert plan.status == "limit"
    assert plan.message("de")


def test_settings_of_an_unwanted_kind_are_noted(tiny: Case) -> None:
    scenarios = tiny["scenarios"].copy()
    scenarios.loc[scenarios["scenario_id"] == "silo", "expected"] = "infeasible"
    plan = Session(tiny.with_tables(scenarios=scenarios)).run("silo")
    assert "infeasible" in plan.message("en")
