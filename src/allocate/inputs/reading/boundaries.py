"""Boundaries: the areas of the social spaces in ``spaces.geojson``, feature by feature, with what is wrong with each.

The one place where the file is read: ``check`` names the features that do not fit, the report draws those that do. An
id is the property ``space_id`` (however it is written), else the feature's own ``id``; where no feature has either, a
property that holds the ids of most spaces is taken and named. No geometry is computed here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.inputs.case import Case, Source
from allocate.inputs.dialect import Unreadable, decode
from allocate.inputs.findings import NOTE, WARNING, FindingList
from allocate.inputs.ids import plain
from allocate.language import first_of

SPACE_ID = "space_id"
FAR = 1e9  # metres or degrees beyond which a coordinate is no place on earth
MOST_BYTES = 500_000_000
_OTHER_FORMATS = (".gpkg", ".shp", ".kml", ".kmz", ".gml", ".geojson")
_SHOWN = 5
_DEEPEST = 8  # collections in collections


@dataclass(frozen=True)
class Feature:
    """One area of a space: its number in the file (1 is the first) and its GeoJSON geometry with finite coordinates."""

    number: int
    space_id: str
    geometry: Mapping[str, Any]


@dataclass(frozen=True)
class Areas:
    """The features that can be drawn, and everything found in the file; ``readable`` is no where it is no GeoJSON."""

    features: tuple[Feature, ...] = ()
    readable: bool = True
    found: FindingList = field(default_factory=FindingList)


def check_boundaries(case: Case) -> pd.DataFrame:
    """All findings on the file of boundaries of a case; where it has none, on files that could become one."""
    if case.geometry is not None:
        return read_areas(case.geometry, case["spaces"]["space_id"].tolist()).found.table()
    found = FindingList()
    if case.path.is_dir():
        for file in sorted(case.path.iterdir()):
            if file.suffix.casefold() in _OTHER_FORMATS and not file.name.startswith("."):
                found.add("boundaries-other-file", Source(file.name), severity=NOTE, value=file.name)
    return found.table()


def read_areas(path: Path, space_ids: Sequence[str]) -> Areas:
    """The areas of these spaces in a GeoJSON file; never raises for what stands in it."""
    found, source = FindingList(), Source(path.name)
    try:
        features = _features(path)
    except (OSError, ValueError, RecursionError) as failure:
        reason = _reason(failure)
        found.add("boundaries-unreadable", source, severity=WARNING, reason=reason)
        return Areas(readable=False, found=found)
    ids = _Ids(space_ids, features)
    if ids.property:
        found.add("boundaries-property", source, severity=NOTE, value=ids.property)
    kept = []
    for number, feature in enumerate(features, 1):
        written, id = ids.of(feature)
        problem = "id-missing" if not written else "" if id else "id-unknown"
        problem = problem or _problem(feature.get("geometry"))
        if problem:
            severity = NOTE if problem == "id-unknown" else WARNING
            found.add(f"boundaries-{problem}", source, severity=severity, value=written, feature=number)
        else:
            kept.append(Feature(number, id, feature["geometry"]))
    _missing(space_ids, kept, source, found)
    return Areas(tuple(kept), found=found)


def _reason(failure: Exception) -> str:
    """Why a file cannot be read, in words of no language: what a library says of it is for developers."""
    if isinstance(failure, json.JSONDecodeError):
        return f"JSON {failure.lineno}:{failure.colno}"
    if isinstance(failure, RecursionError):
        return "JSON"
    return (failure.strerror if isinstance(failure, OSError) else "") or str(failure)


def _features(path: Path) -> list[Mapping[str, Any]]:
    """The features of the file. Raises ``ValueError`` and ``OSError`` where it is no FeatureCollection."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError("> 500 MB")
    try:
        document = json.loads(decode(path.read_bytes()).lstrip("\ufeff"))
    except Unreadable as failure:
        raise ValueError(failure.reason) from failure
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ValueError("no FeatureCollection")
    return [feature if isinstance(feature, dict) else {} for feature in features]


