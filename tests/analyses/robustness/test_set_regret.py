"""The compromise between weight sets: by hand, proven by the mixture of its voices, and against other plans."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.robustness.replan import Replanner
from allocate.analyses.robustness.set_regret import COMPROMISE, SetRegret, set_regret
from allocate.analyses.robustness.weight_runs import weight_runs
from allocate.bench.least_regret import SHARE
from allocate.bench.resolve import Bench
from allocate.bench.weighting import EXPERTS, under_weights, value_under, weight_sets_of
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.town.arrays import Floats
from tests.strategies import STANDARD_SCENARIOS, Rows, case_of, town_tables

NEAR = 1e-6
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
    )


def test_a_set_that_is_called_like_the_planners_weights_stands_beside_them() -> None:
    """By its own weights (4, 1) a plan with y places for the first need is worth (10 + 3 y) / 50, by those of the
    needs (3, 2) it is worth (20 + y) / 50; a scenario with that set loses nothing under it."""
    case = two_needs((3, 2), **{EXPERTS: (4, 1), "right": (1, 2)})
    found = asked(Session(case), "silo")
    best = dict(zip(found.sets["weight_set"], found.sets["best_objective"], strict=True))
    assert best == pytest.approx({EXPERTS: 0.6, f"{EXPERTS} 2": 0.8, "right": 2 / 3})
    scenarios = case["scenarios"].assign(weight_set=EXPERTS)
    replanner = Replanner(Bench(Session(case._unchecked(scenarios=scenarios)), "silo"))
    runs = [run.key for run in weight_runs(replanner, 0.0)]
    assert runs == [EXPERTS, "right"]


def asked(session: Session, scenario_id: str) -> SetRegret:
    found = set_regret(session, scenario_id)
    assert found is not None
    return found


def test_two_needs_by_hand() -> None:
    """left (4, 1): V = 40/50, f = (10 + 3 y) / 50 with y places for the first need, loss (30 - 3 y) / 40; right (1, 2):
    V = 20/30, f = (20 - y) / 30, loss y / 20. Equal at y = 6; shares 2/5 and 3/5 make all plans equal. The own weights
    (3, 2) lose (10 - y) / 30, which is less."""
    found = asked(Session(two_needs((3, 2), left=(4, 1), right=(1, 2))), "silo")
    assert found.least.worst == pytest.approx(0.3, abs=NEAR)
    sets = found.sets.set_index("weight_set")
    assert sets["regret_share"].to_dict() == pytest.approx({EXPERTS: 4 / 30, "left": 0.3, "right": 0.3}, abs=NEAR)
    assert sets["regret"].to_dict() == pytest.approx({EXPERTS: 0.08, "left": 0.24, "right": 0.2}, abs=NEAR)
    assert sets["voice"].to_dict() == pytest.approx({EXPERTS: 0.0, "left": 0.4, "right": 0.6}, abs=NEAR)
    assert sets["best_objective"].to_dict() == pytest.approx({EXPERTS: 0.6, "left": 0.8, "right": 2 / 3}, abs=NEAR)
    assert found.compromise.offers["capacity"].tolist() == pytest.approx([6, 4], abs=1e-5)
    # By the right set's own plan the next euro is a hundredth of a place for the first need, worth 1 / 30.
    assert sets.loc["right", "regret_eur"] == pytest.approx(0.2 / (0.01 / 30), rel=1e-5)
    worst = found.worst_by_plan
    assert worst[COMPROMISE] == pytest.approx(0.3, abs=NEAR)
    # left's own plan (10, 0) gives right 10/30 of 20/30; right's own plan (0, 10) gives left 10/50 of 40/50.
    assert (worst["set:left"], worst["set:right"]) == (pytest.approx(0.5, abs=NEAR), pytest.approx(0.75, abs=NEAR))


def test_where_nobody_loses_there_is_no_voice() -> None:
    found = asked(Session(two_needs((3, 2), left=(4, 1))), "silo")
    assert found.least.worst == pytest.approx(0.0, abs=NEAR)
    assert found.sets["voice"].isna().all()
    assert found.compromise.offers["capacity"].tolist() == pytest.approx([10.0, 0.0], abs=1e-5)


def test_one_set_alone_needs_no_compromise() -> None:
    assert set_regret(Session(two_needs((3, 2))), "silo") is None


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
    own: Rows = [] if equity else [{"parameter": "equity_weight", "value": 0}]
    return case_of({**tables, "weight_sets": sets, "parameters": own, "scenarios": STANDARD_SCENARIOS})


def planned_by(session: Session, scenario_id: str, weights: Floats) -> Allocation:
    """The plan by given weights of the needs, made in a session of its own."""
    variant = session.variant(scenario_id)
    case = variant.case._unchecked(needs=variant.case["needs"].assign(weight=weights))
    other = Session(case)
    return other.run(other.add(replace(variant, case=case, scenario=replace(variant.scenario, scenario_id="mix"))))


def mixture(session: Session, found: SetRegret, shares: Floats) -> tuple[Floats, float]:
    """The weights by which sum_k share_k f_k / V_k is one objective, and what a point of it counts for.

    Without the least covered space f_k is linear in the weights (that add up to one), and every other term is the same
    for all sets.
    """
    sets = weight_sets_of(session.variant("A").case)
    parts = shares / found.sets["best_objective"].to_numpy()
    whole = sum(
        part * np.array(list(own.values())) / sum(own.values()) for part, own in zip(parts, sets.values(), strict=True)
    )
    return np.asarray(whole), float(parts.sum())


@CAREFUL
@given(judged_towns(equity=False), st.sampled_from(["A", "B"]))
def test_the_mixture_of_voices_proves_the_compromise_best(case: Case, scenario_id: str) -> None:
    """Minimax: any plan's worst loss is at least what a mixture of judgements loses, and the voices' mixture, planned
    by itself, leaves exactly the compromise's worst loss. So no plan can do better."""
    session = Session(case)
    found = asked(session, scenario_id)
    voices = found.sets["voice"].to_numpy()
    if found.least.unit != SHARE:
        return
    if np.isnan(voices).any():
        assert found.least.worst <= NEAR
        return
    assert voices.sum() == pytest.approx(1.0)
    weights, scale = mixture(session, found, voices)
    best = planned_by(session, scenario_id, weights).objective
    # sum_k voice_k f_k / V_k is at most scale * best for any plan, so its losses average at least 1 - scale * best.
    assert 1.0 - scale * best == pytest.approx(found.least.worst, abs=2e-6)


