"""A Land: two towns solved by hand, and the division as one large program would find it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.analyses.land import worth
from allocate.analyses.land.answers_file import kept_in
from allocate.analyses.land.divisions import FAIR, KEY, NEED, money_for
from allocate.analyses.land.invented import POTS, InventedTown, invented_towns
from allocate.analyses.land.merge import Pieces, pieces_of
from allocate.analyses.land.side_by_side import Land, land
from allocate.analyses.land.sources import job_of, write_land
from allocate.analyses.land.town_facts import TownJob, use_of
from allocate.analyses.land.worth import Cut
from allocate.analyses.workers.executors import Failure, Serial, executor_named
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.land_tables import LandPot, LandTables, TownRow
from allocate.language import reckon_in
from allocate.solve.certify import Certificate, certify
from tests.analyses.land.landtowns import best_of_all, jobs_of, plain_town
from tests.strategies import Sizes, Tables, case_of, town_tables


def test_an_invented_land_is_told_as_it_is_written(tmp_path: Path) -> None:
    made = write_land(tmp_path / "land", 2, 4)
    names = pd.read_csv(tmp_path / "land" / "towns.csv")
    assert made[["town_id", "name"]].to_numpy().tolist() == names[["town_id", "name"]].to_numpy().tolist()
    for town in made.to_dict("records"):
        spaces = pd.read_csv(Path(town["path"]) / "spaces.csv")
        assert town["population"] == spaces["population"].sum()
        assert spaces["name"].tolist() == [f"Sozialraum {number}" for number in range(1, len(spaces) + 1)]


@pytest.mark.parametrize(
    ("value", "money"), [(99, 30), (100, 30), (109, 33), (115, 35), (119, 37), (128, 44), (133, 49), (134, math.nan)]
)
def test_money_goes_where_it_is_worth_most_until_a_value_is_reached(value: float, money: float) -> None:
    """From 30 EUR and a value of 100: 5 EUR are worth 3 each, then 4 in the other town 2, then 10 are worth 1."""
    first = Pieces(10.0, np.array([5.0, 10.0]), np.array([3.0, 1.0]))
    second = Pieces(20.0, np.array([4.0]), np.array([2.0]))
    assert money_for([first, second], 100.0, value) == pytest.approx(money, nan_ok=True)


def divided(cases: Sequence[Case], stated: LandTables | None = None, **options: object) -> Land:
    return land(jobs_of(cases), stated or LandTables(), executor=Serial(), **options)


@pytest.fixture(scope="module")
def pair() -> list[Case]:
    """V_A(a) = 1.02 a/1000 with a quarter of the people, V_B(b) = 1.02 b/2000 with the rest, each up to 1000 EUR.

    A euro adds 0.255 per 1000 EUR in A and 0.3825 in B, so that B is filled first.
    """
    return [plain_town("A", 100, 10, 100, key=900), plain_town("B", 300, 20, 50, key=300)]


def value(found: Land, division: str, keep: float = 0.0) -> float:
    table = found.divisions
    rows = table[(table["division"] == division) & (table["keep_share"] == keep)]
    return float(rows["land_objective"].iloc[0])


def test_two_towns_by_hand(pair: list[Case]) -> None:
    found = divided(pair)
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([200, 1000])
    assert value(found, NEED) == pytest.approx(1.02 * (0.25 * 0.2 + 0.75 * 0.5), abs=1e-9)
    assert value(found, KEY, 1.0) == pytest.approx(1.02 * (0.25 * 0.9 + 0.75 * 0.15), abs=1e-9)
    assert value(found, NEED, 0.5) == pytest.approx(1.02 * (0.25 * 0.45 + 0.75 * 0.375), abs=1e-9)
    # The key's 0.3375 * 1.02 is reached with 900 EUR, all of them in B.
    assert found.key_equivalent == pytest.approx(900, abs=1e-3)
    assert found.divisions["proven_gap"].dropna().max() < 1e-9
    assert found.divisions.loc[1, "shifted_eur"] == pytest.approx(700)
    assert any("€900" in one and "€300 less" in one for one in found.messages("en"))
    assert any("900 €" in one and "300 € weniger" in one for one in found.messages("de"))
    # What both do with it: the key's 90 and 15 units become 20 and 50.
    assert dict(zip(found.uses["town_id"], found.uses["change_eur"], strict=True)) == pytest.approx(
        {"A": -700, "B": 700}
    )


def test_a_point_beside_the_optimum_is_asked_for_from_the_beginning(
    pair: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def judged(*asked: Any) -> Certificate:
        seen.append(certify(*asked))
        return replace(seen[-1], verified=False) if len(seen) == 1 else seen[-1]

    monkeypatch.setattr(worth, "certify", judged)
    found = divided(pair)
    assert len(seen) > 2 and not found.left_out.size
    assert value(found, NEED) == pytest.approx(1.02 * (0.25 * 0.2 + 0.75 * 0.5), abs=1e-9)


def test_the_lowest_town_first_by_hand(pair: list[Case]) -> None:
    found = divided(pair, fair=True)
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([400, 800], abs=1e-4)
    assert found.chosen.values.tolist() == pytest.approx([0.408, 0.408], abs=1e-8)
    assert value(found, FAIR) == pytest.approx(0.408, abs=1e-8)


def test_what_every_town_keeps_and_needs_at_least(pair: list[Case]) -> None:
    floored = plain_town("A", 100, 10, 100, key=900, floor=0.3)
    found = divided([floored, pair[1]])
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([300, 900])
    assert found.allotments["least_eur"].tolist() == pytest.approx([300, 0])
    kept = divided([floored, pair[1]], LandTables(towns={"B": TownRow(least_share=1.0), "A": TownRow(weight=900)}))
    # A now counts three times as much as B, so that B keeps its 300 and no more.
    assert kept.chosen.amounts[:, 0].tolist() == pytest.approx([900, 300])
    with pytest.raises(UsageError) as refused:
        divided([floored, pair[1]], LandTables(pots=(LandPot("LAND", amount=250.0),)))
    assert refused.value.id == "land-too-little"


def test_a_part_of_the_key_that_every_town_keeps_is_told(pair: list[Case]) -> None:
    found = divided(pair, keep=0.5)
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([450, 750])
    assert "Jede Stadt behält mindestens 50 % von dem, was ihr der Schlüssel gibt." in found.messages("de")
    assert "Every town keeps at least 50% of what the key gives it." in found.messages("en")


def test_a_town_without_a_plan_by_the_key_makes_the_key_impossible(pair: list[Case]) -> None:
    found = divided([plain_town("A", 100, 10, 100, key=400, floor=0.5), pair[1]])
    assert found.by_key is None and math.isnan(found.key_equivalent)
    assert KEY not in found.divisions["division"].tolist()
    assert any("1 town has no plan" in one for one in found.messages("en"))
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([500, 200])


def test_money_that_nobody_can_use_is_said(pair: list[Case]) -> None:
    found = divided(pair, LandTables(pots=(LandPot("LAND", amount=2500.0),)))
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([1000, 1000])
    assert found.divisions.loc[found.divisions["division"] == NEED, "left_eur"].iloc[0] == pytest.approx(500)
    assert any("€500 cannot be used by any town" in one for one in found.messages("en"))
    # The key divides the 2,500 EUR as it divides its 1,200: 1,875 and 625, of which A can use 1,000.
    assert found.allotments["key_eur"].tolist() == pytest.approx([1875, 625])
    assert value(found, KEY, 1.0) == pytest.approx(1.02 * (0.25 * 1.0 + 0.75 * 0.3125), abs=1e-9)


def test_towns_without_an_answer_are_left_out_and_keep_their_key(pair: list[Case]) -> None:
    impossible = plain_town("C", 50, 10, 20, key=400, floor=0.9)
    other = case_of({**_tables(pair[0]), "pots": [{"pot_id": "P", "name": "P", "amount": 5}]}, "D")
    gone = TownJob("E", "silo", ("LAND",), path="/nowhere")
    stated = LandTables(pots=(LandPot("LAND", amount=1600.0),))
    found = land([*jobs_of([*pair, impossible, other]), gone], stated, executor=Serial())
    assert found.left_out["town_id"].tolist() == ["C", "D", "E"]
    assert [one.split("]")[0] for one in found.left_out["message_en"]] == [
        "[land-no-plan",
        "[land-no-pot",
        "[case-missing",
    ]
    # 400 of the 1600 EUR stay with C.
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([200, 1000])
    with pytest.raises(UsageError) as refused:
        land([gone], stated, executor=Serial())
    assert refused.value.id == "land-nothing"
    assert "Die erste sagt: [case-missing] Es gibt keinen Fall" in refused.value.text("de")


class ForgetsTheLast(Serial):
    """Its worker dies over the last piece of work about what towns do with their amounts."""

    def run(self, work: Callable[..., object], jobs: Sequence[object]) -> Iterator[tuple[int, object]]:
        for at, answer in super().run(work, jobs):
            yield at, Failure("out of memory") if work is use_of and at == len(jobs) - 1 else answer


def test_a_town_whose_own_run_is_lost_is_named(pair: list[Case]) -> None:
    found = land(jobs_of(pair), LandTables(), executor=ForgetsTheLast())
    assert found.unanswered == ("B",)
    (said,) = [one for one in found.messages("en") if "own run failed" in one]
    assert said.startswith("What 1 town would do") and "(first: B)" in said
    assert any("Was 1 Stadt" in one and "täte" in one for one in found.messages("de"))
    # The division and the other town's plans are what they are.
    assert found.chosen.amounts[:, 0].tolist() == pytest.approx([200, 1000])
    assert found.towns.set_index("town_id")["coverage_by_allotment"].isna().tolist() == [False, True]
    assert divided(pair).unanswered == ()


def test_money_is_written_in_the_currency_of_the_towns(pair: list[Case]) -> None:
    foreign = [_in_currency(case, "PLN") for case in pair]
    try:
        assert any("PLN" in one for one in divided(foreign).messages("en"))
        with pytest.raises(UsageError) as refused:
            divided([foreign[0], pair[1]])
        assert refused.value.id == "land-currencies"
    finally:
        reckon_in("")


def _in_currency(case: Case, code: str) -> Case:
    parameters = case["parameters"]
    parameters.loc[parameters["parameter"] == "currency", "value"] = code
    return case._unchecked(parameters=parameters)


def _tables(case: Case) -> dict[str, list[dict[str, object]]]:
    return {name: case[name].to_dict("records") for name in ("spaces", "needs", "demand", "offers", "effects")}


@st.composite
def lands(draw: st.DrawFn) -> list[Tables]:
    """Two or three drawn towns whose first pots are the Land's: open to every department, up to a share of an offer."""
    towns = []
    for _ in range(draw(st.integers(2, 3))):
        town = draw(town_tables(Sizes(spaces=(1, 2), needs=(1, 2), offers=(2, 4), pots=(2, 2))))
        rows = [
            {**row, "departments": "", "max_share": share} for row, share in zip(town["pots"], (1, 0.6), strict=True)
        ]
        town["pots"] = rows
        town["spaces"] = [{**row, "population": draw(st.integers(1, 9)) * 100} for row in town["spaces"]]
        towns.append(town)
    return towns


