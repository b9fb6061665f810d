"""Posts: no plan fills more than there are; solved by hand, and spoken of in every answer.

Demand 100. A takes 10 EUR and a tenth of a post for a place, B 30 EUR and a fiftieth; there are 5 posts and 2,000 EUR.
Both are used up where 0.1 A + 0.02 B = 5 and 10 A + 30 B = 2,000: A = 39 2/7 and B = 53 4/7, together 92 6/7 places.
With p posts it would be 57 1/7 + 7 1/7 p, so that one more post is worth 7 1/7 places.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from allocate.analyses.conflicts.repair_rows import repair_rows
from allocate.analyses.conflicts.why_no_plan import conflicts
from allocate.analyses.margins.marginal import marginal
from allocate.analyses.margins.marginal_words import sentences
from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.card_words import Teller
from allocate.analyses.silos.integration import silos
from allocate.bench.resolve import Bench
from allocate.checking.check_case import check_case
from allocate.errors import CertificateError
from allocate.inputs.case import Case
from allocate.inputs.findings import FindingList
from allocate.inputs.reading.package import ReadResult
from allocate.inputs.scenario.variant import apply
from allocate.model import compile
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.web.controls import controls, kinds_of
from allocate.web.desk import Desk, Step
from allocate.web.open_town import OpenTown
from tests.reference.textbook import Textbook
from tests.strategies import Tables, case_of

TEAM = {"staff_id": "T", "name": "Team", "posts": 5}


def tables(*staff: dict[str, Any], **more: Any) -> Tables:
    return {
        "spaces": [{"space_id": "S", "name": "S"}],
        "needs": [{"need_id": "N", "name": "N", "unit": "places"}],
        "demand": [{"space_id": "S", "need_id": "N", "demand": 100}],
        "offers": [
            {"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 100, "department_id": "D1",
             "posts_per_unit": 0.1},
            {"offer_id": "B", "name": "B", "unit_cost": 30, "max_capacity": 100, "department_id": "D2",
             "posts_per_unit": 0.02},
        ],
        "effects": [{"offer_id": "A", "need_id": "N", "effect": 1}, {"offer_id": "B", "need_id": "N", "effect": 1}],
        "pots": [{"pot_id": "P", "name": "P", "amount": 2000}],
        "staff": list(staff),
        "scenarios": [{"scenario_id": "X", "title": "X"}],
        **more,
    }  # fmt: skip


def town(*staff: dict[str, Any], **more: Any) -> Case:
    return case_of(tables(*staff, **more))


def floor(share: float) -> list[dict[str, Any]]:
    return [{"floor_id": "F", "scope": "all", "need_id": "N", "min_coverage": share, "kind": "political"}]


def capacity(plan: Allocation) -> dict[str, float]:
    return dict(zip(plan.offers["offer_id"], plan.offers["capacity"].round(6), strict=True))


@pytest.fixture(scope="module")
def short() -> Session:
    return Session(town(TEAM))


def test_posts_and_money_together_say_how_much_of_each(short: Session) -> None:
    plan = short.run("X")
    assert capacity(plan) == pytest.approx({"A": 39 + 2 / 7, "B": 53 + 4 / 7}, abs=1e-5)
    row = plan.staff.iloc[0]
    assert row["staff_id"] == "T" and row["posts"] == 5
    assert [row["used_posts"], row["free_posts"], row["short_posts"]] == pytest.approx([5, 0, 0], abs=1e-9)
    assert plan.message("de") == "Personal begrenzt, was angeboten werden kann: Alle Stellen von T Team sind besetzt."


def test_enough_posts_change_nothing_and_nothing_is_said() -> None:
    plan = Session(town({**TEAM, "posts": 20})).run("X")
    assert capacity(plan) == {"A": 100, "B": 0}
    assert plan.staff["free_posts"].tolist() == [10] and not plan.message("de")


def test_a_group_holds_for_the_offers_that_are_on_all_its_lists() -> None:
    for lists in ({"departments": "D1"}, {"offers": "A"}, {"offers": "A;B", "departments": "D1"}):
        assert capacity(Session(town({**TEAM, **lists})).run("X")) == {"A": 50, "B": 50}
    assert capacity(Session(town({**TEAM, "offers": "A", "departments": "D2"})).run("X")) == {"A": 100, "B": 0}


@pytest.mark.parametrize(("year", "posts"), [("", 8), ("2026", 8), ("2027", 6), ("2029", 4)])
def test_the_last_row_up_to_the_year_planned_holds(year: str, posts: float) -> None:
    rows = [{**TEAM, "offers": "A", "year": of, "posts": n} for of, n in (("", 8), ("2029", 4), ("2027", 6))]
    plan = Session(town(*rows, parameters=[{"parameter": "plan_year", "value": year}])).run("X")
    assert plan.staff["posts"].tolist() == [posts] and capacity(plan)["A"] == 10 * posts


def test_a_scenario_changes_the_posts() -> None:
    change = {
        "scenario_id": "X",
        "table": "staff",
        "key": "T|",
        "column": "posts",
        "how": "set",
        "value": 6,
        "reason": "r",
    }
    plan = Session(town(TEAM, changes=[change])).run("X")
    assert sum(capacity(plan).values()) == pytest.approx(100, abs=1e-5)


@pytest.mark.parametrize("indivisible", ["yes", "no"])
def test_the_textbook_says_the_same(indivisible: str) -> None:
    scenarios = [{"scenario_id": "X", "title": "X", "indivisible": indivisible}]
    case = town({**TEAM, "posts": 4.5}, {**TEAM, "staff_id": "U", "departments": "D2", "posts": 1}, scenarios=scenarios)
    found = Session(case).run("X").objective
    assert found == pytest.approx(Textbook(apply(case, "X")).solve().objective, abs=1e-7)


def test_the_judge_finds_posts_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = compile.blocks_of
    monkeypatch.setattr(compile, "blocks_of", lambda ground: [b for b in honest(ground) if b.name != "staff"])
    with pytest.raises(CertificateError) as refused:
        Session(town(TEAM)).run("X")
    assert refused.value.id == "judged-staff"


def test_today_may_fill_more_than_there_are() -> None:
    offers = [{**one, "baseline_capacity": 60} for one in tables()["offers"]]
    scenarios = [{"scenario_id": "X", "title": "X", "evaluate": "yes"}]
    plan = Session(town(TEAM, offers=offers, scenarios=scenarios)).run("X")
    assert plan.staff[["used_posts", "short_posts"]].to_numpy().tolist() == [[pytest.approx(7.2), pytest.approx(2.2)]]
    assert "staff-short" in set(check_case(town(TEAM, offers=offers))["rule"])


def test_one_more_post_has_a_value(short: Session) -> None:
    found = marginal(short, "X", phases=("pots", "idle", "rules"))
    row = found.rules.set_index("rule").loc["staff"]
    # Coverage of the one space is coverage of the town: both count, with 1 and 0.02.
    assert row["more_value"] == pytest.approx(1.02 * (7 + 1 / 7) / 100, rel=1e-6)
    assert row["unit"] == "posts" and row["less_value"] == pytest.approx(row["more_value"])
    assert "Stellen T Team: höchstens 5 besetzbar" in found.named_rules("de")["name"].tolist()


def test_idle_money_names_the_posts() -> None:
    found = marginal(Session(town({**TEAM, "offers": "A"}, offers=tables()["offers"][:1], effects=[
        {"offer_id": "A", "need_id": "N", "effect": 1}])), "X", phases=("pots", "idle", "rules"))  # fmt: skip
    assert found.idle["cause"].tolist() == ["staff"] and found.idle["unspent_eur"].tolist() == [1500]
    assert "because posts are lacking" in " ".join(sentences(found))


def test_a_clash_says_how_many_posts_are_missing() -> None:
    """With p posts 57 1/7 + 7 1/7 p places are paid, so that 96 take 5.44 posts; or 110 EUR more."""
    found = conflicts(Session(town(TEAM, floors=floor(0.96))), "X")
    lever = found.lever("staff:T")
    assert lever.verified and lever.steps[0].after == pytest.approx(5.44)
    assert repair_rows(found, "staff:T") == (("staff", "T|", "posts", "5.44", "set"),)
    repairs = found.short_repairs("de").set_index("repair_id")
    # Only posts are capacity here, so that both names of the repair stand in one line.
    assert repairs.loc["staff", "what"] == "T +0,44 Stellen" and repairs.loc["staff", "posts"] == pytest.approx(0.44)
    told = found.message("de")[0].replace("\xa0", " ")
    assert told == "Geld oder Kapazität hilft: 110 € mehr genügen, oder stattdessen 0,44 Stellen mehr."


def test_where_only_posts_help_no_place_is_spoken_of() -> None:
    offers = tables()["offers"][:1]
    effects = [{"offer_id": "A", "need_id": "N", "effect": 1}]
    found = conflicts(Session(town(TEAM, offers=offers, effects=effects, floors=floor(0.8))), "X")
    told = " ".join(found.message("de"))
    assert "Was genügt: 3 Stellen mehr." in told.replace("\xa0", " ")
    assert "reichen die Stellen von T für 50,0 % statt 80,0 %" in told.replace("\xa0", " ")


def test_contracts_beyond_the_posts_are_seen_without_solving() -> None:
    offers = [{**one, "committed_capacity": 60} for one in tables()["offers"]]
    found = conflicts(Session(town(TEAM, offers=offers, pots=[{"pot_id": "P", "name": "P", "amount": 9000}])), "X")
    assert found.prechecks[["check", "needed", "available"]].to_numpy().tolist() == [["staff-committed", 7.2, 5]]


def test_the_reasons_of_an_offer_tell_it(short: Session) -> None:
    bench = Bench(short, "X")
    tight = next(one for one in TightRules(bench).of_offer(bench.offer("A")) if one.rule == "staff")
    assert tight.matters
    said = Teller(short.case, "de").rule(tight)
    assert said.startswith("Alle Stellen von „Team“ (T) sind besetzt (5). Eine Stelle Spielraum brächte")


def test_half_a_post_is_told_as_it_is() -> None:
    case = town({**TEAM, "posts": 4.5})
    bench = Bench(Session(case), "X")
    tight = next(one for one in TightRules(bench).of_offer(bench.offer("A")) if one.rule == "staff")
    assert Teller(case, "de").rule(tight).startswith("Alle Stellen von „Team“ (T) sind besetzt (4,5).")


def test_a_divided_town_shares_the_posts() -> None:
    """Each department plans with its part of the posts; what they do together fills no more than there are."""
    offers = [{**one, "baseline_capacity": 20} for one in tables()["offers"]]
    found = silos(Session(town(TEAM, offers=offers)), "X")
    for name, plan in found.plans.items():
        assert (plan.staff["used_posts"] <= 5 + 1e-6).all(), name
    split = found.departments
    assert split["stable_value"].sum() == pytest.approx(found.coalitions["value"].max(), abs=1e-6)
    coalitions = found.coalitions.set_index("members")["value"]
    # 20 places of A fill 2 of the 2.4 posts filled today: D1 has 2/2.4 of the 5 posts, enough for 41 2/3 places.
    assert coalitions["D1"] <= (5 * 2 / 2.4) * 10 / 100 + 1e-6


def test_the_page_has_a_control_for_the_row_that_holds() -> None:
    rows = [TEAM, {**TEAM, "year": "2027", "posts": 4}, {**TEAM, "year": "2030", "posts": 2}]
    case = town(*rows, parameters=[{"parameter": "plan_year", "value": "2027"}])
    desk = Desk("d", Path(), "t", "X").with_steps(Step("staff", "T|2027", "posts", "set", "6"))
    (found,) = controls(OpenTown(ReadResult(case, FindingList().table())), desk, "posts", "r", "en").shown
    assert "posts" in kinds_of(case)
    assert (found.key, found.label, found.scenario, found.value) == ("T|2027", "T Team", 4, 6)
    assert found.cell.own == (("staff",), "T")
