"""Day care in Berlin: 542 planning areas, 2,893 facilities with their real places, at three levels of reach.

Prices and pot are invented (nobody publishes them); places, children and the hierarchy of areas are real.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.analyses.tradeoffs.frontier import frontier
from allocate.checking.opening import read_case
from allocate.session import Session
from tests.real.sources import NO_PENALTIES, source, write_case

FOLDER = "berlin_lor_kita_2024"
PLACE_COST = 12_000.0
# Digits of an area's number that name the area within which children may use a place.
LEVELS = {"same area": 8, "Bezirksregion": 6, "Bezirk": 2}


def children() -> pd.Series:
    """Children under six per planning area."""
    table = pd.read_csv(source(FOLDER) / "population_2024h2_age_planning-areas.csv", dtype={"id": "str"})
    return table.set_index("id")["inhabitants_age_below_6"].astype(float)


def facilities() -> pd.DataFrame:
    """One row per facility: id, name, sponsor, area, places."""
    text = {"id": "str", "sponsor_id": "str", "geojson_feature_id": "str"}
    table = pd.read_csv(source(FOLDER) / "kita_2026_07_details.csv", dtype=text)
    return table.rename(columns={"geojson_feature_id": "area"})


def tables(level: str) -> dict[str, pd.DataFrame]:
    """The town: every facility serves all areas of its group; today's places follow the children in it."""
    names = pd.read_csv(source(FOLDER) / "LOR_2021_names_area.csv", dtype="str", encoding="utf-8-sig")
    demand, kitas, digits = children(), facilities(), LEVELS[level]
    areas = pd.DataFrame({"space_id": demand.index, "group": demand.index.str[:digits], "children": demand.to_numpy()})
    pairs = kitas.assign(group=kitas["area"].str[:digits]).merge(areas, on="group")
    in_group = pairs.groupby("id")["children"].transform("sum")
    own = (pairs["area"] == pairs["space_id"]).astype(float)
    share = (pairs["children"] / in_group.where(in_group > 0)).fillna(own)
    cost = kitas["places"] * PLACE_COST
    return {
        "spaces": areas[["space_id"]].assign(
            name=areas["space_id"].map(names.set_index("Planungsraum (Nummer)")["Planungsraum (Name)"]),
            region_id=areas["group"],
        ),
        "needs": pd.DataFrame({"need_id": ["care"], "name": ["Kinder unter 6"], "unit": ["Plätze"]}),
        "demand": pd.DataFrame({"space_id": demand.index, "need_id": "care", "demand": demand.to_numpy()}),
        "providers": kitas[["sponsor_id", "sponsor_name"]]
        .drop_duplicates("sponsor_id")
        .set_axis(["provider_id", "name"], axis=1),
        "offers": pd.DataFrame(
            {
                "offer_id": kitas["id"],
                "name": kitas["name"],
                "provider_id": kitas["sponsor_id"],
                "home_space_id": kitas["area"],
                "unit_cost": PLACE_COST,
                "max_capacity": kitas["places"],
                "baseline_capacity": kitas["places"],
            }
        ),
        "effects": pd.DataFrame({"offer_id": kitas["id"], "need_id": "care", "effect": 1}),
        "reach": pd.DataFrame(
            {
                "offer_id": pairs["id"],
                "space_id": pairs["space_id"],
                "baseline_capacity": pairs["places"] * share,
            }
        ),
        "pots": pd.DataFrame({"pot_id": ["care"], "name": ["Tagesbetreuung"], "amount": [cost.sum()]}),
        "baseline_funding": pd.DataFrame({"pot_id": "care", "offer_id": kitas["id"], "amount": cost}),
        "parameters": NO_PENALTIES,
    }


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Session]:
    @cache
    def at_level(level: str) -> Session:
        folder: Path = tmp_path_factory.mktemp("real") / "berlin"
        return Session(read_case(write_case(folder, tables(level))))

    return at_level


