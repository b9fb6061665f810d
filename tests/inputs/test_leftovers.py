"""What was forgotten is found: rows of the template, duties without a floor, amounts in another unit."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

import allocate
from allocate.checking.opening import read_checked
from allocate.inputs.findings import NOTE, WARNING, render
from allocate.inputs.workbook.example import sheet_name
from allocate.inputs.workbook.template import write_template_folder, write_template_workbook
from tests.inputs.checktown import Spoil, all_rows, checked, drop, put


def of(findings: pd.DataFrame, *rules: str) -> list[list[object]]:
    return findings[findings["rule"].isin(rules)][["severity", "rule", "file", "row", "value"]].values.tolist()


def file_of(table: str, lang: str) -> str:
    """The file that ``init`` writes for a table."""
    return f"{sheet_name(table, lang)}.csv"


TEMPLATE = ("template-row", "template-untouched")
THOUSANDS = ("pots-in-thousands", "costs-in-thousands")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_untouched_template_is_one_note(tmp_path: Path, lang: str) -> None:
    write_template_folder(tmp_path / "new", lang)
    findings = read_checked(tmp_path / "new").findings
    assert len(findings) == 1
    assert [row[:3] for row in of(findings, *TEMPLATE)] == [[NOTE, "template-untouched", file_of("spaces", lang)]]
    book = write_template_workbook(tmp_path / "new.xlsx", lang)
    assert read_checked(book).findings["rule"].tolist().count("template-untouched") == 1


def _with_own(file: Path, own: str, left_out: Iterable[int] = ()) -> None:
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    kept = [line for number, line in enumerate(lines, 1) if number not in left_out]
    file.write_text("\n".join([*kept, own]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_rows_of_the_template_beside_own_rows_are_found_in_both_languages(tmp_path: Path, lang: str) -> None:
    town = tmp_path / "town"
    write_template_folder(town, lang)
    mark = ";" if lang == "de" else ","
    spaces = file_of("spaces", lang)
    _with_own(town / spaces, mark.join(["04", "Hafen", "R2", "", "2500", "1", ""]), left_out=[2, 3])
    found = of(read_checked(town).findings, "template-row")
    assert [WARNING, "template-row", spaces, 2, "03"] in found
    assert not any(row[2] == spaces and row[4] == "04" for row in found)
    assert {row[2] for row in found} >= {file_of(name, lang) for name in ("needs", "offers", "pots")}


def test_a_changed_example_row_is_no_example_row(tmp_path: Path) -> None:
    town = tmp_path / "town"
    write_template_folder(town, "en")
    text = (town / "pots.csv").read_text(encoding="utf-8-sig")
    (town / "pots.csv").write_text(text.replace("160000", "175000"), encoding="utf-8")
    found = of(read_checked(town).findings, "template-row")
    assert [row[4] for row in found if row[2] == "pots.csv"] == ["M2", "M3"]


def test_towns_of_their_own_have_no_rows_of_the_template(tmp_path: Path, auenfurt: Path) -> None:
    assert of(read_checked(auenfurt).findings, *TEMPLATE) == []
    # The faultless town happens to call two departments as the template does.
    assert of(checked(tmp_path).findings, *TEMPLATE) == []


@pytest.mark.parametrize(
    ("spoils", "needs"),
    [
        ([put("needs", 3, duty="mandatory")], []),  # a political floor holds N2
        ([drop("floors")], ["N1"]),
        ([all_rows("floors", kind="target")], ["N1"]),
        ([all_rows("floors", min_coverage="0")], ["N1"]),
        ([put("needs", 2, duty="should"), drop("floors")], []),
    ],
)
def test_a_duty_without_a_floor_that_binds(tmp_path: Path, spoils: list[Spoil], needs: list[str]) -> None:
    findings = render(checked(tmp_path, *spoils).findings, "de")
    mine = findings[findings["rule"] == "duty-without-floor"]
    assert mine["column"].tolist() == ["duty"] * len(needs)
    assert all(need in message for need, message in zip(needs, mine["message"], strict=True))


def test_pots_in_thousands_are_said_once_at_the_largest_pot(tmp_path: Path) -> None:
    amounts = [put("pots", row, amount=amount) for row, amount in ((2, "110"), (3, "80"), (4, "30"))]
    findings = checked(tmp_path, *amounts).findings
    assert of(findings, *THOUSANDS) == [[WARNING, "pots-in-thousands", "pots.csv", 2, ""]]
    message = findings.loc[findings["rule"] == "pots-in-thousands", "message"].iloc[0]
    # 80 x 1000 + 20 x 1200 + 150 x 400 + 30 x 500 = 179,000 EUR against 220.
    assert "hold 220," in message and "cost 179,000: 814 times" in message


def test_costs_in_thousands_are_said_once_at_the_largest_pot(tmp_path: Path) -> None:
    costs = [put("offers", row, unit_cost=cost) for row, cost in ((2, "1"), (3, "1.2"), (4, "0.4"), (5, "0.5"))]
    assert of(checked(tmp_path, *costs).findings, *THOUSANDS) == [[WARNING, "costs-in-thousands", "pots.csv", 2, ""]]


@pytest.mark.parametrize("spoil", [all_rows("pots", amount="2000"), all_rows("pots", amount="0"), put("pots", 2)])
def test_scarce_or_ample_money_is_no_other_unit(tmp_path: Path, spoil: Spoil) -> None:
    assert of(checked(tmp_path, spoil).findings, *THOUSANDS) == []


def test_every_rule_of_a_second_look_is_said_and_used() -> None:
    house = Path(allocate.__file__).parent
    with (house / "inputs" / "texts_second_look.csv").open(encoding="utf-8", newline="") as stream:
        keys = {row["key"].removesuffix("@places") for row in csv.DictReader(stream)}
    rules = {key for key in keys if not key.endswith("-fix") and not key.startswith("word-")}
    assert keys == rules | {f"{rule}-fix" for rule in rules} | {key for key in keys if key.startswith("word-")}
    rooms = (house / "inputs", house / "checking")
    code = "".join(file.read_text(encoding="utf-8") for room in rooms for file in room.rglob("*.py"))
    for rule in rules:
        name = rule.removeprefix("boundaries-")
        assert f'"{rule}"' in code or f'"{name}"' in code, rule
