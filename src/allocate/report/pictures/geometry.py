"""Boundaries: the outlines of the social spaces from ``spaces.geojson``, in pixels and simple enough for a page.

The file is read by ``inputs.boundaries``; features that do not fit are left out here and named by ``check``. Neighbours
are simplified together, so that no gap opens between them. shapely is an extra of the installation; without it, and
with a file that cannot be read, there are no outlines but a reason why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from allocate.inputs.reading.boundaries import Feature, read_areas
from allocate.language import Words
from allocate.report.pictures.style import NARROW

try:
    import shapely
except ImportError:  # the extra "geo" is not installed
    shapely = None

# Path data counts tenths of a pixel, because whole numbers are shorter than decimals.
SUBPIXELS = 10
_MOST_HEIGHT = 420
# Pixels by which a simplified boundary may differ.
_TOLERANCE = 0.6
# Below this share of spaces with an outline a map would mislead by its holes.
LEAST_KNOWN = 0.5

type Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outline:
    """One space: SVG path data in tenths of a pixel; the middle (pixels) and radius of the largest circle inside."""

    path: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Boundaries:
    """The outlines by space id, and the size of the map in pixels; ``problem`` says why there are none."""

    outlines: dict[str, Outline] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0
    problem: str = ""
    problem_values: Words = field(default_factory=dict)


def read_boundaries(path: Path | None, space_ids: Sequence[str]) -> Boundaries:
    """The outlines of these spaces; without a file neither outlines nor a problem.

    Coordinates within 180 and 90 are degrees (WGS84); others are metres of a plane system and are drawn as they are.
    """
    if path is None:
        return Boundaries()
    if shapely is None:
        return Boundaries(problem="geometry-no-shapely")
    areas = read_areas(path, space_ids)
    if not areas.readable:
        return Boundaries(problem="geometry-unreadable", problem_values={"file": path.name})
    shapes = _shapes(areas.features)
    if len(shapes) < LEAST_KNOWN * len(space_ids) or not shapes:
        values: Words = {"file": path.name, "found": len(shapes), "all": len(space_ids)}
        return Boundaries(problem="geometry-few", problem_values=values)
    return _drawn([id for id in space_ids if id in shapes], shapes)


def _shapes(features: Sequence[Feature]) -> Mapping[str, object]:
    """Space id -> polygons; several features of one space are joined, points and lines are left out."""
    parts: dict[str, list[object]] = {}
    for feature in features:
        try:
            shape = shapely.make_valid(shapely.geometry.shape(feature.geometry))
        except (ValueError, TypeError, shapely.errors.ShapelyError):
            continue  # numbers in the right places that are no polygon all the same
        polygons = [one for one in shapely.get_parts(shape) if one.geom_type in {"Polygon", "MultiPolygon"}]
        parts.setdefault(feature.space_id, []).extend(one for one in polygons if not one.is_empty)
    return {id: shapely.union_all(polygons) for id, polygons in parts.items() if polygons}


def _drawn(ids: list[str], shapes: Mapping[str, object]) -> Boundaries:
    found = np.array([shapes[id] for id in ids], dtype=object)
    west, south, east, north = shapely.total_bounds(found)
    degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
    # At the size of a town a plane in which a degree of longitude shrinks with the latitude is true enough.
    shrink = float(np.cos(np.radians((south + north) / 2))) if degrees else 1.0
    wide, tall = max((east - west) * shrink, 1e-9), max(north - south, 1e-9)
    scale = min(NARROW / wide, _MOST_HEIGHT / tall)

    def placed(points: Floats) -> Floats:
        return np.column_stack([(points[:, 0] - west) * shrink * scale, (north - points[:, 1]) * scale])

    pixels = shapely.transform(found, placed)
    simple = shapely.coverage_simplify(pixels, _TOLERANCE)
    kept = [whole if one.is_empty else one for one, whole in zip(simple, pixels, strict=True)]
    outlines = {id: _outline(shape) for id, shape in zip(ids, kept, strict=True)}
    return Boundaries(outlines, wide * scale, tall * scale)


def _outline(shape: object) -> Outline:
    largest = max(shapely.get_parts(shape), key=shapely.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=1.0)
    (x, y), edge = shapely.get_coordinates(circle)[:2]
    radius = float(np.hypot(edge[0] - x, edge[1] - y))
    middle = shapely.centroid(largest)
    if shapely.contains(largest, middle) and shapely.distance(middle, shapely.boundary(largest)) > 0.9 * radius:
        x, y = middle.x, middle.y  # of many places as good as the best, the one that the eye expects
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    path = "".join(_ring(shapely.get_coordinates(ring)) for ring in rings)
    if not path:  # smaller than a tenth of a pixel; a small square keeps it on the map
        path = f"M{round(x * SUBPIXELS) - 15} {round(y * SUBPIXELS) - 15}h30v30h-30z"
    return Outline(path, float(x), float(y), radius)


def _ring(points: Floats) -> str:
    """One ring as path data: where it begins, then from point to point."""
    whole = np.rint(points * SUBPIXELS).astype(int)
    steps = np.diff(whole, axis=0)
    steps = steps[(steps != 0).any(axis=1)][:-1]
    if len(steps) < 2:
        return ""
    return f"M{whole[0, 0]} {whole[0, 1]}l{' '.join(f'{x} {y}' for x, y in steps.tolist())}z"
