"""No output of any command names an input, and its ending says what is written.

Commands and options are read from click, so that a new command or option is held to the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from allocate.cli import main
from allocate.cli.paths import Reads, Writes
from allocate.cli.root import entries
from tests.cli.conftest import Call
from tests.fuzz.judging import snapshot

COMMANDS = {name: entry.load() for name, entry in entries().items()}
# What a command cannot do without, beside its case.
NEEDED = {
    "export": ["--lp"], "explain": ["--all"], "frontier": ["--against", "moved"],
    "sweep": ["--change", "pots:*:amount*{x}", "--over", "1;2"],
}  # fmt: skip
OUTPUTS = [
    (name, option.opts[-1])
    for name, command in COMMANDS.items()
    for option in command.params
    if isinstance(option, click.Option) and isinstance(option.type, Writes)
    if any(isinstance(one.type, Reads) for one in command.params)
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small town as a folder and as a workbook; nothing of these tests may change either."""
    folder = tmp_path_factory.mktemp("home")
    for target in ("town", "town.xlsx"):
        assert main(["init", str(folder / target), "--quiet", "--lang", "en"]) == 0
    (folder / "link").symlink_to(folder / "town")
    return folder


def words(name: str, case: Path) -> list[str]:
    needed = [] if "scenario" not in [one.name for one in COMMANDS[name].params] else ["-s", "S1"]
    return [name, str(case), *needed, *NEEDED.get(name, [])]


def test_every_path_of_every_command_is_known_as_read_or_written() -> None:
    for name, command in COMMANDS.items():
        for parameter in command.params:
            if isinstance(parameter.type, click.Path):
                assert isinstance(parameter.type, Reads | Writes), (name, parameter.name)
    assert len(OUTPUTS) > len(COMMANDS)


@pytest.mark.parametrize(("name", "option"), OUTPUTS, ids=" ".join)
def test_no_output_names_an_input(name: str, option: str, home: Path, call: Call) -> None:
    small, book = home / "town", home / "town.xlsx"
    before = snapshot(home)
    for case, targets in {
        small: [small / "offers.csv", small / ".." / "town" / "Scenarios.CSV", home / "link" / "commitments.csv"],
        book: [book, home / "TOWN.xlsx"],
    }.items():
        for target in targets:
            ended = call(*words(name, case), option, str(target))
            assert ended.code == 2, (target, ended.err)
            assert ended.err.startswith(("[output-is-input]", "[out-ending]")), ended.err
    assert snapshot(home) == before


def test_further_inputs_are_inputs_too(small: Path, call: Call, tmp_path: Path) -> None:
    ballots = tmp_path / "ballots.csv"
    ballots.write_text("ballot_id,need_id,value\n")
    for option in ("--ballots", "--suggestions"):
        ended = call("participation", str(small), "-s", "S1", option, str(ballots), "--weights-out", str(ballots))
        assert ended.err.startswith("[output-is-input]")
    assert ballots.read_text() == "ballot_id,need_id,value\n"


def test_the_page_that_is_written_without_being_named_is_no_input_either(
    small: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small)
    (small / "report.html").symlink_to(small / "offers.csv")
    ended = call("report", ".")
    assert ended.code == 2
    assert ended.err.startswith("[output-is-input]")


def test_a_case_that_nobody_asked_about_is_no_place_for_results_either(small: Path, call: Call, tmp_path: Path) -> None:
    before = snapshot(small)
    for command, target in (
        (["init", str(tmp_path / "new")], small / "offers.csv"),
        (["check", "auenfurt"], small / "offers.csv"),
        (["demo"], small),
    ):
        assert call(*command, "-o", str(target)).err.startswith("[output-is-input]")
    assert snapshot(small) == before
    results = tmp_path / "results"
    results.mkdir()
    for _ in range(2):
        assert call("run", str(small), "-s", "S1", "--table", "offers", "-o", str(results / "offers.csv")).code == 0


def test_the_towns_that_come_along_are_no_place_for_results(auenfurt: Path, call: Call) -> None:
    before = snapshot(auenfurt)
    assert call("check", "auenfurt", "--format", "csv", "-o", str(auenfurt / "pots.csv")).code == 2
    assert call("demo", "-o", str(auenfurt)).err.startswith("[output-is-input]")
    assert snapshot(auenfurt) == before


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            ["check", "-o", "x.xlsx"],
            "[out-ending] x.xlsx: This command does not write .xlsx. Possible endings: .txt, .json",
        ),
        (
            ["check", "-o", "x.json", "--format", "csv"],
            "[out-format] x.json: The ending .json and --format csv",
        ),
        (["report", "-o", "x.xlsx"], "[out-ending] x.xlsx: This command does not write .xlsx. Possible endings: .html"),
        (["export", "-s", "S1", "-o", "x.csv"], "[out-ending]"),
        (["export", "-s", "S1", "--lp", "-o", "x.mps"], "[out-format]"),
        (
            ["batch", "--into", "x.csv"],
            "[file-ending] --into x.csv: This file cannot end in .csv. Possible: .sqlite, .db, or no ending.",
        ),
        (["batch", "--into", "x.LP"], "[file-ending]"),
        (["export", "--xlsx", "x.xlsx", "--lp"], "[export-one]"),
        (["export", "--xlsx", "x.xlsx", "-o", "y.xlsx"], "[export-one]"),
    ],
)
def test_an_ending_that_is_not_written_is_refused(
    given: list[str], says: str, small: Path, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = call(given[0], str(small), *given[1:], "--lang", "en")
    assert ended.code == 2
    assert ended.err.startswith(says)
    assert [path.name for path in tmp_path.iterdir()] == ["town"]


def test_the_ending_says_what_is_written(
    small: Path, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for target, scenario, begins in (("x.lp", "S1", b"\\"), ("x.mps", "S1", b""), ("x.xlsx", "S0", b"PK")):
        assert call("export", str(small), "-s", scenario, "-o", target).code == 0
        assert (tmp_path / target).read_bytes().startswith(begins)
    assert b"ROWS" in (tmp_path / "x.mps").read_bytes()
    assert call("report", str(small), "-s", "S1", "-o", "x.docx").code == 0
    assert (tmp_path / "x.docx").read_bytes().startswith(b"PK")
    assert not (tmp_path / "report.html").exists()


def test_standard_output_may_be_named(small: Path, process: Call) -> None:
    if not Path("/dev/stdout").exists():
        pytest.skip("there is no /dev/stdout here")
    named = process("check", str(small), "--format", "json", "-o", "/dev/stdout")
    assert named == process("check", str(small), "--format", "json")
    assert named.code == 0


def test_a_reader_who_leaves_hears_and_costs_nothing(small: Path) -> None:
    program = "import sys; from allocate.cli import main; sys.exit(main())"
    for asked in (["check", str(small)], ["check", str(small), "--format", "json"], ["--help"]):
        reader, writer = os.pipe()
        os.close(reader)
        ended = subprocess.run(
            [sys.executable, "-c", program, *asked], stdout=writer, stderr=subprocess.PIPE, timeout=120, check=False
        )
        os.close(writer)
        assert (ended.returncode, ended.stderr) == (141, b""), asked
