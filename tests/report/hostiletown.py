"""A small town whose names are made to break whatever shows them, with amounts that occur nowhere else."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from allocate.inputs.workbook.template import write_template_folder

# The pot M1 has this much; no other figure of the town has these digits.
SENTINEL = 160623.45
PROVIDERS = {"PR1": "Zaubernuss e. V.", "PR2": "Kieselgrund & Söhne <gGmbH>", "PR3": "=Quittenhof Beratung"}
# What gives a provider away.
TELLING = ["Zaubernuss", "Kieselgrund", "Quittenhof"]
HOSTILE = {
    "spaces": ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "Süd & \u202eגן\u202c '" + "ß" * 200],
    "needs": ["+49 Beratung", "-Treff [a]:b*c?d/e\\f", "@Hilfe\tmit Tab"],
    "pots": ["\t=1+1", "History", "Topf {geschweift} %s %(x)s"],
}
WORDS = [name.strip() for names in HOSTILE.values() for name in names]


def hostile_town(folder: Path, lang: str = "en") -> Path:
    """Write the town; gives its folder."""
    write_template_folder(folder, lang)
    for table, names in HOSTILE.items():
        rename(folder, table, names)
    edit(folder, "providers", lambda row: row | {"name": PROVIDERS[row["provider_id"]]})
    edit(folder, "pots", lambda row: row | ({"amount": f"{SENTINEL}"} if row["pot_id"] == "M1" else {}))
    # The year planned is stated by year as well, and what is stated for it counts.
    first = {"pot_id": "M1", "year": "2027"}
    edit(folder, "pot_years", lambda row: row | ({"amount": f"{SENTINEL}"} if row | first == row else {}))
    edit(folder, "offers", lambda row: row | {"name": f"{row['name']} ({PROVIDERS[row['provider_id']]})"})
    return folder


def rename(folder: Path, table: str, names: list[str]) -> None:
    """Give the first things of a table other names."""
    left = iter(names)
    edit(folder, table, lambda row: row | ({"name": name, "name_en": ""} if (name := next(left, "")) else {}))


def edit(folder: Path, table: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Change every row of a table of an English town."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        names, rows = reader.fieldnames or [], [change(row) for row in reader]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
