"""Reading: a folder of CSV files becomes a Case."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from allocate.errors import InputError
from allocate.inputs import dictionary
from allocate.inputs.case import Case, Source


def read_case(path: str | Path) -> Case:
    """The case at ``path``. Raises ``InputError`` with all findings when there are any of severity error."""
    folder = Path(path)
    if not folder.is_dir():
        raise InputError("case-missing", path=str(path))
    tables, sources = {}, {}
    digest = hashlib.sha256()
    for name, table in dictionary.tables().items():
        file = folder / f"{name}.csv"
        if file.is_file():
            digest.update(file.read_bytes())
            raw = pd.read_csv(file, dtype="str", keep_default_na=False)
            sources[name] = Source(file.name)
        else:
            raw = pd.DataFrame({column: pd.Series(dtype="str") for column in table.names})
        raw.index = pd.RangeIndex(2, len(raw) + 2, name="row")
        tables[name] = _typed(raw, table)
    _fill(tables)
    return Case(folder.name, folder, tables, sources, f"sha256:{digest.hexdigest()}")


def _typed(raw: pd.DataFrame, table: dictionary.Table) -> pd.DataFrame:
    typed = raw.copy()
    for column in table:
        cells = raw[column.name] if column.name in raw else pd.Series("", index=raw.index, dtype="str")
        filled = cells.str.strip().mask(cells.str.strip() == "", column.default)
        if column.is_numeric:
            typed[column.name] = filled.replace("", "nan").astype("float64")
        elif column.is_boolean:
            typed[column.name] = filled.str.lower().isin(list(dictionary.TRUE_WORDS))
        elif column.type == "list":
            typed[column.name] = filled.str.replace("|", ";")
        else:
            typed[column.name] = filled
    return typed


def _fill(tables: dict[str, pd.DataFrame]) -> None:
    given = tables["parameters"]
    missing = [c for n, c in dictionary.parameters().items() if n not in set(given["parameter"])]
    added = pd.DataFrame(
        {
            "parameter": [c.name for c in missing],
            "value": [c.default for c in missing],
            "meaning": [c.meaning_de for c in missing],
        }
    )
    tables["parameters"] = pd.concat([given, added], ignore_index=True)
    if tables["segments"].empty:
        tables["segments"] = pd.DataFrame({"segment": ["1"], "from": [0.0], "to": [1.0], "value": [1.0]})
    if tables["scenarios"].empty:
        names = ["status_quo", "silo"] + (["integrated"] if tables["pots"]["pooled"].any() else [])
        base = pd.DataFrame({"scenario_id": names, "title": names})
        base["pooling"] = np.where(base["scenario_id"] == "integrated", "integrated", "silo")
        base["evaluate"] = np.where(base["scenario_id"] == "status_quo", "yes", "no")
        tables["scenarios"] = _typed(base, dictionary.table("scenarios"))
