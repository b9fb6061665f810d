"""Participatory budget of Toulouse 2022: 20 districts with a pot each, ten projects a district, votes as benefit.

Divisible, this is a fractional knapsack with a closed form (best votes per euro first), for every district alone and,
with one pooled pot, for the whole town; indivisible, ten projects a district can be tried out in full.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.session import Session
from tests.real.sources import NO_PENALTIES, source, write_case

BUDGET = 400_000.0


def projects() -> pd.DataFrame:
    """One row per project that got a vote: id, district, cost, votes."""
    folder = source("pabulib_small")
    instances = pd.read_csv(folder / "instances.csv")
    instances = instances[(instances["unit"] == "Toulouse") & instances["district"].notna()]
    assert (instances["budget"] == BUDGET).all()
    table = pd.read_csv(folder / "projects.csv", dtype={"project_id": "str"}).merge(instances, on="file")
    table["space"] = "D" + table["district"].str.split(" - ").str[0].str.zfill(2)
    return table.loc[table["votes"] > 0, ["project_id", "space", "cost", "votes"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def toulouse(tmp_path_factory: pytest.TempPathFactory) -> Session:
    offers = projects()
    spaces = sorted(offers["space"].unique())
    pot = [f"P{space}" for space in spaces]
    tables = {
        "spaces": pd.DataFrame({"space_id": spaces, "name": spaces}),
        "needs": pd.DataFrame({"need_id": ["votes"], "name": ["Votes"], "unit": ["votes"]}),
        "demand": offers.groupby("space", as_index=False)["votes"].sum().set_axis(["space_id", "demand"], axis=1),
        "departments": pd.DataFrame({"department_id": spaces, "name": spaces}),
        "offers": pd.DataFrame(
            {
                "offer_id": offers["project_id"],
                "name": offers["project_id"],
                "department_id": offers["space"],
                "home_space_id": offers["space"],
                "unit_cost": offers["cost"],
                "max_capacity": 1,
                "fixed_cost": offers["cost"],
                "variable_unit_cost": 0,
                "min_capacity_if_open": 1,
            }
        ),
        "effects": pd.DataFrame({"offer_id": offers["project_id"], "need_id": "votes", "effect": offers["votes"]}),
        "pots": pd.DataFrame({"pot_id": pot, "name": pot, "amount": BUDGET, "departments": spaces, "pooled": "yes"}),
        "parameters": NO_PENALTIES,
        "scenarios": pd.DataFrame(
            {
                "scenario_id": ["district", "town", "whole"],
                "title": ["Pot je Stadtteil", "Gemeinsamer Topf", "Ganze Projekte"],
                "pooling": ["silo", "integrated", "silo"],
                "indivisible": ["no", "no", "yes"],
            }
        ),
    }
    tables["demand"] = tables["demand"].assign(need_id="votes")
    return Session(read_case(write_case(tmp_path_factory.mktemp("real") / "toulouse", tables)))


def fractional(table: pd.DataFrame, money: float) -> float:
    """Most votes that money buys when the last project may be funded in part."""
    best_first = table.assign(rate=table["votes"] / table["cost"]).sort_values("rate", ascending=False)
    spent_before = best_first["cost"].cumsum() - best_first["cost"]
    funded = np.clip((money - spent_before) / best_first["cost"], 0, 1)
    return float((funded * best_first["votes"]).sum())


def whole(table: pd.DataFrame, money: float) -> float:
    """Most votes of whole projects, by trying every choice."""
    choices = np.array(list(product((0, 1), repeat=len(table))))
    affordable = choices @ table["cost"].to_numpy() <= money
    return float((choices[affordable] @ table["votes"].to_numpy()).max())


def votes(toulouse: Session, scenario_id: str) -> pd.Series:
    plan = toulouse.run(scenario_id)
    assert plan.status == "optimal"
    return plan.coverage.set_index("space_id")["covered"]


def test_every_district_alone(toulouse: Session) -> None:
    found = votes(toulouse, "district")
    for space, own in projects().groupby("space"):
        assert found[space] == pytest.approx(fractional(own, BUDGET), rel=1e-9), space


def test_one_pot_for_the_town(toulouse: Session) -> None:
    everything = projects()
    best = fractional(everything, BUDGET * everything["space"].nunique())
    assert votes(toulouse, "town").sum() == pytest.approx(best, rel=1e-9)
    assert best > votes(toulouse, "district").sum()


def test_whole_projects(toulouse: Session) -> None:
    found = votes(toulouse, "whole")
    for space, own in projects().groupby("space"):
        assert found[space] == pytest.approx(whole(own, BUDGET), rel=1e-9), space


def test_marginal_value_of_a_district_is_the_rate_of_its_last_project(toulouse: Session) -> None:
    """A further euro buys votes of the project that was funded in part."""
    pots = toulouse.run("district").pots.set_index("pot_id")["marginal_value"]
    everything = projects()
    for space, own in everything.groupby("space"):
        more = fractional(own, BUDGET + 1) - fractional(own, BUDGET)
        assert pots[f"P{space}"] == pytest.approx(more / everything["votes"].sum(), rel=1e-6, abs=1e-15)
