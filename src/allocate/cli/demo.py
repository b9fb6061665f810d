"""``allocate demo``: the example town from the first check to the comparison of all scenarios."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.drawn import tables_of
from allocate.cli.options import Request, command
from allocate.cli.output import as_csv, as_json, respond
from allocate.cli.root import entries
from allocate.cli.speech import say
from allocate.examples import shipped
from allocate.files import folder_aside, make_folder, write_whole
from allocate.language import euro, percent

if TYPE_CHECKING:
    from allocate.cli.answers import Results

_TEXTS = "demo.csv"
_TOWN = "auenfurt"
_HOME = Path("allocate-demo")
_NEXT = (
    "serve {town}",
    "check {town}",
    "scenarios {town}",
    "run {town} -s SZ2 --table offers",
    "compare {town} SZ1 SZ2",
    "conflicts {town} -s SZ4a",
    "silos {town}",
    "report {town}",
)


@command("demo", endings=None)
def demo(request: Request) -> None:
    """Check, run and compare the example town; leave a copy of it and all results in a folder."""
    from allocate.cli.answers import run_all
    from allocate.cli.render import write_text

    home = request.out or _HOME
    source = shipped()[_TOWN]
    town = _copy(source, home)
    if request.format == "table":
        write_text(request.stream, say("demo.begin", _TEXTS), _verdict(source), "")
    results = run_all(request, source, ())
    _keep(results, home / "results", request.lang)
    respond(replace(request, out=None), results.session, results.runs, results.displays(request.lang))
    if request.format == "table":
        write_text(request.stream, "", *_lessons(results, request.lang))
        if not request.quiet:
            write_text(request.stream, "", *_what_next(town, home))


def _copy(source: Path, home: Path) -> Path:
    """A copy of the town to play with; one that is already there may have been edited and is left alone."""
    make_folder(home)
    town = home / source.name
    if not town.exists():
        # Copied aside and renamed: half a town would be taken for one that somebody has edited.
        with folder_aside(home) as aside:
            shutil.copytree(source, aside / town.name).rename(town)
    return town


def _verdict(town: Path) -> str:
    from allocate.checking.opening import read_checked

    severities = read_checked(town).findings["severity"]
    counts = {kind: int((severities == kind).sum()) for kind in ("error", "warning", "note")}
    return say("demo.check", _TEXTS, **counts)


def _keep(results: Results, folder: Path, lang: str) -> None:
    """Write the JSON and every table as CSV."""
    from allocate.questions.document import document

    make_folder(folder)
    write_whole(folder / "run.json", as_json(document(results.session, results.runs, lang)).encode("utf-8"))
    for name in tables_of("run"):
        write_whole(folder / f"{name}.csv", as_csv(results.runs.table(name)).encode("utf-8"))


def _lessons(results: Results, lang: str) -> list[str]:
    """What the figures of this town say, in a few sentences."""
    found = {id: plan.measures for id, plan in results.runs.plans.items() if plan.measures is not None}
    today, silo, pooled, small = (found[id] for id in ("SZ0", "SZ1", "SZ2", "SZ2t"))
    infeasible = ", ".join(id for id, plan in results.runs.plans.items() if not plan.has_plan)
    values = {
        "today": percent(today.weighted_coverage, lang),
        "lowest": percent(today.lowest_space_coverage, lang),
        "duplication": euro(today.duplication_eur, lang),
        "silo": percent(silo.weighted_coverage, lang),
        "pooled": percent(pooled.weighted_coverage, lang),
        "moved": euro(pooled.moved_eur, lang),
        "small": euro(small.moved_eur, lang),
        "reached": percent(small.weighted_coverage, lang),
        "infeasible": infeasible,
    }
    return [say(key, _TEXTS, **values) for key in ("demo.today", "demo.pooling", "demo.step", "demo.clash")]


def _what_next(town: Path, home: Path) -> list[str]:
    program = "uv run allocate" if _by_uv() else "allocate"
    commands = [f"  {program} {line.format(town=town)}" for line in _NEXT if line.split()[0] in entries()]
    written = say("demo.written", _TEXTS, home=home, town=town)
    return [written, say("demo.next", _TEXTS), *commands]


def _by_uv() -> bool:
    """Whether uv started this process and will have to start the next one, because no shell knows ``allocate``."""
    return "UV_RUN_RECURSION_DEPTH" in os.environ and shutil.which("allocate", path=_own_path()) is None


def _own_path() -> str:
    """The search path of the shell that called uv: without the environment that uv put in front of it."""
    own = Path(sys.executable).parent
    return os.pathsep.join(part for part in os.environ.get("PATH", "").split(os.pathsep) if Path(part) != own)
