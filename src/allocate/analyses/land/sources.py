"""Sources: where the towns of a Land come from: a folder, or the invented Land that comes along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from allocate.analyses.batch.towns import is_land, places_of
from allocate.analyses.land.invented import NAME, POTS, InventedTown, invented_towns
from allocate.analyses.land.town_facts import TownJob, packed
from allocate.errors import UsageError
from allocate.inputs.land_tables import LandPot, LandTables, read_land_tables

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
