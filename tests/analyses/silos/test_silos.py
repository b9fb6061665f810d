"""The value of integration: order of the levels, exact worth in money, splits of the gain, district budgets."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.analyses.silos.departments import departments_of, divided, pot_shares
from allocate.analyses.silos.integration import LEVELS, Silos, silos
from allocate.analyses.silos.no_loser import led_value
from allocate.analyses.silos.sharing import core_violation, shapley, split_gain
from allocate.analyses.silos.silo_plan import SiloPlan, silo_plan
from allocate.bench.worth import extra_money, least_spending
from allocate.checking.opening import read_case
from allocate.inputs import dictionary
from allocate.inputs.case import Case, split_list
from allocate.inputs.scenario.variant import Variant
from allocate.judge.plan import Waiver
from allocate.model.compile import compile_variant
from allocate.session import Session
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits
from tests.strategies import Tables, case_of, town_tables, towns

PABULIB = Path(__file__).parents[4] / "shared" / "data" / "pabulib_small"
NO_SIDE_GOALS = [{"parameter": name, "value": 0} for name in ("equity_weight", "duplication_weight", "movement_weight")]


@pytest.fixture(scope="module")
def auenfurt_session(auenfurt: Path) -> Session:
    return Session(read_case(auenfurt))


@pytest.fixture(scope="module")
def found(auenfurt_session: Session) -> Silos:
    return silos(auenfurt_session, "SZ1")


def test_example_town_gains_at_every_step(found: Silos, auenfurt_session: Session) -> None:
    objective = found.levels.set_index("level")["objective"]
    assert list(found.levels["level"]) == list(LEVELS)
    # The pairs that gain most come first, and are numbered as they stand.
    assert found.pairs["objective_gain"].is_monotonic_decreasing
    assert found.pairs.index.tolist() == list(range(len(found.pairs))) and len(found.pairs) > 1
    assert found.levels["status"].tolist() == ["optimal"] * len(LEVELS)
    assert objective.is_monotonic_increasing
    assert objective["earmarks"] == pytest.approx(auenfurt_session.run("SZ1").objective, abs=1e-9)
    assert objective["pooled"] == pytest.approx(auenfurt_session.run("SZ2").objective, abs=1e-9)
    assert (found.steps["objective_gain"] > 0).all()


def test_departments_claim_more_than_they_deliver_together(found: Silos) -> None:
    delivered = found.levels.set_index("level").loc["silo", "coverage_value"]
    assert found.departments["claimed_value"].sum() > delivered + 0.01


def test_worth_of_pooling_in_money_is_what_a_resolve_gives(auenfurt_session: Session, found: Silos) -> None:
    goal = auenfurt_session.run("SZ2").objective
    compiled = auenfurt_session.compiled("SZ1")
    extra = extra_money(compiled, goal)
    step = found.steps.set_index("step").loc["pooling"]
    assert step["extra_money_eur"] == pytest.approx(extra.total, rel=1e-9)
    assert 60_000 < extra.total < 140_000
    assert 80_000 < step["gain_eur_marginal"] < 140_000

    def with_money(factor: float) -> float:
        upper = compiled.program.row_upper.copy()
        upper[compiled.program.rows_index.slice("pot")] += factor * extra.per_pot
        return -Highs().solve(replace(compiled.program, row_upper=upper), Limits()).objective

    assert with_money(1.0) == pytest.approx(goal, abs=2e-9)
    assert with_money(0.98) < goal - 1e-6

    pooled = auenfurt_session.compiled("SZ2")
    least = least_spending(pooled, auenfurt_session.run("SZ1").objective)
    assert least == pytest.approx(auenfurt_session.run("SZ1").measures.spent_eur - step["money_less_eur"], abs=0.01)


def test_money_that_silos_would_need_is_exact(auenfurt_session: Session, found: Silos) -> None:
    """With that money in proportion the silo is as good as the pooled plan; with ten euros less it is not."""
    compiled = auenfurt_session.compiled("SZ1|coordinated")
    owners = departments_of(compiled)
    steps = found.steps.set_index("step")
    for step, level in (("integration", "pooled"), ("seeing", "coordinated")):
        goal = found.plans[level].objective
        extra = steps.loc[step, "extra_money_eur"]

        def with_money(euros: float) -> float:
            upper, more = compiled.program.row_upper.copy(), euros / compiled.town.weights.budget
            upper[compiled.program.rows_index.slice("pot")] *= 1 + more
            richer = replace(compiled, program=replace(compiled.program, row_upper=upper))
            money = dict(zip(compiled.town.pots.tolist(), more * compiled.town.pot_amount, strict=True))
            with pytest.MonkeyPatch.context() as told:
                # Whoever judges the plan counts the money of the tables and must know of this.
                told.setattr("allocate.analyses.silos.silo_plan.Waiver", partial(Waiver, money=money))
                alone = silo_plan(richer, owners)
            assert isinstance(alone, SiloPlan)
            return alone.plan.objective

        assert with_money(extra) == pytest.approx(goal, abs=2e-8)
        assert with_money(extra - 10) < goal - 1e-7


def test_departments_that_share_nothing_gain_nothing_and_need_nothing() -> None:
    """Three departments with a need, an offer and a pot of their own, of very different size: no money is worth it."""
    amounts = {"1": 190_000, "2": 23_000, "3": 151_000_000}
    case = case_of(
        {
            "departments": [{"department_id": f"D{i}", "name": i} for i in amounts],
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": f"N{i}", "name": i, "unit": "p"} for i in amounts],
            "demand": [{"space_id": "S", "need_id": f"N{i}", "demand": a / 1000} for i, a in amounts.items()],
            "offers": [
                {"offer_id": f"O{i}", "name": i, "department_id": f"D{i}", "unit_cost": 1000,
                 "max_capacity": a / 990, "baseline_capacity": a / 1000}
                for i, a in amounts.items()
            ],
            "effects": [{"offer_id": f"O{i}", "need_id": f"N{i}", "effect": 1} for i in amounts],
            "pots": [{"pot_id": f"P{i}", "name": i, "amount": a, "departments": f"D{i}"} for i, a in amounts.items()],
            "scenarios": [{"scenario_id": "B", "title": "B", "pooling": "integrated"}],
        }
    )  # fmt: skip
    steps = silos(Session(case), "B").steps
    assert steps["extra_money_eur"].tolist() == [0, 0, 0, 0]
    assert steps["money_less_eur"].tolist() == [0, 0, 0, 0]
    assert steps["objective_gain"].tolist() == pytest.approx([0, 0, 0, 0], abs=1e-12)


def test_json_is_plain_and_complete(found: Silos) -> None:
    document = json.loads(json.dumps(found.to_json("de"), allow_nan=False))
    assert set(document) == {
        "scenario_id", "levels", "steps", "needs", "departments", "pairs", "coalitions", "pot_shares", "no_loser",
        "remarks",
    }  # fmt: skip


def test_who_could_supply_most_counts_a_divided_place_once() -> None:
    """Ten places for one of two needs bring ten lunches, not twenty: with fifteen the other department leads them."""
    effects = [("O", "N1", "yes"), ("O", "N2", "yes"), ("O", "M", "no"), ("Q", "M", "no")]
    town: Tables = {
        "spaces": [{"space_id": "S", "name": "S"}],
        "needs": [{"need_id": need, "name": need, "unit": "persons"} for need in ("N1", "N2", "M")],
        "demand": [{"space_id": "S", "need_id": need, "demand": 40} for need in ("N1", "N2", "M")],
        "offers": [
            {"offer_id": offer, "name": offer, "department_id": owner, "unit_cost": 1, "max_capacity": most}
            for offer, owner, most in (("O", "D1", 10), ("Q", "D2", 15))
        ],
        "effects": [{"offer_id": o, "need_id": n, "effect": 1, "exclusive": word} for o, n, word in effects],
        "pots": [{"pot_id": "P", "name": "P", "amount": 100}],
        "departments": [{"department_id": one, "name": one} for one in ("D1", "D2")],
    }  # fmt: skip
    owners = departments_of(compile_variant(divided(Session(case_of(town)).variant("silo"), "silo|coordinated")))
    assert owners.ids[owners.lead].tolist() == ["D1", "D1", "D2"]


def test_no_department_loses_under_the_no_loser_rule(found: Silos, auenfurt_session: Session) -> None:
    compiled = auenfurt_session.compiled("SZ1|pooled")
    owners = departments_of(auenfurt_session.compiled("SZ1|coordinated"))
    assert found.no_loser.plan is not None
    after = led_value(compiled, owners, found.no_loser.plan)
    before = led_value(compiled, owners, found.plans["silo"])
    assert (after >= before - 1e-8).all()
    assert found.no_loser.cost_of_rule >= 0


def test_opening_all_pots_is_worth_at_least_the_best_pair(found: Silos) -> None:
    pooled = found.levels.set_index("level").loc["pooled", "objective"]
    assert (found.pairs["objective"] <= pooled + 1e-9).all()
    assert (found.pairs["objective_gain"] >= -1e-9).all()
    assert set(found.pairs.iloc[0][["department_a", "department_b"]]) == {"D50", "D51"}


def test_infeasible_level_is_said(auenfurt_session: Session) -> None:
    found = silos(auenfurt_session, "SZ4a")
    status = found.levels.set_index("level")["status"]
    assert status["earmarks"] == "infeasible"
    assert status["pooled"] == "optimal"
    assert found.levels.set_index("level").loc["silo", "shortfall_units"] > 1
    assert np.isnan(found.steps.set_index("step").loc["pooling", "objective_gain"])
    assert any("earmarks" in line for line in found.to_json("en")["remarks"])


def test_shared_pot_is_divided_by_what_it_pays_today(auenfurt_session: Session) -> None:
    shares = pot_shares(auenfurt_session.variant("SZ1")).set_index(["pot_id", "owner"])["share"]
    assert shares["P3", "D09"] == pytest.approx((29172 + 15674 + 104000) / 383846, abs=1e-3)
    assert shares.groupby("pot_id").sum().to_numpy() == pytest.approx(1.0)
    assert divided(auenfurt_session.variant("SZ1"), "x").case["pots"]["amount"].sum() == pytest.approx(3_795_000)


def test_every_table_names_the_parts_of_divided_pots(auenfurt_session: Session) -> None:
    """Each column that refers to pots, by the dictionary: no id of a pot that was divided is left, none is unknown."""
    variant = auenfurt_session.variant("SZ1")
    case = variant.case
    shared = pot_shares(variant).groupby("pot_id").size().gt(1)
    pots = [str(id) for id in shared.index[shared]][:1] * 2 + [str(shared.index[~shared][0])]
    own = case["baseline_funding"].query("pot_id == @pots[0]")["offer_id"].tolist()[:1]
    rows = {
        "pot_years": pd.DataFrame({"pot_id": pots[1:], "year": [2028, 2028], "amount": [500.0, 70.0]}),
        "cofinancing": pd.DataFrame({"pot_id": pots[2:], "per_eur_of": pots[:1], "most": [1.0]}),
        "eligibility": pd.DataFrame({"pot_id": pots[:1], "offer_id": own, "allowed": [True]}),
    }
    told = case.with_tables(**rows)
    after = divided(Variant(told, variant.scenario, variant.changes), "x").case
    known = set(after["pots"]["pot_id"])
    assert pots[0] not in known and pots[2] in known
    named = [one for table in dictionary.tables().values() for one in table if one.refers_to == "pots.pot_id"]
    assert {one.table for one in named} >= {*rows, "baseline_funding"}
    for one in named:
        cells = after[one.table][one.name].tolist()
        assert len(after[one.table]) and {id for cell in cells for id in split_list(cell)} <= known, one
    years = after["pot_years"]
    assert years["amount"].sum() == pytest.approx(570) and len(years) > 2


def test_a_pot_that_is_none_is_an_error_when_pots_are_divided(auenfurt_session: Session) -> None:
    variant = auenfurt_session.variant("SZ1")
    funding = variant.case["baseline_funding"].assign(pot_id="P99")
    lost = Variant(variant.case._unchecked(baseline_funding=funding), variant.scenario, variant.changes)
    with pytest.raises(LookupError, match=r"baseline_funding\.pot_id: P99"):
        divided(lost, "x")


@settings(max_examples=15, deadline=None)
@given(towns())
def test_levels_are_ordered_and_splits_efficient(case: Case) -> None:
    found = silos(Session(case), "A")
    levels = found.levels.set_index("level")
    ladder = levels.loc[["coordinated", "earmarks", "pooled"], "objective"].to_numpy()
    assert (np.diff(ladder) >= -1e-7).all()
    if levels.loc["silo", "status"] == "optimal" and levels.loc["silo", "shortfall_units"] < 1e-6:
        assert levels.loc["silo", "objective"] <= ladder[0] + 1e-7
        assert found.no_loser.status == "optimal"
    whole = found.coalitions["value"].iloc[-1]
    table = found.departments
    assert table["stable_value"].sum() == pytest.approx(whole, abs=1e-7)
    assert table["fair_value"].sum() == pytest.approx(whole, abs=1e-7)
    ids, by_members = table["department_id"].tolist(), found.coalitions.set_index("members")["value"]
    groups = (";".join(id for i, id in enumerate(ids) if (mask >> i) & 1) for mask in range(1, 1 << len(ids)))
    values = np.array([0.0, *(float(by_members[group]) for group in groups)])
    assert core_violation(values, table["stable_value"].to_numpy()) <= 1e-7


@settings(max_examples=15, deadline=None)
@given(town_tables(), st.data())
def test_a_department_alone_solves_the_town_without_the_others(tables: Tables, data: st.DataObject) -> None:
    """Brute: the same town, read again without the offers and pots of the others (side goals and floors off)."""
    tables = {**tables, "parameters": NO_SIDE_GOALS, "floors": []}
    compiled = compile_variant(divided(Session(case_of(tables)).variant("A"), "A|coordinated"))
    owners = departments_of(compiled)
    together = silo_plan(compiled, owners)
    assert isinstance(together, SiloPlan)
    number = data.draw(st.integers(0, len(owners) - 1))
    own = owners.ids[number]
    offers = [row for row in tables["offers"] if row["department_id"] == own]
    kept = {row["offer_id"] for row in offers}
    pots = [row for row in tables["pots"] if row["departments"] == own]
    if not offers or not pots:
        return
    smaller = {
        **tables,
        "offers": offers,
        "pots": pots,
        **{
            name: [r for r in tables[name] if r["offer_id"] in kept]
            for name in ("effects", "reach", "baseline_funding")
        },
    }
    brute = Session(case_of(smaller)).run("A")
    assert together.alone[number].answer.value == pytest.approx(brute.objective, abs=1e-7)


def test_shapley_of_a_hand_solved_game() -> None:
    """Gloves: 1 and 2 own a left glove, 3 a right one; a pair is worth 1. Shapley gives (1/6, 1/6, 2/3)."""
    values = np.array([1.0 if (m & 0b100 and m & 0b011) else 0.0 for m in range(8)])
    assert shapley(values, 3) == pytest.approx([1 / 6, 1 / 6, 2 / 3])
    assert core_violation(values, np.array([0.0, 0.0, 1.0])) == 0.0
    assert core_violation(values, np.array([1 / 6, 1 / 6, 2 / 3])) == pytest.approx(1 / 6)


def district_town(city: pd.DataFrame, projects: pd.DataFrame) -> Case:
    """District = space, pot and department; project = offer; a vote for a funded project = a covered unit."""
    number = {file: f"D{i}" for i, file in enumerate(city["file"])}
    projects = projects[projects["file"].isin(number) & (projects["votes"] > 0) & (projects["cost"] > 0)]
    district = projects["file"].map(number)
    votes = projects.groupby(district)["votes"].sum()
    city = city[city["file"].map(number).isin(votes.index)]
    own = city["file"].map(number)
    offers = district + "_" + projects["project_id"].astype(str)
    return case_of(
        {
            "spaces": [{"space_id": d, "name": d} for d in own],
            "needs": [{"need_id": "votes", "name": "votes", "unit": "votes"}],
            "demand": [{"space_id": d, "need_id": "votes", "demand": votes[d]} for d in own],
            "offers": [
                {
                    "offer_id": o, "name": o, "department_id": d, "home_space_id": d, "unit_cost": c,
                    "max_capacity": 1,
                }
                for o, d, c in zip(offers, district, projects["cost"], strict=True)
            ],
            "effects": [
                {"offer_id": o, "need_id": "votes", "effect": v}
                for o, v in zip(offers, projects["votes"], strict=True)
            ],
            "pots": [
                {"pot_id": d, "name": d, "amount": a, "departments": d, "pooled": "yes"}
                for d, a in zip(own, city["budget"], strict=True)
            ],
            "parameters": NO_SIDE_GOALS,
            "scenarios": [{"scenario_id": "A", "title": "Districts"}],
        }
    )  # fmt: skip


def knapsack(cost: np.ndarray, votes: np.ndarray, money: float) -> float:
    """The divisible knapsack in closed form: by votes per euro, the last project in part."""
    order = np.argsort(-votes / cost, kind="stable")
    before = np.cumsum(cost[order]) - cost[order]
    return float((votes[order] * np.clip((money - before) / cost[order], 0.0, 1.0)).sum())


@pytest.mark.skipif(not PABULIB.is_dir(), reason="the participatory budgets are not beside the project")
def test_district_pots_against_one_pot_meet_the_knapsack() -> None:
    """Toulouse 2022: twenty districts with a budget of their own."""
    instances = pd.read_csv(PABULIB / "instances.csv")
    projects = pd.read_csv(PABULIB / "projects.csv")
    city = instances[(instances["unit"] == "Toulouse") & instances["district"].notna()]
    assert len(city) == 20
    case = district_town(city, projects)
    found = silos(Session(case), "A")
    usable = projects[projects["file"].isin(city["file"]) & (projects["votes"] > 0) & (projects["cost"] > 0)]
    total = usable["votes"].sum()
    parts = [
        knapsack(group["cost"].to_numpy(), group["votes"].to_numpy(), float(city.set_index("file").loc[file, "budget"]))
        for file, group in usable.groupby("file")
    ]
    money = float(city[city["file"].isin(usable["file"])]["budget"].sum())
    whole = knapsack(usable["cost"].to_numpy(), usable["votes"].to_numpy(), money)
    value = found.levels.set_index("level")["coverage_value"]
    for level in ("silo", "coordinated", "earmarks"):
        assert value[level] == pytest.approx(sum(parts) / total, abs=1e-8)
    assert value["pooled"] == pytest.approx(whole / total, abs=1e-8)
    assert whole >= sum(parts)


def test_coordinated_level_equals_the_grand_coalition_without_pooling(auenfurt_session: Session) -> None:
    """The splits are those of pooled eligibility: the grand coalition cannot be worth less than the members alone."""
    variant = auenfurt_session.variant("SZ1")
    open_pots = compile_variant(divided(variant, "x", pooling="integrated"))
    split = split_gain(open_pots, departments_of(open_pots))
    assert split.whole_value > split.table["alone_value"].sum()
    assert split.worst_core_violation <= 1e-7
    assert isinstance(variant, Variant)
