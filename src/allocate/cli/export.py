"""``allocate export``: the results as a workbook, or the linear program in a format every solver reads."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from allocate.cli.opening import open_session
from allocate.cli.options import Request, case_argument, command, option, scenarios_option
from allocate.cli.paths import ELSEWHERE, WORKBOOK, refuse_ending
from allocate.cli.speech import say
from allocate.errors import UsageError

_TEXTS = "export.csv"


@command("export", endings={".xlsx": "table", ".lp": "table", ".mps": "table"})
@case_argument
@scenarios_option
@option("--xlsx", type=WORKBOOK, is_flag=False, flag_value=ELSEWHERE)
@option("--mask-providers", is_flag=True)
@option("--lp", "kind", flag_value="lp")
@option("--mps", "kind", flag_value="mps")
def export(
    request: Request, case: Path, scenarios: Sequence[str], xlsx: Path | None, mask_providers: bool, kind: str | None
) -> int:
    """Write a workbook of the scenarios, or the program of one to ``--out`` (else to standard output)."""
    xlsx, kind = _meant(request.out, xlsx, kind)
    if xlsx is not None:
        return _workbook(request, case, scenarios, _target(request, xlsx), mask_providers)
    if mask_providers:
        raise UsageError("export-no-mask")
    if kind is None:
        raise click.MissingParameter(param_hint=["--xlsx", "--lp", "--mps"], param_type="option")
    if len(scenarios) != 1:
        raise click.MissingParameter(param_hint=["-s", "--scenario"], param_type="option")
    _program(request, case, scenarios[0], kind)
    return 0


def _meant(out: Path | None, xlsx: Path | None, kind: str | None) -> tuple[Path | None, str | None]:
    """What is to be written, from the options or else from the ending of ``--out``."""
    ending = out.suffix.lower().removeprefix(".") if out else ""
    if xlsx is not None and (kind or (out and xlsx != ELSEWHERE)):
        raise UsageError("export-one")
    if kind and ending and ending != kind:
        raise UsageError("out-format", place=str(out), ending=f".{ending}", format=kind)
    if xlsx is None and kind is None and ending:
        return (ELSEWHERE, None) if ending == "xlsx" else (None, ending)
    return xlsx, kind


def _target(request: Request, named: Path) -> Path:
    """The file of the workbook: the one that ``--xlsx`` names, else ``--out``."""
    target = request.out if named == ELSEWHERE else named
    if target is None:
        raise click.MissingParameter(param_hint=["--xlsx"], param_type="option")
    refuse_ending(target, WORKBOOK, "--xlsx")
    return target


def _workbook(request: Request, case: Path, scenarios: Sequence[str], target: Path, mask_providers: bool) -> int:
    from allocate.cli.gathering import exit_code, gathered

    found = gathered(request, open_session(case), scenarios, mask_providers=mask_providers)
    found.save(target)
    if not request.quiet:
        request.stream.write(say("export.written", _TEXTS, path=target) + "\n")
    return exit_code(found)


def _program(request: Request, case: Path, scenario: str, kind: str) -> None:
    import tempfile

    program = open_session(case).program(scenario)
    write = {"lp": program.to_lp, "mps": program.to_mps}[kind]
    if request.out:
        write(request.out)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / f"program.{kind}")
        with path.open(encoding="utf-8") as stream:
            shutil.copyfileobj(stream, request.stream)
