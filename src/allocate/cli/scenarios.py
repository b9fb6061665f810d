"""``allocate scenarios``: the scenarios of a case, their settings, and what each one changes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.options import Request, case_argument, command, complete_scenario, table_option
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.inputs.scenario.variant import Scenario, Variant

_TEXTS = "scenarios.csv"
_LOG = ("scenario_id", "table", "key", "column", "change", "reason", "place", "source")
_ONE_CHANGE = ["scenario_id", "set_in", "table", "column", "how", "value", "reason", "place", "source"]


@command("scenarios")
@case_argument
@click.option("-s", "--scenario", "scenarios", multiple=True, shell_complete=complete_scenario)
@table_option("scenarios", "changes")
def scenarios(request: Request, case: Path, scenarios: tuple[str, ...]) -> None:
    """Show the tree of scenarios and the log of their changes, old -> new."""
    import pandas as pd

    from allocate.checking.opening import read_case
    from allocate.cli.output import Display, emit
    from allocate.inputs.grant_list import is_grant_list
    from allocate.inputs.scenario.variant import apply, scenario_ids
    from allocate.results.runs import labelled

    town = read_case(case)
    variants = {id: apply(town, id) for id in (dict.fromkeys(scenarios) or scenario_ids(town))}
    settings = _settings(variants)
    tree = settings.assign(
        scenario_id=[f"{'  ' * _depth(variants, id)}{id}" for id in variants],
        title=[variant.scenario.label(request.lang) for variant in variants.values()],
    )
    if is_grant_list(town.tables):
        tree = tree[["scenario_id", "title", "changed_cells"]]
    log = pd.concat([labelled(id, variant.changes) for id, variant in variants.items()], ignore_index=True)
    emit(
        request,
        {"case": town.name, "scenarios": _document(variants, settings)},
        [
            Display(
                "scenarios",
                say("scenarios.title", _TEXTS, case=town.name),
                tree,
                (
                    "scenario_id",
                    "title",
                    "pooling",
                    "changed_cells",
                    "floor_sets",
                    "max_moved",
                    "weight_set",
                    "expected",
                ),
                tidy=settings,
            ),
            Display("changes", say("scenarios.changes", _TEXTS), _by_change(log, request.lang), _LOG, tidy=log),
        ],
    )


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


def _depth(variants: dict[str, Variant], id: str) -> int:
    """How many ancestors a scenario has among those shown."""
    depth, parent = 0, variants[id].scenario.parent_id
    while parent in variants:
        depth, parent = depth + 1, variants[parent].scenario.parent_id
    return depth


def _settings(variants: dict[str, Variant]) -> pd.DataFrame:
    """One row per scenario: its own settings and how many cells differ from the inputs."""
    import pandas as pd

    rows = [{**_own(variant.scenario), "changed_cells": len(variant.changes)} for variant in variants.values()]
    return pd.DataFrame(rows)


def _own(scenario: Scenario) -> dict[str, object]:
    return {
        "scenario_id": scenario.scenario_id,
        "title": scenario.title,
        "title_en": scenario.title_en,
        "parent_id": scenario.parent_id,
        "pooling": scenario.pooling,
        "floor_sets": ";".join(scenario.floor_sets),
        "weight_set": scenario.weight_set,
        "max_moved": scenario.max_moved if scenario.max_moved != float("inf") else float("nan"),
        "evaluate": scenario.evaluate,
        "indivisible": scenario.indivisible,
        "expected": scenario.expected,
        "question": scenario.question,
    }


def _document(variants: dict[str, Variant], settings: pd.DataFrame) -> list[dict[str, object]]:
    records: list[dict[str, object]] = [
        dict(zip(settings.columns, row, strict=True)) for row in settings.itertuples(index=False)
    ]
    return [{**record, "changes": variant.changes} for record, variant in zip(records, variants.values(), strict=True)]
