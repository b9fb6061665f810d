"""``allocate duplication``: tables for planners, stable JSON, words that stay a suspicion."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from allocate.analyses.duplication.made_visible import PAIR_COLUMNS as PAIRS
from allocate.analyses.duplication.made_visible import TABLES, TOTAL_COLUMNS
from allocate.analyses.duplication.parallel import COLUMNS as PARALLEL
from allocate.analyses.duplication.surplus import CELL_COLUMNS, SUPPLIER_COLUMNS
from tests.cli.conftest import Call
from tests.conftest import TINY


def test_json_is_stable(call: Call) -> None:
    ended = call("duplication", "auenfurt", "--format", "json")
    assert ended.code == 0
    document = json.loads(ended.out)
    assert list(document) == ["allocate", "case", "fingerprint", "status_quo", "scenarios", *TABLES, "fewest"]
    assert list(document["totals"][0]) == list(TOTAL_COLUMNS)
    for name, columns in (("cells", CELL_COLUMNS), ("suppliers", SUPPLIER_COLUMNS), ("parallel", PARALLEL)):
        assert list(document[name][0]) == ["scenario_id", *columns]
    assert list(document["pairs"][0]) == ["scenario_id", *PAIRS]
    assert [one["scenario_id"] for one in document["totals"]] == [
        "SZ0", "SZ1", "SZ2", "SZ2t", "SZ3a", "SZ3b", "SZ4a", "SZ4b", "SZ4c", "SZ5", "SZ6",
    ]  # fmt: skip
    cells = pd.DataFrame(document["cells"])
    measured = pd.DataFrame(document["totals"]).set_index("scenario_id")["duplication_eur"].dropna()
    summed = cells.groupby("scenario_id")["duplication_eur"].sum().reindex(measured.index, fill_value=0.0)
    np.testing.assert_allclose(summed, measured, atol=1e-6)


def test_on_a_screen_only_today_is_shown_in_detail_unless_a_scenario_is_named(call: Call) -> None:
    ended = call("duplication", str(TINY))
    assert (ended.code, ended.err) == (0, "")
    assert "strict" in ended.out and "infeasible" in ended.out
    assert ended.out.count("where more is offered than needed") == 1
    named = call("duplication", str(TINY), "-s", "silo").out
    assert named.count("where more is offered than needed") == 2


@pytest.mark.parametrize("table", [*TABLES, "fewest"])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_table_can_be_shown(call: Call, table: str, lang: str) -> None:
    ended = call("duplication", str(TINY), "-s", "silo", "--table", table, "--lang", lang, "--time-limit", "10")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.strip()


def test_it_stays_a_suspicion_and_is_never_called_saving(call: Call) -> None:
    german = call("duplication", "auenfurt", "--lang", "de").out
    english = call("duplication", "auenfurt", "--lang", "en").out
    assert "Verdacht" in german
    assert "Suspected" in english
    assert "insparung" not in german
    assert "saving" not in english.lower()


def test_a_scenario_without_a_plan_ends_with_1(call: Call) -> None:
    ended = call("duplication", str(TINY), "-s", "strict")
    assert ended.code == 1
    assert "allocate conflicts" in ended.err
