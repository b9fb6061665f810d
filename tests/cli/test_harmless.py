"""What a town's names hold is shown and never obeyed: neither by a terminal nor by a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from allocate.cli.harmless import harmless
from allocate.cli.inert import inert
from tests.cli.conftest import Call
from tests.report.hostiletown import edit, hostile_town

ESCAPES = "Nord \x1b[31mrot\x1b]52;c;cGF5bG9hZA==\x07 \x9b2J \u202eelttiT\u202c \u2066x\u2069 \x7f"
# A file with the others is refused as binary; these are read.
IN_FILES = "Nord \x9b31mrot \u202eelttiT\u202c \u2066x\u2069 \x7f"
OBEYED = {"\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u202c", "\u2066", "\u2069", "\r", "\x08"}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝")


@pytest.fixture(scope="module")
def spiteful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose names are escape sequences and formulas."""
    town = hostile_town(tmp_path_factory.mktemp("town") / "spiteful")
    for table in ("offers", "needs"):
        edit(town, table, lambda row: row | {"name": f"{row['name']} {IN_FILES}", "name_en": ""})
    edit(town, "scenarios", lambda row: row | {"title": f"=1+1 {IN_FILES}", "title_en": f"=1+1 {IN_FILES}"})
    edit(town, "changes", lambda row: row | {"reason": f"=HYPERLINK(1) {IN_FILES}"})
    return town


def obeyed(text: str) -> set[str]:
    return OBEYED & set(text)


COMMANDS = [
    ("run",), ("run", "--table", "offers"), ("run", "--table", "changes"), ("scenarios",), ("check",),
    ("compare",), ("explain", "-s", "S2"), ("duplication",), ("fairness",), ("run", "-s", ESCAPES),
    ("run", "-s", "S2", "--change", f"pots:M1:{ESCAPES}=3", "--reason", "r"),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_no_command_hands_escape_sequences_to_the_terminal(
    call: Call, spiteful: Path, command: tuple[str, ...]
) -> None:
    name, *options = command
    for format in ("table", "csv", "json") if len(command) < 3 else ("table",):
        ended = call(name, str(spiteful), *options, "--format", format)
        assert not obeyed(ended.out + ended.err), format
        assert "case-findings" not in ended.err and "unexpected" not in ended.err


def test_json_still_says_the_same(call: Call, spiteful: Path) -> None:
    ended = call("run", str(spiteful), "-s", "S2", "--change", "pots:M1:amount+1", "--reason", f"r {ESCAPES}",
                 "--format", "json")  # fmt: skip
    assert not obeyed(ended.out)
    changes = json.loads(ended.out)["scenarios"][1]["changes"]
    assert changes[-1]["reason"] == f"r {ESCAPES}".strip()


@pytest.mark.parametrize("table", ["offers", "changes", "measures"])
def test_csv_results_hold_no_formula(call: Call, spiteful: Path, tmp_path: Path, table: str) -> None:
    file = tmp_path / "result.csv"
    assert call("run", str(spiteful), "--table", table, "-o", str(file)).code in (0, 1)
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert len(rows) > 1
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(DANGEROUS) or is_number(cell), cell


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_only_formulas_get_an_apostrophe() -> None:
    frame = pd.DataFrame(
        {
            "=name": ["=1+1", "+49 30", "-Treff", "@all", "\t=1", "A;=1", "plain - text", "a=b"],
            "number": [-1.5, 2.0, float("nan"), 0.0, 1.0, 2.0, 3.0, 4.0],
            "value": ["-1.5", "+3", "-10%", "-1.234,5", "1e-7", "-", "", None],
        }
    )
    calm = inert(frame)
    assert list(calm.columns) == ["'=name", "number", "value"]
    assert calm["'=name"].tolist() == [
        "'=1+1", "'+49 30", "'-Treff", "'@all", "'\t=1", "A;'=1", "plain - text", "a=b",
    ]  # fmt: skip
    pd.testing.assert_series_equal(calm["number"], frame["number"])
    assert calm["value"].tolist()[:7] == ["-1.5", "+3", "-10%", "-1.234,5", "1e-7", "'-", ""]
    assert frame["=name"].iloc[0] == "=1+1"


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Süd & Größe “quoted” – 12,5 %\n\tindented 🏠 日本 עברית"
    assert harmless(text) == text
