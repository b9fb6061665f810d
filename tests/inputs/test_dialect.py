"""How a file is written is decided once per file; what two notations read differently is never guessed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.inputs.dialect import (
    Notation,
    Unreadable,
    decide,
    decode,
    header,
    read_numbers,
    separator,
)

NAN = math.nan
GROUPING = {Notation.POINT: [",", " ", "\u00a0", "\u202f", "'", ""], Notation.COMMA: [".", " ", "\u202f", "’", ""]}


def written(value: float, notation: Notation, grouping: str, digits: int) -> str:
    text = f"{value:,.{digits}f}".replace(".", "\0").replace(",", grouping)
    return text.replace("\0", notation.value[0])


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1234", 1234, 1234),
        ("1.234", 1.234, 1234),
        ("1,234", 1234, 1.234),
        ("1.234,5", NAN, 1234.5),
        ("1,234.5", 1234.5, NAN),
        ("1.234.567", NAN, 1234567),
        ("1 234", 1234, 1234),
        ("1\u202f234,5", NAN, 1234.5),
        ("1'234.50", 1234.5, NAN),
        ("0.125", 0.125, NAN),
        ("0,125", NAN, 0.125),
        ("1234.567", 1234.567, NAN),
        ("12.34", 12.34, NAN),
        ("\u22125", -5, -5),
        ("+3", 3, 3),
        (".5", 0.5, NAN),
        ("1e3", 1000, 1000),
        ("1.5E-2", 0.015, NAN),
        ("007", 7, 7),
        ("1e999", math.inf, math.inf),
        ("nan", NAN, NAN),
        ("inf", NAN, NAN),
        ("12.34.567", NAN, NAN),
        ("1.", NAN, NAN),
        ("1..5", NAN, NAN),
        ("12 €", NAN, NAN),
        ("", NAN, NAN),
        ("0x10", NAN, NAN),
        ("1_000", NAN, NAN),
        ("١٢", NAN, NAN),
    ],
)
def test_one_text_in_both_notations(text: str, point: float, comma: float) -> None:
    readings = read_numbers(pd.Series([text, text], dtype="str"))
    np.testing.assert_array_equal(readings.point, [point] * 2)
    np.testing.assert_array_equal(readings.comma, [comma] * 2)


def test_the_whole_file_decides_a_number_that_could_be_either() -> None:
    texts = pd.Series(["1.234", "0,5"], dtype="str")
    verdict = decide([read_numbers(texts)])
    assert verdict.notation is Notation.COMMA and verdict.certain and not verdict.mixed


def test_another_column_decides_too() -> None:
    open_column = read_numbers(pd.Series(["1.234", "2.500"], dtype="str"))
    proof = read_numbers(pd.Series(["7.5", ""], dtype="str"))
    assert decide([open_column, proof]).notation is Notation.POINT
    assert decide([open_column, proof]).certain
    assert not decide([open_column]).certain


def test_free_columns_decide_only_what_the_known_ones_leave_open() -> None:
    open_column = read_numbers(pd.Series(["1.234"], dtype="str"))
    german = read_numbers(pd.Series(["9,5"], dtype="str"))
    english = read_numbers(pd.Series(["9.5"], dtype="str"))
    assert decide([open_column], [german]).notation is Notation.COMMA
    assert decide([english], [german]) == decide([english])
    assert not decide([open_column], [german, english]).certain


def test_a_file_in_two_notations_is_mixed() -> None:
    verdict = decide([read_numbers(pd.Series(["1,5", "2,5", "3.5"], dtype="str"))])
    assert verdict.mixed and verdict.notation is Notation.COMMA


@given(
    values=st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(0, 6)), min_size=1, max_size=20),
    notation=st.sampled_from(Notation),
    choice=st.integers(0, 5),
)
def test_a_written_file_is_read_back_or_called_uncertain(
    values: list[tuple[int, int]], notation: Notation, choice: int
) -> None:
    """Whatever the notation: every number comes back exactly, or is among those called uncertain."""
    grouping = GROUPING[notation][choice % len(GROUPING[notation])]
    numbers = [scaled / 10**digits for scaled, digits in values]
    texts = [written(number, notation, grouping, digits) for number, (_, digits) in zip(numbers, values, strict=True)]
    expected = [float(f"{number:.{digits}f}") for number, (_, digits) in zip(numbers, values, strict=True)]
    readings = read_numbers(pd.Series(texts, dtype="str"))
    verdict = decide([readings])
    assert not verdict.mixed
    uncertain = readings.differ & (not verdict.certain)
    np.testing.assert_array_equal(readings.of(verdict.notation)[~uncertain], np.array(expected)[~uncertain])


@given(st.text(max_size=12))
def test_any_text_can_be_asked(text: str) -> None:
    """No text makes the reading of numbers fail, and plain Python numbers agree with it."""
    readings = read_numbers(pd.Series([text], dtype="str"))
    if not math.isnan(readings.point[0]):
        plain = text.replace("\u2212", "-")
        for mark in ", \u00a0\u2007\u2009\u202f'’":
            plain = plain.replace(mark, "")
        assert readings.point[0] == float(plain)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_german_and_windows_files(encoding: str) -> None:
    text = "name\nTräger „Süd“ – 5 €\n"
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b\n1,\x00\n", "binary"),
        (b"PK\x03\x04rest of a zip", "binary"),
        (b"%PDF-1.7\n", "binary"),
        (bytes(range(1, 32)) * 4, "binary"),
        (b"name\nM\x81ller\n", "encoding"),
        (b"\xff\xfea\x00,\x00b", "encoding"),
    ],
)
def test_bytes_that_are_no_text(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as failure:
        decode(content)
    assert failure.value.reason == reason


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_separator_by_the_names_of_the_header(mark: str) -> None:
    text = mark.join(["space_id", "name", "note, with; marks"]).replace("\t", mark) + "\n"
    assert separator(text, ["space_id", "name"]) == mark


def test_known_names_outweigh_more_columns() -> None:
    assert separator("offer_id;name;remark, see a, b, c, d, e\n", ["offer_id", "name"]) == ";"


def test_header_may_be_quoted_and_span_lines() -> None:
    assert header('"space_id" ;"two\nlines"\n1;2\n', ";") == ["space_id", "two\nlines"]
