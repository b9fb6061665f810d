"""What every test may use: the example town, and the town that is solved by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The town that is solved by hand.
TINY = ROOT / "tests" / "cases" / "tiny"
EXAMPLES = (ROOT / "scenarios" / "auenfurt", ROOT.parent / "shared" / "example" / "auenfurt")


@pytest.fixture(scope="session")
def auenfurt() -> Path:
    """The folder of the example town, as the project carries it."""
    for folder in EXAMPLES:
        if folder.is_dir():
            return folder
    pytest.skip("the example town is in none of: " + ", ".join(str(folder) for folder in EXAMPLES))
