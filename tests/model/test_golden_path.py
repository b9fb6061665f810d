"""A golden text for the rows that link the years of a path; written anew like those of ``test_golden``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocate.analyses.transition.horizon import horizon, span_of
from allocate.inputs.case import Case
from allocate.model.compile import compile_variant
from allocate.model.path import Path as YearPath
from allocate.model.path import link
from tests.analyses.transition.daycare import DAYCARE
from tests.strategies import case_of

GOLDEN = Path(__file__).parent / "golden_path" / "links.lp"
LINKING = ("release", "step", "carry", "pot", "set_up_due", "give_up_due", "once_paid", "once_share")


def town() -> Case:
    """Two years of the day-care plan with every link in use."""
    offers = [dict(row) for row in DAYCARE["offers"]]
    offers[0]["closing_cost"] = 120
    pots = [{**row, "carry_over": "50 %", "max_share": 0.8 if row["pot_id"] == "G" else 1} for row in DAYCARE["pots"]]
    scenario = {"scenario_id": "plan", "title": "plan", "max_step": 0.5}
    return case_of({**DAYCARE, "offers": offers, "pots": pots, "scenarios": [scenario]})


def linked() -> YearPath:
    ahead = horizon(town(), "plan", span_of(town(), "plan", (2027, 2028), 12 * 2026 + 6))
    return link([compile_variant(one) for one in ahead.variants], ahead.span.years, ahead.links)


def text() -> str:
    program = linked().program
    columns = list(program.columns_index.labels())
    lines = []
    for family in program.rows_index.families:
        if family.name.split(":")[1] not in LINKING:
            continue
        lines.append(f"{family.name}: {len(family)} rows")
        for row in range(family.start, family.stop):
            own = np.flatnonzero(program.rows == row)
            terms = " ".join(
                f"{value:+.10g} {columns[column][0]}[{','.join(columns[column][1:])}]"
                for column, value in zip(program.entry_columns[own], program.values[own], strict=True)
            )
            label = ",".join(family.key(row - family.start))
            lines.append(f"[{label}] {program.row_lower[row]:.10g} <= {terms} <= {program.row_upper[row]:.10g}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", LINKING)
def test_every_link_is_there(name: str) -> None:
    assert f":{name}:" in GOLDEN.read_text(encoding="utf-8")


def test_links_say_what_the_model_page_says() -> None:
    assert text() == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(text(), encoding="utf-8")
