"""Berlin: 17,532 grants of nine years, as the city publishes them, against the city's own totals by year and area."""

from __future__ import annotations

import pandas as pd
import pytest

from allocate.analyses.grants.who_pays import Grants, grants
from allocate.inputs.case import Case
from tests.real.sources import source

FOLDER = "berlin_zuwendungen_2009_2017"


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(source(FOLDER) / "zuwendungen_sozial_2009_2017.csv", dtype={"plz": "str"})


@pytest.fixture(scope="module")
def berlin(published: pd.DataFrame) -> Grants:
    table = pd.DataFrame(
        {
            "grant_id": [f"Z{number}" for number in range(len(published))],
            "payer": published["geber"],
            "year": published["jahr"],
            "recipient": published["name"],
            "purpose": published["zweck"].fillna("ohne Angabe"),
            "amount": published["betrag"].astype(float),
            "department_id": published["politikbereich"],
        }
    )
    return grants(Case.from_frames("berlin", grants=table), year=2015)


def test_every_year_is_the_sum_that_the_city_publishes(berlin: Grants) -> None:
    totals = pd.read_csv(source(FOLDER) / "totals_subset_by_year_area.csv")
    by_year = totals.groupby("jahr")["betrag_eur"].sum()
    found = berlin.years.set_index("year")["bound_eur"]
    for year, eur in by_year.items():
        assert found[str(year)] == pytest.approx(eur, abs=1.0), year


def test_every_area_is_the_sum_that_the_city_publishes(berlin: Grants) -> None:
    totals = pd.read_csv(source(FOLDER) / "totals_subset_by_year_area.csv")
    own = totals[totals["jahr"] == 2015].set_index("politikbereich")["betrag_eur"]
    found = berlin.by("department").set_index("key")["amount_eur"]
    assert found.to_dict() == pytest.approx(own[own > 0].to_dict(), abs=1.0)


def test_recipients_of_several_payers_are_found(berlin: Grants, published: pd.DataFrame) -> None:
    assert len(published) == 17_532
    assert berlin.shared["payers"].max() > 1 and berlin.shared["recipients"].max() > 1
