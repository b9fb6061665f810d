"""The pages of an open town, and the documents behind them."""

from __future__ import annotations

import html
import io
import json
import re
import time
import zipfile
from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.cli import main
from allocate.session import Session
from allocate.web.openapi import described
from allocate.web.rooms import rooms
from tests.web.conftest import House, TestClient, Visitor


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_room_opens_in_both_languages(visitor: Visitor, lang: str) -> None:
    for room in ("data", "check", "play", "take"):
        answer = visitor.client.get(f"/t/{visitor.desk}/{room}?lang={lang}")
        assert answer.status_code == 200
        assert f'lang="{lang}"' in answer.text
        assert '<a class="name" href="/">Auenfurt</a>' in answer.text


def test_an_answer_is_the_plan_of_the_command(visitor: Visitor, capsys: pytest.CaptureFixture[str]) -> None:
    visitor.post("steps", table="pots", key="P2", column="amount", value="949500")
    own = visitor.get("run").json()
    assert main(["run", "auenfurt", "-s", "SZ1", "--change", "pots:P2:amount=949500", "--reason", "x", "--format",
                 "json", "--lang", "en"]) == 0  # fmt: skip
    command = json.loads(capsys.readouterr().out)["scenarios"][-1]
    (plan,) = own["scenarios"]
    assert plan["measures"] == command["measures"]
    assert plan["offers"] == command["offers"]


def test_a_preview_has_the_figures_of_the_plan_that_replaces_it(visitor: Visitor) -> None:
    preview = visitor.post("steps", table="pots", key="P1", column="amount", how="multiply", value="0.95").json()
    assert preview["preview"] is True
    plan = visitor.answer()
    assert plan["preview"] is False
    assert plan["version"] == preview["version"] == 1
    assert plan["spoken"].split("Re-steered")[0] == preview["spoken"].split("Re-steered")[0]


def test_an_older_question_is_stale(visitor: Visitor) -> None:
    visitor.post("steps", table="pots", key="P1", column="amount", value="1000000")
    assert visitor.get("answer?version=0").json()["stale"] is True


def test_steps_are_undone_and_done_again(visitor: Visitor) -> None:
    before = visitor.answer()["spoken"]
    changed = visitor.post("steps", table="pots", key="P1", column="amount", value="1000000").json()["spoken"]
    assert changed != before
    assert visitor.post("undo").json()["spoken"] == before
    assert visitor.post("redo").json()["steps"][0]["value"] == "1000000"


@pytest.mark.parametrize(
    "step",
    [
        {"table": "potz", "key": "P1", "column": "amount", "value": "1"},
        {"table": "pots", "key": "P99", "column": "amount", "value": "1"},
        {"table": "pots", "key": "P1", "column": "amount", "value": "much"},
        {"table": "pots", "key": "P1", "column": "amount", "value": "-1"},
        {"table": "pots", "key": "P1", "column": "amount", "how": "delete", "value": "1"},
        {},
    ],
)
def test_a_step_that_means_nothing_is_a_sentence_and_changes_nothing(visitor: Visitor, step: dict[str, str]) -> None:
    answer = visitor.post("steps", **step)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert visitor.get("state").json()["steps"] == []


def test_a_clash_is_explained(visitor: Visitor) -> None:
    answer = visitor.post("steps", table="pots", key="P2", column="amount", value="100000").json()
    assert answer["plan"] is False
    found = visitor.get("conflicts").json()
    assert found["status"] == "infeasible"
    assert "P2" in found["html"]
    least = visitor.get("least?pot=P2").json()["least_eur"]
    assert visitor.post("steps", table="pots", key="P2", column="amount", value=str(least + 1)).json()["plan"] is True
    assert visitor.post("steps", table="pots", key="P2", column="amount", value=str(least - 1)).json()["plan"] is False


