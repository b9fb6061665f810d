"""One reader of numbers for all numeric options: two readings are refused, a decimal comma is read."""

from __future__ import annotations

import click
import pytest

from allocate.cli.numbers import Number, Whole
from allocate.cli.root import entries
from tests.cli.conftest import Call
from tests.conftest import TINY

NUMERIC = [
    (name, parameter)
    for name, entry in entries().items()
    for parameter in entry.load().params
    if isinstance(parameter.type, click.types.FloatParamType | click.types.IntParamType)
]
IDS = [f"{name} {parameter.opts[-1]}" for name, parameter in NUMERIC]


@pytest.mark.parametrize(("name", "option"), NUMERIC, ids=IDS)
def test_a_number_with_two_readings_is_refused_with_both(name: str, option: click.Parameter, call: Call) -> None:
    assert isinstance(option.type, Number | Whole)
    for typed in ("2.000", "2,000"):
        ended = call(name, str(TINY), option.opts[-1], typed, "--lang", "en")
        assert ended.code == 2
        point, comma = ("2", "2000") if typed == "2.000" else ("2000", "2")
        assert (
            f"'{typed}' can be read in two ways: as {point} (decimal point) or as {comma} (decimal comma)" in ended.err
        )


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0,5", 0.5), ("0.5", 0.5), ("1.000,5", 1000.5), ("1 000", 1000.0), ("1.000.000", 1e6), ("1e3", 1e3)],
)
def test_numbers_are_read_in_both_notations(typed: str, number: float) -> None:
    assert Number(min=0).convert(typed, None, None) == number


@pytest.mark.parametrize("typed", ["nan", "inf", "x", "", "1,5,5"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="is no number"):
        Number().convert(typed, None, None)


def test_whole_numbers_and_bounds() -> None:
    assert Whole(min=0).convert("1 000", None, None) == 1000
    for kind, typed in ((Whole(), "1,5"), (Whole(max=3), "4"), (Number(max=3), "3,5")):
        with pytest.raises(click.BadParameter):
            kind.convert(typed, None, None)


@pytest.mark.parametrize(
    "words",
    [
        ("marginal", "-s", "silo", "--step", "100.000"),
        ("sweep", "-s", "silo", "--change", "pots:*:amount*{x}", "--over", "9.000:11.000:1.000"),
        ("sweep", "-s", "silo", "--change", "pots:*:amount*{x}", "--over", "1.000;2.000"),
        ("goals", "-s", "silo", "--order", "coverage,movement:50.000"),
        ("goals", "-s", "silo", "--order", "movement:50,000,coverage"),
        ("goals", "-s", "silo", "--target", "all=1.000"),
        ("run", "-s", "silo", "--change", "pots:P1:amount=50.000", "--reason", "r"),
        ("run", "-s", "silo", "--change", "pots:P1:amount+50.000", "--reason", "r"),
    ],
)
def test_numbers_inside_texts_are_held_to_the_same(words: tuple[str, ...], call: Call) -> None:
    ended = call(words[0], str(TINY), *words[1:], "--lang", "en")
    assert ended.code == 2
    assert "can be read in two ways: as " in ended.err
    assert ended.out == ""


def test_a_decimal_comma_parts_no_goals(call: Call) -> None:
    asked = ("goals", str(TINY), "-s", "silo", "--format", "csv", "--lang", "en", "--order")
    comma = call(*asked, "coverage:0,02,movement,cost")
    assert comma.code == 0
    assert comma == call(*asked, "coverage:0.02, movement ,cost")
    assert call(*asked, "coverage:-1").err.startswith("[order-tolerance]")
