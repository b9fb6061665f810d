"""Curve: the trade-off curve with points to click on, and what the plan of each point means."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from allocate.analyses.tradeoffs.frontier import Frontier
from allocate.report.pictures.trade_off import trade_off
from allocate.results.allocation import Allocation
from allocate.results.columns import unit_of
from allocate.session import Session
from allocate.web.pressed import Pressed
from allocate.web.shown import FIGURES, offers_changed
from allocate.web.speech import say

_POINT = re.compile(r'<a href="#point-(\d+)"')


@dataclass(frozen=True)
class Point:
    """A plan of the curve: its number from 0, its main figures, the offers that change most against today; behind every
    value what is asked when it is pressed.
    """

    number: int
    figures: tuple[tuple[str, str, Pressed], ...]
    offers: tuple[tuple[str, str, str, bool, Pressed], ...]


@dataclass(frozen=True)
class Curve:
    """The picture, the same in words, and its points."""

    title: str
    svg: Markup
    text: str
    points: tuple[Point, ...]


def curve_of(session: Session, found: Frontier, lang: str) -> Curve:
    """The report's picture of a frontier with links at its points."""
    picture = trade_off(
        found.points, found.marks, found.segments, against=found.against, key=f"curve-{found.against}", lang=lang,
        indivisible=found.indivisible, linked=True,
    )  # fmt: skip
    numbers = [int(one) for one in found.points["point"]]
    points = tuple(_point(session, number, found.plans[number], lang) for number in numbers)

    def named(link: re.Match[str]) -> str:
        """Who cannot see a point hears its number."""
        return f'{link[0]} aria-label="{say("curve.point", lang, number=int(link[1]) + 1)}"'

    # The picture is the report's own: names in it are escaped there.
    drawn = Markup(_POINT.sub(named, picture.svg))
    return Curve(picture.title, drawn, picture.text, points)


def _point(session: Session, number: int, plan: Allocation, lang: str) -> Point:
    point, figures = say("curve.point", lang, number=number + 1), []
    for name in FIGURES:
        value, label = getattr(plan.measures, name, math.nan), say(f"figure.{name}", lang)
        asked = Pressed("number", urlencode({"in": "curve"}), name, f"{label}, {point}")
        figures.append((label, unit_of(name).written(value, lang), asked))
    offers = []
    for id, name, change, more in offers_changed(plan, session.case, lang):
        about = urlencode({"in": "curve.offers", "offer": id})
        offers.append((id, name, change, more, Pressed("number", about, "change_eur", f"{name}, {point}")))
    return Point(number, tuple(figures), tuple(offers))
