"""The least regret: solved by hand, proven by the mixture of its voices, and against many other plans."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.alternatives.regret import COMPROMISE, Regret, least_regret, objective_by, with_weight_set
from allocate.inputs.case import Case
from allocate.inputs.reading import read_case
from allocate.results.allocation import Allocation
from allocate.session import Session
from tests.strategies import STANDARD_SCENARIOS, Rows, case_of, town_tables

NEAR = 1e-7
SETS = ("", "left", "right")
CAREFUL = settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def two_needs(own: tuple[int, int], **sets: tuple[int, int]) -> Case:
    """Ten places to share between two needs of ten persons each; nothing else counts."""
    return case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": f"N{i}", "name": "N", "unit": "persons", "weight": own[i]} for i in (0, 1)],
            "demand": [{"space_id": "S", "need_id": f"N{i}", "demand": 10} for i in (0, 1)],
            "offers": [{"offer_id": f"O{i}", "name": "O", "unit_cost": 100, "max_capacity": 10} for i in (0, 1)],
            "effects": [{"offer_id": f"O{i}", "need_id": f"N{i}", "effect": 1} for i in (0, 1)],
            "pots": [{"pot_id": "P", "name": "P", "amount": 1000}],
            "parameters": [{"parameter": "equity_weight", "value": 0}],
            "weight_sets": [
                {"weight_set": name, "need_id": f"N{i}", "weight": pair[i]}
                for name, pair in sets.items()
                for i in (0, 1)
            ],
        }
    )  # fmt: skip


def test_two_needs_by_hand() -> None:
    """left (4, 1): V = 40/50, f = (10 + 3 y) / 50 with y places for the first need; right (1, 2): V = 20/30,
    f = (20 - y) / 30. Equal regret (30 - 3 y) / 50 = y / 30 at y = 90/14; shares 5/14 and 9/14 make all plans equal.
    The own weights (3, 2) lose (10 - y) / 50, which is less."""
    found = least_regret(Session(two_needs((3, 2), left=(4, 1), right=(1, 2))), "silo")
    assert found is not None
    y = 90 / 14
    assert found.worst == pytest.approx(y / 30, abs=NEAR)
    sets = found.sets.set_index("weight_set")
    assert sets["regret"].to_dict() == pytest.approx({"": (10 - y) / 50, "left": y / 30, "right": y / 30}, abs=NEAR)
    assert sets["voice"].to_dict() == pytest.approx({"": 0.0, "left": 5 / 14, "right": 9 / 14}, abs=1e-6)
    assert sets["best_objective"].to_dict() == pytest.approx({"": 0.6, "left": 0.8, "right": 2 / 3}, abs=NEAR)
    assert found.compromise.offers["capacity"].tolist() == pytest.approx([y, 10 - y], abs=1e-5)
    # One more euro in the pot is 0.01 place, worth 0.8 / 10 by the right set's main need, its own plan's margin.
    assert sets.loc["right", "regret_eur"] == pytest.approx((y / 30) / (0.01 / 30), rel=1e-5)


def test_where_nobody_loses_there_is_no_voice() -> None:
    found = least_regret(Session(two_needs((3, 2), left=(4, 1))), "silo")
    assert found is not None
    assert found.worst == pytest.approx(0.0, abs=NEAR)
    assert found.sets["voice"].isna().all()
    assert found.compromise.offers["capacity"].tolist() == pytest.approx([10.0, 0.0], abs=1e-6)


@st.composite
def judged_towns(draw: st.DrawFn, equity: bool = True) -> Case:
    """A random town with two more weight sets."""
    tables = draw(town_tables())
    needs = [str(row["need_id"]) for row in tables["needs"]]
    sets: Rows = [
        {"weight_set": name, "need_id": need, "weight": draw(st.integers(least, 10))}
        for name, least in (("left", 0), ("right", 1))
        for need in needs
    ]
    sets[0]["weight"] = 5
    scenarios = [*STANDARD_SCENARIOS, {"scenario_id": "I", "title": "Whole offers", "indivisible": "yes"}]
    own: Rows = [] if equity else [{"parameter": "equity_weight", "value": 0}]
    return case_of({**tables, "weight_sets": sets, "parameters": own, "scenarios": scenarios})


def mixed(session: Session, scenario_id: str, weights: np.ndarray, name: str) -> Allocation:
    """The plan by given weights, made as any plan."""
    variant = session.variant(scenario_id)
    case = variant.case.with_tables(needs=variant.case["needs"].assign(weight=weights))
    other = Session(case)
    return other.run(other.add(replace(variant, case=case, scenario=replace(variant.scenario, scenario_id=name))))


def shares_of_needs(session: Session, scenario_id: str) -> dict[str, np.ndarray]:
    """The weights of every set, each adding up to one."""
    found = {}
    for name in SETS:
        other = Session(session.case)
        weights = other.compiled(other.add(with_weight_set(session.variant(scenario_id), name))).town.needs.weight
        found[name] = weights / weights.sum()
    return found


@CAREFUL
@given(judged_towns(equity=False), st.sampled_from(["A", "B"]))
def test_the_mixture_of_voices_proves_the_compromise_best(case: Case, scenario_id: str) -> None:
    """Minimax: whatever the plan, its worst regret is at least that of a mixture, and the voices' mixture, planned by
    itself, leaves exactly the compromise's worst regret. No plan can do better."""
    session = Session(case)
    found = least_regret(session, scenario_id)
    assert found is not None
    voices = found.sets["voice"].to_numpy()
    if np.isnan(voices).any():
        assert found.worst <= 1e-6
        return
    assert voices.sum() == pytest.approx(1.0)
    weights = shares_of_needs(session, scenario_id)
    own = mixed(session, scenario_id, sum(v * weights[name] for v, name in zip(voices, SETS, strict=True)), "mix")
    assert float(voices @ found.sets["best_objective"]) - own.objective == pytest.approx(found.worst, abs=2e-7)


