"""``allocate scenarios``: the scenarios of a case, their settings, and what each one changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.options import Request, case_argument, command, complete_scenario, table_option
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.inputs.scenario import Scenario, Variant

_TEXTS = "scenarios.csv"
_LOG = ("scenario_id", "table", "key", "column", "old", "new", "how", "value", "reason", "place", "source")


@command("scenarios")
@case_argument
@click.option("-s", "--scenario", "scenarios", multiple=True, shell_complete=complete_scenario)
@table_option("scenarios", "changes")
def scenarios(request: Request, case: Path, scenarios: tuple[str, ...]) -> None:
    """Show the tree of scenarios and the log of their changes, old -> new."""
    import pandas as pd

    from allocate.cli.output import Display, emit
    from allocate.inputs.reading import read_case
    from allocate.inputs.scenario import apply, scenario_ids

    town = read_case(case)
    variants = {id: apply(town, id) for id in (dict.fromkeys(scenarios) or scenario_ids(town))}
    settings = _settings(variants)
    tree = settings.assign(
        scenario_id=[f"{'  ' * _depth(variants, id)}{id}" for id in variants],
        title=[variant.scenario.label(request.lang) for variant in variants.values()],
    )
    log = pd.concat([variant.changes for variant in variants.values()], ignore_index=True)
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
            Display("changes", say("scenarios.changes", _TEXTS), log, _LOG),
        ],
    )


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
