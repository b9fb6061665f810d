"""The example towns that come with the program, and a quick look into a case for the shell's completion."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from allocate.examples import shipped


def find(case: Path) -> Path:
    """``case`` if it exists, else the example town of that name, else ``case`` (which reading refuses)."""
    if case.exists():
        return case
    return shipped().get(str(case), case)


def spoken_of(case: Path) -> str:
    """How a planner would name a case on the command line: an example town by its name, else the path."""
    return next((name for name, home in shipped().items() if home == case), str(case))


def cases_beside(targets: Iterable[Path]) -> list[Path]:
    """The folders to be written into that look like a case: they hold what only an input does, effects or grants.

    A case that the command was not asked about is an input all the same, of the next command.
    """
    from allocate.inputs.vocabulary import table_of

    def is_case(folder: Path) -> bool:
        try:
            return any(table_of(path.stem) in ("effects", "grants") for path in folder.glob("*.[cC][sS][vV]"))
        except OSError:
            return False

    return [folder for folder in {place for target in targets for place in (target, target.parent)} if is_case(folder)]


def scenarios_at_a_glance(case: str | os.PathLike[str]) -> dict[str, str]:
    """Scenario id -> title from the folder's ``scenarios.csv``; empty whenever that is not simple to read."""
    try:
        with (find(Path(case)) / "scenarios.csv").open(encoding="utf-8-sig", newline="") as stream:
            dialect = csv.Sniffer().sniff(stream.readline(), delimiters=",;\t")
            stream.seek(0)
            rows = list(csv.DictReader(stream, dialect=dialect))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    return {row["scenario_id"]: row.get("title") or "" for row in rows if row.get("scenario_id")}
