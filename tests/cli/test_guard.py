"""Every failure is one line and an exit code; standard output belongs to the answer."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from allocate.cli.guard import guarded, reserved_stdout
from allocate.errors import CertificateError, InputError, UsageError
from tests.cli.conftest import Call

ONE_LINE = re.compile(r"\A\[[a-z-]+\] [^\n]+\n\Z")


def ending(error: BaseException) -> click.Command:
    """A command that ends with ``error``."""

    @click.command("ending")
    def end() -> None:
        raise error

    return end


@pytest.mark.parametrize(
    ("error", "code", "starts"),
    [
        (UsageError("scenario-unknown", scenario="SZ9", nearest=""), 2, "[scenario-unknown] "),
        (UsageError("no-feasible-plan", scenario="SZ4a"), 1, "[no-feasible-plan] "),
        (UsageError("explain-no-plan", scenario="SZ4a"), 1, "[explain-no-plan] "),
        (InputError("case-findings", case="town", count=3), 2, "[case-findings] "),
        (CertificateError("plan-not-verified", scenario="SZ1", reason="gap"), 3, "[plan-not-verified] "),
        (KeyboardInterrupt(), 130, "[interrupted] "),
        (click.Abort(), 130, "[interrupted] "),
        (MemoryError(), 3, "[memory] "),
        (PermissionError(13, "Permission denied", "/town/pots.csv"), 2, "[file] /town/pots.csv: Permission"),
        (OSError(28, "No space left on device"), 2, "[file] No space left on device"),
        (click.UsageError("odd"), 2, "[usage] allocate: odd"),
        (click.ClickException("odd"), 2, "[usage] odd"),
        (ZeroDivisionError("x / 0\nsecond line"), 70, "[unexpected] "),
    ],
)
def test_every_error_is_one_line_and_a_code(
    error: BaseException, code: int, starts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(ending(error), []) == code
    written = capsys.readouterr()
    assert written.out == ""
    assert ONE_LINE.match(written.err.lstrip("\n"))
    assert written.err.lstrip("\n").startswith(starts)


def test_an_unexpected_error_leaves_a_log_for_the_developers(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command("end")
    @click.argument("words", nargs=-1)
    def end(words: tuple[str, ...]) -> None:
        raise ZeroDivisionError(f"the reason, {len(words)} words")

    assert guarded(end, ["run", "town"]) == 70
    found = re.search(r"log (\S+\.log)\.", capsys.readouterr().err)
    assert found
    log = Path(found.group(1))
    text = log.read_text(encoding="utf-8")
    log.unlink()
    assert "ZeroDivisionError: the reason, 2 words" in text
    assert "allocate run town" in text


def test_a_reader_who_leaves_the_pipe_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(ending(BrokenPipeError()), []) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["chekc", "x"], "[command-unknown] allocate: No such command 'chekc'. Did you mean 'check'?"),
        (["run", "x", "--solvr", "y"], "[option-unknown] allocate run: No such option '--solvr'. Did you mean"),
        (["run"], "[argument-missing] allocate run: Missing argument 'CASE'."),
        (["run", "x", "--time-limit", "soon"], "[value-invalid] allocate run: Invalid value for '--time-limit'"),
        (["run", "x", "--time-limit", "0"], "[value-invalid] allocate run: Invalid value for '--time-limit'"),
        (["run", "x", "--format", "xml"], "[value-invalid] allocate run: Invalid value for '--format'"),
        (["run", "x", "y"], "[usage] allocate run: Got unexpected extra argument (y)"),
        (
            ["export", "x", "-s", "SZ1"],
            "[argument-missing] allocate export: Missing option '--xlsx' / '--lp' / '--mps'",
        ),
        (["--frmat"], "[option-unknown] allocate: No such option '--frmat'."),
    ],
)
def test_usage_errors_say_what_and_where_to_look(call: Call, words: list[str], line: str) -> None:
    ended = call(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(line)
    assert "Help: 'allocate" in ended.err
    assert ended.err.count("\n") == 1


def test_a_missing_scenario_is_told_where_the_scenarios_are_listed(call: Call) -> None:
    for command in ("marginal", "ladder"):
        assert "'allocate scenarios auenfurt' lists the scenarios." in call(command, "auenfurt").err
    assert "lists the scenarios" not in call("marginal").err


def test_usage_errors_in_german(call: Call) -> None:
    ended = call("runn", "x", "--lang", "de")
    assert ended.err == (
        "[command-unknown] allocate: Den Befehl 'runn' gibt es nicht. Meinten Sie 'run'? Hilfe: „allocate --help“\n"
    )


BANNERS = """
import ctypes, os
from allocate.cli.guard import reserved_stdout
with reserved_stdout() as answer:
    print("python banner")
    os.write(1, b"banner past all buffers\\n")
    ctypes.CDLL(None).puts(b"c banner, kept in a buffer of C")
    answer.write("the answer\\n")
print("afterwards")
"""


def test_what_libraries_print_does_not_reach_the_answer() -> None:
    ended = subprocess.run([sys.executable, "-c", BANNERS], capture_output=True, encoding="utf-8", check=True)
    assert (ended.stdout, ended.stderr) == ("the answer\nafterwards\n", "")


def test_standard_output_comes_back_after_an_error() -> None:
    before = sys.stdout
    with pytest.raises(ZeroDivisionError), reserved_stdout():
        raise ZeroDivisionError
    assert sys.stdout is before
