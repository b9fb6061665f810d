"""Every command is a thin call of its method: the same options, the same JSON."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable

import pandas as pd
import pytest

import allocate
from allocate.cli import main
from allocate.cli.root import entries
from allocate.questions.document import Answer
from allocate.results.plain import plain
from allocate.session import Session as Plans
from tests.questions.conftest import TINY

type Ask = Callable[[allocate.Session], Answer]

ASKED: dict[str, Ask] = {
    "run -s pooled -s silo": lambda one: one.runs("pooled", "silo"),
    "compare pooled": lambda one: one.compare("pooled"),
    "duplication -s pooled --fewest": lambda one: one.duplication("pooled", fewest=True),
    "silos -s silo": lambda one: one.silos("silo"),
    "explain -s pooled --offer A --brief": lambda one: one.explain("pooled", offer="A", brief=True),
    "explain -s pooled --all": lambda one: one.explain("pooled", all=True),
    "conflicts -s pooled": lambda one: one.conflicts("pooled"),
    "frontier -s pooled --against moved": lambda one: one.frontier("pooled", against="moved"),
    "fairness -s pooled --target 0.7 --no-curve": lambda one: one.fairness("pooled", target=0.7, no_curve=True),
    "goals -s pooled --order equity,cost": lambda one: one.goals("pooled", order="equity,cost"),
    "goals -s pooled --target space:*=0.1": lambda one: one.goals("pooled", target="space:*=0.1"),
    "ladder -s pooled --step 90": lambda one: one.ladder("pooled", step=90),
    "alternatives -s pooled --count 1": lambda one: one.alternatives("pooled", count=1),
    "alternatives -s pooled --prices --must 0.4": lambda one: one.alternatives("pooled", prices=True, must=0.4),
    "robust -s pooled --runs 1 --inputs 0": lambda one: one.robust("pooled", runs=1, inputs=0),
    "marginal -s pooled --step 500": lambda one: one.marginal("pooled", step=500),
    "sweep -s pooled --change pots:*:amount*{x} --over 0.9;1": lambda one: one.sweep(
        "pooled", change="pots:*:amount*{x}", over=(0.9, 1.0)
    ),
    "participation -s pooled --suggest pots:*:amount*0.9": lambda one: one.participation(
        "pooled", suggest="pots:*:amount*0.9"
    ),
    "compare silo pooled --years 2027-2028": lambda one: one.compare("silo", "pooled", years="2027-2028"),
    "conflicts -s strict --years 2027": lambda one: one.conflicts("strict", years=(2027, 2027)),
    "marginal -s pooled --years 2027-2028 --step 500": lambda one: one.marginal("pooled", years="2027-2028", step=500),
    "transition -s pooled --years 2027 --delay 6": lambda one: one.transition("pooled", years=(2027, 2027), delay=6),
}
# What a command takes beside its question: the case, the solver of a session, a what-if (``Case.scenario``), how the
# answer is shown, and files that it writes.
BESIDE = {
    "case", "solver", "time_limit", "changes", "reason", "save_as", "table", "lang", "format", "quiet", "out", "help",
    "scenarios",
}  # fmt: skip
SHOWN = {"compare": {"by"}, "frontier": {"plan"}, "participation": {"sheet", "groups", "forms", "weights_out"}}
# Called otherwise because the word is one of Python's, or because several may be given where a method takes one too.
CALLED = {"everything": "all", "pots": "pot", "steps": "step", "targets": "target", "delays": "delay"}
# Commands without a method of a session: they begin, check and show cases, or write files.
ELSEWHERE = {"demo", "init", "check", "scenarios", "export", "report", "serve", "batch", "land", "money"}
METHODS = sorted(set(entries()) - ELSEWHERE)


@pytest.mark.parametrize("line", ASKED)
def test_the_json_of_a_command_is_that_of_its_method(
    line: str, session: allocate.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *words = line.split(" ")
    lang = "de"
    assert main([name, str(TINY), *words, "--format", "json", "--lang", lang]) == 0
    shown = json.loads(capsys.readouterr().out)
    # As a command begins: short cards and price tags take the first of several best plans that a program comes to.
    answer = ASKED[line](allocate.Session(session.case))
    head = {"allocate": allocate.__version__, "case": "tiny", "fingerprint": session.fingerprint}
    assert shown == plain({**head, **answer.to_json(lang)})
    tables = [name for name in shown if isinstance(getattr(answer, name, None), pd.DataFrame)]
    assert all(len(shown[name]) == len(getattr(answer, name)) for name in tables)
    assert list(shown) == list({**head, **answer.to_json(lang)})
    assert len(repr(answer)) < 200
    assert answer == answer  # noqa: PLR0124  (whether two frames are equal is no yes or no)


def test_every_question_is_asked_here() -> None:
    assert {line.split()[0] for line in ASKED} == set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_the_options_of_its_command(name: str) -> None:
    method = getattr(allocate.Session, "runs" if name == "run" else name)
    assert inspect.getdoc(method)
    assert f"``allocate {name}``" in (method.__doc__ or "")
    taken = set(inspect.signature(method).parameters)
    options = {str(one.name) for one in entries()[name].load().params}
    if name == "sweep":
        options = options - {"changes"} | {"change"}
    if name == "participation":
        options = options - {"suggested"} | {"suggest"}
    missing = {CALLED.get(one, one) for one in options - BESIDE - SHOWN.get(name, set())} - taken
    assert not missing


def test_a_session_of_the_lower_rooms_is_asked_the_same_way() -> None:
    """Analyses take the path to plans alone; the methods are theirs, bound to it."""
    assert issubclass(allocate.Session, Plans)
