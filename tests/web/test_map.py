"""Where a town has boundaries, the answer draws its spaces as the report does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from allocate.checking.opening import read_checked
from allocate.web.desk import Desk, Step
from allocate.web.open_town import OpenTown
from allocate.web.shown import Map, shown
from tests.conftest import TINY
from tests.web.conftest import Visitor


def drawn(folder: Path) -> Map | None:
    """The map of the preview of a step, on a copy of the town."""
    town = OpenTown(read_checked(folder))
    answer = town.preview(Desk("visitor", "", "", "silo").with_steps(Step("pots", "P1", "amount", "set", "1500")), "r")
    assert answer is not None and answer.preview
    return shown(answer, "en", town.places).map


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "town"))


def test_boundaries_are_drawn_as_a_map(town: Path) -> None:
    pytest.importorskip("shapely")
    squares = {"S1": 0.0, "S2": 0.1}
    features = [
        {
            "type": "Feature",
            "properties": {"space_id": id},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 50], [x + 0.1, 50], [x + 0.1, 50.1], [x, 50.1], [x, 50]]],
            },
        }
        for id, x in squares.items()
    ]
    (town / "spaces.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = drawn(town)
    assert found is not None and found.svg.count("<path") >= 2
    assert "Upper town" in found.text and "Lower town" in found.text


def test_without_boundaries_there_are_tiles_alone(visitor: Visitor) -> None:
    assert drawn(TINY) is None
    assert "town-map" not in visitor.step("pots", "P1", "amount", 1500)["html"]["answer"]
