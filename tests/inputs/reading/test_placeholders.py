"""Placeholders: which values a text names, and how they are written into a change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.errors import UsageError
from allocate.inputs.reading.placeholders import MOST_VALUES, filled, values_over, written
from allocate.inputs.scenario.changes import parse_change


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.8:1.2:0.1", (0.8, 0.9, 1.0, 1.1, 1.2)),
        ("0,8:1,2:0,2", (0.8, 1.0, 1.2)),
        ("0.85:1:0.05", (0.85, 0.9, 0.95, 1.0)),
        ("0:1:0.3", (0.0, 0.3, 0.6, 0.9)),
        ("-100:100:100", (-100.0, 0.0, 100.0)),
        ("3;1;2;1", (1.0, 2.0, 3.0)),
        ("1,5", (1.5,)),
        (" 0 ; 1e3 ", (0.0, 1000.0)),
    ],
)
def test_values(text: str, values: tuple[float, ...]) -> None:
    assert values_over(text) == values


@pytest.mark.parametrize(
    "text",
    ["", ";", "1:2", "1:2:0", "2:1:0.1", "1:2:-1", "a:b:c", "1:2:3:4", "nan", "inf;1", "0:1e9:1"],
)
def test_what_names_no_values_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="sweep-over"):
        values_over(text)


def test_no_more_values_than_can_be_read() -> None:
    assert len(values_over(f"1:{MOST_VALUES}:1")) == MOST_VALUES
    with pytest.raises(UsageError):
        values_over(f"0:{MOST_VALUES}:1")


def test_every_placeholder_is_filled() -> None:
    assert filled(["pots:P1:amount*{x}", "pots:P2:amount*{x}", "offers:A:unit_cost*2"], 1.125) == [
        "pots:P1:amount*1.1250",
        "pots:P2:amount*1.1250",
        "offers:A:unit_cost*2",
    ]
    with pytest.raises(UsageError, match="sweep-placeholder"):
        filled(["pots:P1:amount*0.9"], 1.0)


@given(st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda value: round(value, 6)), st.sampled_from("=+*"))
def test_a_written_number_is_read_as_itself(value: float, sign: str) -> None:
    change = parse_change(f"pots:P1:amount{sign}{written(value)}", "test", known=["pots"])
    assert float(change.value) == value
