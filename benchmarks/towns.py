"""Invented towns of any size, in the format of docs/data.md, the same for the same seed.

A town has grown historically: offers stand where they were once founded and are used by the spaces around them,
pots pay what they have always paid, and there is hardly a euro left. That status quo is feasible by construction in
the scenarios ``silo``, ``integrated``, ``capped``, ``participation``, ``standards`` and ``indivisible``: floors,
corridors, clusters, commitments and shares are all set around it. It is far from optimal, because demand did not
grow where the offers are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.case import Case
from benchmarks.grown import Grown, grow
from benchmarks.rules import rule_tables


@dataclass(frozen=True)
class Size:
    """How large a town is."""

    name: str
    spaces: int
    needs: int
    offers: int
    pots: int
    departments: int


SIZES = {
    size.name: size
    for size in (
        Size("S", spaces=12, needs=20, offers=60, pots=8, departments=3),
        Size("M", spaces=60, needs=40, offers=800, pots=20, departments=6),
        Size("L", spaces=542, needs=60, offers=4000, pots=40, departments=10),
    )
}


@dataclass(frozen=True)
class InventedTown:
    """The tables of a town, with the columns of docs/data.md that it uses; blanks are NaN or ``""``."""

    name: str
    tables: dict[str, pd.DataFrame]

    def case(self) -> Case:
        """The town in memory, as reading its folder would give it."""
        tables = {name: _completed(self.tables.get(name), table) for name, table in dictionary.tables().items()}
        tables["parameters"] = _with_defaults(tables["parameters"])
        return Case(self.name, Path(self.name), tables, {})._known(checked=True, fingerprint=f"sha256:{self.name}")

    def write(self, folder: Path) -> Path:
        """Write the town as a folder of CSV files and return the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            written = table.copy()
            for column in written.select_dtypes("bool").columns:
                written[column] = np.where(written[column], "yes", "no")
            written.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        return folder


def invent(size: Size | str, seed: int = 1) -> InventedTown:
    """A town of a size (``S``, ``M``, ``L`` or any ``Size``)."""
    size = SIZES[size] if isinstance(size, str) else size
    rng = np.random.default_rng([seed, size.spaces, size.needs, size.offers])
    grown = grow(rng, size.spaces, size.needs, size.offers, size.pots, size.departments)
    return InventedTown(f"{size.name}-{seed}", {**_tables(grown), **rule_tables(rng, grown)})


def _tables(grown: Grown) -> dict[str, pd.DataFrame]:
    frame = pd.DataFrame
    return {
        "spaces": grown.spaces,
        "regions": frame({"region_id": grown.spaces["region_id"].unique()}).assign(name=lambda t: t["region_id"]),
        "departments": frame({"department_id": grown.departments, "name": grown.departments}),
        "themes": frame({"theme_id": grown.themes, "name": grown.themes}),
        "providers": frame({"provider_id": grown.providers, "name": grown.providers}),
        "needs": grown.needs,
        "demand": grown.demand,
        "offers": grown.offers,
        "effects": grown.effects,
        "reach": grown.reach,
        "pots": grown.pots,
        "eligibility": grown.eligibility,
        "baseline_funding": grown.funding,
    }


def _completed(given: pd.DataFrame | None, table: dictionary.Table) -> pd.DataFrame:
    """The table with every column of the dictionary, typed and filled with its default."""
    rows = 0 if given is None else len(given)
    index = pd.RangeIndex(2, rows + 2, name="row")
    columns = {}
    for column in table:
        if given is None or column.name not in given:
            values = pd.Series([column.default_value] * rows, index=index)
        else:
            values = given[column.name].set_axis(index)
        if column.is_numeric:
            default = float(column.default) if column.default else np.nan
            columns[column.name] = pd.to_numeric(values).astype("float64").fillna(default)
        elif column.is_boolean:
            columns[column.name] = values.astype(bool)
        else:
            columns[column.name] = values.astype("str").fillna("")
    return pd.DataFrame(columns, index=index)


def _with_defaults(parameters: pd.DataFrame) -> pd.DataFrame:
    missing = [c for name, c in dictionary.parameters().items() if name not in set(parameters["parameter"])]
    added = pd.DataFrame({"parameter": [c.name for c in missing], "value": [c.default for c in missing]})
    return pd.concat([parameters, added.assign(meaning="")], ignore_index=True)