@pytest.mark.parametrize("pots", [("P0",), ("P0", "P1")], ids=["one pot", "two pots"])
@settings(max_examples=6)
@given(data=st.data())
def test_the_division_is_that_of_one_large_program(pots: tuple[str, ...], data: st.DataObject) -> None:
    cases = [case_of(town, f"T{at}") for at, town in enumerate(data.draw(lands()))]
    people = np.array([float(case["spaces"]["population"].sum()) for case in cases])
    money = np.array([sum(float(case["pots"].set_index("pot_id").at[pot, "amount"]) for case in cases) for pot in pots])
    best = best_of_all(cases, "A", pots, people / people.sum(), money)
    jobs = jobs_of(cases, "A", pots)
    if np.isnan(best):  # what the contracts of the towns need together is more than there is
        with pytest.raises(UsageError) as refused:
            land(jobs, LandTables(), executor=Serial(), with_uses=False)
        assert refused.value.id == "land-too-little"
        return
    found = land(jobs, LandTables(), executor=Serial(), with_uses=False)
    assert [pot.amount for pot in found.pots] == pytest.approx(money.tolist())
    assert value(found, NEED) == pytest.approx(best, abs=2e-8)
    assert found.chosen.bound >= best - 1e-9
    assert (found.chosen.amounts.sum(axis=0) <= money * (1 + 1e-9) + 1e-6).all()
    losses = found.divisions["objective_lost"].to_numpy()
    assert (losses >= -1e-8).all()


