"""What every test may use: the example town, the town that is solved by hand, and how laws draw their towns.

Laws draw the same towns in every run, so that a fresh clone's tests always give the same answer. Fresh draws are for
``python -m tests.explore``, which takes the profile ``explore``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("same")

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
