"""Between which values of a number a plan exists: on the town solved by hand, and by planning on both sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from allocate.analyses.margins.plan_range import End, plan_range
from allocate.checking.opening import read_case
from allocate.errors import InputError
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import with_what_if
from allocate.inputs.scenario.variant import Change, Variant, apply
from allocate.session import Session
from tests.conftest import TINY

# Number (table, key, column), where to begin, how far to look, and its ends by hand. F1 wants 20 % of the demand of
# each space: 2 persons in S1 (only A reaches it) and 6 in S2.
NUMBERS = [
    # Two persons in S1 cost 200 EUR of P1, the only pot that may pay for A; B can serve S2 alone.
    (("pots", "P1", "amount"), 2000.0, 4000.0, 200.0, None),
    # A offers the two persons of S1.
    (("offers", "A", "max_capacity"), 30.0, 60.0, 2.0, None),
    # P1 pays 2,000 EUR for two persons of S1: at most 1,000 EUR each.
    (("offers", "A", "unit_cost"), 100.0, 1500.0, None, 1000.0),
]


def at(case: Case, cell: tuple[str, str, str], scenario_id: str = "silo") -> Callable[[float], Variant]:
    return lambda value: apply(case, scenario_id, [Change(*cell, "set", repr(float(value)), "tried")])


@pytest.fixture(scope="module")
def tiny() -> Case:
    return read_case(TINY)


@pytest.mark.parametrize(("cell", "now", "far", "low", "high"), NUMBERS, ids=[cell[2] for cell, *_ in NUMBERS])
def test_the_ends_are_those_found_by_hand(
    tiny: Case, cell: tuple[str, str, str], now: float, far: float, low: float | None, high: float | None
) -> None:
    found = plan_range(at(tiny, cell), [now], 0.0, far)
    for end, expected, asked in ((found.lowest, low, 0.0), (found.highest, high, far)):
        assert end is not None
        assert end.open == (expected is None)
        assert end.value == pytest.approx(asked if expected is None else expected, rel=5e-4)
        # A plan exists a little before the end and none a little beyond it, as a run of each says.
        beyond = 1e-3 * (1 if asked else -1) * end.value
        for step, has_plan in ((-beyond, True), (beyond, False)):
            changed = with_what_if(tiny, "silo", [Change(*cell, "set", repr(end.value + step), "tried")])
            assert end.open or Session(changed).run("what-if").has_plan == has_plan


def test_an_end_is_told_by_the_rules_that_close_it_but_not_by_the_number_itself(tiny: Case) -> None:
    found = plan_range(at(tiny, ("pots", "P1", "amount")), [2000.0], 0.0, 4000.0, own=(("pot",), "P1"))
    assert found.lowest is not None and found.highest is not None
    said = found.lowest.sentence("low", "200 EUR", "en")
    assert said.startswith("Below 200 EUR there is no plan. What cannot be kept")
    assert "Floor F1" in said and "Pot P1 Social affairs has" not in said
    assert found.highest.sentence("high", "4,000 EUR", "en") == "Up to 4,000 EUR there is a plan."


def test_where_the_rules_clash_anyway_there_is_no_range(tiny: Case) -> None:
    found = plan_range(at(tiny, ("offers", "B", "unit_cost"), "strict"), [150.0], 140.0, 300.0)
    assert found.lowest is None and found.highest is None


def test_whole_offers_are_taken_as_divisible_and_that_is_said(tiny: Case) -> None:
    found = plan_range(at(tiny, ("pots", "P1", "amount"), "sites"), [2000.0], 0.0, 4000.0)
    assert not found.divisible


def test_values_that_the_tables_refuse_close_an_end_with_what_the_checks_say(tiny: Case) -> None:
    def town(value: float) -> Variant:
        if value < 1500.0:
            raise InputError("scenario-findings", scenario="silo", count=1)
        return apply(tiny, "silo")

    end = plan_range(town, [2000.0], 0.0, 4000.0).lowest
    assert isinstance(end, End) and end.refused is not None
    assert end.value == pytest.approx(1500.0, abs=5.0)
    assert "1500" in end.sentence("low", "1500", "en")
