"""What every test may use: the example town, the town that is solved by hand, and how laws draw their towns.

Laws draw the same towns in every run, so that a fresh clone's tests always give the same answer. Fresh draws are for
``python -m tests.explore``, which takes the profile ``explore``.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from allocate.analyses.robustness.robust import Settings
from allocate.checking import opening as reading
from allocate.checking.opening import ReadResult, read_checked
from allocate.inputs.case import currency_of
from allocate.language import reckon_in
from allocate.report import asking as gathering
from tests.dealing import dealt
from tests.report.browsing import start

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("same")

ROOT = Path(__file__).parents[1]
# Hundreds of tests start processes of their own, which would each compile what they import where the machine keeps no
# compiled modules; those of the tests are kept beside the packages.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix) / "bytecode")
# Towns and modules stay until the end; looking for garbage among them takes a twentieth of the time.
gc.set_threshold(100_000)
# The town that is solved by hand.
TINY = ROOT / "tests" / "cases" / "tiny"
AS_FOR_PEOPLE = {name: getattr(gathering, name) for name in ("ROBUST", "FULL_CARDS", "CURVE_GAP")}
AT_A_GLANCE = Settings(runs=3, inputs=2, turning=1)
EXAMPLES = (ROOT / "scenarios" / "auenfurt", ROOT.parent / "shared" / "example" / "auenfurt")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One of several processes of a run: the order in which they are all busy until the end (``dealing``)."""
    processes = int(getattr(config, "workerinput", {}).get("workercount", 1))
    if processes > 1:
        items[:] = [items[number] for number in dealt([item.nodeid for item in items], processes)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process, for Playwright cannot be started twice in it."""
    yield from start()


@pytest.fixture(scope="session")
def auenfurt() -> Path:
    """The folder of the example town, as the project carries it."""
    for folder in EXAMPLES:
        if folder.is_dir():
            return folder
    pytest.skip("the example town is in none of: " + ", ".join(str(folder) for folder in EXAMPLES))


@pytest.fixture(autouse=True)
def every_test_begins_in_euros() -> None:
    """The currency is that of the town that was asked last, which must not be that of another test."""
    reckon_in("")


@pytest.fixture(scope="session", autouse=True)
def reports_look_at_a_glance() -> Iterator[None]:
    """How far a report looks costs most of it, and is tested with the analyses that look; hundreds of tests write one.

    ``tests/test_questions.py`` lets one report of the example town look as far as it does for people.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "ROBUST", AT_A_GLANCE)
        patch.setattr(gathering, "FULL_CARDS", 1)
        patch.setattr(gathering, "CURVE_GAP", 0.1)
        yield


@pytest.fixture(scope="session", autouse=True)
def towns_of_the_project_are_read_once() -> Iterator[None]:
    """Reading and checking the example town takes longer than planning it, and hundreds of tests ask something of it.

    A town that lies in the project is kept and given away as the case that cannot be changed. A folder with the very
    files of one that was read before, such as a copy that a test may change, is that case under its own name and path.
    """
    known: dict[tuple[str, str], ReadResult] = {}
    alike: dict[tuple[tuple[str, bytes], ...], ReadResult] = {}

    def read_once(path: str | Path) -> ReadResult:
        place = Path(path).resolve()
        if place.is_relative_to(ROOT):
            key = (str(path), str(place))
            if key not in known:
                known[key] = read_checked(path)
            found = known[key]
        else:
            files = plain_files(place)
            if not files:
                return read_checked(path)
            if files not in alike:
                alike[files] = read_checked(path)
            found = renamed(alike[files], Path(path), place)
        reckon_in(currency_of(found.case))
        return found

    with pytest.MonkeyPatch.context() as kept:
        kept.setattr(reading, "read_checked", read_once)
        yield


def plain_files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Name and content of every file of a small folder of tables; empty for anything that is more than that."""
    if not folder.is_dir():
        return ()
    entries = sorted(folder.iterdir())
    if not all(one.is_file() and not one.is_symlink() and not one.name.startswith((".", "~")) for one in entries):
        return ()
    try:
        return tuple((one.name, one.read_bytes()) for one in entries) if sum(map(size, entries)) < 1_000_000 else ()
    except OSError:
        return ()


def size(file: Path) -> int:
    return file.stat().st_size


def renamed(found: ReadResult, path: Path, place: Path) -> ReadResult:
    """The same reading of a folder of the same files that lies elsewhere."""
    case = found.case
    geometry = path / case.geometry.name if case.geometry else None
    twin = replace(case, name=place.name, path=path, geometry=geometry)
    twin._known(checked=case._checked, as_read=case._as_read, fingerprint=case._fingerprint, findings=case._findings)
    return replace(found, case=twin)
