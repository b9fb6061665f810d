"""Sources: where the towns of a Land come from, a folder or the invented Land, which can be written into one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from allocate.analyses.batch.towns import is_land, places_of
from allocate.analyses.land.invented import NAME, POTS, InventedTown, invented_towns
from allocate.analyses.land.town_facts import TownJob, packed
from allocate.errors import UsageError
from allocate.files import make_folder, write_whole
from allocate.inputs.land_tables import POT_COLUMNS, TOWN_COLUMNS, LandPot, LandTables, read_land_tables

# Towns of the invented Land that comes along.
INVENTED = 4


def land_at(folder: Path, scenario_id: str, pots: Sequence[str]) -> tuple[list[TownJob], LandTables]:
    """The towns of a folder and what the Land says of them; ``pots`` (none: those of ``land_pots``) are the Land's.

    The name of the invented Land means that one where no folder is called so. Raises ``UsageError``: land-no-towns,
    land-pots-unknown, land-table.
    """
    if str(folder) == NAME and not folder.exists():
        towns = invented_towns(INVENTED)
        chosen = tuple(pots) or POTS[:1]
        return [job_of(town, scenario_id, chosen) for town in towns], LandTables()
    if not is_land(folder):
        raise UsageError("land-no-towns", path=str(folder))
    stated = read_land_tables(folder)
    chosen = tuple(dict.fromkeys(pots)) or tuple(pot.pot_id for pot in stated.pots)
    if not chosen:
        raise UsageError("land-pots-unknown", place=str(folder))
    known = {pot.pot_id: pot for pot in stated.pots}
    own = LandTables(tuple(known.get(id, LandPot(id)) for id in chosen), stated.towns)
    return [TownJob(place.name, scenario_id, chosen, str(place.path)) for place in places_of([folder])], own


def job_of(town: InventedTown, scenario_id: str, pots: Sequence[str]) -> TownJob:
    """An invented town as it travels."""
    return TownJob(town.name, scenario_id, tuple(pots), packed=packed(town.case()))


def write_land(folder: Path, towns: int, seed: int) -> pd.DataFrame:
    """Write so many invented towns into a new folder; gives name, place and population of each.

    Raises ``UsageError``: land-exists where the folder holds anything, and what ``allocate.files`` raises.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("land-exists", place=str(folder))
    make_folder(folder)
    found = invented_towns(towns, seed)
    for town in found:
        _write(folder / town.name, town)
    pots = pd.DataFrame([{"pot_id": POTS[0], "name": "Landesprogramm Soziale Stadt"}], columns=list(POT_COLUMNS))
    rows = [{"town_id": town.name, "name": town.town_name} for town in found]
    _table(folder / "land_pots.csv", pots)
    _table(folder / "towns.csv", pd.DataFrame(rows, columns=list(TOWN_COLUMNS)))
    people = [float(town.tables["spaces"]["population"].sum()) for town in found]
    return pd.DataFrame(
        {
            "town_id": [town.name for town in found],
            "name": [town.town_name for town in found],
            "population": people,
            "path": [str(folder / town.name) for town in found],
        }
    )


def _write(folder: Path, town: InventedTown) -> None:
    make_folder(folder)
    for name, table in town.tables.items():
        written = table.copy()
        for column in written.select_dtypes("bool").columns:
            written[column] = written[column].map({True: "yes", False: "no"})
        _table(folder / f"{name}.csv", written)


def _table(path: Path, table: pd.DataFrame) -> None:
    write_whole(path, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
