"""Relatives: what is shared between the variants of a scenario changes none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.errors import InputError
from allocate.inputs.scenario.changes import parse_changes
from allocate.inputs.scenario.relatives import Relatives
from allocate.inputs.scenario.variant import apply


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["pots:*:amount*0.9"],
        ["pots:P1:amount=5", "demand:*:demand+1"],
        # What moves the year planned comes before the scenario's own changes.
        ["parameters:plan_year:value=2029", "pots:P1:amount*0.9"],
    ],
)
def test_a_variant_is_the_one_that_applying_gives(auenfurt: Path, lines: list[str]) -> None:
    case = read_case(auenfurt)
    for scenario_id in ("SZ1", "SZ3a"):
        relatives = Relatives(case, scenario_id)
        changes = parse_changes(lines, "test", case) if lines else ()
        # The second time nothing of the first has stuck.
        for _ in range(2):
            own, other = relatives.variant(changes), apply(case, scenario_id, changes)
            assert own.scenario == other.scenario
            assert own.changes.equals(other.changes)
            assert all(own.case[name].equals(other.case[name]) for name in other.case.tables)


def test_a_change_that_does_not_fit_is_refused_and_spoils_no_other(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    relatives = Relatives(case, "SZ1")
    wrong = parse_changes(["offers:O01:max_capacity=-1"], "test", case)
    for make in (relatives.variant, lambda changes: apply(case, "SZ1", changes)):
        with pytest.raises(InputError) as refused:
            make(wrong)
        assert refused.value.id == "scenario-findings"
    assert relatives.variant().changes.equals(apply(case, "SZ1").changes)
