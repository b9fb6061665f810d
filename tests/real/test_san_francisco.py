"""Stores in San Francisco: 205 census tracts, 16 candidate sites, a covering problem with published optima."""

from __future__ import annotations

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.session import Session
from tests.real.sources import covering_tables, source, write_case

RADIUS = 5000.0
# People within 5 km of the best p sites: p = 4 as published, the others recomputed by the data's SOURCE.md.
PUBLISHED = {1: 448_255, 2: 671_938, 3: 791_499, 4: 875_247, 5: 927_402, 6: 941_462, 7: 950_428, 8: 955_113}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = source("or_mclp_spopt_sf")
    tracts = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv", dtype={"NAME": "str"})
    demand = tracts.set_index("NAME")["POP2000"].astype(float)
    path = folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    distance = pd.read_csv(path, dtype={"DestinationName": "str"})
    served = distance[distance["distance"] <= RADIUS].rename(columns={"name": "site", "DestinationName": "area"})
    tables = covering_tables(demand, served.assign(share=1.0), max(PUBLISHED))
    return Session(read_case(write_case(tmp_path_factory.mktemp("real") / "san_francisco", tables)))


def test_data_are_those_of_the_publication(town: Session) -> None:
    assert len(town.case["spaces"]) == 205
    assert len(town.case["offers"]) == 16


@pytest.mark.parametrize("sites", PUBLISHED)
@pytest.mark.parametrize("kind", ["p", "whole"])
def test_published_optimum(town: Session, kind: str, sites: int) -> None:
    """The relaxation of this problem is known to have whole optima, so both kinds must reach the same people."""
    plan = town.run(f"{kind}{sites}")
    assert plan.status == "optimal"
    assert plan.coverage["covered"].sum() == pytest.approx(PUBLISHED[sites], abs=0.01)
    everybody = town.case["demand"]["demand"].sum()
    assert plan.objective == pytest.approx(PUBLISHED[sites] / everybody, abs=1e-7)


def test_four_whole_sites_leave_the_published_tracts_uncovered(town: Session) -> None:
    """Published: with four sites 89.7561 % of the tracts are within reach, 21 are not."""
    plan = town.run("whole4")
    assert (plan.offers["capacity"] > 0).sum() == 4
    assert (plan.coverage["covered"] < 1).sum() == 21


def test_eight_sites_are_needed_to_reach_everybody(town: Session) -> None:
    everybody = town.case["demand"]["demand"].sum()
    assert town.run("whole7").coverage["covered"].sum() < everybody - 1
    assert town.run("whole8").coverage["covered"].sum() == pytest.approx(everybody)
