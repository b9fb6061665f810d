"""A server of the page in this process, with a home of its own: the town solved by hand, and the example town."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from allocate.web.application import House, application
from allocate.web.keeping import Keeper
from tests.conftest import TINY


@dataclass(frozen=True)
class Visitor:
    """Somebody at the page with a working copy."""

    client: TestClient
    desk: str

    def post(self, path: str, **body: object) -> httpx.Response:
        return self.client.post(f"/api/t/{self.desk}/{path}", json=body)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(f"/api/t/{self.desk}/{path}")

    def step(self, table: str, key: str, column: str, value: object) -> dict[str, Any]:
        """Set one cell; the answer to it."""
        found: dict[str, Any] = self.post("steps", table=table, key=key, column=column, value=str(value)).json()
        return found

    def answer(self) -> dict[str, Any]:
        """The certified answer to the steps as they are now."""
        found: dict[str, Any] = self.get("answer").json()
        return found

    def page(self, path: str) -> str:
        """The text of a page of the working copy."""
        return self.client.get(f"/t/{self.desk}/{path}").text


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, auenfurt: Path) -> House:
    return House(Keeper(tmp_path_factory.mktemp("home")), "en", auenfurt, TINY)


@pytest.fixture(scope="session")
def client(house: House) -> Iterator[TestClient]:
    with TestClient(application(house), base_url="http://127.0.0.1:8765") as client:
        yield client


def opened(client: TestClient, door: str) -> Visitor:
    """A visitor on a desk of their own."""
    answer = client.post(f"/open/{door}")
    assert answer.status_code == 200
    found = re.search(r"/t/([^/]+)/play", str(answer.url))
    assert found
    return Visitor(client, found[1])


@pytest.fixture
def visitor(client: TestClient) -> Visitor:
    """A visitor of the town that is solved by hand."""
    return opened(client, "case")


@pytest.fixture
def in_auenfurt(client: TestClient) -> Visitor:
    """A visitor of the example town."""
    return opened(client, "example")
