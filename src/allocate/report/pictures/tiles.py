"""Tiles: one square for each social space where there are no boundaries to draw.

With coordinates the tiles stand roughly where the spaces lie; without, they are grouped by region. The same table
always gives the same arrangement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

# Columns that hold coordinates, west-east first; the contract has none, but many tables of towns do.
COORDINATES = (
    ("lon", "lat"), ("longitude", "latitude"), ("x", "y"), ("x_km", "y_km"), ("centroid_x", "centroid_y"),
    ("centroid_x_km", "centroid_y_km"), ("easting", "northing"), ("rechtswert", "hochwert"),
)  # fmt: skip
# More regions than this are no headings but a list of names.
MOST_REGIONS = 16
_ROUNDS = 50

type Ints = npt.NDArray[np.int64]
type Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tiles:
    """Where each space stands: ``places`` space id -> (column, row); ``heads`` row -> heading in that row.

    ``how``: coordinates, regions or listed.
    """

    how: str
    columns: int
    rows: int
    places: dict[str, tuple[int, int]]
    heads: dict[int, str]


def arranged(spaces: pd.DataFrame, columns: int) -> Tiles:
    """Arrange the spaces (columns ``space_id``, ``region_id``, ``region_name``, coordinates if any).

    ``columns``: how many tiles a row holds at most.
    """
    points = _coordinates(spaces)
    if points is not None and 2 < len(spaces) <= 400:
        return _by_place(spaces["space_id"].tolist(), points, columns)
    return _by_region(spaces, columns)


def _coordinates(spaces: pd.DataFrame) -> Floats | None:
    """West-east and south-north of every space, where the table has them for all."""
    names = {str(name).casefold(): name for name in spaces.columns}
    for pair in COORDINATES:
        if set(pair) <= set(names):
            points = spaces[[names[pair[0]], names[pair[1]]]].apply(pd.to_numeric, errors="coerce")
            found: Floats = points.to_numpy(dtype=float)
            if np.isfinite(found).all() and len(np.unique(found, axis=0)) == len(found):
                return found
    return None


def _by_place(ids: list[str], points: Floats, most_columns: int) -> Tiles:
    """Every space on the grid cell that is nearest to its place, as far as one is free.

    Places are ranks, so that a far village does not press the town into a few cells.
    """
    count = len(ids)
    room = count * 1.8  # free cells let neighbours stay neighbours
    columns = min(most_columns, max(2, int(np.ceil(np.sqrt(room)))))
    rows = int(np.ceil(room / columns))
    rank = points.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") / max(count - 1, 1)
    target = np.column_stack([rank[:, 0] * (columns - 1), (1 - rank[:, 1]) * (rows - 1)])
    cells = np.array([(column, row) for row in range(rows) for column in range(columns)], dtype=float)
    away = ((target[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2)
    place = _nearest_free(away)
    places = {id: (int(cells[at, 0]), int(cells[at, 1])) for id, at in zip(ids, place.tolist(), strict=True)}
    return Tiles("coordinates", columns, rows, places, {})


def _nearest_free(away: Floats) -> Ints:
    """An assignment of spaces (rows) to cells (columns) of small total distance: nearest first, then exchanges."""
    count, cells = away.shape
    place = np.full(count, -1, dtype=np.int64)
    free = np.ones(cells, dtype=bool)
    for space in np.argsort(-away.min(axis=1), kind="stable"):
        place[space] = int(np.where(free, away[space], np.inf).argmin())
        free[place[space]] = False
    for _ in range(_ROUNDS):
        if not _exchange(away, place, free):
            break
    return place


def _exchange(away: Floats, place: Ints, free: npt.NDArray[np.bool_]) -> bool:
    """Move or swap whatever lowers the total distance; False when nothing does."""
    changed = False
    everyone = np.arange(len(place))
    for space in everyone:
        here = away[space, place[space]]
        vacant = np.where(free, away[space], np.inf)
        best = int(vacant.argmin())
        if vacant[best] < here - 1e-9:
            free[place[space]], free[best] = True, False
            place[space] = best
            changed, here = True, vacant[best]
        gain = here + away[everyone, place] - away[space, place] - away[everyone, place[space]]
        other = int(gain.argmax())
        if gain[other] > 1e-9:
            place[space], place[other] = place[other], place[space]
            changed = True
    return changed


def _by_region(spaces: pd.DataFrame, columns: int) -> Tiles:
    """Row after row in the order of the table, each region under its own heading where there are a few."""
    regions = spaces["region_id"].astype(str)
    known = [region for region in dict.fromkeys(regions) if region]
    grouped = 1 < len(known) <= MOST_REGIONS
    places: dict[str, tuple[int, int]] = {}
    heads: dict[int, str] = {}
    row = 0
    for region in [*known, *([""] if (regions == "").any() else [])] if grouped else [None]:
        chosen = spaces if region is None else spaces[regions == region]
        if region:
            name = str(chosen["region_name"].iloc[0]) if "region_name" in chosen.columns else ""
            heads[row] = name or region
            row += 1
        elif region == "":
            row += 1
        for at, id in enumerate(chosen["space_id"].tolist()):
            places[id] = (at % columns, row + at // columns)
        row += -(-len(chosen) // columns)
    return Tiles("regions" if grouped else "listed", columns, max(row, 1), places, heads)
