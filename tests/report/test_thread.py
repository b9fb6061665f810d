"""The thread of one number: a budget that nobody else would write, from the cell of a CSV file to the report."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.report.content import gather
from allocate.report.papers.page import page
from allocate.session import Session
from tests.report.conftest import Town
from tests.report.reading import Page

SENTINEL = 51234.0
WRITTEN = {"de": "51.234 €", "en": "€51,234"}


@pytest.fixture(scope="module")
def town(small: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small town with the sentinel as the amount of its first pot."""
    folder = tmp_path_factory.mktemp("thread") / "town"
    shutil.copytree(small.folder, folder)
    (folder / "Töpfe nach Jahren.csv").unlink()  # the amount of the planned year would hold
    file = folder / "Töpfe.csv"
    text = pd.read_csv(file, sep=None, engine="python", dtype=str)
    text.loc[0, "Betrag"] = f"{SENTINEL:.0f}"
    text.to_csv(file, index=False)
    return folder


def test_a_budget_travels_from_its_cell_to_the_page(town: Path, small: Town) -> None:
    session = Session(read_case(town))
    assert session.case["pots"]["amount"].iloc[0] == SENTINEL
    assert session.compiled("S1").town.pot_amount[0] == SENTINEL
    assert session.run("S1").pots["amount_eur"].iloc[0] == SENTINEL
    found = gather(session, ["S1"])
    for lang, written in WRITTEN.items():
        read = Page(page(found, lang))
        assert any(written in row for row in read.tables["t-pots"].rows)
        plan = next(one for one in read.record["scenarios"] if one["scenario_id"] == "S1")
        assert plan["pots"][0]["amount_eur"] == SENTINEL
        assert written not in page(small.content, lang)
