"""Light commands: what a short command does not use is not loaded, for imports are half of its time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import TINY

# PuLP brings solver interfaces and pydantic along, writing workbooks http and ssl.
UNUSED = {"pulp", "pydantic", "openpyxl", "xlsxwriter", "jinja2", "scipy", "pyarrow", "vl_convert", "starlette", "ssl"}


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_short_command_loads_neither_other_solvers_nor_writers_nor_servers(command: str) -> None:
    program = (
        "import sys; from allocate.cli import main; code = main(sys.argv[1:]); "
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr); sys.exit(code)"
    )
    words = [command, str(TINY), "--quiet", "--format", "json"]
    ended = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, encoding="utf-8", check=False)
    loaded = set(ended.stderr.split())
    assert "pandas" in loaded
    assert ("highspy" in loaded) == (command == "run")
    assert not loaded & UNUSED
