"""Contents of reports that tests of this room share: the template's town, the example town, the hostile town."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.inputs.workbook.template import write_template_folder
from allocate.report.content import Content, gather
from allocate.report.papers.masking import mask_providers
from allocate.session import Session
from tests.report.hostiletown import hostile_town

DAY = datetime.date(2026, 11, 24)
TODAY = datetime.date(2027, 3, 1)


@dataclass(frozen=True)
class Town:
    """A folder of tables and the content of its report."""

    folder: Path
    content: Content


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town of the template: three spaces, without boundaries; S1 is proposed."""
    folder = tmp_path_factory.mktemp("small") / "town"
    write_template_folder(folder, "de")
    return Town(folder, gather(Session(read_case(folder)), today=DAY))


@pytest.fixture(scope="session")
def example(auenfurt: Path) -> Town:
    """The example town: SZ2 is proposed, SZ1 and SZ3b stand beside it, SZ4a has no plan; two full cards."""
    session = Session(read_case(auenfurt))
    return Town(auenfurt, gather(session, ["SZ1", "SZ2", "SZ3b", "SZ4a"], "SZ2", ["O03"], today=DAY))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """Everything about the hostile town, two proposals beside the status quo."""
    town = hostile_town(tmp_path_factory.mktemp("hostile") / "town")
    return gather(Session(read_case(town)), ["S0", "S1", "S2"], today=TODAY)


@pytest.fixture(scope="session")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The same town with labels for its providers."""
    town = hostile_town(tmp_path_factory.mktemp("masked") / "town")
    return gather(Session(mask_providers(read_case(town), "en")), ["S0", "S1"], today=TODAY)
