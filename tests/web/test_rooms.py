"""The pages of an open town, and the documents behind them."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.cli import main
from allocate.session import Session
from allocate.web.application import application
from allocate.web.keeping import Keeper
from allocate.web.openapi import described
from allocate.web.rooms import rooms
from allocate.web.shown import FIGURES as FIGURE_KINDS
from tests.conftest import TINY
from tests.web.conftest import House, TestClient, Visitor, opened


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_room_opens_in_both_languages(in_auenfurt: Visitor, lang: str) -> None:
    for room in ("data", "check", "play", "voices", "take"):
        answer = in_auenfurt.client.get(f"/t/{in_auenfurt.desk}/{room}?lang={lang}")
        assert answer.status_code == 200
        assert f'lang="{lang}"' in answer.text
        assert '<a class="name" href="/">Auenfurt</a>' in answer.text


def test_an_answer_is_the_plan_of_the_command(visitor: Visitor, capsys: pytest.CaptureFixture[str]) -> None:
    visitor.step("pots", "P2", "amount", 2000)
    own = visitor.get("run").json()
    assert main(["run", str(TINY), "-s", "silo", "--change", "pots:P2:amount=2000", "--reason", "x", "--format",
                 "json", "--lang", "en"]) == 0  # fmt: skip
    command = json.loads(capsys.readouterr().out)["scenarios"][-1]
    (plan,) = own["scenarios"]
    assert plan["measures"] == command["measures"]
    assert plan["offers"] == command["offers"]


def test_a_clash_is_explained(visitor: Visitor) -> None:
    assert visitor.step("pots", "P1", "amount", 100)["plan"] is False
    assert visitor.answer()["plan"] is False
    found = visitor.get("conflicts").json()
    assert found["status"] == "infeasible"
    assert "P1" in found["html"] and "F1" in found["html"]


def test_saving_makes_a_new_copy_in_which_the_scenario_gives_the_same_plan(visitor: Visitor, tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in TINY.iterdir()}
    visitor.step("pots", "P2", "amount", 2000)
    plan = visitor.get("run").json()["scenarios"][0]
    saved = visitor.post("save", scenario_id="K1", title="Cut", reason="Council asked")
    assert saved.status_code == 200
    assert saved.json()["base"] == "K1"
    # What the scenario has already is not to be done again on it.
    assert (saved.json()["steps"], saved.json()["undone"]) == ([], 0)
    with zipfile.ZipFile(io.BytesIO(visitor.client.get(f"/t/{visitor.desk}/case").content)) as packed:
        packed.extractall(tmp_path)
    (folder,) = [file.parent for file in tmp_path.rglob("scenarios.csv") if file.parent.parent == tmp_path]
    again = Session(read_case(folder)).run("K1").to_json("en")
    assert again["measures"] == plan["measures"]
    assert {file.name: file.read_bytes() for file in TINY.iterdir()} == before


FIGURES = [f"figure?about={name}" for name in FIGURE_KINDS]
QUESTIONS = (
    "next-euro", "twice", "silos", "fairness", "alternatives", "robust", "path?about=2027-2028",
    "offer?about=A", "pot?about=P1", "space?about=S1", "floor?about=F1",
    "cell?about=S2|N1", "group?about=provider:PR1", *FIGURES,
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_are_answered(visitor: Visitor, question: str) -> None:
    found = visitor.get(f"ask/{question}")
    assert found.status_code == 200, found.text
    assert found.json()["document"]["case"] == "tiny"
    assert re.sub(r"<[^>]*>", "", found.json()["html"]).strip()


def test_money_is_written_in_the_currency_of_the_town(tmp_path: Path) -> None:
    """In every answer, however much of it was known before."""
    town = tmp_path / "town"
    shutil.copytree(TINY, town)
    (tmp_path / "home").mkdir()
    (town / "parameters.csv").write_text("parameter,value\ncurrency,PLN\n")
    house = House(Keeper(tmp_path / "home"), "en", None, town)
    with TestClient(application(house), base_url="http://127.0.0.1") as client:
        visitor = opened(client, "case")
        visitor.step("pots", "P1", "amount", 1500)
        code = visitor.post("voices", groups="A").json()["code"]
        client.post(f"/join/{code}", data={"group": "A", "need-N1": "3"})
        paths = ("answer", "controls", "range?kind=pots&key=P1", "ask/figure?about=moved_eur", "voices/plans")
        for path in (*paths, *paths):
            text = visitor.get(path).text
            assert "PLN" in text and "€" not in text, path
        for answer in (visitor.post("undo"), visitor.post("redo"), client.get(f"/join/{code}/plans")):
            assert "PLN" in answer.text and "€" not in answer.text


def test_a_table_says_how_many_rows_it_leaves_out(in_auenfurt: Visitor) -> None:
    in_auenfurt.step("pots", "P2", "amount", 949_500)
    answer = in_auenfurt.get("ask/figure?about=moved_eur").json()
    found = re.search(r"Shown: 25 of (\d+) rows", answer["html"])
    assert found and int(found[1]) == len(answer["document"]["offers"])


def test_what_each_step_does_adds_up_to_the_difference(visitor: Visitor) -> None:
    assert visitor.get("ask/causes").status_code == 422  # the scenario changes nothing
    visitor.step("pots", "P1", "amount", 1000)
    visitor.step("offers", "B", "unit_cost", 200)
    found = visitor.get("ask/causes").json()
    effects = [one for one in found["document"]["effects"] if one["measure"] == "weighted_coverage"]
    (total,) = [one for one in found["document"]["totals"] if one["measure"] == "weighted_coverage"]
    assert sum(one["shapley"] for one in effects) == pytest.approx(total["difference"])
    assert found["html"].count("<tr>") == 3
    assert "P1 Social affairs: Amount" in found["html"] and "= 1,000" in found["html"]


def test_what_is_not_there_is_not_found(visitor: Visitor) -> None:
    for path in ("/t/nobody/play", "/api/t/nobody/state", "/api/files/none"):
        assert visitor.client.get(path).status_code == 404
    for question in ("nonsense", "offer?about=Z", "cell?about=S9|N1", "cell", "group?about=x:y", "figure?about=x"):
        assert visitor.get(f"ask/{question}").status_code == 422, question


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


def test_the_base_is_changed(visitor: Visitor) -> None:
    answer = visitor.post("base", scenario_id="pooled").json()
    assert answer["base"] == "pooled"
    plan = Session(read_case(TINY)).run("pooled")
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
    assert re.findall(r'<td id="marked">([\d.,]+)', visitor.page(html.unescape(found[1]))) == ["2,000"]


def test_the_view_for_the_projector_is_the_same_answer(visitor: Visitor) -> None:
    assert 'class="projector"' in visitor.page("play?view=projector")
    assert 'class="projector"' not in visitor.page("play")
