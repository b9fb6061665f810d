"""Given voices: ballots and suggestions as a caller has them, files or what was read or typed already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.voices.ballots import Ballots, read_ballots
from allocate.inputs.voices.suggestions import COLUMNS, read_suggestions, typed_suggestions

type Files = str | Path | Sequence[str | Path]


def ballots_of(
    given: Ballots | Files | None, case: Case, method: str = "", *, skip_invalid: bool = False
) -> Ballots | None:
    """Checked ballots; None where there are none. Raises as ``read_ballots``."""
    if given is None or isinstance(given, Ballots):
        return given
    paths = [Path(given)] if isinstance(given, str | Path) else [Path(one) for one in given]
    needs = [str(need) for need in case["needs"]["need_id"]]
    return read_ballots(paths, needs, method=method, skip_invalid=skip_invalid) if paths else None


def suggestions_of(given: pd.DataFrame | str | Path | None, typed: Sequence[str] = ()) -> pd.DataFrame | None:
    """Checked suggestions with typed ones behind them; None where there are none.

    Raises as ``read_suggestions``, and ``UsageError`` ``frame-columns`` for a frame that is no table of suggestions.
    """
    table = read_suggestions(Path(given)).table if isinstance(given, str | Path) else given
    missing = [] if table is None else [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise UsageError("frame-columns", place="suggestions", columns=", ".join(missing))
    return typed_suggestions(typed, table) if typed else table
