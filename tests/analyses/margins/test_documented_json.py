"""The JSON of ``marginal`` and ``sweep`` is what its page says, key by key."""

from __future__ import annotations

import re

from allocate.analyses.figures import FIGURES
from allocate.analyses.margins.marginal import TABLES, marginal
from allocate.analyses.margins.sweep import sweep
from allocate.session import Session
from tests.conftest import ROOT


def documented(page: str) -> dict[str, list[str]]:
    """Table -> the columns that the page's JSON names, in order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").partition("## JSON")[2].partition("\n## ")[0]
    return {
        name: re.findall(r'"(\w+)"', body) for name, body in re.findall(r'"(\w+)":\s+\[\{(.*?)\}\]', text, re.DOTALL)
    }


def test_marginal(tiny: Session) -> None:
    found = marginal(tiny, "silo").to_json()
    pages = documented("marginal.md")
    assert set(pages) == set(TABLES)
    for name, columns in pages.items():
        rows = found[name]
        assert isinstance(rows, list)
        for row in rows:
            assert list(row) == columns, name


def test_tables_without_rows_have_the_columns_of_the_page(tiny: Session) -> None:
    found = marginal(tiny, "silo", phases=())
    for name, columns in documented("marginal.md").items():
        if name != "pots":
            own = [column for column in columns if column not in ("name", "decider")]
            assert list(getattr(found, name).columns) == own


def test_sweep(tiny: Session) -> None:
    found = sweep(tiny, "silo", ["pots:P1:amount*{x}"], [0.5, 1.0])
    pages = documented("sweep.md")
    assert set(pages) == {"steps", "turns"}
    # The page names the measures of ``run`` as such.
    assert set(found.steps.columns) == {*pages["steps"], *FIGURES}
    assert list(found.turns.columns) == pages["turns"]
    assert len(found.turns)
