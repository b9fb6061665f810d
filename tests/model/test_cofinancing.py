"""Co-financing: a pot pays at most so much per euro of others; solved by hand, and spoken of in every answer.

One offer at 10 EUR a place, demand 100, the land's 600 EUR pay along with the town's 300. Without a condition 90 places
are paid; with one euro of the land per euro of the town it is 300 + 300 EUR, 60 places, and 300 EUR of the land stay.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from allocate.analyses.conflicts.repair_rows import repair_rows
from allocate.analyses.conflicts.rule_names import RuleNames
from allocate.analyses.conflicts.why_no_plan import conflicts
from allocate.analyses.margins.marginal import marginal
from allocate.analyses.margins.marginal_words import sentences
from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.card_words import Teller
from allocate.analyses.silos.integration import silos
from allocate.bench.resolve import Bench
from allocate.bench.widening import widen
from allocate.checking.check_case import check_case
from allocate.errors import CertificateError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import apply
from allocate.judge.judging import Judge
from allocate.model import compile
from allocate.session import Session
from tests.reference.textbook import Textbook
from tests.strategies import Tables, case_of

ONE_TO_ONE = {"pot_id": "LAND", "per_eur_of": "TOWN", "most": 1}


def tables(conditions: list[dict[str, Any]], floor: float = 0.0, **more: Any) -> Tables:
    return {
        "spaces": [{"space_id": "S", "name": "S"}],
        "needs": [{"need_id": "N", "name": "N", "unit": "places"}],
        "demand": [{"space_id": "S", "need_id": "N", "demand": 100}],
        "offers": [
            {"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 100, "department_id": "D1"},
            {"offer_id": "B", "name": "B", "unit_cost": 50, "max_capacity": 100, "department_id": "D2"},
        ],
        "effects": [{"offer_id": "A", "need_id": "N", "effect": 1}, {"offer_id": "B", "need_id": "N", "effect": 1}],
        "pots": [
            {"pot_id": "LAND", "name": "Land", "amount": 600, "offers": "A", "funder": "Land"},
            {"pot_id": "TOWN", "name": "Town", "amount": 300, "offers": "A"},
        ],
        "floors": [
            {"floor_id": "F", "scope": "all", "need_id": "N", "min_coverage": floor, "kind": "political"}
        ] if floor else [],
        "cofinancing": conditions,
        "scenarios": [{"scenario_id": "X", "title": "X"}],
        **more,
    }  # fmt: skip


def town(*conditions: dict[str, Any], floor: float = 0.0, **more: Any) -> Case:
    return case_of(tables(list(conditions), floor, **more))


def paid(case: Case) -> dict[tuple[str, str], float]:
    funding = Session(case).run("X").funding
    return {
        (row.pot_id, row.offer_id): round(row.amount_eur, 6) for row in funding.itertuples() if row.amount_eur > 1e-6
    }


def test_the_pot_pays_along_and_no_more() -> None:
    assert paid(town()) == {("LAND", "A"): 600, ("TOWN", "A"): 300}
    assert paid(town(ONE_TO_ONE)) == {("LAND", "A"): 300, ("TOWN", "A"): 300}
    # Nine tenths of the cost from the land are nine euros per euro of the town: then it is no limit here.
    assert paid(town({**ONE_TO_ONE, "most": 9})) == {("LAND", "A"): 600, ("TOWN", "A"): 300}


def test_a_row_that_names_the_offer_stands_instead_of_the_row_for_every_offer() -> None:
    assert paid(town(ONE_TO_ONE, {**ONE_TO_ONE, "offer_id": "A", "most": 0.5})) == {
        ("LAND", "A"): 150, ("TOWN", "A"): 300
    }  # fmt: skip
    assert paid(town({**ONE_TO_ONE, "most": 0.1}, {**ONE_TO_ONE, "offer_id": "A"}))["LAND", "A"] == 300


def owning(share: float) -> dict[str, Any]:
    return {"offers": [{**one, "own_share": share} for one in tables([])["offers"]]}


def test_the_own_share_of_the_provider_counts_where_it_is_named() -> None:
    """A fifth of the whole cost is a quarter of what the pots pay: of 600 EUR the provider adds 150."""
    two_of_own = {**ONE_TO_ONE, "per_eur_of": "own", "most": 2}
    assert paid(town(two_of_own, **owning(0.2))) == {("LAND", "A"): 300, ("TOWN", "A"): 300}
    # Together with the town's 300 EUR: L <= 300 + (L + 300) / 4, so that L = 500.
    both = {**ONE_TO_ONE, "per_eur_of": "own;TOWN"}
    assert paid(town(both, **owning(0.2))) == {("LAND", "A"): 500, ("TOWN", "A"): 300}
    assert paid(town(both)) == {("LAND", "A"): 300, ("TOWN", "A"): 300}
    assert "cofinancing-own" in set(check_case(town(two_of_own))["rule"])
    assert "unknown-reference" not in set(check_case(town(two_of_own))["rule"])


def test_the_judge_and_the_textbook_count_the_own_share_too() -> None:
    case = town({**ONE_TO_ONE, "per_eur_of": "own;TOWN"}, **owning(0.2))
    plan = Session(case).run("X")
    assert plan.objective == pytest.approx(Textbook(apply(case, "X")).solve().objective, abs=1e-7)
    ((_, others, _, most, own),) = Judge(plan.variant).book.cofinancing
    assert (others.tolist(), most, own.tolist()) == ([1], 1.0, [0.25, 0.25])
    named = RuleNames(Session(case).compiled("X"), widen(Session(case).compiled("X")).rules)
    number = named.rules.number("cofinancing", "LAND")
    assert named.table([number], "de")["name"].iloc[0].endswith("je EUR aus dem Eigenanteil des Trägers, TOWN Town")


def test_a_cut_of_the_matching_pot_loses_the_grant_too() -> None:
    """The town's 300 EUR bring 300 of the land: without them 60 places are lost, and 20 with each 100 EUR less."""
    found = marginal(Session(town(ONE_TO_ONE)), "X", phases=("pots", "idle", "rules"))
    pots = found.pots.set_index("pot_id")
    assert pots["along_eur"].round(6).to_dict() == {"LAND": 0, "TOWN": 300}
    assert pots.loc["TOWN", "less_value"] == pytest.approx(2 * 1.02 / 1000)
    told = " ".join(sentences(found, "de")).replace("\xa0", " ")
    assert "Zahlte TOWN Town nichts mehr, entfielen auch 300 € aus Töpfen" in told


