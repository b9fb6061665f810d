"""Where a town has boundaries, the answer draws its spaces as the report does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from allocate.analyses.comparison.compare import compare
from allocate.checking.opening import read_checked
from allocate.report.pictures.maps import places_of
from allocate.session import Session
from allocate.web.compared import coverage_maps
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


@pytest.fixture
def with_boundaries(town: Path) -> Path:
    """The town with two squares beside each other."""
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
    return town


def test_boundaries_are_drawn_as_a_map(with_boundaries: Path) -> None:
    found = drawn(with_boundaries)
    assert found is not None and found.svg.count("<path") >= 2
    assert "Upper town" in found.text and "Lower town" in found.text


def test_scenarios_are_drawn_beside_today_in_one_scale(with_boundaries: Path) -> None:
    session = Session(read_checked(with_boundaries).case)
    found = compare(session, ["silo", "strict", "pooled"])
    maps = coverage_maps(found, places_of(session.case), "en")
    # The rules of ``strict`` clash: there is nothing to draw.
    assert [one.title.rpartition(" ")[2] for one in maps] == ["today", "silo", "pooled"]
    # Today S2 is covered by a quarter, in the pillars' plan by more.
    assert "25" in maps[0].text and maps[0].text != maps[1].text


def test_without_boundaries_there_are_tiles_alone(visitor: Visitor) -> None:
    assert drawn(TINY) is None
    assert "town-map" not in visitor.step("pots", "P1", "amount", 1500)["html"]["answer"]
