"""One session on the town that is solved by hand: all questions share its plans."""

from __future__ import annotations

from pathlib import Path

import pytest

import allocate

TINY = Path(__file__).parents[1] / "cases" / "tiny"


@pytest.fixture(scope="session")
def session() -> allocate.Session:
    return allocate.Session(allocate.read_case(TINY))