def test_the_proposal_says_where_co_financing_binds() -> None:
    assert Session(town(ONE_TO_ONE)).run("X").tight_rules("en") == [
        "Pot LAND Land pays for A as much as the co-financing allows; more only if others pay more."
    ]
    assert not Session(town({**ONE_TO_ONE, "most": 9})).run("X").message("en")


@pytest.mark.parametrize("most", [0.5, 1.0, 1.7])
def test_the_textbook_says_the_same(most: float) -> None:
    case = town({**ONE_TO_ONE, "most": most}, {**ONE_TO_ONE, "offer_id": "B", "most": 3})
    plan = Session(case).run("X")
    assert plan.objective == pytest.approx(Textbook(apply(case, "X")).solve().objective, abs=1e-7)


def test_the_judge_finds_a_payment_beyond_the_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = compile.blocks_of
    monkeypatch.setattr(compile, "blocks_of", lambda ground: [b for b in honest(ground) if b.name != "cofinancing"])
    with pytest.raises(CertificateError) as refused:
        Session(town(ONE_TO_ONE)).run("X")
    assert refused.value.id == "judged-cofinancing"
    assert Judge(apply(town(ONE_TO_ONE), "X")).book.cofinancing


def test_idle_money_names_the_condition() -> None:
    found = marginal(Session(town(ONE_TO_ONE)), "X", phases=("pots", "idle", "rules"))
    idle = found.idle.iloc[0]
    assert (idle["pot_id"], idle["cause"], round(idle["unspent_eur"])) == ("LAND", "cofinancing", 300)
    told = " ".join(sentences(found))
    assert "it may only pay along with others" in told
    rules = found.named_rules("de")
    assert "Topf LAND Land zahlt für jedes Angebot höchstens 1 EUR je EUR aus TOWN Town" in rules["name"].tolist()


def test_a_clash_names_the_condition_and_its_repair_holds() -> None:
    found = conflicts(Session(town(ONE_TO_ONE, floor=0.8)), "X")
    members = found.members("de")
    own = members[members["rule"] == "cofinancing"].iloc[0]
    assert (own["decided_by"], own["decider"]) == ("funder", "Land")
    # 800 EUR are needed: 500 of the land with 300 of the town, 1.6667 EUR per EUR.
    lever = found.lever("cofinancing:LAND")
    assert lever.verified and lever.steps[0].after == pytest.approx(1.6667)
    assert repair_rows(found, "cofinancing:LAND") == (("cofinancing", "LAND|", "most", "1.6667", "set"),)
    told = found.short_repairs("en").set_index("repair_id")["what"]["cofinancing:LAND"]
    assert told == "LAND pays €200 more than its co-financing allows"
    assert (
        "Topf LAND Land hängt an TOWN Town: Jeder Euro von dort lässt ihn für jedes Angebot bis zu 1 EUR zahlen"
        in " ".join(found.message("de"))
    )


def test_a_condition_that_nobody_can_meet_is_lifted() -> None:
    pots = tables([])["pots"]
    pots[1] = {**pots[1], "offers": "B"}
    found = conflicts(Session(town(ONE_TO_ONE, floor=0.5, pots=pots)), "X")
    lever = found.lever("cofinancing:LAND")
    assert lever.verified and pd.isna(lever.steps[0].after)
    assert repair_rows(found, "cofinancing:LAND") is None


