"""What a report is gathered from: which scenario is proposed, what is asked when there is no plan, what is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.language import LANGUAGES, Texts
from allocate.report import asking as gathering
from allocate.report import content as contents
from allocate.report.blocks.order import blocks
from allocate.report.content import gather, steps_of
from allocate.report.sections.order import sections
from allocate.results.disclosure import Mask
from allocate.session import Session
from tests.conftest import ROOT
from tests.report.conftest import DAY, Town
from tests.report.smalltowns import small_town

CLI = Texts("allocate.cli")


@pytest.fixture(scope="module")
def session(small: Town) -> Session:
    return Session(read_case(small.folder))


def test_the_first_scenario_that_plans_is_proposed(small: Town) -> None:
    assert small.content.proposal == "S1"
    assert small.content.status_quo == "S0"
    assert list(small.content.plans) == ["S0", "S1", "S2", "S3"]
    assert small.content.is_proposal


def test_a_proposal_that_is_named_is_among_the_scenarios(session: Session) -> None:
    found = gather(session, ["S1"], "S2")
    assert found.proposal == "S2"
    assert set(found.plans) == {"S0", "S1", "S2"}
    assert found.duplication.totals["scenario_id"].tolist() == ["S0", "S2"]


def test_only_today_proposes_nothing(session: Session) -> None:
    found = gather(session, ["S0"])
    assert not found.is_proposal
    assert found.proposal == ""
    assert not found.curves
    assert not found.cards
    assert found.fairness is not None
    keys = [section.key for section in sections(found, "de", pictures=False)]
    assert keys == ["proposal", "options", "fair", "places", "overlaps", "law", "method"]


def test_an_infeasible_proposal_is_explained(auenfurt: Path) -> None:
    found = gather(Session(read_case(auenfurt)), ["SZ4a"])
    assert found.proposal == "SZ4a"
    assert not found.is_proposal
    assert found.conflict is not None
    assert not found.conflict.is_feasible
    first = sections(found, "en", pictures=False)[0]
    assert [sheet.key for sheet in first.sheets] == ["clash", "repairs"]
    assert all(len(sheet.frame) for sheet in first.sheets)
    assert "no plan meets all rules" in first.sentences[0]
    # The same with the cells of its floors withheld: the rules stay, their units go.
    floors = found.conflict.members("en").query("rule == 'floor' and place != '*'")
    cells = frozenset(zip(floors["place"], floors["need_id"], strict=True))
    assert cells
    secret = sections(replace(found, mask=Mask(5.0, cells, frozenset())), "en", pictures=False)[0]
    open_rows, shut_rows = (one.sheets[0].frame for one in (first, secret))
    assert len(open_rows) == len(shut_rows)
    told = " ".join([*secret.sentences, *shut_rows["name"], *shut_rows["gives_way_text"]])
    for row in floors.to_dict("records"):
        assert f"{row['gives_way']:.1f} units" not in told
        assert f"({row['bound_units']:,.1f} " not in told


@pytest.mark.parametrize(("ids", "proposal", "asked"), [(["S9"], "", []), ([], "S9", []), ([], "", ["A99"])])
def test_what_does_not_exist_is_refused(session: Session, ids: list[str], proposal: str, asked: list[str]) -> None:
    with pytest.raises(UsageError):
        gather(session, ids, proposal, asked)


def test_an_offer_that_was_asked_for_comes_first_and_every_step_is_told(session: Session) -> None:
    told: list[str] = []
    found = gather(session, ["S1"], asked=["A3"], progress=told.append)
    assert {"S0", "S1", *gathering.STAGES} <= set(told)
    assert len(told) <= steps_of(session, ["S1"], ["A3"])
    cards = [card.offer_id for card in found.cards]
    assert cards[0] == "A3"
    assert len(cards) == len(set(cards))


def test_cards_are_bounded_and_the_rest_is_counted(
    session: Session, small: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = small.content.cards
    monkeypatch.setattr(gathering, "FULL_CARDS", 1)
    monkeypatch.setattr(gathering, "MOST_CARDS", 2)
    found = gather(session, ["S1"])
    assert [card.offer_id for card in found.cards] == [card.offer_id for card in everything[:2]]
    assert found.without_card == len(everything) - 2
    reasons = next(one for one in sections(found, "en", pictures=False) if one.key == "reasons")
    assert any(str(found.without_card) in sentence for sentence in reasons.sentences[1:])


def test_a_large_town_leaves_out_what_would_take_long_and_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LARGE", 0)
    found = gather(session, ["S1"])
    assert found.omitted == gathering.OMITTED
    assert not found.curves
    assert found.alternatives is None
    assert found.cards
    method = next(one for one in sections(found, "en", pictures=False) if one.key == "method")
    assert any("alternatives" in sentence and "large" in sentence for sentence in method.sentences)


def test_proposals_that_are_named_stand_side_by_side_each_with_how_sure_it_is(session: Session) -> None:
    found = gather(session, ["S1", "S2", "S0"])
    assert found.proposal == "S1" and set(found.kept) == {"S2"}
    assert len(found.kept["S2"]) == gathering.ROBUST.runs
    table = next(one for one in blocks(found, "en", pictures=False) if one.key == "side_by_side").sheets[0]
    rows = {str(row["scenario_id"]): str(row["sure"]) for row in table.frame.to_dict("records")}
    assert rows["S0"] == "–"
    runs = gathering.ROBUST.runs
    assert all(rows[id].endswith(f"of {runs}") and " to " in rows[id] for id in ("S1", "S2"))
    assert not gather(session, proposal="S1").kept


@dataclass(frozen=True, eq=False)
class _Wider(contents.Content):
    """A content with an answer that nobody has named anywhere else."""

    newcomer: pd.DataFrame | None = field(default=None, metadata={"ask": lambda about: about.plan.offers})


def test_a_new_answer_is_one_line_and_is_published_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LARGE", 0)
    monkeypatch.setattr(contents, "Content", _Wider)
    session = Session(read_case(small_town(tmp_path / "town", 2)))
    found = gather(session, ["S1"], today=DAY)
    assert isinstance(found, _Wider) and found.newcomer is not None
    exact = session.run("S1").offers.set_index("offer_id")["cost_eur"]
    shown = found.newcomer.set_index("offer_id")["cost_eur"]
    withheld = sorted(found.mask.offers)
    assert withheld and exact[withheld].notna().all() and exact[withheld].gt(0).any()
    assert shown[withheld].isna().all()


def test_what_is_not_published_by_default_is_a_field_that_there_is(small: Town) -> None:
    names = {one.name for one in fields(contents.Content) if one.init}
    assert names > contents.NO_FIGURES | contents.PUBLISHED_ELSEWHERE
    assert {"comparison", "cards", "kept", "robustness"} <= set(contents.published_fields(small.content))


def test_a_bar_can_say_in_words_what_is_being_asked() -> None:
    for lang in LANGUAGES:
        words = [CLI.say(f"gathering.{stage}", lang) for stage in gathering.STAGES]
        assert len(set(words)) == len(words) and all(words)


def test_no_nought_where_a_word_belongs_and_no_column_of_dashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A town without money: all floors are kept today, nothing is lacking in years to come, and nothing is unsure."""
    monkeypatch.setattr(gathering, "LARGE", 0)
    found = gather(Session(read_case(ROOT / "tests" / "cases" / "places")), ["plan"], today=DAY)
    for lang, said in (("de", "Alle 2 Mindeststandards sind heute und im Vorschlag erfüllt."),
                       ("en", "All 2 floors are met today and in the proposal.")):  # fmt: skip
        main = {block.key: block for block in blocks(found, lang, pictures=False)}
        assert main["lawful"].finding == said
        assert not any(re.search(r"\b0 (?!%|Plätze|places)", block.finding) for block in main.values())
        assert "short_next_eur" not in main["side_by_side"].sheets[0].shown
        # 4 of 14 more elderly visitors than today are 29 points; the families gain 14.
        assert "Ältere ab 65 (+29" in main["felt"].sentences[0]
