"""Lists of grants: sums by hand, and the pattern of a city's list of 239 with ends and two payers."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from allocate.analyses.grants.who_pays import DIMENSIONS, Grants, grants
from allocate.checking.opening import read_case
from allocate.errors import InputError, UsageError
from allocate.inputs.case import Case
from tests.conftest import ROOT, TINY

HEADS = [
    "grant_id", "payer", "year", "recipient", "purpose", "amount", "starts", "ends", "department_id", "product", "duty",
]  # fmt: skip
COUNT = 239
LAND, TOWN = 0.626, 0.374
ENDS = ("2027-12-31", "2028-07-31", "2029-12-31", "")
DUTIES = ("mandatory", "in_principle", "should", "voluntary")


def listed(*rows: tuple[object, ...], **settings: object) -> Case:
    tables = {"grants": pd.DataFrame(rows, columns=HEADS)}
    if settings:
        tables["parameters"] = pd.DataFrame({"parameter": list(settings), "value": list(map(str, settings.values()))})
    return Case.from_frames("list", **tables)


def row(id: str, amount: float, payer: str = "Stadt", **cells: object) -> tuple[object, ...]:
    known = {"grant_id": id, "payer": payer, "recipient": "Verein", "purpose": "Beratung", "amount": amount} | cells
    return tuple(known.get(name, "" if name != "year" else np.nan) for name in HEADS)


@pytest.fixture(scope="module")
def city() -> Grants:
    """239 grants of 5,000 EUR and 137 EUR more each; every seventh is paid by Land and town as 62.6 : 37.4."""
    rows = []
    for number in range(COUNT):
        amount = 5_000.0 + 137.0 * number
        same = {
            "recipient": f"Träger {number % 90}", "purpose": f"Zweck {number}", "starts": "2026-01-01",
            "ends": ENDS[number % 4], "department_id": f"D{number % 5}", "product": f"3{number % 3}",
            "duty": DUTIES[number % 4],
        }  # fmt: skip
        shares = (("Land", LAND), ("Stadt", TOWN)) if number % 7 == 0 else (("Stadt", 1.0),)
        rows += [row(f"Z{number:03d}", amount * share, payer, **same) for payer, share in shares]
    return grants(listed(*rows, plan_year=2027))


def amount_of(remainder: int, of: int = 4) -> float:
    """The sum over the grants with this remainder, by arithmetic: they are a series of equal steps."""
    count = len(range(remainder, COUNT, of))
    return count * (5_000 + 137 * remainder) + 137 * of * count * (count - 1) / 2


def test_the_whole_list_is_the_sum_of_an_arithmetic_series(city: Grants) -> None:
    # 239 * 5,000 + 137 * (238 * 239 / 2)
    assert city.total_eur == pytest.approx(5_091_417.0)
    assert city.year == 2027 and city.rows["grant_id"].nunique() == COUNT


def test_sums_by_year(city: Grants) -> None:
    """What ends on 31 July counts for seven months of its last year."""
    years = city.years.set_index("year")
    first, second, third, open_end = (amount_of(part) for part in range(4))
    assert [first, second, third, open_end] == [1_269_960.0, 1_278_180.0, 1_286_400.0, 1_256_877.0]
    assert years["bound_eur"].to_dict() == pytest.approx(
        {
            "2027": 5_091_417.0,
            "2028": second * 7 / 12 + third + open_end,
            "2029": third + open_end,
            "2030": open_end,
        }
    )
    assert years["ending_eur"].to_dict() == pytest.approx(
        {"2027": first, "2028": second * 7 / 12, "2029": third, "2030": 0.0}
    )
    assert years["freed_eur"].to_dict() == pytest.approx(
        {"2027": 0.0, "2028": first + second * 5 / 12, "2029": first + second, "2030": first + second + third}
    )
    assert years["open_eur"].tolist() == pytest.approx([open_end] * 4)
    assert years["grants"].tolist() == [239, 179, 119, 59]
    np.testing.assert_allclose(years["bound_eur"] + years["freed_eur"], 5_091_417.0)


def test_sums_by_end_date(city: Grants) -> None:
    ends = city.ends.set_index("end")
    assert ends["amount_eur"].to_dict() == pytest.approx(
        {"2027-12-31": 1_269_960.0, "2028-07-31": 1_278_180.0, "2029-12-31": 1_286_400.0, "": 1_256_877.0}
    )
    assert ends["free_from"].to_dict() == {
        "2027-12-31": "2028-01-01", "2028-07-31": "2028-08-01", "2029-12-31": "2030-01-01", "": "",
    }  # fmt: skip
    assert ends["freed_eur"].tolist()[:3] == pytest.approx([1_269_960.0, 2_548_140.0, 3_834_540.0])


def test_two_payers_and_their_shares(city: Grants) -> None:
    assert len(city.shared) == len(range(0, COUNT, 7)) == 35
    assert set(city.shared["how_shared"]) == {"several_payers"}
    for shares in city.shared["payer_shares"]:
        assert shares == pytest.approx([LAND, TOWN])
    both = amount_of(0, 7)
    payers = city.by("payer").set_index("key")["amount_eur"]
    assert payers.to_dict() == pytest.approx({"Stadt": 5_091_417.0 - LAND * both, "Land": LAND * both})


def test_every_dimension_adds_up_to_the_whole(city: Grants) -> None:
    for dimension in DIMENSIONS[:-2]:
        assert city.by(dimension)["amount_eur"].sum() == pytest.approx(5_091_417.0), dimension
    duty = city.by("duty").set_index("key")
    assert duty["amount_eur"].to_dict() == pytest.approx({name: amount_of(at) for at, name in enumerate(DUTIES)})
    # Only what is voluntary has no end.
    bounded = [amount_of(at) for at in range(3)] + [0.0]
    assert duty["bounded_eur"].to_dict() == pytest.approx(dict(zip(DUTIES, bounded, strict=True)))
    departments = city.by("department").set_index("key")["amount_eur"]
    assert departments["D3"] == pytest.approx(amount_of(3, 5))
    assert city.by("product")["amount_eur"].max() == pytest.approx(max(amount_of(part, 3) for part in range(3)))


def test_the_answer_is_plain_json_and_claims_no_coverage(city: Grants) -> None:
    document = json.dumps(city.to_json("de"), allow_nan=False, default=str)
    assert "5.091.417" in document
    for lang, words in (("de", "nicht in dieser Liste"), ("en", "do not stand in this list")):
        assert words in city.sentences(lang)[-1]
        assert not any("deckung" in text.casefold() or "coverage" in text.casefold() for text in city.sentences(lang))


def test_amounts_stated_by_year_hold_for_their_year_and_end_with_the_last() -> None:
    found = grants(listed(row("A", 100.0, year=2027), row("A", 80.0, year=2028), row("B", 30.0)))
    assert found.years["bound_eur"].tolist() == [130.0, 110.0]
    assert found.years["freed_eur"].tolist() == [0.0, 20.0]
    assert found.ends[["end", "amount_eur"]].values.tolist() == [["2028-12-31", 100.0], ["", 30.0]]


def test_a_year_of_its_own_takes_the_place_of_the_amount_of_the_period() -> None:
    found = grants(listed(row("A", 100.0, starts="2027-01-01", ends="2029-12-31"), row("A", 60.0, year=2028)))
    assert found.years["bound_eur"].tolist() == [100.0, 60.0, 100.0, 0.0]
    assert grants(found.case, year=2028).total_eur == 60.0


def test_what_begins_later_is_said_to_stand_in_no_sum() -> None:
    """B begins in 2028: a list of what ends when as seen from 2027 would leave it out without a word."""
    rows = (
        row("A", 100.0, starts="2026-01-01", ends="2027-12-31"),
        row("B", 50.0, starts="2028-04-01", ends="2029-12-31"),
    )
    found = grants(listed(*rows, plan_year=2027))
    assert found.ends["end"].tolist() == ["2027-12-31"]
    assert "1 weitere Zuwendung beginnt erst nach 2027" in " ".join(found.sentences("de"))
    later = grants(found.case, year=2028)
    assert later.ends["end"].tolist() == ["2029-12-31"] and "only after" not in " ".join(later.sentences("en"))


def test_a_list_without_any_date_is_summed_once() -> None:
    found = grants(listed(row("A", 100.0), row("B", 50.0, recipient="Kirche")))
    assert found.year is None and found.total_eur == 150.0 and found.years.empty
    assert found.shared["how_shared"].tolist() == ["several_recipients"]
    (shared,) = found.shared.to_dict("records")
    assert (shared["recipient_names"], shared["recipients"], shared["amount_eur"]) == ("Verein; Kirche", 2, 150.0)
    assert "Kein Ende" in " ".join(found.sentences("de"))
    said = [found.sentences(lang)[0].replace("\xa0", " ") for lang in ("de", "en")]
    assert said == [
        "2 Zuwendungen an 2 empfangende Stellen von 1 Stelle, die zahlt: 150 € im Jahr.",
        "2 grants to 2 recipients by 1 payer: €150 a year.",
    ]


def test_names_are_the_same_but_for_capitals_and_blanks() -> None:
    found = grants(
        listed(row("A", 10.0, purpose="Offene  Tür"), row("B", 20.0, purpose="offene tür "), row("C", 5.0, purpose="x"))
    )
    assert found.repeated[["grant_ids", "amount_eur"]].values.tolist() == [["A; B", 30.0]]
    assert found.by("purpose")["amount_eur"].tolist() == [30.0, 5.0]


def test_a_scenario_changes_the_list() -> None:
    """The Land leaves: its payments end, those of the town stay."""
    tables = {
        "grants": pd.DataFrame([row("A", 62.6, "Land"), row("A", 37.4, "Stadt")], columns=HEADS),
        "scenarios": pd.DataFrame({"scenario_id": ["gone"], "title": ["Das Land geht"]}),
        "changes": pd.DataFrame(
            [("gone", "grants", "payer=Land", "amount", "set", "0", "Programmende")],
            columns=["scenario_id", "table", "key", "column", "how", "value", "reason"],
        ),
    }
    case = Case.from_frames("list", **tables)
    assert grants(case).total_eur == pytest.approx(100.0)
    assert grants(case, "gone").total_eur == pytest.approx(37.4)


def test_a_town_without_a_list_is_summed_by_who_pays_its_offers() -> None:
    found = grants(read_case(TINY))
    assert found.source == "baseline_funding"
    assert found.by("payer").set_index("key")["amount_eur"].to_dict() == {"Social affairs": 2_000.0, "Health": 750.0}


def test_what_the_list_does_not_say_is_refused() -> None:
    with pytest.raises(UsageError, match="no-grants"):
        grants(read_case(ROOT / "tests" / "cases" / "places"))
    with pytest.raises(UsageError, match="grants-year"):
        grants(listed(row("A", 1.0, starts="2027-01-01", ends="2028-12-31")), year=2040)
    with pytest.raises(InputError):
        listed(row("A", -1.0))
