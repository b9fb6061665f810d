"""Sentences agree with their numbers."""

from __future__ import annotations

import pytest

from allocate.inputs.numerals import number_of
from allocate.inputs.scenario.changes import parse_change
from allocate.language import (
    LANGUAGES,
    MINUS,
    Texts,
    as_it_is,
    euro,
    no_less,
    no_more,
    number,
    percent,
    reckon_in,
    signed,
    unparted,
    unparted_html,
)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    spoken = Texts("allocate.report")
    sentences = {
        "gain": {
            "de": "{n} {n:Sozialraum gewinnt|Sozialräume gewinnen}.",
            "en": "{n} {n:space gains|spaces gain}.",
        },
        "width": {"de": "{n:>3}", "en": "{n:>3}"},
    }
    monkeypatch.setattr(spoken, "sentences", sentences)
    return spoken


@pytest.mark.parametrize(
    ("number", "de", "en"),
    [
        (1, "1 Sozialraum gewinnt.", "1 space gains."),
        (0, "0 Sozialräume gewinnen.", "0 spaces gain."),
        (2, "2 Sozialräume gewinnen.", "2 spaces gain."),
        (f"{MINUS}1", f"{MINUS}1 Sozialraum gewinnt.", f"{MINUS}1 space gains."),
        ("1", "1 Sozialraum gewinnt.", "1 space gains."),
        ("1.234", "1.234 Sozialräume gewinnen.", "1.234 spaces gain."),
        ("1.0", "1.0 Sozialräume gewinnen.", "1.0 spaces gain."),
        ("1,5", "1,5 Sozialräume gewinnen.", "1,5 spaces gain."),
        ("", " Sozialräume gewinnen.", " spaces gain."),
    ],
)
def test_a_word_takes_the_form_that_goes_with_its_number(texts: Texts, number: object, de: str, en: str) -> None:
    assert [texts.say("gain", lang, n=number) for lang in LANGUAGES] == [de, en]


def test_other_formats_stay_formats(texts: Texts) -> None:
    assert texts.say("width", "de", n=7) == "  7"


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("at most 0 EUR may move", "0 EUR may move"),
        ("at most €0 may move", "€0 may move"),
        ("at most PLN 0.00 may move", "PLN 0.00 may move"),
        ("höchstens 0,0 % erreichbar", "0,0 % erreichbar"),
        ("höchstens 0 Plätze", "0 Plätze"),
        ("at most 0.4 points", "at most 0.4 points"),
        ("at most 0.05", "at most 0.05"),
        ("at most 10", "at most 10"),
        ("höchstens 0,01 €", "höchstens 0,01 €"),
    ],
)
def test_at_most_is_not_said_of_nothing(monkeypatch: pytest.MonkeyPatch, sentence: str, said: str) -> None:
    texts = Texts("allocate.report")
    monkeypatch.setattr(texts, "sentences", {"one": {"de": sentence, "en": "{what}"}})
    assert texts.say("one", "de") == said
    assert texts.say("one", "en", what=sentence) == said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_people_read_has_the_sign_of_minus(lang: str) -> None:
    written = [number(-1234.5, lang, 1), euro(-1234, lang), percent(-0.1, lang), as_it_is(-0.25, lang)]
    assert [text[0] for text in written] == [MINUS] * 4
    assert not any("-" in text for text in written)
    assert [signed(text) for text in written] == written
    assert number(-0.01, lang) == "0"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_written_for_people_can_be_typed_back(lang: str) -> None:
    assert number_of(number(-12.5, lang, 1)) == -12.5
    assert number_of(as_it_is(-0.25, lang)) == -0.25


def test_a_change_may_be_written_with_either_sign_of_minus() -> None:
    typed = [parse_change(f"pots:P1:amount{sign}10{end}", "x") for sign in "-\N{MINUS SIGN}" for end in ("", "%")]
    assert [(one.how, one.value) for one in typed] == [("add", "-10"), ("multiply", "0.9")] * 2
    assert parse_change("pots:P1:amount=\N{MINUS SIGN}5", "x").how == "set"


@pytest.mark.parametrize(
    ("sentence", "code", "said"),
    [
        ("48 % der Plätze", "", "48~% der Plätze"),
        ("um 1,2 Mio. € mehr", "", "um 1,2~Mio.~€ mehr"),
        ("350 Tsd. € mehr", "", "350~Tsd.~€ mehr"),
        ("1.2 million EUR more", "", "1.2~million~EUR more"),
        ("EUR 1.2 million", "", "EUR~1.2~million"),
        ("costs EUR −5 at most", "", "costs EUR~−5 at most"),
        ("PLN 1,234 of 5 PLN", "PLN", "PLN~1,234 of 5~PLN"),
        ("R$ 12 and 7 R$", "R$", "R$~12 and 7~R$"),
        ("PLN 1,234 of 5 PLN", "", "PLN 1,234 of 5 PLN"),
        ("10 Plätze, 3 Prozentpunkte, 2 Jahre", "", "10~Plätze, 3~Prozentpunkte, 2~Jahre"),
        ("1 place, 4.5 points within 3 years", "", "1~place, 4.5~points within 3~years"),
        ("in 2027 and in 5 spaces", "", "in 2027 and in 5 spaces"),
        ("3 pointed, 4 placeholders, NEUR 5, O1 %x", "", "3 pointed, 4 placeholders, NEUR 5, O1 %x"),
        ("", "", ""),
    ],
)
def test_a_number_and_its_unit_stay_on_one_line(sentence: str, code: str, said: str) -> None:
    reckon_in(code)
    assert unparted(sentence) == said.replace("~", "\u00a0")
    assert unparted(unparted(sentence)) == unparted(sentence)
    reckon_in("")


def test_only_the_sentences_of_a_page_are_set() -> None:
    kept = '<p title="5 %" data-about="5 %">{}</p><script>"5 %"</script><style>m{{5 %}}</style><textarea>5 %</textarea>'
    assert unparted_html(kept.format("5 %")) == kept.format("5\u00a0%")
    assert unparted_html("5 %<br>6 %") == "5\u00a0%<br>6\u00a0%"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_numbers_for_terminals_and_files_have_plain_spaces(lang: str) -> None:
    reckon_in("PLN")
    written = percent(0.48, lang) + euro(-1234567.0, lang, 2) + number(1234567.0, lang)
    reckon_in("")
    assert not any(one.isspace() and one != " " for one in written)


@pytest.mark.parametrize(
    ("value", "digits", "least", "most"),
    [
        (0.12341, 4, 0.1234, 0.1235), (0.1234, 4, 0.1234, 0.1234), (1_234_567.0, -3, 1_234_000.0, 1_235_000.0),
        (0.1 + 0.2, 1, 0.3, 0.3), (-1.5, 0, -2.0, -1.0), (0.0, 2, 0.0, 0.0),
    ],
)  # fmt: skip
def test_a_bound_stays_true_as_it_is_written(value: float, digits: int, least: float, most: float) -> None:
    assert (no_more(value, digits), no_less(value, digits)) == (pytest.approx(least), pytest.approx(most))
