"""At a glance: the coverage and the money of two plans, with the figures that a comparison has."""

from __future__ import annotations

import pandas as pd
import pytest

from allocate.analyses.comparison.compare import compare
from allocate.analyses.comparison.glance import COLUMNS, glance
from allocate.checking.opening import read_case
from allocate.session import Session
from tests.conftest import TINY


def test_spaces_groups_and_providers_gain_what_a_comparison_says() -> None:
    """The lower town: 7.5 of 30 today, then 26 2/3; the town as its only group: 17.5 of 40, then 36 2/3."""
    session = Session(read_case(TINY))
    found = glance(session.status_quo("pooled"), session.run("pooled"))
    assert found.columns.tolist() == list(COLUMNS)
    of = found.set_index(["by", "id"])
    assert of.loc[("space", "S2"), ["coverage_before", "coverage"]].tolist() == pytest.approx(
        [7.5 / 30, 26 / 30 + 2 / 90]
    )
    group = found[found["by"] == "target_group"]
    assert group[["coverage_before", "coverage"]].to_numpy()[0].tolist() == pytest.approx(
        [17.5 / 40, 36 / 40 + 2 / 120]
    )
    whole = compare(session, ["pooled"]).gains
    both = found.merge(whole[whole["scenario_id"] == "pooled"], on=["by", "id"], suffixes=("", "_told"), validate="1:1")
    assert len(both) == len(found) == 5
    for name in ("coverage_before", "coverage", "change_eur"):
        kept = both[name].notna()
        pd.testing.assert_series_equal(both.loc[kept, name], both.loc[kept, f"{name}_told"], check_names=False)
    assert both["name"].equals(both["name_told"].where(both["by"] != "target_group", both["name"]))
