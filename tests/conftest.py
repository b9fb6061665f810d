"""What every test may use: the example town."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = (ROOT / "scenarios" / "auenfurt", ROOT.parent / "shared" / "example" / "auenfurt")


@pytest.fixture(scope="session")
def auenfurt() -> Path:
    """The folder of the example town, as the project carries it."""
    for folder in EXAMPLES:
        if folder.is_dir():
            return folder
    pytest.skip("the example town is in none of: " + ", ".join(str(folder) for folder in EXAMPLES))
