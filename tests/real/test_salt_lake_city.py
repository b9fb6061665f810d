"""Facilities in Salt Lake County: sites that reach part of an area's people, with published selections."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.session import Session
from tests.real.sources import covering_tables, source, write_case

PUBLISHED_SITES = {"1", "4", "5", "6", "7"}


def partial_cover() -> pd.DataFrame:
    """One row per area and facility: demand, serviceable demand, people of the area whom the facility reaches."""
    text = (source("or_coverage_pyspatialopt_slc") / "partial_coverage1.json").read_text()
    rows = [
        (area, site, entry["demand"], entry["serviceableDemand"], people)
        for area, entry in json.loads(text)["demand"].items()
        for site, people in entry["coverage"]["facility_service_areas"].items()
    ]
    return pd.DataFrame(rows, columns=["area", "site", "people", "serviceable", "reached"])


def session(folder: Path, demand: pd.Series, served: pd.DataFrame, most_sites: int) -> Session:
    return Session(read_case(write_case(folder / "salt_lake", covering_tables(demand, served, most_sites))))


def open_sites(town: Session, scenario_id: str) -> set[str]:
    offers = town.run(scenario_id).offers
    return set(offers.loc[offers["capacity"] > 1e-6, "offer_id"])


def test_partial_cover_chooses_the_published_facilities(tmp_path: Path) -> None:
    """Five facilities, demand counted up to what can be served at all: 1, 4, 5, 6, 7 with 540,699 people."""
    cover = partial_cover()
    served = cover.assign(share=cover["reached"] / cover["serviceable"])
    town = session(tmp_path, cover.groupby("area")["serviceable"].first(), served, 5)
    whole = town.run("whole5")
    assert whole.status == "optimal"
    assert whole.coverage["covered"].sum() == pytest.approx(540_699, abs=0.01)
    assert open_sites(town, "whole5") == PUBLISHED_SITES
    in_part = town.run("p5")
    assert in_part.coverage["covered"].sum() >= 540_699 - 0.01


def test_published_facilities_counted_against_all_people(tmp_path: Path) -> None:
    """The published selection reaches 544,989 people when demand is every resident; access is a true share here."""
    cover = partial_cover()
    cover = cover[cover["people"] > 0]
    demand = cover.groupby("area")["people"].first()
    served = cover.assign(share=cover["reached"] / cover["people"])
    tables = covering_tables(demand, served, 5)
    is_open = tables["offers"]["offer_id"].isin(PUBLISHED_SITES)
    tables["offers"] = tables["offers"].assign(baseline_capacity=tables["offers"]["max_capacity"].where(is_open, 0))
    used = tables["reach"]["offer_id"].isin(PUBLISHED_SITES)
    people = tables["reach"]["space_id"].map(demand)
    tables["reach"] = tables["reach"].assign(baseline_capacity=people.where(used, 0))
    town = Session(read_case(write_case(tmp_path / "salt_lake", tables)))
    today = town.status_quo("p5")
    assert today.coverage["covered"].sum() == pytest.approx(544_989, abs=0.01)
    assert today.measures.spent_eur == pytest.approx(5 * 1000)


@pytest.mark.parametrize(("sites", "reached"), [(1, 5), (2, 9), (3, 12), (4, 14), (5, 15)])
def test_simple_published_case(tmp_path: Path, sites: int, reached: int) -> None:
    """Five points on a line, radius 10: the largest ones first."""
    table = pd.read_csv(source("or_coverage_pyspatialopt_slc") / "simple_case_distance_matrix.csv")
    table = table.assign(site="f" + table["facility_id"].astype("str"), area="d" + table["demand_id"].astype("str"))
    near = table[table["distance"] <= 10].assign(share=1.0)
    town = session(tmp_path, table.groupby("area")["demand"].first().astype(float), near, 5)
    for kind in ("p", "whole"):
        assert town.run(f"{kind}{sites}").coverage["covered"].sum() == pytest.approx(reached)


def test_published_share_within_five_kilometres(tmp_path: Path) -> None:
    """Published: five facilities reach 543,631 people, 52.797393302 % of all."""
    path = source("or_coverage_pyspatialopt_slc") / "service_area_demand_point_distance_matrix.csv"
    table = pd.read_csv(path, dtype={"demand_id": "str", "facility_id": "str"})
    table = table.rename(columns={"demand_id": "area", "facility_id": "site"})
    near = table[table["distance"] <= 5000].assign(share=1.0)
    everybody = table.groupby("area")["demand"].first().astype(float)
    plan = session(tmp_path, everybody, near, 5).run("whole5")
    assert plan.coverage["covered"].sum() == pytest.approx(543_631, abs=0.01)
    assert 100 * plan.objective == pytest.approx(52.797393302, abs=1e-5)
