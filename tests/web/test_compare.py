"""Scenarios side by side, and the trade-off curve with its points."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import Visitor


def test_up_to_four_stand_side_by_side_with_the_figures_of_the_command(visitor: Visitor) -> None:
    visitor.step("pots", "P2", "amount", 2345)
    asked = "with=silo&with=pooled&with=working"
    document = visitor.get(f"compare?{asked}").json()
    page = visitor.page(f"compare?{asked}&by=space")
    heads = re.findall(r'<th scope="col">([^<]+)<span class="soft">', page)
    assert heads[:4] == ["today", "silo", "pooled", "Working copy"]
    coverage = {one["scenario_id"]: one["weighted_coverage"] for one in document["measures"]}
    for value in coverage.values():
        assert f"{value * 100:.1f}%" in page
    assert "2,345" in page and "integrated" in page
    assert "what each change causes" not in page
    caused = visitor.page(f"compare?{asked}&causes=1")
    assert "pooled against silo: what each change causes" in caused
    assert "Working copy against silo: what each change causes" in caused
    assert "Pooling: silo → integrated" in caused
    many = "&".join(f"with={id}" for id in ("silo", "pooled", "strict", "sites", "working"))
    assert len(visitor.get(f"compare?{many}").json()["scenarios"]) == 5  # four and the status quo
    assert "The first four are shown" in visitor.page(f"compare?{many}") and "first four" not in page
    assert visitor.client.get(f"/t/{visitor.desk}/compare?with=SZ99").status_code == 422


def test_two_working_copies_stand_side_by_side(visitor: Visitor) -> None:
    visitor.step("pots", "P2", "amount", 2345)
    branched = visitor.client.post(f"/t/{visitor.desk}/branch")
    other = Visitor(visitor.client, str(branched.url).split("/t/")[1].split("/")[0])
    assert other.desk != visitor.desk
    other.step("pots", "P1", "amount", 1500)
    assert len(visitor.get("state").json()["steps"]) == 1
    page = visitor.page("compare?with=working&with=working+2")
    heads = re.findall(r'<th scope="col">([^<]+)<span class="soft">', page)
    assert heads[:3] == ["today", "Working copy", "Working copy 2"]
    assert "P2 Health: Amount = 2,345 and 1 more step" in page
    found = visitor.get("compare?with=working&with=working+2").json()["measures"]
    for desk, measured in zip((visitor, other), found[1:], strict=True):
        (plan,) = desk.get("run").json()["scenarios"]
        assert measured["weighted_coverage"] == pytest.approx(plan["measures"]["weighted_coverage"])
    assert visitor.client.get(f"/t/{visitor.desk}/compare?with=working+3").status_code == 422


@pytest.mark.parametrize("by", ["provider", "nonsense"])
def test_any_breakdown_is_answered(visitor: Visitor, by: str) -> None:
    text = visitor.page(f"compare?by={by}")
    assert ("€" if by == "provider" else "%") in text.partition("<h2>")[2].partition("<h2>")[2]


def test_a_measure_is_crossed_by_two_dimensions_and_adds_up_to_the_plan(visitor: Visitor) -> None:
    """The plan of the town solved by hand: A gives S1 its ten, S2 ten more; B gives S2 twenty."""
    visitor.step("pots", "P2", "amount", 2345)
    found = visitor.get("crossed?with=working&with=silo&rows=space&columns=provider&of=cost_eur").json()
    plans = {one["scenario_id"]: one for one in visitor.get("compare?with=working&with=silo").json()["measures"]}
    for id, plan in plans.items():
        own = [one["value"] for one in found["cells"] if one["scenario_id"] == id]
        assert len(own) == 3 and sum(own) == pytest.approx(plan["spent_eur"])
    page = visitor.page("compare?with=working&by=space&and=need&of=covered")
    heads = re.findall(r"<h2>([^<]+)</h2>", page)
    assert "Working copy: covered units a year, by Space and Need" in heads
    assert "together" in page
    assert visitor.get("crossed?of=nonsense").status_code == 422


def test_every_number_side_by_side_opens_what_is_behind_it_in_its_own_scenario(visitor: Visitor) -> None:
    visitor.step("pots", "P2", "amount", 2345)
    asked = "with=working&with=silo"
    page = visitor.page(f"compare?{asked}&by=need&and=provider&of=cost_eur")
    numbers = re.findall(r'<td class="n[^"]*">(.*?)</td>', page)
    assert numbers and all("data-ask=" in one for one in numbers if any(sign.isdigit() for sign in one))
    measures = {one["scenario_id"]: one for one in visitor.get(f"compare?{asked}").json()["measures"]}
    groups = {}
    for side, id in (("working", "working copy"), ("silo", "silo"), ("today", "today")):
        offers = visitor.get(f"ask/pair?with={side}&of=cost_eur").json()["document"]["offers"]
        assert sum(one["cost_eur"] for one in offers) == pytest.approx(measures[id]["spent_eur"])
        found = visitor.get(f"ask/group?about=need:N1&of=coverage&with={side}").json()
        assert "data?table=demand&amp;row=" in found["html"] and "How much of the demand is covered" in found["html"]
        groups[id] = found["document"]["group"]["coverage"]
    # There is one need only, so that its coverage is that of the town.
    assert groups == {id: pytest.approx(one["weighted_coverage"]) for id, one in measures.items()}
    entered = visitor.get("ask/input?about=table%3Dpots%26key%3DP2%26column%3Damount&with=working").json()["html"]
    assert "data?table=pots&amp;row=3&amp;column=amount" in entered and "stands in no file yet" in entered
    assert "describes today" in visitor.get("ask/offer?about=A&of=cost_eur&with=today").json()["html"]
    # What another tab has changed since is not told of the number that was there before.
    assert visitor.get("ask/figure?about=moved_eur&with=working&version=0").json() == {"stale": True}
    assert "document" in visitor.get("ask/figure?about=moved_eur&with=silo&version=0").json()
    for wrong in ("pair?about=nonsense%3D1", "number", "input?about=table%3Dpots", "figure?with=SZ99"):
        assert visitor.get(f"ask/{wrong}").status_code == 422


def test_every_number_of_an_answer_opens_its_reason_or_what_it_means(visitor: Visitor) -> None:
    behind = {"next-euro": ("pot", "P1"), "silos": ("number", "in=levels"), "figure?about=moved_eur": ("offer", "B")}
    behind["fairness"] = ("space", "S1")
    visitor.step("pots", "P2", "amount", 2345)
    for question, (ask, about) in behind.items():
        html = visitor.get(f"ask/{question}").json()["html"]
        numbers = re.findall(r'<td class="n">(.*?)</td>', html)
        assert numbers and all("data-ask=" in one for one in numbers if one != "–"), question
        (of,) = re.findall(rf'data-ask="{ask}" data-about="{about}" data-of="([^"]+)"', html)[:1]
        opened = visitor.client.get(f"/api/t/{visitor.desk}/ask/{ask}", params={"about": about, "of": of}).json()[
            "html"
        ]
        assert 'class="origins"' in opened and "<p>" in opened
    assert "allocate silos" in visitor.get("ask/number?about=in%3Dlevels&of=shortfall_units").json()["html"]


def test_every_point_of_the_curve_is_a_link_to_the_figures_of_its_plan(visitor: Visitor) -> None:
    found = visitor.get("ask/curve?about=moved").json()
    points = found["document"]["points"]
    picture = found["html"].partition("<svg")[2].partition("</svg>")[0]
    assert re.findall(r'href="#point-(\d+)"', picture) == [str(one["point"]) for one in points]
    sections = re.split(r'<section data-point="', found["html"])[1:]
    assert len(sections) == len(points)
    for point, text in zip(points, sections, strict=True):
        assert f"€{point['axis']:,.0f}" in text
        assert f"{point['weighted_coverage'] * 100:.1f}%" in text
    assert visitor.get("ask/curve?about=nonsense").status_code == 422