def test_a_run_with_other_options_uses_what_a_file_holds_of_towns(pair: list[Case], tmp_path: Path) -> None:
    """Facts, and what both do with the key's money, serve again; all of it where the question is the same."""
    jobs, asked = jobs_of(pair), []
    alone = land(jobs, LandTables(), executor=Serial(), fair=True)
    for fair in (False, True, True):
        with kept_in(tmp_path / "land.sqlite", "1", Serial()) as towns:
            found = land(jobs, LandTables(), executor=towns, fair=fair)
        asked.append((towns.answered, towns.kept))
    assert asked[0][1] == 0 and asked[1][1] >= 4 and asked[2] == (0, sum(asked[1]))
    assert found.to_json() == alone.to_json()


def test_what_failed_is_asked_again(pair: list[Case], tmp_path: Path) -> None:
    for worker, unanswered in ((ForgetsTheLast(), ("B",)), (Serial(), ())):
        with kept_in(tmp_path / "land.sqlite", "1", worker) as towns:
            found = land(jobs_of(pair), LandTables(), executor=towns)
        assert found.unanswered == unanswered
    assert towns.answered == 1


@pytest.mark.parametrize("executor", ["threads:2", "processes:2"])
def test_the_land_depends_on_no_executor(executor: str) -> None:
    jobs = [job_of(town, "silo", POTS) for town in invented_towns(2, seed=3, pots=2)]
    with closing(executor_named(executor)) as asked:
        one, other = (land(jobs, LandTables(), executor=own, with_uses=False).to_json() for own in (Serial(), asked))
    assert json.dumps(one, default=str) == json.dumps(other, default=str)
    assert len(one["towns"]) == 2 and one["divisions"][1]["proven_gap"] < 1e-7


