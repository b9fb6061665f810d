"""Maps: every space is there, by boundaries or as a tile, with its number, and nothing withheld is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.language import MINUS
from allocate.report.columns import WITHHELD
from allocate.report.pictures import geometry
from allocate.report.pictures.geometry import SUBPIXELS, read_boundaries
from allocate.report.pictures.map_legend import Kind
from allocate.report.pictures.maps import Places, places_of, space_map
from allocate.report.pictures.style import NARROW, cells
from allocate.report.pictures.tiles import arranged
from tests.real.sources import source
from tests.report.svg import HOSTILE, SVG, parsed, texts, whole_names

LANGUAGES = ("de", "en")
EXAMPLE = Path(__file__).parents[3] / "scenarios" / "auenfurt"


@pytest.fixture(scope="module")
def town() -> Case:
    return read_case(EXAMPLE)


@pytest.fixture
def town_of(town: Case, tmp_path: Path) -> Callable[..., Case]:
    """A town of the given spaces, with boundaries if there are any."""

    def make(ids: list[str], names: list[str], shapes: list[object] | None = None, **columns: object) -> Case:
        spaces = pd.DataFrame({"space_id": ids, "name": names, "region_id": "", "region_name": "", **columns})
        file = None
        if shapes is not None:
            file = tmp_path / "spaces.geojson"
            features = [
                {"type": "Feature", "properties": {"space_id": id}, "geometry": json.loads(shapely.to_geojson(shape))}
                for id, shape in zip(ids, shapes, strict=True)
            ]
            file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return replace(town, tables={**town.tables, "spaces": spaces}, geometry=file)

    return make


def squares(count: int) -> list[object]:
    """Neighbouring squares near Erfurt, in degrees."""
    return [shapely.box(11 + at * 0.02, 50.9, 11.02 + at * 0.02, 50.92) for at in range(count)]


def values_of(ids: list[str], values: list[float], **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"space_id": ids, "value": values, **columns})


IDS = ["A", "B", "C"]
NAMES = ["Altstadt", "Berg", "Aue"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("outlined", [True, False])
def test_every_space_has_its_number(town_of: Callable[..., Case], outlined: bool, lang: str) -> None:
    places = places_of(town_of(IDS, NAMES, squares(3) if outlined else None))
    assert places.has_boundaries is outlined
    numbers = [0.125, 0.5, 1.0]
    picture = space_map(places, values_of(IDS, numbers), kind="coverage", key="map", lang=lang)
    assert {"12", "50", "100"} <= set(texts(picture))
    for name, number in zip(NAMES, cells(numbers, "coverage", lang), strict=True):
        assert f"{name}: {number}" in whole_names(picture)
        assert f"{name}: {number}" in picture.text
    # From high to low.
    assert picture.text.index("Aue") < picture.text.index("Berg") < picture.text.index("Altstadt")


@pytest.mark.parametrize(
    ("kind", "numbers", "shown"),
    [
        ("coverage_change", [0.052, -0.031, 0.0], ["+5,2", f"{MINUS}3,1", "0,0"]),
        ("covered_change", [1234.4, -31.0, 0.2], ["+1.234", f"{MINUS}31", "0"]),
    ],
)
def test_changes_have_their_sign(
    town_of: Callable[..., Case], kind: Kind, numbers: list[float], shown: list[str]
) -> None:
    for shapes in (None, squares(3)):
        places = places_of(town_of(IDS, NAMES, shapes))
        picture = space_map(places, values_of(IDS, numbers), kind=kind, key="map", lang="de")
        assert set(shown) <= set(texts(picture))
        hatched = [element for element in parsed(picture).iter(f"{SVG}path") if "-loss" in element.get("fill", "")]
        assert len(hatched) == (0 if shapes is None else 1)


@pytest.mark.parametrize("outlined", [True, False])
def test_withheld_numbers_are_a_sign_on_dots(town_of: Callable[..., Case], outlined: bool) -> None:
    places = places_of(town_of(IDS, NAMES, squares(3) if outlined else None))
    values = values_of(IDS, [0.4321, 0.5, np.nan], withheld=[True, False, False])
    picture = space_map(places, values, kind="coverage", key="map", lang="de")
    assert not any("43" in text for text in [*texts(picture), *whole_names(picture), picture.text])
    assert WITHHELD in texts(picture)
    assert "Altstadt: nicht ausgewiesen" in picture.text
    assert "Aue: keine Angabe" in picture.text
    assert "– keine Angabe" in texts(picture)
    assert any("-none" in element.get("fill", "") for element in parsed(picture).iter())
    dotted = [element for element in parsed(picture).iter() if "-withheld" in element.get("fill", "")]
    assert len(dotted) == 2  # the area and the legend


def test_legend_counts_every_space_once(town_of: Callable[..., Case]) -> None:
    ids = [f"S{at}" for at in range(40)]
    places = places_of(town_of(ids, ids))
    values = [at / 40 for at in range(40)]
    text = space_map(places, values_of(ids, values), kind="coverage", key="map", lang="en").text
    assert "below 20%: 8; 20% to 40%: 8; 40% to 60%: 8; 60% to 80%: 8; 80% and more: 8" in text


@pytest.mark.parametrize("outlined", [True, False])
def test_hostile_names_are_text(town_of: Callable[..., Case], outlined: bool) -> None:
    ids = list(HOSTILE)
    places = places_of(town_of(ids, ids, squares(len(ids)) if outlined else None))
    picture = space_map(places, values_of(ids, [0.5] * len(ids)), kind="coverage", key="map", lang="de", about=ids[0])
    parsed(picture)
    assert "<script" not in picture.svg
    assert "<img" not in picture.svg
    assert "\u202e" not in picture.svg
    assert f"{HOSTILE[0]}: 50,0 %" in whole_names(picture)
    assert picture.title.endswith(HOSTILE[0])


def test_a_case_without_spaces_or_numbers(town_of: Callable[..., Case]) -> None:
    nothing = values_of([], [])
    parsed(space_map(places_of(town_of([], [])), nothing, kind="coverage", key="map", lang="de"))
    for shapes in (None, squares(3)):
        picture = space_map(places_of(town_of(IDS, NAMES, shapes)), nothing, kind="coverage_change", key="m", lang="de")
        assert picture.text.count("keine Angabe") == 3


def test_spaces_without_an_area_are_named(town_of: Callable[..., Case]) -> None:
    town = town_of(IDS, NAMES, [*squares(2), shapely.Point(11, 51)])
    picture = space_map(places_of(town), values_of(IDS, [0.1, 0.2, 0.3]), kind="coverage", key="map", lang="de")
    assert "Ohne Fläche in der Karte: Aue." in picture.text
    assert "Aue: 30,0 %" in picture.text


@pytest.mark.parametrize(
    ("content", "why"),
    [(content, "nicht lesbar") for content in (b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"features": 1}')]
    + [(content, "nennt nur 0 von 3") for content in (
        b'{"features": [1]}', b'{"features": [{"properties": null}]}',
        b'{"features": [{"properties": {"space_id": "A"}, "geometry": {"type": "Polygon", "coordinates": "x"}}]}',
        b'{"features": [{"properties": {"space_id": "A"}, "geometry": {"type": "Polygon", "coordinates": [[[1]]]}}]}',
    )],
)  # fmt: skip
def test_boundaries_that_cannot_be_read_give_tiles_and_a_reason(
    town_of: Callable[..., Case], tmp_path: Path, content: bytes, why: str
) -> None:
    file = tmp_path / "spaces.geojson"
    town = town_of(IDS, NAMES)
    file.write_bytes(content)
    places = places_of(replace(town, geometry=file))
    assert not places.has_boundaries
    assert why in places.problem("de")
    picture = space_map(places, values_of(IDS, [0.1, 0.2, 0.3]), kind="coverage", key="map", lang="de")
    assert places.problem("de") in picture.text
    assert "Kacheln" in picture.title


def test_boundaries_of_other_spaces_give_tiles_and_a_reason(town_of: Callable[..., Case]) -> None:
    town = town_of(IDS, NAMES, squares(3))
    other = town_of(["A", "X", "Y"], NAMES)
    places = places_of(replace(other, geometry=town.geometry))
    assert not places.has_boundaries
    assert "nur 1 von 3" in places.problem("de")


def test_without_shapely_there_are_tiles_and_a_reason(
    town_of: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = town_of(IDS, NAMES, squares(3))
    monkeypatch.setattr(geometry, "shapely", None)
    places = places_of(town)
    assert not places.has_boundaries
    assert "shapely" in places.problem("en")


def test_degrees_shrink_to_the_north_and_metres_do_not(town_of: Callable[..., Case]) -> None:
    degrees = [shapely.box(10, 50, 10.1, 50.1)]
    metres = [shapely.box(600_000, 5_600_000, 610_000, 5_610_000)]
    shapes = []
    for shape in (degrees, metres):
        found = read_boundaries(town_of(["A"], ["A"], shape).geometry, ["A"])
        shapes.append(found.width / found.height)
    assert shapes[0] == pytest.approx(np.cos(np.radians(50.05)), rel=1e-3)
    assert shapes[1] == pytest.approx(1, rel=1e-6)


def test_north_is_up_and_several_features_of_a_space_are_one(town_of: Callable[..., Case]) -> None:
    south, north = shapely.box(10, 50, 10.2, 50.1), shapely.box(10, 50.1, 10.2, 50.2)
    found = read_boundaries(town_of(["S", "N"], ["S", "N"], [south, north]).geometry, ["S", "N"])
    assert found.outlines["N"].y < found.outlines["S"].y
    halves = [shapely.box(10, 50, 10.1, 50.1), shapely.box(10.1, 50, 10.2, 50.1), north]
    whole = read_boundaries(town_of(["S", "S", "N"], ["S", "S", "N"], halves).geometry, ["S", "N"])
    assert whole.outlines["S"].radius == pytest.approx(found.outlines["S"].radius, rel=0.05)


def ring_points(path: str) -> list[tuple[int, int]]:
    """The corners of the first ring of path data, in tenths of a pixel."""
    start, steps = path.split("z", maxsplit=1)[0][1:].split("l")
    x, y = map(int, start.split())
    numbers = list(map(int, steps.split()))
    points = [(x, y)]
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        points.append((points[-1][0] + dx, points[-1][1] + dy))
    return points


def test_simplified_neighbours_keep_one_boundary(town_of: Callable[..., Case]) -> None:
    """Two areas with a common boundary of 4,000 points: simplified, and still not a gap nor an overlap."""
    steps = np.linspace(50, 50.1, 4000)
    wild = np.column_stack([10.05 + 0.00005 * np.sin(steps * 9000), steps])
    west = shapely.Polygon([(10, 50), *wild.tolist(), (10, 50.1)])
    east = shapely.Polygon([(10.1, 50), (10.1, 50.1), *wild[::-1].tolist()])
    found = read_boundaries(town_of(["W", "E"], ["W", "E"], [west, east]).geometry, ["W", "E"])
    shapes = [shapely.Polygon(ring_points(found.outlines[id].path)) for id in ("W", "E")]
    assert sum(len(shapely.get_coordinates(shape)) for shape in shapes) < 800
    assert shapely.intersection(*shapes).area == 0
    whole = found.width * found.height * SUBPIXELS**2
    assert sum(shape.area for shape in shapes) == pytest.approx(whole, rel=1e-3)


def test_tiles_follow_the_places(town: Case) -> None:
    """In the example town with coordinates: the western village left of the centre, the eastern right of it."""
    found = arranged(town["spaces"], 6)
    spaces = town["spaces"].set_index("space_id")
    assert found.how == "coordinates"
    assert len(set(found.places.values())) == len(spaces)
    columns = pd.Series({id: place[0] for id, place in found.places.items()})
    rows = pd.Series({id: -place[1] for id, place in found.places.items()})
    assert columns.corr(spaces["centroid_x_km"].rank()) > 0.8
    assert rows.corr(spaces["centroid_y_km"].rank()) > 0.8
    assert arranged(town["spaces"], 6) == found


def test_tiles_without_places_stand_under_their_region(town: Case) -> None:
    spaces = town["spaces"].drop(columns=["centroid_x_km", "centroid_y_km"])
    found = arranged(spaces, 3)
    assert found.how == "regions"
    assert list(found.heads.values()) == list(dict.fromkeys(spaces["region_name"]))
    for row, name in found.heads.items():
        below = {id for id, (_, place) in found.places.items() if place == row + 1}
        assert below
        assert set(spaces.set_index("space_id").loc[sorted(below), "region_name"]) == {name}
    assert len(set(found.places.values())) == len(spaces)
    assert not {row for _, row in found.places.values()} & set(found.heads)


@pytest.mark.parametrize("count", [1, 2, 7, 60, 300])
def test_no_two_spaces_share_a_tile(count: int) -> None:
    """Also where many places are nearly the same."""
    rng = np.random.default_rng(count)
    spaces = pd.DataFrame({"space_id": [f"S{at}" for at in range(count)], "region_id": "", "region_name": ""})
    listed = arranged(spaces, 6)
    placed = arranged(spaces.assign(x=rng.normal(size=count) ** 3, y=rng.normal(size=count) ** 3), 20)
    for found in (listed, placed):
        assert set(found.places) == set(spaces["space_id"])
        assert len(set(found.places.values())) == count
        assert all(0 <= x < found.columns and 0 <= y < found.rows for x, y in found.places.values())


# --- real boundaries -------------------------------------------------------------------------------------------------


def flensburg(town_of: Callable[..., Case]) -> Places:
    """The 13 quarters of Flensburg with their real boundaries."""
    file = source("flensburg_sozialatlas_2022") / "geo" / "flensburg_stadtteile.geojson"
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    names = [feature["properties"]["AREA_NAME"] for feature in features]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    return places_of(town_of([name[:2] for name in names], [name[3:] for name in names], shapes))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_map_of_flensburg(town_of: Callable[..., Case], lang: str) -> None:
    places = flensburg(town_of)
    assert len(places.boundaries.outlines) == 13
    ids = list(places.names)
    picture = space_map(places, values_of(ids, [at / 13 for at in range(13)]), kind="coverage", key="map", lang=lang)
    assert len(picture.svg) < 40_000
    for name in ("Altstadt", "Mürwik", "Westliche Höhe"):
        assert name in picture.text
    assert {"Mürwik", "Weiche"} <= set(texts(picture))
    root = parsed(picture)
    assert float(str(root.get("width"))) == NARROW
    # The harbour lies between: the town is no rectangle, but most of the frame is land.
    outlines = places.boundaries.outlines.values()
    area = sum(shapely.Polygon(ring_points(outline.path)).area for outline in outlines) / SUBPIXELS**2
    assert 0.4 < area / (places.boundaries.width * places.boundaries.height) < 0.9


def berlin_areas() -> tuple[pd.DataFrame, list[object]]:
    """The 541 planning areas of Berlin whose middle is known, as the cells around these middles."""
    folder = source("berlin_lor_kita_2024")
    middles = pd.read_csv(folder / "plr_centroid_proxy.csv", dtype={"plr": "str"})
    points = shapely.multipoints(shapely.points(middles["lon"], middles["lat"]))
    hull = shapely.buffer(shapely.concave_hull(points, 0.3), 0.005)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, ordered=True))
    return middles, list(shapely.segmentize(shapely.intersection(cells, hull), 0.0005))


def test_map_of_541_areas_is_small(town_of: Callable[..., Case]) -> None:
    middles, shapes = berlin_areas()
    ids = middles["plr"].tolist()
    places = places_of(town_of(ids, [f"Planungsraum {id}" for id in ids], shapes))
    assert len(places.boundaries.outlines) == 541
    changes = np.linspace(-0.2, 0.2, 541).tolist()
    picture = space_map(places, values_of(ids, changes), kind="coverage_change", key="map", lang="de")
    assert len(picture.svg) < 150_000
    paths = [element for element in parsed(picture).iter(f"{SVG}path") if element.get("d", "").startswith("M")]
    assert sum(1 for path in paths if "fill" in path.attrib) == 541
    assert len(picture.text) < 5_000
    tiles = space_map(
        places_of(town_of(ids, ids)), values_of(ids, changes), kind="coverage_change", key="map", lang="de"
    )
    assert len(tiles.svg) < 200_000
    assert len(list(parsed(tiles).iter(f"{SVG}title"))) == 541
