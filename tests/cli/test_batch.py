"""``allocate batch`` as a planner meets it: interrupted, continued, looked at."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.conftest import TINY

MONEY = ["--change", "pots:P2:amount*{x}", "--over", "x=0.8:1.1:0.01"]


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "r.sqlite"
    words = ["batch", str(TINY), "-s", "silo", *MONEY, "--into", str(path), "--format", "json"]
    program = [sys.executable, "-c", "import sys; from allocate.cli import main; sys.exit(main())", *words]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 90
    while answers(path) == 0 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    kept = answers(path)
    assert 0 < kept < 31
    document = json.loads(call(*words).out)
    assert (document["answered"], document["kept"]) == (31 - kept, kept)
    assert [row["x"] for row in document["runs"]] == pytest.approx([0.8 + 0.01 * at for at in range(31)])
    assert document["summary"][0]["with_plan"] == 31
    coverage = [row["weighted_coverage"] for row in document["runs"]]
    assert coverage == sorted(coverage)


def answers(path: Path) -> int:
    if not path.exists():
        return 0
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def test_summary_answers_and_failures(call: Call) -> None:
    ended = call("batch", str(TINY), "nowhere", "-s", "silo", "-s", "strict", "--lang", "de")
    assert ended.code == 0, ended.err
    assert "1-mal erfüllt kein Plan alle Regeln" in ended.out and "2-mal ging es nicht" in ended.out
    ended = call("batch", str(TINY), "nowhere", "-s", "silo", "-s", "strict", "--lang", "en", "--table", "failures")
    assert "no case at" in ended.out and "infeasible" in ended.out
    rows = call("batch", str(TINY), "-s", "silo", "--table", "offers", "--format", "csv").out.splitlines()
    assert rows[0] == "run,town,scenario_id,offer_id,capacity,cost_eur,change_eur" and len(rows) == 3


@pytest.mark.parametrize(
    ("scenario", "code", "says"), [("nope", 2, "questions that failed: 1"), ("strict", 1, "no plan meets all rules: 1")]
)
def test_an_answer_in_a_file_says_at_the_terminal_why_there_is_no_plan(
    call: Call, tmp_path: Path, scenario: str, code: int, says: str
) -> None:
    ended = call("batch", str(TINY), "-s", scenario, "-o", str(tmp_path / "out.csv"), "--lang", "en")
    assert (ended.code, ended.out) == (code, "")
    assert says in ended.err and ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nowhere"], 2),
        ([str(TINY), "-s", "strict"], 1),
        ([str(TINY), "--executor", "everybody"], 2),
        ([str(TINY), *MONEY, "--over", "x=1"], 2),
        ([str(TINY), "--into", "none/r.sqlite"], 2),
        ([], 2),
    ],
)
def test_how_it_ends(call: Call, words: list[str], code: int) -> None:
    ended = call("batch", *words, "--lang", "en")
    assert ended.code == code
    assert "Traceback" not in ended.err and "unexpected" not in ended.err


def test_a_list_of_grants_is_told_at_once_why_nothing_can_be_planned(call: Call, tmp_path: Path) -> None:
    head = "grant_id,payer,recipient,purpose,amount\nZ1,Stadt,Verein,Beratung,1000\n"
    (tmp_path / "grants.csv").write_text(head, encoding="utf-8")
    ended = call("batch", str(tmp_path), "--lang", "en")
    assert ended.code == 2
    told = " ".join(ended.out.split())
    assert "is a list of grants" in told and "'allocate money' says who pays what" in told
