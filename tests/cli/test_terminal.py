"""On a real terminal: colour and progress; without one, or on request, neither."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import LANGUAGE_VARIABLES

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal, which Windows does not have")
PROGRAM = [sys.executable, "-c", "import sys; from allocate.cli import main; sys.exit(main())"]
ESCAPE = "\x1b["


def on_a_terminal(folder: Path, *words: str, **environment: str) -> str:
    """What a terminal of 100 columns receives from a command, standard output and error together."""
    ours, theirs = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key not in LANGUAGE_VARIABLES}
    variables = {**clean, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    with subprocess.Popen([*PROGRAM, *words], stdout=theirs, stderr=theirs, env=variables, cwd=folder) as process:
        os.close(theirs)
        received = b""
        while select.select([ours], [], [], 120)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is closed
                break
            if not part:
                break
            received += part
        process.wait(timeout=60)
    os.close(ours)
    return received.decode("utf-8")


def test_progress_and_weight_are_shown(tmp_path: Path) -> None:
    received = on_a_terminal(tmp_path, "run", "auenfurt", "-s", "SZ1", "-s", "SZ2")
    # Which of the steps is seen depends on how quick they are.
    assert "0/2" in received or "1/2" in received
    assert f"{ESCAPE}1m" in received
    # The bar has gone when the answer stands there: the cursor is back.
    assert received.rindex(f"{ESCAPE}?25h") < received.index("Measures of the proposals")


def test_quiet_means_no_progress(tmp_path: Path) -> None:
    received = on_a_terminal(tmp_path, "run", "auenfurt", "-s", "SZ1", "--quiet")
    assert "0/1" not in received and "0/?" not in received
    assert "Measures of the proposals" in received


def test_no_color_means_no_colour(tmp_path: Path) -> None:
    received = on_a_terminal(tmp_path, "run", "auenfurt", "-s", "SZ1", "--quiet", NO_COLOR="1")
    assert not any(f"{ESCAPE}{code}m" in received for code in (*range(30, 38), *range(90, 98)))


def test_a_file_gets_neither(tmp_path: Path) -> None:
    target = tmp_path / "answer.txt"
    received = on_a_terminal(tmp_path, "run", "auenfurt", "-s", "SZ1", "-o", str(target))
    assert "Measures" not in received
    assert ESCAPE not in target.read_text(encoding="utf-8")
