"""The gate: strangers are refused, headers are there, the token lets in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from allocate.web.application import House, application
from allocate.web.gate import LARGEST


def test_another_name_for_this_machine_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"host": "localhost:8765"}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_another_page_cannot_change_anything(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/open/example", headers=headers).status_code == 403


def test_a_page_carries_a_policy_without_inline_script(client: TestClient) -> None:
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "<script>" not in answer.text and "style=" not in answer.text and " onclick" not in answer.text
    assert len(answer.content) < 300_000


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    assert client.post("/upload", headers={"content-length": str(LARGEST + 1)}).status_code == 413


def test_a_shared_page_wants_its_token_once(house: House) -> None:
    with TestClient(application(replace(house, token="secret")), base_url="http://town.local:8765") as client:
        assert client.get("/").status_code == 401
        assert client.get("/?token=wrong").status_code == 401
        assert client.get("/?token=secret").status_code == 200
        assert client.get("/").status_code == 200