def _properties(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    own = feature.get("properties")
    return own if isinstance(own, dict) else {}


class _Ids:
    """Which space a feature belongs to."""

    def __init__(self, space_ids: Sequence[str], features: Sequence[Mapping[str, Any]]) -> None:
        self.known = set(space_ids)
        bare = [id.lstrip("0") for id in space_ids if id.isdigit()]
        # A number has lost the zeros in front of it; where only one space can be meant, it is.
        self.bare = {id.lstrip("0"): id for id in space_ids if id.isdigit() and bare.count(id.lstrip("0")) == 1}
        self.property = ""
        if features and not any(_written(feature) for feature in features):
            self.property = self._telling(features)

    def of(self, feature: Mapping[str, Any]) -> tuple[str, str]:
        """The id as written and the space's id; blank where there is none."""
        written = _as_id(_properties(feature).get(self.property)) if self.property else _written(feature)
        return written, written if written in self.known else self.bare.get(written, "") if written.isdigit() else ""

    def _telling(self, features: Sequence[Mapping[str, Any]]) -> str:
        """The property that holds the ids of most spaces, of at least half of them; blank where none does."""
        held: dict[str, set[str]] = {}
        for feature in features:
            for name, value in _properties(feature).items():
                if (id := _as_id(value)) in self.known:
                    held.setdefault(name, set()).add(id)
        best = max(held, key=lambda name: len(held[name]), default="")
        return best if best and 2 * len(held[best]) >= len(self.known) else ""


def _written(feature: Mapping[str, Any]) -> str:
    """The id a feature bears itself."""
    for name, value in _properties(feature).items():
        if re.sub(r"[\s\-]+", "_", name.strip().casefold()) == SPACE_ID and _as_id(value):
            return _as_id(value)
    return _as_id(feature.get("id"))


def _as_id(value: object) -> str:
    """A text or a whole number as an id; blank for everything else."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < FAR**2 else ""
    return plain(value.strip())


def _problem(geometry: object) -> str:
    """Why a geometry cannot be drawn as an area; blank where it can."""
    if not isinstance(geometry, dict):
        return "no-geometry"
    rings = list(_rings(geometry))
    if not rings:
        return "no-area"
    return "" if all(_is_ring(ring) for ring in rings) else "coordinates"


def _rings(geometry: object, depth: int = 0) -> Iterator[object]:
    """All rings of the polygons of a geometry, whatever stands there instead of one."""
    if not isinstance(geometry, dict) or depth > _DEEPEST:
        return
    parts, sort = geometry.get("coordinates"), geometry.get("type")
    if sort == "GeometryCollection":
        for part in _entries(geometry.get("geometries")):
            yield from _rings(part, depth + 1)
    elif sort == "Polygon":
        yield from _entries(parts)
    elif sort == "MultiPolygon":
        for polygon in _entries(parts):
            yield from _entries(polygon)


def _entries(value: object) -> list[object]:
    """The entries of a list; what is no list is one entry, to be found wrong."""
    return value if isinstance(value, list) else [value]


def _is_ring(ring: object) -> bool:
    return isinstance(ring, list) and len(ring) >= 4 and all(_is_position(one) for one in ring)


def _is_position(position: object) -> bool:
    return isinstance(position, list) and len(position) >= 2 and all(_is_coordinate(one) for one in position[:2])


def _is_coordinate(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FAR


def _missing(space_ids: Sequence[str], kept: Sequence[Feature], source: Source, found: FindingList) -> None:
    drawn = {feature.space_id for feature in kept}
    missing = [id for id in space_ids if id not in drawn]
    if missing:
        named = first_of(missing, _SHOWN)
        found.add("boundaries-missing", source, severity=NOTE, value=named, count=len(missing), all=len(space_ids))
