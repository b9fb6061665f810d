"""The town of the template, whose report takes two seconds, and the example town, whose report is gathered once."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from allocate.inputs.reading import read_case
from allocate.inputs.template import write_template_folder
from allocate.report import content as gathering
from allocate.report.content import Content, gather
from allocate.session import Session

DAY = datetime.date(2026, 11, 24)


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
def example(auenfurt: Path) -> Iterator[Town]:
    """The example town: SZ2 is proposed, SZ1 and SZ3b stand beside it, SZ4a has no plan; two full cards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "FULL_CARDS", 1)
        session = Session(read_case(auenfurt))
        found = gather(session, ["SZ1", "SZ2", "SZ3b", "SZ4a"], "SZ2", ["O03"], today=DAY)
    yield Town(auenfurt, found)
