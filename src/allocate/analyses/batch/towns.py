"""Towns: the cases at some paths, where a path may also be a folder that holds many towns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from allocate.analyses.batch.many_questions import Town
from allocate.checking.opening import read_case
from allocate.errors import AllocateError

# Tables of a Land, which no town has: a folder that holds one of them holds towns.
LAND_TABLES = ("towns", "land_pots")
_WORKBOOKS = (".xlsx", ".xlsm", ".ods")


@dataclass(frozen=True)
class Place:
    """Where a town lies, and its name: that of its folder or file, with the folder above where two are called so."""

    name: str
    path: Path


def is_land(path: Path) -> bool:
    """Whether a folder holds towns: it has a table of a Land, or no table of its own but folders or workbooks."""
    if not path.is_dir():
        return False
    if any((path / f"{name}.csv").is_file() for name in LAND_TABLES):
        return True
    return not any(path.glob("*.csv")) and bool(towns_in(path))


def towns_in(folder: Path) -> list[Path]:
    """The towns of a folder in the order of their names: folders with tables, and workbooks."""
    inside = sorted(one for one in folder.iterdir() if not one.name.startswith((".", "~$")))
    return [one for one in inside if (one.is_dir() and any(one.glob("*.csv"))) or _is_workbook(one)]


def places_of(paths: Sequence[Path]) -> list[Place]:
    """The towns at some paths, each once, in order."""
    found = list(dict.fromkeys(town for path in paths for town in (towns_in(path) if is_land(path) else [path])))
    times = Counter(_name(one) for one in found)
    return [Place(_name(one) if times[_name(one)] == 1 else str(one), one) for one in found]


def towns_at(paths: Sequence[Path]) -> Iterator[Town]:
    """The towns at some paths, read one after the other; one that cannot be read says why."""
    for place in places_of(paths):
        try:
            yield Town(place.name, read_case(place.path))
        except AllocateError as refused:
            yield Town(place.name, refused)


def _name(path: Path) -> str:
    whole = path.resolve()
    return whole.stem if whole.suffix.lower() in _WORKBOOKS else whole.name


def _is_workbook(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in _WORKBOOKS
