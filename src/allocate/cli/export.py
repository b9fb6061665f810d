"""``allocate export``: the linear program of a scenario in a format every solver reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from allocate.cli.options import Request, case_argument, command, option, scenario_option

FORMATS = ("lp", "mps")


@command("export")
@case_argument
@scenario_option
@option("--lp", "kind", flag_value="lp")
@option("--mps", "kind", flag_value="mps")
def export(request: Request, case: Path, scenario: str, kind: str | None) -> None:
    """Write the program to ``--out``, or to standard output."""
    if kind is None:
        raise click.MissingParameter(param_hint=["--lp", "--mps"], param_type="option")
    import tempfile

    from allocate.cli.answers import open_session
    from allocate.cli.output import reserve
    from allocate.solve.via_pulp import write_lp, write_mps

    write = {"lp": write_lp, "mps": write_mps}[kind]
    program = open_session(case).compiled(scenario).program
    if request.out:
        temporary = reserve(request.out)
        try:
            write(program, temporary)
            temporary.replace(request.out)
        finally:
            temporary.unlink(missing_ok=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"program.{kind}"
        write(program, path)
        with path.open(encoding="utf-8") as stream:
            shutil.copyfileobj(stream, request.stream)
