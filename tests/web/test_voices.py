"""Participation in the room: a code lets phones in, ballots have no names, and the plans of groups are shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from allocate.errors import UsageError
from allocate.web.application import House, application
from allocate.web.circle import MOST_BALLOTS, Circle
from tests.web.conftest import TestClient, Visitor, opened


@pytest.fixture
def shared(house: House) -> Iterator[TestClient]:
    """The page as ``--share`` serves it, and somebody who has the token."""
    house = replace(house, token="secret", address="http://192.0.2.7:8765/")
    with TestClient(application(house), base_url="http://192.0.2.7:8765") as client:
        client.get("/?token=secret")
        yield client


def ballot(client: TestClient, code: str, group: str, points: str, name: str = "") -> int:
    form = client.get(f"/join/{code}")
    assert form.status_code == 200, form.text
    number = name or re.findall(r'name="ballot" value="([^"]+)"', form.text)[0]
    sent = {"ballot": number, "group": group, "need-N1": points}
    return int(client.post(f"/join/{code}", data=sent).status_code)


def test_phones_with_the_code_weigh_and_see_the_plans_and_nothing_else(shared: TestClient) -> None:
    visitor = opened(shared, "case")
    assert visitor.get("voices").json() == {"open": False}
    code = visitor.post("voices", groups="Young\nOld, Old").json()["code"]
    room = visitor.page("voices")
    assert code in room and "http://192.0.2.7:8765/join" in room
    phone = TestClient(shared.app, base_url="http://192.0.2.7:8765")
    assert phone.get("/").status_code == 401
    assert phone.get(f"/t/{visitor.desk}/play").status_code == 401
    assert phone.get(f"/api/t/{visitor.desk}/voices").status_code == 401
    assert str(phone.get(f"/join?code={code.lower()}").url).endswith(code)
    for group in ("Young", "Young", "Old"):
        assert ballot(phone, code, group, "3") == 200
    assert visitor.get("voices").json()["ballots"] == {"Young": 2, "Old": 1}
    assert "not been computed" in phone.get(f"/join/{code}/plans").text
    found = visitor.get("voices/plans").json()
    assert {one["source"] for one in found["document"]["sets"]} >= {"planners", "all_ballots"}
    assert found["document"]["sets"][-1]["ballots"] == 3
    assert found["html"] in phone.get(f"/join/{code}/plans").text
    visitor.client.delete(f"/api/t/{visitor.desk}/voices")
    assert phone.get(f"/join/{code}").status_code == 422


def test_every_group_and_the_plan_of_least_regret_are_told(in_auenfurt: Visitor) -> None:
    """Two groups that want nothing but one need each; both are large enough to be shown."""
    code = in_auenfurt.post("voices", groups="Youth\nCare").json()["code"]
    for group, need in (("Youth", "N01"), ("Care", "N06")):
        for number in range(12):
            sent = {"ballot": f"{group}{number}", "group": group, f"need-{need}": "10"}
            assert in_auenfurt.client.post(f"/join/{code}", data=sent).status_code == 200
    found = in_auenfurt.get("voices/plans").json()
    plans = [one["plan"] for one in found["document"]["plans"]]
    assert {"Youth", "Care", "least_regret"} <= set(plans)
    assert "Youth" in found["html"] and "100%" in found["html"]


def test_a_ballot_sent_again_takes_the_place_of_the_first_and_holds_nobodys_name() -> None:
    circle = Circle("desk", ("A", "B"))
    circle.send("x", "A", {"N1": 1.0})
    circle.send("x", "B", {"N1": 2.0})
    assert circle.counts() == {"A": 0, "B": 1}
    table = circle.ballots(["N1"]).table
    assert table.to_dict("records") == [
        {"ballot_id": "1", "group": "B", "persons": 1.0, "method": "points", "need_id": "N1", "value": 2.0}
    ]
    for number in range(MOST_BALLOTS - 1):
        circle.send(str(number), "A", {"N1": 1.0})
    with pytest.raises(UsageError):
        circle.send("one too many", "A", {"N1": 1.0})


@pytest.mark.parametrize(
    ("group", "points"),
    [("Nobody", "1"), ("Young", "0"), ("Young", "-1"), ("Young", "many"), ("Young", "2e9"), ("Young", "")],
)
def test_a_ballot_that_says_nothing_is_a_sentence(visitor: Visitor, group: str, points: str) -> None:
    code = visitor.post("voices", groups="Young").json()["code"]
    assert ballot(visitor.client, code, group, points) == 422
    assert visitor.get("voices/plans").status_code == 422
    for unknown in ("NOPE", "KÖLN"):
        assert visitor.client.get(f"/join?code={unknown}").status_code == 422


def test_points_that_are_no_number_are_told_with_the_need_in_the_readers_language(in_auenfurt: Visitor) -> None:
    code = in_auenfurt.post("voices", groups="Young").json()["code"]
    for lang, sentence in (
        ("de", "Bei „Begegnung und Teilhabe im Alter“ steht „viel“"),
        ("en", "For 'Meeting places for older people'"),
    ):
        sent = {"ballot": "1", "group": "Young", "need-N06": "viel"}
        refused = in_auenfurt.client.post(f"/join/{code}", params={"lang": lang}, data=sent)
        assert refused.status_code == 422 and sentence in html.unescape(refused.text)


@pytest.mark.parametrize("groups", ["", " ,, ", "x" * 41, "\n".join(map(str, range(31)))])
def test_a_round_needs_groups(visitor: Visitor, groups: str) -> None:
    assert visitor.post("voices", groups=groups).status_code == 422


def test_the_room_says_that_phones_cannot_come_in_where_the_page_is_not_shared(visitor: Visitor) -> None:
    assert "--share" in visitor.page("voices")
    visitor.post("voices", groups="Young")
    assert "--share" in visitor.page("voices")
