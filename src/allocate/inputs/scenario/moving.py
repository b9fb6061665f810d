"""Moving an offer: the cells that change when it stands in another space.

An offer without rows of reach serves the space it stands in, so that its home is all there is to change. Of one with
such rows, those of the old and of the new home change places: what was true of the one is then true of the other.
Today's use stays where it is, for it is a fact.
"""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from allocate.inputs.numerals import write_numeral

# What a row of reach says of how an offer can serve a space.
_SERVING = ("access", "max_capacity", "min_use_share", "max_use_share")


class Held(Protocol):
    """What holds tables by name: a case, or the tables of a step."""

    def __getitem__(self, table: str, /) -> pd.DataFrame: ...


def places(case: Held, offer_id: str) -> list[str]:
    """The spaces an offer can stand in, its own among them; none where it has no home or does not reach it."""
    home, rows = _home(case, offer_id), _reach(case, offer_id)
    if rows.empty:
        return [str(one) for one in case["spaces"]["space_id"]] if home else []
    return [str(one) for one in rows.index] if home in rows.index else []


def moved(case: Held, offer_id: str, space_id: str) -> list[tuple[str, str, str, str]]:
    """The cells of moving an offer to one of its ``places``: table, key, column, value."""
    home, rows = _home(case, offer_id), _reach(case, offer_id)
    cells = [("offers", offer_id, "home_space_id", space_id)]
    if space_id == home or rows.empty:
        return cells
    for column in (name for name in _SERVING if name in rows.columns):
        for to, of in ((space_id, home), (home, space_id)):
            if not _same(rows[column][to], rows[column][of]):
                cells.append(("reach", f"{offer_id}|{to}", column, write_numeral(float(rows[column][of]))))
    return cells


def _home(case: Held, offer_id: str) -> str:
    offers = case["offers"]
    found = offers.loc[offers["offer_id"] == offer_id, "home_space_id"]
    return str(found.iloc[0]) if len(found) else ""


def _reach(case: Held, offer_id: str) -> pd.DataFrame:
    reach = case["reach"]
    return reach[reach["offer_id"] == offer_id].set_index("space_id")


def _same(one: float, other: float) -> bool:
    return one == other or (pd.isna(one) and pd.isna(other))