@CAREFUL
@given(judged_towns(equity=False), st.sampled_from(["A", "B"]), st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_no_mixture_loses_more_by_the_compromise(case: Case, scenario_id: str, parts: list[int]) -> None:
    if not sum(parts):
        return
    session = Session(case)
    found = asked(session, scenario_id)
    if found.least.unit != SHARE:
        return
    shares = np.array(parts) / sum(parts)
    weights, scale = mixture(session, found, shares)
    best = scale * planned_by(session, scenario_id, weights).objective
    kept = float(shares @ (found.sets["objective"] / found.sets["best_objective"]))
    assert best - kept <= found.least.worst + NEAR


@CAREFUL
@given(judged_towns(), st.sampled_from(["A", "B"]), st.integers(0, 2**32))
def test_no_other_plan_loses_less(case: Case, scenario_id: str, seed: int) -> None:
    """The sets' own plans, the proposal, and plans by random weights, each judged from its delivery alone."""
    session = Session(case)
    found = asked(session, scenario_id)
    assert found.compromise.certificate is not None and found.compromise.certificate.verified
    worst = found.worst_by_plan
    assert (worst[COMPROMISE] <= worst.drop("today") + NEAR).all()
    sets = weight_sets_of(session.variant(scenario_id).case)
    judges = [session.compiled(under_weights(session, scenario_id, name, own)) for name, own in sets.items()]
    best = found.sets["best_objective"].to_numpy()
    scale = best if found.least.unit == SHARE else np.ones(len(best))
    random = np.random.default_rng(seed)
    for _ in range(5):
        plan = planned_by(session, scenario_id, random.uniform(0.1, 10, len(case["needs"])))
        lost = (best - np.array([value_under(judge, plan) for judge in judges])) / scale
        assert found.least.worst <= lost.max() + NEAR


def test_example_town(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    found = asked(session, "SZ2")
    assert found.sets["weight_set"].tolist() == [EXPERTS, "participation", "participation_raw"]
    worst = found.worst_by_plan
    assert worst[COMPROMISE] < 0.6 * worst.drop([COMPROMISE]).min()
    plans = found.plans.set_index(["plan_id", "weight_set"])
    assert plans.loc[("set:participation", "participation"), "objective"] == pytest.approx(
        session.run("SZ6").objective, abs=NEAR
    )
    assert plans.loc[("proposal", EXPERTS), "regret"] == pytest.approx(0.0, abs=NEAR)
    json.dumps(found.to_json("de"), allow_nan=False)
