"""Sentences agree with their numbers."""

from __future__ import annotations

import pytest

from allocate.language import LANGUAGES, Texts


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
        ("at most PLN\u00a00.00 may move", "PLN\u00a00.00 may move"),
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
