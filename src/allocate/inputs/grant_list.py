"""Grant list: a case that is a list of grants alone says who pays what, and nothing of needs, places and coverage."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.case import Case

# What a plan needs; a case that has none of it is no town with faults, but a list.
_OF_A_TOWN = ("spaces", "needs", "demand", "offers", "effects", "pots")


def is_grant_list(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether the tables hold grants and nothing that a plan is made of."""
    return bool(len(tables["grants"])) and not any(len(tables[name]) for name in _OF_A_TOWN)


def expect_town(case: Case) -> None:
    """Refuse a question about needs and places to a list of grants. Raises ``UsageError`` ``grant-list``."""
    if is_grant_list(case.tables):
        raise UsageError("grant-list", place=str(case.path), case=case.name)
