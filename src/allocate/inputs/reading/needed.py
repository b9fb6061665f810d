"""Needed: which tables a case cannot do without.

A town needs all that the dictionary marks, but for money: where nothing states a cost or a pot, the town is planned in
places (``in_places``). A list of grants alone needs nothing else (``grant_list``).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.findings import FindingList
from allocate.inputs.grant_list import is_grant_list
from allocate.inputs.in_places import states_no_money


def needed_tables(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """The names of the tables that must be there, in the order of the dictionary."""
    if is_grant_list(tables):
        return []
    spared = {"pots"} if states_no_money(tables) else set()
    return [name for name, table in dictionary.tables().items() if table.required and name not in spared]


def excuse_costs(tables: Mapping[str, pd.DataFrame], findings: FindingList) -> None:
    """Take back that offers lack the column of their cost, where the case states no money at all."""
    if states_no_money(tables):
        findings.withdraw("read-column-missing", "unit_cost")
