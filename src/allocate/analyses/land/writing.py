"""Writing: an invented Land as a folder of towns, to look at the form of the files and to try the command."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from allocate.analyses.land.invented import POTS, InventedTown, invented_towns
from allocate.errors import UsageError
from allocate.files import make_folder, write_whole
from allocate.inputs.land_tables import POT_COLUMNS, TOWN_COLUMNS


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
