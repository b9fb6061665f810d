"""What all who write sentences share: names in the reader's language, and lists."""

from __future__ import annotations

import pytest

from allocate.inputs.speaker import Speaker, listed
from allocate.language import Texts
from tests.strategies import case_of
from tests.town.test_places import tables


class Said(Speaker):
    """Somebody who writes sentences."""

    texts = Texts("allocate.inputs", "texts_speaker.csv")


@pytest.mark.parametrize(
    ("parts", "total", "de", "en"),
    [
        ([], None, "", ""),
        (["a"], None, "a", "a"),
        (["a", "b", "c"], None, "a, b und c", "a, b and c"),
        (["a", "b"], 3, "a, b und 1 weiteres", "a, b and 1 more"),
        (["a"], 1234, "a und 1233 weitere", "a and 1233 more"),
    ],
)
def test_lists(parts: list[str], total: int | None, de: str, en: str) -> None:
    case = case_of(tables([]))
    assert [Said(case, lang).listed(parts, total) for lang in ("de", "en")] == [de, en]


def test_a_list_of_another_sign_has_no_last_word() -> None:
    assert listed(["a", "b", "c"], "de", sign="; ") == "a; b; c"
    assert listed(["a", "b"], "de", 3, sign="; ") == "a; b und 1 weiteres"


def test_names_are_english_where_the_case_has_them_and_english_is_spoken() -> None:
    town = tables([])
    town["needs"] = [{**row, "name": "Krippe", "name_en": "Nursery"} for row in town["needs"]]
    case = case_of(town)
    assert [Said(case, lang).names("need_id")["N1"] for lang in ("de", "en")] == ["Krippe", "Nursery"]
    assert Said(case, "de").regions == {"R1": "", "R2": ""}
