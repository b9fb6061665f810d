"""Facts: one array per fact, in the order of the town's arrays, of the kind that the dictionary says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import apply
from allocate.town.build_town import build_town
from allocate.town.facts import (
    Facts,
    FloorFacts,
    NeedFacts,
    OfferFacts,
    PotFacts,
    SpaceFacts,
    _Column,
    payers_stated,
    payments_today,
)

KINDS = (OfferFacts, NeedFacts, SpaceFacts, PotFacts, FloorFacts)


@pytest.fixture(scope="module")
def town(auenfurt: Path) -> Case:
    return read_case(auenfurt)


def test_facts_stand_in_the_order_of_the_arrays(town: Case) -> None:
    built = build_town(apply(town, "SZ1"))
    arrays = (built.offers.ids, built.needs.ids, built.spaces.ids, built.pots)
    for kind, ids in zip(KINDS, arrays, strict=False):
        assert kind(town).ids.tolist() == ids.tolist()
    assert OfferFacts(town).name[3] == town["offers"]["name"].iloc[3]


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_is_a_column_of_the_dictionary_and_of_its_kind(kind: type[Facts], town: Case) -> None:
    table, facts = dictionary.table(kind.table), kind(town)
    columns = {name: one.name for name, one in vars(kind).items() if isinstance(one, _Column)}
    assert columns
    for name, column in columns.items():
        stated = table[column]
        kind_of_array = np.float64 if stated.is_numeric else np.bool_ if stated.is_boolean else np.object_
        assert getattr(facts, name).dtype == kind_of_array, name
        assert len(getattr(facts, name)) == len(facts.ids)


def test_a_fact_of_ids_is_blank_where_an_id_names_nothing(town: Case) -> None:
    offers, asked = OfferFacts(town), pd.Series(["O03", "", "O01"])
    first, third = offers.by_id(offers.department_id)["O01"], offers.by_id(offers.department_id)["O03"]
    assert offers.of(offers.department_id, asked).tolist() == [third, "", first]
    assert np.isnan(offers.of(offers.notice_months, asked)).tolist()[1]
    beside = offers.beside(pd.DataFrame({"offer_id": ["O03"], "more": [1]}), "contract_end", "notice_months")
    assert beside.columns.tolist() == ["offer_id", "more", "contract_end", "notice_months"]


def test_what_is_committed_ends_with_the_last_stated_year_or_the_contract(town: Case) -> None:
    """Of three offers: a commitment by year, one without a year, none."""
    offers = town["offers"].head(3).assign(committed_capacity=[5.0, 5.0, 0.0], contract_end=["2027-06-30"] * 3)
    rows = {"offer_id": ["O01", "O01", "O02"], "year": [2028.0, 2029.0, 2031.0], "min_capacity": [5.0, 4.0, 0.0]}
    stated = town._unchecked(offers=offers, commitments=pd.DataFrame(rows))
    assert OfferFacts(stated).committed_until.tolist() == ["2029", "2027-06-30", ""]


def test_who_pays_today_is_known_where_somebody_said_it(town: Case) -> None:
    paid = payments_today(town)
    assert payers_stated(town)
    assert paid["amount_eur"].sum() == town["baseline_funding"]["amount"].sum()
    unsaid = town._unchecked(baseline_funding=town["baseline_funding"].head(0))
    assert not payers_stated(unsaid)
    assert payments_today(unsaid).empty
