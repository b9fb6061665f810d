"""``allocate duplication``: tables for planners, stable JSON, words that stay a suspicion."""

from __future__ import annotations

import json

import pytest

from allocate.analyses.duplication.duplication import TABLES, TOTAL_COLUMNS
from allocate.analyses.duplication.overlap_pairs import COLUMNS as PAIRS
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
