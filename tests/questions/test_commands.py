"""Every command is a thin call of its method: the same options, the same JSON."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import pandas as pd
import pytest

import allocate
from allocate import arguments
from allocate.cli import main
from allocate.cli.root import entries
from allocate.plain import plain
from allocate.questions.document import Answer
from allocate.session import Session as Plans
from tests.conftest import ROOT
from tests.questions.conftest import TINY

PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")

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
    "scenarios -s pooled -s strict": lambda one: one.scenarios("pooled", "strict"),
    "money": lambda one: one.money(),
}
# Commands whose JSON begins otherwise than with program, case and fingerprint: those of many towns, of files and of
# cases that may not even be readable.
OTHERWISE: dict[str, Callable[[], Mapping[str, object]]] = {
    f"batch {TINY} -s pooled --change pots:*:amount*{{x}} --over 0.9;1": lambda: {
        "allocate": allocate.__version__,
        "results": None,
        **allocate.batch(TINY, "pooled", change="pots:*:amount*{x}", over="0.9;1").to_json("de"),
    },
    "land musterland -s silo --keep 0.9": lambda: {
        "allocate": allocate.__version__,
        "results": None,
        **allocate.land("musterland", "silo", keep=0.9).to_json("de"),
    },
    f"check {TINY}": lambda: allocate.check(TINY).to_json("de"),
    "init NEW": lambda: allocate.init("OTHER", lang="de").to_json("de"),
    "init LAND --land 2 --seed 3": lambda: allocate.init("OTHER", land=2, seed=3).to_json("de"),
    f"report {TINY} -s pooled --proposal pooled": lambda: (
        allocate.Session(allocate.read_case(TINY)).report("pooled", proposal="pooled", lang="de").to_json()
    ),
}
# Every command, and the method or function of the library that it calls (docs/library.md has the same table).
CALLS = {
    "demo": "Session.runs", "init": "init", "check": "check", "scenarios": "Session.scenarios", "run": "Session.runs",
    "compare": "Session.compare", "duplication": "Session.duplication", "export": "Session.report", "silos":
    "Session.silos", "explain": "Session.explain", "conflicts": "Session.conflicts", "frontier": "Session.frontier",
    "fairness": "Session.fairness", "goals": "Session.goals", "ladder": "Session.ladder", "alternatives":
    "Session.alternatives", "robust": "Session.robust", "report": "Session.report", "marginal": "Session.marginal",
    "sweep": "Session.sweep", "participation": "Session.participation", "batch": "batch", "land": "land",
    "transition": "Session.transition", "money": "Session.money",
}  # fmt: skip
# What a command takes beside its question: the case, the solver of a session, a what-if (``Case.scenario``), how the
# answer is shown, and files that it writes.
BESIDE = {
    "case", "solver", "time_limit", "reason", "save_as", "table", "lang", "format", "quiet", "out", "help",
    "scenarios", "cases",
}  # fmt: skip
SHOWN = {
    "compare": {"by"}, "frontier": {"plan"}, "participation": {"sheet", "groups", "forms", "weights_out"},
    "money": {"dimensions"},
    # Forms in which a report is saved: ``Report.save``, ``Program.to_lp``.
    "report": {"docx", "pdf", "xlsx", "letterhead"}, "export": {"xlsx", "kind"},
}  # fmt: skip
# ``serve`` shows the page, which is no answer.
COMMANDS = sorted(set(entries()) - {"serve"})


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


@pytest.mark.parametrize("line", OTHERWISE)
def test_the_json_of_a_command_without_one_case_is_that_of_its_function(
    line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*line.split(" "), "--format", "json", "--lang", "de"]) == 0
    shown = re.sub(r"\b(NEW|LAND)\b", "OTHER", re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', capsys.readouterr().out))
    own = json.loads(re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', json.dumps(plain(OTHERWISE[line]()))))
    assert json.loads(shown) == own
    assert list(json.loads(shown)) == list(own)


def test_every_question_is_asked_here() -> None:
    assert {line.split()[0] for line in (*ASKED, *OTHERWISE)} == set(COMMANDS) - {"demo", "export"}
    assert sorted(CALLS) == COMMANDS
    assert all(f"| `{name}` | `{called}`" in PAGE for name, called in CALLS.items())


def method_of(command: str) -> Callable[..., object]:
    owner, _, name = CALLS[command].rpartition(".")
    method: Callable[..., object] = getattr(allocate.Session if owner else allocate, name)
    return method


@pytest.mark.parametrize("name", COMMANDS)
def test_a_method_takes_the_options_of_its_command(name: str) -> None:
    method = method_of(name)
    assert inspect.getdoc(method)
    assert f"``allocate {name}" in (method.__doc__ or "") or name == "demo"
    taken = set(inspect.signature(method).parameters)
    options = {str(one.name) for one in entries()[name].load().params}
    beside = BESIDE if "save_as" not in options else BESIDE | {"change"}
    assert not options - beside - SHOWN.get(name, set()) - taken


@pytest.mark.parametrize("name", COMMANDS)
def test_a_number_of_a_method_has_the_bounds_of_its_option(name: str) -> None:
    """What a command refuses its method refuses, and the reverse."""
    takes = arguments.kinds_of(method_of(name))
    for option in entries()[name].load().params:
        parameter = str(option.name)
        if isinstance(option.type, click.IntRange | click.FloatRange) and parameter in takes:
            own = option.type
            bounds = arguments.Within(
                -math.inf if own.min is None else own.min,
                math.inf if own.max is None else own.max,
                above=own.min_open,
                below=own.max_open,
            )
            stated = {one for kind in takes[parameter] for one in (kind.bounds or (arguments.Within(),)) if kind.counts}
            assert stated == {bounds}, parameter


def test_a_session_of_the_lower_rooms_is_asked_the_same_way() -> None:
    """Analyses take the path to plans alone; the methods are theirs, bound to it."""
    assert issubclass(allocate.Session, Plans)
