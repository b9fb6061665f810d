"""A town that does not reckon in euros reads of its own currency everywhere, and of euros nowhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from allocate.analyses.alternatives.other_plans import NAMED
from allocate.analyses.reasons.explain import explain_offer
from allocate.checking.opening import read_case
from allocate.inputs import dictionary
from allocate.language import MINUS, euro, in_currency, money_pattern, reckon_in
from allocate.session import Session
from tests.cli.conftest import Call, papers_as_text
from tests.conftest import TINY

# "At least nothing" and "at most nothing" say nothing.
NOTHING = re.compile(
    r"(?:at least|at most|mindestens|höchstens|up to|bis zu) (?:PLN\s)?0(?:[.,]0+)?(?![.,]?\d)(?: (?:PLN|place|Pl))?",
    re.IGNORECASE,
)
EUROS = re.compile(r"€|(?<![\w])(?:EUR|[Ee]uros?)(?![\w])")
# Every command that writes about money, once, in one language or the other; the tables of texts have both in one row.
COMMANDS = (
    "check TOWN", "scenarios TOWN", "run TOWN", "run TOWN -s sites --table offers", "compare TOWN pooled",
    "compare TOWN pooled --table uses", "compare TOWN pooled --table years", "duplication TOWN -s silo",
    "duplication TOWN -s silo --table resteerable", "silos TOWN", "silos TOWN --table pairs",
    "explain TOWN -s silo --all", "conflicts TOWN -s strict",
    "frontier TOWN -s pooled --against moved", "frontier TOWN -s pooled --against budget --table segments",
    "fairness TOWN -s pooled", "goals TOWN -s silo --order coverage,movement", "goals TOWN -s silo --target all=0.3",
    "ladder TOWN -s silo --step 90 --step 110", "alternatives TOWN -s silo", "alternatives TOWN -s silo --prices",
    "marginal TOWN -s silo --step 1000", "marginal TOWN -s silo --table rules",
    "robust TOWN -s silo --runs 4 --inputs 2", 'sweep TOWN -s silo --change pots:*:amount*{x} --over 0.9:1.1:0.1',
    "participation TOWN -s silo",
)  # fmt: skip
KEYS = re.compile(r"(?<![\w.-])[a-z]+_[a-z_]+\b")
TYPED = (
    {name for table in dictionary.tables().values() for name in (table.name, *(one.name for one in table))}
    | dictionary.parameters().keys()
    | set(NAMED)
)


@pytest.fixture(autouse=True)
def euros_again() -> Iterator[None]:
    yield
    reckon_in("EUR")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("money") / "town"
    shutil.copytree(TINY, folder)
    (folder / "README.md").unlink()
    (folder / "parameters.csv").write_text("parameter,value\ncurrency,PLN\n")
    return folder


@pytest.mark.parametrize(("command", "lang"), [(one, ("de", "en")[at % 2]) for at, one in enumerate(COMMANDS)])
def test_no_command_speaks_of_euros_in_a_town_that_reckons_in_another_currency(
    call: Call, town: Path, command: str, lang: str
) -> None:
    ended = call(*command.replace("TOWN", str(town)).split(), "--lang", lang)
    assert ended.code in (0, 1), ended.err
    assert not EUROS.findall(ended.out + ended.err)
    assert not NOTHING.findall(" ".join(ended.out.split()))
    # What a planner may type (tables, columns, settings, ids) is named as it is typed; other keys are no words.
    assert set(KEYS.findall((ended.out + ended.err).replace(str(town), ""))) <= TYPED


@pytest.mark.parametrize("lang", ["de", "en"])
def test_tables_and_sentences_name_the_currency(call: Call, town: Path, lang: str) -> None:
    assert "PLN" in call("run", str(town), "-s", "silo", "--table", "offers", "--lang", lang).out
    assert "PLN" in call("explain", str(town), "-s", "silo", "--all", "--lang", lang, "--format", "csv").out


@pytest.mark.parametrize("lang", ["de", "en"])
def test_reports_of_every_kind_name_the_currency(call: Call, town: Path, tmp_path: Path, lang: str) -> None:
    for text in papers_as_text(call, town, "pooled", tmp_path, lang):
        found = [text[max(0, m.start() - 60) : m.end() + 30] for m in EUROS.finditer(text)]
        assert not found, found[:5]
        assert "PLN" in text


def test_amounts_are_written_as_each_language_writes_them() -> None:
    assert [euro(-1234.5, lang, 2) for lang in ("de", "en")] == [f"{MINUS}1.234,50 €", f"{MINUS}€1,234.50"]
    reckon_in("PLN")
    assert [euro(-1234.5, lang, 2) for lang in ("de", "en")] == [f"{MINUS}1.234,50 PLN", f"{MINUS}PLN 1,234.50"]
    assert [money_pattern(lang) for lang in ("de", "en")] == ['#,##0 "PLN"', '"PLN "#,##0']
    assert in_currency("{euros} EUR in Euro, one euro, €/year, eurozone", "en") == (
        "{euros} PLN in PLN, one PLN, PLN/year, eurozone"
    )
    reckon_in("")
    assert euro(1, "de") == "1 €"


def test_the_library_writes_the_currency_of_the_town_that_was_asked(town: Path, auenfurt: Path) -> None:
    zloty, euros = Session(read_case(town)), Session(read_case(auenfurt))
    said = explain_offer(zloty, "silo", str(zloty.case["offers"]["offer_id"].iloc[0]), across=False).sentences("en")
    assert "PLN" in " ".join(said["sentence"])
    euros.run("SZ1")
    assert euro(1, "en") == "€1"
