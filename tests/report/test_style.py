"""How the report speaks: no shape in any sentence that stops a reader, in the example town and in generated ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from allocate.checking.opening import read_case
from allocate.language import LANGUAGES
from allocate.report import asking as gathering
from allocate.report.blocks.order import blocks
from allocate.report.content import Content, gather
from allocate.report.front.building import front_page
from allocate.report.sections.order import sections
from allocate.session import Session
from tests.report.conftest import DAY, Town
from tests.report.front.test_front_page import texts
from tests.report.smalltowns import small_town

SEEDS = range(4)
# No reader gets through a longer sentence at once.
LONGEST = 30
PLURALS = {
    "de": "Angebote|Sozialräume|Mindeststandards|Punkte|Plätze|Töpfe|Proben|Proberechnungen|Anregungen|Zellen|Gruppen",
    "en": "offers|spaces|floors|points|places|pots|trials|runs|suggestions|cells|groups",
}
BANNED = {
    "a key of the program": re.compile(r"(?<![\w-])[a-z]+(?:_[a-z]+)+(?![\w-])"),
    "a number of the program": re.compile(r"\b(?:nan|NaN|None|inf|NaT)\b(?! of)"),
    "empty brackets": re.compile(r"\(\s*\)"),
    "four digits without a separator": re.compile(r"(?<![\w.,:-])(?!(?:19|20)\d\d\b)\d{4,}(?![\w-])"),
    "double quotes in quotes": re.compile(r"„[^“]*„"),
    "a hyphen as a minus": re.compile(r"(?<![\w)])-\d"),
    "two signs in a row": re.compile(r"[.,;:]{2}|\s[.,;]|  "),
}


@pytest.fixture(scope="session")
def towns(tmp_path_factory: pytest.TempPathFactory) -> list[Content]:
    """Generated towns, without the questions that solve many programs."""
    folder = tmp_path_factory.mktemp("style")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "LARGE", 0)
        return [gather(Session(read_case(small_town(folder / str(seed), seed))), today=DAY) for seed in SEEDS]


def main_sentences(content: Content, lang: str) -> Iterator[str]:
    """All texts of page one, and all sentences of the main report."""
    yield from texts(front_page(content, lang))
    for block in blocks(content, lang, pictures=False):
        yield from (block.finding, *block.sentences)


def all_sentences(content: Content, lang: str) -> Iterator[str]:
    """The same with those of the annex and the cards."""
    yield from main_sentences(content, lang)
    for section in sections(content, lang, pictures=False):
        yield from section.sentences
        for card in section.cards:
            yield from (card.title, *card.sentences)


def offences(text: str, lang: str) -> list[str]:
    """What is wrong with a text."""
    # What stands in quotes is the town's own name of a thing, be it a column.
    own = re.sub(r"„[\w-]+“|'[\w-]+'", "…", text)
    wrong = [name for name, shape in BANNED.items() if shape.search(own if "key" in name else text)]
    return [*wrong, *(["a plural of one"] if re.search(rf"\b1 (?:{PLURALS[lang]})\b", text) else [])]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text; a colon or a semicolon begins no new one."""
    return [one for one in re.split(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ„'0-9])", text) if one]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_of_the_example_has_a_banned_shape(example: Town, lang: str) -> None:
    found = list(all_sentences(example.content, lang))
    assert len(found) > 150
    assert [(text, wrong) for text in found if (wrong := offences(text, lang))] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_of_a_generated_town_has_one(towns: list[Content], lang: str) -> None:
    found = [text for content in towns for text in main_sentences(content, lang)]
    assert len(found) > 100
    assert [(text, wrong) for text in found if (wrong := offences(text, lang))] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_of_the_main_report_is_too_long(example: Town, towns: list[Content], lang: str) -> None:
    long = [
        one
        for content in (example.content, *towns)
        for text in main_sentences(content, lang)
        for one in sentences_of(text)
        if len(one.split()) > LONGEST
    ]
    assert long == []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "1 Angebote bekommt mehr."), ("en", "It has 1 floors."), ("de", "Es fehlen 12345 €."),
        ("de", "Der Vorschlag senkt „Jugendhaus „Domino““."), ("en", "The unit_cost rises."), ("de", "frei wird A ()."),
        ("en", "It falls by -5 points."),
    ],
)  # fmt: skip
def test_what_is_banned_is_found(lang: str, text: str) -> None:
    assert offences(text, lang)


def reading_ease(text: str, lang: str) -> float:
    """Flesch's reading ease, for German in Amstad's form: from 0 (very hard) to 100 (very easy)."""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouyäöü]+", word.lower()))) for word in words)
    length, beats = len(words) / len(sentences_of(text)), syllables / len(words)
    return 180 - length - 58.5 * beats if lang == "de" else 206.835 - 1.015 * length - 84.6 * beats


@pytest.mark.parametrize(("lang", "least"), [("de", 55.0), ("en", 50.0)])
def test_page_one_can_be_read(example: Town, lang: str, least: float, record_property: pytest.FixtureRequest) -> None:
    """Its sentences, without names of offers and titles, which are the town's own."""
    front = front_page(example.content, lang)
    own = [front.lead, front.law, *front.turning, *front.beside, *front.quiet[:-1]]
    ease = reading_ease(" ".join(own), lang)
    record_property("reading_ease", round(ease, 1))  # type: ignore[operator]
    assert ease >= least


def test_the_reading_ease_knows_easy_from_hard() -> None:
    assert reading_ease("Der Hund läuft. Er ist froh.", "de") > 90
    assert reading_ease("Bedarfsdeckungsgradverbesserungsmaßnahmen implizieren Umsteuerungsnotwendigkeiten.", "de") < 0
