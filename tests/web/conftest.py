"""A server of the page in this process, with a home of its own."""

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


@dataclass(frozen=True)
class Visitor:
    """Somebody at the page with a working copy."""

    client: TestClient
    desk: str

    def post(self, path: str, **body: str) -> httpx.Response:
        return self.client.post(f"/api/t/{self.desk}/{path}", json=body)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(f"/api/t/{self.desk}/{path}")

    def answer(self) -> dict[str, Any]:
        """The certified answer to the steps as they are now."""
        found: dict[str, Any] = self.get("answer").json()
        return found


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, auenfurt: Path) -> House:
    return House(Keeper(tmp_path_factory.mktemp("home")), "en", auenfurt)


@pytest.fixture(scope="session")
def client(house: House) -> Iterator[TestClient]:
    with TestClient(application(house), base_url="http://127.0.0.1:8765") as client:
        yield client


@pytest.fixture
def visitor(client: TestClient) -> Visitor:
    """A visitor of the example town, on a desk of their own."""
    opened = client.post("/open/example")
    assert opened.status_code == 200
    found = re.search(r"/t/([^/]+)/play", str(opened.url))
    assert found
    return Visitor(client, found[1])
