"""How many people a plan reaches, by hand: units times people a unit, a range where needs may be the same people's."""

from __future__ import annotations

import math

import pytest

from allocate.analyses.comparison.compare import compare
from allocate.checking.opening import read_case
from allocate.report.content import gather
from allocate.report.sections.counting import counts
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.results.people import BY_NEED, people_by_need, people_by_situation, states_people
from allocate.results.runs import Runs
from allocate.session import Session
from tests.conftest import ROOT

PLACES = ROOT / "tests" / "cases" / "places"


@pytest.fixture(scope="module")
def families() -> Session:
    """Both needs are of families; a place of day care stands for one person, one of the meeting place for two."""
    case = read_case(PLACES)
    needs = case["needs"].assign(participants=[1.0, 2.0], life_situation="Familien")
    return Session(case.with_tables(needs=needs))


def test_people_are_units_times_people_a_unit(families: Session) -> None:
    found = people_by_need(families.run("plan"))
    assert found.columns.tolist() == list(BY_NEED)
    found = found.set_index("need_id")
    assert found["people_covered"].to_dict() == pytest.approx({"C1": 60, "C2": 24})
    assert found["people_demand"].to_dict() == pytest.approx({"C1": 70, "C2": 28})


def test_people_of_one_life_situation_are_a_range(families: Session) -> None:
    """Nord: 40 and 2 x 4 people, Süd: 20 and 2 x 8; the same people in each space are 40 + 20, different ones 84."""
    plan, today = (people_by_situation(families.run(id)).iloc[0] for id in ("plan", "today"))
    assert (plan["people_least"], plan["people_most"]) == pytest.approx((60, 84))
    # Today 30 and 0 people in Nord, 20 and 2 x 8 in Süd.
    assert (today["people_least"], today["people_most"]) == pytest.approx((50, 66))


def test_a_need_that_does_not_say_it_keeps_to_its_units() -> None:
    case = read_case(PLACES)
    assert not states_people(case)
    needs = case["needs"].assign(participants=[12.0, math.nan], life_situation=["Kinder", "Kinder"])
    plan = Session(case.with_tables(needs=needs)).run("plan")
    found = people_by_need(plan).set_index("need_id")
    assert found.loc["C1", "people_covered"] == pytest.approx(720)
    assert math.isnan(found.loc["C2", "people_covered"])
    only = people_by_situation(plan).iloc[0]
    assert (only["needs_counted"], only["needs_uncounted"], only["people_least"]) == (1, 1, pytest.approx(720))
    assert len(Runs(plan.variant.case, "", {"plan": plan}).table("people")) == 2


def test_a_plan_is_the_same_with_people_and_without(families: Session) -> None:
    plain = Session(read_case(PLACES))
    assert families.run("plan").objective == plain.run("plan").objective
    assert len(compare(plain, ["plan"]).offers) == len(compare(families, ["plan"]).offers)


@pytest.mark.parametrize(("lang", "words"), [("de", "erreicht sind 60 bis 84 Menschen (heute 50 bis 66)"),
                                             ("en", "reached are 60 to 84 people (today 50 to 66)")])  # fmt: skip
def test_the_report_speaks_of_people_once(families: Session, lang: str, words: str) -> None:
    content = gather(families, ["plan"])
    voice = Voice(content, lang)
    sheets, said = counts(voice, Tables(content, voice))
    assert said == [f"Familien: {words}."]
    assert [sheet.key for sheet in sheets] == ["people_needs", "people_situations"]