def test_saving_makes_a_new_copy_in_which_the_scenario_gives_the_same_plan(
    visitor: Visitor, auenfurt: Path, tmp_path: Path
) -> None:
    before = {file.name: file.read_bytes() for file in auenfurt.iterdir()}
    visitor.post("steps", table="pots", key="P2", column="amount", value="949500")
    plan = visitor.get("run").json()["scenarios"][0]
    saved = visitor.post("save", scenario_id="K1", title="Cut", reason="Council asked")
    assert saved.status_code == 200
    assert saved.json()["base"] == "K1"
    with zipfile.ZipFile(io.BytesIO(visitor.client.get(f"/t/{visitor.desk}/case").content)) as packed:
        packed.extractall(tmp_path)
    (folder,) = [file.parent for file in tmp_path.rglob("scenarios.csv") if file.parent.parent == tmp_path]
    again = Session(read_case(folder)).run("K1").to_json("en")
    assert again["measures"] == plan["measures"]
    assert {file.name: file.read_bytes() for file in auenfurt.iterdir()} == before


@pytest.mark.parametrize("question", ["next-euro", "twice", "offer?about=O01", "pot?about=P1", "space?about=S01"])
def test_questions_are_answered(visitor: Visitor, question: str) -> None:
    found = visitor.get(f"ask/{question}")
    assert found.status_code == 200
    assert found.json()["document"]["case"] == "auenfurt"
    assert found.json()["html"].strip()


def test_what_is_not_there_is_not_found(visitor: Visitor) -> None:
    assert visitor.client.get("/t/nobody/play").status_code == 404
    assert visitor.client.get("/api/t/nobody/state").status_code == 404
    assert visitor.client.get("/api/files/none").status_code == 404
    assert visitor.get("ask/nonsense").status_code == 422
    assert visitor.get("ask/offer?about=O99").status_code == 422


def test_every_document_is_described(house: House) -> None:
    app = rooms(house)
    asked = {
        (route.path, method.lower())
        for route in app.routes
        if getattr(route, "path", "").startswith("/api/t") or getattr(route, "path", "").startswith("/api/files")
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    paths = described("x")["paths"]
    assert isinstance(paths, dict)
    assert asked == {(path, method) for path, methods in paths.items() for method in methods}


def test_a_file_is_made_and_can_be_stopped(visitor: Visitor) -> None:
    job = visitor.post("files/workbook").json()["job"]
    assert visitor.client.delete(f"/api/files/{job}").json() == {"over": True}
    for _ in range(200):
        if visitor.client.get(f"/api/files/{job}").json()["over"]:
            break
        time.sleep(0.05)
    assert visitor.client.get(f"/api/files/{job}/content").status_code == 404


def test_the_base_is_changed(visitor: Visitor, auenfurt: Path) -> None:
    answer = visitor.post("base", scenario_id="SZ2").json()
    assert answer["base"] == "SZ2"
    plan = Session(read_case(auenfurt)).run("SZ2")
    assert plan.measures is not None
    assert f"{plan.measures.weighted_coverage * 100:.1f}%" in answer["spoken"]
    assert visitor.post("base", scenario_id="nope").status_code == 422


def test_the_template_can_be_taken(client: TestClient) -> None:
    assert client.get("/template.xlsx").content[:2] == b"PK"


def test_a_control_leads_to_the_cell_it_came_from(visitor: Visitor) -> None:
    found = re.search(
        r'href="(data\?table=pots&amp;row=\d+&amp;column=amount)#marked"', visitor.get("controls").json()["html"]
    )
    assert found
    page = visitor.client.get(f"/t/{visitor.desk}/{html.unescape(found[1])}").text
    assert re.findall(r'<td id="marked">([\d.]+)', page) == ["1140000.0"]


def test_the_view_for_the_projector_is_the_same_answer(visitor: Visitor) -> None:
    page = visitor.client.get(f"/t/{visitor.desk}/play?view=projector").text
    assert 'class="projector"' in page
    assert 'class="projector"' not in visitor.client.get(f"/t/{visitor.desk}/play").text
