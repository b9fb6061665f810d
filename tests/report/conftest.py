"""The hostile town, asked once for all tests of this room that only look at what comes out."""

from __future__ import annotations

import datetime

import pytest

from allocate.inputs.reading import read_case
from allocate.report.content import Content, gather
from allocate.report.masking import mask_providers
from allocate.session import Session
from tests.report.hostiletown import hostile_town

TODAY = datetime.date(2027, 3, 1)


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
