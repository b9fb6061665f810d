"""The whole analysis: the example town's findings, determinism, interrupts, refusals, sentences."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from allocate.analyses.robustness.robust import Robustness, Settings, robust, steps
from allocate.analyses.robustness.robust_words import sentences, what_turns
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.language import no_less
from allocate.session import Session
from tests.conftest import ROOT

SMALL = Settings(runs=12, inputs=4, turning=1)


@pytest.fixture(scope="module")
def named() -> list[str]:
    """The steps of the run below, in order."""
    return []


@pytest.fixture(scope="module")
def found(session: Session, named: list[str]) -> Robustness:
    return robust(session, "SZ2", SMALL, progress=named.append)


def test_findings_of_the_example_town(found: Robustness) -> None:
    """Of 24 weight runs most offers keep their direction in at least 21; O11, O29, O31 and O33 do not."""
    table = found.offers.set_index("offer_id")
    assert (table["need_weights_runs"] == 24).all()
    keep = table["need_weights_same"] >= 21
    assert keep.sum() >= 24
    assert not keep[["O11", "O29", "O31", "O33"]].any()
    assert (table.loc[["O11", "O29", "O31", "O33"], "light"] == "fragile").all()
    assert (table.loc[["O01", "O28", "O36"], "light"] == "stable").all()


def test_ranges_and_parts_agree(found: Robustness) -> None:
    ranges = found.ranges.set_index(["cause", "plan"])
    weights = found.weights[found.weights["kind"] == "need_weight"]
    row = ranges.loc[("need_weights", "replanned")]
    assert (row["low"], row["high"]) == (weights["weighted_coverage"].min(), weights["weighted_coverage"].max())
    assert row["worst_regret"] == weights["regret_share"].max() > 0
    assert row["low"] <= row["promised"] <= row["high"]
    assert found.proposal.measures is not None
    assert row["promised"] == pytest.approx(found.proposal.measures.weighted_coverage)
    draws = ranges.loc[("draws", "kept")]
    assert draws["runs"] == len(found.draws) == 12
    assert draws["low"] <= draws["middle"] <= draws["high"]
    again = ranges.loc[("draws", "replanned")]
    possible = found.draws["replanned_possible"].astype(bool)
    assert again["without_plan"] == (~possible).sum()
    assert (found.offers["draws_runs"] == possible.sum()).all()
    hedged = ranges.loc[("draws", "hedged")]
    assert hedged["middle"] == pytest.approx(found.draws["hedged_weighted_coverage"].median())
    # A plan made for chance is worth more in draws it was not made for.
    assert found.draws["hedged_objective"].mean() > found.draws["kept_objective"].mean()
    # A proposal made for one set of figures is hurt by others.
    assert found.draws["kept_weighted_coverage"].mean() < draws["promised"]


def test_same_seed_same_answer(session: Session, found: Robustness) -> None:
    own = Settings(runs=3, inputs=0, spread=0.0)
    first, again = robust(Session(session.case), "SZ2", own), robust(Session(session.case), "SZ2", own)
    assert json.dumps(first.to_json()) == json.dumps(again.to_json())
    other = robust(session, "SZ2", replace(own, seed=2))
    assert (first.draws["demand_units"] != other.draws["demand_units"]).all()
    assert first.draws["demand_units"].tolist() == found.draws["demand_units"].tolist()[:3]


def test_json_is_plain_and_complete(found: Robustness) -> None:
    document = json.loads(json.dumps(found.to_json("de"), allow_nan=False))
    assert set(document) == {
        "sentences", "scenario_id", "settings", "complete", "offers", "ranges", "weights", "regret", "draws",
        "quantiles", "hedged", "turning",
    }  # fmt: skip
    assert document["settings"] == {
        "runs": 12, "seed": 1, "spread": 0.3, "inputs": 4, "turning": 1, "demand_spread": 0.2, "cost_spread": 0.05,
    }  # fmt: skip
    page = (ROOT / "docs" / "robust.md").read_text(encoding="utf-8")
    for part in ("offers", "ranges", "weights", "quantiles"):
        for name in document[part][0]:
            assert f'"{name}"' in page, name


@pytest.mark.parametrize("lang", ["de", "en"])
def test_sentences(found: Robustness, lang: str) -> None:
    told = sentences(found, lang)
    assert len(told) >= 6
    names = found.proposal.variant.case["offers"].set_index("offer_id")["name"]
    assert f"O11 {names['O11']}" in told[0] and f"O29 {names['O29']}" in told[0]
    assert not any("{" in one or "nan" in one for one in told)
    assert str(len(found.draws)) in told[3]
    assert found.hedged is not None and "hedged" in sentences(found)[4]


def test_things_are_named_beside_their_ids(found: Robustness) -> None:
    """Figures of every kind in the sentence about turning points, and the need whose weight hurts most."""
    case = found.proposal.variant.case
    names = {
        id: str(name)
        for table in ("offers", "needs", "spaces", "pots")
        for id, name in zip(case[table][f"{table[:-1]}_id"], case[table]["name"], strict=True)
    }
    row = {"change": 0.03, "offer_id": "O11", "from_direction": "raised", "to_direction": "lowered"}
    for kind, key, told in (
        ("demand", "S01|N02", f"Bedarf S01 {names['S01']}, N02 {names['N02']} +3,0 %"),
        ("need_everywhere", "*|N02", f"Bedarf überall N02 {names['N02']} +3,0 %"),
        ("all_demand", "*", "alle Bedarfe +3,0 %"),
        ("unit_cost", "O07", f"Stückkosten O07 {names['O07']} +3,0 %"),
        ("effect", "O07|N01", f"Wirkung O07 {names['O07']}, N01 {names['N01']} +3,0 %"),
        ("pot_amount", "P3", f"Topf P3 {names['P3']} +3,0 %"),
        ("need_weight", "N05", f"Gewicht N05 {names['N05']} +3,0 %"),
        ("need_weight", "participation|N05", f"Gewicht N05 {names['N05']} +3,0 %"),
    ):
        said = what_turns(case, pd.Series({**row, "kind": kind, "key": key}), "de")
        assert said == f"{told}: O11 {names['O11']} gesenkt statt erhöht"
    worst = found.weights[found.weights["kind"] == "need_weight"].set_index("need_id")["regret_share"].idxmax()
    assert f"({worst} {names[worst]} " in sentences(found, "de")[1]


def test_many_open_offers_are_counted(found: Robustness) -> None:
    told = sentences(replace(found, offers=found.offers.assign(light="fragile")))[0]
    ids = found.offers["offer_id"].tolist()
    assert f"{ids[11]} " in told and f"{ids[12]} " not in told and f"and {len(ids) - 12} more" in told


def test_the_worst_loss_is_that_of_a_run_with_a_loss(found: Robustness) -> None:
    """A run in which the best plan is worth nothing has no share of loss, and is not the worst of all."""
    single = found.weights[found.weights["kind"] == "need_weight"]
    worst = single.loc[single["regret_share"].idxmax()]
    blank = single.index[single["need_id"] != worst["need_id"]][-1]
    weights = found.weights.assign(regret_share=found.weights["regret_share"].where(found.weights.index != blank))
    told = sentences(replace(found, weights=weights))[1]
    assert told == sentences(found)[1]
    assert (
        f"loses at most {no_less(worst['regret_share'], 4):.2%} in these runs" in told
        and f"({worst['need_id']} " in told
    )
    none = sentences(replace(found, weights=found.weights.assign(regret_share=float("nan"))))[1]
    assert "24 runs" in none and "loses" not in none
    unsure = sentences(replace(found, indivisible=True))[1]
    assert "at most" not in unsure and "within the solver's gap" in unsure


def test_steps_are_enough_and_named(session: Session, found: Robustness, named: list[str]) -> None:
    assert found.complete
    assert 0 < len(named) <= steps(session, "SZ2", SMALL)
    assert {"weight:N01*1.3", "participation", "compromise", "hedged", "draw 2"} <= set(named)


@pytest.mark.parametrize("after", ["weight:N03*1.3", "compromise", "draw 2"])
def test_an_interrupt_shows_what_is_known(session: Session, after: str) -> None:
    def stop(name: str) -> None:
        if name == after:
            raise KeyboardInterrupt

    cut = robust(session, "SZ2", SMALL, progress=stop)
    assert not cut.complete
    expected = {"weight:N03*1.3": (4, 0), "compromise": (26, 0), "draw 2": (26, 1)}[after]
    assert (len(cut.weights), len(cut.draws)) == expected
    assert (cut.regret is None) == (after != "draw 2")
    assert cut.turning is None
    assert "Stopped" in sentences(cut)[-1]
    json.dumps(cut.to_json(), allow_nan=False)


def test_nothing_asked_nothing_said(session: Session) -> None:
    bare = robust(Session(session.case._unchecked(weight_sets=session.case["weight_sets"].head(0))), "SZ1",
                  Settings(runs=0, spread=0.0, inputs=0))  # fmt: skip
    assert bare.weights.empty and bare.draws.empty and bare.regret is None and bare.turning is None
    assert (bare.offers["light"] == "").all()
    assert [one for one in sentences(bare) if "weight_sets" in one]


def test_indivisible_scenario() -> None:
    session = Session(read_case(ROOT / "tests" / "cases" / "tiny"))
    found = robust(session, "sites", Settings(runs=4))
    assert found.indivisible and found.turning is None and found.hedged is None
    assert found.weights.empty  # one need: no other weights
    assert (found.offers["draws_runs"] > 0).all()
    assert any("divisible" in one for one in sentences(found))
    assert isinstance(found.quantiles, pd.DataFrame) and len(found.quantiles)


def test_refusals(session: Session) -> None:
    with pytest.raises(UsageError, match="SZ0"):
        robust(session, "SZ0", SMALL)
    with pytest.raises(UsageError, match="conflicts"):
        robust(session, "SZ4a", SMALL)
    with pytest.raises(UsageError, match="SZ1"):
        robust(session, "SZ11", SMALL)
