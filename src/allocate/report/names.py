"""Names beside ids, so that a planner need not know the ids by heart."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from allocate.inputs.case import Case

TABLES = {
    "offer_id": "offers",
    "pot_id": "pots",
    "space_id": "spaces",
    "need_id": "needs",
    "provider_id": "providers",
    "department_id": "departments",
    "theme_id": "themes",
}


def named(
    case: Case, frame: pd.DataFrame, shown: Sequence[str], lang: str = "en"
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """``frame`` with a column ``<thing>_name`` for each id column in ``shown``, and ``shown`` with it behind the id.

    Names come from the case, English ones where it has them and ``lang`` is ``en``; an id without a name stays alone.
    """
    columns: list[str] = []
    for key in shown:
        columns.append(key)
        label = f"{key.removesuffix('_id')}_name"
        if key in TABLES and key in frame.columns and label not in shown:
            frame = frame.assign(**{label: frame[key].map(names_of(case, key, lang)).fillna("")})
            columns.append(label)
    return frame, tuple(columns)


def names_of(case: Case, key: str, lang: str = "en") -> dict[str, str]:
    """Id -> name of the things that the id column ``key`` names."""
    table = case[TABLES[key]]
    names = table["name"]
    if lang == "en" and "name_en" in table.columns:
        names = table["name_en"].where(table["name_en"] != "", names)
    return dict(zip(table[key], names, strict=True))
