"""Boundaries are read feature by feature: what fits is drawn, everything else is named by ``check``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allocate.checking.opening import read_checked
from allocate.inputs.reading.boundaries import Areas, check_boundaries, read_areas
from allocate.report.pictures.geometry import read_boundaries
from tests.inputs.checktown import spoilt, write

SQUARE = [[[11, 50], [11.1, 50], [11.1, 50.1], [11, 50.1], [11, 50]]]
AREA = {"type": "Polygon", "coordinates": SQUARE}
HUGE, NAN = "HUGE", float("nan")

type Read = Callable[..., Areas]


def feature(properties: object, coordinates: object = SQUARE, sort: str = "Polygon", **more: object) -> dict[str, Any]:
    geometry = {"type": sort, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def areas(*features: object, ids: tuple[str, ...] = ("S1", "S2"), encoding: str = "utf-8") -> Areas:
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        file = tmp_path / "spaces.geojson"
        file.write_bytes(text.replace(f'"{HUGE}"', "9" * 400).encode(encoding))
        return read_areas(file, ids)

    return areas


def drawn(areas: Areas) -> list[tuple[int, str]]:
    return [(one.number, one.space_id) for one in areas.features]


def rules(areas: Areas) -> list[str]:
    return areas.found.table()["rule"].tolist()


def test_what_fits_is_drawn_and_the_rest_is_named_by_its_number(read: Read) -> None:
    river = {"type": "Feature", "properties": {"name": "Fluss"}, "geometry": {"type": "LineString", "coordinates": []}}
    areas = read(feature({"space_id": "S1"}), river, feature({"space_id": "S2"}))
    assert drawn(areas) == [(1, "S1"), (3, "S2")]
    table = areas.found.table()
    assert rules(areas) == ["boundaries-id-missing"] and "Feature 2 " in table["message"].iloc[0]


@pytest.mark.parametrize(
    "first",
    [
        feature({"space_id": "S1"}),
        feature({"SPACE_ID": "S1"}),
        feature({"Space ID": " S1 "}),
        feature({"name": "x"}, id="S1"),
        feature(None, id="S1"),
        feature({"space_id": None}, id="S1"),
        feature({"space_id": "S\u200b1"}),
        feature({"space_id": "S1"}, [SQUARE], "MultiPolygon"),
        feature({"space_id": "S1"}, [[[11, 50, 7], [12, 50, 7], [12, 51, 7], [11, 50, 7]]]),
        {"properties": {"space_id": "S1"}, "geometry": {"type": "GeometryCollection", "geometries": [AREA]}},
    ],
)
def test_ids_and_areas_as_programs_write_them(read: Read, first: dict[str, Any]) -> None:
    areas = read(first, feature({"space_id": "S2"}))
    assert drawn(areas) == [(1, "S1"), (2, "S2")] and rules(areas) == []


def test_ids_that_became_numbers(read: Read) -> None:
    areas = read(feature({"space_id": 7}), feature({"space_id": 12.0}), ids=("007", "12"))
    assert drawn(areas) == [(1, "007"), (2, "12")]
    assert drawn(read(feature({"space_id": 7}), ids=("07", "007"))) == []


def test_old_programs_write_windows_letters(read: Read) -> None:
    areas = read(feature({"space_id": "Süd"}), ids=("Süd",), encoding="cp1252")
    assert drawn(areas) == [(1, "Süd")] and rules(areas) == []


def test_a_property_that_holds_the_ids_is_taken_and_named(read: Read) -> None:
    areas = read(feature({"BZR_NAME": "x", "BZR_ID": "S1"}), feature({"BZR_NAME": "y", "BZR_ID": "S2"}))
    assert drawn(areas) == [(1, "S1"), (2, "S2")]
    assert areas.found.table()[["rule", "value"]].values.tolist() == [["boundaries-property", "BZR_ID"]]
    areas = read(*(feature({"n": n}) for n in "abc"))
    assert drawn(areas) == [] and rules(areas) == ["boundaries-id-missing"] * 3 + ["boundaries-missing"]


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        (None, "boundaries-no-geometry"),
        ("", "boundaries-no-geometry"),
        ({}, "boundaries-no-area"),
        ({"type": "Point", "coordinates": [11, 50]}, "boundaries-no-area"),
        ({"type": "Polygon", "coordinates": []}, "boundaries-no-area"),
        ({"type": "Polygon", "coordinates": ""}, "boundaries-coordinates"),
        ({"type": "Polygon"}, "boundaries-coordinates"),
        ({"type": "Polygon", "coordinates": [[[11, 50], [12, 50], [11, 50]]]}, "boundaries-coordinates"),
        ({"type": "Polygon", "coordinates": [[[11, HUGE], [12, 50], [12, 51], [11, 50]]]}, "boundaries-coordinates"),
        (
            {"type": "Polygon", "coordinates": [[[11, NAN], [12, 50], [12, 51], [11, 50]]]},
            "boundaries-coordinates",
        ),
        ({"type": "Polygon", "coordinates": [[["11", "50"], [12, 50], [12, 51], [11, 50]]]}, "boundaries-coordinates"),
        ({"type": "MultiPolygon", "coordinates": [[1]]}, "boundaries-coordinates"),
        ({"type": "MultiPolygon", "coordinates": [7]}, "boundaries-coordinates"),
    ],
)
def test_what_is_no_area_is_named_and_never_stops_anything(
    read: Read, tmp_path: Path, geometry: object, rule: str
) -> None:
    areas = read(feature({"space_id": "S1"}), {"properties": {"space_id": "S2"}, "geometry": geometry})
    assert drawn(areas) == [(1, "S1")]
    assert rules(areas) == [rule, "boundaries-missing"]
    shown = read_boundaries(tmp_path / "spaces.geojson", ["S1", "S2"])
    assert list(shown.outlines) == ["S1"] and not shown.problem


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"features": 3}',
        b"no json",
        b"\x00\x01",
        b"[" * 100_000,
        b'{"features": [' + b"9" * 5000 + b"]}",
    ],
)
def test_what_is_no_geojson_is_one_finding(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "spaces.geojson"
    file.write_bytes(content)
    areas = read_areas(file, ["S1"])
    assert not areas.readable and areas.features == () and rules(areas) == ["boundaries-unreadable"]


def test_features_of_other_places_are_a_note(read: Read) -> None:
    areas = read(feature({"space_id": "S1"}), feature({"space_id": "X9"}), 5, ids=("S1",))
    assert areas.found.table()[["rule", "severity"]].values.tolist() == [
        ["boundaries-id-unknown", "note"],
        ["boundaries-id-missing", "warning"],
    ]


def test_check_looks_at_boundaries_and_at_files_that_could_become_some(tmp_path: Path) -> None:
    town = write(tmp_path / "town", spoilt())
    (town / "areas.gpkg").write_bytes(b"x")
    (town / "areas.shp").write_bytes(b"x")
    found = read_checked(town).findings
    assert found.loc[found["rule"] == "boundaries-other-file", "file"].tolist() == ["areas.gpkg", "areas.shp"]
    (town / "spaces.geojson").write_text("[]", encoding="utf-8")
    read = read_checked(town)
    assert "boundaries-unreadable" in set(read.findings["rule"])
    assert check_boundaries(read.case)["severity"].tolist() == ["warning"]