@pytest.mark.parametrize("level", LEVELS)
def test_status_quo_of_every_group_adds_up(berlin: Callable[[str], Session], level: str) -> None:
    """In every group gap - surplus = children - places: nothing is lost and nothing counted twice."""
    town = berlin(level)
    today = town.run("status_quo")
    assert today.status == "evaluated"
    cover = today.coverage.assign(group=today.coverage["space_id"].str[: LEVELS[level]])
    cover = cover.groupby("group")[["demand", "gap", "duplication", "wanted_reserve"]].sum()
    places = facilities().assign(group=lambda t: t["area"].str[: LEVELS[level]]).groupby("group")["places"].sum()
    places = places.reindex(cover.index).fillna(0)
    left = cover["gap"] - cover["duplication"] - cover["wanted_reserve"]
    np.testing.assert_allclose(left, cover["demand"] - places, atol=1e-6)


@pytest.mark.parametrize("level", LEVELS)
def test_totals_are_the_published_ones(berlin: Callable[[str], Session], level: str) -> None:
    coverage = berlin(level).run("status_quo").coverage
    assert coverage["demand"].sum() == 208_938
    assert coverage["supply"].sum() == pytest.approx(199_851, abs=1e-6)
    assert coverage["gap"].sum() - coverage["duplication"].sum() == pytest.approx(208_938 - 199_851, abs=1e-6)


@pytest.mark.parametrize(
    ("level", "places", "people"),
    [
        ("Bezirksregion", "kita_2026_07_district-regions.csv", "population_2024h2_age_district-regions.csv"),
        ("Bezirk", "kita_2026_07_districts.csv", "population_2024h2_age_districts.csv"),
    ],
)
def test_groups_are_the_published_ones(berlin: Callable[[str], Session], level: str, places: str, people: str) -> None:
    """Supply and demand of the groups are those of the office's own tables for that level."""
    folder = source(FOLDER)
    coverage = berlin(level).run("status_quo").coverage
    groups = coverage.groupby(coverage["space_id"].str[: LEVELS[level]])[["demand", "supply"]].sum()
    published_places = pd.read_csv(folder / places, dtype={"id": "str"}).set_index("id")["places"]
    published = pd.read_csv(folder / people, dtype={"id": "str"}).set_index("id")["inhabitants_age_below_6"]
    np.testing.assert_allclose(groups["demand"], published.reindex(groups.index))
    np.testing.assert_allclose(groups["supply"], published_places.reindex(groups.index).fillna(0), atol=1e-6)


def test_wider_reach_hides_gaps_of_single_areas(berlin: Callable[[str], Session]) -> None:
    gaps = [berlin(level).run("status_quo").coverage["gap"].sum() for level in LEVELS]
    assert gaps[0] > gaps[1] > gaps[2] > 208_938 - 199_851


@pytest.mark.parametrize("level", ["same area", "Bezirksregion"])
def test_best_assignment_has_a_closed_form(berlin: Callable[[str], Session], level: str) -> None:
    """Without penalties the optimum covers min(children, places) in every group, at no more than today's cost."""
    plan = berlin(level).run("silo")
    assert plan.status == "optimal"
    digits = LEVELS[level]
    demand = children()
    needed = demand.groupby(demand.index.str[:digits]).sum()
    places = facilities().assign(group=lambda t: t["area"].str[:digits]).groupby("group")["places"].sum()
    best = np.minimum(needed, places.reindex(needed.index).fillna(0)).sum()
    assert plan.coverage["covered"].sum() == pytest.approx(best, rel=1e-7)
    assert plan.objective == pytest.approx(best / demand.sum(), abs=1e-7)


def test_a_curve_is_found_where_the_solver_gives_up_at_first(berlin: Callable[[str], Session]) -> None:
    """On 542 areas HiGHS ends one of the curve's questions undecided unless it leaves presolve out."""
    found = frontier(berlin("Bezirksregion"), "silo", "moved")
    assert found.gap <= 0.005
    assert found.points["coverage_value"].max() == pytest.approx(
        berlin("Bezirksregion").run("silo").objective, abs=1e-7
    )
