"""``allocate scenarios``: the scenarios of a case, their settings, and what each one changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.opening import open_any
from allocate.cli.options import Request, case_argument, command, scenarios_option, table_option
from allocate.cli.output import Display, respond
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.inputs.scenario.variant import Variant

_TEXTS = "scenarios.csv"
_ONE_CHANGE = ["scenario_id", "set_in", "table", "column", "how", "value", "reason", "place", "source"]


@command("scenarios")
@case_argument
@scenarios_option
@table_option
def scenarios(request: Request, case: Path, scenarios: tuple[str, ...]) -> None:
    """Show the tree of scenarios and the log of their changes, old -> new."""
    from allocate.inputs.grant_list import is_grant_list

    session = open_any(case)
    town = session.case
    found = session.scenarios(*scenarios)
    variants, settings, log = found.variants, found.settings, found.changes
    tree = settings.assign(
        scenario_id=[f"{'  ' * _depth(variants, id)}{id}" for id in variants],
        title=[variant.scenario.label(request.lang) for variant in variants.values()],
    )
    if is_grant_list(town.tables):
        tree = tree[["scenario_id", "title", "changed_cells"]]
    title, changes = say("scenarios.title", _TEXTS, case=town.name), _by_change(log, request.lang)
    displays = [
        Display("scenarios", title, tree, request.columns("scenarios"), tidy=settings),
        Display("changes", say("scenarios.changes", _TEXTS), changes, request.columns("changes"), tidy=log),
    ]
    respond(request, session, found, displays)


def _by_change(log: pd.DataFrame, lang: str) -> pd.DataFrame:
    """One row per change row: old -> new where it hits one cell, what it does where it hits many."""
    import pandas as pd

    from allocate.report.columns import column, said

    shown = column("old", lang)
    rows = []
    for names, cells in log.groupby(_ONE_CHANGE, sort=False):
        row = dict(zip(_ONE_CHANGE, names, strict=True))
        first = str(cells["key"].iloc[0])
        if len(cells) == 1:
            old, new = (shown.cells(cells[name], lang)[0] for name in ("old", "new"))
            row |= {"key": first, "change": f"{old} → {new}"}
        else:
            words = said(str(row["how"]), lang)
            key = say("scenarios.cells", _TEXTS, first=first, count=len(cells))
            row |= {"key": key, "change": f"{words} {_written(str(row['value']), lang)}"}
        rows.append(row)
    return pd.DataFrame(rows, columns=[*_ONE_CHANGE, "key", "change"])


def _written(value: str, lang: str) -> str:
    """A value of a change as it is read: a number in the reader's notation, any other text as it is."""
    import pandas as pd

    from allocate.inputs.numerals import read_plain
    from allocate.report.columns import column

    found = float(read_plain(pd.Series([value])).iloc[0])
    return value if math.isnan(found) else column("old", lang).cells(pd.Series([found]), lang)[0]


def _depth(variants: Mapping[str, Variant], id: str) -> int:
    """How many ancestors a scenario has among those shown."""
    depth, parent = 0, variants[id].scenario.parent_id
    while parent in variants:
        depth, parent = depth + 1, variants[parent].scenario.parent_id
    return depth