def check_against(session: Session, found: Regret, plans: Mapping[str, Allocation]) -> None:
    """No other plan of the scenario has a smaller worst regret, judged from its delivery alone."""
    judges = {}
    for name in SETS:
        other = Session(session.case)
        judges[name] = other.compiled(other.add(with_weight_set(session.variant(found.scenario_id), name)))
    best = found.sets.set_index("weight_set")["best_objective"]
    for plan in plans.values():
        worst = max(best[name] - objective_by(judge, plan) for name, judge in judges.items())
        assert found.worst <= worst + NEAR


@CAREFUL
@given(judged_towns(), st.sampled_from(["A", "B", "I"]), st.integers(0, 2**32))
def test_no_other_plan_has_less_regret(case: Case, scenario_id: str, seed: int) -> None:
    session = Session(case)
    found = least_regret(session, scenario_id)
    assert found is not None
    assert found.compromise.certificate is not None and found.compromise.certificate.verified
    worst = found.worst_by_plan
    assert (worst[COMPROMISE] <= worst.drop("today") + NEAR).all()
    random = np.random.default_rng(seed)
    count = len(case["needs"])
    plans = {str(k): mixed(session, scenario_id, random.uniform(0.1, 10, count), str(k)) for k in range(6)}
    check_against(session, found, plans)


@CAREFUL
@given(judged_towns(equity=False), st.sampled_from(["A", "B"]), st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_no_mixture_regrets_the_compromise_more(case: Case, scenario_id: str, parts: list[int]) -> None:
    if not sum(parts):
        return
    session = Session(case)
    found = least_regret(session, scenario_id)
    assert found is not None
    shares = np.array(parts) / sum(parts)
    weights = shares_of_needs(session, scenario_id)
    best = mixed(session, scenario_id, sum(v * weights[name] for v, name in zip(shares, SETS, strict=True)), "mix")
    assert best.objective - float(shares @ found.sets["objective"]) <= found.worst + NEAR


@pytest.fixture(scope="module")
def session(auenfurt: Path) -> Session:
    return Session(read_case(auenfurt))


def test_example_town(session: Session) -> None:
    found = least_regret(session, "SZ2")
    assert found is not None
    assert found.sets["weight_set"].tolist() == ["", "participation", "participation_raw"]
    worst = found.worst_by_plan
    assert worst[COMPROMISE] < 0.5 * worst.drop([COMPROMISE]).min()
    # The compromise does not hang on the weights that the scenario itself uses.
    assert least_regret(session, "SZ6").worst == pytest.approx(found.worst, abs=NEAR)  # type: ignore[union-attr]
    assert found.own["participation"].objective == pytest.approx(session.run("SZ6").objective, abs=NEAR)
    json.dumps(found.to_json("de"), allow_nan=False)


def test_chosen_sets_and_no_plan(session: Session) -> None:
    alone = least_regret(session, "SZ2", [""])
    assert alone is not None and alone.worst == pytest.approx(0.0, abs=NEAR)
    assert alone.compromise.objective == pytest.approx(session.run("SZ2").objective, abs=NEAR)
    assert least_regret(session, "SZ4a") is None
