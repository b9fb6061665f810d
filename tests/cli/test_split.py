"""``allocate run`` says what places are used for that serve one need at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.model.test_either_or import CENTRE
from tests.strategies import write_town


def test_run_says_what_places_are_used_for(call: Call, tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town", CENTRE)
    ended = call("run", str(folder), "-s", "silo", "--table", "split", "--lang", "de")
    assert ended.code == 0
    assert "immer nur einem Bedarf" in ended.out
    assert "Krippe" in ended.out
    document = json.loads(call("run", str(folder), "-s", "silo", "--format", "json").out)
    assert document["scenarios"][0]["split"] == [
        {"offer_id": "K", "space_id": "S", "need_id": "U3", "capacity": pytest.approx(40)},
        {"offer_id": "K", "space_id": "S", "need_id": "UE3", "capacity": pytest.approx(20)},
    ]