def test_invented_towns_are_in_order_and_the_same_for_the_same_seed() -> None:
    first, again, other = invented_towns(1, 5, 2)[0], invented_towns(1, 5, 2)[0], invented_towns(1, 6, 2)[0]
    assert all(first.tables[name].equals(again.tables[name]) for name in first.tables)
    assert not first.tables["demand"].equals(other.tables["demand"])
    found = first.case().findings
    assert not (found["severity"] == "error").any()
    assert not (found["severity"] == "warning").any(), found[["rule", "message"]].to_string()


@pytest.mark.parametrize("town", invented_towns(6, seed=2, pots=2), ids=lambda town: town.name)
def test_invented_towns_are_of_the_kind_that_is_said(town: InventedTown) -> None:
    tables = {name: table.set_index(table.columns[0]) for name, table in town.tables.items()}
    offers, pots, floors, paid = tables["offers"], tables["pots"], tables["floors"], town.tables["baseline_funding"]
    assert offers["unit_cost"].between(400, 2380).all() and (offers["unit_cost"] % 20 == 0).all()
    parts = offers.groupby(offers.index.str[:2]).size()
    assert len(parts) == 8 and parts.isin((2, 3)).all()
    today = offers["baseline_capacity"]
    assert (offers["max_capacity"] >= np.maximum(5, 1.3 * today)).all()
    assert (offers["max_capacity"] <= np.maximum(5, np.ceil(2.5 * today))).all()
    assert (offers["committed_capacity"] <= 0.6 * today).all()
    assert tables["reach"]["access"].between(0.7, 1).all()
    assert tables["reach"].groupby("offer_id")["baseline_capacity"].sum().equals(today.sort_index())
    first = town.tables["effects"].drop_duplicates("offer_id")
    assert (first["effect"] == 1).all() and (first["need_id"].str[1] == first["offer_id"].str[1]).all()
    other = town.tables["effects"].drop(first.index)
    assert other["effect"].between(0.1, 0.4).all()
    # Today is paid for to the cent, by the Land up to four tenths of an offer from either pot, and no pot is overdrawn.
    by_offer = paid.groupby("offer_id")["amount"].sum()
    assert by_offer.tolist() == pytest.approx((offers["unit_cost"] * today)[by_offer.index].tolist())
    of_land = paid[paid["pot_id"].isin(POTS)]
    cost = (offers["unit_cost"] * today)[of_land["offer_id"]].to_numpy()
    assert (of_land["amount"].to_numpy() <= 0.4 * cost).all()
    departments = offers.loc[paid["offer_id"], "department_id"].to_numpy()
    assert set(departments[paid["pot_id"] == "LAND2"]) <= {"JUG", "GES"}
    assert all(pot == own for pot, own in zip(paid["pot_id"], departments, strict=True) if pot not in POTS)
    assert (pots["amount"] >= paid.groupby("pot_id")["amount"].sum().reindex(pots.index, fill_value=0.0)).all()
    assert (pots["amount"] % 100 == 0).all() and (pots.loc[["JUG", "SOZ", "GES"], "amount"] >= 1000).all()
    assert pots["pooled"].to_dict() == {"LAND1": False, "LAND2": False, "JUG": True, "SOZ": True, "GES": True}
    assert pots["max_share"].to_dict() == {"LAND1": 0.5, "LAND2": 0.5, "JUG": 1.0, "SOZ": 1.0, "GES": 1.0}
    assert floors.index.tolist() == ["FN1", "FN2", "FN5"] and set(floors["kind"]) == {"statutory"}
    spaces = tables["spaces"]
    assert 2 <= len(spaces) <= 12 and (spaces["population"] >= 200).all()
    assert len(town.tables["demand"]) == 8 * len(spaces) and (town.tables["demand"]["demand"] >= 1).all()


def test_a_towns_worth_is_the_lowest_of_its_cuts_piece_by_piece() -> None:
    """3 a up to 1 EUR, then 2 a + 1 up to 3 EUR, then a + 4; of the same slope the lower cut; all counted twice."""
    cuts = [Cut(4.0, (1.0,)), Cut(0.0, (3.0,)), Cut(1.0, (2.0,)), Cut(9.0, (2.0,)), Cut(30.0, (0.5,))]
    found = pieces_of(cuts, 0.5, 10.0, weight=2.0)
    assert (found.start, found.widths.tolist(), found.slopes.tolist()) == (0.5, [0.5, 2.0, 7.0], [6.0, 4.0, 2.0])


def test_similar_towns_that_cover_more_are_named(pair: list[Case]) -> None:
    found = divided([*pair, plain_town("C", 110, 10, 100, key=0)])
    assert found.peers.empty  # nobody offers anything today
    needs = found.needs.set_index("town_id")
    assert needs.loc["A", "demand_per_thousand"] == pytest.approx(1000)
    assert needs["coverage_planned"].tolist() == pytest.approx([0.9, 0.15, 0.0])
