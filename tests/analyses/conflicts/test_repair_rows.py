"""A repair as rows of the table of changes, in a town of three districts whose minimum one of them cannot have.

Of 100 people who need a place, A can serve 50 in R, and B all in S and T; at least 80 % are promised in each district.
"""

from __future__ import annotations

from allocate.analyses.conflicts.repair_rows import repair_rows
from allocate.analyses.conflicts.why_no_plan import Conflict, conflicts
from allocate.session import Session
from tests.model.test_rules import floor, offer, pot, town
from tests.strategies import case_of


def short_of_places(*places: int) -> Conflict:
    """What is wrong where the offers of R, S and T have so many places."""
    offers = [offer(offer_id=f"A{at}", max_capacity=most) for at, most in zip("RST", places, strict=True)]
    tables = town(
        spaces=[{"space_id": at, "name": at} for at in "RST"],
        demand=[{"space_id": at, "need_id": "N", "demand": 100} for at in "RST"],
        offers=offers,
        effects=[{"offer_id": f"A{at}", "need_id": "N", "effect": 1} for at in "RST"],
        reach=[{"offer_id": f"A{at}", "space_id": at} for at in "RST"],
        floors=floor(0.8, scope="space", scope_id="*"),
        pots=[pot(amount=9000)],
    )
    return conflicts(Session(case_of(tables)), "X")


def test_a_floor_of_every_place_becomes_a_row_a_place_and_only_the_short_one_is_lowered() -> None:
    assert repair_rows(short_of_places(50, 100, 100), "floor:F") == (
        ("floors", "F", "", "F-S; scope_id=S", "copy"),
        ("floors", "F", "", "F-T; scope_id=T", "copy"),
        ("floors", "F", "scope_id", "R", "set"),
        ("floors", "F", "min_coverage", "0.5", "set"),
    )


def test_of_two_short_places_the_second_has_a_row_of_its_own_with_its_own_value() -> None:
    assert repair_rows(short_of_places(100, 60, 70), "floor:F") == (
        ("floors", "F", "", "F-T; scope_id=T; min_coverage=0.7", "copy"),
        ("floors", "F", "", "F-R; scope_id=R", "copy"),
        ("floors", "F", "scope_id", "S", "set"),
        ("floors", "F", "min_coverage", "0.6", "set"),
    )


def short_of_money(*pots: dict[str, object]) -> Conflict:
    """80 of 100 places are promised, which cost 800 EUR."""
    return conflicts(Session(case_of(town(pots=list(pots), floors=floor(0.8)))), "X")


def test_of_a_pot_that_is_half_blocked_twice_the_missing_money_is_asked() -> None:
    """250 of 500 EUR are free; of 1,600 EUR it would be the 800 that are needed."""
    found = short_of_money(pot(amount=500, blocked=0.5))
    member = found.members("en").set_index("rule").loc["pot"]
    assert member["bound"] == 250
    assert member["name"] == "Pot P has €250, the part that is for offers (of €500; the rest is overhead or blocked)"
    assert repair_rows(found, "pot:P") == (("pots", "P", "amount", "1600", "set"),)
    said = found.message("en")
    assert said[0] == "Money is missing, not capacity: €1,100 more make the scenario possible."
    # 550 more in the pot would leave 525 free, which resolves nothing.
    free = "€550 more that is neither blocked nor overhead in P (€800 instead of €250)"
    assert said[1] == f"This clash alone would be resolved by {free}."
    assert (
        found.message("de")[1].replace("\xa0", " ").endswith("weder gesperrt noch Overhead sind (800 € statt 250 €).")
    )


def test_more_money_in_a_pot_that_is_blocked_altogether_is_no_row() -> None:
    found = short_of_money(pot(amount=500, blocked=1.0), pot(pot_id="Q", amount=100))
    assert repair_rows(found, "pot:P") is None
    assert repair_rows(found, "pot:Q") == (("pots", "Q", "amount", "800", "set"),)
