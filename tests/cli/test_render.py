"""Tables for people: labels, numbers of the language, and never a number that is cut off."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from allocate.cli.output import Display
from allocate.cli.render import LONGEST, draw
from allocate.cli.speech import speaking
from allocate.report.columns import column


def drawn(frame: pd.DataFrame, lang: str = "en", width: int = 80, **settings: object) -> str:
    with speaking(lang):
        return draw([Display("t", "Title", frame, **settings)], lang, width=width)  # type: ignore[arg-type]


@given(
    st.lists(st.integers(1, 10**12), min_size=1, max_size=4, unique=True),
    st.integers(10, 200),
    st.sampled_from(["de", "en"]),
)
def test_no_number_is_ever_cut(values: list[int], width: int, lang: str) -> None:
    names = ["change_eur", "cost_eur", "amount_eur", "spent_eur"][: len(values)]
    frame = pd.DataFrame([values], columns=names, dtype=float)
    text = drawn(frame, lang, width)
    words = text.replace(" €", "€").split()
    cells = [column(name, lang).cells(frame[name], lang)[0].replace(" €", "€") for name in names]
    kept = sum(cell in words for cell in cells)
    # What is shown is whole and the first of the columns; the others are named as missing.
    assert [cell in words for cell in cells] == [True] * kept + [False] * (len(cells) - kept)
    assert kept >= 1
    assert (kept < len(cells)) == (say_hidden(lang) in " ".join(words))


def say_hidden(lang: str) -> str:
    return {"de": "Kein Platz für:", "en": "No room for:"}[lang]


def test_long_texts_are_wrapped_and_kept() -> None:
    sentence = "a sentence with many words that does not fit into one line of a narrow terminal at all"
    lines = drawn(pd.DataFrame({"name": [sentence]}), width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines[3:]).split()) == sentence


def test_markup_in_names_is_shown_as_it_is() -> None:
    assert "[bold]Club[/bold] [x]" in drawn(pd.DataFrame({"name": ["[bold]Club[/bold] [x]"]}))


def test_an_empty_table_says_so() -> None:
    assert "(nothing)" in drawn(pd.DataFrame({"name": pd.Series(dtype="str")}))


def test_a_very_long_table_is_cut_and_says_how_much_is_missing() -> None:
    text = drawn(pd.DataFrame({"name": ["x"] * (LONGEST + 1234)}))
    assert text.count("\nx") == LONGEST
    assert "… and 1,234 more rows" in text


def test_free_columns_are_shown_under_their_own_name() -> None:
    assert "our_own_column" in drawn(pd.DataFrame({"our_own_column": ["x"]}))
