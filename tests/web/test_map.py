"""Where the spaces lie, the answer draws them as the report does: by boundaries, or by coordinates."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
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


def test_coordinates_put_the_tiles_where_the_spaces_lie(town: Path) -> None:
    """Two places say nothing of where they lie to each other; from three on they do."""
    spaces = pd.read_csv(town / "spaces.csv")
    third = spaces.iloc[[0]].assign(space_id="S3", name="Harbour")
    spaces = pd.concat([spaces, third], ignore_index=True).assign(lon=[10.0, 10.1, 10.2], lat=[53.0, 53.1, 53.0])
    spaces.to_csv(town / "spaces.csv", index=False)
    found = drawn(town)
    assert found is not None and "Harbour" in found.svg


def test_nobody_has_said_where_the_spaces_lie(visitor: Visitor) -> None:
    assert drawn(TINY) is None
    assert "town-map" not in visitor.step("pots", "P1", "amount", 1500)["html"]["answer"]
