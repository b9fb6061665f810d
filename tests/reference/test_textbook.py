"""allocate and the textbook model must find the same objective, to the digit that a certificate can see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.towns import InventedTown, Size, invent
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant, apply, scenario_ids
from allocate.model.compile import compile_variant
from allocate.session import Session
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Status
from tests.reference.textbook import Answer, Textbook

TOLERANCE = 1e-7
EXAMPLE_SCENARIOS = ("SZ0", "SZ1", "SZ2", "SZ2t", "SZ3a", "SZ3b", "SZ4a", "SZ4b", "SZ4c", "SZ5", "SZ6")


@pytest.fixture(scope="module")
def example(auenfurt: Path) -> Session:
    return Session(read_case(auenfurt))


def test_example_has_the_scenarios_compared_here(example: Session) -> None:
    assert tuple(scenario_ids(example.case)) == EXAMPLE_SCENARIOS


@pytest.mark.parametrize("scenario_id", EXAMPLE_SCENARIOS)
def test_example_town(example: Session, scenario_id: str) -> None:
    assert_same(example, scenario_id)


def assert_same(session: Session, scenario_id: str) -> Answer:
    """Session and textbook agree about a scenario: status, and objective where there is one."""
    expected = Textbook(session.variant(scenario_id)).solve()
    allocation = session.run(scenario_id)
    assert str(allocation.status) == expected.status
    if expected.status != "infeasible":
        assert allocation.objective == pytest.approx(expected.objective, rel=0, abs=TOLERANCE)
    return expected


def test_invented_town_with_every_feature() -> None:
    """All scenarios of an invented town, through the whole path; its status quo makes all of these feasible."""
    session = Session(invent(Size("tiny", spaces=6, needs=8, offers=24, pots=6, departments=2), seed=3).case())
    for scenario_id in ("status_quo", "silo", "integrated", "capped", "participation", "standards", "indivisible"):
        assert assert_same(session, scenario_id).status != "infeasible"
    for scenario_id in ("cut", "demography"):
        assert_same(session, scenario_id)


@st.composite
def towns(draw: st.DrawFn) -> InventedTown:
    """Small invented towns, each with some of its tables missing, bent or contradictory."""
    size = Size(
        "drawn",
        spaces=draw(st.integers(3, 6)),
        needs=draw(st.integers(4, 8)),
        offers=draw(st.integers(16, 28)),
        pots=draw(st.integers(3, 6)),
        departments=draw(st.integers(2, 3)),
    )
    town = invent(size, seed=draw(st.integers(0, 10_000)))
    tables = dict(town.tables)
    for twist in draw(st.sets(st.sampled_from(sorted(TWISTS)), max_size=4)):
        TWISTS[twist](tables)
    return InventedTown(town.name, tables)


Tables = dict[str, pd.DataFrame]


def without_reach(tables: Tables) -> None:
    """Offers serve their home space; the first three, which have none, the whole town."""
    del tables["reach"]
    tables["offers"] = tables["offers"].assign(
        home_space_id=np.where(np.arange(len(tables["offers"])) < 3, "", tables["offers"]["home_space_id"]),
        baseline_capacity=np.where(np.arange(len(tables["offers"])) < 3, 0, tables["offers"]["baseline_capacity"]),
        committed_capacity=0.0,
    )
    del tables["plurality"], tables["floors"]


def without_segments(tables: Tables) -> None:
    del tables["segments"]


def poor(tables: Tables) -> None:
    """Commitments are still to be paid, so this town may have no plan at all."""
    tables["pots"] = tables["pots"].assign(amount=lambda table: table["amount"] * 0.55)


def rich(tables: Tables) -> None:
    tables["pots"] = tables["pots"].assign(amount=lambda table: table["amount"] * 10)


def impossible_floor(tables: Tables) -> None:
    if "floors" in tables:
        tables["floors"] = tables["floors"].assign(
            min_coverage=lambda t: np.where(t["kind"] == "statutory", 1.0, t["min_coverage"])
        )


def need_without_demand(tables: Tables) -> None:
    first = tables["needs"]["need_id"].iloc[0]
    zero = tables["demand"]["need_id"] == first
    tables["demand"] = tables["demand"].assign(demand=tables["demand"]["demand"].mask(zero, 0.0))
    for name in ("floors", "plurality"):
        if name in tables:
            tables[name] = tables[name][tables[name]["need_id"] != first]


def needs_without_weight(tables: Tables) -> None:
    weights = tables["needs"]["weight"].where(np.arange(len(tables["needs"])) % 2 == 0, 0.0)
    tables["needs"] = tables["needs"].assign(weight=weights)


def partial_weight_set(tables: Tables) -> None:
    tables["weight_sets"] = tables["weight_sets"].iloc[::2]


def no_access(tables: Tables) -> None:
    if "reach" in tables:
        access = tables["reach"]["access"].where(np.arange(len(tables["reach"])) % 5 != 0, 0.0)
        tables["reach"] = tables["reach"].assign(access=access)


def weak_effects_only(tables: Tables) -> None:
    tables["effects"] = tables["effects"].assign(effect=lambda table: table["effect"] * 0.3)


def either_or(tables: Tables) -> None:
    """Of every second offer a unit serves one need at a time."""
    offers = tables["offers"]["offer_id"].iloc[::2]
    tables["effects"] = tables["effects"].assign(
        exclusive=lambda table: np.where(table["offer_id"].isin(offers), "yes", "no")
    )


def louder_penalties(tables: Tables) -> None:
    tables["parameters"] = tables["parameters"].assign(value=["2027", "0.5", "3", "2"])


TWISTS = {
    twist.__name__: twist
    for twist in (
        without_reach,
        without_segments,
        poor,
        rich,
        impossible_floor,
        need_without_demand,
        needs_without_weight,
        partial_weight_set,
        no_access,
        weak_effects_only,
        either_or,
        louder_penalties,
    )
}


@settings(max_examples=15, deadline=None)
@given(town=towns(), scenario_id=st.sampled_from(["silo", "integrated", "capped", "participation", "standards"]))
def test_random_towns(town: InventedTown, scenario_id: str) -> None:
    assert_same_optimum(town.case(), scenario_id)


@settings(max_examples=15, deadline=None)
@given(town=towns())
def test_random_towns_of_whole_offers(town: InventedTown) -> None:
    assert_same_optimum(town.case(), "indivisible")


def assert_same_optimum(case: Case, scenario_id: str) -> None:
    """The program of the model and the textbook's have the same optimum, or none."""
    variant: Variant = apply(case, scenario_id)
    expected = Textbook(variant).solve()
    solution = Highs().solve(compile_variant(variant).program, Limits())
    if expected.status == "infeasible":
        assert solution.status is Status.INFEASIBLE
    else:
        assert solution.status is Status.OPTIMAL
        assert -solution.objective == pytest.approx(expected.objective, rel=0, abs=TOLERANCE)