def test_lists_that_are_lifted_keep_the_condition() -> None:
    """The town's pot may not pay A: lifting its list helps the land too, euro for euro."""
    pots = tables([])["pots"]
    pots[1] = {**pots[1], "offers": "B"}
    found = conflicts(Session(town(ONE_TO_ONE, floor=0.6, pots=pots)), "X")
    lever = found.lever("earmark:TOWN")
    assert lever.verified and lever.steps[0].amount == pytest.approx(300, abs=1)
    with pytest.raises(UsageError):
        conflicts(Session(town(ONE_TO_ONE, floor=0.6)), "X").lever("earmark:TOWN")


def test_the_reasons_of_an_offer_tell_it() -> None:
    case = town(ONE_TO_ONE)
    bench = Bench(Session(case), "X")
    tight = [one for one in TightRules(bench).of_offer(bench.offer("A")) if one.rule == "cofinancing"]
    assert tight and tight[0].matters
    said = Teller(case, "de").rule(tight[0])
    assert said.startswith("Topf „Land“ (LAND) zahlt schon so viel, wie die Kofinanzierung zulässt.")


def test_a_town_divided_among_departments_keeps_it() -> None:
    """Both pots are shared by two departments; what their parts pay together keeps the condition."""
    pots = [
        {"pot_id": "LAND", "name": "Land", "amount": 600, "funder": "Land"},
        {"pot_id": "TOWN", "name": "Town", "amount": 300},
    ]
    offers = tables([])["offers"]
    offers = [{**one, "baseline_capacity": 10} for one in offers]
    found = silos(Session(town(ONE_TO_ONE, pots=pots, offers=offers)), "X")
    for name, plan in found.plans.items():
        own = plan.funding.assign(pot=plan.funding["pot_id"].str.split("/").str[0])
        money = own.groupby(["offer_id", "pot"])["amount_eur"].sum().unstack(fill_value=0.0)
        assert (money.get("LAND", 0.0) <= money["TOWN"] + 1e-3).all(), name
    split = found.departments
    assert split["stable_value"].sum() == pytest.approx(found.coalitions["value"].max(), abs=1e-6)


def test_a_pot_cannot_pay_along_with_itself() -> None:
    found = check_case(town({**ONE_TO_ONE, "per_eur_of": "TOWN;LAND"}))
    assert found.loc[found["severity"] == "error", ["rule", "column"]].to_numpy().tolist() == [
        ["cofinancing-itself", "per_eur_of"]
    ]
    assert "cofinancing-nothing" in set(check_case(town({**ONE_TO_ONE, "most": 0}))["rule"])


def test_a_scenario_may_change_it() -> None:
    change = {
        "scenario_id": "X",
        "table": "cofinancing",
        "key": "LAND|",
        "column": "most",
        "how": "set",
        "value": 2,
        "reason": "r",
    }
    assert paid(town(ONE_TO_ONE, changes=[change])) == {("LAND", "A"): 600, ("TOWN", "A"): 300}


def reserved(**shares: float) -> dict[str, Any]:
    pots = tables([])["pots"]
    return {"pots": [pots[0], {**pots[1], **shares}]}


def test_overhead_and_what_is_blocked_pay_no_offers() -> None:
    """Of the town's 300 EUR a tenth is overhead and a fifth is blocked: 210 EUR, and as much of the land."""
    case = town(ONE_TO_ONE, **reserved(overhead_share=0.1, blocked=0.2))
    plan = Session(case).run("X")
    assert paid(case) == {("LAND", "A"): 210, ("TOWN", "A"): 210}
    assert plan.pots.set_index("pot_id").loc["TOWN", ["amount_eur", "unspent_eur"]].tolist() == pytest.approx([210, 0])
    assert plan.objective == pytest.approx(Textbook(apply(case, "X")).solve().objective, abs=1e-7)
    assert "pot-reserved" in set(check_case(case)["rule"])
    release = {"scenario_id": "X", "table": "pots", "key": "TOWN", "column": "blocked", "how": "set", "value": 0}
    assert paid(town(ONE_TO_ONE, **reserved(blocked=0.5), changes=[{**release, "reason": "r"}]))["TOWN", "A"] == 300


def test_a_repair_asks_for_the_whole_amount_or_for_the_release() -> None:
    """70 places take 350 EUR of the town, 500 with three tenths reserved; 40 take 200 of the 300 that are blocked."""
    found = conflicts(Session(town(ONE_TO_ONE, floor=0.7, **reserved(overhead_share=0.1, blocked=0.2))), "X")
    lever = found.lever("pot:TOWN")
    assert lever.verified and lever.steps[0].after == pytest.approx(500)
    name = found.members("de").set_index("id").loc["TOWN", "name"].replace("\xa0", " ")
    assert name == "Topf TOWN Town hat für Angebote 210 € (von 300 €; der Rest ist Overhead oder gesperrt)"
    found = conflicts(Session(town(ONE_TO_ONE, floor=0.4, **reserved(blocked=1.0))), "X")
    lever = found.lever("pot:TOWN")
    assert lever.verified and lever.steps[0].amount == pytest.approx(200, abs=0.1)
    assert repair_rows(found, "pot:TOWN") is None
