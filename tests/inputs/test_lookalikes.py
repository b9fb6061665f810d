"""Ids are composed and freed of unseen signs when read; what still looks alike is named with the difference."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd
import pytest

from allocate.checking.opening import read_case, read_checked
from allocate.errors import UsageError
from allocate.inputs.findings import ERROR, WARNING, render
from allocate.inputs.ids import alike, differences, left_out, plain
from allocate.inputs.scenario.changes import parse_changes
from allocate.session import Session
from tests.inputs.checktown import Spoil, add, all_rows, checked, drop, put, spoilt, write

COMPOSED, DECOMPOSED = "Süd", unicodedata.normalize("NFD", "Süd")


def rename(old: str, *names: str) -> Spoil:
    """Another name for a space, in every table; one after the other of ``names`` is written."""

    def everywhere(town: dict[str, list[dict[str, object]]]) -> None:
        count = 0
        for rows in town.values():
            for row in rows:
                for column, cell in row.items():
                    if cell == old:
                        row[column] = names[count % len(names)]
                        count += 1

    return everywhere


def of(findings: pd.DataFrame, *rules: str) -> list[list[object]]:
    return findings[findings["rule"].isin(rules)][["severity", "file", "row", "column", "value"]].values.tolist()


def test_one_id_written_in_two_ways_is_one_space_in_every_table(tmp_path: Path) -> None:
    unseen = "S\u200büd\ufeff"
    read = checked(tmp_path, rename("S2", COMPOSED, DECOMPOSED, unseen))
    assert read.findings[read.findings["severity"].isin([ERROR, WARNING])].empty
    notes = read.findings[read.findings["rule"] == "read-id-unseen"]
    assert set(notes["severity"]) == {"note"} and {"demand.csv", "reach.csv"} <= set(notes["file"])
    assert notes["message"].str.contains("COMBINING DIAERESIS|ZERO WIDTH SPACE").all()
    for table in ("spaces", "demand", "reach"):
        assert COMPOSED in set(read.case[table]["space_id"]) and DECOMPOSED not in set(read.case[table]["space_id"])
    same = Session(read_case(write(tmp_path / "same", spoilt(rename("S2", COMPOSED)))))
    assert Session(read.case).run("A").objective == same.run("A").objective


def test_lists_and_keys_of_changes_are_read_in_the_same_way(tmp_path: Path) -> None:
    town = spoilt(
        rename("P1", "Töpf"),
        rename("O3", DECOMPOSED),
        put("pots", 4, offers=f"O1;{COMPOSED}"),
        put("plurality", 3, offers=f"{COMPOSED};O4"),
        put("cofinancing", 2, per_eur_of="Töpf"),
    )
    town["changes"][0]["key"] = unicodedata.normalize("NFD", "Töpf")
    findings = read_checked(write(tmp_path / "town", town)).findings
    assert findings[findings["severity"] == ERROR].empty


def test_a_typed_change_names_a_space_in_either_way(tmp_path: Path) -> None:
    case = checked(tmp_path, rename("S2", COMPOSED)).case
    changes = parse_changes([f"demand:{DECOMPOSED}|N1:demand=5"], "r", case)
    assert changes[0].key == f"{COMPOSED}|N1"
    with pytest.raises(UsageError):
        parse_changes(["demand"], "r", case)


def test_two_byte_order_marks_are_none(tmp_path: Path) -> None:
    town = write(tmp_path / "town", spoilt())
    for file in town.glob("*.csv"):
        file.write_bytes("\ufeff\ufeff".encode() + file.read_bytes())
    assert set(read_checked(town).findings["severity"]) <= {"note"}


@pytest.mark.parametrize(
    ("one", "other", "ways"),
    [
        ("S1", "s1", ["case"]),
        ("S 1", "S1", ["blanks"]),
        ("S\u00a01", "S 1", ["blanks"]),
        ("S-1", "S1", ["marks"]),
        ("S_01", "S 01", ["blanks", "marks"]),
        ("\u0421\u0430", "Ca", ["letters"]),  # Cyrillic
        ("S01", "SO1", ["letters"]),
        ("Ｓ1", "S1", ["letters"]),
        ("a-1", "A1", ["case", "marks"]),
    ],
)
def test_ids_that_look_alike_are_told_with_their_difference(one: str, other: str, ways: list[str]) -> None:
    assert alike([other, one]) == [(one, other)]
    assert differences(one, other) == ways


@pytest.mark.parametrize("pair", [("1.1", "11"), ("1-1", "11"), ("O1", "O2"), ("II", "11"), ("*", "-"), ("S1", "S10")])
def test_ids_that_do_not_look_alike(pair: tuple[str, str]) -> None:
    assert alike(pair) == []


def test_plain_ids() -> None:
    assert plain(DECOMPOSED) == COMPOSED and plain("S1") == "S1" and plain("\u200fא") == "א"
    assert left_out("S\u00ad1ü") == "U+00AD SOFT HYPHEN"


def test_look_alikes_are_found_in_the_table_that_names_them(tmp_path: Path) -> None:
    findings = checked(tmp_path, add("spaces", space_id="s1", name="x", weight="1")).findings
    assert of(findings, "id-lookalike") == [[WARNING, "spaces.csv", 5, "space_id", "s1"]]
    said = render(findings[findings["rule"] == "id-lookalike"], "de")["message"].iloc[0]
    assert "„S1“ (Zeile 2)" in said and said.endswith("nur in: Groß- und Kleinschreibung.")


def test_look_alikes_of_ids_without_a_table_of_their_own(tmp_path: Path) -> None:
    findings = checked(tmp_path, drop("regions"), put("spaces", 3, region_id="r1")).findings
    assert of(findings, "id-lookalike") == [[WARNING, "spaces.csv", 3, "region_id", "r1"]]


def test_a_reference_that_only_looks_right_says_what_differs(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("effects", 2, need_id="\u039d1")).findings
    assert of(findings, "reference-lookalike") == [[ERROR, "effects.csv", 2, "need_id", "\u039d1"]]
    said = render(findings[findings["rule"] == "reference-lookalike"], "en")["message"].iloc[0]
    assert "there is 'N1'" in said and "only look the same" in said


@pytest.mark.parametrize(
    ("id", "rule", "severity"),
    [("*", "id-each", ERROR), ("S|4", "id-reserved", WARNING), ("S;4", "id-reserved", WARNING)],
)
def test_reserved_ids(tmp_path: Path, id: str, rule: str, severity: str) -> None:
    findings = checked(
        tmp_path, add("spaces", space_id=id, name="x", weight="1"), add("demand", space_id=id, need_id="N1", demand=5)
    ).findings
    assert of(findings, rule) == [[severity, "spaces.csv", 5, "space_id", id]]


@pytest.mark.parametrize(
    ("other", "way"),
    [
        ("Verein Nord e. V.", "legal form"),
        ("Verein Nord e.V.", "legal form"),
        ("Verein Nord gGmbH", "legal form"),
        ("Nord, Verein", "order of the words"),
        ("VEREIN NORD", "upper and lower case"),
        ("Verein-Nord", "marks"),
    ],
)
def test_providers_that_sound_like_one(tmp_path: Path, other: str, way: str) -> None:
    def findings_of(*spoils: Spoil) -> pd.DataFrame:
        return render(checked(tmp_path / str(len(spoils)), *spoils).findings, "en")

    table = findings_of(put("providers", 2, name="Verein Nord"), put("providers", 4, name=other))
    assert of(table, "provider-lookalike") == [[WARNING, "providers.csv", 4, "name", other]]
    assert way in table.loc[table["rule"] == "provider-lookalike", "message"].iloc[0]
    free = findings_of(
        drop("providers"), put("offers", 2, provider_id="Verein Nord"), put("offers", 5, provider_id=other)
    )
    assert of(free, "provider-lookalike") == [[WARNING, "offers.csv", 5, "provider_id", other]]


def test_a_provider_with_two_ids(tmp_path: Path) -> None:
    findings = checked(tmp_path, all_rows("providers", name="Verein Nord")).findings
    assert [row[2] for row in of(findings, "provider-twice")] == [3, 4]


def test_the_example_town_has_no_look_alikes(auenfurt: Path) -> None:
    rules = set(read_checked(auenfurt).findings["rule"])
    assert not rules & {"id-lookalike", "provider-lookalike", "provider-twice", "id-reserved", "id-each", "id-blanks"}
