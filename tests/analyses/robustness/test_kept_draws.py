"""Draws in which a proposal is only held to are those of the whole test, for any proposal."""

from __future__ import annotations

import pytest

from allocate.analyses.robustness.kept_draws import kept_draws
from allocate.analyses.robustness.robust import Settings, robust
from allocate.checking.opening import read_case
from allocate.session import Session
from tests.conftest import TINY


def test_draws_of_a_kept_proposal_are_those_of_the_whole_test() -> None:
    session = Session(read_case(TINY))
    name = next(id for id in session.scenario_ids if not session.variant(id).scenario.evaluate)
    whole = robust(session, name, Settings(runs=4, inputs=0, turning=0, spread=0.0)).draws
    alone = kept_draws(session, name, 4)
    assert len(alone) == 4
    assert alone["run_id"].tolist() == whole["run_id"].tolist()
    for figure in ("weighted_coverage", "lowest_space_coverage", "floors_missed"):
        assert alone[figure].astype(float).tolist() == pytest.approx(whole[f"kept_{figure}"].astype(float).tolist())
