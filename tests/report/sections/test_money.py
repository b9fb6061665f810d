"""The chapter about money says why money stays, and which rules with a sentence of their own leave a plan no room."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from allocate.analyses.margins.idle_money import CAUSES
from allocate.language import LANGUAGES
from allocate.model.rules.register import giving_way
from allocate.model.rules.rule import MONEY
from allocate.report.sections.money import _idle
from allocate.session import Session
from tests.model.test_staff import TEAM, town


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_cause_of_idle_money_is_said(lang: str) -> None:
    causes = [*CAUSES, *(rule.kind for rule, way in giving_way() if way.lever != MONEY)]
    rows = pd.DataFrame({"pot_id": [f"P{n}" for n in range(len(causes))], "cause": causes, "unspent_eur": 5.0})
    content = SimpleNamespace(margins=SimpleNamespace(idle=rows))
    voice = SimpleNamespace(content=content, lang=lang, name=lambda _key, id: f"<{id}>", euro=lambda _amount: "5 EUR")
    said = _idle(voice)  # type: ignore[arg-type]
    assert len(said) == len(causes) and all(f"<P{n}>" in text for n, text in enumerate(said))


def test_a_proposal_says_that_posts_bind() -> None:
    plan = Session(town(TEAM)).run("X")
    assert plan.tight_rules("de") == [
        "Personal begrenzt, was angeboten werden kann: Alle Stellen von T Team sind besetzt."
    ]
