"""A town that states no money reads of places everywhere and of money nowhere, and its figures are those by hand."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.language import euro, money_pattern, reckon_in
from allocate.session import Session
from tests.cli.conftest import Call, papers_as_text
from tests.conftest import ROOT
from tests.reference.textbook import Textbook

PLACES = ROOT / "tests" / "cases" / "places"
MONEY = re.compile(
    r"€|(?<!\w)EUR(?!\w)|[Ee]uro|Geld|[Mm]oney|[Tt]opf|Töpfe|\b[Pp]ots?\b|Budget(?!\w*jahr)|\b[Ss]pen[dt]"
)
# Sentences that say that none was given, and names that a planner types as they are.
NONE_GIVEN = re.compile(
    r"Der Fall nennt kein Geld[^.]*\.|The case states no money[^.:;]*[.:;]|Die Eingaben nennen kein Geld[^.]*\.|"
    r"The inputs state no money[^.]*\.|rechnet mit Geld, und dieser Fall nennt keines|\[needs-money\]|"
    r"reckons with money, and this case states none|Sie (?:die Tabelle )?pots und|Add (?:the table )?pots and|"
    r"pots:\S+|--against budget|Budget year that is planned"
)
COMMANDS = (
    "check TOWN", "scenarios TOWN", "run TOWN -s plan -s whole", "run TOWN -s plan --table offers",
    "run TOWN -s plan --table pots", "run TOWN -s plan --table funding", "compare TOWN capped",
    "compare TOWN plan --by provider --by department", "compare TOWN capped --table attribution",
    "duplication TOWN -s plan", "duplication TOWN -s plan --table resteerable", "explain TOWN -s plan --all",
    "explain TOWN -s plan --offer K2", "explain TOWN -s plan --pot K1", "conflicts TOWN -s strict",
    "frontier TOWN -s plan --against moved", "frontier TOWN -s plan --against budget --table segments",
    "fairness TOWN -s plan", "goals TOWN -s plan --order coverage,movement", "goals TOWN -s plan --target all=0.9",
    "ladder TOWN -s plan --step 90 --step 110", "alternatives TOWN -s plan", "alternatives TOWN -s plan --prices",
    "marginal TOWN -s plan", "marginal TOWN -s plan --table rules", "robust TOWN -s plan --runs 3 --inputs 2",
    "sweep TOWN -s plan --change pots:*:amount*{x} --over 0.9:1.1:0.1", "participation TOWN -s plan",
    "transition TOWN -s plan --years 2027-2028 --delay 6", "transition TOWN -s plan --years 2027-2028 --table pots",
    "compare TOWN plan --years 2027-2028", "compare TOWN plan --years 2027-2028 --table pots",
    "marginal TOWN -s plan --years 2027-2028",
)  # fmt: skip
REFUSED = {"silos TOWN": "silos", "compare TOWN plan --table years": "--table years"}
# A number before "Plätze" that asks for another case, or is one.
ODD = re.compile(
    r"\b(?:von|mit|bei|zu|aus|nach) [−+]?[\d.,]+ Plätze\b|(?<![\d.,])1 (?:Plätze|places)\b|ein Plätze|one places"
)


def of_money(text: str) -> list[str]:
    """What speaks of money, with the words around it."""
    text = NONE_GIVEN.sub("", " ".join(text.split()))
    return [text[max(0, found.start() - 50) : found.end() + 30] for found in MONEY.finditer(text)]


@pytest.fixture(autouse=True)
def euros_again() -> Iterator[None]:
    yield
    reckon_in("EUR")


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize(("command", "lang"), [(one, ("de", "en")[at % 2]) for at, one in enumerate(COMMANDS)])
def test_every_command_answers_in_places(call: Call, command: str, lang: str) -> None:
    ended = call(*command.replace("TOWN", str(PLACES)).split(), "--lang", lang)
    assert ended.code == 0, ended.err
    text = (ended.out + ended.err).replace(str(PLACES), "TOWN")
    assert not of_money(text)
    assert not ODD.findall(" ".join(text.split()))
    assert re.search(r"Pl[aä]tz|place|\(nichts\)", text)


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("command", REFUSED)
def test_what_needs_money_says_so_in_one_sentence(call: Call, command: str, lang: str) -> None:
    ended = call(*command.replace("TOWN", str(PLACES)).split(), "--lang", lang)
    assert ended.code == 2 and not ended.out
    assert ended.err.startswith("[needs-money]") and REFUSED[command] in ended.err
    assert not of_money(ended.err)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_report_of_every_kind_speaks_of_places(call: Call, tmp_path: Path, lang: str) -> None:
    texts = papers_as_text(call, PLACES, "plan", tmp_path, lang, "--years", "2027-2028")
    for text in texts:
        plain = html.unescape(re.sub(r"</(?:w:p|w:tc|t|si|td|th|p|h\d)>|<[^>]+>", " ", text))
        assert not of_money(plain)
        assert not ODD.findall(" ".join(plain.split()))
        assert ("Plätze" if lang == "de" else "places") in plain


def test_the_figures_are_those_by_hand(call: Call) -> None:
    ended = call("run", str(PLACES), "--format", "json")
    plans = {one["scenario_id"]: one for one in json.loads(ended.out)["scenarios"]}
    assert {id: one["status"] for id, one in plans.items()} == {
        "today": "evaluated", "plan": "optimal", "capped": "optimal", "strict": "infeasible", "whole": "optimal",
    }  # fmt: skip
    for id, objective, coverage, doubled, moved in (
        ("today", 0.642857142857 - 1.4 / 72, (50 / 70 + 8 / 14) / 2, 14, 0),
        ("plan", 0.857142857143 - 1.4 / 72, 60 / 70, 0, 14),
        ("whole", 0.857142857143 - 1.4 / 72, 60 / 70, 0, 14),
        ("capped", 0.785714285714 - 1.4 / 72, (50 / 70 + 12 / 14) / 2, 10, 4),
    ):
        assert plans[id]["objective"] == pytest.approx(objective, abs=1e-9), id
        measured = plans[id]["measures"]
        assert measured["weighted_coverage"] == pytest.approx(coverage, abs=1e-9)
        assert [measured[f"{name}_eur"] for name in ("duplication", "moved", "spent")] == pytest.approx(
            [doubled, moved, 72], abs=1e-6
        )
    capacity = {one["offer_id"]: one["capacity"] for one in plans["plan"]["offers"]}
    assert capacity == pytest.approx({"K1": 40, "K2": 20, "T1": 8, "T2": 4})
    worth = {one["pot_id"]: one["marginal_value"] for one in plans["plan"]["pots"]}
    assert worth == pytest.approx({"K1": 1 / 140, "K2": 1 / 28})


def test_a_second_model_agrees() -> None:
    session = Session(read_case(PLACES))
    for id in ("plan", "capped", "whole"):
        assert session.run(id).objective == pytest.approx(Textbook(session.variant(id)).solve().objective, abs=1e-7)


def test_what_is_missing_is_said_in_places_and_no_place_changes_its_kind(call: Call) -> None:
    """Three places of day care are missing; that meeting places could be used for it is not proposed."""
    found = json.loads(call("conflicts", str(PLACES), "-s", "strict", "--format", "json").out)
    repairs = {one["repair_id"]: one for one in found["repairs"]}
    assert repairs["money"]["eur"] == pytest.approx(3)
    assert not any("earmark" in id for id in repairs)


def test_places_are_written_as_each_language_writes_them() -> None:
    reckon_in("places")
    assert [euro(value, "de") for value in (1, 0, -1234.0)] == ["1 Platz", "0 Plätze", "−1.234 Plätze"]
    assert [euro(value, "en") for value in (1, 0, -1234.0)] == ["1 place", "0 places", "−1,234 places"]
    assert [money_pattern(lang) for lang in ("de", "en")] == ['#,##0 "Plätze"', '#,##0 "places"']


def test_places_are_not_carried_into_the_next_year(call: Call) -> None:
    result = call("transition", str(PLACES), "-s", "plan", "--years", "2027-2028", "--delay", "0")
    assert result.code == 0 and "Places" in result.out
    assert "arried" not in result.out
