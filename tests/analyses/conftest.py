"""Sessions that the tests of analyses share; each module has its own, because an analysis may add scenarios to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.session import Session
from tests.conftest import TINY


@pytest.fixture(scope="module")
def tiny() -> Session:
    """The town that is solved by hand."""
    return Session(read_case(TINY))


@pytest.fixture(scope="module")
def session(auenfurt: Path) -> Session:
    """The example town."""
    return Session(read_case(auenfurt))
